#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""programs.py CLASS: TLS against programs that have it.

GnuTLS's client and server, and stunnel, socat, nginx and curl, which have OpenSSL,
but use it in their own ways. Each meets our client or our server by either version,
with a key of either kind, and much is said both ways. What the environment names,
talk.py says.
"""

import http.client
import pathlib
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import servers
from servers import PATIENCE, Program, find, needs
from talk import KEYS, VERSIONS, Case, OurServer, PlainEcho, cert, run_client
from talk import STREAM as PIECE

MUCH = PIECE * 3
# A stream that is lines, for those who echo line by line.
TEXT = b"".join(b"%07d %s\n" % (i, b"x" * (i % 90)) for i in range(60000))
REFUSED = "_ALERT_|EOF occurred|Connection reset|said nothing"
ROOT = cert("root.pem")


def dotted(version):
    return "TLSv" + version


class Servers(Case):
    """Our client, and the server of a program, which converse() meets."""

    data = MUCH

    def server(self, leaf, version):
        raise NotImplementedError

    def converse(self, leaf, version, *options, host="localhost"):
        with self.server(leaf, version) as port:
            got, said, status = run_client(port, self.data, "version", version, "name",
                                           host, *options, host="127.0.0.1")
        self.check_said(said, status, version)
        self.assertEqual(len(got), len(self.data), said)
        self.assertEqual(got, self.data)

    def each(self, *options):
        for version in VERSIONS:
            for leaf in KEYS:
                with self.subTest(version=version, leaf=leaf, options=options):
                    self.converse(leaf, version, *options)


class Echoes(Servers):
    """Of those whose server echoes."""

    def test_we_close(self):
        self.each("end", "close")

    def test_we_close_by_poll(self):
        self.each("mode", "poll", "end", "close")

    def test_we_end_our_half(self):
        """The rest of what it says comes behind our end, and then its own."""
        self.each("mode", "half")

    def test_unwrap(self):
        self.each("end", "unwrap")

    def test_refused(self):
        with self.server("good", "1.3") as port:
            got, said, status = run_client(port, b"x", "name", "elsewhere.test",
                                           host="127.0.0.1")
        self.assertEqual((got, status), (b"", 1))
        self.assertIn("Hostname mismatch", said)

    def test_no_common_version(self):
        with self.server("good", "1.2") as port:
            got, said, status = run_client(port, b"x", "version", "1.3", "name",
                                           "localhost", host="127.0.0.1")
        self.assertEqual((got, status), (b"", 1))
        self.assertRegex(said, "ALERT_(PROTOCOL_VERSION|HANDSHAKE_FAILURE)")


class Clients(Case):
    """The client of a program, and our server, which echoes: client() says what
    came back of what was said."""

    data = MUCH
    server_options = ()

    def client(self, port, data, version):
        raise NotImplementedError

    def test_versions_and_keys(self):
        for version in VERSIONS:
            for leaf in *KEYS, "chain":
                with self.subTest(version=version, leaf=leaf):
                    with OurServer(leaf, "version", version,
                                   *self.server_options) as ours:
                        got = self.client(ours.port, self.data, version)
                        said, status = ours.end()
                    self.check_said(said, status, version)
                    self.assertEqual(len(got), len(self.data), said)
                    self.assertEqual(got, self.data)

    def test_clients_that_refuse(self):
        """The server hears it, or is left: some look at the name behind the handshake
        only."""
        for leaf in "wrong", "other", "expired":
            with (self.subTest(leaf=leaf),
                  OurServer(leaf, *self.server_options) as ours):
                got = self.client(ours.port, b"MaRkEr", "1.3")
                said, status = ours.end()
                self.assertEqual((got, status), (b"", 1))
                self.assertRegex(said, REFUSED)


class Folder:
    """Of a server's files, and the server itself."""

    def __init__(self, start):
        self.start = start

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        try:
            self.program = self.start(pathlib.Path(self.folder.name))
        except BaseException:
            self.folder.cleanup()
            raise
        return self.program.port

    def __exit__(self, *error):
        self.program.__exit__(*error)
        self.folder.cleanup()


