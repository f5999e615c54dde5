# SPDX-License-Identifier: MIT
"""Chromium without a window, for the tests that look at pages.

Where it is not, or nothing drives it, whoever imports this is skipped.
"""

import shutil
import sys

SIZES = {390: 844, 1280: 900}  # of a phone and a screen
COLOURS = ("light", "dark")
PATIENCE = 20
# Text whose contrast, as WCAG 2 has it, is less than 4.5. What has no colour of
# its own to the very end is on the canvas.
FAINT = """
const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
const canvas = document.body.appendChild(document.createElement("i"));
canvas.style.backgroundColor = "Canvas";
const blank = numbers(getComputedStyle(canvas).backgroundColor);
canvas.remove();
function light(colour) {
    const [red, green, blue] = colour.slice(0, 3).map(part => part / 255).map(
        part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
}
function behind(element) {
    if (!element)
        return blank;
    const colour = numbers(getComputedStyle(element).backgroundColor);
    return colour.length == 3 ? colour : behind(element.parentElement);
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
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    skip("there is no python3-selenium")


class Browser:
    """One page at a time."""

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

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait_until(self, done, patience=PATIENCE):
        """What it returned, or None if that was never true."""
        try:
            return WebDriverWait(self.driver, patience, 0.01).until(lambda _: done())
        except TimeoutException:
            return None

    def shoot(self, path):
        self.driver.save_screenshot(str(path))
