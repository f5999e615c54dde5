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
# What it needs stands in bare.sh; where that is missing its status is 77.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
tests=
own_cmake=
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
. "$source/tests/checks/bare.sh"

bring_the_tree() {
    mkdir "$root/srv/pysockc"
    tar -C "$source" --exclude=./build --exclude=./.git -c . | tar -C "$root/srv/pysockc" -x
    if [ -n "$own_cmake" ]; then
        cp -a "$own_cmake" "$root/opt/cmake"
    fi
}

install_the_library() {
    echo "**** Installing the library, by gcc, CMake and make alone"
    inside "cmake --version
gcc --version
cd /srv/pysockc
$("$readme" "$installing" 1)"
}

build_programs() {
    echo "**** README's program"
    build_by_cmake found
    build_by_cmake part 's,find_package(pysockc REQUIRED),add_subdirectory(../pysockc pysockc),'
    install pkg-config
    build_by_pkg_config
}

run_examples() {
    echo "**** The examples"
    inside "cd /srv/pysockc
sh examples/run.sh" | tee "$cache/log"
    # It has neither OpenSSL nor Postfix.
    [ "$(tail -n 1 "$cache/log")" = "47 of 47 conversations held; skipped: 6 \
over TLS, as the library for it was not built, which needs OpenSSL 3 and its \
headers; skipped: 2 of mail, as smtp-sink is not installed; skipped: 10 with a \
post office, as the libraries for it were not built" ] ||
        fail "not all conversations were held"
}

run_tests() {
    echo "**** The tests"
    inside "cd /srv/pysockc
sh tests/run.sh"
}

make_root "${2:-$source/build/bare}" used
bring_the_tree
install_the_library
build_programs
run_examples
run_programs ./pysockc/build/examples/examples/echo_udp_client shared static found part
[ -z "$tests" ] || run_tests
rm -rf "$root"
echo "$suite: README's commands work"
