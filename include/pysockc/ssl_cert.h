/* SPDX-License-Identifier: MIT */
/**
 * @file ssl_cert.h
 * @brief Certificates: what they say, and the chains they stand in.
 */
#ifndef PYSOCKC_SSL_CERT_H
#define PYSOCKC_SSL_CERT_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>
#include <pysockc/socket.h>
#include <pysockc/ssl_context.h>

/**
 * @defgroup ssl_cert Certificates
 * @brief What certificates say, and the chains they stand in.
 *
 * #sock_ssl_cert_t is what a certificate says, in the words of Python's
 * `getpeercert()`; #sock_ssl_chain_t is certificates as bytes, in DER, as they
 * go over the wire. sock_ssl_cert_decode() leads from the latter to the former.
 *
 * @snippet ssl_cert.c getpeercert
 *
 * All texts are UTF-8 and are made to be shown. They are never what is
 * verified: whose name the peer must have says the host of the connection, and
 * OpenSSL compares it with the certificate itself. So that no text ends early,
 * or writes to a terminal what it should not, a byte that is no character to be
 * shown (below 0x20, 0x7f, and over that in a kind of name that is ASCII) is
 * written as Python's repr() has it, as in `"bank.test\x00.evil.test"`.
 * @{
 */

/** An attribute of a name. */
typedef struct sock_ssl_attribute {
    const char *name;  /**< `"commonName"`, or its number: `"1.2.3.4"`. */
    const char *value; /**< Text; `"#"` and DER in hex if it is none. */
} sock_ssl_attribute_t;

/** A relative distinguished name: one step of a name, mostly of one
 * attribute. */
typedef struct sock_ssl_rdn {
    const sock_ssl_attribute_t *attributes; /**< The attributes. */
    size_t count;                           /**< Their number. */
} sock_ssl_rdn_t;

/** A name that a certificate is valid for. */
typedef struct sock_ssl_alt_name {
    /** `"DNS"`, `"IP Address"`, `"email"`, `"URI"`, `"Registered ID"`,
     * `"DirName"`, `"othername"`, `"X400Name"` or `"EdiPartyName"`. */
    const char *kind;
    /** Text; an IPv6 address as `"2001:DB8:0:0:0:0:0:1"`, an address of
     * another size as `"<invalid>"`, a DirName in RFC 2253's form, an othername
     * as `"UPN:user@a.test"`, and what has no text as `"<unsupported>"`. */
    const char *value;
    const sock_ssl_rdn_t *rdns; /**< Of a DirName: the name itself. */
    size_t rdn_count;           /**< Their number; 0 of all other kinds. */
} sock_ssl_alt_name_t;

/** What a certificate says: Python's dict. One allocation, which is to be ended
 * by sock_ssl_cert_free(); made by the library alone, so it may grow at its
 * end. What is not in the certificate has a count of 0. */
typedef struct sock_ssl_cert {
    const sock_ssl_rdn_t *subject; /**< Whose it is, from the root of the name
                                        to the leaf. */
    size_t subject_count;          /**< Number of steps. */
    const char *subject_text;      /**< The same in RFC 2253's form, from the
                                        leaf on: `"CN=a.test,O=Example"`. */
    const sock_ssl_rdn_t *issuer;  /**< Who signed it. */
    size_t issuer_count;           /**< Number of steps. */
    const char *issuer_text;       /**< In RFC 2253's form. */
    int version;                   /**< 3, and in old ones 1. */
    const char *serial_number;     /**< Upper-case hex of whole bytes. */
    const char *not_before;        /**< `"Jan  5 09:34:43 2018 GMT"`. */
    const char *not_after;         /**< As @p not_before. */
    int64_t not_before_seconds;    /**< As time(2), of any year. */
    int64_t not_after_seconds;     /**< As @p not_before_seconds. */
    const sock_ssl_alt_name_t *subject_alt_name; /**< What it is valid for. */
    size_t subject_alt_name_count;               /**< Their number. */
    const char *const *ocsp;       /**< URIs that tell whether it is revoked. */
    size_t ocsp_count;             /**< Their number. */
    const char *const *ca_issuers; /**< URIs of its issuer's certificate. */
    size_t ca_issuers_count;       /**< Their number. */
    const char *const *crl_distribution_points; /**< URIs of lists of what is
                                                     revoked. */
    size_t crl_distribution_points_count;       /**< Their number. */
} sock_ssl_cert_t;

