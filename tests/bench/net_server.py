# SPDX-License-Identifier: MIT
"""net_server.py PROGRAM [ROUNDS]: what a request of a file costs, beside nginx.

PROGRAM is tests/bench/net_server. Rounds of a second of `wrk -t1 -c16` go to each
server in turn, so that what else the machine does is the same for all; what is
compared is the processor time of the server's process for each request, the median
of the rounds. nginx has one worker, and what Debian's configuration says of sendfile
and tcp_nopush.
"""

import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import servers

NGINX = """
    sendfile on; tcp_nopush on; types_hash_max_size 2048; keepalive_requests 1000000000;
    include /etc/nginx/mime.types; default_type application/octet-stream; gzip on;"""
SIZES = {"1 KB": 1024, "100 KB": 102400}
TICK = os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(self, name, process, port):
        self.name, self.process, self.port = name, process, port
        self.costs = {name: [] for name in SIZES}

    def seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")")[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def round(self, size):
        before = self.seconds()
        out = subprocess.run(["wrk", "-t1", "-c16", "-d1",
                              f"http://127.0.0.1:{self.port}/{SIZES[size]}"],
                             capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in out or "Socket errors" in out:
            sys.exit(f"{self.name}: {out}")
        requests = int(re.search(r"(\d+) requests in", out)[1])
        self.costs[size].append((self.seconds() - before) / requests * 1e6)

    def memory(self):
        """KiB of each idle connection, of 1000."""
        def rss():
            status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
            return int(re.search(r"VmRSS:\s+(\d+)", status)[1])
        before, idle = rss(), []
        for _ in range(200):
            s = socket.create_connection(("127.0.0.1", self.port))
            s.sendall(b"GET /1024 HTTP/1.1\r\nHost: a\r\n\r\n")
            s.recv(65536)
            idle.append(s)
        after = rss()
        for s in idle:
            s.close()
        return (after - before) / len(idle)


def ours(name, *words):
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    return Server(name, process, servers.port_of(process))


def compare(compared, rounds):
    for _ in range(rounds):
        for size in SIZES:
            for s in compared:
                s.round(size)
    for size in SIZES:
        yard = statistics.median(compared[0].costs[size])
        for s in compared:
            cost = statistics.median(s.costs[size])
            print(f"{size:7} {s.name:12} {cost:8.1f} us  {cost / yard:.2f}")
    for s in compared:
        print(f"idle    {s.name:12} {s.memory():8.1f} KiB a connection")


def main(program, rounds="5"):
    for needed in ("wrk", "nginx"):
        if servers.find(needed) is None:
            print(f"skipped: {needed} is not installed")
            return 77
    with tempfile.TemporaryDirectory() as folder:
        files = pathlib.Path(folder, "files")
        files.mkdir()
        os.chmod(folder, 0o755)
        for size in SIZES.values():
            (files / str(size)).write_bytes(b"x" * size)
        with servers.nginx(folder, f"root {files};", NGINX) as nginx:
            own = [ours("loop alone", program, "-1", files), ours("workers", program, "0", files)]
            compare([Server("nginx", nginx.process, nginx.port), *own], int(rounds))
            for s in own:
                s.process.terminate()
                s.process.wait(20)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
