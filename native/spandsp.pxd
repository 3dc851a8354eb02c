# What of spandsp 0.0.6 the taps and timeslots use: receivers of R2's register signals and caller id, G.711. 8000 samples of 16 bit a second.

from libc.stdint cimport int16_t, uint8_t


cdef extern from *:
    """
    #include <spandsp.h>
    #include <spandsp/expose.h>
    """


cdef extern from "spandsp.h" nogil:
    ctypedef struct fsk_rx_state_t:
        pass
    ctypedef struct adsi_rx_state_t:
        fsk_rx_state_t fskrx
    ctypedef struct r2_mf_rx_state_t:
        pass
    ctypedef void (*tone_report_func_t)(void* data, int code, int level, int delay) noexcept nogil
    ctypedef void (*put_msg_func_t)(void* data, const uint8_t* message, int length) noexcept nogil

    int ADSI_STANDARD_CLASS  # Bell 202
    int ADSI_STANDARD_CLIP   # V.23
    int ADSI_STANDARD_JCLIP  # Japan's, V.23
    int JCLIP_MDMF_CALLERID
    int JCLIP_CALLER_NUMBER
    int JCLIP_ABSENCE

    adsi_rx_state_t* adsi_rx_init(adsi_rx_state_t* state, int standard, put_msg_func_t callback, void* data)
    int adsi_rx(adsi_rx_state_t* state, const int16_t* samples, int count)
    int adsi_next_field(adsi_rx_state_t* state, const uint8_t* message, int length, int position, uint8_t* kind,
                        const uint8_t** body, int* size)
    void fsk_rx_signal_cutoff(fsk_rx_state_t* state, float level_dbm0)
    int adsi_rx_free(adsi_rx_state_t* state)

    r2_mf_rx_state_t* r2_mf_rx_init(r2_mf_rx_state_t* state, int forward, tone_report_func_t callback, void* data)
    int r2_mf_rx(r2_mf_rx_state_t* state, const int16_t* samples, int count)
    int r2_mf_rx_free(r2_mf_rx_state_t* state)

    uint8_t linear_to_alaw(int linear)
    int16_t alaw_to_linear(uint8_t alaw)
    uint8_t linear_to_ulaw(int linear)
    int16_t ulaw_to_linear(uint8_t ulaw)
