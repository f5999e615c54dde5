/* SPDX-License-Identifier: MIT */
/* Connections in use: again and again, through proxies, with an end in time,
 * and with peers that go away. */
#include <pysockc/http.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "connection.h"
#include "peer.h"
#include "support.h"

/* Seconds; under a sanitizer, beside others, all takes its time. */
enum { PATIENCE = 60 };

#define OK "HTTP/1.1 200 OK\r\n"
#define HI OK "Content-Length: 2\r\n\r\nhi"

/* A request and its body, as a text; NULL with the error recorded. Static. */
static const char *get_by(sock_http_t *c, const char *method, const char *body)
{
    static char text[256];
    size_t n = 0;
    ssize_t got = -1;

    if (sock_http_request(c, method, "/", body, body != NULL ? strlen(body) : 0,
                          NULL) < 0)
        return NULL;
    sock_http_response_t *r = sock_http_getresponse(c);
    while (r != NULL &&
           (got = sock_http_read(r, text + n, sizeof text - 1 - n)) > 0)
        n += (size_t)got;
    text[n] = '\0';
    sock_http_response_free(r);
    return got == 0 ? text : NULL;
}

static const char *get(sock_http_t *c)
{
    return get_by(c, "GET", NULL);
}

static sock_http_t *to(const struct peer *p)
{
    return check_made(sock_http_connection("127.0.0.1", p->port, PATIENCE));
}

/* What the peer heard, in which PORT stands for its port. */
static void heard(struct peer *p, const char *text)
{
    char all[4096], port[8];
    size_t n = 0;

    end_of_play(p);
    snprintf(port, sizeof port, "%d", p->port);
    for (const char *at = text; *at != '\0';) {
        bool is_port = strncmp(at, "PORT", 4) == 0;
        n += (size_t)snprintf(all + n, sizeof all - n, "%.*s", is_port ? 5 : 1,
                              is_port ? port : at);
        at += is_port ? 4 : 1;
    }
    check_str(p->heard, all);
}

#define GET "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n" IDENTITY "\r\n"
#define IDENTITY "Accept-Encoding: identity\r\n"
#define POST                                                                   \
    "POST / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n" IDENTITY                     \
    "Content-Length: 1\r\n\r\nx"

/* What a connection can't be asked for. */
TEST(exchange, no_connection)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_http_t *c = check_made(sock_http_from(p.a));

    check_fails(sock_http_set_tunnel(c, "h", 80, NULL), SOCK_E_VALUE, 0,
                "set_tunnel: Can't set up tunnel for established connection");
    check_ok(sock_close(sock_http_sock(c)));
    check_fails(sock_http_deadline(c, 1), SOCK_E_OS, EBADF,
                "deadline: [Errno 9] Bad file descriptor");
    check_ok(sock_http_close(c));
    check_fails(sock_http_set_tunnel(c, "h", 80, NULL), SOCK_E_VALUE, 0,
                "set_tunnel: Can't set up tunnel for established connection");
    check_ok(sock_http_deadline(c, 9223372036.0)); /* almost all there is */
    check_fails(sock_http_request(c, "GET", "/", NULL, 0, NULL), SOCK_E_VALUE,
                0, "request: NotConnected");
    sock_http_free(c);
    sock_free(p.b);
}

