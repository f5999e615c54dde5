/* SPDX-License-Identifier: MIT */
/* The file of the connections' keys, in the format of NSS. */
#ifndef SOCK__SSL_KEYLOG_H
#define SOCK__SSL_KEYLOG_H

#include <openssl/ssl.h>

#include "setting.h"

/* Opens it; NULL with errno. */
struct sock__ssl_setting *sock__ssl_keylog_open(const char *path);
/* For OpenSSL: writes a line, if it can. */
void sock__ssl_keylog(const SSL *ssl, const char *line);
/* The path that the environment asks for, or NULL; never to a program that has
 * more rights than its caller. */
const char *sock__ssl_keylog_of_environment(void);

#endif
