# SPDX-License-Identifier: MIT
import socket

from endpoint import endpoint, listening, say, text

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(endpoint('127.0.0.1', 5555))
listening(s)

while True:
    msg, address = s.recvfrom(65535)
    say(b'client %s mengirim %s' % (text(address), msg))
    s.sendto(msg, address)
    say(b'balasan dikirim')
