# SPDX-License-Identifier: MIT
"""Caesar cipher client: has a message ciphered, and the answer deciphered."""

import socket
import sys

from example import (MESSAGE_SIZE, complain, host_and_port, print_bytes,
                     recv_until)


def ask(server, request):
    """One request on a connection of its own; the answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.connect(server)
        s.sendall(request)
        msg = recv_until(s, MESSAGE_SIZE, b'.')
    print('balasan server: ', end='')
    print_bytes(msg)
    if not msg.endswith(b'.'):
        sys.exit(complain('the answer broke off'))
    return msg


server = host_and_port('127.0.0.1', 5555)
msg = ask(server, b'e10isi pesan.')
ask(server, b'd10' + msg)
