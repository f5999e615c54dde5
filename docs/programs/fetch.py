# SPDX-License-Identifier: MIT
"""Fetches what a URL names into a file."""

import posixpath
import sys
from urllib.parse import urlsplit
from urllib.request import urlretrieve

from example import show_progress


def show(blocks, size, total):
    show_progress(blocks * size if total < 0 else min(blocks * size, total), total)


url = sys.argv[1]
path = (sys.argv[2] if len(sys.argv) > 2 else
        posixpath.basename(urlsplit(url).path) or 'index.html')
terminal = sys.stderr.isatty()
urlretrieve(url, path, show if terminal else None)
if terminal:
    sys.stderr.write('\n')
