# SPDX-License-Identifier: MIT
"""The time, to the byte and to the second."""

import os
import socket
import sys
import time

from support import PATIENCE, Case, c, main, pairs, talk


def await_taken(address):
    """Returns when the program at this address has taken all that came."""
    # The kernel shows the bytes of the host as a number of this machine.
    local = '%08X:%04X' % (int.from_bytes(socket.inet_aton(address[0]),
                                          sys.byteorder), address[1])
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with open('/proc/net/tcp') as table:
            rows = [line.split() for line in table]
        if not any(row[1] == local and row[4][-8:] != '00000000'
                   for row in rows):
            return
    raise AssertionError('not taken')


class Time(Case):
    def test_conversation(self):
        for who, server, client in pairs('time_server'):
            with self.subTest(who):
                server = self.serve(server, '')
                before = int(time.time())
                out = self.run_client(client, server, host='')
                after = int(time.time())
                self.assertIn(out, [b'Time is %s\n' % time.ctime(t).encode()
                                    for t in range(before, after + 1)])
                self.assertRegex(
                    server.out.line(),
                    rb"^Connection from \('127\.0\.0\.1', \d+\)$")
                self.stops_well(server)

    def test_24_bytes_in_any_zone(self):
        for zone in 'UTC', 'Asia/Jakarta', 'XYZ+3':
            os.environ['TZ'] = zone
            time.tzset()
            server = self.serve(c('time_server'))
            before = int(time.time())
            told = talk(server, b'')
            after = int(time.time())
            self.assertEqual(len(told), 24)
            self.assertIn(told.decode(), [time.ctime(t) for t in
                                          range(before, after + 1)])

    def test_a_server_starts_again_on_its_port(self):
        server = self.serve(c('time_server'))
        self.assertEqual(len(talk(server, b'')), 24)
        again = c('time_server') + ['127.0.0.1', str(server.port)]
        server.stop()
        process = self.start_program(again)
        self.assertEqual(process.stderr.readline(),
                         b"listening on ('127.0.0.1', %d)\n" % server.port)

    def ask(self, *pieces):
        """What time_client makes of an answer in pieces."""
        with socket.create_server(('127.0.0.1', 0)) as s:
            client = self.start_program(
                c('time_client') + ['127.0.0.1', str(s.getsockname()[1])])
            s.settimeout(20)
            peer, address = s.accept()
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in pieces:
                peer.sendall(piece)
                await_taken(address)
            peer.close()
            return self.ends(client)

    def test_answer_in_pieces(self):
        self.assertEqual(self.ask(b'Sat Nov ', b'21 21:30', b':00 2026'),
                         (0, b'Time is Sat Nov 21 21:30:00 2026\n', b''))

    def test_no_answer(self):
        self.assertEqual(
            self.ask(),
            (1, b'', b'time_client: the server said nothing\n'))


if __name__ == '__main__':
    main()
