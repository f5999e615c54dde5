# SPDX-License-Identifier: MIT
import socket

from endpoint import endpoint, listening, say, text
from utils import recv_until

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(endpoint('127.0.0.1', 5555))
s.listen(1)
listening(s)

while True:
    sc, sockname = s.accept()
    say(b'koneksi dari %s' % text(sockname))
    msg = recv_until(sc)
    sc.sendall(msg)
    sc.close()
    say(b'balasan dikirim')
