/* SPDX-License-Identifier: MIT */
/* Servers that say what a test tells them to, and keep what they were asked. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <pysockc/request.h>

#include "support.h"

enum { MOST_SERVERS = 3, MOST_REPLIES = 32, ASKED = 4096, REPLY = 100000 };

/*
 * What a server says to one request after the other, over as many connections
 * as it takes. In it $1 is the port of the first server, $2 that of the second.
 * A reply that is
 *   "!"       closes the connection instead;
 *   "!X"      says X, and closes it then;
 *   "~X"      says X, a byte each 20 ms, until the peer goes;
 *   "<X"      says X before it has read a request's body, and closes;
 *   "?X"      says X and then leaves the connection to the test, in `left`.
 */
struct script_server {
    sock_t *listener;
    int port;
    pthread_t thread;
    const char *const *replies; /* NULL ends them */
    size_t count;               /* of requests */
    size_t connections;
    char asked[MOST_REPLIES][ASKED]; /* the requests */
    sock_t *left;
    sem_t ended; /* how many connections the script has ended */
};

static struct script_server *script_servers[MOST_SERVERS];

/* Server i, from 1 on, and its requests. */
static inline const char *asked_of(int i, size_t n)
{
    check_that(n < script_servers[i - 1]->count,
               "server %d was asked %zu times", i,
               script_servers[i - 1]->count);
    return script_servers[i - 1]->asked[n];
}

static inline void expand(const char *text, char *out, size_t size)
{
    size_t n = 0;

    for (; *text != '\0' && n + 8 < size; text++) {
        if (text[0] == '$' && text[1] >= '1' && text[1] <= '3') {
            n += (size_t)snprintf(out + n, size - n, "%d",
                                  script_servers[*++text - '1']->port);
        } else {
            out[n++] = *text;
        }
    }
    out[n] = '\0';
}

/* One request with its body: false if the peer has gone. */
static inline bool hear(sock_t *s, char *text, bool body)
{
    size_t n = 0, end = 0, length = 0;

    memset(text, 0, ASKED);
    while (end == 0 || (body && n < end + length)) {
        ssize_t got = sock_recv(s, text + n, ASKED - 1 - n, 0);
        if (got <= 0)
            return false;
        n += (size_t)got;
        const char *blank = strstr(text, "\r\n\r\n");
        if (blank == NULL || end > 0)
            continue;
        end = (size_t)(blank + 4 - text);
        const char *field = strcasestr(text, "\r\nContent-Length:");
        if (field != NULL)
            length = strtoul(field + strlen("\r\nContent-Length:"), NULL, 10);
    }
    return true;
}

static inline void say(sock_t *s, const char *text)
{
    sock_sendall(s, text, strlen(text), 0);
}

static inline void say_slowly(sock_t *s, const char *text)
{
    struct pollfd fd = {.fd = sock_fileno(s), .events = POLLIN | POLLRDHUP};

    for (; *text != '\0'; text++)
        if (sock_send(s, text, 1, MSG_NOSIGNAL) != 1 || poll(&fd, 1, 20) != 0)
            return;
    poll(&fd, 1, 10000);
}

static inline bool says_close(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *at = strcasestr(text, "\r\nConnection: close");
    return at != NULL && (end == NULL || at < end);
}

static inline void *run_script(void *arg)
{
    struct script_server *v = arg;
    sock_t *s = NULL;
    char *reply = malloc(REPLY);

    for (size_t i = 0; v->replies[i] != NULL;) {
        char kind = v->replies[i][0];
        if (s == NULL) {
            s = sock_accept(v->listener, NULL);
            if (s == NULL)
                break;
            sock_settimeout(s, 10);
            v->connections++;
        }
        char *text = v->asked[v->count];
        if (!hear(s, text, kind != '<')) {
            sock_free(s);
            s = NULL;
            continue;
        }
        v->count++;
        expand(v->replies[i] + (strchr("!~<?", kind) != NULL && kind != '\0'),
               reply, REPLY);
        i++;
        if (kind == '~')
            say_slowly(s, reply);
        else
            say(s, reply);
        if (kind == '?') {
            v->left = s;
            s = NULL;
        } else if (strchr("!~<", kind) != NULL || says_close(text) ||
                   says_close(reply)) {
            sock_free(s);
            s = NULL;
            sem_post(&v->ended);
        }
    }
    sock_free(s);
    free(reply);
    return NULL;
}

