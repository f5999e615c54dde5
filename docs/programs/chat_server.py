# SPDX-License-Identifier: MIT
"""Passes each line on to all others who are connected."""

import warnings

from example import host_and_port, listening

warnings.simplefilter('ignore', DeprecationWarning)
import asynchat  # the last Python that has them is 3.11
import asyncore

everyone = set()


class Client(asynchat.async_chat):
    def __init__(self, s):
        super().__init__(s)
        self.set_terminator(b'\n')
        everyone.add(self)
        self.push(b'welcome\n')

    def collect_incoming_data(self, data):
        self._collect_incoming_data(data)

    def found_terminator(self):
        line = self._get_data()
        for client in everyone - {self}:
            client.push(line + b'\n')

    def handle_close(self):
        everyone.discard(self)
        self.close()


class Server(asyncore.dispatcher):
    def handle_accepted(self, s, address):
        print(f'{address} joined')
        Client(s)


server = Server()
server.create_socket()
server.set_reuse_addr()
server.bind(host_and_port('127.0.0.1', 5556))
server.listen(128)
listening(server.socket)
asyncore.loop(use_poll=True)
