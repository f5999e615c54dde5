/* SPDX-License-Identifier: MIT */
/*
 * For libraries that put a protocol of their own under a sock_t, such as TLS.
 *
 * Exported in a map node of its own and not installed: it changes without
 * notice, and such a library is built from the same tree.
 */
#ifndef SOCK__PRIVATE_H
#define SOCK__PRIVATE_H

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <pysockc/address.h>
#include <pysockc/error.h>
#include <pysockc/socket.h>
#include <pysockc/tls.h>

/*
 * What a call has come to besides 0 and an errno: the time has run out; the
 * interrupt function said stop, or a token has fired; the protocol on top has
 * recorded what failed, all but the operation, and set errno.
 */
enum { SOCK__TIMED_OUT = -1, SOCK__CANCELLED = -2, SOCK__RECORDED = -3 };

/* In *events of a try that fails with EAGAIN: it has moved bytes, so that the
 * next one may well succeed. */
#define SOCK__PROGRESS 0x4000

/*
 * What a protocol does in place of the system.
 *
 * recv, send, flush, handshake and shutdown try once and never wait, whatever
 * the timeout: if they would, -1 with EAGAIN, and *events set to what has to be
 * waited for (POLLIN, POLLOUT). Another failure is -1 with errno, or
 * SOCK__RECORDED; success leaves errno alone. The descriptor is that of the
 * object, which may be a duplicate's. Members that are NULL are not needed.
 */
struct sock__ops {
    const char *name; /* of the class, for sock_repr() */
    /* Flags are those of recv(2) and send(2): MSG_PEEK must work. */
    ssize_t (*recv)(sock_t *s, int fd, void *buf, size_t size, int flags,
                    short *events);
    ssize_t (*send)(sock_t *s, int fd, const void *buf, size_t size, int flags,
                    short *events);
    /* Hands the system what send took and keeps, which whoever may wait does
     * before the call is over: bytes that are kept are lost with the object. */
    ssize_t (*flush)(sock_t *s, int fd, short *events);
    /* Which of `want`, of enum sock_event, would not wait; if none, *events is
     * set to what has to be waited for. Neither waits nor records. NULL: what
     * poll(2) says of the descriptor is right. */
    int (*ready)(sock_t *s, int fd, int want, short *events);
    /* Begins the conversation with a peer that connect(2) has found, in the
     * time of that call; not where the call may not wait. */
    ssize_t (*handshake)(sock_t *s, int fd, short *events);
    /* Puts the protocol under a connection that no one uses yet and that this
     * listener has accepted: 0, or -1 with the error recorded. No I/O. */
    int (*accepted)(sock_t *listener, sock_t *conn);
    /* Puts the protocol under a duplicate that no one uses yet: 0, or -1 with
     * the error recorded. NULL: the object cannot be duplicated. */
    int (*dup)(sock_t *s, sock_t *copy);
    bool files_only; /* only sock_makefile() may duplicate */
    /* Says goodbye before SHUT_WR; the system's shutdown(2) follows. */
    ssize_t (*shutdown)(sock_t *s, int fd, short *events);
    /* Before the descriptor is shut down or closed, in the thread that does so,
     * while others may still be inside. Never waits. */
    void (*close)(sock_t *s, int fd);
    void (*release)(sock_t *s); /* the object ends */
};

/* The words of an error of a kind whose code says nothing to this library, and
 * Python's name of its class. */
struct sock__texts {
    const char *(*class_name)(const sock_error_t *e);
    /* The length, as sock_error_text(). */
    int (*words)(const sock_error_t *e, char *buf, size_t size);
};

/* The time a call has, all its waits together. */
struct sock__timer {
    int64_t timeout;  /* ns, negative: none, 0: not at all */
    int64_t deadline; /* monotonic ns; 0: set by the first wait */
};

/* Puts operations under an object that no one uses yet. */
SOCK_API void sock__set_ops(sock_t *s, const struct sock__ops *ops, void *data);
/* What sock__set_ops() was given. */
SOCK_API void *sock__ops_data(const sock_t *s);
SOCK_API bool sock__has_ops(const sock_t *s, const struct sock__ops *ops);
/* A new object with all that an open one has and knows, which is closed; NULL
 * with the error recorded, and the object as it was. */
