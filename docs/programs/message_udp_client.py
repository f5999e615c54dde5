# SPDX-License-Identifier: MIT
"""Sends each line of its input as a message over UDP."""

import socket

from example import complain, host_and_port, raw_input

server = host_and_port('', 27281)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    while msg := raw_input('msg to send: '):
        try:
            print(sock.sendto(msg, server), 'sent')
        except OSError as error:
            complain(error)
