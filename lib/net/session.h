/* SPDX-License-Identifier: MIT */
/*
 * The conversation of a client with its server, of whichever protocol: commands
 * out, lines in, each in its time and within its limits.
 *
 * Whatever fails here records what was being done, to whom, and by which
 * command. It closes the session, too, unless the server has merely said no or
 * an argument was refused: else the next reply could be one to the last
 * command.
 */
#ifndef SOCK__SESSION_H
#define SOCK__SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pysockc/session.h>
#include <pysockc/tls.h>
#include <pysockc/transfer.h>

#include "chars.h"
#include "output.h"
#include "private.h"
#include "wire.h"

/* How the lines of a reply are numbered. */
enum sock__numbering {
    SOCK__ONE_LINE,   /* NNTP: there is one */
    SOCK__EACH_LINE,  /* SMTP: "250-" and at last "250 " */
    SOCK__OUTER_LINES /* FTP: the first and the last, anything in between */
};

/* What the sessions of a protocol have in common. */
struct sock__protocol {
    int port;
    size_t line;    /* bytes of a received line, at most */
    size_t command; /* of one that is sent, without its end */
    enum sock__numbering numbering;
};

/* The first member of each client. Closed where its wire has no socket. */
struct sock_session {
    struct sock__wire wire;
    const struct sock__protocol *protocol;
    char *host;       /* who is asked; NULL: no one has a name for it */
    sock_tls_t *tls;  /* held; NULL: none is in use */
    double timeout;   /* as it was given */
    int64_t deadline; /* monotonic ns; 0: none */
    sock_session_limits_t limits;
    sock_addr_t source;
    bool insecure_auth;
    struct sock__output out;   /* commands that are not sent yet */
    struct sock__output doing; /* the last command, as it may be shown */
    struct sock__output reply; /* the last reply's words */
    int code;                  /* and its number */
    sock_trace_fn trace;
    void *trace_arg;
};

/* Life cycle */

/* Whether there is an object, and it is connected: 0; -1 with the error
 * recorded. */
int sock__session_need(const struct sock_session *c, const char *op);
/* The same of what a text argument points to, whoever it is for. */
int sock__need(const void *argument, const char *op);

/* Takes the options, which may be NULL, into one that is zeroed: 0; -1 with the
 * error recorded. */
int sock__session_begin(struct sock_session *c, const char *op,
                        const struct sock__protocol *protocol,
                        const sock_session_opts_t *opts);
/* Connects to a host; one that begins with a slash is a path of AF_UNIX. Port 0
 * is the protocol's. What an earlier connection has left is forgotten. 0; -1
 * with the error recorded, and it is closed, but where there is no host. */
int sock__session_connect(struct sock_session *c, const char *op,
                          const char *host, int port);
/* Takes a connected socket over, which on failure stays the caller's. */
int sock__session_adopt(struct sock_session *c, const char *op, sock_t *s);
/* The context that NULL stands for, before anyone is asked to begin TLS: 0; -1
 * with the error recorded, and the session is as it was. */
int sock__session_context(const char *op, sock_tls_t **tls);
/* Puts TLS under it; fails where bytes of the server lie there that it has sent
 * without. The one place for that. */
int sock__session_secure(struct sock_session *c, const char *op,
                         sock_tls_t *tls);
/* sock__session_connect() with TLS under it from the first byte on; NULL is
 * that of sock__session_context(). */
int sock__session_connect_tls(struct sock_session *c, const char *op,
                              const char *host, int port, sock_tls_t *tls);
/* Takes TLS away again, which both sides agree on. */
int sock__session_unwrap(struct sock_session *c, const char *op);
/* Leave errno and the record as they were. */
void sock__session_close(struct sock_session *c);
void sock__session_end(struct sock_session *c);

/* Whether TLS is under it. */
bool sock__session_is_secure(const struct sock_session *c);
/* Whether a password may be said: 0; -1 with the error recorded. */
int sock__session_trusts(const struct sock_session *c, const char *op);

/* Commands */

/* Whether a text can be a part of a command of at most that many bytes, for who
 * says others before it: 0; -1 with SOCK_E_VALUE recorded. */
int sock__session_takes(const char *op, const char *text, size_t most);
/* Adds a command to what is to be sent: parts, one behind the other, which NULL
 * ends. `shown` is what may be seen of one that has a secret; NULL: all. 0; -1
 * with the error recorded: SOCK_E_VALUE for CR and LF in a part, and for too
 * much; the session stays as it was. */
int sock__session_say(struct sock_session *c, const char *op,
                      const char *const parts[], const char *shown);
/* The same, of at most that many bytes. */
int sock__session_say_most(struct sock_session *c, const char *op,
                           const char *const parts[], const char *shown,
                           size_t most);
/* Adds bytes as they are, of a literal. */
int sock__session_add(struct sock_session *c, const char *op, const void *data,
                      size_t n);
/* Sends all that was added, by one call if the system takes it, and wipes it.
 * The time of a command begins. 0; -1 with the error recorded. */
int sock__session_flush(struct sock_session *c, const char *op);
/* What was to be sent is of no use any more, whoever may read it later. */
void sock__session_wipe(struct sock_session *c);
/* What errors say was asked last, from now on. */
void sock__session_doing(struct sock_session *c, const char *line, size_t n);
/* Says a command and sends it. */
int sock__session_ask(struct sock_session *c, const char *op,
                      const char *const parts[], const char *shown);
/* Begins the time of a command, or of the next block, anew; -1 with the error
 * recorded. */
int sock__session_clock(struct sock_session *c, const char *op);

/* Replies */

/* The next line without its end, CRLF or LF; it stays there until more is
 * received. -1 with the error recorded. */
int sock__session_line(struct sock_session *c, const char *op,
                       struct sock__piece *line);
/* Receives more behind what lies in the wire's buffer; the stream's end is an
 * error. Bytes that can hardly be there yet are waited for first. */
int sock__session_more(struct sock_session *c, const char *op, bool wait);
/* Hands n bytes to a sink, in blocks as they arrive; one that refuses is not
 * called again, and the rest is passed over, if that is not more than a list
 * may have; else the session is closed. 0; 1 if it has refused, with that
 * recorded; -1 with the error recorded. */
int sock__session_take(struct sock_session *c, const char *op, uint64_t n,
                       const sock_sink_t *sink);

/* Forgets the words of the last reply; adds a line to them. -1 with the error
 * recorded. */
void sock__reply_begin(struct sock_session *c);
int sock__reply_add(struct sock_session *c, const char *op,
                    const struct sock__piece *line);
/* A reply with a number: that; -1 with the error recorded. */
int sock__session_reply(struct sock_session *c, const char *op);
/* The same, which must be of that hundred: else it is SOCK_E_REPLY. */
int sock__session_expect(struct sock_session *c, const char *op, int hundred);
/* Asks and hears: the number. */
int sock__session_do(struct sock_session *c, const char *op,
                     const char *const parts[], const char *shown);

/* Failures: each returns -1. */

/* What was recorded was about this session, and its last command: says so. */
int sock__session_about(const struct sock_session *c, const char *op);
/* The same, and closes it. */
int sock__session_failed(struct sock_session *c, const char *op);
/* The server broke the rules: a SOCK_P_..., and how. Closes it. */
int sock__session_broke(struct sock_session *c, const char *op, int fault,
                        const char *words);
/* The server has said no: the last reply is recorded. */
int sock__session_refused(struct sock_session *c, const char *op);
/* It does not offer that. */
int sock__session_lacks(struct sock_session *c, const char *op,
                        const char *words);

#endif
