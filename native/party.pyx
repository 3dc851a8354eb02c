"""The parties on pjsua's conference bridge, each one port of the bridge's own format, and a leg inside it.

The bridge only mixes parties with each other. What a leg plays is added, and what it hears and records is taken, right
here: so a caller alone in an IVR costs the bridge nothing, and a recording's right channel is what was really sent.

A party is made and given up in Python's thread. The bridge holds a reference while it is on it, and so does a leg;
this table holds one until the bridge has told that it is gone. The last two are released in Python's thread, so that
no memory is freed in the pump.

After 20 ms little of a party is left in the processor's caches, and waiting for memory would be most of the pump's work.
But the bridge comes to the parties in the same order in every tick: so what the next ones need is asked for in time.
"""

from libc.stdint cimport int16_t, uint64_t
from libc.string cimport memcpy, memset

from native.atomic cimport add_word, fetch, stack_push
from native.leg cimport Leg, leg_fetch, leg_hear, leg_say
from native.pj cimport (
    PJ_SUCCESS,
    PJMEDIA_FRAME_TYPE_AUDIO,
    PJMEDIA_FRAME_TYPE_NONE,
    pj_pool_release,
    pj_pool_t,
    pj_pool_zalloc,
    pj_status_t,
    pj_str,
    pj_str_t,
    pjmedia_conf_get_port_info,
    pjmedia_conf_port_info,
    pjmedia_frame,
    pjmedia_port,
    pjmedia_port_dec_ref,
    pjmedia_port_info_init,
    pjmedia_port_init_grp_lock,
    pjsua_pool_create,
    pjsua_var,
)
from native.pump cimport Pump
from native.recorder cimport Recorder, recorder_fetch
from native.ring cimport PARTY, ring_wake
from native.tap cimport Detectors, tap_fetch

cdef enum:
    RATE_HZ = 8000
    SIGNATURE = 0x42480000     # "BH", and the number of the party: how a slot of the bridge is known to be ours
    NUMBER_MASK = 0xFFFF
    FAR_END_BYTES = 256        # of a timeslot or a stream, what each tick needs
    OVERHEARD_AT_ONCE = 8      # ticks of an idle line in one of ours, when the far end or we were late

cdef Party* parties[MOST_PARTIES]
cdef unsigned next_number = 0
cdef unsigned count = 0

cdef Party* turns[MOST_PARTIES]  # in the order in which the bridge comes to them
cdef unsigned turns_known = 0  # of them; none, once one has gone
cdef unsigned turns_taken = 0  # in this tick
cdef uint64_t turns_tick = 0


cdef void take_turn(Party* party) noexcept nogil:
    """Note in which order the bridge comes to the parties."""
    global turns_known, turns_taken, turns_tick
    if turns_tick != party.pump.tick:
        turns_tick = party.pump.tick
        turns_taken = 0
    turns[turns_taken] = party
    party.turn = turns_taken
    turns_taken += 1
    turns_known = max(turns_known, turns_taken)


cdef Party* later(const Party* party, unsigned by) noexcept nogil:
    """Return whom the bridge comes to so many turns later, as it was in the last tick; NULL when that is not known."""
    return turns[party.turn + by] if party.turn + by < turns_known else NULL


cdef void fetch_to_hear(const Party* party) noexcept nogil:
    """Ask for what the next parties need to be heard: of the farthest what is at hand, of the next what that led to."""
    cdef Party* first = later(party, 1)
    cdef Party* second = later(party, 2)
    cdef Party* third = later(party, 3)
    cdef Party* fourth = later(party, 4)
    if fourth != NULL:
        fetch(fourth, sizeof(Party) + FAR_END_BYTES)
    if third != NULL and third.leg != NULL:
        leg_fetch(third.leg)
    if second != NULL and second.leg != NULL:
        fetch(second.leg.tap.active, sizeof(Detectors))
    if first != NULL and first.leg != NULL:
        tap_fetch(&first.leg.tap)


cdef void fetch_to_say(const Party* party) noexcept nogil:
    """Ask for what the next parties need besides when they are spoken to."""
    cdef Party* first = later(party, 1)
    cdef Party* second = later(party, 2)
    if second != NULL and second.leg != NULL and second.leg.recorder != NULL:
        fetch(second.leg.recorder, sizeof(Recorder) - sizeof(second.leg.recorder.missing))
    if first != NULL and first.leg != NULL and first.leg.recorder != NULL:
        recorder_fetch(first.leg.recorder)


cdef void listen(Party* party) noexcept nogil:
    """Have this tick's voice at hand, and let the leg hear it, once a tick."""
    cdef Leg* leg = party.leg
    if party.tick == party.pump.tick:
        return
    party.tick = party.pump.tick
    fetch_to_hear(party)
    if leg != NULL:
        if party.overhear != NULL and leg.tap.wants_all:
            overhear(party)
            return
    party.heard = party.hear(party, party.block)
    if leg != NULL:
        if not party.heard:
            memset(party.block, 0, sizeof(party.block))
        leg_hear(leg, party.block)


