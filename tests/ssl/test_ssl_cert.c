/* SPDX-License-Identifier: MIT */
/* What certificates say, and whose they are. */
#include "starve_openssl.h"
#include "tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* Certificates */

struct der {
    unsigned char *bytes;
    int size;
};

/* Ends the certificate, too. */
static struct der der_of(X509 *x)
{
    struct der d = {NULL, 0};
    check(x != NULL);
    d.size = i2d_X509(x, &d.bytes);
    check(d.size > 0);
    X509_free(x);
    return d;
}

static void free_der(struct der *d)
{
    OPENSSL_free(d->bytes);
}

static X509 *read_x509(const char *file)
{
    FILE *f = fopen(cert(file), "re");
    check(f != NULL);
    X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    return x;
}

static sock_ssl_cert_t *read_cert(const char *file)
{
    struct der d = der_of(read_x509(file));
    sock_ssl_cert_t *c =
        check_made(sock_ssl_cert_decode(d.bytes, (size_t)d.size));
    free_der(&d);
    return c;
}

static void check_rdn(const sock_ssl_rdn_t *r, const char *name,
                      const char *value)
{
    check_int(r->count, 1);
    check_str(r->attributes[0].name, name);
    check_str(r->attributes[0].value, value);
}

static void check_alt(const sock_ssl_alt_name_t *a, const char *kind,
                      const char *value)
{
    check_str(a->kind, kind);
    check_str(a->value, value);
    if (strcmp(kind, "DirName") != 0)
        check_int(a->rdn_count, 0);
}

/* Python 3.13's getpeercert() of it, but for the texts of names. */
static void check_rich(const sock_ssl_cert_t *c)
{
    static const char *const names[][2] = {
        {"DNS", "a.test"},
        {"DNS", "*.b.test"},
        {"email", "u@c.test"},
        {"URI", "https://d.test/x?y=1"},
        {"IP Address", "127.0.0.1"},
        {"IP Address", "2001:DB8:0:0:0:0:0:1"},
        {"IP Address", "0:0:0:0:0:FFFF:102:304"},
        {"Registered ID", "1.2.3.4"},
        {"Registered ID", "TLS Web Server Authentication"},
        {"DirName", "CN=dir,O=My\\, Org,C=UK"},
        {"othername", "UPN:user@upn.test"},
        {"othername", "<unsupported>"},
        {"othername", "SRVName:_mail.srv.test"},
        {"othername", "SmtpUTF8Mailbox:smtp@utf8.test"},
        {"othername", "XmppAddr:xmpp.test"},
        {"othername", "NAIRealm:nai.test"},
        {"othername", "<unsupported>"},
    };
    check_int(c->subject_count, 6);
    check_rdn(&c->subject[0], "countryName", "DE");
    check_rdn(&c->subject[1], "organizationName", "Example, \"Inc\" <x>");
    check_int(c->subject[2].count, 2);
    check_str(c->subject[2].attributes[0].name, "organizationalUnitName");
    check_str(c->subject[2].attributes[0].value, "one");
    check_str(c->subject[2].attributes[1].value, "two");
    check_rdn(&c->subject[3], "commonName",
              "B\xc3\xbc"
              "cher");
    check_rdn(&c->subject[4], "2.3.4.5", "odd");
    check_rdn(&c->subject[5], "emailAddress", "a@b.test");
    check_str(c->subject_text,
              "emailAddress=a@b.test,2.3.4.5=#0C036F6464,CN=B\\C3\\BCcher,"
              "OU=two+OU=one,O=Example\\, \\\"Inc\\\" \\<x\\>,C=DE");
    check_int(c->issuer_count, 1);
    check_rdn(&c->issuer[0], "commonName", "root");
    check_str(c->issuer_text, "CN=root");
    check_int(c->version, 3);
    check_str(c->serial_number, "0A1B2C");
    check_str(c->not_before, "Jan  5 09:34:43 2020 GMT");
    check_str(c->not_after, "Jan  1 00:00:00 2040 GMT");
    check_int(c->not_before_seconds, 1578216883);
    check_int(c->not_after_seconds, 2208988800);
    check_int(c->subject_alt_name_count, 17);
    for (int i = 0; i < 17; i++)
        check_alt(&c->subject_alt_name[i], names[i][0], names[i][1]);
    const sock_ssl_alt_name_t *dir = &c->subject_alt_name[9];
    check_int(dir->rdn_count, 3);
    check_rdn(&dir->rdns[0], "countryName", "UK");
    check_rdn(&dir->rdns[1], "organizationName", "My, Org");
    check_rdn(&dir->rdns[2], "commonName", "dir");
    check_int(c->ocsp_count, 2);
    check_str(c->ocsp[0], "http://ocsp.test/a");
    check_str(c->ocsp[1], "http://ocsp.test/b");
    check_int(c->ca_issuers_count, 1);
    check_str(c->ca_issuers[0], "http://ca.test/ca.der");
    check_int(c->crl_distribution_points_count, 3);
    check_str(c->crl_distribution_points[0], "http://crl.test/1");
    check_str(c->crl_distribution_points[1], "http://crl.test/2");
    check_str(c->crl_distribution_points[2], "http://crl.test/3");
}

TEST(ssl_cert, all_that_python_tells)
{
    sock_ssl_cert_t *c = read_cert("rich.pem");
    check_rich(c);
    sock_ssl_cert_free(c);
}

TEST(ssl_cert, little_to_tell)
{
    sock_ssl_cert_t *c = read_cert("root.pem");
    check_str(c->subject_text, "CN=root");
    check_str(c->issuer_text, "CN=root");
    check_int(c->subject_alt_name_count, 0);
    check_int(c->ocsp_count, 0);
    check_int(c->ca_issuers_count, 0);
    check_int(c->crl_distribution_points_count, 0);
    sock_ssl_cert_free(c);
}

