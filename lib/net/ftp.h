/* SPDX-License-Identifier: MIT */
/*
 * What the files of the client of FTP share.
 *
 * A transfer has two replies, the second of which decides. Until that is heard
 * no other command may be said: whoever gives up a transfer leaves that it is
 * owed, and the next command hears it first.
 */
#ifndef SOCK__FTP_H
#define SOCK__FTP_H

#include <stdbool.h>
#include <stdint.h>

#include <pysockc/ftp.h>

#include "session.h"

enum sock__ftp_state {
    SOCK__FTP_IDLE,
    SOCK__FTP_BUSY, /* a data connection is open */
    SOCK__FTP_OWES  /* none is, but the server's second reply is due */
};

struct sock_ftp {
    struct sock_session session; /* first */
    enum sock__ftp_state state;
    bool sends;                         /* the data connection is to send */
    bool active;                        /* the server makes it */
    bool trusts;                        /* the address of PASV */
    bool no_epsv;                       /* the server has refused it */
    bool private;                       /* data connections have TLS */
    bool in_clear;                      /* they were chosen to have none */
    sock_tls_t *tls;                    /* theirs, held; NULL: none */
    struct sock_ssl_session_s *resumed; /* the control connection's, which has
                                           no TLS any more; NULL: none */
    sock__allow_fn *allow;              /* whom they may lead to; NULL: all */
    void *allow_arg;
};

/* Commands */

/* Whether a text argument is there, and may be a part of a command: 0; -1 with
 * the error recorded. */
int sock__ftp_takes(const char *op, const char *text);
/* Before the first command of a call: that it can be said now. Hears what is
 * owed. */
int sock__ftp_begin(sock_ftp_t *f, const char *op);
/* Says a command, a verb with a blank behind it and its argument: the number of
 * the reply, 100 to 599; -1 with the error recorded. */
int sock__ftp_ask(sock_ftp_t *f, const char *op, const char *verb,
                  const char *arg);
/* The number of a further reply. Behind one of 1xx another one is owed. */
int sock__ftp_hear(sock_ftp_t *f, const char *op);
/* The number of the next one that is none of these. */
int sock__ftp_hear_end(sock_ftp_t *f, const char *op);
/* That number, if it is of one of these hundreds, "12"; else the reply is a
 * refusal. -1 stays -1. */
int sock__ftp_of(sock_ftp_t *f, const char *op, int number,
                 const char *hundreds);
/* Asks, for a reply of one of these hundreds. */
int sock__ftp_do(sock_ftp_t *f, const char *op, const char *verb,
                 const char *arg, const char *hundreds);
/* Agrees with the server on TLS under the data connections, or on none: 0; -1
 * with the error recorded. */
int sock__ftp_protect(sock_ftp_t *f, const char *op, bool wanted);
/* Says ABOR, and hears both replies. */
int sock__ftp_settle(sock_ftp_t *f, const char *op);
/* Forgets all that is known of a server. */
void sock__ftp_forget(sock_ftp_t *f);
/* What a server says to who has connected: 0; -1 with the error recorded, and
 * it is closed. */
int sock__ftp_welcome(sock_ftp_t *f, const char *op);

/* Data connections */

/* Begins a transfer: its data connection; NULL with the error recorded. */
sock_t *sock__ftp_open(sock_ftp_t *f, const char *op, const char *verb,
                       const char *arg, int64_t rest, int64_t *size);
/* Ends it and frees the connection, which may be NULL: 0; -1 with the error
 * recorded. */
int sock__ftp_close(sock_ftp_t *f, const char *op, sock_t *conn);
/* Gives it up; the second reply is owed then. What was being sent does not look
 * as if that were all of it. */
void sock__ftp_drop(sock_ftp_t *f, sock_t *conn);

/* Transfers */

/* Takes a line of n bytes, behind which there is room for one more; whether its
 * end has come: 0; anything else ends the transfer. */
typedef int sock__ftp_line_fn(void *arg, char *line, size_t n, bool ended);
/* Hands out the lines that a command fetches: 0; -1 with the error recorded. */
int sock__ftp_lines(sock_ftp_t *f, const char *op, const char *verb,
                    const char *arg, sock__ftp_line_fn *fn, void *of);

#endif
