/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_away.h"

#include "httpd_conn.h"
#include "httpd_loan.h"

enum { MOST_EXTRAS = 1024 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* As many as are away, if there is as much to do, and no one who would. */
int sock__away_needs(const sock_httpd_t *server)
{
    const struct sock__workers *w = &server->workers;
    int left = server->queue.count - w->waking - w->starting;

    if (w->waiting > w->waking)
        return 0;
    return least(left, least(w->away, MOST_EXTRAS) - w->extras);
}

static bool has_worker(const sock_httpd_request_t *self)
{
    return self->conn->quiet;
}

void sock__away_begin(const sock_httpd_request_t *self)
{
    sock_httpd_t *server = self->server;

    if (!has_worker(self))
        return;
    pthread_mutex_lock(&server->lock);
    server->workers.away++;
    bool was_loop = sock__loan_drop(server);
    bool needed = sock__away_needs(server) > 0;
    pthread_mutex_unlock(&server->lock);
    if (was_loop)
        pthread_cond_signal(&server->loan.back);
    if (needed) /* by the loop, which starts it */
        sock_selector_wakeup(server->selector);
}

void sock__away_end(const sock_httpd_request_t *self)
{
    sock_httpd_t *server = self->server;

    if (!has_worker(self))
        return;
    pthread_mutex_lock(&server->lock);
    server->workers.away--;
    pthread_mutex_unlock(&server->lock);
}
