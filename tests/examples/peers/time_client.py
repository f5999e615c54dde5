# SPDX-License-Identifier: MIT
import socket

from endpoint import endpoint, say

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect(endpoint('', 27285))
tm = sock.recv(1024)
sock.close()
say(b'Time is %s' % tm)
