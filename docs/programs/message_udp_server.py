# SPDX-License-Identifier: MIT
"""Shows the messages that come over UDP."""

import socket

from example import complain, host_and_port, listening, print_bytes

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind(host_and_port('', 27281))
    listening(sock)
    while True:
        data, address = sock.recvfrom(65535)
        print(f'Adress {address[0]} said ', end='')
        print_bytes(data[:256])
        if len(data) > 256:
            complain(f'{len(data)} bytes from {address}, cut to 256')
