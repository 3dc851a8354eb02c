"""A machine with voice boards: Debian's kernel with the real DAHDI modules in QEMU, its cards made of memory.

The guest has the host's root over 9p, read-only beneath a tmpfs, so it runs our own Python and code. No privilege, card
or hardware support is needed: the processor is emulated (TCG). Its time follows the instructions that it has carried
out, and leaps to the next timer where it would wait: a slow or busy host makes it take longer, never late by its own
clocks. Only files of the host and of /results, whose times are the host's, are slow by it: what is written while
somebody talks goes into the guest's own memory.
"""


import contextlib
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".build/lab"
MEMORY_MB = 1024
BUILD_S = 900
CLOCK = "shift=0,sleep=off"  # an instruction is 1 ns; one processor is all that this can be had with
KERNEL = "console=ttyS0 quiet panic=-1 tsc=reliable mitigations=off random.trust_cpu=on"


class Done(NamedTuple):
    """How a command in the guest ended; `status` is None where it did not."""

    status: int | None
    output: str
    console: str


def build() -> None:
    """Make kernel, modules and initramfs, unless they are there; two minutes, and Debian's packages."""
    if not (ROOT / ".build/dahdi").is_dir():
        subprocess.run([ROOT / "native/dahdi/fetch.sh", ROOT / ".build/dahdi", "dahdi-source"], check=True)
    subprocess.run([ROOT / "tests/lab/kernel.sh", BUILT, ROOT / ".build/dahdi"], check=True, timeout=BUILD_S)


def run(results: Path, script: str, limit_s: float) -> Done:
    """Boot, run a shell script in the project's folder as root, switch off. Files it leaves in /results are ours.

    QEMU's own status says nothing of the script's, which is in the results; a guest that hangs is killed.
    """
    build()
    (results / "command").write_text(
        f"cd '{ROOT}' || exit\nexport PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root\n{script}"
    )
    console = results / "console"
    command = [
        "qemu-system-x86_64", "-accel", "tcg", "-cpu", "Nehalem", "-icount", CLOCK, "-m", str(MEMORY_MB),
        "-display", "none", "-nodefaults", "-no-reboot", "-nic", "none", "-serial", f"file:{console}",
        "-kernel", str(BUILT / "vmlinuz"), "-initrd", str(BUILT / "initrd"), "-append", KERNEL,
        "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
        "-virtfs", f"local,path={results},mount_tag=results,security_model=none",
    ]  # fmt: skip
    with contextlib.suppress(subprocess.TimeoutExpired):  # then there is no status
        subprocess.run(command, stdin=subprocess.DEVNULL, timeout=limit_s, check=False)
    status = results / "status"
    output = results / "output"
    return Done(
        int(status.read_text()) if status.exists() else None,
        output.read_text(errors="replace") if output.exists() else "",
        console.read_text(errors="replace") if console.exists() else "",
    )
