// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A card with two E1 spans for the lab, joined by a crossed cable: what one sends, the other hears.
 *
 * It stands for a card of the wct4xxp driver, whose ways it has (Debian's dahdi-source 2.11.1, wct4xxp/base.c, named
 * behind each part below). The framer's registers are parameters of this module, one value a span; a test writes them
 * below /sys/module/busyhour_lab_e1/parameters, and everything further on is as with that driver.
 */
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include <dahdi/kernel.h>

#define SPANS 2
#define TIMESLOTS 31
#define SIGNALLING 15 /* the place of timeslot 16 */
#define MOST_CHUNKS 64 /* that are made up for when the timer comes late */

/* Bits of frs0, as the framer has them in FRS0 */
#define LOS 0x80
#define AIS 0x40
#define LFA 0x20
#define RRA 0x10
#define NO_MULTIFRAME 0x04

static int frs0[SPANS]; /* what is wrong with what comes in */
static int slips[SPANS]; /* slips that are to happen, one each 10 ms */
static int wrong[SPANS]; /* chunks that are to come with one bit wrong in each timeslot but 16 */
static int fec[SPANS], cvc[SPANS], cec[SPANS], ebc[SPANS]; /* error counters, emptied as they are read */
module_param_array(frs0, int, NULL, 0644);
module_param_array(slips, int, NULL, 0644);
module_param_array(wrong, int, NULL, 0644);
module_param_array(fec, int, NULL, 0644);
module_param_array(cvc, int, NULL, 0644);
module_param_array(cec, int, NULL, 0644);
module_param_array(ebc, int, NULL, 0644);

/* As that driver has them, in ms (base.c:193-196; DAHDI_ALARMSETTLE_TIME) */
static int alarmdebounce = 2500, yelalarmdebounce = 500, alarmsettle = DAHDI_ALARMSETTLE_TIME;
module_param(alarmdebounce, int, 0644);
module_param(yelalarmdebounce, int, 0644);
module_param(alarmsettle, int, 0644);

struct lab_span {
	struct dahdi_span span;
	struct dahdi_chan *chans[TIMESLOTS];
	u8 before[TIMESLOTS]; /* the last octet of the chunk before */
	u8 bits[TIMESLOTS]; /* ABCD sent */
	unsigned long los_at, lfa_at, ais_at, yellow_at, check_at; /* ms; 0: not now */
	int recovering; /* ms yet */
	int syncpos;
	int loop; /* a DAHDI_MAINT_ */
	bool delayed; /* the elastic store holds a frame more */
	bool sending_yellow;
};

static struct lab_span spans[SPANS];
static struct dahdi_device *card;
static struct platform_device *slot;
static struct hrtimer ticks;
static unsigned long now_ms = 1;
static bool check_clock;

static struct lab_span *peer_of(const struct lab_span *one)
{
	return &spans[SPANS - 1 - (one - spans)];
}

static bool running(const struct lab_span *one)
{
	return test_bit(DAHDI_FLAGBIT_RUNNING, &one->span.flags);
}

/* What the framer says of its input: the test's word, and what the other end does */
static int status(const struct lab_span *one)
{
	struct lab_span *peer = peer_of(one);
	int told = READ_ONCE(frs0[one - spans]);

	if (one->loop == DAHDI_MAINT_LOCALLOOP)
		return 0;
	if (!running(peer))
		told |= LOS;
	else if (peer->sending_yellow && !(told & (LOS | AIS | LFA)))
		told |= RRA;
	return told;
}

/* t4_chan_set_sigcap (base.c:1663): an E1 with CCS has no signalling bits, one with CAS no timeslot 16 */
static void set_capabilities(struct lab_span *one, int place)
{
	struct dahdi_chan *chan = one->chans[place];

	chan->sigcap = DAHDI_SIG_CLEAR;
	if (one->span.lineconfig & DAHDI_CONFIG_CCS) {
		chan->sigcap |= DAHDI_SIG_MTP2 | DAHDI_SIG_SF;
	} else if (place == SIGNALLING) {
		chan->sigcap = 0;
		chan->sig = 0;
	} else {
		chan->sigcap |= DAHDI_SIG_EM_E1 | DAHDI_SIG_FXSLS | DAHDI_SIG_FXSGS | DAHDI_SIG_FXSKS | DAHDI_SIG_SF |
				DAHDI_SIG_FXOLS | DAHDI_SIG_FXOGS | DAHDI_SIG_FXOKS | DAHDI_SIG_CAS |
				DAHDI_SIG_DACS_RBS;
	}
}

