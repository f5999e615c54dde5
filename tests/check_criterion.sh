#!/bin/sh
# check_criterion.sh PROGRAM OUTPUT: runs a Criterion program, writes OUTPUT.xml.
#
# Each test is a process of its own, and Criterion passes over what a sanitizer
# says when that process ends: a leak would leave the test green. So the
# sanitizers write files, and a file is a failure.
set -u
program=$1
output=$2

mkdir -p "$(dirname "$output")"
rm -f "$output.xml" "$output".log.*
export ASAN_OPTIONS="log_path=$output.log:detect_stack_use_after_return=1"
export UBSAN_OPTIONS="log_path=$output.log:print_stacktrace=1"

"$program" --xml="$output.xml" --jobs 2
status=$?

for log in "$output".log.*; do
    [ -e "$log" ] || continue
    cat "$log"
    status=1
done
if ! grep -qs 'status="PASSED"\|status="FAILED"' "$output.xml"; then
    echo "no test was run"
    status=1
fi
exit $status
