# The power of single frequencies in samples (G. Goertzel, 1958), in the SIMD registers that every processor has.
#
# A Goertzel filter waits for its own last step, so one alone leaves a processor idle most of its time. Here many go side
# by side: samples are dealt out to lanes, each of every eighth (or second) of them, and so are the filters of several
# frequencies. The lanes' sums together, each turned back by its delay, are the sum over all samples.

from libc.stdint cimport int16_t

cdef extern from * nogil:
    """
    #ifndef BUSYHOUR_GOERTZEL
    #define BUSYHOUR_GOERTZEL
    #include <stdint.h>
    #include <string.h>
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

    enum { BH_KEY_TONES = 8 };
    typedef struct { float cos1[BH_KEY_TONES], sin1[BH_KEY_TONES], cos2[BH_KEY_TONES], sin2[BH_KEY_TONES]; } bh_turns;
    typedef struct { bh_vector now[4], before[4]; } bh_bank;  /* of even samples two of four frequencies each, of odd */

    /* Filters an even number of samples more; returns the sum of their squares. */
    static inline float bh_filter(bh_bank *bank, const bh_turns *turns, const float *samples, int count)
    {
        const bh_vector *cos2 = (const bh_vector *)turns->cos2;
        bh_vector now[4], before[4], twice[2] = {2 * cos2[0], 2 * cos2[1]};
        float sum = 0;
        memcpy(now, bank->now, sizeof(now));
        memcpy(before, bank->before, sizeof(before));
        for (int i = 0; i < count; i += 2) {
            sum += samples[i] * samples[i] + samples[i + 1] * samples[i + 1];
            #pragma GCC unroll 4
            for (int j = 0; j < 4; j++) {
                bh_vector next = samples[i + j / 2] - before[j] + twice[j % 2] * now[j];
                before[j] = now[j];
                now[j] = next;
            }
        }
        memcpy(bank->now, now, sizeof(now));
        memcpy(bank->before, before, sizeof(before));
        return sum;
    }

    /* Gives the energy of each frequency since the last time, times half the number of samples, and begins anew. */
    static inline void bh_drain(bh_bank *bank, const bh_turns *turns, float *energies)
    {
        for (int j = 0; j < 2; j++) {
            bh_vector cos1 = ((const bh_vector *)turns->cos1)[j], sin1 = ((const bh_vector *)turns->sin1)[j];
            bh_vector cos2 = ((const bh_vector *)turns->cos2)[j], sin2 = ((const bh_vector *)turns->sin2)[j];
            bh_vector re = bank->now[j + 2] - cos2 * bank->before[j + 2], im = sin2 * bank->before[j + 2];
            bh_vector all_re = bank->now[j] - cos2 * bank->before[j] + cos1 * re + sin1 * im;
            bh_vector all_im = sin2 * bank->before[j] + cos1 * im - sin1 * re;
            ((bh_vector *)energies)[j] = 2 * (all_re * all_re + all_im * all_im);
        }
        memset(bank, 0, sizeof(*bank));
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

    ctypedef struct Turns "bh_turns":
        float cos1[8]
        float sin1[8]
        float cos2[8]
        float sin2[8]
    ctypedef struct Bank "bh_bank":
        pass
    float filter_more "bh_filter"(Bank* bank, const Turns* turns, const float* samples, int count)
    void drain "bh_drain"(Bank* bank, const Turns* turns, float* energies)
