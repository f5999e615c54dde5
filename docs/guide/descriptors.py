# SPDX-License-Identifier: MIT
"""descriptors.py HOST:PORT: one process accepts, another numbers the lines."""
import os
import socket
import sys


def serve(client):
    client.settimeout(30.0)
    # One file for both directions would lose lines that were read ahead.
    with client.makefile("r") as lines, client.makefile("w") as out:
        for number, line in enumerate(lines, 1):
            print(number, line, end="", file=out, flush=True)


def work(channel):
    # The worker: takes clients until the other end of the channel is closed.
    while True:
        byte, fds, _, _ = socket.recv_fds(channel, 1, 1)
        if not byte:
            return
        for fd in fds:
            with socket.socket(fileno=fd) as client:
                try:
                    serve(client)
                except OSError as error:  # and on to the next client
                    print(f"worker: {error}", file=sys.stderr)


def accept_all(s, channel):
    while True:
        client, _ = s.accept()
        with client:
            # A descriptor travels beside at least one byte.
            socket.send_fds(channel, [b"."], [client.fileno()])


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: descriptors.py HOST:PORT")
    host, _, port = sys.argv[1].rpartition(":")
    try:
        s = socket.create_server((host, int(port)))
        ours, theirs = socket.socketpair()
    except (OSError, ValueError, OverflowError) as error:
        sys.exit(f"descriptors: {error}")
    if (worker := os.fork()) == 0:
        # Each process closes the end that is the other's.
        s.close()
        ours.close()
        work(theirs)
        return
    theirs.close()
    print("listening on", s.getsockname())
    try:
        accept_all(s, ours)
    except OSError as error:
        print(f"descriptors: {error}", file=sys.stderr)
    ours.close()  # the worker sees the end, and ends
    os.waitpid(worker, 0)
    sys.exit(1)


main()
