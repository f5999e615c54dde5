# SPDX-License-Identifier: MIT
"""desync.py PROXY [COUNT [SEED]]: our HTTP server behind nginx, lighttpd, apache2, or
a proxy that the modules of Go or node make.

Sends COUNT requests (2000) to the proxy, one at a time, each made of a good one by a
few changes that are known to lead servers astray. Whatever the proxy makes of it: a
request that our server sees must be the one that was sent, or none. A second
one would be the rest of a body that the two of them end in different places; it is
never ours, as every request's path has its number, and the one that is hidden in
the bodies has a path of its own.

In the environment: PYSOCKC_HTTPD_PEER, tests/net/httpd_peer.
"""

import os
import pathlib
import queue
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import servers

PEER = os.environ["PYSOCKC_HTTPD_PEER"]
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

# These are told where they listen, and where our server does.
GO = """
package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

func main() {
	ours, _ := url.Parse("http://127.0.0.1:" + os.Args[2])
	proxy := httputil.NewSingleHostReverseProxy(ours)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	server := &http.Server{Addr: "127.0.0.1:" + os.Args[1], Handler: proxy,
		ErrorLog: proxy.ErrorLog}
	log.Fatal(server.ListenAndServe())
}
"""
NODE = """
const http = require('http');
const [, , port, target] = process.argv;
const agent = new http.Agent({keepAlive: true, maxSockets: 4});

function forward(request, answer) {
    const headers = {...request.headers};
    delete headers.connection;
    const ours = http.request({host: '127.0.0.1', port: target, agent, headers,
                               method: request.method, path: request.url});
    ours.on('response', (from) => {
        answer.writeHead(from.statusCode, from.headers);
        from.on('error', () => answer.destroy());
        from.pipe(answer);
    });
    ours.on('error', () => answer.destroy());
    request.on('error', () => ours.destroy());
    request.pipe(ours);
}

// What node refuses to send it throws, in the middle of a pipe, too.
process.on('uncaughtException', () => { });

http.createServer((request, answer) => {
    try {
        forward(request, answer);
    } catch (error) {
        answer.destroy();
    }
}).listen(port, '127.0.0.1');
"""


def go(folder, ours):
    """Of what the machine has, and nothing else."""
    source, proxy = f"{folder}/proxy.go", f"{folder}/proxy"
    pathlib.Path(source).write_text(GO)
    places = {"HOME": folder, "GOCACHE": f"{folder}/cache", "GOPATH": f"{folder}/go"}
    subprocess.run(["go", "build", "-o", proxy, source], check=True, timeout=150,
                   env={**os.environ, **places, "GO111MODULE": "off", "GOTOOLCHAIN": "local"})
    return servers.Program(lambda port: [proxy, port, ours])


def node(folder, ours):
    script = pathlib.Path(folder) / "proxy.js"
    script.write_text(NODE)
    return servers.Program(lambda port: ["node", script, port, ours])


# Each, in front of our server at a port.
PROXIES = {
    "nginx": lambda folder, ours: servers.nginx(folder, """
        location / {
            proxy_pass http://ours; proxy_http_version 1.1;
            proxy_set_header Connection ""; proxy_request_buffering off;
        }""", f"upstream ours {{ server 127.0.0.1:{ours}; keepalive 4; }}"),
    "lighttpd": lambda folder, ours: servers.lighttpd(folder, f"""
server.document-root = "{folder}"
server.stream-request-body = 2
proxy.server = ("" => (("host" => "127.0.0.1", "port" => {ours})))
"""),
    "apache2": lambda folder, ours: servers.apache2(folder, f"""
ProxyPass / http://127.0.0.1:{ours}/ keepalive=On
"""),
    "go": go,
    "node": node,
}


class Ours:
    """Our server; what it has seen comes in lines."""

    def __init__(self):
        self.process = subprocess.Popen([PEER, "2"], stdout=subprocess.PIPE, text=True)
        self.port = servers.port_of(self.process)
        self.seen = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.seen.put(line.split(" ")[1])

    def paths(self):
        found = []
        while not self.seen.empty():
            found.append(self.seen.get())
        return found

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def begin_proxy(name, folder, ours):
    try:
        return PROXIES[name](folder, ours)
    except OSError as error:
        print(f"skipped: {name} {error}")
        sys.exit(77)


def good(random, number):
    """A request with a body, of either framing, which hides another one."""
    path = b"/n%d" % number
    hidden = HIDDEN * random.randint(0, 2)
    lines = [b"POST %s HTTP/1.1" % path, b"Host: a"]
    if random.random() < 0.5:
        lines.append(b"Content-Length: %d" % len(hidden))
        body = hidden
    else:
        lines.append(b"Transfer-Encoding: chunked")
        body = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in (hidden, HIDDEN) if c)
        body += b"0\r\n\r\n"
    return lines, body


