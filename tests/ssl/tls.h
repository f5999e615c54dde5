/* SPDX-License-Identifier: MIT */
/* What the tests of TLS use beyond unit/support.h. */
#ifndef TLS_H
#define TLS_H

#include <pthread.h>

#include <openssl/ssl.h>

#include "support.h"
#include <pysockc/ssl.h>

/* As Python's errno of an ssl.SSLError. */
enum { TLS_FAILED = 1, TLS_OVER = 6, TLS_CUT = 8 };

/* Of the encrypted keys, as in certs.py. */
#define PASSWORD "correct horse"
/* What no one is to find on the wire. */
#define MARKER "MaRkEr-of-what-is-SECRET"

/* The path of a file that certs.py made; eight at a time. */
const char *cert(const char *file);
/* What is in it. Freed by free(3). */
char *cert_text(const char *file);

/* A client that trusts the first root, and a server that shows LEAF.pem. */
sock_ssl_context_t *client_context(void);
sock_ssl_context_t *server_context(const char *leaf);

/* A failure, as the thread saw it that it happened to. */
struct failure {
    sock_error_t error;
    int err;
    char text[SOCK_ERROR_TEXT_MAX];
    const char *class_name;
};
struct failure last_failure(void);

/* The call returns -1 (or NULL) with this kind and code; the text has that
 * part. Of SOCK_E_TLS errno is as the code says. */
#define check_part(call, kind, code, part)                                     \
    check_part_at(__FILE__, __LINE__, #call, (long long)(call), kind, code,    \
                  part)
#define check_null_part(call, kind, code, part)                                \
    check_part_at(__FILE__, __LINE__, #call, (call) == NULL ? -1 : 0, kind,    \
                  code, part)
#define check_failure(f, kind, code, part)                                     \
    check_failure_at(__FILE__, __LINE__, #f, f, kind, code, part)
void check_part_at(const char *file, int line, const char *what,
                   long long result, int kind, int code, const char *part);
void check_failure_at(const char *file, int line, const char *what,
                      const struct failure *f, int kind, int code,
                      const char *part);

/* One end of a connection to be: what wrap_socket is given, and what came of
 * it. The plain object is freed. */
struct end {
    sock_ssl_context_t *ctx;
    sock_t *plain;
    int flags;
    const char *host;
    const sock_ssl_session_t *session; /* to be resumed */
    sock_t *made; /* NULL if it failed */
    struct failure failure;
    double took;
    pthread_t thread;
};
void begin_end(struct end *e);  /* wraps in a thread of its own */
void finish_end(struct end *e); /* joins it */
/* Wraps both at once, within ten seconds. */
void wrap_both(struct end *client, struct end *server);
/* The plain object is freed, whatever comes of it. */
sock_t *wrap(sock_ssl_context_t *ctx, sock_t *plain, int flags,
             const char *host);

/* Two ends that have shaken hands: a is the client's, b the server's; each has
 * a timeout of ten seconds. */
struct pair tls_pair(void);
/* The same of these sockets, and of these contexts where they are not NULL. */
struct pair tls_pair_over(struct pair plain, sock_ssl_context_t *client,
                          sock_ssl_context_t *server);

/*
 * A wire that is listened to, and that does something of its own: between the
 * client's socket and the server's is a thread. A course is what happens to one
 * direction.
 */
enum wire_event { WIRE_GOES_ON, WIRE_FIN, WIRE_RESET, WIRE_FLIP, WIRE_SILENT };
struct course {
    enum wire_event event;
    size_t at;    /* after so many bytes */
    int pause_ms; /* between two bytes; 0: as they come */
};
struct wire {
    sock_t *client, *server; /* to be wrapped */
    struct flow {
        sock_t *from, *to;
        struct course course;
        unsigned char *bytes; /* all that came */
        size_t size;
        bool over;
    } flows[2]; /* to the server, to the client */
    pthread_t thread;
};
struct wire *wire_new(struct course to_server, struct course to_client);
/* The same over other sockets: the client's is left.a, the server's right.b. */
struct wire *wire_new_over(struct pair left, struct pair right,
                           struct course to_server, struct course to_client);
/* Waits until both ends are closed. */
void wire_join(struct wire *w);
bool wire_has(const struct wire *w, const char *text);
void wire_free(struct wire *w);

/* A peer that is OpenSSL alone, without the library, in a thread. */
struct raw {
    int fd; /* blocking; closed at its end */
    bool server;
    const char *leaf;                  /* NULL: none */
    const char *ciphers;               /* NULL: OpenSSL's */
    int minimum, maximum;              /* versions; 0: OpenSSL's */
    uint64_t options;                  /* besides OpenSSL's */
    void (*talk)(struct raw *, SSL *); /* behind the handshake; may be NULL */
    void *arg;
    int shaken;          /* SSL_do_handshake's result */
    unsigned long error; /* of the handshake */
    pthread_t thread;
};
void raw_begin(struct raw *r);
void raw_finish(struct raw *r);
/* To talk: ends the stream without close_notify, and waits for its peer's end,
 * so that nothing unread makes a reset of it. */
void raw_fin(struct raw *r, SSL *ssl);

/* The name of its cipher; NULL: there is none yet. */
const char *cipher_of(sock_t *s);
/* Reads to the end of the stream; how many bytes, or -1. */
long read_to_end(sock_t *s, void *buf, size_t size);

/* A stale entry in OpenSSL's queue of this thread, as some other user of
 * OpenSSL may leave. */
void poison_queue(void);

#endif
