/* What channels cost by spandsp alone: loop SECONDS FOLDER DESCRIPTOR... reads a block of A-law from each descriptor
 * every 20 ms, listens for digits and for China's busy and congestion tones, writes what came to a file of A-law, and
 * sends each of two neighbours what the other said. Prints one JSON document; the first second is not measured. */

#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <tiffio.h>
#include <spandsp.h>

#include "span.h"

#define SETTLED_TICKS 50

struct channel {
    int fd;
    FILE *recording;
    dtmf_rx_state_t *dtmf;
    super_tone_rx_state_t *tones;
    int16_t said[SAMPLES];
};

static struct channel channels[MOST_CHANNELS];
static unsigned long digits, tones, holes;

static void on_digits(void *data, const char *keys, int length) { digits += length; }

static void on_tone(void *data, int code, int level, int delay) { tones += code >= 0; }

static double cpu_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static super_tone_rx_descriptor_t *chinese(void)
{
    static const int lengths_ms[] = {350, 700};  /* of 450 Hz, and of the silence after it */
    super_tone_rx_descriptor_t *wanted = super_tone_rx_make_descriptor(NULL);
    for (unsigned i = 0; i < sizeof(lengths_ms) / sizeof(*lengths_ms); i++) {
        int tone = super_tone_rx_add_tone(wanted);
        super_tone_rx_add_element(wanted, tone, 450, 0, lengths_ms[i] * 4 / 5, lengths_ms[i] * 6 / 5);
        super_tone_rx_add_element(wanted, tone, 0, 0, lengths_ms[i] * 4 / 5, lengths_ms[i] * 6 / 5);
    }
    return wanted;
}

static void hear(struct channel *channel)
{
    uint8_t block[SAMPLES];
    if (read(channel->fd, block, SAMPLES) != SAMPLES) {
        holes++;
        memset(block, 0xD5, SAMPLES);
    }
    for (int i = 0; i < SAMPLES; i++)
        channel->said[i] = alaw_to_linear(block[i]);
    dtmf_rx(channel->dtmf, channel->said, SAMPLES);
    super_tone_rx(channel->tones, channel->said, SAMPLES);
    fwrite(block, 1, SAMPLES, channel->recording);
}

static void say(struct channel *channel, const int16_t *samples)
{
    uint8_t block[SAMPLES];
    for (int i = 0; i < SAMPLES; i++)
        block[i] = linear_to_alaw(samples[i]);
    if (write(channel->fd, block, SAMPLES) != SAMPLES)
        holes++;
}

int main(int argc, char **argv)
{
    static int fds[MOST_CHANNELS];
    char path[PATH_MAX];
    if (argc < 4) {
        fprintf(stderr, "usage: loop SECONDS FOLDER DESCRIPTOR...\n");
        return 2;
    }
    int ticks = atof(argv[1]) * 1e9 / TICK_NS + SETTLED_TICKS, late = 0;
    int count = descriptors(argc - 3, argv + 3, fds);
    super_tone_rx_descriptor_t *wanted = chinese();
    double before_s = 0;
    for (int i = 0; i < count; i++) {
        struct channel *channel = &channels[i];
        channel->fd = fds[i];
        fcntl(fds[i], F_SETFL, fcntl(fds[i], F_GETFL) | O_NONBLOCK);
        snprintf(path, sizeof(path), "%s/%d.al", argv[2], i);
        channel->recording = fopen(path, "wb");
        channel->dtmf = dtmf_rx_init(NULL, on_digits, NULL);
        channel->tones = super_tone_rx_init(NULL, wanted, on_tone, NULL);
        if (channel->recording == NULL || channel->dtmf == NULL || channel->tones == NULL) {
            perror(path);
            return 1;
        }
        dtmf_rx_parms(channel->dtmf, -1, 10, 5, -99);
    }
    int64_t due_ns = now_ns();
    for (int tick = 0; tick < ticks; tick++, due_ns += TICK_NS) {
        if (tick == SETTLED_TICKS) {
            before_s = cpu_s();
            digits = tones = holes = late = 0;
        }
        sleep_until(due_ns);
        late += now_ns() - due_ns > LATE_NS;
        for (int i = 0; i < count; i++)
            hear(&channels[i]);
        for (int i = 0; i < count; i++)
            say(&channels[i], channels[(i ^ 1) < count ? i ^ 1 : i].said);
    }
    printf("{\"cpu_s\": %.6f, \"ticks\": %d, \"late_ticks\": %d, \"digits\": %lu, \"tones\": %lu, \"holes\": %lu}\n",
           cpu_s() - before_s, ticks - SETTLED_TICKS, late, digits, tones, holes);
    for (int i = 0; i < count; i++)
        fclose(channels[i].recording);
    return 0;
}
