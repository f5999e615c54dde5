/* SPDX-License-Identifier: MIT */
/* TLS for those who need not know how: who has it, and what it is asked. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "private.h"

/* A TLS library that turns every byte around. */
struct toy {
    struct sock_tls tls; /* first */
    int holds, sessions;
    const struct sock_ssl_session_s *session; /* it was asked to resume */
};

static ssize_t toy_recv(sock_t *s, int fd, void *buf, size_t size, int flags,
                        short *events)
{
    unsigned char *bytes = buf;
    (void)s;
    *events = 1;
    ssize_t n = recv(fd, buf, size, flags);
    for (ssize_t i = 0; i < n; i++)
        bytes[i] ^= 0xff;
    return n;
}

static ssize_t toy_send(sock_t *s, int fd, const void *buf, size_t size,
                        int flags, short *events)
{
    const unsigned char *bytes = buf;
    unsigned char turned[64];
    size_t n = size < sizeof turned ? size : sizeof turned;
    (void)s, (void)events;
    for (size_t i = 0; i < n; i++)
        turned[i] = bytes[i] ^ 0xff;
    return send(fd, turned, n, flags | MSG_NOSIGNAL);
}

static const struct sock__ops toy_ops = {
    .name = "Toy", .recv = toy_recv, .send = toy_send};

static sock_t *toy_wrap(sock_tls_t *tls, sock_t *s,
                        const struct sock__tls_terms *terms)
{
    struct toy *t = (struct toy *)tls;
    t->session = terms->session;
    if (strcmp(terms->host, "right") != 0) {
        sock__fail(terms->op, SOCK_E_VALUE, 0, 0);
        return NULL;
    }
    sock_t *now = sock__move(s, terms->op);
    if (now != NULL)
        sock__set_ops(now, &toy_ops, t);
    return now;
}

static sock_t *toy_unwrap(sock_t *s)
{
    return sock__move(s, "unwrap");
}

static bool toy_is_secure(const sock_t *s)
{
    return sock__has_ops(s, &toy_ops);
}

/* No more than a mark that it is not the one of another. */
struct sock_ssl_session_s {
    struct toy *of;
};

static struct sock_ssl_session_s *toy_session(sock_t *s)
{
    struct sock_ssl_session_s *session = malloc(sizeof *session);
    check(session != NULL);
    session->of = sock__ops_data(s);
    session->of->sessions++;
    return session;
}

static void toy_session_free(struct sock_ssl_session_s *session)
{
    if (session != NULL)
        session->of->sessions--;
    free(session);
}

static void toy_hold(sock_tls_t *tls)
{
    ((struct toy *)tls)->holds++;
}

static void toy_let_go(sock_tls_t *tls)
{
    ((struct toy *)tls)->holds--;
}

static const struct sock__tls_ops toy_table = {.wrap = toy_wrap,
                                               .unwrap = toy_unwrap,
                                               .is_secure = toy_is_secure,
                                               .session = toy_session,
                                               .session_free = toy_session_free,
                                               .hold = toy_hold,
                                               .let_go = toy_let_go};

static struct toy toy = {.tls = {&toy_table}};
static int asked;

static sock_tls_t *the_toy(void)
{
    asked++;
    return &toy.tls;
}

static sock_tls_t *nothing(void)
{
    sock__fail("create_default_context", SOCK_E_MEMORY, 0, 0);
    return NULL;
}

/* What a library over it does: starttls, with the toy's context or the
 * default one. */
static sock_t *start(sock_tls_t *tls, sock_t *s, const char *host,
                     const struct sock_ssl_session_s *session)
{
    struct sock__tls_terms terms = {
        .op = "starttls", .host = host, .session = session};
    if (tls == NULL && (tls = sock__default_tls(terms.op)) == NULL)
        return NULL;
    return tls->ops->wrap(tls, s, &terms);
}

TEST(tls, is_not_there_by_itself)
{
    struct pair p = tcp_pair();
    check_null(start(NULL, p.a, "right", NULL), SOCK_E_UNSUPPORTED, 0,
               "starttls: TLS needs sock_ssl_init() of libpysockc-ssl, or a "
               "context of it");
    check_str(sock_error_class(NULL), "NotImplementedError");
    check_int(sock_send(p.a, "x", 1, 0), 1); /* as it was */
    free_pair(&p);
}

/* The one who has it is asked when it is needed, and not before. */
TEST(tls, is_asked_for_when_none_is_given)
{
    struct pair p = tcp_pair();
    sock__set_default_tls(the_toy);
    check_int(asked, 0);
    sock_t *s = check_made(start(NULL, p.a, "right", NULL));
    check_int(asked, 1);
    check_int(sock_send(s, "\x01", 1, 0), 1);
    sock_free(s);
    sock_free(p.a);
    p.a = NULL;
    sock__set_default_tls(NULL);
    check_null(start(NULL, p.b, "right", NULL), SOCK_E_UNSUPPORTED, 0,
               "starttls: TLS needs sock_ssl_init() of libpysockc-ssl, or a "
               "context of it");
    free_pair(&p);
}

TEST(tls, fails_as_the_one_who_has_it)
{
    struct pair p = tcp_pair();
    sock__set_default_tls(nothing);
    check_null(start(NULL, p.a, "right", NULL), SOCK_E_MEMORY, 0,
               "starttls: [Errno 12] Cannot allocate memory");
    sock__set_default_tls(NULL);
    free_pair(&p);
}

TEST(tls, is_under_the_connection)
{
    struct pair p = tcp_pair();
    char bytes[4];
    check_null(start(&toy.tls, p.a, "wrong", NULL), SOCK_E_VALUE, 0,
               "starttls: SOCK_E_VALUE");
    check(!toy_table.is_secure(p.a));
    sock_t *s = check_made(start(&toy.tls, p.a, "right", NULL));
    check(toy_table.is_secure(s));
    check_fails(sock_send(p.a, "x", 1, 0), SOCK_E_OS, EBADF,
                "send: [Errno 9] Bad file descriptor");
    check_int(sock_sendall(s, "abcd", 4, 0), 0);
    check_int(sock_recv_all(p.b, bytes, 4), 4);
    check_bytes(bytes, "\x9e\x9d\x9c\x9b", 4);
    sock_free(p.a);
    p.a = check_made(toy_table.unwrap(s));
    sock_free(s);
    check(!toy_table.is_secure(p.a));
    check_int(sock_sendall(p.a, "abcd", 4, 0), 0);
    check_int(sock_recv_all(p.b, bytes, 4), 4);
    check_bytes(bytes, "abcd", 4);
    free_pair(&p);
}

/* What a second connection is resumed with is the first one's. */
TEST(tls, gives_a_session_to_the_next)
{
    struct pair p = tcp_pair(), q = tcp_pair();
    toy_table.hold(&toy.tls);
    sock_t *control = check_made(start(&toy.tls, p.a, "right", NULL));
    struct sock_ssl_session_s *session = toy_table.session(control);
    sock_t *data = check_made(start(&toy.tls, q.a, "right", session));
    check(toy.session == session);
    toy_table.session_free(session);
    toy_table.session_free(NULL);
    check_int(toy.sessions, 0);
    toy_table.let_go(&toy.tls);
    check_int(toy.holds, 0);
    sock_free(control);
    sock_free(data);
    free_pair(&p);
    free_pair(&q);
}
