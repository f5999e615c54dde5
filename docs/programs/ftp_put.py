# SPDX-License-Identifier: MIT
"""Stores a file by FTP, under TLS where the server has it."""

import ftplib
import getpass
import os
import ssl
import sys

from example import MESSAGE_SECONDS, show_progress

path, user, host, port, *_ = [*sys.argv[1:], *['localhost', 21][len(sys.argv) - 3:]]
password = getpass.getpass('password: ')
terminal = sys.stderr.isatty()

f = ftplib.FTP_TLS(context=ssl.create_default_context(), timeout=MESSAGE_SECONDS)
f.connect(host, int(port))
try:
    f.auth()
    tls = True
except ftplib.error_perm:
    tls = False  # and the password goes over as it is
f.login(user, password, secure=False)
if tls:
    f.prot_p()
with open(path, 'rb') as file:
    total = os.fstat(file.fileno()).st_size

    def show(data):
        show_progress(file.tell(), total)

    f.storbinary('STOR ' + os.path.basename(path), file, callback=show if terminal else None)
if terminal:
    sys.stderr.write('\n')
f.quit()
