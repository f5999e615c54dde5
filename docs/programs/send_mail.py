# SPDX-License-Identifier: MIT
"""Sends a mail, whose text it reads."""

import smtplib
import sys
from email.utils import formatdate, make_msgid, parseaddr

from example import MESSAGE_SECONDS, complain

host, port, sender, subject, *to = sys.argv[1:]
domain = parseaddr(sender)[1].rpartition('@')[2] or 'localhost'
prompt = 'msg to send: ' if sys.stdin.isatty() else ''
mail = [f'From: {sender}', 'To: ' + ',\n '.join(to), f'Subject: {subject}',
        f'Date: {formatdate()}', f'Message-ID: {make_msgid(domain=domain)}', '']
while True:
    print(prompt, end='', flush=True)
    if not (line := sys.stdin.readline()):
        break
    mail.append(line.removesuffix('\n'))
try:
    with smtplib.SMTP(host, int(port), timeout=MESSAGE_SECONDS) as s:
        refused = s.sendmail(sender, to, '\n'.join(mail) + '\n')
except (OSError, smtplib.SMTPException) as error:
    sys.exit(complain(error))
for address, (code, text) in refused.items():
    complain(f'{address}: {code} {text.decode()}')
print('sent to', len(to) - len(refused), 'of', len(to))
sys.exit(bool(refused))
