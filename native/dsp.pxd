# What of spandsp 0.0.6 (spandsp.h) the office uses. Levels are dBm0, times ms, samples signed 16 bit at 8000 a second.

from libc.stdint cimport int16_t, int32_t, uint8_t, uint32_t


cdef extern from "spandsp.h":
    ctypedef void (*digits_rx_callback_t)(void* user_data, const char* digits, int length) noexcept
    ctypedef void (*put_msg_func_t)(void* user_data, const uint8_t* message, int length) noexcept


cdef extern from "spandsp.h" nogil:
    ctypedef struct dtmf_tx_state_t:
        pass
    ctypedef struct dtmf_rx_state_t:
        pass
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

    uint8_t linear_to_alaw(int linear)
    int16_t alaw_to_linear(uint8_t alaw)

    dtmf_tx_state_t* dtmf_tx_init(dtmf_tx_state_t* s)
    int dtmf_tx(dtmf_tx_state_t* s, int16_t* amp, int max_samples)
    int dtmf_tx_put(dtmf_tx_state_t* s, const char* digits, int length)
    void dtmf_tx_set_level(dtmf_tx_state_t* s, int level, int twist)
    void dtmf_tx_set_timing(dtmf_tx_state_t* s, int on_time, int off_time)
    int dtmf_tx_free(dtmf_tx_state_t* s)

    dtmf_rx_state_t* dtmf_rx_init(dtmf_rx_state_t* s, digits_rx_callback_t callback, void* user_data)
    int dtmf_rx(dtmf_rx_state_t* s, const int16_t* amp, int samples)
    size_t dtmf_rx_get(dtmf_rx_state_t* s, char* digits, int maximum)
    int dtmf_rx_free(dtmf_rx_state_t* s)

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

    int32_t dds_phase_ratef(float frequency)
    float dds_scaling_dbm0f(float level)
    float dds_modf(uint32_t* phase_acc, int32_t phase_rate, float scale, int32_t phase)
