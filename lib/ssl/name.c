/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "name.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/x509v3.h>

#include <pysockc/error.h>

#include "error.h"
#include "record.h"

enum { LONGEST_NAME = 253, LONGEST_LABEL = 63 };

static bool is_ip(const char *host)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 ||
           inet_pton(AF_INET6, host, bytes) == 1;
}

/* Letters, digits, - and _, whatever the locale. */
static bool is_of_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Labels of such letters between single dots. OpenSSL would take a dot in front
 * for any name below, and a star for itself. */
static bool is_name(const char *host)
{
    size_t label = 0, n = 0;
    for (; host[n] != '\0'; n++) {
        if (host[n] == '.' && label == 0)
            return false;
        if (host[n] != '.' && !is_of_name(host[n]))
            return false;
        label = host[n] == '.' ? 0 : label + 1;
        if (label > LONGEST_LABEL || n >= LONGEST_NAME)
            return false;
    }
    return label > 0;
}

int sock__ssl_check_name(const char *host, const char *op)
{
    if (is_ip(host) || is_name(host))
        return 0;
    return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_SERVER_HOSTNAME);
}

/* An address is not sent, and only an address in the certificate will do. */
int sock__ssl_set_name(struct sock__ssl *c, const char *op)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(c->ssl);
    bool done = true;

    X509_VERIFY_PARAM_set_hostflags(param,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    c->host_is_ip = is_ip(c->host);
    if (!c->host_is_ip)
        done = SSL_set_tlsext_host_name(c->ssl, c->host) == 1;
    if (done && c->checked)
        done = c->host_is_ip
                   ? X509_VERIFY_PARAM_set1_ip_asc(param, c->host) == 1
                   : X509_VERIFY_PARAM_set1_host(param, c->host, 0) == 1;
    return done ? 0 : sock__ssl_fail(op);
}
