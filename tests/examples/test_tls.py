# SPDX-License-Identifier: MIT
"""The programs over TLS: every pair, every peer that is not what it should be."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest
import warnings

from support import PATIENCE, Case, c, main, make_certificates, pairs, python

ADDRESS = rb"\('127\.0\.0\.1', (\d+)\)"
LIMIT = 65536
ROUNDS = 5
ANSWER = b'HTTP/1.0 200 ok\r\nA: b\r\n\r\nbody'


class Page(threading.Thread):
    """A server over TLS that hears one request and answers with these bytes."""

    def __init__(self, folder, answer, goodbye=True, host='127.0.0.1'):
        super().__init__()
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(f'{folder}/cert.pem', f'{folder}/key.pem')
        family = socket.AF_INET6 if ':' in host else socket.AF_INET
        self.listener = socket.create_server((host, 0), family=family)
        self.listener.settimeout(PATIENCE)
        self.port = str(self.listener.getsockname()[1])
        self.answer, self.goodbye = answer, goodbye
        self.request = b''
        self.start()

    def run(self):
        with self.listener, self.listener.accept()[0] as plain:
            plain.settimeout(PATIENCE)
            with self.context.wrap_socket(plain, server_side=True) as s:
                while not self.request.endswith((b'\r\n\r\n', b'.')):
                    self.request += s.recv(4096)
                s.sendall(self.answer)
                if self.goodbye:
                    with contextlib.suppress(OSError):
                        s.unwrap()


class TlsCase(Case):
    """In a folder with certificates, whose names are the programs' own."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.other = cls.folder / 'other'
        cls.other.mkdir()
        for folder in cls.folder, cls.other:
            make_certificates(folder)
        before = os.getcwd()
        os.chdir(cls.folder)
        cls.addClassCleanup(os.chdir, before)
        cls.context = ssl.create_default_context(cafile='ca.pem')

    @contextlib.contextmanager
    def connect(self, server, **versions):
        for name, version in versions.items():
            setattr(self.context, name, version)
        with server.connect() as plain:
            with self.context.wrap_socket(plain, server_hostname='localhost') as s:
                yield s
        self.context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED

    def talk(self, server, *pieces, **versions):
        """All that the server answers, which says goodbye in the end."""
        answer = b''
        with self.connect(server, **versions) as s:
            s.suppress_ragged_eofs = False
            for piece in pieces:
                s.sendall(piece)
            while more := s.recv(LIMIT):
                answer += more
        return answer

    def fails(self, command, *arguments, stdin=b''):
        """What it says on stderr."""
        status, out, err = self.run_program([*command, *map(str, arguments)], stdin)
        self.assertEqual((status, out), (1, b''), err)
        return err


class Echo(TlsCase):
    def test_conversation(self):
        for who, server, client in pairs('echo_tls_server'):
            with self.subTest(who):
                server = self.serve(server)
                out = self.run_client(client, server, host='localhost')
                self.assertEqual(out, b'TLSv1.3\nbalasan server: Isi pesan.\n')
                self.assertRegex(server.out.line(), b'^koneksi dari ' + ADDRESS)
                self.assertEqual(server.out.line(), b'balasan dikirim, TLSv1.3')
                self.stops_well(server)

    def test_every_name_of_the_certificate(self):
        server = self.serve(c('echo_tls_server'))
        for host in 'localhost', '127.0.0.1':
            self.run_client(c('echo_tls_client'), server, host=host)

    def test_a_message_ends_at_its_full_stop(self):
        server = self.serve(c('echo_tls_server'))
        every = bytes(i for i in range(256) if i != 46) + b'.'
        for pieces in ([b'.'], [b'a.'], [b'a', b'b', b'.'], [b'a.b.'], [every],
                       [b'x' * (LIMIT - 1), b'.']):
            whole = b''.join(pieces)
            self.assertEqual(self.talk(server, *pieces), whole[:whole.find(b'.') + 1])

    def test_tls_1_2(self):
        server = self.serve(c('echo_tls_server'))
        answer = self.talk(server, b'a.', maximum_version=ssl.TLSVersion.TLSv1_2)
        self.assertEqual(answer, b'a.')
        server.out.line()
        self.assertEqual(server.out.line(), b'balasan dikirim, TLSv1.2')

    def test_answer_that_breaks_off(self):
        page = Page(self.folder, b'Isi')
        status, out, err = self.run_program(
            c('echo_tls_client') + ['localhost', page.port])
        page.join()
        self.assertEqual((status, out, err),
                         (1, b'TLSv1.3\nbalasan server: Isi\n',
                          b'echo_tls_client: the answer broke off\n'))

    def test_answer_that_is_cut(self):
        """A stream that ends without goodbye has no end."""
        page = Page(self.folder, b'Isi', goodbye=False)
        status, out, err = self.run_program(
            c('echo_tls_client') + ['localhost', page.port])
        page.join()
        self.assertEqual((status, out), (1, b'TLSv1.3\n'))
        self.assertRegex(err, b'^echo_tls_client: recv_until ' + ADDRESS +
                         rb': \[SSL: UNEXPECTED_EOF_WHILE_READING\] EOF occurred in '
                         rb'violation of protocol\n$')