FIELDS = [
    b"Content-Length: 0", b"Content-Length: 5", b"Content-Length: +3", b"Content-Length:\t4",
    b"Content-Length: 1_0", b"Content-Length: 0x10", b"Content-Length: 3, 3", b"Content-Length",
    b"Content-Length : 3", b"content-length: 7", b"Content-Length: 3\x0b", b"Content-Length: 3 4",
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding : chunked", b"Transfer-Encoding:\x0bchunked", b"Transfer-Encoding: CHUNKED",
    b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding: gzip, chunked", b"TE: trailers",
    b"Transfer-Encoding:\n chunked", b"Transfer-Encoding: chunked;a=b", b"Trailer: Content-Length",
    b"Transfer_Encoding: chunked", b"Connection: Content-Length", b"Connection: Transfer-Encoding",
    b"Connection: close", b"Expect: 100-continue", b"Expect: x",
    b"Host: b", b"Upgrade: h2c", b" folded: 1", b"A: b\rC: d", b"A: b\x00c", b": empty",
]
BYTES = [b"\r", b"\n", b"\r\n", b"\x00", b" ", b"\t", b"\x0b", b"\x0c", b";", b":", b",", b"0", b"\x80",
         b"\x85", b"\xa0", b"1", b"a", b"+", b"-", b"x"]


def changed(random, lines, body):
    for _ in range(random.randint(1, 3)):
        what = random.random()
        if what < 0.45:
            lines.insert(random.randint(1, len(lines)), random.choice(FIELDS))
        elif what < 0.55 and len(lines) > 2:
            lines.pop(random.randint(1, len(lines) - 1))
        elif what < 0.7:
            i = random.randrange(len(lines))
            at = random.randint(0, len(lines[i]))
            lines[i] = lines[i][:at] + random.choice(BYTES) + lines[i][at:]
        elif what < 0.85 and body:
            at = random.randint(0, min(len(body), 12))
            body = body[:at] + random.choice(BYTES) + body[at + random.randint(0, 1):]
        elif what < 0.93 and body:
            at = random.randint(0, len(body))
            body = body[:at] + random.choice((b"", random.choice(BYTES))) + body[at + 1:]
        else:
            lines[0] = lines[0].replace(b"1.1", random.choice((b"1.0", b"1.2", b"2.0", b"1.1 ")))
    ends = [b"\r\n"] * (len(lines) + 1)
    if random.random() < 0.1:
        ends[random.randrange(len(ends))] = random.choice((b"\n", b"\r", b"\r\r\n"))
    return b"".join(l + e for l, e in zip(lines + [b""], ends)) + body


def send(port, raw):
    """To the end of what the proxy says, if it says anything."""
    with socket.create_connection(("127.0.0.1", port), 10) as s:
        try:
            s.sendall(raw)
            s.settimeout(0.15)
            while s.recv(65536):
                pass
        except (TimeoutError, ConnectionError):
            pass


def plain(text):
    """What is left of a path whoever has escaped it: our peer, which says it, and maybe
    the proxy."""
    return re.sub(rb"[^a-z0-9/]", b"", urllib.parse.unquote_to_bytes(
        urllib.parse.unquote_to_bytes(text)))


class Sent:
    """What was sent, and how often it was seen: each request once at most."""

    def __init__(self):
        self.lines = []
        self.left = []

    def add(self, raw):
        self.lines.append(plain(re.split(rb"[\r\n]", raw.lstrip(), maxsplit=1)[0]))
        self.left.append(True)

    def take(self, path):
        """Whether one of the last requests, not yet seen, has this path: the one that has
        the least beside it, as a path may begin as another does."""
        last = range(max(0, len(self.lines) - 2000), len(self.lines))
        found = [i for i in last if self.left[i] and plain(path) in self.lines[i]]
        if not found:
            return False
        self.left[min(found, key=lambda i: len(self.lines[i]))] = False
        return True


class Run:
    """Requests that are sent one after the other, and what our server saw."""

    def __init__(self, ours):
        self.ours = ours
        self.sent = Sent()
        self.served = 0
        self.found = []

    def look(self, number, raw):
        for path in self.ours.paths():
            self.served += 1
            if not self.sent.take(path):
                self.found.append((number, raw, path))

    def send(self, port, rng, number):
        raw = changed(rng, *good(rng, number))
        # One request a connection: what the proxy forwards beyond is what one of the
        # two has misread.
        raw = re.sub(rb"\r\n", b"\r\nConnection: close\r\n", raw, count=1)
        self.sent.add(raw)
        send(port, raw)
        self.look(number, raw)


def differences(name, count, seed):
    rng = random.Random(seed)
    ours = Ours()
    run = Run(ours)
    with tempfile.TemporaryDirectory() as folder:
        with begin_proxy(name, folder, ours.port) as proxy:
            for number in range(count):
                run.send(proxy.port, rng, number)
    if ours.end() != 0:
        run.found.append((-1, b"", "our server did not end"))
    run.look(count, b"")
    return run.found, run.served


def main(name, count="2000", seed="1"):
    if servers.find(name) is None:
        print(f"skipped: {name} is not installed")
        return 77
    found, served = differences(name, int(count), int(seed))
    for number, raw, seen in found[:20]:
        print(f"{number}: {raw!r}\n    was seen as {seen}")
    print(f"{name}: {count} requests, {served} served, {len(found)} differences")
    return 1 if found or served == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
