/* SPDX-License-Identifier: MIT */
/*
 * Responses: what is made of each that some client was seen to misread, whether
 * it comes at once or byte by byte; and how bodies are read.
 */
#include <pysockc/http.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "connection.h"
#include "framing.h"
#include "response.h"
#include "support.h"

/* How many bytes one recv(2) gives, at most. */
static size_t piece = SIZE_MAX;
static int recvs;
ssize_t __real_recv(int fd, void *buf, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t n, int flags)
{
    recvs++;
    return __real_recv(fd, buf, n < piece ? n : piece, flags);
}

/* Rows */

enum { KEEPS = 1 };

struct row {
    const char *name, *raw;
    int status;       /* 0: getresponse() fails */
    const char *body; /* NULL: reading it fails */
    int kind, code;   /* of the failure */
    const char *text;
    int flags;
    const char *method; /* NULL: GET */
};

#define OK "HTTP/1.1 200 OK\r\n"
#define CL(n) OK "Content-Length: " n "\r\n\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"
#define BAD(name, raw, code, text)                                             \
    {                                                                          \
        name, raw, 0, NULL, SOCK_E_PROTOCOL, code, "getresponse: " text, 0,    \
            NULL                                                               \
    }
#define BAD_BODY(name, raw, text)                                              \
    {                                                                          \
        name, raw, 200, NULL, SOCK_E_PROTOCOL, SOCK_P_FRAMING, "read: " text,  \
            0, NULL                                                            \
    }
#define SHORT(name, raw, text)                                                 \
    {                                                                          \
        name, raw, 200, NULL, SOCK_E_EOF, 0, "read: " text, 0, NULL            \
    }
#define GOOD(name, raw, body)                                                  \
    {                                                                          \
        name, raw, 200, body, 0, 0, NULL, 0, NULL                              \
    }
#define KEPT(name, raw, body)                                                  \
    {                                                                          \
        name, raw, 200, body, 0, 0, NULL, KEEPS, NULL                          \
    }
#define CUT_HEAD "getresponse: Remote end closed connection within the head"
#define STATUS "an invalid status line"