class Trust(TlsCase):
    def refuses(self, program, server, host, cafile, why):
        err = self.fails(c(program), host, server.port, cafile)
        self.assertRegex(err, b'^' + program.encode() + b': create_connection ' +
                         ADDRESS + rb': \[SSL: CERTIFICATE_VERIFY_FAILED\] '
                         b'certificate verify failed: ' + why + b'.*\n$')
        self.assertRegex(server.out.line(), b'^koneksi dari ')
        self.assertRegex(server.err.line(), rb'recv_until .*\[SSL: \w*ALERT_\w+\]')

    def test_another_authority(self):
        server = self.serve(c('echo_tls_server'))
        for program in 'echo_tls_client', 'https_get':
            self.refuses(program, server, 'localhost', self.other / 'ca.pem',
                         b'unable to get local issuer certificate')
        self.run_client(c('echo_tls_client'), server, host='localhost')

    def test_another_host(self):
        server = self.serve(c('echo_tls_server'), '')
        for program in 'echo_tls_client', 'https_get':
            err = self.fails(c(program), '127.0.0.2', server.port, 'ca.pem')
            self.assertRegex(err, b"IP address mismatch, certificate is not valid for "
                             b"'127.0.0.2'. ")
            server.out.line()
            server.err.line()

    def test_whom_the_system_trusts(self):
        server = self.serve(c('echo_tls_server'))
        os.environ['SSL_CERT_FILE'] = 'ca.pem'
        self.addCleanup(os.environ.pop, 'SSL_CERT_FILE')
        self.assertEqual(
            self.run_program(c('https_get') + ['localhost', str(server.port)]),
            (1, b'GET / HTTP/1.\n', b'https_get: the head broke off\n'))

    def test_no_host_to_ask_for(self):
        for program in 'echo_tls_client', 'https_get':
            for host in '', 'a_host_with.a star*', '.localhost', 'x' * 64:
                err = self.fails(c(program), host, 1, 'ca.pem')
                self.assertRegex(err, b'^' + program.encode() + b': create_connection')


