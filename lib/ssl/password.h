/* SPDX-License-Identifier: MIT */
/* What a context keeps of who knows the password of its key. */
#ifndef SOCK__SSL_PASSWORD_H
#define SOCK__SSL_PASSWORD_H

#include <pysockc/ssl.h>

struct sock__ssl_password {
    sock_ssl_password_fn fn;
    void *arg;
};

#endif
