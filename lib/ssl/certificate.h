/* SPDX-License-Identifier: MIT */
/* What a certificate says. */
#ifndef SOCK__SSL_CERTIFICATE_H
#define SOCK__SSL_CERTIFICATE_H

#include <stdint.h>
#include <time.h>

#include <openssl/x509.h>

#include <pysockc/ssl_cert.h>

/* All of it; NULL with the error recorded. */
sock_ssl_cert_t *sock__ssl_cert(const X509 *x, const char *op);
/* One that says nothing; the same. */
sock_ssl_cert_t *sock__ssl_cert_of_nothing(const char *op);
/* Seconds since 1970 of a moment in GMT, whose day may be none of its month. */
int64_t sock__ssl_seconds(const struct tm *t);

#endif
