"""Builds the Cython modules of native/ against the pjproject that native/pjproject/build.sh made."""

import os
from pathlib import Path
from sysconfig import get_config_var

from Cython.Build import cythonize
from setuptools import Extension, setup

ROOT = Path(__file__).resolve().parent
PREFIX = Path(os.environ.get("PJPROJECT_PREFIX", ROOT / ".build/pjproject/prefix"))
PJ_LIBRARIES = ["pjsua", "pjsip-ua", "pjsip-simple", "pjsip", "pjmedia-codec", "pjmedia", "pjnath", "pjlib-util", "pj"]
DAHDI = ROOT / ".build/dahdi/usr"  # of Debian's dahdi-source
OPENR2 = ROOT / ".build/openr2/usr"  # of Debian's libopenr2-dev
WITHOUT_PJ = {"callerid", "dahdi", "dsp", "isdn_party", "pri", "r2", "tones"}  # of programs without a media core
# Statically: their clock is replaced, of libpri an inner function is used, and openr2 has no other device than a
# descriptor's (native/pri.pyx, native/r2.pxd)
LINKED = {
    "pri": ["-Wl,--wrap=gettimeofday", "-l:libpri.a"],
    "r2": ["-Wl,--wrap=gettimeofday,--wrap=ioctl,--wrap=read,--wrap=stdout,--wrap=stderr", "-l:libopenr2.a"],
}


def extension(source: Path) -> Extension:
    """Return how one .pyx is built; the rpath makes it share the libraries that pjsua2 uses."""
    return Extension(
        f"native.{source.stem}",
        [str(source.relative_to(ROOT))],
        include_dirs=[str(root / "include") for root in (PREFIX, DAHDI, OPENR2)],
        define_macros=[("PJ_AUTOCONF", "1"), ("NDEBUG", "1")],
        library_dirs=[str(PREFIX / "lib"), str(OPENR2 / "lib" / get_config_var("MULTIARCH"))],
        runtime_library_dirs=[str(PREFIX / "lib")],
        libraries=[*([] if source.stem in WITHOUT_PJ else PJ_LIBRARIES), "spandsp", "m"],
        extra_link_args=LINKED.get(source.stem, []),
        extra_compile_args=["-O3", "-Wall", "-Wno-unused-function"],
    )


def modules() -> list[Extension]:
    """Return all of native/, translated to C; none where build.sh only installs the Python side."""
    if os.environ.get("BUSYHOUR_NATIVE") == "no":
        return []
    made: list[Extension] = cythonize(
        [extension(path) for path in sorted((ROOT / "native").glob("*.pyx"))],
        build_dir=str(ROOT / ".build/cython"),
        compiler_directives={"language_level": 3, "boundscheck": False, "wraparound": False, "cdivision": True},
    )
    return made


setup(ext_modules=modules())
