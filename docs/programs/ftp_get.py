# SPDX-License-Identifier: MIT
"""Fetches a file by FTP, and goes on where it was broken off."""

import ftplib
import os
import posixpath
import sys

from example import MESSAGE_SECONDS, show_progress

path, host, port, *_ = [*sys.argv[1:], *['localhost', 21][len(sys.argv) - 2:]]
name = posixpath.basename(path)
terminal = sys.stderr.isatty()

f = ftplib.FTP(timeout=MESSAGE_SECONDS)
f.connect(host, int(port))
f.login()
f.voidcmd('TYPE I')
total = f.size(path)
with open(name + '.part', 'ab') as file:
    def take(data):
        file.write(data)
        if terminal:
            show_progress(file.tell(), total)

    if file.tell() > total:  # it is of another file
        file.seek(0)
        file.truncate()
    f.retrbinary('RETR ' + path, take, rest=file.tell() or None)
    if file.tell() < total:
        raise EOFError('it was cut short')
if terminal:
    sys.stderr.write('\n')
os.rename(name + '.part', name)
f.quit()
