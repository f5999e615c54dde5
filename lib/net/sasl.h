/* SPDX-License-Identifier: MIT */
/* An exchange of SASL, within a protocol's own commands. */
#ifndef SOCK__SASL_H
#define SOCK__SASL_H

#include <pysockc/sasl.h>

#include "session.h"

/* How a protocol has it. */
struct sock__sasl_talk {
    const char *begin; /* what stands before the mechanism: "AUTH " */
    bool initial;      /* the initial response may stand behind it, */
    size_t most;       /* in a line of that many bytes; 0: of any. Else it is
                          what an empty challenge is answered with */
    /* Hears what the server says: 1 and a challenge in base64, 0 at the end, -1
     * with the error recorded. */
    int (*hear)(struct sock_session *c, const char *op,
                struct sock__piece *challenge);
};

/* 0; -1 with the error recorded. */
int sock__sasl(struct sock_session *c, const char *op, const char *mechanism,
               sock_sasl_fn fn, void *arg, const struct sock__sasl_talk *talk);

#endif
