# SPDX-License-Identifier: MIT
"""The loops of cases.c in Python; prints each one's nanoseconds per operation.

A line is the name of the case, a tab, and the median of many short runs.
"""

import socket
import statistics
import struct
import tempfile
import time

SLICE_NS = 2_000_000
SLICES = 100

SHORT = b"x" * 32
BULK = 65536


def recv_until(s, delimiter):
    """The function of the documents: it has no buffer to look into."""
    data = b""
    while True:
        byte = s.recv(1)
        data += byte
        if not byte or byte == delimiter:
            return data


def udp_pair():
    ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for end in ends:
        end.bind(("127.0.0.1", 0))
    return ends


def make_room(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * BULK)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * BULK)


def tcp_pair(timeout=None):
    listener = socket.socket()
    make_room(listener)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    a = socket.socket()
    make_room(a)
    a.connect(listener.getsockname())
    b, _ = listener.accept()
    listener.close()
    for end in (a, b):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end.settimeout(timeout)
    return a, b


def object_loop():
    def loop(n):
        for _ in range(n):
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            s.close()
    return loop


def connect_loop():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
    address = listener.getsockname()

    def loop(n):
        for _ in range(n):
            client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            client.connect(address)
            server, peer = listener.accept()
            server.close()
            client.close()
    return loop


def udp_loop():
    a, b = udp_pair()
    address = b.getsockname()

    def loop(n):
        for _ in range(n):
            a.sendto(SHORT, address)
            message, sender = b.recvfrom(BULK)
            b.sendto(message, sender)
            message, sender = a.recvfrom(BULK)
    return loop


def messages_loop():
    a, b = tcp_pair(None)
    buffers = [bytearray(8), bytearray(BULK - 8)]

    def loop(n):
        for _ in range(n):
            a.sendmsg([SHORT[:8], SHORT[8:]])
            b.recvmsg_into(buffers, 64)
            b.sendmsg([SHORT[:8], SHORT[8:]])
            a.recvmsg_into(buffers, 64)
    return loop


def tcp_loop(timeout=None):
    a, b = tcp_pair(timeout)

    def loop(n):
        for _ in range(n):
            a.send(SHORT)
            message = b.recv(BULK)
            b.send(message)
            message = a.recv(BULK)
    return loop


def nothing_loop():
    a, _ = udp_pair()
    a.setblocking(False)

    def loop(n):
        for _ in range(n):
            try:
                a.recv(BULK)
            except BlockingIOError:
                pass
    return loop


def stream_loop():
    a, b = tcp_pair()
    message = b"x" * BULK

    def loop(n):
        for _ in range(n):
            a.sendall(message)
            done = 0
            while done < BULK:
                done += len(b.recv(BULK - done))
    return loop


def recv_until_loop(size):
    a, b = tcp_pair()
    message = b"x" * (size - 1) + b"."

    def loop(n):
        for _ in range(n):
            a.send(message)
            recv_until(b, b".")
    return loop


def sendfile_loop():
    a, b = tcp_pair()
    file = tempfile.TemporaryFile()
    file.write(b"x" * BULK)
    file.flush()

    def loop(n):
        for _ in range(n):
            a.sendfile(file, 0, BULK)
            done = 0
            while done < BULK:
                done += len(b.recv(BULK - done))
    return loop


def makefile_loop():
    a, b = tcp_pair()
    writer, reader = a.makefile("wb"), b.makefile("rb")

    def loop(n):
        for _ in range(n):
            writer.write(b"a line of some length for stdio\n")
            writer.flush()
            reader.readline()
    return loop


def gethostbyname_loop():
    def loop(n):
        for _ in range(n):
            socket.gethostbyname("localhost")
    return loop


def inet_aton_loop():
    def loop(n):
        for _ in range(n):
            socket.inet_aton("127.0.0.1")
    return loop


CASES = {
    "object": object_loop,
    "connect, accept, close": connect_loop,
    "UDP ping-pong": udp_loop,
    "sendmsg, recvmsg": messages_loop,
    "TCP ping-pong": tcp_loop,
    "TCP ping-pong, timeout": lambda: tcp_loop(5.0),
    "nothing to receive": nothing_loop,
    "stream of 64 KiB": stream_loop,
    "recv_until, 64 B": lambda: recv_until_loop(64),
    "recv_until, 4 KiB": lambda: recv_until_loop(4096),
    "sendfile, 64 KiB": sendfile_loop,
    "makefile": makefile_loop,
    "gethostbyname": gethostbyname_loop,
    "inet_aton": inet_aton_loop,
}


def run(loop, n):
    begin = time.perf_counter_ns()
    loop(n)
    return time.perf_counter_ns() - begin


def median_ns(loop):
    n = 1
    while run(loop, n) < SLICE_NS:
        n *= 2
    return statistics.median(run(loop, n) for _ in range(SLICES)) / n


for name, make in CASES.items():
    print(name, median_ns(make()), sep="\t", flush=True)
