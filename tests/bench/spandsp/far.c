/* The carrier's end of a span: far SOUND DESCRIPTOR... sends the sound (A-law) on each channel for ever, each from
 * another place in it, and takes what comes back, in real time where that is allowed. It begins on a channel when
 * something comes there, and ends when it is killed. */

#include <fcntl.h>
#include <sched.h>

#include "span.h"

int main(int argc, char **argv)
{
    static int fds[MOST_CHANNELS];
    static size_t at[MOST_CHANNELS];
    static int begun[MOST_CHANNELS];
    uint8_t taken[SAMPLES];
    if (argc < 3) {
        fprintf(stderr, "usage: far SOUND DESCRIPTOR...\n");
        return 2;
    }
    int count = descriptors(argc - 2, argv + 2, fds);
    FILE *file = fopen(argv[1], "rb");
    if (file == NULL) {
        perror(argv[1]);
        return 1;
    }
    fseek(file, 0, SEEK_END);
    size_t size = ftell(file) / SAMPLES * SAMPLES;
    uint8_t *sound = malloc(size);
    rewind(file);
    if (size == 0 || fread(sound, 1, size, file) != size) {
        fprintf(stderr, "%s: no whole block can be read\n", argv[1]);
        return 1;
    }
    for (int i = 0; i < count; i++) {
        fcntl(fds[i], F_SETFL, fcntl(fds[i], F_GETFL) | O_NONBLOCK);
        at[i] = size / SAMPLES * i / count * SAMPLES;
    }
    struct sched_param above_the_pump = {.sched_priority = 25};  /* a card waits for nobody */
    if (sched_setscheduler(0, SCHED_FIFO, &above_the_pump) < 0 && errno != EPERM)
        perror("real time");
    for (int64_t due_ns = now_ns();; due_ns += TICK_NS) {
        sleep_until(due_ns);
        for (int i = 0; i < count; i++) {
            if (begun[i] && write(fds[i], sound + at[i], SAMPLES) == SAMPLES)  /* else nobody takes it: it is lost, as on a line */
                at[i] = (at[i] + SAMPLES) % size;
            while (read(fds[i], taken, SAMPLES) > 0)
                begun[i] = 1;
        }
    }
}
