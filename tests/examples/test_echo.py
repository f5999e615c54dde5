# SPDX-License-Identifier: MIT
"""Echo over UDP and TCP: both sides of every pair, line by line."""

import contextlib
import re
import socket
import time

from support import Case, both, c, main, pairs, talk

ADDRESS = rb"\('127\.0\.0\.1', (\d+)\)"


class EchoUdp(Case):
    def test_conversation(self):
        for who, server, client in pairs('echo_udp_server'):
            with self.subTest(who):
                server = self.serve(server)
                out = self.run_client(client, server)
                self.assertEqual(
                    out, b"server ('127.0.0.1', %d) membalas: Isi pesan\n"
                    % server.port)
                self.assertRegex(
                    server.out.line(),
                    b'^client ' + ADDRESS + b' mengirim Isi pesan$')
                self.assertEqual(server.out.line(), b'balasan dikirim')
                self.stops_well(server)

    def test_conversation_connected(self):
        for who, server, client in pairs('echo_udp_server',
                                         'echo_udp_client_connected'):
            with self.subTest(who):
                server = self.serve(server)
                self.assertEqual(self.run_client(client, server),
                                 b'server membalas: Isi pesan\n')
                self.assertRegex(
                    server.out.line(),
                    b'^client ' + ADDRESS + b' mengirim Isi pesan$')
                self.assertEqual(server.out.line(), b'balasan dikirim')
                self.stops_well(server)

    def test_every_byte_comes_back(self):
        server = self.serve(c('echo_udp_server'))
        messages = [b'', b'x', bytes(range(256)), b'\xff\xfe', b'\0' * 65507]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(20)
            for message in messages:
                s.sendto(message, server.address)
                self.assertEqual(s.recvfrom(65535), (message, server.address))
            heard = b"client ('127.0.0.1', %d) mengirim " % s.getsockname()[1]
        self.stops_well(server, b''.join(
            heard + message + b'\nbalasan dikirim\n' for message in messages))

    def test_gives_up_after_5_seconds(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(('127.0.0.1', 0))
            port = str(silent.getsockname()[1])
            begin = time.monotonic()
            self.assertEqual(
                self.run_program(c('echo_udp_client') + ['127.0.0.1', port]),
                (1, b'', b'echo_udp_client: recvfrom: timed out\n'))
            self.assertGreaterEqual(time.monotonic() - begin, 5)

    def test_answer_of_another_is_shown_with_its_address(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            s.bind(('127.0.0.1', 0))
            other.bind(('127.0.0.1', 0))
            client = self.start_program(
                c('echo_udp_client') + ['127.0.0.1', str(s.getsockname()[1])])
            s.settimeout(20)
            message, address = s.recvfrom(65535)
            self.assertEqual(message, b'Isi pesan')
            other.sendto(b'\xffbukan server\n', address)
            self.assertEqual(
                self.ends(client),
                (0, b"server ('127.0.0.1', %d) membalas: \xffbukan server\n\n"
                 % other.getsockname()[1], b''))


class EchoTcp(Case):
    def test_conversation(self):
        for program in 'echo_tcp_server', 'echo_server_threading', 'echo_server_forking':
            for who, server, client in pairs(program, 'echo_tcp_client'):
                with self.subTest(who, program=program):
                    self.converse(server, client)

    def converse(self, server, client):
        server = self.serve(server)
        out = self.run_client(client, server)
        match = re.fullmatch(b'socket local ' + ADDRESS +
                             b'\nbalasan server: Isi pesan[.]\n', out)
        self.assertTrue(match, out)
        self.assertEqual(server.out.line(), b"koneksi dari ('127.0.0.1', %s)" % match[1])
        self.assertEqual(server.out.line(), b'balasan dikirim')
        self.stops_well(server)

    def test_many_clients_at_once(self):
        for program in 'echo_server_threading', 'echo_server_forking':
            for _, command in both(program):
                server = self.serve(command)
                silent = [server.connect() for _ in range(5)]
                self.assertEqual(talk(server, b'a.', shut=True), b'a.')
                for s in silent:
                    s.sendall(b'b.')
                    self.assertEqual(s.recv(2, socket.MSG_WAITALL), b'b.')
                    s.close()

    def test_a_message_ends_at_its_full_stop(self):
        for _, command in both('echo_tcp_server'):
            server = self.serve(command)
            for message, answer in [
                    (b'.', b'.'), (b'a.', b'a.'), (b'', b''), (b'abc', b'abc'),
                    (bytes(i for i in range(256) if i != 46) + b'.',) * 2]:
                self.assertEqual(talk(server, message, shut=True), answer)

    def test_message_in_pieces(self):
        server = self.serve(c('echo_tcp_server'))
        with server.connect() as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in b'Isi pesan.':
                s.send(bytes([byte]))
            self.assertEqual(s.recv(100, socket.MSG_WAITALL), b'Isi pesan.')

    def test_answer_that_breaks_off(self):
        with socket.create_server(('127.0.0.1', 0)) as s:
            client = self.start_program(
                c('echo_tcp_client') + ['127.0.0.1', str(s.getsockname()[1])])
            s.settimeout(20)
            peer, address = s.accept()
            peer.recv(10, socket.MSG_WAITALL)
            peer.sendall(b'Isi')
            peer.close()
            self.assertEqual(
                self.ends(client),
                (1, b"socket local ('127.0.0.1', %d)\n"
                 b'balasan server: Isi\n' % address[1],
                 b'echo_tcp_client: the answer broke off\n'))


class EchoSelect(Case):
    def stops(self, who, server):
        """Python's own way has a moment in which a signal is missed: between
        its last look for one and the wait. With many sockets it is long."""
        if who == 'C':
            status, _, err = server.stop()
            self.assertEqual((status, err), (0, b''))

    def test_conversation(self):
        for who, server, client in pairs('echo_select', 'echo_tcp_client'):
            with self.subTest(who):
                server = self.serve(server)
                out = self.run_client(client, server)
                match = re.fullmatch(b'socket local ' + ADDRESS +
                                     b'\nbalasan server: Isi pesan[.]\n', out)
                self.assertTrue(match, out)
                self.assertEqual(
                    server.out.line(),
                    b"koneksi dari ('127.0.0.1', %s)" % match[1])
                self.assertEqual(server.out.line(),
                                 b'koneksi selesai, tinggal 0')
                self.stops_well(server)

    def test_many_at_once(self):
        """The last is answered while the first has yet to speak."""
        for who, command in both('echo_select'):
            with self.subTest(who):
                server = self.serve(command)
                with contextlib.ExitStack() as stack:
                    clients = [stack.enter_context(server.connect())
                               for _ in range(200)]
                    for number, client in reversed([*enumerate(clients)]):
                        client.sendall(b'%03d' % number)
                        self.assertEqual(client.recv(3, socket.MSG_WAITALL),
                                         b'%03d' % number)
                    self.stops(who, server)
                    server.kill()
                    self.assertEqual(clients[0].recv(1), b'')

    def test_every_byte_comes_back(self):
        for _, command in both('echo_select'):
            server = self.serve(command)
            for size in 1, 256, 65536, 100000:
                message = (bytes(range(256)) * 400)[:size]
                self.assertEqual(talk(server, message, shut=True), message)

    def test_more_than_there_is_room_for(self):
        for who, command in both('echo_select'):
            with self.subTest(who), contextlib.ExitStack() as stack:
                server = self.serve(command)
                clients = []
                for _ in range(1000):
                    clients.append(stack.enter_context(server.connect()))
                    server.out.line()  # no one waits in the backlog
                self.assertEqual(clients[-1].recv(1), b'')
                self.assertEqual(server.err.line(),
                                 b'echo_select: more than 999 clients')
                clients[998].sendall(b'x')
                self.assertEqual(clients[998].recv(1), b'x')
                self.stops(who, server)


if __name__ == '__main__':
    main()
