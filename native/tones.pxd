# What of spandsp 0.0.6 (spandsp.h) makes tones and keys, and hears keys. Levels are dBm0, times ms.

from libc.stdint cimport int16_t, int32_t, uint32_t


cdef extern from "spandsp.h":
    ctypedef void (*digits_rx_callback_t)(void* user_data, const char* digits, int length) noexcept


cdef extern from "spandsp.h" nogil:
    ctypedef struct dtmf_tx_state_t:
        pass
    ctypedef struct dtmf_rx_state_t:
        pass

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

    int32_t dds_phase_ratef(float frequency)
    float dds_scaling_dbm0f(float level)
    float dds_modf(uint32_t* phase_acc, int32_t phase_rate, float scale, int32_t phase)
