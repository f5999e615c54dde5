/* SPDX-License-Identifier: MIT */
/* What a server of Digest gives out, so that no answer to it is good twice (RFC
 * 7616 3.3, 5.12). */
#ifndef SOCK__NONCE_H
#define SOCK__NONCE_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of one, with its NUL, and how long it is good for. */
#define SOCK__NONCE_SIZE 49
#define SOCK__NONCE_NS (INT64_C(300) * 1000000000)

/* The counts of those that are in use, as many as there is room for. For one
 * thread at a time. */
struct sock__nonces;

/* NULL with errno. */
struct sock__nonces *sock__nonces_new(void);
void sock__nonces_free(struct sock__nonces *n);

/* A new one, at this time: monotonic ns. */
void sock__nonce_make(struct sock__nonces *n, int64_t now,
                      char text[SOCK__NONCE_SIZE]);
/*
 * Takes a count of one, of a client that has proved that it knows the secret:
 * nonces of others take no room. False if it was taken before, or the nonce is
 * not of these, or too old; or if its counts had to be forgotten. A client
 * tries again then with a new one.
 */
bool sock__nonce_take(struct sock__nonces *n, int64_t now, const char *text,
                      uint32_t count);
/* A text that is the same for all nonces of these. */
const char *sock__nonces_opaque(const struct sock__nonces *n);

#endif
