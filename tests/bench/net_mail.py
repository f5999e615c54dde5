# SPDX-License-Identifier: MIT
"""net_mail.py PROGRAM [ROUNDS [WHAT...]] | --check PROGRAM: what clients of FTP, POP3, IMAP and SMTP cost,
beside Python's, curl and plain C.

PROGRAM is tests/bench/net_mail. The servers are vsftpd, Dovecot and Postfix's
smtp-sink, which is told whether it takes commands ahead. In each round every client
does the whole of the work once, in random order, and plain C twice, which is the
control. Of each stand the median of the seconds, those on the processor, and the
median of the ratios within a round with the quartiles about it. What starts before
it connects is measured of curl and smtp-source alone, as these say nothing of it.

A server and its client share one processor: what it costs to wake another one, which
may sleep, is more than what is measured, and not the client's. Files go over two, too,
where both can be at work at a time.

WHAT is among retr, stor, pop3, imap, smtp, and calls, which counts system calls by strace
and allocations instead. `--check` fails where a mail takes more of them than it may.
"""

import collections
import ftplib
import imaplib
import os
import pathlib
import poplib
import random
import re
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import mailers

SIZE = 256 << 20
MAILS = {"pop3": 10000, "imap": 2000, "smtp": 1000}
HEAD = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: a mail\r\n\r\n"
LINE = b"a line of sixty-two bytes, as there are many in what one gets.\r\n"
ALL = os.sched_getaffinity(0)
ONE = {max(ALL)}
# Of a mail: sends, receives and allocations, the last two at most; and whether commands
# are said ahead.
LIMITS = {
    ("pop3", False): (1, 1, 2), ("pop3-to", False): (1, 1, 0), ("fetch", False): (0.2, 0.4, 0),
    ("imap", False): (1, 1, 0), ("imap-all", False): (0, 0.4, 0),
    ("smtp", False): (4, 4, 0), ("smtp", True): (2, 2, 0),
}
SEEN = ("sendto", "recvfrom", "sendmsg", "recvmsg", "read", "write", "poll", "ppoll")

# Python's clients, in a process of their own

def python_retr(port, count, path):
    got = 0

    def take(data):
        nonlocal got
        got += len(data)
    with ftplib.FTP() as f:
        f.connect("127.0.0.1", port)
        f.login()
        f.retrbinary(f"RETR {path}", take)
        assert got == count


def python_stor(port, count, path):
    with ftplib.FTP() as f, open(path, "rb") as file:
        f.connect("127.0.0.1", port)
        f.login()
        f.storbinary("STOR incoming/file", file)


def python_pop3(port, count, path):
    p = poplib.POP3("127.0.0.1", port)
    p.user("user")
    p.pass_("secret")
    for i in range(1, count + 1):
        assert p.retr(i)[1]
    p.quit()


def python_imap(port, count, path, together=False):
    with imaplib.IMAP4("127.0.0.1", port) as m:
        m.login("user", "secret")
        m.select("INBOX", readonly=True)
        for numbers in [f"1:{count}"] if together else map(str, range(1, count + 1)):
            assert m.fetch(numbers, "(BODY.PEEK[])")[1]


def python_imap_all(port, count, path):
    python_imap(port, count, path, together=True)


def python_smtp(port, count, path):
    with smtplib.SMTP("127.0.0.1", port, "localhost") as s:
        for _ in range(count):
            s.sendmail("a@example.org", ["b@example.org"], message())


def python(what, port, count, path):
    work = globals()["python_" + what]
    cpu, wall = time.process_time(), time.monotonic()
    work(int(port), int(count), path)
    print(time.monotonic() - wall, time.process_time() - cpu)


