# SPDX-License-Identifier: MIT
import sys

if __name__ == '__main__':
    sys.stdout.write('write to stdout\n')
    sys.stderr.write('write to stderr\n')
    print('%d %d %d' % (sys.stdin.fileno(), sys.stdout.fileno(),
                        sys.stderr.fileno()))
