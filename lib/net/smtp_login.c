/* SPDX-License-Identifier: MIT */
/* Who the client is, and TLS. */
#define _POSIX_C_SOURCE 200809L

#include <string.h>

#include "sasl.h"
#include "smtp_client.h"
#include "smtp_extensions.h"

/* 503 says that it has been done already, where it has; else that it cannot be.
 */
static int hear_challenge(struct sock_session *c, const char *op,
                          struct sock__piece *challenge)
{
    const sock_smtp_t *s = (const void *)c;
    int code = sock__smtp_hear(c, op);

    if (code < 0)
        return -1;
    if (code == 334) {
        const char *text = sock_session_text(c);
        *challenge = (struct sock__piece){text, strlen(text)};
        return 1;
    }
    return code == 235 || (code == 503 && s->known)
               ? 0
               : sock__session_refused(c, op);
}

static const struct sock__sasl_talk talk = {
    .begin = "AUTH ", .initial = true, .hear = hear_challenge};

int sock_smtp_auth(sock_smtp_t *s, const char *mechanism, sock_sasl_fn fn,
                   void *arg)
{
    const char *op = "auth";

    if (sock__smtp_need(s, op) < 0 || sock__need(mechanism, op) < 0 ||
        sock__smtp_hello(s, op) < 0)
        return -1;
    return sock__sasl(&s->session, op, mechanism, fn, arg, &talk);
}

/* The first that the server offers; NULL: none. */
static const char *choose(const char *offered)
{
    static const char *const known[] = {"CRAM-MD5", "PLAIN", "LOGIN"};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (sock__smtp_has_word(offered, known[i]))
            return known[i];
    return NULL;
}

int sock_smtp_login(sock_smtp_t *s, const char *user, const char *password)
{
    const char *op = "login";
    sock_sasl_login_t who = {user, password};

    if (sock__smtp_need(s, op) < 0 || sock__need(user, op) < 0 ||
        sock__need(password, op) < 0 || sock__smtp_hello(s, op) < 0)
        return -1;
    const char *offered = sock__smtp_offered(s, "AUTH");
    if (offered == NULL)
        return sock__session_lacks(
            &s->session, op, "SMTP AUTH extension not supported by server.");
    const char *mechanism = choose(offered);
    if (mechanism == NULL)
        return sock__session_lacks(&s->session, op,
                                   "No suitable authentication method found.");
    return sock__sasl(&s->session, op, mechanism, sock_sasl_password, &who,
                      &talk);
}

int sock_smtp_starttls(sock_smtp_t *s, sock_tls_t *tls)
{
    const char *op = "starttls";
    const char *const parts[] = {"STARTTLS", NULL};

    if (sock__smtp_need(s, op) < 0)
        return -1;
    struct sock_session *c = &s->session;
    if (sock__session_is_secure(c))
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "TLS is under it already");
    if (sock__session_context(op, &tls) < 0 || sock__smtp_hello(s, op) < 0)
        return -1;
    if (sock__smtp_offered(s, "STARTTLS") == NULL)
        return sock__session_lacks(
            c, op, "STARTTLS extension not supported by server.");
    int code = sock__smtp_do(s, op, parts);
    if (code >= 0 && code != 220)
        return sock__session_refused(c, op);
    if (code < 0 || sock__session_secure(c, op, tls) < 0)
        return -1;
    sock__smtp_forget(s);
    s->known = false;
    sock__reply_begin(c);
    return 0;
}
