/* SPDX-License-Identifier: MIT */
/* What a client of Digest claims: read without a fault, in memory that is just
 * enough; and a right answer is right whatever it is about. */
#include "claim.h"
#include "fuzz.h"

static void check_claim(const struct sock__claim *c)
{
    const char *const texts[] = {c->user,   c->realm, c->nonce,   c->uri,
                                 c->cnonce, c->nc,    c->response};
    char ha1[SOCK__DIGEST_HEX], response[SOCK__DIGEST_HEX];
    size_t n = c->hash == SOCK__MD5 ? 32 : 64;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        claim(texts[i] != NULL && strlen(texts[i]) < 1024);
    claim(strlen(c->nc) == 8);
    sock__claim_ha1(c->hash, c->user, c->realm, "password", ha1);
    sock__claim_response(c, ha1, "GET", response);
    claim(strlen(ha1) == n && strlen(response) == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    bool whole = next_byte(&in) % 2 == 0;
    char *rest = rest_as_text(&in), *value = malloc(strlen(rest) + 256);
    struct sock__claim c;

    claim(value != NULL);
    /* Half of them are claims but for a part. */
    sprintf(value,
            whole ? "%s"
                  : "Digest realm=r, nonce=\"n\", uri=\"/\", "
                    "response=x, cnonce=c, nc=00000001, qop=auth, %s",
            rest);
    int status = sock__claim_read(&c, value);
    claim(status == 0 || status == 400 || status == 401);
    if (status == 0) {
        check_claim(&c);
        sock__claim_release(&c);
    }
    claim(c.memory == NULL);
    free(rest);
    free(value);
    return 0;
}
