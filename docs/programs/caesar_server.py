# SPDX-License-Identifier: MIT
"""Caesar cipher server: (d/e)(shift)(message), up to a full stop."""

import socket

from caesar import cipher, to_int
from example import (MESSAGE_SECONDS, MESSAGE_SIZE, complain, host_and_port,
                     listening, recv_until)

HEADER = 3


def reply(sc, msg):
    nshift = to_int(msg[1:HEADER])
    if msg.startswith(b'd'):
        nshift = -nshift
    sc.sendall(cipher(msg[HEADER:], nshift))


def answer(sc):
    sc.settimeout(MESSAGE_SECONDS)
    msg = recv_until(sc, MESSAGE_SIZE, b'.')
    if len(msg) == MESSAGE_SIZE and not msg.endswith(b'.'):
        complain('message over 64 KiB')
    elif len(msg) > HEADER:
        reply(sc, msg)


with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(host_and_port('127.0.0.1', 5555))
    s.listen(1)
    listening(s)
    while True:
        sc, sockname = s.accept()
        with sc:
            print(f'koneksi dari {sockname}')
            try:
                answer(sc)
            except OSError as error:
                complain(error)
