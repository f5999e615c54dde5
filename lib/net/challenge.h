/* SPDX-License-Identifier: MIT */
/* What WWW-Authenticate and its like say (RFC 9110 11). */
#ifndef SOCK__CHALLENGE_H
#define SOCK__CHALLENGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* One of a field's challenges; or what Authentication-Info has, which has no
 * scheme. All are parts of the field's value. */
struct sock__challenge {
    const char *scheme; /* such as Digest */
    size_t scheme_len;
    const char *params; /* what stands between it and the next one */
    size_t params_len;
};

/*
 * The next challenge of a value of which *at is what is left; false if there is
 * none. Where the value is not of the grammar's form what is left of it is
 * passed over, and so is the challenge in which that is found: which of its
 * parameters are meant no one can say.
 */
bool sock__challenge_next(const char **at, struct sock__challenge *c);

/* Parameters alone, as if they were a challenge's; false if they are none. */
bool sock__challenge_of_params(const char *value, struct sock__challenge *c);

bool sock__challenge_is(const struct sock__challenge *c, const char *scheme);

/* The length of a parameter, without its quotes, which is written to a buffer
 * if it has more room than that; -1 if there is none, -2 if there are two. */
ssize_t sock__challenge_param(const struct sock__challenge *c, const char *name,
                              char *buf, size_t size);

#endif
