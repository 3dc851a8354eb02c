"""What is wrong with a flow whose every part is right by itself."""

from collections.abc import Iterator

from firmware.config.schema import Config
from firmware.errors import Problem


def check(config: Config) -> Iterator[Problem]:
    """Yield flows that would let a caller wait for keys in silence, or repeat a menu there is not."""
    for index, flow in enumerate(config.flows):
        path = f"flows[{index}]"
        if flow.keys and not flow.menu and not flow.greeting:
            yield Problem(
                f"{path}.menu", flow.menu, "a sound that says the keys is right; callers would hear nothing", "no-menu"
            )
        for key, choice in flow.keys.items():
            if choice.to == "repeat" and not flow.menu:
                yield Problem(
                    f"{path}.keys.{key}.to",
                    choice.to,
                    "a destination is right; there is no menu to repeat",
                    "nothing-to-repeat",
                )
