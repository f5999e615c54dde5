# SPDX-License-Identifier: MIT
"""The Caesar cipher, as caesar.h has it."""

from string import ascii_lowercase

AL = ascii_lowercase.encode()


def cipher(message, shift):
    """Shifts the lowercase letters; slices say what a shift of 26 does."""
    return message.translate(bytes.maketrans(AL, AL[shift:] + AL[:shift]))


def to_int(text):
    """int(), or 0 for what is no number."""
    try:
        return int(text)
    except ValueError:
        return 0