/* Certificates as no authority makes them */

static EVP_PKEY *read_key(void)
{
    FILE *f = fopen(cert("good.key"), "re");
    check(f != NULL);
    EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    fclose(f);
    check(key != NULL);
    return key;
}

static X509 *blank(void)
{
    X509 *x = X509_new();
    check(x != NULL);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    check_int(ASN1_TIME_set_string(X509_getm_notBefore(x), "20200101000000Z"),
              1);
    check_int(ASN1_TIME_set_string(X509_getm_notAfter(x), "20300101000000Z"),
              1);
    return x;
}

static struct der signed_der(X509 *x)
{
    EVP_PKEY *key = read_key();
    check_int(X509_set_pubkey(x, key), 1);
    check(X509_sign(x, key, EVP_sha256()) > 0);
    EVP_PKEY_free(key);
    return der_of(x);
}

static sock_ssl_cert_t *decode(X509 *x)
{
    struct der d = signed_der(x);
    sock_ssl_cert_t *c = sock_ssl_cert_decode(d.bytes, (size_t)d.size);
    free_der(&d);
    return c;
}

static void name_it(X509 *x, int type, const void *bytes, int size)
{
    check_int(X509_NAME_add_entry_by_NID(X509_get_subject_name(x),
                                         NID_commonName, type, bytes, size, -1,
                                         0),
              1);
}

static sock_ssl_cert_t *named(int type, const void *bytes, int size)
{
    X509 *x = blank();
    name_it(x, type, bytes, size);
    return decode(x);
}

static void check_named(int type, const void *bytes, int size,
                        const char *value, const char *text)
{
    sock_ssl_cert_t *c = check_made(named(type, bytes, size));
    check_rdn(&c->subject[0], "commonName", value);
    check_str(c->subject_text, text);
    check_int(c->issuer_count, 0);
    check_str(c->issuer_text, "");
    sock_ssl_cert_free(c);
}

/* CVE-2013-4238 and its like. */
TEST(ssl_cert, a_nul_cuts_no_name)
{
    check_named(V_ASN1_UTF8STRING, "good.test\0.evil.test", 20,
                "good.test\\x00.evil.test", "CN=good.test\\00.evil.test");
    check_named(V_ASN1_UTF8STRING, "\0", 1, "\\x00", "CN=\\00");
    check_named(V_ASN1_PRINTABLESTRING, "a\0", 2, "a\\x00", "CN=a\\00");
}

TEST(ssl_cert, what_a_terminal_obeys)
{
    check_named(V_ASN1_UTF8STRING, "a\nb\x1b[2J\x7f", 8, "a\\x0ab\\x1b[2J\\x7f",
                "CN=a\\0Ab\\1B[2J\\7F");
    check_named(V_ASN1_UTF8STRING, "a\\b", 3, "a\\b", "CN=a\\\\b");
}

TEST(ssl_cert, other_alphabets)
{
    check_named(V_ASN1_BMPSTRING, "\0B\0\xfc", 4, "B\xc3\xbc", "CN=B\\C3\\BC");
    check_named(V_ASN1_UNIVERSALSTRING, "\0\1\xf6\0", 4, "\xf0\x9f\x98\x80",
                "CN=\\F0\\9F\\98\\80");
    check_named(V_ASN1_T61STRING, "B\xfc", 2, "B\xc3\xbc", "CN=B\\C3\\BC");
    check_named(V_ASN1_IA5STRING, "a", 1, "a", "CN=a");
    check_named(V_ASN1_UTF8STRING, "", 0, "", "CN=");
}

/* A name whose value has another tag, which no one signs. */
static sock_ssl_cert_t *tagged(char tag, const char *bytes, int size)
{
    static const char begin[] = "\x55\x04\x03\x0c";
    X509 *x = blank();
    name_it(x, V_ASN1_UTF8STRING, "0123456789", size);
    struct der d = signed_der(x);
    unsigned char *at = memmem(d.bytes, (size_t)d.size, begin, 4);
    check(at != NULL);
    at[3] = (unsigned char)tag;
    memcpy(at + 5, bytes, (size_t)size);
    sock_ssl_cert_t *c = sock_ssl_cert_decode(d.bytes, (size_t)d.size);
    free_der(&d);
    return c;
}

static void check_tagged(char tag, const char *bytes, int size,
                         const char *value)
{
    sock_ssl_cert_t *c = check_made(tagged(tag, bytes, size));
    check_rdn(&c->subject[0], "commonName", value);
    check_str(c->subject_text + 3, value); /* behind "CN=" */
    sock_ssl_cert_free(c);
}

/* Python tells bytes of some, and has an error for others. */
TEST(ssl_cert, values_that_are_no_text)
{
    check_tagged(0x03, "\x04\xf0", 2, "#030204F0");
    check_tagged(0x30, "\x02\x01\x05", 3, "#3003020105");
    check_tagged(0x09, "\x40", 1, "#090140");
}

TEST(ssl_cert, text_that_is_malformed)
{
    check_null_part(tagged(0x0c, "\xff\xfe", 2), SOCK_E_TLS, TLS_FAILED, "");
    check_null_part(tagged(0x1e, "abc", 3), SOCK_E_TLS, TLS_FAILED, "");
}

TEST(ssl_cert, no_name_at_all)
{
    sock_ssl_cert_t *c = check_made(decode(blank()));
    check_int(c->subject_count, 0);
    check_str(c->subject_text, "");
    check_int(c->version, 1);
    check_str(c->serial_number, "01");
    sock_ssl_cert_free(c);
}

/* Alternative names, each by its tag; this takes what is given. */

