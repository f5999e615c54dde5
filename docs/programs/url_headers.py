# SPDX-License-Identifier: MIT
"""The header fields of what a URL names."""

import sys
from urllib.request import urlopen

url = sys.argv[1] if len(sys.argv) > 1 else 'http://localhost'
with urlopen(url, timeout=30) as data:
    for name, value in data.headers.items():
        print(f'{name}: {value}')
