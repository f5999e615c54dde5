/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <pysockc/connect.h>
#include <pysockc/timeout.h>

#include "httpd_conn.h"
#include "httpd_io.h"
#include "httpd_loan.h"
#include "httpd_peers.h"
#include "httpd_places.h"
#include "httpd_pool.h"
#include "private.h"

enum {
    AT_ONCE = 64,   /* connections that are taken before others have a turn */
    SHED_MAX = 1024 /* that are given up where there is no descriptor */
};

static const int64_t REST = 100000000; /* ns without accepting, if in vain */
/* ns of a turn in which a worker that is the loop answers; what is left is for
 * the other workers. */
static const int64_t ANSWERING = 250000;

/* Taking connections */

int sock__loop_prepare(sock_httpd_t *server, sock_t *s)
{
    const struct sock__tls_ops *tls =
        server->tls != NULL ? server->tls->ops : NULL;

    if (sock_setblocking(s, 0) < 0)
        return -1;
    if (tls == NULL || tls->is_secure(s))
        return 0;
    return tls->serve(server->tls, s);
}

void sock__loop_plain_address(sock_addr_t *address)
{
    struct sockaddr_in plain = {.sin_family = AF_INET};
    const struct sockaddr_in6 *in6 = &address->u.in6;

    if (sock_addr_family(address) != AF_INET6 ||
        !IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
        return;
    memcpy(&plain.sin_addr, in6->sin6_addr.s6_addr + 12, 4);
    plain.sin_port = in6->sin6_port;
    *address = sock_addr_from((const struct sockaddr *)&plain, sizeof plain);
}

/* Whether the address may have a further one; it is counted then. */
static bool admit(struct sock__conn *c)
{
    sock_httpd_t *server = c->server;

    pthread_mutex_lock(&server->lock);
    c->peer = sock__peers_enter(&server->peers, &c->client,
                                server->limits.per_address);
    if (c->peer != NULL)
        server->connections++;
    pthread_mutex_unlock(&server->lock);
    return c->peer != NULL;
}

static void begin(sock_httpd_t *server, sock_t *s, sock_addr_t *client)
{
    struct sock__conn *c = NULL;

    sock__loop_plain_address(client);
    if (sock__loop_prepare(server, s) == 0)
        c = sock__conn_new(server, s, client);
    if (c == NULL) {
        sock_free(s);
        return;
    }
    c->place = SOCK__PLACE_BUSY;
    c->on_top = c->level = server->tls != NULL;
    if (admit(c))
        sock__settle(c, SOCK__WANT_READ);
    else
        sock__conn_end(c);
}

/* The descriptor that is kept for this is given up, and what it lets in is
 * closed at once, so that no one waits in vain and the loop does not spin. */
static void shed(sock_httpd_t *server)
{
    sock_t *s = NULL;
    int n = 0;

    sock_freep(&server->reserve);
    while (n < SHED_MAX && (s = sock_accept(server->listener, NULL)) != NULL) {
        sock_free(s);
        n++;
    }
    if (n < SHED_MAX && !sock__httpd_would_block())
        server->rest = sock__os_now() + REST;
    server->reserve = sock_new(AF_INET, SOCK_STREAM, 0);
    if (server->reserve == NULL)
        server->rest = sock__os_now() + REST;
}

/* What could not be taken will be later. */
static void not_taken(sock_httpd_t *server)
{
    const sock_error_t *e = sock_last_error();

    if (sock__httpd_would_block())
        return;
    if (e->kind == SOCK_E_OS && (e->code == EMFILE || e->code == ENFILE))
        shed(server);
    else
        server->rest = sock__os_now() + REST;
}

/* Whether a further one can be taken: the one that has done nothing for the
 * longest time could make room. */
static bool can_take(sock_httpd_t *server)
{
    pthread_mutex_lock(&server->lock);
    bool can = server->connections < server->limits.connections ||
               sock__place_first(server, SOCK__PLACE_IDLE) != NULL;
    pthread_mutex_unlock(&server->lock);
    return can;
}

/* Ends that one, if there is one too many. */
static void make_room(sock_httpd_t *server)
{
    struct sock__conn *idle = NULL;

    pthread_mutex_lock(&server->lock);
    if (server->connections > server->limits.connections)
        idle = sock__place_first(server, SOCK__PLACE_IDLE);
    pthread_mutex_unlock(&server->lock);
    if (idle != NULL)
        sock__settle(idle, SOCK__WANT_END);
}

static void take_connections(sock_httpd_t *server)
{
    for (int i = 0; i < AT_ONCE && can_take(server); i++) {
        sock_addr_t client;
        sock_t *s = sock_accept(server->listener, &client);
        if (s == NULL) {
            not_taken(server);
            return;
        }
        begin(server, s, &client);
        make_room(server);
    }
}

/* Listens as long as connections can be taken: 0; -1 with the error recorded.
 */
static int see_to_listener(sock_httpd_t *server, int64_t now)
{
    bool wanted = !atomic_load(&server->stopping) && server->rest <= now &&
                  can_take(server);

    if (wanted == server->listening)
        return 0;
    int result =
        wanted ? sock_selector_register(server->selector, server->listener,
                                        SOCK_EVENT_READ, NULL)
               : sock_selector_unregister(server->selector, server->listener);
    if (result == 0)
        server->listening = wanted;
    return result;
}

/* Time */

/* Those who have been in a place for too long. */
static void expire(sock_httpd_t *server, enum sock__place place, int64_t now)
{
    int64_t limit = sock__place_limit(server, place);

    for (;;) {
        pthread_mutex_lock(&server->lock);
        struct sock__conn *c = sock__place_first(server, place);
        bool over = c != NULL && c->since + limit <= now;
        pthread_mutex_unlock(&server->lock);
        if (!over)
            return;
        sock__settle(c, sock__conn_expire(c));
    }
}

static void expire_all(sock_httpd_t *server, int64_t now)
{
    for (int place = 0; place < SOCK__PLACE_BUSY; place++)
        expire(server, (enum sock__place)place, now);
}

static void sooner(int64_t *then, int64_t other)
{
    if (other < *then)
        *then = other;
}

/* When something is to be done though nothing happens. What workers put back
 * meanwhile has its time from then on. */
static int64_t next_time(sock_httpd_t *server, int64_t now)
{
    int64_t then = INT64_MAX;

    pthread_mutex_lock(&server->lock);
    for (int i = 0; i < SOCK__PLACE_BUSY; i++) {
        enum sock__place place = (enum sock__place)i;
        const struct sock__conn *first = sock__place_first(server, place);
        int64_t limit = sock__place_limit(server, place);
        if (first != NULL)
            sooner(&then, first->since + limit);
        else if (server->limits.threads > 0 && server->connections > 0)
            sooner(&then, now + limit);
    }
    sooner(&then, server->turns.first != NULL ? now : INT64_MAX);
    sooner(&then, sock__workers_time(server));
    pthread_mutex_unlock(&server->lock);
    if (server->rest > now)
        sooner(&then, server->rest);
    if (atomic_load(&server->stopping))
        sooner(&then, atomic_load(&server->cut));
    return then;
}

/* What happens */

/* Whether it waits for room and has something to read instead: that has to
 * wait, as a step would move nothing, and have it begin to wait anew. */
static bool is_too_early(const struct sock__conn *c, int mask)
{
    const int reading = SOCK_EVENT_READ | SOCK_EVENT_RDHUP;

    return c->place == SOCK__PLACE_WRITE && !c->level && (mask & ~reading) == 0;
}

/* Whether the loop is to take a step; else whoever has it is told. */
static bool is_ours(struct sock__conn *c, int mask)
{
    sock_httpd_t *server = c->server;

    pthread_mutex_lock(&server->lock);
    bool ours = c->place != SOCK__PLACE_BUSY;
    c->woken = !ours;
    if (ours) {
        c->ready = true;
        c->quiet = server->lent;
    }
    if ((mask & (SOCK_EVENT_RDHUP | SOCK_EVENT_HANGUP)) != 0)
        atomic_store(&c->ended, true);
    ours = ours && !is_too_early(c, mask);
    pthread_mutex_unlock(&server->lock);
    return ours;
}

/* The head may have been read by the lender. The loop alone changes `lent`. */
static void begin_answer(struct sock__conn *c, int64_t now)
{
    sock_httpd_t *server = c->server;

    c->quiet = server->lent;
    pthread_mutex_lock(&server->lock);
    sock__place(c, SOCK__PLACE_BUSY, now);
    bool woken = sock__loan_enter(server);
    pthread_mutex_unlock(&server->lock);
    if (woken)
        pthread_cond_signal(&server->loan.back);
}

/* Has a request answered by the loop itself: whether it still is the loop. */
static bool answer_here(struct sock__conn *c, int64_t now)
{
    sock_httpd_t *server = c->server;

    begin_answer(c, now);
    sock__conn_handle(c);
    sock__settle(c, sock__conn_step(c));
    return server->limits.threads < 0 || sock__loan_leave(server);
}

/* The time, if the loop is to answer requests now; else 0. */
static int64_t answering(const sock_httpd_t *server)
{
    int64_t now;

    if (server->answers_until == 0)
        return 0;
    now = sock__os_now();
    return now < server->answers_until ? now : 0;
}

/* A request that the loop answers is answered before the next one is read: so
 * the memory for both is the same, and still in the processor's caches. */
static bool see_to(struct sock__conn *c)
{
    enum sock__want want = sock__conn_step(c);
    int64_t now = want == SOCK__WANT_HANDLER ? answering(c->server) : 0;

    if (now != 0)
        return answer_here(c, now);
    sock__settle(c, want);
    return true;
}

/* Whether who asks still is the loop. */
static bool happened(sock_httpd_t *server, const sock_key_t *key)
{
    struct sock__conn *c = key->data;

    if (c == NULL)
        take_connections(server);
    else if (is_ours(c, key->mask))
        return see_to(c);
    return true;
}

/* Those who have more to do. */
static void go_on(sock_httpd_t *server)
{
    struct sock__conn *c, *next;

    for (c = sock__queue_take(server, &server->turns); c != NULL; c = next) {
        next = c->next;
        c->quiet = server->lent;
        sock__settle(c, sock__conn_step(c));
    }
}

/* Where there are no workers those who are in the queue by now have their turn;
 * what they have to ask then waits for another. */
static void answer_all(sock_httpd_t *server)
{
    struct sock__conn *c, *next;

    for (c = sock__queue_take(server, &server->queue); c != NULL; c = next) {
        next = c->next;
        answer_here(c, c->since);
    }
}

/* A worker that is the loop takes what it can; whether it still is. */
static bool answer_some(sock_httpd_t *server)
{
    struct sock__conn *c;
    int64_t now;

    while ((now = answering(server)) != 0 &&
           (c = sock__queue_first(server, &server->queue)) != NULL)
        if (!answer_here(c, now))
            return false;
    return true;
}

/* What becomes of the loop. */
enum turn { TURN_DONE, TURN_LOST, TURN_LENT, TURN_FAILED };

/* Has requests answered. */
static enum turn answer(sock_httpd_t *server)
{
    if (server->limits.threads < 0)
        answer_all(server);
    else if (server->lent && !answer_some(server))
        return TURN_LOST;
    else if (sock__workers_wake(server))
        return TURN_LENT;
    return TURN_DONE;
}

static int64_t answers_until(const sock_httpd_t *server)
{
    if (server->limits.threads < 0)
        return INT64_MAX;
    return server->lent ? sock__os_now() + ANSWERING : 0;
}

/* Sees to what was found. */
static bool see_to_found(sock_httpd_t *server)
{
    sock_key_t key;

    server->answers_until = answers_until(server);
    while (sock_selector_next(server->selector, &key) == 1)
        if (!happened(server, &key))
            return false;
    return true;
}

/* Waits, and sees to all that has happened; a failure is recorded. */
static enum turn turn(sock_httpd_t *server, bool lent)
{
    server->lent = lent;
    int64_t now = sock__os_now(), then = next_time(server, now);
    double timeout = SOCK_NO_TIMEOUT;

    if (then != INT64_MAX)
        timeout = then > now ? (double)(then - now) / 1e9 : 0;
    if (sock_selector_select(server->selector, timeout) < 0)
        return TURN_FAILED;
    if (!see_to_found(server))
        return TURN_LOST;
    go_on(server);
    sock__httpd_reap(server);
    now = sock__os_now();
    expire_all(server, now);
    if (see_to_listener(server, now) < 0)
        return TURN_FAILED;
    return answer(server);
}

/* A worker is the loop. Whatever ends that is seen to by who has lent it. */
static void lead(sock_httpd_t *server)
{
    while (!atomic_load(&server->stopping) && turn(server, true) == TURN_DONE)
        ;
    sock__loan_return(server);
}

/* Stopping */

static bool is_over(sock_httpd_t *server)
{
    if (!atomic_load(&server->stopping))
        return false;
    pthread_mutex_lock(&server->lock);
    bool empty = server->connections == 0;
    pthread_mutex_unlock(&server->lock);
    return empty || atomic_load(&server->cut) <= sock__os_now();
}

static struct sock__conn *conn_of(struct sock__link *link)
{
    return (struct sock__conn *)(void *)link;
}

/* Those on which nothing has begun end at once. No one but the loop takes any
 * out of such a place. */
static void end_idle(sock_httpd_t *server, enum sock__place place)
{
    struct sock__link *head = &server->places[place], *at;

    pthread_mutex_lock(&server->lock);
    at = head->next;
    while (at != head) {
        struct sock__link *next = at->next;
        pthread_mutex_unlock(&server->lock);
        if (sock__conn_is_idle(conn_of(at)))
            sock__settle(conn_of(at), SOCK__WANT_END);
        at = next;
        pthread_mutex_lock(&server->lock);
    }
    pthread_mutex_unlock(&server->lock);
}

/* 0; -1 with the error recorded. */
static int take_turn(sock_httpd_t *server)
{
    switch (turn(server, false)) {
    case TURN_FAILED:
        return -1;
    case TURN_LENT:
        sock__loan_await(server);
        server->lent = false;
        see_to_found(server); /* what the worker has left */
        break;
    case TURN_DONE:
    case TURN_LOST:
        break;
    }
    return 0;
}

int sock__loop_run(sock_httpd_t *server)
{
    bool told = false;
    int result = see_to_listener(server, sock__os_now());

    server->workers.lead = lead;
    while (result == 0) {
        if (atomic_load(&server->stopping) && !told) {
            told = true;
            result = see_to_listener(server, sock__os_now());
            end_idle(server, SOCK__PLACE_IDLE);
            end_idle(server, SOCK__PLACE_HEAD);
        }
        if (is_over(server))
            break;
        result = take_turn(server);
    }
    return result;
}

/* Those that someone has find their connections shut down. */
static void shut_busy(sock_httpd_t *server)
{
    struct sock__link *head = &server->places[SOCK__PLACE_BUSY];

    pthread_mutex_lock(&server->lock);
    server->looping = false;
    for (struct sock__link *at = head->next; at != head; at = at->next)
        sock_shutdown(conn_of(at)->sock, SHUT_RDWR);
    pthread_mutex_unlock(&server->lock);
}

static struct sock__conn *first_waiting(sock_httpd_t *server)
{
    struct sock__conn *c = NULL;

    pthread_mutex_lock(&server->lock);
    for (int place = 0; place < SOCK__PLACE_BUSY && c == NULL; place++)
        c = sock__place_first(server, (enum sock__place)place);
    pthread_mutex_unlock(&server->lock);
    return c;
}

static void end_all(struct sock__conn *c)
{
    while (c != NULL) {
        struct sock__conn *next = c->next;
        sock__settle(c, SOCK__WANT_END);
        c = next;
    }
}

void sock__loop_cut(sock_httpd_t *server)
{
    struct sock__conn *c;

    shut_busy(server);
    while ((c = first_waiting(server)) != NULL)
        sock__settle(c, SOCK__WANT_END);
    end_all(sock__queue_take(server, &server->turns));
    sock__httpd_reap(server);
    if (server->workers.count == 0)
        end_all(sock__queue_take(server, &server->queue));
}
