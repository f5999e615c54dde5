#!/bin/sh
# run.sh [PRESET]: builds the library and runs all its tests.
#
# PRESET is one of CMakePresets.json (dev by default; also by the
# environment). On a Debian machine it first installs what is missing, and says
# so. The last lines say what was skipped, and count the tests of the programs.
set -eu
preset=${1:-${PRESET:-dev}}
cd "$(dirname "$0")/.."

# need PACKAGE TEST...: notes the package if the test fails
missing=
need() {
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

# shellcheck disable=SC2317 # need() calls it
links_msan() {
    echo 'int main(void) { return 0; }' |
        clang -fsanitize=memory -x c -o /dev/null -
}

# shellcheck disable=SC2317
has_libfaketime() {
    [ -n "$(find /usr/lib -name libfaketime.so.1 2>/dev/null)" ]
}

# What the presets need beyond what all need. Those of other processors and C
# libraries, and of the tools that Criterion does not go under, do without it.
need_for_preset() {
    case $preset in
    plain | tsan)
        ;;
    msan)
        need clang command -v clang
        need libclang-rt-dev links_msan
        ;;
    valgrind)
        need valgrind command -v valgrind
        need libc6-dbg test -d /usr/lib/debug/.build-id
        ;;
    i386)
        need gcc-12-multilib test -d /usr/lib/gcc/x86_64-linux-gnu/12/32
        need libc6-dev-i386 test -e /usr/include/x86_64-linux-gnu/gnu/stubs-32.h
        ;;
    musl | musl-static)
        need musl-tools command -v musl-gcc
        ;;
    aarch64)
        need gcc-aarch64-linux-gnu command -v aarch64-linux-gnu-gcc
        need libc6-dev-arm64-cross test -d /usr/aarch64-linux-gnu/include
        need qemu-user-static command -v qemu-aarch64-static
        ;;
    s390x)
        need gcc-s390x-linux-gnu command -v s390x-linux-gnu-gcc
        need libc6-dev-s390x-cross test -d /usr/s390x-linux-gnu/include
        need qemu-user-static command -v qemu-s390x-static
        ;;
    *)
        need g++ command -v g++
        need clang command -v clang++
        need binutils command -v readelf
        need libcriterion-dev test -e /usr/include/criterion/criterion.h
        need abigail-tools command -v abidiff
        need netcat-openbsd command -v nc
        need socat command -v socat
        need curl command -v curl
        need dnsmasq-base command -v dnsmasq
        need iproute2 command -v ip
        need nftables command -v nft
        need patch command -v patch
        need libfaketime has_libfaketime
        [ "$preset" != coverage ] || need gcovr command -v gcovr
        ;;
    esac
}

install_packages() {
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        as_root=sudo
        command -v sudo >/dev/null || {
            echo "Missing:$missing. Install them, or run this as root." >&2
            exit 1
        }
    fi
    command -v apt-get >/dev/null || {
        echo "Missing (names of Debian's packages):$missing" >&2
        exit 1
    }
    echo "Installing what the tests need:$missing"
    $as_root apt-get -qq update
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install --no-install-recommends $missing >/dev/null
}

need gcc command -v gcc
need libc6-dev test -e /usr/include/netdb.h
need cmake command -v cmake
need make command -v make
need pkg-config command -v pkg-config
need python3 test -x /usr/bin/python3
need netbase test -e /etc/services
need_for_preset
[ -z "$missing" ] || install_packages

build=build/$preset
jobs=$(nproc)
cmake --preset "$preset" >/dev/null
cmake --build "$build" --parallel "$jobs"
status=0
ctest --test-dir "$build" --parallel "$jobs" --output-on-failure \
    --test-output-size-passed 65536 --output-junit ctest.xml || status=$?
tests/tools/summary.py "$build"
exit $status
