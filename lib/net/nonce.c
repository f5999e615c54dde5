/* SPDX-License-Identifier: MIT */
/*
 * Nonces of Digest: when each was made, and a code that no one else can make of
 * that, so that nothing is kept of those that are only given out. Of those in
 * use the counts are kept which were taken.
 */
#define _POSIX_C_SOURCE 200809L

#include "nonce.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "chars.h"
#include "digest.h"
#include "os_random.h"
#include "private.h"

enum {
    ID_DIGITS = 16,
    CODE = 16, /* bytes of the code */
    KEY = 32,
    OPAQUE = 8,
    SETS = 512, /* a power of 2 */
    WAYS = 4,
    WINDOW = 64 /* counts that may come out of order */
};

struct used {
    uint64_t id;   /* 0: none */
    uint64_t seen; /* bit i: last - i was taken */
    uint32_t last;
};

/* Where a nonce finds its place is chance, as its code is. */
struct set {
    struct used used[WAYS];
    uint64_t forgotten; /* the latest that had to make room */
};

struct sock__nonces {
    unsigned char key[KEY];
    char opaque[2 * OPAQUE + 1];
    uint64_t last_id;
    struct set sets[SETS];
};

struct sock__nonces *sock__nonces_new(void)
{
    unsigned char opaque[OPAQUE];
    struct sock__nonces *n = calloc(1, sizeof *n);

    if (n == NULL)
        return NULL;
    if (sock__os_random(n->key, KEY) < 0 ||
        sock__os_random(opaque, sizeof opaque) < 0) {
        sock__free(n);
        return NULL;
    }
    sock__hex(opaque, sizeof opaque, n->opaque);
    return n;
}

void sock__nonces_free(struct sock__nonces *n)
{
    sock__free(n);
}

const char *sock__nonces_opaque(const struct sock__nonces *n)
{
    return n->opaque;
}

/* Writes a nonce; returns the number of its set. */
static size_t write_nonce(const struct sock__nonces *n, uint64_t id,
                          char text[SOCK__NONCE_SIZE])
{
    unsigned char bytes[8], code[SOCK__DIGEST_MAX];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(id >> 8 * (7 - i));
    sock__hmac(SOCK__SHA256, n->key, KEY, bytes, sizeof bytes, code);
    sock__hex(bytes, sizeof bytes, text);
    sock__hex(code, CODE, text + ID_DIGITS);
    return (code[CODE] | (size_t)code[CODE + 1] << 8) % SETS;
}

void sock__nonce_make(struct sock__nonces *n, int64_t now,
                      char text[SOCK__NONCE_SIZE])
{
    uint64_t id = (uint64_t)now;

    if (id <= n->last_id) /* no two are the same */
        id = n->last_id + 1;
    n->last_id = id;
    write_nonce(n, id, text);
}

/* The number of a nonce that is ours; 0: it is not. */
static uint64_t read_nonce(const struct sock__nonces *n, const char *text,
                           size_t *set)
{
    char ours[SOCK__NONCE_SIZE];
    uint64_t id = 0;

    if (strlen(text) != SOCK__NONCE_SIZE - 1)
        return 0;
    for (int i = 0; i < ID_DIGITS; i++) {
        int digit = sock__hex_value(text[i]);
        id = id << 4 | (unsigned)(digit & 15);
    }
    *set = write_nonce(n, id, ours);
    return sock__same_bytes(text, ours, sizeof ours) ? id : 0;
}

/* The counts of a nonce. If none are kept, those of the oldest one make room;
 * NULL: it is older than one that had to, or than those that are kept. */
static struct used *find(struct set *set, uint64_t id)
{
    struct used *oldest = &set->used[0];

    for (int i = 0; i < WAYS; i++) {
        struct used *used = &set->used[i];
        if (used->id == id)
            return used;
        if (used->id < oldest->id)
            oldest = used;
    }
    if (id <= set->forgotten || id < oldest->id)
        return NULL;
    if (oldest->id > set->forgotten)
        set->forgotten = oldest->id;
    *oldest = (struct used){.id = id};
    return oldest;
}

static bool take(struct used *used, uint32_t count)
{
    if (count > used->last) {
        uint32_t by = count - used->last;
        used->seen = by < WINDOW ? used->seen << by : 0;
        used->last = count;
    }
    uint32_t back = used->last - count;
    if (back >= WINDOW || (used->seen >> back & 1) != 0)
        return false;
    used->seen |= UINT64_C(1) << back;
    return true;
}

bool sock__nonce_take(struct sock__nonces *n, int64_t now, const char *text,
                      uint32_t count)
{
    size_t set;
    uint64_t id = read_nonce(n, text, &set);

    if (id == 0 || count == 0 || now - (int64_t)id > SOCK__NONCE_NS)
        return false;
    struct used *used = find(&n->sets[set], id);
    return used != NULL && take(used, count);
}