/** A certificate as bytes. */
typedef struct sock_ssl_der {
    const unsigned char *data; /**< DER. */
    size_t size;               /**< Number of bytes. */
} sock_ssl_der_t;

/** Certificates as bytes, the leaf first. One allocation, which is to be ended
 * by sock_ssl_chain_free(). */
typedef struct sock_ssl_chain {
    const sock_ssl_der_t *certs; /**< The certificates. */
    size_t count;                /**< Their number, which may be 0. */
} sock_ssl_chain_t;

#if defined(__GNUC__)
/**
 * Frees the certificate at the end of the block:
 * `SOCK_SSL_CERT_AUTO sock_ssl_cert_t *cert = sock_ssl_getpeercert(s);`.
 * Defined where the compiler has the cleanup attribute.
 */
#define SOCK_SSL_CERT_AUTO __attribute__((cleanup(sock_ssl_cert_freep)))
/**
 * Frees the chain at the end of the block, as #SOCK_SSL_CERT_AUTO.
 */
#define SOCK_SSL_CHAIN_AUTO __attribute__((cleanup(sock_ssl_chain_freep)))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief What the peer's certificate says, if it was verified.
 *
 * Corresponds to Python's `ssl.SSLSocket.getpeercert()`; wraps
 * SSL_get1_peer_certificate(). Can be asked until the socket is closed, also
 * once the conversation is over or has failed.
 *
 * As in Python nothing is told of a certificate that was not verified, which is
 * the case where the context's mode was #SOCK_SSL_CERT_NONE: the object is then
 * empty, without a subject and with a version of 0. Whoever wants to look at
 * such a one decodes what sock_ssl_getpeercert_der() gives.
 *
 * @param[in] s  TLS socket that has shaken hands.
 * @return A new object, to be ended by sock_ssl_cert_free(); NULL without an
 *         error if the peer showed no certificate, as clients do who are not
 *         asked; NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (the handshake is not done yet), #SOCK_E_OS (ENOTCONN, EBADF:
 * closed, EDEADLK: called from a callback of this connection), #SOCK_E_TLS (the
 * certificate can't be read), #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * Python asks the mode that the context has now; here it is that which the
 * connection was made with. What Python leaves out of its dict if there is none
 * has a count of 0, and each text of this object has its counterpart there but
 * `subject_text` and `issuer_text`. A name with a control byte in it is not as
 * it is, but as written above.
 * @see sock_ssl_getpeercert_der(), sock_ssl_get_verified_chain(),
 * sock_ssl_cert_decode(), sock_ssl_cert_free().
 * @par Example
 * @snippet ssl_cert.c getpeercert
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_ssl_cert_t *sock_ssl_getpeercert(sock_t *s);

/**
 * @brief The peer's certificate as bytes, verified or not.
 *
 * Corresponds to Python's `ssl.SSLSocket.getpeercert(binary_form=True)`; wraps
 * SSL_get1_peer_certificate() and i2d_X509().
 *
 * @param[in]  s     TLS socket that has shaken hands.
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf.
 * @return Length of the certificate, 0 if the peer showed none; if it is more
 *         than @p size, nothing is written. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (the handshake is not done yet), #SOCK_E_OS, #SOCK_E_TYPE.
 * @see sock_ssl_getpeercert(), sock_ssl_der_cert_to_pem_cert(),
 * sock_ssl_get_unverified_chain().
 * @par Example
 * @snippet ssl_cert.c getpeercert_der
 * @since 0.3.0
 */
SOCK_API int sock_ssl_getpeercert_der(sock_t *s, void *buf, size_t size);

