#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""own_etc.py COMMAND...: runs it where nothing is the machine's own.

The files of tests/etc stand in /etc in the place of the machine's, the host
has the name that is in them, the network is a loopback alone with a name server
that knows no name, and the language is C: all in namespaces, which end with the
command. Without root they are those of a user namespace, where the command has
the same user and no privilege.

Where there are no namespaces, or OWN_ETC=no, the command runs all the same, but
is skipped on a machine that does not know localhost. Else it has PYSOCKC_OWN_ETC
in its environment, and tests that know what these files say are not skipped;
and within that, another own_etc.py only runs its command.
"""

import ctypes
import fcntl
import os
import pathlib
import select
import socket
import struct
import sys

FILES = pathlib.Path(__file__).resolve().parents[1] / "etc"
NEWNS, NEWUTS, NEWUSER, NEWNET = 0x20000, 0x4000000, 0x10000000, 0x40000000
MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 0x1000, 0x2000, 0x4000, 0x40000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
SKIPPED = 77  # as CMakeLists.txt says
INSIDE = "PYSOCKC_OWN_ETC"
# What else says how a name is looked up, and in which language.
ASKED = ("HOSTALIASES", "LANGUAGE", "LOCALDOMAIN", "RESOLV_HOST_CONF", "RES_OPTIONS",
         "all_proxy", "http_proxy", "https_proxy", "no_proxy")

libc = ctypes.CDLL(None, use_errno=True)


def call(function, *args):
    if function(*args) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{function.__name__}: {os.strerror(error)}")


def mount(source, target, kind, flags):
    call(libc.mount, source.encode(), target.encode(), kind, ctypes.c_ulong(flags), None)


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def separate():
    """Namespaces for mounts and the host's name."""
    wanted = NEWNS | NEWUTS
    try:
        call(libc.unshare, wanted)
    except OSError:
        user, group = os.geteuid(), os.getegid()
        call(libc.unshare, NEWUSER | wanted)
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{user} {user} 1")
        write("/proc/self/gid_map", f"{group} {group} 1")
    mount("none", "/", None, MS_REC | MS_PRIVATE)


def loopback_alone():
    """Behind all that may fail: the command must not be left without one."""
    call(libc.unshare, NEWNET)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))


def replace_etc():
    """A new /etc of our files, and of all others that the machine has there."""
    own = {file.name: file.read_text() for file in FILES.iterdir()}
    # The place of our files is one that is no longer needed.
    mount("none", str(FILES), b"tmpfs", 0)
    os.chmod(FILES, 0o755)
    os.mkdir(FILES / ".machine")
    mount("/etc", str(FILES / ".machine"), None, MS_BIND | MS_REC)
    mount(str(FILES), "/etc", None, MS_MOVE)
    for name, text in own.items():
        write("/etc/" + name, text)
    with os.scandir("/etc/.machine") as entries:
        for entry in entries:
            place = "/etc/" + entry.name
            if os.path.lexists(place):
                continue
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), place)
            elif entry.is_dir():
                os.mkdir(place)
                mount(entry.path, place, None, MS_BIND | MS_REC)
            else:
                os.symlink(entry.path, place)
    # A daemon that answers from the machine's files.
    if os.path.isdir("/run/nscd"):
        mount("none", "/run/nscd", b"tmpfs", 0)


def serve_names():
    """A name server that knows no name, for as long as this process lives."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    command = os.pidfd_open(os.getpid())
    # A grandchild, so that the command has no child that it did not start.
    if child := os.fork():
        os.waitpid(child, 0)
        return
    if os.fork():
        os._exit(0)
    null = os.open("/dev/null", os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    while True:
        ready, _, _ = select.select([server, command], [], [])
        if command in ready:
            os._exit(0)
        query, client = server.recvfrom(512)
        # The query's number; an answer, "no such name"; one question.
        answer = query[:2] + struct.pack("!5H", 0x8183, 1, 0, 0, 0) + query[12:]
        server.sendto(answer, client)


def knows_localhost():
    try:
        return socket.gethostbyname("localhost").startswith("127.")
    except OSError:
        return False


def main(command):
    if not command:
        sys.exit(__doc__)
    for name in ASKED:
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    os.environ["LC_ALL"] = "C"
    try:
        if INSIDE not in os.environ and os.environ.get("OWN_ETC") != "no":
            separate()
            replace_etc()
            loopback_alone()
            serve_names()
            socket.sethostname((FILES / "hostname").read_text().strip())
            os.environ[INSIDE] = "1"
    except OSError as error:
        print(f"own_etc.py: with the machine's /etc: {error}", file=sys.stderr)
    if INSIDE not in os.environ and not knows_localhost():
        print("skipped: no namespaces for an /etc of its own, and no localhost in the machine's")
        sys.exit(SKIPPED)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"own_etc.py: {command[0]}: {error.strerror}")


main(sys.argv[1:])
