/* SPDX-License-Identifier: MIT */
#include "digest.h"

#include <string.h>

#include "bytes.h"

static uint32_t left_by(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

static uint32_t right_by(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

/* MD5 (RFC 1321 3) */

/* floor(2^32 abs(sin(i + 1))) */
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
    0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
    0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
    0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
    0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
    0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
    0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
    0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
    0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static uint32_t little(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

/* The function of a round, and which word its i-th step takes. */
static uint32_t mix(int i, uint32_t b, uint32_t c, uint32_t d, int *word)
{
    switch (i / 16) {
    case 0:
        *word = i;
        return (b & c) | (~b & d);
    case 1:
        *word = (5 * i + 1) % 16;
        return (d & b) | (~d & c);
    case 2:
        *word = (3 * i + 5) % 16;
        return b ^ c ^ d;
    default:
        *word = 7 * i % 16;
        return c ^ (b | ~d);
    }
}

static void md5_block(uint32_t state[], const unsigned char *block)
{
    static const int shifts[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];

    for (int i = 0; i < 64; i++) {
        int word;
        uint32_t f = mix(i, b, c, d, &word);
        f += a + sines[i] + little(block + (size_t)word * 4);
        a = d;
        d = c;
        c = b;
        b += left_by(f, shifts[i / 16][i % 4]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

/* SHA-256 (FIPS 180-4 6.2) */

/* The first bits of the fractions of the cube roots of the first primes. */
static const uint32_t cube_roots[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t big(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static void put_big(unsigned char *p, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(x >> (24 - 8 * i));
}

/* The message, made longer. */
static void schedule(uint32_t w[64], const unsigned char *block)
{
    for (int i = 0; i < 16; i++)
        w[i] = big(block + (size_t)i * 4);
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (right_by(a, 7) ^ right_by(a, 18) ^ a >> 3) +
               w[i - 7] + (right_by(b, 17) ^ right_by(b, 19) ^ b >> 10);
    }
}

static void sha256_block(uint32_t state[], const unsigned char *block)
{
    uint32_t w[64], s[8];

    schedule(w, block);
    memcpy(s, state, sizeof s);
    for (int i = 0; i < 64; i++) {
        uint32_t a = s[0], e = s[4];
        uint32_t t = s[7] + cube_roots[i] + w[i] + ((e & s[5]) ^ (~e & s[6])) +
                     (right_by(e, 6) ^ right_by(e, 11) ^ right_by(e, 25));
        uint32_t u = (right_by(a, 2) ^ right_by(a, 13) ^ right_by(a, 22)) +
                     ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        s[7] = s[6]; /* by assignments: all of it stays in registers */
        s[6] = s[5];
        s[5] = e;
        s[4] = s[3] + t;
        s[3] = s[2];
        s[2] = s[1];
        s[1] = a;
        s[0] = t + u;
    }
    for (int i = 0; i < 8; i++)
        state[i] += s[i];
}

/* Both */

static size_t size_of(enum sock__hash hash)
{
    return hash == SOCK__MD5 ? 16 : 32;
}

void sock__digest_begin(struct sock__digest *d, enum sock__hash hash)
{
    static const uint32_t md5[8] = {0x67452301, 0xefcdab89, 0x98badcfe,
                                    0x10325476};
    /* Of the square roots of the first primes, as above. */
    static const uint32_t sha256[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                       0xa54ff53a, 0x510e527f, 0x9b05688c,
                                       0x1f83d9ab, 0x5be0cd19};

    *d = (struct sock__digest){.hash = hash};
    memcpy(d->state, hash == SOCK__MD5 ? md5 : sha256, sizeof d->state);
}

static void add_block(struct sock__digest *d, const unsigned char *block)
{
    if (d->hash == SOCK__MD5)
        md5_block(d->state, block);
    else
        sha256_block(d->state, block);
}

void sock__digest_add(struct sock__digest *d, const void *data, size_t n)
{
    const unsigned char *p = data;
    size_t have = d->bytes % sizeof d->block;

    d->bytes += n;
    while (n >= sizeof d->block - have) {
        size_t part = sizeof d->block - have;
        const unsigned char *block = have > 0 ? d->block : p;
        if (have > 0)
            memcpy(d->block + have, p, part);
        add_block(d, block);
        p += part;
        n -= part;
        have = 0;
    }
    if (n > 0)
        memcpy(d->block + have, p, n);
}

/* A one, zeros, and the number of bits in the last bytes of a block. */
static void pad(struct sock__digest *d)
{
    static const unsigned char padding[72] = {0x80};
    unsigned char count[8];
    uint64_t bits = d->bytes * 8;

    for (int i = 0; i < 8; i++)
        count[d->hash == SOCK__MD5 ? i : 7 - i] =
            (unsigned char)(bits >> (8 * i));
    sock__digest_add(d, padding, 64 - (d->bytes + 8) % 64);
    sock__digest_add(d, count, sizeof count);
}

size_t sock__digest_end(struct sock__digest *d,
                        unsigned char bytes[SOCK__DIGEST_MAX])
{
    size_t size = size_of(d->hash);

    pad(d);
    for (size_t i = 0; i < size; i += 4) {
        put_big(bytes + i, d->state[i / 4]);
        if (d->hash == SOCK__MD5)
            put_big(bytes + i, little(bytes + i));
    }
    return size;
}

void sock__hex(const void *data, size_t n, char *text)
{
    const unsigned char *p = data;

    for (size_t i = 0; i < n; i++) {
        text[i * 2] = "0123456789abcdef"[p[i] >> 4];
        text[i * 2 + 1] = "0123456789abcdef"[p[i] & 15];
    }
    text[n * 2] = '\0';
}

void sock__digest_hex(struct sock__digest *d, char text[SOCK__DIGEST_HEX])
{
    unsigned char bytes[SOCK__DIGEST_MAX];
    size_t size = sock__digest_end(d, bytes);
    sock__hex(bytes, size, text);
}

void sock__digest_texts(enum sock__hash hash, char text[SOCK__DIGEST_HEX],
                        const char *const texts[])
{
    struct sock__digest d;

    sock__digest_begin(&d, hash);
    for (size_t i = 0; texts[i] != NULL; i++) {
        if (i > 0)
            sock__digest_add(&d, ":", 1);
        sock__digest_add(&d, texts[i], strlen(texts[i]));
    }
    sock__digest_hex(&d, text);
    sock__wipe(&d, sizeof d); /* one of them may be a password */
}

/* HMAC (RFC 2104) */

/* Begins a digest of the key, each byte of which is changed so. */
static void begin_keyed(struct sock__digest *d, enum sock__hash hash,
                        const unsigned char key[64], unsigned char change)
{
    unsigned char block[64];

    for (size_t i = 0; i < sizeof block; i++)
        block[i] = key[i] ^ change;
    sock__digest_begin(d, hash);
    sock__digest_add(d, block, sizeof block);
    sock__wipe(block, sizeof block);
}

size_t sock__hmac(enum sock__hash hash, const void *key, size_t key_size,
                  const void *data, size_t n,
                  unsigned char bytes[SOCK__DIGEST_MAX])
{
    unsigned char block[64] = {0};
    struct sock__digest d;

    if (key_size > sizeof block) {
        sock__digest_begin(&d, hash);
        sock__digest_add(&d, key, key_size);
        sock__digest_end(&d, block);
    } else if (key_size > 0) {
        memcpy(block, key, key_size);
    }
    begin_keyed(&d, hash, block, 0x36);
    sock__digest_add(&d, data, n);
    size_t size = sock__digest_end(&d, bytes);
    begin_keyed(&d, hash, block, 0x5c);
    sock__digest_add(&d, bytes, size);
    size = sock__digest_end(&d, bytes);
    sock__wipe(block, sizeof block); /* the key may be a password */
    sock__wipe(&d, sizeof d);
    return size;
}

bool sock__same_bytes(const void *a, const void *b, size_t n)
{
    const volatile unsigned char *p = a, *q = b;
    unsigned char differ = 0;

    for (size_t i = 0; i < n; i++)
        differ |= p[i] ^ q[i];
    return differ == 0;
}
