# SPDX-License-Identifier: MIT
"""Tries the ports of a machine one after the other."""

import socket
import sys


def to_itself(s):
    """Whether the system chose, for the socket, the very port it tries."""
    return s.getsockname() == s.getpeername()


given = sys.argv[1:]
target = socket.gethostbyname(given[0] if given else input('target: '))
first = int(given[1]) if given[1:] else 20
last = int(given[2]) if given[2:] else max(first, 1024)

socket.setdefaulttimeout(0.01)  # seconds, of each new socket
for port in range(first, last + 1):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        result = s.connect_ex((target, port))
        if result == 0 and not to_itself(s):
            print(f'port {port}: OPEN')
