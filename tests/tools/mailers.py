# SPDX-License-Identifier: MIT
"""The servers of others for mail, news and files, as servers.py has those of the web.

Each is a context manager: it listens on free ports of 127.0.0.1 when its block
begins, and is dead when that ends, with the folder that it had. Without root it
runs as whoever started it, where it can. Where `certs` is the folder that
tests/ssl/certs.py made, there is TLS, by the certificate `leaf` of that.
"""

import asyncio
import base64
import collections
import contextlib
import grp
import hashlib
import hmac
import logging
import os
import pathlib
import pwd
import select
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import unittest
import warnings

import servers
from servers import PATIENCE, find, free_port

CERTS = os.environ.get("PYSOCKC_CERTS")
USER, PASSWORD = "user", "secret"
DOVECOT_PARTS = pathlib.Path("/usr/lib/dovecot")

# What a test needs

def is_root():
    """Whether this process may become any user, as the daemons do."""
    ranges = pathlib.Path("/proc/self/uid_map").read_text().split()
    return os.geteuid() == 0 and sum(map(int, ranges[2::3])) > 0xFFFF


def has_users():
    """Whether a daemon that is not root's has a user to be."""
    return os.geteuid() != 0 or is_root()


def lacks(module):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            __import__(module)
    except ImportError:
        return f"no {module}"
    return None


def needs(mailer, *parts):
    """Of Dovecot, a protocol is a part."""
    reason = mailer.missing(*parts)
    return unittest.skipIf(reason, reason or "")


def tls_client(certs=CERTS):
    """What a client of Python needs to verify them."""
    return ssl.create_default_context(cafile=pathlib.Path(certs) / "root.pem")


# What they have in common

def children(pid):
    with contextlib.suppress(OSError):  # it, or one of its threads, is gone
        for path in pathlib.Path(f"/proc/{pid}/task").iterdir():
            yield from map(int, (path / "children").read_text().split())


def descendants(pid):
    """And itself, last."""
    for child in children(pid):
        yield from descendants(child)
    yield pid


def end(pids):
    """Kills them, and waits until they are gone, and with them the sockets that they
    listen on: a signal alone does not say so, nor does the end of their parent."""
    with contextlib.ExitStack() as stack:
        ending = []
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                ending.append(fd := os.pidfd_open(pid))
                stack.callback(os.close, fd)
                signal.pidfd_send_signal(fd, signal.SIGKILL)
        for fd in ending:
            select.select([fd], [], [])


def quiet(name):
    """What it logs is not what a test says."""
    logger = logging.getLogger(name)
    logger.addHandler(logging.NullHandler())
    logger.propagate = False


class Place:
    """A folder that goes again, and the certificate that is shown."""

    def __init__(self, certs, leaf):
        self.own = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.own.name).resolve()
        # Where other users work.
        os.chmod(self.folder, 0o755)
        self.tls = certs is not None
        if self.tls:
            self.cert = pathlib.Path(certs, leaf + ".pem").resolve()
            self.key = self.cert.with_suffix(".key")

    def make(self, name, user=None, mode=0o755):
        """A folder of someone's."""
        path = self.folder / name
        path.mkdir(exist_ok=True)
        self.give(path, user)
        os.chmod(path, mode)
        return path

    def give(self, path, user):
        if user and is_root():
            entry = pwd.getpwnam(user)
            os.chown(path, entry.pw_uid, entry.pw_gid)


# Those that are unpacked

def unpacked(package, *programs):
    """The folder that is "/" to them, be they installed, or lie unpacked in
    PYSOCKC_UNPACKED, as run.sh has it; None: they are not there."""
    places = [pathlib.Path("/")]
    if place := os.environ.get("PYSOCKC_UNPACKED"):
        places.insert(0, pathlib.Path(place, package))
    return next((place for place in places
                 if all((place / program).exists() for program in programs)), None)


def copy_programs(place, to, names, *libraries):
    """Into a folder, with the libraries that were unpacked with them: a daemon's user
    may not enter the folders above. It is no one's rights that they run by. What
    finds the libraries in an environment."""
    for name in names:
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(place / name, path)
        path.chmod(0o755)
    for path in libraries:
        shutil.copy(path, to)
    return {"LD_LIBRARY_PATH": str(to)} if libraries else {}


def libraries_of(place):
    """Of what is installed, none."""
    if place == pathlib.Path("/"):
        return []
    return [path for folder in ("lib", "usr/lib") for path in place.glob(folder + "/*/lib*.so.*")]


