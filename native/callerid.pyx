# cython: language_level=3
"""Caller id as an office sends it and a telephone reads it, a block at a time, for programs without a media pump.

Samples are as in native.dsp. Objects belong to one thread.
"""

from typing import NamedTuple

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int16_t, uint8_t

from native.dsp cimport samples_of

STANDARDS = {
    "fsk": ADSI_STANDARD_CLASS, "v23": ADSI_STANDARD_CLIP, "jclip": ADSI_STANDARD_JCLIP,
    "dtmf": ADSI_STANDARD_CLIP_DTMF, "dtmf-a": ADSI_STANDARD_CLIP_DTMF, "dtmf-hash": ADSI_STANDARD_CLIP_DTMF,
}


class CallerId(NamedTuple):
    """What the office says of the caller; texts are empty where it says nothing."""

    number: str
    name: str
    withheld: bool


cdef class CallerIdSender:
    """A caller's number as the office sends it to an idle line.

    `fsk`: CLASS MDMF in Bell 202 FSK (GR-30; YD/T 1277), with `time_mmddhhmm` and the name if given; `v23`: the same
    message in V.23 FSK (EN 300 659-1, -3). `dtmf`: D, number, C; `dtmf-a`: A, number, C; either way B10C for withheld,
    B00C for unknown; `dtmf-hash`: A, number, #; D1# and D3# (of the forms in spandsp's adsi.h; exchanges in China differ
    in their codes, and `dtmf` is one of theirs). `jclip`: Japan's, number or why there is none, for who is off-hook. With
    `alert`, the dual tone that wakes a display before the first ring (DT-AS, EN 300 659-1 §6.1.2) goes ahead. ValueError
    names what does not fit.
    """

    cdef adsi_tx_state_t* state
    cdef readonly str kind

    def __cinit__(self, str kind not None, str number not None, str name not None="", bint withheld=False,
                  str time_mmddhhmm not None="", bint alert=False):
        cdef uint8_t message[256]
        cdef int length
        if kind not in STANDARDS:
            raise ValueError(f"kind: {kind!r}, must be one of {', '.join(STANDARDS)}")
        if len(number) > 40 or not (number.isascii() and (number.isdigit() or not number)):
            raise ValueError(f"number: {number!r}, up to 40 digits")
        if len(name) > 50 or not (name.isascii() and (name.isprintable() or not name)):
            raise ValueError(f"name: {name!r}, up to 50 printable ASCII characters")
        self.kind = kind
        self.state = adsi_tx_init(NULL, STANDARDS[kind])
        if self.state == NULL:
            raise MemoryError
        if kind == "jclip":
            length = adsi_add_field(self.state, message, -1, JCLIP_MDMF_CALLERID, NULL, 0)
            if number and not withheld:
                length = self.add(message, length, JCLIP_CALLER_NUMBER, number)
            else:
                length = self.add(message, length, JCLIP_ABSENCE, "P" if withheld else "O")
        elif not kind.startswith("dtmf"):  # CLIP's numbers of the message and its fields are CLASS's
            length = adsi_add_field(self.state, message, -1, CLASS_MDMF_CALLERID, NULL, 0)
            if time_mmddhhmm:
                length = self.add(message, length, MCLASS_DATETIME, time_mmddhhmm)
            if number and not withheld:
                length = self.add(message, length, MCLASS_CALLER_NUMBER, number)
            else:
                length = self.add(message, length, MCLASS_ABSENCE1, "P" if withheld else "O")
            if name and not withheld:
                length = self.add(message, length, MCLASS_CALLER_NAME, name)
        else:
            hashed = kind == "dtmf-hash"
            length = adsi_add_field(self.state, message, -1,
                                    CLIP_DTMF_HASH_TERMINATED if hashed else CLIP_DTMF_C_TERMINATED, NULL, 0)
            if number and not withheld:
                length = self.add(message, length, ord("D" if kind == "dtmf" else "A"), number)
            elif hashed:
                length = self.add(message, length, ord("D"), "1" if withheld else "3")
            else:
                length = self.add(message, length, ord("B"), "10" if withheld else "00")
        if adsi_tx_put_message(self.state, message, length) < 0:
            raise ValueError(f"number, name: {len(number)} and {len(name)} characters do not fit one message")
        if alert:
            adsi_tx_send_alert_tone(self.state)

    cdef int add(self, uint8_t* message, int length, int kind, str text) except -1:
        cdef bytes body = text.encode("ascii")
        cdef const uint8_t* start = <const uint8_t*>PyBytes_AS_STRING(body)
        return adsi_add_field(self.state, message, length, <uint8_t>kind, start, <int>len(body))

    def __dealloc__(self):
        if self.state != NULL:
            adsi_tx_free(self.state)

    def read(self, int count) -> bytes:
        """Return the next samples: `count`, or fewer when the message is over."""
        cdef bytes block = PyBytes_FromStringAndSize(NULL, count * 2)
        cdef int made = adsi_tx(self.state, <int16_t*>PyBytes_AS_STRING(block), count)
        return block if made == count else block[: made * 2]


cdef void take_message(void* receiver, const uint8_t* message, int length) noexcept:
    (<CallerIdReceiver>receiver).messages.append((<const char*>message)[:length])


cdef class CallerIdReceiver:
    """Reads what CallerIdSender sends; `kind` is `fsk`, `v23`, `jclip` or `dtmf`, which is any of those by keys."""

    cdef adsi_rx_state_t* state
    cdef list messages
    cdef bint dtmf

    def __cinit__(self, str kind not None):
        if kind not in STANDARDS:
            raise ValueError(f"kind: {kind!r}, must be one of {', '.join(STANDARDS)}")
        self.dtmf = kind.startswith("dtmf")
        self.messages = []
        self.state = adsi_rx_init(NULL, STANDARDS[kind], take_message, <void*>self)
        if self.state == NULL:
            raise MemoryError

    def __dealloc__(self):
        if self.state != NULL:
            adsi_rx_free(self.state)

    def receive(self, const uint8_t[::1] samples not None) -> list[CallerId]:
        """Take samples; return the callers whose message ended, whole, in them."""
        cdef int count
        cdef const int16_t* source = samples_of(samples, &count)
        adsi_rx(self.state, source, count)
        callers = [self.parse(message) for message in self.messages]
        self.messages.clear()
        return [caller for caller in callers if caller is not None]

    cdef object parse(self, bytes message):
        cdef const uint8_t* start = <const uint8_t*>PyBytes_AS_STRING(message)
        cdef const uint8_t* body
        cdef uint8_t kind
        cdef int length, position = -1
        number = name = ""
        withheld = False
        position = adsi_next_field(self.state, start, <int>len(message), position, &kind, &body, &length)
        if not self.dtmf and kind not in (CLASS_MDMF_CALLERID, CLASS_SDMF_CALLERID, JCLIP_MDMF_CALLERID):
            return None  # a message waiting, or a fault
        while position > 0:
            position = adsi_next_field(self.state, start, <int>len(message), position, &kind, &body, &length)
            if position <= 0 or length < 0:
                break
            text = (<const char*>body)[:length].decode("ascii", "replace")
            if kind == (ord("D") if self.dtmf else MCLASS_CALLER_NUMBER) or (kind == 0 and self.dtmf):
                number = text
            elif self.dtmf and kind == ord("A"):
                number = text
            elif self.dtmf and kind == ord("B"):
                withheld = text == "10"
            elif not self.dtmf and kind == MCLASS_ABSENCE1:
                withheld = text == "P"
            elif not self.dtmf and kind == MCLASS_CALLER_NAME:
                name = text
        return CallerId(number, name, withheld)
