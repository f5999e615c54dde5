# SPDX-License-Identifier: MIT
"""Whether a robot may fetch a page, as its site says."""

import sys
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

url, agent, *_ = [*sys.argv[1:], 'ExampleBot']
rules = RobotFileParser(urljoin(url, '/robots.txt'))
rules.read()
can = rules.can_fetch(agent, url)
print(f'{agent}: {"yes" if can else "no"}')
if (seconds := rules.crawl_delay(agent)) is not None:
    print(f'wait {seconds} s between two pages')
if (rate := rules.request_rate(agent)) is not None:
    print(f'at most {rate.requests} pages in {rate.seconds} s')
for map in rules.site_maps() or []:
    print(f'map: {map}')
sys.exit(not can)