# Before a command: it has a /run of its own, and knows the users of a folder.
AT_HOME = """\
mount -t tmpfs none /run
for name in passwd group; do
  [ ! -e "$1/$name" ] || mount --bind "$1/$name" "/etc/$name"
done
shift
exec "$@"
"""


# What is to do when this process is killed, which its end of a pipe tells.
WATCH = 'read -r _; kill -s KILL -- "-$1"; rm -rf -- "$2"'


class Daemon(servers.Program):
    """A program with a Place, of several processes, none of which outlives it."""

    environment = {}

    def __init__(self, certs=CERTS, leaf="good"):
        self.place = Place(certs, leaf)
        self.folder = self.place.folder
        try:
            super().__init__(self.command)
        except BaseException:
            self.place.own.cleanup()
            raise

    def command(self, port):
        raise NotImplementedError

    def start(self, words):
        process = subprocess.Popen(
            words, start_new_session=True, cwd=self.folder, stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, **self.environment})
        self.watch = subprocess.Popen(
            ["sh", "-c", WATCH, "watch", str(process.pid), self.folder], stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True)
        return process

    def kill(self):
        """All of them, those too that are sessions of their own: none can be begun
        by one that stands still."""
        self.watch.kill()
        self.watch.communicate()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)
        end(list(descendants(self.process.pid)))

    def stop(self):
        self.kill()
        self.process.wait()

    def __exit__(self, *error):
        super().__exit__(*error)
        self.place.own.cleanup()


class Unpacked(Daemon):
    """One that run.sh unpacks, because another of its kind is installed. Root starts
    it, and it goes on as the user nobody; it has a /run of its own, and for /etc/passwd
    and /etc/group those files of its folder, if they are there."""

    package, programs = None, ()

    @classmethod
    def missing(cls):
        if not unpacked(cls.package, *cls.programs):
            return f"no {cls.package}"
        if not is_root():
            return "not root"
        unshared = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
        return "no mount namespaces" if unshared.returncode else None

    def __init__(self, *args, **place):
        self.environment = {}
        super().__init__(*args, **place)

    def at_home(self, *words):
        """What runs the daemon's program."""
        return ["unshare", "--mount", "sh", "-ec", AT_HOME, "sh", self.folder,
                self.program(0), *words]

    def program(self, number):
        return self.folder / "programs" / self.programs[number]

    def placed(self):
        """Copies the programs, and what TLS needs, to where the user nobody may go."""
        place = unpacked(self.package, *self.programs)
        self.environment.update(copy_programs(
            place, self.folder / "programs", self.programs, *libraries_of(place)))
        if self.place.tls:
            self.cert = self.kept("cert", self.place.cert.read_text())
            self.key = self.kept("key", self.place.key.read_text())

    def kept(self, name, text):
        """A file that the user nobody may read, and no one else."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        self.place.give(path, "nobody")
        return path


class Threaded:
    """A server of Python's in a thread of ours, with a Place."""

    def __init__(self, certs=CERTS, leaf="good"):
        self.place = Place(certs, leaf)
        self.folder = self.place.folder
        self.thread = threading.Thread(target=self.run, daemon=True)
        try:
            self.listen()
        except BaseException:
            self.place.own.cleanup()
            raise
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.end()
        self.thread.join(PATIENCE)
        self.place.own.cleanup()
        assert not self.thread.is_alive()


# Dovecot

