#!/bin/sh
# SPDX-License-Identifier: MIT
# check_bare.sh [--tests] [--cmake DIRECTORY] [SUITE [CACHE]]: whoever wants the
# library needs a compiler and CMake, and what README.md has one type works.
#
# It is typed, as README.md says it, in a Debian that has nothing else. SUITE is
# bookworm, or another one of the archive that this machine's apt uses. CACHE
# keeps the bare system for the next time: build/bare. --cmake: an installed
# CMake to use instead of Debian's. --tests: tests/run.sh, too.
#
# Needs root, debootstrap and the archive; where there is none it says so, and
# its status is 77.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
readme=$source/tests/tools/readme.py
installing="Installing and linking"
tests=
own_cmake=

skip() {
    echo "SKIPPED: $*"
    exit 77
}

fail() {
    echo "check_bare: $*" >&2
    exit 1
}

while :; do
    case ${1-} in
    --tests) tests=yes ;;
    --cmake)
        own_cmake=$(cd "$2" && pwd)
        shift
        ;;
    *) break ;;
    esac
    shift
done
suite=${1:-bookworm}
cache=${2:-$source/build/bare}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
bare=$cache/$suite
root=$cache/$suite.used

# ---- the bare system --------------------------------------------------------

archive() {
    # shellcheck disable=SC2016 # apt expands it
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
        'Origin: Debian' | head -n 1
}

make_bare() {
    [ "$(id -u)" -eq 0 ] || skip "this is not root"
    unshare --mount --net --pid --fork true 2>/dev/null || skip "this machine allows no namespaces"
    command -v ip >/dev/null || skip "ip is missing (Debian: iproute2)"
    [ ! -e "$bare/complete" ] || return 0
    command -v debootstrap >/dev/null || skip "debootstrap is missing"
    [ -n "$(archive)" ] || skip "apt knows no archive of Debian"
    echo "**** A bare $suite in $bare"
    rm -rf "$bare"
    debootstrap --variant=minbase --include=gcc,libc6-dev,cmake,make \
        "$suite" "$bare" "$(archive)" >"$cache/log" 2>&1 || {
        tail -n 3 "$cache/log"
        skip "debootstrap can't make $suite"
    }
    # What this machine's apt does not check, this one can't either.
    apt-config dump | grep -E '^Acquire::(Check-|https?::Proxy)' >"$bare/etc/apt/apt.conf.d/99bare" || :
    printf '127.0.0.1\tlocalhost\n127.0.1.1\tbare\n\n%s\n%s\n%s\n' \
        '::1     localhost ip6-localhost ip6-loopback' \
        'ff02::1 ip6-allnodes' 'ff02::2 ip6-allrouters' >"$bare/etc/hosts"
    cp /etc/resolv.conf "$bare/etc/resolv.conf"
    touch "$bare/complete"
}

make_root() {
    rm -rf "$root"
    cp -a --reflink=auto "$bare" "$root"
    mkdir "$root/srv/pysockc"
    tar -C "$source" --exclude=./build --exclude=./.git -c . | tar -C "$root/srv/pysockc" -x
    if [ -n "$own_cmake" ]; then
        cp -a "$own_cmake" "$root/opt/cmake"
    fi
}

# inside [--net] COMMANDS: typed in the bare system, one after the other
inside() {
    net=
    if [ "$1" = --net ]; then
        net=--net
        shift
    fi
    # shellcheck disable=SC2016,SC2086 # the inner shell expands it; one word or none
    unshare --mount --pid --fork --uts $net sh -euc '
        hostname bare
        [ -z "$2" ] || ip link set lo up
        mount --bind "$1" "$1"
        mount -t proc proc "$1/proc"
        mount -t tmpfs tmpfs "$1/dev/shm"
        # Not chroot alone, in which no namespace can be made.
        cd "$1"
        pivot_root . .
        umount -l .
        exec chroot . /usr/bin/env -i HOME=/root LC_ALL=C \
            PATH=/opt/cmake/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            sh -euxc "$3"' sh "$root" "$net" "$1"
}

install() {
    inside "export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install --no-install-recommends $* >/dev/null 2>&1"
}

# ---- what one types ---------------------------------------------------------

install_the_library() {
    echo "**** Installing the library, by gcc, CMake and make alone"
    inside "cmake --version
gcc --version
cd /srv/pysockc
$("$readme" "$installing" 1)"
}

# by_cmake NAME: README's project, whose library is found or a part of it
by_cmake() {
    inside "cd /srv/$1
cmake -B build
cmake --build build
cp build/program ../program_$1"
}

build_programs() {
    echo "**** README's program"
    for project in found part; do
        mkdir "$root/srv/$project"
        "$readme" c >"$root/srv/$project/program.c"
        "$readme" cmake >"$root/srv/$project/CMakeLists.txt"
    done
    cp "$root/srv/found/program.c" "$root/srv/program.c"
    sed -i 's,find_package(pysockc REQUIRED),add_subdirectory(../pysockc pysockc),' \
        "$root/srv/part/CMakeLists.txt"
    by_cmake found
    by_cmake part

    install pkg-config
    "$readme" "$installing" 2 | while IFS= read -r line; do
        kind=shared
        case $line in *-static*) kind=static ;; esac
        inside "cd /srv
$line
mv program program_$kind"
    done
}

run_examples() {
    echo "**** The examples"
    inside "cd /srv/pysockc
sh examples/run.sh" | tee "$cache/log"
    [ "$(tail -n 1 "$cache/log")" = "17 of 17 conversations held" ] ||
        fail "not all conversations were held"
}

# README's program serves an example's client, and fails in README's words.
run_programs() {
    failure=$(sed -n 's/^    \(echo: bind .*\)$/\1/p' "$source/README.md")
    for kind in shared static found part; do
        # shellcheck disable=SC2016 # the inner shell expands it
        inside --net 'cd /srv
./program_'$kind' >printed &
timeout 30 sh -c "until ./pysockc/build/examples/examples/echo_udp_client; do :; done" \
    >said 2>/dev/null
if ./program_'$kind' 2>failed; then exit 1; fi
kill $!' || fail "the program ($kind) does not work"
        grep -qx "server ('127.0.0.1', 5555) membalas: Isi pesan" "$root/srv/said" ||
            fail "the program ($kind) answers otherwise"
        grep -q "^client ('127.0.0.1', [0-9]*)$" "$root/srv/printed" ||
            fail "the program ($kind) prints otherwise"
        [ "$(cat "$root/srv/failed")" = "$failure" ] ||
            fail "the program ($kind) fails otherwise"
    done
}

run_tests() {
    echo "**** The tests"
    inside "cd /srv/pysockc
sh tests/run.sh"
}

make_bare
make_root
install_the_library
build_programs
run_examples
run_programs
[ -z "$tests" ] || run_tests
rm -rf "$root"
echo "$suite: README's commands work"
