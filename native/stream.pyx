"""A SIP call's stream as a party: pjsua gives each new stream to us before it puts it on the bridge.

The bridge's format is 8000 Hz and 20 ms. Another rate (G.722, opus) is resampled by pjmedia, another packet time is
gathered and cut here.
"""

from libc.stdint cimport int16_t
from libc.string cimport memcpy, memmove, memset

from native.party cimport Party, party_discard, party_new
from native.pj cimport (
    PJ_SUCCESS,
    PJMEDIA_FRAME_TYPE_AUDIO,
    PJMEDIA_FRAME_TYPE_NONE,
    PJMEDIA_PIA_CCNT,
    PJMEDIA_PIA_SPF,
    PJMEDIA_PIA_SRATE,
    PJMEDIA_RESAMPLE_DONT_DESTROY_DN,
    pjmedia_frame,
    pjmedia_port,
    pjmedia_port_add_ref,
    pjmedia_port_dec_ref,
    pjmedia_port_destroy,
    pjmedia_port_get_frame,
    pjmedia_port_put_frame,
    pjmedia_resample_port_create,
    pjsua_on_stream_created_param,
    pjsua_var,
    stream_created_function,
)
from native.pump cimport SAMPLES, Pump

cdef enum:
    RATE_HZ = 8000
    MOST_SAMPLES = 960          # 120 ms, opus' longest packet

cdef struct Stream:
    Party party
    pjmedia_port* stream        # of pjsua's; a reference is held
    pjmedia_port* resampler     # before it, or NULL
    pjmedia_port* far           # whichever of them speaks at 8000 Hz
    int packet                  # samples in its frames
    int gathered                # to be sent
    int left                    # of a frame that came
    bint came                   # it was audio
    int16_t out[MOST_SAMPLES + SAMPLES]
    int16_t into[MOST_SAMPLES + SAMPLES]

cdef Pump* the_pump = NULL
cdef stream_created_function next_hook = NULL


cdef bint hear(Party* party, int16_t* target) noexcept nogil:
    """A frame of the bridge's own size goes straight through."""
    cdef pjmedia_frame frame
    memset(&frame, 0, sizeof(frame))
    frame.buf = target
    frame.size = SAMPLES * sizeof(int16_t)
    return pjmedia_port_get_frame((<Stream*>party).far, &frame) == PJ_SUCCESS and frame.type == PJMEDIA_FRAME_TYPE_AUDIO


cdef void send(Stream* stream, const int16_t* samples) noexcept nogil:
    cdef pjmedia_frame frame
    memset(&frame, 0, sizeof(frame))
    frame.timestamp.u64 = stream.party.pump.tick * SAMPLES
    if samples != NULL:
        frame.type = PJMEDIA_FRAME_TYPE_AUDIO
        frame.buf = <void*>samples
        frame.size = stream.packet * sizeof(int16_t)
    else:
        frame.type = PJMEDIA_FRAME_TYPE_NONE
    pjmedia_port_put_frame(stream.far, &frame)


cdef void say(Party* party, const int16_t* samples) noexcept nogil:
    send(<Stream*>party, samples)


cdef bint hear_packets(Party* party, int16_t* target) noexcept nogil:
    """Cut frames of another size."""
    cdef Stream* stream = <Stream*>party
    cdef pjmedia_frame frame
    while stream.left < SAMPLES:
        memset(&frame, 0, sizeof(frame))
        frame.buf = stream.into + stream.left
        frame.size = stream.packet * sizeof(int16_t)
        stream.came = (
            pjmedia_port_get_frame(stream.far, &frame) == PJ_SUCCESS and frame.type == PJMEDIA_FRAME_TYPE_AUDIO
        )
        if not stream.came:
            memset(stream.into + stream.left, 0, stream.packet * sizeof(int16_t))
        stream.left += stream.packet
    memcpy(target, stream.into, SAMPLES * sizeof(int16_t))
    stream.left -= SAMPLES
    memmove(stream.into, stream.into + SAMPLES, stream.left * sizeof(int16_t))
    return stream.came


cdef void say_packets(Party* party, const int16_t* samples) noexcept nogil:
    """Gather frames of another size."""
    cdef Stream* stream = <Stream*>party
    if samples == NULL:
        stream.gathered = 0
        send(stream, NULL)
        return
    memcpy(stream.out + stream.gathered, samples, SAMPLES * sizeof(int16_t))
    stream.gathered += SAMPLES
    while stream.gathered >= stream.packet:
        send(stream, stream.out)
        stream.gathered -= stream.packet
        memmove(stream.out, stream.out + stream.packet, stream.gathered * sizeof(int16_t))


cdef void end(Party* party) noexcept nogil:
    cdef Stream* stream = <Stream*>party
    if stream.resampler != NULL:
        pjmedia_port_destroy(stream.resampler)
    pjmedia_port_dec_ref(stream.stream)


cdef void on_created(int call_id, pjsua_on_stream_created_param* created) noexcept nogil:
    """Put a party before a new stream; one that cannot be a party stays as it is, and no leg can be made of it."""
    cdef pjmedia_port* port = created.port
    cdef Stream* stream
    if the_pump != NULL and PJMEDIA_PIA_CCNT(&port.info) == 1:
        stream = <Stream*>party_new(the_pump, "stream", sizeof(Stream))
        if stream != NULL:
            pjmedia_port_add_ref(port)
            stream.stream = stream.far = port
            stream.party.end = end
            if PJMEDIA_PIA_SRATE(&port.info) != RATE_HZ and pjmedia_resample_port_create(
                stream.party.pool, port, RATE_HZ, PJMEDIA_RESAMPLE_DONT_DESTROY_DN, &stream.resampler
            ) == PJ_SUCCESS:
                stream.far = stream.resampler
            stream.packet = PJMEDIA_PIA_SPF(&stream.far.info)
            if PJMEDIA_PIA_SRATE(&stream.far.info) != RATE_HZ or not 0 < stream.packet <= MOST_SAMPLES:
                party_discard(&stream.party)
            else:
                stream.party.hear = hear if stream.packet == SAMPLES else hear_packets
                stream.party.say = say if stream.packet == SAMPLES else say_packets
                created.port = &stream.party.base
    if next_hook != NULL:
        next_hook(call_id, created)


cdef void streams_start(Pump* pump) noexcept nogil:
    """Take each stream that pjsua makes from now on."""
    global the_pump, next_hook
    the_pump = pump
    next_hook = pjsua_var.ua_cfg.cb.on_stream_created2
    pjsua_var.ua_cfg.cb.on_stream_created2 = on_created


cdef void streams_stop() noexcept nogil:
    """Leave new streams alone."""
    global the_pump
    pjsua_var.ua_cfg.cb.on_stream_created2 = next_hook
    the_pump = NULL
