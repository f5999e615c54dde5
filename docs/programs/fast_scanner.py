# SPDX-License-Identifier: MIT
"""Tries the ports of a machine all at once."""

import errno
import os
import selectors
import socket
import sys
import time

PATIENCE = 1  # seconds, for all ports together


def to_itself(s):
    """Whether the system chose, for the socket, the very port it tries."""
    return s.getsockname() == s.getpeername()


def service(port):
    try:
        return ', ' + socket.getservbyport(port, 'tcp')
    except OSError:
        return ''


given = sys.argv[1:]
target = socket.gethostbyname(given[0] if given else input('target: '))
first = int(given[1]) if given[1:] else 20
last = int(given[2]) if given[2:] else max(first, 1024)

ports = range(first, last + 1)
opened, closed, failed, why = set(), 0, 0, 0
with selectors.DefaultSelector() as selector:
    for port in ports:
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.setblocking(False)
        s.connect_ex((target, port))
        selector.register(s, selectors.EVENT_WRITE, port)
    end = time.monotonic() + PATIENCE
    while selector.get_map() and time.monotonic() < end:
        for key, _ in selector.select(end - time.monotonic()):
            s = key.fileobj
            result = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if result == 0 and not to_itself(s):
                opened.add(key.data)
            elif result in (0, errno.ECONNREFUSED):
                closed += 1
            else:
                failed, why = failed + 1, result
            selector.unregister(s)
            s.close()
    silent = len(selector.get_map())
    for key in list(selector.get_map().values()):
        key.fileobj.close()

for port in sorted(opened):
    print(f'port {port}: OPEN{service(port)}')
print(f'{len(ports)} ports: {len(opened)} open, {closed} closed, '
      f'{silent} silent',
      end=f', {failed} failed: [Errno {why}] {os.strerror(why)}\n'
      if failed else '\n')