static void add_extension(X509 *x, int nid, const void *bytes, int size)
{
    ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
    check(data != NULL);
    check_int(ASN1_OCTET_STRING_set(data, bytes, size), 1);
    X509_EXTENSION *e = X509_EXTENSION_create_by_NID(NULL, nid, 0, data);
    check_int(X509_set_version(x, 2), 1);
    check_int(X509_add_ext(x, e, -1), 1);
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(data);
}

static sock_ssl_cert_t *alt_named(int tag, const char *bytes, int size)
{
    char der[128] = {0x30, (char)(size + 2), (char)tag, (char)size};
    X509 *x = blank();
    memcpy(der + 4, bytes, (size_t)size);
    add_extension(x, NID_subject_alt_name, der, size + 4);
    return decode(x);
}

enum {
    OTHER = 0xa0,
    EMAIL = 0x81,
    DNS = 0x82,
    X400 = 0xa3,
    EDI = 0xa5,
    URI = 0x86,
    IP = 0x87,
    RID = 0x88
};

static void check_alt_named(int tag, const char *bytes, int size,
                            const char *kind, const char *value)
{
    sock_ssl_cert_t *c = check_made(alt_named(tag, bytes, size));
    check_int(c->subject_alt_name_count, 1);
    check_alt(&c->subject_alt_name[0], kind, value);
    sock_ssl_cert_free(c);
}

TEST(ssl_cert, a_nul_cuts_no_alternative_name)
{
    check_alt_named(DNS, "localhost\0.evil.test", 20, "DNS",
                    "localhost\\x00.evil.test");
    check_alt_named(EMAIL, "a@b.test\0", 9, "email", "a@b.test\\x00");
    check_alt_named(URI, "http://a\0b\r\nc", 13, "URI",
                    "http://a\\x00b\\x0d\\x0ac");
    check_alt_named(DNS, "", 0, "DNS", "");
}

TEST(ssl_cert, bytes_that_are_not_ascii)
{
    check_alt_named(DNS, "b\xc3\xbc", 3, "DNS", "b\\xc3\\xbc");
    check_alt_named(URI, "\xff", 1, "URI", "\\xff");
}

TEST(ssl_cert, a_nul_cuts_no_other_name)
{
    static const char upn[] = "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03"
                              "\xa0\x05\x0c\x03"
                              "a\0b";
    static const char srv[] = "\x06\x08\x2b\x06\x01\x05\x05\x07\x08\x07"
                              "\xa0\x05\x16\x03"
                              "a\xff\n";
    check_alt_named(OTHER, upn, sizeof upn - 1, "othername", "UPN:a\\x00b");
    check_alt_named(OTHER, srv, sizeof srv - 1, "othername",
                    "SRVName:a\\xff\\x0a");
}

TEST(ssl_cert, addresses_of_odd_sizes)
{
    check_alt_named(IP, "\x7f\0\0\1", 4, "IP Address", "127.0.0.1");
    check_alt_named(IP, "\x7f\0\0", 3, "IP Address", "<invalid>");
    check_alt_named(IP, "", 0, "IP Address", "<invalid>");
    check_alt_named(IP, "\x7f\0\0\1\xff\0\0\0", 8, "IP Address", "<invalid>");
    check_alt_named(IP,
                    "\xff\xff\xff\xff\xff\xff\xff\xff"
                    "\xff\xff\xff\xff\xff\xff\xff\xff",
                    16, "IP Address",
                    "FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF");
    check_alt_named(IP, "0123456789abcdef0", 17, "IP Address", "<invalid>");
}

TEST(ssl_cert, names_without_a_text)
{
    check_alt_named(EDI, "\xa1\x03\x0c\x01x", 5, "EdiPartyName",
                    "<unsupported>");
    check_alt_named(RID, "\x2a\x03\x04", 3, "Registered ID", "1.2.3.4");
}

/* The address of a user of X.400, with a country and nothing else. */
TEST(ssl_cert, an_address_of_x400)
{
    check_alt_named(X400,
                    "\x30\x06\x61\x04\x13\x02"
                    "DE",
                    8, "X400Name", "<unsupported>");
}

/* What there is twice, or is no such thing, has no meaning. */
TEST(ssl_cert, malformed_extensions)
{
    static const int nids[] = {NID_subject_alt_name, NID_info_access,
                               NID_crl_distribution_points};
    for (int i = 0; i < 3; i++) {
        X509 *x = blank();
        add_extension(x, nids[i], "\x30\x05junk", 6);
        check_null_part(decode(x), SOCK_E_TLS, TLS_FAILED, "");
        x = blank();
        add_extension(x, nids[i], "\x30\x00", 2);
        add_extension(x, nids[i], "\x30\x00", 2);
        check_null_part(decode(x), SOCK_E_TLS, TLS_FAILED, "extension exists");
    }
}

/* Names of points that are relative to the issuer's are no list of names. */
TEST(ssl_cert, a_point_without_an_uri)
{
    static const char points[] =
        "\x30\x14\x30\x12\xa0\x10\xa1\x0e\x30\x0c\x06\x03\x55\x04\x03\x0c\x05"
        "point";
    X509 *x = blank();
    add_extension(x, NID_crl_distribution_points, points, sizeof points - 1);
    sock_ssl_cert_t *c = check_made(decode(x));
    check_int(c->crl_distribution_points_count, 0);
    sock_ssl_cert_free(c);
}

/* Numbers and times */

static void check_serial(const char *decimal, const char *hex)
{
    X509 *x = blank();
    ASN1_INTEGER *number = s2i_ASN1_INTEGER(NULL, decimal);
    check(number != NULL);
    check_int(X509_set_serialNumber(x, number), 1);
    ASN1_INTEGER_free(number);
    sock_ssl_cert_t *c = check_made(decode(x));
    check_str(c->serial_number, hex);
    sock_ssl_cert_free(c);
}

