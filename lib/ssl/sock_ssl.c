/* SPDX-License-Identifier: MIT */
/* Python 2's socket.ssl(), and one argument more. */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/ssl.h>

#include <pysockc/error.h>

#include "context.h"
#include "record.h"
#include "socket.h"

/* One that takes any peer. */
static sock_ssl_context_t *context_of_any(void)
{
    sock_ssl_context_t *ctx = sock__ssl_context_new(false, "ssl");
    if (ctx == NULL)
        return NULL;
    sock_ssl_set_check_hostname(ctx, 0);
    sock_ssl_set_verify_mode(ctx, SOCK_SSL_CERT_NONE);
    return ctx;
}

/* One that the caller has; NULL with the error recorded. */
static sock_ssl_context_t *context_for(const char *keyfile,
                                       const char *certfile, bool any)
{
    sock_ssl_context_t *ctx;
    if (!any && certfile == NULL) { /* so nothing in it is this call's own */
        ctx = sock_ssl_default_context();
        return ctx != NULL ? sock__ssl_context_hold(ctx) : NULL;
    }
    ctx = any ? context_of_any()
              : sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH, NULL,
                                                NULL, NULL);
    if (ctx == NULL || certfile == NULL ||
        sock_ssl_load_cert_chain(ctx, certfile, keyfile, NULL) == 0)
        return ctx;
    sock_ssl_context_free(ctx);
    return NULL;
}

sock_t *sock_ssl(sock_t *s, const char *keyfile, const char *certfile,
                 const char *server_hostname)
{
    struct sock__tls_terms terms = {.op = "ssl"};
    bool any = server_hostname == SOCK_SSL_INSECURE_ANY_PEER;
    int detail = 0;
    if ((keyfile == NULL) != (certfile == NULL))
        detail = SOCK__KEY_AND_CERT;
    else if (server_hostname == NULL || (!any && server_hostname[0] == '\0'))
        detail = SOCK__NAME_NEEDED;
    if (s != NULL && detail != 0) {
        sock__fail(terms.op, SOCK_E_VALUE, 0, detail);
        return NULL;
    }
    sock_ssl_context_t *ctx = context_for(keyfile, certfile, any);
    if (ctx == NULL)
        return NULL;
    terms.host = any ? NULL : server_hostname;
    sock_t *now = sock__ssl_wrap(ctx, s, 0, &terms);
    sock_ssl_context_free(ctx);
    return now;
}
