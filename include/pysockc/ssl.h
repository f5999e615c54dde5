/* SPDX-License-Identifier: MIT */
/**
 * @file ssl.h
 * @brief TLS under a socket: all of libpysockc-ssl.
 */
#ifndef PYSOCKC_SSL_H
#define PYSOCKC_SSL_H

#include <pysockc/ssl_context.h>
#include <pysockc/ssl_socket.h>

#endif
