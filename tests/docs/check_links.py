#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_links.py HTML: the built pages say what their sources do.

A link leads to a page and a place in it that are there, one into Python's
documentation to a name that this Python's module has, a name of the library is
one, no page shows its own markup, and none has lost a percent.
"""

import html.parser
import pathlib
import re
import socket
import sys
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from headers import HEADERS, TOP

PAGES = sorted((TOP / "docs").glob("*.md")) + sorted((TOP / "docs").glob("*/*.md"))
PYTHON = "https://docs.python.org/3/library/socket.html#socket."
# Doxygen gives a member of a union within a structure an address, but no place.
UNPLACED = re.compile(r"struct\w+\.html#a[0-9a-f]{32}")
# A name that newer Pythons have is no fault of the page.
NEWER = {"sethostname", "send_fds", "recv_fds"} if sys.version_info < (3, 9) else set()


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.places, self.links, self.words = set(), set(), []
        self.feed(path.read_text())
        self.text = "".join(self.words)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("id", "name"):
                self.places.add(value)
            elif name in ("href", "src"):
                self.links.add(value)

    def handle_data(self, data):
        self.words.append(data)


def broken(folder, pages):
    """Links within the pages."""
    for name, page in pages.items():
        for link in sorted(page.links):
            url = urllib.parse.urlsplit(link)
            if url.scheme or link.startswith("javascript:"):
                continue
            file, place = urllib.parse.unquote(url.path) or name, url.fragment
            if not (folder / file).exists():
                yield f"{name}: no such file: {link}"
            elif place and file in pages and place not in pages[file].places and \
                    not UNPLACED.fullmatch(link):
                yield f"{name}: no such place: {link}"


def unknown_to_python(pages):
    for name, page in pages.items():
        for link in sorted(page.links):
            if not link.startswith(PYTHON):
                continue
            owner, path = socket, link[len(PYTHON):]
            for part in path.split("."):
                owner = getattr(owner, part, None)
            if owner is None and path not in NEWER:
                yield f"{name}: Python's module has no {path}"


def sources():
    """(path, prose) of each comment and page, without code that stands apart."""
    for path in HEADERS + PAGES:
        text = path.read_text()
        if path.suffix == ".h":
            text = "\n".join(re.findall(r"/\*\*.*?\*/", text, flags=re.S))
        text = re.sub(r"^(```|~~~).*?^\1|[@\\](code|verbatim).*?[@\\]end\2", "", text,
                      flags=re.M | re.S)
        yield path.relative_to(TOP), text


def unknown_names():
    """Doxygen makes a link of a name that is one, and is silent about others."""
    ours = set(re.findall(r"\bsock_\w+", "".join(path.read_text() for path in HEADERS)))
    for path, text in sources():
        for name in sorted(set(re.findall(r"\b(sock_\w+)\(\)", text)) - ours):
            yield f"{path}: there is no {name}()"


def shown_markup(pages):
    """A quote within code is enough for Doxygen to lose a table's ends."""
    for name, page in pages.items():
        if "ilinebr" in page.text or "markdownTable" in page.text:
            yield f"{name}: shows its markup; write ``code with 'quotes'`` twice quoted"


def indented(folder, pages):
    """Code that stands further right than it must."""
    for name in pages:
        text = (folder / name).read_text()
        for fragment in re.findall(r'<div class="fragment">(.*?)</div><!-- fragment -->', text,
                                   flags=re.S):
            lines = re.findall(r'<div class="line">(?! *</div>)( ?)', fragment)
            if lines and all(lines):
                yield f"{name}: code is indented: {fragment[:60]}"


def lost_percents(pages):
    """What has a percent in the source stands as often in the pages."""
    text = "\n".join(page.text for page in pages.values())
    found = [word for _, source in sources()
             for word in re.findall(r"[\w:.]*%[\w]*", source)]
    for word in sorted(set(found)):
        if text.count(word) < found.count(word):
            yield (f"{word}: {found.count(word)} times in the sources, {text.count(word)} "
                   "in the pages; quote it within the code, or write &#37;")
    if not found:
        yield "no source has a percent, so nothing is shown"


def main(folder):
    pages = {path.name: Page(path) for path in sorted(folder.glob("*.html"))}
    faults = [*broken(folder, pages), *unknown_to_python(pages), *unknown_names(),
              *shown_markup(pages), *indented(folder, pages), *lost_percents(pages)]
    links = sum(len(page.links) for page in pages.values())
    print("\n".join(faults + [f"{len(pages)} pages, {links} links, {len(faults)} faults"]))
    return 1 if faults or not links else 0


sys.exit(main(pathlib.Path(sys.argv[1])))
