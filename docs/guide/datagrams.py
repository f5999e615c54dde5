# SPDX-License-Identifier: MIT
"""datagrams.py listen HOST:PORT NAME: answers each datagram with NAME.
datagrams.py ask HOST:PORT TEXT: sends TEXT to one, to a group or to all, and
prints who answers until nobody has for a second.
"""
import ipaddress
import socket
import sys


def show(address, text):
    print(f"{address}: {text.decode(errors='replace')}")


def join(s, group):
    # A group may have several members on one machine, and so on one port.
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    wanted = socket.inet_aton(group) + socket.inet_aton("0.0.0.0")
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, wanted)


def answer(s, address, name):
    if ipaddress.ip_address(address[0]).is_multicast:
        join(s, address[0])
    s.bind(address)
    show(s.getsockname(), b"listening")
    while True:
        text, address = s.recvfrom(1500)
        show(address, text)
        s.sendto(name, address)


def ask(s, address, question):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.sendto(question, address)
    s.settimeout(1.0)
    answers = 0
    try:
        while True:
            text, address = s.recvfrom(1500)
            show(address, text)
            answers += 1
    except TimeoutError:
        # The second without an answer is no error once there was one.
        if not answers:
            raise


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: datagrams.py listen|ask HOST:PORT TEXT")
    host, _, port = sys.argv[2].rpartition(":")
    try:
        address = socket.gethostbyname(host), int(port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            act = answer if sys.argv[1] == "listen" else ask
            act(s, address, sys.argv[3].encode())
    except (OSError, ValueError, OverflowError) as error:
        sys.exit(f"datagrams: {error}")


main()
