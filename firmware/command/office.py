"""`busyhour office`: be a caller at the simulated central office, or at a plain telephone; look at lines and spans."""

import argparse
import asyncio
import contextlib
import math
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from drivers.link.errors import DriverError
from drivers.link.office import (
    Battery,
    Behaviour,
    CallerIdKind,
    CallerIdStart,
    DialDigits,
    Fault,
    Handset,
    IsdnVariant,
    LineStatus,
    Order,
    Parallel,
    PlaceCall,
    Progress,
    R2Variant,
    Recall,
    Report,
    Silence,
    SpanFault,
    SpanStatus,
    SpanVariant,
    Subscriber,
    TelephoneStatus,
)
from drivers.link.office_client import OfficeClient, OfficeError, OfficeGone
from firmware.command.terminal import DONE, FAILED, Terminal, printable
from firmware.errors import Refused, Unavailable


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> argparse.ArgumentParser:
    """Add `office` and its own subcommands; `run` carries out what was parsed."""
    office: argparse.ArgumentParser = subparsers.add_parser(
        "office", help="the simulated central office: call the box from outside, see its lines and spans"
    )
    office.set_defaults(run=run)
    commands = office.add_subparsers(dest="office_command", required=True, metavar="COMMAND")
    _add_call(commands.add_parser("call", help="call the box: listen, press, speak, hang up, report"))
    for name, text in (
        ("lines", "the lines as the office sees them"),
        ("spans", "the digital spans as the office sees them"),
        ("calls", "calls the box made"),
    ):
        commands.add_parser(name, help=text)
    commands.add_parser("telephones", help="the plain telephones in ports of the box, and what is heard there")
    handset = commands.add_parser("handset", help="lift the receiver of a telephone, put it down, or press its hook")
    handset.add_argument("port", type=int, metavar="PORT")
    handset.add_argument("act", choices=("lift", "put_down", "flash"))
    dial = commands.add_parser("dial", help="dial at a telephone whose receiver is lifted")
    dial.add_argument("port", type=int, metavar="PORT")
    dial.add_argument("digits", metavar="KEYS", help="0-9 * # A-D, a comma waits a second")
    dial.add_argument("--pulse", action="store_true", help="by breaks of the loop, as a dial does")
    subscriber = commands.add_parser("subscriber", help="let a number the box may call behave so")
    subscriber.add_argument("number", metavar="NUMBER")
    subscriber.add_argument("behaviour", choices=get_args(Behaviour))
    subscriber.add_argument("--after", type=_finite, default=6.0, metavar="S", help="answer after so long (default 6)")
    subscriber.add_argument(
        "--announced", type=_finite, default=0.0, metavar="S", help="over a span: be heard for so long before it rings"
    )
    subscriber.add_argument("--talk", type=_finite, metavar="S", help="hang up so long after the answer")
    subscriber.add_argument("--voice", choices=("echo", "tone", "file", "silence"), default="echo")
    subscriber.add_argument("--tone", type=_finite, default=1000.0, metavar="HZ", help="of the voice `tone`")
    subscriber.add_argument("--play", default="", metavar="FILE", help="of the voice `file`: WAV, mono, 8 kHz, 16 bit")
    subscriber.add_argument("--record", default="", metavar="FILE", help="write what is heard (WAV)")
    silence = commands.add_parser("silence", help="a fault: let a line carry silence instead of sound")
    silence.add_argument("line", type=int, metavar="LINE")
    silence.add_argument("state", choices=("on", "off"))
    silence.add_argument("--direction", choices=("to_box", "from_box", "both"), default="both")
    battery = commands.add_parser("battery", help="a fault: cut a line (off), or make it whole again (on)")
    battery.add_argument("line", type=int, metavar="LINE")
    battery.add_argument("state", choices=("on", "off"))
    recall = commands.add_parser("recall", help="have a flash on a line hold the talk and give dial tone")
    recall.add_argument("line", type=int, metavar="LINE")
    recall.add_argument("state", choices=("on", "off"))
    parallel = commands.add_parser(
        "parallel", help="lift the receiver of another telephone on a line's own pair, or put it down"
    )
    parallel.add_argument("line", type=int, metavar="LINE")
    parallel.add_argument("act", choices=("lift", "put_down"))
    _add_fault(commands.add_parser("fault", help="all that is wrong with a line from now on"))
    span = commands.add_parser("span-fault", help="all that is wrong with a digital span from now on")
    span.add_argument("--span", type=int, required=True, metavar="N", help="which span")
    span.add_argument("--no-dchannel", action="store_true", help="no frame of its signalling arrives anywhere")
    span.add_argument("--alarm", choices=("red", "blue", "yellow"), default="", help="what the box sees on its wire")
    span.add_argument("--loop-plug", action="store_true", help="a loop plug is in its socket: all comes back")
    span.add_argument(
        "--loop", type=int, action="append", default=[], metavar="CHANNEL", help="the carrier loops this channel back"
    )
    span.add_argument(
        "--bit-errors", type=float, default=0.0, metavar="RATIO", help="of what is looped: one bit in so many is wrong"
    )
    span.add_argument("--no-joins", action="store_true", help="the office joins no two calls of the box")
    variant = commands.add_parser("span-variant", help="what a digital span speaks; configure the box for it, too")
    variant.add_argument("span", type=int, metavar="SPAN")
    variant.add_argument("variant", choices=(*get_args(IsdnVariant), *get_args(R2Variant)))
    return office


