/* SPDX-License-Identifier: MIT */
/* A server that plays a script: it hears a request and says what comes next. */
#ifndef PEER_H
#define PEER_H

#include <pthread.h>
#include <stddef.h>

#include <pysockc/pysockc.h>

enum {
    PEER_END = 1,    /* and closes the connection behind it */
    PEER_RESET = 2,  /* and resets it */
    PEER_DEAF = 4,   /* without hearing anything before */
    PEER_HEAD = 8,   /* having heard a head alone */
    PEER_BYTES = 16, /* byte by byte */
    PEER_WAIT = 32   /* and waits until the other end has closed */
};

/* What it says, after a request; NULL: nothing. */
struct turn {
    const char *says;
    int flags;
    size_t size; /* 0: it ends with a NUL */
};

struct peer {
    sock_t *server, *conn;
    sock_addr_t address;
    int port;
    const struct turn *turns;
    size_t count;
    int connections; /* that it took */
    char *heard;     /* all requests, one behind the other, and a NUL */
    size_t size;
    pthread_t thread;
};

/* Begins to play; the turns are the caller's. */
void play(struct peer *p, const struct turn *turns, size_t count);
#define PLAY(p, turns) play(p, turns, sizeof(turns) / sizeof(turns)[0])
/* Waits for the end of the script. */
void end_of_play(struct peer *p);
/* And gives back what it has. */
void free_peer(struct peer *p);

/* Reads a request from a connection behind what is there, up to its end, or
 * that of its head; its bytes, or 0 at the end of the stream. */
size_t hear(sock_t *s, char **heard, size_t *size, int head_alone);

#endif
