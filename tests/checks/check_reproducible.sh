#!/bin/sh
# check_reproducible.sh SCRATCH: two builds, in directories whose names are of
# different lengths, install the same bytes. Works in SCRATCH, made anew.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
rm -rf "$1"
mkdir -p "$1"
cd "$1"

for place in one a/rather/longer/place; do
    mkdir -p "$place/source"
    (
        cd "$source"
        cp -Rp CMakeLists.txt cmake include lib pkgconfig README.md docs \
            "$OLDPWD/$place/source"
    )
    cmake -S "$place/source" -B "$place/build" -DCMAKE_BUILD_TYPE=Release \
        -DPYSOCKC_BUILD_TESTS=OFF -DPYSOCKC_BUILD_EXAMPLES=OFF \
        -DPYSOCKC_BUILD_DOCS=OFF >"$place/log"
    cmake --build "$place/build" --parallel 2 >>"$place/log"
    DESTDIR=$PWD/$place/installed cmake --install "$place/build" \
        --prefix /usr >>"$place/log"
done
diff -r one/installed a/rather/longer/place/installed
[ -n "$(find one/installed -name 'libpysockc.so.*')" ]
echo "$(find one/installed -type f | wc -l) files, the same bytes in both"
