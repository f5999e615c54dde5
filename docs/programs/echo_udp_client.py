# SPDX-License-Identifier: MIT
"""Echo client over UDP."""

import socket

from example import host_and_port, print_bytes

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.sendto(b'Isi pesan', host_and_port('127.0.0.1', 5555))

    # An unconnected socket is not told that no one listens.
    s.settimeout(5)

    # receives a message, and not only the server's
    msg, address = s.recvfrom(65535)
    print(f'server {address} membalas: ', end='')
    print_bytes(msg)