static inline void no_proxies(void)
{
    static const char *const names[] = {
        "http_proxy", "https_proxy", "no_proxy", "all_proxy",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "REQUEST_METHOD",
        "ALL_PROXY",  "ftp_proxy",   "FTP_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
}

/* Servers with these scripts, one after the other; NULL ends them. */
static inline void start(const char *const *script, ...)
{
    va_list list;
    int n = 0;

    no_proxies();
    va_start(list, script);
    for (; script != NULL && n < MOST_SERVERS;
         script = va_arg(list, const char *const *)) {
        struct script_server *v = calloc(1, sizeof *v);
        sock_addr_t address;
        check(v != NULL);
        v->listener = listener(&address);
        sock_settimeout(v->listener, 10);
        v->port = sock_addr_port(&address);
        v->replies = script;
        check_int(sem_init(&v->ended, 0, 0), 0);
        script_servers[n++] = v;
    }
    va_end(list);
    for (int i = 0; i < n; i++)
        check_int(pthread_create(&script_servers[i]->thread, NULL, run_script,
                                 script_servers[i]),
                  0);
}

/* Waits for the end of a script; -1: that it was not played to its end is no
 * matter. */
static inline void hear_all(int i)
{
    pthread_join(script_servers[i - 1]->thread, NULL);
    script_servers[i - 1]->thread = 0;
}

static inline void stop(void)
{
    for (int i = 0; i < MOST_SERVERS && script_servers[i] != NULL; i++) {
        struct script_server *v = script_servers[i];
        sock_shutdown(v->listener, SHUT_RDWR);
        if (v->thread != 0)
            pthread_join(v->thread, NULL);
        sock_free(v->left);
        sock_free(v->listener);
        sem_destroy(&v->ended);
        free(v);
        script_servers[i] = NULL;
    }
}

/* A URL with the servers' ports, of 127.0.0.1 where it begins with a '/'.
 * Static, two in turns. */
static inline const char *url(const char *text)
{
    static char urls[2][512];
    static int turn;
    char whole[512];

    snprintf(whole, sizeof whole, "%s%s",
             *text == '/' ? "http://127.0.0.1:$1" : "", text);
    turn = !turn;
    expand(whole, urls[turn], sizeof urls[0]);
    return urls[turn];
}

/* A field of a request, or the empty text. Static. */
static inline const char *field(const char *request, const char *name)
{
    static char value[1024];
    char begin[128];

    value[0] = '\0';
    snprintf(begin, sizeof begin, "\r\n%s: ", name);
    const char *at = strcasestr(request, begin);
    if (at != NULL) {
        at += strlen(begin);
        snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
    }
    return value;
}

static inline bool has_field(const char *request, const char *name)
{
    char begin[128];
    snprintf(begin, sizeof begin, "\r\n%s:", name);
    return strcasestr(request, begin) != NULL;
}

/* The first line of a request. Static, two in turns. */
static inline const char *line_of(const char *request)
{
    static char lines[2][512];
    static int turn;
    turn = !turn;
    snprintf(lines[turn], sizeof lines[0], "%.*s",
             (int)strcspn(request, "\r\n"), request);
    return lines[turn];
}

/* The body of a request. */
static inline const char *body_of(const char *request)
{
    const char *at = strstr(request, "\r\n\r\n");
    return at != NULL ? at + 4 : "";
}

/* The response's whole body is this text; it is freed. */
#define ends_with_body(r, text)                                                \
    check_body_at(__FILE__, __LINE__, #r, (r), (text))
static inline void check_body_at(const char *file, int line, const char *what,
                                 sock_http_response_t *r, const char *text)
{
    char *data = NULL;
    check_made_at(file, line, what, r);
    check_ok_at(file, line, what, sock_http_readall(r, &data, 1 << 20));
    check_str_at(file, line, what, data, text);
    sock_http_data_free(data);
    sock_http_response_free(r);
}

/* An opening fails with this kind and code, and this text, in which <url>
 * stands for the URL without its fragment. */
#define open_fails(r, kind, code, text) check_null(r, kind, code, url(text))

#endif
