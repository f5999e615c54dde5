/* SPDX-License-Identifier: MIT */
/* Answers to challenges: the RFCs' examples, and values of python3's hashlib.
 * Links with --wrap. */
#include "auth.h"
#include "support.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "starve.h"

static bool any(const char *realm, void *arg)
{
    (void)realm, (void)arg;
    return true;
}

static bool only(const char *realm, void *arg)
{
    return strcmp(realm, arg) == 0;
}

/* The fields of that name, NULL at the end. */
static sock_headers_t *fields(const char *const values[])
{
    sock_headers_t *h = check_made(sock_headers_new());
    for (size_t i = 0; values[i] != NULL; i++)
        check_ok(sock_headers_add(h, "WWW-Authenticate", values[i]));
    return h;
}

/* What was chosen of them, with the password of a realm, NULL: of any. */
static struct sock__auth *choose_of(const char *const values[], char *realm)
{
    sock_headers_t *h = fields(values);
    struct sock__auth *a;

    errno = 1234;
    check_ok(sock__auth_choose("x", h, "WWW-Authenticate",
                               realm != NULL ? only : any, realm, &a));
    check_int(errno, 1234);
    sock_headers_free(h);
    return a;
}

static struct sock__auth *choose(const char *value)
{
    return choose_of((const char *[]){value, NULL}, NULL);
}

static void answers(struct sock__auth *a, const struct sock__auth_for *f,
                    const char *text)
{
    char *answer = check_made(sock__auth_answer("x", a, f));
    check_str(answer, text);
    free(answer);
}

/* The one answer to a challenge. */
static void answers_to(const char *challenge, struct sock__auth_for f,
                       const char *text)
{
    struct sock__auth *a = check_made(choose(challenge));
    answers(a, &f, text);
    sock__auth_free(a);
}

/* u and p, for GET / with the cnonce c. */
static const struct sock__auth_for simple = {"u", "p", "GET", "/", NULL, "c"};

/* Basic */

TEST(auth, basic)
{
    /* RFC 7617 2, 2.1 */
    answers_to(
        "Basic realm=\"WallyWorld\"",
        (struct sock__auth_for){.user = "Aladdin", .password = "open sesame"},
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    answers_to("Basic realm=\"foo\", charset=\"UTF-8\"",
               (struct sock__auth_for){.user = "test", .password = "123£"},
               "Basic dGVzdDoxMjPCow==");
    answers_to("Basic", (struct sock__auth_for){.user = "", .password = ""},
               "Basic Og==");
    answers_to("Basic realm=a",
               (struct sock__auth_for){.user = "u", .password = "a:b"},
               "Basic dTphOmI=");
}

TEST(auth, users_that_cannot_be)
{
    static const struct sock__auth_for of[] = {
        {.user = "a:b", .password = "p"},
        {.user = "a\r\nX: y", .password = "p"},
        {.user = "a\x7f", .password = "p"},
        {.user = "a", .password = "p\n"},
    };
    const char *words = "x: a user's name with a colon or control characters";

    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        struct sock__auth *a = check_made(choose("Basic realm=a"));
        check_null(sock__auth_answer("x", a, &of[i]), SOCK_E_VALUE, 0, words);
        sock__auth_free(a);
    }
    struct sock__auth *a = check_made(choose("Digest realm=a, nonce=b"));
    check_null(sock__auth_answer("x", a, &of[1]), SOCK_E_VALUE, 0, words);
    sock__auth_free(a);
}

/* Digest */

