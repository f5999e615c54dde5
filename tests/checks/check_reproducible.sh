#!/bin/sh
# SPDX-License-Identifier: MIT
# check_reproducible.sh SCRATCH: two builds of the preset release, in directories
# whose names are of different lengths, install the same bytes. Works in SCRATCH,
# made anew.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
rm -rf "$1"
mkdir -p "$1"
cd "$1"

for place in one a/rather/longer/place; do
    mkdir -p "$place/source"
    (
        cd "$source"
        cp -Rp CMakeLists.txt CMakePresets.json CHANGELOG.md LICENSE README.md cmake \
            docs include lib pkgconfig \
            "$OLDPWD/$place/source"
    )
    build=$place/source/build/release
    # Debug information names the directories.
    cmake -S "$place/source" --preset release -DCMAKE_BUILD_TYPE=Release \
        >"$place/log"
    cmake --build "$build" --parallel 2 >>"$place/log"
    DESTDIR=$PWD/$place/installed cmake --install "$build" --prefix /usr \
        >>"$place/log"
done
diff -r one/installed a/rather/longer/place/installed
[ -n "$(find one/installed -name 'libpysockc.so.*')" ]
echo "$(find one/installed -type f | wc -l) files, the same bytes in both"