static const struct row rows[] = {
    KEPT("length", CL("5") "hello", "hello"),
    SHORT("short", CL("5") "hel",
          "IncompleteRead(3 bytes read, 2 more expected)"),
    SHORT("none of it", CL("5"),
          "IncompleteRead(0 bytes read, 5 more expected)"),
    KEPT("empty", CL("0"), ""),
    BAD("length -1", CL("-1") "hello", SOCK_P_FRAMING,
        "Content-Length is not one number"),
    BAD("length +2", CL("+2") "he", SOCK_P_FRAMING,
        "Content-Length is not one number"),
    BAD("length 1_0", CL("1_0") "hello67890", SOCK_P_FRAMING,
        "Content-Length is not one number"),
    BAD("length 0x2", CL("0x2") "he", SOCK_P_FRAMING,
        "Content-Length is not one number"),
    BAD("length of nothing", CL("") "he", SOCK_P_FRAMING,
        "Content-Length is not one number"),
    KEPT("length 2, 2", CL("2, 2") "he", "he"),
    KEPT("length twice", OK "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhe",
         "he"),
    BAD("length 2, 3", CL("2, 3") "hel", SOCK_P_FRAMING,
        "Content-Length is not one number"),
    BAD("lengths 2 and 3",
        OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhel", SOCK_P_FRAMING,
        "Content-Length is not one number"),
    BAD("length 10^23", CL("100000000000000000000000") "hel", SOCK_P_TOO_LARGE,
        "Content-Length is over the limit"),
    SHORT("length 2^63-1", CL("9223372036854775807") "hel",
          "IncompleteRead(3 bytes read, 9223372036854775804 more expected)"),
    BAD("gzip, chunked",
        OK "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nhe\r\n0\r\n\r\n",
        SOCK_P_UNSUPPORTED, "a Transfer-Encoding other than chunked"),
    BAD("xchunked",
        OK "Transfer-Encoding: xchunked\r\n\r\n2\r\nhe\r\n0\r\n\r\n",
        SOCK_P_UNSUPPORTED, "a Transfer-Encoding other than chunked"),
    BAD("chunked twice",
        OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: "
           "chunked\r\n\r\n2\r\nhe\r\n0\r\n\r\n",
        SOCK_P_UNSUPPORTED, "a Transfer-Encoding other than chunked"),
    BAD("chunked, chunked",
        OK "Transfer-Encoding: chunked, chunked\r\n\r\n2\r\nhe\r\n0\r\n\r\n",
        SOCK_P_UNSUPPORTED, "a Transfer-Encoding other than chunked"),
    BAD("identity", OK "Transfer-Encoding: identity\r\n\r\nhe",
        SOCK_P_UNSUPPORTED, "a Transfer-Encoding other than chunked"),
    KEPT("chunks", CHUNKED "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello"),
    KEPT("Chunked",
         OK "transfer-encoding:Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
         "hello"),
    GOOD("chunks and a length",
         OK "Transfer-Encoding: chunked\r\n"
            "Content-Length: 3\r\n\r\n"
            "5\r\nhello\r\n0\r\n\r\n",
         "hello"),
    GOOD("chunks in 1.0",
         "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n"
         "Connection: keep-alive\r\n\r\n"
         "5\r\nhello\r\n0\r\n\r\n",
         "hello"),
    KEPT("no chunk", CHUNKED "0\r\n\r\n", ""),
    KEPT("sizes",
         CHUNKED "A\r\n0123456789\r\n00000000000000a\r\n0123456789\r\n"
                 "000\r\n\r\n",
         "01234567890123456789"),
    KEPT("extensions", CHUNKED "5;a=b;c=\"d;e\"\r\nhello\r\n0;last\r\n\r\n",
         "hello"),
    BAD_BODY("size 0x2", CHUNKED "0x2\r\nhe\r\n0\r\n\r\n", "CHUNK"),
    BAD_BODY("size  2", CHUNKED " 2\r\nhe\r\n0\r\n\r\n", "CHUNK"),
    BAD_BODY("size 0_2", CHUNKED "0_2\r\nhe\r\n0\r\n\r\n", "CHUNK"),
    BAD_BODY("size +2", CHUNKED "+2\r\nhe\r\n0\r\n\r\n", "CHUNK"),
    BAD_BODY("size -2", CHUNKED "-2\r\nhe\r\n0\r\n\r\n", "CHUNK"),
    BAD_BODY("size 2^64+2", CHUNKED "10000000000000002\r\nhe\r\n0\r\n\r\n",
             "CHUNK"),
    BAD_BODY("size zz", CHUNKED "zz\r\nhe\r\n0\r\n\r\n", "CHUNK"),
    BAD_BODY("no size", CHUNKED "\r\nhe\r\n0\r\n\r\n", "CHUNK"),
    SHORT("no last chunk", CHUNKED "5\r\nhello\r\n",
          "IncompleteRead(5 bytes read)"),
    SHORT("within a chunk", CHUNKED "5\r\nhel", "IncompleteRead(3 bytes read)"),
    SHORT("within a size", CHUNKED "5\r\nhello\r\n1",
          "IncompleteRead(5 bytes read)"),
    SHORT("within the end", CHUNKED "5\r\nhello\r\n0\r\n",
          "IncompleteRead(5 bytes read)"),
    SHORT("before the last line feed", CHUNKED "5\r\nhello\r\n0\r\n\r",
          "IncompleteRead(5 bytes read)"),
    BAD_BODY("no CR LF behind a chunk", CHUNKED "5\r\nhello0\r\n\r\n", "CHUNK"),
    BAD_BODY("LF behind a size", CHUNKED "5\nhello\r\n0\r\n\r\n", "CHUNK"),
    BAD_BODY("LF behind a chunk", CHUNKED "5\r\nhello\n0\r\n\r\n", "CHUNK"),
    BAD_BODY("LF in an extension", CHUNKED "5;a\nb\r\nhello\r\n0\r\n\r\n",
             "CHUNK"),
    BAD_BODY("CR in an extension", CHUNKED "5;a\rb\r\nhello\r\n0\r\n\r\n",
             "CHUNK"),
    {"a faulty trailer", CHUNKED "5\r\nhello\r\n0\r\nA B: c\r\n\r\n", 200, NULL,
     SOCK_E_PROTOCOL, SOCK_P_SYNTAX, "read: SYNTAX", 0, NULL},
    KEPT("trailers", CHUNKED "5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n",
         "hello"),
    BAD("no colon", OK "Content-Length: 5\r\nnonsense\r\n\r\nhello",
        SOCK_P_SYNTAX, "a line without a colon"),
    BAD("no name", OK ": x\r\nContent-Length: 5\r\n\r\nhello", SOCK_P_SYNTAX,
        "a field without a name"),
    BAD("CR in a value", OK "A: b\rc\r\nContent-Length: 5\r\n\r\nhello",
        SOCK_P_SYNTAX, "SYNTAX"),
    KEPT("a folded line", OK "A: b\r\n \t c\r\nContent-Length: 5\r\n\r\nhello",
         "hello"),
    KEPT("a blank before a colon", OK "Content-Length : 5\r\n\r\nhello",
         "hello"),
    BAD("a blank in front", OK " A: b\r\nContent-Length: 5\r\n\r\nhello",
        SOCK_P_SYNTAX, "a line begins with a blank"),
    KEPT("line feeds", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "hello"),
    KEPT("100", "HTTP/1.1 100 Continue\r\n\r\n" CL("5") "hello", "hello"),
    KEPT("103", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" CL("5") "hello",
         "hello"),
    BAD("101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        SOCK_P_ORDER, "another protocol that was not asked for"),
    BAD("+200", "HTTP/1.1 +200 OK\r\n\r\n", SOCK_P_SYNTAX, STATUS),
    BAD("99", "HTTP/1.1 99 OK\r\n\r\n", SOCK_P_SYNTAX, STATUS),
    BAD("099", "HTTP/1.1 099 OK\r\n\r\n", SOCK_P_SYNTAX, STATUS),
    BAD("1000", "HTTP/1.1 1000 OK\r\n\r\n", SOCK_P_SYNTAX, STATUS),
    BAD("abc", "HTTP/1.1 abc OK\r\n\r\n", SOCK_P_SYNTAX, STATUS),
    {"999", "HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n", 999, "", 0, 0, NULL,
     KEEPS, NULL},
    BAD("2.0", "HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        SOCK_P_VERSION, "a version of HTTP that is not spoken here"),
    KEPT("1.9", "HTTP/1.9 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"),
    BAD("1.10", "HTTP/1.10 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        SOCK_P_SYNTAX, STATUS),
    BAD("http", "http/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        SOCK_P_SYNTAX, "an invalid version of HTTP"),
    BAD("0.9", "hello, this is 0.9\r\n\r\n", SOCK_P_SYNTAX,
        "an invalid version of HTTP"),
    BAD("ICY", "ICY 200 OK\r\n\r\n", SOCK_P_SYNTAX,
        "an invalid version of HTTP"),
    BAD("a blank line first", "\r\n" CL("5") "hello", SOCK_P_SYNTAX,
        "an invalid version of HTTP"),
    {"a head that is cut", OK "Content-Length: 5\r\nA: b", 0, NULL, SOCK_E_EOF,
     0, CUT_HEAD, 0, NULL},
    {"cut before the blank line", OK "Content-Length: 5\r\n", 0, NULL,
     SOCK_E_EOF, 0, CUT_HEAD, 0, NULL},
    {"cut in the first line", "HTTP/1.1 20", 0, NULL, SOCK_E_EOF, 0, CUT_HEAD,
     0, NULL},
    {"nothing", "", 0, NULL, SOCK_E_EOF, 0,
     "getresponse: Remote end closed connection without response", 0, NULL},
    {"100 and nothing", "HTTP/1.1 100 Continue\r\n\r\n", 0, NULL, SOCK_E_EOF, 0,
     "getresponse: Remote end closed connection without response", 0, NULL},
    GOOD("no blank behind the status", "HTTP/1.1 200\r\n\r\nhello", "hello"),
    GOOD("to the close", OK "\r\nhello", "hello"),
    GOOD("to the close, keep-alive", OK "Connection: keep-alive\r\n\r\nhello",
         "hello"),
    GOOD("gzip unasked", OK "Content-Encoding: gzip\r\n\r\n\x1f\x8b!",
         "\x1f\x8b!"),
    GOOD("close", OK "Connection: close\r\nContent-Length: 5\r\n\r\nhello",
         "hello"),
    GOOD("a list with close",
         OK "Connection: x, Close\r\nContent-Length: 5\r\n\r\nhello", "hello"),
    GOOD("1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"),
    KEPT("1.0 keep-alive",
         "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n"
         "Content-Length: 5\r\n\r\nhello",
         "hello"),
    {"204", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, "", 0,
     0, NULL, KEEPS, NULL},
    {"304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "",
     0, 0, NULL, KEEPS, NULL},
    {"205", "HTTP/1.1 205 Reset Content\r\nContent-Length: 5\r\n\r\nhello", 205,
     "hello", 0, 0, NULL, KEEPS, NULL},
    {"404", "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello", 404,
     "hello", 0, 0, NULL, KEEPS, NULL},
    {"HEAD", CL("5"), 200, "", 0, 0, NULL, KEEPS, "HEAD"},
    {"HEAD in chunks", CHUNKED, 200, "", 0, 0, NULL, KEEPS, "HEAD"},
    {"HEAD without a length", OK "\r\n", 200, "", 0, 0, NULL, KEEPS, "HEAD"},
};

/* Of the library's own text that stands for several here. */
static bool is_class(const char *text)
{
    size_t n = strlen(text);
    return (n > 5 && strcmp(text + n - 5, "CHUNK") == 0) ||
           (n > 6 && strcmp(text + n - 6, "SYNTAX") == 0);
}

static void failed_as(const struct row *row)
{
    const sock_error_t *e = sock_last_error();
    check_that(e->kind == row->kind && e->code == row->code, "%s: %s",
               row->name, error_text());
    check_that(is_class(row->text) || strcmp(error_text(), row->text) == 0,
               "%s: %s", row->name, error_text());
}

static void read_body(const struct row *row, sock_http_response_t *r)
{
    char body[64];
    size_t n = 0;
    ssize_t got;

    while ((got = sock_http_read(r, body + n, sizeof body - n)) > 0)
        n += (size_t)got;
    if (row->body != NULL) {
        check_that(got == 0, "%s: %s", row->name, error_text());
        check_that(n == strlen(row->body), "%s: %zu bytes", row->name, n);
        check_bytes(body, row->body, n);
        check_int(sock_http_length(r), 0);
        return;
    }
    check_that(got < 0, "%s: no error", row->name);
    failed_as(row);
    check_int(sock_last_error()->done, n);
    check_int(sock_http_read(r, body, 1), -1); /* and it stays so */
    failed_as(row);
}

/* Hears what came, for what no one has heard resets the connection. */
static void end(sock_t *s)
{
    char buf[256];
    size_t before = piece;
    piece = SIZE_MAX;
    check_ok(sock_recv(s, buf, sizeof buf, 0));
    piece = before;
    sock_free(s);
}

/* One end of a pair, and what the other end says before it closes. */
static sock_http_t *answered(const char *method, const char *raw, size_t n)
{
    struct pair p = unix_pair(SOCK_STREAM);
    check_ok(sock_settimeout(p.a, 5));
    check_ok(sock_sendall(p.b, raw, n, 0));
    check_ok(sock_shutdown(p.b, SHUT_WR));
    sock_http_t *c = check_made(sock_http_from(p.a));
    check_ok(sock_http_request(c, method, "/", NULL, 0, NULL));
    end(p.b);
    return c;
}

static void answer(const struct row *row)
{
    sock_http_t *c = answered(row->method != NULL ? row->method : "GET",
                              row->raw, strlen(row->raw));
    sock_http_response_t *r = sock_http_getresponse(c);
    if (row->status == 0) {
        check_that(r == NULL, "%s: it is one", row->name);
        failed_as(row);
        check(sock_http_sock(c) == NULL);
    } else {
        check_that(r != NULL, "%s: %s", row->name, error_text());
        check_int(sock_http_status(r), row->status);
        read_body(row, r);
        check_that((sock_http_sock(c) != NULL) == (row->flags == KEEPS),
                   "%s: %s", row->name, row->flags ? "closed" : "kept");
    }
    sock_http_response_free(r);
    sock_http_free(c);
}

TEST(response, at_once)
{
    check(sizeof rows / sizeof rows[0] >= 62);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        answer(&rows[i]);
}

TEST(response, byte_by_byte)
{
    piece = 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        answer(&rows[i]);
    piece = SIZE_MAX;
}

/* Freed before it is read, in every state. */
TEST(response, unread)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *raw = rows[i].raw;
        sock_http_t *c = answered("GET", raw, strlen(raw));
        errno = 77;
        sock_http_response_free(sock_http_getresponse(c));
        sock_http_free(c);
    }
}

TEST(response, a_nul)
{
    const char raw[] = OK "A: b\0c\r\nContent-Length: 5\r\n\r\nhello";
    sock_http_t *c = answered("GET", raw, sizeof raw - 1);
    check_null(sock_http_getresponse(c), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
               "getresponse: a control character in a line");
    sock_http_free(c);
}

/* Long ones */

struct text {
    char *bytes;
    size_t n;
};

static void add(struct text *t, const char *what, size_t times)
{
    size_t n = strlen(what);
    t->bytes = realloc(t->bytes, t->n + n * times + 1);
    for (; times > 0; times--, t->n += n)
        memcpy(t->bytes + t->n, what, n);
    t->bytes[t->n] = '\0';
}

/* With room for all of it on its way. */
static sock_http_t *answered_at_length(struct text *t)
{
    struct pair p = unix_pair(SOCK_STREAM);
    int room = 4 << 20;
    check_ok(sock_setsockopt_int(p.b, SOL_SOCKET, SO_SNDBUF, room));
    check_ok(sock_settimeout(p.a, 5));
    check_ok(sock_settimeout(p.b, 0));
    ssize_t n = sock_send(p.b, t->bytes, t->n, 0);
    if (n != (ssize_t)t->n)
        skip("the system takes %zd bytes of %zu", n, t->n);
    check_ok(sock_shutdown(p.b, SHUT_WR));
    sock_http_t *c = check_made(sock_http_from(p.a));
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    end(p.b);
    free(t->bytes);
    *t = (struct text){NULL, 0};
    return c;
}

TEST(response, a_head_as_long_as_may_be)
{
    struct text t = {NULL, 0};
    add(&t, OK "Content-Length: 5\r\nA: ", 1);
    add(&t, "x", 256 * 1024 - t.n - 4);
    add(&t, "\r\n\r\nhello", 1);
    sock_http_t *c = answered_at_length(&t);
    char body[8];
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_read(r, body, sizeof body), 5);
    check_int(sock_http_getheader(r, "A", NULL, 0),
              256 * 1024 - (int)strlen(OK "Content-Length: 5\r\nA: \r\n\r\n"));
    sock_http_response_free(r);
    sock_http_free(c);

    add(&t, OK "Content-Length: 5\r\nA: ", 1);
    add(&t, "x", 256 * 1024 - t.n - 3);
    add(&t, "\r\n\r\nhello", 1);
    c = answered_at_length(&t);
    check_null(sock_http_getresponse(c), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "getresponse: a head over the limit");
    sock_http_free(c);
}

TEST(response, a_head_of_300_kib)
{
    struct text t = {NULL, 0};
    add(&t, OK "A: ", 1);
    add(&t, "x", 300 * 1024);
    sock_http_t *c = answered_at_length(&t);
    check_null(sock_http_getresponse(c), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "getresponse: a head over the limit");
    sock_http_free(c);
}

TEST(response, as_many_fields_as_may_be)
{
    struct text t = {NULL, 0};
    add(&t, OK, 1);
    add(&t, "A: b\r\n", 1000);
    add(&t, "\r\n", 1);
    sock_http_t *c = answered_at_length(&t);
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_getheader(r, "A", NULL, 0), 1000 * 3 - 2);
    sock_http_response_free(r);
    sock_http_free(c);

    add(&t, OK, 1);
    add(&t, "A: b\r\n", 1001);
    add(&t, "\r\n", 1);
    c = answered_at_length(&t);
    check_null(sock_http_getresponse(c), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "getresponse: too many fields");
    sock_http_free(c);
}

