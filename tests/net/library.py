# SPDX-License-Identifier: MIT
"""The libraries for Python, by ctypes: those that PYSOCKC_CORE and PYSOCKC_NET name."""

import ctypes
import os


class Refused(Exception):
    """What sock_error_text() says."""


core = ctypes.CDLL(os.environ["PYSOCKC_CORE"], mode=ctypes.RTLD_GLOBAL)
net = ctypes.CDLL(os.environ["PYSOCKC_NET"])


def fail():
    text = ctypes.create_string_buffer(1024)
    core.sock_error_text(None, text, ctypes.c_size_t(len(text)))
    raise Refused(text.value.decode("utf-8", "surrogateescape"))
