# SPDX-License-Identifier: MIT
"""Echo server over TCP for many clients at once, by select."""

import select
import socket

from example import MESSAGE_SIZE, complain, host_and_port, listening

MOST = 1000

# The first one listens, the others are clients.
sockets = []


def welcome(s):
    try:
        sc, sockname = s.accept()
    except BlockingIOError:
        return  # who was there has gone again
    print(f'koneksi dari {sockname}')
    sc.setblocking(False)
    if len(sockets) < MOST:
        sockets.append(sc)
    else:
        complain(f'more than {MOST - 1} clients')
        sc.close()


def take_out(sc):
    sockets.remove(sc)
    sc.close()
    print(f'koneksi selesai, tinggal {len(sockets) - 1}')


def answer(sc):
    """What has come goes back. Who does not read it is given up."""
    try:
        msg = sc.recv(MESSAGE_SIZE)
        sc.sendall(msg)
    except OSError as error:
        complain(error)
        msg = b''
    if not msg:
        take_out(sc)


with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(host_and_port('127.0.0.1', 5555))
    s.listen()
    s.setblocking(False)
    listening(s)
    sockets.append(s)
    while True:
        readable, _, _ = select.select(sockets, [], [])
        for ready in readable:
            if ready is s:
                welcome(s)
            else:
                answer(ready)
