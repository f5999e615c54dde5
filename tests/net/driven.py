# SPDX-License-Identifier: MIT
"""Clients of ours that a script drives (driven.h), and a server that plays a script."""

import ast
import contextlib
import socket
import subprocess
import threading
import urllib.parse

from servers import PATIENCE

HOST = "127.0.0.1"


class Driven:
    """A program of ours: `p.stat()` makes the call of that name."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        bufsize=0)
        self.out = self.process.stdout

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        try:
            status = self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.out.close()
        if error[0] is None:
            assert status == 0, status

    def call(self, name, *words):
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        line = "\t".join([name, *map(urllib.parse.quote_from_bytes, words)])
        self.process.stdin.write(line.encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            more = self.out.read(65536)
            assert more, f"{name} {words}: it has ended"
            answer += more
        return ast.literal_eval(answer.decode())

    def __getattr__(self, name):
        return lambda *words: self.call(name, *words)


def failed(result):
    return isinstance(result, tuple) and result[:1] == ("error",)


class Script(threading.Thread):
    """Says the first of `turns`, and each other one to a line; None closes, and ... does
    without hearing a line before. What it hears is `heard`. Where a turn is a list, its
    first says up to which line to hear."""

    def __init__(self, turns):
        super().__init__(daemon=True)
        self.listener = socket.create_server((HOST, 0))
        self.listener.settimeout(PATIENCE)
        self.port = self.listener.getsockname()[1]
        self.turns = turns
        self.heard = b""
        self.conn = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for s in filter(None, (self.listener, self.conn)):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
        self.join(PATIENCE)
        self.listener.close()

    def run(self):
        try:
            conn = self.conn = self.listener.accept()[0]
        except OSError:
            return
        conn.settimeout(PATIENCE)
        with conn, conn.makefile("rb") as lines:
            with contextlib.suppress(OSError):
                self.play(conn, lines)

    def hear(self, lines, until=None):
        while line := lines.readline():
            self.heard += line
            if until is None or line == until:
                return True
        return False

    def play(self, conn, lines):
        for i, turn in enumerate(self.turns):
            until, turn = turn if isinstance(turn, list) else (None, turn)
            if turn is ... or i > 0 and not self.hear(lines, until) or turn is None:
                return
            conn.sendall(turn)
        while self.hear(lines):
            pass
