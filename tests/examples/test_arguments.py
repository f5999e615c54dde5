# SPDX-License-Identifier: MIT
"""Arguments, streams, and calls that fail: the same for every program."""

import contextlib
import fcntl
import os
import pathlib
import re
import socket
import struct
import subprocess
import termios

from support import OF_MAIL, OF_THE_WEB, OVER_TLS, Case, both, c, main

TCP_SERVERS = ['echo_tcp_server', 'echo_select', 'echo_server_threading',
               'echo_server_forking', 'caesar_server', 'time_server', 'http_server',
               'chat_server']
UDP_SERVERS = ['echo_udp_server', 'message_udp_server', 'time_server_udp']
# The library's own loop goes on.
WITH_A_LOOP = {'echo_server_threading', 'echo_server_forking', 'chat_server'}
SERVERS = TCP_SERVERS + UDP_SERVERS
CLIENTS = ['echo_udp_client', 'echo_udp_client_connected', 'echo_tcp_client',
           'caesar_client', 'message_udp_client', 'time_client']
PROGRAMS = SERVERS + CLIENTS + ['fd', 'byte_order', 'names', 'port_scanner',
                                'fast_scanner'] + OVER_TLS + OF_THE_WEB + OF_MAIL

HEADER = (pathlib.Path(__file__).resolve().parents[2] /
          'include/pysockc/version.h').read_text()
VERSION = re.search('define SOCK_VERSION "(.+)"', HEADER)[1].encode()


class Arguments(Case):
    def test_every_program_is_here(self):
        self.assertEqual(len(PROGRAMS), 22 + len(OVER_TLS) + len(OF_THE_WEB) +
                         len(OF_MAIL))

    def test_help(self):
        for program in PROGRAMS:
            status, out, err = self.run_program(c(program) + ['--help'])
            self.assertEqual((status, err), (0, b''))
            self.assertTrue(out.startswith(b'usage: ' + program.encode()), out)
            self.assertLessEqual(max(map(len, out.splitlines())), 80)

    def test_version(self):
        for program in PROGRAMS:
            self.assertEqual(
                self.run_program(c(program) + ['--version']),
                (0, program.encode() + b' ' + VERSION + b'\n', b''))

    def test_bad_arguments(self):
        for program in PROGRAMS:
            self.refused(program, '--no-such-option')
            self.refused(program, '-x')
        for program in SERVERS + CLIENTS + OVER_TLS:
            for port in '', 'x', '80x', ' 80', '+80', '-', '-1', '65536', '9' * 30, '1.5':
                self.refused(program, '127.0.0.1', port)
        for program in SERVERS + CLIENTS:
            self.refused(program, '127.0.0.1', '0', 'more')
        for program in 'fd', 'byte_order':
            self.refused(program, 'more')
        for arguments in [('x', 'y'), ('x', '30', '20'), ('x', '1', '65536'),
                          ('x', '1', '2', '3')]:
            self.refused('port_scanner', *arguments)
            self.refused('fast_scanner', *arguments)

    def test_a_host_that_is_none(self):
        for program in SERVERS + CLIENTS:
            status, out, err = self.run_program(
                c(program) + ['no.such.host.invalid', '1'], b'line\n')
            # The message client goes on to the next line, as it says.
            expected = 0 if program == 'message_udp_client' else 1
            self.assertEqual(status, expected, program)
            self.assertRegex(err, rb'^' + program.encode() +
                             rb': \w+ no\.such\.host\.invalid: '
                             rb'\[Errno -2\] Name or service not known\n$')

    def test_wildcard(self):
        for program in SERVERS:
            server = self.serve(c(program), '')
            self.assertEqual(server.host, '0.0.0.0')
            self.stops_well(server)

    def test_defaults(self):
        text = {program: self.run_program(c(program) + ['--help'])[1]
                for program in SERVERS + CLIENTS}
        special = {'m': b"HOST is '' and PORT 27281 ",
                   't': b"HOST is '' and PORT 27285 ",
                   'h': b"HOST is '127.0.0.1' and PORT 8080 ",
                   'chat_server': b"HOST is '127.0.0.1' and PORT 5556 "}
        for program in SERVERS + CLIENTS:
            usual = special.get(program[0] * (program != 'time_server_udp'),
                                b"HOST is '127.0.0.1' and PORT 5555 ")
            self.assertIn(special.get(program, usual), text[program])


class Streams(Case):
    def test_fd(self):
        for _, command in both('fd'):
            self.assertEqual(
                self.run_program(command),
                (0, b'write to stdout\n0 1 2\n', b'write to stderr\n'))

    def test_byte_order(self):
        swapped = socket.htons(1) != 1
        for _, command in both('byte_order'):
            status, out, err = self.run_program(command)
            self.assertEqual((status, err), (0, b''))
            self.assertEqual(out.decode().splitlines(), [
                '11111 = 0x2b67',
                'big-endian    0x2b 0x67',
                'little-endian 0x67 0x2b',
                'this machine  ' + ('0x67 0x2b' if swapped else '0x2b 0x67'),
                'the network   0x2b 0x67',
                'htons(11111) = %d' % socket.htons(11111),
                'ntohs(htons(11111)) = 11111',
                'htonl(11111) = %d' % socket.htonl(11111),
                'ntohl(htonl(11111)) = 11111'])

    def test_a_server_whose_output_is_not_read_stops(self):
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        server = subprocess.Popen(c('echo_udp_server') + ['127.0.0.1', '0'],
                                  stdout=write, stderr=subprocess.PIPE)
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)
        os.close(write)
        port = int(re.search(rb', (\d+)', server.stderr.readline())[1])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for _ in range(3):
                s.sendto(bytes(60000), ('127.0.0.1', port))
        # With messages left to read, it can sleep only over its full pipe.
        stat = pathlib.Path('/proc/%d/stat' % server.pid)
        waiting = 0
        while (waiting < 60000 or
               stat.read_text().rpartition(')')[2].split()[0] != 'S'):
            waiting, = struct.unpack(
                'i', fcntl.ioctl(read, termios.FIONREAD, bytes(4)))
        server.terminate()
        self.assertEqual(server.wait(20), 0)


