/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_io.h"

#include <errno.h>
#include <sys/socket.h>

#include <pysockc/io.h>
#include <pysockc/timeout.h>

#include "httpd_away.h"
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
static int wait_for(sock_httpd_request_t *self, int event, double timeout)
{
    sock__away_begin(self);
    int found = sock_wait(self->sock, event, timeout);
    sock__away_end(self);
    return found == 0 ? sock__fail_status("", SOCK__TIMED_OUT) : found;
}

static int wait_until(sock_httpd_request_t *self, int64_t until)
{
    int64_t left = until - sock__os_now();
    return wait_for(self, SOCK_EVENT_READ, left > 0 ? (double)left / 1e9 : 0);
}

ssize_t sock__httpd_recv(const char *op, sock_httpd_request_t *self, void *buf,
                         size_t size, int64_t until)
{
    struct tries t;
    ssize_t n;

    begin(&t);
    while ((n = sock_recv(self->sock, buf, size, 0)) < 0) {
        t.failed = true;
        if (!sock__httpd_would_block() || wait_until(self, until) < 0)
            return failed(op);
    }
    succeed(&t);
    return n;
}

int sock__httpd_send(const char *op, sock_httpd_request_t *self,
                     const void *data, size_t len, int flags, double timeout)
{
    const char *at = data;
    struct tries t;

    begin(&t);
    while (len > 0) {
        ssize_t n = sock_send(self->sock, at, len, flags);
        if (n >= 0) {
            at += n;
            len -= (size_t)n;
            continue;
        }
        t.failed = true;
        if (!sock__httpd_would_block() ||
            wait_for(self, SOCK_EVENT_WRITE, timeout) < 0)
            return failed(op);
    }
    succeed(&t);
    return 0;
}
