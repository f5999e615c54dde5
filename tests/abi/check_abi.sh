#!/bin/sh
# SPDX-License-Identifier: MIT
# check_abi.sh LIBRARY: the interface, to the last byte of a structure, is the
# one that the .abi of its name in this folder holds.
#
# Where it was changed on purpose: check_abi.sh --accept LIBRARY.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
headers=$here/../../include/pysockc
accept=
if [ "$1" = --accept ]; then
    accept=yes
    shift
fi
name=$(basename "$1")
reference=$here/${name%%.so*}.abi

if [ -n "$accept" ]; then
    abidw --headers-dir "$headers" --drop-private-types \
        --suppressions "$here/private.suppr" \
        --no-comp-dir-path --no-corpus-path --short-locs --no-elf-needed \
        --out-file "$reference" "$1"
    exit
fi
if ! command -v abidiff >/dev/null; then
    echo "abidiff is missing (Debian: abigail-tools)"
    exit 77
fi
# A check of nothing would find nothing.
symbols=$(grep -c "elf-symbol name='sock_[a-z]" "$reference")
[ "$symbols" -ge 30 ] || {
    echo "$reference holds $symbols functions only"
    exit 1
}
abidiff --headers-dir2 "$headers" --drop-private-types \
    --suppressions "$here/private.suppr" "$reference" "$1"
