"""Networks of the tests' own: a namespace, and a second one behind a cable.

A test file calls main(), which begins again inside unshare(1); where that is
not permitted, or a tool is missing, the run is skipped and says so.
"""

import os
import shutil
import signal
import subprocess
import sys
import unittest

PATIENCE = 60
INSIDE = "PYSOCKC_INSIDE"


def skip(why):
    print("OK (skipped=all):", why)
    sys.exit(77)


def run(*command):
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)


def main(tools, limit=100):
    """Runs the tests of the calling file in a namespace of their own."""
    for tool in ("unshare", "ip", *tools):
        if not shutil.which(tool):
            skip(f"no {tool} here")
    if INSIDE not in os.environ:
        if subprocess.run(["unshare", "--net", "--mount", "true"], check=False,
                          capture_output=True).returncode != 0:
            skip("no namespaces here")
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", "--kill-child", "--fork",
                              sys.executable, "-B", *sys.argv])
    run("ip", "link", "set", "lo", "up")
    signal.alarm(limit)  # nothing waits without a limit
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])


class Cable:
    """A second network, 10.99.0.2, behind this one's 10.99.0.1."""

    def __init__(self):
        self.keeper = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec sleep 1000"],
                                       stdout=subprocess.PIPE)
        self.keeper.stdout.readline()
        run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there",
            "netns", str(self.keeper.pid))
        run("ip", "address", "add", "10.99.0.1/24", "dev", "here")
        run("ip", "link", "set", "here", "up")
        self.run("ip", "address", "add", "10.99.0.2/24", "dev", "there")
        self.run("ip", "link", "set", "there", "up")
        self.run("ip", "link", "set", "lo", "up")

    def command(self, *command):
        """The command, to be run on the other side."""
        return ["nsenter", "--target", str(self.keeper.pid), "--net", *command]

    def run(self, *command):
        run(*self.command(*command))

    def rule(self, text):
        """Adds a rule to what the other side does with packets that come in."""
        self.run("nft", "add table inet t; add chain inet t in "
                 "{ type filter hook input priority 0; }; add rule inet t in " + text)

    def close(self):
        self.keeper.kill()
        self.keeper.communicate()
        subprocess.run(["ip", "link", "delete", "here"], capture_output=True, check=False)
