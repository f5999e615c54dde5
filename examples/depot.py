#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""depot.py [PORT [FOLDER]]: a server of FTP to try the programs on, on this machine.
Anyone may fetch and store the files of FOLDER, "depot" unless given, which is made with
a file in it where it is not there. PORT is 8021 unless given; 0 is a free one.
"""

import pathlib
import signal
import socket
import socketserver
import sys


class Handler(socketserver.StreamRequestHandler):
    """A client. Each command has a method here, or one of the words below."""

    words = {'USER': '331 your password?', 'PASS': '230 welcome', 'TYPE': '200 ok',
             'REST': '350 ok', 'QUIT': '221 bye'}

    def say(self, words):
        self.wfile.write(words.encode() + b'\r\n')

    def path(self, name):
        return self.server.folder / pathlib.Path(name).name

    def handle(self):
        self.door, self.start = None, 0
        self.say('220 ready')
        for line in self.rfile:
            verb, _, argument = line.decode('utf-8', 'replace').rstrip('\r\n').partition(' ')
            self.answer(verb.upper(), argument)
            if verb.upper() == 'QUIT':
                break
        if self.door:
            self.door.close()

    def answer(self, verb, argument):
        try:
            if verb in self.words:
                self.say(self.words[verb])
            elif method := getattr(self, 'do_' + verb, None):
                method(argument)
            else:
                self.say('502 what?')
        except OSError as error:
            self.say(f'550 {error.strerror}')
        self.start = int(argument) if verb == 'REST' and argument.isdecimal() else 0

    def open_door(self):
        """Where the next connection for data is to come to."""
        if self.door:
            self.door.close()
        self.door = socket.create_server((self.server.server_address[0], 0))
        return self.door.getsockname()[1]

    def do_EPSV(self, _):
        self.say(f'229 come (|||{self.open_door()}|)')

    def do_PASV(self, _):
        high, low = divmod(self.open_door(), 256)
        self.say(f'227 come (127,0,0,1,{high},{low})')

    def do_SIZE(self, name):
        self.say(f'213 {self.path(name).stat().st_size}')

    def do_RETR(self, name):
        content = self.path(name).read_bytes()[self.start:]
        self.say(f'150 here it comes ({len(content)} bytes)')
        with self.door.accept()[0] as data:
            data.sendall(content)
        self.say('226 done')

    def do_STOR(self, name):
        with open(self.path(name), 'wb') as file:
            self.say('150 go on')
            with self.door.accept()[0] as data:
                while some := data.recv(65536):
                    file.write(some)
        self.say('226 done')


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


def folder_with_files(path):
    folder = pathlib.Path(path)
    if not folder.exists():
        folder.mkdir()
        (folder / 'berkas.txt').write_text('Isi berkas.\n')
    return folder


def main(port=8021, folder='depot'):
    for signo in signal.SIGINT, signal.SIGTERM:
        signal.signal(signo, lambda *_: sys.exit())
    with Server(('127.0.0.1', int(port)), Handler) as server:
        server.folder = folder_with_files(folder)
        print(f'listening on {server.server_address}', file=sys.stderr, flush=True)
        server.serve_forever()


main(*sys.argv[1:])
