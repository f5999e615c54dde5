# SPDX-License-Identifier: MIT
import socket

from endpoint import endpoint, listening, say

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(endpoint('', 27281))
listening(sock)

while 1:
    data, address = sock.recvfrom(256)
    say(b'Adress %s said %s' % (address[0].encode(), data))
