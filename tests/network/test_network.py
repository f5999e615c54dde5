#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The library on networks that drop, refuse, lose, reset and vanish."""

import errno
import hashlib
import os
import random
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

import network

PROBE = os.environ["PYSOCKC_PROBE"]
PEER = os.environ["PYSOCKC_PEER"]
THERE = "10.99.0.2"


class Result:
    """The line of probe.c."""

    def __init__(self, line):
        result, self.kind, code, done, seconds, self.text = line.rstrip("\n").split("|")
        self.result, self.code, self.done = int(result), int(code), int(done)
        self.seconds = float(seconds)


class Network(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cable = network.Cable()
        cls.addClassCleanup(cls.cable.close)

    def probe(self, *words):
        done = subprocess.run([PROBE, *map(str, words)], capture_output=True, text=True,
                              timeout=network.PATIENCE, check=True)
        return Result(done.stdout.splitlines()[-1])

    def start(self, command, **more):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, **more)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def fails_with(self, number, host, port=80):
        result = self.probe("connect", host, port, 20)
        self.assertEqual((result.result, result.kind, result.code), (-1, "SOCK_E_OS", number))
        self.assertEqual(result.text, f"connect ('{host}', {port}): [Errno {number}] "
                         + os.strerror(number))
        self.assertEqual(self.probe("connect_ex", host, port, 20).result, number)

    def test_packets_dropped(self):
        self.cable.rule("tcp dport 81 drop")
        for seconds in 0.5, 2:
            result = self.probe("connect", THERE, 81, seconds)
            self.assertEqual((result.result, result.kind), (-1, "SOCK_E_TIMEOUT"))
            self.assertEqual(result.text, f"connect ('{THERE}', 81): timed out")
            self.assertGreaterEqual(result.seconds, seconds)
            self.assertLess(result.seconds, seconds + 5)
        result = self.probe("connect_ex", THERE, 81, 0.5)
        self.assertEqual(result.result, errno.EAGAIN)

    def test_one_of_two_addresses_is_dead(self):
        """The name has an address where packets are dropped, in either place."""
        self.cable.rule("tcp dport 87 ip daddr 10.99.0.3 drop")
        self.cable.run("ip", "address", "replace", "10.99.0.3/24", "dev", "there")
        server = self.start(self.cable.command(
            sys.executable, "-c", "import socket, time\n"
            f"s = socket.create_server(('{THERE}', 87)); print(flush=True); time.sleep(1000)"))
        server.stdout.readline()
        for addresses in ([THERE, "10.99.0.3"], ["10.99.0.3", THERE]):
            with tempfile.NamedTemporaryFile("w") as hosts:
                hosts.writelines(f"{address} both.test\n" for address in addresses)
                hosts.flush()
                network.run("mount", "--bind", hosts.name, "/etc/hosts")
                try:
                    result = self.probe("create", "both.test", 87, 20)
                    self.assertEqual((result.result, result.text), (0, ""))
                    self.assertEqual(result.seconds > 0.24, addresses[1] == THERE)
                    self.assertLess(result.seconds, 0.25 + 0.6)
                finally:
                    network.run("umount", "/etc/hosts")
        result = self.probe("create", "10.99.0.3", 87, 0.5)
        self.assertEqual((result.result, result.kind), (-1, "SOCK_E_TIMEOUT"))
        self.assertEqual(result.text, "create_connection ('10.99.0.3', 87): timed out")
        self.assertGreaterEqual(result.seconds, 0.5)

    def serve(self, *ports):
        server = self.start(self.cable.command(
            sys.executable, "-c", "import socket, time\n"
            f"l = [socket.create_server(('{THERE}', port)) for port in {ports}]\n"
            "print(flush=True); time.sleep(1000)"))
        server.stdout.readline()

    def test_a_name_whose_first_address_is_dead(self):
        """What swallows packets costs the delay between two attempts, and little more."""
        self.cable.rule("tcp dport 88 ip daddr 10.99.0.3 drop")
        self.cable.run("ip", "address", "replace", "10.99.0.3/24", "dev", "there")
        self.serve(88)
        with tempfile.NamedTemporaryFile("w") as hosts:
            hosts.write(f"10.99.0.3 both.test\n{THERE} both.test\n")
            hosts.flush()
            network.run("mount", "--bind", hosts.name, "/etc/hosts")
            self.addCleanup(network.run, "umount", "/etc/hosts")
            took = []
            for _ in range(5):
                result = self.probe("to_host", "both.test", 88, 20)
                self.assertEqual((result.result, result.text), (0, ""))
                self.assertGreaterEqual(result.seconds, 0.25)
                took.append(result.seconds)
            print(f"{min(took):.3f} to {max(took):.3f} s ", end="", file=sys.stderr)
            self.assertLess(min(took), 0.27)

    def scan(self, first, last, timeout):
        """What the library finds, and how long it takes."""
        done = subprocess.run([PROBE, "scan", THERE, str(first), str(last), str(timeout)],
                              capture_output=True, text=True, timeout=network.PATIENCE, check=True)
        *lines, last = done.stdout.splitlines()
        result = Result(last)
        self.assertEqual(result.result, 0)
        found = dict(map(int, line.split()) for line in lines)
        self.assertEqual(len(found), len(lines))
        return found, result.seconds

    def test_scan(self):
        """A thousand ports of which most are silent: as one by one, and as nmap says."""
        open_ports, first, last = (1022, 1080, 1443, 1700, 2024), 1020, 2024
        self.cable.rule("tcp dport 1020-1099 accept; add rule inet t in tcp dport "
                        "{ 1443, 1500, 1700, 2024 } accept; "
                        "add rule inet t in tcp dport 1100-2024 drop")
        self.serve(*open_ports)
        expected = {port: 0 if port in open_ports else errno.ECONNREFUSED
                    for port in [*range(1020, 1100), 1443, 1500, 1700, 2024]}
        best = 10
        for _ in range(5):
            found, _ = self.scan(first, last, 0.5)
            self.assertEqual(found, expected)
            # A machine that is busy may answer later than that, but not otherwise.
            found, seconds = self.scan(first, last, 0.01)
            self.assertEqual(found, {port: expected[port] for port in found})
            self.assertGreaterEqual(seconds, 0.01)
            best = min(best, seconds)
        print(f"{1000 * best:.0f} ms ", end="", file=sys.stderr)
        for port in (*open_ports, 1023, 1099, 1500):
            self.assertEqual(self.probe("connect_ex", THERE, port, 5).result, expected[port])
        self.assertEqual(self.probe("connect_ex", THERE, 1200, 0.01).result, errno.EAGAIN)
        self.as_nmap_says(first, last, expected)

    def as_nmap_says(self, first, last, expected):
        if not shutil.which("nmap"):
            print("(no nmap here) ", end="", file=sys.stderr)
            return
        said = subprocess.run(
            ["nmap", "-sT", "-Pn", "-n", "-T5", "--max-retries", "1", "--initial-rtt-timeout",
             "50ms", "--max-rtt-timeout", "50ms", "-oG", "-", "-p", f"{first}-{last}", THERE],
            capture_output=True, text=True, timeout=network.PATIENCE, check=True).stdout
        states = dict((int(port), state) for port, state in
                      re.findall(r"(\d+)/(open|closed|filtered)/tcp", said))
        for port, code in expected.items():
            if port in states:
                self.assertEqual(states[port], {0: "open", errno.ECONNREFUSED: "closed"}
                                 .get(code, "filtered"), port)
        self.assertEqual([port for port, state in states.items() if state == "open"],
                         [port for port, code in expected.items() if code == 0])

    def test_refused_and_unreachable(self):
        self.cable.rule("tcp dport 82 reject with icmp type host-unreachable")
        self.cable.rule("tcp dport 83 reject with icmp type admin-prohibited")
        self.fails_with(errno.ECONNREFUSED, THERE, 80)
        self.fails_with(errno.EHOSTUNREACH, THERE, 82)
        self.fails_with(errno.EHOSTUNREACH, THERE, 83)
        self.fails_with(errno.ENETUNREACH, "192.0.2.1")
        network.run("ip", "route", "add", "unreachable", "10.98.1.0/24")
        network.run("ip", "route", "add", "prohibit", "10.98.2.0/24")
        network.run("ip", "route", "add", "blackhole", "10.98.3.0/24")
        self.fails_with(errno.EHOSTUNREACH, "10.98.1.1")
        self.fails_with(errno.EACCES, "10.98.2.1")
        self.fails_with(errno.EINVAL, "10.98.3.1")

    def echoes(self, address):
        """Half a megabyte comes back as it was sent."""
        data = random.Random(2).randbytes(1 << 19)
        server = self.start(self.cable.command(PEER, "echo", address))
        self.assertIn(b"listening", server.stderr.readline())
        client = self.start([PEER, "connect", address])
        out, err = client.communicate(data, timeout=network.PATIENCE)
        self.assertEqual(client.returncode, 0, err)
        self.assertEqual(hashlib.sha256(out).digest(), hashlib.sha256(data).digest())

    def test_a_fifth_is_lost(self):
        # Each fifth: by chance, one packet is lost so often that its peer gives up.
        self.cable.rule("tcp dport 84 numgen inc mod 5 < 1 drop")
        self.echoes(f"{THERE}:84")

    def test_delayed_and_reordered(self):
        if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
            self.skipTest("no /dev/net/tun here")
        wire = network.SlowWire(self.cable)
        self.addCleanup(wire.close)
        self.echoes("10.97.0.2:86")
        print(f"{wire.carried} packets, {wire.overtaken} overtaken, {wire.dropped} lost ",
              end="", file=sys.stderr)
        self.assertGreater(wire.overtaken, 50)
        self.assertGreater(wire.dropped, 0)

    def vanishing(self, *words):
        """A probe that is connected to a peer on the other side."""
        server = self.start(self.cable.command(
            sys.executable, "-c", "import socket, time\n"
            f"s = socket.create_server(('{THERE}', 85)); print(flush=True)\n"
            "c = s.accept(); time.sleep(1000)"))
        server.stdout.readline()
        self.addCleanup(self.cable.run, "ip", "link", "set", "there", "up")
        process = self.start([PROBE, *words])
        self.assertEqual(process.stdout.readline(), b"connected\n")
        self.cable.run("ip", "link", "set", "there", "down")
        return process

    def kernel_gave_up(self, process, least):
        out, _ = process.communicate(b"\n", timeout=network.PATIENCE)
        result = Result(out.decode())
        self.assertEqual((result.result, result.kind, result.code),
                         (-1, "SOCK_E_OS", errno.ETIMEDOUT))
        self.assertEqual(result.text, "recv ('%s', 85): [Errno 110] Connection timed out" % THERE)
        self.assertGreaterEqual(result.seconds, least)
        self.assertLess(result.seconds, least + 10)

    def test_peer_vanishes_keepalive(self):
        self.kernel_gave_up(self.vanishing("keepalive", THERE, "85"), 2)

    def test_peer_vanishes_user_timeout(self):
        self.kernel_gave_up(self.vanishing("user_timeout", THERE, "85", "1500"), 1)

    def test_resets(self):
        size, step = 4 << 20, 64 << 10
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, step)
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port = listener.getsockname()[1]

            def take_and_reset(amount):
                with listener.accept()[0] as s:
                    while amount > 0:
                        amount -= len(s.recv(min(amount, step)))
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

            for amount in range(step, size, step):
                thread = threading.Thread(target=take_and_reset, args=(amount,))
                thread.start()
                result = self.probe("flood", "127.0.0.1", port, size)
                thread.join()
                # What the kernel had already taken is as good as sent.
                if result.result == 0:
                    self.assertGreater(amount, size - (1 << 20))
                    continue
                self.assertEqual(result.kind, "SOCK_E_OS")
                self.assertIn(result.code, (errno.ECONNRESET, errno.EPIPE))
                self.assertGreaterEqual(result.done, amount)
                self.assertLess(result.done, size)


if __name__ == "__main__":
    network.main(["nft", "nsenter"])
