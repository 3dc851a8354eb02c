"""DAHDI's devices (dahdi/user.h): what boards there are, and their channels' ioctls. What fails raises OSError.

Words are DAHDI's own here: it names a port by the signalling it needs, so that an FXO port is of signalling `fxsks`.
"""

import os
from enum import IntEnum
from typing import NamedTuple

from libc.errno cimport EINPROGRESS, EINTR, errno
from libc.stdint cimport uint32_t
from libc.string cimport memset
from posix.ioctl cimport ioctl


cdef extern from "dahdi/user.h" nogil:
    enum:
        DAHDI_GET_PARAMS
        DAHDI_SET_PARAMS
        DAHDI_SPANSTAT
        DAHDI_SPECIFY
        DAHDI_SET_BLOCKSIZE
        DAHDI_SET_BUFINFO
        DAHDI_HOOK
        DAHDI_GETEVENT
        DAHDI_GETRXBITS
        DAHDI_SETTXBITS
        DAHDI_TIMERCONFIG
        DAHDI_TIMERACK
        DAHDI_ECHOCANCEL
        DAHDI_AUDIOMODE
        DAHDI_FLUSH
        DAHDI_FLUSH_BOTH
        DAHDI_MAINT
        DAHDI_MAINT_NONE
        DAHDI_MAINT_LOCALLOOP
        DAHDI_POLICY_IMMEDIATE
        DAHDI_LAW_ALAW
        DAHDI_SIG_BROKEN
        DAHDI_SIG_FXSLS
        DAHDI_SIG_FXSKS
        DAHDI_SIG_FXOLS
        DAHDI_SIG_FXOKS
        DAHDI_SIG_CLEAR
        DAHDI_SIG_HDLCFCS
        DAHDI_SIG_HARDHDLC
        DAHDI_SIG_CAS
        DAHDI_ONHOOK
        DAHDI_OFFHOOK
        DAHDI_FLASH
        DAHDI_RING
        DAHDI_RINGOFF
        DAHDI_EVENT_ONHOOK
        DAHDI_EVENT_RINGOFFHOOK
        DAHDI_EVENT_WINKFLASH
        DAHDI_EVENT_ALARM
        DAHDI_EVENT_NOALARM
        DAHDI_EVENT_DIALCOMPLETE
        DAHDI_EVENT_RINGERON
        DAHDI_EVENT_RINGEROFF
        DAHDI_EVENT_HOOKCOMPLETE
        DAHDI_EVENT_BITSCHANGED
        DAHDI_EVENT_PULSE_START
        DAHDI_EVENT_POLARITY
        DAHDI_EVENT_RINGBEGIN
        DAHDI_EVENT_REMOVED
    struct dahdi_params:
        int channo
        int spanno
        int chanpos
        int sigtype
        int sigcap
        int preflashtime
        int flashtime
        int rxisoffhook
        int rxbits
        int curlaw
        char name[40]
        uint32_t chan_alarms
    struct dahdi_spaninfo:
        int spanno
        char name[20]
        char desc[40]
        int alarms
        int bpvcount
        int crc4count
        int ebitcount
        int fascount
        uint32_t fecount
        uint32_t cvcount
        int irqmisses
        int syncsrc
        int numchans
        int totalchans
        int lineconfig
        int linecompat
        char manufacturer[40]
        char devicetype[40]
        char location[40]
        char spantype[6]
    struct dahdi_maintinfo:
        int spanno
        int command
    struct dahdi_bufferinfo:
        int txbufpolicy
        int rxbufpolicy
        int numbufs
        int bufsize


class Signalling(IntEnum):
    """What a channel may be configured for; `capable` has some of these, or'ed."""

    FXSLS = DAHDI_SIG_FXSLS
    FXSKS = DAHDI_SIG_FXSKS
    FXOLS = DAHDI_SIG_FXOLS
    FXOKS = DAHDI_SIG_FXOKS
    CLEAR = DAHDI_SIG_CLEAR
    HDLC = DAHDI_SIG_HDLCFCS
    HARD_HDLC = DAHDI_SIG_HARDHDLC
    CAS = DAHDI_SIG_CAS