class Https(TlsCase):
    COMMANDS = [('C', c('https_get')), ('Python', python('https_get'))]

    def asks(self, command, answer, host='127.0.0.1', **how):
        page = Page(self.folder, answer, host=host, **how)
        done = self.run_program(command + [host, page.port, 'ca.pem'])
        page.join()
        return page.request, done

    def test_head(self):
        for who, command in self.COMMANDS:
            for answer, head in [
                    (ANSWER, b'HTTP/1.0 200 ok\nA: b\n'),
                    (b'HTTP/1.1 404 not here\n\n', b'HTTP/1.1 404 not here\n'),
                    (b'HTTP/1.1 200 ok\r\nA: ' + b'x' * 8000 + b'\r\n\r\n',
                     b'HTTP/1.1 200 ok\nA: ' + b'x' * 8000 + b'\n'),
                    (b'\r\n', b'')]:
                with self.subTest(who, answer=answer[:20]):
                    self.assertEqual(self.asks(command, answer)[1], (0, head, b''))

    def test_request(self):
        for _, command in self.COMMANDS:
            for host in 'localhost', '127.0.0.1':
                self.assertEqual(self.asks(command, ANSWER, host)[0].decode(),
                                 f'GET / HTTP/1.0\r\nHost: {host}\r\n\r\n')

    @unittest.skipUnless(os.path.exists('/proc/net/if_inet6'), 'no IPv6')
    def test_request_of_ipv6(self):
        for _, command in self.COMMANDS:
            self.assertEqual(self.asks(command, ANSWER, '::1')[0],
                             b'GET / HTTP/1.0\r\nHost: [::1]\r\n\r\n')

    def test_head_that_breaks_off(self):
        for _, command in self.COMMANDS:
            for answer in b'', b'HTTP/1.0 200 ok\r\nA: b\r\n':
                request, (status, out, err) = self.asks(command, answer)
                self.assertEqual((status, out), (1, answer.replace(b'\r', b'')))
                self.assertEqual(err, b'https_get: the head broke off\n')

    def test_head_that_is_cut(self):
        request, (status, out, err) = self.asks(c('https_get'), b'HTTP/1.0 200 ok\r\n',
                                                goodbye=False)
        self.assertEqual((status, out), (1, b'HTTP/1.0 200 ok\n'))
        self.assertIn(b'EOF occurred in violation of protocol', err)

    def test_a_line_without_end(self):
        for _, command in self.COMMANDS:
            self.assertEqual(self.asks(command, b'x' * 9000)[1],
                             (1, b'', b'https_get: a line over 8 KiB\n'))


class Faults(TlsCase):
    """What the arguments and the machine may be."""

    def test_too_many_arguments(self):
        for program, arguments in (('echo_tls_server', ['127.0.0.1', '0', 'a', 'b', 'c']),
                                   ('echo_tls_client', ['localhost', '0', 'a', 'b']),
                                   ('https_get', ['localhost', '0', 'a', 'b'])):
            status, out, err = self.run_program(c(program) + arguments)
            self.assertEqual((status, out), (2, b''))
            self.assertRegex(err, b': too many arguments: ')

    def test_files_that_are_none(self):
        missing = b'[Errno 2] No such file or directory\n'
        self.assertEqual(self.fails(c('echo_tls_server'), '', 0, 'none.pem'),
                         b'echo_tls_server: load_cert_chain: ' + missing)
        self.assertEqual(self.fails(c('echo_tls_server'), '', 0, 'cert.pem', 'none.pem'),
                         b'echo_tls_server: load_cert_chain: ' + missing)
        for program in 'echo_tls_client', 'https_get':
            self.assertEqual(self.fails(c(program), 'localhost', 1, 'none.pem'),
                             program.encode() + b': load_verify_locations: ' + missing)

    def test_files_that_are_others(self):
        self.assertRegex(
            self.fails(c('echo_tls_server'), '', 0, 'cert.pem', 'other/key.pem'),
            rb'^echo_tls_server: load_cert_chain: \[X509: KEY_VALUES_MISMATCH\] ')
        self.assertRegex(self.fails(c('echo_tls_server'), '', 0, 'key.pem'),
                         b'^echo_tls_server: load_cert_chain: .*NO_START_LINE')
        self.assertRegex(self.fails(c('echo_tls_client'), 'localhost', 1, 'key.pem'),
                         b'^echo_tls_client: load_verify_locations: ')

    def test_a_host_that_is_none(self):
        text = b' no.such.host.invalid: [Errno -2] Name or service not known\n'
        for program, op in (('echo_tls_server', b'create_server'),
                            ('echo_tls_client', b'create_connection'),
                            ('https_get', b'create_connection')):
            err = self.fails(c(program), 'no.such.host.invalid', 1,
                             *['ca.pem'] * ('server' not in program))
            self.assertRegex(err, b'^' + program.encode() + rb': \w+' + re.escape(text))

    def test_a_port_that_is_taken_or_not(self):
        with socket.create_server(('127.0.0.1', 0)) as s:
            port = s.getsockname()[1]
            self.assertEqual(self.fails(c('echo_tls_server'), '127.0.0.1', port),
                             b"echo_tls_server: bind ('127.0.0.1', %d): [Errno 98] "
                             b'Address already in use\n' % port)
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            port = s.getsockname()[1]
            for program in 'echo_tls_client', 'https_get':
                self.assertEqual(
                    self.fails(c(program), '127.0.0.1', port, 'ca.pem'),
                    b"%s: create_connection ('127.0.0.1', %d): [Errno 111] Connection "
                    b'refused\n' % (program.encode(), port))

    def test_no_descriptors(self):
        """One for the certificate, and none for its key."""
        limited = ['sh', '-c', 'ulimit -n 4; exec "$@"', 'sh', *c('echo_tls_server')]
        self.assertEqual(self.fails(limited), b'echo_tls_server: load_cert_chain: '
                         b'[Errno 24] Too many open files\n')

    def test_lost_output(self):
        server = self.serve(c('echo_tls_server'))
        page = Page(self.folder, ANSWER)
        for program, port in ('echo_tls_client', server.port), ('https_get', page.port):
            with open('/dev/full', 'w') as full:
                done = subprocess.run(c(program) + ['localhost', str(port), 'ca.pem'],
                                      stdout=full, stderr=subprocess.PIPE,
                                      timeout=PATIENCE)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, b': stdout: (output was lost|No space left)')
        page.join()


