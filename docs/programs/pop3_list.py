# SPDX-License-Identifier: MIT
"""Lists the mails of a mailbox: number, octets, subject."""

import getpass
import poplib
import sys

from example import MESSAGE_SECONDS

TLS_PORT = poplib.POP3_SSL_PORT


def subject_in(head):
    for line in head:
        if line[:9].lower() == b'subject: ':
            return line[9:].decode('utf-8', 'replace')
    return ''


user, host, port, *_ = [*sys.argv[1:], *['localhost', TLS_PORT][len(sys.argv) - 2:]]
port = int(port)
password = getpass.getpass('password: ')
client = poplib.POP3_SSL if port == TLS_PORT else poplib.POP3
p = client(host, port, timeout=MESSAGE_SECONDS)
p.user(user)
p.pass_(password)
for mail in p.list()[1]:
    number, octets = mail.split()[:2]
    head = p.top(int(number), 0)[1]
    print(f'{int(number)}: {int(octets)} bytes, {subject_in(head)}')
p.quit()
