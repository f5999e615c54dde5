/* SPDX-License-Identifier: MIT */
/* Who may ask: Basic and Digest, by requests of a client that is the test's
 * own. */
#include <pysockc/httpd.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "claim.h"
#include "site.h"
#include "support.h"

/* Basic */

static int asked;

static int check_password(const char *user, const char *password, void *arg)
{
    (void)arg;
    asked++;
    int right = sock_compare_digest(password, "open sesame") == 1;
    if (strcmp(user, "odd") == 0)
        return -1;
    return strcmp(user, "Aladdin") == 0 && right;
}

static void guarded(sock_httpd_request_t *self, void *arg)
{
    errno = 1234;
    if (!sock_httpd_require_basic(self, arg, check_password, NULL))
        return;
    check_int(errno, 1234);
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(sock_httpd_end_headers(self));
    check_ok(sock_httpd_printf(self, "hello %s", sock_httpd_user(self)));
}

static sock_httpd_t *basic_site(const char *realm)
{
    sock_httpd_t *server = new_site();
    check_ok(sock_httpd_do(server, "GET", guarded, (void *)(size_t)realm));
    return server;
}

static char *ask_with(sock_httpd_t *server, const char *credentials, size_t n)
{
    char text[4096], fields[4200];
    check(SOCK__BASE64_SIZE(n) < sizeof text);
    sock__base64_encode(credentials, n, text);
    snprintf(fields, sizeof fields, "Authorization: Basic %s\r\n", text);
    return ask(server, "GET", "/", fields);
}

