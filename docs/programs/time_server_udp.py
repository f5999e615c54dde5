# SPDX-License-Identifier: MIT
"""Answers every datagram with the time."""

import socketserver
import time

from example import host_and_port, listening


class TellTime(socketserver.BaseRequestHandler):
    def handle(self):
        print(f'Datagram from {self.client_address}')
        data, s = self.request
        s.sendto(time.ctime().encode(), self.client_address)


with socketserver.UDPServer(host_and_port('127.0.0.1', 5555), TellTime) as server:
    listening(server.socket)
    server.serve_forever()