TEST(ssl_cert, serial_numbers)
{
    check_serial("0", "00");
    check_serial("10", "0A");
    check_serial("255", "FF");
    check_serial("256", "0100");
    check_serial("-1", "-01");
    check_serial("0x80000000000000000000000000000000000000000000000000000000"
                 "00000000000000000000",
                 "8000000000000000000000000000000000000000000000000000000000"
                 "000000000000000000");
}

static void check_time(const char *when, const char *text, int64_t seconds)
{
    X509 *x = blank();
    check_int(ASN1_TIME_set_string(X509_getm_notAfter(x), when), 1);
    sock_ssl_cert_t *c = check_made(decode(x));
    check_str(c->not_after, text);
    check_int(c->not_after_seconds, seconds);
    int64_t again = seconds;
    if (strlen(text) == 24) /* it wants four digits, as Python's */
        check_int(sock_ssl_cert_time_to_seconds(c->not_after, &again), 0);
    check_int(again, seconds);
    sock_ssl_cert_free(c);
}

/* Of two digits the years are 1950 to 2049. */
TEST(ssl_cert, times)
{
    check_time("700101000000Z", "Jan  1 00:00:00 1970 GMT", 0);
    check_time("500101000000Z", "Jan  1 00:00:00 1950 GMT", -631152000);
    check_time("491231235959Z", "Dec 31 23:59:59 2049 GMT", 2524607999);
    check_time("20500228235959Z", "Feb 28 23:59:59 2050 GMT", 2529705599);
    check_time("20240229120000Z", "Feb 29 12:00:00 2024 GMT", 1709208000);
    check_time("21000301000000Z", "Mar  1 00:00:00 2100 GMT", 4107542400);
    check_time("20000229000000Z", "Feb 29 00:00:00 2000 GMT", 951782400);
    check_time("99991231235959Z", "Dec 31 23:59:59 9999 GMT", 253402300799);
    check_time("19000301000000Z", "Mar  1 00:00:00 1900 GMT", -2203891200);
    check_time("00010101000000Z", "Jan  1 00:00:00 1 GMT", -62135596800);
}

TEST(ssl_cert, a_malformed_time)
{
    X509 *x = blank();
    check_int(ASN1_STRING_set(X509_getm_notBefore(x), "junk", 4), 1);
    check_null_part(decode(x), SOCK_E_TLS, TLS_FAILED, "ILLEGAL_TIME_VALUE");
}

/* Decoding */

TEST(ssl_cert, no_certificate)
{
    check_null(sock_ssl_cert_decode(NULL, 3), SOCK_E_TYPE, 0,
               "cert_decode: buffer is NULL");
    check_null(sock_ssl_cert_decode("x", (size_t)1 << 31), SOCK_E_VALUE, 0,
               "cert_decode: size is too large");
    check_null_part(sock_ssl_cert_decode("", 0), SOCK_E_TLS, TLS_FAILED,
                    "cert_decode: [ASN1: ");
    check_null_part(sock_ssl_cert_decode("-----BEGIN", 10), SOCK_E_TLS,
                    TLS_FAILED, "cert_decode: [ASN1: ");
}

static int decodes(const unsigned char *bytes, size_t size)
{
    unsigned char *copy = check_made(malloc(size + 1)); /* where ASan sees it */
    memcpy(copy, bytes, size);
    unsigned char *exact = realloc(copy, size > 0 ? size : 1);
    sock_ssl_cert_t *c = sock_ssl_cert_decode(exact, size);
    int done = c != NULL;
    sock_ssl_cert_free(c);
    free(exact);
    return done;
}

TEST(ssl_cert, cut_and_continued)
{
    struct der d = der_of(read_x509("rich.pem"));
    unsigned char more[4096] = {0};
    for (int n = 0; n < d.size; n++)
        check_int(decodes(d.bytes, (size_t)n), 0);
    check_int(decodes(d.bytes, (size_t)d.size), 1);
    memcpy(more, d.bytes, (size_t)d.size);
    check_int(decodes(more, (size_t)d.size + 1), 0);
    free_der(&d);
}

/* Whatever a byte is changed to, it is told or refused. */
TEST(ssl_cert, every_byte_changed)
{
    static const unsigned char changes[] = {0x01, 0x04, 0x10, 0x20, 0x80, 0xff};
    struct der d = der_of(read_x509("rich.pem"));
    int told = 0;
    for (int i = 0; i < d.size; i++)
        for (size_t j = 0; j < sizeof changes; j++) {
            d.bytes[i] ^= changes[j];
            told += decodes(d.bytes, (size_t)d.size);
            d.bytes[i] ^= changes[j];
        }
    check(told > 0);
    check_int(decodes(d.bytes, (size_t)d.size), 1);
    free_der(&d);
}

/* Peers */