TEST(guard, basic_right)
{
    sock_httpd_t *server = basic_site("the site");
    char *said = ask(server, "GET", "/",
                     "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");

    check_int(status_in(said), 200);
    check_str(body_in(said), "hello Aladdin");
    free(said);
    said = ask(server, "GET", "/",
               "authorization: bAsIc   QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
    check_int(status_in(said), 200);
    free(said);
    sock_httpd_free(server);
}

static void is_refused(char *said)
{
    check_int(status_in(said), 401);
    check_str(field_in(said, "WWW-Authenticate"),
              "Basic realm=\"the \\\"site\\\\\", charset=\"UTF-8\"");
    check(strstr(field_in(said, "Content-Type"), "text/html") != NULL);
    check(strstr(body_in(said), "401") != NULL);
    check(strstr(said, "hello") == NULL);
    free(said);
}

TEST(guard, basic_refused)
{
    sock_httpd_t *server = basic_site("the \"site\\");
    static const char *const fields[] = {
        "",
        "Authorization: \r\n",
        "Authorization: Basic\r\n",
        "Authorization: Basic \r\n",
        "Authorization: Basic !!!!\r\n",
        "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=\r\n",
        "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ== x\r\n",
        "Authorization: BasicQWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n",
        "Authorization: Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n",
        "Authorization: Digest QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n",
        "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n",
        ("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"
         "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n")};
    static const struct {
        const char *text;
        size_t n;
        int asked;
    } rows[] = {
        {"Aladdin:open sesam", 18, 1},
        {"Aladdin:open sesame ", 20, 1},
        {"Aladdin:", 8, 1},
        {"Aladdin", 7, 0},
        {"", 0, 0},
        {":", 1, 1},
        {":open sesame", 12, 1},
        {"aladdin:open sesame", 19, 1},
        {"odd:open sesame", 15, 1},
        {"Aladdin:open sesame\0x", 21, 0},
        {"Aladdin\0:open sesame", 20, 0},
        {"Aladdin:open sesame\n", 20, 0},
        {"Ala\x7f:x", 6, 0},
        {"Aladdin:open sesame:", 20, 1},
    };

    asked = 0;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        is_refused(ask(server, "GET", "/", fields[i]));
    check_int(asked, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        asked = 0;
        is_refused(ask_with(server, rows[i].text, rows[i].n));
        check_that(asked == rows[i].asked, "%s", rows[i].text);
    }
    /* As many digits as 1024 bytes take, which without padding are 1026. */
    char most[21 + 1368 + 3] = "Authorization: Basic ";
    memset(most + 21, 'Q', 1368);
    memcpy(most + 21 + 1368, "\r\n", 3);
    is_refused(ask(server, "GET", "/", most));
    sock_httpd_free(server);
}

static int take_all(const char *user, const char *password, void *arg)
{
    snprintf(arg, 64, "%.20s|%.20s|%zu", user, password, strlen(password));
    return 1;
}

static void taken(sock_httpd_request_t *self, void *arg)
{
    if (sock_httpd_require_basic(self, "r", take_all, arg) == 1)
        sock_httpd_send_error(self, 404, NULL);
}

/* The first colon ends the user; bytes are as they came. */
TEST(guard, basic_pairs)
{
    char pair[64], text[2000];
    sock_httpd_t *server = new_site();

    check_ok(sock_httpd_do(server, "GET", taken, pair));
    free(ask_with(server, "a:b:c", 5));
    check_str(pair, "a|b:c|3");
    free(ask_with(server, ":", 1));
    check_str(pair, "||0");
    free(ask_with(server, "J\xc3\xa4:\xe2\x82\xac", 7));
    check_str(pair, "J\xc3\xa4|\xe2\x82\xac|3");
    memset(text, 'x', sizeof text);
    text[1] = ':';
    free(ask_with(server, text, 1024));
    check_str(pair, "x|xxxxxxxxxxxxxxxxxxxx|1022");
    pair[0] = '\0';
    free(ask_with(server, text, 1028)); /* too long */
    check_str(pair, "");
    sock_httpd_free(server);
}

static int never(const char *user, const char *password, void *arg)
{
    (void)user, (void)password, (void)arg;
    abort();
}

static int no_secret(const char *user, const char *realm, char *buf,
                     size_t size, void *arg)
{
    (void)user, (void)realm, (void)buf, (void)size, (void)arg;
    abort();
}

static void bad_arguments(sock_httpd_request_t *self, void *arg)
{
    const char *which = sock_httpd_path(self);
    char *longest = arg;

    switch (which[1]) {
    case 'r':
        check_int(sock_httpd_require_basic(self, NULL, never, NULL), 0);
        check_fails(-1, SOCK_E_TYPE, 0, "require_basic: argument is NULL");
        break;
    case 'c':
        check_int(sock_httpd_require_basic(self, "r", NULL, NULL), 0);
        check_fails(-1, SOCK_E_TYPE, 0, "require_basic: argument is NULL");
        break;
    case 'x':
        check_int(sock_httpd_require_basic(self, "a\r\nb: c", never, NULL), 0);
        check_fails(-1, SOCK_E_VALUE, 0,
                    "require_basic: a control character in the realm");
        break;
    case 'l':
        check_int(sock_httpd_require_basic(self, longest, never, NULL), 0);
        check_fails(-1, SOCK_E_VALUE, 0,
                    "require_basic: the realm is too long");
        break;
    case 'R':
        check_int(sock_httpd_require_digest(self, NULL, 0, no_secret, NULL), 0);
        check_fails(-1, SOCK_E_TYPE, 0, "require_digest: argument is NULL");
        break;
    case 'S':
        check_int(sock_httpd_require_digest(self, "r", 0, NULL, NULL), 0);
        check_fails(-1, SOCK_E_TYPE, 0, "require_digest: argument is NULL");
        break;
    case 'F':
        check_int(sock_httpd_require_digest(self, "r", 8, no_secret, NULL), 0);
        check_fails(-1, SOCK_E_VALUE, 0, "require_digest: unknown flags");
        break;
    default:
        abort();
    }
}

TEST(guard, arguments)
{
    static const char *const paths[] = {"/r", "/c", "/x", "/l",
                                        "/R", "/S", "/F"};
    char longest[202];
    sock_httpd_t *server = new_site();

    memset(longest, 'x', 201);
    longest[201] = '\0';
    check_ok(sock_httpd_do(server, "GET", bad_arguments, longest));
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        char *said = ask(server, "GET", paths[i], "");
        check_int(status_in(said), 500);
        free(said);
    }
    check_int(sock_httpd_require_basic(NULL, "r", never, NULL), 0);
    check_fails(-1, SOCK_E_TYPE, 0, "require_basic: argument is NULL");
    check_int(sock_httpd_require_digest(NULL, "r", 0, no_secret, NULL), 0);
    check_fails(-1, SOCK_E_TYPE, 0, "require_digest: argument is NULL");
    sock_httpd_free(server);
}

