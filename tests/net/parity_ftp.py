#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""parity_ftp.py: the same conversations by Python's ftplib and by sock_ftp_*.

A server plays a script to either. What it hears and what comes of each call must be
the same, or stand in the row as a difference that was decided.
"""

import ftplib
import io
import pathlib
import re
import socket
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from ftp_peers import Client
from servers import PATIENCE

DATA_COMMANDS = ("RETR", "STOR", "APPE", "STOU", "LIST", "NLST", "MLSD")


class Server:
    """Says a welcome, and to each command the next of its replies, or "200 ok".

    To EPSV it says what `epsv` has, and else a port; 150 is said behind a data
    connection, over which `data` goes, or which is read to its end into `got`.
    """

    def __init__(self, replies, data=b"", epsv="500 what?", pasv=None, welcome="220 hello",
                 host="127.0.0.1"):
        self.replies = {verb: list(texts) if isinstance(texts, (list, tuple)) else [texts]
                        for verb, texts in replies.items()}
        self.data, self.epsv, self.pasv, self.welcome = data, epsv, pasv, welcome
        self.heard, self.got = [], b""
        self.door = self.way = None
        self.listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host
                                             else socket.AF_INET)
        self.listener.settimeout(PATIENCE)
        self.host, self.port = self.listener.getsockname()[:2]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def say(self, text):
        self.conn.sendall((text if text.endswith("\n") else text + "\r\n").encode(
            "utf-8", "surrogateescape"))

    def run(self):
        self.conn = self.listener.accept()[0]
        with self.conn, self.conn.makefile("rb") as lines:
            self.conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.conn.settimeout(PATIENCE)
            try:
                self.say(self.welcome)
                for line in lines:
                    if not self.answer(line.decode("utf-8", "surrogateescape").rstrip("\r\n")):
                        break
            except OSError:
                pass
        if self.door:
            self.door.close()
        self.listener.close()

    def open_door(self):
        if self.door:
            self.door.close()
        self.door = socket.create_server((self.host, 0), family=self.listener.family)
        self.door.settimeout(PATIENCE)
        return self.door.getsockname()[1]

    def answer(self, line):
        """Whether it goes on."""
        verb = line.partition(" ")[0].upper()
        # Any port is as good as another.
        self.heard.append(verb if verb in ("PORT", "EPRT") else line)
        texts = self.replies.get(verb)
        text = texts.pop(0) if texts else None
        if verb == "EPSV" and text is None:
            self.say(self.epsv or f"229 here (|||{self.open_door()}|)")
        elif verb == "PASV" and text is None:
            high, low = divmod(self.open_door(), 256)
            self.say(self.pasv or f"227 here (127,0,0,1,{high},{low})")
        elif verb in ("PORT", "EPRT") and text is None:
            self.way = way_in(line)
            self.say("200 ok")
        elif verb in DATA_COMMANDS and (
                text is None or re.search("^150", text, re.M)):
            self.transfer(verb, text or "150 go")
        elif text == "close":
            return False
        else:
            self.say(text or "200 ok")
        return verb != "QUIT"

    def transfer(self, verb, text):
        """The words before and behind it."""
        before, _, behind = text.partition("&")
        if self.way:
            self.say(before)
            data = socket.create_connection(self.way, PATIENCE)
        else:
            data = self.door.accept()[0]
            self.say(before)
        with data:
            if verb in ("STOR", "APPE", "STOU"):
                while some := data.recv(65536):
                    self.got += some
            else:
                data.sendall(self.data)
        self.say(behind or "226 done")

    def end(self):
        self.thread.join(PATIENCE)
        return self.heard, self.got


def way_in(line):
    """Where the client waits."""
    verb, _, text = line.partition(" ")
    if verb == "EPRT":
        return text.split("|")[2], int(text.split("|")[3])
    *host, high, low = text.split(",")
    return ".".join(host), int(high) * 256 + int(low)


# Python's

def words(reply):
    """A reply as ours is told: the number, and the lines without it."""
    lines = reply.split("\n")
    code = lines[0][:3]
    lines = [line[4:] if line[:3] == code and line[3:4] in ("", " ", "-") else line
             for line in lines]
    return f"{code} " + "\n".join(lines)


def entries(found):
    return [name + "".join(f"|{key}={value}" for key, value in facts.items())
            for name, facts in found]


def gathered(call):
    """What its callback gets."""
    found = []
    call(found.append)
    return "".join(line + "\n" for line in found) if not found or isinstance(found[0], str) \
        else b"".join(found)


ACTS = {
    "login": lambda f, *who: f.login(*who) and None,
    "sendcmd": lambda f, cmd: words(f.sendcmd(cmd)),
    "voidcmd": lambda f, cmd: words(f.voidcmd(cmd)),
    "cwd": lambda f, name="": f.cwd(name) and None,
    "pwd": lambda f: f.pwd(),
    "mkd": lambda f, name: f.mkd(name),
    "rmd": lambda f, name: f.rmd(name) and None,
    "rename": lambda f, *names: f.rename(*names) and None,
    "delete": lambda f, name: f.delete(name) and None,
    "size": lambda f, name: f.size(name),
    "noop": lambda f: f.voidcmd("NOOP") and None,
    "quit": lambda f: f.quit() and None,
    "retrbinary": lambda f, cmd, rest=None: gathered(
        lambda take: f.retrbinary(cmd, take, rest=rest)) or b"",
    "retrlines": lambda f, cmd: gathered(lambda take: f.retrlines(cmd, take)),
    "storbinary": lambda f, cmd, text, rest=None: f.storbinary(
        cmd, io.BytesIO(text.encode()), rest=rest) and None,
    "storlines": lambda f, cmd, text: f.storlines(cmd, io.BytesIO(text.encode())) and None,
    "nlst": lambda f, *path: f.nlst(*path),
    "dir": lambda f, *path: gathered(lambda take: f.dir(*path, take)),
    "mlsd": lambda f, path="", facts="": entries(
        f.mlsd(path, facts.split(";") if facts else [])),
    "pasv": lambda f, on: f.set_pasv(bool(on)),
    "trust": lambda f, on: setattr(f, "trust_server_pasv_ipv4_address", bool(on)),
}
KINDS = ((ftplib.error_proto, "PROTOCOL"), (ftplib.error_reply, "REPLY"),
         (ftplib.error_temp, "REPLY"), (ftplib.error_perm, "REPLY"),
         (ftplib.Error, "PROTOCOL"), (EOFError, "EOF"), (ValueError, "VALUE"),
         (TimeoutError, "TIMEOUT"), (OverflowError, "OVERFLOW"), (AttributeError, "CLOSED"),
         (OSError, "OS"))


def failure(error):
    """Its kind, and the number of a reply."""
    kind = next((name for base, name in KINDS if isinstance(error, base)), repr(error))
    return f"{kind} {str(error)[:3]}" if kind == "REPLY" else kind


def by_python(server, calls):
    f = ftplib.FTP(timeout=PATIENCE)
    results = []
    try:
        results.append(words(f.connect(server.host, server.port)))
        for name, *arguments in calls:
            results.append(ACTS[name](f, *arguments))
    except Exception as error:
        results.append(failure(error))
    finally:
        f.close()
    return results


# Ours

def value_of(found):
    status, *values = [word.decode("utf-8", "surrogateescape") for word in found]
    if status == "ok":
        return values
    kind = status.removeprefix("SOCK_E_")
    return f"{kind} {values[0]}" if kind == "REPLY" else kind


def by_us(server, calls):
    results = []
    with Client() as client:
        for name, *arguments in [("connect", server.host, server.port, PATIENCE), *calls]:
            results.append(value_of(client.ask(name, *arguments)))
            if isinstance(results[-1], str):
                break
    return results


def alike(python, ours):
    """Whether both say the same of a call."""
    if isinstance(ours, str):
        return python == ours
    if isinstance(python, bytes):
        return ours in ([python.decode("latin-1")], [""] if not python else None, [])
    if isinstance(python, list):
        return ours == python
    if python in (None, ""):
        return ours in ([], [""])
    return ours == [str(python)]


class Row:
    """Calls and what the server says to them. Where Python's outcome, or ours, is not the
    same as that of the other one, both are given: what was heard, and the last result."""

    def __init__(self, name, calls, python=None, ours=None, **server):
        self.name, self.calls, self.python, self.ours = name, calls, python, ours
        self.replies = server.pop("replies", {})
        self.server = server

    def played(self, by):
        server = Server(self.replies, **self.server)
        results = by(server, self.calls)
        return (results, *server.end())


def without_epsv(heard):
    """Python does not ask for it."""
    return [line for line in heard if line != "EPSV"]


ROWS = [
    # Replies
    Row("welcome", [], welcome="220-a\r\nb\r\n 220 c\r\n220 d"),
    Row("welcome refused", [], welcome="421 too many"),
    Row("welcome of junk", [], welcome="hello"),
    Row("120 before 220", [], welcome="120 wait\r\n220 now",
        python="120 wait", ours=["220 now"]),
    Row("reply of lines", [("sendcmd", "STAT")], replies={"STAT": "211-a\r\n b\r\n211 c"}),
    Row("reply of lines with its number in one",
        [("sendcmd", "STAT")], replies={"STAT": "211-a\r\n211-b\r\n212 c\r\n211 d"}),
    Row("reply of 1xx", [("sendcmd", "X"), ("sendcmd", "Y")],
        replies={"X": "125 x\r\n226 done", "ABOR": "226 nothing"},
        python="226 done", ours=["200 ok"]),
    Row("reply of 3xx", [("sendcmd", "X")], replies={"X": "350 x"}),
    Row("reply of 4xx", [("sendcmd", "X")], replies={"X": "450 x"}),
    Row("reply of 5xx", [("sendcmd", "X")], replies={"X": "550 x"}),
    Row("reply of 6xx", [("sendcmd", "X")], replies={"X": "650 x"}),
    Row("reply of none", [("sendcmd", "X")], replies={"X": "x"}),
    Row("reply without words", [("sendcmd", "X")], replies={"X": "200"}),
    Row("reply with LF alone", [("sendcmd", "X")], replies={"X": "200 x\n"}),
    Row("reply of one digit", [("sendcmd", "X")], replies={"X": "1"},
        python="1 ", ours="PROTOCOL"),
    Row("reply with a CR", [("sendcmd", "X"), ("sendcmd", "Y")], replies={"X": "200 a\rb"},
        python="PROTOCOL", ours=["200 ok"]),
    Row("reply that is cut off", [("sendcmd", "X")], replies={"X": "close"}),
    Row("reply that is too long", [("sendcmd", "X")], replies={"X": "200 " + "x" * 9000}),
    Row("voidcmd of 2xx", [("voidcmd", "X")], replies={"X": "213 x"}),
    Row("voidcmd of 1xx", [("voidcmd", "X")], replies={"X": "150 x"}),
    Row("voidcmd of 3xx", [("voidcmd", "X")], replies={"X": "350 x"}),
    Row("CR and LF", [("sendcmd", "X\r\nDELE y")]),
    Row("LF", [("cwd", "x\ny")]),
    # Logging in
    Row("login of no one", [("login",)], replies={"USER": "331 who", "PASS": "230 in"}),
    Row("login at once", [("login", "me", "secret")], replies={"USER": "230 in"}),
    Row("login by password", [("login", "me", "secret")],
        replies={"USER": "331 who", "PASS": "230 in"}),
    Row("login by account", [("login", "me", "secret", "acct")],
        replies={"USER": "331 who", "PASS": "332 which", "ACCT": "230 in"}),
    Row("login without a password", [("login", "me")],
        replies={"USER": "331 who", "PASS": "230 in"}),
    Row("login of anonymous with a dash", [("login", "anonymous", "-")],
        replies={"USER": "331 who", "PASS": "230 in"}),
    Row("login refused", [("login", "me", "x")], replies={"USER": "331 who", "PASS": "530 no"}),
    Row("login of 1xx", [("login", "me", "x")], replies={"USER": "120 odd"}),
    Row("login that never ends", [("login", "me", "x")],
        replies={"USER": "331 a", "PASS": "331 b", "ACCT": "331 c"}),
    # Directories
    Row("cwd", [("cwd", "a b")]),
    Row("cwd of nothing", [("cwd", "")]),
    Row("cwd upwards", [("cwd", "..")]),
    Row("cwd upwards, unknown", [("cwd", "..")], replies={"CDUP": "500 what"}),
    Row("cwd upwards, refused", [("cwd", "..")], replies={"CDUP": "550 no"}),
    Row("pwd", [("pwd",)], replies={"PWD": '257 "/a ""b""" is it'}),
    Row("pwd without its end", [("pwd",)], replies={"PWD": '257 "/a'}),
    Row("pwd without quotes", [("pwd",)], replies={"PWD": "257 /a"}),
    Row("pwd of another number", [("pwd",)], replies={"PWD": '250 "/a"'}),
    Row("mkd", [("mkd", "a")], replies={"MKD": '257 "/x/a" made'}),
    Row("mkd of another number", [("mkd", "a")], replies={"MKD": "250 made"}),
    Row("rmd", [("rmd", "a")]),
    Row("rmd refused", [("rmd", "a")], replies={"RMD": "550 no"}),
    # Files
    Row("rename", [("rename", "a", "b")], replies={"RNFR": "350 go"}),
    Row("rename of 2xx", [("rename", "a", "b")], replies={"RNFR": "250 odd"}),
    Row("rename refused", [("rename", "a", "b")], replies={"RNFR": "550 no"}),
    Row("delete of 250", [("delete", "a")], replies={"DELE": "250 gone"}),
    Row("delete of 200", [("delete", "a")]),
    Row("delete of 226", [("delete", "a")], replies={"DELE": "226 odd"}),
    Row("delete refused", [("delete", "a")], replies={"DELE": "550 no"}),
    Row("quit", [("quit",)], replies={"QUIT": "221 bye"}),
    Row("quit refused", [("quit",)], replies={"QUIT": "500 no"}),
    # Transfers
    Row("retrbinary", [("retrbinary", "RETR a"), ("noop",)], data=b"a\r\nb\n"),
    Row("retrbinary of nothing", [("retrbinary", "RETR a"), ("noop",)]),
    Row("retrbinary from a place", [("retrbinary", "RETR a", 5)], data=b"x",
        replies={"REST": "350 there"}),
    Row("retrbinary refused", [("retrbinary", "RETR a")], replies={"RETR": "550 no"}),
    Row("retrbinary of a stray 2xx", [("retrbinary", "RETR a"), ("noop",)], data=b"x",
        replies={"RETR": "200 odd\r\n150 go&226 done"}),
    Row("retrbinary that is cut off", [("retrbinary", "RETR a")], data=b"x",
        replies={"RETR": "150 go&426 cut"}),
    Row("retrbinary of 1xx at its end", [("retrbinary", "RETR a")], data=b"x",
        replies={"RETR": "150 go&110 odd\r\n226 done"}, python="REPLY 110", ours=["x"]),
    Row("retrbinary that is short", [("retrbinary", "RETR a")], data=b"x",
        replies={"RETR": "150 go (5 bytes)"}, python=b"x", ours="EOF"),
    Row("retrbinary of a type refused", [("retrbinary", "RETR a")], replies={"TYPE": "504 no"}),
    Row("rest refused", [("retrbinary", "RETR a", 5)], replies={"REST": "502 no"}),
    Row("retrlines", [("retrlines", "RETR a"), ("noop",)], data=b"a\r\nb\n\r\nlast\r\n"),
    Row("retrlines with a CR", [("retrlines", "RETR a")], data=b"a\rb\r\n",
        python="a\nb\n", ours=["a\rb\n"]),
    Row("retrlines of a long line", [("retrlines", "RETR a")], data=b"x" * 9000 + b"\r\n",
        python="PROTOCOL", ours="PROTOCOL"),
    Row("storbinary", [("storbinary", "STOR a", "a\r\nb\n"), ("noop",)]),
    Row("storbinary from a place", [("storbinary", "STOR a", "x", 7)],
        replies={"REST": "350 there"}),
    Row("storbinary of nothing", [("storbinary", "STOR a", "")]),
    Row("storbinary refused", [("storbinary", "STOR a", "x")], replies={"STOR": "553 no"}),
    Row("storbinary without room", [("storbinary", "STOR a", "x")],
        replies={"STOR": "150 go&552 full"}),
    Row("storlines", [("storlines", "STOR a", "a\nb\r\nc\rd\n\nlast")]),
    Row("storlines with a CR at its end", [("storlines", "STOR a", "a\nb\r")]),
    Row("storlines of nothing", [("storlines", "STOR a", "")]),
    Row("nlst", [("nlst",)], data=b"a\r\nb c\r\n"),
    Row("nlst of a path", [("nlst", "a b")], data=b"x\r\n"),
    Row("nlst of nothing", [("nlst",)]),
    Row("nlst refused", [("nlst",)], replies={"NLST": "550 empty"}),
    Row("dir", [("dir",)], data=b"-rw a\r\n"),
    Row("dir of a path", [("dir", "a")], data=b"-rw a\r\n"),
    Row("mlsd", [("mlsd",)], data=b"Type=file;Size=5;UNIX.owner=0; a b\r\ntype=dir; c\r\n"),
    Row("mlsd of a path with facts", [("mlsd", "p", "type;size")], data=b"type=file; a\r\n"),
    Row("mlsd of nothing", [("mlsd",)]),
    Row("mlsd refused", [("mlsd",)], replies={"MLSD": "500 what"}),
    Row("facts refused", [("mlsd", "", "type")], replies={"OPTS": "501 no"}),
    Row("mlsd of junk", [("mlsd",)], data=b"broken\r\n",
        python=["|broke="], ours="PROTOCOL"),
    # Data connections
    Row("address of another host", [("retrlines", "RETR a")], data=b"x\r\n", other_host=True),
    Row("port of nothing", [("retrlines", "RETR a")], replies={"PASV": "227 here"}),
    Row("port of 0", [("retrlines", "RETR a")], replies={"PASV": "227 (127,0,0,1,0,0)"},
        python="OS", ours="PROTOCOL"),
    Row("port of 256743", [("retrlines", "RETR a")], replies={"PASV": "227 (127,0,0,1,999,999)"},
        python="OS", ours="PROTOCOL"),
    Row("active mode", [("pasv", 0), ("retrlines", "RETR a"), ("pasv", 1), ("noop",)],
        data=b"x\r\n"),
    Row("active mode to send", [("pasv", 0), ("storbinary", "STOR a", "x"), ("noop",)]),
    Row("active mode refused", [("pasv", 0), ("retrlines", "RETR a")],
        replies={"PORT": "500 no"}),
    Row("active mode of IPv6", [("pasv", 0), ("retrlines", "RETR a"), ("noop",)],
        data=b"x\r\n", host="::1"),
    Row("active mode of IPv6 refused", [("pasv", 0), ("retrlines", "RETR a")], host="::1",
        replies={"EPRT": "522 no"}),
    Row("passive mode refused", [("retrlines", "RETR a")], replies={"PASV": "502 no"}),
    Row("IPv6", [("retrlines", "RETR a"), ("noop",)], data=b"x\r\n", host="::1", epsv=None),
    Row("IPv6 without a port", [("retrlines", "RETR a")], host="::1",
        replies={"EPSV": "229 here"}),
    Row("IPv6 of bars that differ", [("retrlines", "RETR a")], host="::1",
        replies={"EPSV": "229 (||!1|)"}),
    Row("IPv6 refused", [("retrlines", "RETR a")], host="::1", replies={"EPSV": "500 no"}),
    Row("IPv6 of port 99999", [("retrlines", "RETR a")], host="::1",
        replies={"EPSV": "229 (|||99999|)"}, python="OS", ours="PROTOCOL"),
]
# What only ours says before: the type of the bytes that are counted.
SIZES = [
    Row("size", [("size", "a")], replies={"SIZE": "213 1234567890123"}),
    Row("size refused", [("size", "a")], replies={"SIZE": "550 no"}),
    Row("size of another number", [("size", "a")], replies={"SIZE": "200 5"},
        python=None, ours="REPLY 200"),
    Row("size with a line", [("size", "a")], replies={"SIZE": "213 1_0"},
        python=10, ours="PROTOCOL"),
    Row("size below 0", [("size", "a")], replies={"SIZE": "213 -5"},
        python=-5, ours="PROTOCOL"),
]


