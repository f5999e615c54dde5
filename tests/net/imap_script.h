/* SPDX-License-Identifier: MIT */
/* A server of IMAP that says what a test tells it to, a turn for each line that
 * it hears, and keeps those. */
#ifndef IMAP_SCRIPT_H
#define IMAP_SCRIPT_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <pysockc/imap.h>

#include "support.h"

#define IMAP_CAPABILITIES                                                      \
    "IMAP4rev1 LITERAL+ SASL-IR IDLE MOVE UIDPLUS ENABLE AUTH=PLAIN"
#define IMAP_HELLO "* OK [CAPABILITY " IMAP_CAPABILITIES "] hello\r\n"
/* Of one who is known from the start. */
#define IMAP_KNOWN "* PREAUTH [CAPABILITY " IMAP_CAPABILITIES "] hello\r\n"
#define IMAP_OK "$ OK done\r\n"

enum { IMAP_HEARD = 1 << 20 };

/*
 * The first turn is what it begins with; NULL ends them. In one $ is the tag of
 * the last line that had one. A turn that begins with "!" is the last thing
 * that is said: the connection is closed behind it. With `bytes` each byte goes
 * alone.
 */
struct imap_script {
    sock_t *peer;
    pthread_t thread;
    const char *turns[32];
    const char *bytes;
    size_t size; /* of bytes that are said in place of turns */
    bool singly;
    char tag[32];
    size_t used;
    char *heard; /* with $ for tags, and LF for CRLF */
};

static struct imap_script imap_script;

static inline bool imap_say(struct imap_script *v, const char *text, size_t n)
{
    size_t step = v->singly ? 1 : n;
    for (size_t i = 0; i < n; i += step)
        if (sock_sendall(v->peer, text + i, step, 0) < 0)
            return false;
    return true;
}

static inline bool imap_say_turn(struct imap_script *v, const char *turn)
{
    char *text = malloc(strlen(turn) * 2 + 64), *to = text;

    for (const char *at = turn + (*turn == '!'); *at != '\0'; at++)
        if (*at == '$')
            to += sprintf(to, "%s", v->tag);
        else
            *to++ = *at;
    bool said = imap_say(v, text, (size_t)(to - text));
    free(text);
    return said && *turn != '!';
}

/* A line; false at the end of the stream. */
static inline bool imap_hear(struct imap_script *v)
{
    size_t from = v->used, n = 0;
    char *line = v->heard + from, tag[8];
    int digits = 0;

    do {
        if (sock_recv(v->peer, line + n, 1, 0) <= 0)
            return false;
        n++;
    } while (line[n - 1] != '\n' && from + n < IMAP_HEARD - 2);
    if (n >= 2 && line[n - 2] == '\r')
        line[n-- - 2] = '\n';
    line[n] = '\0';
    if (sscanf(line, "%4[A-P]%*[0-9]%n", tag, &digits) == 1 && digits > 4 &&
        line[digits] == ' ') {
        snprintf(v->tag, sizeof v->tag, "%.*s", digits, line);
        line[0] = '$';
        memmove(line + 1, line + digits, n - (size_t)digits + 1);
        n -= (size_t)digits - 1;
    }
    v->used += n;
    return true;
}

static inline void *imap_play(void *arg)
{
    struct imap_script *v = arg;

    if (v->bytes != NULL) {
        imap_say(v, v->bytes, v->size);
        sock_shutdown(v->peer, SHUT_WR);
    } else {
        bool goes_on = true;
        for (size_t i = 0; goes_on && v->turns[i] != NULL; i++)
            goes_on = imap_say_turn(v, v->turns[i]) && imap_hear(v);
        if (!goes_on)
            sock_shutdown(v->peer, SHUT_RDWR);
    }
    while (imap_hear(v))
        continue;
    return NULL;
}

static inline sock_t *imap_start(void)
{
    struct pair p = unix_pair(SOCK_STREAM);

    imap_script.heard = calloc(1, IMAP_HEARD);
    check(imap_script.heard != NULL);
    imap_script.used = 0;
    imap_script.tag[0] = '\0';
    imap_script.peer = p.b;
    check_ok(sock_settimeout(p.b, 20));
    check_int(
        pthread_create(&imap_script.thread, NULL, imap_play, &imap_script), 0);
    return p.a;
}

static inline sock_session_opts_t imap_opts(void)
{
    return (sock_session_opts_t){.size = sizeof(sock_session_opts_t),
                                 .timeout = 10};
}

/* A client of a socket; NULL if there is none, and that has ended. */
static inline sock_imap_t *imap_over(sock_t *s)
{
    sock_session_opts_t opts = imap_opts();
    sock_imap_t *m = sock_imap_adopt(s, &opts);

    if (m == NULL)
        sock_free(s);
    return m;
}

/* A client of a server with these turns; NULL if there is none. */
static inline sock_imap_t *imap_try(const char *const *turns)
{
    size_t n = 0;

    imap_script.bytes = NULL;
    do
        imap_script.turns[n] = turns[n];
    while (turns[n++] != NULL);
    return imap_over(imap_start());
}

/* Of one that says these bytes, whatever it hears, and ends. */
static inline sock_imap_t *imap_try_bytes(const char *bytes, size_t n)
{
    imap_script.bytes = bytes;
    imap_script.size = n;
    return imap_over(imap_start());
}

#define IMAP_MADE(...)                                                         \
    check_made(imap_try((const char *const[]){__VA_ARGS__, NULL}))

/* What it has heard; the client is ended before. Static. */
static inline const char *imap_end(sock_imap_t *m)
{
    static char heard[IMAP_HEARD];

    sock_imap_free(m);
    pthread_join(imap_script.thread, NULL);
    sock_free(imap_script.peer);
    memcpy(heard, imap_script.heard, imap_script.used + 1);
    free(imap_script.heard);
    imap_script.heard = NULL;
    return heard;
}

/* It was told this. */
#define imap_told(m, text) check_str(imap_end(m), text)

#endif
