# What of spandsp 0.0.6 (spandsp.h) makes and reads a caller id.

from libc.stdint cimport int16_t, uint8_t


cdef extern from "spandsp.h":
    ctypedef void (*put_msg_func_t)(void* user_data, const uint8_t* message, int length) noexcept


cdef extern from "spandsp.h" nogil:
    ctypedef struct adsi_tx_state_t:
        pass
    ctypedef struct adsi_rx_state_t:
        pass

    enum:
        ADSI_STANDARD_CLASS
        ADSI_STANDARD_CLIP
        ADSI_STANDARD_CLIP_DTMF
        ADSI_STANDARD_JCLIP
        CLASS_MDMF_CALLERID
        CLASS_SDMF_CALLERID
        MCLASS_DATETIME
        MCLASS_CALLER_NUMBER
        MCLASS_ABSENCE1
        MCLASS_CALLER_NAME
        JCLIP_MDMF_CALLERID
        JCLIP_CALLER_NUMBER
        JCLIP_ABSENCE
        CLIP_DTMF_C_TERMINATED
        CLIP_DTMF_HASH_TERMINATED

    adsi_tx_state_t* adsi_tx_init(adsi_tx_state_t* s, int standard)
    int adsi_tx(adsi_tx_state_t* s, int16_t* amp, int max_len)
    void adsi_tx_send_alert_tone(adsi_tx_state_t* s)
    int adsi_tx_put_message(adsi_tx_state_t* s, const uint8_t* message, int length)
    int adsi_add_field(adsi_tx_state_t* s, uint8_t* message, int length, uint8_t field_type,
                       const uint8_t* field_body, int field_len)
    int adsi_tx_free(adsi_tx_state_t* s)

    adsi_rx_state_t* adsi_rx_init(adsi_rx_state_t* s, int standard, put_msg_func_t put_msg, void* user_data)
    int adsi_rx(adsi_rx_state_t* s, const int16_t* amp, int length)
    int adsi_next_field(adsi_rx_state_t* s, const uint8_t* message, int msg_len, int pos, uint8_t* field_type,
                        const uint8_t** field_body, int* field_len)
    int adsi_rx_free(adsi_rx_state_t* s)
