/* SPDX-License-Identifier: MIT */
/* For the tests of TLS that generate.py makes: what arguments.h has not. */
#include "arguments.h"
#include "tls.h"

VALUES(unsigned, flag_sets, 0, 1, UINT_MAX)
VALUES(size_t, counts, 2, 0, 1, 16)
VALUES(const char *, log_paths, "/dev/null", "", "/nowhere/log", NULL)

static inline int no_password(char *buf, size_t size, void *arg)
{
    (void)buf, (void)size, (void)arg;
    return 0;
}
VALUES(sock_ssl_password_fn, password_functions, no_password, NULL)

static inline int any_name(sock_t *s, const char *name, void *arg)
{
    (void)s, (void)name, (void)arg;
    return 0;
}
VALUES(sock_ssl_sni_fn, sni_functions, any_name, NULL)

static inline int no_key_of_client(const char *hint, char *identity,
                                   size_t identity_size, unsigned char *key,
                                   size_t key_size, void *arg)
{
    (void)hint, (void)identity, (void)identity_size, (void)key, (void)key_size,
        (void)arg;
    return 0;
}
VALUES(sock_ssl_psk_client_fn, psk_client_functions, no_key_of_client, NULL)

static inline int no_key_of_server(const char *identity, unsigned char *key,
                                   size_t key_size, void *arg)
{
    (void)identity, (void)key, (void)key_size, (void)arg;
    return 0;
}
VALUES(sock_ssl_psk_server_fn, psk_server_functions, no_key_of_server, NULL)

/* Sixteen, some of which are none. */
static inline const char *const *name_lists(const struct call *c, int i)
{
    static const char *const good[16] = {
        "h2", "http/1.1", "a", "b", "c", "d", "e", "f",
        "g",  "h",        "i", "j", "k", "l", "m", "n"};
    static const char *const holes[16] = {"h2", NULL};
    static const char *const empty[16] = {"", "", "", "", "", "", "", "",
                                          "", "", "", "", "", "", "", ""};
    static const char *const *const all[] = {good, holes, empty, NULL};
    return all[c->at[i]];
}
enum { count_name_lists = 4 };

/* What a call was given, and clean_tls() frees. */
static sock_ssl_context_t *given_context;
static sock_ssl_session_t *given_session;

/* Of a client, of a server, and none. */
static inline sock_ssl_context_t *contexts(const struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    given_context =
        check_made(sock_ssl_context_new(c->at[i] == 0
                                            ? SOCK_SSL_PROTOCOL_TLS_CLIENT
                                            : SOCK_SSL_PROTOCOL_TLS_SERVER));
    return given_context;
}
enum { count_contexts = 3 };

static inline sock_ssl_context_t **context_places(const struct call *c, int i)
{
    if (c->at[i] == 1)
        return NULL;
    given_context =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
    return &given_context;
}
enum { count_context_places = 2 };

/* One that holds NULL, and none. */
static inline void *pointer_places(struct call *c, int i)
{
    return c->at[i] == 0 ? c->room[i] : NULL;
}
enum { count_pointer_places = 2 };

static inline void shake_hands(sock_t *a, sock_t *b)
{
    int first, second;
    do {
        first = sock_ssl_do_handshake(a);
        second = sock_ssl_do_handshake(b);
    } while (first < 0 || second < 0);
}

/* Puts both ends of a call under TLS, and shakes hands if asked to. */
static inline void make_tls(struct call *c, bool shaken)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    struct pair p = unix_pair(SOCK_STREAM);
    check_ok(sock_setblocking(p.a, 0));
    check_ok(sock_setblocking(p.b, 0));
    c->object = check_made(wrap(client, p.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    c->peer = check_made(
        wrap(server, p.b, SOCK_SSL_SERVER_SIDE | SOCK_SSL_NO_HANDSHAKE, NULL));
    if (shaken)
        shake_hands(c->object, c->peer);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* That has shaken hands, closed, none, that has not yet, without TLS. */
static inline sock_t *tls_objects(struct call *c, int i)
{
    if (c->at[i] == 4) {
        struct pair p = unix_pair(SOCK_STREAM);
        c->object = p.a;
        c->peer = p.b;
        return p.a;
    }
    make_tls(c, c->at[i] != 3);
    if (c->at[i] == 1)
        check_ok(sock_close(c->object));
    return c->at[i] == 2 ? NULL : c->object;
}
enum { count_tls_objects = 5 };

/* None, and one of another context. */
static inline const sock_ssl_session_t *sessions(struct call *c, int i)
{
    if (c->at[i] == 0)
        return NULL;
    struct pair p = tls_pair();
    check_ok(sock_sendall(p.b, "x", 1, 0));
    check_int(sock_recv(p.a, c->room[i], 1, 0), 1);
    given_session = check_made(sock_ssl_session(p.a));
    sock_free(p.a);
    sock_free(p.b);
    return given_session;
}
enum { count_sessions = 2 };

/* A result that may well be missing, which is no failure. */
static inline void made_or_none(struct call *c, bool none)
{
    made(c, none && !untouched(c));
}

static inline void clean_tls(bool gone)
{
    if (!gone)
        sock_ssl_context_free(given_context);
    sock_ssl_session_free(given_session);
    given_context = NULL;
    given_session = NULL;
}
