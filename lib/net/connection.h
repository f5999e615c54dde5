/* SPDX-License-Identifier: MIT */
/*
 * A connection: where it leads, what it is connected by, and how far a request
 * and its response are.
 *
 * The wire is the connection's own while no response is read from it. The
 * reader of a response that leaves the connection open borrows it; one that
 * does not takes it along, so that the connection is closed, and can connect
 * anew, before its last response has been read.
 */
#ifndef SOCK__CONNECTION_H
#define SOCK__CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <pysockc/http.h>

#include "body.h"
#include "head.h"
#include "output.h"
#include "private.h"
#include "wire.h"

/* How far a request is: Python's names of it are in http.c. */
enum sock__sending { SOCK__IDLE, SOCK__STARTED, SOCK__SENT };

/* The request that is being made; zeroed, there is none. */
struct sock__asking {
    enum sock__sending state;
    char method[16]; /* "" for one that is longer and has no rules */
    bool idempotent; /* to do it twice is to do it once */
    bool has_host, has_length, chunked, upgrades;
    bool closes;   /* the connection shall not go on */
    bool expects;  /* the peer shall say that it wants the body */
    bool held;     /* nothing is sent yet */
    bool open;     /* nor is the head at its end, which a send decides */
    bool whole;    /* the buffer has all of it */
    bool cut;      /* not all of it was sent, as the peer has answered */
    bool answered; /* and that answer's head has been read */
    int64_t left;  /* bytes of the body to come, if it has a length */
};

/* The proxy's part, where there is one in between. */
struct sock__tunnel {
    char *request; /* NULL: none */
    char *host;    /* at its other end */
};

struct sock_http {
    struct sock__wire wire;
    struct sock__reader *reader; /* of the response that is being read */
    char *host;                  /* NULL: made of a socket, so it cannot connect
                                    by itself */
    int port, default_port;
    char *authority; /* what Host says */
    struct sock__tunnel tunnel;
    sock_tls_t *tls; /* NULL: none */
    double timeout;
    int64_t deadline; /* monotonic ns; 0: none */
    struct sock__head_limits limits;
    bool used;     /* the wire has brought a response */
    bool switched; /* it now is of another protocol */
    struct sock__asking asking;
    struct sock__output out; /* the head, and a small body */
    sock_headers_t fields;   /* of the last head, in the wire's buffer */
    struct sock__start start;
    size_t scanned, head; /* bytes of the head, looked at and in all */
};

/* Heads */

/* The next head that is no interim one, into start and fields: its bytes are at
 * the front of the wire's buffer, and stay there. -1 with the error recorded;
 * an end of the stream is SOCK_E_EOF. With `interim` 100 is a head, too. */
int sock__response_head(sock_http_t *c, const char *op, bool interim);

/* Connecting */

/* Opens it: 0; -1 with the error recorded, and it is closed. */
int sock__connection_open(sock_http_t *c, const char *op);
/* Through the proxy that it has just connected to; as sock__connection_open().
 */
int sock__tunnel_open(sock_http_t *c, const char *op);
/* Makes it closed and idle; a response that is being read fails from then on.
 * Leaves errno and the record alone. */
void sock__connection_close(sock_http_t *c);
/* Whether another request may go over it. */
bool sock__connection_is_reusable(const sock_http_t *c);

/* Sending */

/* Bytes of a body, and what ends them: "", or a chunk's end. */
struct sock__bytes {
    const void *data;
    size_t size;
    const char *tail;
};

/* Sends the buffer and, where b is not NULL, these bytes behind it: by one
 * call, if the system takes them. Then empties it, unless it has the whole
 * request. The first bytes of a request connect, if need be. 0; -1 with the
 * error recorded, and the connection is closed. */
int sock__send_out(sock_http_t *c, const char *op, const struct sock__bytes *b);
/* What comes after a failure to send, that is recorded: 0 if the peer has
 * answered, so that it is none, and the record is the one that was saved; -1,
 * and the connection is closed. */
int sock__send_failed(sock_http_t *c, const char *op,
                      const struct sock__saved *saved);
/* Sends the whole request again, over a new connection, where the failure that
 * is recorded may mean that the peer had closed one that was used before, and
 * the request may be made twice: 0; -1 if it may not, and the record is as it
 * was, or if it failed. */
int sock__send_again(sock_http_t *c, const char *op);

/* Requests */

/* Ends what was sent piece by piece; as sock__send_out(). */
int sock__http_end_request(sock_http_t *c, const char *op);
/* Python's name of how far a request is. */
const char *sock__request_state(const sock_http_t *c);

#endif