/* Two ends whose client wants that name. */
static struct pair pair_for(sock_ssl_context_t *client,
                            sock_ssl_context_t *server, const char *host)
{
    struct pair plain = tcp_pair();
    struct end a = {.ctx = client, .plain = plain.a, .host = host};
    struct end b = {
        .ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(&a, &b);
    check_that(a.made != NULL, "the client failed: %s", a.failure.text);
    check_that(b.made != NULL, "the server failed: %s", b.failure.text);
    return (struct pair){a.made, b.made};
}

static sock_ssl_context_t *lax_client(const char *roots, int mode)
{
    sock_ssl_context_t *ctx =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
    check_ok(sock_ssl_load_verify_locations(ctx, cert(roots), NULL, NULL));
    if (mode == SOCK_SSL_CERT_NONE)
        check_ok(sock_ssl_set_check_hostname(ctx, 0));
    check_ok(sock_ssl_set_verify_mode(ctx, mode));
    return ctx;
}

static void check_file(const sock_ssl_der_t *der, const char *file)
{
    struct der d = der_of(read_x509(file));
    check_int(der->size, d.size);
    check_bytes(der->data, d.bytes, der->size);
    free_der(&d);
}

static void check_chain(sock_ssl_chain_t *chain, size_t count,
                        const char *const *files)
{
    check(chain != NULL);
    check_int(chain->count, count);
    for (size_t i = 0; i < count; i++)
        check_file(&chain->certs[i], files[i]);
    sock_ssl_chain_free(chain);
}

/* The call returns NULL, and neither errno nor the record has changed. */
static void check_none(sock_t *s)
{
    check_part(sock_ssl_wants(s, 0), SOCK_E_VALUE, 0, "");
    errno = 77;
    check(sock_ssl_getpeercert(s) == NULL);
    check_int(errno, 77);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check_str(sock_last_error()->operation, "wants");
}

TEST(ssl_cert, of_a_rich_server)
{
    sock_ssl_context_t *client = lax_client("root.pem", SOCK_SSL_CERT_REQUIRED);
    sock_ssl_context_t *server = server_context("rich");
    struct pair p = pair_for(client, server, "a.test");
    sock_ssl_cert_t *c = check_made(sock_ssl_getpeercert(p.a));
    check_rich(c);
    sock_ssl_cert_free(c);
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_cert, of_a_server_and_of_no_client)
{
    static const char *const verified[] = {"good.pem", "root.pem"};
    struct pair p = tls_pair();
    sock_ssl_cert_t *c = check_made(sock_ssl_getpeercert(p.a));
    check_str(c->subject_text, "CN=good");
    check_str(c->issuer_text, "CN=root");
    check_int(c->subject_alt_name_count, 3);
    check_alt(&c->subject_alt_name[0], "DNS", "localhost");
    check_alt(&c->subject_alt_name[2], "IP Address", "0:0:0:0:0:0:0:1");
    sock_ssl_cert_free(c);
    check_chain(sock_ssl_get_verified_chain(p.a), 2, verified);
    check_chain(sock_ssl_get_unverified_chain(p.a), 1, verified);
    check_none(p.b);
    check_int(sock_ssl_getpeercert_der(p.b, NULL, 0), 0);
    check_chain(sock_ssl_get_verified_chain(p.b), 0, NULL);
    check_chain(sock_ssl_get_unverified_chain(p.b), 0, NULL);
    free_pair(&p);
}

TEST(ssl_cert, with_an_intermediate)
{
    static const char *const files[] = {"leaf_of_intermediate.pem",
                                        "intermediate.pem", "root.pem"};
    sock_ssl_context_t *server = server_context("chain");
    struct pair p = tls_pair_over(tcp_pair(), NULL, server);
    check_chain(sock_ssl_get_verified_chain(p.a), 3, files);
    check_chain(sock_ssl_get_unverified_chain(p.a), 2, files);
    sock_ssl_chain_t *chain = check_made(sock_ssl_get_verified_chain(p.a));
    sock_ssl_cert_t *c[3];
    for (int i = 0; i < 3; i++)
        c[i] = check_made(
            sock_ssl_cert_decode(chain->certs[i].data, chain->certs[i].size));
    check_str(c[0]->issuer_text, c[1]->subject_text);
    check_str(c[1]->issuer_text, c[2]->subject_text);
    check_str(c[2]->issuer_text, c[2]->subject_text);
    for (int i = 0; i < 3; i++)
        sock_ssl_cert_free(c[i]);
    sock_ssl_chain_free(chain);
    free_pair(&p);
    sock_ssl_context_free(server);
}

/* The partial chain of a default context ends with what it was told to trust.
 */
TEST(ssl_cert, an_intermediate_that_is_trusted)
{
    static const char *const files[] = {"leaf_of_intermediate.pem",
                                        "intermediate.pem"};
    sock_ssl_context_t *client = check_made(sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, cert("intermediate.pem"), NULL, NULL));
    sock_ssl_context_t *server = server_context("chain");
    struct pair p = tls_pair_over(tcp_pair(), client, server);
    check_chain(sock_ssl_get_verified_chain(p.a), 2, files);
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

static void check_client_cert(int version)
{
    static const char *const files[] = {"client_of_intermediate.pem",
                                        "intermediate.pem", "root.pem"};
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_load_cert_chain(client, cert("client_chain.pem"),
                                      cert("client_chain.key"), NULL));
    check_ok(
        sock_ssl_load_verify_locations(server, cert("root.pem"), NULL, NULL));
    check_ok(sock_ssl_set_verify_mode(server, SOCK_SSL_CERT_REQUIRED));
    check_ok(sock_ssl_set_maximum_version(server, version));
    struct pair p = tls_pair_over(tcp_pair(), client, server);
    sock_ssl_cert_t *c = check_made(sock_ssl_getpeercert(p.b));
    check_str(c->subject_text, "CN=client_of_intermediate");
    sock_ssl_cert_free(c);
    check_chain(sock_ssl_get_verified_chain(p.b), 3, files);
    check_chain(sock_ssl_get_unverified_chain(p.b), 2, files);
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_cert, of_a_client)
{
    check_client_cert(SOCK_SSL_TLSV1_2);
    check_client_cert(SOCK_SSL_TLSV1_3);
}

