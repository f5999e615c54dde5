/* SPDX-License-Identifier: MIT */
/* Memory that is refused: to a server that is made, and at each place of what
 * it does with a connection. */
#include "server.h"
#include "starve.h"

#define HOST "Host: a\r\n"

TEST(httpd_memory, making)
{
    static const char *const hosts[] = {"a", "b", NULL};
    sock_httpd_limits_t limits = {.size = sizeof limits};

    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        sock_httpd_t *httpd = sock_httpd_new("127.0.0.1", 0);
        bool made = httpd != NULL;
        if (made && sock_httpd_do(httpd, "GET", echo, NULL) == 0 &&
            sock_httpd_mount(httpd, "/a", echo, NULL) == 0 &&
            sock_httpd_set_limits(httpd, &limits) == 0 &&
            sock_httpd_set_hosts(httpd, hosts) == 0) {
            fail_at = 0;
        } else {
            fail_at = 0;
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
            check_int(errno, ENOMEM);
        }
        sock_httpd_free(httpd);
    }
}

static void all_of_it(sock_httpd_request_t *self, void *arg)
{
    char block[64];
    (void)arg;
    FILE *in = sock_httpd_rfile(self);
    if (in == NULL)
        return;
    while (fread(block, 1, sizeof block, in) > 0)
        ;
    if (ferror(in))
        return;
    FILE *out = sock_httpd_wfile(self);
    if (out == NULL || sock_httpd_requestline(self) == NULL)
        return;
    if (sock_httpd_send_response(self, 200, NULL) < 0 ||
        sock_httpd_send_header(self, "A", "b") < 0 ||
        sock_httpd_end_headers(self) < 0)
        return;
    fprintf(out, "%s", "whole");
    sock_httpd_log(self, "%s", "answered");
}

/* What the client hears is an answer, an error, or the end; the server lives on
 * and answers the next one. */
static void check_served(struct server *s, const char *raw)
{
    static char heard[100000];

    FOR_EACH_REFUSAL(refused)
    {
        int at = fail_at;
        fail_at = 0;
        struct pair p = unix_pair(SOCK_STREAM);
        say(p.a, raw);
        sock_shutdown(p.a, SHUT_WR);
        fail_at = at;
        int result = sock_httpd_serve(s->httpd, p.b);
        int left = fail_at;
        fail_at = 0;
        if (result < 0)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        hear_all(p.a, heard, sizeof heard);
        check_that(heard[0] == '\0' || strncmp(heard, "HTTP/1.1 ", 9) == 0,
                   "%s", heard);
        if (left > 0) /* nothing was refused */
            check(strstr(heard, "HTTP/1.1 200 ") != NULL);
        sock_free(p.a);
        fail_at = left;
    }
}

TEST(httpd_memory, serving)
{
    static const char *const requests[] = {
        "GET /?a HTTP/1.1\r\n" HOST "\r\nGET http://h?b HTTP/1.1\r\n" HOST
        "\r\n",
        "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n0\r\nA: b\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n",
        "GET / HTTP/1.1\r\n" HOST "\r\nGET\r\n\r\n",
    };

    need_own_memory();
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct server *s = make_server(-1);
        check_ok(sock_httpd_do(s->httpd, "GET", all_of_it, NULL));
        check_ok(sock_httpd_do(s->httpd, "POST", all_of_it, NULL));
        check_served(s, requests[i]);
        free_server(s);
    }
}
