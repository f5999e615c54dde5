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

static inline void lines_start(struct lines_peer *p, const char *const *turns,
                               bool bytes, long most)
{
    sock_addr_t address;

    *p = (struct lines_peer){.turns = turns, .bytes = bytes, .most = most};
    p->listener = listener(&address);
    p->port = sock_addr_port(&address);
    check_ok(sock_settimeout(p->listener, 10));
    p->heard = calloc(1, 1);
    check_int(pthread_create(&p->thread, NULL, play_lines, p), 0);
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
