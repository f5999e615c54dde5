#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""certs.py FOLDER: the keys and certificates of the tests, by openssl(1).

For each name NAME.pem and NAME.key. Validity is that of a decade, but for the
leaves whose time is what is tested; all of them are made by `openssl ca`, as
nothing else of OpenSSL 3.0 takes a beginning that has passed.
"""

import argparse
import pathlib
import shutil
import subprocess

PASSWORD = "correct horse"  # as in tls.h
LOCAL = "DNS:localhost,IP:127.0.0.1,IP:::1"
ELLIPTIC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
BEGIN, END = "20200101000000Z", "20400101000000Z"

# What the tests' roots and leaves say of themselves. X509_STRICT, which the
# default contexts have, wants the identifiers of both.
CONFIG = """
[ca]
default_ca = {authority}
[{authority}]
database = index.txt
new_certs_dir = issued
certificate = {authority}.pem
private_key = {authority}.key
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
default_crl_days = 3650
crl_extensions = list
[any]
commonName = optional
[whatever]
[list]
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical,CA:true,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""
LEAF = """
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = {identifier}
extendedKeyUsage = {usage}
{names}
"""
# A certificate with all that Python tells of one. Of the name RFC 2253's special
# characters, UTF-8, a type without a name, and two attributes in one set.
RICH_REQUEST = """
[req]
distinguished_name = name
prompt = no
utf8 = yes
string_mask = utf8only
[name]
C = DE
O = "Example, \\"Inc\\" <x>"
OU = one
1.+OU = two
CN = Bücher
1.2.3.4.5 = odd
emailAddress = a@b.test
"""
RICH = """
subjectAltName = @names
authorityInfoAccess = @access
crlDistributionPoints = lists_a, lists_b, lists_c, lists_d
[names]
DNS.0 = a.test
DNS.1 = *.b.test
email.0 = u@c.test
URI.0 = https://d.test/x?y=1
IP.0 = 127.0.0.1
IP.1 = 2001:db8::1
IP.2 = ::ffff:1.2.3.4
RID.0 = 1.2.3.4
RID.1 = 1.3.6.1.5.5.7.3.1
dirName.0 = folder
otherName.0 = 1.3.6.1.4.1.311.20.2.3;UTF8:user@upn.test
otherName.1 = 1.2.3.4.5;UTF8:what
otherName.2 = 1.3.6.1.5.5.7.8.7;IA5STRING:_mail.srv.test
otherName.3 = 1.3.6.1.5.5.7.8.9;UTF8:smtp@utf8.test
otherName.4 = 1.3.6.1.5.5.7.8.5;UTF8:xmpp.test
otherName.5 = 1.3.6.1.5.5.7.8.8;UTF8:nai.test
otherName.6 = 1.3.6.1.4.1.311.20.2.3;INTEGER:5
[folder]
C = UK
O = My, Org
CN = dir
[access]
OCSP;URI.0 = http://ocsp.test/a
OCSP;URI.1 = http://ocsp.test/b
OCSP;DNS.0 = ocsp.test
caIssuers;URI.0 = http://ca.test/ca.der
[lists_a]
fullname = URI:http://crl.test/1
[lists_b]
fullname = URI:http://crl.test/2,DNS:crl.test,URI:http://crl.test/3
reasons = keyCompromise
[lists_c]
relativename = relative
[lists_d]
CRLissuer = dirName:relative
[relative]
CN = relative
"""


