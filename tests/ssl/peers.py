#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""peers.py CLASS: TLS against other implementations.

openssl s_client and s_server, and the ssl module of the system's Python, in both
roles. The environment names openssl (PYSOCKC_OPENSSL), and what talk.py says.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from servers import PATIENCE, Program
from talk import LINES, STREAM, VERSIONS, Case, OurServer, cert, run_client

try:
    import ssl
except ImportError:
    ssl = None

OPENSSL = os.environ.get("PYSOCKC_OPENSSL") or shutil.which("openssl")


# openssl

def s_server(leaf, *options):
    """With -rev: it says each line backwards."""
    return Program(lambda port: [
        OPENSSL, "s_server", "-accept", f"127.0.0.1:{port}", "-cert", cert(f"{leaf}.pem"),
        "-key", cert(f"{leaf}.key"), "-rev", *options])


def backwards(lines):
    return b"".join(line[::-1] + b"\n" for line in lines.splitlines())


@unittest.skipUnless(OPENSSL, "no openssl")
class OpensslServer(Case):
    """Our client, and s_server."""

    def converse(self, leaf, version, *options, server=()):
        with s_server(leaf, *server) as s:
            got, said, status = run_client(s.port, LINES, "version", version, *options,
                                           host="127.0.0.1")
        self.check_said(said, status, version)
        self.assertEqual(got, backwards(LINES))
        return said

    def test_versions_and_keys(self):
        for version in VERSIONS:
            for leaf in "good", "rsa":
                with self.subTest(version=version, leaf=leaf):
                    self.converse(leaf, version)

    def test_chain(self):
        self.converse("leaf_of_intermediate", "1.3",
                      server=("-cert_chain", cert("intermediate.pem")))

    def test_ends(self):
        for version in VERSIONS:
            for end in "close", "wait":
                with self.subTest(version=version, end=end):
                    self.converse("good", version, "end", end)

    def test_ciphers(self):
        for cipher in ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"):
            with self.subTest(cipher=cipher):
                said = self.converse("good", "1.2", "ciphers", cipher)
                self.assertIn(cipher, said)

    def test_alpn(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                said = self.converse("good", version, "alpn", "h2",
                                     server=("-alpn", "imap,h2"))
                self.assertTrue(said.endswith(" h2\n"), said)

    def test_client_certificate(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                self.converse("good", version, "cert", cert("client.pem"), "key",
                              cert("client.key"),
                              server=("-CAfile", cert("root.pem"), "-Verify", "3",
                                      "-verify_return_error"))

    def test_without_tickets(self):
        self.converse("good", "1.3", server=("-num_tickets", "0"))
        self.converse("good", "1.2", server=("-no_ticket",))

    def test_refused(self):
        for leaf, words in (("expired", "certificate has expired"),
                            ("wrong", "IP address mismatch"),
                            ("self_signed", "self-signed certificate"),
                            ("other", "unable to get local issuer certificate"),
                            ("client_only", "unsuitable certificate purpose")):
            with self.subTest(leaf=leaf), s_server(leaf) as s:
                got, said, status = run_client(s.port, LINES, host="127.0.0.1")
                self.assertEqual((got, status), (b"", 1))
                self.assertIn(f"certificate verify failed: {words}", said)

    def test_old_server(self):
        with s_server("good", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0") as s:
            got, said, status = run_client(s.port, LINES, host="127.0.0.1")
        self.assertEqual((got, status), (b"", 1))
        self.assertIn("PROTOCOL_VERSION", said)


@unittest.skipUnless(OPENSSL, "no openssl")
class OpensslClient(Case):
    """s_client, and our server."""

    def start(self, port, *options):
        return subprocess.Popen(
            [OPENSSL, "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile",
             cert("root.pem"), "-verify_return_error", "-verify_hostname", "localhost",
             "-servername", "localhost", "-quiet", "-no_ign_eof", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def converse(self, leaf, *options, server=(), data=STREAM):
        with OurServer(leaf, *server) as s:
            # Else a piece of the stream might be a command by chance.
            client = self.start(s.port, "-nocommands", *options)
            sender = threading.Thread(target=self.send, args=(client.stdin, data))
            sender.start()
            got = client.stdout.read(len(data))
            sender.join()
            client.stdin.close()  # which ends it, by close_notify
            said = client.stderr.read().decode()
            client.stdout.close()
            client.stderr.close()
            client.wait()
            self.assertEqual(len(got), len(data), said)
            self.assertEqual(got, data)
            return s.end()

    @staticmethod
    def send(pipe, data):
        pipe.write(data)
        pipe.flush()

    def test_versions_and_keys(self):
        for version in VERSIONS:
            for leaf in "good", "rsa", "chain":
                with self.subTest(version=version, leaf=leaf):
                    said, status = self.converse(
                        leaf, "-tls" + version.replace(".", "_"))
                    self.check_said(said, status, version)

    def test_alpn(self):
        said, status = self.converse("good", "-alpn", "imap,h2", server=("alpn", "h2"),
                                     data=LINES)
        self.check_said(said, status, "1.3")
        self.assertTrue(said.endswith(" h2\n"), said)

    def test_client_certificate(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                said, status = self.converse(
                    "good", "-tls" + version.replace(".", "_"), "-cert",
                    cert("client.pem"), "-key", cert("client.key"),
                    server=("ca", cert("root.pem")), data=LINES)
                self.check_said(said, status, version)

    def refused(self, leaf, *options, server=()):
        with OurServer(leaf, *server) as s:
            client = self.start(s.port, *options)
            client.communicate(b"", timeout=PATIENCE)
            return s.end()

    def test_no_client_certificate(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                said, status = self.refused("good", "-tls" + version.replace(".", "_"),
                                            server=("ca", cert("root.pem")))
                self.assertEqual(status, 1)
                self.assertIn("PEER_DID_NOT_RETURN_A_CERTIFICATE", said)

    def test_clients_that_refuse(self):
        for leaf, alert in (("expired", "SSLV3_ALERT_CERTIFICATE_EXPIRED"),
                            ("other", "TLSV1_ALERT_UNKNOWN_CA")):
            with self.subTest(leaf=leaf):
                said, status = self.refused(leaf)
                self.assertEqual(status, 1)
                self.assertIn(alert, said)

    def test_old_clients(self):
        said, status = self.refused("good", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
        self.assertEqual(status, 1)
        self.assertIn("UNSUPPORTED_PROTOCOL", said)

    def say(self, client, line):
        client.stdin.write(line)
        client.stdin.flush()

    def test_key_updates(self):
        """Of the client's keys alone, and of those of both."""
        with OurServer("good") as s:
            client = self.start(s.port, "-tls1_3")
            for command in b"k\n", b"K\n", b"K\n", b"k\n":
                self.say(client, command)
                while (line := client.stderr.readline()) != b"KEYUPDATE\n":
                    self.assertTrue(line)
                self.say(client, b"hello\n")
                self.assertEqual(client.stdout.read(6), b"hello\n")
            client.communicate(timeout=PATIENCE)
            said, status = s.end()
        self.check_said(said, status, "1.3")

    def test_renegotiation(self):
        """Refused, by which s_client ends."""
        with OurServer("good") as s:
            client = self.start(s.port, "-tls1_2")
            self.say(client, b"hello\n")
            self.assertEqual(client.stdout.read(6), b"hello\n")
            self.say(client, b"R\n")
            told = client.communicate(timeout=PATIENCE)[1].decode()
            s.end()
        self.assertIn("no renegotiation", told)

    def test_killed_client(self):
        with OurServer("good") as s:
            client = self.start(s.port)
            self.say(client, b"hello\n")
            self.assertEqual(client.stdout.read(6), b"hello\n")
            client.kill()  # no close_notify
            client.communicate()
            said, status = s.end()
        self.assertEqual(status, 1)
        self.assertTrue("EOF occurred in violation of protocol" in said or
                        "Connection reset by peer" in said, said)


# Python

def limit(context, version):
    value = ssl.TLSVersion.TLSv1_2 if version == "1.2" else ssl.TLSVersion.TLSv1_3
    context.minimum_version = context.maximum_version = value


class PythonEcho(threading.Thread):
    """An echo of Python's ssl, for one client."""

    def __init__(self, leaf, version=None, alpn=None, ca=None, ending="close"):
        super().__init__()
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(cert(f"{leaf}.pem"), cert(f"{leaf}.key"))
        if version:
            limit(self.context, version)
        if alpn:
            self.context.set_alpn_protocols(alpn)
        if ca:
            self.context.load_verify_locations(ca)
            self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE)
        self.port = self.listener.getsockname()[1]
        self.ending, self.error, self.asked = ending, None, None
        self.context.sni_callback = self.note
        self.start()

    def note(self, _, name, __):
        self.asked = name

    def run(self):
        try:
            plain, _ = self.listener.accept()
            plain.settimeout(PATIENCE)
            with self.context.wrap_socket(plain, server_side=True,
                                          suppress_ragged_eofs=False) as s:
                while data := s.recv(65536):
                    s.sendall(data)
                if self.ending == "unwrap":
                    s.unwrap().close()
        except (OSError, ssl.SSLError) as error:
            self.error = error
        finally:
            self.listener.close()

    def end(self):
        self.join(PATIENCE)
        return self.error


@unittest.skipUnless(ssl, "this Python has no ssl")
class PythonServer(Case):
    """Our client, and Python's ssl."""

    def converse(self, *options, leaf="good", data=STREAM, host="127.0.0.1", **server):
        echo = PythonEcho(leaf, **server)
        got, said, status = run_client(echo.port, data, *options, host=host)
        error = echo.end()
        self.assertIsNone(error)
        self.assertEqual(status, 0, said)
        self.assertEqual(got, data)
        return said, echo

    def test_versions_and_keys(self):
        for version in VERSIONS:
            for leaf in "good", "rsa", "chain":
                with self.subTest(version=version, leaf=leaf):
                    said, _ = self.converse(leaf=leaf, version=version)
                    self.check_said(said, 0, version)

    def test_ends(self):
        for version in VERSIONS:
            for end in "close", "unwrap", "wait":
                with self.subTest(version=version, end=end):
                    self.converse("end", end, version=version, ending="unwrap",
                                  data=LINES)

    def test_names(self):
        _, echo = self.converse(host="localhost", data=LINES)
        self.assertEqual(echo.asked, "localhost")
        _, echo = self.converse(host="127.0.0.1", data=LINES)
        self.assertIsNone(echo.asked)
        _, echo = self.converse("name", "a.example.test", leaf="wildcard", data=LINES)
        self.assertEqual(echo.asked, "a.example.test")

    def test_alpn(self):
        said, _ = self.converse("alpn", "h2", alpn=["http/1.1", "h2"], data=LINES)
        self.assertTrue(said.endswith(" h2\n"), said)
        said, _ = self.converse("alpn", "h2", alpn=["http/1.1"], data=LINES)
        self.assertTrue(said.endswith(" \n"), said)

    def test_client_certificate(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                self.converse("cert", cert("client.pem"), "key", cert("client.key"),
                              version=version, ca=cert("root.pem"), data=LINES)

    def test_refused(self):
        for leaf, host, words in (("wrong", "localhost", "Hostname mismatch"),
                                  ("cn", "localhost", "Hostname mismatch"),
                                  ("good", "127.0.0.2", "IP address mismatch"),
                                  ("future", "localhost", "certificate is not yet valid")):
            with self.subTest(leaf=leaf):
                echo = PythonEcho(leaf)
                got, said, status = run_client(echo.port, LINES, "name", host)
                self.assertEqual((got, status), (b"", 1))
                self.assertIn(f"certificate verify failed: {words}", said)
                self.assertIn("BAD_CERTIFICATE", str(echo.end()))

    def test_server_that_only_closes(self):
        """Python's close() has no close_notify, which a client that waits must see."""
        echo = PythonEcho("good")
        got, said, status = run_client(echo.port, LINES, "end", "wait")
        self.assertEqual((got, status), (LINES, 1))
        self.assertIn("EOF occurred in violation of protocol", said)
        self.assertIsNone(echo.end())


@unittest.skipUnless(ssl, "this Python has no ssl")
class PythonClient(Case):
    """Python's ssl, and our server."""

    def context(self, version=None):
        context = ssl.create_default_context(cafile=cert("root.pem"))
        if version:
            limit(context, version)
        return context

    def connect(self, server, context, name="localhost"):
        plain = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
        try:
            return context.wrap_socket(plain, server_hostname=name,
                                       suppress_ragged_eofs=False)
        except BaseException:
            plain.close()
            raise

    def echo(self, s, data):
        """In turns: an object of Python's is for one thread at a time. One that sends
        while another takes in a ticket waits to receive instead, now and then."""
        got = b""
        for at in range(0, len(data), 8192):
            s.sendall(data[at:at + 8192])
            while len(got) < min(at + 8192, len(data)):
                got += s.recv(65536)
        self.assertEqual(got, data)

    def converse(self, leaf="good", context=None, server=(), data=LINES):
        with OurServer(leaf, *server) as ours:
            with self.connect(ours, context or self.context()) as s:
                self.echo(s, data)
                s.unwrap().close()
            return ours.end()

    def test_versions_and_keys(self):
        for version in VERSIONS:
            for leaf in "good", "rsa", "chain":
                with self.subTest(version=version, leaf=leaf):
                    said, status = self.converse(leaf, self.context(version))
                    self.check_said(said, status, version)

    def test_alpn(self):
        context = self.context()
        context.set_alpn_protocols(["imap", "h2"])
        said, _ = self.converse(context=context, server=("alpn", "h2"))
        self.assertTrue(said.endswith(" h2\n"), said)

    def test_pieces(self):
        """A stream in many small records, each echoed."""
        with OurServer("good") as ours:
            with self.connect(ours, self.context()) as s:
                for i in range(300):
                    s.sendall(b"%d" % i)
                    self.assertEqual(s.recv(10), b"%d" % i)
                s.unwrap().close()
            self.assertEqual(ours.end()[1], 0)

    def test_client_certificate(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                context = self.context(version)
                context.load_cert_chain(cert("client.pem"), cert("client.key"))
                _, status = self.converse(context=context,
                                          server=("ca", cert("root.pem")))
                self.assertEqual(status, 0)

    def test_no_client_certificate(self):
        with OurServer("good", "ca", cert("root.pem")) as ours:
            with self.assertRaises(ssl.SSLError) as caught:
                with self.connect(ours, self.context("1.3")) as s:
                    s.recv(1)
            self.assertEqual(caught.exception.reason, "TLSV13_ALERT_CERTIFICATE_REQUIRED")
            said, status = ours.end()
        self.assertEqual(status, 1)
        self.assertIn("PEER_DID_NOT_RETURN_A_CERTIFICATE", said)

    def test_clients_that_refuse(self):
        for leaf, alert in (("wrong", "SSLV3_ALERT_BAD_CERTIFICATE"),
                            ("expired", "SSLV3_ALERT_CERTIFICATE_EXPIRED"),
                            ("self_signed", "TLSV1_ALERT_UNKNOWN_CA")):
            with self.subTest(leaf=leaf), OurServer(leaf) as ours:
                with self.assertRaises(ssl.SSLCertVerificationError):
                    self.connect(ours, self.context())
                said, status = ours.end()
                self.assertEqual(status, 1)
                self.assertIn(alert, said)

    def test_client_that_only_closes(self):
        with OurServer("good") as ours:
            with self.connect(ours, self.context()) as s:
                self.echo(s, LINES)
            said, status = ours.end()
        self.assertEqual(status, 1)
        self.assertIn("EOF occurred in violation of protocol", said)

    def test_two_halves(self):
        """unwrap() waits for our close_notify, which the echo's end brings."""
        for version in VERSIONS:
            with self.subTest(version=version), OurServer("good") as ours:
                with self.connect(ours, self.context(version)) as s:
                    s.sendall(LINES)
                    self.echo_rest(s, len(LINES))
                    s.unwrap().close()
                self.assertEqual(ours.end()[1], 0)

    def echo_rest(self, s, size):
        while size > 0:
            size -= len(s.recv(size))

    def test_http(self):
        with OurServer("good") as ours:
            with socket.create_connection(("127.0.0.1", ours.port), PATIENCE) as s:
                s.sendall(b"GET / HTTP/1.1\r\n\r\n")
                while s.recv(1024):
                    pass
            said, status = ours.end()
        self.assertEqual(status, 1)
        self.assertIn("[SSL: HTTP_REQUEST]", said)


if __name__ == "__main__":
    unittest.main(verbosity=1)
