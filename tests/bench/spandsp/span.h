/* What both programs here share: 20 ms blocks of A-law on descriptors, and the clock they go by. */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES 160
#define TICK_NS 20000000LL
#define LATE_NS 5000000LL
#define MOST_CHANNELS 512

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void sleep_until(int64_t due_ns)
{
    struct timespec due = {due_ns / 1000000000LL, due_ns % 1000000000LL};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
        ;
}

static int descriptors(int count, char **given, int *found)
{
    if (count < 1 || count > MOST_CHANNELS) {
        fprintf(stderr, "%d descriptors given, 1 to %d are wanted\n", count, MOST_CHANNELS);
        exit(2);
    }
    for (int i = 0; i < count; i++)
        found[i] = atoi(given[i]);
    return count;
}
