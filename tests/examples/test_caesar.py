# SPDX-License-Identifier: MIT
"""The Caesar cipher, exhaustively, and over the wire."""

import itertools
import os
import pathlib
import subprocess
import sys
import unittest

from support import LISTINGS, Case, both, main, pairs, talk

sys.path.append(str(LISTINGS))
from caesar import cipher, to_int  # noqa: E402


class CaesarModule(unittest.TestCase):
    """caesar.c against caesar.py, through caesar_all.c."""

    def ask(self, what):
        program = pathlib.Path(os.environ['PYSOCKC_CAESAR_ALL'])
        return subprocess.run([program, what], capture_output=True, check=True,
                              timeout=60).stdout

    def test_int_of_all_headers(self):
        texts = [bytes(t) for n in range(3)
                 for t in itertools.product(range(256), repeat=n)]
        got = [int(line) for line in self.ask('int').split()]
        self.assertEqual(len(texts), 1 + 256 + 65536)
        self.assertEqual(len(got), len(texts))
        self.assertEqual(
            [x for x in zip(texts, got) if to_int(x[0]) != x[1]], [])

    def test_cipher_of_all_shifts(self):
        alphabet = bytes(range(256))
        got = self.ask('cipher')
        shifts = range(-99, 100)
        self.assertEqual(len(got), 256 * len(shifts))
        for i, shift in enumerate(shifts):
            self.assertEqual(got[256 * i:256 * (i + 1)],
                             cipher(alphabet, shift), shift)


class CaesarPrograms(Case):
    def test_conversation(self):
        for who, server, client in pairs('caesar_server'):
            with self.subTest(who):
                server = self.serve(server)
                self.assertEqual(self.run_client(client, server),
                                 b'balasan server: scs zockx.\n'
                                 b'balasan server: isi pesan.\n')
                for _ in range(2):
                    self.assertRegex(
                        server.out.line(),
                        rb"^koneksi dari \('127\.0\.0\.1', \d+\)$")
                self.stops_well(server)

    def test_answers_are_pythons(self):
        ours, pythons = [self.serve(command)
                         for _, command in both('caesar_server')]
        header = [b'03', b'26', b'99', b' 5', b'5 ', b'+5', b'-5', b'\t7',
                  b'7\v', b'\x1c7', b'1_', b'_1', b'\x007', b'7\0', b'xy',
                  b'\xb2\xb3', b'--', b'+ ', b'00']
        text = b'isi pesan ABC \xff\0 xyz.'
        for first, shift in itertools.product([b'd', b'e', b'D', b'\xff'],
                                              header):
            request = first + shift + text
            self.assertEqual(talk(ours, request), talk(pythons, request),
                             request)

    def test_short_messages_just_close(self):
        for _, command in both('caesar_server'):
            server = self.serve(command)
            for request in b'', b'.', b'e', b'e1', b'e.', b'e1.', b'd10':
                self.assertEqual(talk(server, request, shut=True), b'', request)
            self.assertEqual(talk(server, b'e10.'), b'.')


if __name__ == '__main__':
    main()
