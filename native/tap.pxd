# What is heard from a party: its level always; digits, tones, caller id and R2's register signals when wanted.

from libc.stdint cimport int16_t, int64_t, uint32_t

from native.cadence cimport Tones
from native.dtmf cimport Dtmf
from native.pump cimport SAMPLES, Pump
from native.ring cimport Retired
from native.spandsp cimport adsi_rx_state_t, r2_mf_rx_state_t

cdef enum:
    LEVEL_TICKS = 10      # 200 ms
    KEPT_TICKS = 64       # of samples; a reader takes the last second of them, and the pump writes on meanwhile
    HEARD_TICKS = 50
    DTMF_NUMBER = 40      # digits and letters a caller id by DTMF may have

cdef enum Register:
    NO_REGISTER = 0       # R2's signals: none, those of who calls, or of who is called
    FORWARD
    BACKWARD

cdef struct Detectors:
    Retired retired
    Pump* pump
    int64_t token
    bint digits
    bint caller_id
    Dtmf dtmf
    adsi_rx_state_t* bell202
    adsi_rx_state_t* v23
    adsi_rx_state_t* jclip
    r2_mf_rx_state_t* mf
    Tones* tones
    int since_caller_id   # ticks
    int since_digit       # ticks
    int typed
    char number[DTMF_NUMBER]

cdef struct Tap:
    Detectors* active     # first what each tick needs, close together
    bint wants_all        # nobody talks there yet: the line is idle, or its call is being set up by register signals
    uint32_t at
    float energies[LEVEL_TICKS]
    int16_t kept[KEPT_TICKS * SAMPLES]

cdef Detectors* detectors_new(
    Pump* pump, int64_t token, bint digits, bint tones, bint caller_id, int mf) noexcept nogil
cdef void detectors_free(Detectors* detectors) noexcept nogil
cdef void detect(Detectors* detectors, const int16_t* samples, const float* floats, float energy) noexcept nogil
cdef void tap_take(Tap* tap, Detectors* detectors, Pump* pump) noexcept nogil
cdef void tap_fetch(const Tap* tap) noexcept nogil
cdef void tap_hear(Tap* tap, const int16_t* samples) noexcept nogil
cdef double tap_level_dbm0(const Tap* tap) noexcept nogil
cdef int tap_samples(const Tap* tap, uint32_t until, uint32_t most, int16_t* target) noexcept nogil
cdef void tap_close(Tap* tap, Pump* pump) noexcept nogil
