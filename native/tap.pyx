"""Listens to one party, in the pump: level, DTMF, call-progress tones, caller id by FSK and by DTMF, R2's signals.

Caller id messages: ETSI EN 300 659-3 and Bellcore GR-30 (the same fields for what we read; China's YD/T 1277 too);
the forms of caller id by DTMF are those spandsp's adsi.h lists; Japan's messages (JCLIP) are read by spandsp's own.
"""

from libc.math cimport log10
from libc.stdint cimport int16_t, int64_t, uint32_t, uint8_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from native.atomic cimport fetch, stack_push
from native.cadence cimport Tones, tones_fetch, tones_hear
from native.dtmf cimport dtmf_hear
from native.goertzel cimport to_floats
from native.pump cimport SAMPLES
from native.ring cimport CALLER_ID, DETECTORS, DIGIT, MF, TONE, VALUE_BYTES, ring_push
from native.spandsp cimport (
    ADSI_STANDARD_CLASS,
    ADSI_STANDARD_CLIP,
    ADSI_STANDARD_JCLIP,
    JCLIP_ABSENCE,
    JCLIP_CALLER_NUMBER,
    JCLIP_MDMF_CALLERID,
    adsi_next_field,
    adsi_rx,
    adsi_rx_free,
    adsi_rx_init,
    fsk_rx_signal_cutoff,
    r2_mf_rx,
    r2_mf_rx_free,
    r2_mf_rx_init,
)


cdef enum:
    KNOWN = 0
    WITHHELD = 1
    UNAVAILABLE = 2
    # A caller id by DTMF without an end code is over after this silence, 500 ms.
    NUMBER_END_TICKS = 25
    # Several FSK receivers may understand one message.
    SAME_MESSAGE_TICKS = 100
    SDMF = 0x04
    MDMF = 0x80
    FIELD_NUMBER = 2
    FIELD_NO_NUMBER = 4
    FIELD_NAME = 7


cdef float CALLER_ID_DBM0 = -43  # between the weakest that must be read and what must not


cdef void tell_caller(
    Detectors* ears, const char* number, int digits, const char* name, int letters, int known
) noexcept nogil:
    cdef char value[VALUE_BYTES]
    if ears.since_caller_id < SAME_MESSAGE_TICKS:
        return
    ears.since_caller_id = 0
    digits = max(0, min(digits, DTMF_NUMBER))
    letters = max(0, min(letters, VALUE_BYTES - DTMF_NUMBER - 1))
    if digits:
        memcpy(value, number, digits)
    value[digits] = c"\t"
    if letters:
        memcpy(value + digits + 1, name, letters)
    ring_push(&ears.pump.ring, CALLER_ID, ears.token, known, ears.pump.now_ns, value, digits + 1 + letters)


cdef void on_message(void* data, const uint8_t* message, int length) noexcept nogil:
    """Take a caller id message whose checksum was right: type, length, then the fields, each the same way."""
    cdef Detectors* ears = <Detectors*>data
    cdef const uint8_t* number = NULL
    cdef const uint8_t* name = NULL
    cdef int digits = 0, letters = 0, known = UNAVAILABLE, at = 2, size
    if length > 10 and message[0] == SDMF:  # month, day, hour, minute, then the number, or why there is none
        number = message + 10
        digits = length - 10
        known = KNOWN
        if digits == 1 and (number[0] == c"P" or number[0] == c"O"):
            known = WITHHELD if number[0] == c"P" else UNAVAILABLE
            digits = 0
    elif length > 2 and message[0] == MDMF:
        while at + 2 <= length:
            size = message[at + 1]
            if at + 2 + size > length:
                return
            if message[at] == FIELD_NUMBER:
                number = message + at + 2
                digits = size
                known = KNOWN
            elif message[at] == FIELD_NO_NUMBER and size:
                known = WITHHELD if message[at + 2] == c"P" else UNAVAILABLE
            elif message[at] == FIELD_NAME:
                name = message + at + 2
                letters = size
            at += 2 + size
    else:
        return
    tell_caller(ears, <const char*>number, digits, <const char*>name, letters, known)


