#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""browser_pages.py [--shots FOLDER] EXAMPLES SITE_PEER [TEST...]: the server's own
pages, and those of the examples, in a browser.

Each page is opened in Chromium at the width of a phone and of a screen, light and
dark. It must not scroll sideways, its text must be large and stand out from what is
behind it, its colours be those that were asked for, and nothing a stranger has named
must run. Then links are followed, passwords given, and parts of files asked for.
--shots leaves a picture of each page. Skipped where there is no Chromium, or no
Selenium to drive it.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse
import urllib.request
import warnings
import wave

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from browser import COLOURS, FAINT, PATIENCE, SIZES, Browser  # noqa: E402
import trio  # noqa: E402, of Selenium, as the next one
import trio_websocket  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402

USER, PASSWORD = "ada", "p:\u00e4 ss"  # of site_peer
# Of files, in the order in which they are listed.
NAMES = [
    b"#1?&=%41+;.txt", b"<b>bold", b"<img src=x onerror=\"document.title='run'\">.txt",
    b"<script>document.title='run'", b"a b.txt", b"A.txt", b"a.txt", b"B.txt",
    b"javascript:alert(1)", b"quote'\".txt", b"two\nlines", b"x" * 250 + b".txt",
    b"\x7f\xff not UTF-8", "\u00e4\u00f6\u00fc.txt".encode(), "\u202egpj.exe".encode(),
    "\u65e5\u672c\u8a9e.txt".encode()]
LOOK = """
const seen = {title: document.title, language: document.documentElement.lang,
              wide: document.documentElement.scrollWidth - innerWidth, small: [], flat: [],
              viewport: !!document.querySelector("meta[name=viewport]")};
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() && element.offsetParent &&
            parseFloat(getComputedStyle(element).fontSize) < 16)
        seen.small.push(element.tagName);
}
for (const target of document.querySelectorAll("a, button, input"))
    if (target.getBoundingClientRect().height < 24)
        seen.flat.push(target.textContent || target.name);
const probe = document.body.appendChild(document.createElement("i"));
probe.style.color = "CanvasText";
seen.dark = Number(getComputedStyle(probe).color.match(/\\d+/)[0]) > 128;
probe.remove();
seen.status = performance.getEntriesByType("navigation")[0].responseStatus;
return seen;
"""


class Server:
    """One that says at first where it listens, on whichever stream."""

    def __init__(self, command):
        self.said = []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.port = int(re.search(r"(\d+)\)?$", self.process.stdout.readline())[1])
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        self.said += self.process.stdout

    def url(self, path, user=None, password=None):
        given = ""
        if user:
            given = f"{user}:{urllib.parse.quote(password)}@"
        return f"http://{given}127.0.0.1:{self.port}{path}"

    def stop(self):
        """All that it has said."""
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        return "".join(self.said)


class Dialog(threading.Thread):
    """The window in which the browser asks for a name and a password: what is typed
    there, one pair after the other, and then "Cancel"."""

    def __init__(self, driver, *pairs):
        super().__init__()
        self.pairs = list(pairs)
        self.asked = 0
        self.ready = threading.Event()
        debugger = driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{debugger}/json/list", timeout=PATIENCE) as answer:
            pages = json.load(answer)
        self.url = next(page["webSocketDebuggerUrl"] for page in pages
                        if page["id"] == driver.current_window_handle)

    def __enter__(self):
        self.start()
        if not self.ready.wait(PATIENCE):
            raise TimeoutError("the browser can't be debugged")
        return self

    def __exit__(self, *_):
        trio.from_thread.run_sync(self.scope.cancel, trio_token=self.token)
        self.join()

    def run(self):
        trio.run(self.converse)

    async def converse(self):
        self.token = trio.lowlevel.current_trio_token()
        with trio.CancelScope() as self.scope:
            async with trio_websocket.open_websocket_url(self.url) as socket:
                self.socket = socket
                await self.tell("Fetch.enable", handleAuthRequests=True)
                while True:
                    await self.hear(json.loads(await socket.get_message()))

    async def tell(self, method, **arguments):
        await self.socket.send_message(
            json.dumps({"id": 1, "method": method, "params": arguments}))

    async def hear(self, message):
        method = message.get("method")
        if method is None:
            self.ready.set()  # it has heard us
        elif method == "Fetch.requestPaused":
            await self.tell("Fetch.continueRequest", requestId=message["params"]["requestId"])
        elif method == "Fetch.authRequired":
            self.asked += 1
            await self.tell("Fetch.continueWithAuth", requestId=message["params"]["requestId"],
                            authChallengeResponse=self.answer())

    def answer(self):
        if not self.pairs:
            return {"response": "CancelAuth"}
        user, password = self.pairs.pop(0)
        return {"response": "ProvideCredentials", "username": user, "password": password}


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.lay_out()
        cls.browser = BROWSER

    @classmethod
    def lay_out(cls):
        """What is served."""

    @classmethod
    def serve(cls, *command):
        server = Server([str(word) for word in command])
        cls.addClassCleanup(server.stop)
        return server

    def open(self, url):
        """How the page looks."""
        self.browser.driver.get(url)
        return self.browser.run(LOOK)

    def text(self):
        return self.browser.run("return document.body.innerText")


