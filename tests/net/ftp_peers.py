#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ftp_peers.py CLASS: the client of FTP against the servers of others.

PYSOCKC_FTP_PEER names the program that speaks; PYSOCKC_CERTS is the folder of the
certificates. What its lines are says ftp_peer.c.
"""

import os
import pathlib
import subprocess
import sys
import unittest
import zlib
from urllib.parse import quote, unquote_to_bytes

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import mailers
from mailers import PASSWORD, USER
from servers import PATIENCE

PEER = os.environ["PYSOCKC_FTP_PEER"]
HOST = "127.0.0.1"
DATA = bytes(range(256)) * 4000
needs_tls = unittest.skipUnless(mailers.CERTS, "no certificates")


class Client:
    """The program, word by word."""

    def __init__(self):
        self.process = subprocess.Popen([PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        self.process.stdout.close()
        status = self.process.wait(PATIENCE)
        if not error[0]:
            assert status == 0, status

    def ask(self, *words):
        """What it says, decoded: "ok" and values, or the kind, code and text of an
        error."""
        line = "\t".join(quote(os.fsencode(str(word)), safe="/ ") for word in words) + "\n"
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()
        answer = self.process.stdout.readline().rstrip(b"\n")
        return [unquote_to_bytes(word) for word in answer.split(b"\t")]

    def ok(self, *words):
        """The value that it gives, if there is one."""
        status, *values = self.ask(*words)
        if status != b"ok":
            raise AssertionError(f"{words}: {status} {values}")
        return values[0] if len(values) == 1 else values or None

    def fails(self, kind, code, *words):
        """The text of that error."""
        found = self.ask(*words)
        if found[:2] != [b"SOCK_E_" + kind.encode(), str(code).encode()]:
            raise AssertionError(f"{words}: {found}")
        return found[2].decode()


def content(data):
    """As the program says what it got."""
    return data if len(data) <= 4096 else f"{len(data)} {zlib.crc32(data):08x}".encode()


class Case(unittest.TestCase):
    def setUp(self):
        self.client = Client()
        self.enterContext(self.client) if hasattr(self, "enterContext") else \
            self.addCleanup(self.client.__exit__, None)

    def started(self, mailer, **options):
        server = mailer(**options)
        server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        return server

    def log_in(self, server, user="anonymous", password=""):
        self.client.ok("connect", HOST, server.port, PATIENCE)
        self.client.ok("login", user, password)

    def files(self, root, prefix=""):
        """All that one does with files, in a folder."""
        ok, fails = self.client.ok, self.client.fails
        (root / "source").write_bytes(DATA)
        name = prefix + "a b"
        ok("storbinary", f"STOR {name}", "@" + str(root / "source"))
        self.assertEqual(ok("size", name), b"%d" % len(DATA))
        self.assertEqual(ok("retrbinary", f"RETR {name}"), content(DATA))
        self.assertEqual(ok("retrbinary", f"RETR {name}", len(DATA) - 100), DATA[-100:])
        self.assertGreater(int(ok("mdtm", name)), 1_000_000_000)
        ok("storlines", f"STOR {prefix}text", "one\ntwo\r\nthree")
        self.assertEqual(ok("retrlines", f"RETR {prefix}text"), b"one\ntwo\nthree\n")
        names = {os.path.basename(os.fsdecode(found)) for found in ok("nlst", prefix or ".")}
        self.assertEqual(names - {".", ".."}, {path.name for path in (root / prefix).iterdir()})
        self.assertIn(b"a b\n", ok("dir", prefix))
        ok("storbinary", f"STOR {prefix}empty", "")
        self.assertIn(ok("retrbinary", f"RETR {prefix}empty"), (b"", None))
        ok("rename", name, prefix + "c")
        self.assertEqual((root / prefix / "c").read_bytes(), DATA)
        fails("REPLY", 550, "retrbinary", f"RETR {name}")
        ok("delete", prefix + "c")
        fails("REPLY", 550, "delete", prefix + "c")
        self.assertEqual(os.path.basename(ok("mkd", prefix + "new")), b"new")
        ok("cwd", prefix + "new")
        self.assertEqual(os.path.basename(ok("pwd")), b"new")
        ok("cwd", "..")
        ok("cwd", "/")
        ok("rmd", prefix + "new")
        fails("REPLY", 550, "cwd", prefix + "new")

    def broken_off(self, root, prefix=""):
        """Transfers that end early, and what follows them."""
        ok, fails = self.client.ok, self.client.fails
        (root / prefix / "big").write_bytes(DATA * 16)
        for _ in range(3):
            fails("CANCELLED", 0, "retrbinary", f"RETR {prefix}big", 0, 2)
            ok("noop")
            ok("abort", f"RETR {prefix}big")
            self.assertIn(b"/", ok("pwd"))
            fails("CANCELLED", 0, "retrlines", f"RETR {prefix}big", 1)
            self.assertEqual(ok("retrbinary", f"RETR {prefix}big"), content(DATA * 16))
            fails("CANCELLED", 0, "storfail", f"STOR {prefix}some", "@" + str(root / "source"))
            ok("noop")
        (root / prefix / "big").unlink()

    def aborted(self, root, prefix="", verbs=("STOR", "APPE")):
        """In each state of a transfer, and what the server says next is to what it
        is asked next."""
        ok = self.client.ok
        (root / prefix / "big").write_bytes(DATA * 16)
        (root / prefix / "small").write_bytes(b"x")
        (root / prefix / "empty").write_bytes(b"")
        path = ok("pwd")
        reads = [f"{verb} {prefix}{name}" for verb, name in (
            ("RETR", "big"), ("RETR", "small"), ("RETR", "empty"), ("LIST", ""), ("NLST", ""))]
        writes = [f"{verb} {prefix}up" for verb in verbs]
        for how, commands in (("none", reads + writes), ("some", reads), ("all", reads),
                              ("send", writes)):
            for command in commands:
                with self.subTest(how=how, command=command):
                    for _ in range(3):
                        ok("abort", command, how)
                        ok("noop")
                        self.assertEqual(ok("pwd"), path)
                        self.assertEqual(ok("retrbinary", f"RETR {prefix}small"), b"x")
        for name in "big", "small", "up":
            (root / prefix / name).unlink(missing_ok=True)

    def named(self, root, *names):
        """Files and folders."""
        ok = self.client.ok
        for name in names:
            with self.subTest(name=name):
                ok("storbinary", f"STOR {name}", "x")
                self.assertEqual(ok("retrbinary", f"RETR {name}"), b"x")
                self.assertEqual((root / name).read_bytes(), b"x")
                ok("delete", name)
                self.assertEqual(os.path.basename(ok("mkd", name)), os.fsencode(name))
                ok("cwd", name)
                self.assertEqual(ok("pwd"), b"/" + os.fsencode(name))
                ok("cwd", "..")
                ok("rmd", name)

    def entries(self, root, folder="folder"):
        """By MLSD: itself and what is above it are no entries of a folder."""
        (root / "file").write_bytes(b"12345")
        (root / folder).mkdir()
        entries = {name: dict(fact.split(b"=", 1) for fact in facts) for name, *facts in
                   (entry.split(b"|") for entry in self.client.ok("mlsd"))}
        self.assertEqual(entries[b"file"][b"size"], b"5")
        self.assertEqual(entries[b"file"][b"type"], b"file")
        self.assertEqual(entries[os.fsencode(folder)][b"type"], b"dir")
        return entries

    def restarted(self, root):
        """A file goes on where it ended."""
        ok = self.client.ok
        (root / "part").write_bytes(DATA[:1000])
        os.chown(root / "part", *(getattr(root.stat(), name) for name in ("st_uid", "st_gid")))
        (root / "rest").write_bytes(DATA[1000:])
        ok("storbinary", "STOR part", "@" + str(root / "rest"), 1000)
        self.assertEqual(ok("size", "part"), b"%d" % len(DATA))
        self.assertEqual(ok("retrbinary", "RETR part"), content(DATA))
        self.assertEqual(ok("retrbinary", "RETR part", 1000), content(DATA[1000:]))

    def active(self, root, prefix=""):
        self.client.ok("pasv", 0)
        self.files(root, prefix)
        self.client.ok("pasv", 1)


@mailers.needs(mailers.PyFtp)
class PyFtp(Case):
    def test_files(self):
        server = self.started(mailers.PyFtp, certs=None)
        self.log_in(server, USER, PASSWORD)
        self.files(server.root)
        self.active(server.root)
        self.broken_off(server.root)
        # A file that is aborted before the server knew of its connection it takes
        # from the next one.
        self.aborted(server.root, verbs=())
        self.client.ok("quit")

    def test_refused(self):
        server = self.started(mailers.PyFtp, certs=None)
        self.client.ok("connect", HOST, server.port)
        self.client.fails("REPLY", 530, "login", USER, "other")
        self.client.fails("REPLY", 530, "nlst")
        self.client.ok("login", USER, PASSWORD)
        self.client.fails("REPLY", 550, "cwd", "none")
        self.client.fails("REPLY", 500, "sendcmd", "XYZZY")
        self.client.ok("quit")
        self.client.fails("EOF", 0, "noop")

    def test_entries(self):
        server = self.started(mailers.PyFtp, certs=None)
        self.log_in(server)
        self.entries(server.root)
        self.assertEqual(self.client.ok("mlsd", "folder", "type;size"), None)
        self.assertEqual(sorted(self.client.ok("mlsd", "", "type")),
                         [b"file|type=file", b"folder|type=dir"])

    def test_names(self):
        """Of any bytes but those of Telnet, which this server does not read."""
        server = self.started(mailers.PyFtp, certs=None)
        self.log_in(server, USER, PASSWORD)
        name = 'a "b" \u00fc%;=*'
        self.client.ok("storbinary", f"STOR {name}", "x")
        self.assertEqual(self.client.ok("nlst"), name.encode())
        self.assertEqual(self.client.ok("mkd", f"{name}2"), b"/" + name.encode() + b"2")
        self.client.ok("cwd", f"{name}2")
        self.assertEqual(self.client.ok("pwd"), b"/" + name.encode() + b"2")

    @needs_tls
    def test_tls(self):
        server = self.started(mailers.PyFtp, tls_control_required=True, tls_data_required=True)
        ok, fails = self.client.ok, self.client.fails
        for version in "1.2", "1.3":
            with self.subTest(version=version):
                ok("connect", HOST, server.port)
                self.assertEqual(ok("secure"), b"0")
                fails("REPLY", 550, "login", USER, PASSWORD)
                ok("auth", mailers.CERTS + "/root.pem", version)
                self.assertEqual(ok("secure"), b"1")
                self.assertEqual(fails("VALUE", 0, "auth", mailers.CERTS + "/root.pem"),
                                 "auth: Already using TLS")
                ok("login", USER, PASSWORD)
                ok("prot_p")
                self.files(server.root)
                self.active(server.root)
                self.broken_off(server.root)
                ok("quit")

    @needs_tls
    def test_clear_data(self):
        server = self.started(mailers.PyFtp)
        ok = self.client.ok
        ok("connect", HOST, server.port)
        ok("auth", mailers.CERTS + "/root.pem")
        ok("login", USER, PASSWORD)
        self.files(server.root)
        ok("prot_p")
        self.files(server.root)
        ok("prot_c")
        self.files(server.root)

    @needs_tls
    def test_certificates(self):
        for leaf in "wrong", "expired":
            with self.subTest(leaf=leaf):
                server = self.started(mailers.PyFtp, leaf=leaf)
                self.client.ok("connect", HOST, server.port)
                self.client.fails("TLS", 1, "auth", mailers.CERTS + "/root.pem")
                self.client.fails("EOF", 0, "noop")
        server = self.started(mailers.PyFtp)
        self.client.ok("connect", HOST, server.port)
        self.client.fails("TLS", 1, "auth", "")

    def test_no_tls(self):
        server = self.started(mailers.PyFtp, certs=None)
        self.client.ok("connect", HOST, server.port)
        if mailers.CERTS:
            self.client.fails("REPLY", 500, "auth", mailers.CERTS + "/root.pem")
        self.client.ok("login", USER, PASSWORD)
        self.client.fails("VALUE", 0, "prot_p")
        self.client.ok("quit")


@mailers.needs(mailers.Vsftpd)
class Vsftpd(Case):
    def test_files(self):
        server = self.started(mailers.Vsftpd, certs=None)
        self.log_in(server)
        self.files(server.root, "incoming/")
        self.broken_off(server.root, "incoming/")
        self.aborted(server.root, "incoming/")
        self.client.ok("quit")

    def test_active(self):
        server = self.started(mailers.Vsftpd, certs=None, more="connect_from_port_20=NO\n")
        self.log_in(server)
        self.active(server.root, "incoming/")

    def test_no_entries(self):
        server = self.started(mailers.Vsftpd, certs=None)
        self.log_in(server)
        self.client.fails("REPLY", 500, "mlsd")
        self.client.ok("noop")

    @needs_tls
    def test_session_reuse(self):
        """Which the server demands, of both versions."""
        server = self.started(mailers.Vsftpd, forced=True, more="ssl_ciphers=HIGH\n")
        ok = self.client.ok
        for version in "1.2", "1.3":
            with self.subTest(version=version):
                ok("connect", HOST, server.port)
                ok("auth", mailers.CERTS + "/root.pem", version)
                ok("login")
                ok("prot_p")
                self.files(server.root, "incoming/")
                self.broken_off(server.root, "incoming/")
                ok("quit")


class Unpacked(Case):
    """What ProFTPD and Pure-FTPd have in common."""

    mailer = None

    def ready(self, **options):
        server = self.started(self.mailer, certs=None, **options)
        self.log_in(server, USER, PASSWORD)
        return server

    def secure(self, server, version=""):
        self.client.ok("connect", HOST, server.port)
        self.client.ok("auth", mailers.CERTS + "/root.pem", version)
        self.assertEqual(self.client.ok("secure"), b"1")
        self.client.ok("login", USER, PASSWORD)
        self.client.ok("prot_p")

    def refused(self):
        server = self.ready()
        ok, fails = self.client.ok, self.client.fails
        ok("connect", HOST, server.port)
        fails("REPLY", 530, "nlst")
        fails("REPLY", 530, "login", USER, "other")
        ok("login", USER, PASSWORD)
        fails("REPLY", 550, "cwd", "none")
        fails("REPLY", 500, "sendcmd", "XYZZY")
        ok("quit")
        fails("EOF", 0, "noop")


@mailers.needs(mailers.ProFtpd)
class ProFtpd(Unpacked):
    mailer = mailers.ProFtpd

    def test_files(self):
        root = self.ready().root
        self.files(root)
        self.active(root)
        self.broken_off(root)
        self.aborted(root)
        self.client.ok("quit")

    def test_refused(self):
        self.refused()

    def test_entries(self):
        entries = self.entries(self.ready().root)
        self.assertEqual(entries[b"."][b"type"], b"cdir")
        self.assertEqual(entries[b".."][b"type"], b"pdir")
        self.assertIn(b"file|size=5|type=file", self.client.ok("mlsd", "", "type;size"))

    def test_names(self):
        """Of any bytes, those of Telnet, too."""
        self.named(self.ready().root, 'a "b" \u00fc%;=', " a", "a ", "-l", "\udcff\udcf4")

    def test_restarted(self):
        self.restarted(self.ready().root)

    @needs_tls
    def test_session_reuse(self):
        """Which the server demands, of both versions. What is broken off is not
        among it, as that may end the server's process."""
        server = self.started(mailers.ProFtpd, forced=True)
        for version in "1.2", "1.3":
            with self.subTest(version=version):
                self.secure(server, version)
                self.files(server.root)
                self.active(server.root)
                self.client.ok("quit")

    @needs_tls
    def test_clear_again(self):
        server = self.started(mailers.ProFtpd)
        self.secure(server)
        self.client.ok("ccc")
        self.assertEqual(self.client.ok("secure"), b"0")
        self.files(server.root)
        self.client.ok("quit")


