/* SPDX-License-Identifier: MIT */
/* A server in a thread of the test, and what its handlers were asked. */
#ifndef SERVER_H
#define SERVER_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/httpd.h>

#include "support.h"

struct server {
    sock_httpd_t *httpd;
    sock_addr_t address;
    pthread_t thread;
    int result; /* of serve_forever */
    pthread_mutex_t lock;
    char seen[65536]; /* "GET /path body\n" of each request that was served */
    size_t used;
    int requests;
    char log[65536];
    size_t logged;
};

static inline void note_request(struct server *s, sock_httpd_request_t *self,
                                const char *body)
{
    pthread_mutex_lock(&s->lock);
    s->requests++;
    int n = snprintf(s->seen + s->used, sizeof s->seen - s->used, "%s %s %s\n",
                     sock_httpd_command(self), sock_httpd_path(self), body);
    if (s->used + (size_t)n < sizeof s->seen)
        s->used += (size_t)n;
    pthread_mutex_unlock(&s->lock);
}

/* Reads the body, and says what it was asked. */
static inline void echo(sock_httpd_request_t *self, void *arg)
{
    char body[1024];
    size_t len = 0;
    ssize_t n;

    while ((n = sock_httpd_read(self, body + len, sizeof body - 1 - len)) > 0)
        len += (size_t)n;
    if (n < 0)
        return;
    body[len] = '\0';
    note_request(arg, self, body);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Type", "text/plain");
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "<%s %s>", sock_httpd_command(self),
                      sock_httpd_path(self));
}

static inline void keep_log(sock_httpd_request_t *self, const char *line,
                            void *arg)
{
    struct server *s = arg;
    (void)self;
    pthread_mutex_lock(&s->lock);
    int n =
        snprintf(s->log + s->logged, sizeof s->log - s->logged, "%s\n", line);
    if (s->logged + (size_t)n < sizeof s->log)
        s->logged += (size_t)n;
    pthread_mutex_unlock(&s->lock);
}

/* A server with echo() for some methods, that does not serve yet. */
static inline struct server *make_server(int threads)
{
    static const char *const methods[] = {"GET", "POST", "M-SEARCH", "get",
                                          "OPTIONS"};
    sock_httpd_limits_t limits = {.size = sizeof limits, .threads = threads};
    struct server *s = calloc(1, sizeof *s);

    pthread_mutex_init(&s->lock, NULL);
    s->httpd = check_made(sock_httpd_new("127.0.0.1", 0));
    check_ok(sock_httpd_address(s->httpd, &s->address));
    check_ok(sock_httpd_set_limits(s->httpd, &limits));
    check_ok(sock_httpd_set_log(s->httpd, keep_log, s));
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        check_ok(sock_httpd_do(s->httpd, methods[i], echo, s));
    return s;
}

static inline void *serve_it(void *arg)
{
    struct server *s = arg;
    s->result = sock_httpd_serve_forever(s->httpd);
    return NULL;
}

static inline void begin_server(struct server *s)
{
    check_int(pthread_create(&s->thread, NULL, serve_it, s), 0);
}

static inline struct server *run_server(int threads)
{
    struct server *s = make_server(threads);
    begin_server(s);
    return s;
}

static inline void wait_for_server(struct server *s)
{
    pthread_join(s->thread, NULL);
    check_int(s->result, 0);
}

/* All but what the test itself has of it. */
static inline void free_server_keeping(struct server *s)
{
    sock_httpd_free(s->httpd);
    pthread_mutex_destroy(&s->lock);
}

static inline void free_server(struct server *s)
{
    free_server_keeping(s);
    free(s);
}

static inline void stop_server_keeping(struct server *s)
{
    check_ok(sock_httpd_shutdown(s->httpd, 5));
    wait_for_server(s);
}

static inline void stop_server(struct server *s)
{
    stop_server_keeping(s);
    free_server(s);
}

static inline sock_t *connect_to(const struct server *s)
{
    sock_t *c = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_settimeout(c, 15));
    check_ok(sock_connect(c, s->address));
    return c;
}

static inline void say(sock_t *c, const char *text)
{
    check_ok(sock_sendall(c, text, strlen(text), 0));
}

/* What comes up to the end of the stream, or a reset: its bytes, and a NUL. */
static inline size_t hear_all(sock_t *c, char *buf, size_t size)
{
    size_t len = 0;
    ssize_t n;

    while (len < size - 1 &&
           (n = sock_recv(c, buf + len, size - 1 - len, 0)) > 0)
        len += (size_t)n;
    buf[len] = '\0';
    return len;
}

/* What comes up to and with a text; the stream ends if it does not come. */
static inline size_t hear_until(sock_t *c, char *buf, size_t size,
                                const char *text)
{
    size_t len = 0;

    buf[0] = '\0';
    while (len < size - 1 && strstr(buf, text) == NULL) {
        ssize_t n = sock_recv(c, buf + len, 1, 0);
        if (n <= 0)
            break;
        len += (size_t)n;
        buf[len] = '\0';
    }
    return len;
}

/* Says all of it, in pieces of so many bytes, and hears all. */
static inline size_t ask(const struct server *s, const char *raw, size_t size,
                         size_t step, char *buf, size_t room)
{
    sock_t *c = connect_to(s);
    for (size_t at = 0; at < size; at += step) {
        size_t n = size - at < step ? size - at : step;
        if (sock_sendall(c, raw + at, n, 0) < 0)
            break; /* it was refused before its end */
    }
    sock_shutdown(c, SHUT_WR);
    size_t n = hear_all(c, buf, room);
    sock_free(c);
    return n;
}

/* "200 400": the statuses of answers, as they follow each other. */
static inline void statuses(const char *answers, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    while ((answers = strstr(answers, "HTTP/1.1 ")) != NULL) {
        answers += 9;
        if (used + 5 < size)
            used += (size_t)snprintf(text + used, size - used, "%s%.3s",
                                     used > 0 ? " " : "", answers);
    }
}

#endif
