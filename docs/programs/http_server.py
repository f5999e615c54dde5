# SPDX-License-Identifier: MIT
"""Answers every HTTP request with the path that it asked for."""

import socket

from example import (MESSAGE_SECONDS, complain, host_and_port, listening,
                     recv_until)

SIZE = 4096


def answer(sc):
    line = request = recv_until(sc, SIZE, b'\n')
    while 2 < len(line) < SIZE:  # up to the empty line
        line = recv_until(sc, SIZE, b'\n')
    words = request.split(b' ')
    if len(line) != 2 or len(words) < 3:
        return
    path = words[1] + b'\n'
    head = ('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n'
            f'Content-Length: {len(path)}\r\n\r\n')
    sc.sendall(head.encode())
    sc.sendall(path)


with socket.create_server(host_and_port('127.0.0.1', 8080), backlog=5) as s:
    listening(s)
    while True:
        sc, client = s.accept()
        with sc:
            print(f'request from {client}')
            sc.settimeout(MESSAGE_SECONDS)
            try:
                answer(sc)
            except OSError as error:
                complain(error)
