/* SPDX-License-Identifier: MIT */
/* Forms, and reading one from wherever it comes. */
#ifndef SOCK__FORM_H
#define SOCK__FORM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <pysockc/cgi.h>

#include "part.h"

struct sock_form {
    struct sock__part *parts;
    size_t count, slots;
    sock_query_t *query; /* has the texts of those that are urlencoded */
};

/* Room for a further field, zeroed; NULL for want of memory, not recorded. */
struct sock__part *sock__form_slot(sock_form_t *form);

/* For a length: the body goes to its end; it is none. */
enum { SOCK__TO_END = -1, SOCK__NO_LENGTH = -2 };

/* Where a form comes from. */
struct sock__form_source {
    const char *op;
    const char *method;
    const char *query; /* of the URL; NULL: it has none */
    const char *type;  /* of the body; NULL: it has none */
    int64_t length;    /* of the body, or one of the above */
    /* As read(2), with the error recorded. No more is asked for than `length`
     * says. */
    ssize_t (*read)(void *arg, void *buf, size_t size);
    void *arg;
};

/* A new form; NULL with the error recorded. */
sock_form_t *sock__form_read(const struct sock__form_source *source,
                             const sock_form_limits_t *limits);

#endif