/* __t4_set_timing_source_auto (base.c:2613): the first of the wanted spans that is well; by its place on the card */
static void choose_clock(void)
{
	int i, first = -1;

	for (i = 0; i < SPANS; i++)
		if (running(&spans[i]) && spans[i].syncpos &&
		    !(spans[i].span.alarms & (DAHDI_ALARM_RED | DAHDI_ALARM_BLUE)) &&
		    (first < 0 || spans[i].syncpos < spans[first].syncpos))
			first = i;
	for (i = 0; i < SPANS; i++)
		spans[i].span.syncsrc = first + 1;
}

/* _t4_spanconfig (base.c:1701) */
static int configure_one(struct lab_span *one, int sync)
{
	int i;

	if (sync < 0 || sync > SPANS) {
		pr_warn("busyhour_lab_e1: cannot set priority on span %d to %d\n", one->span.spanno, sync);
		sync = 0;
	}
	one->syncpos = sync;
	for (i = 0; i < TIMESLOTS; i++)
		set_capabilities(one, i);
	WRITE_ONCE(check_clock, true);
	return 0;
}

/* t4_spanconfig (base.c:1752): the others have a basic configuration from then on */
static int lab_spanconfig(struct file *file, struct dahdi_span *span, struct dahdi_lineconfig *lc)
{
	int i, done = configure_one(container_of(span, struct lab_span, span), lc->sync);

	for (i = 0; i < SPANS; i++)
		if (!spans[i].chans[0]->sigcap)
			configure_one(&spans[i], 0);
	return done;
}

static int lab_startup(struct file *file, struct dahdi_span *span)
{
	WRITE_ONCE(check_clock, true);
	return 0;
}

static int lab_shutdown(struct dahdi_span *span)
{
	clear_bit(DAHDI_FLAGBIT_RUNNING, &span->flags);
	WRITE_ONCE(check_clock, true);
	return 0;
}

static int lab_rbsbits(struct dahdi_chan *chan, int bits)
{
	container_of(chan->span, struct lab_span, span)->bits[chan->chanpos - 1] = bits & 0xf;
	return 0;
}

/* t4_maint (base.c:1341): what an E1 can */
static int lab_maint(struct dahdi_span *span, int cmd)
{
	switch (cmd) {
	case DAHDI_MAINT_NONE:
	case DAHDI_MAINT_LOCALLOOP:
	case DAHDI_MAINT_NETWORKLINELOOP:
	case DAHDI_MAINT_NETWORKPAYLOADLOOP:
		container_of(span, struct lab_span, span)->loop = cmd;
		return 0;
	case DAHDI_RESET_COUNTERS:
		memset(&span->count, 0, sizeof(span->count));
		return 0;
	default:
		return -ENOSYS;
	}
}

static int lab_ioctl(struct dahdi_chan *chan, unsigned int cmd, unsigned long data)
{
	return -ENOTTY;
}

static const struct dahdi_span_ops ops = {
	.owner = THIS_MODULE,
	.spanconfig = lab_spanconfig,
	.startup = lab_startup,
	.shutdown = lab_shutdown,
	.rbsbits = lab_rbsbits,
	.maint = lab_maint,
	.ioctl = lab_ioctl,
};

/* Tell whether a defect has lasted long enough */
static bool lasts(bool there, unsigned long *since, int debounce_ms)
{
	if (!there) {
		*since = 0;
		return false;
	}
	if (!*since)
		*since = now_ms;
	return now_ms - *since >= debounce_ms;
}

