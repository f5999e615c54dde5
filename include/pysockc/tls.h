/* SPDX-License-Identifier: MIT */
/**
 * @file tls.h
 * @brief What makes a connection a TLS connection, for those who need not know
 * how.
 */
#ifndef PYSOCKC_TLS_H
#define PYSOCKC_TLS_H

/**
 * @defgroup tls TLS of others
 * @brief What makes a connection a TLS connection, for those who need not know
 * how.
 *
 * This library has no TLS, and no library that speaks a protocol over it links
 * one. A program that wants TLS links libpysockc-ssl, makes a context there,
 * and passes sock_ssl_tls() of it to the calls that take a #sock_tls_t; or it
 * calls sock_ssl_init() once and passes NULL from then on, which stands for the
 * default context. Where NULL is passed and no one has called that, a call that
 * needs TLS fails with #SOCK_E_UNSUPPORTED.
 * @{
 */

/** What a TLS library has for others: whom to trust, what to prove oneself
 * with. Opaque. It is part of the context that it was taken from. */
typedef struct sock_tls sock_tls_t;

/** @} */

#endif
