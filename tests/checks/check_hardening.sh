#!/bin/sh
# SPDX-License-Identifier: MIT
# check_hardening.sh LIBRARY [NEEDED...]: how the shared library was linked, and
# what it calls. It needs libc and these. Prints every finding; there must be
# none.
set -u
library=$1
shift
allowed='\[libc\.so\|\[ld-linux'
for needed; do
    allowed="$allowed\|\[$needed\.so"
done
export LC_ALL=C
found=$(mktemp)
trap 'rm -f "$found"' EXIT

finding() {
    echo "$library: $*" | tee -a "$found"
}

headers=$(readelf --wide --program-headers "$library") || finding "not readable"
dynamic=$(readelf --wide --dynamic "$library") || finding "not readable"
echo "$headers" | grep -q GNU_RELRO || finding "no RELRO"
echo "$dynamic" | grep -q 'BIND_NOW\|FLAGS_1.*NOW' || finding "binds lazily"
echo "$headers" | grep -q 'GNU_STACK.* RW ' || finding "executable stack"
echo "$headers" | grep -q 'LOAD.* RWE ' || echo "$dynamic" | grep -q TEXTREL &&
    finding "code that can be written"
echo "$dynamic" | grep -q 'RPATH\|RUNPATH' && finding "has an RPATH"
echo "$dynamic" | grep NEEDED | grep -v "$allowed" |
    while read -r needed; do finding "needs what it should not: $needed"; done

calls=$(nm --dynamic --undefined-only "$library" | sed 's/.* //; s/@.*//')
# Not safe with threads or large descriptors, unbounded, or not a library's
# business: the process and its stdout. (_exit ends the children of a forking
# server, and them alone; sigaction is a loop's that is asked to watch a signal.)
for banned in select FD_SET __fdelt_chk \
    gethostbyname gethostbyaddr getservbyname getservbyport getprotobyname \
    strerror inet_ntoa strtok signal \
    sprintf vsprintf __sprintf_chk __vsprintf_chk strcpy __strcpy_chk \
    strcat __strcat_chk gets alloca \
    exit quick_exit abort __assert_fail \
    printf __printf_chk vprintf __vprintf_chk puts putchar stdout perror; do
    echo "$calls" | grep -qx "$banned" && finding "calls $banned"
done

[ ! -s "$found" ]
