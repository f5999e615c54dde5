#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""compare.py [--planted] PROGRAM: libpysockc beside this Python.

PROGRAM prints its rows: number, Python text, deviation or -, what Python before
3.13 gives or -, `class` if only the class of the error is compared, the C
result. With --planted every row has to be reported.
"""

import array
import ast
import asyncio
import errno
import os
import pathlib
import re
import select
import selectors
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
LEAST = 900

BLUETOOTH = "a Python may be built without it, and does not say so"

# Public functions that no expression of Python says the same as.
NO_COUNTERPART = {
    "sock_addr_bluetooth_l2cap": BLUETOOTH,
    "sock_addr_bluetooth_rfcomm": BLUETOOTH,
    "sock_addr_bluetooth_hci": BLUETOOTH,
    "sock_addr_bluetooth_sco": BLUETOOTH,
    "sock_addr_get_bluetooth": BLUETOOTH,
    **dict.fromkeys(("sock_cancel_new", "sock_cancel_free", "sock_cancel_fire",
                     "sock_cancel_reset", "sock_cancel_fired", "sock_cancel_fileno",
                     "sock_set_cancel"), "Python's sockets have no tokens"),
    **dict.fromkeys(("sock_set_deadline", "sock_get_deadline"),
                    "Python's sockets have no deadline"),
    "sock_connect_each": "many calls of connect_ex, of which Python has one",
    "sock_loop_run_once": "asyncore's, which Python has no more",
    "sock_loop_selector": "asyncio's loops hide theirs",
    "sock_own": "Python's close wakes no one",
    "sock_perror": "prints; its text is that of sock_error_text",
    "sock_request_address": "seen in the tests of handlers",
    "sock_request_arg": "a server's attributes are its own",
    "sock_request_data": "a handler's attributes are its own",
    "sock_request_park": "Python's connections keep their thread",
    "sock_request_server": "self.server, seen in the tests of handlers",
    "sock_request_set_data": "a handler's attributes are its own",
    "sock_request_sock": "self.request, seen in the tests of handlers",
    "sock_server_adopt": "bind_and_activate=False and assignments",
    "sock_server_arg": "a server's attributes are its own",
    "sock_server_drain": "Python's server_close() waits, or does not",
    "sock_server_join": "Python's shutdown() waits itself",
    "sock_server_pause": "Python's accepts, or has ended",
    "sock_server_print_error": "prints; test_server has its text",
    "sock_server_stats": "Python counts nothing",
    "sock_selector_wakeup": "programs of Python write to a pipe of their own",
    "sock_set_interrupt": "takes the place of Python's own signal handlers",
    "sock_timer_again": "a timer of asyncio is cancelled, and another one made",
    "sock_version": "the library's version",
}
# What is asyncore's and asynchat's: ../interop has it beside their last Python.
NO_MORE = re.compile("sock_(file_)?dispatcher_|sock_chat_|sock_close_all$")


class Error:
    """An exception in the notation of the C results."""

    def __init__(self, error):
        kind = type(error).__name__
        self.kind = f"socket.{kind}" if kind in ("gaierror", "herror") else kind
        self.code = getattr(error, "errno", None)
        # Ours says what was being done elsewhere, and for every error.
        self.text = re.sub(r"^\w+(\(\))?: ", "", str(error))

    def __repr__(self):
        return f"<{self.kind} {self.code} {self.text!r}>"


def fails(call, *args, **named):
    """The result of a call, or its error, within a row of several."""
    try:
        return call(*args, **named)
    except Exception as error:
        return Error(error)


# What rows work with, as in parity.h.

def inet(kind=socket.SOCK_STREAM):
    return socket.socket(socket.AF_INET, kind)


def inet6(kind=socket.SOCK_STREAM):
    return socket.socket(socket.AF_INET6, kind)


def unix(kind=socket.SOCK_STREAM):
    return socket.socket(socket.AF_UNIX, kind)


def pretend(family, kind, proto):
    return socket.socket(family, kind, proto, fileno=inet(socket.SOCK_DGRAM).detach())


def closed():
    s = inet()
    s.close()
    return s


def detached():
    s = inet()
    os.close(s.detach())
    return s


def listening():
    return socket.create_server(("127.0.0.1", 0), backlog=128)


kept = []


def refusing():
    s = inet()
    s.bind(("127.0.0.1", 0))
    kept.append(s)
    return s.getsockname()


def tcp():
    with listening() as server:
        a = inet()
        a.connect(server.getsockname())
        return a, server.accept()[0]


def udp():
    a, b = inet(socket.SOCK_DGRAM), inet(socket.SOCK_DGRAM)
    a.bind(("127.0.0.1", 0))
    b.bind(("127.0.0.1", 0))
    a.connect(b.getsockname())
    b.connect(a.getsockname())
    return a, b


def pair(kind=socket.SOCK_STREAM):
    return socket.socketpair(socket.AF_UNIX, kind)


def event_loop():
    """A loop, and a list for what it calls."""
    return asyncio.new_event_loop(), []


def run_loop(loop):
    """As long as anything in a row needs."""
    loop.call_later(0.02, loop.stop)
    loop.run_forever()
    loop.close()


def places(found, *objects):
    """Which of the objects were found: their numbers, for each list."""
    return tuple([objects.index(s) for s in each] for each in found)


def masks(found):
    """What a selector has found: data and mask of each, by the data."""
    return sorted((key.data, mask) for key, mask in found)


def serving(base, told, fail, handler, **attributes):
    """A server that tells what it does, and fails where it is told to."""
    def tell(word):
        told.append(word)
        if word == fail:
            raise OSError(errno.EBADF, "told to")

    class Handler(handler):
        def setup(self):
            super().setup()
            tell("setup")

        def handle(self):
            tell("handle")

        def finish(self):
            tell("finish")
            super().finish()

    class Server(base):
        def verify_request(self, *_):
            tell("verify_request")
            return fail != "verify"

        def process_request(self, *request):
            tell("process_request")
            super().process_request(*request)

        def handle_error(self, *_):
            tell("handle_error")

        def handle_timeout(self):
            tell("handle_timeout")

    return type("Server", (Server,), attributes)(("127.0.0.1", 0), Handler)


def served(fail="", timeout=5, asked=True):
    """What a server does at one request, and whether it is closed then."""
    told = []
    with serving(socketserver.TCPServer, told, fail, socketserver.BaseRequestHandler,
                 timeout=timeout) as server, inet() as client:
        if asked:
            client.connect(server.server_address)
        server.handle_request()
        if asked and client.recv(1):
            told.append("open")
    return told


def looped():
    """What the loop does in one round."""
    told = []

    def service_actions(server):
        told.append("service_actions")
        server._BaseServer__shutdown_request = True

    with serving(socketserver.TCPServer, told, "", socketserver.BaseRequestHandler,
                 service_actions=service_actions) as server, inet() as client:
        client.connect(server.server_address)
        server.serve_forever()
    return told


def talked(base, sent):
    """What a server that echoes lines answers."""
    class Echo(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(self.rfile.readline())

    with getattr(socketserver, base)(("127.0.0.1", 0), Echo) as server, inet() as client:
        client.connect(server.server_address)
        client.sendall(sent)
        server.handle_request()
        return client.recv(64)


def exchanged(packet, max_packet_size=8192):
    """The answers to a datagram and to a last one, of a server that echoes."""
    class Echo(socketserver.DatagramRequestHandler):
        def handle(self):
            if self.packet != b"quiet":
                self.wfile.write(self.rfile.read())

    answers = []
    with socketserver.UDPServer(("127.0.0.1", 0), Echo) as server, \
            inet(socket.SOCK_DGRAM) as client:
        server.max_packet_size = max_packet_size
        for sent in packet, b"end":
            client.sendto(sent, server.server_address)
            server.handle_request()
        while b"end" not in answers:
            answers.append(client.recv(64))
    return tuple(answers) if len(answers) > 1 else answers[0]


NAMES = {name: getattr(socket, name) for name in dir(socket)
         if not name.startswith("_") and name not in ("array", "errno", "os")}
NAMES |= {f.__name__: f for f in (fails, inet, inet6, unix, pretend, closed, detached, listening,
                                  refusing, tcp, udp, pair, event_loop, run_loop, places, masks,
                                  served, looped, talked, exchanged)}
NAMES |= {"socket": socket, "array": array, "errno": errno, "os": os, "select": select,
          "selectors": selectors, "signal": signal, "struct": struct, "time": time}


def evaluate(text):
    """The value of the last expression, or the error, as text."""
    names = dict(NAMES)
    try:
        body = ast.parse(text).body
        exec(compile(ast.Module(body[:-1], []), "row", "exec"), names)
        result = eval(compile(ast.Expression(body[-1].value), "row", "eval"), names)
    except Exception as error:
        result = Error(error)
    result = repr(result)
    for item in names.values():
        if isinstance(item, socket.socket):
            item.close()
    kept.clear()
    socket.setdefaulttimeout(None)
    return result


def normal(text):
    """Numbers that the system chooses do not matter."""
    text = re.sub(r"\bfd=\d+", "fd=N", text)
    return re.sub(r"(?<=', )(32[7-9]\d\d|3[3-9]\d{3}|[45]\d{4}|60\d{3})\b", "PORT", text)


def error_class(text):
    return text.split()[0] if text.startswith("<") else text


def deviations():
    text = (TOP / "docs/deviations.md").read_text()
    return {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")}


def judge(python, key, older, mode, ours, keys):
    """What is wrong with a row; None if nothing is."""
    ours, theirs = normal(ours), normal(evaluate(python))
    if mode == "class":
        ours, theirs = error_class(ours), error_class(theirs)
    shown = f"python {theirs}, here {ours}"
    if key != "-":
        if key not in keys:
            return f"docs/deviations.md has no {key!r}; {shown}"
        return f"not a deviation: {shown}" if ours == theirs else None
    if older != "-" and sys.version_info < (3, 13):
        if theirs != older:
            return f"python before 3.13 is said to give {older}; {shown}"
        return f"not a difference: {shown}" if ours == theirs else None
    return None if ours == theirs else shown


def public_functions():
    text = (TOP / "lib/pysockc.map").read_text().split("local:")[0]
    return re.findall(r"\b(sock_\w+);", text)


def missing_functions():
    sources = "".join(p.read_text() for p in HERE.glob("rows_*.c"))
    used = set(re.findall(r"\b(sock_\w+)\s*\(", sources))
    for name in public_functions():
        if name not in used and name not in NO_COUNTERPART and not NO_MORE.match(name):
            yield f"{name}: no row calls it"
        if name in used and name in NO_COUNTERPART:
            yield f"{name}: has a row, and is listed as one that cannot have any"


def run(program, *args):
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run([program, *args], cwd=place, capture_output=True, text=True,
                              errors="surrogateescape", timeout=100)
    if done.returncode or done.stderr:
        print(f"{program} ended with {done.returncode}: {done.stderr}")
        sys.exit(1)
    return [line.split("\t") for line in done.stdout.splitlines()]


def main(program, planted):
    program = str(pathlib.Path(program).resolve())
    rows = run(program, *(["--planted"] if planted else []))
    keys = deviations()
    found = [] if planted else list(missing_functions())
    if not planted and len(rows) < LEAST:
        found.append(f"{len(rows)} rows, fewer than {LEAST}")
    reported = 0
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        for number, python, key, older, mode, ours in rows:
            wrong = judge(python, key, older, mode, ours, keys)
            if wrong:
                reported += 1
                found.append(f"row {number}: {python}: {wrong}")
        os.chdir("/")
    print("\n".join(found))
    differ = sum(row[2] != "-" for row in rows)
    print(f"{len(rows)} rows: {len(rows) - differ} as in Python, {differ} listed deviations;"
          f" {reported} reported")
    if planted:
        return reported != len(rows)
    return bool(found)


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--planted"]
    sys.exit(main(arguments[0], "--planted" in sys.argv))
