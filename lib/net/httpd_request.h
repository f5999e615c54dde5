/* SPDX-License-Identifier: MIT */
/*
 * A request, and the answer that is being made of it. It is used by one thread
 * at a time: the one that the handler runs in.
 *
 * A handler may wait. What it leaves behind, the last bytes of an answer and a
 * file, is sent by the server's loop, which never does.
 */
#ifndef SOCK__HTTPD_REQUEST_H
#define SOCK__HTTPD_REQUEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <pysockc/httpd.h>

#include "chunk.h"
#include "framing.h"
#include "head.h"

/* What a server keeps for those who answer its requests. */
struct sock__kept {
    void *state;              /* NULL, until someone needs it */
    void (*end)(void *state); /* called once, when the server ends */
};
struct sock__site {
    pthread_mutex_t lock;     /* of what follows */
    struct sock__kept nonces; /* of Digest */
    struct sock__kept files;  /* open files, if any are kept */
};

/* Bytes that were received and not yet used: from `at` to `end`. */
struct sock__input {
    char *buf;
    size_t at, end, room;
};

/* How far an answer is. */
enum sock__reply {
    SOCK__REPLY_NONE, /* nothing yet, or interim answers alone */
    SOCK__REPLY_HEAD, /* send_response() */
    SOCK__REPLY_BODY, /* end_headers(); the head may still be held back */
    SOCK__REPLY_SENT, /* its head is out */
    SOCK__REPLY_LOST  /* it cannot be sent; the connection ends */
};

/*
 * An answer. Its head is written to the front of the buffer; behind it stays a
 * gap for what is known only when it is sent, and there its body begins.
 */
struct sock__answer {
    enum sock__reply state;
    int status;
    char *buf;
    size_t room;
    size_t head;     /* bytes of the head */
    size_t begin;    /* where its body begins */
    size_t held;     /* bytes of the body that are held back */
    int64_t length;  /* as the handler has declared it; -1 */
    int64_t written; /* bytes of the body so far */
    bool chunked;
    bool bodiless; /* HEAD, 204, 304: what is written is counted alone */
    bool said_close, said_date, said_server; /* fields of the handler's */
    bool interim; /* the head that is being made is of an interim answer */
    size_t out, out_end;  /* what is ready for the wire, in the buffer */
    int fd;               /* a file that follows what is held; -1 */
    int64_t offset, left; /* of it */
};

/* How far its body was read. */
struct sock__upload {
    int64_t left;             /* of Content-Length */
    int64_t received;         /* bytes of its data so far */
    int64_t began;            /* ns; 0: it was not waited for yet */
    struct sock__input *wire; /* the connection's, whose head this is of */
    bool begun;               /* 100 Continue is out, or not due */
    bool over;                /* all of it was read */
    int fault;   /* the status that says what is wrong with it; 0 */
    bool hidden; /* it is not of what is answered, but of what came */
    /* Of a chunked one: */
    struct sock__chunks chunks;
    bool in_trailers;
    struct sock__input input; /* what came behind the head, once it is read */
    bool moved;               /* it has that */
    size_t scanned;
    sock_headers_t trailers;
};

struct sock_httpd_request {
    /* For handlers, and what they call. */
    struct sock__start start;
    sock_headers_t headers;
    struct sock__framing framing;
    sock_httpd_t *server;
    struct sock__site *site;
    const sock_httpd_limits_t *limits; /* no member is 0 */
    sock_t *sock;                      /* non-blocking: sock_wait() waits */
    const char *path; /* and query: an absolute target without its origin */
    size_t mounted;   /* bytes of the prefix under which it was mounted */
    char *user;       /* who it is from, by guard.c; freed with it */
    bool closing;     /* the connection ends with this answer */
    char *instead; /* "/path?query" that is to be answered in the place of its
                      own, with GET and no body, by whoever it belongs to: what
                      a script has asked for, which has begun no answer. From
                      malloc(3); freed with it. At most 10 follow each other */

    /* The server's own. */
    struct sock__conn *conn;
    sock_addr_t client;
    struct sock__answer answer;
    struct sock__upload upload;
    size_t head;         /* bytes of the request's */
    char *owned_path;    /* where `path` is no part of the head */
    char *line;          /* sock_httpd_requestline(), once it was asked for */
    FILE *rfile, *wfile; /* once they were asked for */
    bool flushing;       /* wfile is writing */
    bool discarding;     /* what it writes is thrown away */
    bool last;           /* of its connection, as it has had its number */
    int64_t second;      /* of the Date below */
    char date[48];       /* "Date: ...\r\n" */
};

/* Whether there is a request and an argument; -1 with the error recorded. */
int sock__httpd_check(const char *op, const sock_httpd_request_t *self,
                      const void *argument);
/* Whether an answer can still begin: nothing but interim ones is there. */
bool sock__httpd_can_answer(const sock_httpd_request_t *self);

/*
 * The rest of a body is this part of a file, and nothing is written behind it.
 * To be called behind end_headers(), with Content-Length sent; the length of
 * what was written so far and of this is what that says. The descriptor is the
 * answer's from now on, whether this succeeds or not; it is not closed before
 * the last byte is out, and its offset is neither used nor moved. Its
 * beginning is read at once, so that it leaves with the head; the rest is sent
 * by the loop, without waiting, in pieces. For HEAD it is closed. 0; -1 with
 * the error recorded.
 */
int sock__httpd_file(sock_httpd_request_t *self, int fd, int64_t offset,
                     int64_t length);

/* Gives an answer another status, and its phrase, whose head is begun by
 * send_response() and not ended: a file whose handler has said 200 may turn out
 * to be a part of one, or not modified. 0; -1 with the error recorded. */
int sock__httpd_set_status(sock_httpd_request_t *self, int code);

/* sock_httpd_send_error() with fields that it shall have, such as Allow,
 * WWW-Authenticate or Content-Range: pairs, ended by NULL. */
int sock__httpd_error(sock_httpd_request_t *self, int code, const char *message,
                      const char *const *fields);
/* What there is to explain about a status whose phrase sock_http_responses()
 * knows; "". */
const char *sock__httpd_explain(int code);

#endif