/* t4_check_alarms (base.c:3362) */
static void check_alarms(struct lab_span *one)
{
	int told = status(one), alarms = 0, before = one->span.alarms & (DAHDI_ALARM_RED | DAHDI_ALARM_BLUE);

	if (lasts(told & LFA, &one->lfa_at, alarmdebounce))
		alarms |= DAHDI_ALARM_RED | DAHDI_ALARM_LFA;
	if (lasts(told & LOS, &one->los_at, alarmdebounce))
		alarms |= DAHDI_ALARM_RED | DAHDI_ALARM_LOS;
	if (lasts(told & AIS, &one->ais_at, alarmdebounce))
		alarms |= DAHDI_ALARM_BLUE;
	if ((alarms & DAHDI_ALARM_RED) && (told & NO_MULTIFRAME))
		alarms |= DAHDI_ALARM_LMFA;
	if (!alarms && before)
		one->recovering = alarmsettle;
	if (one->recovering)
		alarms |= DAHDI_ALARM_RECOVER;
	one->sending_yellow = alarms || (told & NO_MULTIFRAME);
	if (lasts(told & RRA, &one->yellow_at, yelalarmdebounce))
		alarms |= DAHDI_ALARM_YELLOW;
	one->check_at = now_ms + (alarms ? 100 : 50);
	if (one->span.mainttimer || one->span.maintstat)
		alarms |= DAHDI_ALARM_LOOPBACK;
	one->span.alarms = alarms;
	dahdi_alarm_notify(&one->span);
	if (!before != !(alarms & (DAHDI_ALARM_RED | DAHDI_ALARM_BLUE)))
		WRITE_ONCE(check_clock, true);
}

static void empty(int *counter, u32 *into)
{
	*into += READ_ONCE(*counter);
	WRITE_ONCE(*counter, 0);
}

/* t4_framer_interrupt (base.c:3679): counters once a second; slips count from the last alarm on */
static void count(struct lab_span *one, bool slipped)
{
	int i = one - spans;

	if (now_ms % 1000 == 0) {
		empty(&fec[i], &one->span.count.fe);
		empty(&cvc[i], &one->span.count.cv);
		empty(&cec[i], &one->span.count.crc4);
		empty(&ebc[i], &one->span.count.ebit);
	}
	if (one->span.alarms)
		one->span.count.timingslips = 0;
	else
		one->span.count.timingslips += slipped;
}

/* t4_check_sigbits (base.c:3292); a framer that has lost its frame keeps the bits it had */
static void check_bits(struct lab_span *one)
{
	struct lab_span *from = one->loop == DAHDI_MAINT_LOCALLOOP ? one : peer_of(one);
	int i;

	if ((one->span.lineconfig & DAHDI_CONFIG_CCS) || (status(one) & (LOS | LFA | AIS)))
		return;
	for (i = 0; i < TIMESLOTS; i++)
		if (i != SIGNALLING && !(one->chans[i]->sig & DAHDI_SIG_CLEAR))
			dahdi_rbsbits(one->chans[i], from->bits[i]);
}

/* Bring a chunk to a span: what the other end, or a loop, sends; all ones where nothing comes that has a frame */
static void receive(struct lab_span *one)
{
	struct lab_span *peer = peer_of(one), *from = peer;
	bool lost = status(one) & (LOS | AIS | LFA), spoilt = false, slipped = false;
	int i, number = one - spans;

	if (one->loop == DAHDI_MAINT_LOCALLOOP || peer->loop == DAHDI_MAINT_NETWORKLINELOOP ||
	    peer->loop == DAHDI_MAINT_NETWORKPAYLOADLOOP)
		from = one;
	if (READ_ONCE(slips[number]) > 0 && now_ms % 10 == 0) {
		slips[number]--;
		one->delayed = !one->delayed;
		slipped = true;
	}
	if (READ_ONCE(wrong[number]) > 0) {
		wrong[number]--;
		spoilt = true;
	}
	for (i = 0; i < TIMESLOTS; i++) {
		u8 *to = one->chans[i]->readchunk, *sent = from->chans[i]->writechunk;

		if (lost) {
			memset(to, 0xff, DAHDI_CHUNKSIZE);
		} else if (one->delayed) {
			to[0] = one->before[i];
			memcpy(to + 1, sent, DAHDI_CHUNKSIZE - 1);
		} else {
			memcpy(to, sent, DAHDI_CHUNKSIZE);
		}
		one->before[i] = sent[DAHDI_CHUNKSIZE - 1];
		if (spoilt && i != SIGNALLING)
			to[0] ^= 0x10;
	}
	count(one, slipped);
}

