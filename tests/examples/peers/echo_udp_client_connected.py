# SPDX-License-Identifier: MIT
import socket

from endpoint import endpoint, say

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(endpoint('127.0.0.1', 5555))
s.send(b'Isi pesan')

msg = s.recv(65535)
say(b'server membalas: %s' % msg)
