# SPDX-License-Identifier: MIT
"""Servers survive every client, say what was wrong, and serve the next."""

import contextlib
import socket
import struct

from support import Case, both, c, main, talk

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


def garbled(server):
    with server.connect() as s:
        s.sendall(UTF8_NOT)
        s.recv(LIMIT)


ATTACKS = [
    ('empty message', lambda server: server.connect().close()),
    ('reset', reset),
    ('reset in a message', lambda server: reset(server, b'e03abc')),
    ('reset after a message', lambda server: reset(server, b'e03abc.')),
    ('no terminator', unterminated),
    ('flood', flood),
    ('more than one message', lambda server: reset(server, b'e03abc.' * 99)),
    ('bytes that are no text', garbled),
    ('deaf', deaf),
]


class Tcp(Case):
    def survives(self, command, request, answer, heard, shut=False):
        server = self.serve(command)
        with self.no_descriptor_leaks(server):
            for name, attack in ATTACKS * 5:
                with self.subTest(command=command, attack=name):
                    # A server may break off what it need not read.
                    with contextlib.suppress(ConnectionError):
                        attack(server)
                    self.assertRegex(talk(server, request, shut), answer)
        status, out, err = server.stop()
        self.assertEqual(status, 0)
        self.assertEqual(out.count(heard), 2 * 5 * len(ATTACKS))
        return err.splitlines()

    def check_errors(self, program, who, operations, lines):
        """What a reset does depends on when it is noticed. The library says
        whom it was about, too."""
        about = (rb"(%s) \('127\.0\.0\.1', \d+\): " % operations if who == 'C'
                 else b'')
        for line in lines:
            self.assertRegex(line, b'^' + program.encode() + b': ' + about +
                             rb'\[Errno (104|32)\] .+$')

    def check_messages(self, program, request, answer):
        for who, command in both(program):
            err = self.survives(command, request, answer, b'koneksi dari')
            too_long = program.encode() + b': message over 64 KiB'
            self.assertEqual(err.count(too_long), 5)
            self.assertGreaterEqual(len(err), 5 + 5)
            self.check_errors(program, who, b'recv_until|sendall',
                              [line for line in err if line != too_long])

    def test_echo(self):
        self.check_messages('echo_tcp_server', b'Isi pesan.',
                            b'^Isi pesan[.]$')

    def test_caesar(self):
        self.check_messages('caesar_server', b'e10isi pesan.',
                            b'^scs zockx[.]$')

    def test_time(self):
        for who, command in both('time_server'):
            err = self.survives(command, b'', b'^.{24}$', b'Connection from')
            self.check_errors('time_server', who, b'send', err)

    def test_select(self):
        """It sees no messages; what it gives up is a client that does not
        read: the one of the flood."""
        for who, command in both('echo_select'):
            err = self.survives(command, b'Isi pesan.', b'^Isi pesan[.]$',
                                b'koneksi dari', shut=True)
            deaf = [line for line in err if b'[Errno 11] ' in line]
            self.assertEqual(len(deaf), 5)
            self.check_errors('echo_select', who, b'recv|sendall',
                              [line for line in err if line not in deaf])

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
        for _, command in both('echo_udp_server'):
            server = self.serve(command)
            with self.no_descriptor_leaks(server):
                for _ in range(50):
                    for message in b'', b'\xff\xfe\0', b'x' * 65507:
                        # Gone before the answer comes: the kernel refuses it.
                        with socket.socket(socket.AF_INET,
                                           socket.SOCK_DGRAM) as s:
                            s.sendto(message, server.address)
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                        s.settimeout(20)
                        s.sendto(b'Isi pesan', server.address)
                        # Behind what was owed to another on the same port.
                        self.assertIn((b'Isi pesan', server.address),
                                      iter(lambda: s.recvfrom(65535), None))
            status, out, err = server.stop()
            self.assertEqual((status, err), (0, b''))
            self.assertEqual(out.count(b' mengirim '), 200)

    def test_message(self):
        for _, command in both('message_udp_server'):
            server = self.serve(command)
            with self.no_descriptor_leaks(server), \
                    socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                for message in [b'', b'\xff\xfe\0', b'x' * 65507] * 20:
                    s.sendto(message, server.address)
                    self.assertEqual(server.out.line(),
                                     b'Adress 127.0.0.1 said ' + message[:256])
                    if len(message) > 256:
                        self.assertIn(b': 65507 bytes from ', server.err.line())
            self.stops_well(server)


if __name__ == '__main__':
    main()
