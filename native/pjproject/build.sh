#!/usr/bin/env bash
# Builds pjproject with pjsua2 for Python from Debian's source archive into the folder named by the first argument,
# for the Python named by the second.
#
# Debian ships pjproject inside the source package of its PBX; only that archive is taken, and checked.
# PJPROJECT_ARCHIVE may name a copy of the archive (a file or an http(s) URL) for places without Debian's sid.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
python=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")   # of the venv: needs setuptools and wheel

version=2.17
sha256=6860c2f7604b4eee75f38151a9ef69774eb3f0c5286fc1d14bc1db2dc5a9e8aa
# Built again only when the archive or anything in this folder changes.
stamp="$version $sha256 $(cat "$here"/* | sha256sum | cut -c1-16) $("$python" -c 'import sys; print(sys.version_info[:2])')"
[ "$(cat "$out/stamp" 2>/dev/null)" = "$stamp" ] && exit 0

say() { printf 'pjproject: %s\n' "$*" >&2; }

# The machine's own Debian mirror, asked for sources of sid in a list of its own: no binary package comes from there.
fetch() {
    local apt="$out/apt" mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    mkdir -p "$apt/lists/partial" "$apt/archives/partial"
    # The security archive holds no sid; the main one is the site whose bookworm suite has no suffix.
    mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(ORIGIN) $(RELEASE)' \
        | awk '$3 ~ /Debian/ && $2 == "bookworm" {print $1; exit}')
    [ -n "$mirror" ] || { say "apt knows no Debian mirror for bookworm; set PJPROJECT_ARCHIVE to pjproject's archive"; return 1; }
    printf 'deb-src [signed-by=%s] %s sid main\n' "$keyring" "$mirror" > "$apt/sources.list"
    local options=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::Lists=$apt/lists"
        -o "Dir::Cache=$apt" -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root -o Acquire::Languages=none)
    apt-get "${options[@]}" -qq update
    (cd "$apt" && apt-get "${options[@]}" -qq source --download-only asterisk)
    mv "$apt"/asterisk_*.orig-Xpjproject.tar.* "$out/pjproject.tar"
    rm -rf "$apt"
}

if ! echo "$sha256  $out/pjproject.tar" | sha256sum --status -c - 2>/dev/null; then
    case "${PJPROJECT_ARCHIVE:-}" in
        http://*|https://*) say "fetching $PJPROJECT_ARCHIVE"; curl -fsSL "$PJPROJECT_ARCHIVE" -o "$out/pjproject.tar" ;;
        "") say "fetching $version from Debian's source archive"; fetch ;;
        *) cp "$PJPROJECT_ARCHIVE" "$out/pjproject.tar" ;;
    esac
    echo "$sha256  $out/pjproject.tar" | sha256sum --status -c - || {
        say "this archive is not pjproject $version as tested (its SHA-256 is $(sha256sum "$out/pjproject.tar" | cut -d' ' -f1));"
        say "set PJPROJECT_ARCHIVE to the tested one"; exit 1; }
fi

say "building $version (about three minutes, once); log in $out/build.log"
rm -rf "$out/src" "$out/prefix" "$out/wheel"
mkdir -p "$out/src" "$out/wheel"
tar -xf "$out/pjproject.tar" -C "$out/src" --strip-components=1
cd "$out/src"
cp "$here/config_site.h" pjlib/include/pj/config_site.h
for change in "$here"/*.patch; do patch --quiet -p1 < "$change"; done
# Debian leaves this file out (its licence); an empty one is enough for a build without video.
: > pjmedia/src/pjmedia-audiodev/bdimad_dev.c
build() {
    # Live asserts abort the process, hence NDEBUG. -O3: the bridge's loops over samples go eight at a time. No OpenSSL: TLS ends before the gateway, and libpri's licence forbids it.
    ./configure --prefix="$out/prefix" --enable-shared --enable-epoll --disable-ssl --disable-video --disable-sound \
        --disable-libyuv --disable-libwebrtc --disable-g7221-codec --disable-ilbc-codec --with-external-srtp \
        --with-external-speex --with-external-gsm --enable-libsamplerate --disable-resample \
        CFLAGS="-O3 -DNDEBUG -fPIC" CXXFLAGS="-O2 -DNDEBUG -fPIC" LDFLAGS="-Wl,-rpath,$out/prefix/lib"
    # Only the libraries: the sample programs would cost half the time again.
    sed -i '/^DIRS = /s# pjsip-apps/build##' Makefile
    make dep
    make -j"$(nproc)"
    make install
    # The generated wrapper is large and calls into the libraries: optimising it costs minutes and buys nothing.
    cd pjsip-apps/src/swig/python
    make pjsua2_wrap.cpp
    CFLAGS="-O1 -g0" LDFLAGS="-Wl,-rpath,$out/prefix/lib" "$python" setup.py --quiet bdist_wheel --dist-dir "$out/wheel"
}
# Not `build || ...`: bash would then go on after a failed step.
trap 'tail -n 30 "$out/build.log" >&2; say "the build failed; whole log: $out/build.log"' ERR
set -E
build > "$out/build.log" 2>&1
trap - ERR
rm -rf "$out/src"
echo "$stamp" > "$out/stamp"
