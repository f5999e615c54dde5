# SPDX-License-Identifier: MIT
"""Asks for the time."""

import socket
import sys

from example import complain, host_and_port, print_bytes

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
    sock.connect(host_and_port('', 27285))
    # MSG_WAITALL: to the end, in however many pieces it comes
    tm = sock.recv(1024, socket.MSG_WAITALL)
if not tm:
    sys.exit(complain('the server said nothing'))
print('Time is ', end='')
print_bytes(tm)
