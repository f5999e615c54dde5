/* SPDX-License-Identifier: MIT */
/* A conversation that is known beforehand: a server that says its part of it,
 * and hears whether the client says the other, to the byte. */
#ifndef TALK_H
#define TALK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <pysockc/pysockc.h>

#include "support.h"

enum { TALK_ROOM = 300000 };

/*
 * Each line begins with what it is:
 *   "> X"   the server says X;
 *   "< X"   the client says X, all of which comes before the server goes on;
 *   "!"     the server closes the connection, and the next is another one;
 *   "-"     the client closes it.
 * NULL ends them, and the client must then have nothing more to say.
 */
struct talk {
    sock_t *server, *conn;
    int port;
    const char *const *lines;
    bool bytes;  /* it says one at a time */
    long most;   /* how many it says before it closes; -1: all */
    bool stalls; /* and does not close then, but waits for the client to */
    size_t at;   /* the line that the conversation has come to */
    char *wrong; /* what was said in place of it */
    size_t size;
    pthread_t thread;
};

static inline void talk_close(struct talk *t)
{
    sock_free(t->conn);
    t->conn = NULL;
}

/* All that the client still says. */
static inline bool talk_rest(struct talk *t)
{
    ssize_t n;

    while ((n = sock_recv(t->conn, t->wrong + t->size, TALK_ROOM - 1 - t->size,
                          0)) > 0)
        t->size += (size_t)n;
    t->wrong[t->size] = '\0';
    return n == 0 && t->size == 0;
}

static inline bool talk_hear(struct talk *t, const char *text)
{
    size_t n = strlen(text);

    t->size = 0;
    while (t->size < n) {
        ssize_t got = sock_recv(t->conn, t->wrong + t->size, n - t->size, 0);
        if (got <= 0)
            break;
        t->size += (size_t)got;
    }
    t->wrong[t->size] = '\0';
    if (strcmp(t->wrong, text) != 0)
        return false;
    t->size = 0;
    t->wrong[0] = '\0';
    return true;
}

static inline bool talk_say(struct talk *t, const char *text)
{
    size_t n = strlen(text);
    bool cut = t->most >= 0 && (size_t)t->most < n;

    n = cut ? (size_t)t->most : n;
    if (t->most >= 0)
        t->most -= (long)n;
    size_t step = t->bytes ? 1 : n;
    for (size_t at = 0; at < n; at += step)
        if (sock_sendall(t->conn, text + at, step, 0) < 0)
            return false;
    if (cut && t->stalls)
        talk_rest(t);
    return !cut;
}

static inline bool talk_line(struct talk *t, const char *line)
{
    if (t->conn == NULL && (t->conn = sock_accept(t->server, NULL)) == NULL)
        return false;
    switch (line[0]) {
    case '>':
        return talk_say(t, line + 2);
    case '<':
        return talk_hear(t, line + 2);
    case '-':
        if (!talk_rest(t))
            return false;
        talk_close(t);
        return true;
    default:
        talk_close(t);
        return true;
    }
}

static inline void *talk_run(void *arg)
{
    struct talk *t = arg;

    while (t->lines[t->at] != NULL && talk_line(t, t->lines[t->at]))
        t->at++;
    if (t->conn != NULL && t->lines[t->at] == NULL)
        talk_rest(t);
    talk_close(t);
    return NULL;
}

/* Begins it; settings may be made before. */
static inline void talk_begin(struct talk *t, const char *const *lines)
{
    sock_addr_t address;

    t->lines = lines;
    t->at = t->size = 0;
    t->server = listener(&address);
    t->port = sock_addr_port(&address);
    check_ok(sock_settimeout(t->server, 10));
    t->wrong = calloc(1, TALK_ROOM);
    check_int(pthread_create(&t->thread, NULL, talk_run, t), 0);
}

/* Waits for its end, which the client has brought about by closing. */
static inline void talk_finish(struct talk *t)
{
    check_int(pthread_join(t->thread, NULL), 0);
    sock_free(t->server);
    t->server = NULL;
}

/* And looks whether all of it was said. */
static inline void talk_end(struct talk *t)
{
    talk_finish(t);
    const char *line = t->lines[t->at];
    check_that(line == NULL, "\"%s\" was due, and came: \"%s\"", line,
               t->wrong);
    check_str(t->wrong, "");
    free(t->wrong);
}

#define TALK(t, ...)                                                           \
    static const char *const t##_lines[] = {__VA_ARGS__, NULL};                \
    struct talk t = {.most = -1};                                              \
    talk_begin(&t, t##_lines)

#endif
