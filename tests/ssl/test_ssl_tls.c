/* SPDX-License-Identifier: MIT */
/* TLS as libraries see it that do not link this one. */
#include "tls.h"

#include <stdlib.h>

#include "private.h"

/* What such a library does, in a thread. */
struct start {
    sock_tls_t *tls; /* NULL: the default one */
    struct sock__tls_terms terms;
    sock_t *plain, *made;
    struct failure failure;
    pthread_t thread;
};

static void *run_start(void *arg)
{
    struct start *x = arg;
    sock_tls_t *tls = x->tls;
    if (tls == NULL)
        tls = sock__default_tls(x->terms.op);
    if (tls != NULL)
        x->made = tls->ops->wrap(tls, x->plain, &x->terms);
    if (x->made == NULL)
        x->failure = last_failure();
    OPENSSL_thread_stop();
    return NULL;
}

static sock_t *start(struct start *x, sock_ssl_context_t *server)
{
    struct pair p = tcp_pair();
    x->terms.op = "starttls";
    x->plain = p.a;
    check_ok(sock_settimeout(p.a, 10));
    check_ok(sock_settimeout(p.b, 10));
    check_int(pthread_create(&x->thread, NULL, run_start, x), 0);
    sock_t *other = wrap(server, p.b, SOCK_SSL_SERVER_SIDE, NULL);
    check_int(pthread_join(x->thread, NULL), 0);
    sock_free(x->plain);
    return other;
}

static void round_trip(sock_t *a, sock_t *b)
{
    char c;
    check_int(sock_send(a, "x", 1, 0), 1);
    check_int(sock_recv(b, &c, 1, 0), 1);
    check_int(sock_send(b, "y", 1, 0), 1);
    check_int(sock_recv(a, &c, 1, 0), 1);
}

/* The control connection's session is the data connection's, as servers of FTP
 * want it. */
