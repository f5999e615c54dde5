# SPDX-License-Identifier: MIT
"""choosing.py HOST:PORT THREADS: answers in capitals, a client for each thread."""
import socket
import sys
import threading


def serve(client):
    client.settimeout(30)
    try:
        while text := client.recv(4096):
            client.sendall(text.upper())
    except OSError as error:
        print(f"choosing: {error}", file=sys.stderr)


def work(listener):
    """Each thread is a server of one client at a time."""
    while True:
        client, _ = listener.accept()
        with client:
            serve(client)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: choosing.py HOST:PORT THREADS")
    host, _, port = sys.argv[1].rpartition(":")
    try:
        listener = socket.create_server((host, int(port)))
    except (OSError, ValueError, OverflowError) as error:
        sys.exit(f"choosing: {error}")
    print("listening on", listener.getsockname())

    for _ in range(int(sys.argv[2]) - 1):
        threading.Thread(target=work, args=(listener,), daemon=True).start()
    work(listener)


main()
