# SPDX-License-Identifier: MIT
"""The programs that fetch and store files by FTP: beside their listings, and what they
refuse."""

import os
import pathlib
import pty
import subprocess
import tempfile
import unittest

from support import OF_MAIL, PATIENCE, Case, both, c, main

PASSWORD = b'secret\n'
CONTENT = bytes(range(256)) * 4096
with_put = unittest.skipUnless('ftp_put' in OF_MAIL, 'it was not built')


class Depot(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.here = pathlib.Path(folder.name, 'here')
        self.there = pathlib.Path(folder.name, 'there')
        self.here.mkdir()
        server = self.serve(c('depot.py'), where=['0', str(self.there)])
        self.where = [server.host, str(server.port)]

    def run_here(self, command, stdin=b''):
        done = subprocess.run(command, input=stdin, capture_output=True, cwd=self.here,
                              timeout=PATIENCE, check=False)
        return done.returncode, done.stdout, done.stderr

    def fails(self, program, arguments, words, stdin=b''):
        status, out, err = self.run_here(c(program) + arguments, stdin)
        self.assertEqual(status, 1, out)
        self.assertEqual(err.decode(), f'{program}: {words}\n')

    def on_terminal(self, command, stdin):
        """What the terminal shows of it."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.here)
            os.execv(command[0], command)
        said = b''
        while stdin and not said.endswith(b'password: '):
            said += os.read(terminal, 100)
        os.write(terminal, stdin)
        try:
            while more := os.read(terminal, 100):
                said += more
        except OSError:  # it has ended
            pass
        os.close(terminal)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        return said


class FtpGet(Depot):
    def setUp(self):
        super().setUp()
        (self.there / 'a b').write_bytes(CONTENT)

    def test_a_file(self):
        for side, command in both('ftp_get'):
            with self.subTest(side):
                self.assertEqual(self.run_here(command + ['/x/a b', *self.where]), (0, b'', b''))
                self.assertEqual((self.here / 'a b').read_bytes(), CONTENT)
                self.assertEqual([path.name for path in self.here.iterdir()], ['a b'])

    def test_it_goes_on(self):
        for side, command in both('ftp_get'):
            with self.subTest(side):
                # What is there is not fetched again.
                (self.here / 'a b.part').write_bytes(b'x' * 1000)
                self.assertEqual(self.run_here(command + ['a b', *self.where]), (0, b'', b''))
                self.assertEqual((self.here / 'a b').read_bytes(),
                                 b'x' * 1000 + CONTENT[1000:])

    def test_it_begins_anew(self):
        for side, command in both('ftp_get'):
            with self.subTest(side):
                # Of a file that was longer.
                (self.here / 'a b.part').write_bytes(b'x' * (len(CONTENT) + 1))
                self.assertEqual(self.run_here(command + ['a b', *self.where]), (0, b'', b''))
                self.assertEqual((self.here / 'a b').read_bytes(), CONTENT)

    def test_a_file_of_its_own(self):
        self.assertEqual((self.there / 'berkas.txt').read_text(), 'Isi berkas.\n')

    def test_a_bar(self):
        said = self.on_terminal(c('ftp_get') + ['a b', *self.where], b'')
        self.assertTrue(said.startswith(b'\r['), said)
        self.assertTrue(said.endswith(b'\r[' + b'#' * 40 + b'] 100 %\r\n'), said)

    def test_what_fails(self):
        self.fails('ftp_get', ['none', *self.where],
                   'size 127.0.0.1: SIZE none: 550 No such file or directory')
        self.assertEqual(list(self.here.iterdir()), [])
        self.fails('ftp_get', ['a\nb', *self.where], 'size: command and arguments contain '
                   'prohibited newline characters')
        (self.here / 'a b.part').mkdir()
        self.fails('ftp_get', ['a b', *self.where], 'a b.part: Is a directory')
        self.refused('ftp_get')
        self.refused('ftp_get', 'a/')
        self.refused('ftp_get', 'a', 'h', '0')
        self.refused('ftp_get', 'a', 'h', '1', 'more')


@with_put
class FtpPut(Depot):
    def setUp(self):
        super().setUp()
        (self.here / 'a b').write_bytes(CONTENT)

    def test_a_file(self):
        for side, command in both('ftp_put'):
            with self.subTest(side):
                status, out, err = self.run_here(
                    command + [str(self.here / 'a b'), 'ali', *self.where], PASSWORD)
                self.assertEqual((status, out.removeprefix(b'password: \n')), (0, b''), err)
                self.assertEqual((self.there / 'a b').read_bytes(), CONTENT)
                (self.there / 'a b').unlink()

    def test_an_empty_file(self):
        (self.here / 'empty').touch()
        self.assertEqual(self.run_here(c('ftp_put') + ['empty', 'ali', *self.where], PASSWORD),
                         (0, b'password: \n', b''))
        self.assertEqual((self.there / 'empty').read_bytes(), b'')

    def test_a_bar(self):
        said = self.on_terminal(c('ftp_put') + ['a b', 'ali', *self.where], PASSWORD)
        self.assertNotIn(b'secret', said)
        self.assertTrue(said.endswith(b'\r[' + b'#' * 40 + b'] 100 %\r\n'), said)
        self.assertEqual((self.there / 'a b').read_bytes(), CONTENT)

    def test_what_fails(self):
        self.fails('ftp_put', ['none', 'ali', *self.where],
                   'none: No such file or directory', PASSWORD)
        self.fails('ftp_put', ['a b', 'ali', *self.where], 'no password')
        self.fails('ftp_put', ['a b', 'a\nb', *self.where], 'login: command and arguments contain '
                   'prohibited newline characters', PASSWORD)
        self.refused('ftp_put')
        self.refused('ftp_put', 'a')
        self.refused('ftp_put', 'a', 'u', 'h', '0')
        self.refused('ftp_put', 'a', 'u', 'h', '1', 'more')


if __name__ == '__main__':
    main()
