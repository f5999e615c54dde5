#!/bin/sh
# SPDX-License-Identifier: MIT
# mcdc.sh: MC/DC of lib/ by the tests on their own runner, without injection.
#
# Each condition of a decision, shown to decide it alone. gcc 12 and clang 14
# do not measure it; clang-19 and llvm-19 are installed if missing.
set -eu
cd "$(dirname "$0")/../.."
build=build/mcdc

if ! command -v clang-19 >/dev/null || ! command -v llvm-cov-19 >/dev/null; then
    echo "Installing what MC/DC needs: clang-19 libclang-rt-19-dev llvm-19"
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install \
        --no-install-recommends clang-19 libclang-rt-19-dev llvm-19 >/dev/null
fi
flags="-fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc -Dalways_inline=unused"
cmake -S . -B $build -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang-19 \
    -DCMAKE_C_FLAGS="$flags" -DPYSOCKC_BUILD_TESTS=ON \
    -DPYSOCKC_BUILD_EXAMPLES=OFF -DPYSOCKC_BUILD_BENCH=OFF \
    -DPYSOCKC_BUILD_DOCS=OFF -DPYSOCKC_INSTALL=OFF \
    -DPYSOCKC_TEST_RUNNER=plain >/dev/null
cmake --build $build --parallel "$(nproc)" >$build/build.log 2>&1 || {
    tail -n 40 $build/build.log
    exit 1
}
rm -rf $build/profiles
mkdir -p $build/profiles
objects=
for program in "$build"/tests/unit/test_*; do
    if [ ! -f "$program" ] || [ ! -x "$program" ]; then continue; fi
    LLVM_PROFILE_FILE=$build/profiles/%p-%m.profraw \
        tests/tools/own_etc.py "$program" >$build/run.log 2>&1 || {
        tail -n 5 $build/run.log
        exit 1
    }
    objects="$objects${objects:+ -object }$program"
done
llvm-profdata-19 merge -sparse -o $build/all.profdata $build/profiles/*.profraw
# shellcheck disable=SC2086
llvm-cov-19 report $objects -instr-profile=$build/all.profdata \
    --show-mcdc-summary --ignore-filename-regex='/tests/' | tee $build/report.txt
