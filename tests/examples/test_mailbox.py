# SPDX-License-Identifier: MIT
"""The programs that read mail and news: beside their listings, and what they refuse."""

import os
import pty
import subprocess
import unittest

from support import OF_MAIL, PATIENCE, Case, both, c, main

PASSWORD = b'secret\n'
MAILS = b'1: 52 bytes, Halo\n2: 60 bytes, Isi pesan\n'
MAILBOXES = b'INBOX: 2\nSurat terkirim: 0\n1: Halo\n2: Isi pesan\n'
ARTICLES = b'misc.test: about 2 articles\n1: Halo\n2: Isi pesan\n'
with_pop3 = unittest.skipUnless('pop3_list' in OF_MAIL, 'it was not built')


class Mailbox(Case):
    def office(self, protocol):
        """Where it is."""
        server = self.serve(c('post_office.py'), where=[protocol, '0'])
        return [server.host, str(server.port)]

    def fails(self, program, arguments, words, stdin=PASSWORD):
        status, out, err = self.run_program(c(program) + arguments, stdin)
        self.assertEqual(status, 1, out)
        self.assertEqual(err.decode(), f'{program}: {words}\n')


@with_pop3
class Pop3List(Mailbox):
    def test_mails(self):
        where = self.office('pop3')
        for side, command in both('pop3_list'):
            with self.subTest(side):
                status, out, err = self.run_program(command + ['ali', *where], PASSWORD)
                self.assertEqual((status, out.removeprefix(b'password: \n')), (0, MAILS), err)

    def test_a_password_is_not_shown(self):
        where = self.office('pop3')
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(c('pop3_list')[0], c('pop3_list') + ['ali', *where])
        said = b''
        while not said.endswith(b'password: '):
            said += os.read(terminal, 100)
        os.write(terminal, PASSWORD)
        try:
            while more := os.read(terminal, 100):
                said += more
        except OSError:  # it has ended
            pass
        os.close(terminal)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        self.assertEqual(said.replace(b'\r', b''), b'password: \n' + MAILS)

    def test_what_fails(self):
        where = self.office('pop3')
        self.fails('pop3_list', ['', *where], f'user {where[0]}: USER : -ERR what?')
        self.fails('pop3_list', ['ali', *where], 'no password', b'')
        self.fails('pop3_list', ['a\nb', *where], 'user: command and arguments contain '
                   'prohibited newline characters')
        self.fails('pop3_list', ['ali', *self.office('nntp')],
                   'POP3 127.0.0.1: a reply is neither +OK nor -ERR')
        self.refused('pop3_list')
        self.refused('pop3_list', 'ali', 'h', '0')
        self.refused('pop3_list', 'ali', 'h', '1', 'more')


@with_pop3
class ImapList(Mailbox):
    def test_mailboxes(self):
        where = self.office('imap')
        for side, command in both('imap_list'):
            with self.subTest(side):
                status, out, err = self.run_program(command + ['ali', *where], PASSWORD)
                self.assertEqual((status, out.removeprefix(b'password: \n')),
                                 (0, MAILBOXES), err)

    def test_what_fails(self):
        where = self.office('imap')
        self.fails('imap_list', ['ali', *where], 'no password', b'')
        self.fails('imap_list', ['a\nb', *where], 'login: command and arguments contain '
                   'prohibited newline characters')
        self.fails('imap_list', ['ali', *self.office('nntp')],
                   "IMAP4 127.0.0.1: unexpected response: '200 ready'")
        self.refused('imap_list')
        self.refused('imap_list', 'ali', 'h', '0')
        self.refused('imap_list', 'ali', 'h', '1', 'more')


class NntpHeaders(Mailbox):
    def test_articles(self):
        where = self.office('nntp')
        for side, command in both('nntp_headers'):
            with self.subTest(side):
                self.assertEqual(self.run_program(command + ['misc.test', *where]),
                                 (0, ARTICLES, b''))

    def test_what_fails(self):
        where = self.office('nntp')
        self.fails('nntp_headers', ['x', *where], f'group {where[0]}: GROUP x: '
                   '411 no such group')
        self.fails('nntp_headers', ['x', *self.office('pop3')],
                   "NNTP 127.0.0.1: not a reply: '+OK ready'")
        self.refused('nntp_headers')
        self.refused('nntp_headers', 'x', 'h', '0')
        self.refused('nntp_headers', 'x', 'h', '1', 'more')


class PostOffice(Mailbox):
    def test_it_stops(self):
        for protocol in 'pop3', 'imap', 'nntp':
            server = self.serve(c('post_office.py'), where=[protocol, '0'])
            self.stops_well(server)

    def test_what_it_is_for(self):
        done = subprocess.run(c('post_office.py') + ['smtp'], capture_output=True,
                              timeout=PATIENCE, check=False)
        self.assertNotEqual(done.returncode, 0)


if __name__ == '__main__':
    main()
