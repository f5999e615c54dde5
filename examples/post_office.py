#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""post_office.py PROTOCOL [PORT]: a server to try the programs of mail and news on,
on this machine. PROTOCOL is pop3, of anyone's mailbox with two mails, imap, of
anyone's account with the same, or nntp, of the group misc.test with two articles.
PORT 0 is a free one.
"""

import re
import signal
import socketserver
import sys

TEXTS = [(subject, f'Subject: {subject}\r\nFrom: ali@example.org\r\n\r\n{body}\r\n')
         for subject, body in [('Halo', 'Apa kabar?'), ('Isi pesan', 'Sampai jumpa.')]]
SIZES = [len(text) for _, text in TEXTS]


def lines(answer, *items):
    """An answer with something behind it, up to a dot."""
    return ''.join(line + '\r\n' for line in [answer, *items, '.'])


def text(answer, match):
    """One of the texts, whose number was asked for."""
    return lines(answer, TEXTS[int(match[1]) - 1][1].removesuffix('\r\n'))


def head(answer, match):
    return lines(answer, TEXTS[int(match[1]) - 1][1].partition('\r\n\r\n')[0], '')


def numbered(of_one):
    return [f'{i} {of_one(i - 1)}' for i in range(1, len(TEXTS) + 1)]


def overview(match):
    return lines('224 overview', *[
        f'{i}\t{subject}\tali@example.org\tSun, 06 Nov 1994 08:49:37 -0000'
        f'\t<{i}@example.org>\t\t{len(text)}\t1' for i, (subject, text) in enumerate(TEXTS, 1)
        if int(match[1]) <= i <= int(match[2])])


def done(match, *items):
    """An answer of IMAP, whose tag was the first word."""
    return ''.join(f'* {item}\r\n' for item in items) + f'{match[1]} OK done\r\n'


def subjects(match):
    field = 'BODY[HEADER.FIELDS (SUBJECT)]'
    heads = [(i, f'Subject: {subject}\r\n\r\n') for i, (subject, _) in enumerate(TEXTS, 1)]
    return done(match, *[f'{i} FETCH ({field} {{{len(head)}}}\r\n{head})' for i, head in heads
                         if int(match[2]) <= i <= int(match[3])])


FIELDS = ('Subject:', 'From:', 'Date:', 'Message-ID:', 'References:', ':bytes', ':lines')
OK = '+OK\r\n'
# What is said first, and to each command; the last word to all others.
POP3 = 8110, '+OK ready\r\n', {
    r'STAT': lambda m: f'+OK {len(TEXTS)} {sum(SIZES)}\r\n',
    r'LIST': lambda m: lines('+OK', *numbered(lambda i: SIZES[i])),
    r'UIDL': lambda m: lines('+OK', *numbered(lambda i: f'id{i}')),
    r'CAPA': lambda m: lines('+OK', 'USER', 'TOP', 'UIDL', 'PIPELINING'),
    r'RETR ([12])': lambda m: text('+OK', m),
    r'TOP ([12]) 0': lambda m: head('+OK', m),
    r'USER .+|PASS .*|NOOP|RSET|DELE [12]|QUIT': lambda m: OK,
}, '-ERR what?\r\n'
IMAP = 8143, '* OK ready\r\n', {
    r'(\S+) CAPABILITY': lambda m: done(m, 'CAPABILITY IMAP4rev1'),
    r'(\S+) LOGIN .+': done,
    r'(\S+) LIST "" "?\*"?': lambda m: done(m, r'LIST (\HasNoChildren) "/" INBOX',
                                           r'LIST (\Sent) "/" "Surat terkirim"'),
    r'(\S+) STATUS INBOX .+': lambda m: done(m, f'STATUS INBOX (MESSAGES {len(TEXTS)})'),
    r'(\S+) STATUS (.+) \(.+\)': lambda m: done(m, f'STATUS {m[2]} (MESSAGES 0)'),
    r'(\S+) EXAMINE INBOX': lambda m: done(m, f'{len(TEXTS)} EXISTS'),
    r'(\S+) FETCH (\d+):(\d+) .+': subjects,
    r'(\S+) LOGOUT': lambda m: done(m, 'BYE bye'),
    r'(\S+) .*': lambda m: f'{m[1]} BAD what?\r\n',
}, '* BAD what?\r\n'
NNTP = 8119, '200 ready\r\n', {
    r'CAPABILITIES': lambda m: lines('101 capabilities', 'VERSION 2', 'READER', 'OVER'),
    r'GROUP misc\.test': lambda m: '211 2 1 2 misc.test\r\n',
    r'GROUP .*': lambda m: '411 no such group\r\n',
    r'LIST': lambda m: lines('215 groups', 'misc.test 2 1 n'),
    r'LIST OVERVIEW.FMT': lambda m: lines('215 fields', *FIELDS),
    r'OVER (\d+)-(\d+)': overview,
    r'ARTICLE ([12])': lambda m: text(f'220 {m[1]} <{m[1]}@example.org>', m),
    r'QUIT': lambda m: '205 bye\r\n',
}, '500 what?\r\n'


class Handler(socketserver.StreamRequestHandler):
    def say(self, words):
        self.wfile.write(words.encode())

    def handle(self):
        _, welcome, answers, otherwise = self.server.protocol
        self.say(welcome)
        for line in self.rfile:
            command = line.decode('utf-8', 'replace').rstrip('\r\n')
            found = [answer(match) for pattern, answer in answers.items()
                     if (match := re.fullmatch(pattern, command, re.IGNORECASE))]
            self.say(found[0] if found else otherwise)
            if command.upper().split()[-1:] in (['QUIT'], ['LOGOUT']):
                break


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


def main(name, port=None):
    protocol = {'imap': IMAP, 'pop3': POP3, 'nntp': NNTP}[name]
    for signo in signal.SIGINT, signal.SIGTERM:
        signal.signal(signo, lambda *_: sys.exit())
    with Server(('127.0.0.1', protocol[0] if port is None else int(port)), Handler) as server:
        server.protocol = protocol
        print(f'listening on {server.server_address}', file=sys.stderr, flush=True)
        server.serve_forever()


main(*sys.argv[1:])
