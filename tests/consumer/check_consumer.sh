#!/bin/sh
# SPDX-License-Identifier: MIT
# check_consumer.sh KIND BUILD SCRATCH: foreign projects in C and C++ use the
# library that BUILD holds. Works in SCRATCH, which is made anew.
#
#   prefix        installed into a prefix
#   staged        installed with DESTDIR
#   moved         installed into a prefix that is moved afterwards
#   multiarch     configured with a library directory of two levels
#   absolute      configured with absolute directories
#   static_only   configured without the shared library
#   subdirectory  part of the foreign project, whose program is then installed
#   subdirectory_shared  the same in a project of shared libraries
set -eu
kind=$1
build=$2
scratch=$3
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
project=$here/project
version=$(sed -n 's/^#define SOCK_VERSION "\(.*\)"/\1/p' "$source/include/pysockc/version.h")

# Neither what the machine has installed nor the caller's settings take part.
unset CFLAGS CXXFLAGS LDFLAGS DESTDIR PKG_CONFIG_LIBDIR LD_LIBRARY_PATH CMAKE_PREFIX_PATH

fail() {
    echo "consumer: $*"
    exit 1
}

quietly() {
    "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "failed: $*"; }
}

# runs PROGRAM static|shared [LIBRARY]: it works, and by the right one.
runs() {
    [ "$("$1")" = "$version" ] || fail "$1 does not run"
    needed=$(readelf -d "$1" | grep -c "NEEDED.*lib${3-pysockc}\.so\." || true)
    case $2:$needed in
    static:0 | shared:1) ;;
    *) fail "$1 is not linked with the $2 library" ;;
    esac
}

# by_pkg_config LIBDIR LINKED [LIBRARIES PROGRAM]: what a plain link takes, static
# or shared
by_pkg_config() {
    export PKG_CONFIG_PATH="$1/pkgconfig"
    packages=${3-pysockc}
    for package in $packages; do
        [ "$(pkg-config --modversion "$package")" = "$version" ] ||
            fail "$package.pc is not found"
    done
    for compiler in cc c++; do
        program=$scratch/${4-program}_$compiler
        input=${4-program}.c
        [ $compiler = cc ] || input=${4-program}.cpp
        # shellcheck disable=SC2046,SC2086
        quietly $compiler "$project/$input" $(pkg-config --cflags --libs $packages) \
            -Wl,-rpath,"$1" -o "$program"
        for package in $packages; do
            runs "$program" "$2" "$package"
        done
        # shellcheck disable=SC2046,SC2086
        quietly $compiler -static "$project/$input" \
            $(pkg-config --static --cflags --libs $packages) -o "$program"
        runs "$program" static "$package"
    done
}

# runs_both_languages PROGRAM LIBRARY
runs_both_languages() {
    for language in c cpp; do
        runs "$scratch/project/program_$1_$language" "$linked" "$2"
        runs "$scratch/project/program_$1_static_$language" static "$2"
    done
}

# Those on top that the project has, too.
libraries=

has_both() {
    [ "$libraries" = " ssl net" ]
}

# by_cmake LINKED ARGUMENTS: of the foreign project's configuration
by_cmake() {
    linked=$1
    shift
    quietly cmake -S "$project" -B "$scratch/project" "$@"
    quietly cmake --build "$scratch/project"
    for program in program_c program_cpp; do
        runs "$scratch/project/${program}_pysockc" "$linked"
        runs "$scratch/project/${program}_static" static
    done
    for library in $libraries; do
        runs_both_languages "$library" "pysockc-$library"
    done
    if has_both; then
        runs_both_languages both pysockc-net
        runs_both_languages both pysockc-ssl
    fi
}

# built LIBRARY: whether this build has it
built() {
    grep -q "^PYSOCKC_BUILD_$(echo "$1" | tr '[:lower:]' '[:upper:]'):BOOL=ON" "$build/CMakeCache.txt"
}

