/* SPDX-License-Identifier: MIT */
/* MD5 (RFC 1321), SHA-256 (FIPS 180-4) and HMAC (RFC 2104): what HTTP's and
 * mail's authentication need. */
#ifndef SOCK__DIGEST_H
#define SOCK__DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sock__hash { SOCK__MD5, SOCK__SHA256 };

/* Bytes of the longest digest, and of its text in hexadecimal with a NUL. */
#define SOCK__DIGEST_MAX 32
#define SOCK__DIGEST_HEX 65

struct sock__digest {
    enum sock__hash hash;
    uint32_t state[8];
    uint64_t bytes;
    unsigned char block[64];
};

void sock__digest_begin(struct sock__digest *d, enum sock__hash hash);
void sock__digest_add(struct sock__digest *d, const void *data, size_t n);
/* Ends it; returns its size, 16 or 32. */
size_t sock__digest_end(struct sock__digest *d,
                        unsigned char bytes[SOCK__DIGEST_MAX]);
/* The same as text, in lower case. */
void sock__digest_hex(struct sock__digest *d, char text[SOCK__DIGEST_HEX]);
/* Of texts with a colon between each, which NULL ends. */
void sock__digest_texts(enum sock__hash hash, char text[SOCK__DIGEST_HEX],
                        const char *const texts[]);
/* Of a message under a key; returns its size. */
size_t sock__hmac(enum sock__hash hash, const void *key, size_t key_size,
                  const void *data, size_t n,
                  unsigned char bytes[SOCK__DIGEST_MAX]);
void sock__hex(const void *data, size_t n, char *text);
/* Compares without telling by its time where they differ. */
bool sock__same_bytes(const void *a, const void *b, size_t n);

#endif
