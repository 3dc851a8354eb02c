"""What DAHDI must be told of the boards before their channels work: the system.conf of `dahdi_cfg`."""

import asyncio
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from drivers.link.errors import DriverError
from native.dahdi import Channel, Signalling, Span

TOOL = "dahdi_cfg"
LIMIT_S = 30.0
ECHO = "oslec"


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

    Digital spans are left as they are: their framing and signalling is the carrier's, and cannot be found out.
    """
    return "".join(f"{line}\n" for line in _lines(spans, list(channels), country, echo))


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


def ranges(numbers: Iterable[int]) -> str:
    """Return numbers as dahdi_cfg reads them: `1-4,7`."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and parts[-1][-1] == number - 1:
            parts[-1][-1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


async def configure(path: Path, text: str) -> None:
    """Write the file and let dahdi_cfg carry it out; DriverError says what it said. Never to be done during calls."""
    await asyncio.to_thread(_write, path, text)
    path_of_programs = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
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
