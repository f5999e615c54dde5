/* SPDX-License-Identifier: MIT */
/* Where the connections of a server are, and a file that keeps one waiting. */
#ifndef PLACES_H
#define PLACES_H

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "httpd_places.h"
#include "httpd_request.h"
#include "server.h"

/* When the first in a place came there; 0: none is there. */
static inline int64_t there_since(const struct server *s,
                                  enum sock__place place)
{
    pthread_mutex_lock(&s->httpd->lock);
    const struct sock__conn *c = sock__place_first(s->httpd, place);
    int64_t since = c != NULL ? c->since : 0;
    pthread_mutex_unlock(&s->httpd->lock);
    return since;
}

static inline void wait_for_someone(const struct server *s,
                                    enum sock__place place)
{
    for (int i = 0; there_since(s, place) == 0; i++) {
        check(i < 1000);
        poll(NULL, 0, 10);
    }
}

static inline int connections_of(const struct server *s)
{
    pthread_mutex_lock(&s->httpd->lock);
    int n = s->httpd->connections;
    pthread_mutex_unlock(&s->httpd->lock);
    return n;
}

static inline void wait_for_no_one(const struct server *s)
{
    for (int i = 0; connections_of(s) != 0; i++) {
        check(i < 1000);
        poll(NULL, 0, 10);
    }
}

/* The system has the whole answer, and the server waits for the client, or no
 * longer has it. Where the system has no room for that, not for ever. */
static inline void wait_until_answered(const struct server *s)
{
    for (int i = 0; i < 1000 && connections_of(s) != 0 &&
                    there_since(s, SOCK__PLACE_LINGER) == 0;
         i++)
        poll(NULL, 0, 10);
}

/* Answers with a file of so many zeros. */
static inline void answer_zeros(sock_httpd_request_t *self, int64_t size)
{
    FILE *f = tmpfile();
    char length[24];

    check_ok(ftruncate(fileno(f), (off_t)size));
    snprintf(length, sizeof length, "%lld", (long long)size);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Length", length);
    sock_httpd_end_headers(self);
    sock__httpd_file(self, dup(fileno(f)), 0, size);
    fclose(f);
}

#endif
