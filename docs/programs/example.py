# SPDX-License-Identifier: MIT
"""What the listings share, as example.h does for the programs in C."""

import pathlib
import signal
import socket
import sys

# The limits of one message: what a client may cost the next one.
MESSAGE_SIZE = 65536
MESSAGE_SECONDS = 30


def host_and_port(host, port):
    """HOST and PORT of the command line; these where none are given."""
    if sys.argv[1:]:
        host = sys.argv[1]
    if sys.argv[2:]:
        port = int(sys.argv[2])
    return host, port


def files(*names):
    """What stands behind HOST and PORT; these where it is less."""
    given = sys.argv[3:]
    return *given, *names[len(given):]


def raw_input(prompt):
    """A line as bytes, without its end; nothing at the end of input."""
    print(prompt, end='', flush=True)
    return sys.stdin.buffer.readline().removesuffix(b'\n')


def print_bytes(message):
    """Bytes as they are, and the end of the line."""
    sys.stdout.flush()
    sys.stdout.buffer.write(message + b'\n')
    sys.stdout.buffer.flush()


def show_progress(done, total):
    """On the line of a terminal that it has: a bar, if it is known how many bytes there
    are, else how many came."""
    if total > 0:
        bar = ('#' * (40 * done // total)).ljust(40, '.')
        sys.stderr.write(f'\r[{bar}] {100 * done // total:3} %')
    else:
        sys.stderr.write(f'\r{done} bytes')
    sys.stderr.flush()


def complain(reason):
    """Says on stderr what is wrong, and returns the status for it."""
    name = pathlib.Path(sys.argv[0]).stem
    print(f'{name}: {reason}', file=sys.stderr, flush=True)
    return 1


def recv_until(s, size, end):
    """sock_recv_until(): a message through its end, at most size bytes."""
    message = b''
    while len(message) < size and not message.endswith(end):
        seen = s.recv(size - len(message), socket.MSG_PEEK)
        if not seen:
            break
        message += s.recv(seen.find(end) + 1 or len(seen))
    return message


def recv_until_of_tls(s, size, end):
    """The same where nothing can be looked at: what is behind is lost."""
    message = b''
    while len(message) < size and end not in message:
        more = s.recv(size - len(message))
        if not more:
            break
        message += more
    return message[:message.find(end) + 1 or len(message)]


def listening(s):
    """Says where a server is to be found; SIGINT and SIGTERM end it."""
    for signo in signal.SIGINT, signal.SIGTERM:
        signal.signal(signo, lambda *_: sys.exit())
    print(f'listening on {s.getsockname()}', file=sys.stderr, flush=True)
