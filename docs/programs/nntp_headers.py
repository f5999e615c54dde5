# SPDX-License-Identifier: MIT
"""The newest articles of a group: numbers and subjects.

Python has had no nntplib since 3.13.
"""

import sys
import warnings

from example import MESSAGE_SECONDS

with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    import nntplib

NEWEST = 10


def show(n, first, last):
    over = n.over((max(first, last - NEWEST + 1), last))[1]
    for number, fields in over:
        print(f'{number}: {fields["subject"]}')


group, host, port, *_ = [*sys.argv[1:], *['localhost', 119][len(sys.argv) - 2:]]
with nntplib.NNTP(host, int(port), readermode=True, timeout=MESSAGE_SECONDS) as n:
    _, count, first, last, _ = n.group(group)
    print(f'{group}: about {count} articles')
    if count > 0:
        show(n, first, last)
