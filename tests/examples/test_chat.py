# SPDX-License-Identifier: MIT
"""A line of one client is heard by all others."""

import contextlib
import sys

from support import Case, both, c, main

CLIENTS = 50


class Client:
    def __init__(self, server):
        self.sock = server.connect()
        self.file = self.sock.makefile('rb')
        assert self.line() == b'welcome'

    def line(self):
        return self.file.readline().removesuffix(b'\n')

    def close(self):
        self.file.close()
        self.sock.close()


class Chat(Case):
    def servers(self):
        for name, command in both('chat_server'):
            if name == 'C' or sys.version_info < (3, 12):
                yield self.serve(command)

    def join(self, server, number):
        clients = []
        for _ in range(number):
            clients.append(Client(server))
            self.addCleanup(clients[-1].close)
        return clients

    def stops(self, server, joined):
        status, out, err = server.stop()
        self.assertEqual((status, err), (0, b''))
        self.assertEqual(out.count(b' joined\n'), joined)

    def test_each_line_to_all_others(self):
        for server in self.servers():
            clients = self.join(server, CLIENTS)
            for i, speaker in enumerate(clients):
                speaker.sock.sendall(b'line %d\n' % i)
                for listener in clients:
                    if listener is not speaker:
                        self.assertEqual(listener.line(), b'line %d' % i)
            self.stops(server, CLIENTS)

    def test_lines_in_pieces(self):
        for server in self.servers():
            one, other = self.join(server, 2)
            one.sock.sendall(b'a\n\nlo')
            self.assertEqual(other.line(), b'a')
            self.assertEqual(other.line(), b'')
            one.sock.sendall(b'ng\r\n' + b'x' * 60000 + b'\n')
            self.assertEqual(other.line(), b'long\r')
            self.assertEqual(other.line(), b'x' * 60000)
            self.stops(server, 2)

    def test_some_leave(self):
        for server in self.servers():
            with self.no_descriptor_leaks(server):
                stays, *others = self.join(server, 10)
                for i, client in enumerate(others):
                    client.sock.sendall(b'bye %d\nand no li' % i)
                    self.assertEqual(stays.line(), b'bye %d' % i)
                    client.close()
                stays.close()
            self.stops(server, 10)

    def test_a_line_that_is_too_long(self):
        server = self.serve(c('chat_server'))
        one, other = self.join(server, 2)
        with contextlib.suppress(OSError):
            one.sock.sendall(b'x' * 70000)
            self.assertEqual(one.line(), b'')
        last, = self.join(server, 1)
        last.sock.sendall(b'hello\n')
        self.assertEqual(other.line(), b'hello')
        self.stops(server, 3)

    def test_one_who_does_not_read(self):
        server = self.serve(c('chat_server'))
        deaf, speaker, other = self.join(server, 3)
        line = b'x' * 60000 + b'\n'
        for _ in range(700):  # 42 MB
            speaker.sock.sendall(line)
            self.assertEqual(len(other.line()), 60000)
        with self.assertRaises(ConnectionError):
            while True:  # it was sent away, with what had come before
                if not deaf.sock.recv(1 << 20):
                    raise ConnectionError
        self.stops(server, 3)


if __name__ == '__main__':
    main()