def _add_fault(fault: argparse.ArgumentParser) -> None:
    fault.add_argument("--line", type=int, required=True, metavar="N", help="which line")
    fault.add_argument("--no-battery", action="store_true", help="the line is cut")
    tone = fault.add_mutually_exclusive_group()
    tone.add_argument("--no-dial-tone", action="store_true", help="whoever seizes the line hears nothing")
    tone.add_argument("--dial-tone", type=_finite, metavar="HZ", help="a steady tone of this frequency instead")
    fault.add_argument(
        "--busy-hz", type=_finite, nargs="+", default=(), metavar="HZ", help="of another busy tone; with --busy-ms"
    )
    fault.add_argument(
        "--busy-ms", type=int, nargs="+", default=(), metavar="MS", help="its on and off in turns; alone: there is none"
    )
    fault.add_argument(
        "--break-ms", type=int, default=0, metavar="MS", help="a break of the battery tells that the far end hung up"
    )
    fault.add_argument("--no-caller-id", action="store_true", help="no caller's number is told")
    fault.add_argument("--no-keys", action="store_true", help="digits are taken by dial pulses alone")
    fault.add_argument("--echo", type=_finite, metavar="DB", help="the box's sound comes back so much weaker, 0 to 60")
    fault.add_argument("--noise", type=_finite, metavar="DBM0", help="white noise of this level, -70 to 0")


def _add_call(call: argparse.ArgumentParser) -> None:
    way = call.add_mutually_exclusive_group(required=True)
    way.add_argument("--line", type=int, metavar="N", help="which line to call")
    way.add_argument("--span", type=int, metavar="N", help="over which digital span to call")
    call.add_argument("--to", default="", metavar="NUMBER", help="with --span: the number called")
    call.add_argument("--from", dest="number", default="", metavar="NUMBER", help="the caller's number")
    call.add_argument("--name", default="", metavar="NAME", help="the caller's name, with FSK")
    call.add_argument("--withheld", action="store_true", help="the number is withheld from the called")
    call.add_argument("--caller-id", choices=get_args(CallerIdKind), default="fsk", help="how the number goes")
    call.add_argument(
        "--caller-id-start", choices=[start for start in get_args(CallerIdStart) if start], default="",
        help="it comes after the first ring; or before, after a dual tone, short ring, reversed polarity or nothing",
    )  # fmt: skip
    call.add_argument("--wait", type=_finite, default=1.0, metavar="S", help="from answer to first key (default 1)")
    call.add_argument("--digits", default="", metavar="KEYS", help="keys to press: 0-9 * # A-D, a comma waits a second")
    sound = call.add_mutually_exclusive_group()
    sound.add_argument("--play", default="", metavar="FILE", help="then say this: WAV, mono, 8 kHz, 16 bit")
    sound.add_argument("--tone", type=_finite, metavar="HZ", help="then sound this tone until the end")
    sound.add_argument("--fax", action="store_true", help="then beep as a fax machine that calls")
    call.add_argument(
        "--hold", type=_finite, metavar="S", help="hang up so long after that (default: stay until busy tone is heard)"
    )
    call.add_argument("--ring-for", type=_finite, default=60.0, metavar="S", help="give up unanswered (default 60)")
    call.add_argument("--record", default="", metavar="FILE", help="write all that is heard (WAV)")


