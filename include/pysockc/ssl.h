/* SPDX-License-Identifier: MIT */
/**
 * @file ssl.h
 * @brief TLS under a socket: all of libpysockc-ssl.
 */
#ifndef PYSOCKC_SSL_H
#define PYSOCKC_SSL_H

#include <pysockc/export.h>
#include <pysockc/ssl_cipher.h>
#include <pysockc/ssl_context.h>
#include <pysockc/ssl_session.h>
#include <pysockc/ssl_socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Let calls that need TLS use this library where no context is passed.
 *
 * Not in Python, whose libraries find the ssl module themselves. Libraries that
 * speak a protocol over TLS do not link this one: after this call NULL stands
 * for sock_ssl_default_context() with them, which is made when it is first
 * needed. May be called any number of times, by any thread.
 *
 * @see sock_ssl_tls(), sock_ssl_default_context().
 * @par Example
 * @snippet ssl.c init
 * @since 0.3.0
 */
SOCK_API void sock_ssl_init(void);

#ifdef __cplusplus
}
#endif

#endif
