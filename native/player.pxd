# What a leg is played: a program of pieces of memory, handed over to the pump and given back when it is done with.

from libc.stdint cimport int16_t, int64_t

from native.pump cimport Pump
from native.ring cimport Retired

cdef struct Piece:
    const int16_t* samples  # NULL: silence
    long length

cdef struct Program:
    Retired retired
    void* owner             # the Python object that keeps the pieces' samples alive; one reference is held
    int64_t play_id
    bint loop
    int count               # no piece at all: be silent
    long at                 # in the current piece
    int piece
    Piece pieces[1]         # `count` of them

cdef struct Player:
    Program* current

cdef Program* program_new(int count) noexcept nogil
cdef void player_take(Player* player, Program* program, Pump* pump, int64_t token) noexcept nogil
cdef bint player_fill(Player* player, int16_t* target, Pump* pump, int64_t token) noexcept nogil
cdef void player_close(Player* player, Pump* pump, int64_t token) noexcept nogil
