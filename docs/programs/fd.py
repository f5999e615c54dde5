# SPDX-License-Identifier: MIT
"""A file descriptor is a small number; the socket of the next program too."""

import sys

sys.stdout.write('write to stdout\n')
sys.stdout.flush()
sys.stderr.write('write to stderr\n')
print(sys.stdin.fileno(), sys.stdout.fileno(), sys.stderr.fileno())
