/* SPDX-License-Identifier: MIT */
/* What the files of the server share: a server, a request, and the one lock
 * that both are under. */
#ifndef SOCK__SERVER_H
#define SOCK__SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <pysockc/server.h>

/* Lists, in which whoever is in one can leave it */

struct sock__link {
    struct sock__link *prev, *next;
};
/* An empty list, or one who is in none. */
void sock__link_init(struct sock__link *link);
void sock__link_append(struct sock__link *list, struct sock__link *link);
void sock__link_remove(struct sock__link *link);
bool sock__link_alone(const struct sock__link *link);

/* A datagram, and what sends the answer from where it went to. */
struct sock__packet {
    union {
        char bytes[64];
        size_t aligned;
    } control;
    size_t control_size;
    size_t size;
    char *reply; /* what wfile holds */
    size_t reply_size;
    char bytes[];
};

/* A thread that is to be joined once it has ended. */
struct sock__thread {
    pthread_t id;
    struct sock__thread *next;
};

struct sock_request {
    struct sock__link all;   /* among all of the server's */
    struct sock__link place; /* among the running, the queued or the parked */
    sock_server_t *server;
    sock_t *sock; /* of a datagram, the server's own */
    sock_addr_t address;
    void *data;
    FILE *rfile, *wfile;
    char *rbuffer, *wbuffer;     /* theirs, of the class's sizes */
    struct sock__packet *packet; /* NULL: a connection */
    struct sock__thread *thread; /* that is its own */
    int64_t until;               /* monotonic ns: its end, where it has one */
    bool set_up;                 /* setup was called */
    bool park;                   /* it shall wait for more */
    bool watched;                /* the poller knows its socket */
    bool elsewhere;              /* a child has the connection */
};

/* By what is under `lock`, the loop and other threads know of each other; the
 * rest is the loop's, or never changes. */
struct sock_server {
    sock_server_class_t c;
    void *arg;
    sock_t *sock;
    sock_addr_t address;
    bool datagrams;
    int64_t accept_timeout; /* ns, negative: none; as the next three */
    int64_t timeout, request_timeout, request_deadline;
    unsigned process; /* that made it */

    bool has_path; /* bind(2) made a file: this one */
    dev_t device;
    ino_t inode;

    int event; /* wakes the loop */
    atomic_bool stopping, paused;
    int reserve;     /* a descriptor to give away; -1: none */
    int64_t resting; /* until when nothing is accepted */
    int fd;          /* of its socket, which the loop keeps from being closed */
    unsigned refusals;          /* of accept(2), in a row */
    int64_t actions_due;        /* when service_actions is */
    sock_request_t *processing; /* that process_request was given */

    pthread_mutex_t lock;
    pthread_cond_t ended; /* a request has, or the loop */
    pthread_cond_t begun; /* a request with a deadline has */
    pthread_cond_t work;  /* there is, for the pool */
    bool serving;
    bool ends;   /* nothing is to be parked any more */
    bool closed; /* it was freed */
    bool held;   /* the loop waits for room */
    struct sock__link all, running, queued, parked;
    sock_server_stats_t stats;
    struct sock__thread *finished;
    pid_t *children;
    size_t child_count;
    pthread_t *workers;
    int worker_count, next_worker;
    bool pool_ends;
    pthread_t watcher;
    bool watching, watch_ends;
    atomic_int poller;            /* of the parked; -1: none yet */
    struct sock__os_found *found; /* by it, in the loop's last look */
};

/* Where a thread is: inside which server's loop or handler. */
struct sock__inside {
    const sock_server_t *server;
    struct sock__inside *outer;
};
void sock__go_inside(struct sock__inside *here, const sock_server_t *server);
void sock__go_outside(const struct sock__inside *here);
bool sock__is_inside(const sock_server_t *server);

/* 0 if a call may use the server: there is one, of this process. Else -1 with
 * the error recorded. */
int sock__server_check(const sock_server_t *server, const char *op);
/* A condition on the monotonic clock, as the next one waits for it: false when
 * its time is over. A negative time is none. */
int sock__cond_init(pthread_cond_t *cond);
bool sock__cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock,
                     int64_t until);
/* now + ns; negative for a negative ns, which is no limit. */
int64_t sock__until(int64_t ns);
/* Wakes the loop. */
void sock__server_wake(sock_server_t *server);
/* Adds one to a number of the statistics. */
void sock__server_count(sock_server_t *server, uint64_t *number);
/* Hands the thread's error to the server's handle_error; request: or NULL. */
void sock__server_error(sock_server_t *server, sock_request_t *request);
/* Whether one more request may be taken. If not, its end wakes the loop. */
bool sock__server_has_room(sock_server_t *server);
/* What a place in a list is of. */
sock_request_t *sock__request_at(struct sock__link *place);
sock_request_t *sock__request_in_all(struct sock__link *all);
/* Its thread, if it has one of its own, is done with it, and is to be joined.
 * The lock is held. */
void sock__request_leave_thread(sock_request_t *r);
/* Ends the connection of one that still runs, which wakes its handler. The
 * lock is held. */
void sock__request_cut(sock_request_t *r);

#endif
