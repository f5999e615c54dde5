/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "support.h"

/* Hearing */

/* Whether a request that is n bytes long so far is over. */
static bool is_over(const char *request, size_t n, bool head_alone)
{
    const char *end = memmem(request, n, "\r\n\r\n", 4);
    if (end == NULL)
        return false;
    size_t head = (size_t)(end - request) + 4;
    const char *length = strcasestr(request, "\r\nContent-Length:");
    if (head_alone)
        return true;
    if (length != NULL && length < end)
        return n - head >= strtoull(length + 17, NULL, 10);
    if (memmem(request, head, "chunked\r\n", 9) != NULL)
        return n >= head + 5 && memcmp(request + n - 5, "0\r\n\r\n", 5) == 0;
    return true;
}

size_t hear(sock_t *s, char **heard, size_t *size, int head_alone)
{
    size_t from = *size;
    char buf[65536];

    do {
        /* of a head alone not a byte more */
        ssize_t n = sock_recv(s, buf, head_alone ? 1 : sizeof buf, 0);
        if (n <= 0)
            break;
        *heard = realloc(*heard, *size + (size_t)n + 1);
        memcpy(*heard + *size, buf, (size_t)n);
        *size += (size_t)n;
        (*heard)[*size] = '\0';
    } while (!is_over(*heard + from, *size - from, head_alone));
    return *size - from;
}

/* Playing */

static void say(struct peer *p, const struct turn *t)
{
    size_t n = t->size > 0 || t->says == NULL ? t->size : strlen(t->says);
    size_t step = t->flags & PEER_BYTES ? 1 : n;

    for (size_t at = 0; at < n; at += step)
        if (sock_sendall(p->conn, t->says + at, step, 0) < 0)
            break;
}

static void part(struct peer *p, int flags)
{
    const struct linger now = {.l_onoff = 1};
    char byte;

    if (flags & PEER_WAIT)
        while (sock_recv(p->conn, &byte, 1, 0) > 0)
            ;
    if (flags & PEER_RESET)
        sock_setsockopt(p->conn, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    if (flags & (PEER_END | PEER_RESET | PEER_WAIT)) {
        sock_free(p->conn);
        p->conn = NULL;
    }
}

static void *run(void *arg)
{
    struct peer *p = arg;
    for (size_t i = 0; i < p->count; i++) {
        const struct turn *t = &p->turns[i];
        bool heard = false;
        while (!heard) { /* the client may have gone and come again */
            if (p->conn == NULL && (p->conn = sock_accept(p->server, NULL)))
                p->connections++;
            if (p->conn == NULL)
                return NULL;
            heard = t->flags & PEER_DEAF ||
                    hear(p->conn, &p->heard, &p->size, t->flags & PEER_HEAD);
            if (!heard)
                part(p, PEER_END);
        }
        say(p, t);
        part(p, t->flags);
    }
    return NULL;
}

void play(struct peer *p, const struct turn *turns, size_t count)
{
    *p = (struct peer){.turns = turns, .count = count};
    p->server = listener(&p->address);
    p->port = sock_addr_port(&p->address);
    check_ok(sock_settimeout(p->server, 60));
    p->heard = calloc(1, 1);
    check_int(pthread_create(&p->thread, NULL, run, p), 0);
}

void end_of_play(struct peer *p)
{
    if (p->turns != NULL)
        check_int(pthread_join(p->thread, NULL), 0);
    p->turns = NULL;
}

void free_peer(struct peer *p)
{
    end_of_play(p);
    sock_free(p->conn);
    sock_free(p->server);
    free(p->heard);
}
