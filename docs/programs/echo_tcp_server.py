# SPDX-License-Identifier: MIT
"""Echo server over TCP; a message ends with a full stop."""

import socket

from example import (MESSAGE_SECONDS, MESSAGE_SIZE, complain, host_and_port,
                     listening, recv_until)


def answer(sc):
    sc.settimeout(MESSAGE_SECONDS)
    msg = recv_until(sc, MESSAGE_SIZE, b'.')
    if len(msg) == MESSAGE_SIZE and not msg.endswith(b'.'):
        complain('message over 64 KiB')
    else:
        sc.sendall(msg)
        print('balasan dikirim')


# passive socket
with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(host_and_port('127.0.0.1', 5555))
    s.listen(1)
    listening(s)
    while True:
        # returns an active, connected socket
        sc, sockname = s.accept()
        with sc:
            print(f'koneksi dari {sockname}')
            try:
                answer(sc)
            except OSError as error:
                complain(error)
