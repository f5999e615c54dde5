/* SPDX-License-Identifier: MIT */
/* What a client of Digest says: RFC 7616 3.9.1, and what is malformed. */
#include "claim.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* Of the RFC's example, but for the algorithm. */
#define REST                                                                   \
    "username=\"Mufasa\", realm=\"http-auth@example.org\", "                   \
    "uri=\"/dir/index.html\", "                                                \
    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "    \
    "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "      \
    "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", "
#define MD5_RESPONSE "8ca523f5e9506fed4657c9700eebdbec"
#define SHA256_RESPONSE                                                        \
    "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"

static void is_response(const char *value, enum sock__hash hash,
                        const char *response)
{
    struct sock__claim c;
    char ha1[SOCK__DIGEST_HEX], ours[SOCK__DIGEST_HEX];

    check_int(sock__claim_read(&c, value), 0);
    check_int(c.hash, hash);
    check_str(c.user, "Mufasa");
    check_str(c.realm, "http-auth@example.org");
    check_str(c.uri, "/dir/index.html");
    check_str(c.response, response);
    check_int(c.count, 1);
    check(!c.userhash);
    sock__claim_ha1(c.hash, c.user, c.realm, "Circle of Life", ha1);
    sock__claim_response(&c, ha1, "GET", ours);
    check_str(ours, response);
    sock__claim_response(&c, ha1, "POST", ours);
    check(strcmp(ours, response) != 0);
    sock__claim_ha1(c.hash, c.user, c.realm, "Circle of Lif", ha1);
    sock__claim_response(&c, ha1, "GET", ours);
    check(strcmp(ours, response) != 0);
    sock__claim_release(&c);
}

TEST(claim, of_the_rfc)
{
    is_response("Digest " REST "algorithm=MD5, response=\"" MD5_RESPONSE "\"",
                SOCK__MD5, MD5_RESPONSE);
    is_response("digest " REST "response=\"" MD5_RESPONSE "\"", SOCK__MD5,
                MD5_RESPONSE);
    is_response("DIGEST " REST "algorithm=SHA-256, response=\"" SHA256_RESPONSE
                "\"",
                SOCK__SHA256, SHA256_RESPONSE);
    is_response("Digest " REST "algorithm=\"sha-256\", userhash=false, "
                "response=\"" SHA256_RESPONSE "\"",
                SOCK__SHA256, SHA256_RESPONSE);
}

static void is_user(const char *username, const char *user, bool userhash)
{
    struct sock__claim c;
    char value[512];

    snprintf(value, sizeof value,
             "Digest %s, realm=r, uri=\"/\", nonce=n, nc=0000abCD, cnonce=c, "
             "qop=\"auth\", response=x",
             username);
    check_that(sock__claim_read(&c, value) == 0, "%s", username);
    check_str(c.user, user);
    check(c.userhash == userhash);
    check_int(c.count, 0xabcd);
    check_str(c.nc, "0000abCD");
    sock__claim_release(&c);
}

TEST(claim, users)
{
    is_user("username=a", "a", false);
    is_user("username=\"\"", "", false);
    is_user("username=\"a:b\"", "a:b", false);
    is_user("username=\"a\\\"b\\\\c\"", "a\"b\\c", false);
    is_user("username=\"J\xc3\xa4s\xc3\xb8n\"", "J\xc3\xa4s\xc3\xb8n", false);
    is_user("username*=UTF-8''J%C3%A4s%C3%B8n%20Doe", "J\xc3\xa4s\xc3\xb8n Doe",
            false);
    is_user("username*=utf-8'en'abc", "abc", false);
    is_user("username=\"0123abc\", userhash=true", "0123abc", true);
    is_user("username=\"0123abc\", userhash=\"TRUE\"", "0123abc", true);
}

#define OK                                                                     \
    "username=u, realm=r, uri=\"/\", nonce=n, cnonce=c, response=x, qop=auth"

struct row {
    const char *value;
    int status;
};

static const struct row rows[] = {
    {"Digest " OK ", nc=00000001", 0},
    {"Basic dTpw", 401},
    {"Bearer abc", 401},
    {"Negotiate abc==", 401},
    {"", 401},
    {"Digest", 401},
    {"Digest ", 401},
    {"Digest dTpw", 401},
    {"DigestX " OK ", nc=00000001", 401},
    {"Digest " OK ", nc=00000001, Basic realm=x", 400},
    {"Digest " OK, 400},
    {"Digest " OK ", nc=1", 400},
    {"Digest " OK ", nc=000000001", 400},
    {"Digest " OK ", nc=0000000g", 400},
    {"Digest " OK ", nc=-0000001", 400},
    {"Digest " OK ", nc=00000001, nc=00000001", 400},
    {"Digest " OK ", nc=00000001, username=v", 400},
    {"Digest " OK ", nc=00000001, username*=UTF-8''v", 400},
    {"Digest " OK ", nc=00000001, algorithm=SHA-512-256", 401},
    {"Digest " OK ", nc=00000001, algorithm=MD5-sess", 401},
    {"Digest " OK ", nc=00000001, algorithm=MD5, algorithm=MD5", 400},
    {"Digest " OK ", nc=00000001, opaque=\"a", 400},
    {"Digest " OK ", nc=00000001 more", 400},
    {"Digest realm=r, uri=\"/\", nonce=n, cnonce=c, response=x, qop=auth, "
     "nc=00000001",
     400},
    {"Digest username=u, uri=\"/\", nonce=n, cnonce=c, response=x, qop=auth, "
     "nc=00000001",
     400},
    {"Digest username=u, realm=r, nonce=n, cnonce=c, response=x, qop=auth, "
     "nc=00000001",
     400},
    {"Digest username=u, realm=r, uri=\"/\", cnonce=c, response=x, qop=auth, "
     "nc=00000001",
     400},
    {"Digest username=u, realm=r, uri=\"/\", nonce=n, response=x, qop=auth, "
     "nc=00000001",
     400},
    {"Digest username=u, realm=r, uri=\"/\", nonce=n, cnonce=c, qop=auth, "
     "nc=00000001",
     400},
    /* As RFC 2069 had it, and a hash of the body. */
    {"Digest username=u, realm=r, uri=\"/\", nonce=n, response=x", 401},
    {"Digest username=u, realm=r, uri=\"/\", nonce=n, cnonce=c, response=x, "
     "qop=auth-int, nc=00000001",
     401},
    {"Digest username*=UTF-8''%00, realm=r, uri=\"/\", nonce=n, cnonce=c, "
     "response=x, qop=auth, nc=00000001",
     400},
    {"Digest username*=UTF-8''%4, realm=r, uri=\"/\", nonce=n, cnonce=c, "
     "response=x, qop=auth, nc=00000001",
     400},
    {"Digest username*=ISO-8859-1''a, realm=r, uri=\"/\", nonce=n, cnonce=c, "
     "response=x, qop=auth, nc=00000001",
     400},
    {"Digest username*=UTF-8'a, realm=r, uri=\"/\", nonce=n, cnonce=c, "
     "response=x, qop=auth, nc=00000001",
     400},
};

TEST(claim, malformed)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sock__claim c;
        int status = sock__claim_read(&c, rows[i].value);
        check_that(status == rows[i].status, "%s: %d", rows[i].value, status);
        if (status == 0)
            sock__claim_release(&c);
        else
            check(c.memory == NULL);
    }
}
