# SPDX-License-Identifier: MIT
"""net_server.py PROGRAM [ROUNDS]: what a request of a file costs, beside nginx.

PROGRAM is tests/bench/net_server. Rounds of a second of `wrk -t1 -c16` go to each
server in turn, so that what else the machine does is the same for all; what is
compared is the processor time of the server's process for each request: of each size
stand the median, and the median of the ratios within a round with the quartiles about
it. Then one connection alone, and how long half of its requests take at most; 1 GiB;
and the memory of connections that are idle. nginx has one worker, and what Debian's
configuration says of sendfile and tcp_nopush.
"""

import os
import pathlib
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import servers as tools

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error;
worker_rlimit_nofile 20000;
events {{ worker_connections 15000; }}
http {{
    sendfile on; tcp_nopush on; types_hash_max_size 2048; keepalive_requests 1000000000;
    include /etc/nginx/mime.types; default_type application/octet-stream;
    access_log off; gzip on;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""
SIZES = {"1 KB": 1024, "100 KB": 102400}
GIB = 1 << 30
IDLE = 10000
UNITS = {"us": 1, "ms": 1e3, "s": 1e6}


class Server:
    def __init__(self, name, words, port=None):
        self.name = name
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.port = port or tools.port_of(self.process)
        self.costs = {size: [] for size in SIZES}
        self.latencies, self.whole = [], []

    def seconds(self):
        """On the processor, of all threads there are."""
        threads = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(t.read_text().split()[0]) for t in threads) / 1e9

    def load(self, size, connections):
        out = subprocess.run(["wrk", "-t1", f"-c{connections}", "-d1", "--latency",
                              f"http://127.0.0.1:{self.port}/{SIZES[size]}"],
                             capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in out or "Socket errors" in out:
            sys.exit(f"{self.name}: {out}")
        return out

    def round(self, size):
        before = self.seconds()
        requests = int(re.search(r"(\d+) requests in", self.load(size, 16))[1])
        self.costs[size].append((self.seconds() - before) / requests * 1e6)

    def round_alone(self):
        value, unit = re.search(r"50%\s+([\d.]+)([mu]?s)", self.load("1 KB", 1)).groups()
        self.latencies.append(float(value) * UNITS[unit])

    def round_whole(self):
        before, buffer, left = self.seconds(), bytearray(1 << 20), GIB
        with self.ask(GIB) as s:
            while left > 0:
                n = s.recv_into(buffer)
                if n == 0:
                    sys.exit(f"{self.name}: not all of it")
                left -= n
        self.whole.append(self.seconds() - before)

    def ask(self, size):
        s = socket.create_connection(("127.0.0.1", self.port))
        s.sendall(f"GET /{size} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        return s

    def memory(self):
        """KiB that idle connections have taken, and how many these are."""
        def rss():
            status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
            return int(re.search(r"VmRSS:\s+(\d+)", status)[1])
        count = min(IDLE, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 100)
        before, idle = rss(), []
        for _ in range(count):
            s = self.ask(SIZES["1 KB"])
            s.recv(65536)
            idle.append(s)
        after = rss()
        for s in idle:
            s.close()
        return after - before, count

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def raise_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))


def row(what, servers, values, unit):
    for s in servers:
        ratios = [a / b for a, b in zip(values(s), values(servers[0]))]
        low, middle, high = statistics.quantiles(ratios, n=4)
        print(f"{what:7} {s.name:12} {statistics.median(values(s)):9.2f} {unit:2}"
              f"  {middle:.2f} [{low:.2f} {high:.2f}]", flush=True)


def compare(servers, rounds):
    for size in SIZES:
        for _ in range(rounds):
            for s in servers:
                s.round(size)
        row(size, servers, lambda s, size=size: s.costs[size], "us")
    for _ in range(rounds):
        for s in servers:
            s.round_alone()
    row("alone", servers, lambda s: s.latencies, "us")
    for _ in range(max(rounds // 2, 3)):
        for s in servers:
            s.round_whole()
    row("1 GiB", servers, lambda s: s.whole, "s")
    for s in servers:
        taken, count = s.memory()
        print(f"idle    {s.name:12} {taken / count:9.2f} KiB a connection, of {count}")


def main(program, rounds="7"):
    for needed in ("wrk", "nginx"):
        if shutil.which(needed) is None:
            print(f"skipped: {needed} is not installed")
            return 77
    raise_limit()
    with tempfile.TemporaryDirectory() as folder:
        files = pathlib.Path(folder, "files")
        files.mkdir()
        os.chmod(folder, 0o755)
        for size in SIZES.values():
            (files / str(size)).write_bytes(b"x" * size)
        with open(files / str(GIB), "wb") as whole:
            whole.truncate(GIB)
        port = tools.free_port()
        conf = pathlib.Path(folder, "conf")
        conf.write_text(NGINX.format(folder=folder, port=port))
        servers = [Server("nginx", ["nginx", "-c", conf, "-p", folder, "-e", f"{folder}/error"],
                          port),
                   Server("loop alone", [program, "-1", files]),
                   Server("workers", [program, "0", files])]
        tools.wait_for(tools.listens, port, servers[0].process.pid)
        compare(servers, int(rounds))
        for s in servers:
            s.end()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
