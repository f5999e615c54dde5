# SPDX-License-Identifier: MIT
"""several.py HOST:PORT: answers in capitals, many clients at a time."""
import select
import socket
import sys

MOST = 100
clients = {}  # by their descriptors


def serve(client):
    try:
        text = client.recv(4096)
        if text:
            client.sendall(text.upper())
        return text
    except OSError as error:  # EAGAIN: it does not read what we say
        print(f"several: {error}", file=sys.stderr)
        return b""


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: several.py HOST:PORT")
    host, _, port = sys.argv[1].rpartition(":")
    try:
        s = socket.create_server((host, int(port)))
    except (OSError, ValueError, OverflowError) as error:
        sys.exit(f"several: {error}")
    s.setblocking(False)
    print("listening on", s.getsockname())

    poll = select.poll()
    while True:
        # Who comes when there is no room waits in the backlog.
        poll.register(s, select.POLLIN if len(clients) < MOST else 0)
        for fd, _ in poll.poll():
            if fd != s.fileno():
                if not serve(clients[fd]):
                    poll.unregister(fd)
                    clients.pop(fd).close()
                continue
            try:
                client, _ = s.accept()
            except OSError as error:  # it is gone already, perhaps
                print(f"several: {error}", file=sys.stderr)
                continue
            client.setblocking(False)
            clients[client.fileno()] = client
            poll.register(client, select.POLLIN)


main()