class Hostile(TlsCase):
    """Clients that mean no good: each costs a line, and the next is served."""

    def plain(self, server):
        with server.connect() as s:
            s.sendall(b'GET / HTTP/1.0\r\n\r\n')
            s.recv(LIMIT)

    def garbage(self, server):
        with server.connect() as s:
            s.sendall(bytes(range(256)) * 16)

    def nothing(self, server):
        server.connect().close()

    def half_a_handshake(self, server):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = self.context.wrap_bio(incoming, outgoing, server_hostname='localhost')
        with contextlib.suppress(ssl.SSLWantReadError):
            client.do_handshake()
        with server.connect() as s:
            s.sendall(outgoing.read()[:100])

    def no_goodbye(self, server):
        with self.connect(server) as s:
            s.sendall(b'abc')

    def flood(self, server):
        with self.connect(server) as s, contextlib.suppress(OSError):
            while True:
                s.sendall(b'x' * LIMIT)

    def old(self, server):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_ciphers('ALL:@SECLEVEL=0')
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.load_verify_locations('ca.pem')
        with server.connect() as plain, self.assertRaises(ssl.SSLError):
            context.wrap_socket(plain, server_hostname='localhost')

    def test_all(self):
        server = self.serve(c('echo_tls_server'))
        attacks = [self.plain, self.garbage, self.nothing, self.half_a_handshake,
                   self.no_goodbye, self.flood]
        with self.no_descriptor_leaks(server):
            for attack in attacks * ROUNDS:
                with self.subTest(attack.__name__):
                    with contextlib.suppress(ConnectionError):
                        attack(server)
                    self.assertEqual(self.talk(server, b'Isi pesan.'), b'Isi pesan.')
        status, out, err = server.stop()
        self.assertEqual(status, 0)
        self.assertEqual(out.count(b'balasan dikirim, TLSv1.3\n'), ROUNDS * len(attacks))
        lines = err.splitlines()
        self.assertEqual(len(lines), ROUNDS * len(attacks), err)
        for text in b'HTTP_REQUEST', b'message over 64 KiB', b'EOF occurred':
            self.assertGreaterEqual(err.count(text), ROUNDS)

    def test_versions_of_old(self):
        server = self.serve(c('echo_tls_server'))
        self.old(server)
        server.out.line()
        self.assertIn(b'UNSUPPORTED_PROTOCOL', server.err.line())


if __name__ == '__main__':
    main()