class Authority:
    """A folder, and who signs what is made there."""

    def __init__(self, folder):
        self.folder = folder

    def openssl(self, *words):
        subprocess.run(("openssl",) + words, cwd=self.folder, check=True,
                       stdin=subprocess.DEVNULL, capture_output=True)

    def config(self, authority):
        path = self.folder / f"{authority}.cnf"
        path.write_text(CONFIG.format(authority=authority))
        return path.name

    def root(self, name):
        """Signed by itself."""
        self.openssl("req", "-x509", *ELLIPTIC, "-nodes", "-keyout", f"{name}.key",
                     "-out", f"{name}.pem", "-days", "3650", "-subj", f"/CN={name}",
                     "-config", self.config_of_request(),
                     "-addext", "basicConstraints=critical,CA:true",
                     "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                     "-addext", "subjectKeyIdentifier=hash")

    def config_of_request(self):
        """None of the machine's extensions."""
        path = self.folder / "request.cnf"
        path.write_text("[req]\ndistinguished_name = name\n[name]\n")
        return path.name

    def request(self, name, subject, key):
        self.openssl("req", "-new", *key, "-nodes", "-keyout", f"{name}.key", "-out",
                     f"{name}.csr", "-subj", f"/CN={subject}", "-config",
                     self.config_of_request())

    def sign(self, name, authority, extensions, begin=BEGIN, end=END):
        self.openssl("ca", "-batch", "-notext", "-config", self.config(authority),
                     "-in", f"{name}.csr", "-out", f"{name}.pem", "-startdate", begin,
                     "-enddate", end, *extensions)

    def intermediate(self, name, authority):
        self.request(name, name, ELLIPTIC)
        self.sign(name, authority, ("-extensions", "intermediate"))

    def leaf(self, name, names=LOCAL, *, authority="root", subject=None, key=ELLIPTIC,
             usage="serverAuth", identifier="keyid", begin=BEGIN, end=END):
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(LEAF.format(
            usage=usage, identifier=identifier,
            names=f"subjectAltName = {names}" if names else ""))
        self.request(name, subject or name, key)
        self.sign(name, authority, ("-extfile", extensions.name), begin, end)

    def rich(self):
        """Its serial number is one of an odd number of digits."""
        config = self.folder / "rich.cnf"
        config.write_text(RICH_REQUEST, encoding="utf-8")
        (self.folder / "rich.ext").write_text(RICH)
        (self.folder / "rich.serial").write_text("0A1B2C\n")
        (self.folder / "rich_ca.cnf").write_text(
            CONFIG.format(authority="root")
            .replace("rand_serial = yes", "serial = rich.serial"))
        self.openssl("req", "-new", *ELLIPTIC, "-nodes", "-keyout", "rich.key", "-out",
                     "rich.csr", "-config", config.name)
        self.openssl("ca", "-batch", "-notext", "-preserveDN", "-policy", "whatever",
                     "-config", "rich_ca.cnf", "-in", "rich.csr", "-out", "rich.pem",
                     "-startdate", "20200105093443Z", "-enddate", END,
                     "-extfile", "rich.ext")

    def join(self, to, *files):
        (self.folder / to).write_text(
            "".join((self.folder / file).read_text() for file in files))


def der(tag, content):
    length = bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content


def odd_names():
    """Of a host, for those who look at less than all of a name or at too many kinds."""
    dns = (b"localhost\0.evil.test", b"127.0.0.1", b"::1", b"*", b"*.test", b"a*.example.test",
           b"*.*.example.test", b".dot.test", b"")
    names = [der(0x82, name) for name in dns]
    names += [der(0x81, b"root@localhost"), der(0x86, b"https://localhost/")]
    return "DER:" + ":".join(f"{b:02x}" for b in der(0x30, b"".join(names)))


def rsa(bits):
    return ("-newkey", f"rsa:{bits}")


def make_authorities(a):
    a.root("root")
    a.root("other_root")
    a.intermediate("intermediate", "root")
    a.openssl("ca", "-gencrl", "-config", a.config("root"), "-out", "root.crl")
    hashed = a.folder / "hashed"
    hashed.mkdir()
    shutil.copy(a.folder / "root.pem", hashed)
    a.openssl("rehash", "hashed")


def make_leaves(a):
    a.leaf("good")
    a.leaf("rsa", key=rsa(2048))
    a.leaf("rsa1024", key=rsa(1024))
    a.leaf("wildcard", "DNS:*.example.test")
    a.leaf("idn", "DNS:xn--bcher-kva.test")
    a.leaf("cn", None, subject="localhost")
    a.leaf("wrong", "DNS:other.test,IP:127.0.0.2")
    a.leaf("big", LOCAL + "".join(f",DNS:host-{i}.example.test" for i in range(700)))
    a.leaf("odd", odd_names(), subject="localhost")
    a.leaf("expired", end="20210101000000Z")
    a.leaf("future", begin="20390101000000Z")
    a.leaf("client_only", usage="clientAuth")
    a.leaf("client", "DNS:client.test", usage="clientAuth")
    a.leaf("other_client", "DNS:client.test", usage="clientAuth",
           authority="other_root")
    a.leaf("no_aki", identifier="none")
    a.leaf("other", authority="other_root")
    a.leaf("leaf_of_intermediate", authority="intermediate")
    revoked(a)
    a.leaf("client_of_intermediate", "DNS:client.test", usage="clientAuth",
           authority="intermediate")
    a.rich()
    self_signed(a)


def revoked(a):
    """A leaf that the newer list of its root names."""
    a.leaf("revoked")
    a.openssl("ca", "-config", a.config("root"), "-revoke", "revoked.pem")
    a.openssl("ca", "-gencrl", "-config", a.config("root"), "-out", "revoked.crl")


def self_signed(a):
    a.openssl("req", "-x509", *ELLIPTIC, "-nodes", "-keyout", "self_signed.key", "-out",
              "self_signed.pem", "-days", "3650", "-subj", "/CN=self_signed",
              "-config", a.config_of_request(),
              "-addext", f"subjectAltName={LOCAL}",
              "-addext", "basicConstraints=critical,CA:false",
              "-addext", "subjectKeyIdentifier=hash")


def make_files(a):
    """What certificates and keys may lie in."""
    a.join("chain.pem", "leaf_of_intermediate.pem", "intermediate.pem")
    a.join("chain.key", "leaf_of_intermediate.key")
    a.join("client_chain.pem", "client_of_intermediate.pem", "intermediate.pem")
    a.join("client_chain.key", "client_of_intermediate.key")
    a.join("good_both.pem", "good.key", "good.pem")
    a.join("both_roots.pem", "root.pem", "other_root.pem")
    a.join("root_and_crl.pem", "root.pem", "root.crl")
    a.join("root_and_revoked.pem", "root.pem", "revoked.crl")
    a.openssl("pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", "good.key", "-out",
              "good_encrypted.key", "-passout", f"pass:{PASSWORD}")
    a.openssl("ec", "-aes256", "-in", "good.key", "-out", "good_traditional.key",
              "-passout", f"pass:{PASSWORD}")
    (a.folder / "junk.pem").write_text("not a certificate\n" * 9)
    (a.folder / "empty.pem").write_text("")
    (a.folder / "cut.pem").write_text((a.folder / "good.pem").read_text()[:300])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "issued").mkdir(parents=True)
    (folder / "index.txt").write_text("")
    a = Authority(folder)
    make_authorities(a)
    make_leaves(a)
    make_files(a)
    (folder / "made").write_text("")


if __name__ == "__main__":
    main()
