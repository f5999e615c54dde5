# SPDX-License-Identifier: MIT
"""errors.py HOST:PORT TEXT: sends TEXT, wants a record of 8 bytes back within
two seconds, and says what to do where it has none.
"""
import socket
import sys
import time


def fetch(where, text, record):
    host, _, port = where.rpartition(":")
    with socket.create_connection((host, int(port)), 2.0) as s:
        s.sendall(text.encode())
        s.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + 2.0
        while len(record) < 8:
            s.settimeout(max(1e-3, deadline - time.monotonic()))
            more = s.recv(8 - len(record))
            if not more:
                raise EOFError(f"end of stream after {len(record)} bytes")
            record += more


def advice(error):
    match error:
        case TimeoutError():
            return "try again later"
        case EOFError():
            return "it knows another protocol"
        case socket.gaierror():
            return "look at the name"
        case ValueError() | OverflowError():
            return "look at what was typed"
        case ConnectionRefusedError():
            return "start the server"
        case _:
            return "ask the system"


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: errors.py HOST:PORT TEXT")
    record = bytearray()
    try:
        fetch(sys.argv[1], sys.argv[2], record)
    except (OSError, EOFError, ValueError, OverflowError) as error:
        print(f"errors: {error}", file=sys.stderr)
        sys.exit(f"{type(error).__name__} after {len(record)} bytes: "
                 + advice(error))
    print(record.decode())


main()
