# SPDX-License-Identifier: MIT
"""choosing.py MODE HOST:PORT: answers in capitals, by a mode of servers."""
import concurrent.futures
import socketserver
import sys


class Handler(socketserver.BaseRequestHandler):
    """What is done with a client, whatever it runs in."""

    def handle(self):
        self.request.settimeout(30)
        while text := self.request.recv(4096):
            self.request.sendall(text.upper())


class PoolTCPServer(socketserver.ThreadingTCPServer):
    """Python has none."""
    pool = concurrent.futures.ThreadPoolExecutor(2)

    def process_request(self, request, client_address):
        self.pool.submit(self.process_request_thread, request, client_address)


MODES = {"serial": socketserver.TCPServer,
         "threading": socketserver.ThreadingTCPServer,
         "forking": socketserver.ForkingTCPServer,
         "pool": PoolTCPServer}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in MODES:
        sys.exit("usage: choosing.py MODE HOST:PORT")
    host, _, port = sys.argv[2].rpartition(":")
    try:
        server = MODES[sys.argv[1]]((host, int(port)), Handler)
    except (OSError, ValueError, OverflowError) as error:
        sys.exit(f"choosing: {error}")
    with server:
        print("listening on", server.server_address)
        server.serve_forever()


main()
