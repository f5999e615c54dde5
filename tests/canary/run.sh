#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [--apply] SOURCE SCRATCH: each planted bug makes the check that it names
# fail; with --apply only whether each still has its place in the library.
#
# A patch of this directory begins with what it plants, and with what must fail
# with it, and not without: a program of the tests, or a test of ctest that takes
# several, and these:
#   # check: PROGRAM ARGUMENT...
#   # check: ctest TEST PROGRAM...
# A test that is skipped here, for want of namespaces, sees nothing. The patches
# are applied to a copy of the library, one after the other, in one build tree.
set -u
[ "$1" != --apply ] || { only_apply=yes && shift; }
source=$(cd "$1" && pwd) || exit 2
mkdir -p "$2" && scratch=$(cd "$2" && pwd) || exit 2
tree=$scratch/tree
failed=0
count=0

say() {
    echo "$*"
    failed=1
}

# build CHECK...: what it runs, of the tree as it is now
build() {
    if [ "$1" = ctest ]; then
        shift 2
    else
        set -- "$1"
    fi
    cmake --build "$scratch/build" --parallel 2 --target "$@" \
        >"$scratch/log" 2>&1 && return
    cat "$scratch/log"
    return 1
}

# run CHECK...: wherever it was built
run() {
    program=$1
    if [ "$1" = ctest ]; then
        timeout 120 ctest --test-dir "$scratch/build" -R "^$2\$" \
            >"$scratch/log" 2>&1
        return
    fi
    shift
    timeout 120 "$(find "$scratch/build/tests" -type f -name "$program")" \
        "$@" >"$scratch/log" 2>&1
}

# plant PATCH: applied, must be seen, and is taken back
plant() {
    name=$(basename "$1" .patch)
    # shellcheck disable=SC2046
    set -- "$1" $(sed -n 's/^# check: //p' "$1")
    patch=$1
    shift
    if ! patch -s -f -d "$tree" -p1 <"$patch" >"$scratch/log" 2>&1; then
        say "$name: no longer applies" && cat "$scratch/log"
    elif ! build "$@"; then
        say "$name: does not compile"
    elif run "$@"; then
        if grep -q '(Skipped)' "$scratch/log"; then
            echo "$name: $2 is skipped here"
        else
            say "$name: $* did not see it"
        fi
    else
        echo "$name: seen by $*"
    fi
    copy_library
}

# What is the same keeps its time, so that little is compiled again.
copy_library() {
    for f in lib/*/*; do
        cmp -s "$f" "$tree/$f" || cp "$f" "$tree/$f"
    done
    rm -f "$tree"/lib/*/*.rej "$tree"/lib/*/*.orig
}

cd "$source" || exit 2
if [ -n "${only_apply-}" ]; then
    for patch in tests/canary/*.patch; do
        patch --dry-run -s -f -p1 <"$patch" || say "$patch: no longer applies"
    done
    exit $failed
fi

# What an earlier run built of its last bug would pass for newer.
rm -rf "$tree" "$scratch/build"
mkdir -p "$tree"
cp -Rp CMakeLists.txt CMakePresets.json cmake examples include lib tests "$tree" ||
    exit 2
[ ! -d docs ] || cp -Rp docs "$tree"
cmake -S "$tree" -B "$scratch/build" -DCMAKE_BUILD_TYPE=Debug \
    -DPYSOCKC_BUILD_TESTS=ON -DPYSOCKC_BUILD_EXAMPLES=ON \
    -DPYSOCKC_BUILD_BENCH=OFF -DPYSOCKC_BUILD_DOCS=OFF -DPYSOCKC_BUILD_SSL=ON \
    -DPYSOCKC_BUILD_NET=ON -DPYSOCKC_INSTALL=OFF >"$scratch/log" 2>&1 || {
    cat "$scratch/log"
    exit 2
}

sed -n 's/^# check: //p' tests/canary/*.patch | sort -u >"$scratch/checks"
while read -r check; do
    # shellcheck disable=SC2086
    set -- $check
    if ! build "$@" || ! run "$@"; then
        say "without a bug: $check fails" && cat "$scratch/log"
    fi
done <"$scratch/checks"

for patch in "$source"/tests/canary/*.patch; do
    count=$((count + 1))
    plant "$patch"
done
echo "$count planted bugs"
exit $failed
