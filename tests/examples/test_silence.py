# SPDX-License-Identifier: MIT
"""A message that does not end within 30 s costs the next client no more.

Slow, as it waits for the true limit; but for all servers at once.
"""

import concurrent.futures
import contextlib
import os
import socket
import ssl
import tempfile
import threading
import time

from support import OVER_TLS, Case, c, main, make_certificates

LIMIT = 30
SERVERS = ['echo_tcp_server', 'caesar_server'] + OVER_TLS[:1]


def silent(s, over, program):
    over.wait()


def beginning(program):
    """Of what a client may say: a message, or a handshake."""
    if program not in OVER_TLS:
        return b'x' * 2 * LIMIT
    outgoing = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(
        ssl.MemoryBIO(), outgoing, server_hostname='localhost')
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def dripping(s, over, program):
    """Never silent for long, and never done."""
    try:
        for byte in beginning(program):
            if over.wait(1):
                break
            s.send(bytes([byte]))
    except OSError:
        pass


@contextlib.contextmanager
def connection(program, server):
    with socket.create_connection(server.address, 2 * LIMIT) as s:
        if program not in OVER_TLS:
            yield s
            return
        context = ssl.create_default_context(cafile='ca.pem')
        with context.wrap_socket(s, server_hostname='localhost') as wrapped:
            yield wrapped


def answer(program, server, message):
    with connection(program, server) as s:
        s.sendall(message)
        return s.recv(100)


class Silence(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        if OVER_TLS:
            make_certificates('.')

    def wait_for_the_end(self, program, client):
        """How long the server held on to its client, and the next one's
        answer."""
        server = self.serve(c(program))
        over = threading.Event()
        with server.connect() as s:
            s.settimeout(2 * LIMIT)
            self.assertRegex(server.out.line(), b'^koneksi dari ')
            begin = time.monotonic()
            thread = threading.Thread(target=client, args=(s, over, program))
            thread.start()
            # Waits in the queue behind the silent one.
            heard = answer(program, server, b'e00abc.')
            took = time.monotonic() - begin
            over.set()
            thread.join()
        return took, heard, server

    def test_all_at_once(self):
        cases = [(program, client) for program in SERVERS
                 for client in (silent, dripping)]
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            results = list(pool.map(lambda case: self.wait_for_the_end(*case),
                                    cases))
        for (program, client), (took, heard, server) in zip(cases, results):
            with self.subTest(program=program, client=client.__name__):
                self.assertGreater(took, LIMIT - 1)
                self.assertLess(took, LIMIT + 10)
                self.assertEqual(heard, b'e00abc.' if program[0] == 'e'
                                 else b'abc.')
                self.assertRegex(server.err.line(), program.encode() +
                                 rb": recv_until \('127\.0\.0\.1', \d+\): "
                                 rb"timed out$")
                self.assertEqual(answer(program, server, b'e00def.')[-4:], b'def.')


if __name__ == '__main__':
    main()