class LostOutput(Case):
    """Nothing can be written to /dev/full."""

    def setUp(self):
        self.full = open('/dev/full', 'w')
        self.addCleanup(self.full.close)

    def start(self, command):
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self.full,
            stderr=subprocess.PIPE, bufsize=0)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def says_so(self, process, program, stdin=b''):
        _, err = process.communicate(stdin, timeout=20)
        self.assertEqual(process.returncode, 1, program)
        self.assertRegex(err.splitlines()[-1], b'^' + program.encode() +
                         b': stdout: (output was lost|No space left on device)')

    def test_help_and_version(self):
        for program in PROGRAMS:
            for option in '--help', '--version':
                self.says_so(self.start(c(program) + [option]), program)

    def test_programs_alone(self):
        for command in (['fd'], ['byte_order'], ['names'],
                        ['names', 'inet_aton', '127.0.0.1'],
                        ['port_scanner'], ['fast_scanner']):
            self.says_so(self.start(c(command[0]) + command[1:]), command[0],
                         b'127.0.0.1\n')

    def test_an_open_port(self):
        server = self.serve(c('echo_tcp_server'))
        port = str(server.port)
        for program in 'port_scanner', 'fast_scanner':
            self.says_so(self.start(c(program) + ['127.0.0.1', port, port]),
                         program)

    def test_clients(self):
        for program in CLIENTS:
            server = self.serve(c(program.replace('_connected', '')
                                  .replace('client', 'server')))
            self.says_so(
                self.start(c(program) + ['127.0.0.1', str(server.port)]),
                program, b'line\n\n')

    def test_servers(self):
        requests = {'http_server': b'GET / HTTP/1.0\r\n\r\n',
                    'time_server': b''}
        for program in SERVERS:
            if program == 'echo_server_forking':  # whose children print
                continue
            server = self.start(c(program) + ['127.0.0.1', '0'])
            port = int(re.search(rb', (\d+)', server.stderr.readline())[1])
            kind = (socket.SOCK_STREAM if program in TCP_SERVERS
                    else socket.SOCK_DGRAM)
            with socket.socket(socket.AF_INET, kind) as s:
                s.connect(('127.0.0.1', port))
                s.sendall(requests.get(program, 300 * b'x' + b'.'))
                # Each has printed before it answers, or complains of the length.
                if program == 'message_udp_server':
                    server.stderr.readline()
                else:
                    self.assertNotEqual(s.recv(4096), b'')
            server.terminate()
            self.says_so(server, program)


class Failures(Case):
    def test_port_in_use(self):
        for programs, kind in (TCP_SERVERS, socket.SOCK_STREAM), \
                (UDP_SERVERS, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as s:
                s.bind(('127.0.0.1', 0))
                if kind == socket.SOCK_STREAM:
                    s.listen()
                port = s.getsockname()[1]
                for program in programs:
                    self.assertEqual(
                        self.run_program(
                            c(program) + ['127.0.0.1', str(port)]),
                        (1, b'', b"%s: bind ('127.0.0.1', %d): [Errno 98] "
                         b'Address already in use\n'
                         % (program.encode(), port)))

    def test_no_one_listens(self):
        with socket.socket() as s, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
            s.bind(('127.0.0.1', 0))
            port = s.getsockname()[1]
            for program in 'echo_tcp_client', 'caesar_client', 'time_client':
                self.assertEqual(
                    self.run_program(c(program) + ['127.0.0.1', str(port)]),
                    (1, b'', b"%s: connect ('127.0.0.1', %d): [Errno 111] "
                     b'Connection refused\n' % (program.encode(), port)))
            u.bind(('127.0.0.1', 0))
            port = str(u.getsockname()[1])
        self.assertEqual(
            self.run_program(c('echo_udp_client_connected') +
                             ['127.0.0.1', port]),
            (1, b'', b"echo_udp_client_connected: recv ('127.0.0.1', %s): "
             b'[Errno 111] Connection refused\n' % port.encode()))

    def test_a_server_without_descriptors_ends(self):
        for program in set(TCP_SERVERS) - WITH_A_LOOP:
            server = self.start_program(
                ['sh', '-c', 'ulimit -n 4; exec "$@"', 'sh'] + c(program) +
                ['127.0.0.1', '0'])
            line = server.stderr.readline()
            self.assertRegex(line, b'^listening on ')
            # One of them asks only when someone is there.
            with contextlib.suppress(ConnectionError):
                socket.create_connection(
                    ('127.0.0.1', int(re.search(rb', (\d+)', line)[1])), 20).close()
            self.assertEqual(
                self.ends(server),
                (1, b'', program.encode() +
                 b': accept: [Errno 24] Too many open files\n'))


if __name__ == '__main__':
    main(limit=300)
