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
import shutil
import sys

SIZES = {390: 844, 1280: 900}
COLOURS = ("light", "dark")
PATIENCE = 20
STATE = """
// The window does not scroll where the page beside the tree does.
const scrolling = [document.documentElement, document.getElementById("doc-content")];
const page = getComputedStyle(document.body).backgroundColor.match(/\\d+/g);
return {wide: Math.max(...scrolling.map(place => place.scrollWidth - place.clientWidth)),
        dark: Number(page[0]) < 128};
"""
# Text whose contrast, as WCAG 2 has it, is less than 4.5.
FAINT = """
const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
function light(colour) {
    const [red, green, blue] = colour.slice(0, 3).map(part => part / 255).map(
        part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
}
function behind(element) {
    const colour = numbers(getComputedStyle(element).backgroundColor);
    return colour.length == 3 || !element.parentElement ? colour
                                                        : behind(element.parentElement);
}
const faint = new Set();
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.offsetParent)
        continue;
    const pair = [numbers(getComputedStyle(element).color), behind(element)].map(light);
    if (Math.max(...pair) < 4.5 * Math.min(...pair))
        faint.add(`${element.tagName}.${element.className}`);
}
return [...faint];
"""


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


try:
    from selenium import webdriver
    from selenium.common.exceptions import TimeoutException
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    skip("there is no python3-selenium")


class Browser:
    """Chromium without a window, one page at a time."""

    def __init__(self):
        programs = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
        for name, path in programs.items():
            if not path:
                skip(f"there is no {name}")
        options = webdriver.ChromeOptions()
        options.binary_location = programs["chromium"]
        # Pages of our own need no sandbox, and root may have none.
        for word in ("headless=new", "no-sandbox", "disable-gpu", "hide-scrollbars",
                     "disable-dev-shm-usage"):
            options.add_argument(f"--{word}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(
            service=webdriver.chrome.service.Service(programs["chromedriver"]), options=options)

    def set_width(self, width):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": SIZES[width], "deviceScaleFactor": 1,
            "mobile": width < 768})

    def set_colours(self, colours):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": colours}]})

    def open(self, path):
        self.driver.get(path.resolve().as_uri())

    def wait_until(self, done, patience=PATIENCE):
        """What it returned, or None if that was never true."""
        try:
            return WebDriverWait(self.driver, patience, 0.01).until(lambda _: done())
        except TimeoutException:
            return None

    def faults(self, colours):
        if not self.wait_until(lambda: self.state()["dark"] == (colours == "dark")):
            yield "has the other colours"
        if self.state()["wide"] > 0:
            yield f"scrolls sideways by {self.state()['wide']}"
        # Colours fade into each other.
        if not self.wait_until(lambda: not self.driver.execute_script(FAINT), 1):
            yield f"is faint: {self.driver.execute_script(FAINT)}"
        for line in self.driver.get_log("browser"):
            yield f"the console says: {line['message']}"

    def state(self):
        return self.driver.execute_script(STATE)

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
            browser.driver.save_screenshot(str(shots / f"{path.stem}-{width}-{colours}.png"))


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
    browser = Browser()
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
                browser.driver.save_screenshot(str(options.shots / f"search-{width}.png"))
    finally:
        browser.driver.quit()
    print("\n".join(faults + [f"{len(paths)} pages, {len(faults)} faults"]))
    return 1 if faults or not paths else 0


sys.exit(main())
