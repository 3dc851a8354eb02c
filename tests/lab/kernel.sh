#!/usr/bin/env bash
# kernel.sh TARGET DAHDI: Debian's kernel, the real DAHDI modules for it, those of our own that stand for cards, and a small
# initramfs, all below TARGET; nothing of it is installed here. DAHDI is what native/dahdi/fetch.sh made of dahdi-source.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$1"
target=$(realpath "$1") dahdi=$(realpath "$2")
busybox=/bin/busybox
fail() { printf 'kernel: %s\n' "$*" >&2; exit 1; }
exec 9>"$target/lock"
flock 9 || fail "cannot lock $target"
stamp=$(cat "$0" "$here"/card/* "$dahdi/usr/src/dahdi.tar.bz2" "$busybox" | sha256sum)
# The kernel unpacks one archive after the other: the first process comes last, and is put there each time.
finish() {
    cat "$target/initrd.base" <(cd "$here" && echo init | "$busybox" cpio -o -H newc 2>/dev/null | gzip -1) >"$target/initrd.$$"
    mv "$target/initrd.$$" "$target/initrd"
}
if [ "$(cat "$target/stamp" 2>/dev/null)" = "$stamp" ]; then
    finish
    exit 0
fi
rm -rf "$target"/{stamp,tree,tools,dahdi,card,modules,initramfs,vmlinuz,initrd*}

# One kernel and the headers of the same: the image's package is named by what linux-image-amd64 wants at the moment.
image=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-\)/\1/p' | head -1)
[ -n "$image" ] || fail "apt knows no linux-image-amd64; as root: apt-get update"
version=${image#linux-image-}
"$here/../../native/dahdi/fetch.sh" "$target/tree" \
    "$image" "linux-headers-$version" "linux-headers-${version%-amd64}-common" "linux-kbuild-${version%.*}"
"$here/../../native/dahdi/fetch.sh" "$target/tools" dahdi libtonezone2.0
headers=$target/tree/usr/src/linux-headers-$version
sed -i "s#include /usr/src/#include $target/tree/usr/src/#" "$headers/Makefile"

# The core and the spans that are made of memory; the drivers of cards are of no use without a card, and ours stand in.
tar -xjf "$dahdi/usr/src/dahdi.tar.bz2" -C "$target" --strip-components=1
make -s -C "$target/dahdi" -j "$(nproc)" modules KVERS="$version" KSRC="$headers" DAHDI_BUILD_ALL= CONFIG_DAHDI=m \
    CONFIG_DAHDI_DYNAMIC=m CONFIG_DAHDI_DYNAMIC_LOC=m >"$target/log" 2>&1 || { tail -40 "$target/log" >&2; fail "no modules"; }
cp -r "$here/card" "$target/card"
make -s -C "$headers" M="$target/card" DAHDI="$target/dahdi" KCFLAGS=-Werror modules \
    KBUILD_EXTRA_SYMBOLS="$target/dahdi/drivers/dahdi/Module.symvers" >"$target/log" 2>&1 ||
    { tail -40 "$target/log" >&2; fail "no modules of our own"; }
mkdir -p "$target/modules"
find "$target/dahdi" "$target/card" -name '*.ko' -exec cp -t "$target/modules" {} +
for name in dahdi dahdi_dynamic dahdi_dynamic_loc dahdi_echocan_oslec echo busyhour_lab_analog busyhour_lab_e1; do
    [ -f "$target/modules/$name.ko" ] || fail "$name.ko was not made"
done

cp "$target/tree/boot/vmlinuz-$version" "$target/vmlinuz"
mkdir -p "$target"/initramfs/{bin,modules,proc,sys,dev,tmp,lower,upper,root}
cp "$busybox" "$target/initramfs/bin/busybox"
for name in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci netfs fscache 9pnet 9pnet_virtio 9p \
    overlay; do
    # What the kernel has built in has no file.
    find "$target/tree/lib/modules" -name "$name.ko" -exec cp -t "$target/initramfs/modules" {} +
done
(cd "$target/initramfs" && find . | "$busybox" cpio -o -H newc | gzip -1) >"$target/initrd.base"
rm -rf "$target"/{tree,dahdi,card,initramfs}
echo "$stamp" >"$target/stamp"
finish