cdef void overhear(Party* party) noexcept nogil:
    """Let the leg of a line without a talk hear each tick once, in order and whole, as soon as it comes.

    Nobody waits for these samples, and a caller id with a hole in it is none; register signals wait for each other.
    """
    cdef int i
    for i in range(OVERHEARD_AT_ONCE):
        if not party.overhear(party, party.block):
            break
        leg_hear(party.leg, party.block)
    memset(party.block, 0, sizeof(party.block))
    party.heard = False


cdef pj_status_t party_get(pjmedia_port* port, pjmedia_frame* frame) noexcept nogil:
    """The bridge wants the party's voice for others; it asks only while somebody listens."""
    cdef Party* party = <Party*>port
    listen(party)
    if party.heard:
        memcpy(frame.buf, party.block, sizeof(party.block))
        frame.type = PJMEDIA_FRAME_TYPE_AUDIO
        frame.size = sizeof(party.block)
    else:
        frame.type = PJMEDIA_FRAME_TYPE_NONE
        frame.size = 0
    return PJ_SUCCESS


cdef pj_status_t party_put(pjmedia_port* port, pjmedia_frame* frame) noexcept nogil:
    """The bridge has what others say to the party; it puts something, perhaps nothing, in every tick."""
    cdef Party* party = <Party*>port
    cdef const int16_t* others = NULL
    cdef int16_t mixed[SAMPLES]
    take_turn(party)
    fetch_to_say(party)
    if frame.type == PJMEDIA_FRAME_TYPE_AUDIO and frame.size >= sizeof(mixed):
        others = <const int16_t*>frame.buf
    if party.leg != NULL:
        listen(party)
        # Silence is sent as samples: without packets a peer, or the NAT before it, takes the call for dead.
        party.say(party, leg_say(party.leg, others, party.block, mixed))
    else:
        if party.always:
            listen(party)
        party.say(party, others)
    return PJ_SUCCESS


cdef pj_status_t party_destroyed(pjmedia_port* port) noexcept nogil:
    cdef Party* party = <Party*>port
    party.end(party)
    pj_pool_release(party.pool)
    return PJ_SUCCESS


cdef Party* party_new(Pump* pump, const char* name, size_t size) noexcept nogil:
    """Return zeroed memory of `size` that begins with a party, to be put on the bridge; NULL when there is no room.

    `name` must live for ever; `hear`, `say` and `end` must be set.
    """
    global next_number, count
    cdef pj_str_t text = pj_str(<char*>name)
    cdef pj_pool_t* pool
    cdef Party* party
    cdef int i
    for i in range(MOST_PARTIES):
        next_number = (next_number + 1) % MOST_PARTIES
        if parties[next_number] == NULL:
            break
    else:
        return NULL
    pool = pjsua_pool_create(name, 2048, 2048)
    if pool == NULL:
        return NULL
    party = <Party*>pj_pool_zalloc(pool, size)
    party.pool = pool
    party.pump = pump
    party.number = next_number
    party.retired.kind = PARTY
    party.retired.what = party
    pjmedia_port_info_init(&party.base.info, &text, SIGNATURE | next_number, RATE_HZ, 1, 16, SAMPLES)
    party.base.get_frame = party_get
    party.base.put_frame = party_put
    party.base.on_destroy = party_destroyed
    if pjmedia_port_init_grp_lock(&party.base, pool, NULL) != PJ_SUCCESS:
        pj_pool_release(pool)
        return NULL
    parties[next_number] = party
    count += 1
    return party


cdef void party_discard(Party* party) noexcept nogil:
    """Give up a party that is no longer, or never was, on the bridge."""
    global count
    parties[party.number] = NULL
    count -= 1
    pjmedia_port_dec_ref(&party.base)


cdef Party* party_at(int slot) noexcept nogil:
    """Return the party at a slot of the bridge, NULL when there is none of ours."""
    cdef pjmedia_conf_port_info info
    if slot < 0 or pjmedia_conf_get_port_info(pjsua_var.mconf, slot, &info) != PJ_SUCCESS:
        return NULL
    if info.signature & ~NUMBER_MASK != SIGNATURE:
        return NULL
    return parties[info.signature & NUMBER_MASK]


cdef void party_removed(Pump* pump, unsigned slot) noexcept nogil:
    """The bridge is about to forget a slot: let Python give its party up."""
    global turns_known
    cdef Party* party = party_at(slot)
    if party != NULL:
        turns_known = 0
        if party.always:
            add_word(&pump.leaving, -1)
        stack_push(&pump.retired, &party.retired)
        ring_wake(&pump.ring)  # its descriptor must not stay open until something else happens


cdef void parties_discard() noexcept nogil:
    """Give up all parties; what the bridge still holds goes when it does."""
    global turns_known
    cdef int i
    turns_known = 0
    for i in range(MOST_PARTIES):
        if parties[i] != NULL:
            party_discard(parties[i])


cdef unsigned parties_count() noexcept nogil:
    """Return how many parties there are, those the bridge has let go of but Python has not yet among them."""
    return count
