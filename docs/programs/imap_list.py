# SPDX-License-Identifier: MIT
"""Lists the mailboxes of an account, and the newest mails of its INBOX."""

import getpass
import imaplib
import re
import sys

from example import MESSAGE_SECONDS

TLS_PORT, NEWEST = imaplib.IMAP4_SSL_PORT, 10


def good(answer):
    """What was answered, if that is not NO."""
    kind, data = answer
    if kind != 'OK':
        raise imaplib.IMAP4.error(data[-1])
    return data


def show_boxes(m):
    for line in good(m.list()):
        # As the server has it, in modified UTF-7; a literal is not looked for.
        flags, box = re.fullmatch(r'\((.*?)\) \S+ (.*)', line.decode()).groups()
        if r'\Noselect' in flags:
            print(box.strip('"'))
            continue
        status = good(m.status(box, '(MESSAGES)'))[0].decode()
        print(f'{box.strip(chr(34))}: {re.search("MESSAGES ([0-9]+)", status)[1]}')


def show_newest(m):
    exists = int(good(m.select('INBOX', readonly=True))[0])
    if exists == 0:
        return
    numbers = f'{max(1, exists - NEWEST + 1)}:{exists}'
    for item in good(m.fetch(numbers, '(BODY.PEEK[HEADER.FIELDS (SUBJECT)])')):
        if isinstance(item, tuple):  # what stands before a literal, and that
            number, text = item[0].split()[0].decode(), item[1].decode('utf-8', 'replace')
            print(f'{number}: {text.splitlines()[0].removeprefix("Subject: ")}')


user, host, port, *_ = [*sys.argv[1:], *['localhost', TLS_PORT][len(sys.argv) - 2:]]
port = int(port)
password = getpass.getpass('password: ')
client = imaplib.IMAP4_SSL if port == TLS_PORT else imaplib.IMAP4
with client(host, port, timeout=MESSAGE_SECONDS) as m:
    m.login(user, password)
    show_boxes(m)
    show_newest(m)