TEST(response, limits_of_ones_own)
{
    sock_http_limits_t limits = {
        .size = sizeof limits, .head = 60, .fields = 2};
    static const struct {
        const char *raw, *text; /* NULL: it is good */
    } heads[] = {
        {OK "A: b\r\nC: d\r\n\r\n", NULL},
        {OK "A: b\r\nC: d\r\nE: f\r\n\r\n", "getresponse: too many fields"},
        {OK "A: 0123456789012345678901234567890123456789\r\n\r\n",
         "getresponse: a head over the limit"},
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        sock_http_t *c = answered("GET", heads[i].raw, strlen(heads[i].raw));
        check_ok(sock_http_set_limits(c, &limits));
        sock_http_response_t *r = sock_http_getresponse(c);
        if (heads[i].text != NULL)
            check_null(r, SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE, heads[i].text);
        else
            sock_http_response_free(check_made(r));
        sock_http_free(c);
    }
}

/* Trailers have what the head has left. */
TEST(response, trailers_over_the_limit)
{
    sock_http_limits_t limits = {.size = sizeof limits, .head = 100};
    const char *raw = CHUNKED "2\r\nhi\r\n0\r\n"
                              "A: 0123456789012345678901234567890123456789"
                              "01234567890123456789\r\n\r\n";
    char buf[8];
    sock_http_t *c = answered("GET", raw, strlen(raw));
    check_ok(sock_http_set_limits(c, &limits));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_read(r, buf, sizeof buf), 2);
    check_fails(sock_http_read(r, buf, sizeof buf), SOCK_E_PROTOCOL,
                SOCK_P_TOO_LARGE, "read: a head over the limit");
    sock_http_response_free(r);
    sock_http_free(c);
}