TEST(ssl_tls, wraps_and_resumes)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    sock_tls_t *tls = check_made(sock_ssl_tls(client));
    check(sock_ssl_tls(client) == tls);
    struct start control = {.tls = tls, .terms = {.host = "localhost"}};
    sock_t *other = check_made(start(&control, server));
    check(tls->ops->is_secure(control.made));
    round_trip(control.made, other);
    struct sock_ssl_session_s *session =
        check_made(tls->ops->session(control.made));

    struct start data = {.tls = tls,
                         .terms = {.host = "localhost", .session = session}};
    sock_t *other_data = check_made(start(&data, server));
    check_int(sock_ssl_session_reused(data.made), 1);
    round_trip(data.made, other_data);
    tls->ops->session_free(session);
    tls->ops->session_free(NULL);
    sock_free(data.made);
    sock_free(other_data);
    sock_free(control.made);
    sock_free(other);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_tls, fails_in_the_name_of_the_other)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("wrong");
    struct start x = {.tls = check_made(sock_ssl_tls(client)),
                      .terms = {.host = "localhost"}};
    sock_free(start(&x, server));
    check_failure(&x.failure, SOCK_E_TLS, TLS_FAILED, "starttls ");
    x = (struct start){.tls = sock_ssl_tls(client)}; /* no host */
    struct pair p = tcp_pair();
    x.terms.op = "starttls";
    x.plain = p.a;
    run_start(&x);
    check_failure(&x.failure, SOCK_E_VALUE, 0,
                  "starttls: check_hostname requires server_hostname");
    check_int(sock_send(p.a, "x", 1, 0), 1);
    check(!sock_ssl_tls(client)->ops->is_secure(p.a));
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* One protocol that is this connection's own. */
TEST(ssl_tls, offers_a_protocol)
{
    static const char *const known[] = {"http/1.1", "acme"};
    static const char *const own[] = {"acme"};
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    char name[32];
    check_ok(sock_ssl_set_alpn_protocols(server, known, 2));
    check_ok(sock_ssl_set_alpn_protocols(client, own, 1));
    struct start x = {.tls = check_made(sock_ssl_tls(client)),
                      .terms = {.host = "localhost", .alpn = "http/1.1"}};
    sock_t *other = check_made(start(&x, server));
    check_int(sock_ssl_selected_alpn_protocol(x.made, name, sizeof name), 8);
    check_str(name, "http/1.1");
    sock_free(x.made);
    sock_free(other);
    x = (struct start){.tls = x.tls, .terms = {.host = "localhost"}};
    other = check_made(start(&x, server));
    check_int(sock_ssl_selected_alpn_protocol(x.made, name, sizeof name), 4);
    check_str(name, "acme");
    sock_free(x.made);
    sock_free(other);

    struct pair p = tcp_pair();
    struct sock__tls_terms bad = {
        .op = "starttls", .host = "localhost", .alpn = ""};
    check_null_part(x.tls->ops->wrap(x.tls, p.a, &bad), SOCK_E_VALUE, 0,
                    "ALPN protocols must be 1 to 255 in length");
    check_int(sock_send(p.a, "x", 1, 0), 1);
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

static void *run_unwrap(void *arg)
{
    sock_t *s = arg;
    sock_t *plain = sock_ssl_unwrap(s);
    OPENSSL_thread_stop();
    return plain;
}

TEST(ssl_tls, unwraps)
{
    struct pair p = tls_pair();
    sock_ssl_context_t *ctx = client_context();
    pthread_t thread;
    void *other;
    check_int(pthread_create(&thread, NULL, run_unwrap, p.b), 0);
    const struct sock__tls_ops *ops = sock_ssl_tls(ctx)->ops;
    sock_t *plain = check_made(ops->unwrap(p.a));
    check_int(pthread_join(thread, &other), 0);
    check(!ops->is_secure(plain));
    check(!ops->is_secure(NULL));
    round_trip(plain, check_made(other));
    sock_free(plain);
    sock_free(other);
    free_pair(&p);
    sock_ssl_context_free(ctx);
}

/* Someone who keeps it does not depend on who made it. */
TEST(ssl_tls, is_held)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    sock_tls_t *tls = check_made(sock_ssl_tls(client));
    tls->ops->hold(tls);
    sock_ssl_context_free(client);
    struct start x = {.tls = tls, .terms = {.host = "localhost"}};
    sock_t *other = check_made(start(&x, server));
    tls->ops->let_go(tls);
    round_trip(x.made, other);
    sock_free(x.made);
    sock_free(other);
    sock_ssl_context_free(server);
}

TEST(ssl_tls, of_no_context)
{
    check_null_part(sock_ssl_tls(NULL), SOCK_E_TYPE, 0, "argument is NULL");
}

/* NULL stands for nothing before sock_ssl_init(), and for the default context
 * from then on. */
TEST(ssl_tls, default_one)
{
    sock_ssl_context_t *server = server_context("good");
    check_int(setenv("SSL_CERT_FILE", cert("root.pem"), 1), 0);
    check_null_part(sock__default_tls("starttls"), SOCK_E_UNSUPPORTED, 0,
                    "starttls: TLS needs sock_ssl_init() of libpysockc-ssl");
    errno = 1234;
    sock_ssl_init();
    sock_ssl_init();
    check_int(errno, 1234);
    struct start x = {.terms = {.host = "localhost"}};
    sock_t *other = check_made(start(&x, server));
    check(sock_ssl_context(x.made) == sock_ssl_default_context());
    round_trip(x.made, other);
    sock_free(x.made);
    sock_free(other);
    sock_ssl_context_free(server);
}

/* It is made when it is needed, of what is there then. */
TEST(ssl_tls, default_one_is_made_late)
{
    sock_ssl_context_t *server = server_context("good");
    check_int(setenv("SSL_CERT_FILE", cert("other_root.pem"), 1), 0);
    check_int(setenv("SSL_CERT_DIR", "/nonexistent", 1), 0);
    sock_ssl_init();
    check_int(setenv("SSL_CERT_FILE", cert("root.pem"), 1), 0);
    struct start x = {.terms = {.host = "localhost"}};
    sock_t *other = check_made(start(&x, server));
    sock_free(x.made);
    sock_free(other);
    sock_ssl_context_free(server);
}
