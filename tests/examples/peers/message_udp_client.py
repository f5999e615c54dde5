# SPDX-License-Identifier: MIT
import socket

from endpoint import endpoint

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server = endpoint('', 27281)

while 1:
    msg = input('msg to send: ')
    if msg:
        sent = sock.sendto(msg.encode('utf-8', 'surrogateescape'), server)
        print('%d sent' % sent)
    else:
        break
