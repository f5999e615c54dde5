# SPDX-License-Identifier: MIT
"""Messages over UDP, of any length and content."""

import socket

from support import Case, c, main, pairs


class Message(Case):
    def test_conversation(self):
        for who, server, client in pairs('message_udp_server'):
            with self.subTest(who):
                server = self.serve(server, '')
                self.assertEqual(server.host, '0.0.0.0')
                self.assertEqual(
                    self.run_client(client, server, b'Halo\nApa kabar?\n\nx\n',
                                    host=''),
                    b'msg to send: 4 sent\nmsg to send: 10 sent\n'
                    b'msg to send: ')
                self.assertEqual(server.out.line(),
                                 b'Adress 127.0.0.1 said Halo')
                self.assertEqual(server.out.line(),
                                 b'Adress 127.0.0.1 said Apa kabar?')
                self.stops_well(server)

    def test_256_bytes_and_more(self):
        server = self.serve(c('message_udp_server'))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for size in 0, 1, 255, 256, 257, 300, 65507:
                s.sendto(b'\xff' * size, server.address)
                self.assertEqual(
                    server.out.line(),
                    b'Adress 127.0.0.1 said ' + b'\xff' * min(size, 256))
                if size > 256:
                    self.assertEqual(
                        server.err.line(),
                        b"message_udp_server: %d bytes from ('127.0.0.1', %d), "
                        b'cut to 256' % (size, s.getsockname()[1]))
        self.stops_well(server)

    def test_long_lines_and_failing_sends(self):
        server = self.serve(c('message_udp_server'))
        command = c('message_udp_client') + ['127.0.0.1', str(server.port)]
        lines = [b'x' * 10000, b'y' * 65508, b'\0\xff', b'z' * 300000, b'end']
        status, out, err = self.run_program(command, b'\n'.join(lines))
        self.assertEqual(status, 0)
        self.assertEqual(out, b'msg to send: 10000 sent\nmsg to send: '
                         b'msg to send: 2 sent\nmsg to send: '
                         b'msg to send: 3 sent\nmsg to send: ')
        self.assertEqual(err, b"message_udp_client: sendto ('127.0.0.1', %d): "
                         b'[Errno 90] Message too long\n' % server.port * 2)
        for said in b'x' * 256, b'\0\xff', b'end':
            self.assertEqual(server.out.line(),
                             b'Adress 127.0.0.1 said ' + said)

    def test_no_input(self):
        self.assertEqual(self.run_program(c('message_udp_client')),
                         (0, b'msg to send: ', b''))

    def test_the_prompt_does_not_wait_for_a_newline(self):
        client = self.start_program(c('message_udp_client'))
        self.assertEqual(client.stdout.read(13), b'msg to send: ')
        client.kill()


if __name__ == '__main__':
    main()
