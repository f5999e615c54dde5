# SPDX-License-Identifier: MIT
"""Fetches what a URL names into a file."""

import posixpath
import sys
from urllib.parse import urlsplit
from urllib.request import urlretrieve


def show(blocks, size, total):
    done = blocks * size if total < 0 else min(blocks * size, total)
    if total > 0:
        bar = ('#' * (40 * done // total)).ljust(40, '.')
        sys.stderr.write(f'\r[{bar}] {100 * done // total:3} %')
    else:
        sys.stderr.write(f'\r{done} bytes')
    sys.stderr.flush()


url = sys.argv[1]
path = (sys.argv[2] if len(sys.argv) > 2 else
        posixpath.basename(urlsplit(url).path) or 'index.html')
terminal = sys.stderr.isatty()
urlretrieve(url, path, show if terminal else None)
if terminal:
    sys.stderr.write('\n')
