/* SPDX-License-Identifier: MIT */
/* A server of FTP that plays a script, and keeps what it heard. */
#ifndef FTP_SCRIPT_H
#define FTP_SCRIPT_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <pysockc/ftp.h>

#include "support.h"

/*
 * A step, by its first character:
 *   "<"    hears a line of the control connection;
 *   ">X"   says X there, and ends it with CRLF; "=X" says X as it is;
 *   "E"    begins to listen for a data connection, and says 229;
 *   "PX"   does, and says "227 X", in which $ is "p,p" of the port;
 *   "@"    takes that connection;
 *   "!"    connects to where the last PORT or EPRT said;
 *   "+X"   sends X over the data connection; "-" reads it to its end;
 *   "."    closes it; "#" resets it;
 *   "x"    closes the control connection; "z" waits for its other end to do so;
 *   "~X"   says X there again and again, "*X" over the data connection, until
 *          the other end has had enough;
 *   "T", "S"  puts TLS under the control, the data connection, by ftp_tls;
 *   "U"    takes it from the control connection; "/" ends the data connection
 *          without a goodbye of TLS.
 */
struct ftp_server;
/* For those with TLS: another object, and s is freed; NULL if that failed. */
static sock_t *(*ftp_tls)(struct ftp_server *v, sock_t *s);
static sock_t *(*ftp_no_tls)(sock_t *s);

struct ftp_server {
    sock_t *listener, *control, *door, *data;
    sock_addr_t address;
    int port;
    const char *const *steps; /* NULL ends them */
    pthread_t thread;
    char heard[65536]; /* lines, without CR */
    char got[65536];   /* over data connections */
    size_t n_heard, n_got;
    size_t left;   /* bytes that it says at most, before it goes */
    size_t said;   /* so far */
    bool cut;      /* it has come to that */
    size_t odd_at; /* before this one it says another */
    int odd;       /* this byte; below 0: none */
    bool single;   /* each by itself */
    int resumed;   /* data connections of TLS */
    bool goodbye;  /* the end of the last one that was read was one of TLS */
};

static inline void ftp_close(sock_t **s)
{
    sock_free(*s);
    *s = NULL;
}

static inline void ftp_send(struct ftp_server *v, const char *text, size_t n)
{
    size_t step = v->single ? 1 : n;

    for (size_t at = 0; at < n && v->control != NULL; at += step)
        if (sock_sendall(v->control, text + at, step, 0) < 0)
            ftp_close(&v->control);
}

static inline bool ftp_say(struct ftp_server *v, const char *text, size_t n)
{
    size_t most = n < v->left ? n : v->left, before = most;
    const char odd = (char)v->odd;

    if (v->odd >= 0 && v->odd_at - v->said < most)
        before = v->odd_at - v->said;
    ftp_send(v, text, before);
    if (before < most) {
        ftp_send(v, &odd, 1);
        v->odd = -1;
        ftp_send(v, text + before, most - before);
    }
    v->said += most;
    v->left -= most;
    v->cut |= most < n;
    if (v->cut)
        ftp_close(&v->control);
    return v->control != NULL;
}

static inline bool ftp_hear(struct ftp_server *v)
{
    char c = '\0';

    while (c != '\n') {
        if (v->control == NULL || sock_recv(v->control, &c, 1, 0) != 1)
            return false;
        if (c != '\r' && v->n_heard < sizeof v->heard - 1)
            v->heard[v->n_heard++] = c;
    }
    return true;
}

static inline int ftp_listen(struct ftp_server *v)
{
    sock_addr_t own;

    ftp_close(&v->door);
    check_ok(sock_getsockname(v->control, &own));
    v->door = check_made(sock_create_server(sock_addr_with_port(own, 0), 4, 0));
    check_ok(sock_settimeout(v->door, 10));
    check_ok(sock_getsockname(v->door, &own));
    return sock_addr_port(&own);
}

static inline bool ftp_say_epsv(struct ftp_server *v)
{
    char text[64];
    snprintf(text, sizeof text, "229 Extended (|||%d|)\r\n", ftp_listen(v));
    return ftp_say(v, text, strlen(text));
}

