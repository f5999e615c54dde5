# SPDX-License-Identifier: MIT
"""Networks of the tests' own: a namespace, and a second one behind a cable.

A test file calls main(), which begins again inside unshare(1); where that is
not permitted, or a tool is missing, the run is skipped and says so.
"""

import fcntl
import heapq
import os
import random
import select
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
import unittest

PATIENCE = 60
INSIDE = "PYSOCKC_INSIDE"


def skip(why):
    print("OK (skipped=all):", why)
    sys.exit(77)


def run(*command):
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)


def main(tools, limit=100):
    """Runs the tests of the calling file in a namespace of their own."""
    for tool in ("unshare", "ip", *tools):
        if not shutil.which(tool):
            skip(f"no {tool} here")
    if INSIDE not in os.environ:
        if subprocess.run(["unshare", "--net", "--mount", "true"], check=False,
                          capture_output=True).returncode != 0:
            skip("no namespaces here")
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", "--kill-child", "--fork",
                              sys.executable, "-B", *sys.argv])
    run("ip", "link", "set", "lo", "up")
    signal.alarm(limit)  # nothing waits without a limit
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])


class Cable:
    """A second network, 10.99.0.2, behind this one's 10.99.0.1."""

    def __init__(self):
        self.keeper = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec sleep 1000"],
                                       stdout=subprocess.PIPE)
        self.keeper.stdout.readline()
        run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there",
            "netns", str(self.keeper.pid))
        run("ip", "address", "add", "10.99.0.1/24", "dev", "here")
        run("ip", "link", "set", "here", "up")
        self.run("ip", "address", "add", "10.99.0.2/24", "dev", "there")
        self.run("ip", "link", "set", "there", "up")
        self.run("ip", "link", "set", "lo", "up")

    def command(self, *command):
        """The command, to be run on the other side."""
        return ["nsenter", "--target", str(self.keeper.pid), "--net", *command]

    def run(self, *command):
        run(*self.command(*command))

    def rule(self, text):
        """Adds a rule to what the other side does with packets that come in."""
        self.run("nft", "add table inet t; add chain inet t in "
                 "{ type filter hook input priority 0; }; add rule inet t in " + text)

    def close(self):
        self.keeper.kill()
        self.keeper.communicate()
        subprocess.run(["ip", "link", "delete", "here"], capture_output=True, check=False)


class SlowWire:
    """A third network, 10.97.0.2, to the same other side: each packet is under
    way for 5 to 35 ms of its own, so that they overtake each other, and some
    are lost. (The kernels that tests run on may lack netem.)
    """

    def __init__(self, cable, lost=0.02, seed=3):
        self.ends = [self.device("near"), self.device("far")]
        run("ip", "link", "set", "far", "netns", str(cable.keeper.pid))
        run("ip", "address", "add", "10.97.0.1/24", "dev", "near")
        run("ip", "link", "set", "near", "up")
        cable.run("ip", "address", "add", "10.97.0.2/24", "dev", "far")
        cable.run("ip", "link", "set", "far", "up")
        self.random, self.lost = random.Random(seed), lost
        self.carried, self.overtaken, self.dropped = 0, 0, 0
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self.carry)
        self.thread.start()

    @staticmethod
    def device(name):
        TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
        return fd

    def take(self, due):
        """Packets from either end, with the time at which they arrive."""
        for fd in select.select(self.ends, [], [], 0.001)[0]:
            other = self.ends[1 - self.ends.index(fd)]
            if self.random.random() < self.lost:
                os.read(fd, 65536)
                self.dropped += 1
                continue
            self.carried += 1
            when = time.monotonic() + self.random.uniform(0.005, 0.035)
            heapq.heappush(due, (when, self.carried, other, os.read(fd, 65536)))

    def carry(self):
        due, latest = [], dict.fromkeys(self.ends, 0)
        while not self.closing.is_set():
            self.take(due)
            while due and due[0][0] <= time.monotonic():
                _, number, fd, packet = heapq.heappop(due)
                self.overtaken += number < latest[fd]
                latest[fd] = max(latest[fd], number)
                os.write(fd, packet)

    def close(self):
        self.closing.set()
        self.thread.join()
        for fd in self.ends:
            os.close(fd)
