# SPDX-License-Identifier: MIT
import socket

from endpoint import endpoint, say, text

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b'Isi pesan', endpoint('127.0.0.1', 5555))

msg, address = s.recvfrom(65535)
say(b'server %s membalas: %s' % (text(address), msg))