static inline bool ftp_say_pasv(struct ftp_server *v, const char *words)
{
    char text[256];
    const char *dollar = strchr(words, '$');
    int port = ftp_listen(v);
    int n = (int)(dollar != NULL ? (size_t)(dollar - words) : strlen(words));
    if (dollar != NULL)
        snprintf(text, sizeof text, "227 %.*s%d,%d%s\r\n", n, words, port / 256,
                 port % 256, dollar + 1);
    else
        snprintf(text, sizeof text, "227 %s\r\n", words);
    return ftp_say(v, text, strlen(text));
}

/* Where the last PORT or EPRT leads. */
static inline sock_addr_t ftp_active_address(const struct ftp_server *v)
{
    const char *at = NULL;
    int n[6], port;
    char host[64];

    for (const char *p = v->heard; (p = strstr(p, "PRT |")) != NULL; p++)
        at = p;
    if (at != NULL && sscanf(at, "PRT |2|%63[^|]|%d|", host, &port) == 2)
        return sock_addr_inet6(host, port);
    for (const char *p = v->heard; (p = strstr(p, "PORT ")) != NULL; p++)
        at = p;
    check(at != NULL);
    check_int(sscanf(at, "PORT %d,%d,%d,%d,%d,%d", n, n + 1, n + 2, n + 3,
                     n + 4, n + 5),
              6);
    snprintf(host, sizeof host, "%d.%d.%d.%d", n[0], n[1], n[2], n[3]);
    return sock_addr_inet(host, n[4] * 256 + n[5]);
}

static inline sock_t *ftp_dial(const struct ftp_server *v, const char *from)
{
    sock_addr_t to = ftp_active_address(v);
    sock_t *s = check_made(sock_new(sock_addr_family(&to), SOCK_STREAM, 0));
    check_ok(sock_settimeout(s, 10));
    if (from != NULL)
        check_ok(sock_bind(s, sock_addr_inet(from, 0)));
    if (sock_connect(s, to) < 0)
        ftp_close(&s);
    return s;
}

static inline void ftp_read(struct ftp_server *v)
{
    ssize_t n = 1;
    while (n > 0 && v->n_got < sizeof v->got - 1) {
        n = sock_recv(v->data, v->got + v->n_got, sizeof v->got - 1 - v->n_got,
                      0);
        v->n_got += n > 0 ? (size_t)n : 0;
    }
    v->goodbye = n == 0;
}

