/* SPDX-License-Identifier: MIT */
/* What a client of Digest says that it is. */
#define _POSIX_C_SOURCE 200809L

#include "claim.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "challenge.h"
#include "chars.h"
#include "private.h"

/* Reading */

struct reader {
    struct sock__challenge challenge;
    char *at; /* where the next text is written */
    size_t room;
    bool malformed;
};

/* A parameter; NULL: there is none, or there are two, which is malformed. */
static const char *param(struct reader *r, const char *name)
{
    char *text = r->at;
    ssize_t n = sock__challenge_param(&r->challenge, name, text, r->room);

    if (n == -2)
        r->malformed = true;
    if (n < 0)
        return NULL;
    r->at += n + 1;
    r->room -= (size_t)n + 1;
    return text;
}

/* One that there must be. */
static const char *needed(struct reader *r, const char *name)
{
    const char *text = param(r, name);
    if (text == NULL)
        r->malformed = true;
    return text;
}

/* Undoes %XX in place: false if that is none, or a NUL. */
static bool decode(char *text)
{
    char *to = text;

    for (; *text != '\0'; text++) {
        if (*text != '%') {
            *to++ = *text;
            continue;
        }
        int byte = sock__hex_pair(text + 1);
        if (byte <= 0)
            return false;
        *to++ = (char)byte;
        text += 2;
    }
    *to = '\0';
    return true;
}

/* A name that is not ASCII: UTF-8'language'%XX (RFC 8187). */
static const char *extended_user(struct reader *r)
{
    char *at = r->at;
    const char *text = param(r, "username*");

    if (text == NULL || strncasecmp(at, "UTF-8'", 6) != 0)
        return NULL;
    at = strchr(at + 6, '\'');
    return at != NULL && decode(at + 1) ? at + 1 : NULL;
}

/* Just one of the two. */
static const char *user_of(struct reader *r)
{
    const char *plain = param(r, "username"), *other = extended_user(r);

    if ((plain == NULL) == (other == NULL))
        r->malformed = true;
    return plain != NULL ? plain : other;
}

/* Eight digits. */
static uint32_t read_count(struct reader *r, const char *nc)
{
    uint32_t count = 0;

    if (nc == NULL || strlen(nc) != 8) {
        r->malformed = true;
        return 0;
    }
    for (; *nc != '\0'; nc++) {
        int digit = sock__hex_value(*nc);
        r->malformed |= digit < 0;
        count = count << 4 | ((unsigned)digit & 15);
    }
    return count;
}

/* 0; 401: one that is not offered. */
static int read_algorithm(struct sock__claim *c, const char *name)
{
    if (name == NULL || strcasecmp(name, "MD5") == 0)
        c->hash = SOCK__MD5;
    else if (strcasecmp(name, "SHA-256") == 0)
        c->hash = SOCK__SHA256;
    else
        return 401;
    return 0;
}

static int read_params(struct sock__claim *c, struct reader *r)
{
    const char *algorithm = param(r, "algorithm"), *qop = param(r, "qop");
    const char *userhash = param(r, "userhash");

    c->user = user_of(r);
    c->realm = needed(r, "realm");
    c->nonce = needed(r, "nonce");
    c->uri = needed(r, "uri");
    c->response = needed(r, "response");
    c->cnonce = needed(r, "cnonce");
    c->nc = needed(r, "nc");
    c->count = read_count(r, c->nc);
    c->userhash = userhash != NULL && strcasecmp(userhash, "true") == 0;
    if (read_algorithm(c, algorithm) != 0 || qop == NULL ||
        strcasecmp(qop, "auth") != 0)
        return 401;
    return r->malformed ? 400 : 0;
}

int sock__claim_read(struct sock__claim *c, const char *value)
{
    struct reader r = {.malformed = false};
    const char *at = value;

    *c = (struct sock__claim){.memory = NULL};
    if (!sock__challenge_next(&at, &r.challenge) || *at != '\0')
        return strncasecmp(value, "Digest", 6) == 0 ? 400 : 401;
    if (!sock__challenge_is(&r.challenge, "Digest"))
        return 401;
    r.room = strlen(value) + 16; /* a NUL for each */
    r.at = c->memory = malloc(r.room);
    if (c->memory == NULL)
        return 503;
    int status = read_params(c, &r);
    if (status != 0)
        sock__claim_release(c);
    return status;
}

void sock__claim_release(struct sock__claim *c)
{
    sock__free(c->memory);
    c->memory = NULL;
}

/* Proving */

void sock__claim_ha1(enum sock__hash hash, const char *user, const char *realm,
                     const char *password, char ha1[SOCK__DIGEST_HEX])
{
    sock__digest_texts(hash, ha1,
                       (const char *[]){user, realm, password, NULL});
}

void sock__claim_response(const struct sock__claim *c, const char *ha1,
                          const char *method, char response[SOCK__DIGEST_HEX])
{
    char ha2[SOCK__DIGEST_HEX];

    sock__digest_texts(c->hash, ha2, (const char *[]){method, c->uri, NULL});
    sock__digest_texts(
        c->hash, response,
        (const char *[]){ha1, c->nonce, c->nc, c->cnonce, "auth", ha2, NULL});
}
