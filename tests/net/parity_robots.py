#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""parity_robots.py: the rules of a robots.txt beside urllib.robotparser of the Python
that runs this, by the rows of CPython's own tests and by files at random, always the
same ones.

Where a row says what the library makes of it, it is unlike Python on purpose, and the
row says why.
"""

import random
import sys
import unittest
import urllib.robotparser

sys.dont_write_bytecode = True
from cookie_shim import Robots

SEED, CASES = 20261130, 3000


class Python:
    def __init__(self, text):
        self.own = urllib.robotparser.RobotFileParser()
        self.own.parse(text.splitlines())

    def can_fetch(self, agent, url):
        return self.own.can_fetch(agent, url)

    def crawl_delay(self, agent):
        return self.own.crawl_delay(agent)

    def request_rate(self, agent):
        rate = self.own.request_rate(agent)
        return None if rate is None else tuple(rate)

    def site_maps(self):
        return self.own.site_maps()


class Mine:
    def __init__(self, text):
        self.own = Robots(text.encode())

    def can_fetch(self, agent, url):
        return self.own.can_fetch(agent.encode(), url.encode())

    def crawl_delay(self, agent):
        return self.own.crawl_delay(agent.encode())

    def request_rate(self, agent):
        return self.own.request_rate(agent.encode())

    def site_maps(self):
        found = self.own.site_maps()
        return None if found is None else [url.decode() for url in found]


AGENT = "test_robotparser"
WILDCARD = """User-agent: *
Disallow: /cyberworld/map/ # This is an infinite virtual URL space
"""
FIGTREE = """User-agent: figtree
Crawl-delay: 3
Request-rate: 9/30
Disallow: /tmp
Disallow: /a%3cd.html
Disallow: /a%2fb.html
Disallow: /%7ejoe/index.html
"""
FIGTREE_BAD = ["/tmp", "/tmp.html", "/tmp/a.html", "/a%3cd.html", "/a%3Cd.html", "/a%2fb.html",
               "/~joe/index.html"]
GOOGLE = "User-agent: Googlebot\nAllow: /folder1/myfile.html\nDisallow: /folder1/\n"
MOBILE = "User-agent: Googlebot\nDisallow: /\n\nUser-agent: Googlebot-Mobile\nAllow: /\n"
TWO = "User-agent: *\nDisallow: /some/path\n\nUser-agent: *\nDisallow: /another/path\n"
EMPTY_QUERY = "User-agent: *\nAllow: /some/path?\nDisallow: /another/path?\n"

# By the classes of test_robotparser.py: file, agent, those that may be fetched, those
# that may not, and what is unlike Python: {url: why}.
ROWS = {
    "UserAgentWildcardTest": (
        WILDCARD + "Disallow: /tmp/ # these will soon disappear\nDisallow: /foo.html\n    ",
        AGENT, ["/", "/test.html"], ["/cyberworld/map/index.html", "/tmp/xxx", "/foo.html"], {}),
    "CrawlDelayAndCustomAgentTest": (
        "# robots.txt for http://www.example.com/\n\nUser-agent: *\nCrawl-delay: 1\n"
        "Request-rate: 3/15\nDisallow: /cyberworld/map/\n\n# Cybermapper knows where to go.\n"
        "User-agent: cybermapper\nDisallow:\n",
        AGENT, ["/", "/test.html"], ["/cyberworld/map/index.html"], {}),
    "CrawlDelayAndCustomAgentTest, cybermapper": (
        "User-agent: *\nDisallow: /cyberworld/map/\n\nUser-agent: cybermapper\nDisallow:\n",
        "cybermapper", ["/cyberworld/map/index.html"], [], {}),
    "SitemapTest": (
        "User-agent: *\nSitemap: http://www.gstatic.com/s2/sitemaps/profiles-sitemap.xml\n"
        "Sitemap: http://www.google.com/hostednews/sitemap_index.xml\nRequest-rate: 3/15\n"
        "Disallow: /cyberworld/map/ # This is an infinite virtual URL space\n\n    ",
        AGENT, ["/", "/test.html"], ["/cyberworld/map/index.html"], {}),
    "RejectAllRobotsTest": ("# go away\nUser-agent: *\nDisallow: /\n    ", AGENT, [],
                            ["/cyberworld/map/index.html", "/", "/tmp/"], {}),
    "EmptyFileTest": ("", AGENT, ["/foo"], [], {}),
    "CrawlDelayAndRequestRateTest": (FIGTREE, "figtree", ["/foo.html"], FIGTREE_BAD, {}),
    "DifferentAgentTest": (FIGTREE, "FigTree Robot libwww-perl/5.04", ["/foo.html"],
                           FIGTREE_BAD, {}),
    "InvalidRequestRateTest": (
        "User-agent: *\nDisallow: /tmp/\nDisallow: /a%3Cd.html\nDisallow: /a/b.html\n"
        "Disallow: /%7ejoe/index.html\nCrawl-delay: 3\nRequest-rate: 9/banana\n", AGENT,
        ["/tmp"], ["/tmp/", "/tmp/a.html", "/a%3cd.html", "/a%3Cd.html", "/a/b.html",
                   "/%7Ejoe/index.html"], {}),
    "InvalidCrawlDelayTest": ("User-Agent: *\nDisallow: /.\nCrawl-delay: pears\n", AGENT,
                              ["/foo.html"], [], {}),
    "AnotherInvalidRequestRateTest": (
        GOOGLE + "Request-rate: whale/banana\n", "Googlebot", ["/folder1/myfile.html"],
        ["/folder1/anotherfile.html"], {}),
    "UserAgentOrderingTest": (MOBILE, "Googlebot", [], ["/something.jpg"], {}),
    "UserAgentGoogleMobileTest": (
        MOBILE, "Googlebot-Mobile", ["/something.jpg"], [],
        {"/something.jpg": "a token is compared as a whole"}),
    "GoogleURLOrderingTest": (GOOGLE, "googlebot", ["/folder1/myfile.html"],
                              ["/folder1/anotherfile.html"], {}),
    "DisallowQueryStringTest": ("User-agent: *\nDisallow: /some/path?name=value\n", AGENT,
                                ["/some/path"], ["/some/path?name=value"], {}),
    "UseFirstUserAgentWildcardTest": (
        TWO, AGENT, [], ["/some/path", "/another/path"],
        {"/another/path": "groups of one name are one"}),
    "EmptyQueryStringTest": (EMPTY_QUERY, AGENT, ["/some/path?", "/some/path"],
                             ["/another/path?"], {}),
    "DefaultEntryTest": ("User-agent: *\nCrawl-delay: 1\nRequest-rate: 3/15\n"
                         "Disallow: /cyberworld/map/\n", AGENT, ["/", "/test.html"],
                         ["/cyberworld/map/index.html"], {}),
    "StringFormattingTest": (
        WILDCARD + "\nUser-agent: cybermapper\nDisallow: /some/path\n", "cybermapper",
        ["/cyberworld/map/"], ["/some/path"], {}),
    # Of what Python 3.13 has no row for.
    "longest match": (
        "User-agent: *\nDisallow: /a\nAllow: /a/b\n", AGENT, ["/a/b"], ["/a"],
        {"/a/b": "the longest rule counts, not the first one"}),
    "stars": ("User-agent: *\nDisallow: /*.gif$\n", AGENT, ["/x.gif?"], ["/x.gif"],
              {"/x.gif": "stars"}),
    "its own file": ("User-agent: *\nDisallow: /\n", AGENT, ["/robots.txt"], [],
                     {"/robots.txt": "it may always be fetched"}),
    "byte order mark": ("\ufeffUser-agent: *\nDisallow: /\n", AGENT, [], ["/"],
                        {"/": "it is no part of the first line"}),
    "a slash that is quoted": ("User-agent: *\nDisallow: /a%2fb\n", AGENT, ["/a/b"], ["/a%2Fb"],
                               {"/a/b": "it is another character"}),
    "blank lines": ("User-agent: *\n\nDisallow: /\n", AGENT, [], ["/"],
                    {"/": "they end no group"}),
}


class Rules(unittest.TestCase):
    def test_rows_of_python(self):
        for name, (text, agent, good, bad, differences) in ROWS.items():
            python, mine = Python(text), Mine(text)
            for url in good + bad:
                with self.subTest(name, url=url):
                    self.assertEqual(mine.can_fetch(agent, url), url in good)
                    if url in differences:
                        self.assertNotEqual(python.can_fetch(agent, url), url in good)
                    else:
                        self.assertEqual(python.can_fetch(agent, url), url in good)

    def test_numbers_and_sitemaps(self):
        for name, (text, agent, *_) in ROWS.items():
            python, mine = Python(text), Mine(text)
            with self.subTest(name):
                self.assertEqual(mine.crawl_delay(agent), python.crawl_delay(agent))
                self.assertEqual(mine.request_rate(agent), python.request_rate(agent))
                self.assertEqual(mine.site_maps(), python.site_maps())

    def test_random_files(self):
        """Files in which no rule is longer or shorter than another that matches, so that
        the first one is the longest one."""
        r = random.Random(SEED)
        agents, paths = ["a", "b", "*"], ["/x", "/y", "/z/", "/%7e", "/~u"]
        for _ in range(CASES):
            groups = []
            for agent in r.sample(agents, r.randrange(1, 4)):
                rules = r.sample(paths, r.randrange(1, len(paths)))
                if "/%7e" in rules and "/~u" in rules:
                    rules.remove("/~u")
                groups.append(f"User-agent: {agent}\n" + "".join(
                    f"{r.choice(['Allow', 'Disallow'])}: {rule}\n" for rule in rules))
            text = "\n".join(groups)
            python, mine = Python(text), Mine(text)
            for agent in "a", "B/1.0", "c":
                for url in "/", "/x", "/xx", "http://h/y?q", "/z", "/z/z", "/~u", "/%7Eu", "/%7e":
                    self.assertEqual(mine.can_fetch(agent, url), python.can_fetch(agent, url),
                                     f"{agent} {url} of\n{text}")


if __name__ == "__main__":
    unittest.main()
