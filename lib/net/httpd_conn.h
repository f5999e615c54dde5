/* SPDX-License-Identifier: MIT */
/*
 * A connection: what it waits for, and what it does next.
 *
 * A step never waits. Who owns the connection, the loop, a worker or who serves
 * it alone, takes steps until it wants something, and sees to that.
 */
#ifndef SOCK__HTTPD_CONN_H
#define SOCK__HTTPD_CONN_H

#include "httpd_server.h"

enum sock__want {
    SOCK__WANT_STEP,    /* a further step */
    SOCK__WANT_TURN,    /* a further step, once others have had theirs */
    SOCK__WANT_READ,    /* that bytes can be received */
    SOCK__WANT_WRITE,   /* that there is room */
    SOCK__WANT_HANDLER, /* a thread for the handler of its request */
    SOCK__WANT_END      /* nothing any more */
};

enum sock__state {
    SOCK__CONN_READING,  /* a head, or nothing yet */
    SOCK__CONN_WORKING,  /* its request is whole, but for the body */
    SOCK__CONN_WRITING,  /* the answer */
    SOCK__CONN_DRAINING, /* a body that no one has read */
    SOCK__CONN_LINGERING /* until the client has read the answer */
};

struct sock__conn {
    struct sock__link link;  /* in its place */
    struct sock__conn *next; /* in the queue */
    sock_httpd_t *server;
    sock_t *sock;
    enum sock__place place;
    int64_t since; /* ns: when it came there */
    enum sock__state state;
    int events;        /* what the loop waits for; 0: it is not registered */
    bool ready;        /* it may be that bytes can be received */
    atomic_bool ended; /* the client sends no more: what it has sent is followed
                    by the end of the stream, of which no one is told again */
    bool woken;        /* something happened while someone had it */
    bool level;  /* events come as long as they hold, for once where there are
                    workers; else when something has changed */
    bool fresh;  /* what the input has was not looked at */
    bool on_top; /* a protocol on top may keep what was sent */
    bool refused;
    bool quiet; /* who has it has all signals blocked, SIGPIPE among them */
    bool cut;   /* its time is over */
    int requests;
    unsigned stops; /* of the server, when it began */
    size_t scanned; /* of a head */
    int64_t skipped;
    struct sock__input in;
    sock_httpd_request_t *request; /* NULL: none is being answered */
    struct sock__peer *peer;       /* NULL: it counts for none */
    sock_addr_t client;
};

/* A new one, which the server counts, and which owns the socket from then on;
 * NULL for want of memory, not recorded. */
struct sock__conn *sock__conn_new(sock_httpd_t *server, sock_t *s,
                                  const sock_addr_t *client);
/* Closes it. It is in no place any more. */
void sock__conn_end(struct sock__conn *c);
/* Does what can be done without waiting. */
enum sock__want sock__conn_step(struct sock__conn *c);
/* Has the request answered; it may wait. A step follows. */
void sock__conn_handle(struct sock__conn *c);
/* Says that its time is over, if there is anyone to be told. */
enum sock__want sock__conn_expire(struct sock__conn *c);

#endif
