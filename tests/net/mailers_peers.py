#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""mailers_peers.py CLASS: the servers of tools/mailers.py, each by Python's own client.

That they come up, let in who may, refuse who may not, do what they are for, and
are gone when they should be. PYSOCKC_CERTS is the folder of the certificates.
"""

import contextlib
import ftplib
import imaplib
import io
import pathlib
import poplib
import smtplib
import socket
import sys
import unittest
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import mailers
from mailers import PASSWORD, USER
from servers import PATIENCE, wait_for

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # that it is old
    try:
        import nntplib
    except ImportError:
        nntplib = None

HOST = "127.0.0.1"
MESSAGE = b"From: a@a.example\r\nSubject: try\r\n\r\n.dot\r\nb\xf6dy\r\n"
needs_tls = unittest.skipUnless(mailers.CERTS, "no certificates")
DATA = bytes(range(256)) * 1000


class Case(unittest.TestCase):
    def started(self, mailer, *args, **kwargs):
        program = mailer(*args, **kwargs)
        self.addCleanup(self.check_gone, program, getattr(program, "port", None))
        return self.stack.enter_context(program)

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def check_gone(self, program, port):
        self.stack.close()
        self.assertFalse(program.folder.exists())
        self.assertRaises(ConnectionRefusedError, socket.create_connection, (HOST, port))

    def talk(self, client):
        """Closed before its server."""
        self.stack.callback(client.close)
        return client


@mailers.needs(mailers.Dovecot, "imap", "pop3", "lmtp")
class Dovecot(Case):
    def setUp(self):
        super().setUp()
        self.server = self.started(mailers.Dovecot)

    def imap(self):
        client = imaplib.IMAP4(HOST, self.server.imap, PATIENCE)
        self.stack.callback(client.sock.close)
        return client

    def pop3(self):
        return self.talk(poplib.POP3(HOST, self.server.pop3, PATIENCE))

    def test_imap(self):
        client = self.imap()
        client.login(USER, PASSWORD)
        self.assertEqual(client.append("INBOX", "", None, MESSAGE)[0], "OK")
        self.assertEqual(client.select(), ("OK", [b"1"]))
        self.assertEqual(client.fetch("1", "RFC822")[1][0][1], MESSAGE)
        self.assertEqual(client.logout()[0], "BYE")

    def test_mechanisms(self):
        for name, answer in (("XOAUTH2", f"user={USER}\1auth=Bearer {PASSWORD}\1\1"),
                             ("OAUTHBEARER", f"n,a={USER},\1auth=Bearer {PASSWORD}\1\1"),
                             ("PLAIN", f"\0{USER}\0{PASSWORD}")):
            with self.subTest(name=name):
                self.imap().authenticate(name, lambda _, answer=answer: answer.encode())
        self.imap().login_cram_md5(USER, PASSWORD)
        self.pop3().apop(USER, PASSWORD)

    def test_refused(self):
        for user, password in (USER, "other"), ("denied", PASSWORD):
            with self.subTest(user=user):
                self.assertRaises(imaplib.IMAP4.error, self.imap().login, user, password)
                client = self.pop3()
                client.user(user)
                self.assertRaises(poplib.error_proto, client.pass_, password)

    @needs_tls
    def test_tls(self):
        context = mailers.tls_client()
        for client in (self.imap(), imaplib.IMAP4_SSL(HOST, self.server.imaps,
                                                      ssl_context=context, timeout=PATIENCE)):
            if "STARTTLS" in client.capabilities:
                client.starttls(context)
            client.login(USER, PASSWORD)
            client.logout()
        client = self.pop3()
        client.stls(context)
        tls = poplib.POP3_SSL(HOST, self.server.pop3s, context=context, timeout=PATIENCE)
        for client in client, self.talk(tls):
            client.apop(USER, PASSWORD)

    def test_pop3(self):
        self.server.deliver(USER, *(MESSAGE for _ in range(100)))
        client = self.pop3()
        client.user(USER)
        client.pass_(PASSWORD)
        self.assertEqual(client.stat(), (100, 100 * len(MESSAGE)))
        self.assertEqual(b"\r\n".join(client.retr(100)[1]) + b"\r\n", MESSAGE)
        for number in range(1, 100):
            client.dele(number)
        client.quit()
        client = self.pop3()
        client.apop(USER, PASSWORD)
        self.assertEqual(client.stat()[0], 1)

    def test_lmtp(self):
        """An answer for each recipient: one has no room, and one is not there."""
        with smtplib.LMTP(self.server.lmtp) as client:
            self.assertEqual(client.ehlo("localhost")[0], 250)
            client.mail("a@a.example")
            self.assertEqual([client.rcpt(name)[0] for name in (USER, "full", "denied")],
                             [250, 250, 550])
            self.assertEqual([client.data(MESSAGE)[0], client.getreply()[0]], [250, 552])
        client = self.imap()
        client.login(USER, PASSWORD)
        self.assertEqual(client.select(), ("OK", [b"1"]))


class Smtp(Case):
    def client(self, port):
        client = self.talk(smtplib.SMTP(HOST, port, "localhost", PATIENCE))
        client.ehlo()
        return client

    def over_tls(self, server):
        """A client of each kind."""
        context = mailers.tls_client()
        client = self.client(server.port)
        client.starttls(context=context)
        yield client
        yield self.talk(smtplib.SMTP_SSL(HOST, server.tls_port, "localhost", timeout=PATIENCE,
                                         context=context))

    def log_in(self, server, *mechanisms):
        for name in mechanisms:
            for password, code in (PASSWORD, 235), ("other", 535):
                with self.subTest(name=name, code=code):
                    client = self.client(server.port)
                    self.assertIn(name, client.esmtp_features["auth"].split())
                    client.user, client.password = USER, password
                    self.assertEqual(self.answer(client, name), code)

    def answer(self, client, name):
        token = f"user={client.user}\1auth=Bearer {client.password}\1\1"
        answers = {"XOAUTH2": lambda challenge=None: "" if challenge else token}
        function = answers.get(name) or getattr(client, "auth_" + name.lower().replace("-", "_"))
        try:
            return client.auth(name, function)[0]
        except smtplib.SMTPAuthenticationError as error:
            return error.smtp_code

    def send_to_some(self, client):
        refused = client.sendmail("a@a.example", [
            "b@b.example", "refused@b.example", "later@b.example"], MESSAGE)
        self.assertEqual({name: code for name, (code, _) in refused.items()},
                         {"refused@b.example": 550, "later@b.example": 450})


@mailers.needs(mailers.SmtpSink)
class SmtpSink(Smtp):
    def test_kept(self):
        server = self.started(mailers.SmtpSink, kept=True)
        client = self.client(server.port)
        self.assertIn("pipelining", client.esmtp_features)
        for _ in range(3):
            client.sendmail("a@a.example", ["b@b.example"], MESSAGE)
        client.quit()
        texts = server.messages()
        self.assertEqual(len(texts), 3)
        for text in texts:
            self.assertIn(b"X-Rcpt-Args: <b@b.example>", text)
            self.assertIn(MESSAGE.replace(b"\r\n", b"\n"), text)

    def test_faults(self):
        server = self.started(mailers.SmtpSink, "-f", "rcpt", "-p")
        client = self.client(server.port)
        self.assertNotIn("pipelining", client.esmtp_features)
        self.assertRaises(smtplib.SMTPRecipientsRefused, client.sendmail, "a@a.example",
                          ["b@b.example"], MESSAGE)


@mailers.needs(mailers.AioSmtp)
class AioSmtp(Smtp):
    def setUp(self):
        super().setUp()
        self.server = self.started(mailers.AioSmtp)

    def test_received(self):
        self.send_to_some(self.client(self.server.port))
        self.assertEqual(self.server.messages, [mailers.Received(
            "a@a.example", ["b@b.example"], [f"SIZE={len(MESSAGE)}"], MESSAGE, None, False)])

    def test_mechanisms(self):
        self.log_in(self.server, "CRAM-MD5", "LOGIN", "PLAIN", "XOAUTH2")

    @needs_tls
    def test_tls(self):
        for client in self.over_tls(self.server):
            client.login(USER, PASSWORD)
            client.sendmail("\xe4@a.example", ["\xf6@b.example"], MESSAGE,
                            ["SMTPUTF8", "BODY=8BITMIME"])
        for message in self.server.messages:
            self.assertEqual((message.sender, message.recipients, message.user, message.tls),
                             ("\xe4@a.example", ["\xf6@b.example"], USER, True))
        self.assertEqual(len(self.server.messages), 2)


@mailers.needs(mailers.Postfix)
class Postfix(Smtp):
    def test_discarded(self):
        server = self.started(mailers.Postfix)
        self.send_to_some(self.client(server.port))
        if mailers.CERTS:
            for client in self.over_tls(server):
                self.send_to_some(client)

    @mailers.needs(mailers.Dovecot, "imap", "lmtp")
    def test_delivered(self):
        """By way of Dovecot, which knows the passwords, too."""
        dovecot = self.started(mailers.Dovecot)
        server = self.started(mailers.Postfix, dovecot)
        self.log_in(server, "CRAM-MD5", "PLAIN", "LOGIN", "XOAUTH2")
        self.send_to_some(self.client(server.port))
        client = imaplib.IMAP4(HOST, dovecot.imap, PATIENCE)
        self.stack.callback(client.sock.close)
        client.login("b@b.example", PASSWORD)
        self.assertTrue(wait_for(lambda: client.select() == ("OK", [b"1"])))
        self.assertTrue(client.fetch("1", "RFC822")[1][0][1].endswith(b".dot\r\nb\xf6dy\r\n"))


@mailers.needs(mailers.Exim)
class Exim(Smtp):
    def setUp(self):
        super().setUp()
        self.server = self.started(mailers.Exim)

    def test_kept(self):
        client = self.client(self.server.port)
        for name in "pipelining", "chunking", "dsn":
            self.assertIn(name, client.esmtp_features)
        self.assertNotIn("pipeconnect", client.esmtp_features)
        self.send_to_some(client)
        text, = self.server.messages()
        self.assertIn(b"\nEnvelope-to: b@b.example\n", text)
        self.assertTrue(text.endswith(b"\n\n.dot\nb\xf6dy\n"))
        self.assertEqual(self.server.messages(), [])

    def test_mechanisms(self):
        self.log_in(self.server, "CRAM-MD5", "PLAIN", "LOGIN")

    def test_early(self):
        early = self.started(mailers.Exim, early=True)
        self.assertIn("pipeconnect", self.client(early.port).esmtp_features)

    def test_out_of_turn(self):
        """A message that does not wait until it may come."""
        client = self.client(self.server.port)
        client.send("MAIL FROM:<>\r\nRCPT TO:<b@b.example>\r\nDATA\r\nx\r\n.\r\n")
        self.assertEqual([client.getreply()[0] for _ in range(3)], [250, 250, 554])
        self.assertRaises(smtplib.SMTPServerDisconnected, client.getreply)

    @needs_tls
    def test_tls(self):
        for client in self.over_tls(self.server):
            client.login(USER, PASSWORD)
            self.send_to_some(client)
        self.assertEqual(len(self.server.messages()), 2)


class Ftp(Case):
    def client(self, port, user=USER):
        client = self.talk(ftplib.FTP(timeout=PATIENCE))
        client.connect(HOST, port)
        client.login(user, PASSWORD)
        return client

    def tls_client(self, port):
        client = self.talk(ftplib.FTP_TLS(timeout=PATIENCE, context=mailers.tls_client()))
        client.connect(HOST, port)
        return client

    def move(self, client, folder):
        client.storbinary(f"STOR {folder}file", io.BytesIO(DATA))
        self.assertEqual((self.server.root / folder / "file").read_bytes(), DATA)
        got = io.BytesIO()
        client.retrbinary(f"RETR {folder}file", got.write)
        self.assertEqual(got.getvalue(), DATA)
        self.assertIn(f"{folder}file", client.nlst(*filter(None, [folder])))
        lines = []
        client.retrlines("LIST " + folder, lines.append)
        self.assertEqual([line.split()[-1] for line in lines], ["file"])
        client.delete(f"{folder}file")
        client.quit()


@mailers.needs(mailers.PyFtp)
class PyFtp(Ftp):
    def test_files(self):
        self.server = self.started(mailers.PyFtp)
        for user in USER, "anonymous":
            with self.subTest(user=user):
                self.move(self.client(self.server.port, user), "")
        (self.server.root / "file").touch()
        self.assertEqual([name for name, _ in self.client(self.server.port).mlsd()], ["file"])
        self.assertRaises(ftplib.error_perm, self.client, self.server.port, "other")

    @needs_tls
    def test_tls(self):
        self.server = self.started(mailers.PyFtp, tls_data_required=True,
                                   tls_control_required=True)
        client = self.tls_client(self.server.port)
        client.login(USER, PASSWORD)
        self.assertRaises(ftplib.error_perm, client.nlst)
        client.prot_p()
        self.move(client, "")
        self.assertRaises(ftplib.error_perm, self.client, self.server.port)


@mailers.needs(mailers.Vsftpd)
class Vsftpd(Ftp):
    def test_files(self):
        self.server = self.started(mailers.Vsftpd)
        self.move(self.client(self.server.port, "anonymous"), "incoming/")

    @needs_tls
    def test_tls(self):
        self.server = self.started(mailers.Vsftpd, reuse=False, forced=True)
        client = self.tls_client(self.server.port)
        client.login()
        client.prot_p()
        self.move(client, "incoming/")
        self.assertRaises(ftplib.error_perm, self.client, self.server.port, "anonymous")

    @needs_tls
    def test_session_reuse(self):
        """Which Python's can't."""
        self.server = self.started(mailers.Vsftpd)
        client = self.tls_client(self.server.port)
        client.login()
        client.prot_p()
        with self.assertRaisesRegex(ftplib.error_perm, "522 .*session reuse required"):
            client.nlst()


@mailers.needs(mailers.ProFtpd)
class ProFtpd(Ftp):
    def test_files(self):
        self.server = self.started(mailers.ProFtpd)
        self.move(self.client(self.server.port), "")
        (self.server.root / "file").touch()
        entries = self.client(self.server.port).mlsd()
        self.assertEqual({name: facts["type"] for name, facts in entries},
                         {".": "cdir", "..": "pdir", "file": "file"})
        self.assertRaises(ftplib.error_perm, self.client, self.server.port, "other")

    @needs_tls
    def test_tls(self):
        self.server = self.started(mailers.ProFtpd, reuse=False, forced=True)
        client = self.tls_client(self.server.port)
        client.login(USER, PASSWORD)
        client.prot_p()
        self.move(client, "")
        self.assertRaises(ftplib.error_perm, self.client, self.server.port)

    @needs_tls
    def test_session_reuse(self):
        """Which Python's can't."""
        self.server = self.started(mailers.ProFtpd)
        client = self.tls_client(self.server.port)
        client.login(USER, PASSWORD)
        client.prot_p()
        with self.assertRaisesRegex(ftplib.error_temp, "425 .*not permitted"):
            client.nlst()


@mailers.needs(mailers.PureFtpd)
class PureFtpd(Ftp):
    def test_files(self):
        self.server = self.started(mailers.PureFtpd)
        self.move(self.client(self.server.port), "")
        (self.server.root / "file").touch()
        self.assertIn("file", dict(self.client(self.server.port).mlsd()))
        self.assertRaises(ftplib.error_perm, self.client, self.server.port, "other")

    @needs_tls
    def test_tls(self):
        self.server = self.started(mailers.PureFtpd, forced=True)
        client = self.tls_client(self.server.port)
        client.login(USER, PASSWORD)
        client.prot_p()
        self.move(client, "")
        self.assertRaises(ftplib.error_temp, self.client, self.server.port)


@unittest.skipUnless(nntplib, "this Python has no nntplib")
@mailers.needs(mailers.Inn)
class Inn(Case):
    ARTICLE = b"From: a@a.example\r\nNewsgroups: misc.test\r\nSubject: try\r\n\r\n.dot\r\nbody\r\n"

    def setUp(self):
        super().setUp()
        self.server = self.started(mailers.Inn)

    def client(self):
        client = nntplib.NNTP(HOST, self.server.port, timeout=PATIENCE)
        self.stack.callback(client.file.close)
        self.stack.callback(client.sock.close)
        return client

    def test_articles(self):
        client = self.client()
        self.assertEqual(client.group("misc.test")[1], 0)
        client.post(self.ARTICLE)
        self.assertEqual(client.group("misc.test")[1:4], (1, 1, 1))
        self.assertEqual(client.body("1")[1].lines, [b".dot", b"body"])
        self.assertEqual(client.over((1, 1))[1][0][1]["subject"], "try")
        self.assertIn(("misc.test", "1", "1", "y"),
                      [(g.group, g.last.lstrip("0"), g.first.lstrip("0"), g.flag)
                       for g in client.list()[1]])

    def test_passwords(self):
        client = self.client()
        with self.assertRaisesRegex(nntplib.NNTPTemporaryError, "^480 "):
            client.group("private.test")
        client.login(USER, PASSWORD)
        client.group("private.test")
        with self.assertRaisesRegex(nntplib.NNTPTemporaryError, "^481 "):
            self.client().login(USER, "other")

    @needs_tls
    def test_tls(self):
        client = self.client()
        client.starttls(mailers.tls_client())
        tls = nntplib.NNTP_SSL(HOST, self.server.tls_port, timeout=PATIENCE,
                               ssl_context=mailers.tls_client())
        for client in client, tls:
            client.login(USER, PASSWORD)
            client.group("private.test")
            client.quit()


if __name__ == "__main__":
    unittest.main(verbosity=2)