/* RFC 7616 3.9.1 */
TEST(auth, rfc_7616)
{
    static const char md5[] =
        "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
        "algorithm=MD5, "
        "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
        "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
    static const char sha[] =
        "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
        "algorithm=SHA-256, "
        "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
        "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
    const struct sock__auth_for mufasa = {
        .user = "Mufasa",
        .password = "Circle of Life",
        .method = "GET",
        .uri = "/dir/index.html",
        .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"};

    answers_to(md5, mufasa,
               "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
               "uri=\"/dir/index.html\", algorithm=MD5, "
               "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
               "nc=00000001, "
               "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", "
               "qop=auth, response=\"8ca523f5e9506fed4657c9700eebdbec\", "
               "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
    answers_to(sha, mufasa,
               "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
               "uri=\"/dir/index.html\", algorithm=SHA-256, "
               "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
               "nc=00000001, "
               "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", "
               "qop=auth, response=\"753927fa0e85d155564e2e272a28d1802ca10daf44"
               "96794697cf8db5856cb6c1\", "
               "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
    /* Both are offered, the stronger one first. */
    struct sock__auth *a = choose_of((const char *[]){sha, md5, NULL}, NULL);
    check_int(a->strength, SOCK__DIGEST_SHA256);
    sock__auth_free(a);
    a = choose_of((const char *[]){md5, sha, NULL}, NULL);
    check_int(a->strength, SOCK__DIGEST_SHA256);
    sock__auth_free(a);
}

/* RFC 2617 3.5; RFC 2069 2.4 as its errata have it */
TEST(auth, older_rfcs)
{
    struct sock__auth_for mufasa = {.user = "Mufasa",
                                    .password = "Circle Of Life",
                                    .method = "GET",
                                    .uri = "/dir/index.html",
                                    .cnonce = "0a4f113b"};
    answers_to("Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
               "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
               "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
               mufasa,
               "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
               "uri=\"/dir/index.html\", "
               "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", nc=00000001, "
               "cnonce=\"0a4f113b\", qop=auth, "
               "response=\"6629fae49393a05397450978507c4ef1\", "
               "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
    mufasa.password = "CircleOfLife";
    answers_to("Digest realm=\"testrealm@host.com\", "
               "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
               mufasa,
               "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
               "uri=\"/dir/index.html\", "
               "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
               "response=\"1949323746fe6a43ef61f9606e7febea\"");
}

static const char digest_u[] =
    "Digest username=\"u\", realm=\"r\", uri=\"/\", ";

/* Ends as that, behind digest_u. */
static void goes_on(struct sock__auth *a, const struct sock__auth_for *f,
                    const char *text)
{
    char whole[512];
    strcpy(whole, digest_u);
    strcat(whole, text);
    answers(a, f, whole);
}

TEST(auth, counts)
{
    struct sock__auth *a =
        check_made(choose("Digest realm=r,nonce=n,qop=auth,algorithm=md5"));

    goes_on(a, &simple,
            "algorithm=MD5, nonce=\"n\", nc=00000001, cnonce=\"c\", qop=auth, "
            "response=\"490ab2d682267b3630d3509d981b982d\"");
    goes_on(a, &simple,
            "algorithm=MD5, nonce=\"n\", nc=00000002, cnonce=\"c\", qop=auth, "
            "response=\"f1202435231f48ff4a8404e67cf5613f\"");
    a->count = 0xfffffffe;
    char *text = check_made(sock__auth_answer("x", a, &simple));
    check(strstr(text, "nc=ffffffff,") != NULL);
    free(text);
    sock__auth_free(a);
}

/* A session's secret is that of its first answer, and so is its cnonce. */
TEST(auth, sessions)
{
    struct sock__auth_for other = simple;
    other.cnonce = "another";

    struct sock__auth *a = check_made(
        choose("Digest realm=r,nonce=n,qop=auth,algorithm=MD5-sess"));
    goes_on(a, &simple,
            "algorithm=MD5-sess, nonce=\"n\", nc=00000001, cnonce=\"c\", "
            "qop=auth, response=\"6e4aac8b22e97762f88ccd0d5ccf5b1d\"");
    goes_on(a, &other,
            "algorithm=MD5-sess, nonce=\"n\", nc=00000002, cnonce=\"c\", "
            "qop=auth, response=\"4eb41d597405539b77a2117ca9cb090c\"");
    sock__auth_info(a, "nextnonce=\"n2\"");
    goes_on(a, &other,
            "algorithm=MD5-sess, nonce=\"n2\", nc=00000001, cnonce=\"c\", "
            "qop=auth, response=\"e4f8fbec74396b003d8db917d9e4059f\"");
    sock__auth_free(a);
    a = check_made(
        choose("Digest realm=r,nonce=n,qop=auth,algorithm=\"sha-256-SESS\""));
    goes_on(a, &simple,
            "algorithm=SHA-256-sess, nonce=\"n\", nc=00000001, cnonce=\"c\", "
            "qop=auth, response=\"ea348c3992b38a8ab656b8bcd3589ab596820515773c2"
            "a4605013c6216e0f070\"");
    goes_on(a, &simple,
            "algorithm=SHA-256-sess, nonce=\"n\", nc=00000002, cnonce=\"c\", "
            "qop=auth, response=\"b4ab3564b71337a63ad1a38c885bb91a868d7b6325781"
            "2a8f1a520598602884a\"");
    sock__auth_free(a);
}

TEST(auth, of_a_body)
{
    struct sock__auth_for post = simple;
    post.method = "POST";
    post.body = "5d41402abc4b2a76b9719d911017c592"; /* hello */

    struct sock__auth *a =
        check_made(choose("Digest realm=r, nonce=n, qop=\"auth-int\""));
    check(a->whole);
    goes_on(a, &post,
            "nonce=\"n\", nc=00000001, cnonce=\"c\", qop=auth-int, "
            "response=\"f314dc9fbfda48788b806caf4f2cd254\"");
    check_null(sock__auth_answer("x", a, &simple), SOCK_E_UNSUPPORTED, 0,
               "x: auth-int of a body that can be read only once");
    sock__auth_free(a);
    /* Where the body need not be read, it isn't. */
    a = check_made(choose("Digest realm=r, nonce=n, qop=\"auth-int,\tauth\""));
    check(a->qop && !a->whole);
    sock__auth_free(a);
}

TEST(auth, names_of_users)
{
    struct sock__auth_for f = simple;

    answers_to("Digest realm=r, nonce=n, userhash=true", f,
               "Digest username=\"ba84be203fdfc7d34e054a76d285d0c9\", "
               "realm=\"r\", uri=\"/\", nonce=\"n\", "
               "response=\"f23121ca97143c6b358da620220c83b4\", userhash=true");
    f.user = "u\"\\";
    answers_to("Digest realm=\"r\\\"\\\\\", nonce=n, qop=auth", f,
               "Digest username=\"u\\\"\\\\\", realm=\"r\\\"\\\\\", uri=\"/\", "
               "nonce=\"n\", nc=00000001, cnonce=\"c\", qop=auth, "
               "response=\"74ee88d9d8a30df41116a653d06d1510\"");
    f.user = "Jäsøn";
    answers_to("Digest realm=r, nonce=n, qop=auth, charset=UTF-8", f,
               "Digest username*=UTF-8''J%C3%A4s%C3%B8n, realm=\"r\", "
               "uri=\"/\", nonce=\"n\", nc=00000001, cnonce=\"c\", qop=auth, "
               "response=\"5d48fd3f66fe869085000579fc5c2599\"");
    f.user = "50%*'ö";
    answers_to("Digest realm=r, nonce=n, charset=UTF-8", f,
               "Digest username*=UTF-8''50%25%2A%27%C3%B6, realm=\"r\", "
               "uri=\"/\", nonce=\"n\", "
               "response=\"d8d6c0af42a50a3f45916ba0fe309f0a\"");
    f.user = "50%";
    answers_to("Digest realm=r, nonce=n, charset=UTF-8", f,
               "Digest username=\"50%\", realm=\"r\", "
               "uri=\"/\", nonce=\"n\", "
               "response=\"f89ff2f658f5b024014534e19621ab42\"");
    f.user = "Jäsøn";
    answers_to("Digest realm=r, nonce=n, qop=auth", f,
               "Digest username=\"Jäsøn\", realm=\"r\", "
               "uri=\"/\", nonce=\"n\", nc=00000001, cnonce=\"c\", qop=auth, "
               "response=\"5d48fd3f66fe869085000579fc5c2599\"");
}

/* Of the library's own choice they are new each time. */
TEST(auth, client_nonces)
{
    struct sock__auth_for f = simple;
    char former[SOCK__CNONCE_MAX] = "";

    f.cnonce = NULL;
    struct sock__auth *a =
        check_made(choose("Digest realm=r,nonce=n,qop=auth"));
    for (int i = 0; i < 3; i++) {
        char *text = check_made(sock__auth_answer("x", a, &f));
        const char *at = strstr(text, "cnonce=\"");
        check(at != NULL);
        at += strlen("cnonce=\"");
        check_int(strspn(at, "0123456789abcdef"), 32);
        check(strncmp(at, former, 32) != 0);
        memcpy(former, at, 32);
        free(text);
    }
    sock__auth_free(a);
}

TEST(auth, the_nonce_that_is_next)
{
    struct sock__auth *a = check_made(choose("Digest realm=r,nonce=n"));

    sock__auth_info(a, "rspauth=\"x\", qop=auth");
    check_str(a->nonce, "n");
    sock__auth_info(a, "nextnonce=\"x");
    check_str(a->nonce, "n");
    sock__auth_info(a, "nextnonce=\"\"");
    check_str(a->nonce, "n");
    sock__auth_info(a, "nextnonce=\"a\x01z\"");
    check_str(a->nonce, "n");
    a->count = 7;
    sock__auth_info(a, "nextnonce=\"m\"");
    check_str(a->nonce, "m");
    check_int(a->count, 0);
    sock__auth_info(a, "NextNonce=l");
    check_str(a->nonce, "l");
    sock__auth_free(a);
    a = check_made(choose("Basic realm=r"));
    sock__auth_info(a, "nextnonce=\"m\"");
    check(a->nonce == NULL);
    sock__auth_free(a);
    sock__auth_free(NULL);
}

/* Choosing */

TEST(auth, what_cannot_be_answered)
{
    static const char *const values[] = {
        "Negotiate",
        "Bearer realm=r",
        "Digest realm=r",
        "Digest nonce=n",
        "Digest realm=r, nonce=n, nonce=m",
        "Digest realm=r, realm=s, nonce=n",
        "Basic realm=r, realm=s",
        "Digest realm=r, nonce=n, algorithm=SHA-512-256",
        "Digest realm=r, nonce=n, algorithm=SHA",
        "Digest realm=r, nonce=n, algorithm=MD5, algorithm=MD5",
        "Digest realm=r, nonce=n, algorithm=\"\"",
        "Digest realm=r, nonce=n, qop=other",
        "Digest realm=r, nonce=n, qop=\"\"",
        "Digest realm=r, nonce=n, qop=auth, qop=auth",
        ("Digest realm=r, nonce=n, qop=\"auth012345678901234567890123456789012"
         "3456789012345678901234567890123456789\""),
        "Digest realm=\"a\x01z\", nonce=n",
        "Digest realm=r, nonce=\"a\x1fz\"",
        "Digest realm=r, nonce=n, opaque=\"\x7f\"",
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct sock__challenge c;
        const char *at = values[i];
        check(sock__challenge_next(&at, &c));
        sock_headers_t *h = sock_headers_new();
        struct sock__auth *a;
        if (sock_headers_add(h, "WWW-Authenticate", values[i]) == 0) {
            check_ok(
                sock__auth_choose("x", h, "WWW-Authenticate", any, NULL, &a));
            check_that(a == NULL, "%s", values[i]);
        }
        sock_headers_free(h);
    }
    check(choose_of((const char *[]){NULL}, NULL) == NULL);
}

TEST(auth, the_strongest_with_a_password)
{
    static const char *const values[] = {
        "Basic realm=\"a\"", "Negotiate, Digest realm=a, nonce=1",
        "Digest realm=b, nonce=2, algorithm=SHA-256, Basic realm=c",
        "Digest realm=b, nonce=3, algorithm=SHA-256", NULL};
    static char a_realm[] = "a", b_realm[] = "b", c_realm[] = "c";
    static char other[] = "d";
    static const struct {
        char *realm;
        int strength;
        const char *nonce;
    } rows[] = {{NULL, SOCK__DIGEST_SHA256, "2"},
                {a_realm, SOCK__DIGEST_MD5, "1"},
                {b_realm, SOCK__DIGEST_SHA256, "2"},
                {c_realm, SOCK__BASIC, NULL}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sock__auth *a = check_made(choose_of(values, rows[i].realm));
        check_int(a->strength, rows[i].strength);
        if (rows[i].nonce != NULL)
            check_str(a->nonce, rows[i].nonce);
        sock__auth_free(a);
    }
    check(choose_of(values, other) == NULL);
}

TEST(auth, what_a_challenge_says)
{
    struct sock__auth *a = check_made(choose(
        "Digest realm=r, nonce=n, stale=TRUE, userhash=True, charset=utf-8"));
    check(a->stale && a->userhash && a->utf8);
    check(!a->qop && !a->session && !a->says_hash);
    sock__auth_free(a);
    a = check_made(choose("Digest realm=r, nonce=n, stale=false, userhash=no, "
                          "charset=latin-1, opaque=\"\""));
    check(!a->stale && !a->userhash && !a->utf8);
    check_str(a->opaque, "");
    sock__auth_free(a);
    a = check_made(choose("Basic"));
    check_str(a->realm, "");
    sock__auth_free(a);
}

/* Memory */

TEST(auth, memory)
{
    static const char *const values[] = {
        "Basic realm=a", "Digest realm=r, nonce=n, algorithm=SHA-256", NULL};
    need_own_memory();
    sock_headers_t *h = fields(values);

    FOR_EACH_REFUSAL(refused)
    {
        struct sock__auth *a = NULL;
        int status =
            sock__auth_choose("x", h, "WWW-Authenticate", any, NULL, &a);
        char *text = status == 0 ? sock__auth_answer("x", a, &simple) : NULL;
        bool failed = was_refused();
        check_that((text == NULL) == failed, "%d", status);
        if (failed) {
            check_fails(-1, SOCK_E_MEMORY, 0,
                        "x: [Errno 12] Cannot allocate memory");
        }
        free(text);
        sock__auth_free(a);
    }
    sock_headers_free(h);
    struct sock__auth *a = check_made(choose("Basic"));
    fail_at = 1;
    check_null(sock__auth_answer("x", a, &simple), SOCK_E_MEMORY, 0,
               "x: [Errno 12] Cannot allocate memory");
    sock__auth_free(a);
    a = check_made(choose("Digest realm=r, nonce=n"));
    fail_at = 1;
    sock__auth_info(a, "nextnonce=m");
    fail_at = 0;
    check_str(a->nonce, "n");
    sock__auth_free(a);
}
