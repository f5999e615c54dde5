# SPDX-License-Identifier: MIT
"""Servers survive every client, say what was wrong, and serve the next."""

import contextlib
import socket
import struct

from support import Case, c, main, talk

LIMIT = 65536
RESET = struct.pack('ii', 1, 0)
UTF8_NOT = b'e03\xff\xfe\0 abc.'


def reset(server, message=b''):
    with server.connect() as s:
        s.sendall(message)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def flood(server):
    """As much as the server takes, and no end of the message in it."""
    with server.connect() as s:
        try:
            while True:
                s.sendall(b'x' * LIMIT)
        except (ConnectionResetError, BrokenPipeError):
            pass


def deaf(server):
    """A whole message, but no ear for the answer."""
    with server.connect() as s:
        s.shutdown(socket.SHUT_RD)
        s.sendall(b'e03' + b'x' * 60000 + b'.')


def unterminated(server):
    with server.connect() as s:
        s.sendall(b'e03abc')


ATTACKS = [
    ('empty message', lambda server: server.connect().close()),
    ('reset', reset),
    ('reset in a message', lambda server: reset(server, b'e03abc')),
    ('reset after a message', lambda server: reset(server, b'e03abc.')),
    ('no terminator', unterminated),
    ('flood', flood),
    ('more than one message', lambda server: reset(server, b'e03abc.' * 99)),
    ('bytes that are no text', lambda server: talk(server, UTF8_NOT)),
    ('deaf', deaf),
]


class Tcp(Case):
    def survives(self, program, request, answer, heard):
        server = self.serve(c(program))
        with self.no_descriptor_leaks(server):
            for name, attack in ATTACKS * 5:
                with self.subTest(program=program, attack=name):
                    # A server may break off what it need not read.
                    with contextlib.suppress(ConnectionError):
                        attack(server)
                    self.assertRegex(talk(server, request), answer)
        status, out, err = server.stop()
        self.assertEqual(status, 0)
        self.assertEqual(out.count(heard), 2 * 5 * len(ATTACKS))
        return err.splitlines()

    def check_complaints(self, program, err):
        name = program.encode()
        self.assertEqual(err.count(name + b': message over 64 KiB'), 5)
        # What a reset does depends on when it is noticed.
        for line in err:
            self.assertRegex(
                line, b'^' + name + b': (message over 64 KiB|'
                rb"(recv_until|sendall) \('127\.0\.0\.1', \d+\): "
                rb'\[Errno (104|32)\] .+)$')
        self.assertGreaterEqual(len(err), 5 + 5)

    def test_echo(self):
        err = self.survives('echo_tcp_server', b'Isi pesan.',
                            b'^Isi pesan[.]$', b'koneksi dari')
        self.check_complaints('echo_tcp_server', err)

    def test_caesar(self):
        err = self.survives('caesar_server', b'e10isi pesan.',
                            b'^scs zockx[.]$', b'koneksi dari')
        self.check_complaints('caesar_server', err)

    def test_time(self):
        err = self.survives('time_server', b'', b'^.{24}$', b'Connection from')
        for line in err:
            self.assertRegex(line, rb"^time_server: send \('127\.0\.0\.1', \d+\): \[Errno (104|32)\] ")

    def test_a_message_of_64_KiB_and_not_more(self):
        server = self.serve(c('echo_tcp_server'))
        message = b'x' * (LIMIT - 1) + b'.'
        self.assertEqual(talk(server, message), message)
        with server.connect() as s:
            s.sendall(b'x' + message)
            with self.assertRaises(ConnectionResetError):
                self.assertEqual(s.recv(1), b'')
                s.sendall(b'x')
                s.recv(1)
        self.assertEqual(server.err.line(),
                         b'echo_tcp_server: message over 64 KiB')
        self.assertEqual(talk(server, b'x.'), b'x.')

    def test_many_clients_one_after_the_other(self):
        server = self.serve(c('echo_tcp_server'))
        with self.no_descriptor_leaks(server):
            for i in range(500):
                self.assertEqual(talk(server, b'%d.' % i), b'%d.' % i)
        self.assertEqual(server.stop()[0], 0)


class Udp(Case):
    def test_echo(self):
        server = self.serve(c('echo_udp_server'))
        with self.no_descriptor_leaks(server):
            for _ in range(50):
                for message in b'', b'\xff\xfe\0', b'x' * 65507:
                    # Gone before the answer comes: the kernel refuses it.
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                        s.sendto(message, server.address)
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    s.settimeout(20)
                    s.sendto(b'Isi pesan', server.address)
                    self.assertEqual(s.recvfrom(65535),
                                     (b'Isi pesan', server.address))
        status, out, err = server.stop()
        self.assertEqual((status, err), (0, b''))
        self.assertEqual(out.count(b' mengirim '), 200)

    def test_message(self):
        server = self.serve(c('message_udp_server'))
        with self.no_descriptor_leaks(server), \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for message in [b'', b'\xff\xfe\0', b'x' * 65507] * 20:
                s.sendto(message, server.address)
                self.assertEqual(server.out.line(),
                                 b'Adress 127.0.0.1 said ' + message[:256])
        status, out, err = server.stop()
        self.assertEqual((status, out), (0, b''))
        self.assertEqual(err.count(b': 65507 bytes from '), 20)


if __name__ == '__main__':
    main()
