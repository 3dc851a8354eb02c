# Sourced in the guest: loads DAHDI and makes two spans of 31 channels, joined back to back.
# 1-4 are lines (FXO ports) and 32-35 what the central office has at their other end; 16 and 47 are D-channels.
for module in "dahdi auto_assign_spans=1" dahdi_dynamic dahdi_dynamic_loc; do
    set -- $module
    name=$1
    shift
    /bin/busybox insmod ".build/lab/modules/$name.ko" "$@" || exit
done
export PATH="$PWD/.build/lab/tools/usr/sbin:$PATH"
export LD_LIBRARY_PATH="$PWD/.build/lab/tools/usr/lib/x86_64-linux-gnu:$PWD/.build/lab/tools/usr/lib"
cat >/run/system.conf <<END
dynamic=loc,1:0,31,0
dynamic=loc,1:1,31,0
fxsks=1-4
fxoks=32-35
bchan=5-15,17-31
dchan=16
bchan=36-46,48-62
dchan=47
alaw=1-15,17-46,48-62
loadzone=cn
defaultzone=cn
END
dahdi_cfg -c /run/system.conf || exit
