# SPDX-License-Identifier: MIT
"""The programs of mail: what they refuse, say and send."""

import email
import email.utils
import re
import socket
import threading
import time

from support import PATIENCE, Case, both, c, main


class Postman(threading.Thread):
    """A server of SMTP for one client, which refuses some."""

    def __init__(self, refuses=b'<nobody', greeting=b'220 mx'):
        super().__init__(daemon=True)
        self.refuses, self.greeting = refuses, greeting
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.listener.settimeout(PATIENCE)
        self.port = self.listener.getsockname()[1]
        self.commands, self.mail = [], None
        self.start()

    def run(self):
        conn, _ = self.listener.accept()
        with conn, conn.makefile('rwb', buffering=0) as file:
            file.write(self.greeting + b'\r\n')
            for line in file:
                self.commands.append(line)
                file.write(self.answer(line.upper(), file) + b'\r\n')

    def answer(self, line, file):
        if line.startswith(b'DATA'):
            file.write(b'354 go\r\n')
            lines = iter(file.readline, b'.\r\n')
            self.mail = b''.join(line.removeprefix(b'.') for line in lines)
        if self.refuses.upper() in line:
            return b'550 5.1.1 not here'
        return b'221 bye' if line.startswith(b'QUIT') else b'250 ok'

    def end(self):
        self.join(PATIENCE)
        self.listener.close()
        return self


class SendMail(Case):
    def send(self, command, *arguments, text=b'At noon?\n', **postman):
        """What it says, without its name, and what the postman has."""
        server = Postman(**postman)
        status, out, err = self.run_program(
            command + ['127.0.0.1', str(server.port), *arguments], text)
        return status, out, err.replace(b'send_mail: ', b''), server.end()

    def test_what_is_refused(self):
        self.refused('send_mail')
        self.refused('send_mail', 'h', '25', 'a@b', 'Subject')
        for port in '', 'x', '-1', '65536':
            self.refused('send_mail', 'h', port, 'a@b', 'Subject', 'c@d')
        for bad in [('a@b\nX: y', 's', 'c@d'), ('a@b', 's\r\nX: y', 'c@d'),
                    ('a@b', 's', 'c@d\n')]:
            status, out, err = self.run_program(c('send_mail') + ['h', '25', *bad])
            self.assertEqual((status, out), (2, b''))
            self.assertTrue(err.startswith(b'send_mail: more than a line: '), err)

    def test_a_mail(self):
        for name, command in both('send_mail'):
            with self.subTest(name):
                status, out, err, server = self.send(
                    command, 'Ada <ada@example.org>', 'Lunch', 'bob@example.org',
                    'Eve <eve@example.org>', text=b'At noon?\n.\n.dot\nlast')
                self.assertEqual((status, out, err), (0, b'sent to 2 of 2\n', b''))
                self.check_commands(server.commands[1:])
                self.check_mail(server.mail)

    def check_commands(self, commands):
        self.assertEqual([line.strip().lower() for line in commands],
                         [b'mail from:<ada@example.org>', b'rcpt to:<bob@example.org>',
                          b'rcpt to:<eve@example.org>', b'data', b'quit'])

    def check_mail(self, mail):
        self.assertTrue(mail.endswith(b'\r\n\r\nAt noon?\r\n.\r\n.dot\r\nlast\r\n'), mail)
        self.assertNotRegex(mail, b'[^\r]\n')
        head = email.message_from_bytes(mail)
        self.assertEqual(head['From'], 'Ada <ada@example.org>')
        self.assertEqual(email.utils.getaddresses([head['To']]),
                         [('', 'bob@example.org'), ('Eve', 'eve@example.org')])
        self.assertEqual(head['Subject'], 'Lunch')
        when = email.utils.parsedate_to_datetime(head['Date'] + '')
        self.assertLess(abs(time.time() - email.utils.mktime_tz(
            email.utils.parsedate_tz(head['Date']))), PATIENCE)
        self.assertIsNone(when.tzinfo)
        self.assertTrue(re.fullmatch(r'<[^@<>\s]+@example\.org>', head['Message-ID']))

    def test_who_is_refused(self):
        for name, command in both('send_mail'):
            with self.subTest(name):
                status, out, err, server = self.send(
                    command, 'ada@example.org', 'Lunch', 'bob@example.org',
                    'nobody@example.org')
                self.assertEqual((status, out, err),
                                 (1, b'sent to 1 of 2\n',
                                  b'nobody@example.org: 550 5.1.1 not here\n'))
                self.assertIsNotNone(server.mail)

    def test_all_are_refused(self):
        status, out, err, server = self.send(
            c('send_mail'), 'ada@example.org', 'Lunch', 'nobody@example.org')
        self.assertEqual((status, out, err),
                         (1, b'', b'sendmail 127.0.0.1: RCPT TO:<nobody@example.org>: '
                                  b'550 5.1.1 not here\n'))
        self.assertIsNone(server.mail)

    def test_no_address(self):
        status, out, err, server = self.send(
            c('send_mail'), 'ada@example.org', 'Lunch', 'a@b> SIZE=1')
        self.assertEqual((status, out, err),
                         (1, b'', b'sendmail a@b> SIZE=1: not an address\n'))
        self.assertEqual(server.commands, [b'QUIT\r\n'])

    def test_no_welcome(self):
        status, out, err, _ = self.send(c('send_mail'), 'a@b', 's', 'c@d',
                                        greeting=b'554 go away')
        self.assertEqual((status, out, err), (1, b'', b'SMTP 127.0.0.1: 554 go away\n'))

    def test_no_server(self):
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            status, out, err = self.run_program(
                c('send_mail') + ['127.0.0.1', str(s.getsockname()[1]), 'a@b', 's', 'c@d'])
        self.assertEqual((status, out), (1, b''))
        self.assertIn(b'Connection refused', err)


if __name__ == '__main__':
    main()
