#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_pages.py [--shots FOLDER] HTML: the pages of the reference in a browser.

Each page is opened in Chromium, from disk as its reader does, at the width of a
phone and of a screen, light and dark. The page must not scroll sideways, its
colours must be those that were asked for, its text must stand out from what is
behind it, and the console must be silent. Then the search box is asked for a word. --shots leaves a picture of each page.
Skipped where there is no Chromium, or no Selenium to drive it.
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from browser import COLOURS, FAINT, SIZES, Browser, skip  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402

STATE = """
// The window does not scroll where the page beside the tree does.
const scrolling = [document.documentElement, document.getElementById("doc-content")];
const page = getComputedStyle(document.body).backgroundColor.match(/\\d+/g);
return {wide: Math.max(...scrolling.map(place => place.scrollWidth - place.clientWidth)),
        dark: Number(page[0]) < 128};
"""


class Reference(Browser):
    def open(self, path):
        self.driver.get(path.resolve().as_uri())

    def faults(self, colours):
        if not self.wait_until(lambda: self.state()["dark"] == (colours == "dark")):
            yield "has the other colours"
        if self.state()["wide"] > 0:
            yield f"scrolls sideways by {self.state()['wide']}"
        # Colours fade into each other.
        if not self.wait_until(lambda: not self.run(FAINT), 1):
            yield f"is faint: {self.run(FAINT)}"
        for line in self.driver.get_log("browser"):
            yield f"the console says: {line['message']}"

    def state(self):
        return self.run(STATE)

    def results(self):
        """What the search box shows by now; up to Doxygen 1.9.4 in a frame."""
        self.driver.switch_to.default_content()
        for frame in self.driver.find_elements(By.TAG_NAME, "iframe"):
            self.driver.switch_to.frame(frame)
        return [found.text for found in self.driver.find_elements(By.CLASS_NAME, "SRSymbol")
                if found.is_displayed()]

    def search(self, word):
        self.driver.find_element(By.ID, "MSearchField").send_keys(word)
        return self.wait_until(self.results) or []


def look(browser, path, width, shots):
    """The faults of a page at a width; it is loaded once for both colours."""
    for colours in COLOURS:
        browser.set_colours(colours)
        if colours == COLOURS[0]:
            browser.open(path)
        for fault in browser.faults(colours):
            yield f"{path.name}, {width} wide, {colours}: {fault}"
        if shots:
            browser.shoot(shots / f"{path.stem}-{width}-{colours}.png")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shots", type=pathlib.Path)
    parser.add_argument("html", type=pathlib.Path)
    options = parser.parse_args()
    themed = "doxygen-awesome" in (options.html / "index.html").read_text()
    if not themed:
        skip("the pages were made without doxygen-awesome-css")
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    browser = Reference()
    try:
        paths = sorted(options.html.glob("*.html"))
        faults = []
        for width in SIZES:
            browser.set_width(width)
            for path in paths:
                faults += look(browser, path, width, options.shots)
            browser.open(options.html / "index.html")
            if "sock_bind" not in browser.search("bind"):
                faults.append(f"{width} wide: the search box does not find bind")
            if options.shots:
                browser.shoot(options.shots / f"search-{width}.png")
    finally:
        browser.driver.quit()
    print("\n".join(faults + [f"{len(paths)} pages, {len(faults)} faults"]))
    return 1 if faults or not paths else 0


sys.exit(main())