TEST(response, interim_ones)
{
    struct text t = {NULL, 0};
    add(&t, "HTTP/1.1 100 Continue\r\n\r\n", 99);
    add(&t, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 1);
    add(&t, CL("2") "hi", 1);
    sock_http_t *c = answered_at_length(&t);
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_status(r), 200);
    check_int(sock_http_getheader(r, "Link", NULL, 0), -1);
    sock_http_response_free(r);
    sock_http_free(c);

    add(&t, "HTTP/1.1 100 Continue\r\n\r\n", 101);
    add(&t, CL("2") "hi", 1);
    c = answered_at_length(&t);
    check_null(sock_http_getresponse(c), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "getresponse: got more than 100 interim responses");
    sock_http_free(c);
}

/* A head that goes on behind all that there is room for. */
TEST(response, a_long_head_behind_an_interim_one)
{
    struct text t = {NULL, 0};
    add(&t, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 1);
    add(&t, OK "X: ", 1);
    add(&t, "x", 10000);
    add(&t, "\r\nContent-Length: 2\r\n\r\nhi", 1);
    sock_http_t *c = answered_at_length(&t);
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_status(r), 200);
    check_int(sock_http_getheader(r, "X", NULL, 0), 10000);
    char buf[8];
    check_int(sock_http_read(r, buf, sizeof buf), 2);
    sock_http_response_free(r);
    sock_http_free(c);
}

TEST(response, on_a_socket_that_does_not_wait)
{
    const char *raw = CL("2") "hi";
    char buf[8];
    struct pair p = unix_pair(SOCK_STREAM);
    check_ok(sock_settimeout(p.a, 0));
    sock_http_t *c = check_made(sock_http_from(p.a));
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    check_ok(sock_sendall(p.b, raw, strlen(raw), 0));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_read(r, buf, sizeof buf), 2);
    sock_http_response_free(r);
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    check(sock_http_getresponse(c) == NULL);
    check_int(sock_last_error()->code, EAGAIN);
    sock_http_free(c);
    sock_free(p.b);
}

