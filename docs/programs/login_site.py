# SPDX-License-Identifier: MIT
"""A site that asks its visitors for a user name and a password."""

import base64
import binascii
import hmac
import html
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from example import host_and_port, listening

USERS = {'ada': 'countess', 'grace': 'compiler'}

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<style>:root {{ color-scheme: light dark; font: 1rem/1.5 sans-serif }}
body {{ max-width: 60rem; margin: 0 auto; padding: 1rem }}
code {{ overflow-wrap: anywhere }}</style>
<title>My site</title>
<h1>Welcome, {}</h1>
<p>This is <code>{}</code>.</p>
</html>
"""


def check(user, password):
    right = False
    for name, secret in USERS.items():
        right |= (hmac.compare_digest(user, name.encode())
                  & hmac.compare_digest(password, secret.encode()))
    return right


class Handler(BaseHTTPRequestHandler):
    def user(self):
        scheme, _, token = self.headers.get('Authorization', '').partition(' ')
        try:
            pair = base64.b64decode(token, validate=True)
        except binascii.Error:
            return None
        user, colon, password = pair.partition(b':')
        if scheme.lower() == 'basic' and colon and check(user, password):
            return user.decode()
        return None

    def do_GET(self):
        user = self.user()
        if user is None:
            self.send_response(401)
            self.send_header('WWW-Authenticate',
                             'Basic realm="my site", charset="UTF-8"')
            self.end_headers()
            self.wfile.write(b'<h1>Unauthorized</h1>\n')
            return
        self.send_response(200)
        self.send_header('Content-Type', 'text/html; charset=utf-8')
        self.end_headers()
        self.wfile.write(
            PAGE.format(html.escape(user), html.escape(self.path)).encode())


with ThreadingHTTPServer(host_and_port('127.0.0.1', 8000), Handler) as server:
    listening(server.socket)
    server.serve_forever()
