#!/bin/sh
# SPDX-License-Identifier: MIT
# check_canary.sh EXPRESSION OUTPUT COMMAND...: the run of the tests must fail,
# and say what the extended regular expression matches.
set -u
expression=$1
shift

if said=$("$(dirname "$0")/check_program.sh" "$@" 2>&1); then
    echo "$said"
    echo "The run passed."
    exit 1
fi
echo "$said" | grep -Eq -- "$expression" || {
    echo "$said"
    echo "The run failed, but did not say why."
    exit 1
}