TEST(response, extensions_of_20_kb)
{
    struct text t = {NULL, 0};
    char buf[8];
    add(&t, CHUNKED "2;", 1);
    add(&t, "x", 20000);
    add(&t, "\r\nhi\r\n0\r\n\r\n", 1);
    sock_http_t *c = answered_at_length(&t);
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_read(r, buf, sizeof buf), -1);
    check_int(sock_last_error()->kind, SOCK_E_PROTOCOL);
    sock_http_response_free(r);
    sock_http_free(c);
}

/* What a response says */

TEST(response, what_it_says)
{
    const char *raw = "HTTP/1.0 404 Not  here \xe9\r\nA: b\r\nc:  d\t\r\n"
                      "A: e, f\r\nEmpty:\r\nFold: a\r\n\tb\r\n\r\n";
    char buf[64];
    sock_http_t *c = answered("GET", raw, strlen(raw));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    sock_http_free(c); /* it needs nothing of it */

    check_int(sock_http_status(r), 404);
    check_int(sock_http_version(r), 10);
    check_str(sock_http_reason(r), "Not  here \xe9");
    check_int(sock_http_length(r), -1);
    check_int(sock_http_getheader(r, "a", buf, sizeof buf), 7);
    check_str(buf, "b, e, f");
    check_int(sock_http_getheader(r, "a", buf, 7), 7);
    check_str(buf, "");
    check_int(sock_http_getheader(r, "a", NULL, 0), 7);
    check_int(sock_http_getheader(r, "C", buf, sizeof buf), 1);
    check_str(buf, "d");
    check_int(sock_http_getheader(r, "empty", buf, sizeof buf), 0);
    check_str(buf, "");
    check_int(sock_http_getheader(r, "Fold", buf, sizeof buf), 3);
    check_str(buf, "a b");
    check_fails(sock_http_getheader(r, "Missing", buf, sizeof buf), SOCK_E_KEY,
                ENOENT, "getheader: Missing");
    check_str(sock_headers_get(sock_http_headers(r), "C", NULL), "d");
    check(sock_headers_get_all(sock_http_trailers(r), "A", 0) == NULL);
    check_int(sock_headers_line(sock_http_headers(r), 1, buf, sizeof buf), 4);
    check_str(buf, "c: d");
    sock_http_response_free(r);

    raw = OK "Content-Length: 5\r\n\r\nhello";
    c = answered("GET", raw, strlen(raw));
    r = check_made(sock_http_getresponse(c));
    check_int(sock_http_version(r), 11);
    check_str(sock_http_reason(r), "OK");
    check_int(sock_http_length(r), 5);
    check_int(sock_http_read(r, buf, 2), 2);
    check_int(sock_http_length(r), 3);
    sock_http_free(c);
    check_int(sock_http_read(r, buf, 9), 3);
    check_int(sock_http_length(r), 0);
    check_int(sock_http_read(r, buf, 9), 0);
    sock_http_response_free(r);
}

TEST(response, what_trailers_say)
{
    const char *raw = CHUNKED "2\r\nhi\r\n0\r\nA: b\r\nContent-Length: 7\r\n"
                              "host: x\r\nTransfer-Encoding: gzip\r\n"
                              "A: c\r\n\r\n";
    char buf[8];
    sock_http_t *c = answered("GET", raw, strlen(raw));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    const sock_headers_t *t = sock_http_trailers(r);
    check(sock_headers_get(t, "A", NULL) == NULL);
    check_int(sock_http_read(r, buf, sizeof buf), 2);
    check(sock_http_trailers(r) == t);
    check_str(sock_headers_get(t, "A", NULL), "b");
    check_str(sock_headers_get_all(t, "A", 1), "c");
    check(sock_headers_get(t, "Content-Length", NULL) == NULL);
    check(sock_headers_get(t, "Host", NULL) == NULL);
    check(sock_headers_get(t, "Transfer-Encoding", NULL) == NULL);
    check(sock_headers_get(sock_http_headers(r), "A", NULL) == NULL);
    check(sock_http_sock(c) != NULL);
    sock_http_response_free(r);
    sock_http_free(c);
}

/* Reading */

/* One that is asked for again and again; NULL at the end. */
static sock_http_response_t *one(const char *raw)
{
    sock_http_t *c = answered("GET", raw, strlen(raw));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    sock_http_free(c);
    return r;
}