# GnuTLS

def priority(version):
    return f"NORMAL:-VERS-ALL:+VERS-TLS{version}"


@needs("gnutls-serv")
class GnutlsServer(Echoes):
    data = TEXT

    def server(self, leaf, version):
        return Folder(lambda _: Program(lambda port: [
            find("gnutls-serv"), "--echo", "--crlf", "--quiet", "--disable-client-cert",
            "--port", port, f"--x509certfile={cert(leaf)}.pem",
            f"--x509keyfile={cert(leaf)}.key", f"--priority={priority(version)}"]))


@needs("gnutls-cli")
class GnutlsClient(Clients):
    data = PIECE  # as it takes its time

    def command(self, port, version):
        return [find("gnutls-cli"), "--logfile=/dev/null", f"--x509cafile={ROOT}",
                f"--priority={priority(version)}", "--sni-hostname=localhost",
                "--verify-hostname=localhost", "--port", str(port), "127.0.0.1"]

    def client(self, port, data, version):
        return subprocess.run(self.command(port, version), input=data, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              timeout=PATIENCE).stdout


# stunnel

def stunnel(folder, service):
    """Of this service's lines, in which {port} is the one to be."""
    path = folder / "stunnel.conf"

    def command(port):
        path.write_text("foreground = yes\npid =\nsyslog = no\ndebug = warning\n"
                        "[service]\n" + textwrap.dedent(service).format(port=port))
        return [find("stunnel4"), path]
    return Program(command)


@needs("stunnel4")
class StunnelServer(Echoes):
    """The echo is behind it, in the clear. When both directions of that are over, it
    does not read the rest, so no one ends a half of his own accord."""

    test_we_end_our_half = None

    def server(self, leaf, version):
        echo = PlainEcho()
        self.addCleanup(echo.end)
        return Folder(lambda folder: stunnel(folder, f"""\
            accept = 127.0.0.1:{{port}}
            connect = 127.0.0.1:{echo.port}
            cert = {cert(leaf)}.pem
            key = {cert(leaf)}.key
            sslVersion = {dotted(version)}
            """))


def say_and_hear(port, data):
    """Over a plain connection, up to the end of it, which a reset is too, even one
    that is there before connect() is back."""
    got = b""
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as s:
            def say():
                try:
                    s.sendall(data)
                    s.shutdown(socket.SHUT_WR)
                except OSError:
                    pass  # as who hears finds out
            sender = threading.Thread(target=say)
            sender.start()
            try:
                while more := s.recv(1 << 16):
                    got += more
            finally:
                sender.join()
    except ConnectionResetError:
        pass
    return got


@needs("stunnel4")
class StunnelClient(Clients):
    def client(self, port, data, version):
        with Folder(lambda folder: stunnel(folder, f"""\
                client = yes
                accept = 127.0.0.1:{{port}}
                connect = 127.0.0.1:{port}
                CAfile = {ROOT}
                verifyChain = yes
                checkHost = localhost
                sni = localhost
                sslVersion = {dotted(version)}
                """)) as own:
            return say_and_hear(own, data)


# socat

def socat_version(version):
    return (f"openssl-min-proto-version=TLS{version},"
            f"openssl-max-proto-version=TLS{version}")


@needs("socat")
class SocatServer(Echoes):
    def server(self, leaf, version):
        return Folder(lambda _: Program(lambda port: [
            find("socat"), "-t", PATIENCE,
            f"OPENSSL-LISTEN:{port},bind=127.0.0.1,cert={cert(leaf)}.pem,"
            f"key={cert(leaf)}.key,verify=0,{socat_version(version)}", "EXEC:cat"]))


