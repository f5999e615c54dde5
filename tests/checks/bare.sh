# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A Debian with a compiler and CMake alone, to work in as a user would; for the
# checks that set `source`, and `suite` if it is another, and source this. Each
# works in a `root` of its own, a copy of what is kept in `cache` for the next
# time.
#
# Needs root, debootstrap and the archive that this machine's apt uses; where
# there is none it says so, and the status is 77.
suite=${suite:-bookworm}
readme=${source:?}/tests/tools/readme.py
installing="Installing and linking"

skip() {
    echo "SKIPPED: $*"
    exit 77
}

fail() {
    echo "$(basename "$0" .sh): $*" >&2
    exit 1
}

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

# make_root CACHE NAME: `root`, as bare as `bare`
make_root() {
    mkdir -p "$1"
    cache=$(cd "$1" && pwd)
    bare=$cache/$suite
    root=$cache/$suite.$2
    make_bare
    rm -rf "$root"
    cp -a --reflink=auto "$bare" "$root"
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

# ---- README's program -------------------------------------------------------

# build_by_cmake NAME [EXPRESSION]: README's project, or as sed(1) makes it
build_by_cmake() {
    rm -rf "$root/srv/$1"
    mkdir "$root/srv/$1"
    "$readme" c >"$root/srv/$1/program.c"
    "$readme" cmake | sed "${2-}" >"$root/srv/$1/CMakeLists.txt"
    inside "cd /srv/$1
cmake -B build
cmake --build build
cp build/program ../program_$1"
}

# By both of README's lines; needs pkg-config.
build_by_pkg_config() {
    "$readme" c >"$root/srv/program.c"
    "$readme" "$installing" 2 | while IFS= read -r line; do
        kind=shared
        case $line in *-static*) kind=static ;; esac
        inside "cd /srv
$line
mv program program_$kind"
    done
}

# run_programs CLIENT KIND...: each serves an example's client, and fails in
# README's words.
run_programs() {
    client=$1
    shift
    failure=$(sed -n 's/^    \(echo: bind .*\)$/\1/p' "$source/README.md")
    for kind; do
        # shellcheck disable=SC2016 # the inner shell expands it
        inside --net 'cd /srv
./program_'"$kind"' >printed &
timeout 30 sh -c "until '"$client"'; do :; done" >said 2>/dev/null
if ./program_'"$kind"' 2>failed; then exit 1; fi
kill $!' || fail "the program ($kind) does not work"
        grep -qx "server ('127.0.0.1', 5555) membalas: Isi pesan" "$root/srv/said" ||
            fail "the program ($kind) answers otherwise"
        grep -q "^client ('127.0.0.1', [0-9]*)$" "$root/srv/printed" ||
            fail "the program ($kind) prints otherwise"
        [ "$(cat "$root/srv/failed")" = "$failure" ] ||
            fail "the program ($kind) fails otherwise"
    done
}