class OtherHost(Server):
    """Whose replies to PASV name someone else."""

    def answer(self, line):
        if line == "PASV":
            self.heard.append(line)
            high, low = divmod(self.open_door(), 256)
            self.say(f"227 here (10,1,2,3,{high},{low})")
            return True
        return super().answer(line)


class Parity(unittest.TestCase):
    maxDiff = None

    def play(self, row, by):
        server = dict(row.server)
        kind = OtherHost if server.pop("other_host", False) else Server
        played = kind(row.replies, **server)
        return (by(played, row.calls), *played.end())

    def check(self, row, before=()):
        theirs, their_heard, their_got = self.play(row, by_python)
        ours, our_heard, our_got = self.play(row, by_us)
        if row.ours is not None:
            self.assertEqual(theirs[-1], row.python)
            self.assertEqual(ours[-1], row.ours)
            return
        if row.server.get("host") is None:
            our_heard = without_epsv(our_heard)
        self.assertEqual([line for line in our_heard if line not in before], their_heard)
        self.assertEqual(our_got, their_got)
        self.assertEqual(len(theirs), len(ours), (theirs, ours))
        for their, our in zip(theirs, ours):
            self.assertTrue(alike(their, our), (their, our))

    def test_rows(self):
        for row in ROWS:
            with self.subTest(row.name):
                if row.server.get("host") == "::1" and not socket.has_ipv6:
                    continue
                self.check(row)

    def test_sizes(self):
        for row in SIZES:
            with self.subTest(row.name):
                self.check(row, before=["TYPE I"])

    def test_names(self):
        """Each row is another one."""
        names = [row.name for row in ROWS + SIZES]
        self.assertEqual(len(names), len(set(names)))
        self.assertGreater(len(names), 90)
        self.assertTrue(all(re.match("[A-Za-z0-9]", name) for name in names))


if __name__ == "__main__":
    unittest.main(verbosity=2)
