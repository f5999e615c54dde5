/* SPDX-License-Identifier: MIT */
/* What a client of Digest says that it is, and whether it can know that (RFC
 * 7616 3.4). */
#ifndef SOCK__CLAIM_H
#define SOCK__CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "digest.h"

struct sock__claim {
    enum sock__hash hash;
    const char *user; /* or the hash of that and the realm, if userhash */
    const char *realm, *nonce, *uri, *cnonce, *nc, *response;
    bool userhash;
    uint32_t count; /* nc */
    char *memory;
};

/*
 * Reads the value of an Authorization: 0, and it is to be released; 401 if it
 * is of another kind, 400 if it is malformed, 503 for want of memory. The
 * quality of protection is auth: without one a client could be made to say the
 * same again, and auth-int is not offered.
 */
int sock__claim_read(struct sock__claim *c, const char *value);
void sock__claim_release(struct sock__claim *c);

/* H(user:realm:password) as text. */
void sock__claim_ha1(enum sock__hash hash, const char *user, const char *realm,
                     const char *password, char ha1[SOCK__DIGEST_HEX]);
/* What who knows that would have sent for a request with this method. */
void sock__claim_response(const struct sock__claim *c, const char *ha1,
                          const char *method, char response[SOCK__DIGEST_HEX]);

#endif
