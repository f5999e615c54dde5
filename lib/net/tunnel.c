/* SPDX-License-Identifier: MIT */
/* Through a proxy, by CONNECT (RFC 9110 9.3.6). */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>

#include <pysockc/io.h>

#include "connection.h"

static int refused(const sock_http_t *c, const char *op)
{
    char words[SOCK_ERROR_WORDS_MAX];
    snprintf(words, sizeof words, "Tunnel connection failed: %d %s",
             c->start.status, c->start.reason);
    return sock__fail_saying(op, SOCK_E_REPLY, c->start.status, words);
}

/* The peer at the other end has not been spoken to yet, so nothing may have
 * come from it. */
static int end_head(sock_http_t *c, const char *op)
{
    c->wire.at += c->head;
    if (c->wire.at == c->wire.end)
        return 0;
    return sock__fail_saying(op, SOCK_E_PROTOCOL, SOCK_P_ORDER,
                             "the proxy sent more than its answer");
}

int sock__tunnel_open(sock_http_t *c, const char *op)
{
    const char *text = c->tunnel.request;
    if (sock_sendall(c->wire.sock, text, strlen(text), 0) < 0)
        return sock__fail_status(op, SOCK__RECORDED);
    if (sock__response_head(c, op, false) < 0)
        return -1;
    if (c->start.status > 299)
        return refused(c, op);
    return end_head(c, op);
}
