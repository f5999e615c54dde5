/* SPDX-License-Identifier: MIT */
/*
 * The dispatcher below all kinds of it: what it holds, what it waits for, what
 * it calls, and how it ends.
 *
 * No function of a class finds its dispatcher gone while it runs: whoever calls
 * one, or may, enters the dispatcher and leaves it. The last to leave does what
 * is owed: it calls handle_close, closes, frees, and asks what to wait for now.
 */
#ifndef SOCK__DISPATCHER_H
#define SOCK__DISPATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pysockc/async.h>

#include "loop.h"
#include "queue.h"

/* What is unlike in a kind of dispatcher. All but the first function may be
 * NULL. */
struct sock__dispatcher_kind {
    size_t size;                         /* of the object */
    bool queued;                         /* it is a struct sock__writer */
    void (*read)(sock_dispatcher_t *d);  /* where the class has no function */
    void (*write)(sock_dispatcher_t *d); /* what waits */
    void (*drop)(sock_dispatcher_t *d);  /* it was closed */
    void (*end)(sock_dispatcher_t *d);   /* its memory is about to go */
};

/* Flags */
enum {
    SOCK__OF_FILE = 1,         /* it has a descriptor and no socket */
    SOCK__END_OWED = 2,        /* handle_close is to be called */
    SOCK__STOPPED = 4,         /* and nothing else any more */
    SOCK__ENDED = 8,           /* handle_close was called */
    SOCK__WAS_CLOSED = 16,     /* with what was its socket then */
    SOCK__FREE_OWED = 32,      /* it is to be freed */
    SOCK__FREED = 64,          /* its memory is about to go */
    SOCK__MOVED = 128,         /* bytes were received in this event */
    SOCK__NOT_READING = 256,   /* the program has said so */
    SOCK__NOT_ACCEPTING = 512, /* descriptors have run out */
    SOCK__FULL = 1024,         /* pause_writing was called */
    SOCK__BY_HOST = 2048       /* it will have a socket, or has failed */
};

/* What will give a dispatcher its socket: how to end it before. */
struct sock__pending {
    void (*drop)(struct sock__pending *p);
};

struct sock_dispatcher {
    union {
        sock_watch_t watch; /* its argument is the kind */
        struct sock__doomed doomed;
    } u;
    struct sock__member member;
    const sock_dispatcher_class_t *c;
    sock_loop_t *loop; /* NULL once it has ended */
    union {
        sock_t *sock;
        int fd;
        struct sock__pending *pending; /* NULL: it has failed */
    } of;
    void *arg;
    double timeout;     /* while nothing moves; infinity is none */
    sock_timer_t timer; /* of that, of the connect, or of the next accept */
    uint16_t flags;
    uint16_t depth;  /* calls that are inside */
    uint16_t events; /* that the selector has; 0: it is not there */
    uint8_t state;   /* enum sock_dispatcher_state */
};

/* One with a queue. */
struct sock__writer {
    struct sock_dispatcher d;
    struct sock__queue queue;
};

/* Life cycle */

/* NULL with the error recorded, and the socket is the caller's. */
sock_dispatcher_t *sock__dispatcher(const struct sock__dispatcher_kind *kind,
                                    const sock_dispatcher_class_t *c,
                                    sock_loop_t *loop, void *arg);
/* Gives it a socket, or a descriptor: -1 with the error recorded, and it has
 * none. */
int sock__dispatcher_attach(sock_dispatcher_t *d, sock_t *s);
int sock__dispatcher_attach_file(sock_dispatcher_t *d, int fd);
/* Takes back one that no one has seen yet, and that has no socket. */
void sock__dispatcher_forget(sock_dispatcher_t *d);
/* Closes what it has. */
void sock__dispatcher_close(sock_dispatcher_t *d);
/* Frees one, at the latest when the last has left. */
void sock__dispatcher_free(sock_dispatcher_t *d);

/* Refuses one that is NULL or freed; the second, one whose loop is no good; the
 * third, one without a socket. */
int sock__dispatcher_check(const sock_dispatcher_t *d, const char *op);
int sock__dispatcher_check_loop(const sock_dispatcher_t *d, const char *op);
int sock__dispatcher_check_open(const sock_dispatcher_t *d, const char *op);

/* The class */

/* Whether what is reserved has no use, as it should. */
bool sock__dispatcher_is_unused(void *const *reserved);
/* The marks of its queue: more than high is much, low and less is little. */
size_t sock__dispatcher_high(const sock_dispatcher_class_t *c);
size_t sock__dispatcher_low(const sock_dispatcher_class_t *c);

/* Calls */

void sock__dispatcher_enter(sock_dispatcher_t *d);
void sock__dispatcher_leave(sock_dispatcher_t *d);
/* Whether its class wants to hear of more. */
bool sock__dispatcher_is_open(const sock_dispatcher_t *d);

/* The connection has ended: handle_close is owed. */
void sock__dispatcher_end(sock_dispatcher_t *d);
/* It has ended by the error that was just recorded. */
void sock__dispatcher_fail(sock_dispatcher_t *d);
/* It has ended by this error, whatever that is. */
void sock__dispatcher_fail_with(sock_dispatcher_t *d,
                                const sock_error_t *error);
/* A function of the class, or of the program, has returned this. */
void sock__dispatcher_returned(sock_dispatcher_t *d, int result);
/* Whether the error that was just recorded says that the peer has gone. */
bool sock__dispatcher_is_gone(void);
void sock__dispatcher_log(sock_dispatcher_t *d, const char *text);

/* Events */

/* Whether a receive of nothing is the end. */
bool sock__dispatcher_has_end(const sock_dispatcher_t *d);
/* Bytes have moved: the time of being idle begins anew. */
void sock__dispatcher_moved(sock_dispatcher_t *d);
/* (Re)sets its one timer; infinity stops it. */
int sock__dispatcher_set_timer(sock_dispatcher_t *d, double seconds);
/* The attempt to connect has ended well. */
void sock__dispatcher_connected(sock_dispatcher_t *d);
/* How an attempt to connect has ended: an errno, or 0. */
int sock__dispatcher_connect_error(sock_t *s);
/* Tells the selector what is waited for now: -1 with the error recorded. */
int sock__dispatcher_watch(sock_dispatcher_t *d);
/* Descriptors have run out: none is accepted for a while. Whether that is what
 * the error that was just recorded says. */
bool sock__dispatcher_rest(sock_dispatcher_t *d);

#endif
