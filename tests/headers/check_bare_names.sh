#!/bin/sh
# SPDX-License-Identifier: MIT
# check_bare_names.sh COMPILER LIBRARY...: <pysockc/names.h> refuses code that is
# written for the C library's conventions, takes code written for ours, and
# lives with the system's headers.
set -u
compiler=$1
shift
here=$(cd "$(dirname "$0")" && pwd)

# Nothing to compile with is a skip, which ctest shows; it is no success.
command -v "$compiler" >/dev/null || { echo "no $compiler here"; exit 77; }

case $compiler in
*++) language=c++ ;;
*) language=c ;;
esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

fail() {
    echo "$compiler: $*"
    status=1
}

compile() {
    "$compiler" -x "$language" -I"$here/../../include" "$@"
}

snippet() {
    compile -w -fsyntax-only "-DCASE=$case" "$@" "$here/libc_style.c" >"$scratch/log" 2>&1
}

# First without the bare names: else a typing error would pass for a refusal.
case=1
while grep -q "CASE == $case " "$here/libc_style.c"; do
    snippet || fail "case $case is not code for the C library: $(cat "$scratch/log")"
    snippet -DBARE_NAMES && fail "case $case: the C library's form is taken"
    snippet -DBARE_NAMES -DOURS || fail "case $case: our form is refused: $(cat "$scratch/log")"
    case=$((case + 1))
done
[ "$case" -gt 10 ] || fail "only $case cases"

for order in -DSYSTEM_FIRST -UFIRST; do
    compile $order -Wall -Wextra -pedantic -Werror "$here/bare_names.c" \
        -x none "$@" -o "$scratch/program" || fail "$order: does not build"
    "$scratch/program" || fail "$order: other values"
done
exit $status
