/* SPDX-License-Identifier: MIT */
/* A session of no protocol in particular, over one end of a pair. */
#ifndef SESSIONS_H
#define SESSIONS_H

#include <string.h>
#include <sys/socket.h>

#include <pysockc/pysockc.h>

#include "session.h"
#include "support.h"

static const struct sock__protocol each_line = {7, 100, 60, SOCK__EACH_LINE};
static const struct sock__protocol outer_lines = {7, 100, 60,
                                                  SOCK__OUTER_LINES};
static const struct sock__protocol one_line = {7, 100, 60, SOCK__ONE_LINE};

/* The session has p->a, which is NULL then. */
static inline void session_over(struct sock_session *c, struct pair *p,
                                const struct sock__protocol *protocol)
{
    const sock_session_opts_t options = {.size = sizeof options, .timeout = 10};

    *c = (struct sock_session){0};
    *p = unix_pair(SOCK_STREAM);
    check_ok(sock__session_begin(c, "test", protocol, &options));
    check_ok(sock__session_adopt(c, "test", p->a));
    p->a = NULL;
}

static inline void end_session(struct sock_session *c, struct pair *p)
{
    sock__session_end(c);
    sock_free(p->b);
}

static inline void says(struct pair *p, const char *text)
{
    check_ok(sock_sendall(p->b, text, strlen(text), 0));
}

/* All that has come to the other end. Static; leaves the record alone. */
static inline const char *heard(struct pair *p)
{
    static char text[4096];
    struct sock__saved saved;

    sock__error_save(&saved);
    ssize_t n = sock_recv(p->b, text, sizeof text - 1, MSG_DONTWAIT);
    sock__error_restore(&saved);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static inline bool is_closed(const struct sock_session *c)
{
    return c->wire.sock == NULL;
}

#endif
