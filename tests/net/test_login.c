/* SPDX-License-Identifier: MIT */
/* Passwords of openers: for whom, and when. */
#include "script.h"

#include <unistd.h>

#include "private.h"

#define EMPTY "Content-Length: 0\r\n\r\n"
#define BASIC_OF(realm)                                                        \
    "HTTP/1.1 401 A\r\nWWW-Authenticate: Basic realm=\"" realm "\"\r\n" EMPTY
#define BASIC BASIC_OF("r")
#define DIGEST(more)                                                           \
    "HTTP/1.1 401 A\r\nWWW-Authenticate: Digest realm=\"r\", qop=auth, " more  \
    "\r\n" EMPTY
#define OK "HTTP/1.1 200 OK\r\n" EMPTY

static sock_opener_t *opener(const char *realm, const char *uri)
{
    sock_opener_t *o = check_made(sock_opener_new());
    check_ok(sock_opener_add_password(o, realm, url(uri), "u", "p"));
    return o;
}

static sock_http_response_t *open_it(sock_opener_t *o, const char *text)
{
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url(text)));
    sock_http_response_t *r = sock_opener_open(o, q, 10);
    sock_urlrequest_free(q);
    return r;
}

static bool answered(size_t n)
{
    return has_field(asked_of(1, n), "Authorization");
}

static const char *said(size_t n)
{
    return field(asked_of(1, n), "Authorization");
}

/* A word of the answer to the n-th request. */
static bool says(size_t n, const char *word)
{
    return strstr(said(n), word) != NULL;
}

/* Only once it was asked for; and then at once. */
TEST(login, basic)
{
    static const char *const script[] = {BASIC, OK, OK, OK, NULL};

    start(script, NULL);
    sock_opener_t *o = opener("r", "/a/");
    ends_with_body(open_it(o, "/a/b"), "");
    check(!answered(0));
    check_str(said(1), "Basic dTpw");
    ends_with_body(open_it(o, "/a/c?d"), "");
    check_str(said(2), "Basic dTpw");
    ends_with_body(open_it(o, "/b"), "");
    check(!answered(3));
    check_int(script_servers[0]->connections, 1);
    sock_opener_free(o);
    stop();
}

TEST(login, a_wrong_password)
{
    static const char *const script[] = {BASIC, BASIC, BASIC, BASIC, NULL};

    start(script, NULL);
    sock_opener_t *o = opener(NULL, "/");
    open_fails(open_it(o, "/"), SOCK_E_REPLY, 401,
               "urlopen http://127.0.0.1:$1/: HTTP Error 401: A");
    check_int(script_servers[0]->count, 2);
    check(open_it(o, "/") == NULL); /* it goes along, and once only */
    check_int(script_servers[0]->count, 3);
    sock_opener_free(o);
    stop();
}

/* A path that goes on is below another only behind a slash. */
TEST(login, no_neighbour)
{
    static const char *const script[] = {BASIC, OK, OK, BASIC, NULL};

    start(script, NULL);
    sock_opener_t *o = opener("r", "/a/b");
    ends_with_body(open_it(o, "/a/b/c"), "");
    check(answered(1));
    ends_with_body(open_it(o, "/a/b?c"), "");
    check(answered(2));
    check(open_it(o, "/a/bc") == NULL);
    check(!answered(3));
    check_int(script_servers[0]->count, 4);
    sock_opener_free(o);
    stop();
}

