# SPDX-License-Identifier: MIT
"""Echo server over TCP, with a thread for each client."""

import socketserver

from example import (MESSAGE_SECONDS, MESSAGE_SIZE, complain, host_and_port,
                     listening, recv_until)


class Answer(socketserver.BaseRequestHandler):
    def handle(self):
        print(f'koneksi dari {self.client_address}', flush=True)
        self.request.settimeout(MESSAGE_SECONDS)
        try:
            msg = recv_until(self.request, MESSAGE_SIZE, b'.')
            if len(msg) == MESSAGE_SIZE and not msg.endswith(b'.'):
                complain('message over 64 KiB')
            else:
                self.request.sendall(msg)
                print('balasan dikirim', flush=True)
        except OSError as error:
            complain(error)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


with Server(host_and_port('127.0.0.1', 5555), Answer) as server:
    listening(server.socket)
    server.serve_forever()
