"""SIP as text on a browser's own WebSocket (RFC 7118): Chromium does TLS, the handshake and the frames."""

import re
import time
from typing import Any

from playwright.sync_api import Page

from tests.peers.wire import Message, Peer

OPEN = """([url, protocol]) => new Promise((opened, failed) => {
  window.came = []; window.closed = null;
  window.telephone = new WebSocket(url, protocol);
  window.telephone.onmessage = (event) => window.came.push(event.data);
  window.telephone.onopen = () => opened(window.telephone.protocol);
  window.telephone.onclose = (event) => { window.closed = event.code; failed(`closed with ${event.code}`); };
})"""


class BrowserPeer(Peer):
    """A telephone in a page. Its Via and Contact are what a browser, which knows no address of its own, can say."""

    def __init__(self, page: Page, server: tuple[str, int], *, path: str = "/sip", protocol: str = "sip") -> None:
        self.server, self.tcp, self.transport, self.page = server, True, "wss", page
        self.protocol = page.evaluate(OPEN, [f"wss://{server[0]}:{server[1]}{path}", protocol])
        self.host, self.port, self.via = "a1b2c3.invalid", 0, "a1b2c3.invalid"
        self.uri = "sip:x@a1b2c3.invalid;transport=ws"

    def __exit__(self, *error: Any) -> None:
        """Hang up the WebSocket."""
        self.page.evaluate("() => window.telephone.close()")

    def send(self, text: str, to: tuple[str, int] | None = None) -> None:
        """Send one message, its line ends made CR LF."""
        self.page.evaluate("(text) => window.telephone.send(text)", re.sub("\r?\n", "\r\n", text))

    def receive(self, timeout_s: float = 3.0) -> Message | None:
        """Return the next message, or None when none comes in time."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            text = self.page.evaluate("() => window.came.shift() ?? null")
            if text and text.strip():
                return Message(text, self.server)
            self.page.wait_for_timeout(20)
        return None
