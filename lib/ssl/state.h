/* SPDX-License-Identifier: MIT */
/* What contexts and connections hold. */
#ifndef SOCK__SSL_STATE_H
#define SOCK__SSL_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include <pysockc/ssl.h>

#include "private.h"
#include "setting.h"

struct sock_ssl_context_s {
    struct sock_tls tls; /* first; set when it is first asked for */
    atomic_uint holds;   /* its maker, and each connection */
    /* Held by whoever sets something, and by those who make a connection. */
    pthread_mutex_t lock;
    int saved; /* errno, which success leaves alone */
    SSL_CTX *ctx;
    bool server;
    bool check_hostname;
    int verify_mode;
    bool post_handshake;
    /* Changes with whatever a peer is verified by: a session from before is
     * none. */
    uintptr_t generation;
    bool used; /* connections have been made of it */
    bool late; /* a list of ciphers was set when it had been */
    struct sock__ssl_settings settings;
};

/* What a connection has failed with: what its record needs. */
struct sock__ssl_failure {
    int kind, code, detail, reason, verify_code, sys_errno;
};

/*
 * A connection, which an object has, and each file that was made of it.
 *
 * OpenSSL's objects are for one thread at a time: the lock is held for a try,
 * and never while one waits.
 */
struct sock__ssl {
    atomic_uint holds;
    pthread_mutex_t lock;
    SSL *ssl;
    sock_ssl_context_t *context;
    struct sock__ssl_settings settings; /* of that, when it began */
    uintptr_t generation;
    char *host; /* that the peer must prove to be; NULL: none */
    bool host_is_ip;
    bool checked; /* it is asked of the certificate */
    bool vouched; /* what it offers to resume was checked as strictly */
    bool server;
    bool ragged;      /* an end without close_notify is no error */
    bool lazy;        /* connect leaves the handshake to the first call */
    bool begun;       /* it has been, or there is a peer to begin with */
    bool established; /* the handshake is done */
    bool goodbye;     /* close_notify was sent */
    bool in_hello;    /* the SNI callback runs */
    bool keyed;       /* the PSK callback has given a key */
    bool receiving;   /* so what cannot be sent does not matter yet */
    int fault;        /* a callback's: the detail of the failure; or 0 */
    unsigned forks;   /* sock__os_forks() when it was last used */

    /* The try that goes on */
    int fd;
    sock_t *sock;
    int saved;  /* errno, which success leaves alone */
    bool moved; /* bytes came, or went */
    bool shut;  /* this side has ended what comes, or takes the end as it is */

    /* The transport, see bio.c */
    unsigned char *kept; /* bytes from `at` to `end` are still to be sent */
    size_t at, end, room;
    bool ended;    /* the peer has closed its side */
    int transport; /* the errno that it failed with, or 0 */

    bool failed; /* for good, with this */
    struct sock__ssl_failure failure;
};

#endif
