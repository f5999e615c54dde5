# SPDX-License-Identifier: MIT
"""several.py HOST:PORT: answers in capitals, many clients at a time."""
import selectors
import socket
import sys

MOST = 100  # clients at a time

sel = selectors.DefaultSelector()
clients = set()


def welcome(listener):
    try:
        client, _ = listener.accept()
    except OSError as error:  # it is gone already, perhaps
        print(f"several: {error}", file=sys.stderr)
        return
    client.setblocking(False)
    sel.register(client, selectors.EVENT_READ)
    clients.add(client)
    # Who comes when there is no room waits in the backlog.
    if len(clients) == MOST:
        sel.unregister(listener)


def take_out(client, listener):
    if len(clients) == MOST:
        sel.register(listener, selectors.EVENT_READ)
    clients.remove(client)
    sel.unregister(client)
    client.close()


def serve(client, listener):
    try:
        text = client.recv(4096)
        client.sendall(text.upper())
    except OSError as error:  # EAGAIN: it does not read what we say
        print(f"several: {error}", file=sys.stderr)
        text = b""
    if not text:
        take_out(client, listener)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: several.py HOST:PORT")
    host, _, port = sys.argv[1].rpartition(":")
    try:
        listener = socket.create_server((host, int(port)))
    except (OSError, ValueError, OverflowError) as error:
        sys.exit(f"several: {error}")
    listener.setblocking(False)
    sel.register(listener, selectors.EVENT_READ)
    print("listening on", listener.getsockname())

    while True:
        for key, _ in sel.select():
            if key.fileobj is listener:
                welcome(listener)
            else:
                serve(key.fileobj, listener)


main()
