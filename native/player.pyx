"""Plays programs of preloaded samples, in the pump; the pieces join without a gap or a lost sample."""

from libc.stdint cimport int16_t, int64_t
from libc.stdlib cimport calloc
from libc.string cimport memcpy, memset

from native.atomic cimport stack_push
from native.pump cimport SAMPLES
from native.ring cimport FINISHED, PROGRAM, ring_push


cdef Program* program_new(int count) noexcept nogil:
    """Return room for a program of so many pieces, NULL without memory."""
    cdef Program* program = <Program*>calloc(1, sizeof(Program) + count * sizeof(Piece))
    if program != NULL:
        program.retired.kind = PROGRAM
        program.retired.what = program
        program.count = count
    return program


cdef void end(Player* player, Pump* pump, int64_t token, const char* reason, int length) noexcept nogil:
    cdef Program* program = player.current
    player.current = NULL
    if program == NULL:
        return
    if program.count:
        ring_push(&pump.ring, FINISHED, token, program.play_id, pump.now_ns, reason, length)
    stack_push(&pump.retired, &program.retired)


cdef void player_take(Player* player, Program* program, Pump* pump, int64_t token) noexcept nogil:
    """Play this from now on instead of what is played; an empty program is silence."""
    end(player, pump, token, b"stopped", 7)
    player.current = program
    if program.count == 0:
        end(player, pump, token, b"", 0)


cdef bint player_fill(Player* player, int16_t* target, Pump* pump, int64_t token) noexcept nogil:
    """Fill one tick's samples and say whether there was anything to play."""
    cdef long filled = 0, length
    cdef Piece* piece
    cdef Program* program = player.current
    if program == NULL:
        return False
    while filled < SAMPLES:
        if program.piece == program.count:
            if not program.loop:
                end(player, pump, token, b"played", 6)
                break
            program.piece = 0
        piece = &program.pieces[program.piece]
        length = min(SAMPLES - filled, piece.length - program.at)
        if piece.samples == NULL:
            memset(target + filled, 0, length * sizeof(int16_t))
        else:
            memcpy(target + filled, piece.samples + program.at, length * sizeof(int16_t))
        filled += length
        program.at += length
        if program.at == piece.length:
            program.at = 0
            program.piece += 1
    if filled == 0:
        return False
    memset(target + filled, 0, (SAMPLES - filled) * sizeof(int16_t))
    return True


cdef void player_close(Player* player, Pump* pump, int64_t token) noexcept nogil:
    """Let go of what is being played: it has been stopped."""
    end(player, pump, token, b"stopped", 7)
