# SPDX-License-Identifier: MIT
"""A server ends with 0 whenever the signal comes after its first line."""

import concurrent.futures
import contextlib
import os
import random
import signal
import socket
import ssl
import tempfile
import threading
import time
import unittest

from support import OF_THE_WEB, OVER_TLS, WEB_SERVERS, Server, c, main, make_certificates

ROUNDS = 1000
# Less than the last resort of the programs, 5 s, which must not be needed.
AT_ONCE = 4
# A seed that is printed makes a failing moment likelier to be met again.
SEED = random.randrange(1 << 32)

TCP = ['echo_tcp_server', 'echo_select', 'echo_server_threading',
       'echo_server_forking', 'caesar_server', 'time_server', 'http_server',
       'chat_server']
UDP = ['echo_udp_server', 'message_udp_server', 'time_server_udp']


def no_client(server, over):
    over.wait()


def silent_client(server, over):
    with server.connect():
        over.wait()


def talking_client(server, over):
    """Messages one after the other, broken off wherever the server ends."""
    while not over.is_set():
        with server.connect() as s:
            s.sendall(b'e10isi pesan.')
            s.recv(100)


def sending_client(server, over):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(server.address)
        s.settimeout(0.001)
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                s.send(b'Isi pesan')
                s.recv(100)


def talking_tls_client(server, over):
    context = ssl.create_default_context(cafile='ca.pem')
    while not over.is_set():
        with server.connect() as plain:
            with context.wrap_socket(plain, server_hostname='localhost') as s:
                s.sendall(b'Isi pesan.')
                s.recv(100)


def talking_http_client(server, over):
    while not over.is_set():
        with server.connect() as s:
            s.sendall(b'GET / HTTP/1.1\r\nHost: h\r\n\r\n')
            s.recv(100)


CASES = ([(program, client) for program in OVER_TLS[:1]
          for client in (no_client, silent_client, talking_tls_client)] +
         [(program, client) for program in TCP
          for client in (no_client, silent_client, talking_client)] +
         [(program, client) for program in WEB_SERVERS if OF_THE_WEB
          for client in (no_client, silent_client, talking_http_client)] +
         [(program, client) for program in UDP
          for client in (no_client, sending_client)])


def one_signal(number):
    """None, or what went wrong."""
    chance = random.Random(SEED + number)
    program, client = CASES[number % len(CASES)]
    signo = chance.choice([signal.SIGTERM, signal.SIGINT])
    server = Server(c(program))
    over = threading.Event()

    def converse():
        # The server may end in the middle of it.
        with contextlib.suppress(OSError):
            client(server, over)

    thread = threading.Thread(target=converse)
    thread.start()
    try:
        # Half of the signals come at once, to meet the first steps.
        time.sleep(chance.choice([0, chance.uniform(0, 0.005)]))
        if chance.random() < 0.2:
            server.process.send_signal(chance.choice([signal.SIGTERM,
                                                      signal.SIGINT]))
        begin = time.monotonic()
        status, _, err = server.stop(signo)
        took = time.monotonic() - begin
        if (status, err) != (0, b'') or took > AT_ONCE:
            return program, client.__name__, signo.name, status, err, took
        return None
    finally:
        over.set()
        thread.join()
        server.kill()


class Signals(unittest.TestCase):
    def test_a_thousand_at_random_moments(self):
        if OVER_TLS:
            folder = tempfile.TemporaryDirectory()
            self.addCleanup(folder.cleanup)
            make_certificates(folder.name)
            self.addCleanup(os.chdir, os.getcwd())
            os.chdir(folder.name)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            results = list(pool.map(one_signal, range(ROUNDS)))
        self.assertEqual(len(results), ROUNDS)
        self.assertEqual([r for r in results if r], [], 'seed %d' % SEED)


if __name__ == '__main__':
    main(limit=300)