/* Rows of whom a password is for: of the server at 127.0.0.1, /a/b. */
TEST(login, whose_it_is)
{
    static const struct {
        const char *realm, *uri;
        bool good;
    } rows[] = {
        {"r", "http://127.0.0.1:$1/", true},
        {NULL, "http://127.0.0.1:$1", true},
        {"R", "http://127.0.0.1:$1/", false},
        {"", "http://127.0.0.1:$1/", false},
        {NULL, "http://127.0.0.1:$1/a", true},
        {NULL, "http://127.0.0.1:$1/a/", true},
        {NULL, "http://127.0.0.1:$1/a/b", true},
        {NULL, "http://127.0.0.1:$1/a/b?c", true},
        {NULL, "http://127.0.0.1:$1/a/b/", false},
        {NULL, "http://127.0.0.1:$1/a/bc", false},
        {NULL, "http://127.0.0.1:$1/b", false},
        {NULL, "http://127.0.0.1:$1/A", false},
        {NULL, "127.0.0.1:$1", true},
        {NULL, "127.0.0.1:$1/a", true},
        {NULL, "127.0.0.1", false},
        {NULL, "127.0.0.1:1", false},
        {NULL, "http://127.0.0.1/", false},
        {NULL, "http://127.0.0.1:1/", false},
        {NULL, "https://127.0.0.1:$1/", false},
        {NULL, "http://localhost:$1/", false},
        {NULL, "localhost:$1", false},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    static const char *script[MOST_REPLIES];

    check(2 * ROWS >= MOST_REPLIES); /* so two halves */
    for (size_t half = 0; half < 2; half++) {
        size_t n = 0, from = half * ROWS / 2, to = (half + 1) * ROWS / 2;
        for (size_t i = from; i < to; i++) {
            script[n++] = "HTTP/1.1 401 A\r\nConnection: close\r\n"
                          "WWW-Authenticate: Basic realm=\"r\"\r\n" EMPTY;
            if (rows[i].good)
                script[n++] = "HTTP/1.1 200 OK\r\nConnection: close\r\n" EMPTY;
        }
        script[n] = NULL;
        start(script, NULL);
        for (size_t i = from; i < to; i++) {
            sock_opener_t *o = opener(rows[i].realm, rows[i].uri);
            sock_http_response_t *r = open_it(o, "/a/b");
            check_that((r != NULL) == rows[i].good, "%s", rows[i].uri);
            sock_http_response_free(r);
            sock_opener_free(o);
        }
        stop();
    }
}

/* The one that lies nearest; of two for the same, the newer one. */
TEST(login, which_of_several)
{
    static const char *const script[] = {BASIC, OK, NULL};

    start(script, NULL);
    sock_opener_t *o = opener(NULL, "/");
    check_ok(sock_opener_add_password(o, NULL, url("/a/b"), "u", "q"));
    check_ok(sock_opener_add_password(o, NULL, url("/a/b"), "u", "r"));
    check_ok(sock_opener_add_password(o, NULL, url("/a"), "u", "s"));
    ends_with_body(open_it(o, "/a/b/c"), "");
    check_str(said(1), "Basic dTpy");
    sock_opener_free(o);
    stop();
}

/* One goes along, and another is asked for. */
TEST(login, of_two_realms)
{
    static const char *const script[] = {BASIC, OK, BASIC_OF("s"), OK,  BASIC,
                                         OK,    OK, BASIC_OF("s"), NULL};

    start(script, NULL);
    sock_opener_t *o = opener("r", "/");
    check_ok(sock_opener_add_password(o, "s", url("/"), "v", "q"));
    ends_with_body(open_it(o, "/a"), "");
    check_str(said(1), "Basic dTpw");
    ends_with_body(open_it(o, "/b"), ""); /* the newer one was not yet */
    check(!answered(2));
    check_str(said(3), "Basic djpx");
    ends_with_body(open_it(o, "/a"), "");
    check_str(said(4), "Basic djpx");
    check_str(said(5), "Basic dTpw");
    ends_with_body(open_it(o, "/b"), "");
    check(open_it(o, "/b") == NULL); /* now it is refused, and once only */
    check_str(said(7), "Basic djpx");
    check_int(script_servers[0]->count, 8);
    sock_opener_free(o);
    stop();
}

/* Nor goes one along where another lies nearer, which no one has asked for. */
TEST(login, of_two_folders)
{
    static const char *const script[] = {BASIC, OK, BASIC, OK, OK, OK, NULL};

    start(script, NULL);
    sock_opener_t *o = opener(NULL, "/");
    check_ok(sock_opener_add_password(o, NULL, url("/b"), "v", "q"));
    ends_with_body(open_it(o, "/a"), "");
    ends_with_body(open_it(o, "/b"), "");
    check(!answered(2));
    check_str(said(3), "Basic djpx");
    ends_with_body(open_it(o, "/a"), "");
    ends_with_body(open_it(o, "/b/c"), "");
    check_str(said(4), "Basic dTpw");
    check_str(said(5), "Basic djpx");
    sock_opener_free(o);
    stop();
}

/* A newer one takes the place of one that was refused. */
TEST(login, that_is_put_right)
{
    static const char *const script[] = {BASIC, BASIC, BASIC, OK, OK, NULL};

    start(script, NULL);
    sock_opener_t *o = opener(NULL, "/");
    check(open_it(o, "/") == NULL);
    check_ok(sock_opener_add_password(o, NULL, url("/"), "v", "q"));
    ends_with_body(open_it(o, "/"), "");
    ends_with_body(open_it(o, "/"), "");
    check_str(said(4), "Basic djpx");
    sock_opener_free(o);
    stop();
}

/* That of the URL comes before those of the opener. */
TEST(login, of_the_url)
{
    static const char *const script[] = {BASIC, OK, BASIC, BASIC, NULL};

    start(script, NULL);
    sock_opener_t *o = opener(NULL, "/");
    sock_http_response_t *r =
        check_made(open_it(o, "http://a%20b:c%20d@127.0.0.1:$1/x"));
    check_str(sock_http_geturl(r), url("/x"));
    sock_http_response_free(r);
    stop();
    sock_opener_free(o);
}

TEST(login, of_the_url_over_the_wire)
{
    static const char *const script[] = {BASIC, OK, NULL};

    start(script, NULL);
    ends_with_body(
        sock_urlopen(url("http://Aladdin:open%20sesame@127.0.0.1:$1/x"), NULL,
                     0, 10),
        "");
    check_str(line_of(asked_of(1, 1)), "GET /x HTTP/1.1");
    check_str(field(asked_of(1, 1), "Host"), url("127.0.0.1:$1"));
    check_str(said(1), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    stop();
}

/* Digest */

TEST(login, digest)
{
    static const char *const script[] = {DIGEST("nonce=n, algorithm=SHA-256"),
                                         OK, OK, NULL};

    start(script, NULL);
    sock_opener_t *o = opener("r", "/");
    ends_with_body(open_it(o, "/a?b"), "");
    check(says(1, "Digest username=\"u\", realm=\"r\", uri=\"/a?b\", "
                  "algorithm=SHA-256, nonce=\"n\", nc=00000001, "));
    ends_with_body(open_it(o, "/c"), "");
    check(says(2, "uri=\"/c\", algorithm=SHA-256, nonce=\"n\", nc=00000002, "));
    sock_opener_free(o);
    stop();
}

/* A nonce that has grown old is no wrong password. */
TEST(login, stale_nonces)
{
    static const char *const script[] = {
        DIGEST("nonce=1"),
        DIGEST("nonce=2, stale=true"),
        OK,
        DIGEST("nonce=3, stale=true"), /* of the one that went along */
        OK,
        DIGEST("nonce=4"), /* one that does not say so */
        OK,
        DIGEST("nonce=5, stale=true"),
        DIGEST("nonce=6"), /* that is a wrong password */
        NULL};

    start(script, NULL);
    sock_opener_t *o = opener("r", "/");
    ends_with_body(open_it(o, "/"), "");
    check(says(2, "nonce=\"2\", nc=00000001"));
    ends_with_body(open_it(o, "/"), "");
    check(says(3, "nonce=\"2\", nc=00000002"));
    check(says(4, "nonce=\"3\", nc=00000001"));
    ends_with_body(open_it(o, "/"), "");
    check(says(6, "nonce=\"4\", nc=00000001"));
    open_fails(open_it(o, "/"), SOCK_E_REPLY, 401,
               "urlopen http://127.0.0.1:$1/: HTTP Error 401: A");
    check_int(script_servers[0]->count, 9);
    sock_opener_free(o);
    stop();
}

TEST(login, stale_for_ever)
{
    static const char *const script[] = {
        DIGEST("nonce=1, stale=true"), DIGEST("nonce=2, stale=true"),
        DIGEST("nonce=3, stale=true"), DIGEST("nonce=4, stale=true"),
        DIGEST("nonce=5, stale=true"), NULL};

    start(script, NULL);
    sock_opener_t *o = opener("r", "/");
    check(open_it(o, "/") == NULL);
    check_int(sock_last_error()->code, 401);
    check_int(script_servers[0]->count, 4);
    sock_opener_free(o);
    stop();
}

TEST(login, the_next_nonce)
{
    static const char *const script[] = {
        DIGEST("nonce=1"),
        "HTTP/1.1 200 OK\r\nAuthentication-Info: nextnonce=\"2\"\r\n" EMPTY, OK,
        NULL};

    start(script, NULL);
    sock_opener_t *o = opener("r", "/");
    ends_with_body(open_it(o, "/"), "");
    ends_with_body(open_it(o, "/"), "");
    check(says(2, "nonce=\"2\", nc=00000001"));
    sock_opener_free(o);
    stop();
}

/* The stronger one of several, though it comes last. */
TEST(login, the_strongest)
{
    static const char *const script[] = {
        "HTTP/1.1 401 A\r\nWWW-Authenticate: Basic realm=r, Digest realm=r, "
        "nonce=1\r\nWWW-Authenticate: Digest realm=r, nonce=2, "
        "algorithm=SHA-256\r\n" EMPTY,
        OK, NULL};

    start(script, NULL);
    sock_opener_t *o = opener("r", "/");
    ends_with_body(open_it(o, "/"), "");
    check(says(1, "algorithm=SHA-256, nonce=\"2\""));
    sock_opener_free(o);
    stop();
}

TEST(login, bodies)
{
    static const char *const script[] = {DIGEST("nonce=1"), OK, NULL};

    start(script, NULL);
    sock_opener_t *o = opener("r", "/");
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/")));
    check_ok(sock_urlrequest_data(q, "hello", 5));
    ends_with_body(sock_opener_open(o, q, 10), "");
    check_str(body_of(asked_of(1, 1)), "hello");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
}

TEST(login, bodies_that_are_protected)
{
    static const char *const script[] = {
        "HTTP/1.1 401 A\r\nWWW-Authenticate: Digest realm=r, nonce=1, "
        "qop=auth-int\r\n" EMPTY,
        OK,
        "HTTP/1.1 401 A\r\nWWW-Authenticate: Digest realm=r, nonce=2, "
        "qop=auth-int\r\n" EMPTY,
        NULL};
    FILE *file = check_made(tmpfile());

    start(script, NULL);
    sock_opener_t *o = opener("r", "/");
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/")));
    check_ok(sock_urlrequest_data(q, "hello", 5));
    ends_with_body(sock_opener_open(o, q, 10), "");
    check(says(1, "qop=auth-int"));
    check_ok(sock_urlrequest_file(q, file, 0));
    open_fails(sock_opener_open(o, q, 10), SOCK_E_UNSUPPORTED, 0,
               "urlopen http://127.0.0.1:$1/: auth-int of a body that can be "
               "read only once");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
    fclose(file);
}

/* One that has nothing to say is covered as one that has. */
TEST(login, no_body_that_is_protected)
{
    static const char *const script[] = {
        "HTTP/1.1 401 A\r\nWWW-Authenticate: Digest realm=r, nonce=1, "
        "qop=auth-int\r\n" EMPTY,
        OK, NULL};

    start(script, NULL);
    sock_opener_t *o = opener("r", "/");
    ends_with_body(open_it(o, "/"), "");
    check(says(1, "qop=auth-int"));
    sock_opener_free(o);
    stop();
}

/* A body that has been read and can't be again is not asked for twice. */
TEST(login, bodies_that_are_gone)
{
    static const char *const script[] = {BASIC, NULL};
    int ends[2];

    check_ok(pipe(ends));
    check_int(write(ends[1], "hello", 5), 5);
    close(ends[1]);
    FILE *file = check_made(fdopen(ends[0], "r"));
    start(script, NULL);
    sock_opener_t *o = opener("r", "/");
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/")));
    check_ok(sock_urlrequest_file(q, file, 5));
    open_fails(sock_opener_open(o, q, 10), SOCK_E_REPLY, 401,
               "urlopen http://127.0.0.1:$1/: HTTP Error 401: A");
    check_int(script_servers[0]->count, 1);
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
    fclose(file);
}

/* The answer that went along was to another kind of challenge. */
TEST(login, digest_and_then_basic)
{
    static const char *const script[] = {DIGEST("nonce=n"), OK, BASIC, OK,
                                         NULL};

    start(script, NULL);
    sock_opener_t *o = opener("r", "/");
    ends_with_body(open_it(o, "/"), "");
    ends_with_body(open_it(o, "/"), "");
    check(says(2, "Digest "));
    check_str(said(3), "Basic dTpw");
    sock_opener_free(o);
    stop();
}

TEST(login, what_no_one_asked_for)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nAuthentication-Info: nextnonce=\"2\"\r\n" EMPTY, OK,
        NULL};

    start(script, NULL);
    sock_opener_t *o = opener("r", "/");
    ends_with_body(open_it(o, "/"), "");
    ends_with_body(open_it(o, "/"), "");
    check(!answered(1));
    sock_opener_free(o);
    stop();
}

/* Challenges that no one can read are an answer like any other. */
TEST(login, nonsense)
{
    static const char *const script[] = {
        "HTTP/1.1 401 A\r\nWWW-Authenticate: Digest realm=\"r, "
        "nonce=n\r\n" EMPTY,
        "HTTP/1.1 401 A\r\n" EMPTY,
        "HTTP/1.1 401 A\r\nWWW-Authenticate: Digest realm=\"a\x01z\", "
        "nonce=n\r\n" EMPTY,
        "HTTP/1.1 407 A\r\nProxy-Authenticate: Basic realm=r\r\n" EMPTY, NULL};

    start(script, NULL);
    sock_opener_t *o = opener(NULL, "/");
    for (int i = 0; i < 4; i++) {
        check(open_it(o, "/") == NULL);
        check_int(sock_last_error()->kind, SOCK_E_REPLY);
    }
    check_int(script_servers[0]->count, 4);
    sock_opener_free(o);
    stop();
}
