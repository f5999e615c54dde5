/* SPDX-License-Identifier: MIT */
/* What the clients of mail and files do here, by the library and in plain C. */
#ifndef NET_MAIL_H
#define NET_MAIL_H

#include <stddef.h>
#include <stdlib.h>

#include "bench.h"

enum {
    MAIL_BLOCK = 256 * 1024, /* of a file */
    MAIL_ROOM = 16 * 1024    /* for replies and mails */
};

/* What is to be done, and with whom. */
struct mail_job {
    int port;
    long count; /* bytes of the file, or mails */
    long ahead; /* commands that are said before the first is answered */
    const char *path;
    double timeout; /* seconds; 0: none */
};

/* Counts a mail that is done. */
void mail_done(const struct mail_job *job);

/* The message that is sent each time. */
const char *mail_text(size_t *n);

void mail_plain_retr(const struct mail_job *job);
void mail_plain_stor(const struct mail_job *job);
void mail_plain_pop3(const struct mail_job *job);
void mail_plain_imap(const struct mail_job *job);
void mail_plain_imap_all(const struct mail_job *job);
void mail_plain_smtp(const struct mail_job *job);

#endif
