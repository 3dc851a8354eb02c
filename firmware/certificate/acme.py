"""Certificates that an authority gives for nothing, and again before they end (ACME, RFC 8555), by dehydrated.

The authority fetches a word of ours by HTTP from port 80 of each name (http-01): the page serves it from CHALLENGES.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from firmware.certificate.pair import Pair, read
from firmware.config.disk import Disk
from firmware.errors import BadCertificate, Unavailable

FOLDER, CHALLENGES = "acme", "acme/challenges"  # below BUSYHOUR_HOME
DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory"
PATIENCE_S = 150.0
KEPT_LINES = 100  # of what the client says
RENEW_S = 30 * 86400.0  # so long before its end a certificate is asked for again


# What the client says as it goes on, and what that is to people
STEPS = {
    "Requesting new certificate order": "order", "Responding to challenge": "challenge",
    "Challenge is valid": "valid", "Requesting certificate": "issue", "Checking certificate": "check",
}  # fmt: skip
# What the authority or the client says, in the order in which it counts, and the code of the error that is
REASONS = {
    "error:dns": "dns", "error:connection": "connection", "error:unauthorized": "unauthorized",
    "error:rateLimited": "rate", "error:rejectedIdentifier": "rejected", "error:caa": "caa",
    "error:invalidContact": "contact", "curl": "unreached", "Could not connect": "unreached",
}  # fmt: skip


class Wish(msgspec.Struct, frozen=True):
    """Which names a certificate is wanted for, and of whom (the address of an ACME directory).

    `contact` is a mail address the authority may write to, "" for none.
    """

    names: list[str]
    directory: str = DIRECTORY
    contact: str = ""


class Acme:
    """The client and what it keeps; all of it waits for the network, so keep it off the loop."""

    def __init__(self, home: Path, disk: Disk | None = None) -> None:
        self._folder, self._challenges = home / FOLDER, home / CHALLENGES
        self._disk = disk or Disk()

    def wish(self) -> Wish | None:
        """Return what was asked for last, None where nothing was."""
        try:
            return msgspec.json.decode((self._folder / "wish.json").read_bytes(), type=Wish)
        except (OSError, msgspec.MsgspecError):
            return None

    def obtain(self, wish: Wish, progress: Callable[[str], None] = lambda step: None) -> Pair:
        """Return a new certificate for a wish, which is kept once it was granted; `progress` is told each of STEPS.

        Raises Unavailable where the client is missing or the authority silent, BadCertificate with the authority's
        words (`certificate-acme`, or `certificate-acme-dns` and the like where it is known what they mean).
        """
        program = shutil.which("dehydrated")
        if program is None:
            raise Unavailable("dehydrated is not installed: apt-get install dehydrated")
        self._disk.make_folder(self._challenges)
        settings = {
            "CA": wish.directory, "BASEDIR": str(self._folder), "WELLKNOWN": str(self._challenges),
            "CERTDIR": str(self._folder / "certs"), "ACCOUNTDIR": str(self._folder / "accounts"),
            "LOCKFILE": str(self._folder / "lock"), "CHALLENGETYPE": "http-01", "KEY_ALGO": "prime256v1",
        } | ({"CONTACT_EMAIL": wish.contact} if wish.contact else {})  # fmt: skip
        # The client reads it as a shell script
        text = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
        self._disk.replace(self._folder / "config", text.encode())
        self._run([
            program, "--cron", "--accept-terms", "--force", "--config", str(self._folder / "config"), "--alias", "box",
            *(word for name in wish.names for word in ("--domain", name)),
        ], progress)
        made = self._folder / "certs/box"
        pair = read((made / "fullchain.pem").read_bytes(), (made / "privkey.pem").read_bytes())
        self._disk.replace(self._folder / "wish.json", msgspec.json.encode(wish))
        return pair

    def _run(self, words: Sequence[str], progress: Callable[[str], None]) -> None:
        lines: deque[str] = deque(maxlen=KEPT_LINES)
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True
        ) as client:
            end = threading.Timer(PATIENCE_S, _end, [client])  # with all that it started
            end.start()
            try:
                for line in client.stdout or ():
                    lines.append(line.strip())
                    for said, step in STEPS.items():
                        if said in line:
                            progress(step)
                code = client.wait()
            finally:
                late = end.finished.is_set()
                end.cancel()
        if code and late:
            raise Unavailable(f"the authority does not answer within {PATIENCE_S:.0f} s")
        if code:
            raise _refusal([line for line in lines if line])


def _end(client: "subprocess.Popen[str]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(client.pid, signal.SIGKILL)


def _refusal(lines: Sequence[str]) -> BadCertificate:
    """Return what the client's words mean: the authority's own reason, and what kind of reason that is."""
    said = next((line for line in lines if "detail" in line), None) or next(
        (line for line in lines if "ERROR" in line or "curl" in line.lower()), lines[-1] if lines else "?"
    )
    kind = next((code for mark, code in REASONS.items() if any(mark in line for line in lines)), "")
    code = f"certificate-acme-{kind}" if kind else "certificate-acme"
    return BadCertificate(f"the authority gives no certificate: {said}", code, said=said)