TEST(guard, comparing)
{
    errno = 1234;
    check_int(sock_compare_digest("", ""), 1);
    check_int(sock_compare_digest("a", "a"), 1);
    check_int(sock_compare_digest("a", "b"), 0);
    check_int(sock_compare_digest("a", ""), 0);
    check_int(sock_compare_digest("a", "aa"), 0);
    check_int(sock_compare_digest("\xff", "\xfe"), 0);
    check_int(errno, 1234);
    check_int(sock_compare_digest(NULL, "a"), 0);
    check_fails(-1, SOCK_E_TYPE, 0, "compare_digest: argument is NULL");
    check_int(sock_compare_digest("a", NULL), 0);
    check_int(sock_compare_digest(NULL, NULL), 0);
}

/* Digest */

/* One of the server's users, and of the client. */
struct digest {
    int flags;
    enum sock__hash hash; /* that the client has chosen */
    char nonce[64], opaque[64];
    const char *user, *password, *uri, *method, *realm;
    unsigned nc;
};

static const char md5_ha1[] = "3d78807defe7de2157e2b0b6573a855f";

static int secret(const char *user, const char *realm, char *buf, size_t size,
                  void *arg)
{
    (void)arg;
    check_int(size, 1024);
    check_str(realm, "http-auth@example.org");
    if (strcmp(user, "Mufasa") == 0) {
        strcpy(buf, "Circle of Life");
        return SOCK_HTTPD_PASSWORD;
    }
    if (strcmp(user, "stored") == 0) { /* as if it were Mufasa's */
        strcpy(buf, md5_ha1);
        return SOCK_HTTPD_HA1;
    }
    if (strcmp(user, "nohash") == 0) { /* for all its length */
        memset(buf, 'g', 32);
        buf[32] = '\0';
        return SOCK_HTTPD_HA1;
    }
    if (strcmp(user, "overfull") == 0) {
        memset(buf, 'x', size); /* no NUL */
        return SOCK_HTTPD_PASSWORD;
    }
    if (strcmp(user, "empty") == 0)
        return SOCK_HTTPD_PASSWORD;
    return strcmp(user, "odd") == 0 ? 77 : SOCK_HTTPD_NO_USER;
}

static void digest_guarded(sock_httpd_request_t *self, void *arg)
{
    struct digest *d = arg;
    errno = 1234;
    if (!sock_httpd_require_digest(self, "http-auth@example.org", d->flags,
                                   secret, NULL))
        return;
    check_int(errno, 1234);
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(sock_httpd_end_headers(self));
    check_ok(sock_httpd_printf(self, "hello %s", sock_httpd_user(self)));
}

static sock_httpd_t *digest_site(struct digest *d)
{
    sock_httpd_t *server = new_site();
    check_ok(sock_httpd_do(server, "GET", digest_guarded, d));
    return server;
}

static void take_param(const char *challenge, const char *name, char *buf)
{
    char start[32];
    snprintf(start, sizeof start, "%s=\"", name);
    const char *at = strstr(challenge, start);
    check_that(at != NULL, "%s: %s", name, challenge);
    at += strlen(start);
    snprintf(buf, 64, "%.*s", (int)strcspn(at, "\""), at);
}

/* Asks for a nonce, or takes it from an answer that has one. */
static void take_challenge(struct digest *d, char *said)
{
    check_int(status_in(said), 401);
    take_param(field_in(said, "WWW-Authenticate"), "nonce", d->nonce);
    take_param(field_in(said, "WWW-Authenticate"), "opaque", d->opaque);
    free(said);
}

