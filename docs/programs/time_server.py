# SPDX-License-Identifier: MIT
"""Tells everyone who connects the time."""

import socket
import time

from example import complain, host_and_port, listening

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(host_and_port('', 27285))
    sock.listen(5)
    listening(sock)
    while True:
        client, addr = sock.accept()
        with client:
            print(f'Connection from {addr}')
            try:
                client.send(time.ctime().encode())
            except OSError as error:
                complain(error)
