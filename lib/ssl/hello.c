/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "hello.h"

#include <errno.h>
#include <string.h>

#include <pysockc/error.h>

#include "bio.h"
#include "record.h"
#include "state.h"

enum { LONGEST_NAME = 255, HEAD = 5 };

static unsigned two_bytes(const unsigned char *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* Of what can be shown, whoever logs it. */
static bool is_text(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] <= ' ' || p[i] > '~')
            return false;
    return true;
}

/* The one host name of the extension: a length, a type, and a length again.
 * Else the alert that says what is wrong. */
static int read_name(const unsigned char *p, size_t n, char *name)
{
    if (n < HEAD || two_bytes(p) != n - 2 || p[2] != TLSEXT_NAMETYPE_host_name)
        return SSL_AD_DECODE_ERROR;
    size_t length = two_bytes(p + 3);
    if (length != n - HEAD || length == 0)
        return SSL_AD_DECODE_ERROR;
    if (length > LONGEST_NAME || !is_text(p + HEAD, length))
        return SSL_AD_UNRECOGNIZED_NAME;
    memcpy(name, p + HEAD, length);
    name[length] = '\0';
    return 0;
}

static bool is_alert(int number)
{
    static const unsigned char alerts[] = {
        10, 20, 22, 30, 40, 42,  43,  44,  45,  46,  47,  48,  49,  50,  51,
        70, 71, 80, 86, 90, 100, 109, 110, 111, 112, 113, 114, 115, 116, 120};
    return number > 0 && number < 256 &&
           memchr(alerts, number, sizeof alerts) != NULL;
}

/* The alert, or 0. */
static int ask(struct sock__ssl *c, const struct sock__ssl_sni *sni,
               const char *name)
{
    c->in_hello = true;
    int answer = sni->fn(c->sock, name, sni->arg);
    c->in_hello = false;
    if (c->transport == ENOMEM) /* it has half of another context */
        return SSL_AD_INTERNAL_ERROR;
    if (answer == 0 || is_alert(answer))
        return answer;
    c->fault = SOCK__NO_ALERT;
    return SSL_AD_INTERNAL_ERROR;
}

int sock__ssl_hello(SSL *ssl, int *alert, void *arg)
{
    struct sock__ssl *c = sock__ssl_connection(ssl);
    const struct sock__ssl_sni *sni =
        sock__ssl_setting_value(c->settings.of[SOCK__SSL_SNI]);
    const unsigned char *bytes;
    char name[LONGEST_NAME + 1];
    size_t n;
    (void)arg;
    if (sni == NULL)
        return SSL_CLIENT_HELLO_SUCCESS;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &bytes, &n)) {
        *alert = read_name(bytes, n, name);
        if (*alert == 0)
            *alert = ask(c, sni, name);
    } else {
        *alert = ask(c, sni, NULL);
    }
    return *alert == 0 ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_ERROR;
}

int sock__ssl_name_used(SSL *ssl, int *alert, void *arg)
{
    const struct sock__ssl *c = sock__ssl_connection(ssl);
    (void)alert, (void)arg;
    return c->settings.of[SOCK__SSL_SNI] != NULL ? SSL_TLSEXT_ERR_OK
                                                 : SSL_TLSEXT_ERR_NOACK;
}