static char *claim_of(const struct digest *d, const char *more)
{
    static char fields[2048];
    char ha1[SOCK__DIGEST_HEX], response[SOCK__DIGEST_HEX], nc[16];
    struct sock__claim c = {.hash = d->hash,
                            .nonce = d->nonce,
                            .uri = d->uri,
                            .nc = nc,
                            .cnonce = "abc"};

    snprintf(nc, sizeof nc, "%08x", d->nc);
    sock__claim_ha1(d->hash, d->user, d->realm, d->password, ha1);
    if (strcmp(d->user, "stored") == 0)
        strcpy(ha1, md5_ha1);
    if (strcmp(d->user, "nohash") == 0)
        memset(ha1, 'g', 32);
    sock__claim_response(&c, ha1, d->method, response);
    snprintf(fields, sizeof fields,
             "Authorization: Digest username=\"%s\", realm=\"%s\", "
             "nonce=\"%s\", uri=\"%s\", nc=%s, cnonce=\"abc\", qop=auth, "
             "algorithm=%s, response=\"%s\", opaque=\"%s\"%s\r\n",
             d->user, d->realm, d->nonce, d->uri, nc,
             d->hash == SOCK__MD5 ? "MD5" : "SHA-256", response, d->opaque,
             more);
    return fields;
}

static struct digest mufasa(int flags, enum sock__hash hash)
{
    return (struct digest){.flags = flags,
                           .hash = hash,
                           .user = "Mufasa",
                           .password = "Circle of Life",
                           .uri = "/dir/index.html",
                           .method = "GET",
                           .realm = "http-auth@example.org",
                           .nc = 1};
}

static void is_said(sock_httpd_t *server, const struct digest *d,
                    const char *more, int status, bool stale)
{
    char *said = ask(server, "GET", "/dir/index.html", claim_of(d, more));
    const char *challenge = field_in(said, "WWW-Authenticate");

    check_that(status_in(said) == status, "%s", said);
    check_that((strstr(challenge, "stale=true") != NULL) == stale, "%s", said);
    check_int(strstr(said, "hello") != NULL, status == 200);
    free(said);
}

TEST(guard, digest_challenges)
{
    static const struct {
        int flags;
        const char *first, *second; /* of the algorithms */
    } rows[] = {{0, "SHA-256", NULL},
                {SOCK_HTTPD_MD5, "SHA-256", "MD5"},
                {SOCK_HTTPD_MD5_ONLY, "MD5", NULL},
                {SOCK_HTTPD_USERHASH, "SHA-256", NULL}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct digest d = mufasa(rows[i].flags, SOCK__SHA256);
        sock_httpd_t *server = digest_site(&d);
        char *said = ask(server, "GET", "/", "");
        char text[128];
        const char *first = strstr(said, "WWW-Authenticate: Digest ");
        check(first != NULL);
        const char *second = strstr(first + 1, "WWW-Authenticate: Digest ");
        snprintf(text, sizeof text,
                 "realm=\"http-auth@example.org\", qop=\"auth\", "
                 "algorithm=%s, nonce=\"",
                 rows[i].first);
        check_that(strstr(first, text) != NULL, "%s", said);
        check_int(second != NULL, rows[i].second != NULL);
        if (second != NULL)
            check(strstr(second, "algorithm=MD5,") != NULL);
        check_int(strstr(said, "userhash=true") != NULL,
                  rows[i].flags == SOCK_HTTPD_USERHASH);
        check(strstr(said, "stale") == NULL);
        check(strstr(said, "charset=UTF-8") != NULL);
        check_int(status_in(said), 401);
        free(said);
        sock_httpd_free(server);
    }
}

TEST(guard, digest_right)
{
    static const struct {
        int flags;
        enum sock__hash hash;
        int status;
    } rows[] = {{0, SOCK__SHA256, 200},
                {0, SOCK__MD5, 401},
                {SOCK_HTTPD_MD5, SOCK__SHA256, 200},
                {SOCK_HTTPD_MD5, SOCK__MD5, 200},
                {SOCK_HTTPD_MD5_ONLY, SOCK__SHA256, 401},
                {SOCK_HTTPD_MD5_ONLY, SOCK__MD5, 200}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct digest d = mufasa(rows[i].flags, rows[i].hash);
        sock_httpd_t *server = digest_site(&d);
        take_challenge(&d, ask(server, "GET", "/dir/index.html", ""));
        is_said(server, &d, "", rows[i].status, false);
        sock_httpd_free(server);
    }
}

