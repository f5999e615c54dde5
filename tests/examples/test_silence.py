# SPDX-License-Identifier: MIT
"""A message that does not end within 30 s costs the next client no more.

Slow, as it waits for the true limit; but for all servers at once.
"""

import concurrent.futures
import socket
import threading
import time

from support import Case, c, main, talk

LIMIT = 30
TCP = ['echo_tcp_server', 'caesar_server']


def silent(s, over):
    over.wait()


def dripping(s, over):
    """Never silent for long, and never done."""
    try:
        while not over.wait(1):
            s.send(b'x')
    except OSError:
        pass


class Silence(Case):
    def wait_for_the_end(self, program, client):
        """How long the server held on to its client, and the next one's
        answer."""
        server = self.serve(c(program))
        over = threading.Event()
        with server.connect() as s:
            s.settimeout(2 * LIMIT)
            self.assertRegex(server.out.line(), b'^koneksi dari ')
            begin = time.monotonic()
            thread = threading.Thread(target=client, args=(s, over))
            thread.start()
            # Waits in the queue behind the silent one.
            with socket.create_connection(server.address, 2 * LIMIT) as behind:
                behind.sendall(b'e00abc.')
                answer = behind.recv(100)
            took = time.monotonic() - begin
            over.set()
            thread.join()
        return took, answer, server

    def test_all_at_once(self):
        cases = [(program, client) for program in TCP
                 for client in (silent, dripping)]
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            results = list(pool.map(lambda case: self.wait_for_the_end(*case),
                                    cases))
        for (program, client), (took, answer, server) in zip(cases, results):
            with self.subTest(program=program, client=client.__name__):
                self.assertGreater(took, LIMIT - 1)
                self.assertLess(took, LIMIT + 10)
                self.assertEqual(answer, b'e00abc.' if program[0] == 'e'
                                 else b'abc.')
                self.assertRegex(server.err.line(), program.encode() +
                                 rb": recv_until \('127\.0\.0\.1', \d+\): "
                                 rb"timed out$")
                self.assertEqual(talk(server, b'e00def.')[-4:], b'def.')


if __name__ == '__main__':
    main()
