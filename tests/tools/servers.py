# SPDX-License-Identifier: MIT
"""Servers, ours and those of others: these have each a configuration of its own,
in a folder that goes again, on a free port."""

import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time
import unittest

PATIENCE = 20


def find(program):
    """Where the servers of a system lie, which not everyone's PATH has."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")


def needs(program):
    return unittest.skipUnless(find(program), f"no {program}")


def wait_for(condition, *arguments):
    """For what another program does, and does not tell; whether it came."""
    limit = time.monotonic() + PATIENCE
    while not (came := condition(*arguments)) and time.monotonic() < limit:
        time.sleep(0.005)
    return came


def port_of(process):
    """What a server of ours says first."""
    line = process.stdout.readline()
    if not line:
        raise OSError(f"it ended with {process.wait(PATIENCE)}")
    return int(line)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port, pid):
    """Whether that process does. To connect would be to use up the one connection
    that some servers take."""
    end = f":{port:04X}"
    for table in "/proc/net/tcp", "/proc/net/tcp6":
        for row in pathlib.Path(table).read_text().splitlines()[1:]:
            words = row.split()
            if words[1].endswith(end) and words[3] == "0A" and has_open(pid, words[9]):
                return True
    return False


def has_open(pid, inode):
    try:
        return any(os.readlink(path) == f"socket:[{inode}]"
                   for path in pathlib.Path(f"/proc/{pid}/fd").iterdir())
    except FileNotFoundError:  # it, or one of them, is gone
        return False


class Program:
    """A server of others, by the words that command() makes of a free port. Someone
    may have taken that meanwhile, so it is asked again."""

    def __init__(self, command):
        for _ in range(9):
            self.port = free_port()
            self.process = self.start([str(word) for word in command(self.port)])
            wait_for(lambda: self.is_up() or self.process.poll() is not None)
            if self.process.poll() is None and self.is_up():
                # Else a full pipe would stop it.
                self.reader = threading.Thread(target=self.read)
                self.reader.start()
                return
            self.kill()
            said = self.process.communicate()[1].decode(errors="replace")
        raise OSError("does not listen: " + said)

    def start(self, words):
        return subprocess.Popen(words, stdin=subprocess.PIPE,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def kill(self):
        self.process.kill()

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def is_up(self):
        return listens(self.port, self.process.pid)

    def read(self):
        self.said = self.process.stderr.read().decode(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()
        self.reader.join()
        self.process.stdin.close()
        self.process.stderr.close()


NGINX = """\
daemon off; master_process off; pid {folder}/pid; error_log stderr;
events {{}}
http {{
    access_log off; client_max_body_size 64m;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
    server {{
        {listen}
        {server}
    }}
}}
"""
LIGHTTPD = """\
server.bind = "127.0.0.1"
server.port = {port}
server.upload-dirs = ("{folder}")
server.modules = ("mod_proxy")
server.max-keep-alive-requests = 1000
mimetype.assign = ("" => "text/plain")
"""
APACHE = """\
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error
DefaultRuntimeDir {folder}
MaxKeepAliveRequests 0
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
"""


def configured(folder, text, *words):
    """A program, by its words and the file of a text with {port} in it."""
    path = pathlib.Path(folder) / "conf"

    def command(port):
        path.write_text(text(port))
        return [find(words[0]), *words[1:], path]
    return Program(command)


def nginx(folder, server, http="", tls=False):
    """`server` and `http` are lines of these blocks."""
    def text(port):
        return NGINX.format(folder=folder, http=http, server=server,
                            listen=f"listen 127.0.0.1:{port}{' ssl' if tls else ''};")
    return configured(folder, text, "nginx", "-e", "stderr", "-p", folder, "-c")


def lighttpd(folder, more):
    return configured(folder, lambda port: LIGHTTPD.format(folder=folder, port=port) + more,
                      "lighttpd", "-D", "-f")


def apache2(folder, more):
    return configured(folder, lambda port: APACHE.format(folder=folder, port=port) + more,
                      "apache2", "-X", "-f")