TEST(exchange, the_default_timeout)
{
    const struct turn turns[] = {{HI, 0, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = check_made(
        sock_http_connection("127.0.0.1", p.port, SOCK_DEFAULT_TIMEOUT));
    check_str(get(c), "hi");
    heard(&p, GET);
    sock_http_free(c);
    free_peer(&p);
}

/* Again and again */

TEST(exchange, one_connection_for_all)
{
    const struct turn turns[] = {
        {HI, 0, 0},
        {OK "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
         PEER_BYTES, 0},
        {HI, 0, 0},
    };
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check(sock_http_sock(c) == NULL); /* not before it is needed */
    check_str(get(c), "hi");
    int nodelay = 0;
    check_ok(sock_getsockopt_int(sock_http_sock(c), IPPROTO_TCP, 1, &nodelay));
    check_int(nodelay, 1);
    check_str(get_by(c, "POST", "x"), "hi");
    check_str(get(c), "hi");
    heard(&p, GET POST GET);
    check_int(p.connections, 1);
    sock_http_free(c);
    free_peer(&p);
}

TEST(exchange, a_connection_each)
{
    const struct turn turns[] = {
        {OK "Connection: close\r\nContent-Length: 2\r\n\r\nhi", PEER_END, 0},
        {OK "\r\nhi", PEER_END, 0},
        {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", PEER_END, 0},
        {HI, PEER_END, 0},
    };
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    for (int i = 0; i < 4; i++) {
        check_str(get(c), "hi");
        check((sock_http_sock(c) != NULL) == (i == 3));
    }
    end_of_play(&p);
    check_int(p.connections, 4);
    sock_http_free(c);
    free_peer(&p);
}

/* One that takes its connection along does not keep the next request from
 * being made. */
TEST(exchange, the_next_one_before_the_last_is_read)
{
    const struct turn turns[] = {{OK "\r\nhi", PEER_END, 0}, {HI, 0, 0}};
    struct peer p;
    char buf[8];
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_str(get(c), "hi");
    check_int(sock_http_read(r, buf, sizeof buf), 2);
    sock_http_response_free(r);
    end_of_play(&p);
    check_int(p.connections, 2);
    sock_http_free(c);
    free_peer(&p);
}

TEST(exchange, we_close)
{
    const struct turn turns[] = {{HI, PEER_WAIT, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    sock_headers_t *h = check_made(sock_headers_new());
    check_ok(sock_headers_add(h, "Connection", "x, Close"));
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, h));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check(sock_http_sock(c) == NULL);
    sock_http_response_free(r);
    end_of_play(&p);
    sock_headers_free(h);
    sock_http_free(c);
    free_peer(&p);
}

TEST(exchange, closed_and_opened_again)
{
    const struct turn turns[] = {{HI, PEER_WAIT, 0}, {HI, 0, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_ok(sock_http_connect(c));
    sock_t *s = sock_http_sock(c);
    check(s != NULL);
    check_ok(sock_http_connect(c));
    check(sock_http_sock(c) == s);
    check_str(get(c), "hi");
    check_ok(sock_http_close(c));
    check_str(get(c), "hi");
    end_of_play(&p);
    check_int(p.connections, 2);
    sock_http_free(c);
    free_peer(&p);
}

/* Peers that go away */

/* Waits until the other end's close has come. */
static void await_end(sock_http_t *c)
{
    check_int(sock_wait(sock_http_sock(c), SOCK_EVENT_READ, 5),
              SOCK_EVENT_READ);
}

/* Closed since: it is seen before anything is sent. */
TEST(exchange, stale)
{
    static const char *const methods[] = {"GET", "POST"};
    for (int i = 0; i < 2; i++) {
        const struct turn turns[] = {{HI, PEER_END, 0}, {HI, 0, 0}};
        struct peer p;
        PLAY(&p, turns);
        sock_http_t *c = to(&p);
        check_str(get(c), "hi");
        await_end(c);
        check_str(get_by(c, methods[i], i > 0 ? "x" : NULL), "hi");
        heard(&p, i > 0 ? GET POST : GET GET);
        check_int(p.connections, 2);
        sock_http_free(c);
        free_peer(&p);
    }
}

/* What a server says of its own accord, such as 408, is not the answer to the
 * next request. */
TEST(exchange, unasked)
{
    const struct turn turns[] = {
        {HI, 0, 0},
        {"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
         PEER_DEAF | PEER_END, 0},
        {HI, 0, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_str(get(c), "hi");
    if (sock_http_sock(c) != NULL) /* else it has come with the response */
        await_end(c);
    check_str(get(c), "hi");
    end_of_play(&p);
    check_int(p.connections, 2);
    sock_http_free(c);
    free_peer(&p);
}

/* Closed when the request was on its way: asked once more, if that is the same
 * as asking once. */
TEST(exchange, gone_meanwhile)
{
    static const char *const again[] = {"GET",   "HEAD",    "PUT",
                                        "TRACE", "OPTIONS", "DELETE"};
    for (size_t i = 0; i < sizeof again / sizeof again[0]; i++)
        for (int flags = PEER_END; flags <= PEER_RESET; flags++) {
            const struct turn turns[] = {
                {HI, 0, 0}, {NULL, flags, 0}, {HI, 0, 0}};
            struct peer p;
            PLAY(&p, turns);
            sock_http_t *c = to(&p);
            check_str(get(c), "hi");
            const char *body = strcmp(again[i], "PUT") == 0 ? "x" : NULL;
            check_str(get_by(c, again[i], body), i == 1 ? "" : "hi");
            end_of_play(&p);
            check_int(p.connections, 2);
            sock_http_free(c);
            free_peer(&p);
        }
}

TEST(exchange, gone_meanwhile_of_a_post)
{
    const struct turn turns[] = {{HI, 0, 0}, {NULL, PEER_END, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_str(get(c), "hi");
    check_null(get_by(c, "POST", "x"), SOCK_E_EOF, 0,
               "getresponse: Remote end closed connection without response");
    heard(&p, GET POST);
    check_int(p.connections, 1);
    check(sock_http_sock(c) == NULL);
    sock_http_free(c);
    free_peer(&p);
}

/* Of a connection that was not used before the peer's silence means something.
 */
TEST(exchange, gone_at_once)
{
    const struct turn turns[] = {{NULL, PEER_END, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_null(get(c), SOCK_E_EOF, 0,
               "getresponse: Remote end closed connection without response");
    end_of_play(&p);
    check_int(p.connections, 1);
    sock_http_free(c);
    free_peer(&p);
}

/* It had begun to answer. */
TEST(exchange, gone_within_the_head)
{
    const struct turn turns[] = {{HI, 0, 0}, {"HTTP/1.1 20", PEER_END, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_str(get(c), "hi");
    check_null(get(c), SOCK_E_EOF, 0,
               "getresponse: Remote end closed connection within the head");
    check_int(sock_last_error()->done, 11);
    end_of_play(&p);
    check_int(p.connections, 1);
    sock_http_free(c);
    free_peer(&p);
}

/* And once only. */
TEST(exchange, gone_twice)
{
    const struct turn turns[] = {
        {HI, 0, 0}, {NULL, PEER_END, 0}, {NULL, PEER_END, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_str(get(c), "hi");
    check_null(get(c), SOCK_E_EOF, 0,
               "getresponse: Remote end closed connection without response");
    end_of_play(&p);
    check_int(p.connections, 2);
    sock_http_free(c);
    free_peer(&p);
}

TEST(exchange, no_one_there)
{
    sock_addr_t a;
    char text[128];
    sock_t *held = unused_port(&a);
    sock_http_t *c =
        check_made(sock_http_connection("127.0.0.1", sock_addr_port(&a), 5));
    snprintf(text, sizeof text,
             "request ('127.0.0.1', %d): [Errno 111] "
             "Connection refused",
             sock_addr_port(&a));
    check_fails(sock_http_request(c, "GET", "/", NULL, 0, NULL), SOCK_E_OS,
                ECONNREFUSED, text);
    text[0] = 'c';
    snprintf(text, sizeof text,
             "connect ('127.0.0.1', %d): [Errno 111] "
             "Connection refused",
             sock_addr_port(&a));
    check_fails(sock_http_connect(c), SOCK_E_OS, ECONNREFUSED, text);
    sock_http_free(c);
    sock_free(held);
}

/* Large bodies */

/* Sent by one call where the system takes them; not kept, so not sent again. */
TEST(exchange, a_large_body)
{
    const size_t n = 3 << 20;
    const struct turn turns[] = {{HI, 0, 0}};
    struct peer p;
    char *body = malloc(n + 1);
    memset(body, 'x', n);
    body[n] = '\0';
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_str(get_by(c, "PUT", body), "hi");
    end_of_play(&p);
    check_int(p.size, strlen("PUT / HTTP/1.1\r\nHost: 127.0.0.1:12345\r\n"
                             "Accept-Encoding: identity\r\n"
                             "Content-Length: 3145728\r\n\r\n") +
                          n);
    check(strstr(p.heard, "\r\n\r\nxxxx") != NULL);
    free(body);
    sock_http_free(c);
    free_peer(&p);
}

static FILE *file_of(size_t n)
{
    FILE *f = tmpfile();
    for (size_t i = 0; i < n; i++)
        putc("0123456789"[i % 10], f);
    rewind(f);
    return f;
}

TEST(exchange, a_large_file)
{
    for (int chunked = 0; chunked < 2; chunked++) {
        const struct turn turns[] = {{HI, 0, 0}};
        struct peer p;
        FILE *f = file_of(1 << 20);
        PLAY(&p, turns);
        sock_http_t *c = to(&p);
        sock_headers_t *h = check_made(sock_headers_new());
        if (chunked)
            check_ok(sock_headers_add(h, "Transfer-Encoding", "chunked"));
        getc(f);
        check_ok(sock_http_request_file(c, "PUT", "/", f, -1, h));
        check_int(getc(f), EOF);
        sock_http_response_free(check_made(sock_http_getresponse(c)));
        end_of_play(&p);
        const char *begin = strstr(p.heard, "\r\n\r\n") + 4;
        if (chunked) {
            check_bytes(begin, "4000\r\n1234567890", 16);
            check_bytes(p.heard + p.size - 12, "12345\r\n0\r\n\r\n", 12);
        } else {
            check_int(p.heard + p.size - begin, (1 << 20) - 1);
            check_bytes(begin, "1234567890", 10);
            check_bytes(p.heard + p.size - 5, "12345", 5);
        }
        sock_headers_free(h);
        fclose(f);
        sock_http_free(c);
        free_peer(&p);
    }
}

/* A peer that refuses before it has heard all of it. */
TEST(exchange, answered_early)
{
    const char *raw = "HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno";
    const struct turn turns[] = {{raw, PEER_HEAD | PEER_RESET, 0}, {HI, 0, 0}};
    for (int file = 0; file < 3; file++) {
        struct peer p;
        const size_t n = 8 << 20;
        char *body = calloc(1, n), buf[8];
        FILE *f = file_of(file > 0 ? n : 0);
        PLAY(&p, turns);
        sock_http_t *c = to(&p);
        sock_headers_t *h = check_made(sock_headers_new());
        if (file == 2)
            check_ok(sock_headers_add(h, "Transfer-Encoding", "chunked"));
        int sent = file > 0 ? sock_http_request_file(c, "PUT", "/", f, -1, h)
                            : sock_http_request(c, "PUT", "/", body, n, NULL);
        sock_http_response_t *r = sent == 0 ? sock_http_getresponse(c) : NULL;
        if (r != NULL) { /* the reset may have been faster */
            check_int(sock_http_status(r), 413);
            check(sock_http_sock(c) == NULL);
            ssize_t got = sock_http_read(r, buf, sizeof buf);
            check(got == 2 || errno == ECONNRESET);
        } else {
            check(errno == ECONNRESET || errno == EPIPE);
        }
        sock_http_response_free(r);
        check_str(get(c), "hi");
        end_of_play(&p);
        check_int(p.connections, 2);
        sock_headers_free(h);
        fclose(f);
        free(body);
        sock_http_free(c);
        free_peer(&p);
    }
}

/* Less was sent than was said. */
TEST(exchange, answered_before_the_body)
{
    const struct turn turns[] = {{HI, PEER_HEAD | PEER_END, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_ok(sock_http_putrequest(c, "PUT", "/", 0));
    check_ok(sock_http_putheader(c, "Content-Length", "5"));
    check_ok(sock_http_endheaders(c, NULL, 0));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check(sock_http_sock(c) == NULL); /* the rest would be a request */
    sock_http_response_free(r);
    end_of_play(&p);
    sock_http_free(c);
    free_peer(&p);
}

/* Expect: 100-continue */

static sock_headers_t *expecting(void)
{
    sock_headers_t *h = check_made(sock_headers_new());
    check_ok(sock_headers_add(h, "Expect", "100-continue"));
    return h;
}

#define EXPECTING                                                              \
    "PUT / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n" IDENTITY                      \
    "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n"

TEST(exchange, told_to_go_on)
{
    const struct turn turns[] = {
        {"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n", PEER_HEAD,
         0},
        {HI, PEER_DEAF, 0}};
    struct peer p;
    sock_headers_t *h = expecting();
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_ok(sock_http_request(c, "PUT", "/", "body", 4, h));
    sock_http_response_free(check_made(sock_http_getresponse(c)));
    check(sock_http_sock(c) != NULL);
    heard(&p, EXPECTING);
    sock_headers_free(h);
    sock_http_free(c);
    free_peer(&p);
}

TEST(exchange, told_not_to)
{
    const struct turn turns[] = {
        {"HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno",
         PEER_HEAD | PEER_WAIT, 0}};
    struct peer p;
    char buf[8];
    sock_headers_t *h = expecting();
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_ok(sock_http_request(c, "PUT", "/", "body", 4, h));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_status(r), 417);
    check_int(sock_http_read(r, buf, sizeof buf), 2);
    check(sock_http_sock(c) == NULL);
    sock_http_response_free(r);
    heard(&p, EXPECTING);
    sock_headers_free(h);
    sock_http_free(c);
    free_peer(&p);
}

static void ask_in_pieces(sock_http_t *c, bool with_head)
{
    check_ok(sock_http_putrequest(c, "PUT", "/", 0));
    check_ok(sock_http_putheader(c, "Content-Length", "4"));
    check_ok(sock_http_putheader(c, "Expect", "100-continue"));
    check_ok(
        sock_http_endheaders(c, with_head ? "bo" : NULL, with_head ? 2 : 0));
    check_ok(sock_http_send(c, "dy", 2));
}

static void ask_by_file(sock_http_t *c)
{
    sock_headers_t *h = expecting();
    FILE *f = check_made(tmpfile());
    check(fputs("body", f) >= 0);
    rewind(f);
    check_ok(sock_http_request_file(c, "PUT", "/", f, -1, h));
    fclose(f);
    sock_headers_free(h);
}

/* No way to send a body sends it then. */
TEST(exchange, told_not_to_whatever_the_body_is)
{
    const struct turn turns[] = {
        {"HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno",
         PEER_HEAD | PEER_WAIT, 0}};

    for (int way = 0; way < 3; way++) {
        struct peer p;
        PLAY(&p, turns);
        sock_http_t *c = to(&p);
        if (way < 2)
            ask_in_pieces(c, way == 1);
        else
            ask_by_file(c);
        sock_http_response_t *r = check_made(sock_http_getresponse(c));
        check_int(sock_http_status(r), 417);
        sock_http_response_free(r);
        check_ok(sock_http_close(c));
        heard(&p, EXPECTING);
        sock_http_free(c);
        free_peer(&p);
    }
}

/* Who knows nothing of it says nothing, and gets the body after a second. */
TEST(exchange, told_nothing)
{
    const struct turn turns[] = {{HI, 0, 0}};
    struct peer p;
    sock_headers_t *h = expecting();
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    double begun = now();
    check_ok(sock_http_putrequest(c, "PUT", "/", 0));
    check_ok(sock_http_putheader(c, "Content-Length", "4"));
    check_ok(sock_http_putheader(c, "Expect", "100-continue"));
    check_ok(sock_http_endheaders(c, NULL, 0));
    check_ok(sock_http_send(c, "bo", 2));
    check_ok(sock_http_send(c, "dy", 2));
    double took = now() - begun;
    check_that(took >= 0.99 && took < 30, "%f", took);
    sock_http_response_free(check_made(sock_http_getresponse(c)));
    heard(&p, EXPECTING "body");
    sock_headers_free(h);
    sock_http_free(c);
    free_peer(&p);
}

/* Both answers come before the body is sent, to no one any more. */
TEST(exchange, refused_when_told_to_go_on)
{
    static const char raw[] = "HTTP/1.1 100 Continue\r\n\r\n"
                              "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n";
    struct pair p = unix_pair(SOCK_STREAM);
    char text[256];

    check_ok(sock_settimeout(p.a, 5));
    sock_http_t *c = check_made(sock_http_from(p.a));
    check_ok(sock_http_putrequest(c, "PUT", "/", 0));
    check_ok(sock_http_putheader(c, "Content-Length", "4"));
    check_ok(sock_http_putheader(c, "Expect", "100-continue"));
    check_ok(sock_http_endheaders(c, NULL, 0));
    check(sock_recv(p.b, text, sizeof text, 0) > 0);
    check_ok(sock_sendall(p.b, raw, strlen(raw), 0));
    sock_free(p.b);
    check_ok(sock_http_send(c, "body", 4));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_status(r), 413);
    sock_http_response_free(r);
    sock_http_free(c);
}

TEST(exchange, gone_when_told_to_go_on)
{
    const struct turn turns[] = {{NULL, PEER_HEAD | PEER_END, 0}};
    struct peer p;
    sock_headers_t *h = expecting();
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_fails(sock_http_request(c, "PUT", "/", "body", 4, h), SOCK_E_EOF, 0,
                "request: Remote end closed connection without response");
    check(sock_http_sock(c) == NULL);
    end_of_play(&p);
    sock_headers_free(h);
    sock_http_free(c);
    free_peer(&p);
}

/* Time */

/* Of a call, as in Python: a peer that says something now and then has all the
 * time there is. */
TEST(exchange, timeout)
{
    const struct turn turns[] = {
        {OK "Content-Length: 2\r\n\r\n", PEER_WAIT, 0}};
    struct peer p;
    char buf[8], text[128];
    PLAY(&p, turns);
    sock_http_t *c =
        check_made(sock_http_connection("127.0.0.1", p.port, 0.05));
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    double timeout = sock_gettimeout(sock_http_sock(c));
    check(timeout > 0.0499 && timeout < 0.0501);
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    snprintf(text, sizeof text, "read ('127.0.0.1', %d): timed out", p.port);
    for (int i = 0; i < 2; i++) /* it may be tried again */
        check_fails(sock_http_read(r, buf, sizeof buf), SOCK_E_TIMEOUT, 0,
                    text);
    sock_http_free(c);
    sock_http_response_free(r);
    free_peer(&p);
}

TEST(exchange, timeout_of_the_head)
{
    const struct turn turns[] = {{OK, PEER_WAIT, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c =
        check_made(sock_http_connection("127.0.0.1", p.port, 0.05));
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    check(sock_http_getresponse(c) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check_int(sock_last_error()->done, strlen(OK));
    check(sock_http_sock(c) == NULL);
    sock_http_free(c);
    free_peer(&p);
}

TEST(exchange, timeout_without_a_head)
{
    const struct turn turns[] = {{"", PEER_WAIT, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c =
        check_made(sock_http_connection("127.0.0.1", p.port, 0.05));
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    check_null(sock_http_getresponse(c), SOCK_E_TIMEOUT, 0,
               "getresponse <peer>: timed out");
    check_int(sock_addr_port(&sock_last_error()->address), p.port);
    check(sock_http_sock(c) == NULL);
    sock_http_free(c);
    free_peer(&p);
}

/* What had come is told, though the next chunk has begun. */
TEST(exchange, timeout_between_chunks)
{
    const struct turn turns[] = {
        {OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\n", PEER_WAIT,
         0}};
    struct peer p;
    char buf[16];
    PLAY(&p, turns);
    sock_http_t *c = check_made(sock_http_connection("127.0.0.1", p.port, 2));
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_read(r, buf, sizeof buf), 5);
    check_bytes(buf, "hello", 5);
    check_int(sock_http_read(r, buf, sizeof buf), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check_int(sock_last_error()->done, 5);
    sock_http_response_free(r);
    sock_http_free(c);
    free_peer(&p);
}

/* One for all of them together, whatever comes meanwhile. */
TEST(exchange, deadline)
{
    const struct turn turns[] = {
        {OK "Content-Length: 2\r\n\r\nh", PEER_WAIT, 0}};
    struct peer p;
    char buf[8];
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_ok(sock_http_deadline(c, 1));
    double begun = now();
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    check(sock_gettimeout(sock_http_sock(c)) == PATIENCE);
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    while (sock_http_read(r, buf, sizeof buf) > 0)
        ;
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check_int(sock_last_error()->done, 1);
    double took = now() - begun;
    check_that(took >= 0.99 && took < 30, "%f", took);
    sock_http_response_free(r);
    check_null(get(c), SOCK_E_TIMEOUT, 0, "request: timed out");
    check_ok(sock_http_deadline(c, SOCK_NO_TIMEOUT));
    sock_http_free(c);
    free_peer(&p);
}

/* Of one that is connected already, and taken away again. */
TEST(exchange, deadline_of_a_connection)
{
    const struct turn turns[] = {{HI, 0, 0}, {HI, 0, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_ok(sock_http_connect(c));
    check_ok(sock_http_deadline(c, 60));
    check_str(get(c), "hi");
    check_fails(sock_http_deadline(c, -1), SOCK_E_VALUE, 0,
                "deadline: Timeout value out of range");
    check_ok(sock_http_deadline(c, SOCK_NO_TIMEOUT));
    check_ok(sock_http_deadline(c, 9e9)); /* as long as may be */
    check_str(get(c), "hi");
    check_ok(sock_http_deadline(c, 0));
    check_ok(sock_http_close(c));
    sock_http_free(c);
    free_peer(&p);
}

TEST(exchange, read_deadline)
{
    const struct turn turns[] = {
        {OK "Content-Length: 2\r\n\r\nh", PEER_WAIT, 0}};
    struct peer p;
    char buf[8];
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_ok(sock_http_read_deadline(r, 0.1));
    while (sock_http_read(r, buf, sizeof buf) > 0)
        ;
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    sock_http_free(c);
    sock_http_response_free(r);
    free_peer(&p);
}

TEST(exchange, a_peer_that_never_reads)
{
    struct silent s = silent_peer();
    sock_http_t *c = check_made(
        sock_http_connection("127.0.0.1", sock_addr_port(&s.address), 0.1));
    check_fails(sock_http_request(c, "GET", "/", NULL, 0, NULL), SOCK_E_TIMEOUT,
                0, about("request", &s.address, "timed out"));
    sock_http_free(c);
    free_silent(&s);
}

static void nothing(int number)
{
    (void)number;
}

/* Signals interrupt nothing. */
TEST(exchange, interrupted)
{
    char large[20000];
    memset(large, 'x', sizeof large);
    memcpy(large, OK "\r\n", strlen(OK "\r\n"));
    const struct turn turns[] = {{large, PEER_BYTES | PEER_END, sizeof large}};
    struct sigaction action = {.sa_handler = nothing}, before;
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    struct peer p;
    char *data;
    check_int(sigaction(SIGALRM, &action, &before), 0);
    setitimer(ITIMER_REAL, &often, NULL);
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_readall(r, &data, 0), sizeof large - strlen(OK "\r\n"));
    setitimer(ITIMER_REAL, &never, NULL);
    sock_http_data_free(data);
    sock_http_response_free(r);
    sock_http_free(c);
    free_peer(&p);
    sigaction(SIGALRM, &before, NULL);
}

/* Proxies */

#define CONNECT "CONNECT end:80 HTTP/1.1\r\n"
#define THROUGH "GET / HTTP/1.1\r\nHost: end\r\n" IDENTITY "\r\n"

TEST(exchange, tunnel)
{
    const struct turn turns[] = {
        {"HTTP/1.1 100 Continue\r\n\r\n"
         "HTTP/1.1 201 Connected\r\nContent-Length: 5\r\n\r\n",
         0, 0},
        {HI, 0, 0}};
    struct peer p;
    PLAY(&p, turns);
    sock_http_t *c = to(&p);
    sock_headers_t *h = check_made(sock_headers_new());
    check_ok(sock_headers_add(h, "Proxy-Authorization", "Basic eA=="));
    check_ok(sock_http_set_tunnel(c, "end", 0, h));
    sock_headers_free(h); /* it was copied */
    check_str(get(c), "hi");
    heard(&p, CONNECT "Host: end:80\r\nProxy-Authorization: Basic eA=="
                      "\r\n\r\n" THROUGH);
    check_fails(sock_http_set_tunnel(c, "x", 0, NULL), SOCK_E_VALUE, 0,
                "set_tunnel: Can't set up tunnel for established connection");
    sock_http_free(c);
    free_peer(&p);
}

TEST(exchange, tunnel_by_other_names)
{
    static const struct {
        const char *host;
        int port;
        const char *own, *wire;
    } rows[] = {
        {"end", 81, NULL,
         "CONNECT end:81 HTTP/1.1\r\nHost: end:81\r\n\r\n"
         "GET / HTTP/1.1\r\nHost: end:81\r\n" IDENTITY "\r\n"},
        {"::1", 81, NULL,
         "CONNECT [::1]:81 HTTP/1.1\r\nHost: [::1]:81\r\n\r\n"
         "GET / HTTP/1.1\r\nHost: [::1]:81\r\n" IDENTITY "\r\n"},
        {"[::1]:81", 0, "other",
         "CONNECT [::1]:81 HTTP/1.1\r\nHost: other\r\n\r\n"
         "GET / HTTP/1.1\r\nHost: [::1]:81\r\n" IDENTITY "\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct turn turns[] = {{OK "\r\n", 0, 0}, {HI, 0, 0}};
        struct peer p;
        PLAY(&p, turns);
        sock_http_t *c = to(&p);
        sock_headers_t *h = check_made(sock_headers_new());
        if (rows[i].own != NULL)
            check_ok(sock_headers_add(h, "Host", rows[i].own));
        check_ok(sock_http_set_tunnel(c, rows[i].host, rows[i].port, h));
        check_str(get(c), "hi");
        heard(&p, rows[i].wire);
        sock_headers_free(h);
        sock_http_free(c);
        free_peer(&p);
    }
}

TEST(exchange, tunnel_refused)
{
    static const struct {
        const char *raw;
        int kind, code;
        const char *text;
    } rows[] = {
        {"HTTP/1.1 407 Proxy Authentication Required\r\n"
         "Proxy-Authenticate: Basic\r\n\r\n",
         SOCK_E_REPLY, 407,
         "request: Tunnel connection failed: 407 Proxy Authentication "
         "Required"},
        {"HTTP/1.1 301 Moved\r\n\r\n", SOCK_E_REPLY, 301,
         "request: Tunnel connection failed: 301 Moved"},
        {"HTTP/1.1 200 OK\r\n\r\nmore", SOCK_E_PROTOCOL, SOCK_P_ORDER,
         "request: the proxy sent more than its answer"},
        {"nonsense\r\n\r\n", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
         "request: an invalid version of HTTP"},
        {"HTTP/1.1 2", SOCK_E_EOF, 0,
         "request: Remote end closed connection within the head"},
        {NULL, SOCK_E_EOF, 0,
         "request: Remote end closed connection without response"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct turn turns[] = {{rows[i].raw, PEER_END, 0}};
        struct peer p;
        PLAY(&p, turns);
        sock_http_t *c = to(&p);
        check_ok(sock_http_set_tunnel(c, "end", 0, NULL));
        check_fails(sock_http_request(c, "GET", "/", NULL, 0, NULL),
                    rows[i].kind, rows[i].code, rows[i].text);
        check(sock_http_sock(c) == NULL);
        heard(&p, CONNECT "Host: end:80\r\n\r\n");
        sock_http_free(c);
        free_peer(&p);
    }
}

TEST(exchange, tunnels_that_are_none)
{
    struct pair p = tcp_pair();
    sock_http_t *c = check_made(sock_http_from(p.a));
    check_fails(sock_http_set_tunnel(c, "end", 0, NULL), SOCK_E_VALUE, 0,
                "set_tunnel: Can't set up tunnel for established connection");
    sock_http_free(c);
    sock_free(p.b);
    c = check_made(sock_http_connection("h", 0, 5));
    check_fails(sock_http_set_tunnel(c, "e d", 0, NULL), SOCK_E_VALUE, 0,
                "set_tunnel: URL can't contain control characters. 'e d' "
                "(found at least ' ')");
    check_fails(sock_http_set_tunnel(c, "e", 65536, NULL), SOCK_E_VALUE, 0,
                "set_tunnel: Port out of range 0-65535");
    sock_headers_t *h =
        check_made(sock_headers_parse("A: \x7f\r\n\r\n", 8, SOCK_HEADERS_MAIL));
    check_fails(sock_http_set_tunnel(c, "e", 0, h), SOCK_E_VALUE, 0,
                "set_tunnel: Invalid header value b'\\x7f'");
    sock_headers_free(h);
    sock_http_free(c);
}

/* TLS, as the connection asks for it */

static struct sock__tls_terms asked;
static char asked_host[32], asked_op[32];
static bool refuses;

static sock_t *wrap(sock_tls_t *tls, sock_t *s,
                    const struct sock__tls_terms *terms)
{
    (void)tls;
    asked = *terms;
    snprintf(asked_host, sizeof asked_host, "%s", terms->host);
    snprintf(asked_op, sizeof asked_op, "%s", terms->op);
    if (refuses) {
        sock__fail(terms->op, SOCK_E_VALUE, 0, 0);
        return NULL;
    }
    return sock__move(s, terms->op);
}

static void nothing_of(sock_tls_t *tls)
{
    (void)tls;
}

static const struct sock__tls_ops ops = {
    .wrap = wrap, .hold = nothing_of, .let_go = nothing_of};
static sock_tls_t tls = {&ops};

TEST(exchange, tls_terms)
{
    for (int tunnel = 0; tunnel < 2; tunnel++) {
        const struct turn turns[] = {{OK "\r\n", 0, 0}, {HI, 0, 0}};
        struct peer p;
        play(&p, turns + !tunnel, 1 + (size_t)tunnel);
        sock_http_t *c = check_made(
            sock_https_connection("127.0.0.1", p.port, PATIENCE, &tls));
        if (tunnel)
            check_ok(sock_http_set_tunnel(c, "end", 0, NULL));
        check_ok(sock_http_deadline(c, 10));
        check_str(get(c), "hi");
        check_str(asked_host, tunnel ? "end" : "127.0.0.1");
        check_str(asked_op, "request");
        check_str(asked.alpn, "http/1.1");
        check(asked.session == NULL && asked.timer == NULL);
        check(sock_gettimeout(sock_http_sock(c)) == PATIENCE);
        check(sock_get_deadline(sock_http_sock(c)) <= 10);
        heard(&p, tunnel ? "CONNECT end:443 HTTP/1.1\r\nHost: "
                           "end:443\r\n\r\n" THROUGH
                         : GET);
        sock_http_free(c);
        free_peer(&p);
    }
}

TEST(exchange, tls_refused)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    refuses = true;
    sock_http_t *c = check_made(
        sock_https_connection("127.0.0.1", sock_addr_port(&address), 5, &tls));
    check_int(sock_http_connect(c), -1);
    refuses = false;
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(sock_http_sock(c) == NULL);
    sock_http_free(c);
    sock_free(server);
}
