#!/usr/bin/env bash
# fetch.sh TARGET PACKAGE...: unpacks Debian's packages below TARGET without installing them.
# DAHDI's header is nowhere else; its package, and openr2's shared library, would bring a build system for kernel modules.
set -euo pipefail
target=$(realpath -m "$1")
shift
fail() { printf 'fetch: %s\n' "$*" >&2; exit 1; }
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
download() { apt-get -qq -o APT::Sandbox::User=root download "$@" >&2; }
if ! download "$@"; then
    # A new machine has no lists yet, an old one may have lists of what the mirror no longer keeps.
    [ "$(id -u)" = 0 ] || fail "cannot download $*; as root: apt-get update"
    apt-get -qq update >&2 || true
    download "$@" || fail "cannot download $*"
fi
mkdir tree
for package in ./*.deb; do
    dpkg -x "$package" tree
done
rm -rf "$target"
mv tree "$target"
