#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""site.py CLASS: files, passwords and scripts of a server, asked by the programs of
others; and what it asks of the system, as strace(1) sees it.

PYSOCKC_SITE is the server: `site_peer ROOT`. A program that is not there is skipped.
"""

import hashlib
import http.client
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from servers import needs, port_of, wait_for

USER, PASSWORD = "ada", "p:\u00e4 ss"
CONTENT = bytes(range(256)) * 4096  # 1 MiB


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


class Site(unittest.TestCase):
    """A folder, and a server of it."""

    before = ()  # what the server is started by
    threads = "0"  # the usual number

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.top = pathlib.Path(self.folder.name)
        self.root = self.top / "root"
        (self.root / "sub").mkdir(parents=True)
        (self.root / "large.bin").write_bytes(CONTENT)
        os.utime(self.root / "large.bin", (1e9, 1e9))
        (self.root / "a b.txt").write_text("a b")
        (self.root / "sub" / "x.html").write_text("<p>x")
        (self.top / "secret").write_text("secret")
        self.server = subprocess.Popen(
            [*self.before, os.environ["PYSOCKC_SITE"], str(self.root), self.threads],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment())
        self.addCleanup(self.stop)
        self.port = port_of(self.server)

    def environment(self):
        """Leaks are not looked for in a program that another one looks at."""
        return {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"} if self.before else None

    def stop(self):
        if self.server.poll() is None:
            self.server.stdin.close()
            self.assertEqual(self.server.wait(30), 0)
        self.server.stdout.close()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def script(self, name, text):
        path = self.root / name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o700)

    def raw(self, target, method="GET", fields=""):
        """The status and the body of what no client would send."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as s:
            s.sendall(f"{method} {target} HTTP/1.1\r\nHost: h\r\n"
                      f"Connection: close\r\n{fields}\r\n".encode("latin-1"))
            data = b""
            while piece := s.recv(65536):
                data += piece
        return int(data[9:12]), data.partition(b"\r\n\r\n")[2]


@needs("strace")
class Paths(Site):
    """No open but beneath the root, whatever is asked for."""

    TARGETS = (
        "/", "//", "/a%20b.txt", "/sub", "/sub/", "/sub/x.html", "/sub/../a%20b.txt",
        "/../secret", "/sub/../../secret", "/%2e%2e/secret", "/%2E%2E/%2e%2e/secret",
        "/.%2e/secret", "/..%2fsecret", "/..%5csecret", "/%2fetc/hostname",
        "//etc/hostname", "/sub/..%00/", "/secret%00.html", "/%252e%252e/secret",
        "/out", "/out/secret", "/absolute", "/up/secret", "/up/root/a%20b.txt",
        "/self/self/self/a%20b.txt", "/loop", "/loop/x", "/proc/self/environ",
        "/magic/cwd", "/magic/root/etc/hostname", "/fifo", "/device", "/socket",
        "/.hidden", "/sub/.hidden", "/none", "/none/x", "/a%20b.txt/x",
        "/" + "x" * 300, "/" + "x/" * 1000, "/" + "../" * 20 + "etc/hostname",
        "/%c0%ae%c0%ae/secret", "/%ff%fe", "/..;/secret", "/sub;x/x.html",
    )

    def setUp(self):
        self.trace = tempfile.NamedTemporaryFile("r")
        self.addCleanup(self.trace.close)
        self.before = ("strace", "-f", "-qq", "-o", self.trace.name, "-s", "200",
                       "-e", "trace=open,openat,openat2,execve")
        probe = subprocess.run([*self.before, "true"], check=False, capture_output=True)
        if probe.returncode != 0:
            raise unittest.SkipTest("strace(1) may not look at programs here")
        super().setUp()
        for target, name in (("../secret", "out"), ("/etc/hostname", "absolute"),
                             ("..", "up"), (".", "self"), ("loop", "loop"),
                             ("/proc/self", "magic")):
            (self.root / name).symlink_to(target)
        os.mkfifo(self.root / "fifo")
        (self.root / ".hidden").write_text("hidden")

    def test_every_open(self):
        self.assertEqual(self.raw("/files/a%20b.txt"), (200, b"a b"))
        begun = pathlib.Path(self.trace.name).stat().st_size
        statuses = {}
        for prefix in ("/files", "/links", "/cgi-bin"):
            for target in self.TARGETS:
                status, body = self.raw(prefix + target)
                statuses[prefix + target] = status
                self.assertNotIn(b"secret", body.replace(b"listing for /secret", b""))
        self.assertEqual(statuses["/links/self/self/self/a%20b.txt"], 200)
        self.assertEqual(statuses["/files/self/self/self/a%20b.txt"], 404)
        self.assertEqual(statuses["/files/../secret"], 404)  # no prefix's any more
        self.assertEqual(statuses["/files/..%2fsecret"], 400)
        self.stop()
        self.trace.seek(begun)
        opens = [line for line in self.trace if "open" in line]
        self.assertGreater(len(opens), 60)
        for line in opens:
            if f'"{self.root}", O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY' in line \
                    or f'"{self.root}", O_RDONLY|O_DIRECTORY' in line \
                    or "resumed>" in line or '"/etc/localtime"' in line:
                continue
            self.assertRegex(line, r"openat2\(\d+, ", "an open of another kind")
            self.assertIn("RESOLVE_BENEATH", line)
            self.assertIn("RESOLVE_NO_MAGICLINKS", line)
            if "O_PATH" not in line:
                self.assertIn("O_NONBLOCK", line)


