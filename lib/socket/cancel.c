/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/cancel.h>

#include <errno.h>
#include <stdlib.h>

#include "limit.h"
#include "object.h"
#include "os.h"
#include "record.h"

/* Making */

sock_cancel_t *sock_cancel_new(void)
{
    const char *op = "cancel_new";
    sock_cancel_t *token = malloc(sizeof *token);
    if (token == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    token->fd = sock__os_event_new();
    if (token->fd < 0) {
        sock__fail_status(op, errno);
        sock__free(token);
        return NULL;
    }
    atomic_init(&token->holds, 1);
    atomic_init(&token->fired, false);
    token->process = sock__os_process();
    return token;
}

void sock_cancel_free(sock_cancel_t *token)
{
    if (token != NULL)
        sock__drop_token(token);
}

/* Firing */

/* 0; -1 with the error recorded. */
static int check(const sock_cancel_t *token, const char *op)
{
    if (token == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (!sock__token_is_own(token))
        return sock__fail(op, SOCK_E_OS, EINVAL, 0);
    return 0;
}

/* Makes the descriptor say what the token says. Of several threads and signal
 * handlers that change it, the last one sees the last change. */
static void show(const sock_cancel_t *token)
{
    bool fired;
    do {
        fired = atomic_load(&token->fired);
        if (fired)
            sock__os_event_set(token->fd);
        else
            sock__os_event_clear(token->fd);
    } while (fired != atomic_load(&token->fired));
}

static int change(sock_cancel_t *token, const char *op, bool fired)
{
    if (check(token, op) < 0)
        return -1;
    atomic_store(&token->fired, fired);
    show(token);
    return 0;
}

int sock_cancel_fire(sock_cancel_t *token)
{
    return change(token, "cancel_fire", true);
}

int sock_cancel_reset(sock_cancel_t *token)
{
    return change(token, "cancel_reset", false);
}

int sock_cancel_fired(const sock_cancel_t *token)
{
    if (check(token, "cancel_fired") < 0)
        return -1;
    return atomic_load(&token->fired);
}

sock_fd_t sock_cancel_fileno(const sock_cancel_t *token)
{
    return check(token, "cancel_fileno") < 0 ? -1 : token->fd;
}

/* The token of an object */

static int attach(sock_t *s, int fd, sock_cancel_t *token, const char *op)
{
    struct sock__limits *l = sock__limits_of(s, op);
    if (l == NULL || sock__attach(l, token, op) < 0)
        return -1;
    if (sock__limits_apply(s, fd) < 0)
        return sock__fail_status(op, errno);
    return 0;
}

int sock__cancel_as(sock_t *s, const sock_t *other)
{
    sock_cancel_t *token = sock__hold_token(other);
    if (token == NULL)
        return 0;
    int result = sock_set_cancel(s, token);
    sock__drop_token(token);
    return result;
}

int sock_set_cancel(sock_t *s, sock_cancel_t *token)
{
    const char *op = "set_cancel";
    int fd = sock__enter(s, op);
    if (fd < 0)
        return -1;
    int result = token != NULL ? check(token, op) : 0;
    if (result == 0)
        result = attach(s, fd, token, op);
    sock__leave(s);
    return result;
}