cdef void on_japanese_message(void* data, const uint8_t* message, int length) noexcept nogil:
    """Take a message of Japan's whose checksum was right: the number, or why there is none (P, or C, O and S)."""
    cdef Detectors* ears = <Detectors*>data
    cdef const uint8_t* body = NULL
    cdef const uint8_t* number = NULL
    cdef int digits = 0, known = UNAVAILABLE, size = 0, at
    cdef uint8_t kind = 0
    at = adsi_next_field(ears.jclip, message, length, -1, &kind, &body, &size)
    if at <= 0 or kind != JCLIP_MDMF_CALLERID:
        return
    while True:
        at = adsi_next_field(ears.jclip, message, length, at, &kind, &body, &size)
        if at <= 0 or at > length or size < 0:
            break
        if kind == JCLIP_CALLER_NUMBER:
            number, digits, known = body, size, KNOWN
        elif kind == JCLIP_ABSENCE and size:
            known = WITHHELD if body[0] == c"P" else UNAVAILABLE
    tell_caller(ears, <const char*>number, digits, NULL, 0, known)


cdef bint is_digit(char key) noexcept nogil:
    return c"0" <= key <= c"9"


cdef void number_ended(Detectors* ears) noexcept nogil:
    """Read what was typed since the line was silent: A or D or nothing, the number, perhaps B and a code, C or #."""
    cdef int first = 0, last, i, known = KNOWN
    cdef bint ended = ears.number[ears.typed - 1] == c"C" or ears.number[ears.typed - 1] == c"#"
    if not is_digit(ears.number[0]):
        first = 1
    last = first
    while last < ears.typed and is_digit(ears.number[last]) and ears.number[0] != c"B":
        last += 1
    for i in range(ears.typed - 2):
        if ears.number[i] == c"B":
            known = WITHHELD if ears.number[i + 1] == c"1" else UNAVAILABLE
    if ears.number[0] == c"D" and ears.number[ears.typed - 1] == c"#" and last - first == 1:
        known = WITHHELD if ears.number[first] == c"1" else UNAVAILABLE
        last = first
    elif first == last and known == KNOWN:
        return
    # A shorter run of digits is noise, or a key somebody pressed, unless it has both its codes.
    if known != KNOWN or last - first >= 3 or (first == 1 and ended):
        tell_caller(ears, ears.number + first, last - first, NULL, 0, known)


cdef void on_key(Detectors* ears, char key) noexcept nogil:
    if ears.digits:
        ring_push(&ears.pump.ring, DIGIT, ears.token, 0, ears.pump.now_ns, &key, 1)
    if not ears.caller_id:
        return
    ears.since_digit = 0
    if ears.typed < DTMF_NUMBER:
        ears.number[ears.typed] = key
        ears.typed += 1
    if key == c"C" or key == c"#":
        number_ended(ears)
        ears.typed = 0


cdef void on_mf(void* data, int code, int level, int delay) noexcept nogil:
    """Tell of a register signal that began, or (0) ended."""
    cdef Detectors* ears = <Detectors*>data
    cdef char signal = <char>code
    ring_push(&ears.pump.ring, MF, ears.token, 0, ears.pump.now_ns, &signal, 1 if code else 0)


cdef Detectors* detectors_new(
    Pump* pump, int64_t token, bint digits, bint tones, bint caller_id, int mf
) noexcept nogil:
    """Return what listens for these, NULL without memory; `tones` must then be filled in."""
    cdef Detectors* ears = <Detectors*>calloc(1, sizeof(Detectors))
    if ears == NULL:
        return NULL
    ears.retired.kind = DETECTORS
    ears.retired.what = ears
    ears.pump = pump
    ears.token = token
    ears.digits = digits
    ears.caller_id = caller_id
    ears.since_caller_id = SAME_MESSAGE_TICKS
    if tones:
        ears.tones = <Tones*>calloc(1, sizeof(Tones))
    if caller_id:
        ears.bell202 = adsi_rx_init(NULL, ADSI_STANDARD_CLASS, on_message, ears)
        ears.v23 = adsi_rx_init(NULL, ADSI_STANDARD_CLIP, on_message, ears)
        ears.jclip = adsi_rx_init(NULL, ADSI_STANDARD_JCLIP, on_japanese_message, ears)
    if ears.bell202 != NULL and ears.v23 != NULL and ears.jclip != NULL:
        # It may be as weak as -40 dBV (EN 300 659-1), -37.8 dBm, and is none at -47.8; spandsp takes none below -30.
        fsk_rx_signal_cutoff(&ears.bell202.fskrx, CALLER_ID_DBM0)
        fsk_rx_signal_cutoff(&ears.v23.fskrx, CALLER_ID_DBM0)
        fsk_rx_signal_cutoff(&ears.jclip.fskrx, CALLER_ID_DBM0)
    if mf != NO_REGISTER:
        ears.mf = r2_mf_rx_init(NULL, mf == FORWARD, on_mf, ears)
    if (
        (tones and ears.tones == NULL)
        or (mf != NO_REGISTER and ears.mf == NULL)
        or (caller_id and (ears.bell202 == NULL or ears.v23 == NULL or ears.jclip == NULL))
    ):
        detectors_free(ears)
        return NULL
    return ears


