# SPDX-License-Identifier: MIT
"""Every look-up and conversion, answers and errors, against python3's own."""

import re
import socket
import sys
import traceback

from support import LISTINGS, Case, both, c, main

sys.path.append(str(LISTINGS))
from names import look_up  # noqa: E402

LOOK_UPS = '''
gethostname
gethostbyname localhost
gethostbyname 127.0.0.1
gethostbyname 127.1
gethostbyname <broadcast>
gethostbyname no.such.host.invalid
gethostbyname ::1
gethostbyname_ex localhost
gethostbyname_ex 127.0.0.1
gethostbyname_ex no.such.host.invalid
gethostbyaddr 127.0.0.1
gethostbyaddr localhost
gethostbyaddr ::1
gethostbyaddr 192.0.2.1
gethostbyaddr no.such.host.invalid
getfqdn
getfqdn localhost
getfqdn 127.0.0.1
getfqdn it's
getfqdn no.such.host.invalid
getservbyname http tcp
getservbyname http
getservbyname domain udp
getservbyname no-such-service tcp
getservbyname http no-such-protocol
getservbyport 80 tcp
getservbyport 80
getservbyport 53 udp
getservbyport 1 no-such-protocol
getservbyport 65536 tcp
getservbyport -1 tcp
getprotobyname icmp
getprotobyname tcp
getprotobyname no-such-protocol
getaddrinfo 127.0.0.1 80
getaddrinfo ::1 http
getaddrinfo localhost 53
getaddrinfo no.such.host.invalid 80
getaddrinfo 127.0.0.1 no-such-service
getnameinfo 127.0.0.1 80
getnameinfo 127.0.0.1 1
if_nameindex
if_nametoindex lo
if_nametoindex no-such-if
if_indextoname 1
if_indextoname 0
if_indextoname 4000000000
ntohs 26411
ntohs 65535
ntohl 1730871296
ntohl 4294967295
htons 11111
htons 0
htonl 11111
htonl 4294967295
inet_aton 127.0.0.1
inet_aton 127.1
inet_aton 0x7f.1
inet_aton 65.66.39.92
inet_aton 10.13.9.32
inet_aton 255.255.255.255
inet_aton 256.0.0.1
inet_aton text
inet_ntoa 7f000001
inet_ntoa FFFFFFFF
inet_ntoa 7f0000
inet_ntoa 7f00000101
inet_pton AF_INET 127.0.0.1
inet_pton AF_INET 127.1
inet_pton AF_INET6 ::1
inet_pton AF_INET6 2001:db8::1
inet_pton AF_INET6 127.0.0.1
inet_pton AF_INET6 fe80::1%lo
inet_pton 1 127.0.0.1
inet_ntop AF_INET 7f000001
inet_ntop AF_INET 7f00
inet_ntop AF_INET6 00000000000000000000000000000001
inet_ntop AF_INET6 20010db8000000000000000000000001
inet_ntop AF_INET6 7f000001
inet_ntop 1 7f000001
'''.strip().splitlines()


def as_python_does(name, words):
    """In this one process: python3's gethostbyaddr() has a reason only behind
    another look-up that had none."""
    try:
        return 0, look_up(name, *words) + '\n', ''
    except Exception as e:
        # The library gives the name of the function apart from the reason.
        return 1, '', traceback.format_exception_only(e)[-1].replace(
            ': getservbyport: ', ': ')


class Names(Case):
    def test_every_look_up(self):
        for line in LOOK_UPS + ['gethostbyname ', 'gethostbyname_ex ',
                                'gethostbyaddr ', 'getfqdn ', 'inet_aton ',
                                'inet_ntoa ', 'getservbyname ',
                                'getprotobyname ']:
            name, *words = line.split(' ')
            with self.subTest(line):
                status, out, err = self.run_program(c('names') + [name] + words)
                self.assertEqual((status, out.decode(), err.decode()),
                                 as_python_does(name, words))

    def test_some_answers(self):
        for line, answer in [
                ('gethostbyname_ex 127.0.0.1',
                 "('127.0.0.1', [], ['127.0.0.1'])"),
                ('getservbyname http tcp', '80'),
                ('getprotobyname icmp', '1'),
                ('inet_aton 127.0.0.1', r"b'\x7f\x00\x00\x01'")]:
            for _, command in both('names'):
                self.assertEqual(self.run_program(command + line.split()),
                                 (0, answer.encode() + b'\n', b''))

    def test_all_are_listed_and_tested(self):
        for _, command in both('names'):
            status, out, err = self.run_program(command)
            self.assertEqual((status, err), (0, b''))
            listed = {line.split()[0] for line in out.decode().splitlines()}
            self.assertEqual(listed, {line.split()[0] for line in LOOK_UPS})
            self.assertEqual(len(listed), 21)
        for name in listed:
            self.assertTrue(hasattr(socket, name))

    def test_bad_arguments(self):
        for line in ['no_such_look_up', 'gethostname x', 'gethostbyname',
                     'gethostbyname a b', 'htons 65536', 'htons -1', 'htons x',
                     'htonl 4294967296', 'getservbyport x', 'inet_ntoa 7f0',
                     'inet_ntoa xy', 'inet_pton AF_X ::1', 'inet_pton AF_INET',
                     'htonl 18446744073709551616', 'getservbyname a b c']:
            with self.subTest(line):
                status, out, err = self.run_program(c('names') + line.split())
                self.assertEqual((status, out), (2, b''))
                self.assertTrue(re.fullmatch(b"names: .+\nusage: names .+\n",
                                             err), err)


if __name__ == '__main__':
    main()