def _finite(text: str) -> float:
    """Return a number; argparse names the argument and the text when it is none."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def run(args: argparse.Namespace) -> int:
    """Carry out a parsed `office` command; return the exit code. A call that was not answered is a failure.

    Raises Refused, with the office's own code, and Unavailable where there is no office.
    """
    try:
        return asyncio.run(_run(args, args.terminal))
    except OfficeGone as error:
        raise Unavailable(str(error)) from error
    except DriverError as error:
        refused = Refused(str(error))
        refused.code = error.code
        raise refused from error


async def _run(args: argparse.Namespace, terminal: Terminal) -> int:
    async with await OfficeClient.connect(terminal.home) as office:
        if args.office_command == "call":
            return await _call(office, args, terminal)
        if args.office_command == "lines":
            lines = await office.lines()
            return terminal.show(
                lines, lambda: (f"{line.line:3}  {line.state:<10}  {_conditions(line)}" for line in lines)
            )
        if args.office_command == "spans":
            spans = await office.spans()
            return terminal.show(spans, lambda: (text for span in spans for text in _span(span)))
        if args.office_command == "calls":
            calls = await office.calls()
            return terminal.show(calls, lambda: (text for call in calls for text in _summary(call)))
        if args.office_command == "telephones":
            telephones = await office.telephones()
            return terminal.show(telephones, lambda: map(_telephone, telephones))
        order = _order(args)
        await office.request(args.office_command.replace("-", "_"), order)
        return terminal.show(order, lambda: ())


def _order(args: argparse.Namespace) -> Order:
    if args.office_command == "handset":
        return Handset(port=args.port, act=args.act)
    if args.office_command == "dial":
        return DialDigits(port=args.port, digits=args.digits, pulse=args.pulse)
    if args.office_command == "silence":
        return Silence(line=args.line, direction=args.direction, on=args.state == "on")
    if args.office_command == "battery":
        return Battery(line=args.line, on=args.state == "on")
    if args.office_command == "recall":
        return Recall(line=args.line, on=args.state == "on")
    if args.office_command == "parallel":
        return Parallel(line=args.line, act=args.act)
    if args.office_command == "span-fault":
        return SpanFault(
            span=args.span, dchannel=not args.no_dchannel, alarm=args.alarm, plug=args.loop_plug,
            looped=tuple(args.loop), bit_errors=args.bit_errors,
            joins=not args.no_joins,
        )  # fmt: skip
    if args.office_command == "span-variant":
        return SpanVariant(span=args.span, variant=args.variant)
    if args.office_command == "fault":
        return Fault(
            line=args.line, battery=not args.no_battery, dial_tone=not args.no_dial_tone, dial_tone_hz=args.dial_tone,
            noise_dbm0=args.noise, echo_db=args.echo, busy_hz=tuple(args.busy_hz), busy_ms=tuple(args.busy_ms),
            break_ms=args.break_ms, caller_id=not args.no_caller_id, keys=not args.no_keys,
        )  # fmt: skip
    return Subscriber(
        number=args.number,
        behaviour=args.behaviour,
        answer_after_s=args.after,
        announced_s=args.announced,
        talk_s=args.talk,
        voice=args.voice,
        tone_hz=args.tone,
        play=_absolute(args.play),
        record=_absolute(args.record),
    )


async def _call(office: OfficeClient, args: argparse.Namespace, terminal: Terminal) -> int:
    order = PlaceCall(
        line=args.line,
        span=args.span,
        to=args.to,
        number=args.number,
        name=args.name,
        withheld=args.withheld,
        caller_id=args.caller_id,
        caller_id_start=args.caller_id_start,
        wait_s=args.wait,
        digits=args.digits,
        play=_absolute(args.play),
        tone_hz=args.tone,
        fax=args.fax,
        hold_s=args.hold,
        ring_for_s=args.ring_for,
        record=_absolute(args.record),
    )
    call = await office.call(order)
    loop = asyncio.get_running_loop()
    hanging_up: list[asyncio.Task[None]] = []

    async def hang_up() -> None:
        with contextlib.suppress(OfficeError):  # it ended at this very moment
            await call.hang_up()

    loop.add_signal_handler(signal.SIGINT, lambda: hanging_up.append(loop.create_task(hang_up())))
    if not terminal.json:
        terminal.print(_told(call.progress[0]))
    async for event in call.events():
        if not terminal.json:
            terminal.print(_told(event))
    report = await call.report()
    terminal.show(report, lambda: ("", *_summary(report)))
    return DONE if report.outcome == "answered" else FAILED


def _told(event: Progress) -> str:
    return f"{event.at_s:8.2f} s  {event.event} {printable(event.detail)}".rstrip()


def _span(span: SpanStatus) -> Iterator[str]:
    words = [
        f"r2 {span.r2}" if span.variant == "r2" else span.variant,
        *(["no board"] if not span.board else ["up" if span.up else "down"]),
        *([] if span.dchannel else ["no bits" if span.variant == "r2" else "no D-channel"]),
        *([f"{span.alarm} alarm"] if span.alarm else []),
        *(["loop plug"] if span.plug else []),
        *([f"looped: {' '.join(map(str, span.looped))}"] if span.looped else []),
        *([f"messages wait for {', '.join(span.waiting)}"] if span.waiting else []),
        *([f"{span.wrong_bits} wrong bits put in"] if span.wrong_bits else []),
        *([] if span.joins else ["joins no calls"]),
        *([f"{span.joined} pairs joined"] if span.joined else []),
    ]
    yield f"{span.span:3}  {span.side:<8}  {', '.join(words)}"
    for slot, state in sorted(span.calls.items()):
        yield f"     channel {slot:2}  {state}"


def _conditions(line: LineStatus) -> str:
    words = [
        "off-hook" if line.loop_closed else "on-hook",
        *(["ringing"] if line.ring else []),
        *([] if line.battery else ["no battery"]),
        *(["another telephone off-hook"] if line.parallel else []),
        *([] if line.dial_tone else ["no dial tone"]),
        *([] if line.dial_tone_hz is None else [f"dial tone of {line.dial_tone_hz:g} Hz"]),
        *([] if line.noise_dbm0 is None else [f"noise of {line.noise_dbm0:g} dBm0"]),
        *([] if line.caller_id else ["no caller id"]),
        *([] if line.keys else ["no keys"]),
        *(["no board"] if not line.board else []),
        *(f"silenced {direction}" for direction in line.silenced),
        *([line.call] if line.call else []),
    ]
    return ", ".join(words)


def _telephone(telephone: TelephoneStatus) -> str:
    shown = telephone.shown
    words = [
        "lifted" if telephone.lifted else "down",
        *(["ringing"] if telephone.ringing else []),
        *([f"{telephone.tone} tone"] if telephone.tone else []),
        *([f"shows {printable(shown.number)} {printable(shown.name)}".rstrip()] if shown else []),
    ]
    return f"{telephone.port:3}  {', '.join(words)}"


def _summary(report: Report) -> Iterator[str]:
    ended = "under way" if report.ended_s is None else f"ended at {report.ended_s:.2f} s by the {report.ended_by}"
    answered = "" if report.answered_s is None else f" at {report.answered_s:.2f} s"
    heard = report.heard
    way = f"span {report.span}" if report.span else f"line {report.line}"
    yield f"{way}, {report.number or 'no number'}: {report.outcome}{answered}, {ended}"
    for tone in heard.tones:
        yield f"  tone     {tone.start_s:7.2f} - {tone.end_s:7.2f} s  {tone.name}"
    for span in heard.silences:
        yield f"  silence  {span.start_s:7.2f} - {span.end_s:7.2f} s"
    for key in heard.digits:
        yield f"  key      {key.at_s:7.2f} s            {key.digit}"
    for second in heard.seconds:
        peaks = "  ".join(f"{peak.hz:.0f} Hz" for peak in second.frequencies)
        yield f"  level    {second.at_s:7.2f} s  {second.level_dbm0:6.1f} dBm0  {peaks}".rstrip()


def _absolute(path: str) -> str:
    return str(Path(path).absolute()) if path else ""
