#!/bin/sh
# SPDX-License-Identifier: MIT
# check_inherit.sh LOAD: a program that is executed finds no socket open.
"$1" inherit >"$2" || exit 1
cat "$2"
# It lists itself at least, and not one socket.
[ "$(wc -l <"$2")" -ge 3 ] && ! grep 'socket:' "$2"
