# The power of single frequencies in a tick of samples (G. Goertzel, 1958), in the SIMD registers of any processor.
#
# A Goertzel filter waits for its own last step, so one sample after the other leaves a processor idle most of its time.
# Here the tick is dealt out to eight lanes, each of every eighth sample, which step side by side, and so do the three
# filters of one tone; the lanes' sums together, each turned back by its delay, are the sum over all samples.

from libc.stdint cimport int16_t

cdef extern from * nogil:
    """
    #ifndef BUSYHOUR_GOERTZEL
    #define BUSYHOUR_GOERTZEL
    #include <stdint.h>
    #define BH_LANES 8
    #define BH_TICK 160
    typedef float bh_vector __attribute__((vector_size(16), aligned(4), may_alias));  /* GCC's */
    typedef struct { float cos1, sin1, cos8, sin8; } bh_turn;  /* of the frequency in one sample, and in a lane's step */

    /* Gives the samples as floats; returns the sum of their squares. */
    static inline float bh_to_floats(const int16_t *samples, float *target)
    {
        float squares[BH_LANES] = {0}, sum = 0;
        for (int i = 0; i < BH_TICK; i += BH_LANES)
            for (int lane = 0; lane < BH_LANES; lane++) {
                float sample = samples[i + lane];
                target[i + lane] = sample;
                squares[lane] += sample * sample;
            }
        for (int lane = 0; lane < BH_LANES; lane++)
            sum += squares[lane];
        return sum;
    }

    /* The most of a tick's energy that one of three frequencies holds, as a sum of squares. */
    static inline float bh_strongest(const float *samples, const bh_turn *turns)
    {
        enum { HALVES = BH_LANES / 4, ALL = 3 * HALVES };
        const bh_vector *in = (const bh_vector *)samples;
        bh_vector before[ALL] = {0}, now[ALL] = {0};
        float most = 0;
        for (int i = 0; i < BH_TICK / 4; i += HALVES)
            #pragma GCC unroll 6
            for (int j = 0; j < ALL; j++) {
                bh_vector next = in[i + j % HALVES] - before[j] + 2 * turns[j / HALVES].cos8 * now[j];
                before[j] = now[j];
                now[j] = next;
            }
        for (int j = 0; j < 3; j++) {
            const float *last = (const float *)&now[j * HALVES], *last_but_one = (const float *)&before[j * HALVES];
            const bh_turn *turn = &turns[j];
            float re = 0, im = 0, turned, energy;
            for (int lane = BH_LANES - 1; lane >= 0; lane--) {
                turned = re * turn->cos1 + im * turn->sin1 + last[lane] - turn->cos8 * last_but_one[lane];
                im = im * turn->cos1 - re * turn->sin1 + turn->sin8 * last_but_one[lane];
                re = turned;
            }
            energy = (re * re + im * im) * 2 / BH_TICK;
            most = energy > most ? energy : most;
        }
        return most;
    }
    #endif
    """
    ctypedef struct Turn "bh_turn":
        float cos1
        float sin1
        float cos8
        float sin8
    float to_floats "bh_to_floats"(const int16_t* samples, float* target)
    float strongest "bh_strongest"(const float* samples, const Turn* turns)
