# SPDX-License-Identifier: MIT
"""server.py HOST:PORT: answers in capitals, one client after the other."""
import socket
import sys


def serve(client):
    client.settimeout(30.0)
    while text := client.recv(4096):
        client.sendall(text.upper())


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: server.py HOST:PORT")
    host, _, port = sys.argv[1].rpartition(":")
    try:
        s = socket.create_server((host, int(port)))
    except (OSError, ValueError, OverflowError) as error:
        sys.exit(f"server: {error}")
    print("listening on", s.getsockname())

    while True:
        client, address = s.accept()
        print("serving", address)
        with client:
            try:
                serve(client)
            except OSError as error:
                print(f"server: {error}", file=sys.stderr)  # on to the next


main()
