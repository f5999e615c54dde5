# SPDX-License-Identifier: MIT
"""Echo client over UDP, connected: it hears its server alone."""

import socket

from example import host_and_port, print_bytes

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.connect(host_and_port('127.0.0.1', 5555))
    s.send(b'Isi pesan')

    msg = s.recv(65535)
    print('server membalas: ', end='')
    print_bytes(msg)
