# SPDX-License-Identifier: MIT
"""HTTP, to the byte, and what is none."""

from support import Case, both, main, talk

ANSWER = (b'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n'
          b'Content-Length: %d\r\n\r\n%s\n')
LONG = b'/' + b'x' * 4000
NONSENSE = [b'', b'\n', b'\r\n', b'GET\r\n\r\n', b'GET /\r\n\r\n',
            b'GET / HTTP/1.0\r\n', b'GET / HTTP/1.0\r\n\n', b'x' * 4096]


class Http(Case):
    def test_requests(self):
        for _, command in both('http_server'):
            server = self.serve(command)
            for path in b'/', b'/a/path?with=a&query', b'/\xff', LONG:
                for request in (b'GET %s HTTP/1.0\r\n\r\n' % path,
                                b'GET %s HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n'
                                % path):
                    self.assertEqual(talk(server, request),
                                     ANSWER % (len(path) + 1, path))
            status, out, err = server.stop()
            self.assertEqual((status, err), (0, b''))
            self.assertEqual(out.count(b'request from '), 8)

    def test_no_request(self):
        for _, command in both('http_server'):
            server = self.serve(command)
            for nonsense in NONSENSE:
                with self.subTest(command=command, nonsense=nonsense):
                    self.assertEqual(talk(server, nonsense, shut=True), b'')
            self.assertEqual(talk(server, b'GET / HTTP/1.0\r\n\r\n'),
                             ANSWER % (2, b'/'))
            status, out, err = server.stop()
            self.assertEqual((status, err), (0, b''))


if __name__ == '__main__':
    main()
