# SPDX-License-Identifier: MIT
"""Echo server over TLS; a message ends with a full stop."""

import socket
import ssl

from example import (MESSAGE_SECONDS, MESSAGE_SIZE, complain, files,
                     host_and_port, listening, recv_until_of_tls)


def answer(sc):
    msg = recv_until_of_tls(sc, MESSAGE_SIZE, b'.')
    if len(msg) == MESSAGE_SIZE and not msg.endswith(b'.'):
        complain('message over 64 KiB')
    else:
        sc.sendall(msg)
        print(f'balasan dikirim, {sc.version()}')


ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
ctx.load_cert_chain(*files('cert.pem', 'key.pem'))
with socket.create_server(host_and_port('127.0.0.1', 5555), backlog=5) as s:
    listening(s)
    while True:
        sc, sockname = s.accept()
        with sc:
            print(f'koneksi dari {sockname}')
            sc.settimeout(MESSAGE_SECONDS)
            try:
                # a wrapped s would wait in accept for the handshake
                with ctx.wrap_socket(sc, server_side=True) as ss:
                    answer(ss)
            except OSError as error:
                complain(error)
