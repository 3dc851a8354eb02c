#!/usr/bin/env bash
# Sets up, builds, checks and runs Busyhour on Debian 12. Everything it makes stays in this folder, but Debian's packages.
set -euo pipefail
[ -z "${BUSYHOUR_HOME:-}" ] || BUSYHOUR_HOME=$(realpath -m "$BUSYHOUR_HOME")
cd "$(dirname "$(readlink -f "$0")")"
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH   # compiled modules halve the time to start

usage() {
    cat >&2 <<'TEXT'
usage: ./build.sh COMMAND [ARGUMENT...]
  run     set up what is missing, then run the box in the foreground (BUSYHOUR_HOME, BUSYHOUR_WEB, BUSYHOUR_SIP)
  test    set up, lint, run all tests; arguments go to pytest
  setup   packages of Debian and of Python, pjproject, native modules, prompts
  native  compile native/ again
  lint    ruff, mypy, import-linter
  bench   measure; one JSON document on standard output (--peer, --bare)
  lock    write requirements.lock anew from pyproject.toml
  clean   remove all that was built; var/ and Debian's packages stay
TEXT
    exit 2
}

# ---- what Debian gives -----------------------------------------------------------------------------------------------

RUN=(python3 ca-certificates dehydrated haproxy kamailio kamailio-sqlite-modules kamailio-websocket-modules espeak-ng ffmpeg baresip-core util-linux)
BUILD=(build-essential pkg-config python3-dev python3-venv swig xz-utils curl ca-certificates
    libspandsp-dev libtiff-dev libsrtp2-dev libspeex-dev libspeexdsp-dev libgsm1-dev libsamplerate0-dev libopus-dev uuid-dev libpri-dev)
TEST=(faketime libtonezone2.0 pebble sip-tester sox iproute2 systemd chromium fonts-noto-cjk qemu-system-x86 busybox-static
    bzip2 e2fsprogs mount age)
# Without real time. The longest first, since a file stays on one worker; a short one waits behind the soak
UNTIMED=(tests/scenarios/test_soak.py tests/lab tests/browser/test_{places,desk}.py tests/scenarios/test_{acme,console,backup,alarms}.py
    tests/browser/test_{calls,first_page,sign_in,box}.py tests/drivers/sip tests/native/detectors tests/native/{pri,r2}
    tests/drivers/boards/pri/test_span.py tests/drivers/test_countries.py tests/firmware tests/webui)
# Heard or timed, in boxes and gateways of their own: shown to hold two at a time, also on a busy machine. What is in
# neither list has the machine to itself, as a new test does until that is shown of it
PAIRED=(tests/scenarios tests/browser tests/drivers tests/contract tests/test_build.py)
# The first judges the ringing by the clock on the wall; the others load the machine, or its disks, by themselves
PAIRED_BUT=(tests/drivers/office/test_program.py
    tests/scenarios/test_{commits,continuity,disk_fails,edge_withstands,killed,power_cut,programs_killed}.py)
BENCH=(sip-tester tcpdump mmdebstrap)

