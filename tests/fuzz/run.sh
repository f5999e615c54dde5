#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [SECONDS] [TARGET...]: fuzzes, each target for SECONDS (60 by default).
#
# Fails on a crash, a leak or a hang, and where a target has under 100 features
# or under 1000 executions a second; of TLS, whose each begins with a handshake,
# under 100. New inputs stay in build/fuzz/found; a
# crashing one in build/fuzz. On a Debian machine clang is installed if missing.
set -eu
seconds=${1:-60}
[ $# -eq 0 ] || shift
cd "$(dirname "$0")/../.."
build=build/fuzz
corpus=tests/fuzz/corpus
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(ls $corpus)

has_fuzzer() {
    command -v clang >/dev/null &&
        test -e "$(clang -print-runtime-dir)/libclang_rt.fuzzer-x86_64.a"
}
has_fuzzer || {
    echo "Installing what fuzzing needs: clang libclang-rt-14-dev"
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install \
        --no-install-recommends clang libclang-rt-14-dev >/dev/null
}
cmake --preset fuzz >/dev/null
cmake --build $build --target fuzz --parallel "$(nproc)" >$build/build.log ||
    { cat $build/build.log; exit 1; }

failed=0
printf '%-14s %12s %8s %9s %7s\n' target executions exec/s features inputs
for target; do
    mkdir -p "$build/found/$target"
    log=$build/$target.log
    result=ok
    "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 \
        -print_final_stats=1 -max_len="${MAX_LEN:-512}" -use_value_profile=0 \
        -artifact_prefix="$build/$target-" "$build/found/$target" \
        "$corpus/$target" >"$log" 2>&1 || result="FAILED, see $log"
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    speed=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
    last=$(grep -a ' ft: ' "$log" | tail -n 1)
    features=$(echo "$last" | sed 's/.* ft: \([0-9]*\).*/\1/')
    inputs=$(echo "$last" | sed 's|.* corp: \([0-9]*\).*|\1|')
    [ "${features:-0}" -ge 100 ] || result="$result; under 100 features"
    least=1000
    [ "$target" != ssl ] || least=100
    [ "${speed:-0}" -ge $least ] || result="$result; under $least exec/s"
    [ "$result" = ok ] || failed=1
    printf '%-14s %12s %8s %9s %7s  %s\n' "$target" "${runs:-?}" \
        "${speed:-?}" "${features:-?}" "${inputs:-?}" "$result"
done
exit $failed