class Hook(IntEnum):
    """What can be done to an analog wire."""

    ON = DAHDI_ONHOOK
    OFF = DAHDI_OFFHOOK
    FLASH = DAHDI_FLASH
    RING = DAHDI_RING
    RING_OFF = DAHDI_RINGOFF


class Event(IntEnum):
    """What happens on a channel; there are more, of no use here."""

    NONE = 0
    ON_HOOK = DAHDI_EVENT_ONHOOK
    RING_OFF_HOOK = DAHDI_EVENT_RINGOFFHOOK      # of an FXO port: a burst of ringing ended; of an FXS one: off-hook
    FLASH = DAHDI_EVENT_WINKFLASH
    ALARM = DAHDI_EVENT_ALARM
    NO_ALARM = DAHDI_EVENT_NOALARM
    DIAL_COMPLETE = DAHDI_EVENT_DIALCOMPLETE
    RINGER_ON = DAHDI_EVENT_RINGERON
    RINGER_OFF = DAHDI_EVENT_RINGEROFF
    HOOK_COMPLETE = DAHDI_EVENT_HOOKCOMPLETE
    BITS_CHANGED = DAHDI_EVENT_BITSCHANGED
    PULSE_START = DAHDI_EVENT_PULSE_START
    POLARITY = DAHDI_EVENT_POLARITY
    RING_BEGIN = DAHDI_EVENT_RINGBEGIN
    REMOVED = DAHDI_EVENT_REMOVED


class Maintenance(IntEnum):
    """What a span may do for a test."""

    NONE = DAHDI_MAINT_NONE
    LOCAL_LOOP = DAHDI_MAINT_LOCALLOOP      # what we send comes back to us


class Span(NamedTuple):
    """A span of a board, as its driver has it; errors are counted since it was loaded."""

    number: int
    name: str
    description: str
    kind: str           # "E1", "FXS", "FXO", "ANALO", "DYNAM" of spans made of memory; cut to five letters
    device: str         # the card, or ""
    location: str       # of the card in the machine, or ""
    alarms: int         # 0: none
    channels: int
    configured: int     # of them
    digital: bool
    sync_source: int    # 0: it has its own clock; else whose it takes, which each driver says in its own way
    errors: dict        # bpv, crc4, ebit, fas, irq_misses


class Channel(NamedTuple):
    """A channel, as its driver has it."""

    number: int
    span: int
    position: int       # in the span, from 1
    name: str
    signalling: int     # a Signalling, 0: not configured
    capable: int        # of these, or'ed
    off_hook: bool      # its far end
    alarms: int
    law: str            # "alaw" or "mulaw"
    broken: bool


cdef int order(int fd, unsigned long request, void* argument, str what) except -1:
    cdef int done
    with nogil:
        done = ioctl(fd, request, argument)
        while done < 0 and errno == EINTR:
            done = ioctl(fd, request, argument)
    if done < 0:
        raise OSError(errno, os.strerror(errno), what)
    return done


cdef int order_number(int fd, unsigned long request, int number, str what) except -1:
    return order(fd, request, &number, what)


cdef str text(const char* raw):
    return raw.decode("utf-8", "replace")


def span(int fd, int number):
    """Return the span of that number, by the descriptor of /dev/dahdi/ctl."""
    cdef dahdi_spaninfo info
    memset(&info, 0, sizeof(info))
    info.spanno = number
    order(fd, DAHDI_SPANSTAT, &info, f"span {number}")
    # wct4xxp, wcte13xp and wcte43x count these two as code violations and framing errors, older drivers as the others
    counts = {"bpv": info.bpvcount + info.cvcount, "crc4": info.crc4count, "ebit": info.ebitcount,
              "fas": info.fascount + info.fecount, "irq_misses": info.irqmisses}
    return Span(info.spanno, text(info.name), text(info.desc), text(info.spantype), text(info.devicetype),
                text(info.location), info.alarms, info.totalchans, info.numchans, info.linecompat != 0, info.syncsrc,
                counts)


