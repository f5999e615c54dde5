# SPDX-License-Identifier: MIT
"""Serves the files of a folder."""

import argparse
from functools import partial
from http.server import (CGIHTTPRequestHandler, SimpleHTTPRequestHandler,
                         ThreadingHTTPServer)

from example import listening

parser = argparse.ArgumentParser()
parser.add_argument('-b', '--bind', default='')
parser.add_argument('-d', '--directory', default='.')
parser.add_argument('-p', '--protocol', default='HTTP/1.0')
parser.add_argument('--cgi', action='store_true')
parser.add_argument('port', type=int, nargs='?', default=8000)
args = parser.parse_args()

handler = CGIHTTPRequestHandler if args.cgi else SimpleHTTPRequestHandler
handler.protocol_version = args.protocol
handler = partial(handler, directory=args.directory)
with ThreadingHTTPServer((args.bind, args.port), handler) as server:
    listening(server.socket)
    server.serve_forever()
