# SPDX-License-Identifier: MIT
import socket

from endpoint import endpoint, say
from utils import recv_until

server = endpoint('127.0.0.1', 5555)

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(server)
s.sendall(b'e10isi pesan.')
msg = recv_until(s)
say(b'balasan server: %s' % msg)
s.close()

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(server)
s.sendall(b'd10%s' % msg)
msg = recv_until(s)
say(b'balasan server: %s' % msg)
s.close()