@needs("strace")
class Calls(Site):
    """At most six calls of the system for a small file (http-surface E3). Between
    workers and the loop there are more, if a worker is too soon for the next request."""

    threads = "-1"

    def setUp(self):
        self.trace = tempfile.NamedTemporaryFile("r")
        self.addCleanup(self.trace.close)
        self.before = ("strace", "-f", "-qq", "-o", self.trace.name)
        probe = subprocess.run([*self.before, "true"], check=False, capture_output=True)
        if probe.returncode != 0:
            raise unittest.SkipTest("strace(1) may not look at programs here")
        super().setUp()

    def test_of_a_small_file(self):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        for i in range(21):
            c.request("GET", "/files/a%20b.txt")
            self.assertEqual(c.getresponse().read(), b"a b")
        c.close()
        self.stop()
        text = pathlib.Path(self.trace.name).read_text()
        calls = re.findall(r"^\d+ +(\w+)\(", text[text.index("recvfrom("):], flags=re.M)
        for call in ("openat2", "pread64", "sendto"):
            self.assertEqual(calls.count(call), 21)
        # The first answers need more: the root, and what a connection needs.
        opens = [i for i, call in enumerate(calls) if call == "openat2"]
        last = [call for call in calls[opens[10]:opens[20]] if "wait" not in call]
        self.assertLessEqual(len(last), 10 * 6, last)


@needs("curl")
class Curl(Site):
    def curl(self, *arguments):
        run = subprocess.run(["curl", "-sS", "--max-time", "30", "-o", "-",
                              "-w", "%{stderr}%{http_code}", *arguments],
                             check=False, capture_output=True)
        return int(run.stderr.decode()[-3:]), run.stdout

    def test_whole_and_in_part(self):
        self.assertEqual(self.curl(self.url("/files/large.bin")), (200, CONTENT))
        self.assertEqual(self.curl("-r", "5-9", self.url("/files/large.bin")),
                         (206, CONTENT[5:10]))
        self.assertEqual(self.curl("-r", "-7", self.url("/files/large.bin")),
                         (206, CONTENT[-7:]))
        self.assertEqual(self.curl("-r", "2000000-", self.url("/files/large.bin"))[0], 416)
        self.assertEqual(self.curl("-r", "0-1,5-6", self.url("/files/large.bin")),
                         (200, CONTENT))

    def test_goes_on_where_it_stopped(self):
        part = self.top / "part"
        part.write_bytes(CONTENT[:1000])
        run = subprocess.run(["curl", "-sS", "-C", "-", "-o", str(part),
                              self.url("/files/large.bin")], check=False)
        self.assertEqual(run.returncode, 0)
        self.assertEqual(part.read_bytes(), CONTENT)

    def test_only_if_it_is_newer(self):
        url = self.url("/files/large.bin")
        self.assertEqual(self.curl("-z", "20010909 01:46:40 GMT", url), (304, b""))
        self.assertEqual(self.curl("-z", "20010909 01:46:39 GMT", url)[0], 200)
        etag = self.top / "etag"
        self.assertEqual(self.curl("--etag-save", str(etag), url)[0], 200)
        self.assertEqual(self.curl("--etag-compare", str(etag), url), (304, b""))

    def test_follows_to_a_folder(self):
        status, body = self.curl("-L", self.url("/files/sub"))
        self.assertEqual(status, 200)
        self.assertIn(b"x.html", body)

    def test_basic(self):
        url = self.url("/basic")
        self.assertEqual(self.curl(url)[0], 401)
        self.assertEqual(self.curl("-u", f"{USER}:{PASSWORD}", url), (200, b"hello ada\n"))
        self.assertEqual(self.curl("-u", f"{USER}:wrong", url)[0], 401)
        self.assertEqual(self.curl("-u", f"grace:{PASSWORD}", url)[0], 401)
        self.assertEqual(self.curl("--anyauth", "-u", f"{USER}:{PASSWORD}", url)[0], 200)

    def test_digest(self):
        for path in ("/sha", "/both", "/md5"):
            url = self.url(path + "/a?b=c,d&e")
            ask = ("--digest", "-u", f"{USER}:{PASSWORD}")
            self.assertEqual(self.curl(*ask, url), (200, b"hello ada\n"), path)
            self.assertEqual(self.curl(*ask, "-d", "a=b", url)[0], 200)
            self.assertEqual(self.curl(*ask, "-I", url)[0], 200)
            self.assertEqual(self.curl("--digest", "-u", f"{USER}:x", url)[0], 401)
            self.assertEqual(self.curl("--digest", "-u", f"x:{PASSWORD}", url)[0], 401)
            self.assertEqual(self.curl(*ask, url, "-o", "-", url)[0], 200)  # one nonce, twice

    def test_scripts(self):
        self.script("s", "printf 'Content-Type: a/b\\n\\n'; cat\n")
        body = self.top / "body"
        body.write_bytes(CONTENT)
        for more in ((), ("-H", "Transfer-Encoding: chunked")):
            self.assertEqual(self.curl("--data-binary", f"@{body}", *more,
                                       self.url("/cgi-bin/s")), (200, CONTENT))


