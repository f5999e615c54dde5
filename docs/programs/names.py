# SPDX-License-Identifier: MIT
"""The look-ups and conversions, as Python's prompt would answer them."""

import socket
import sys
import traceback


def family(text):
    return getattr(socket, text) if text.startswith('AF_') else int(text)


def getaddrinfo(host, port):
    """Numbers instead of enumerations."""
    return [(int(family), int(kind), *rest)
            for family, kind, *rest in socket.getaddrinfo(host, port)]


def getnameinfo(host, port):
    return socket.getnameinfo((host, port), 0)


# The function, and what makes its arguments of the words of the command line.
LOOKUPS = {
    'gethostname': (socket.gethostname,),
    'gethostbyname': (socket.gethostbyname, str),
    'gethostbyname_ex': (socket.gethostbyname_ex, str),
    'gethostbyaddr': (socket.gethostbyaddr, str),
    'getfqdn': (socket.getfqdn, str),
    'getservbyname': (socket.getservbyname, str, str),
    'getservbyport': (socket.getservbyport, int, str),
    'getprotobyname': (socket.getprotobyname, str),
    'getaddrinfo': (getaddrinfo, str, str),
    'getnameinfo': (getnameinfo, str, int),
    'if_nameindex': (socket.if_nameindex,),
    'if_nametoindex': (socket.if_nametoindex, str),
    'if_indextoname': (socket.if_indextoname, int),
    'ntohs': (socket.ntohs, int),
    'ntohl': (socket.ntohl, int),
    'htons': (socket.htons, int),
    'htonl': (socket.htonl, int),
    'inet_aton': (socket.inet_aton, str),
    'inet_ntoa': (socket.inet_ntoa, bytes.fromhex),
    'inet_pton': (socket.inet_pton, family, str),
    'inet_ntop': (socket.inet_ntop, family, bytes.fromhex),
}


def look_up(name, *words):
    call, *kinds = LOOKUPS[name]
    return repr(call(*[kind(word) for kind, word in zip(kinds, words)]))


def main(words):
    if not words:
        print('\n'.join(LOOKUPS))
        return 0
    try:
        print(look_up(*words))
        return 0
    except Exception as error:
        sys.stderr.writelines(traceback.format_exception_only(error))
        return 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
