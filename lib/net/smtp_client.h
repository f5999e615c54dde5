/* SPDX-License-Identifier: MIT */
/* A client of SMTP or LMTP, as its parts have it in common. */
#ifndef SOCK__SMTP_CLIENT_H
#define SOCK__SMTP_CLIENT_H

#include <stdbool.h>

#include <pysockc/smtp.h>

#include "session.h"
#include "smtp_refusals.h"

struct sock_smtp {
    struct sock_session session; /* the first member */
    bool lmtp;
    sock_tls_t *tls; /* held: it is under it from the first byte on; or NULL */
    char *hostname;  /* of this host, as it was given or found; NULL: not yet */
    bool nameless;   /* it was looked for, and not found */
    bool met;        /* hello was said, and the server took it */
    bool esmtp;      /* that was EHLO or LHLO */
    bool known;      /* the server has said that it knows who it is */
    struct sock__output offers;
    struct sock__output accepted; /* LMTP: who will be told what became of the
                                     message, each with a NUL */
    struct sock__smtp_refusals refusals;
};

/* Whether there is one, and it is connected: 0; -1 with the error recorded. */
int sock__smtp_need(const sock_smtp_t *s, const char *op);
/* A reply to a client, whose session it is: its number; -1 with the error
 * recorded. 421 closes the session. */
int sock__smtp_hear(struct sock_session *c, const char *op);
/* Says a command, and hears that. */
int sock__smtp_do(sock_smtp_t *s, const char *op, const char *const parts[]);
/* Forgets what the server has said of itself. */
void sock__smtp_forget(sock_smtp_t *s);
/* sock_smtp_hello() within another call. */
int sock__smtp_hello(sock_smtp_t *s, const char *op);
/* What the server offers by that name; NULL. */
const char *sock__smtp_offered(const sock_smtp_t *s, const char *name);

/* Words of options that are to stand behind an address: 0; -1 with the error
 * recorded. */
int sock__smtp_check_options(const char *op, const char *options);
/* Adds to what is to be sent the sender, or a recipient, with what the server
 * is to know beside that, "" or more that begins with a blank; and the caller's
 * options, where it takes such. */
int sock__smtp_say_path(sock_smtp_t *s, const char *op, const char *verb,
                        const char *path, const char *terms,
                        const char *options);
/* LMTP: notes that a recipient will be told what becomes of the message. */
int sock__smtp_accept(sock_smtp_t *s, const char *op, const char *recip);
/* The replies that follow a message: the number of the last one, or of the
 * first that says no; -1 with the error recorded. LMTP has one for each
 * recipient, and adds to the refusals. */
int sock__smtp_hear_last(sock_smtp_t *s, const char *op);

#endif