TEST(guard, digest_wrong)
{
    struct digest d = mufasa(SOCK_HTTPD_MD5, SOCK__SHA256), right = d;
    sock_httpd_t *server = digest_site(&d);

    take_challenge(&right, ask(server, "GET", "/dir/index.html", ""));
    d = right;
    d.password = "Circle of Lif";
    is_said(server, &d, "", 401, false);
    d = right;
    d.user = "Scar";
    is_said(server, &d, "", 401, false);
    d = right;
    d.user = "Scar"; /* whom no one knows, with no password */
    d.password = "";
    is_said(server, &d, "", 401, false);
    d.user = "odd";
    is_said(server, &d, "", 401, false);
    d = right;
    d.method = "POST";
    is_said(server, &d, "", 401, false);
    d = right;
    d.realm = "another";
    is_said(server, &d, "", 401, false);
    d = right;
    d.uri = "/other";
    is_said(server, &d, "", 400, false);
    d.uri = "/dir/index.html?";
    is_said(server, &d, "", 400, false);
    d.uri = "/dir/../dir/index.html";
    is_said(server, &d, "", 400, false);
    is_said(server, &right, ", userhash=true", 401, false);
    is_said(server, &right, ", nc=00000001", 400, false);
    is_said(server, &right, "", 200, false); /* it is good still */
    sock_httpd_free(server);
}

/* Of an absolute target what is behind its host may be signed, too. */
TEST(guard, digest_of_an_absolute_target)
{
    struct digest d = mufasa(0, SOCK__SHA256);
    sock_httpd_t *server = digest_site(&d);

    take_challenge(&d, ask(server, "GET", "/dir/index.html", ""));
    char *said =
        ask(server, "GET", "http://h/dir/index.html", claim_of(&d, ""));
    check_int(status_in(said), 200);
    free(said);
    d.nc = 2;
    d.uri = "http://h/dir/index.html";
    said = ask(server, "GET", d.uri, claim_of(&d, ""));
    check_int(status_in(said), 200);
    free(said);
    sock_httpd_free(server);
}

/* Each is good once; who knows the password is told to try again. */
TEST(guard, digest_replayed)
{
    struct digest d = mufasa(0, SOCK__SHA256);
    sock_httpd_t *server = digest_site(&d);

    take_challenge(&d, ask(server, "GET", "/dir/index.html", ""));
    is_said(server, &d, "", 200, false);
    is_said(server, &d, "", 401, true);
    d.nc = 2;
    is_said(server, &d, "", 200, false);
    d.nc = 40;
    is_said(server, &d, "", 200, false);
    d.nc = 3;
    is_said(server, &d, "", 200, false);
    is_said(server, &d, "", 401, true);
    d.nc = 0;
    is_said(server, &d, "", 401, true);
    take_challenge(&d, ask(server, "GET", "/dir/index.html", claim_of(&d, "")));
    d.nc = 1;
    is_said(server, &d, "", 200, false);
    sock_httpd_free(server);
}

TEST(guard, digest_nonces_of_others)
{
    struct digest d = mufasa(0, SOCK__SHA256), wrong;
    sock_httpd_t *server = digest_site(&d), *other = digest_site(&d);

    take_challenge(&d, ask(other, "GET", "/dir/index.html", ""));
    is_said(server, &d, "", 401, true);
    strcpy(d.nonce, "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v");
    is_said(server, &d, "", 401, true);
    strcpy(d.nonce, "");
    is_said(server, &d, "", 401, true);
    wrong = d;
    wrong.password = "x"; /* then it is not said that the nonce is */
    is_said(server, &wrong, "", 401, false);
    sock_httpd_free(server);
    sock_httpd_free(other);
}

