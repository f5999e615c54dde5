# SPDX-License-Identifier: MIT
import socket
import time

from endpoint import endpoint, listening, say, text

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.bind(endpoint('', 27285))
sock.listen(5)
listening(sock)

while 1:
    client, addr = sock.accept()
    say(b'Connection from %s' % text(addr))
    client.send(time.ctime(time.time()).encode())
    client.close()
