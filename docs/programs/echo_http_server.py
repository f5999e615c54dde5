# SPDX-License-Identifier: MIT
"""Says which path was asked for, and with which fields, as a page."""

import html
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta name="color-scheme" content="light dark">
<title>Echo</title>
<p>Path: {}</p>
<p>Fields:</p>
<pre>{}</pre>
</html>
"""


class EchoHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-type', 'text/html')
        self.end_headers()
        page = PAGE.format(html.escape(self.path), html.escape(str(self.headers)))
        self.wfile.write(page.encode())


host, port = (sys.argv[1:] + ['127.0.0.1', '27281'][len(sys.argv) - 1:])[:2]
with ThreadingHTTPServer((host, int(port)), EchoHandler) as server:
    print('serving', server.server_address, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
