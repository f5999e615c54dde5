#!/bin/sh
# SPDX-License-Identifier: MIT
# check_headers.sh COMPILER STANDARD: each public header alone, then all that
# they define, without a single warning.
set -u
compiler=$1
standard=$2
here=$(cd "$(dirname "$0")" && pwd)
include=$here/../../include

# Nothing to compile with is a skip, which ctest shows; it is no success.
command -v "$compiler" >/dev/null || { echo "no $compiler here"; exit 77; }

case $standard in
c++*) language=c++ flags=-Wold-style-cast ;;
*) language=c flags=-Wstrict-prototypes ;;
esac

compile() {
    "$compiler" -std="$standard" -x "$language" -I"$include" -fsyntax-only \
        -Wall -Wextra -pedantic -Wshadow -Wundef -Werror $flags "$@" || status=1
}

status=0
count=0
for header in "$include"/pysockc/*.h; do
    name=pysockc/$(basename "$header")
    # Twice, for the guards; and a file of its own is never empty.
    compile - <<EOF
#include <$name>
#include <$name>
extern int not_empty;
EOF
    count=$((count + 1))
done
# Constants that the kernel's headers define, too, in either order.
for kernel in can can/j1939 can/raw if_alg if_packet netlink tipc \
    vm_sockets mptcp udp; do
    [ -e "/usr/include/linux/$kernel.h" ] || continue
    compile - <<EOF
#include <pysockc/constant.h>
#include <linux/$kernel.h>
extern int not_empty;
EOF
    compile - <<EOF
#include <linux/$kernel.h>
#include <pysockc/constant.h>
extern int not_empty;
EOF
done
for source in "$here"/constants.c "$here"/ssl_constants.c \
    "$here"/net_constants.c "$here"/layout.c; do
    compile "$source"
done
echo "$count headers"
[ "$count" -gt 10 ] || status=1
exit $status