@needs("wget")
class Wget(Site):
    def wget(self, *arguments):
        return subprocess.run(["wget", "-q", "-T", "30", "-t", "1", "-P", str(self.top / "got"),
                               *arguments], check=False).returncode

    def test_mirrors(self):
        self.assertIn(self.wget("-r", "-np", "-nH", self.url("/files/")), (0, 8))
        got = self.top / "got" / "files"
        self.assertEqual((got / "large.bin").read_bytes(), CONTENT)
        self.assertEqual((got / "a b.txt").read_text(), "a b")
        self.assertEqual((got / "sub" / "x.html").read_text(), "<p>x")

    def test_goes_on_where_it_stopped(self):
        (self.top / "got").mkdir()
        (self.top / "got" / "large.bin").write_bytes(CONTENT[:1000])
        self.assertEqual(self.wget("-c", self.url("/files/large.bin")), 0)
        self.assertEqual((self.top / "got" / "large.bin").read_bytes(), CONTENT)

    def test_only_if_it_is_newer(self):
        self.assertEqual(self.wget("-N", self.url("/files/large.bin")), 0)
        got = self.top / "got" / "large.bin"
        self.assertEqual(got.stat().st_mtime, 1e9)
        before = got.stat().st_ino
        self.assertEqual(self.wget("-N", self.url("/files/large.bin")), 0)
        self.assertEqual(got.stat().st_ino, before)

    def test_passwords(self):
        for path in ("/basic", "/md5"):
            given = (f"--user={USER}", f"--password={PASSWORD}")
            self.assertEqual(self.wget(*given, self.url(path)), 0, path)
            self.assertEqual(self.wget(f"--user={USER}", "--password=x", self.url(path)), 6)
            self.assertEqual(self.wget(self.url(path)), 6)