@mailers.needs(mailers.PureFtpd)
class PureFtpd(Unpacked):
    """Of what is broken off it may say nothing, so there is none of that here."""

    mailer = mailers.PureFtpd

    def test_files(self):
        root = self.ready().root
        self.files(root)
        self.active(root)
        self.client.ok("quit")

    def test_refused(self):
        self.refused()

    def test_entries(self):
        self.entries(self.ready().root)

    def test_names(self):
        self.named(self.ready().root, "a \u00fc%;=*", "-l")

    def test_restarted(self):
        self.restarted(self.ready().root)

    @needs_tls
    def test_tls(self):
        server = self.started(mailers.PureFtpd, forced=True)
        for version in "1.2", "1.3":
            with self.subTest(version=version):
                self.secure(server, version)
                self.files(server.root)
                self.active(server.root)
                self.client.ok("quit")


@mailers.needs(mailers.PyFtp)
class Urls(Case):
    def test_urls(self):
        server = self.started(mailers.PyFtp, certs=None)
        (server.root / "folder").mkdir()
        (server.root / "folder/a b.html").write_bytes(DATA)
        (server.root / "text").write_bytes(b"one\ntwo\n")
        ok, fails = self.client.ok, self.client.fails
        url = f"ftp://{HOST}:{server.port}"
        self.assertEqual(ok("url", url + "/folder/a%20b.html"), [content(DATA), b"-1"])
        self.assertEqual(ok("url", url + "/text;type=a"), [b"one\r\ntwo\r\n", b"-1"])
        self.assertEqual(ok("url", f"ftp://{USER}:{PASSWORD}@{HOST}:{server.port}/text"),
                         [b"one\ntwo\n", b"-1"])
        for path in "/folder", "/folder/", "/folder;type=d":
            with self.subTest(path=path):
                self.assertIn(b" a b.html\r\n", ok("url", url + path)[0])
        self.assertIn(b" folder\r\n", ok("url", url)[0])
        text = fails("REPLY", 550, "url", url + "/none")
        self.assertTrue(text.startswith(f"urlopen {url}/none: 550 "), text)
        fails("REPLY", 550, "url", url + "/none/file")
        fails("REPLY", 530, "url", f"ftp://{USER}:other@{HOST}:{server.port}/text")

    def test_urls_of_vsftpd(self):
        if mailers.Vsftpd.missing():
            self.skipTest(mailers.Vsftpd.missing())
        server = self.started(mailers.Vsftpd, certs=None)
        (server.root / "file").write_bytes(DATA)
        url = f"ftp://{HOST}:{server.port}"
        self.assertEqual(self.client.ok("url", url + "/file"),
                         [content(DATA), b"%d" % len(DATA)])
        self.assertIn(b" incoming\r\n", self.client.ok("url", url + "/")[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
