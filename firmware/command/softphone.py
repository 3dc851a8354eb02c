"""A real SIP telephone without sound hardware for `busyhour demo`: baresip, speaking from a file, hearing into one."""

import asyncio
import contextlib
import json
import shutil
import socket
from pathlib import Path
from typing import Any, Self

from firmware.errors import Refused

REGISTER_S = 10.0
STOP_S = 5.0
ASK_S = 0.2
HEARD = "dump-*-dec.wav"
# `menu` obeys commands, `ctrl_tcp` carries them, `sndfile` writes what is heard; TLS takes the port above sip_listen
CONFIG = """\
poll_method epoll
sip_listen {address}:{sip_port}
net_interface {address}
audio_source aufile,{says}
snd_path {hears}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
module_path {modules}
module g711.so
module aufile.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
"""
ACCOUNT = (
    "<sip:{number}@{server}>;auth_user={number};auth_pass={secret};answermode=manual;regint=60;audio_codecs=pcma\n"
)
MODULES = Path("/usr/lib/baresip/modules")


class Softphone:
    """A telephone at `number`. As a context manager it is registered inside, and gone afterwards."""

    def __init__(self, folder: Path, server: str, number: str, secret: str, says: Path) -> None:
        self.ringing = asyncio.Event()
        self._registered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._folder, self._server, self._number = folder, server, number
        sip_port, _, self._control_port = _free_ports(3)
        address = "::1" if server.startswith("[") else "127.0.0.1"
        config = CONFIG.format(
            address=address, sip_port=sip_port, control_port=self._control_port, says=says, hears=folder,
            modules=MODULES,
        )  # fmt: skip
        (folder / "config").write_text(config)
        (folder / "accounts").write_text(ACCOUNT.format(number=number, server=server, secret=secret))
        (folder / "accounts").chmod(0o600)
        (folder / "contacts").write_text("")

    async def __aenter__(self) -> Self:
        """Switch it on and wait until it is registered; raises Refused when that fails."""
        if shutil.which("baresip") is None:
            raise Refused("the demo's telephone, baresip, is not installed: apt-get install baresip-core")
        with (self._folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                "baresip", "-f", str(self._folder), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self._folder, start_new_session=True,  # our own Ctrl-C lets us hang up first
            )  # fmt: skip
        try:
            async with asyncio.timeout(REGISTER_S):
                self._reader, self._writer = await self._connect()
                self._reading = asyncio.create_task(self._read())
                while not self._registered.done():
                    self._command("reginfo")  # it may have been registered before we could listen
                    await asyncio.wait({self._registered}, timeout=ASK_S)
                self._registered.result()
        except TimeoutError:
            await self._end()
            raise Refused(f"extension {self._number} could not register at {self._server}") from None
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        """Switch it off: it deregisters, and closes its sound files."""
        await self._end()

    def heard(self) -> Path:
        """Return the WAV of what it heard in its last call; whole once it is switched off."""
        return max(self._folder.glob(HEARD), default=self._folder / HEARD, key=lambda path: path.stat().st_mtime)

    def answer(self) -> None:
        """Pick up."""
        self._command("accept")

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while True:
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", self._control_port)
            if self._process.returncode is not None:
                raise Refused(f"baresip ended: {(self._folder / 'log').read_text(errors='replace')[-500:].strip()}")
            await asyncio.sleep(0.05)

    async def _read(self) -> None:
        """Follow what baresip tells: netstrings of JSON."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = int((await self._reader.readuntil(b":"))[:-1])
                told: dict[str, Any] = json.loads((await self._reader.readexactly(size + 1))[:-1])
                self._take(told)

    def _take(self, told: dict[str, Any]) -> None:
        if told.get("type") == "CALL_INCOMING":
            self.ringing.set()
        if self._registered.done():
            return
        state = str(told.get("data", ""))
        if told.get("type") == "REGISTER_OK" or "mOK" in state:
            self._registered.set_result(None)
        elif told.get("type") == "REGISTER_FAIL" or "mERR" in state:
            reason = str(told.get("param", "")) or (self._folder / "log").read_text(errors="replace").splitlines()[-1]
            text = f"extension {self._number} was refused at {self._server}: {reason}"
            self._registered.set_exception(Refused(text))

    def _command(self, name: str) -> None:
        message = json.dumps({"command": name, "params": "", "token": "demo"}).encode()
        self._writer.write(b"%d:%s," % (len(message), message))

    async def _end(self) -> None:
        if hasattr(self, "_reading"):
            self._reading.cancel()
            self._writer.close()
        if self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(STOP_S):  # wait_for may swallow a Ctrl-C that comes with the end
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()


def _free_ports(count: int) -> range:
    """Return consecutive ports of this machine that nothing uses now."""
    while True:
        with contextlib.ExitStack() as held, contextlib.suppress(OSError, OverflowError):
            first = 0
            for place in range(count):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    probe = held.enter_context(socket.socket(socket.AF_INET, kind))
                    probe.bind(("127.0.0.1", first + place if first else 0))
                    first = first or probe.getsockname()[1]
            return range(first, first + count)
