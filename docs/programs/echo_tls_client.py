# SPDX-License-Identifier: MIT
"""Echo client over TLS."""

import socket
import ssl
import sys

from example import (MESSAGE_SECONDS, MESSAGE_SIZE, complain, files,
                     host_and_port, print_bytes, recv_until_of_tls)

# whom to trust
ctx = ssl.create_default_context(cafile=files('ca.pem')[0])
host, port = host_and_port('localhost', 5555)
with socket.create_connection((host, port), MESSAGE_SECONDS) as s:
    # a connection to who has proved to be that host
    with ctx.wrap_socket(s, server_hostname=host) as ss:
        print(ss.version())

        ss.sendall(b'Isi pesan.')
        msg = recv_until_of_tls(ss, MESSAGE_SIZE, b'.')
        print('balasan server: ', end='')
        print_bytes(msg)
        if not msg.endswith(b'.'):
            sys.exit(complain('the answer broke off'))