say() { printf 'build: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# Installs those of the packages named that this machine lacks.
packages() {
    command -v dpkg-query >/dev/null || fail "this is no Debian: dpkg-query is missing"
    local installed missing=() package
    # Its status is 1 where it has never heard of one of them, as on a new machine.
    installed=$(dpkg-query -W -f '${Package}=${db:Status-Status}\n' "$@" 2>/dev/null || true)
    installed=" $(sed -n 's/=installed$//p' <<<"$installed" | tr '\n' ' ')"
    for package in "$@"; do
        [[ "$installed" == *" $package "* ]] || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    [ "$(id -u)" = 0 ] || fail "these Debian packages are missing: ${missing[*]}
build: as root: apt-get install ${missing[*]}"
    say "installing ${missing[*]}"
    # One unreachable list of somebody else's must not stop us; what matters is whether the packages come.
    apt-get -qq update >&2 || say "apt-get update had problems; going on with what it has"
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install "${missing[@]}" >&2 \
        || fail "Debian's packages cannot be installed: ${missing[*]}"
    # The box runs a Kamailio of its own; Debian's service would take port 5060 from it.
    if [[ " ${missing[*]} " == *" kamailio "* ]] && [ -d /run/systemd/system ]; then
        systemctl disable --now kamailio.service >&2 || true
    fi
    if [[ " ${missing[*]} " == *" haproxy "* ]] && [ -d /run/systemd/system ]; then
        systemctl disable --now haproxy.service >&2 || true
    fi
}

# ---- what is made here -----------------------------------------------------------------------------------------------

# step NAME INPUT... -- COMMAND...: runs the command, unless it has succeeded with the same inputs before.
step() {
    local name=$1 inputs=() stamp
    shift
    while [ "$1" != -- ]; do inputs+=("$1"); shift; done
    shift
    stamp=$(sha256sum "${inputs[@]}" | sha256sum)
    [ "$(cat ".build/stamps/$name" 2>/dev/null)" = "$stamp" ] && return
    say "$name"
    rm -f ".build/stamps/$name"
    "$@" >&2
    mkdir -p .build/stamps
    echo "$stamp" > ".build/stamps/$name"
}

python_packages() {
    .venv/bin/pip --disable-pip-version-check -qq install --require-hashes -r requirements.lock
}

pjproject() {
    native/pjproject/build.sh .build/pjproject .venv/bin/python
    # By its path: on PyPI the names pjsua2* are other people's builds.
    .venv/bin/pip --disable-pip-version-check -qq install --no-deps --no-index --force-reinstall .build/pjproject/wheel/pjsua2-*.whl
}

unpacked() {
    native/dahdi/fetch.sh .build/dahdi dahdi-source
    native/dahdi/fetch.sh .build/openr2 libopenr2-dev
}

this_project() {
    BUSYHOUR_NATIVE=no .venv/bin/pip --disable-pip-version-check -qq install --no-deps --no-index --no-build-isolation \
        --config-settings editable_mode=compat -e .
}

native() {
    rm -f native/*.so
    .venv/bin/python setup.py -q build_ext --inplace -j "$(nproc)"
}

bytecode() {
    .venv/bin/python -m compileall -q -j 0 drivers firmware native webui .venv/lib >/dev/null || true
}

prompts() { .venv/bin/python -m firmware.prompts; }

setup() {
    packages "${RUN[@]}" "${BUILD[@]}" "$@"
    mkdir -p .build
    exec 9>.build/lock
    flock 9 || fail "cannot lock .build/lock"
    if ! .venv/bin/python -c '' 2>/dev/null; then
        rm -rf .venv .build/stamps
        /usr/bin/python3 -m venv .venv    # Debian's, whatever else stands first in PATH
    fi
    compgen -G 'native/*.so' >/dev/null || rm -f .build/stamps/native
    [ -d firmware/prompts/sounds ] || rm -f .build/stamps/prompts
    [ -d .build/pjproject/prefix ] || rm -f .build/stamps/pjproject
    [ -d .build/dahdi ] && [ -d .build/openr2 ] || rm -f .build/stamps/unpacked
    step python-packages requirements.lock -- python_packages
    step pjproject native/pjproject/* requirements.lock -- pjproject
    step unpacked build.sh native/dahdi/fetch.sh -- unpacked
    step native native/*.pyx native/*.pxd setup.py native/pjproject/* requirements.lock -- native
    step this-project pyproject.toml setup.py setup.cfg -- this_project
    step prompts firmware/prompts/*.py -- prompts
    step bytecode requirements.lock $(git ls-files '*.py' 2>/dev/null || find drivers firmware webui -name '*.py') -- bytecode
    exec 9>&-
}

# ---- commands --------------------------------------------------------------------------------------------------------

lint() {
    bash -n build.sh native/pjproject/build.sh native/dahdi/fetch.sh tests/lab/kernel.sh .ci/run
    .venv/bin/ruff check --quiet .
    .venv/bin/mypy --no-error-summary
    .venv/bin/lint-imports --no-logo >.build/imports.log || { cat .build/imports.log; return 1; }
}

lock() {
    rm -rf .build/lock-venv
    /usr/bin/python3 -m venv .build/lock-venv
    .build/lock-venv/bin/pip --disable-pip-version-check -qq install pip-tools
    # From PyPI alone, whatever this machine's pip is told; --allow-unsafe: setuptools too is pinned
    PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS='' PIP_EXTRA_INDEX_URL='' CUSTOM_COMPILE_COMMAND='./build.sh lock' \
        .build/lock-venv/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --extra dev \
        --no-emit-index-url --no-emit-find-links --output-file requirements.lock pyproject.toml
    rm -rf .build/lock-venv
}

# All tests: first what can do without real time; it waits for half of it, so there is more of it at once than processors.
# Then what waits for nine tenths of it, two at a time; then the rest, one by one.
tests() {
    local worst=0
    rm -f .pytest_cache/v/cache/lastfailed
    side_by_side $(($(nproc) * 3 / 2)) "${UNTIMED[@]}" || worse $?
    side_by_side 2 "${PAIRED[@]}" "${UNTIMED[@]/#/--ignore=}" "${PAIRED_BUT[@]/#/--ignore=}" || worse $?
    .venv/bin/python -m pytest tests "${UNTIMED[@]/#/--ignore=}" "${PAIRED[@]/#/--ignore=}" || worse $?
    .venv/bin/python -m pytest "${PAIRED_BUT[@]}" || worse $?
    [ $worst = 1 ] || return $worst     # 1: there are tests that failed; more is worse, such as an error of pytest's
    alone
}

worse() { [ "$worst" -ge "$1" ] || worst=$1; }

# What failed beside others is tried once more with the machine to itself: calls in real time fail on a machine that is busy
# enough. It may be the test that is hasty or the box that is late, so it is named, to be looked into; more than three are no chance.
alone() {
    local failed
    failed=$(.venv/bin/python -c 'import json; print(*json.load(open(".pytest_cache/v/cache/lastfailed")), sep="\n")')
    [ "$(wc -l <<<"$failed")" -le 3 ] || return 1
    .venv/bin/python -m pytest --last-failed --last-failed-no-failures=none || return 1
    say "failed beside others, passed alone, and must be looked into: $failed"
}

# side_by_side WORKERS ARGUMENT...: a file stays on one worker.
side_by_side() { .venv/bin/python -m pytest -n "$1" --dist loadfile --no-loadscope-reorder "${@:2}"; }

clean() {
    rm -rf .build build .venv firmware/prompts/sounds ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
    rm -f native/*.so
    find . -name __pycache__ -type d -prune -exec rm -rf {} +
}

command=${1:-}
[ $# = 0 ] || shift
case "$command" in
    setup) setup ;;
    native) setup; native >&2 ;;
    lint) setup >&2; lint ;;
    test) setup "${TEST[@]}"; lint; if [ $# = 0 ]; then tests; else exec .venv/bin/python -m pytest "$@"; fi ;;
    run) setup; exec .venv/bin/python -m firmware.supervisor "$@" ;;
    bench) setup "${BENCH[@]}"; exec .venv/bin/python -m tests.bench "$@" ;;
    lock) packages python3-venv; mkdir -p .build; lock ;;
    clean) clean ;;
    *) usage ;;
esac