SOCK_API sock_t *sock__move(sock_t *s, const char *op);
/* Whether this object has been closed, or shut down in that direction (SHUT_RD,
 * SHUT_WR), so that an end of the stream is its own. */
SOCK_API bool sock__was_shut(const sock_t *s, int how);
/* Whether this object is known to have had a peer; else only the system can
 * say. */
SOCK_API bool sock__has_met(const sock_t *s);
/* Gives a kind of error its texts, for all threads. They must not end. */
SOCK_API void sock__set_texts(int kind, const struct sock__texts *texts);

/* Begins a call: the descriptor, which is kept until sock__leave(); -1. */
SOCK_API int sock__enter(sock_t *s, const char *op);
SOCK_API void sock__leave(sock_t *s);

/* Whether the object's deadline or cancel token has ended all its calls: 0 or a
 * status, as sock__wait() returns it. To be asked by a call before it moves the
 * first byte; the waits ask it themselves. */
SOCK_API int sock__ended(const sock_t *s);
/* The time that the object's timeout gives to a call which begins now. Beside a
 * deadline or a token it is never none. */
SOCK_API struct sock__timer sock__timer(const sock_t *s);
/* Gives an object the cancel token that another one has, if it has one: 0; -1
 * with the error recorded. */
SOCK_API int sock__cancel_as(sock_t *s, const sock_t *other);
/* Waits: 0 when ready, or a status: SOCK__TIMED_OUT, SOCK__CANCELLED or an
 * errno. Records nothing. */
SOCK_API int sock__wait(sock_t *s, int fd, short events,
                        struct sock__timer *timer);
/* Waits until poll(2) finds one of several: 0 or a status. Behind them there is
 * room for one more, if s may have a token. Where there is no object, NULL, the
 * interrupt function of new ones is asked. */
SOCK_API int sock__await_any(const sock_t *s, struct pollfd *fds, size_t n,
                             struct sock__timer *timer);

/* A try of a call of the protocol's own, as those of struct sock__ops. */
typedef ssize_t sock__try_fn(sock_t *s, int fd, void *arg, short *events);
/* Makes that call: enters, tries until it succeeds or the time is over, and
 * leaves. What the try returned; -1 with the error recorded. With the object's
 * timeout where no timer is given. */
SOCK_API ssize_t sock__make_call(sock_t *s, const char *op, sock__try_fn *fn,
                                 void *arg, struct sock__timer *timer);

/* Whether an address may be connected to. */
typedef bool sock__allow_fn(const sock_addr_t *address, void *arg);
/* sock_connect_to_host() with TCP_NODELAY, which asks that of each address that
 * the look-up gave before it is tried: one that may not be fails with EACCES.
 * NULL: all may be. */
SOCK_API sock_t *sock__connect_allowed(const char *op, const char *host,
                                       int port, double timeout,
                                       sock__allow_fn *allow, void *arg);

/* Records a failure and sets errno; returns -1. The detail selects the text
 * where the code does not; 0 is the kind's own. */
SOCK_API int sock__fail(const char *op, int kind, int code, int detail);
/* sock__fail(), with a text that the detail's own quotes the start of. */
SOCK_API int sock__fail_quoting(const char *op, int kind, int detail,
                                const char *text);
/* sock__fail(), with words for a text: of a protocol's rules, or the peer's. */
SOCK_API int sock__fail_saying(const char *op, int kind, int code,
                               const char *words);
/* Says of a failure, which a part of this call has recorded, what was being
 * done and what that was about, such as a URL; returns -1. */
SOCK_API int sock__fail_about(const char *op, const char *about);
/* Adds to the record how far a call came that has just failed. */
SOCK_API void sock__fail_done(size_t done);
/* Adds to the record of a SOCK_E_TLS what the library below it says. */
SOCK_API void sock__fail_reason(int reason, int verify_code);
/* The same for a status; of SOCK__RECORDED only the operation is set. */
SOCK_API int sock__fail_status(const char *op, int status);

/* free(3), which may touch errno, without that. */
SOCK_API void sock__free(void *memory);

/* For calls that succeed although something inside them failed. */
struct sock__saved {
    sock_error_t record;
    int sys_errno;
};
SOCK_API void sock__error_save(struct sock__saved *saved);
SOCK_API void sock__error_restore(const struct sock__saved *saved);

/*
 * TLS, for libraries that put it under connections of theirs without linking
 * one that has it: what such a one begins its contexts with.
 */
