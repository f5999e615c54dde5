# SPDX-License-Identifier: MIT
"""Echo client over TCP."""

import socket
import sys

from example import (MESSAGE_SIZE, complain, host_and_port, print_bytes,
                     recv_until)

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
    s.connect(host_and_port('127.0.0.1', 5555))
    print(f'socket local {s.getsockname()}')

    s.sendall(b'Isi pesan.')
    msg = recv_until(s, MESSAGE_SIZE, b'.')
    print('balasan server: ', end='')
    print_bytes(msg)
    if not msg.endswith(b'.'):
        sys.exit(complain('the answer broke off'))