class Urllib(Site):
    def opener(self, password="open sesame"):
        """With a password that urllib can hash: it is ASCII."""
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, self.url("/"), "grace", password)
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPBasicAuthHandler(passwords),
            urllib.request.HTTPDigestAuthHandler(passwords))

    def test_passwords(self):
        for path in ("/basic", "/md5"):  # it knows no SHA-256
            with self.opener().open(self.url(path), timeout=10) as answer:
                self.assertEqual(answer.read(), b"hello grace\n")
            with self.assertRaises(urllib.error.HTTPError) as refused:
                self.opener("x").open(self.url(path), timeout=10)
            self.assertEqual(refused.exception.code, 401)
            refused.exception.close()

    def claim(self, uri, nonce, nc, password=PASSWORD, user=USER, method="GET", realm="the site"):
        def h(text):
            return hashlib.sha256(text.encode()).hexdigest()
        response = h(f"{h(f'{user}:{realm}:{password}')}:{nonce}:{nc:08x}:c:auth:"
                     f"{h(f'{method}:{uri}')}")
        return (f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
                f'qop=auth, algorithm=SHA-256, nc={nc:08x}, cnonce="c", response="{response}"')

    def ask(self, connection, path, claim=None):
        headers = {"Authorization": claim} if claim else {}
        headers = {k: v.encode() for k, v in headers.items()}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        field = answer.headers.get("WWW-Authenticate", "")
        nonce = re.search(r'nonce="([^"]*)"', field)
        return answer.status, "stale=true" in field, nonce and nonce[1], body

    def test_digest_by_hand(self):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        status, stale, nonce, _ = self.ask(c, "/sha")
        self.assertEqual((status, stale), (401, False))
        self.assertEqual(self.ask(c, "/sha", self.claim("/sha", nonce, 1))[3], b"hello ada\n")
        status, stale, fresh, _ = self.ask(c, "/sha", self.claim("/sha", nonce, 1))
        self.assertEqual((status, stale), (401, True))  # a replay
        self.assertEqual(self.ask(c, "/sha", self.claim("/sha", fresh, 1))[0], 200)
        self.assertEqual(self.ask(c, "/sha", self.claim("/sha", nonce, 2))[0], 200)
        self.assertEqual(self.ask(c, "/sha/x", self.claim("/sha", nonce, 3))[0], 400)
        for wrong in ({"password": "x"}, {"user": "x"}, {"method": "POST"}, {"realm": "x"}):
            status, stale, _, _ = self.ask(c, "/sha", self.claim("/sha", nonce, 4, **wrong))
            self.assertEqual((status, stale), (401, False), wrong)
        c.close()

    def test_script_that_hangs(self):
        self.script("s", "sleep 1000 & echo $! >child; wait\n")
        begun = time.monotonic()
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.opener().open(self.url("/cgi-bin/s"), timeout=30)
        self.assertEqual(refused.exception.code, 504)
        refused.exception.close()
        self.assertLess(time.monotonic() - begun, 15)
        self.assertTrue(wait_for(is_gone, int((self.root / "child").read_text())))

    def test_much_output(self):
        self.script("s", "printf 'Content-Type: a/b\\n\\n'; head -c 100000000 /dev/zero\n")
        with self.opener().open(self.url("/cgi-bin/s"), timeout=60) as answer:
            size = 0
            while piece := answer.read(1 << 20):
                size += len(piece)
        self.assertEqual(size, 100000000)
        status = pathlib.Path(f"/proc/{self.server.pid}/status").read_text()
        self.assertLess(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]),
                        300000 if "asan" in os.environ["PYSOCKC_SITE"] else 30000)

    def test_no_zombies(self):
        self.script("s", "printf 'Content-Type: a/b\\n\\n'; exit 1\n")
        for _ in range(20):
            self.opener().open(self.url("/cgi-bin/s"), timeout=10).close()
        children = pathlib.Path(
            f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text()
        self.assertEqual(children, "")


NODE = """
const http = require('http');
const crypto = require('crypto');
const [, , port, user, password] = process.argv;
const hash = (text) => crypto.createHash('sha256').update(text).digest('hex');
const agent = new http.Agent({keepAlive: true, maxSockets: 1});

function ask(path, options) {
    return new Promise((done, failed) => {
        http.get({host: '127.0.0.1', port, path, agent, ...options}, (answer) => {
            let body = '';
            answer.on('data', (piece) => { body += piece; });
            answer.on('end', () => done({status: answer.statusCode, body,
                challenge: answer.headers['www-authenticate'] || ''}));
        }).on('error', failed);
    });
}

async function digest(path, nonce, count, said) {
    const how = {user, password, realm: 'the site', uri: path, method: 'GET', ...said};
    const nc = count.toString(16).padStart(8, '0');
    const response = hash([hash(`${how.user}:${how.realm}:${how.password}`), nonce, nc, 'c',
        'auth', hash(`${how.method}:${how.uri}`)].join(':'));
    const field = `Digest username="${how.user}", realm="${how.realm}", nonce="${nonce}", ` +
        `uri="${how.uri}", qop=auth, algorithm=SHA-256, nc=${nc}, cnonce="c", ` +
        `response="${response}"`;
    return ask(path, {headers: {Authorization: field}});
}

const stale = (answer) => / stale=true/.test(answer.challenge);
const nonce_of = (answer) => /nonce="([^"]*)"/.exec(answer.challenge)[1];

async function main() {
    const say = (what, answer) => console.log(what, answer.status, stale(answer));
    say('none', await ask('/basic'));
    say('basic', await ask('/basic', {auth: `${user}:${password}`}));
    say('wrong', await ask('/basic', {auth: `${user}:x`}));
    say('unknown', await ask('/basic', {auth: `x:${password}`}));
    say('empty', await ask('/basic', {auth: ':'}));
    const first = await ask('/sha');
    const nonce = nonce_of(first);
    say('none', first);
    say('digest', await digest('/sha', nonce, 1));
    const again = await digest('/sha', nonce, 1);
    say('replayed', again);
    say('fresh', await digest('/sha', nonce_of(again), 1));
    say('next', await digest('/sha', nonce, 2));
    say('uri', await digest('/sha', nonce, 3, {uri: '/sha/x'}));
    say('realm', await digest('/sha', nonce, 3, {realm: 'x'}));
    say('method', await digest('/sha', nonce, 3, {method: 'POST'}));
    say('wrong', await digest('/sha', nonce, 3, {password: 'x'}));
    say('unknown', await digest('/sha', nonce, 3, {user: 'x'}));
    say('forged', await digest('/sha', nonce.replace(/.$/, (c) => c === '0' ? '1' : '0'), 1));
    say('right', await digest('/sha', nonce, 3));
    agent.destroy();
}
main();
"""


@needs("node")
class Node(Site):
    def test_passwords(self):
        script = self.top / "ask.js"
        script.write_text(NODE)
        said = subprocess.run(["node", str(script), str(self.port), "grace", "open sesame"],
                              check=True, capture_output=True, text=True, timeout=60).stdout
        self.assertEqual(said.split("\n"), [
            "none 401 false", "basic 200 false", "wrong 401 false", "unknown 401 false",
            "empty 401 false", "none 401 false", "digest 200 false", "replayed 401 true",
            "fresh 200 false", "next 200 false", "uri 400 false", "realm 401 false",
            "method 401 false", "wrong 401 false", "unknown 401 false", "forged 401 true",
            "right 200 false", ""])


class Scripts(Site):
    """What scripts of several interpreters are told: these variables, and no others."""

    SHELL = "#!{}\nprintf 'Content-Type: a/b\\n\\n'; cat /proc/$$/environ\n"
    PYTHON = ("#!{}\nimport sys\nprint('Content-Type: a/b\\n', flush=True)\n"
              "sys.stdout.buffer.write(open('/proc/self/environ', 'rb').read())\n")
    SCRIPTS = {"/bin/sh": SHELL, "/bin/dash": SHELL, "/bin/bash": SHELL,
               "/bin/busybox": SHELL.replace("{}", "{} sh"), "/usr/bin/python3": PYTHON}

    def told(self, interpreter, fields):
        path = self.root / "s"
        path.write_text(self.SCRIPTS[interpreter].format(interpreter))
        path.chmod(0o700)
        status, body = self.raw("/cgi-bin/s/a%20b?x=1&y=%20", fields=fields)
        self.assertEqual(status, 200, interpreter)
        return dict(v.split("=", 1) for v in body.decode().split("\0") if v)

    def expected(self):
        return {
            "PATH": os.environ["PATH"], "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "/cgi-bin/s", "PATH_INFO": "/a b", "QUERY_STRING": "x=1&y=%20",
            "PATH_TRANSLATED": f"{self.root}/a b", "SERVER_NAME": "h",
            "SERVER_PORT": str(self.port), "REMOTE_ADDR": "127.0.0.1",
            "REMOTE_HOST": "127.0.0.1", "HTTP_HOST": "h"}

    def test_variables(self):
        fields = "Proxy: http://evil/\r\nX_Under: spoofed\r\nAuthorization: Basic eDp5\r\n"
        asked = 0
        for interpreter in filter(os.path.exists, self.SCRIPTS):
            told = self.told(interpreter, fields)
            self.assertRegex(told.pop("SERVER_SOFTWARE"), r"^pysockc/\d+\.\d+\.\d+$")
            self.assertEqual(told, self.expected(), interpreter)
            asked += 1
        self.assertGreaterEqual(asked, 2)

    def test_many_fields(self):
        fields = [f"X-Field-{i}: {i}\r\n" for i in range(200)]
        told = self.told("/bin/sh", "".join(fields[:98]))
        self.assertEqual({n: v for n, v in told.items() if n.startswith("HTTP_X_")},
                         {f"HTTP_X_FIELD_{i}": str(i) for i in range(98)})
        self.assertEqual(self.raw("/cgi-bin/s", fields="".join(fields))[0], 431)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    signal.alarm(280)
    unittest.main(verbosity=2)
