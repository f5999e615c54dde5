# SPDX-License-Identifier: MIT
"""The programs of the web: what they refuse, say and serve."""

import contextlib
import http.client
import os
import pathlib
import pty
import shutil
import socket
import subprocess
import tempfile
import urllib.parse

from support import OF_THE_WEB, PATIENCE, WEB_SERVERS, Case, c, main

SERVERS = [program for program in OF_THE_WEB if program in WEB_SERVERS + ['file_server']]
CLIENTS = ['url_headers', 'fetch', 'robots_check']
# Another C library's threads have small stacks.
SMALL = ['sh', '-c', 'ulimit -s 384; exec "$@"', 'sh']
ADA = {'Authorization': 'Basic YWRhOmNvdW50ZXNz'}  # ada:countess
EVE = {'Authorization': 'Basic YWRhOndyb25n'}  # ada:wrong
UNAUTHORIZED = 'code 401, message Unauthorized'


class Web(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def serve_web(self, program, host='127.0.0.1', arguments=()):
        """A server, and a connection to it."""
        where = (['-b', host, '-d', str(self.folder), *arguments, '0']
                 if program == 'file_server' else [host, '0'])
        server = self.serve(SMALL + c(program), where=where)
        connection = http.client.HTTPConnection(*server.address, timeout=PATIENCE)
        self.addCleanup(connection.close)
        return server, connection

    def ask(self, connection, path='/', headers=None, method='GET', body=None):
        """Status and text."""
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode()

    def logs(self, server, *lines):
        """What it says up to its end, without when."""
        status, out, err = server.stop()
        self.assertEqual((status, err), (0, b''))
        self.assertEqual([line.partition('] ')[2] for line in out.decode().splitlines()],
                         list(lines))

    def url(self, server, path):
        return 'http://127.0.0.1:%d%s' % (server.port, path)


class Arguments(Web):
    def test_what_is_refused(self):
        for port in '', 'x', '80x', ' 80', '-1', '65536', '9' * 30:
            for program in WEB_SERVERS:
                self.refused(program, '127.0.0.1', port)
            self.refused('file_server', '--', port)
        for program in WEB_SERVERS:
            self.refused(program, '127.0.0.1', '0', 'more')
        for arguments in [('0', 'more'), ('-b',), ('--directory',), ('-p', 'HTTP/2'),
                          ('-p', ''), ('--user', 'ada'), ('--cgi=yes',), ('--vers',)]:
            self.refused('file_server', *arguments)
        for program in 'fetch', 'robots_check':
            self.refused(program)
            self.refused(program, 'http://h/', 'x', 'more')
        self.refused('url_headers', 'http://h/', 'more')
        self.refused('form.cgi', 'more')

    def test_defaults(self):
        for program, text in [('echo_http_server', b"HOST is '127.0.0.1' and PORT 27281 "),
                              ('login_site', b"HOST is '127.0.0.1' and PORT 8000 "),
                              ('url_headers', b"URL is 'http://localhost' "),
                              ('robots_check', b'ExampleBot unless given')]:
            self.assertIn(text, self.run_program(c(program) + ['--help'])[1])

    def test_a_folder_that_is_none(self):
        for folder, reason in ((self.folder / 'none', b'No such file or directory'),
                               ('/dev/null', b'Not a directory')):
            self.assertEqual(
                self.run_program(c('file_server') + ['-d', str(folder), '0']),
                (1, b'', b'file_server: %s: %s\n' % (str(folder).encode(), reason)))

    def test_what_is_no_url(self):
        for program in CLIENTS:
            for url in 'no URL', 'gopher://127.0.0.1/', 'http://127.0.0.1:x/':
                status, out, err = self.run_program(c(program) + [url])
                self.assertEqual((status, out), (1, b''), program)
                self.assertRegex(err, b'^' + program.encode() + b': .+\n$')


class Servers(Web):
    def test_where_they_listen(self):
        for program in SERVERS:
            for host, shown in ('', '::'), ('127.0.0.1', '127.0.0.1'):
                server, connection = self.serve_web(program, host)
                self.assertEqual(server.host, shown)
                self.assertIn(self.ask(connection)[0], (200, 401))
                connection.close()
                self.assertEqual(server.stop()[::2], (0, b''))

    def test_a_port_in_use(self):
        with socket.create_server(('127.0.0.1', 0)) as s:
            port = s.getsockname()[1]
            for program in SERVERS:
                where = ['-b', '127.0.0.1'] if program == 'file_server' else ['127.0.0.1']
                status, out, err = self.run_program(c(program) + where + [str(port)])
                self.assertEqual((status, out), (1, b''))
                self.assertRegex(err, b"^%s: \\w+ \\('127.0.0.1', %d\\): \\[Errno 98\\] "
                                 b'Address already in use\n$' % (program.encode(), port))

    def test_output_that_is_lost(self):
        for program in SERVERS:
            with open('/dev/full', 'w') as full:
                where = ['-b', '127.0.0.1', '0'] if program == 'file_server' else [
                    '127.0.0.1', '0']
                server = subprocess.Popen(c(program) + where, stdout=full,
                                          stderr=subprocess.PIPE)
            self.addCleanup(server.communicate)
            self.addCleanup(server.kill)
            port = int(server.stderr.readline().split(b', ')[1].strip(b')\n'))
            connection = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE)
            self.ask(connection)
            connection.close()
            server.terminate()
            _, err = server.communicate(timeout=PATIENCE)
            self.assertEqual(server.returncode, 1)
            self.assertRegex(err, b'^%s: stdout: ' % program.encode())

    def test_what_was_asked_is_shown_as_it_is(self):
        server, connection = self.serve_web('echo_http_server')
        target = "/<script>alert(1)</script>?&'"
        status, page = self.ask(connection, target, {'X-Field': '<img src=x onerror=f()>'})
        self.assertEqual(status, 200)
        self.assertIn('<code>/&lt;script&gt;alert(1)&lt;/script&gt;?&amp;&#x27;</code>',
                      page)
        self.assertIn('\nX-Field: &lt;img src=x onerror=f()&gt;\n', page)
        # The longest target, and fields of which each byte becomes six.
        status, page = self.ask(connection, '/' + '"' * 8000,
                                {'X%d' % i: '"' * 900 for i in range(20)})
        self.assertEqual((status, page.count('&quot;')), (200, 26000))

    def test_one_method(self):
        server, connection = self.serve_web('echo_http_server')
        self.assertEqual(self.ask(connection), self.ask(connection))
        self.assertEqual(self.ask(connection, method='HEAD'), (200, ''))
        self.assertEqual(self.ask(connection, method='POST', body='x')[0], 405)
        connection.close()
        self.logs(server, *['"GET / HTTP/1.1" 200 -'] * 2, '"HEAD / HTTP/1.1" 200 -',
                  'code 405, message Method Not Allowed', '"POST / HTTP/1.1" 405 -')

    def test_a_site_behind_a_password(self):
        server, connection = self.serve_web('login_site')
        for headers in None, EVE, {'Authorization': 'Basic !'}, {'Authorization': 'Bearer x'}:
            status, page = self.ask(connection, '/diary', headers)
            self.assertEqual(status, 401, headers)
            self.assertIn('401', page)
            self.assertNotIn('Welcome', page)
        status, page = self.ask(connection, '/<b>', ADA)
        self.assertEqual(status, 200)
        self.assertIn('<h1>Welcome, ada</h1>\n<p>This is <code>/&lt;b&gt;</code>', page)
        status, page = self.ask(connection, '/' + '"' * 8000, ADA)
        self.assertEqual((status, page.count('&quot;')), (200, 8000))


