"""Numbers of channels as people and dahdi_cfg write them."""

from collections.abc import Iterable


def ranges(numbers: Iterable[int]) -> str:
    """Return numbers as dahdi_cfg reads them: `1-4,7`."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and parts[-1][-1] == number - 1:
            parts[-1][-1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