TEST(response, readall)
{
    static const struct {
        const char *raw;
        size_t max;
        ssize_t n; /* -1: it is over the maximum */
    } bodies[] = {
        {CL("5") "hello", 0, 5},
        {CL("5") "hello", 5, 5},
        {CL("5") "hello", SIZE_MAX, 5},
        {CL("5") "hello", 4, -1},
        {CL("0"), 0, 0},
        {CL("0"), 1, 0},
        {OK "\r\nhello", 0, 5},
        {OK "\r\nhello", 5, 5},
        {OK "\r\nhello", 6, 5},
        {OK "\r\nhello", 4, -1},
        {OK "\r\n", 0, 0},
        {OK "\r\n", 1, 0},
        {CHUNKED "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 0, 5},
        {CHUNKED "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 5, 5},
        {CHUNKED "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 4, -1},
        {CHUNKED "0\r\n\r\n", 0, 0},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        char *data = NULL;
        sock_http_response_t *r = one(bodies[i].raw);
        if (bodies[i].n < 0) {
            check_fails(sock_http_readall(r, &data, bodies[i].max),
                        SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                        "read: the body is over the maximum");
            check(data == NULL);
        } else {
            check_int(sock_http_readall(r, &data, bodies[i].max), bodies[i].n);
            check_str(data, bodies[i].n > 0 ? "hello" : "");
            sock_http_data_free(data);
            check_int(sock_http_readall(r, &data, 0), 0); /* of the rest */
            check_str(data, "");
            sock_http_data_free(data);
        }
        sock_http_response_free(r);
    }
}

/* One whose length is known is not begun; another cannot go on. */
TEST(response, readall_over_the_maximum)
{
    char *data, buf[8];
    sock_http_response_t *r = one(CL("5") "hello");
    check_int(sock_http_readall(r, &data, 4), -1);
    check_int(sock_http_read(r, buf, sizeof buf), 5);
    sock_http_response_free(r);

    r = one(OK "\r\nhello");
    check_int(sock_http_readall(r, &data, 4), -1);
    check_fails(sock_http_read(r, buf, sizeof buf), SOCK_E_PROTOCOL,
                SOCK_P_TOO_LARGE, "read: the body is over the maximum");
    sock_http_response_free(r);
}

TEST(response, readall_of_a_short_one)
{
    char byte, *data = &byte;
    sock_http_response_t *r = one(CL("7") "hello");
    check_fails(sock_http_readall(r, &data, 0), SOCK_E_EOF, 0,
                "read: IncompleteRead(5 bytes read, 2 more expected)");
    check(data == NULL);
    check_int(sock_last_error()->done, 5);
    sock_http_response_free(r);
}

TEST(response, readall_grows)
{
    struct text t = {NULL, 0};
    size_t sizes[] = {8190, 8191, 8192, 8193, 65534, 65535, 65536, 500000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int known = 0; known < 2; known++) {
            char head[64], *data;
            snprintf(head, sizeof head,
                     known ? OK "Content-Length: %zu\r\n\r\n" : OK "\r\n",
                     sizes[i]);
            add(&t, head, 1);
            add(&t, "x", sizes[i]);
            sock_http_t *c = answered_at_length(&t);
            sock_http_response_t *r = check_made(sock_http_getresponse(c));
            check_int(sock_http_readall(r, &data, sizes[i]), sizes[i]);
            check_int(strlen(data), sizes[i]);
            sock_http_data_free(data);
            sock_http_response_free(r);
            sock_http_free(c);
        }
}

/* Of little pieces many are read at a time, large ones without a copy. */
TEST(response, calls_of_the_system)
{
    struct text t = {NULL, 0};
    char head[64], byte, *large = malloc(300000);
    snprintf(head, sizeof head, CL("%d"), 300000);
    add(&t, head, 1);
    add(&t, "x", 300000);
    sock_http_t *c = answered_at_length(&t);
    recvs = 0;
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(recvs, 1);
    for (int i = 0; i < 10000; i++)
        check_int(sock_http_read(r, &byte, 1), 1);
    check_int(recvs, 2);
    size_t n = 10000;
    while (n < 300000)
        n += (size_t)check_ok(sock_http_read(r, large, 300000));
    check(recvs <= 4);
    sock_http_response_free(r);
    sock_http_free(c);
    free(large);
}

/* All chunks that are there at once. */
TEST(response, many_chunks)
{
    struct text t = {NULL, 0};
    char buf[4000];
    add(&t, CHUNKED, 1);
    add(&t, "1\r\nx\r\n", 500);
    add(&t, "0\r\n\r\n", 1);
    sock_http_t *c = answered_at_length(&t);
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_read(r, buf, 100), 100);
    check_int(sock_http_read(r, buf, sizeof buf), 400);
    check(sock_http_sock(c) != NULL); /* it is over, and the connection free */
    check_int(sock_http_length(r), 0);
    sock_http_response_free(r);
    sock_http_free(c);
}

/* As a stream */

TEST(response, lines)
{
    char line[64];
    sock_http_response_t *r =
        one(CHUNKED "8\r\none\ntwo\n\r\n5\r\nthree\r\n0\r\n\r\n");
    FILE *f = sock_http_file(r);
    check(f != NULL);
    check_null(sock_http_file(r), SOCK_E_VALUE, 0,
               "makefile: there is a stream already");
    check_str(fgets(line, sizeof line, f), "one\n");
    check_str(fgets(line, sizeof line, f), "two\n");
    check_str(fgets(line, sizeof line, f), "three");
    check(fgets(line, sizeof line, f) == NULL);
    check(feof(f) && !ferror(f));
    check_int(fclose(f), 0);
    f = sock_http_file(r);
    check_int(fgetc(f), EOF);
    fclose(f);
    sock_http_response_free(r);
}

TEST(response, a_stream_of_a_short_one)
{
    char line[64];
    sock_http_response_t *r = one(CL("9") "hello");
    FILE *f = sock_http_file(r);
    check_int(fread(line, 1, sizeof line, f), 5);
    check(ferror(f));
    check_str(error_text(),
              "read: IncompleteRead(5 bytes read, 4 more expected)");
    clearerr(f);
    check_int(fgetc(f), EOF);
    check(ferror(f));
    fclose(f);
    sock_http_response_free(r);
}

TEST(response, a_stream_outlives_it)
{
    sock_http_response_t *r = one(CL("5") "hello");
    FILE *f = sock_http_file(r);
    sock_http_response_free(r);
    check_int(fgetc(f), EOF);
    check(ferror(f));
    check_str(error_text(), "read: [Errno 9] Bad file descriptor");
    fclose(f);
}

/* Who ends first */

TEST(response, the_connection_is_freed_first)
{
    char *data;
    static const char *const raws[] = {
        CL("5") "hello", CHUNKED "5\r\nhello\r\n0\r\n\r\n", OK "\r\nhello"};
    for (size_t i = 0; i < 3; i++) {
        sock_http_response_t *r = one(raws[i]);
        check_int(sock_http_readall(r, &data, 0), 5);
        check_str(data, "hello");
        sock_http_data_free(data);
        sock_http_response_free(r);
    }
}

TEST(response, the_connection_is_closed_first)
{
    char buf[8];
    const char *raw = CL("5") "hello";
    sock_http_t *c = answered("GET", raw, strlen(raw));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_read(r, buf, 2), 2);
    check_ok(sock_http_close(c));
    check_fails(sock_http_read(r, buf, 2), SOCK_E_OS, EBADF,
                "read: [Errno 9] Bad file descriptor");
    check_int(sock_last_error()->done, 2);
    sock_http_response_free(r);
    sock_http_free(c);

    raw = OK "\r\nhello"; /* it has taken the connection along */
    c = answered("GET", raw, strlen(raw));
    r = check_made(sock_http_getresponse(c));
    check(sock_http_sock(c) == NULL);
    check_ok(sock_http_close(c));
    check_int(sock_http_read(r, buf, 8), 5);
    sock_http_response_free(r);
    sock_http_free(c);
}

/* What was not read does not keep the connection from going on, if it is there
 * already. */
TEST(response, freed_unread)
{
    static const struct {
        const char *raw;
        bool kept;
    } bodies[] = {
        {CL("5") "hello", true},
        {CL("6") "hello", false},
        {CL("5") "hello, and more", false},
        {CHUNKED "5\r\nhello\r\n0\r\n\r\n", true},
        {CHUNKED "5\r\nhello\r\n0\r\nA: b\r\n\r\n", true},
        {CHUNKED "5\r\nhello\r\n0\r\n", false},
        {CHUNKED "5\r\nhel", false},
        {CHUNKED "x", false},
        {OK "\r\nhello", false},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        const char *raw = bodies[i].raw;
        sock_http_t *c = answered("GET", raw, strlen(raw));
        sock_http_response_t *r = check_made(sock_http_getresponse(c));
        errno = 77;
        sock_http_response_free(r);
        check_int(errno, 77);
        check_that((sock_http_sock(c) != NULL) == bodies[i].kept, "%s", raw);
        sock_http_free(c);
    }
}

/* Bytes behind a response belong to no request. */
TEST(response, more_than_was_asked_for)
{
    char buf[64];
    const char *raw = CL("5") "hello" CL("5") "again";
    sock_http_t *c = answered("GET", raw, strlen(raw));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_read(r, buf, sizeof buf), 5);
    check(sock_http_sock(c) == NULL);
    sock_http_response_free(r);
    sock_http_free(c);
}