/* Python's {}: nothing is told, but the bytes are there for those who ask. */
static void check_unverified(const char *roots, size_t verified)
{
    static const char *const files[] = {"good.pem", "root.pem"};
    sock_ssl_context_t *client = lax_client(roots, SOCK_SSL_CERT_NONE);
    struct pair p = tls_pair_over(tcp_pair(), client, NULL);
    sock_ssl_cert_t *c = check_made(sock_ssl_getpeercert(p.a));
    check_int(c->subject_count + c->issuer_count, 0);
    check_str(c->subject_text, "");
    check_str(c->issuer_text, "");
    check_int(c->version, 0);
    check_str(c->serial_number, "");
    check_str(c->not_before, "");
    check_str(c->not_after, "");
    check_int(c->not_before_seconds, 0);
    check_int(c->not_after_seconds, 0);
    check_int(c->subject_alt_name_count, 0);
    check_int(c->ocsp_count + c->ca_issuers_count, 0);
    check_int(c->crl_distribution_points_count, 0);
    sock_ssl_cert_free(c);
    check(sock_ssl_getpeercert_der(p.a, NULL, 0) > 0);
    check_chain(sock_ssl_get_unverified_chain(p.a), 1, files);
    check_chain(sock_ssl_get_verified_chain(p.a), verified, files);
    free_pair(&p);
    sock_ssl_context_free(client);
}

/* CPython calls a chain verified that leads to no one. */
TEST(ssl_cert, not_verified)
{
    check_unverified("root.pem", 2);
    check_unverified("other_root.pem", 0);
}

/* What counts is how the connection was made; CPython asks the context as it
 * is now. */
TEST(ssl_cert, a_context_that_changes_its_mind)
{
    sock_ssl_context_t *none = lax_client("other_root.pem", SOCK_SSL_CERT_NONE);
    struct pair p = tls_pair_over(tcp_pair(), none, NULL);
    check_ok(sock_ssl_set_verify_mode(none, SOCK_SSL_CERT_REQUIRED));
    sock_ssl_cert_t *c = check_made(sock_ssl_getpeercert(p.a));
    check_int(c->version, 0);
    sock_ssl_cert_free(c);
    free_pair(&p);
    sock_ssl_context_free(none);

    sock_ssl_context_t *all = client_context();
    p = tls_pair_over(tcp_pair(), all, NULL);
    check_ok(sock_ssl_set_check_hostname(all, 0));
    check_ok(sock_ssl_set_verify_mode(all, SOCK_SSL_CERT_NONE));
    c = check_made(sock_ssl_getpeercert(p.a));
    check_int(c->version, 3);
    sock_ssl_cert_free(c);
    free_pair(&p);
    sock_ssl_context_free(all);
}

/* When */

static void check_refused(sock_t *s, int kind, int code, const char *part)
{
    char buf[8] = "as was";
    check_null_part(sock_ssl_getpeercert(s), kind, code, part);
    check_part(sock_ssl_getpeercert_der(s, buf, sizeof buf), kind, code, part);
    check_str(buf, "as was");
    check_null_part(sock_ssl_get_verified_chain(s), kind, code, part);
    check_null_part(sock_ssl_get_unverified_chain(s), kind, code, part);
}

TEST(ssl_cert, before_the_handshake)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    sock_t *a = check_made(wrap(client, p.a, SOCK_SSL_NO_HANDSHAKE, "x.test"));
    sock_t *b = check_made(
        wrap(server, p.b, SOCK_SSL_NO_HANDSHAKE | SOCK_SSL_SERVER_SIDE, NULL));
    check_refused(a, SOCK_E_VALUE, 0, ": handshake not done yet");
    check_refused(b, SOCK_E_VALUE, 0, ": handshake not done yet");
    check_null(sock_ssl_getpeercert(a), SOCK_E_VALUE, 0,
               "getpeercert: handshake not done yet");
    check_null(sock_ssl_get_verified_chain(a), SOCK_E_VALUE, 0,
               "get_verified_chain: handshake not done yet");
    check_null(sock_ssl_get_unverified_chain(a), SOCK_E_VALUE, 0,
               "get_unverified_chain: handshake not done yet");
    sock_free(a);
    sock_free(b);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_cert, without_a_peer)
{
    sock_ssl_context_t *client = client_context();
    sock_t *s = check_made(
        wrap(client, sock_new(AF_INET, SOCK_STREAM, 0), 0, "x.test"));
    check_refused(s, SOCK_E_OS, ENOTCONN, "");
    check_ok(sock_close(s));
    check_refused(s, SOCK_E_OS, EBADF, "");
    sock_free(s);
    check_refused(NULL, SOCK_E_TYPE, 0, "socket is NULL");
    s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_refused(s, SOCK_E_VALUE, 0, "this socket has no TLS under it");
    sock_free(s);
    sock_ssl_context_free(client);
}