cdef void detectors_free(Detectors* ears) noexcept nogil:
    if ears.bell202 != NULL:
        adsi_rx_free(ears.bell202)
    if ears.v23 != NULL:
        adsi_rx_free(ears.v23)
    if ears.jclip != NULL:
        adsi_rx_free(ears.jclip)
    if ears.mf != NULL:
        r2_mf_rx_free(ears.mf)
    free(ears.tones)
    free(ears)


cdef void detect(Detectors* ears, const int16_t* samples, const float* floats, float energy) noexcept nogil:
    """Listen to one tick, given in both forms, whose squares add up to `energy`."""
    cdef int tone
    cdef char key
    if ears.digits or ears.caller_id:
        key = dtmf_hear(&ears.dtmf, floats)
        if key:
            on_key(ears, key)
    if ears.mf != NULL:
        r2_mf_rx(ears.mf, samples, SAMPLES)
    if ears.tones != NULL:
        tone = tones_hear(ears.tones, floats, energy)
        if tone >= 0:
            ring_push(&ears.pump.ring, TONE, ears.token, 0, ears.pump.now_ns, ears.tones.tone[tone].name,
                      length_of(ears.tones.tone[tone].name))
    if ears.caller_id:
        ears.since_caller_id += 1
        if ears.typed:
            ears.since_digit += 1
            if ears.since_digit == NUMBER_END_TICKS:
                number_ended(ears)
                ears.typed = 0
        adsi_rx(ears.bell202, samples, SAMPLES)
        adsi_rx(ears.v23, samples, SAMPLES)
        adsi_rx(ears.jclip, samples, SAMPLES)


cdef int length_of(const char* name) noexcept nogil:
    cdef int length = 0
    while name[length]:
        length += 1
    return length


cdef void tap_take(Tap* tap, Detectors* detectors, Pump* pump) noexcept nogil:
    """Listen for these from now on."""
    tap_close(tap, pump)
    tap.active = detectors
    tap.wants_all = detectors.caller_id or detectors.mf != NULL


cdef void tap_fetch(const Tap* tap) noexcept nogil:
    """Have brought near what the next tick needs; the detectors themselves should be there already."""
    fetch(tap.kept + tap.at % KEPT_TICKS * SAMPLES, SAMPLES * sizeof(int16_t))
    if tap.active != NULL and tap.active.tones != NULL:
        tones_fetch(tap.active.tones)


cdef void tap_hear(Tap* tap, const int16_t* samples) noexcept nogil:
    """Listen to one tick of the party."""
    cdef float floats[SAMPLES]
    cdef float energy = to_floats(samples, floats)
    tap.energies[tap.at % LEVEL_TICKS] = energy
    memcpy(tap.kept + tap.at % KEPT_TICKS * SAMPLES, samples, SAMPLES * sizeof(int16_t))
    tap.at += 1
    if tap.active != NULL:
        detect(tap.active, samples, floats, energy)


cdef double tap_level_dbm0(const Tap* tap) noexcept nogil:
    """Return the level of the last 200 ms (ITU-T G.711: the largest sine is +3.14 dBm0), at least -96."""
    cdef double energy = 0
    cdef int i
    for i in range(LEVEL_TICKS):
        energy += tap.energies[i]
    if energy < 1:
        return -96.0
    return max(-96.0, 10 * log10(energy / (LEVEL_TICKS * SAMPLES) / (32768.0 * 32768.0)) + 3.14 + 3.01)


cdef int tap_samples(const Tap* tap, uint32_t until, uint32_t most, int16_t* target) noexcept nogil:
    """Copy what was heard in the last ticks before tick `until`, at most a second of it; return how many samples."""
    cdef uint32_t ticks = min(min(until, most), <uint32_t>HEARD_TICKS)
    cdef uint32_t i
    for i in range(ticks):
        memcpy(target + i * SAMPLES, tap.kept + (until - ticks + i) % KEPT_TICKS * SAMPLES, SAMPLES * sizeof(int16_t))
    return ticks * SAMPLES


cdef void tap_close(Tap* tap, Pump* pump) noexcept nogil:
    """Let go of the detectors."""
    if tap.active != NULL:
        stack_push(&pump.retired, &tap.active.retired)
        tap.active = NULL
        tap.wants_all = False
