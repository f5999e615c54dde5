# SPDX-License-Identifier: MIT
"""Asks for a page over TLS, and prints the head of the answer."""

import socket
import ssl
import sys

from example import (MESSAGE_SECONDS, complain, files, host_and_port,
                     print_bytes)

SIZE = 8192


def print_head(file):
    """Up to the empty line; the status."""
    while line := file.readline(SIZE):
        if len(line) == SIZE and not line.endswith(b'\n'):
            return complain('a line over 8 KiB')
        if not line.rstrip(b'\r\n'):
            return 0
        print_bytes(line.rstrip(b'\r\n'))
    return complain('the head broke off')


# without a file, who the system trusts
ctx = ssl.create_default_context(cafile=files(None)[0])
host, port = host_and_port('localhost', 443)
with socket.create_connection((host, port), MESSAGE_SECONDS) as s:
    with ctx.wrap_socket(s, server_hostname=host) as ss:
        name = f'[{host}]' if ':' in host else host
        ss.sendall(f'GET / HTTP/1.0\r\nHost: {name}\r\n\r\n'.encode())
        with ss.makefile('rb') as file:
            sys.exit(print_head(file))
