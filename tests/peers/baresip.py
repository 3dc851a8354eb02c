"""A real SIP telephone for the tests: baresip with a sound file as its microphone and one as its loudspeaker."""

import contextlib
import json
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.peers.ports import free_port

CONFIG = """\
poll_method epoll
sip_listen {listen}
{network}{certificate}snd_path {folder}
audio_source aufile,{says}
audio_alert aufile,{alert}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_level no
call_local_timeout 120
call_max_calls 4
rtp_stats no
rtp_timeout 0
module_path /usr/lib/baresip/modules
module stdio.so
module g711.so
module g722.so
module opus.so
module srtp.so
module aufile.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""
# What brings SDP in baresip's trace of all SIP messages, its lines as Python reads them
OFFER = re.compile(r"^INVITE [^\n]*\n(?:[^\n]+\n)+\n(v=0\n(?:[a-z]=[^\n]*\n)+)", re.MULTILINE)
ANSWER = re.compile(r"^SIP/2\.0 200 [^\n]*\n(?:[^\n]+\n)+\n(v=0\n(?:[a-z]=[^\n]*\n)+)", re.MULTILINE)


class Phone:
    """A telephone registered at `server` as `number`; its user speaks the WAV `says` and hears the WAV `heard`.

    As a context manager it is switched on, registered, and switched off at the end. With `answer_s` it picks up by
    itself after so many seconds; without, `answer()` does. One that does not register (`registers`) is a carrier's.
    It shows its `certificate` (PEM, with the key) to who comes by TLS, at the port above its own.
    One that is `traced` can tell what it `sent`, and what was `offered` and `agreed`.
    """

    def __init__(
        self, folder: Path, server: str, number: str, secret: str, says: Path, *, transport: str = "udp",
        address: str = "127.0.0.1", answer: bool = False, codecs: str = "pcma,pcmu", options: str = "",
        registers: bool = True, traced: bool = False,
        certificate: Path | None = None,
    ) -> None:
        self.folder, self.number, self.server, self.registers = folder, number, server, registers
        self._options = ["-s"] if traced else []
        folder.mkdir(parents=True, exist_ok=True)
        self._control_port = free_port()
        ipv6 = ":" in address
        self.address = f"{f'[{address}]' if ipv6 else address}:{free_port(address, next_too=True)}"  # and TLS
        shown = f"sip_certificate {certificate}\n" if certificate else ""
        (folder / "config").write_text(CONFIG.format(
            listen=self.address, network=f"net_interface {address}\n" if ipv6 else "", certificate=shown,
            folder=folder, says=says, alert=folder / "alert.wav", control=self._control_port,
        ))
        mode = "auto" if answer else "manual"
        (folder / "accounts").write_text(
            f"<sip:{number}@{server};transport={transport}>;auth_user={number};auth_pass={secret};answermode={mode}"
            f";regint={60 if registers else 0};audio_codecs={codecs};ptime=20{options}\n"
        )
        (folder / "contacts").write_text("")
        self.events: list[dict[str, Any]] = []
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        """Switch on, and wait until registered."""
        self.switch_on()
        if self.registers:
            self.wait_registered()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Switch off."""
        self.switch_off()

    def switch_on(self) -> None:
        """Start the telephone; it registers by itself."""
        self._log = (self.folder / "baresip.log").open("w")
        self.process = subprocess.Popen(
            ["baresip", "-f", str(self.folder), *self._options], stdin=subprocess.DEVNULL, stdout=self._log,
            stderr=self._log, cwd=self.folder,
        )
        with contextlib.suppress(PermissionError):  # a telephone is a machine of its own, whatever else works here
            os.sched_setscheduler(self.process.pid, os.SCHED_RR, os.sched_param(1))
        deadline = time.monotonic() + 15
        while True:
            try:
                self._socket = socket.create_connection(("127.0.0.1", self._control_port), timeout=1)
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self.folder / "baresip.log").read_text()) from None
                time.sleep(0.02)
        self._socket.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()

    def wait_registered(self, timeout_s: float = 15) -> None:
        """Wait until a REGISTER was answered with 200: it often is before anybody listens to the control port."""
        deadline = time.monotonic() + timeout_s
        while " 200 OK (" not in (said := (self.folder / "baresip.log").read_text(errors="replace")):
            if time.monotonic() > deadline:
                raise TimeoutError(f"telephone {self.number} is not registered: {said}")
            time.sleep(0.02)

    def switch_off(self) -> None:
        """End the process; it deregisters and closes its sound files."""
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._socket.close()
        self._log.close()

    def kill(self) -> None:
        """Pull the plug: no deregistration, no BYE."""
        self.process.kill()
        self.process.wait()

    def _read(self) -> None:
        data = b""
        while True:
            try:
                more = self._socket.recv(65536)
            except OSError:
                return
            if not more:
                return
            data += more
            while b":" in data:
                size, rest = data.split(b":", 1)
                if len(rest) <= int(size):
                    break
                message, data = json.loads(rest[: int(size)]), rest[int(size) + 1 :]
                with self._changed:
                    self.events.append(message | {"at_s": time.time()})
                    self._changed.notify_all()

    def command(self, name: str, parameters: str = "") -> None:
        """Give one of baresip's commands (accept, hangup, hold, resume, dial, sndcode, transfer)."""
        message = json.dumps({"command": name, "params": parameters, "token": "t"}).encode()
        self._socket.sendall(str(len(message)).encode() + b":" + message + b",")

    def sent(self) -> list[str]:
        """Return the requests it sent so far; it must be `traced`."""
        log = (self.folder / "baresip.log").read_text(errors="replace")
        return [
            message
            for source, message in re.findall(r"^[A-Z]+ (\S+) -> \S+\n(.*?)\x1b\[;m$", log, re.MULTILINE | re.DOTALL)
            if source == self.address and not message.startswith("SIP/2.0")
        ]

    def wait(self, what: Callable[[dict[str, Any]], bool], timeout_s: float = 15, since: int = 0) -> dict[str, Any]:
        """Return the first event from number `since` on that fits; raises TimeoutError with all that came instead."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while True:
                for event in self.events[since:]:
                    if what(event):
                        return event
                left = deadline - time.monotonic()
                if left <= 0:
                    seen = self.events[since:]
                    raise TimeoutError(f"telephone {self.number}: not within {timeout_s} s; it saw {seen}")
                self._changed.wait(left)

    def wait_event(self, kind: str, timeout_s: float = 15, since: int = 0) -> dict[str, Any]:
        """Wait for an event of baresip's: REGISTER_OK, CALL_INCOMING, CALL_ESTABLISHED, CALL_CLOSED, CALL_RINGING..."""
        return self.wait(lambda event: event.get("type") == kind, timeout_s, since)

    def dial(self, number: str) -> None:
        """Call a number through the box."""
        self.command("dial", f"sip:{number}@{self.server}")

    def answer(self) -> None:
        """Pick up."""
        self.command("accept")

    @property
    def offered(self) -> str:
        """Return the SDP of the newest INVITE, ours or the box's, as it went over the wire."""
        return self._traced(OFFER)

    @property
    def agreed(self) -> str:
        """Return the SDP that the newest INVITE was answered with."""
        return self._traced(ANSWER)

    def _traced(self, what: re.Pattern[str]) -> str:
        log = (self.folder / "baresip.log").read_text(errors="replace")
        found: list[str] = what.findall(log)
        if not found:
            raise LookupError(f"telephone {self.number}: nothing like {what.pattern} in {log}")
        return found[-1]

    @property
    def heard(self) -> Path:
        """Return the WAV of what its user heard in the newest call."""
        return max(self.folder.glob("dump-*-dec.wav"), key=lambda path: path.stat().st_mtime)

    def hang_up(self) -> None:
        """End the present call, or refuse the one that rings."""
        self.command("hangup")

    def press(self, key: str) -> None:
        """Press a key in a call: a telephone event by RFC 4733."""
        self.command("sndcode", key)
        self.command("sndcode", "\x04")

    def hold(self) -> None:
        """Put the other side on hold."""
        self.command("hold")

    def resume(self) -> None:
        """Take the other side back."""
        self.command("resume")