/* The card's interrupt, each ms: t4_receiveprep and t4_transmitprep, then what t4_do_counters does (base.c:3594) */
static void tick(void)
{
	int i;

	for (i = 0; i < SPANS; i++)
		if (running(&spans[i]))
			dahdi_transmit(&spans[i].span);
	for (i = 0; i < SPANS; i++) {
		struct lab_span *one = &spans[i];

		if (!running(one))
			continue;
		receive(one);
		dahdi_ec_span(&one->span);
		dahdi_receive(&one->span);
		check_bits(one);
		if (one->recovering)
			one->recovering--;
		if (now_ms >= one->check_at)
			check_alarms(one);
	}
	if (READ_ONCE(check_clock)) {
		WRITE_ONCE(check_clock, false);
		choose_clock();
	}
	now_ms++;
}

static enum hrtimer_restart come(struct hrtimer *timer)
{
	u64 chunks = hrtimer_forward_now(timer, ms_to_ktime(1));

	for (chunks = min_t(u64, chunks, MOST_CHUNKS); chunks; chunks--)
		tick();
	return HRTIMER_RESTART;
}

/* init_spans (base.c:2355): capabilities are there once a span is configured */
static int make_span(int number)
{
	struct lab_span *one = &spans[number];
	int i;

	snprintf(one->span.name, sizeof(one->span.name), "LABE1/0/%d", number + 1);
	snprintf(one->span.desc, sizeof(one->span.desc), "Busyhour lab E1 card Span %d", number + 1);
	one->span.spantype = SPANTYPE_DIGITAL_E1;
	one->span.deflaw = DAHDI_LAW_ALAW;
	one->span.linecompat = DAHDI_CONFIG_AMI | DAHDI_CONFIG_HDB3 | DAHDI_CONFIG_CCS | DAHDI_CONFIG_CRC4;
	one->span.channels = TIMESLOTS;
	one->span.chans = one->chans;
	one->span.flags = DAHDI_FLAG_RBS;
	one->span.offset = number;
	one->span.ops = &ops;
	for (i = 0; i < TIMESLOTS; i++) {
		struct dahdi_chan *chan = kzalloc(sizeof(*chan), GFP_KERNEL);

		if (!chan)
			return -ENOMEM;
		snprintf(chan->name, sizeof(chan->name), "%s/%d", one->span.name, i + 1);
		chan->chanpos = i + 1;
		chan->span = &one->span;
		chan->pvt = one;
		one->chans[i] = chan;
	}
	list_add_tail(&one->span.device_node, &card->spans);
	return 0;
}

static void unmake(void)
{
	int i, n;

	for (n = 0; n < SPANS; n++)
		for (i = 0; i < TIMESLOTS; i++)
			kfree(spans[n].chans[i]);
	dahdi_free_device(card);
	platform_device_unregister(slot);
}

static int __init lab_init(void)
{
	int i, failed = 0;

	slot = platform_device_register_simple("busyhour_lab_e1", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	card = dahdi_create_device();
	if (!card) {
		platform_device_unregister(slot);
		return -ENOMEM;
	}
	card->manufacturer = "Busyhour";
	card->location = "lab";
	card->devicetype = "Lab card, two E1";
	for (i = 0; i < SPANS && !failed; i++)
		failed = make_span(i);
	if (!failed)
		failed = dahdi_register_device(card, &slot->dev);
	if (failed) {
		unmake();
		return failed;
	}
	hrtimer_init(&ticks, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	ticks.function = come;
	hrtimer_start(&ticks, ms_to_ktime(1), HRTIMER_MODE_REL);
	return 0;
}

static void __exit lab_exit(void)
{
	hrtimer_cancel(&ticks);
	dahdi_unregister_device(card);
	unmake();
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_DESCRIPTION("Busyhour's lab card of two E1 spans");
MODULE_LICENSE("GPL");