def message(size=2048):
    """That of net_mail.c."""
    return HEAD + LINE * ((size - 64 - len(HEAD) + len(LINE) - 1) // len(LINE))


# What is compared

class Client:
    """Its words may name {port}; `says` is whether it measures itself."""

    def __init__(self, name, words, says=True, file=None):
        self.name, self.words, self.says, self.file = name, words, says, file
        self.walls, self.cpus = [], []

    def run(self):
        if self.says:
            out = subprocess.run(self.words, capture_output=True, text=True, check=True).stdout
            return [float(word) for word in out.split()]
        before, start = os.times(), time.monotonic()
        done = subprocess.run(self.words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              check=False)
        wall, after = time.monotonic() - start, os.times()
        if done.returncode != 0:
            sys.exit(f"{self.name}: {done.stderr.decode()}")
        return [wall, sum(after[2:4]) - sum(before[2:4])]

    def round(self):
        wall, cpu, *_ = self.run()
        self.walls.append(wall)
        self.cpus.append(cpu)


def median_ratio(values, others):
    ratios = [a / b for a, b in zip(values, others)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return f"{middle:.2f} [{low:.2f} {high:.2f}]"


def compare(title, clients, rounds, yardsticks):
    """yardsticks are names of clients that the first ones are beside."""
    for client in clients:
        client.run()
    for _ in range(rounds):
        for client in random.sample(clients, len(clients)):
            client.round()
    by_name = {client.name: client for client in clients}
    print(f"\n| {title} | s | CPU s | " + " | ".join("/ " + name for name in yardsticks) + " |")
    print("|---" * (3 + len(yardsticks)) + "|")
    for client in clients:
        ratios = [f"{median_ratio(client.walls, by_name[name].walls)}; CPU "
                  f"{median_ratio(client.cpus, by_name[name].cpus)}" for name in yardsticks]
        print(f"| {client.name} | {statistics.median(client.walls):.3f} | "
              f"{statistics.median(client.cpus):.3f} | {' | '.join(ratios)} |", flush=True)


def show_calls(what, calls):
    said = ", ".join(f"{n:.2f} {name}" for name, n in calls.items() if n > 0.005)
    print(f"| {what} | {said} |", flush=True)


class Bench:
    def __init__(self, program, rounds):
        self.program, self.rounds = program, rounds
        self.missed = []

    def ours(self, name, what, port, count, ahead=1, path="", timeout=0):
        return Client(name, [self.program, what, str(port), str(count), str(ahead), str(path),
                             str(timeout)])

    def python(self, what, port, count, path="", name="Python"):
        return Client(name, [sys.executable, __file__, "--python", what, str(port),
                                 str(count), str(path)])

    # FTP

    def retr(self):
        for processors in ONE, ALL:
            os.sched_setaffinity(0, processors)
            self.retr_over(len(processors))
        os.sched_setaffinity(0, ONE)

    def retr_over(self, processors):
        with mailers.Vsftpd(certs=None) as server:
            with open(server.root / "file", "wb") as file:
                file.truncate(SIZE)
            port = server.port
            compare(f"FTP, 256 MiB from vsftpd, processors: {processors}", [
                self.ours("library", "retr", port, SIZE, path="file"),
                self.ours("library, timeout", "retr", port, SIZE, path="file", timeout=10),
                self.ours("plain C", "plain-retr", port, SIZE, path="file"),
                self.ours("control", "plain-retr", port, SIZE, path="file"),
                Client("curl", ["curl", "-sS", "-o", "/dev/null",
                                f"ftp://127.0.0.1:{port}/file"], says=False),
                self.python("retr", port, SIZE, "file"),
            ], self.rounds, ("plain C", "curl", "Python"))

    def stor(self):
        for processors in ONE, ALL:
            os.sched_setaffinity(0, processors)
            self.stor_over(len(processors))
        os.sched_setaffinity(0, ONE)

    def stor_over(self, processors):
        # What was sent before can be written over, and lies nowhere else.
        with mailers.Vsftpd(certs=None) as server:
            path = server.folder / "file"
            with open(path, "wb") as file:
                file.truncate(SIZE)
            port = server.port
            compare(f"FTP, 256 MiB to vsftpd, processors: {processors}", [
                self.ours("library", "stor", port, SIZE, path=path),
                self.ours("library, timeout", "stor", port, SIZE, path=path, timeout=10),
                self.ours("plain C", "plain-stor", port, SIZE, path=path),
                self.ours("control", "plain-stor", port, SIZE, path=path),
                Client("curl", ["curl", "-sS", "-T", str(path),
                                f"ftp://127.0.0.1:{port}/incoming/file"], says=False),
                self.python("stor", port, SIZE, path),
            ], self.rounds, ("plain C", "curl", "Python"))

    # POP3

    def pop3(self):
        count = MAILS["pop3"]
        with mailers.Dovecot(certs=None) as server:
            server.deliver("user", *[message(1900)] * count)
            port = server.pop3
            compare(f"POP3, {count:,} mails from Dovecot", [
                self.ours("retr", "pop3", port, count),
                self.ours("retr, timeout", "pop3", port, count, timeout=10),
                self.ours("retr_to", "pop3-to", port, count),
                self.ours("fetch", "fetch", port, count),
                self.ours("fetch, timeout", "fetch", port, count, timeout=10),
                self.ours("plain C", "plain-pop3", port, count),
                self.ours("control", "plain-pop3", port, count),
                self.ours("plain C, 16 ahead", "plain-pop3", port, count, 16),
                self.ours("plain C, 64 ahead", "plain-pop3", port, count, 64),
                Client("curl", ["curl", "-sS", "-o", "/dev/null",
                                f"pop3://user:secret@127.0.0.1:{port}/[1-{count}]"],
                       says=False),
                self.python("pop3", port, count),
            ], self.rounds, ("plain C", "plain C, 16 ahead", "curl", "Python"))

    # IMAP

    def imap(self):
        count = MAILS["imap"]
        with mailers.Dovecot(certs=None) as server:
            server.deliver("user", *[message(1900)] * count)
            port = server.imap
            compare(f"IMAP, {count:,} mails from Dovecot", [
                self.ours("one by one", "imap", port, count),
                self.ours("one by one, timeout", "imap", port, count, timeout=10),
                self.ours("all", "imap-all", port, count),
                self.ours("all, timeout", "imap-all", port, count, timeout=10),
                self.ours("plain C", "plain-imap", port, count),
                self.ours("control", "plain-imap", port, count),
                self.ours("plain C, all", "plain-imap-all", port, count),
                self.python("imap", port, count),
                self.python("imap_all", port, count, name="Python, all"),
            ], self.rounds, ("plain C", "plain C, all", "Python", "Python, all"))

    # SMTP

    def smtp(self):
        count = MAILS["smtp"]
        with mailers.SmtpSink("-p") as alone, mailers.SmtpSink() as server, \
                tempfile.NamedTemporaryFile() as mail:
            mail.write(message())
            mail.flush()
            port = server.port
            compare(f"SMTP, {count:,} mails to smtp-sink", [
                self.ours("lock-step", "smtp", alone.port, count),
                self.ours("pipelined", "smtp", port, count),
                self.ours("pipelined, timeout", "smtp", port, count, timeout=10),
                self.ours("plain C", "plain-smtp", port, count),
                self.ours("control", "plain-smtp", port, count),
                self.ours("plain C, pipelined", "plain-smtp", port, count, 3),
                Client("curl", ["curl", "-sS", "--mail-from", "a@example.org", "--mail-rcpt",
                                "b@example.org", "-T", mail.name,
                                f"smtp://127.0.0.1:{port}/h[1-{count}]"], says=False),
                Client("smtp-source", [mailers.find("smtp-source"), "-d", "-s", "1", "-m", str(count), "-l",
                                       "2048", "-f", "a@example.org", "-t", "b@example.org",
                                       f"127.0.0.1:{port}"], says=False),
                self.python("smtp", port, count),
            ], self.rounds, ("plain C", "plain C, pipelined", "curl", "Python"))

    # Counts

    def traced(self, *job, **more):
        """The system calls of a client's run, and its allocations."""
        client = self.ours("", *job, **more)
        with tempfile.NamedTemporaryFile("r") as log:
            client.words[:0] = ["strace", "-qq", "-o", log.name, "-e", "trace=" + ",".join(SEEN)]
            allocations = client.run()[2]
            found = [re.match(r"(\w+)\(", line) for line in log]
        return collections.Counter(m[1] for m in found if m), allocations

    def counted(self, what, port, ahead=1, timeout=0):
        """Those that each mail takes, by the difference of two runs."""
        few, many = 50, 250
        less, _ = self.traced(what, port, few, ahead, timeout=timeout)
        more, allocations = self.traced(what, port, many, ahead, timeout=timeout)
        calls = {name: (more[name] - less[name]) / (many - few) for name in SEEN}
        calls["allocations"] = allocations / (many - 1)
        name = what + (", ahead" if ahead > 1 else "") + (", timeout" if timeout else "")
        show_calls(name, calls)
        if not what.startswith("plain"):
            self.missed += [f"{name}: {n:.2f} {kind}" for kind, n in calls.items()
                            if n > self.most(kind, LIMITS[what, ahead > 1], timeout)]

    def most(self, kind, limits, timeout):
        """A server may say in two segments what it says in one, now and then."""
        sends, receives, allocations = limits
        return {"sendto": sends + 0.02, "recvfrom": 1.2 * receives, "allocations": allocations,
                "ppoll": 1.2 * receives if timeout else 0}.get(kind, 0)

    def counted_file(self, what, port, path, timeout=0):
        calls, allocations = self.traced(what, port, SIZE, path=path, timeout=timeout)
        calls = {name: n / (SIZE >> 20) for name, n in calls.items()}
        show_calls(what + (", timeout" if timeout else ""),
                   {**calls, "allocations": allocations})

    def calls(self):
        print("\n| each mail, or MiB of a file | system calls, allocations |\n|---|---|")
        with mailers.Vsftpd(certs=None) as server:
            file = server.root / "file"
            with open(file, "wb") as f:
                f.truncate(SIZE)
            for what, path in ("retr", "file"), ("stor", file):
                self.counted_file(what, server.port, path)
                self.counted_file(what, server.port, path, timeout=10)
                self.counted_file("plain-" + what, server.port, path)
        self.calls_of_mail()

    def calls_of_mail(self):
        with mailers.Dovecot(certs=None) as dovecot, mailers.SmtpSink("-p") as alone, \
                mailers.SmtpSink() as sink:
            dovecot.deliver("user", *[message(1900)] * 300)
            ports = {"smtp": alone.port, "imap": dovecot.imap, "imap-all": dovecot.imap}
            for what, ahead in LIMITS:
                port = sink.port if ahead else ports.get(what, dovecot.pop3)
                self.counted(what, port, 3 if ahead else 1)
                self.counted(what, port, 3 if ahead else 1, timeout=10)
            for what in "imap", "imap-all", "smtp", "pop3":
                self.counted("plain-" + what, ports.get(what, dovecot.pop3))
            self.counted("plain-pop3", dovecot.pop3, 16)
            self.counted("plain-smtp", sink.port, 3)


def lacking(*programs):
    found = [m.missing() for m in (mailers.Vsftpd, mailers.SmtpSink)]
    found += [mailers.Dovecot.missing("pop3", "imap")]
    found += [f"no {name}" for name in programs if mailers.find(name) is None]
    return ", ".join(filter(None, found))


def check(program):
    """What a mail may take, at most."""
    lacks = lacking("strace")
    if not lacks and subprocess.run(["strace", "-qq", "true"], stderr=subprocess.DEVNULL,
                                    check=False).returncode != 0:
        lacks = "no ptrace"
    if lacks:
        print("skipped:", lacks)
        return 77
    os.sched_setaffinity(0, ONE)
    bench = Bench(program, 0)
    bench.calls_of_mail()
    print("\n".join(["", *bench.missed]))
    return 1 if bench.missed else 0


def main(program, rounds="7", *what):
    lacks = lacking("strace", "curl", "smtp-source")
    if lacks:
        print("skipped:", lacks)
        return 77
    os.sched_setaffinity(0, ONE)
    bench = Bench(program, int(rounds))
    for name in what or ("retr", "stor", "pop3", "imap", "smtp", "calls"):
        getattr(bench, name)()
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--python":
        sys.exit(python(*sys.argv[2:]))
    if sys.argv[1] == "--check":
        sys.exit(check(sys.argv[2]))
    sys.exit(main(*sys.argv[1:]))
