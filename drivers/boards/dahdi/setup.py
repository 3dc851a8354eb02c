"""What DAHDI must be told of the boards before their channels work: the system.conf of `dahdi_cfg`."""

import asyncio
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from drivers.boards.ranges import ranges
from drivers.link.errors import DriverError, WrongState
from drivers.link.messages import SpanSetting
from native.dahdi import Channel, Signalling, Span

TOOL = "dahdi_cfg"
SBIN = ("/usr/sbin", "/sbin")  # where Debian has it, and few users look
LIMIT_S = 30.0
ECHO = "oslec"
SIGNALLING_SLOT = 16
BLOCKED = "1101"        # what R2's far end is sent until we are there (ITU-T Q.421)
FXO_DRIVERS = ("opvxa1200", "wcaxx", "wctdm", "wctdm24xxp")  # that have `opermode` as a word (DAHDI 2.11.1)
E1_DRIVERS = ("wct4xxp", "wcte12xp", "wcte13xp", "wcte43x")  # some are T1 unless they are told
SYSTEM_CONF = Path("/etc/dahdi/system.conf")


def is_line(channel: Channel) -> bool:
    """Say whether the channel is an FXO port: an analog line from the central office can be plugged in there."""
    return _can(channel, Signalling.FXSKS) and not _can(channel, Signalling.FXOKS)


def is_telephone(channel: Channel) -> bool:
    """Say whether the channel is an FXS port: a telephone can be plugged in there."""
    return _can(channel, Signalling.FXOKS) and not _can(channel, Signalling.FXSKS)


def _can(channel: Channel, signalling: Signalling) -> bool:
    return not channel.broken and channel.capable & signalling == signalling


def system_conf(spans: dict[int, Span], channels: Iterable[Channel], country: str, echo: str = ECHO) -> str:
    """Return the file for the analog ports that were found; `echo` "" is for none.

    Digital spans are left as they are: their framing and signalling is the carrier's (`span_conf`).
    """
    return "".join(f"{line}\n" for line in _lines(spans, list(channels), country, echo))


def by_hand(number: int, path: Path = SYSTEM_CONF) -> bool:
    """Say whether an administrator's own file sets a span up: that stays, whatever our configuration has."""
    try:
        text = path.read_text(errors="replace")
    except FileNotFoundError:
        return False
    return re.search(rf"^\s*span\s*=\s*{number}\s*,", text, re.MULTILINE) is not None


def span_conf(setting: SpanSetting, channels: Iterable[Channel], country: str, echo: str = ECHO) -> str:
    """Return the file for one E1 as the configuration has it: its wire, its D-channel or its bits, and its channels.

    `clock` of the setting is its priority on its card. WrongState: so few channels are those of no E1.
    """
    own = {channel.position: channel for channel in channels if channel.span == setting.number}
    if SIGNALLING_SLOT not in own:
        raise WrongState(f"span {setting.number} has {len(own)} channels and is no E1")
    bearers = [own[slot].number for slot in setting.slots if slot in own]
    if setting.signalling == "r2":
        framing, used = "cas", [f"cas={ranges(bearers)}:{BLOCKED}"]
        heard = bearers
    else:
        signalling = own[SIGNALLING_SLOT].number
        framing, used = "ccs", [f"bchan={ranges(bearers)}", f"dchan={signalling}"]
        heard = [*bearers, signalling]
    wire = ",".join([framing, setting.coding, *(["crc4"] if setting.crc4 else [])])
    lines = [
        "# Written by Busyhour from its configuration; changed here, it is overwritten.",
        f"span={setting.number},{setting.clock},0,{wire}",
        *used,
        f"alaw={ranges(heard)}",
        *([f"echocanceller={echo},{ranges(bearers)}"] if echo else []),
        f"loadzone={country}",
        f"defaultzone={country}",
    ]
    return "".join(f"{line}\n" for line in lines)


def module_options(opermode: str) -> str:
    """Return the file for /etc/modprobe.d by which the drivers of FXO ports take a country's impedance and loop.

    Those of digital cards learn by it that spans are E1. They take it when they are loaded, for all their cards, and
    tell it to root alone: what we write is for people.
    """
    lines = [
        "# Written by Busyhour: what the drivers of cards should be loaded with in the country that is configured.",
        "# Copy it to /etc/modprobe.d/busyhour.conf, and load the driver or start the machine anew, outside calls.",
        *(f"options {driver} opermode={opermode}" for driver in FXO_DRIVERS if opermode),
        *(f"options {driver} default_linemode=e1" for driver in E1_DRIVERS),
    ]
    return "".join(f"{line}\n" for line in lines)


def _lines(spans: dict[int, Span], channels: list[Channel], country: str, echo: str) -> Iterator[str]:
    yield "# Written by Busyhour from what the drivers found; changed here, it is overwritten."
    lines = [channel.number for channel in channels if is_line(channel)]
    telephones = [channel.number for channel in channels if is_telephone(channel)]
    for number in sorted(spans):
        span = spans[number]
        yield f"# span {number}: {span.device or span.description}, {span.channels} channels".replace("\n", " ")
    if lines:
        yield f"fxsks={ranges(lines)}"
    if telephones:
        yield f"fxoks={ranges(telephones)}"
    if echo and lines + telephones:
        yield f"echocanceller={echo},{ranges(sorted(lines + telephones))}"
    yield f"loadzone={country}"
    yield f"defaultzone={country}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


async def configure(path: Path, text: str) -> None:
    """Write the file and let dahdi_cfg carry it out; DriverError says what it said. Never to be done during calls."""
    await asyncio.to_thread(_write, path, text)
    path_of_programs = os.pathsep.join((os.environ.get("PATH", os.defpath), *SBIN))
    try:
        tool = await asyncio.create_subprocess_exec(
            TOOL, "-c", os.fspath(path), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT, env=os.environ | {"PATH": path_of_programs},
        )
    except OSError as error:
        raise DriverError(f"{TOOL} of Debian's package dahdi is wanted: {error.strerror}") from error
    try:
        said, _ = await asyncio.wait_for(tool.communicate(), LIMIT_S)
    except TimeoutError as error:
        tool.kill()
        await tool.wait()
        raise DriverError(f"{TOOL} -c {path} did not end within {LIMIT_S:g} s") from error
    if tool.returncode:
        raise DriverError(f"{TOOL} -c {path}: {said.decode(errors='replace').strip() or tool.returncode}")