@needs("socat")
class SocatClient(Clients):
    def client(self, port, data, version):
        command = [find("socat"), "-t", str(PATIENCE), "-",
                   f"OPENSSL:127.0.0.1:{port},cafile={ROOT},commonname=localhost,"
                   f"{socat_version(version)}"]
        return subprocess.run(command, input=data, check=False, timeout=PATIENCE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


# nginx

@needs("nginx")
class NginxServer(Case):
    """Files, up and down; it closes first."""

    def server(self, leaf, version):
        return Folder(lambda folder: servers.nginx(folder, f"""
            root {folder};
            ssl_certificate {cert(leaf)}.pem;
            ssl_certificate_key {cert(leaf)}.key;
            ssl_protocols {dotted(version)};
            dav_methods PUT;""", tls=True))

    def ask(self, port, version, head, body=b""):
        request = (f"{head} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                   f"Content-Length: {len(body)}\r\n\r\n").encode() + body
        got, said, status = run_client(port, request, "version", version, "mode", "ask",
                                       "name", "localhost", host="127.0.0.1")
        self.check_said(said, status, version)
        answer, _, rest = got.partition(b"\r\n\r\n")
        return int(answer.split()[1]), rest

    def test_versions_and_keys(self):
        for version in VERSIONS:
            for leaf in KEYS:
                with self.subTest(version=version, leaf=leaf):
                    with self.server(leaf, version) as port:
                        self.assertEqual(self.ask(port, version, "PUT /file", MUCH),
                                         (201, b""))
                        status, got = self.ask(port, version, "GET /file")
                        self.assertEqual((status, len(got)), (200, len(MUCH)))
                        self.assertEqual(got, MUCH)

    def test_no_common_version(self):
        with self.server("good", "1.2") as port:
            got, said, status = run_client(port, b"x", "version", "1.3", "name",
                                           "localhost", host="127.0.0.1")
        self.assertEqual((got, status), (b"", 1))
        self.assertIn("PROTOCOL_VERSION", said)


@needs("nginx")
class NginxClient(Case):
    """It passes requests on to our server, whose certificate it checks."""

    def proxy(self, port, version):
        return Folder(lambda folder: servers.nginx(folder, f"""
            location / {{
                proxy_pass https://127.0.0.1:{port};
                proxy_ssl_protocols {dotted(version)};
                proxy_ssl_trusted_certificate {ROOT};
                proxy_ssl_verify on;
                proxy_ssl_verify_depth 3;
                proxy_ssl_name localhost;
                proxy_ssl_server_name on;
            }}"""))

    def ask(self, port, version, body):
        with self.proxy(port, version) as own:
            connection = http.client.HTTPConnection("127.0.0.1", own, PATIENCE)
            try:
                connection.request("POST", "/", body)
                answer = connection.getresponse()
                return answer.status, answer.read()
            finally:
                connection.close()

    def test_versions_and_keys(self):
        for version in VERSIONS:
            for leaf in *KEYS, "chain":
                with self.subTest(version=version, leaf=leaf):
                    with OurServer(leaf, "version", version, "mode", "http") as ours:
                        status, got = self.ask(ours.port, version, MUCH)
                        self.assertEqual((status, len(got)), (200, len(MUCH)))
                        self.assertEqual(got, MUCH)
                        said, status = ours.end()
                    self.check_said(said, status, version)

    def test_clients_that_refuse(self):
        for leaf in "wrong", "other", "expired":
            with self.subTest(leaf=leaf), OurServer(leaf, "mode", "http") as ours:
                self.assertEqual(self.ask(ours.port, "1.3", b"x")[0], 502)
                said, status = ours.end()
                self.assertEqual(status, 1)
                self.assertRegex(said, REFUSED)


# curl

@needs("curl")
class Curl(Clients):
    """Our server answers a request with its body, and closes first."""

    server_options = "mode", "http"

    def client(self, port, data, version):
        limit = ["--tls-max", "1.2"] if version == "1.2" else ["--tlsv1.3"]
        command = [find("curl"), "-q", "--silent", "--http1.1", "--noproxy", "*",
                   "--max-time", str(PATIENCE), "--cacert", ROOT, *limit, "--resolve",
                   f"localhost:{port}:127.0.0.1", "--data-binary", "@-", "--header",
                   "Expect:", f"https://localhost:{port}/"]
        return subprocess.run(command, input=data, check=False, timeout=PATIENCE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


if __name__ == "__main__":
    unittest.main(verbosity=1)
