# SPDX-License-Identifier: MIT
"""A number of two bytes, in both orders."""

import socket
import sys


def show(what, number, order):
    high, low = number.to_bytes(2, order)
    print(f'{what} 0x{high:02x} 0x{low:02x}')


number = 11111

print(f'{number} = 0x{number:x}')
show('big-endian   ', number, 'big')
show('little-endian', number, 'little')
show('this machine ', number, sys.byteorder)
show('the network  ', socket.htons(number), sys.byteorder)

print('htons(11111) =', socket.htons(number))
print('ntohs(htons(11111)) =', socket.ntohs(socket.htons(number)))
print('htonl(11111) =', socket.htonl(number))
print('ntohl(htonl(11111)) =', socket.ntohl(socket.htonl(number)))
