# SPDX-License-Identifier: MIT
"""Running the examples and their Python listings.

The directory of the examples comes in the environment, PYSOCKC_EXAMPLES.
Nothing here waits without a limit, and no program outlives its test.
"""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

LISTINGS = pathlib.Path(__file__).resolve().parents[2] / 'docs/programs'
CERTS_SH = LISTINGS.parents[1] / 'examples/certs.sh'
EXAMPLES = pathlib.Path(os.environ['PYSOCKC_EXAMPLES'])
# Built where the library for it is.
OVER_TLS = (['echo_tls_server', 'echo_tls_client', 'https_get']
            if os.environ.get('PYSOCKC_WITH_SSL') == '1' else [])
# The same of the web's.
WEB_SERVERS = ['echo_http_server', 'login_site']  # of HOST and PORT
OF_THE_WEB = (WEB_SERVERS + ['file_server', 'url_headers', 'fetch', 'robots_check', 'form.cgi',
                              'send_mail']
              if os.environ.get('PYSOCKC_WITH_NET') == '1' else [])
# Of mail and news; who tells a password needs both libraries.
OF_MAIL = ((['nntp_headers', 'ftp_get'] if OF_THE_WEB else []) +
           (['imap_list', 'pop3_list', 'ftp_put'] if OF_THE_WEB and OVER_TLS else []))
PATIENCE = 20


def c(program):
    """The command of an example."""
    return [str(EXAMPLES / program)]


def python(program):
    """The command of the listing beside an example."""
    return [sys.executable, '-uBES', str(LISTINGS / (program + '.py'))]


def both(program):
    return [('C', c(program)), ('Python', python(program))]


def make_certificates(folder):
    """Those that the programs over TLS look for where they are started."""
    subprocess.run(['sh', CERTS_SH], cwd=folder, check=True, timeout=PATIENCE,
                   stdout=subprocess.DEVNULL)


class Lines(threading.Thread):
    """What comes out of a pipe, which is always read on: a program must not
    wait for its test."""

    def __init__(self, pipe):
        super().__init__(daemon=True)
        self.pipe = pipe
        self.pending = b''
        self.ended = False
        self.changed = threading.Condition()
        self.start()

    def run(self):
        while more := os.read(self.pipe.fileno(), 65536):
            with self.changed:
                self.pending += more
                self.changed.notify()
        with self.changed:
            self.ended = True
            self.changed.notify()

    def line(self):
        """The next line, without its end."""
        with self.changed:
            self.changed.wait_for(
                lambda: b'\n' in self.pending or self.ended, PATIENCE)
            if b'\n' not in self.pending:
                raise AssertionError('no line came, but %r' % self.pending)
            line, _, self.pending = self.pending.partition(b'\n')
            return line

    def rest(self):
        """All that is left once the program has ended."""
        self.join(PATIENCE)
        return self.pending


class Server:
    """A server on a free port: of an example, or of a listing. Where is what it is
    told about that."""

    def __init__(self, command, host='127.0.0.1', where=None):
        self.process = subprocess.Popen(
            command + (where or [host, '0']), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        self.out = Lines(self.process.stdout)
        self.err = Lines(self.process.stderr)
        try:
            line = self.err.line().decode()
            match = re.fullmatch(r"listening on \('([\d.:]+)', (\d+)(?:, 0, 0)?\)", line)
            if not match:
                raise AssertionError('instead of where it listens: %s' % line)
            self.host, self.port = match[1], int(match[2])
        except BaseException:
            self.kill()
            raise

    @property
    def address(self):
        return ('127.0.0.1', self.port)

    def connect(self):
        return socket.create_connection(self.address, PATIENCE)

    def descriptors(self):
        return len(os.listdir('/proc/%d/fd' % self.process.pid))

    def stop(self, signo=signal.SIGTERM):
        """Its status, and what it had still to say on stdout and stderr."""
        self.process.send_signal(signo)
        try:
            status = self.process.wait(PATIENCE)
            return status, self.out.rest(), self.err.rest()
        finally:
            self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.out.join()
        self.err.join()
        self.process.stdout.close()
        self.process.stderr.close()


class Case(unittest.TestCase):
    maxDiff = None

    def serve(self, command, host='127.0.0.1', where=None):
        server = Server(command, host, where)
        self.addCleanup(server.kill)
        return server

    def run_program(self, command, stdin=b''):
        """Status, stdout and stderr of a program that ends by itself."""
        done = subprocess.run(command, input=stdin, capture_output=True,
                              timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr

    def refused(self, program, *arguments):
        """Says what is wrong with them, and how it is used."""
        with self.subTest(program=program, arguments=arguments):
            status, out, err = self.run_program(c(program) + list(arguments))
            self.assertEqual((status, out), (2, b''))
            name = program.encode()
            self.assertRegex(err, b'^' + name + b': .+\nusage: ' + name)

    def start_program(self, command):
        """A program that the test goes on to converse with."""
        process = subprocess.Popen(command, bufsize=0, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def ends(self, process):
        """Status, stdout and stderr of such a program."""
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def run_client(self, command, server, stdin=b'', host='127.0.0.1'):
        """stdout of a client that must be content with its server."""
        status, out, err = self.run_program(
            command + [host, str(server.port)], stdin)
        self.assertEqual((status, err), (0, b''), out)
        return out

    def stops_well(self, server, out=b'', err=b'', signo=signal.SIGTERM):
        self.assertEqual(server.stop(signo), (0, out, err))

    @contextlib.contextmanager
    def no_descriptor_leaks(self, server):
        """A server's descriptors after the clients are those before."""
        before = server.descriptors()
        yield
        deadline = time.monotonic() + PATIENCE
        while server.descriptors() != before:
            # The last client may be gone before the server has closed.
            if time.monotonic() > deadline:
                self.assertEqual(server.descriptors(), before)
            os.sched_yield()


def talk(server, request, shut=False):
    """All that a TCP server answers."""
    with server.connect() as s:
        s.sendall(request)
        if shut:
            s.shutdown(socket.SHUT_WR)
        answer = b''
        while more := s.recv(65536):
            answer += more
        return answer


def pairs(server, client=None):
    """Who talks to whom: each server to each client."""
    client = client or server.replace('server', 'client')
    return [(f'{this} and {that}', serves, asks)
            for this, serves in both(server) for that, asks in both(client)]


def main(limit=100):
    """Runs the tests; what hangs fails while it can still be cleaned up."""
    def too_long(signo, frame):
        raise TimeoutError('the tests take longer than %d s' % limit)

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(limit)
    unittest.main(verbosity=2, failfast=True)
