/* SPDX-License-Identifier: MIT */
/* A server of mail or news that plays a script: it hears a line and says what
 * comes next. */
#ifndef LINES_H
#define LINES_H

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "support.h"

/*
 * What it says first, and then to each line. A turn that is
 *   "^X"   hears lines up to one that is a dot first;
 *   "!X"   says X and closes the connection;
 *   "_"    says nothing.
 * NULL ends them: it hears on until the other end closes.
 */
struct lines_peer {
    sock_t *listener, *conn;
    int port;
    const char *const *turns;
    bool bytes; /* byte by byte */
    long most;  /* bytes that it says before it closes; -1: all */
    char *heard;
    size_t size;
    pthread_t thread;
};

/* A line; false: the other end has closed. */
static inline bool hear_line(struct lines_peer *p, char *first)
{
    char c = 0;
    for (size_t n = 0; c != '\n'; n++) {
        if (sock_recv(p->conn, &c, 1, 0) != 1)
            return false;
        if (n == 0)
            first[0] = c;
        if (n == 1)
            first[1] = c;
        p->heard = realloc(p->heard, p->size + 2);
        p->heard[p->size++] = c;
        p->heard[p->size] = '\0';
    }
    return true;
}

static inline bool hear_turn(struct lines_peer *p, bool to_dot)
{
    char first[2];
    do
        if (!hear_line(p, first))
            return false;
    while (to_dot && (first[0] != '.' || first[1] != '\r'));
    return true;
}

/* False: that was the last of it. */
static inline bool say_turn(struct lines_peer *p, const char *text)
{
    size_t n = strlen(text), step = p->bytes ? 1 : n;
    bool cut = p->most >= 0 && (size_t)p->most < n;

    n = cut ? (size_t)p->most : n;
    p->most -= p->most >= 0 ? (long)n : 0;
    for (size_t at = 0; at < n; at += step)
        if (sock_sendall(p->conn, text + at, step < n ? step : n, 0) < 0)
            return false;
    return !cut;
}

/* Says it all at once, whatever it hears. */
static inline void *flood(void *arg)
{
    struct lines_peer *p = arg;
    char buf[4096];

    if ((p->conn = sock_accept(p->listener, NULL)) != NULL) {
        sock_sendall(p->conn, p->turns[0], (size_t)p->most, 0);
        sock_shutdown(p->conn, SHUT_WR);
        while (sock_recv(p->conn, buf, sizeof buf, 0) > 0)
            ;
    }
    sock_free(p->conn);
    p->conn = NULL;
    return NULL;
}

static inline void *play_lines(void *arg)
{
    struct lines_peer *p = arg;
    bool on = (p->conn = sock_accept(p->listener, NULL)) != NULL;

    for (size_t i = 0; on; i++) {
        const char *turn = p->turns[i];
        if (i > 0)
            on = hear_turn(p, turn != NULL && turn[0] == '^');
        if (!on || turn == NULL) {
            while (on)
                on = hear_turn(p, false);
            break;
        }
        bool ends = turn[0] == '!';
        if (turn[0] != '_')
            on = say_turn(p, turn + (ends || turn[0] == '^')) && !ends;
    }
    sock_free(p->conn);
    p->conn = NULL;
    return NULL;
}

static inline void lines_begin(struct lines_peer *p, const char *const *turns,
                               bool bytes, long most, void *(*run)(void *))
{
    sock_addr_t address;

    *p = (struct lines_peer){.turns = turns, .bytes = bytes, .most = most};
    p->listener = listener(&address);
    p->port = sock_addr_port(&address);
    check_ok(sock_settimeout(p->listener, 10));
    p->heard = calloc(1, 1);
    check_int(pthread_create(&p->thread, NULL, run, p), 0);
}

static inline void lines_start(struct lines_peer *p, const char *const *turns,
                               bool bytes, long most)
{
    lines_begin(p, turns, bytes, most, play_lines);
}

/* A server that says these bytes, and nothing to anything. */
static inline void lines_flood(struct lines_peer *p, const char *const *bytes,
                               size_t n)
{
    lines_begin(p, bytes, false, (long)n, flood);
}

/* All that a script says, which is freed by the caller. */
static inline char *all_lines(const char *const *turns, size_t *n)
{
    char *all = calloc(1, 1);
    *n = 0;
    for (; *turns != NULL; turns++) {
        const char *text = *turns + (**turns == '^');
        all = realloc(all, *n + strlen(text) + 1);
        memcpy(all + *n, text, strlen(text) + 1);
        *n += strlen(text);
    }
    return all;
}

/* What a hostile server makes of it: its i-th variant, in as many bytes as are
 * left in *n; false: there is none. Doubled from some byte on, or with one more
 * byte somewhere. */
static inline bool vary(const char *all, size_t i, char *out, size_t *n)
{
    static const char bytes[] = {'\0', '\r', '\n', '.', '-', '+', '5'};
    size_t length = strlen(all), at = i / (sizeof bytes + 1);
    size_t kind = i % (sizeof bytes + 1);

    if (at >= length)
        return false;
    memcpy(out, all, at);
    *n = at;
    if (kind < sizeof bytes)
        out[(*n)++] = bytes[kind];
    else
        memcpy(out + *n, all + at / 2, at - at / 2), *n += at - at / 2;
    memcpy(out + *n, all + at, length - at);
    *n += length - at;
    return true;
}

/* Waits until the connection is over: what was heard. */
static inline const char *lines_heard(struct lines_peer *p)
{
    if (p->turns != NULL)
        check_int(pthread_join(p->thread, NULL), 0);
    p->turns = NULL;
    return p->heard;
}

static inline void lines_end(struct lines_peer *p)
{
    sock_shutdown(p->listener, SHUT_RDWR);
    lines_heard(p);
    sock_free(p->listener);
    free(p->heard);
}

#endif