# uses TREE LINKED: every way into a tree that holds an installed library
uses() {
    pc=$(find "$1" -name pysockc.pc)
    [ -n "$pc" ] || fail "nothing is installed in $1"
    libdir=$(dirname "$(dirname "$pc")")
    by_pkg_config "$libdir" "$2"
    for library in ssl net; do
        if [ -n "$(find "$1" -name pysockc-$library.pc)" ]; then
            libraries="$libraries $library"
            by_pkg_config "$libdir" "$2" pysockc-$library program_$library
        elif built $library; then
            fail "libpysockc-$library is not installed"
        fi
    done
    if has_both; then
        by_pkg_config "$libdir" "$2" "pysockc-net pysockc-ssl" program_both
    fi
    by_cmake "$2" -Dpysockc_DIR="$libdir/cmake/pysockc"
}

# configure_and_install OPTIONS: a build of its own, of the library alone
configure_and_install() {
    quietly cmake -S "$source" -B "$scratch/build" "$@"
    quietly cmake --build "$scratch/build"
    quietly cmake --install "$scratch/build"
}

# as_subdirectory LINKED ARGUMENTS: nothing of ours but the library reaches the
# project around it, and the program that it installs starts.
as_subdirectory() {
    linked=$1
    by_cmake "$@" -DPYSOCKC_SOURCE="$source" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
        -DCMAKE_INSTALL_PREFIX="$scratch/installed"
    commands=$scratch/project/compile_commands.json
    grep -q Werror "$commands" && fail "warnings are errors"
    [ "$(grep -c Wconversion "$commands")" = "$(grep -c '"file":.*/lib/[a-z]*/' "$commands")" ] ||
        fail "warnings leak"
    (cd "$scratch/project" && ctest -N) | grep -q 'Total Tests: 0' || fail "tests leak"
    quietly cmake --install "$scratch/project"
    rm -rf "$scratch/project"
    runs "$scratch/installed/bin/program_c_pysockc" "$linked"
}

rm -rf "$scratch"
mkdir -p "$scratch"
case $kind in
prefix)
    quietly cmake --install "$build" --prefix "$scratch/prefix"
    uses "$scratch/prefix" shared
    ;;
staged)
    DESTDIR=$scratch/stage quietly cmake --install "$build"
    uses "$scratch/stage" shared
    ;;
moved)
    quietly cmake --install "$build" --prefix "$scratch/prefix"
    mkdir "$scratch/elsewhere"
    mv "$scratch/prefix" "$scratch/elsewhere/moved"
    uses "$scratch/elsewhere" shared
    ;;
multiarch)
    configure_and_install -DCMAKE_INSTALL_PREFIX="$scratch/prefix" \
        -DCMAKE_INSTALL_LIBDIR=lib/some-linux-gnu
    uses "$scratch/prefix/lib/some-linux-gnu" shared
    ;;
absolute)
    # CMake takes no such directory below the source's.
    outside=$(mktemp -d)
    trap 'rm -rf "$outside"' EXIT
    configure_and_install -DCMAKE_INSTALL_PREFIX="$scratch/prefix" \
        -DCMAKE_INSTALL_LIBDIR="$outside/libraries" \
        -DCMAKE_INSTALL_INCLUDEDIR="$outside/headers"
    uses "$outside" shared
    ;;
static_only)
    configure_and_install -DCMAKE_INSTALL_PREFIX="$scratch/prefix" -DPYSOCKC_BUILD_SHARED=OFF
    uses "$scratch/prefix" static
    ;;
subdirectory)
    as_subdirectory static
    [ "$(cd "$scratch/installed" && find . -type f)" = ./bin/program_c_pysockc ] ||
        fail "the foreign project installs our files"
    ;;
subdirectory_shared)
    set --
    for library in ssl net; do
        built $library || continue
        libraries="$libraries $library"
        set -- "$@" "-DPYSOCKC_BUILD_$(echo $library | tr '[:lower:]' '[:upper:]')=ON"
    done
    as_subdirectory shared -DBUILD_SHARED_LIBS=ON "$@"
    ;;
*)
    fail "no kind $kind"
    ;;
esac
