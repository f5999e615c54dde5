# SPDX-License-Identifier: MIT
"""The documents' recv_until, over bytes."""


def recv_until(sock, eof_char=b'.'):
    temp = b''
    char = b''
    while char != eof_char:
        char = sock.recv(1)
        if char:
            temp += char
        else:
            break
    return temp
