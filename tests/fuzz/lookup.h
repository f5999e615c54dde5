/* SPDX-License-Identifier: MIT */
/* A getaddrinfo(3) that knows numeric text only: no target asks a server. */
#ifndef LOOKUP_H
#define LOOKUP_H

#include <netdb.h>

#include "fuzz.h"

int __real_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);

static char asked_host[1024];
static char asked_port[1024];
static int questions;

static inline void note(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text != NULL ? text : "");
}

int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list)
{
    struct addrinfo numeric = *hints;

    questions++;
    note(asked_host, sizeof asked_host, host);
    note(asked_port, sizeof asked_port, port);
    numeric.ai_flags |= AI_NUMERICHOST | AI_NUMERICSERV;
    return __real_getaddrinfo(host, port, &numeric, list);
}

#endif
