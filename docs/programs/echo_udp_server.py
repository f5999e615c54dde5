# SPDX-License-Identifier: MIT
"""Echo server over UDP."""

import socket

from example import complain, host_and_port, listening, print_bytes

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.bind(host_and_port('127.0.0.1', 5555))
    listening(s)
    while True:
        msg, address = s.recvfrom(65535)
        print(f'client {address} mengirim ', end='')
        print_bytes(msg)
        try:
            s.sendto(msg, address)
            print('balasan dikirim')
        except OSError as error:
            complain(error)
