/* SPDX-License-Identifier: MIT */
/* A server that answers in the test's own process, and what it says. */
#ifndef SITE_H
#define SITE_H

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/httpd.h>

#include "support.h"

struct answer {
    char *bytes; /* all that came, with a NUL behind it */
    size_t len;
    sock_t *client;
    const char *request; /* to be sent */
    size_t request_len;
};

/* The server may have had enough of it. */
static inline void *send_request(void *arg)
{
    const struct answer *a = arg;

    sock_sendall(a->client, a->request, a->request_len, 0);
    sock_shutdown(a->client, SHUT_WR);
    return NULL;
}

static inline void *read_answer(void *arg)
{
    struct answer *a = arg;
    size_t room = 4096;

    a->bytes = malloc(room);
    a->len = 0;
    while (a->bytes != NULL) {
        ssize_t n =
            sock_recv(a->client, a->bytes + a->len, room - a->len - 1, 0);
        if (n <= 0)
            break;
        a->len += (size_t)n;
        if (room - a->len < 4096) {
            char *more = realloc(a->bytes, room *= 2);
            if (more == NULL)
                free(a->bytes);
            a->bytes = more;
        }
    }
    return NULL;
}

/* What it answers to these bytes, up to the end of the connection; to be freed.
 */
static inline struct answer ask_bytes(sock_httpd_t *server, const char *bytes,
                                      size_t len)
{
    struct pair p = unix_pair(SOCK_STREAM);
    struct answer a = {NULL, 0, p.b, bytes, len};
    pthread_t sender, reader;

    check(pthread_create(&sender, NULL, send_request, &a) == 0);
    check(pthread_create(&reader, NULL, read_answer, &a) == 0);
    check_ok(sock_httpd_serve(server, p.a));
    check(pthread_join(sender, NULL) == 0 && pthread_join(reader, NULL) == 0);
    sock_free(p.b);
    check(a.bytes != NULL);
    a.bytes[a.len] = '\0';
    return a;
}

/* What it answers to a request with these fields. */
static inline char *ask(sock_httpd_t *server, const char *method,
                        const char *target, const char *fields)
{
    char text[16384];
    int n = snprintf(text, sizeof text,
                     "%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                     "%s\r\n",
                     method, target, fields);
    check(n > 0 && (size_t)n < sizeof text);
    return ask_bytes(server, text, (size_t)n).bytes;
}

static inline int status_in(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : -1;
}

static inline const char *body_in(const char *answer)
{
    const char *blank = strstr(answer, "\r\n\r\n");
    return blank != NULL ? blank + 4 : "";
}

/* The value of a field, of any case; ""; static. */
static inline const char *field_in(const char *answer, const char *name)
{
    static char value[4096];
    size_t n = strlen(name);
    const char *end = strstr(answer, "\r\n\r\n");

    value[0] = '\0';
    for (const char *at = strstr(answer, "\r\n"); at != NULL && at < end;
         at = strstr(at + 2, "\r\n"))
        if (strncasecmp(at + 2, name, n) == 0 && at[2 + n] == ':') {
            at += n + 4;
            snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
            break;
        }
    return value;
}

/* A server that logs to nowhere; to be freed. */
static inline void log_nothing(sock_httpd_request_t *self, const char *line,
                               void *arg)
{
    (void)self, (void)line, (void)arg;
}

static inline sock_httpd_t *new_site(void)
{
    sock_httpd_t *server = check_made(sock_httpd_new("127.0.0.1", 0));
    check_ok(sock_httpd_set_log(server, log_nothing, NULL));
    return server;
}

#endif
