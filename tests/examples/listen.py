# SPDX-License-Identifier: MIT
"""Runs a program while ports 19, 20, 80, 1024 and 1025 are open."""

import socket
import subprocess
import sys

servers = [socket.create_server(('127.0.0.1', port))
           for port in (19, 20, 80, 1024, 1025)]
sys.exit(subprocess.run(sys.argv[1:]).returncode)