class Looks(Case):
    """How the pages look."""

    @classmethod
    def lay_out(cls):
        (cls.root / "cgi-bin").mkdir()
        (cls.root / "empty").mkdir()
        (cls.root / ("folder-with-a-long-name-" * 8)).mkdir()
        many = cls.root / "many"
        many.mkdir()
        for name in NAMES:
            pathlib.Path(os.fsdecode(os.fsencode(many) + b"/" + name)).write_bytes(b"x" * 1234)
        for i in range(200):
            (many / f"file-{i:03}.dat").touch()
        shutil.copy(OPTIONS.examples / "form.cgi", cls.root / "cgi-bin")
        cls.files = cls.serve(OPTIONS.examples / "file_server", "--cgi", "-b", "127.0.0.1",
                              "-d", cls.root, 0)
        cls.site = cls.serve(OPTIONS.site_peer, cls.root)
        cls.login = cls.serve(OPTIONS.examples / "login_site", "127.0.0.1", 0)
        cls.echo = cls.serve(OPTIONS.examples / "echo_http_server", "127.0.0.1", 0)

    def faults(self, seen, status):
        if (seen["status"], seen["language"]) != (status, "en"):
            yield f"is {seen['status']} in {seen['language']}"
        if not seen["title"] or seen["title"] == "run" or not seen["viewport"]:
            yield f"has the title {seen['title']} and a viewport {seen['viewport']}"
        if seen["wide"] > 0:
            yield f"scrolls sideways by {seen['wide']}"
        if seen["small"] or seen["flat"]:
            yield f"is small: {seen['small'][:9]} {seen['flat'][:9]}"

    def looks_well(self, name, status, url):
        """With no name and no password."""
        with Dialog(self.browser.driver):
            self.looks(name, status, url)

    def looks(self, name, status, url):
        for width in SIZES:
            self.browser.set_width(width)
            self.browser.driver.get(url)
            for colours in COLOURS:
                self.browser.set_colours(colours)
                seen = self.browser.run(LOOK)
                found = list(self.faults(seen, status))
                if seen["dark"] != (colours == "dark"):
                    found.append("has the other colours")
                found += [f"is faint: {what}" for what in self.browser.run(FAINT)]
                if OPTIONS.shots:
                    self.browser.shoot(OPTIONS.shots / f"{name}-{width}-{colours}.png")
                self.assertEqual(found, [], f"{name}, {width} wide, {colours}")

    def test_listing(self):
        self.looks_well("listing", 200, self.files.url("/"))

    def test_listing_of_many(self):
        self.looks_well("listing-many", 200, self.files.url("/many/"))

    def test_listing_of_none(self):
        self.looks_well("listing-none", 200, self.files.url("/empty/"))

    def test_listing_far_down(self):
        path = "/" + "folder-with-a-long-name-" * 8 + "/"
        self.looks_well("listing-deep", 200, self.files.url(path))

    def test_errors(self):
        for number in 400, 403, 404, 405, 408, 410, 416, 451, 500, 501, 503:
            self.looks_well(f"error-{number}", number, self.site.url(f"/error/{number}"))
        self.looks_well("error-none", 500, self.site.url("/error/none"))
        self.looks_well("error-file", 404, self.files.url("/<script>document.title='run'"))

    def test_login(self):
        self.looks_well("login-refused", 401, self.login.url("/"))
        self.looks("login-right", 200, self.login.url("/<i>" + "x" * 300, "ada", "countess"))

    def test_echo(self):
        self.looks_well("echo", 200, self.echo.url("/<script>document.title='run'</script>?"
                                                    + "x" * 300))
        self.assertIn("You requested the following: /<script>document", urllib.parse.unquote(
            self.text()))

    def test_form(self):
        self.looks_well("form", 200, self.files.url(
            "/cgi-bin/form.cgi?a=<script>document.title='run'</script>&b=" + "x" * 300))


