/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_peers.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "os_random.h"

enum { LEAST = 64, MOST = 65536 };

int sock__peers_begin(struct sock__peers *p, int connections)
{
    uint64_t size = LEAST;

    while (size < (uint64_t)connections / 2 && size < MOST)
        size *= 2;
    if (sock__os_random(p->secret, sizeof p->secret) < 0)
        return -1;
    p->secret[0] |= 1;
    p->secret[1] |= 1;
    p->table = calloc((size_t)size, sizeof(struct sock__peer *));
    p->size = size;
    return p->table != NULL ? 0 : -1;
}

void sock__peers_end(struct sock__peers *p)
{
    for (uint64_t i = 0; p->table != NULL && i < p->size; i++)
        while (p->table[i] != NULL) {
            struct sock__peer *peer = p->table[i];
            p->table[i] = peer->next;
            free(peer);
        }
    free(p->table);
    p->table = NULL;
}

/* All that is not of IP is of one address. */
static void ip_of(const sock_addr_t *address, unsigned char ip[16])
{
    memset(ip, 0, 16);
    if (sock_addr_family(address) == AF_INET)
        memcpy(ip + 12, &address->u.in.sin_addr, 4);
    else if (sock_addr_family(address) == AF_INET6)
        memcpy(ip, &address->u.in6.sin6_addr, 16);
}

static struct sock__peer **place_of(const struct sock__peers *p,
                                    const unsigned char ip[16])
{
    uint64_t half[2];

    memcpy(half, ip, sizeof half);
    uint64_t hash = (half[0] ^ p->secret[0]) * p->secret[1];
    hash = (hash ^ hash >> 32 ^ half[1]) * p->secret[0];
    return &p->table[(hash >> 32) & (p->size - 1)];
}

struct sock__peer *sock__peers_enter(struct sock__peers *p,
                                     const sock_addr_t *address, int most)
{
    unsigned char ip[16];

    ip_of(address, ip);
    struct sock__peer **at = place_of(p, ip), *peer = *at;
    while (peer != NULL && memcmp(peer->ip, ip, sizeof ip) != 0)
        peer = peer->next;
    if (peer == NULL) {
        peer = calloc(1, sizeof *peer);
        if (peer == NULL)
            return NULL;
        memcpy(peer->ip, ip, sizeof ip);
        peer->next = *at;
        *at = peer;
    }
    if (peer->count >= most)
        return NULL;
    peer->count++;
    return peer;
}

void sock__peers_leave(struct sock__peers *p, struct sock__peer *peer)
{
    if (--peer->count > 0)
        return;
    struct sock__peer **at = place_of(p, peer->ip);
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    free(peer);
}
