#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_readme.py LIBRARY SCRATCH: what README.md says is so.

Its links lead somewhere, and its program, pasted whole, serves a client and
fails in the words that stand below it; so does the Python beside it, in its own
words. Works in SCRATCH.
"""

import pathlib
import re
import socket
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import readme

FAILURE = re.search(r"^    (echo: bind .*)$", readme.TEXT, flags=re.M)[1]
PORT = "5555"
PATIENCE = 20


def check_links():
    return [f"the link to {link} is broken"
            for link in re.findall(r"\]\(([^)#]+)\)", readme.TEXT)
            if "://" not in link and not (readme.TOP / link).exists()]


def python(scratch, port):
    """The command of the program in Python, which has the port in its text."""
    source = scratch / "program.py"
    source.write_text(readme.code("python").replace(PORT, port))
    return [sys.executable, "-BEu", source]


def build(library, scratch, port):
    """The command of the program in C."""
    source, program = scratch / "program.c", scratch / "program"
    source.write_text(readme.code("c").replace(PORT, port))
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", f"-I{readme.TOP}/include",
                    "-o", program, source, library], check=True)
    return [program]


def start(program):
    return subprocess.Popen(program, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def bound(server, client, port):
    """Whether it serves: the answer to the first of several datagrams."""
    client.connect(("127.0.0.1", int(port)))
    client.settimeout(0.1)
    while server.poll() is None:
        try:
            client.send(b"Isi pesan")
            return client.recv(100) == b"Isi pesan"
        except (TimeoutError, ConnectionRefusedError):
            pass
    return False


def converse(program, port, failure):
    """FAILURE is the end of what it says when it can't have the port."""
    findings = []
    with start(program) as server, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        try:
            if not bound(server, client, port):
                return ["the program does not serve: " + server.stderr.read()]
            line = server.stdout.readline()
            if line != f"client ('127.0.0.1', {client.getsockname()[1]})\n":
                findings.append("the program prints " + line)
            again = subprocess.run(program, text=True, capture_output=True, timeout=PATIENCE)
            if (again.returncode, again.stdout) != (1, "") or \
                    not ("\n" + again.stderr).endswith("\n" + failure + "\n"):
                findings.append(f"when it fails: {again}")
        finally:
            server.kill()
    return findings


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return str(s.getsockname()[1])


def main(library, scratch):
    scratch = pathlib.Path(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    findings = check_links()
    for _ in range(5):  # another program may take the port before this one
        port = free_port()
        failure = FAILURE.replace(PORT, port)
        conversation = converse(build(library, scratch, port), port, failure) + \
            converse(python(scratch, port), port, "OSError: " + failure.rpartition(": ")[2])
        if not any("in use" in finding for finding in conversation):
            break
    for finding in findings + conversation:
        print(finding)
    return 1 if findings + conversation else 0


sys.exit(main(*sys.argv[1:]))