class Files(Web):
    def setUp(self):
        super().setUp()
        (self.folder / 'pesan.txt').write_text('Isi pesan.\n')
        (self.folder / '.hidden').write_text('x')
        (self.folder / 'cgi-bin').mkdir()
        shutil.copy(c('form.cgi')[0], self.folder / 'cgi-bin')

    def test_files(self):
        server, connection = self.serve_web('file_server')
        self.assertEqual(self.ask(connection, '/pesan.txt'), (200, 'Isi pesan.\n'))
        self.assertEqual(self.ask(connection, '/pesan.txt', {'Range': 'bytes=4-8'}),
                         (206, 'pesan'))
        self.assertEqual(self.ask(connection, '/none')[0], 404)
        self.assertEqual(self.ask(connection, '/.hidden')[0], 404)
        status, page = self.ask(connection)
        self.assertEqual(status, 200)
        self.assertIn('href="pesan.txt"', page)
        self.assertNotIn('hidden', page)
        connection.close()
        self.logs(server, '"GET /pesan.txt HTTP/1.1" 200 -', '"GET /pesan.txt HTTP/1.1" 206 -',
                  'code 404, message File not found', '"GET /none HTTP/1.1" 404 -',
                  'code 404, message File not found', '"GET /.hidden HTTP/1.1" 404 -',
                  '"GET / HTTP/1.1" 200 -')

    def test_the_folder_where_it_was_started(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        server = self.serve(c('file_server'), where=['-b', '127.0.0.1', '0'])
        connection = http.client.HTTPConnection(*server.address, timeout=PATIENCE)
        self.assertEqual(self.ask(connection, '/pesan.txt')[0], 200)
        connection.close()

    def test_protocol(self):
        for protocol, kept in ('HTTP/1.0', False), ('HTTP/1.1', True):
            _, connection = self.serve_web('file_server', arguments=['-p', protocol])
            self.assertEqual(self.ask(connection, '/pesan.txt')[0], 200)
            self.assertEqual(connection.sock is not None, kept)

    def test_a_password(self):
        server, connection = self.serve_web('file_server',
                                            arguments=['--cgi', '--user', 'ada:countess'])
        for path in '/', '/pesan.txt', '/none', '/cgi-bin/form.cgi':
            self.assertEqual(self.ask(connection, path)[0], 401)
            self.assertEqual(self.ask(connection, path, EVE)[0], 401)
        self.assertEqual(self.ask(connection, '/pesan.txt', ADA), (200, 'Isi pesan.\n'))
        self.assertEqual(self.ask(connection, '/cgi-bin/form.cgi', ADA)[0], 200)
        connection.close()
        status, out, err = server.stop()
        self.assertEqual((status, err), (0, b''))
        self.assertEqual(out.decode().count(UNAUTHORIZED), 8)

    def test_scripts(self):
        path = '/cgi-bin/form.cgi?name=%3Cb%3E'
        server, connection = self.serve_web('file_server', arguments=['--cgi'])
        status, page = self.ask(connection, path)
        self.assertEqual(status, 200)
        self.assertIn('<li>name: &lt;b&gt;\n', page)
        # Nor by another way of writing it.
        for other in '/cgi-bin/../cgi-bin/form.cgi', '//cgi-bin/form.cgi', '/cgi%2dbin/form.cgi':
            connection.request('GET', other)
            response = connection.getresponse()
            self.assertNotIn(b'ELF', response.read(16), other)
            response.close()
            connection.close()
        server, connection = self.serve_web('file_server')
        connection.request('GET', path)
        self.assertEqual(connection.getresponse().read()[1:4], b'ELF')  # a file as others


class Clients(Web):
    def test_headers(self):
        server, _ = self.serve_web('echo_http_server')
        status, out, err = self.run_program(c('url_headers') + [self.url(server, '/')])
        self.assertEqual((status, err), (0, b''))
        lines = out.decode().splitlines()
        self.assertEqual(lines[0], 'Content-type: text/html; charset=utf-8')
        self.assertEqual([line.partition(': ')[0] for line in lines],
                         ['Content-type', 'Server', 'Date', 'Content-Length', 'Connection'])

    def test_a_file(self):
        content = os.urandom(300000)
        (self.folder / 'large.bin').write_bytes(content)
        server, _ = self.serve_web('file_server')
        fetched = self.folder / 'fetched'
        url = self.url(server, '/large.bin')
        self.assertEqual(self.run_program(c('fetch') + [url, str(fetched)]), (0, b'', b''))
        self.assertEqual(fetched.read_bytes(), content)
        # Called as the end of the URL is; or as a page is that has no such name.
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        (self.folder / 'sub').mkdir()
        os.chdir('sub')
        self.run_program(c('fetch') + [url])
        self.run_program(c('fetch') + [self.url(server, '/?a/b?c')])
        self.assertEqual(sorted(os.listdir('.')), ['index.html', 'large.bin'])

    def test_a_bar(self):
        server, _ = self.serve_web('echo_http_server')
        ours, terminal = pty.openpty()
        self.addCleanup(os.close, ours)
        done = subprocess.run(c('fetch') + [self.url(server, '/'), str(self.folder / 'f')],
                              stderr=terminal, timeout=PATIENCE)
        os.close(terminal)
        self.assertEqual(done.returncode, 0)
        shown = b''
        with contextlib.suppress(OSError):  # EIO: the end of what it has shown
            while piece := os.read(ours, 65536):
                shown += piece
        self.assertTrue(shown.endswith(b'\r[%s] 100 %%\r\n' % (b'#' * 40)), shown)

    def test_what_is_not_there(self):
        server, _ = self.serve_web('file_server')
        for program in 'url_headers', 'fetch':
            arguments = [str(self.folder / 'new')] if program == 'fetch' else []
            status, out, err = self.run_program(
                c(program) + [self.url(server, '/none'), *arguments])
            self.assertEqual((status, out), (1, b''))
            self.assertRegex(err, b'^%s: .*HTTP Error 404: File not found\n$'
                             % program.encode())
            self.assertEqual(os.listdir(self.folder), [])

    def test_no_one_listens(self):
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            url = 'http://127.0.0.1:%d/' % s.getsockname()[1]
            for program in 'url_headers', 'fetch':
                status, out, err = self.run_program(c(program) + [url])
                self.assertEqual((status, out), (1, b''))
                self.assertRegex(err, b'^%s: .*\\[Errno 111\\] Connection refused\n$'
                                 % program.encode())
            self.assertEqual(self.run_program(c('robots_check') + [url]),
                             (1, b"ExampleBot: no\nthe site can't be reached\n", b''))

    def test_robots(self):
        (self.folder / 'robots.txt').write_text(
            'User-agent: Good\nAllow: /\nUser-agent: *\nDisallow: /private\nCrawl-delay: 3\n'
            'Request-rate: 2/10\nSitemap: http://h/map\n')
        server, _ = self.serve_web('file_server')
        for path, agent, status, out in [
                ('/', [], 0, b'ExampleBot: yes\nwait 3 s between two pages\n'
                 b'at most 2 pages in 10 s\nmap: http://h/map\n'),
                ('/private/x', [], 1, b'ExampleBot: no\nwait 3 s between two pages\n'
                 b'at most 2 pages in 10 s\nmap: http://h/map\n'),
                ('/private/x', ['Good'], 0, b'Good: yes\nmap: http://h/map\n')]:
            self.assertEqual(
                self.run_program(c('robots_check') + [self.url(server, path), *agent]),
                (status, out, b''))


class Forms(Web):
    """By hand; under a server, tests/net/form_script.py."""

    def form(self, body=None, **environment):
        done = subprocess.run(c('form.cgi'), input=body or b'', env=environment,
                              capture_output=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, b''))
        head, _, page = done.stdout.partition(b'\n\n')
        return head.split(b'\n')[0], page

    def test_query(self):
        query = urllib.parse.urlencode({'a': '<script>', 'b': '"&\''})
        status, page = self.form(QUERY_STRING=query)
        self.assertEqual(status, b'Status: 200 OK')
        self.assertIn(b'<li>a: &lt;script&gt;\n<li>b: &quot;&amp;&#x27;\n', page)

    def test_body(self):
        status, page = self.form(b'a=b', REQUEST_METHOD='POST', CONTENT_LENGTH='3',
                                 CONTENT_TYPE='application/x-www-form-urlencoded')
        self.assertEqual(status, b'Status: 200 OK')
        self.assertIn(b'<li>a: b\n', page)
        status, _ = self.form(b'a=b', REQUEST_METHOD='POST', CONTENT_LENGTH='9',
                              CONTENT_TYPE='application/x-www-form-urlencoded')
        self.assertEqual(status, b'Status: 400 Bad Request')


if __name__ == '__main__':
    main()
