# SPDX-License-Identifier: MIT
"""slow.py KIND [COUNT [SECONDS [THREADS]]]: COUNT clients (200) of one KIND that would
hold a server up, which gives each of them SECONDS (1).

A head and a body come a byte a second; of a file, and of what a handler writes, nothing
is read; the silent ones say nothing.

Others are served meanwhile as they were before; all of the slow ones are cut, none
before its time and none much later; the server's memory does not grow beyond what its
limits say; and the next client is served. In the environment: PYSOCKC_SLOW_PEER,
tests/net/slow_peer.
"""

import contextlib
import os
import pathlib
import re
import resource
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import servers

PEER = os.environ["PYSOCKC_SLOW_PEER"]
HEAD = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 10000
BODY = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n"
READ = b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n"
LARGE = 64 << 20
# What is said at once, and what byte by byte.
KINDS = {
    "head": (HEAD[:1], HEAD[1:]),
    "body": (BODY, b"x" * 10000),
    "file": (READ % b"large", b""),
    "answer": (READ % b"much", b""),
    "silent": (b"", b""),
}
# A refusal has two more seconds to be read in.
LINGER = {"head": 2, "body": 2}
# What a connection may cost, of memory: its input, and where there is a request, that and
# what is held of an answer; a handler's stack.
EACH = {"head": 8 << 10, "body": 32 << 10, "file": 28 << 10, "answer": 32 << 10,
        "silent": 2 << 10}


class Server:
    def __init__(self, root, seconds, threads):
        (root / "small").write_text("small")
        with open(root / "large", "wb") as file:
            file.truncate(LARGE)
        self.process = subprocess.Popen([PEER, str(root), str(seconds), str(threads)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = servers.port_of(self.process)
        self.proc = pathlib.Path(f"/proc/{self.process.pid}")

    def sockets(self):
        count = 0
        for fd in os.listdir(self.proc / "fd"):
            with contextlib.suppress(FileNotFoundError):
                count += os.readlink(self.proc / "fd" / fd).startswith("socket:")
        return count

    def memory(self):
        text = (self.proc / "status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) << 10

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(30)


def ask(port):
    """How long it takes from the first packet to the last."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 60) as s:
        s.sendall(b"GET /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := s.recv(4096):
            answer += piece
    assert answer.endswith(b"\r\n\r\nsmall"), answer
    return time.monotonic() - begun


def ask_some(port, count, pause):
    """By a program of its own, whose times are its own."""
    return subprocess.Popen([sys.executable, "-B", __file__, "ask", str(port), str(count),
                             str(pause)], stdout=subprocess.PIPE, text=True)


def times_of(asker):
    text, _ = asker.communicate(timeout=120)
    assert asker.returncode == 0
    return [float(word) for word in text.split()]


class Slow(threading.Thread):
    """All of the slow ones, each of which says a byte a second."""

    def __init__(self, port, kind, count):
        super().__init__(daemon=True)
        self.first, self.later = KINDS[kind]
        self.sockets = [self.connect(port) for _ in range(count)]
        self.over = threading.Event()

    def connect(self, port):
        s = socket.socket()
        # As on a network: the large segments of the loopback come with large buffers.
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        s.connect(("127.0.0.1", port))
        s.setblocking(False)
        s.send(self.first)
        return s

    def run(self):
        at = 0
        while not self.over.wait(1) and at < len(self.later):
            for s in self.sockets:
                with contextlib.suppress(OSError):
                    s.send(self.later[at:at + 1])
            at += 1

    def end(self):
        self.over.set()
        self.join()
        for s in self.sockets:
            s.close()


class Run:
    """What became of them."""

    def __init__(self, kind, count, seconds, threads):
        self.problems = []
        with tempfile.TemporaryDirectory() as folder:
            self.server = Server(pathlib.Path(folder), seconds, threads)
            try:
                self.measure(kind, count, seconds)
            finally:
                if self.server.end() != 0:
                    self.problems.append("the server did not end well")

    def measure(self, kind, count, seconds):
        server = self.server
        # As often as beside them: after a pause all is slower.
        before = statistics.median(times_of(ask_some(server.port, 100, seconds / 150)))
        memory, before_them = server.memory(), server.sockets()
        asker = ask_some(server.port, 100, seconds / 150)
        begun = time.monotonic()
        slow = Slow(server.port, kind, count)
        slow.start()
        connected = time.monotonic()
        first, last, most = self.watch(before_them, count, seconds)
        times = times_of(asker)
        slow.end()
        after = statistics.median(times)
        ask(server.port)
        print(f"{kind}: {count} clients, cut {first - begun:.2f} s behind the first and "
              f"{last - connected:.2f} s behind the last of them; others' median "
              f"{before * 1000:.2f} ms before, {after * 1000:.2f} ms beside, longest "
              f"{max(times) * 1000:.0f} ms; memory {memory >> 10} KiB, "
              f"{most - memory >> 10} KiB more, then {server.memory() - memory >> 10} KiB more")
        self.judge(first - begun, last - connected, seconds + LINGER.get(kind, 0))
        if after > 2 * before + 0.05 or max(times) > 5:
            self.problems.append("others were held up")
        if "asan" not in PEER and most - memory > count * EACH[kind] + (2 << 20):
            self.problems.append("too much memory")

    def judge(self, first, last, seconds):
        if first < seconds - 0.1:
            self.problems.append("one was cut before its time")
        if last > seconds + 5:
            self.problems.append("one was cut too late")

    def watch(self, before_them, count, seconds):
        """When the first one is cut, and the last; and the memory at most. The asker
        may have a socket of the server's, too."""
        first = None
        most, peak = 0, 0
        until = time.monotonic() + seconds + 60
        while time.monotonic() < until:
            now, there = time.monotonic(), self.server.sockets() - before_them
            most = max(most, self.server.memory())
            peak = max(peak, there)
            if first is None and peak > count * 0.9 and there < peak - 5:
                first = now
            if first is not None and there <= 1:
                return first, now, most
            time.sleep(0.05)
        self.problems.append("not all were cut")
        return first or until, until, most


def ask_for(port, count, pause):
    for _ in range(int(count)):
        print(ask(int(port)))
        time.sleep(float(pause))


def main(kind, count="200", seconds="1", threads="0"):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * int(count) + 100
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    run = Run(kind, int(count), float(seconds), int(threads))
    for problem in run.problems:
        print(problem)
    return 1 if run.problems else 0


if __name__ == "__main__":
    if sys.argv[1] == "ask":
        ask_for(*sys.argv[2:])
    else:
        sys.exit(main(*sys.argv[1:]))
