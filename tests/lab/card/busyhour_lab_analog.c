// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A card with two lines and two telephones for the lab: its FXS ports 2 and 3 are joined to its FXO ports 1 and 4.
 *
 * It stands for a card of the wctdm24xxp driver, whose ways it has (Debian's dahdi-source 2.11.1, wctdm24xxp/base.c,
 * named behind each part below; the neon lamp is xpp's). What the two ends of a pair do to it makes the voltage and the
 * current that a Si3050 and a Si3210 would see, and from these on all is as with that driver. A test may spoil a pair by
 * this module's parameters, below /sys/module/busyhour_lab_analog/parameters, one value a pair.
 */
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include <dahdi/kernel.h>
#include <dahdi/wctdm_user.h>

#define PAIRS 2
#define PORTS (2 * PAIRS)
#define MOST_CHUNKS 64 /* that are made up for when the timer comes late */

/* In ms or V, as that driver has them in China (fxo_modes.h:133, wctdm24xxp.h:47) */
#define BATTERY_DEBOUNCE 64
#define BATTERY_ALARM 1000
#define BATTERY_THRESHOLD 3
#define POLARITY_DEBOUNCE 64
#define RING_DEBOUNCE (1024 / 8)
#define OHT_TIMER 6000
#define HALF_RING_WAVE 20 /* 25 Hz */
/* Of the pair: an office's battery on-hook and off-hook, and what another telephone that is off-hook leaves */
#define BATTERY 48
#define LOOPED 7
#define SHARED 9

/* States of the line's feed (proslic.h:39) */
enum { OPEN, ACTIVE_FWD, OHT_FWD, TIP_OPEN, RINGING, ACTIVE_REV, OHT_REV, RING_OPEN };
#define REVERSED 4 /* or'ed to those with a polarity */

static int cut[PAIRS]; /* 1: the pair is broken */
static int shared[PAIRS]; /* 1: another telephone on the pair is off-hook */
static int lamp[PORTS]; /* 1: it is lit, on an FXS port; to be read */
module_param_array(cut, int, NULL, 0644);
module_param_array(shared, int, NULL, 0644);
module_param_array(lamp, int, NULL, 0444);

enum battery {
	UNKNOWN, PRESENT, LOST,
	DEBOUNCING_LOST, DEBOUNCING_LOST_ALARM, DEBOUNCING_LOST_FROM_PRESENT_ALARM,
	DEBOUNCING_PRESENT, DEBOUNCING_PRESENT_ALARM, DEBOUNCING_PRESENT_FROM_LOST_ALARM
};
enum polarity { UNKNOWN_POLARITY, POSITIVE, NEGATIVE, TO_POSITIVE, TO_NEGATIVE };
enum ring { SILENT, RING_POSITIVE, RING_NEGATIVE, RINGS, FALLING_SILENT };

struct line { /* an FXO port */
	bool off_hook;
	enum battery battery;
	enum polarity polarity;
	enum ring ring;
	int turns; /* of the ringing voltage */
	unsigned long battery_at, polarity_at, ring_at;
};

struct telephone { /* an FXS port */
	int feed, idle; /* states: the one now, the one while nothing is wanted */
	bool off_hook, reverse, message_reverse, transfer;
	unsigned long transfer_until;
	struct dahdi_vmwi_info lamp_kind;
	int messages;
};

struct port {
	struct dahdi_chan chan;
	struct port *far;
	int pair;
	bool fxo;
	struct line line;
	struct telephone telephone;
};

static struct port ports[PORTS];
static struct dahdi_chan *chans[PORTS];
static struct dahdi_span span;
static struct dahdi_device *card;
static struct platform_device *slot;
static struct hrtimer ticks;
static DEFINE_SPINLOCK(registers);
static unsigned long now_ms = 1;

static bool after(unsigned long at)
{
	return now_ms > at;
}

static bool reversed(const struct telephone *one)
{
	return one->reverse != one->message_reverse; /* POLARITY_XOR */
}

/* The voltage across a pair as an FXO port measures it, V */
static int volts(const struct port *fxo)
{
	int feed = fxo->far->telephone.feed, across;

	if (READ_ONCE(cut[fxo->pair]) || feed == OPEN)
		return 0;
	across = READ_ONCE(shared[fxo->pair]) ? SHARED : fxo->line.off_hook ? LOOPED : BATTERY;
	return feed == ACTIVE_REV || feed == OHT_REV ? -across : across;
}

/* Whether current flows in an FXS port's loop; ringing voltage makes none that is a telephone's but off-hook */
static bool looped(const struct port *fxs)
{
	return fxs->telephone.feed != OPEN && !READ_ONCE(cut[fxs->pair]) &&
	       (fxs->far->line.off_hook || READ_ONCE(shared[fxs->pair]));
}

/* The ring detector's bits: 0x20 and 0x40 by turns */
static int ringing(const struct port *fxo)
{
	if (fxo->far->telephone.feed != RINGING || READ_ONCE(cut[fxo->pair]) ||
	    (fxo->line.battery != PRESENT && fxo->line.battery != DEBOUNCING_LOST))
		return 0;
	return now_ms / HALF_RING_WAVE % 2 ? 0x20 : 0x40;
}

/* wctdm_fxo_ring_detect (base.c:1862) */
static void detect_ring(struct port *port)
{
	struct line *line = &port->line;
	int now = ringing(port);

	switch (line->ring) {
	case RING_POSITIVE:
	case RING_NEGATIVE:
		if (now == (line->ring == RING_POSITIVE ? 0x40 : 0x20)) {
			if (++line->turns > 2) {
				dahdi_hooksig(&port->chan, DAHDI_RXSIG_RING);
				line->ring = RINGS;
			} else {
				line->ring = line->ring == RING_POSITIVE ? RING_NEGATIVE : RING_POSITIVE;
			}
		} else if (after(line->ring_at)) {
			line->ring = SILENT;
		}
		break;
	case RINGS:
		if (!now) {
			line->ring = FALLING_SILENT;
			line->ring_at = now_ms + RING_DEBOUNCE;
		}
		break;
	case FALLING_SILENT:
		if (now) {
			line->ring = RINGS;
		} else if (after(line->ring_at)) {
			dahdi_hooksig(&port->chan, DAHDI_RXSIG_OFFHOOK);
			line->ring = SILENT;
		}
		break;
	case SILENT:
		if (now) {
			line->ring = now == 0x20 ? RING_POSITIVE : RING_NEGATIVE;
			line->ring_at = now_ms + RING_DEBOUNCE;
			line->turns = 0;
		}
		break;
	}
}

static void to(struct line *line, enum battery state, int for_ms)
{
	line->battery = state;
	line->battery_at = now_ms + for_ms;
}

/* wctdm_check_battery_lost (base.c:1959) */
static void battery_lost(struct port *port)
{
	struct line *line = &port->line;

	switch (line->battery) {
	case DEBOUNCING_PRESENT_ALARM:
		to(line, DEBOUNCING_LOST_FROM_PRESENT_ALARM, BATTERY_DEBOUNCE);
		break;
	case DEBOUNCING_PRESENT:
		line->battery = LOST;
		break;
	case DEBOUNCING_PRESENT_FROM_LOST_ALARM:
		to(line, DEBOUNCING_LOST_ALARM, BATTERY_ALARM - BATTERY_DEBOUNCE);
		break;
	case UNKNOWN:
		dahdi_hooksig(&port->chan, DAHDI_RXSIG_ONHOOK);
		fallthrough;
	case PRESENT:
		to(line, DEBOUNCING_LOST, BATTERY_DEBOUNCE);
		break;
	case DEBOUNCING_LOST_FROM_PRESENT_ALARM:
	case DEBOUNCING_LOST:
		if (after(line->battery_at)) {
			dahdi_hooksig(&port->chan, DAHDI_RXSIG_ONHOOK);
			to(line, DEBOUNCING_LOST_ALARM, BATTERY_ALARM - BATTERY_DEBOUNCE);
		}
		break;
	case DEBOUNCING_LOST_ALARM:
		if (after(line->battery_at)) {
			line->battery = LOST;
			dahdi_alarm_channel(&port->chan, DAHDI_ALARM_RED);
		}
		break;
	case LOST:
		break;
	}
}

/* wctdm_check_battery_present (base.c:2034) */
static void battery_present(struct port *port)
{
	struct line *line = &port->line;

	switch (line->battery) {
	case DEBOUNCING_PRESENT_FROM_LOST_ALARM:
	case DEBOUNCING_PRESENT:
		if (after(line->battery_at)) {
			dahdi_hooksig(&port->chan, DAHDI_RXSIG_OFFHOOK);
			to(line, DEBOUNCING_PRESENT_ALARM, BATTERY_ALARM - BATTERY_DEBOUNCE);
		}
		break;
	case DEBOUNCING_PRESENT_ALARM:
		if (after(line->battery_at)) {
			line->battery = PRESENT;
			dahdi_alarm_channel(&port->chan, DAHDI_ALARM_NONE);
		}
		break;
	case PRESENT:
		break;
	case DEBOUNCING_LOST_ALARM:
		to(line, DEBOUNCING_PRESENT_FROM_LOST_ALARM, BATTERY_DEBOUNCE);
		break;
	case DEBOUNCING_LOST_FROM_PRESENT_ALARM:
		to(line, DEBOUNCING_PRESENT_ALARM, BATTERY_ALARM - BATTERY_DEBOUNCE);
		break;
	case DEBOUNCING_LOST:
		line->battery = PRESENT;
		break;
	case UNKNOWN:
		dahdi_hooksig(&port->chan, DAHDI_RXSIG_OFFHOOK);
		fallthrough;
	case LOST:
		to(line, DEBOUNCING_PRESENT, BATTERY_DEBOUNCE);
		break;
	}
}

/* wctdm_fxo_check_polarity, and wctdm_fxo_stop_debouncing_polarity where there is no voltage (base.c:2101) */
static void check_polarity(struct port *port, int across)
{
	struct line *line = &port->line;
	bool lost = abs(across) < BATTERY_THRESHOLD, positive = across > 0;

	switch (line->polarity) {
	case UNKNOWN_POLARITY:
		if (!lost)
			line->polarity = positive ? POSITIVE : NEGATIVE;
		break;
	case TO_POSITIVE:
	case TO_NEGATIVE:
		if (lost || positive != (line->polarity == TO_POSITIVE)) {
			line->polarity = line->polarity == TO_POSITIVE ? NEGATIVE : POSITIVE;
		} else if (after(line->polarity_at)) {
			line->polarity = positive ? POSITIVE : NEGATIVE;
			dahdi_qevent_lock(&port->chan, DAHDI_EVENT_POLARITY);
		}
		break;
	case POSITIVE:
	case NEGATIVE:
		if (!lost && positive != (line->polarity == POSITIVE)) {
			line->polarity = positive ? TO_POSITIVE : TO_NEGATIVE;
			line->polarity_at = now_ms + POLARITY_DEBOUNCE;
		}
		break;
	}
}

/* wctdm_voicedaa_check_hook (base.c:2177) */
static void look_at_line(struct port *port)
{
	int across = volts(port);

	if (!port->line.off_hook)
		detect_ring(port);
	if (port->chan.rxhooksig == DAHDI_RXSIG_INITIAL)
		port->line.battery = UNKNOWN;
	if (abs(across) < BATTERY_THRESHOLD)
		battery_lost(port);
	else
		battery_present(port);
	check_polarity(port, across);
}

/* wctdm_fxs_hooksig (base.c:2275) */
static void feed(struct port *port, enum dahdi_txsig what)
{
	struct telephone *one = &port->telephone;

	if (what == DAHDI_TXSIG_START)
		one->feed = RINGING;
	else if (what == DAHDI_TXSIG_KEWL)
		one->feed = OPEN;
	else
		one->feed = one->idle;
}

static void set_active(struct telephone *one)
{
	one->idle = reversed(one) ? ACTIVE_REV : ACTIVE_FWD;
}

/* wctdm_isr_misc_fxs, wctdm_fxs_off_hook and wctdm_fxs_on_hook (base.c:2340, 2378, 2459) */
static void look_at_telephone(struct port *port)
{
	struct telephone *one = &port->telephone;
	bool off_hook = looped(port);

	if (off_hook != one->off_hook) {
		if (off_hook && (one->feed == RINGING || one->feed == OHT_FWD || one->feed == OHT_REV))
			set_active(one);
		if (one->feed != OPEN)
			feed(port, off_hook ? DAHDI_TXSIG_OFFHOOK : DAHDI_TXSIG_ONHOOK);
		one->off_hook = off_hook;
		dahdi_hooksig(&port->chan, off_hook ? DAHDI_RXSIG_OFFHOOK : DAHDI_RXSIG_ONHOOK);
	}
	if (one->feed == RINGING) {
		one->transfer = true;
		one->transfer_until = now_ms + OHT_TIMER;
		one->idle = reversed(one) ? OHT_REV : OHT_FWD;
	} else if (one->transfer && (one->off_hook || after(one->transfer_until))) {
		one->transfer = false;
		set_active(one);
		if (one->feed == OHT_FWD || one->feed == OHT_REV)
			one->feed = one->idle;
	}
	WRITE_ONCE(lamp[port->chan.chanpos - 1], one->messages && (one->lamp_kind.vmwi_type & DAHDI_VMWI_HVAC) &&
						 !one->off_hook && one->feed != RINGING);
}

static int lab_hooksig(struct dahdi_chan *chan, enum dahdi_txsig txsig)
{
	struct port *port = container_of(chan, struct port, chan);

	if (port->fxo)
		port->line.off_hook = txsig == DAHDI_TXSIG_START || txsig == DAHDI_TXSIG_OFFHOOK;
	else
		feed(port, txsig);
	return 0;
}

/* Turn a pair's polarity to what is wanted now; one that rings or is open has none (base.c:3041, 3916) */
static void turn(struct telephone *one)
{
	one->idle = reversed(one) ? one->idle | REVERSED : one->idle & ~REVERSED;
	if (one->feed != RINGING && one->feed != OPEN)
		one->feed = reversed(one) ? one->feed | REVERSED : one->feed & ~REVERSED;
}

/* wctdm_ioctl of an FXS port (base.c:3729); the kinds of lamps are those of both drivers */
static int telephone_ioctl(struct telephone *one, unsigned int cmd, int value)
{
	switch (cmd) {
	case DAHDI_ONHOOKTRANSFER:
		set_active(one);
		if (one->feed == ACTIVE_FWD || one->feed == ACTIVE_REV)
			one->feed = reversed(one) ? OHT_REV : OHT_FWD;
		one->transfer_until = now_ms + value;
		one->transfer = true;
		return 0;
	case DAHDI_VMWI_CONFIG:
		one->lamp_kind.vmwi_type = value;
		break;
	case DAHDI_VMWI:
		if (value < 0)
			return -EFAULT;
		one->messages = value;
		break;
	case DAHDI_SETPOLARITY:
		if (one->feed == RINGING || one->feed == OPEN)
			return -EINVAL;
		one->reverse = value;
		break;
	default:
		return -ENOTTY;
	}
	one->message_reverse = one->messages && (one->lamp_kind.vmwi_type & DAHDI_VMWI_LREV);
	turn(one);
	return 0;
}

static int lab_ioctl(struct dahdi_chan *chan, unsigned int cmd, unsigned long data)
{
	struct port *port = container_of(chan, struct port, chan);
	struct wctdm_stats stats;
	unsigned long flags;
	int value, done;

	switch (cmd) {
	case WCTDM_GET_STATS:
		if (!port->fxo)
			return -EINVAL;
		stats.tipvolt = stats.ringvolt = stats.batvolt = volts(port) * 1000;
		return copy_to_user((void __user *)data, &stats, sizeof(stats)) ? -EFAULT : 0;
	case DAHDI_SET_HWGAIN:
		return 0;
	case DAHDI_ONHOOKTRANSFER:
	case DAHDI_VMWI_CONFIG:
	case DAHDI_VMWI:
	case DAHDI_SETPOLARITY:
		if (port->fxo)
			return -EINVAL;
		if (get_user(value, (int __user *)data))
			return -EFAULT;
		spin_lock_irqsave(&registers, flags);
		done = telephone_ioctl(&port->telephone, cmd, value);
		spin_unlock_irqrestore(&registers, flags);
		return done;
	default:
		return -ENOTTY;
	}
}

static const struct dahdi_span_ops ops = {
	.owner = THIS_MODULE,
	.hooksig = lab_hooksig,
	.ioctl = lab_ioctl,
};

/* Whether sound passes a pair: to a telephone that is on-hook only while its port is asked to let it */
static bool passes(const struct port *fxo, bool to_fxo)
{
	int feed = fxo->far->telephone.feed;

	if (READ_ONCE(cut[fxo->pair]) || feed == OPEN || feed == RINGING)
		return false;
	return fxo->line.off_hook || (to_fxo && (feed == OHT_FWD || feed == OHT_REV));
}

/* Bring a chunk to a port; the pair is analog, so each end has a law of its own */
static void receive(struct port *port)
{
	struct dahdi_chan *to = &port->chan, *from = &port->far->chan;
	bool sound = passes(port->fxo ? port : port->far, port->fxo);
	int i;

	for (i = 0; i < DAHDI_CHUNKSIZE; i++)
		to->readchunk[i] = DAHDI_LIN2X(sound ? DAHDI_XLAW(from->writechunk[i], from) : 0, to);
}

/* The card's interrupt, each ms: handle_transmit (base.c:2576) */
static void tick(void)
{
	unsigned long flags;
	int i;

	dahdi_transmit(&span);
	for (i = 0; i < PORTS; i++)
		receive(&ports[i]);
	dahdi_ec_span(&span);
	dahdi_receive(&span);
	for (i = 0; i < PORTS; i++) {
		spin_lock_irqsave(&registers, flags);
		if (ports[i].fxo)
			look_at_line(&ports[i]);
		else
			look_at_telephone(&ports[i]);
		spin_unlock_irqrestore(&registers, flags);
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

/* wctdm_init_chan and fixup_analog_span (base.c:4430, 4570) */
static void make_port(int number)
{
	struct port *port = &ports[number];

	snprintf(port->chan.name, sizeof(port->chan.name), "LABTDM/0/%d", number);
	port->chan.chanpos = number + 1;
	port->chan.span = &span;
	port->chan.pvt = port;
	port->pair = number / 2;
	port->far = &ports[number ^ 1];
	port->fxo = number == 0 || number == 3;
	port->chan.sigcap = port->fxo ? DAHDI_SIG_FXSKS | DAHDI_SIG_FXSLS | DAHDI_SIG_SF | DAHDI_SIG_CLEAR :
					DAHDI_SIG_FXOKS | DAHDI_SIG_FXOLS | DAHDI_SIG_FXOGS | DAHDI_SIG_SF |
					DAHDI_SIG_EM | DAHDI_SIG_CLEAR;
	port->telephone.feed = port->telephone.idle = ACTIVE_FWD;
	chans[number] = &port->chan;
}

static int __init lab_init(void)
{
	int i, failed;

	slot = platform_device_register_simple("busyhour_lab_analog", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	card = dahdi_create_device();
	if (!card) {
		platform_device_unregister(slot);
		return -ENOMEM;
	}
	card->manufacturer = "Busyhour";
	card->location = "lab";
	card->devicetype = "Lab card, two FXO and two FXS";
	snprintf(span.name, sizeof(span.name), "LABTDM/0");
	snprintf(span.desc, sizeof(span.desc), "Busyhour lab analog card");
	span.spantype = SPANTYPE_ANALOG_MIXED;
	span.deflaw = DAHDI_LAW_MULAW;
	span.flags = DAHDI_FLAG_RBS;
	span.channels = PORTS;
	span.chans = chans;
	span.ops = &ops;
	for (i = 0; i < PORTS; i++)
		make_port(i);
	list_add_tail(&span.device_node, &card->spans);
	failed = dahdi_register_device(card, &slot->dev);
	if (failed) {
		dahdi_free_device(card);
		platform_device_unregister(slot);
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
	dahdi_free_device(card);
	platform_device_unregister(slot);
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_DESCRIPTION("Busyhour's lab card of two FXO and two FXS ports");
MODULE_LICENSE("GPL");
