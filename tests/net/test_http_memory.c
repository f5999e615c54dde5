/* SPDX-License-Identifier: MIT */
/* Each allocation of a client is refused once: the call says so, nothing is
 * lost, and what can go on goes on. */
#include <pysockc/http.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "starve.h"
#include "support.h"

#define OK "HTTP/1.1 200 OK\r\n"

static void no_memory(const char *text)
{
    check_int(sock_last_error()->kind, SOCK_E_MEMORY);
    check_int(errno, ENOMEM);
    check_str(error_text(), text);
}

TEST(http_memory, connections)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        sock_http_t *c = sock_http_connection("h", 81, 5);
        fail_at = 0;
        if (c == NULL)
            no_memory("HTTPConnection: [Errno 12] Cannot allocate memory");
        sock_http_free(c);
    }
}

TEST(http_memory, of_a_socket)
{
    need_own_memory();
    struct pair p = unix_pair(SOCK_STREAM);
    FOR_EACH_REFUSAL(refused)
    {
        sock_http_t *c = sock_http_from(p.a);
        fail_at = 0;
        if (c == NULL)
            no_memory("HTTPConnection: [Errno 12] Cannot allocate memory");
        else
            p.a = NULL;
        sock_http_free(c);
    }
    free_pair(&p);
}

TEST(http_memory, tunnels)
{
    need_own_memory();
    sock_headers_t *h = check_made(sock_headers_new());
    check_ok(sock_headers_add(h, "A", "b"));
    FOR_EACH_REFUSAL(refused)
    {
        int set = 0;
        sock_http_t *c = sock_http_connection("h", 81, 5);
        if (c != NULL)
            set = sock_http_set_tunnel(c, "end", 0, h);
        fail_at = 0;
        if (set < 0) {
            no_memory("set_tunnel: [Errno 12] Cannot allocate memory");
            check_str(c->authority, "h:81");
            check(c->tunnel.request == NULL);
        }
        sock_http_free(c);
    }
    sock_headers_free(h);
}

/* One pass: a request, and its response in full; false if it was refused. */
static bool exchange(struct pair *p, const char *raw, FILE *body)
{
    char *data;
    bool done = false;
    sock_http_response_t *r = NULL;
    sock_http_t *c = sock_http_from(p->a);
    if (c == NULL)
        return false;
    int sent = body != NULL
                   ? sock_http_request_file(c, "PUT", "/", body, -1, NULL)
                   : sock_http_request(c, "PUT", "/", "body", 4, NULL);
    if (sent == 0) {
        int left = fail_at;
        fail_at = 0;
        check_ok(sock_sendall(p->b, raw, strlen(raw), 0));
        fail_at = left;
        r = sock_http_getresponse(c);
    }
    if (sent == 0 && r == NULL && sock_http_sock(c) != NULL) {
        check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        r = sock_http_getresponse(c); /* the head is still there */
        check(r != NULL);
    }
    if (r != NULL && sock_http_readall(r, &data, 0) >= 0) {
        check_str(data, "hello");
        sock_http_data_free(data);
        done = true;
    }
    sock_http_response_free(r);
    sock_http_free(c);
    p->a = NULL;
    return done;
}

static void exchanges(const char *raw, FILE *body)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        int left = fail_at;
        fail_at = 0;
        struct pair p = unix_pair(SOCK_STREAM);
        check_ok(sock_settimeout(p.a, 5));
        if (body != NULL)
            rewind(body);
        fail_at = left;
        bool done = exchange(&p, raw, body);
        fail_at = 0;
        if (!done) {
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
            check_int(errno, ENOMEM);
        }
        free_pair(&p);
    }
}

TEST(http_memory, a_length)
{
    exchanges(OK "Content-Length: 5\r\n\r\nhello", NULL);
}

TEST(http_memory, a_long_head)
{
    char raw[40000];
    int n = snprintf(raw, sizeof raw, OK "Content-Length: 5\r\nA: ");
    memset(raw + n, 'x', 30000);
    snprintf(raw + n + 30000, sizeof raw - 30000 - (size_t)n, "\r\n\r\nhello");
    exchanges(raw, NULL);
}

TEST(http_memory, trailers)
{
    exchanges(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
                 "0\r\nA: b\r\nC: d\r\n\r\n",
              NULL);
}

TEST(http_memory, a_file)
{
    FILE *f = tmpfile();
    check(fputs("body", f) >= 0);
    exchanges(OK "Content-Length: 5\r\n\r\nhello", f);
    fclose(f);
}

TEST(http_memory, a_stream)
{
    need_own_memory();
    const char *raw = OK "Content-Length: 5\r\n\r\nhello";
    struct pair p = unix_pair(SOCK_STREAM);
    sock_http_t *c = check_made(sock_http_from(p.a));
    check_ok(sock_sendall(p.b, raw, strlen(raw), 0));
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    FOR_EACH_REFUSAL(refused)
    {
        FILE *f = sock_http_file(r);
        fail_at = 0;
        if (f == NULL)
            no_memory("makefile: [Errno 12] Cannot allocate memory");
        else
            fclose(f);
    }
    sock_http_response_free(r);
    sock_http_free(c);
    p.a = NULL;
    free_pair(&p);
}

/* Pieces of a request that could not be kept. */
TEST(http_memory, pieces)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        int left = fail_at;
        fail_at = 0;
        struct pair p = unix_pair(SOCK_STREAM);
        sock_http_t *c = check_made(sock_http_from(p.a));
        char value[3000], *data;
        memset(value, 'x', sizeof value - 1);
        value[sizeof value - 1] = '\0';
        fail_at = left;
        int sent = sock_http_putrequest(c, "PUT", "/", 0) +
                   sock_http_putheader(c, "A", value) +
                   sock_http_endheaders(c, NULL, 0) +
                   sock_http_send(c, value, sizeof value - 1);
        fail_at = 0;
        if (sent != 0) {
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
            check(sock_http_sock(c) == NULL);
        } else {
            check_ok(sock_sendall(p.b, OK "Content-Length: 0\r\n\r\n", 38, 0));
            sock_http_response_t *r = check_made(sock_http_getresponse(c));
            check_int(sock_http_readall(r, &data, 0), 0);
            sock_http_data_free(data);
            sock_http_response_free(r);
        }
        sock_http_free(c);
        p.a = NULL;
        free_pair(&p);
    }
}
