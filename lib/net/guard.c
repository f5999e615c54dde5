/* SPDX-License-Identifier: MIT */
/* Who may ask: Basic (RFC 7617), and what Digest has in common with it. The
 * result is never anything but 1 where a handler may go on: whatever fails
 * here, no one gets in by it. */
#define _POSIX_C_SOURCE 200809L

#include "guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "bytes.h"
#include "chars.h"
#include "digest.h"
#include "headers.h"
#include "private.h"
#include "record.h"

/* In common */

enum { REALM_MOST = 200 };

int sock__guard_refuse(sock_httpd_request_t *self, int status,
                       const char *const *fields)
{
    sock__httpd_error(self, status, NULL, fields);
    return 0;
}

static int check_arguments(const char *op, const char *realm, bool asks)
{
    if (realm == NULL || !asks)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (strlen(realm) > REALM_MOST)
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "the realm is too long");
    if (!sock__is_value(realm, strlen(realm)))
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "a control character in the realm");
    return 0;
}

int sock__guard_begin(const char *op, sock_httpd_request_t *self,
                      const char *realm, bool asks)
{
    struct sock__saved saved;

    if (sock__httpd_check(op, self, op) < 0)
        return -1;
    if (check_arguments(op, realm, asks) == 0)
        return 0;
    sock__error_save(&saved);
    sock__guard_refuse(self, 500, NULL);
    sock__error_restore(&saved);
    return -1;
}

const char *sock__guard_claim(const sock_httpd_request_t *self)
{
    size_t n;
    const char *name = "Authorization";
    const char *value = sock__headers_find(&self->headers, name, 0, &n);
    bool two = sock__headers_find(&self->headers, name, 1, &n) != NULL;
    return two ? NULL : value;
}

void sock__guard_realm(const char *realm, char text[SOCK__GUARD_REALM])
{
    *text++ = '"';
    for (; *realm != '\0'; realm++) {
        if (*realm == '"' || *realm == '\\')
            *text++ = '\\';
        *text++ = *realm;
    }
    *text++ = '"';
    *text = '\0';
}

int sock__guard_pass(const char *op, sock_httpd_request_t *self,
                     const char *user)
{
    char *copy = strdup(user);
    if (copy == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return sock__guard_refuse(self, 503, NULL);
    }
    sock__free(self->user);
    self->user = copy;
    return 1;
}

/* Basic */

enum { CREDENTIALS_MOST = 1024 }; /* bytes */

struct credentials {
    /* As many digits, without padding, are two bytes more; and a NUL. */
    char text[CREDENTIALS_MOST + 3];
    const char *user, *password;
};

/* What stands behind the scheme; NULL: it is another one. */
static const char *token_of(const char *value)
{
    if (value == NULL || strncasecmp(value, "Basic ", 6) != 0)
        return NULL;
    return value + 5 + strspn(value + 5, " ");
}

static bool read_credentials(struct credentials *c, const char *token)
{
    size_t n = strlen(token);

    if (n > SOCK__BASE64_SIZE((size_t)CREDENTIALS_MOST))
        return false;
    ssize_t len = sock__base64_decode(token, n, c->text);
    if (len < 0)
        return false;
    c->text[len] = '\0';
    if (strlen(c->text) != (size_t)len || sock__has(c->text, SOCK__CONTROL))
        return false;
    char *colon = strchr(c->text, ':');
    if (colon == NULL)
        return false;
    *colon = '\0';
    c->user = c->text;
    c->password = colon + 1;
    return true;
}

static int refuse_basic(sock_httpd_request_t *self, const char *realm)
{
    char quoted[SOCK__GUARD_REALM], text[SOCK__GUARD_REALM + 64];

    sock__guard_realm(realm, quoted);
    snprintf(text, sizeof text, "Basic realm=%s, charset=\"UTF-8\"", quoted);
    return sock__guard_refuse(
        self, 401, (const char *const[]){"WWW-Authenticate", text, NULL});
}

int sock_httpd_require_basic(sock_httpd_request_t *self, const char *realm,
                             sock_httpd_check_fn check, void *arg)
{
    const char *op = "require_basic";
    struct credentials c;

    if (sock__guard_begin(op, self, realm, check != NULL) < 0)
        return 0;
    const char *token = token_of(sock__guard_claim(self));
    bool right = token != NULL && read_credentials(&c, token) &&
                 check(c.user, c.password, arg) > 0;
    int result =
        right ? sock__guard_pass(op, self, c.user) : refuse_basic(self, realm);
    sock__wipe(&c, sizeof c);
    return result;
}

/* For what they are asked with */

int sock_compare_digest(const char *a, const char *b)
{
    unsigned char x[SOCK__DIGEST_MAX], y[SOCK__DIGEST_MAX];
    struct sock__digest d;

    if (a == NULL || b == NULL) {
        sock__fail("compare_digest", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return 0;
    }
    sock__digest_begin(&d, SOCK__SHA256);
    sock__digest_add(&d, a, strlen(a));
    size_t n = sock__digest_end(&d, x);
    sock__digest_begin(&d, SOCK__SHA256);
    sock__digest_add(&d, b, strlen(b));
    sock__digest_end(&d, y);
    return sock__same_bytes(x, y, n);
}
