# SPDX-License-Identifier: MIT
import socket

from endpoint import endpoint, say, text
from utils import recv_until

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(endpoint('127.0.0.1', 5555))
say(b'socket local %s' % text(s.getsockname()))
s.sendall(b'Isi pesan.')
msg = recv_until(s)
say(b'balasan server: %s' % msg)
s.close()
