"""By what calls come in and go out: lines, SIP trunks, and the trunk groups of digital spans, as they are named."""

from firmware.config.schema import Config
from firmware.config.spans import Group
from firmware.config.trunk import Trunk


def names(config: Config) -> list[str]:
    """Return all of them: `line:1`, `trunk:carrier`."""
    return [f"line:{line.number}" for line in config.lines] + [f"trunk:{one.name}" for one in trunks(config)]


def trunks(config: Config) -> list[Trunk | Group]:
    """Return what is called a trunk: those by SIP, and groups of channels."""
    return [*config.trunks, *config.groups]


def trunk(config: Config, name: str) -> Trunk | Group | None:
    """Return the trunk of a name."""
    return next((one for one in trunks(config) if one.name == name), None)


def numbers(config: Config) -> list[str]:
    """Return the numbers that carriers gave us with their trunks, each once."""
    return list(dict.fromkeys(number for one in trunks(config) for number in one.numbers))