static inline void ftp_reset(struct ftp_server *v)
{
    const struct linger now = {.l_onoff = 1};
    sock_setsockopt(v->data, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ftp_close(&v->data);
}

static inline void ftp_await_end(struct ftp_server *v)
{
    char c;
    while (v->control != NULL && sock_recv(v->control, &c, 1, 0) > 0)
        ;
}

/* False if it cannot go on. */
static inline bool ftp_step(struct ftp_server *v, const char *step)
{
    const char *text = step + 1;
    char line[1024];
    int n;

    switch (*step) {
    case '<':
        return ftp_hear(v);
    case '>':
        n = snprintf(line, sizeof line, "%s\r\n", text);
        return ftp_say(v, line, (size_t)n);
    case '=':
        return ftp_say(v, text, strlen(text));
    case 'E':
        return ftp_say_epsv(v);
    case 'P':
        return ftp_say_pasv(v, text);
    case '@':
        ftp_close(&v->data);
        v->data = sock_accept(v->door, NULL);
        if (v->data != NULL)
            sock_settimeout(v->data, 10);
        return v->data != NULL;
    case '!':
        if (*text != '\0') { /* someone else, who is sent away */
            sock_t *s = ftp_dial(v, text);
            char c;
            if (s != NULL)
                sock_recv(s, &c, 1, 0);
            sock_free(s);
            return true;
        }
        ftp_close(&v->data);
        v->data = ftp_dial(v, NULL);
        return v->data != NULL;
    case '~':
        while (ftp_say(v, text, strlen(text)))
            ;
        return false;
    case '*':
        while (sock_sendall(v->data, text, strlen(text), 0) == 0)
            ;
        return true;
    case '+':
        if (v->data != NULL)
            sock_sendall(v->data, text, strlen(text), 0);
        return true;
    case '-':
        ftp_read(v);
        return true;
    case '.':
        ftp_close(&v->data);
        return true;
    case '#':
        ftp_reset(v);
        return true;
    case 'z':
        ftp_await_end(v);
        return true;
    case 'T':
        v->control = ftp_tls(v, v->control);
        return v->control != NULL;
    case 'S':
        v->data = ftp_tls(v, v->data);
        return true;
    case 'U':
        v->control = ftp_no_tls(v->control);
        return v->control != NULL;
    case '/':
        shutdown(sock_fileno(v->data), SHUT_WR);
        return true;
    default:
        return false;
    }
}

static inline void *ftp_run(void *arg)
{
    struct ftp_server *v = arg;

    v->control = sock_accept(v->listener, NULL);
    if (v->control != NULL) {
        sock_settimeout(v->control, 10);
        sock_setsockopt_int(v->control, IPPROTO_TCP, TCP_NODELAY, 1);
    }
    for (size_t i = 0; v->control != NULL && v->steps[i] != NULL; i++)
        if (!ftp_step(v, v->steps[i]))
            break;
    ftp_close(&v->data);
    ftp_close(&v->door);
    ftp_close(&v->control);
    return NULL;
}

/* How it plays: bytes at most, one by one, and one of its own. */
struct ftp_terms {
    size_t left;
    bool single;
    size_t odd_at;
    int odd; /* below 0: none */
};

/* Begins to play a script, at an address. */
static inline struct ftp_server *ftp_start_at(sock_addr_t at,
                                              const char *const *steps,
                                              const struct ftp_terms *t)
{
    struct ftp_server *v = calloc(1, sizeof *v);

    check(v != NULL);
    v->listener = check_made(sock_create_server(at, 4, 0));
    check_ok(sock_settimeout(v->listener, 10));
    check_ok(sock_getsockname(v->listener, &v->address));
    v->port = sock_addr_port(&v->address);
    v->steps = steps;
    v->left = t->left;
    v->single = t->single;
    v->odd_at = t->odd_at;
    v->odd = t->odd;
    check_int(pthread_create(&v->thread, NULL, ftp_run, v), 0);
    return v;
}

static inline struct ftp_server *ftp_start(const char *const *steps)
{
    static const struct ftp_terms plain = {SIZE_MAX, false, 0, -1};
    return ftp_start_at(sock_addr_inet("127.0.0.1", 0), steps, &plain);
}

/* Waits for its end, after which what it has kept can be looked at. */
static inline void ftp_join(struct ftp_server *v)
{
    if (v->thread != 0)
        pthread_join(v->thread, NULL);
    v->thread = 0;
}

static inline void ftp_stop(struct ftp_server *v)
{
    sock_shutdown(v->listener, SHUT_RDWR);
    ftp_join(v);
    sock_free(v->listener);
    free(v);
}

/* The end, at which it has heard this, and sent this much. */
#define ftp_heard(v, text)                                                     \
    do {                                                                       \
        ftp_join(v);                                                           \
        check_str((v)->heard, text);                                           \
        ftp_stop(v);                                                           \
    } while (0)

/* A client that is connected to it, with 10 seconds for each command. */
static inline sock_ftp_t *ftp_client(const struct ftp_server *v)
{
    const sock_session_opts_t opts = {.size = sizeof opts, .timeout = 10};
    sock_ftp_t *f = check_made(sock_ftp_new(NULL, &opts));
    char host[64];

    check(sock_addr_host(&v->address, host, sizeof host) > 0);
    check_ok(sock_ftp_connect(f, host, v->port));
    return f;
}

/* What a sink has got; it refuses after so many calls. */
struct ftp_sunk {
    char text[65536];
    size_t n;
    int calls, most;
};

static inline int ftp_sink_write(void *arg, const void *data, size_t n)
{
    struct ftp_sunk *s = arg;
    if (s->most > 0 && s->calls >= s->most)
        return 1;
    s->calls++;
    size_t room = sizeof s->text - 1 - s->n;
    memcpy(s->text + s->n, data, n < room ? n : room);
    s->n += n < room ? n : room;
    return 0;
}

static inline sock_sink_t ftp_sink(struct ftp_sunk *s)
{
    memset(s, 0, sizeof *s);
    return (sock_sink_t){ftp_sink_write, s};
}

#endif
