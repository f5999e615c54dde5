# SPDX-License-Identifier: MIT
"""What the peers share: where to, and raw bytes on stdout."""

import sys


def endpoint(host, port):
    host, port = (sys.argv[1:] + [host, port][len(sys.argv) - 1:])[:2]
    return host, int(port)


def listening(s):
    print('listening on %s' % (s.getsockname(),), file=sys.stderr, flush=True)


def say(line):
    sys.stdout.buffer.write(line + b'\n')
    sys.stdout.buffer.flush()


def text(address):
    return repr(address).encode()
