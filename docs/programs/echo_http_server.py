# SPDX-License-Identifier: MIT
"""Says which path was asked for, and with which fields, as a page."""

import html
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from example import host_and_port, listening

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<style>:root {{ color-scheme: light dark; font: 1rem/1.5 sans-serif }}
body {{ max-width: 60rem; margin: 0 auto; padding: 1rem }}
pre {{ font-size: 1rem; white-space: pre-wrap }}
code, pre {{ overflow-wrap: anywhere }}</style>
<title>Echo</title>
<p>You requested the following: <code>{}</code></p>
<p>The request headers were:</p>
<pre>{}</pre>
</html>
"""


class EchoHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-type', 'text/html; charset=utf-8')
        self.end_headers()
        page = PAGE.format(html.escape(self.path), html.escape(str(self.headers)))
        self.wfile.write(page.encode())


with ThreadingHTTPServer(host_and_port('127.0.0.1', 27281), EchoHandler) as server:
    listening(server.socket)
    server.serve_forever()
