# Sourced in the guest: loads DAHDI and makes two spans of 31 channels, joined back to back, and two of four.
# 1-4 are lines (FXO ports) and 32-35 what the central office has at their other end; 16 and 47 are D-channels.
# 63-65 and 67-69 have bits for each, as R2 wants them; 66 and 70 carry sound alone.
# 71 has no other end, and 72 hears it and is heard by nobody.
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
dynamic=loc,2:0,4,0
dynamic=loc,2:1,4,0
dynamic=loc,3:0,1,0
dynamic=loc,3:1:0,1,0
fxsks=1-4
fxoks=32-35
bchan=5-15,17-31
dchan=16
bchan=36-46,48-62
dchan=47
cas=63-65:1101
bchan=66
cas=67-69:1101
bchan=70
alaw=1-15,17-46,48-70
loadzone=cn
defaultzone=cn
END
dahdi_cfg -c /run/system.conf || exit