DOVECOT = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
listen = 127.0.0.1
protocols = {protocols}
ssl = {ssl}
auth_mechanisms = plain login cram-md5 apop xoauth2 oauthbearer
auth_failure_delay = 0
disable_plaintext_auth = no
mail_max_userip_connections = 1000
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
mail_plugins = quota
lda_mailbox_autocreate = yes
passdb {{
  driver = passwd-file
  args = {folder}/denied
  deny = yes
}}
passdb {{
  driver = static
  args = password={{plain}}{password}
}}
userdb {{
  driver = passwd-file
  args = {folder}/full
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
plugin {{
  quota = maildir:all
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener auth-client {{
    mode = 0666
  }}
}}
"""
# Without root.
DOVECOT_ALONE = """\
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
DOVECOT_SERVICE = """\
service {name}-login {{
  {chroot}
  inet_listener {name} {{
    port = {port}
  }}
  inet_listener {name}s {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""


class Dovecot(Daemon):
    """IMAP, POP3 and LMTP: any user, whose password is PASSWORD, also as a token.

    `imap`, `imaps`, `pop3` and `pop3s` are ports, `lmtp` is a path; what is not
    installed is None, and so are imaps and pop3s without certificates. The user
    `denied` is none, and `full` has no room. `more` are lines of its configuration.
    """

    @staticmethod
    def missing(*parts):
        if not find("dovecot"):
            return "no dovecot"
        if not has_users():
            return "no user but root"
        absent = [part for part in parts if not (DOVECOT_PARTS / part).exists()]
        return f"no dovecot-{absent[0]}d" if absent else None

    def __init__(self, more="", **place):
        self.more = more
        self.account = pwd.getpwnam("nobody") if is_root() else pwd.getpwuid(os.geteuid())
        self.delivered = 0
        super().__init__(**place)

    def command(self, port):
        self.place.make("mail", self.account.pw_name)
        (self.folder / "denied").write_text("denied:\n")
        (self.folder / "full").write_text(
            f"full::{self.account.pw_uid}:{self.account.pw_gid}::{self.folder}/mail/full::"
            "userdb_quota_rule=*:bytes=1\n")
        path = self.folder / "conf"
        path.write_text(self.configuration(port))
        return [find("dovecot"), "-F", "-c", path]

    def configuration(self, port):
        has = [name for name in ("imap", "pop3", "lmtp") if (DOVECOT_PARTS / name).exists()]
        self.imap = self.imaps = self.pop3 = self.pop3s = None
        text = DOVECOT.format(
            folder=self.folder, protocols=" ".join(has), password=PASSWORD,
            ssl="yes" if self.place.tls else "no",
            uid=self.account.pw_uid, gid=self.account.pw_gid)
        if not is_root():
            text += DOVECOT_ALONE.format(user=self.account.pw_name, 
                                         group=grp.getgrgid(os.getegid()).gr_name)
        for name in has[:2]:
            tls_port = free_port() if self.place.tls else 0
            setattr(self, name, port)
            setattr(self, name + "s", tls_port or None)
            text += DOVECOT_SERVICE.format(name=name, port=port, tls_port=tls_port,
                                           chroot="" if is_root() else "chroot =")
            port = free_port()
        return text + self.of_tls() + self.of_lmtp("lmtp" in has) + self.more

    def of_tls(self):
        if not self.place.tls:
            return ""
        return f"ssl_cert = <{self.place.cert}\nssl_key = <{self.place.key}\n"

    def of_lmtp(self, here):
        self.lmtp = str(self.folder / "run/lmtp") if here else None
        return "service lmtp {\n  unix_listener lmtp {\n    mode = 0666\n  }\n}\n" if here else ""

    def deliver(self, user, *messages):
        """As many as there are, at once, into the mailbox of someone."""
        box = self.place.make(f"mail/{user}", self.account.pw_name, 0o700)
        for part in "cur", "new", "tmp":
            self.place.make(f"mail/{user}/{part}", self.account.pw_name, 0o700)
        for message in messages:
            self.delivered += 1
            path = box / "new" / f"1000000000.{self.delivered:06}.tester"
            path.write_bytes(message)
            self.place.give(path, self.account.pw_name)


# SMTP

class SmtpSink(Daemon):
    """Postfix's, which takes all mail as fast as it comes; with `options` of its own.
    With `kept`, messages() is what came."""

    @staticmethod
    def missing():
        if not find("smtp-sink"):
            return "no smtp-sink"
        return None if has_users() else "no user but root"

    def __init__(self, *options, kept=False):
        self.options = [*options, *(["-d", "kept/"] if kept else [])]
        super().__init__(None)

    def command(self, port):
        user = ["-u", "nobody"] if is_root() else []
        self.place.make("kept", "nobody", 0o700)
        return [find("smtp-sink"), *user, "-h", "localhost", *self.options,
                f"127.0.0.1:{port}", 100]

    def messages(self):
        """With the lines that it puts before them."""
        return [path.read_bytes() for path in sorted((self.folder / "kept").iterdir())]


Received = collections.namedtuple("Received", "sender recipients options content user tls")


class AioSmtp(Threaded):
    """aiosmtpd, with STARTTLS on `port` and TLS at once on `tls_port`, AUTH and SMTPUTF8.

    `messages` is a list of what it received. The recipients refused@ and later@ get
    a 550 and a 450. `options` are those of aiosmtpd.smtp.SMTP.
    """

    @staticmethod
    def missing():
        return lacks("aiosmtpd")

    def __init__(self, certs=CERTS, leaf="good", **options):
        self.options = options
        self.messages = []
        super().__init__(certs, leaf)

    def listen(self):
        quiet("mail.log")
        self.loop = asyncio.new_event_loop()
        self.listeners = []
        context = None
        self.tls_port = None
        if self.place.tls:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self.place.cert, self.place.key)
            self.tls_port = self.listener(context, {})
        self.port = self.listener(None, {"tls_context": context})

    def listener(self, context, options):
        made = self.loop.create_server(lambda: self.protocol(**options, **self.options),
                                       "127.0.0.1", 0, ssl=context)
        server = self.loop.run_until_complete(made)
        self.listeners.append(server)
        return server.sockets[0].getsockname()[1]

    def protocol(self, **options):
        from aiosmtpd.smtp import SMTP
        with warnings.catch_warnings():  # that a password may go without TLS
            warnings.simplefilter("ignore")
            return SMTP(self, hostname="localhost", ident="aiosmtpd", loop=self.loop,
                        enable_SMTPUTF8=True, auth_require_tls=False,
                        authenticator=self.authenticate, **options)

    def run(self):
        self.loop.run_forever()
        for listener in self.listeners:
            listener.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def end(self):
        self.loop.call_soon_threadsafe(self.loop.stop)

    # What aiosmtpd calls.

    def result(self, user, good):
        from aiosmtpd.smtp import AuthResult
        return AuthResult(success=good, handled=False, auth_data=user)

    def authenticate(self, server, session, envelope, mechanism, said):
        user = said.login.decode()
        return self.result(user, said.password == PASSWORD.encode())

    async def auth_CRAM__MD5(self, server, arguments):
        challenge = b"<1.2@localhost>"
        user, _, digest = (await server.challenge_auth(challenge)).decode().rpartition(" ")
        wanted = hmac.new(PASSWORD.encode(), challenge, hashlib.md5).hexdigest()
        return self.result(user, hmac.compare_digest(digest, wanted))

    async def auth_XOAUTH2(self, server, arguments):
        said = base64.b64decode(arguments[1]) if len(arguments) > 1 else \
            await server.challenge_auth(b"")
        user, token, *_ = said.decode().split("\1")
        return self.result(user.removeprefix("user="), token == f"auth=Bearer {PASSWORD}")

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 no such user"
        if address.startswith("later@"):
            return "450 4.2.1 not now"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 taken"

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(Received(
            envelope.mail_from, list(envelope.rcpt_tos), list(envelope.mail_options),
            envelope.original_content, session.auth_data, session.ssl is not None or
            server.transport.get_extra_info("ssl_object") is not None))
        return "250 2.0.0 kept"


POSTFIX = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination =
alias_maps =
alias_database =
biff = no
smtpd_error_sleep_time = 0
smtpd_peername_lookup = no
smtpd_recipient_restrictions =
    check_recipient_access inline:{{
        {{ refused@ = 550 5.1.1 no such user }}, {{ later@ = 450 4.2.1 not now }} }}
    permit_mynetworks reject
default_transport = {transport}
local_transport = {transport}
"""
POSTFIX_TLS = """\
smtpd_tls_security_level = may
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
"""
POSTFIX_AUTH = """\
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {path}
"""
# Name, type, and what follows the columns that say who may use it and how many.
POSTFIX_SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
{smtps}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
POSTFIX_QUEUES = ("active bounce corrupt defer deferred flush hold incoming private saved "
                  "trace").split()


class Postfix(Daemon):
    """Postfix on `port`, with STARTTLS, and on `tls_port`, which throws all mail away,
    or hands it to the LMTP of a Dovecot, whom it then asks for passwords, too. The
    recipients refused@ and later@ get a 550 and a 450. `log` is a path, and `more`
    are lines of main.cf."""

    @staticmethod
    def missing():
        if not find("postconf"):
            return "no postfix"
        return None if is_root() else "not root"

    def __init__(self, dovecot=None, more="", **place):
        self.dovecot, self.more = dovecot, more
        super().__init__(**place)

    def command(self, port):
        self.log = self.folder / "log"
        self.tls_port = free_port() if self.place.tls else None
        self.make_queues()
        conf = self.place.make("conf")
        main = conf / "main.cf"
        main.write_text(self.configuration())
        # Postfix waits until no one can be writing it.
        os.utime(main, (0, 0))
        (conf / "master.cf").write_text(POSTFIX_SERVICES.format(
            port=port, smtps=f"127.0.0.1:{self.tls_port} inet n - n - - smtpd "
            "-o smtpd_tls_wrappermode=yes" if self.tls_port else ""))
        return ["/usr/lib/postfix/sbin/master", "-c", conf, "-d"]

    def make_queues(self):
        self.place.make("data", "postfix", 0o700)
        self.place.make("spool")
        self.place.make("spool/pid")
        for name in POSTFIX_QUEUES:
            self.place.make("spool/" + name, "postfix", 0o700)
        group = grp.getgrnam("postdrop").gr_gid
        for name, mode in ("maildrop", 0o730), ("public", 0o710):
            os.chown(self.place.make("spool/" + name, "postfix", mode), -1, group)

    def configuration(self):
        to = f"lmtp:unix:{self.dovecot.lmtp}" if self.dovecot else "discard:"
        text = POSTFIX.format(folder=self.folder, transport=to)
        if self.place.tls:
            text += POSTFIX_TLS.format(cert=self.place.cert, key=self.place.key)
        if self.dovecot:
            text += POSTFIX_AUTH.format(path=self.dovecot.folder / "run/auth-client")
        return text + self.more


EXIM = """\
exim_path = {exim}
spool_directory = {folder}/spool
log_file_path = {folder}/spool/%slog
pid_file_path = {folder}/spool/pid
keep_environment = LD_LIBRARY_PATH
primary_hostname = localhost
qualify_domain = localhost
local_interfaces = 127.0.0.1
daemon_smtp_ports = {ports}
rfc1413_query_timeout = 0s
host_lookup =
queue_only
deliver_drop_privilege
never_users =
dsn_advertise_hosts = *
chunking_advertise_hosts = *
pipelining_connect_advertise_hosts = {early}
acl_smtp_rcpt = recipient
{tls}
{more}
begin acl
recipient:
  deny
    local_parts = refused
    message = 550 5.1.1 no such user
  defer
    local_parts = later
    message = 450 4.2.1 not now
  drop
    local_parts = dropped
    message = 550 5.7.1 go away
  accept
begin routers
all:
  driver = accept
  transport = kept
begin transports
kept:
  driver = appendfile
  directory = {folder}/kept
  maildir_format
  envelope_to_add
  return_path_add
  user = nobody
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{user}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{{user}}}{{{password}}}fail}}
"""
EXIM_TLS = """\
tls_advertise_hosts = *
tls_on_connect_ports = {port}
tls_certificate = {cert}
tls_privatekey = {key}
"""


class Exim(Unpacked):
    """Exim on `port`, with STARTTLS, and on `tls_port`: it knows USER by PASSWORD, and
    hangs up on who does not wait for it, where one must; but not if `early`, as it then
    offers PIPECONNECT. The recipients refused@ and later@ get a 550 and a 450, and
    dropped@ a 550 and no more. `more` are lines of its configuration."""

    package, programs = "exim", ("usr/sbin/exim4",)

    def __init__(self, more="", early=False, **place):
        self.more, self.early = more, early
        super().__init__(**place)

    def command(self, port):
        self.placed()
        self.tls_port = free_port() if self.place.tls else None
        for name in "spool", "kept":
            self.place.make(name, "nobody")
        self.know_user()
        path = self.folder / "conf"
        path.write_text(self.configuration(port))
        return self.at_home("-C", path, "-bdf")

    def know_user(self):
        """The name that it was built for, as nobody's."""
        nobody = pwd.getpwnam("nobody")
        ids = f"{nobody.pw_uid}:{nobody.pw_gid}"
        for name, rest in ("passwd", ids + "::/:/bin/false"), ("group", f"{nobody.pw_gid}:"):
            known = pathlib.Path("/etc", name).read_text()
            (self.folder / name).write_text(f"Debian-exim:x:{rest}\n{known}")

    def configuration(self, port):
        tls = "tls_advertise_hosts ="
        if self.place.tls:
            tls = EXIM_TLS.format(port=self.tls_port, cert=self.cert, key=self.key)
        return EXIM.format(exim=self.program(0), folder=self.folder, tls=tls,
                           ports=" : ".join(map(str, filter(None, (port, self.tls_port)))),
                           early="*" if self.early else "", user=USER, password=PASSWORD,
                           more=self.more)

    def messages(self):
        """What came since they were asked for, with the lines that it puts before."""
        subprocess.run(self.at_home("-C", self.folder / "conf", "-q"), check=True,
                       env={**os.environ, **self.environment})
        texts = []
        for path in sorted((self.folder / "kept/new").iterdir()):
            texts.append(path.read_bytes())
            path.unlink()
        return texts


# FTP

class PyFtp(Threaded):
    """pyftpdlib: USER with PASSWORD, and anonymous, who both may do all in `root`.

    With certificates there is AUTH TLS. `options` are attributes of its handler,
    such as tls_data_required.
    """

    @staticmethod
    def missing():
        return lacks("pyftpdlib") or lacks("OpenSSL")

    def __init__(self, certs=CERTS, leaf="good", **options):
        self.options = options
        self.ended = threading.Event()
        super().__init__(certs, leaf)

    def listen(self):
        quiet("pyftpdlib")
        with warnings.catch_warnings():  # that it is old
            warnings.simplefilter("ignore")
            from pyftpdlib import authorizers, ioloop, servers as ftp_servers
            options = {"authorizer": authorizers.DummyAuthorizer(), "auth_failed_timeout": 0,
                       **self.options}
            handler = type("Handler", (self.base(options),), options)
        self.root = self.place.make("root")
        options["authorizer"].add_user(USER, PASSWORD, str(self.root), perm="elradfmwMT")
        with warnings.catch_warnings():  # that anyone may write
            warnings.simplefilter("ignore")
            options["authorizer"].add_anonymous(str(self.root), perm="elradfmwMT")
        self.server = ftp_servers.FTPServer(("127.0.0.1", 0), handler, ioloop.IOLoop())
        self.port = self.server.address[1]

    def base(self, options):
        from pyftpdlib import handlers
        if not self.place.tls:
            return handlers.FTPHandler
        options.update(certfile=str(self.place.cert), keyfile=str(self.place.key))
        return handlers.TLS_FTPHandler

    def run(self):
        while not self.ended.is_set():
            self.server.serve_forever(0.02, blocking=False)
        self.server.close_all()

    def end(self):
        self.ended.set()


VSFTPD = """\
listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable=YES
no_anon_password=YES
anon_root={root}
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_umask=022
write_enable=YES
{user}
nopriv_user=nobody
secure_chroot_dir={empty}
seccomp_sandbox=NO
xferlog_enable=NO
ssl_enable={tls}
"""
VSFTPD_TLS = """\
allow_anon_ssl=YES
force_anon_data_ssl={forced}
force_anon_logins_ssl={forced}
rsa_cert_file={cert}
rsa_private_key_file={key}
require_ssl_reuse={reuse}
"""


class Vsftpd(Daemon):
    """vsftpd: anonymous may read what is in `root`, which is "/" if this is root, and
    do all in root/incoming. The data's TLS session must be that of the commands, if
    `reuse`; there must be TLS, if `forced`. `more` are lines of its configuration."""

    @staticmethod
    def missing():
        return None if find("vsftpd") else "no vsftpd"

    def __init__(self, certs=CERTS, leaf="good", reuse=True, forced=False, more=""):
        self.reuse, self.forced, self.more = reuse, forced, more
        super().__init__(certs, leaf)

    def command(self, port):
        self.root = self.place.make("root")
        self.place.make("root/incoming", "ftp")
        path = self.folder / "conf"
        user = "ftp_username=ftp" if is_root() else "run_as_launching_user=YES"
        text = VSFTPD.format(port=port, root=self.root, empty=self.place.make("empty"),
                             user=user, tls="YES" if self.place.tls else "NO")
        if self.place.tls:
            text += VSFTPD_TLS.format(cert=self.place.cert, key=self.place.key,
                                      forced="YES" if self.forced else "NO",
                                      reuse="YES" if self.reuse else "NO")
        path.write_text(text + self.more)
        return [find("vsftpd"), path]


# crypt(3)'s word for PASSWORD.
CRYPTED = ("$6$tester$Kffw1MHPNgWtmiZ29d6lNL3ebhhju7ky1gxMAbpQxCftwuAoo7xSF9L8CiMsgr.4"
           "OkhGjLzBxhuFqbmM94oA90")
PROFTPD = """\
ServerType standalone
ServerName tests
DefaultAddress 127.0.0.1
SocketBindTight on
Port {port}
UseIPv6 off
UseReverseDNS off
User nobody
Group {group}
ModulePath {modules}
PidFile {folder}/pid
ScoreboardFile {folder}/scoreboard
ScoreboardMutex {folder}/mutex
SystemLog {folder}/log
TransferLog none
WtmpLog off
AuthOrder mod_auth_file.c
AuthUserFile {folder}/users
AuthGroupFile {folder}/groups
RequireValidShell off
DefaultRoot ~
AllowOverwrite on
AllowRetrieveRestart on
AllowStoreRestart on
<IfModule mod_delay.c>
  DelayEngine off
</IfModule>
<IfModule mod_ctrls.c>
  ControlsEngine off
</IfModule>
"""
PROFTPD_TLS = """\
LoadModule mod_tls.c
TLSEngine on
TLSLog {folder}/log
TLSProtocol TLSv1.2 TLSv1.3
TLSECCertificateFile {cert}
TLSECCertificateKeyFile {key}
TLSVerifyClient off
TLSRequired {forced}
{options}
"""


class ProFtpd(Unpacked):
    """ProFTPD: USER with PASSWORD may do all in `root`. The data's TLS session must be
    that of the commands, if `reuse`; there must be TLS, if `forced`. `more` are lines
    of its configuration."""

    package, programs = "proftpd", ("usr/sbin/proftpd", "usr/lib/proftpd/mod_tls.so")

    def __init__(self, certs=CERTS, leaf="good", reuse=True, forced=False, more=""):
        self.reuse, self.forced, self.more = reuse, forced, more
        super().__init__(certs, leaf)

    def command(self, port):
        self.placed()
        nobody = pwd.getpwnam("nobody")
        group = grp.getgrgid(nobody.pw_gid).gr_name
        self.root = self.place.make("root", "nobody")
        self.kept("users", f"{USER}:{CRYPTED}:{nobody.pw_uid}:{nobody.pw_gid}::{self.root}:/\n")
        self.kept("groups", f"{group}:x:{nobody.pw_gid}:\n")
        text = PROFTPD.format(folder=self.folder, port=port, group=group,
                              modules=self.program(1).parent)
        if self.place.tls:
            text += PROFTPD_TLS.format(folder=self.folder, cert=self.cert, key=self.key,
                                       forced="on" if self.forced else "off",
                                       options="" if self.reuse else
                                       "TLSOptions NoSessionReuseRequired")
        path = self.folder / "conf"
        path.write_text(text + self.more)
        return self.at_home("-n", "-q", "-c", path)


class PureFtpd(Unpacked):
    """Pure-FTPd: USER with PASSWORD may do all in `root`; there must be TLS, if
    `forced`."""

    package, programs = "pure-ftpd", ("usr/sbin/pure-ftpd", "usr/bin/pure-pw")

    def __init__(self, certs=CERTS, leaf="good", forced=False):
        self.forced = forced
        super().__init__(certs, leaf)

    def command(self, port):
        self.placed()
        self.root = self.place.make("root", "nobody")
        tls = []
        if self.place.tls:
            both = self.kept("both", self.cert.read_text() + self.key.read_text())
            tls = ["-Y", 2 if self.forced else 1, "-2", both]
        return self.at_home("-S", f"127.0.0.1,{port}", "-4", "-A", "-E", "-H",
                            "-u", 1, "-l", f"puredb:{self.users()}", "-g", self.folder / "pid",
                            "-O", f"clf:{self.folder}/log", *tls)

    def users(self):
        nobody = pwd.getpwnam("nobody")
        text = self.kept("users", f"{USER}:{CRYPTED}:{nobody.pw_uid}:{nobody.pw_gid}::"
                         f"{self.root}/./::::::::::::\n")
        made = self.folder / "users.pdb"
        subprocess.run([self.program(1), "mkdb", made, "-f", text],
                       check=True, env={**os.environ, **self.environment})
        return made


# News

INN_CONF = """\
mta: "/bin/false"
organization: "tests"
ovmethod: tradindexed
hismethod: hisv6
pathhost: tester.example
domain: tester.example
fromhost: tester.example
complaints: "news@tester.example"
bindaddress: 127.0.0.1
port: {port}
nnrpdloadlimit: 0
nnrpdflags: "-n"
enableoverview: true
allownewnews: true
doinnwatch: false
readertrack: false
icdsynccount: 1
pathnews: {program}
pathbin: {program}/bin
pathcontrol: {program}/bin/control
pathetc: {folder}/etc
pathfilter: {folder}/filter
patharchive: {folder}/archive
patharticles: {folder}/articles
pathdb: {folder}/db
pathhttp: {folder}/http
pathincoming: {folder}/incoming
pathlog: {folder}/log
pathoutgoing: {folder}/outgoing
pathoverview: {folder}/overview
pathrun: {folder}/run
pathspool: {folder}/spool
pathtmp: {folder}/tmp
"""
INN_TLS = """\
tlscertfile: {cert}
tlskeyfile: {key}
"""
INN_FOLDERS = ("archive articles db etc filter http incoming log outgoing overview run "
               "spool tmp").split()
INN_PROGRAMS = ("bin/innd", "bin/makedbz", "bin/nnrpd", "bin/auth/passwd/ckpasswd")
INN_GROUPS = ("control", "control.cancel", "junk", "misc.test", "private.test")
INN_FILES = {
    "etc/newsfeeds": "ME:*::\n",
    "etc/storage.conf": "method tradspool {{ newsgroups: * class: 0 }}\n",
    "etc/incoming.conf": "",
    "etc/expire.ctl": "/remember/:1\n*:A:never:never:never\n",
    "etc/control.ctl": "all:*:*:drop\n",
    "etc/distrib.pats": "",
    "etc/moderators": "",
    "etc/passwd": f"{USER}:{CRYPTED}\n",
    "etc/readers.conf": """\
auth "all" {{
    hosts: "*"
    default: "anyone"
    auth: "ckpasswd -f {folder}/etc/passwd"
}}
access "anyone" {{
    users: "anyone"
    newsgroups: "*,!private.*"
    access: "RPNAI"
}}
access "user" {{
    users: "{user}"
    newsgroups: "*"
    access: "RPNAI"
}}
""",
    "db/active": "".join(f"{name} 0000000000 0000000001 y\n" for name in INN_GROUPS),
    "db/active.times": "".join(f"{name} 1000000000 news@tester.example\n" for name in INN_GROUPS),
    "db/newsgroups": "misc.test\tFor trying\nprivate.test\tFor those who log in\n",
}


def as_news():
    """Before a command: INN works as no one else, whatever its configuration says."""
    news = pwd.getpwnam("news")
    if is_root():
        return ["setpriv", f"--reuid={news.pw_uid}", f"--regid={news.pw_gid}",
                "--clear-groups", "--"]
    return ["unshare", "--user", f"--map-user={news.pw_uid}", f"--map-group={news.pw_gid}", "--"]


class Inn(Daemon):
    """INN on `port`, with STARTTLS, and on `tls_port`: anyone may read and post to
    misc.test, and USER with PASSWORD to private.test."""

    @staticmethod
    def missing():
        if not unpacked("inn", "usr/lib/news/bin/innd"):
            return "no innd"
        if is_root() or subprocess.run([*as_news(), "true"], capture_output=True,
                                       check=False).returncode == 0:
            return None
        return "no user namespaces"

    def __init__(self, **place):
        self.environment = {}
        super().__init__(**place)
        try:
            self.tls = NnrpdTls(self) if self.place.tls else None
        except BaseException:
            super().__exit__()
            raise
        self.tls_port = self.tls and self.tls.port

    def command(self, port):
        self.program = self.placed()
        self.environment["INNCONF"] = str(self.folder / "etc/inn.conf")
        for name in INN_FOLDERS:
            self.make(name)
        for name, text in INN_FILES.items():
            self.write(name, text.format(folder=self.folder, user=USER))
        self.write("etc/inn.conf", self.configuration(port))
        history = self.write("db/history", "")
        subprocess.run([*as_news(), self.program / "bin/makedbz", "-i", "-o", "-s", "1000", "-f",
                        history], check=True, capture_output=True,
                       env={**os.environ, **self.environment})
        return [*as_news(), self.program / "bin/innd", "-f", "-N", "-P", port]

    def placed(self):
        """Where its programs are."""
        place = unpacked("inn", "usr/lib/news/bin/innd")
        program = place / "usr/lib/news"
        if place == pathlib.Path("/"):
            return program
        copied = self.folder / "program"
        self.environment.update(copy_programs(
            program, copied, INN_PROGRAMS, *program.glob("lib*.so.*"), *libraries_of(place)))
        return copied

    def make(self, name):
        return self.place.make(name, "news")

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        self.place.give(path, "news")
        return path

    def configuration(self, port):
        text = INN_CONF.format(folder=self.folder, program=self.program, port=port)
        if self.place.tls:
            # It takes none that others may read.
            key = self.write("key", self.place.key.read_text())
            os.chmod(key, 0o600)
            text += INN_TLS.format(key=key, cert=self.write("cert", self.place.cert.read_text()))
        return text

    def __exit__(self, *error):
        if self.tls:
            self.tls.__exit__()
        super().__exit__(*error)


class NnrpdTls(Daemon):
    """What an Inn has for TLS at once."""

    def __init__(self, inn):
        self.inn, self.folder = inn, inn.folder
        self.environment = inn.environment
        servers.Program.__init__(self, self.command)

    def command(self, port):
        return [*as_news(), self.inn.program / "bin/nnrpd", "-D", "-f", "-n", "-S",
                "-b", "127.0.0.1", "-p", port]

    def __exit__(self, *error):
        servers.Program.__exit__(self, *error)
