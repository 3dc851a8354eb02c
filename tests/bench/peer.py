"""Asterisk of Debian's sid as a subject, in a folder of its own: the PBX the box is held against.

It is installed once into .build/asterisk and never into the system. It runs there by chroot in a mount namespace of its
own, where alone its /proc is mounted: the mount goes when the process does, however that ends. Its configuration is in
tests/bench/asterisk/, and what it writes in a folder /bench below its own root, made anew at each start.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench import load
from tests.bench.processes import family
from tests.bench.subject import IVR, MUSIC, QUEUE
from tests.peers.box import ROOT
from tests.peers.ports import free_port

FOLDER = ROOT / ".build/asterisk"
CONFIGURATION = Path(__file__).with_name("asterisk")
PACKAGES = "asterisk"
RTP_PORTS = (16000, 19999)  # the box's and the load's are above
START_S, END_S = 60.0, 20.0
OPEN_FILES = 20000
ENTER = 'ulimit -n "$2" && mount -t proc proc "$1/proc" && exec chroot "$1" asterisk -f -C /bench/etc/asterisk.conf'


def install() -> None:
    """Put Debian's Asterisk into FOLDER unless it is there; RuntimeError when that cannot be done."""
    if (FOLDER / "usr/sbin/asterisk").exists():
        return
    if os.geteuid() != 0:
        raise RuntimeError("Asterisk is installed and run by chroot: only root may do that")
    for program in ("mmdebstrap", "unshare"):
        if shutil.which(program) is None:
            raise RuntimeError(f"{program} is missing: apt-get install mmdebstrap util-linux")
    print(f"bench: installing Asterisk of Debian's sid into {FOLDER} (about a minute, once)", file=sys.stderr)
    fresh = FOLDER.with_name("asterisk.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.parent.mkdir(exist_ok=True)
    words = [
        "mmdebstrap", "--quiet", "--variant=apt", '--aptopt=Acquire::Check-Valid-Until "false"',
        f"--include={PACKAGES}", "--components=main", "sid", str(fresh), mirror(),
    ]
    subprocess.run(words, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=True)
    fresh.rename(FOLDER)


def mirror() -> str:
    """Return the Debian mirror this machine's own apt uses; RuntimeError when it knows none."""
    words = ["apt-get", "indextargets", "--format", "$(SITE) $(CODENAME) $(ORIGIN)"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    for site, codename, origin in (line.split(" ", 2) for line in told.splitlines() if line.count(" ") >= 2):
        if "-" not in codename and "Debian" in origin:  # the suite itself: its updates and security are elsewhere
            return site
    raise RuntimeError("apt knows no Debian mirror: apt-get update, then again")


class Asterisk:
    """A running Asterisk with these agents. As a context manager it answers inside, and is ended after."""

    name = "asterisk"
    note = (
        "Asterisk of Debian's sid, its defaults but for what tests/bench/asterisk/ says; CDR to a CSV file; "
        "MixMonitor records both voices mixed into one channel, half of what the box writes"
    )
    recorded_bytes_per_s = 2 * 8000

    def __init__(self, agents: Sequence[str]) -> None:
        self._bench = FOLDER / "bench"
        self._agents = agents
        port = free_port()
        self.server = f"127.0.0.1:{port}"
        self._configure(port)

    def __enter__(self) -> Self:
        """Start it and wait until it has booted."""
        self._log = (self._bench / "log/console").open("w")
        self._process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "sh", str(FOLDER), str(OPEN_FILES)],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
        )
        try:
            deadline = time.monotonic() + START_S
            while self._command("core waitfullybooted") != 0:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"Asterisk does not start: {(self._bench / 'log/console').read_text()[-2000:]}")
                time.sleep(0.2)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._end()

    @property
    def version(self) -> str:
        """Return what is measured."""
        done = subprocess.run(["chroot", str(FOLDER), "asterisk", "-V"], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def programs(self) -> dict[str, list[int]]:
        """Return its process, and the one that watches over its priority."""
        return {"asterisk": family(self._process.pid)}

    def counters(self) -> dict[str, float]:
        """Return nothing: it counts no ticks."""
        return {}

    def man(self, telephones: load.Agents, agents: Sequence[str]) -> None:
        """Register the agents' telephones; as members of the queue they are ready."""
        for number in agents:
            telephones.register(self.server, number)

    def recordings(self) -> list[Path]:
        """Return all recordings there are."""
        return list((self._bench / "spool/monitor").glob("*.wav"))

    def _configure(self, port: int) -> None:
        shutil.rmtree(self._bench, ignore_errors=True)
        for name in ("etc", "db", "run", "log/cdr-csv", "spool/monitor", "moh"):
            (self._bench / name).mkdir(parents=True)
        for name in ("music.wav", "moh/music.wav"):
            shutil.copyfile(MUSIC, self._bench / name)
        words = {
            "@PORT@": str(port), "@CALLERS@": load.CALLERS, "@IVR@": IVR, "@QUEUE@": QUEUE,
            "@RTP_FIRST@": str(RTP_PORTS[0]), "@RTP_LAST@": str(RTP_PORTS[1]),
        }
        for path in CONFIGURATION.glob("*.conf"):
            text = path.read_text()
            for word, value in words.items():
                text = text.replace(word, value)
            if path.name == "pjsip.conf":
                text += "".join(f"\n[{n}](party)\naors={n}\n[{n}](telephone)\n" for n in self._agents)
            elif path.name == "queues.conf":
                text += "".join(f"member => PJSIP/{number}\n" for number in self._agents)
            (self._bench / "etc" / path.name).write_text(text)

    def _command(self, text: str) -> int:
        words = ["chroot", str(FOLDER), "asterisk", "-C", "/bench/etc/asterisk.conf", "-rx", text]
        try:
            return subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=START_S).returncode
        except subprocess.TimeoutExpired:
            return 1

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