/**
 * @brief The chain from the peer's certificate to one that is trusted.
 *
 * Corresponds to Python's `ssl.SSLSocket.get_verified_chain()`; wraps
 * SSL_get0_verified_chain(). Its last one is in the context's store.
 *
 * @param[in] s  TLS socket that has shaken hands.
 * @return A new object, to be ended by sock_ssl_chain_free(), with a count of 0
 *         if the peer showed no certificate, or none that leads to a trusted
 *         one; also in a resumed session, which verifies nothing anew. NULL on
 *         error.
 * @par Errors
 * #SOCK_E_VALUE (the handshake is not done yet), #SOCK_E_OS, #SOCK_E_MEMORY,
 * #SOCK_E_TYPE.
 * @par Deviation
 * Under #SOCK_SSL_CERT_NONE Python gives what was found on the way, even if it
 * leads to nothing that is trusted. Before the handshake it gives an empty
 * list.
 * @see sock_ssl_get_unverified_chain(), sock_ssl_cert_decode(),
 * sock_ssl_chain_free().
 * @par Example
 * @snippet ssl_cert.c chain
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_ssl_chain_t *sock_ssl_get_verified_chain(
    sock_t *s);

/**
 * @brief The certificates that the peer sent, as it sent them.
 *
 * Corresponds to Python's `ssl.SSLSocket.get_unverified_chain()`; wraps
 * SSL_get_peer_cert_chain(). Nothing says that they are true, or belong
 * together.
 *
 * @param[in] s  TLS socket that has shaken hands.
 * @return A new object, to be ended by sock_ssl_chain_free(), with a count of 0
 *         if the peer showed no certificate; NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (the handshake is not done yet), #SOCK_E_OS, #SOCK_E_MEMORY,
 * #SOCK_E_TYPE.
 * @par Deviation
 * Before the handshake Python gives an empty list.
 * @see sock_ssl_get_verified_chain(), sock_ssl_getpeercert_der(),
 * sock_ssl_chain_free().
 * @par Example
 * @snippet ssl_cert.c chain
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_ssl_chain_t *sock_ssl_get_unverified_chain(
    sock_t *s);

/**
 * @brief The authorities that a context trusts.
 *
 * Corresponds to Python's `ssl.SSLContext.get_ca_certs(binary_form=True)`;
 * wraps X509_STORE_get0_objects(). Of a folder those that were needed so far;
 * certificates that are trusted but no authority's are not among them.
 *
 * @param[in] ctx  Context.
 * @return A new object, to be ended by sock_ssl_chain_free(), in no order; NULL
 *         on error.
 * @par Errors
 * #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @see sock_ssl_cert_store_stats(), sock_ssl_cert_decode(),
 * sock_ssl_load_verify_locations().
 * @par Example
 * @snippet ssl_cert.c ca_certs
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_ssl_chain_t *sock_ssl_get_ca_certs(
    sock_ssl_context_t *ctx);

/**
 * @brief What a certificate says that is given as bytes.
 *
 * Not in Python, where `getpeercert()` alone makes such a dict; wraps
 * d2i_X509(). Nothing is verified.
 *
 * @param[in] der   One certificate in DER, and nothing behind it.
 * @param[in] size  Bytes of @p der.
 * @return A new object, to be ended by sock_ssl_cert_free(); NULL on error.
 * @par Errors
 * #SOCK_E_TLS (it is no certificate, or can't be read), #SOCK_E_MEMORY,
 * #SOCK_E_VALUE (size too large), #SOCK_E_TYPE.
 * @see sock_ssl_getpeercert(), sock_ssl_get_unverified_chain(),
 * sock_ssl_pem_cert_to_der_cert().
 * @par Example
 * @snippet ssl_cert.c chain
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_ssl_cert_t *sock_ssl_cert_decode(const void *der,
                                                              size_t size);

/**
 * @brief End what a certificate says.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] cert  Object; NULL does nothing.
 * @see sock_ssl_getpeercert(), sock_ssl_cert_decode(), sock_ssl_cert_freep().
 * @par Example
 * @snippet ssl_cert.c getpeercert
 * @since 0.3.0
 */
SOCK_API void sock_ssl_cert_free(sock_ssl_cert_t *cert);

/**
 * @brief End the certificate that a variable holds; the helper of
 * #SOCK_SSL_CERT_AUTO.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in,out] cert  Variable; NULL, or one that holds NULL, does nothing. It
 *                      holds NULL afterwards.
 * @see sock_ssl_cert_free().
 * @par Example
 * @snippet ssl_cert.c chain
 * @since 0.3.0
 */
SOCK_API void sock_ssl_cert_freep(sock_ssl_cert_t **cert);

/**
 * @brief End a chain.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] chain  Object; NULL does nothing.
 * @see sock_ssl_get_verified_chain(), sock_ssl_chain_freep().
 * @par Example
 * @snippet ssl_cert.c ca_certs
 * @since 0.3.0
 */
SOCK_API void sock_ssl_chain_free(sock_ssl_chain_t *chain);

/**
 * @brief End the chain that a variable holds; the helper of
 * #SOCK_SSL_CHAIN_AUTO.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in,out] chain  Variable; NULL, or one that holds NULL, does nothing.
 *                       It holds NULL afterwards.
 * @see sock_ssl_chain_free().
 * @par Example
 * @snippet ssl_cert.c chain
 * @since 0.3.0
 */
SOCK_API void sock_ssl_chain_freep(sock_ssl_chain_t **chain);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
