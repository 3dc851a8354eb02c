"""Who is told when something ends: a session, a token."""

from collections.abc import Callable


class Watchers:
    """Callbacks by the id of what they wait for."""

    def __init__(self) -> None:
        self._of: dict[str, dict[Callable[[], None], None]] = {}

    def watch(self, what: str, ended: Callable[[], None]) -> Callable[[], None]:
        """Be told, soon after, when it ends; what is returned ends the watch."""
        self._of.setdefault(what, {})[ended] = None

        def leave() -> None:
            watchers = self._of.get(what, {})
            watchers.pop(ended, None)
            if not watchers:
                self._of.pop(what, None)

        return leave

    def tell(self, what: str) -> None:
        """Tell all who wait for this one, once."""
        for ended in tuple(self._of.pop(what, {})):
            ended()