class Links(Case):
    """Where those of a listing lead."""

    @classmethod
    def lay_out(cls):
        for name in NAMES:
            path = pathlib.Path(os.fsdecode(os.fsencode(cls.root) + b"/" + name))
            path.write_bytes(b"this is " + name.hex().encode())
        (cls.root / "folder").mkdir()
        (cls.root / "folder" / "page.html").write_text("<title>Page</title>Halo")
        cls.files = cls.serve(OPTIONS.examples / "file_server", "-b", "127.0.0.1",
                              "-d", cls.root, 0)

    def test_all(self):
        self.open(self.files.url("/"))
        links = self.browser.run("return [...document.links].map(link => link.href)")
        said = self.browser.driver.execute_async_script("""
            const [links, done] = arguments;
            Promise.all(links.map(link => fetch(link).then(answer => answer.text())))
                .then(done, error => done([String(error)]));
            """, links)
        expected = [f"this is {name.hex()}" for name in NAMES]
        place = next(i for i, link in enumerate(links) if link.endswith("/folder/"))
        self.assertIn("page.html", said.pop(place))
        self.assertEqual(said, expected)
        self.assertEqual(self.browser.run("return document.title"), "Directory listing for /")

    def test_names_as_they_are(self):
        self.open(self.files.url("/"))
        shown = self.browser.run("return [...document.links].map(link => link.textContent)")
        for name in NAMES:
            if name == b"two\nlines" or b"\xff" in name:
                continue
            self.assertIn(name.decode(), shown)
        self.assertIn("two\ufffdlines", shown)
        self.assertIn("\ufffd\ufffd not UTF-8", shown)

    def follow(self, text):
        self.browser.driver.find_element(By.LINK_TEXT, text).click()
        return self.browser.run("return [location.pathname, document.body.innerText]")

    def test_clicks(self):
        self.browser.set_width(390)
        self.open(self.files.url("/"))
        self.assertEqual(self.follow("a b.txt"), ["/a%20b.txt", f"this is {b'a b.txt'.hex()}"])
        self.open(self.files.url("/folder"))
        self.assertEqual(self.browser.run("return location.pathname"), "/folder/")
        self.assertEqual(self.follow("page.html"), ["/folder/page.html", "Halo"])
        self.browser.driver.back()
        self.assertEqual(self.follow("../")[0], "/")


class Passwords(Case):
    """As a browser gives them: it remembers what was right."""

    def opens(self, url, *pairs):
        """The status of a page, what it says, and how often a password was asked for."""
        with Dialog(self.browser.driver, *pairs) as dialog:
            status = self.open(url)["status"]
        return status, self.text().strip(), dialog.asked

    def test_site(self):
        login = self.serve(OPTIONS.examples / "login_site", "127.0.0.1", 0)
        url = login.url("/diary")
        for pairs in (), [("ada", "wrong")], [("eve", "countess"), ("ada", "")]:
            status, text, asked = self.opens(url, *pairs)
            self.assertEqual((status, asked), (401, len(pairs) + 1))
            self.assertIn("Error code: 401", text)
            self.assertNotIn("Welcome", text)
        welcome = "Welcome, ada\n\nThis is "
        self.assertEqual(self.opens(url, ("ada", "wrong"), ("ada", "countess")),
                         (200, welcome + "/diary.", 2))
        # Whatever comes next has them, too.
        self.assertEqual(self.opens(login.url("/other")), (200, welcome + "/other.", 0))

    def test_files(self):
        files = self.serve(OPTIONS.examples / "file_server", "-b", "127.0.0.1", "-d", self.root,
                           "--user", f"{USER}:{PASSWORD}", 0)
        self.assertEqual(self.opens(files.url("/"))[0], 401)
        status, text, asked = self.opens(files.url("/"), (USER, PASSWORD))
        self.assertEqual((status, asked), (200, 1))
        self.assertIn("Nothing is here.", text)

    def test_basic_and_digest(self):
        for path in "/basic", "/sha", "/both", "/md5":
            with self.subTest(path):
                site = self.serve(OPTIONS.site_peer, self.root)
                for pair in (USER, "wrong"), ("eve", PASSWORD):
                    status, text, asked = self.opens(site.url(path), pair)
                    self.assertEqual((status, asked), (401, 2))
                    self.assertNotIn("hello", text)
                self.assertEqual(self.opens(site.url(path), (USER, PASSWORD)),
                                 (200, "hello ada", 1))
                for target in "/x?a=b,c", "", "/%C3%A4":
                    self.assertEqual(self.opens(site.url(path + target)), (200, "hello ada", 0))

    def test_in_a_url(self):
        for path in "/basic", "/sha":
            site = self.serve(OPTIONS.site_peer, self.root)
            self.assertEqual(self.opens(site.url(path, USER, PASSWORD)), (200, "hello ada", 0))


