# SPDX-License-Identifier: MIT
"""The port scanner, against a listening socket and against itself."""

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


if __name__ == '__main__':
    main()
