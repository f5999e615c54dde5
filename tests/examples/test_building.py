# SPDX-License-Identifier: MIT
"""run.sh where something is missing: it says what, and stops.

Only the programs that a test names are missing; apt-get is never the true one.
"""

import pathlib
import shutil
import subprocess
import tempfile

from support import Case, main

RUN = pathlib.Path(__file__).resolve().parents[2] / 'examples/run.sh'


class Building(Case):
    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.work)
        self.tools = self.work / 'tools'
        self.tools.mkdir()
        for folder in '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin':
            for path in pathlib.Path(folder).glob('*'):
                if not (self.tools / path.name).exists():
                    (self.tools / path.name).symlink_to(path)
        self.without('apt-get', 'sudo', 'ninja')

    def without(self, *programs):
        for program in programs:
            (self.tools / program).unlink(missing_ok=True)

    def script(self, program, text):
        path = self.tools / program
        path.unlink(missing_ok=True)
        path.write_text('#!/bin/sh\n' + text)
        path.chmod(0o755)
        return str(path)

    def run_sh(self, *arguments, **settings):
        """Status, stdout and stderr."""
        environment = {'PATH': str(self.tools), 'HOME': str(self.work), **settings}
        done = subprocess.run(
            ['sh', RUN, *map(str, arguments)], env=environment, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=250)
        return done.returncode, done.stdout, done.stderr

    def stops(self, expected, *arguments, **settings):
        status, _, err = self.run_sh(*arguments, **settings)
        self.assertEqual(status, 1)
        self.assertRegex(err, expected)

    def test_help(self):
        status, out, err = self.run_sh('--help')
        self.assertEqual((status, err), (0, ''))
        self.assertTrue(out.startswith('usage: sh examples/run.sh'), out)

    def test_bad_arguments(self):
        self.assertEqual(self.run_sh('--no-such-option')[:2], (2, ''))
        self.stops('does not hold the programs', self.work)

    def test_no_apt(self):
        self.without('cmake')
        self.stops('building needs .*: cmake; .* no apt-get')

    def test_neither_root_nor_sudo(self):
        self.without('cmake')
        self.script('id', 'echo 1000')
        self.script('apt-get', 'exit 1')
        self.stops('building needs .*: cmake; .* neither root nor is there sudo')

    def test_archive_out_of_reach(self):
        self.without('cmake')
        self.script('id', 'echo 0')
        self.script('apt-get', 'echo "E: Failed to fetch" >&2; exit 100')
        self.stops('E: Failed to fetch\n.*building needs .*: cmake; .* apt-get failed')

    def test_no_compiler(self):
        self.script('cc', 'exit 1')
        self.stops('building needs .*: gcc libc6-dev; .* no apt-get')
        self.stops("CC is 'no-such', which does not compile", CC='no-such')

    def test_read_only(self):
        self.stops('build elsewhere: sh examples/run.sh --build DIRECTORY',
                   '--build', '/proc/none')

    def test_another_compiler(self):
        """The second one compiles everything again; without ip, openssl and
        curl, those are held that need none, and the last line says why no more."""
        self.without('ip', 'openssl', 'curl')
        compiler = str(self.tools / 'cc')
        for name in 'one', 'two':
            log = self.work / name
            self.script('cc_' + name, 'echo "$*" >>%s\nexec %s "$@"\n' % (log, compiler))
            status, out, err = self.run_sh('--build', self.work / 'build',
                                           CC='cc_' + name)
            self.assertEqual((status, err), (0, ''), out)
            self.assertRegex(
                out.splitlines()[-1], r'(20|21|25|26) of \1 conversations held; skipped: 13 '
                "on the programs' own ports, as ip is not installed; skipped: 3 over TLS, "
                'as (openssl is not installed|the library for it was not built, .+); '
                'skipped: 5 with curl, as curl is not installed'
                '(; skipped: 1 of mail, as smtp-sink is not installed)?'
                '(; skipped: 5 with a post office, as the libraries for it were not built)?$')
            self.assertIn('socket/error.c', log.read_text())


if __name__ == '__main__':
    main(limit=560)