struct sock_ssl_session_s; /* what a connection can be resumed with */

/* What a connection is to be. */
struct sock__tls_terms {
    const char *op;   /* what is being done */
    const char *host; /* whom the peer must prove to be */
    const char *alpn; /* what to offer in place of the context's; NULL: those */
    const struct sock_ssl_session_s *session; /* NULL: none */
    struct sock__timer *timer;                /* NULL: the object's timeout */
};

struct sock__tls_ops {
    /* Puts TLS under a client's connection, and shakes hands: a new object, and
     * s is closed. NULL with the error recorded; s is as it was if an argument
     * is wrong. */
    sock_t *(*wrap)(sock_tls_t *tls, sock_t *s,
                    const struct sock__tls_terms *terms);
    /* Puts TLS under a connection of a server's that no one uses yet: 0, or -1
     * with the error recorded. No I/O: the handshake is part of what moves
     * bytes first, which may try and not wait. */
    int (*serve)(sock_tls_t *tls, sock_t *s);
    /* Ends it on both sides: a new object without TLS, and s is closed. NULL
     * with the error recorded. */
    sock_t *(*unwrap)(sock_t *s);
    /* Whether nothing can go over it but under this library's TLS. */
    bool (*is_secure)(const sock_t *s);
    /* The newest session of a connection; NULL where there is none, or with the
     * error recorded. */
    struct sock_ssl_session_s *(*session)(sock_t *s);
    void (*session_free)(struct sock_ssl_session_s *session);
    /* Keeps it, whoever frees the context, until it is let go of. */
    void (*hold)(sock_tls_t *tls);
    void (*let_go)(sock_tls_t *tls);
};

struct sock_tls {
    const struct sock__tls_ops *ops;
};

/* Names who has a context where none is given; NULL: no one. It may fail, with
 * the error recorded. */
typedef sock_tls_t *sock__tls_fn(void);
SOCK_API void sock__set_default_tls(sock__tls_fn *fn);
/* That context; NULL with the error recorded. */
SOCK_API sock_tls_t *sock__default_tls(const char *op);

/* A number that a process has from its birth on, and its parent has not. */
SOCK_API unsigned sock__os_process(void);
/* The system's text of an errno; "Unknown error" and its like for none. */
SOCK_API void sock__os_strerror(int code, char *buf, size_t size);
/* How often this process, or an ancestor of it, was seen to fork. */
SOCK_API unsigned sock__os_forks(void);
/* A timeout argument in nanoseconds, and one that no number may stand in for
 * the default of; negative: none. -1 with the error recorded. */
SOCK_API int sock__timeout_arg(const char *op, double seconds, int64_t *ns);
SOCK_API int sock__seconds_arg(const char *op, double seconds, int64_t *ns);

/* Monotonic time in nanoseconds. */
SOCK_API int64_t sock__os_now(void);

/*
 * Starts a thread that no signal interrupts: handlers run in the program's own
 * threads. (What a fault of its own raises is not held back.) stack is in
 * bytes, 0 the system's choice. A thread that *thread is set to is to be
 * joined; NULL: it ends by itself.
 */
SOCK_API int sock__os_thread(void *(*run)(void *), void *arg, size_t stack,
                             pthread_t *thread);

/* A stream of stdio on these functions. The first returns what read(2) would,
 * the second the size, or what sock__os_write_failed() makes of what it wrote
 * before it failed. */
SOCK_API FILE *sock__os_read_stream(void *cookie,
                                    ssize_t (*read)(void *, char *, size_t),
                                    int (*close)(void *));
SOCK_API FILE *sock__os_write_stream(void *cookie,
                                     ssize_t (*write)(void *, const char *,
                                                      size_t),
                                     int (*close)(void *));
SOCK_API ssize_t sock__os_write_failed(size_t done);

/* sendfile(2): the bytes sent, 0 at the end of the file. */
SOCK_API ssize_t sock__os_sendfile(int fd, int file, int64_t offset,
                                   size_t size);
/* Whether its errno says that such files can't be sent by it. */
SOCK_API bool sock__os_cannot_sendfile(int err);
/* Keeps SIGPIPE from this thread; what the second takes, and leaves all as it
 * was, without the signal that the thread itself has raised. */
SOCK_API int sock__os_hold_sigpipe(void);
SOCK_API void sock__os_release_sigpipe(int held);

#endif
