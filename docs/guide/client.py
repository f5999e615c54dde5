# SPDX-License-Identifier: MIT
"""client.py HOST:PORT TEXT: sends a text, and prints all that comes back."""
import socket
import sys


def ask(s, text):
    # The end of our direction says that the text is whole.
    s.sendall(text.encode())
    s.shutdown(socket.SHUT_WR)
    while answer := s.recv(4096):
        sys.stdout.buffer.write(answer)
    print()  # the end of theirs


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: client.py HOST:PORT TEXT")
    host, _, port = sys.argv[1].rpartition(":")
    try:
        with socket.create_connection((host, int(port)), 5.0) as s:
            ask(s, sys.argv[2])
    except (OSError, ValueError, OverflowError) as error:
        sys.exit(f"client: {error}")


main()