/* The handshake has failed, and there never was a certificate to rely on. */
TEST(ssl_cert, of_a_handshake_that_failed)
{
    sock_ssl_context_t *client =
        lax_client("other_root.pem", SOCK_SSL_CERT_REQUIRED);
    sock_ssl_context_t *server = server_context("good");
    struct pair p = tcp_pair();
    struct end b = {.ctx = server, .plain = p.b, .flags = SOCK_SSL_SERVER_SIDE};
    check_ok(sock_settimeout(p.a, 10));
    begin_end(&b);
    sock_t *a =
        check_made(wrap(client, p.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    check_part(sock_ssl_do_handshake(a), SOCK_E_TLS, TLS_FAILED, "");
    check_refused(a, SOCK_E_VALUE, 0, ": handshake not done yet");
    finish_end(&b);
    sock_free(a);
    sock_free(b.made);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_cert, when_the_conversation_is_over)
{
    struct pair p = tls_pair();
    char c;
    check_ok(sock_close(p.b));
    check_int(sock_recv(p.a, &c, 1, 0), 0);
    sock_ssl_cert_t *cert = check_made(sock_ssl_getpeercert(p.a));
    check_str(cert->subject_text, "CN=good");
    sock_ssl_cert_free(cert);
    check_ok(sock_close(p.a));
    check_refused(p.a, SOCK_E_OS, EBADF, "");
    free_pair(&p);
}

TEST(ssl_cert, when_it_has_failed)
{
    struct pair p = tls_pair();
    char c;
    check_int(send(sock_fileno(p.b), "in the clear", 12, MSG_NOSIGNAL), 12);
    check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_TLS, TLS_FAILED, "");
    sock_ssl_cert_t *cert = check_made(sock_ssl_getpeercert(p.a));
    check_str(cert->subject_text, "CN=good");
    sock_ssl_cert_free(cert);
    free_pair(&p);
}

/* Bytes */

TEST(ssl_cert, as_bytes)
{
    struct pair p = tls_pair();
    struct der d = der_of(read_x509("good.pem"));
    size_t size = (size_t)d.size;
    unsigned char *buf = check_made(malloc(size));
    check_int(sock_ssl_getpeercert_der(p.a, NULL, 0), d.size);
    memset(buf, 'x', size);
    check_int(sock_ssl_getpeercert_der(p.a, buf, size - 1), d.size);
    check_int(buf[0], 'x');
    check_int(sock_ssl_getpeercert_der(p.a, buf, size), d.size);
    check_bytes(buf, d.bytes, size);
    check_fails(sock_ssl_getpeercert_der(p.a, NULL, 1), SOCK_E_TYPE, 0,
                "getpeercert: buffer is NULL");
    free(buf);
    free_der(&d);
    free_pair(&p);
}

/* Stores */

TEST(ssl_cert, authorities)
{
    static const char *const files[] = {"root.pem"};
    sock_ssl_context_t *ctx =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
    check_chain(sock_ssl_get_ca_certs(ctx), 0, NULL);
    check_ok(sock_ssl_load_verify_locations(ctx, cert("root_and_crl.pem"), NULL,
                                            NULL));
    check_ok(sock_ssl_load_verify_locations(ctx, cert("good.pem"), NULL, NULL));
    check_chain(sock_ssl_get_ca_certs(ctx), 1, files);
    check_ok(sock_ssl_load_verify_locations(ctx, cert("other_root.pem"), NULL,
                                            NULL));
    sock_ssl_chain_t *chain = check_made(sock_ssl_get_ca_certs(ctx));
    check_int(chain->count, 2);
    sock_ssl_chain_free(chain);
    check_null(sock_ssl_get_ca_certs(NULL), SOCK_E_TYPE, 0,
               "get_ca_certs: argument is NULL");
    sock_ssl_context_free(ctx);
}

static void check_stats(sock_ssl_context_t *ctx, size_t x509, size_t crl,
                        size_t x509_ca)
{
    sock_ssl_store_stats_t stats = {9, 9, 9};
    check_ok(sock_ssl_cert_store_stats(ctx, &stats));
    check_int(stats.x509, x509);
    check_int(stats.crl, crl);
    check_int(stats.x509_ca, x509_ca);
}

TEST(ssl_cert, numbers_of_a_store)
{
    sock_ssl_context_t *ctx =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
    check_stats(ctx, 0, 0, 0);
    check_ok(sock_ssl_load_verify_locations(ctx, cert("root_and_crl.pem"), NULL,
                                            NULL));
    check_stats(ctx, 1, 1, 1);
    check_ok(sock_ssl_load_verify_locations(ctx, cert("good.pem"), NULL, NULL));
    check_stats(ctx, 2, 1, 1);
    check_fails(sock_ssl_cert_store_stats(ctx, NULL), SOCK_E_TYPE, 0,
                "cert_store_stats: argument is NULL");
    check_fails(sock_ssl_cert_store_stats(NULL, NULL), SOCK_E_TYPE, 0,
                "cert_store_stats: argument is NULL");
    sock_ssl_context_free(ctx);
}

TEST(ssl_cert, a_folder_counts_once_it_was_needed)
{
    static const char *const files[] = {"root.pem"};
    sock_ssl_context_t *ctx = check_made(sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, NULL, cert("hashed"), NULL));
    check_stats(ctx, 0, 0, 0);
    struct pair p = tls_pair_over(tcp_pair(), ctx, NULL);
    check_stats(ctx, 1, 0, 1);
    check_chain(sock_ssl_get_ca_certs(ctx), 1, files);
    free_pair(&p);
    sock_ssl_context_free(ctx);
}

/* What success and the ends of objects leave alone */

static void check_untouched(void)
{
    check_int(errno, 77);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check_str(sock_last_error()->operation, "wants");
}

TEST(ssl_cert, success_leaves_all_alone)
{
    struct pair p = tls_pair();
    struct der d = der_of(read_x509("rich.pem"));
    sock_ssl_context_t *ctx = client_context();
    sock_ssl_store_stats_t stats;
    char buf[4096];
    check_part(sock_ssl_wants(p.a, 0), SOCK_E_VALUE, 0, "");
    for (int i = 0; i < 7; i++) {
        poison_queue(); /* which is no one's who asks now */
        errno = 77;
        if (i == 0)
            sock_ssl_cert_free(check_made(sock_ssl_getpeercert(p.a)));
        else if (i == 1)
            check(sock_ssl_getpeercert_der(p.a, buf, sizeof buf) > 0);
        else if (i == 2)
            sock_ssl_chain_free(check_made(sock_ssl_get_verified_chain(p.a)));
        else if (i == 3)
            sock_ssl_chain_free(check_made(sock_ssl_get_unverified_chain(p.a)));
        else if (i == 4)
            sock_ssl_chain_free(check_made(sock_ssl_get_ca_certs(ctx)));
        else if (i == 5)
            sock_ssl_cert_free(
                check_made(sock_ssl_cert_decode(d.bytes, (size_t)d.size)));
        else
            check_ok(sock_ssl_cert_store_stats(ctx, &stats));
        check_untouched();
        check_int(ERR_peek_error(), 0);
    }
    check_none(p.b);
    sock_ssl_context_free(ctx);
    free_der(&d);
    free_pair(&p);
}

