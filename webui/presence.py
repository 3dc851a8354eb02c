"""Whether somebody whose page stays open is still signed in: the exchange hangs up on us when they are not."""

from typing import Any

from firmware.control.client import Client
from firmware.errors import BusyhourError, Unavailable
from webui.visitor import Connect


class Presence:
    """A session, watched by a connection that the exchange has bound to it."""

    def __init__(self, connect: Connect, token: str, client: Client) -> None:
        """`client` has taken up the session; it is ours from now on."""
        self._connect, self._token = connect, token
        self._client: Client | None = client

    def here(self) -> bool:
        """Tell whether the session goes on. While the exchange is dead it does: there is no news to hide."""
        try:
            if self._client is None:
                self._client = self._connect()
                self._client.call("session.resume", token=self._token, watching=True)
            self._client.check()
        except Unavailable:
            self.close()
        except BusyhourError:
            self.close()
            return False
        return True

    def ask(self, method: str, **params: Any) -> Any:
        """Return what the exchange answers to whose session it is. Raises Unavailable, also while it is dead."""
        if self._client is None:
            raise Unavailable("the exchange does not answer")
        return self._client.call(method, **params)

    def close(self) -> None:
        """Let go of the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None
