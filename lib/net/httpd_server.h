/* SPDX-License-Identifier: MIT */
/*
 * A server: what it has, and where its connections are.
 *
 * One thread, the loop, owns each connection that waits: for a head, for room,
 * for its end. A complete head goes to the queue, from which workers take it;
 * or the loop answers it itself, where there are none, or where the loop is one
 * (httpd_loan.h). Who has taken a connection owns it
 * until it is put back. The lock is of the places, the queue, the spares and
 * the counts; no one waits with it.
 */
#ifndef SOCK__HTTPD_SERVER_H
#define SOCK__HTTPD_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <pysockc/cancel.h>
#include <pysockc/httpd.h>
#include <pysockc/select.h>

#include "httpd_request.h"

/* In a list that has a head of its own. */
struct sock__link {
    struct sock__link *prev, *next;
};

/* Where a connection is. Each place but the last has one time limit, so those
 * who came first are the first to reach it. */
enum sock__place {
    SOCK__PLACE_IDLE,   /* between requests */
    SOCK__PLACE_HEAD,   /* part of a head, or nothing ever, is there */
    SOCK__PLACE_DRAIN,  /* a body that no one has read is still to come */
    SOCK__PLACE_WRITE,  /* part of an answer waits for room */
    SOCK__PLACE_LINGER, /* the answer is out, and is to be read */
    SOCK__PLACE_BUSY,   /* someone has it */
    SOCK__PLACES
};

/* A method or a prefix, and whose it is. */
struct sock__route {
    char *name;
    size_t len;
    sock_httpd_fn fn;
    void *arg;
};
struct sock__routes {
    struct sock__route *list;
    size_t count;
};

/* How many connections an address has. */
struct sock__peer {
    struct sock__peer *next;
    unsigned char ip[16];
    int count;
};
struct sock__peers {
    struct sock__peer **table;
    uint64_t size;      /* a power of 2 */
    uint64_t secret[2]; /* so that no one can choose where it comes to stand */
};

/* Memory that is kept for the next one who needs it. */
struct sock__spare {
    struct sock__spare *next;
};
struct sock__spares {
    struct sock__spare *first;
    int count;
};

/* A worker that stands in for one that waits for a client, until there is
 * nothing to do. */
struct sock__extra {
    struct sock__extra *next;
    sock_httpd_t *server;
    pthread_t thread;
    bool over;
};

struct sock__workers {
    pthread_t *threads;
    void (*lead)(sock_httpd_t *server); /* is the loop, as long as it is lent */
    int count;    /* that run as long as there is a server */
    int waiting;  /* of these, those that have nothing to do */
    int waking;   /* of these, those that were told that there is something */
    int away;     /* of all, those that wait for a client */
    int extras;   /* that stand in */
    int starting; /* of these, those that have taken nothing yet */
    int over;     /* that stood in, and are to be joined */
    struct sock__extra *all; /* the loop's */
    bool ending;
    pthread_cond_t work;
};

/* The loop, lent to a worker (httpd_loan.h). */
struct sock__loan {
    bool lent;
    bool taken; /* by this worker */
    pthread_t worker;
    bool answering;   /* it is in a handler */
    unsigned answers; /* handlers that it has called */
    bool asleep;      /* the lender does not look */
    int64_t since;    /* ns: when it was lent */
    int64_t pause;    /* ns between the last two loans */
    int64_t not_before;
    pthread_cond_t back;
};

struct sock__conn;
struct sock__queue {
    struct sock__conn *first, **end;
    int count;
};

struct sock_httpd {
    unsigned process; /* that made it */
    sock_t *listener;
    sock_selector_t *selector;
    sock_cancel_t *stopped;     /* wakes who serves one connection alone */
    pthread_cond_t calm;        /* no one is being woken by that any more */
    sock_httpd_limits_t limits; /* no member is 0 */
    struct sock__routes methods, mounts;
    sock_httpd_log_fn log;
    void *log_arg;
    char **hosts; /* NULL: any */
    sock_tls_t *tls;
    struct sock__site site;

    atomic_bool serving;  /* a thread is the loop, or takes one request */
    atomic_bool used;     /* it has served, so that it stays as it is */
    atomic_bool stopping; /* sock_httpd_shutdown() was called */
    atomic_uint stops;    /* how often: who serves alone is told so, though a
                             loop may have ended meanwhile, and taken that back */
    _Atomic int64_t cut;  /* ns: when what is left then ends */

    /* The loop's. */
    sock_t *reserve; /* a descriptor that is given up where there is none */
    bool listening;  /* the listener is registered */
    int64_t rest;    /* ns: until when nothing is accepted */
    bool lent;       /* the loop is a worker */
    int64_t answers_until; /* ns: as long as that it answers what it reads */

    pthread_mutex_t lock;
    struct sock__link places[SOCK__PLACES];
    int connections;
    int listeners;            /* those who wait, and hear of a shutdown */
    bool looping;             /* the loop takes back what was answered */
    struct sock__queue queue; /* of whole requests */
    struct sock__queue turns; /* of those who have more to do */
    struct sock__queue ended; /* of those whose memory the loop may still see */
    struct sock__workers workers;
    struct sock__loan loan;
    struct sock__peers peers;

    pthread_mutex_t memory; /* the lock of the spares */
    struct sock__spares inputs, requests;
};

/* Whether a shutdown is to be heeded by what began behind so many. */
static inline bool sock__is_stopped(const sock_httpd_t *server, unsigned stops)
{
    return atomic_load(&server->stopping) ||
           atomic_load(&server->stops) != stops;
}

#endif
