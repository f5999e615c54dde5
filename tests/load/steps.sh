#!/bin/sh
# SPDX-License-Identifier: MIT
# steps.sh LOAD FILE: a deadline while libfaketime makes the wall clock step.
library=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
[ -n "$library" ] || { echo "no libfaketime here"; exit 77; }
echo "+0" >"$2"
LD_PRELOAD=$library FAKETIME_TIMESTAMP_FILE=$2 FAKETIME_NO_CACHE=1 \
    FAKETIME_DONT_FAKE_MONOTONIC=1 "$1" steps "$2"