/* Other protocols */

TEST(response, another_protocol)
{
    const char *raw = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
                      "hello";
    char buf[16];
    struct pair p = unix_pair(SOCK_STREAM);
    sock_http_t *c = check_made(sock_http_from(p.a));
    sock_headers_t *h = check_made(sock_headers_new());
    check_ok(sock_headers_add(h, "Upgrade", "x"));
    check_ok(sock_headers_add(h, "Connection", "Upgrade"));
    check_ok(sock_sendall(p.b, raw, strlen(raw), 0));
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, h));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_status(r), 101);
    check_int(sock_http_read(r, buf, sizeof buf), 5); /* what came with it */
    check_int(sock_http_read(r, buf, sizeof buf), 0);
    sock_http_response_free(r);
    check(!sock__connection_is_reusable(c));
    check_ok(sock_sendall(p.b, "world", 5, 0));
    check_int(sock_recv(sock_http_sock(c), buf, sizeof buf, 0), 5);
    check_fails(sock_http_request(c, "GET", "/", NULL, 0, NULL), SOCK_E_EOF, 0,
                "request: Remote end closed connection without response");
    sock_headers_free(h);
    sock_http_free(c);
    sock_free(p.b);
}

static void switches_to_connect(const char *raw)
{
    char buf[16];
    struct pair p = unix_pair(SOCK_STREAM);
    sock_http_t *c = check_made(sock_http_from(p.a));
    check_ok(sock_sendall(p.b, raw, strlen(raw), 0));
    check_ok(sock_http_request(c, "CONNECT", "h:1", NULL, 0, NULL));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_read(r, buf, sizeof buf), 2);
    check_int(sock_http_read(r, buf, sizeof buf), 0);
    check(sock_http_sock(c) == p.a);
    sock_http_response_free(r);
    sock_http_free(c);
    sock_free(p.b);
}

TEST(response, a_tunnel_by_hand)
{
    switches_to_connect("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhi");
    switches_to_connect("HTTP/1.1 299 OK\r\n\r\nhi");
}

/* The head is sent when its answer is asked for. */
TEST(response, to_a_head_that_no_one_hears)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_http_t *c = check_made(sock_http_from(p.a));
    check_ok(sock_http_putrequest(c, "POST", "/", 0));
    check_ok(sock_http_endheaders(c, NULL, 0));
    sock_free(p.b);
    check_null(sock_http_getresponse(c), SOCK_E_OS, EPIPE,
               "getresponse: [Errno 32] Broken pipe");
    sock_http_free(c);
}

/* What would have to wait for more can be asked for again. */
TEST(response, of_a_socket_that_does_not_wait)
{
    const char *raw = CL("4") "he";
    char buf[16];
    struct pair p = unix_pair(SOCK_STREAM);
    sock_http_t *c = check_made(sock_http_from(p.a));
    check_ok(sock_sendall(p.b, raw, strlen(raw), 0));
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_ok(sock_setblocking(p.a, 0));
    check_int(sock_http_read(r, buf, sizeof buf), 2);
    check_int(sock_http_read(r, buf, sizeof buf), -1);
    check_int(sock_last_error()->code, EAGAIN);
    check_int(sock_last_error()->done, 2);
    check_ok(sock_sendall(p.b, "re", 2, 0));
    check_int(sock_http_read(r, buf, sizeof buf), 2);
    check_int(sock_http_read(r, buf, sizeof buf), 0);
    sock_http_response_free(r);
    sock_http_free(c);
    sock_free(p.b);
}

/* What requests by URL want */

struct told {
    int times;
    bool reusable;
};

static void over(void *arg, sock_http_t *c, bool reusable)
{
    struct told *t = arg;
    t->times++;
    t->reusable = reusable;
    sock_http_free(c);
}