class Parts(Case):
    """Of files: as a script asks for them, and who goes on within a sound."""

    @classmethod
    def lay_out(cls):
        (cls.root / "letters").write_bytes(b"abcdefghij")
        with wave.open(str(cls.root / "long.wav"), "wb") as sound:
            sound.setparams((1, 2, 44100, 0, "NONE", ""))
            sound.writeframes(bytes(2 * 44100 * 240))
        (cls.root / "page.html").write_text('<audio src="long.wav" preload="metadata"></audio>')

    def setUp(self):
        self.files = Server([str(OPTIONS.examples / "file_server"), "-b", "127.0.0.1",
                             "-d", str(self.root), "0"])

    def test_by_a_script(self):
        self.addCleanup(self.files.stop)
        self.open(self.files.url("/"))
        for wanted, status, text in ("2-4", 206, "cde"), ("-3", 206, "hij"), ("99-", 416, None):
            said = self.browser.driver.execute_async_script("""
                const [part, done] = arguments;
                fetch("letters", {headers: {Range: `bytes=${part}`}, cache: "no-store"}).then(
                    async answer => done([answer.status, await answer.text(),
                                          answer.headers.get("Content-Range")]),
                    error => done([String(error)]));
                """, wanted)
            self.assertEqual(said[0], status)
            if text:
                self.assertEqual(said[1], text)
            self.assertEqual(said[2], {"2-4": "bytes 2-4/10", "-3": "bytes 7-9/10",
                                       "99-": "bytes */10"}[wanted])

    def test_of_a_sound(self):
        try:
            self.open(self.files.url("/page.html"))
            length, place = self.browser.driver.execute_async_script("""
                const [done] = arguments;
                const sound = document.querySelector("audio");
                function go() {
                    sound.onseeked = () => done([sound.duration, sound.currentTime]);
                    sound.currentTime = 200;
                }
                sound.onerror = () => done([sound.error.message, 0]);
                sound.readyState > 0 ? go() : sound.onloadedmetadata = go;
                """)
        finally:
            self.browser.driver.get("about:blank")
            log = self.files.stop()
        self.assertEqual((length, place), (240, 200))
        self.assertGreaterEqual(log.count('"GET /long.wav HTTP/1.1" 206 -'), 2)


def main():
    # One of the two is older than the other.
    warnings.filterwarnings("ignore", category=trio.TrioDeprecationWarning)
    signal.alarm(560)
    BROWSER.driver.set_script_timeout(PATIENCE)
    if OPTIONS.shots:
        OPTIONS.shots.mkdir(parents=True, exist_ok=True)
    try:
        unittest.main(argv=[sys.argv[0], *OPTIONS.only], verbosity=2)
    finally:
        BROWSER.driver.quit()


parser = argparse.ArgumentParser()
parser.add_argument("--shots", type=pathlib.Path)
parser.add_argument("examples", type=pathlib.Path)
parser.add_argument("site_peer", type=pathlib.Path)
parser.add_argument("only", nargs="*")
OPTIONS = parser.parse_args()
BROWSER = Browser()
main()