TEST(ssl_cert, failure_leaves_no_error_behind)
{
    poison_queue();
    check(sock_ssl_cert_decode("junk", 4) == NULL);
    check_int(ERR_peek_error(), 0);
    poison_queue();
    check_null_part(tagged(0x0c, "\xff", 1), SOCK_E_TLS, TLS_FAILED, "");
    check_int(ERR_peek_error(), 0);
}

TEST(ssl_cert, the_ends_of_objects)
{
    sock_ssl_cert_t *c = read_cert("good.pem"), *none = NULL;
    sock_ssl_context_t *ctx = client_context();
    sock_ssl_chain_t *chain = check_made(sock_ssl_get_ca_certs(ctx));
    sock_ssl_chain_t *no_chain = NULL;
    check_part(sock_ssl_wants(NULL, 1), SOCK_E_TYPE, 0, "");
    poison_queue();
    errno = 77;
    sock_ssl_cert_free(NULL);
    sock_ssl_cert_freep(NULL);
    sock_ssl_cert_freep(&none);
    sock_ssl_cert_freep(&c);
    sock_ssl_chain_free(NULL);
    sock_ssl_chain_freep(NULL);
    sock_ssl_chain_freep(&no_chain);
    sock_ssl_chain_freep(&chain);
    check_int(errno, 77);
    check_int(sock_last_error()->kind, SOCK_E_TYPE);
    check(ERR_peek_error() != 0);
    ERR_clear_error();
    check(c == NULL && chain == NULL);
    sock_ssl_context_free(ctx);
}

TEST(ssl_cert, at_the_end_of_a_block)
{
    sock_ssl_context_t *ctx = client_context();
    {
        SOCK_SSL_CERT_AUTO sock_ssl_cert_t *c = read_cert("good.pem");
        SOCK_SSL_CHAIN_AUTO sock_ssl_chain_t *chain =
            sock_ssl_get_ca_certs(ctx);
        check(c != NULL && chain != NULL);
    }
    sock_ssl_context_free(ctx); /* and nothing is left */
}

/* No memory */

#define check_no_memory(call, op)                                              \
    do {                                                                       \
        fail_at = 1;                                                           \
        check_null(call, SOCK_E_MEMORY, 0,                                     \
                   op ": [Errno 12] Cannot allocate memory");                  \
        check_int(ERR_peek_error(), 0);                                        \
        fail_at = 0;                                                           \
    } while (0)

TEST(ssl_cert, no_memory_for_the_object)
{
    need_own_memory();
    struct der d = der_of(read_x509("rich.pem"));
    sock_ssl_context_t *none = lax_client("root.pem", SOCK_SSL_CERT_NONE);
    struct pair p = tls_pair(), q = tls_pair_over(tcp_pair(), none, NULL);
    check_no_memory(sock_ssl_getpeercert(p.a), "getpeercert");
    check_no_memory(sock_ssl_getpeercert(q.a), "getpeercert");
    check_no_memory(sock_ssl_get_verified_chain(p.a), "get_verified_chain");
    check_no_memory(sock_ssl_get_unverified_chain(p.a), "get_unverified_chain");
    check_no_memory(sock_ssl_get_ca_certs(none), "get_ca_certs");
    check_no_memory(sock_ssl_cert_decode(d.bytes, (size_t)d.size),
                    "cert_decode");
    sock_ssl_cert_free(check_made(sock_ssl_getpeercert(p.a)));
    sock_ssl_context_free(none);
    free_der(&d);
    free_pair(&p);
    free_pair(&q);
}

/* Each allocation fails once, OpenSSL's among them, until one call needs no
 * more. What is made then is whole. */
struct starved {
    sock_t *s;
    sock_ssl_context_t *ctx;
    struct der der;
};

static void *starve(const struct starved *x, int which)
{
    if (which == 0)
        return sock_ssl_getpeercert(x->s);
    if (which == 1)
        return sock_ssl_get_verified_chain(x->s);
    if (which == 2)
        return sock_ssl_get_unverified_chain(x->s);
    if (which == 3)
        return sock_ssl_get_ca_certs(x->ctx);
    return sock_ssl_cert_decode(x->der.bytes, (size_t)x->der.size);
}

/* Of some of its failures OpenSSL does not say why. */
static void check_starved(void)
{
    const sock_error_t *e = sock_last_error();
    check(e->kind == SOCK_E_MEMORY ||
          (e->kind == SOCK_E_TLS &&
           ERR_GET_REASON((unsigned long)e->reason) == ERR_R_INIT_FAIL));
}

static int starve_until_it_works(const struct starved *x, int which)
{
    for (int n = 1;; n++) {
        fail_at = n;
        void *made = starve(x, which);
        bool failed = fail_at == 0;
        fail_at = 0;
        check_int(ERR_peek_error(), 0);
        if (made == NULL) {
            check(failed);
            check_starved();
            continue;
        }
        if (which == 4)
            check_rich(made);
        free(made);
        if (!failed)
            return n;
    }
}

TEST(ssl_cert, no_memory_for_openssl)
{
    need_hooks();
    struct pair p = tls_pair();
    struct starved x = {p.a, client_context(), der_of(read_x509("rich.pem"))};
    check(sock_ssl_cert_decode("junk", 4) == NULL); /* its tables are made */
    for (int i = 0; i < 5; i++)
        check(starve_until_it_works(&x, i) > 1);
    sock_ssl_context_free(x.ctx);
    free_der(&x.der);
    free_pair(&p);
}
