#!/bin/sh
# SPDX-License-Identifier: MIT
# check_program.sh OUTPUT [LAUNCHER...] PROGRAM: runs the tests of a program,
# writes OUTPUT.xml.
#
# Each test is a process of its own, and Criterion passes over what a sanitizer
# says when that process ends: a leak would leave the test green. So the
# sanitizers write files, and a file is a failure.
set -u
output=$1
shift

mkdir -p "$(dirname "$output")"
rm -f "$output.xml" "$output".log.*
lists=$(dirname "$0")/../lists
log=log_path=$output.log
export ASAN_OPTIONS="$log:detect_stack_use_after_return=1"
export UBSAN_OPTIONS="$log:print_stacktrace=1"
export TSAN_OPTIONS="$log:suppressions=$lists/tsan.supp"
export MSAN_OPTIONS="$log"
export VALGRIND_OPTS="--log-file=$output.log.%p --suppressions=$lists/valgrind.supp"

"$@" --xml="$output.xml" --jobs 2 ${TEST_TIMEOUT:+--timeout "$TEST_TIMEOUT"}
status=$?

for log in "$output".log.*; do
    # valgrind knows no pidfd_open(2), openat2(2) and epoll_pwait2(2), which so
    # are some that the kernel lacks.
    [ ! -s "$log" ] ||
        sed -i '/unhandled .* syscall: 4\(34\|37\|41\)$/,/support\/bug_reports/d' "$log"
    [ -s "$log" ] || continue
    cat "$log"
    status=1
done
if ! grep -qs 'status="PASSED"\|status="FAILED"' "$output.xml"; then
    echo "no test was run"
    status=1
fi
exit $status
