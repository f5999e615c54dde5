/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_alone.h"

#include <pysockc/timeout.h>

#include "httpd_conn.h"
#include "httpd_loop.h"
#include "httpd_places.h"
#include "httpd_pool.h"
#include "private.h"

/* Hearing of a shutdown */

/* Whether it is still to be listened for. The token of one that was for others
 * is reset as soon as those are awake, and who comes until then waits for that.
 * What a reset hides is seen behind it. */
static bool begin_listening(sock_httpd_t *server, unsigned stops)
{
    pthread_mutex_lock(&server->lock);
    while (!sock__is_stopped(server, stops) &&
           sock_cancel_fired(server->stopped) == 1)
        if (server->listeners > 0)
            pthread_cond_wait(&server->calm, &server->lock);
        else
            sock_cancel_reset(server->stopped);
    bool stopped = sock__is_stopped(server, stops);
    server->listeners += !stopped;
    pthread_mutex_unlock(&server->lock);
    return !stopped;
}

static void end_listening(sock_httpd_t *server)
{
    pthread_mutex_lock(&server->lock);
    if (--server->listeners == 0)
        pthread_cond_broadcast(&server->calm);
    pthread_mutex_unlock(&server->lock);
}

static int wait_with(sock_t *s, sock_cancel_t *token, double timeout)
{
    if (sock_set_cancel(s, token) < 0)
        return -1;
    int found = sock_wait(s, SOCK_EVENT_READ, timeout);
    return sock_set_cancel(s, NULL) == 0 ? found : -1;
}

int sock__wait_or_stop(sock_httpd_t *server, sock_t *s, unsigned stops,
                       double timeout)
{
    while (begin_listening(server, stops)) {
        int found = wait_with(s, server->stopped, timeout);
        end_listening(server);
        if (found >= 0 || sock_last_error()->kind != SOCK_E_CANCELLED)
            return found;
    }
    return sock__fail_status("wait", SOCK__CANCELLED);
}

/* Serving */

/* A shutdown ends the wait for a request, and that alone. */
static bool wait_idle(struct sock__conn *c, double timeout)
{
    return sock__wait_or_stop(c->server, c->sock, c->stops, timeout) > 0;
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
        return wait_idle(c, timeout);
    return sock_wait(c->sock, reading ? SOCK_EVENT_READ : SOCK_EVENT_WRITE,
                     timeout) > 0;
}

static bool is_stopping(const struct sock__conn *c)
{
    return sock__is_stopped(c->server, c->stops) && sock__conn_is_idle(c);
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