TEST(response, kept_by_another)
{
    static const struct {
        const char *raw;
        bool at_once, reusable;
    } bodies[] = {
        {CL("0"), true, true},
        {CL("5") "hello", false, true},
        {CL("5") "hello, and more", false, false},
        {CL("9") "hello", false, false},
        {OK "\r\nhello", false, false},
        {OK "Connection: close\r\nContent-Length: 0\r\n\r\n", true, false},
        {CHUNKED "x\r\n", false, false},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        for (int read = 0; read < 2; read++) {
            const char *raw = bodies[i].raw;
            struct told told = {0};
            char buf[64];
            struct sock__keeper keeper = {strdup("http://h/"), over, &told};
            sock_http_t *c = answered("GET", raw, strlen(raw));
            sock_http_response_t *r = check_made(sock_http_getresponse(c));
            sock__response_keep(r, c, &keeper);
            check_str(sock__response_url(r), "http://h/");
            check_int(told.times, bodies[i].at_once);
            while (read && sock_http_read(r, buf, sizeof buf) > 0)
                ;
            check_int(told.times, read || bodies[i].at_once);
            sock_http_response_free(r);
            check_int(told.times, 1);
            check_that(told.reusable == bodies[i].reusable, "%s", raw);
        }
}

TEST(response, owns_its_connection)
{
    const char *raw = CL("5") "hello";
    struct sock__keeper keeper = {NULL, NULL, NULL};
    char buf[8];
    for (int read = 0; read < 2; read++) {
        sock_http_t *c = answered("GET", raw, strlen(raw));
        sock_http_response_t *r = check_made(sock_http_getresponse(c));
        sock__response_keep(r, c, &keeper);
        check(sock__response_url(r) == NULL);
        if (read)
            check_int(sock_http_read(r, buf, sizeof buf), 5);
        sock_http_response_free(r);
    }
}

struct bytes {
    const char *text;
    int released;
};

static ssize_t give(void *arg, void *buf, size_t size)
{
    struct bytes *b = arg;
    size_t n = strlen(b->text);
    n = n < size ? n : size;
    n = n < 3 ? n : 3;
    memcpy(buf, b->text, n);
    b->text += n;
    return (ssize_t)n;
}

static void release(void *arg)
{
    ((struct bytes *)arg)->released++;
}

TEST(response, of_no_connection)
{
    static const char cut[] =
        "read: IncompleteRead(5 bytes read, 2 more expected)";
    static const struct {
        struct sock__framing framing;
        int64_t length;
        const char *text, *error;
    } bodies[] = {
        {{.body = SOCK__BODY_LENGTH, .length = 5}, 5, "hello", NULL},
        {{.body = SOCK__BODY_TO_CLOSE}, -1, "hello", NULL},
        {{.body = SOCK__BODY_LENGTH}, 0, "", NULL},
        {{.body = SOCK__BODY_LENGTH, .length = 7}, 7, "hello", cut},
        {{.body = SOCK__BODY_AT_LEAST, .length = 5}, 5, "hello", NULL},
        {{.body = SOCK__BODY_AT_LEAST, .length = 2}, 2, "hello", NULL},
        {{.body = SOCK__BODY_AT_LEAST}, -1, "hello", NULL},
        {{.body = SOCK__BODY_AT_LEAST, .length = 7}, 7, "hello", cut},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct bytes b = {bodies[i].text, 0};
        struct sock__source source = {give, release, &b, NULL};
        sock_headers_t *h = check_made(sock_headers_new());
        char *data;
        check_ok(sock_headers_add(h, "Content-Type", "text/plain"));
        sock_http_response_t *r = check_made(
            sock__response_made("x", h, &bodies[i].framing, &source));
        check_int(sock_http_status(r), 200);
        check_str(sock_http_reason(r), "OK");
        check_int(sock_http_version(r), 11);
        check_int(sock_http_length(r), bodies[i].length);
        check(sock_http_headers(r) == h);
        check_int(sock_http_getheader(r, "content-type", NULL, 0), 10);
        check_ok(sock_http_read_deadline(r, 1));
        ssize_t n = sock_http_readall(r, &data, 0);
        if (bodies[i].error != NULL) {
            check_int(n, -1);
            check_str(error_text(), bodies[i].error);
        } else {
            check_str(data, bodies[i].text);
            sock_http_data_free(data);
        }
        sock_http_response_free(r);
        check_int(b.released, 1);
    }
}

/* Arguments */

TEST(response, null)
{
    char buf[8], *data;
    sock_http_response_t *r = one(CL("5") "hello");
    const char *text = "read: argument is NULL";

    check_fails(sock_http_status(NULL), SOCK_E_TYPE, 0,
                "status: argument is NULL");
    check_fails(sock_http_version(NULL), SOCK_E_TYPE, 0,
                "version: argument is NULL");
    check_null(sock_http_reason(NULL), SOCK_E_TYPE, 0,
               "reason: argument is NULL");
    check_null(sock_http_headers(NULL), SOCK_E_TYPE, 0,
               "headers: argument is NULL");
    check_null(sock_http_trailers(NULL), SOCK_E_TYPE, 0,
               "trailers: argument is NULL");
    check_fails(sock_http_length(NULL), SOCK_E_TYPE, 0,
                "length: argument is NULL");
    check_fails(sock_http_getheader(NULL, "A", buf, 8), SOCK_E_TYPE, 0,
                "getheader: argument is NULL");
    check_fails(sock_http_getheader(r, NULL, buf, 8), SOCK_E_TYPE, 0,
                "getheader: argument is NULL");
    check_fails(sock_http_getheader(r, "A", NULL, 8), SOCK_E_TYPE, 0,
                "getheader: buffer is NULL");
    check_fails(sock_http_read(NULL, buf, 8), SOCK_E_TYPE, 0, text);
    check_fails(sock_http_read(r, NULL, 8), SOCK_E_TYPE, 0,
                "read: buffer is NULL");
    check_fails(sock_http_read(r, buf, SIZE_MAX), SOCK_E_VALUE, 0,
                "read: size is too large");
    check_int(sock_http_read(r, NULL, 0), 0);
    check_fails(sock_http_readall(NULL, &data, 0), SOCK_E_TYPE, 0, text);
    check_fails(sock_http_readall(r, NULL, 0), SOCK_E_TYPE, 0, text);
    check_null(sock_http_file(NULL), SOCK_E_TYPE, 0,
               "makefile: argument is NULL");
    check_fails(sock_http_read_deadline(NULL, 1), SOCK_E_TYPE, 0,
                "read_deadline: argument is NULL");
    check_fails(sock_http_read_deadline(r, -1), SOCK_E_VALUE, 0,
                "read_deadline: Timeout value out of range");
    errno = 77;
    sock_http_response_free(NULL);
    sock_http_data_free(NULL);
    check_int(errno, 77);
    sock_http_response_free(r);
}