def channel(int fd, int number=0):
    """Return the channel of that number, by the descriptor of /dev/dahdi/ctl, or the one that the descriptor has open."""
    cdef dahdi_params info
    memset(&info, 0, sizeof(info))
    info.channo = number
    order(fd, DAHDI_GET_PARAMS, &info, f"channel {number}")
    return Channel(info.channo, info.spanno, info.chanpos, text(info.name), info.sigtype, info.sigcap,
                   info.rxisoffhook != 0, info.chan_alarms, "alaw" if info.curlaw == DAHDI_LAW_ALAW else "mulaw",
                   (info.sigcap & <int>DAHDI_SIG_BROKEN) != 0)


def specify(int fd, int number):
    """Make a descriptor of /dev/dahdi/channel that of one channel."""
    order_number(fd, DAHDI_SPECIFY, number, f"channel {number}")


def set_buffers(int fd, int count, int size):
    """Let the kernel keep so many buffers of so many bytes each way, and send each as soon as it is written."""
    cdef dahdi_bufferinfo info
    memset(&info, 0, sizeof(info))
    info.txbufpolicy = info.rxbufpolicy = DAHDI_POLICY_IMMEDIATE
    info.numbufs, info.bufsize = count, size
    order(fd, DAHDI_SET_BUFINFO, &info, f"{count} buffers of {size} bytes")


def set_audio(int fd, bint audio):
    """Let a B-channel carry sound (else it carries bits, as a D-channel does); an analog one knows nothing else."""
    order_number(fd, DAHDI_AUDIOMODE, audio, "audio mode")


def flush(int fd):
    """Forget the sound that waits in the kernel, both ways; events stay."""
    order_number(fd, DAHDI_FLUSH, DAHDI_FLUSH_BOTH, "flush")


def maintain(int fd, int number, int what):
    """Have a span do a Maintenance, by the descriptor of /dev/dahdi/ctl; ENOSYS: its driver has none."""
    cdef dahdi_maintinfo info
    info.spanno, info.command = number, what
    order(fd, DAHDI_MAINT, &info, f"maintenance of span {number}")


def hook(int fd, int what):
    """Do a Hook to the wire; it is under way on return. OSError EBUSY: the last one is not done yet."""
    try:
        order_number(fd, DAHDI_HOOK, what, f"hook {what}")
    except OSError as error:
        if error.errno != EINPROGRESS:
            raise


def set_flash(int fd, int before_ms, int open_ms):
    """Let a FLASH hook of the channel open its loop for so long, closed for so long before."""
    cdef dahdi_params params
    memset(&params, 0, sizeof(params))
    order(fd, DAHDI_GET_PARAMS, &params, "parameters")
    params.preflashtime, params.flashtime = before_ms, open_ms
    order(fd, DAHDI_SET_PARAMS, &params, f"flash of {open_ms} ms")


def event(int fd):
    """Return the oldest event that waits, taken out; 0 when there is none."""
    cdef int code = 0
    order(fd, DAHDI_GETEVENT, &code, "event")
    return code


def received_bits(int fd):
    """Return the ABCD bits received; the kernel's own mask lets those of a neighbour through."""
    cdef int bits = 0
    order(fd, DAHDI_GETRXBITS, &bits, "received bits")
    return bits & 0xF


def send_bits(int fd, int bits):
    """Send these ABCD bits from now on."""
    order_number(fd, DAHDI_SETTXBITS, bits, "bits sent")


def cancel_echo(int fd, int taps):
    """Cancel echo with so many samples of memory, a power of two from 32 to 1024; 0: no more."""
    order_number(fd, DAHDI_ECHOCANCEL, taps, "echo canceller")


def pace(int fd, int samples):
    """Let the descriptor of /dev/dahdi/timer have an event (POLLPRI) after each so many samples of the board's clock."""
    order_number(fd, DAHDI_TIMERCONFIG, samples, "timer")


def take_tick(int fd):
    """Take one event of that clock out."""
    order_number(fd, DAHDI_TIMERACK, 1, "timer")
