# SPDX-License-Identifier: MIT
"""The document's cipher, over bytes, and the request as its server reads it."""

from string import ascii_lowercase

al = ascii_lowercase.encode()


def cipher(msg, shift=3):
    shifted = al[shift:] + al[:shift]
    return msg.translate(bytes.maketrans(al, shifted))


def answer(msg):
    try:
        nshift = int(msg[1:3])
    except ValueError:
        nshift = 0
    nshift = -nshift if msg[0] == ord('d') else nshift
    return cipher(msg[3:], nshift)