TEST(guard, digest_of_stored_hashes)
{
    struct digest d = mufasa(SOCK_HTTPD_MD5, SOCK__MD5);
    sock_httpd_t *server = digest_site(&d);

    take_challenge(&d, ask(server, "GET", "/dir/index.html", ""));
    d.user = "stored";
    is_said(server, &d, "", 200, false);
    d.nc = 2;
    d.hash = SOCK__SHA256; /* of which there is none */
    is_said(server, &d, "", 401, false);
    d.hash = SOCK__MD5;
    d.user = "nohash";
    is_said(server, &d, "", 401, false);
    d.user = "empty";
    d.password = "";
    is_said(server, &d, "", 200, false);
    char text[1024];
    memset(text, 'x', 1023);
    text[1023] = '\0';
    d.user = "overfull";
    d.password = text;
    d.nc = 3;
    is_said(server, &d, "", 200, false);
    sock_httpd_free(server);
}

/* H("Mufasa:http-auth@example.org") and H("Mufasa:...:Circle of Life"). */
static const char userhash[] =
    "a947aad205e80e429958a387394944c6b496301e79f89d35a4cc23b6ee12b5b6";
static const char sha256_ha1[] =
    "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232";

static int by_hash(const char *user, const char *realm, char *buf, size_t size,
                   void *arg)
{
    (void)realm, (void)arg;
    if (strcmp(user, userhash) == 0) {
        snprintf(buf, size, "%s", sha256_ha1);
        for (char *c = buf; *c != '\0'; c++)
            *c = (char)(*c >= 'a' ? *c & ~0x20 : *c); /* in any case */
        return SOCK_HTTPD_HA1;
    }
    snprintf(buf, size, "%s", "pw");
    return SOCK_HTTPD_PASSWORD; /* which is no answer to a hash */
}

static void hash_guarded(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    if (sock_httpd_require_digest(self, "http-auth@example.org",
                                  SOCK_HTTPD_USERHASH, by_hash, NULL) != 1)
        return;
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(sock_httpd_end_headers(self));
    check_ok(sock_httpd_printf(self, "hello %s", sock_httpd_user(self)));
}

TEST(guard, digest_userhash)
{
    struct digest d = mufasa(0, SOCK__SHA256);
    sock_httpd_t *server = new_site();
    char fields[2048], ha1[SOCK__DIGEST_HEX], response[SOCK__DIGEST_HEX];

    check_ok(sock_httpd_do(server, "GET", hash_guarded, NULL));
    take_challenge(&d, ask(server, "GET", "/dir/index.html", ""));
    struct sock__claim c = {.hash = SOCK__SHA256,
                            .nonce = d.nonce,
                            .uri = d.uri,
                            .nc = "00000001",
                            .cnonce = "abc"};
    sock__claim_response(&c, sha256_ha1, "GET", response);
    snprintf(fields, sizeof fields,
             "Authorization: Digest username=\"%s\", realm=\"%s\", "
             "nonce=\"%s\", uri=\"%s\", nc=00000001, cnonce=\"abc\", "
             "qop=auth, algorithm=SHA-256, response=\"%s\", userhash=true\r\n",
             userhash, d.realm, d.nonce, d.uri, response);
    char *said = ask(server, "GET", "/dir/index.html", fields);
    check_int(status_in(said), 200);
    check_int(strncmp(body_in(said), "hello a947", 10), 0);
    free(said);

    sock__claim_ha1(SOCK__SHA256, "x", d.realm, "pw", ha1);
    sock__claim_response(&c, ha1, "GET", response);
    snprintf(fields, sizeof fields,
             "Authorization: Digest username=\"x\", realm=\"%s\", "
             "nonce=\"%s\", uri=\"%s\", nc=00000001, cnonce=\"abc\", "
             "qop=auth, algorithm=SHA-256, response=\"%s\", userhash=true\r\n",
             d.realm, d.nonce, d.uri, response);
    said = ask(server, "GET", "/dir/index.html", fields);
    check_int(status_in(said), 401);
    free(said);
    sock_httpd_free(server);
}
