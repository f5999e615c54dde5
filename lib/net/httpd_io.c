/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_io.h"

#include <errno.h>
#include <sys/socket.h>

#include <pysockc/io.h>
#include <pysockc/timeout.h>

#include "private.h"

bool sock__httpd_would_block(void)
{
    const sock_error_t *e = sock_last_error();
    return e->kind == SOCK_E_OS &&
           (e->code == EAGAIN || e->code == EWOULDBLOCK);
}

/* Says what was being done when something inside it failed; -1. */
static int failed(const char *op)
{
    return sock__fail_status(op, SOCK__RECORDED);
}

/* What a call leaves alone that succeeds, though tries within it failed. */
struct tries {
    struct sock__saved saved;
    bool failed;
};

static void begin(struct tries *t)
{
    sock__error_save(&t->saved);
    t->failed = false;
}

static void succeed(const struct tries *t)
{
    if (t->failed)
        sock__error_restore(&t->saved);
}

/* 0; -1 with the error recorded. */
static int wait_for(sock_t *s, int event, double timeout)
{
    int found = sock_wait(s, event, timeout);
    return found == 0 ? sock__fail_status("", SOCK__TIMED_OUT) : found;
}

static int wait_until(sock_t *s, int64_t until)
{
    int64_t left = until - sock__os_now();
    return wait_for(s, SOCK_EVENT_READ, left > 0 ? (double)left / 1e9 : 0);
}

ssize_t sock__httpd_recv(const char *op, sock_t *s, void *buf, size_t size,
                         int64_t until)
{
    struct tries t;
    ssize_t n;

    begin(&t);
    while ((n = sock_recv(s, buf, size, 0)) < 0) {
        t.failed = true;
        if (!sock__httpd_would_block() || wait_until(s, until) < 0)
            return failed(op);
    }
    succeed(&t);
    return n;
}

int sock__httpd_send(const char *op, sock_t *s, const void *data, size_t len,
                     int flags, double timeout)
{
    const char *at = data;
    struct tries t;

    begin(&t);
    while (len > 0) {
        ssize_t n = sock_send(s, at, len, flags);
        if (n >= 0) {
            at += n;
            len -= (size_t)n;
            continue;
        }
        t.failed = true;
        if (!sock__httpd_would_block() ||
            wait_for(s, SOCK_EVENT_WRITE, timeout) < 0)
            return failed(op);
    }
    succeed(&t);
    return 0;
}
