# SPDX-License-Identifier: MIT
"""The port scanners, against a listening socket and against themselves."""

import contextlib
import os
import socket
import subprocess
import sys
import unittest

from support import Case, both, c, main


def own_network():
    """The command that begins a program in a network of its own, if it may."""
    for flags in '-n', '-rn':
        command = ['unshare', flags, 'sh', '-c', 'ip link set lo up && "$@"',
                   'sh']
        try:
            if subprocess.run(command + ['true'], capture_output=True,
                              timeout=20).returncode == 0:
                return command
        except OSError:
            pass
    return None


NETWORK = own_network()


class Scanner(Case):
    def test_finds_what_listens(self):
        with socket.create_server(('127.0.0.1', 0)) as s:
            port = s.getsockname()[1]
            found = b'port %d: OPEN' % port
            around = [str(max(port - 3, 1)), str(min(port + 3, 65535))]
            for who, command in both('port_scanner'):
                with self.subTest(who):
                    status, out, err = self.run_program(
                        command + ['127.0.0.1'] + around)
                    self.assertEqual((status, err), (0, b''))
                    self.assertIn(found, out.splitlines())
            for target in '', 'localhost', '127.1':
                status, out, err = self.run_program(
                    c('port_scanner') + [target, str(port), str(port)])
                self.assertEqual((status, out, err), (0, found + b'\n', b''))
            # FIRST alone, above the usual last port
            self.assertEqual(
                self.run_program(c('port_scanner') + ['127.0.0.1', str(port)]),
                (0, found + b'\n', b''))

    def test_finds_nothing_where_nothing_listens(self):
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            port = str(s.getsockname()[1])
            self.assertEqual(
                self.run_program(c('port_scanner') + ['127.0.0.1', port, port]),
                (0, b'', b''))

    def test_asks_for_the_target(self):
        self.assertEqual(self.run_program(c('port_scanner')),
                         (1, b'target: ', b'port_scanner: no target\n'))
        status, out, err = self.run_program(c('port_scanner'), b'127.0.0.1\n')
        self.assertEqual((status, err), (0, b''))
        self.assertEqual(out[:8], b'target: ')

    def test_a_target_that_is_none_is_said_once(self):
        self.assertEqual(
            self.run_program(c('port_scanner') + ['no.such.host.invalid']),
            (1, b'', b'port_scanner: address no.such.host.invalid: '
             b'[Errno -2] Name or service not known\n'))

    @unittest.skipUnless(NETWORK, 'no network namespaces here')
    def test_a_socket_connected_to_itself_is_not_an_open_port(self):
        # With one port to choose from, the kernel gives each socket the very
        # port that it tries.
        shell = ('echo 40000 40001 >/proc/sys/net/ipv4/ip_local_port_range; '
                 'exec "$@"')
        around = NETWORK + ['sh', '-c', shell, 'sh']
        connect = ('import socket; print([socket.socket().connect_ex('
                   '("127.0.0.1", port)) for port in (40000, 40001)])')
        self.assertIn(
            b'0', self.run_program(around + [sys.executable, '-c', connect])[1])
        for _, command in both('port_scanner'):
            self.assertEqual(
                self.run_program(
                    around + command + ['127.0.0.1', '40000', '40001']),
                (0, b'', b''))

    @unittest.skipUnless(NETWORK, 'no network namespaces here')
    def test_the_usual_ports(self):
        script = os.path.join(os.path.dirname(__file__), 'listen.py')
        status, out, err = self.run_program(
            NETWORK + [sys.executable, script] + c('port_scanner'),
            b'localhost\n')
        self.assertEqual((status, out, err), (
            0, b'target: port 20: OPEN\nport 80: OPEN\nport 1024: OPEN\n', b''))


class FastScanner(Case):
    def says(self, *arguments, stdin=b''):
        """The C and the Python say the same, which is returned."""
        said = set()
        for who, command in both('fast_scanner'):
            status, out, err = self.run_program(command + list(arguments), stdin)
            self.assertEqual((status, err), (0, b''), who)
            said.add(out)
        self.assertEqual(len(said), 1, said)
        return said.pop()

    def test_finds_what_listens(self):
        with socket.create_server(('127.0.0.1', 0)) as s, socket.socket() as other:
            port = s.getsockname()[1]
            self.assertEqual(self.says('127.0.0.1', str(port), str(port)),
                             b'port %d: OPEN\n1 ports: 1 open, 0 closed, '
                             b'0 silent\n' % port)
            other.bind(('127.0.0.1', 0))
            port = str(other.getsockname()[1])
            self.assertEqual(self.says('127.0.0.1', port, port),
                             b'1 ports: 0 open, 1 closed, 0 silent\n')

    def test_a_silent_port(self):
        with socket.create_server(('127.0.0.1', 0), backlog=0) as s, \
                contextlib.ExitStack() as stack:
            for _ in range(4):
                filler = stack.enter_context(socket.socket())
                filler.setblocking(False)
                filler.connect_ex(s.getsockname())
            port = str(s.getsockname()[1])
            self.assertEqual(self.says('127.0.0.1', port, port),
                             b'1 ports: 0 open, 0 closed, 1 silent\n')

    def test_asks_for_the_target(self):
        self.assertEqual(self.run_program(c('fast_scanner')),
                         (1, b'target: ', b'fast_scanner: no target\n'))
        self.assertEqual(
            self.run_program(c('fast_scanner') + ['no.such.host.invalid']),
            (1, b'', b'fast_scanner: address no.such.host.invalid: '
             b'[Errno -2] Name or service not known\n'))

    @unittest.skipUnless(NETWORK, 'no network namespaces here')
    def test_more_ports_than_descriptors(self):
        limited = NETWORK + ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh']
        script = os.path.join(os.path.dirname(__file__), 'listen.py')
        status, out, err = self.run_program(
            limited + [sys.executable, script] + c('fast_scanner') +
            ['127.0.0.1', '1', '65535'])
        self.assertEqual((status, err), (0, b''))
        self.assertRegex(out, rb'\A(port \d+: OPEN(, \S+)?\n){5}65535 ports: '
                         rb'5 open, 65530 closed, 0 silent\n\Z')

    @unittest.skipUnless(NETWORK, 'no network namespaces here')
    def test_a_network_that_is_not_there(self):
        status, out, err = self.run_program(
            NETWORK + c('fast_scanner') + ['192.0.2.1', '20', '24'])
        self.assertEqual((status, out, err), (
            0, b'5 ports: 0 open, 0 closed, 0 silent, 5 failed: '
            b'[Errno 101] Network is unreachable\n', b''))


if __name__ == '__main__':
    main()
