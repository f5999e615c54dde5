/* SPDX-License-Identifier: MIT */
/* Recipients that were refused. */
#ifndef SOCK__SMTP_REFUSALS_H
#define SOCK__SMTP_REFUSALS_H

#include <pysockc/smtp.h>

#include "output.h"

/* Zeroed, there are none. Their texts lie one behind the other, and are pointed
 * to when the list is whole. */
struct sock__smtp_refusals {
    sock_smtp_refusal_t *list;
    size_t count, room;
    struct sock__output texts;
};

void sock__smtp_refusals_begin(struct sock__smtp_refusals *r);
/* 0; -1 for want of memory, recorded. */
int sock__smtp_refusals_add(struct sock__smtp_refusals *r, const char *op,
                            const char *address, int code, const char *text);
void sock__smtp_refusals_end(struct sock__smtp_refusals *r);
void sock__smtp_refusals_release(struct sock__smtp_refusals *r);

#endif
