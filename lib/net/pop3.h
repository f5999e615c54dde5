/* SPDX-License-Identifier: MIT */
/* A client of POP3, within the library. */
#ifndef SOCK__POP3_H
#define SOCK__POP3_H

#include <stdbool.h>
#include <stdint.h>

#include <pysockc/pop3.h>

#include "session.h"

struct sock_pop3 {
    struct sock_session session;
    char *welcome;      /* as it may be shown; NULL: it counts no more */
    char *timestamp;    /* of it; NULL: it has none */
    bool authenticated; /* there is a mailbox */
};

/* Bytes of a number's text, with a NUL. */
enum { SOCK__NUMBER_SIZE = 21 };
const char *sock__number_text(uint64_t n, char text[SOCK__NUMBER_SIZE]);

/* The client's session, which must be open; NULL with the error recorded. */
struct sock_session *sock__pop3_open(sock_pop3_t *p, const char *op);
/* Hears the first line of a reply, which stays there until more is received:
 * 0; -1 with the error recorded. */
int sock__pop3_hear(struct sock_session *c, const char *op,
                    struct sock__piece *line);
/* Asks and hears. */
int sock__pop3_ask(struct sock_session *c, const char *op,
                   const char *const parts[], const char *shown);
/* What the server can; NULL with the error recorded. */
sock_lines_t *sock__pop3_capa(struct sock_session *c, const char *op);

#endif
