/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_alone.h"

#include <pysockc/timeout.h>

#include "httpd_conn.h"
#include "httpd_loop.h"
#include "httpd_places.h"
#include "httpd_pool.h"
#include "private.h"

/* A shutdown ends the wait for a request, and that alone. */
static int wait_idle(struct sock__conn *c, double timeout)
{
    if (sock_set_cancel(c->sock, c->server->stopped) < 0)
        return -1;
    int result = sock_wait(c->sock, SOCK_EVENT_READ, timeout);
    if (sock_set_cancel(c->sock, NULL) < 0)
        return -1;
    return result;
}

/* Waits as long as it may in the place that it is in: whether there is what it
 * waits for. */
static bool wait_for(struct sock__conn *c, enum sock__want want)
{
    enum sock__place place = sock__place_for(c, want);
    bool reading = want == SOCK__WANT_READ;
    int64_t now = sock__os_now();

    if (place != c->place || place == SOCK__PLACE_WRITE) {
        c->place = place;
        c->since = now;
    }
    int64_t left = c->since + sock__place_limit(c->server, place) - now;
    double timeout = left > 0 ? (double)left / 1e9 : 0;
    if (sock__conn_is_idle(c))
        return wait_idle(c, timeout) > 0;
    return sock_wait(c->sock, reading ? SOCK_EVENT_READ : SOCK_EVENT_WRITE,
                     timeout) > 0;
}

static bool is_stopping(const struct sock__conn *c)
{
    return atomic_load(&c->server->stopping) && sock__conn_is_idle(c);
}

static void serve(struct sock__conn *c)
{
    enum sock__want want = SOCK__WANT_STEP;

    while (want != SOCK__WANT_END && !is_stopping(c)) {
        want = sock__conn_step(c);
        if (want == SOCK__WANT_HANDLER) {
            c->place = SOCK__PLACE_BUSY;
            sock__conn_handle(c);
        } else if ((want == SOCK__WANT_READ || want == SOCK__WANT_WRITE) &&
                   !wait_for(c, want)) {
            want = sock__conn_expire(c);
        }
        c->ready = true;
    }
}

int sock__serve_alone(const char *op, sock_httpd_t *server, sock_t *s,
                      const sock_addr_t *client)
{
    struct sock__saved saved;
    struct sock__conn *c = NULL;

    sock__error_save(&saved);
    if (sock__loop_prepare(server, s) == 0)
        c = sock__conn_new(server, s, client);
    if (c == NULL) {
        sock_free(s);
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    }
    sock__loop_plain_address(&c->client);
    c->place = SOCK__PLACE_BUSY;
    c->on_top = true;
    c->ready = true;
    serve(c);
    sock__conn_end(c);
    sock__error_restore(&saved);
    return 0;
}
