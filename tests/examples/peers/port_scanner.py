# SPDX-License-Identifier: MIT
import socket
import sys

if __name__ == '__main__':
    target = sys.argv[1] if len(sys.argv) > 1 else input('target: ')
    first, last = [int(a) for a in (sys.argv[2:4] or (20, 1024))]

    for port in range(first, last + 1):
        s = socket.socket()
        s.settimeout(0.01)

        result = s.connect_ex((target, port))

        if result == 0:
            print('port %d: OPEN' % port)

        s.close()
