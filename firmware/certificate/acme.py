"""Certificates that an authority gives for nothing, and again before they end (ACME, RFC 8555), by dehydrated.

The authority fetches a word of ours by HTTP from port 80 of each name (http-01): the page serves it from CHALLENGES.
"""

import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

from firmware.certificate.pair import Pair, read
from firmware.config.disk import Disk
from firmware.errors import BadCertificate, Unavailable

FOLDER, CHALLENGES = "acme", "acme/challenges"  # below BUSYHOUR_HOME
DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory"
PATIENCE_S = 150.0
RENEW_S = 30 * 86400.0  # so long before its end a certificate is asked for again


class Wish(msgspec.Struct, frozen=True):
    """Which names a certificate is wanted for, and of whom (the address of an ACME directory)."""

    names: list[str]
    directory: str = DIRECTORY


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

    def obtain(self, wish: Wish) -> Pair:
        """Return a new certificate for a wish, which is kept once it was granted.

        Raises Unavailable where the client is missing, BadCertificate (`certificate-acme`) with the authority's words.
        """
        program = shutil.which("dehydrated")
        if program is None:
            raise Unavailable("dehydrated is not installed: apt-get install dehydrated")
        self._disk.make_folder(self._challenges)
        settings = {
            "CA": wish.directory, "BASEDIR": str(self._folder), "WELLKNOWN": str(self._challenges),
            "CERTDIR": str(self._folder / "certs"), "ACCOUNTDIR": str(self._folder / "accounts"),
            "LOCKFILE": str(self._folder / "lock"), "CHALLENGETYPE": "http-01", "KEY_ALGO": "prime256v1",
        }  # fmt: skip
        # The client reads it as a shell script
        text = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
        self._disk.replace(self._folder / "config", text.encode())
        self._run([
            program, "--cron", "--accept-terms", "--force", "--config", str(self._folder / "config"), "--alias", "box",
            *(word for name in wish.names for word in ("--domain", name)),
        ])
        made = self._folder / "certs/box"
        pair = read((made / "fullchain.pem").read_bytes(), (made / "privkey.pem").read_bytes())
        self._disk.replace(self._folder / "wish.json", msgspec.json.encode(wish))
        return pair

    def _run(self, words: Sequence[str]) -> None:
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"the authority does not answer within {PATIENCE_S:.0f} s") from error
        if done.returncode:
            lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
            said = next((line for line in lines if "detail" in line), None) or next(
                (line for line in lines if "ERROR" in line or "curl" in line.lower()), lines[-1] if lines else "?"
            )
            raise BadCertificate(f"the authority gives no certificate: {said}", "certificate-acme", said=said)
