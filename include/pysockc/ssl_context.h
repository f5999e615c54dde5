/* SPDX-License-Identifier: MIT */
/**
 * @file ssl_context.h
 * @brief What TLS connections have in common: certificates, whom to trust,
 * versions.
 */
#ifndef PYSOCKC_SSL_CONTEXT_H
#define PYSOCKC_SSL_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>
#include <pysockc/socket.h>
#include <pysockc/tls.h>

/**
 * @defgroup ssl_context TLS contexts
 * @brief What TLS connections have in common: certificates, whom to trust,
 * versions.
 *
 * A context is made once, set up, and then given to sock_ssl_wrap_socket() as
 * often as there are connections. One that comes from
 * sock_ssl_create_default_context() needs no further setting for a client, and
 * a certificate for a server:
 *
 * @snippet ssl_context.c client
 *
 * Everything may be set at any time and by any thread: what is set counts for
 * connections made later, and those that are there go on with what they began
 * with. A peer is verified anew once anything has been set that it is verified
 * by: sessions from before are not resumed then.
 *
 * Callbacks run inside the handshake of a connection, in the thread that makes
 * it. Whatever they call on that connection fails with EDEADLK, but for
 * sock_ssl_context(), sock_ssl_server_side(), sock_ssl_server_hostname(), and
 * sock_ssl_set_context() within a #sock_ssl_sni_fn; sock_close() ends the
 * connection when the callback has returned, and sock_free() is not to be
 * called. They are not to wait, as the connection's timeout does not end
 * them.
 * @{
 */

/** What connections have in common. Opaque; may be used by several threads, and
 * freed while connections use it. */
typedef struct sock_ssl_context_s sock_ssl_context_t;

/** What a context's store has: Python's dict. */
typedef struct sock_ssl_store_stats {
    size_t x509;    /**< Certificates. */
    size_t crl;     /**< Lists of what is revoked. */
    size_t x509_ca; /**< Those of the certificates that are authorities'. */
} sock_ssl_store_stats_t;

/** Whom a context of sock_ssl_create_default_context() is to authenticate.
 * Python's `Purpose`. */
enum sock_ssl_purpose {
    SOCK_SSL_SERVER_AUTH, /**< Servers: it is a client's. */
    SOCK_SSL_CLIENT_AUTH  /**< Clients: it is a server's. */
};

/** Whose side a context is for, by Python's numbers. */
enum sock_ssl_protocol {
    SOCK_SSL_PROTOCOL_TLS_CLIENT = 16, /**< A client's. */
    SOCK_SSL_PROTOCOL_TLS_SERVER = 17  /**< A server's. */
};

/** Whether a peer must show a certificate. Python's `VerifyMode`. */
enum sock_ssl_verify_mode {
    SOCK_SSL_CERT_NONE,     /**< None is verified. */
    SOCK_SSL_CERT_OPTIONAL, /**< One that is shown is verified. */
    SOCK_SSL_CERT_REQUIRED  /**< It must. */
};

/** Versions of TLS, by their numbers on the wire; Python's first two are
 * negative, as a failure is here. */
enum sock_ssl_tls_version {
    SOCK_SSL_MINIMUM_SUPPORTED = 1, /**< TLS 1.2. */
    SOCK_SSL_MAXIMUM_SUPPORTED = 2, /**< The highest that OpenSSL has. */
    SOCK_SSL_TLSV1_2 = 0x0303,      /**< TLS 1.2. */
    SOCK_SSL_TLSV1_3 = 0x0304       /**< TLS 1.3. */
};

/** How chains are verified, by Python's numbers. */
enum sock_ssl_verify_flags {
    SOCK_SSL_VERIFY_DEFAULT = 0,            /**< Nothing beyond the usual. */
    SOCK_SSL_VERIFY_CRL_CHECK_LEAF = 0x04,  /**< The peer's own certificate must
                                                 be on no revocation list, and
                                                 its issuer must have one. */
    SOCK_SSL_VERIFY_CRL_CHECK_CHAIN = 0x0c, /**< Nor any other of the chain. */
    SOCK_SSL_VERIFY_X509_STRICT = 0x20, /**< Certificates are as RFC 5280 wants
                                             them. On in a context of
                                             sock_ssl_create_default_context();
                                             the text of a failure names it
                                             where it is the cause. */
    SOCK_SSL_VERIFY_ALLOW_PROXY_CERTS = 0x40,    /**< Proxy certificates do. */
    SOCK_SSL_VERIFY_X509_TRUSTED_FIRST = 0x8000, /**< Trusted certificates are
                                                      preferred to those of the
                                                      peer. Always on at
                                                      first. */
    SOCK_SSL_VERIFY_X509_PARTIAL_CHAIN = 0x80000 /**< A chain may end with any
                                                      that is trusted, be it no
                                                      root. On in a default
                                                      context. */
};

/** Options, by Python's numbers. */
enum sock_ssl_options {
    SOCK_SSL_OP_NO_TICKET = 0x4000, /**< No tickets of TLS 1.2; those of 1.3 are
                                         sock_ssl_set_num_tickets()'s. */
    SOCK_SSL_OP_NO_COMPRESSION = 0x20000,            /**< Always on. */
    SOCK_SSL_OP_ENABLE_MIDDLEBOX_COMPAT = 0x100000,  /**< TLS 1.3 looks like 1.2
                                                          on the wire. On at
                                                          first. */
    SOCK_SSL_OP_CIPHER_SERVER_PREFERENCE = 0x400000, /**< The server's order of
                                                          ciphers wins. On at
                                                          first. */
    SOCK_SSL_OP_NO_RENEGOTIATION = 0x40000000        /**< Always on. */
};

/** Alerts, by their numbers on the wire: what a #sock_ssl_sni_fn may return,
 * and what the member `alert` of sock_ssl_error() is. Python's
 * `AlertDescription`; the four that it has not are said to be. */
enum sock_ssl_alert {
    SOCK_SSL_ALERT_CLOSE_NOTIFY = 0,             /**< The end of the stream. */
    SOCK_SSL_ALERT_UNEXPECTED_MESSAGE = 10,      /**< Not in this order. */
    SOCK_SSL_ALERT_BAD_RECORD_MAC = 20,          /**< A record is damaged. */
    SOCK_SSL_ALERT_RECORD_OVERFLOW = 22,         /**< A record is too long. */
    SOCK_SSL_ALERT_DECOMPRESSION_FAILURE = 30,   /**< Of old versions. */
    SOCK_SSL_ALERT_HANDSHAKE_FAILURE = 40,       /**< Nothing in common. */
    SOCK_SSL_ALERT_BAD_CERTIFICATE = 42,         /**< A certificate is wrong. */
    SOCK_SSL_ALERT_UNSUPPORTED_CERTIFICATE = 43, /**< Of another kind. */
    SOCK_SSL_ALERT_CERTIFICATE_REVOKED = 44,     /**< It was revoked. */
    SOCK_SSL_ALERT_CERTIFICATE_EXPIRED = 45,     /**< It has expired. */
    SOCK_SSL_ALERT_CERTIFICATE_UNKNOWN = 46,     /**< Refused otherwise. */
    SOCK_SSL_ALERT_ILLEGAL_PARAMETER = 47,       /**< A field is wrong. */
    SOCK_SSL_ALERT_UNKNOWN_CA = 48,              /**< Of no one trusted. */
    SOCK_SSL_ALERT_ACCESS_DENIED = 49,           /**< Right, but not wanted. */
    SOCK_SSL_ALERT_DECODE_ERROR = 50,            /**< A message is damaged. */
    SOCK_SSL_ALERT_DECRYPT_ERROR = 51,           /**< A signature is wrong. */
    SOCK_SSL_ALERT_PROTOCOL_VERSION = 70,        /**< No version in common. */
    SOCK_SSL_ALERT_INSUFFICIENT_SECURITY = 71,   /**< Too weak. */
    SOCK_SSL_ALERT_INTERNAL_ERROR = 80,          /**< A fault of this side. */
    SOCK_SSL_ALERT_INAPPROPRIATE_FALLBACK = 86,  /**< Not in Python: a lower
                                                      version than need be. */
    SOCK_SSL_ALERT_USER_CANCELLED = 90,          /**< Given up. */
    SOCK_SSL_ALERT_NO_RENEGOTIATION = 100,       /**< Renegotiation refused. */
    SOCK_SSL_ALERT_MISSING_EXTENSION = 109,     /**< Not in Python: an extension
                                                     is missing. */
    SOCK_SSL_ALERT_UNSUPPORTED_EXTENSION = 110, /**< One that was not asked
                                                     for. */
    SOCK_SSL_ALERT_CERTIFICATE_UNOBTAINABLE = 111, /**< Of old versions. */
    SOCK_SSL_ALERT_UNRECOGNIZED_NAME = 112,        /**< No server of this
                                                        name. */
    SOCK_SSL_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE = 113, /**< A wrong answer of
                                                               OCSP. */
    SOCK_SSL_ALERT_BAD_CERTIFICATE_HASH_VALUE = 114, /**< Of old versions. */
    SOCK_SSL_ALERT_UNKNOWN_PSK_IDENTITY = 115,   /**< No key of this name. */
    SOCK_SSL_ALERT_CERTIFICATE_REQUIRED = 116,   /**< Not in Python: none was
                                                      shown. */
    SOCK_SSL_ALERT_NO_APPLICATION_PROTOCOL = 120 /**< Not in Python: no
                                                      protocol in common. */
};

/**
 * Says the password of an encrypted key.
 *
 * @param[out] buf   Where to write it; it needs no zero at its end.
 * @param[in]  size  Bytes of @p buf, 1024.
 * @param[in]  arg   As sock_ssl_set_password_callback() was given.
 * @return Its length; 0 or less: there is none, and the loading fails.
 */
typedef int (*sock_ssl_password_fn)(char *buf, size_t size, void *arg);

/**
 * Hears the name that a client asks for.
 *
 * @param[in] s     The connection.
 * @param[in] name  As the client has sent it: visible ASCII, 255 bytes at most,
 *                  and nothing else can be said of it; NULL: it asks for none.
 * @param[in] arg   As sock_ssl_set_sni_callback() was given.
 * @return 0: go on; else the alert that ends the handshake. A number that is
 *         none ends it with #SOCK_SSL_ALERT_INTERNAL_ERROR, and #SOCK_E_VALUE
 *         on this side.
 */
typedef int (*sock_ssl_sni_fn)(sock_t *s, const char *name, void *arg);

/**
 * Says a client's key for a server.
 *
 * @param[in]  hint           What the server says of it, in TLS 1.2; or NULL.
 * @param[out] identity       Where to write the name of the key, a text.
 * @param[in]  identity_size  Bytes of @p identity, 256.
 * @param[out] key            Where to write the key.
 * @param[in]  key_size       Bytes of @p key.
 * @param[in]  arg            As sock_ssl_set_psk_client_callback() was given.
 * @return Length of the key; 0 or less: there is none for it.
 */
typedef int (*sock_ssl_psk_client_fn)(const char *hint, char *identity,
                                      size_t identity_size, unsigned char *key,
                                      size_t key_size, void *arg);

/**
 * Says a server's key for a client.
 *
 * @param[in]  identity  The name of the key, as the client has sent it.
 * @param[out] key       Where to write the key.
 * @param[in]  key_size  Bytes of @p key.
 * @param[in]  arg       As sock_ssl_set_psk_server_callback() was given.
 * @return Length of the key; 0 or less: there is none of this name.
 */
typedef int (*sock_ssl_psk_server_fn)(const char *identity, unsigned char *key,
                                      size_t key_size, void *arg);

#if defined(__GNUC__)
/**
 * Frees the context at the end of the block, as #SOCK_AUTO does for sockets.
 * Defined where the compiler has the cleanup attribute.
 */
#define SOCK_SSL_CONTEXT_AUTO __attribute__((cleanup(sock_ssl_context_freep)))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Make a context with the settings that fit most programs.
 *
 * Corresponds to Python's `ssl.create_default_context()`.
 *
 * A client's verifies its peer and the peer's name, strictly
 * (#SOCK_SSL_VERIFY_X509_STRICT, #SOCK_SSL_VERIFY_X509_PARTIAL_CHAIN), and
 * trusts the system's certificates where none of the three is given. A
 * server's asks for no certificate. Where the environment has SSLKEYLOGFILE,
 * as sock_ssl_set_keylog_filename() with that; not in a program that has more
 * rights than its caller.
 *
 * @param[in] purpose  #SOCK_SSL_SERVER_AUTH for a client, which authenticates
 *                     servers; #SOCK_SSL_CLIENT_AUTH for a server.
 * @param[in] cafile   File of trusted certificates, PEM; NULL: none.
 * @param[in] capath   Folder of them, as openssl-rehash(1) leaves it; NULL:
 *                     none.
 * @param[in] cadata   The same as text, PEM; NULL: none.
 * @return Context, to be freed; NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (purpose), #SOCK_E_OS (a file; ENOENT: the system has no
 * certificates, and the text names where they were looked for), #SOCK_E_TLS
 * (what is in it), #SOCK_E_MEMORY.
 * @see sock_ssl_context_new(), sock_ssl_default_context(),
 * sock_ssl_wrap_socket().
 * @par Example
 * @snippet ssl_context.c client
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_ssl_context_t *sock_ssl_create_default_context(
    int purpose, const char *cafile, const char *capath, const char *cadata);

/**
 * @brief Make a context that trusts no one yet.
 *
 * Corresponds to Python's `ssl.SSLContext(protocol)`; wraps SSL_CTX_new().
 *
 * TLS 1.2 and 1.3, ciphers with forward secrecy, security level 2, no
 * compression, no renegotiation. A client's verifies its peer, by what
 * sock_ssl_load_verify_locations() and its like give it.
 *
 * @param[in] protocol  #SOCK_SSL_PROTOCOL_TLS_CLIENT or
 *                      #SOCK_SSL_PROTOCOL_TLS_SERVER.
 * @return Context, to be freed; NULL on error.
 * @par Errors
 * #SOCK_E_VALUE, #SOCK_E_TLS, #SOCK_E_MEMORY.
 * @see sock_ssl_create_default_context(), sock_ssl_get_protocol().
 * @par Example
 * @snippet ssl_context.c server
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_ssl_context_t *sock_ssl_context_new(int protocol);

/**
 * @brief The context that NULL stands for.
 *
 * Not in Python, which has `ssl.create_default_context()` alone. Made by that
 * at the first call and shared by the process, as loading the system's
 * certificates takes its time. What is set on it is set for all who use it.
 *
 * @return Context, which is no one's to free; NULL on error.
 * @par Errors
 * As sock_ssl_create_default_context().
 * @see sock_ssl_create_default_context(), sock_ssl_create_connection().
 * @par Example
 * @snippet ssl_context.c default_context
 * @since 0.3.0
 */
SOCK_API sock_ssl_context_t *sock_ssl_default_context(void);

/**
 * @brief Free a context.
 *
 * Not in Python; wraps SSL_CTX_free(). Connections that use it go on, and keep
 * what they need of it. errno and the error record stay as they are.
 *
 * @param[in] ctx  Context; NULL does nothing.
 * @see sock_ssl_context_freep(), #SOCK_SSL_CONTEXT_AUTO.
 * @par Example
 * @snippet ssl_context.c client
 * @since 0.3.0
 */
SOCK_API void sock_ssl_context_free(sock_ssl_context_t *ctx);

/**
 * @brief Free a context and forget it.
 *
 * Not in Python. What #SOCK_SSL_CONTEXT_AUTO calls.
 *
 * @param[in,out] ctx  Where the pointer lies, which becomes NULL; NULL does
 *                     nothing.
 * @see sock_ssl_context_free(), #SOCK_SSL_CONTEXT_AUTO.
 * @par Example
 * @snippet ssl_context.c default_context
 * @since 0.3.0
 */
SOCK_API void sock_ssl_context_freep(sock_ssl_context_t **ctx);

/**
 * @brief What a context is to those who put TLS under connections of theirs.
 *
 * Not in Python, whose libraries take the context itself.
 *
 * @param[in] ctx  Context.
 * @return To be passed to calls that take a #sock_tls_t; part of the context,
 *         and no one's to free. NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_ssl_init().
 * @par Example
 * @snippet ssl_context.c tls
 * @since 0.3.0
 */
SOCK_API sock_tls_t *sock_ssl_tls(sock_ssl_context_t *ctx);

/**
 * @brief Load the certificates that this side shows, and the key.
 *
 * Corresponds to Python's `SSLContext.load_cert_chain()`; wraps
 * SSL_CTX_use_cert_and_key().
 *
 * The leaf stands first, behind it the rest of its chain. A pair of another
 * kind of key stands beside the first one, another of the same kind takes its
 * place; connections made later show it. On an error the context is as it was.
 *
 * An encrypted key needs a password: @p password, or else what the password
 * callback says. No question is ever put on the terminal.
 *
 * @param[in] ctx       Context.
 * @param[in] certfile  File of certificates, PEM.
 * @param[in] keyfile   File of the key, PEM; NULL: it is in @p certfile.
 * @param[in] password  Password of the key; NULL: see above.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (a password over 1024 bytes), #SOCK_E_OS (a
 * file), #SOCK_E_TLS (what is in it, the password, a key that is another's or
 * weak), #SOCK_E_MEMORY.
 * @see sock_ssl_load_cert_chain_data(), sock_ssl_set_password_callback().
 * @par Example
 * @snippet ssl_context.c server
 * @since 0.3.0
 */
SOCK_API int sock_ssl_load_cert_chain(sock_ssl_context_t *ctx,
                                      const char *certfile, const char *keyfile,
                                      const char *password);

/**
 * @brief Load them from memory.
 *
 * Not in Python, whose `SSLContext.load_cert_chain()` takes files alone. The
 * same as sock_ssl_load_cert_chain() otherwise.
 *
 * @param[in] ctx        Context.
 * @param[in] cert       Certificates, PEM.
 * @param[in] cert_size  Bytes of @p cert.
 * @param[in] key        Key, PEM; it may be @p cert again.
 * @param[in] key_size   Bytes of @p key.
 * @param[in] password   Password of the key, or NULL.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (a password over 1024 bytes), #SOCK_E_OS (a
 * file), #SOCK_E_TLS (what is in it, the password, a key that is another's or
 * weak), #SOCK_E_MEMORY.
 * @see sock_ssl_load_cert_chain().
 * @par Example
 * @snippet ssl_context.c load_data
 * @since 0.3.0
 */
SOCK_API int sock_ssl_load_cert_chain_data(sock_ssl_context_t *ctx,
                                           const void *cert, size_t cert_size,
                                           const void *key, size_t key_size,
                                           const char *password);

/**
 * @brief Set who knows the password of an encrypted key.
 *
 * Corresponds to a callable as `password` of Python's
 * `SSLContext.load_cert_chain()`. It is asked by the loading calls that are
 * given no password and meet an encrypted key, and not under the context's
 * lock: it may use the context.
 *
 * @param[in] ctx  Context.
 * @param[in] fn   Function; NULL: none.
 * @param[in] arg  For @p fn.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_ssl_load_cert_chain().
 * @par Example
 * @snippet ssl_context.c password
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_password_callback(sock_ssl_context_t *ctx,
                                            sock_ssl_password_fn fn, void *arg);

/**
 * @brief Trust further certificates.
 *
 * Corresponds to Python's `SSLContext.load_verify_locations()`. What is there
 * already stays. Revocation lists may stand among them, see
 * #SOCK_SSL_VERIFY_CRL_CHECK_LEAF. A folder is read when a peer is verified;
 * one that is missing is an error, which Python is silent about.
 *
 * @param[in] ctx     Context.
 * @param[in] cafile  File of certificates, PEM; NULL: none.
 * @param[in] capath  Folder of them, as openssl-rehash(1) leaves it; NULL:
 *                    none.
 * @param[in] cadata  The same as text, PEM; NULL: none.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (NULL, or none of the three), #SOCK_E_OS (a file or folder),
 * #SOCK_E_TLS (what is in it), #SOCK_E_MEMORY.
 * @see sock_ssl_load_verify_data(), sock_ssl_load_default_certs().
 * @par Example
 * @snippet ssl_context.c trust
 * @since 0.3.0
 */
SOCK_API int sock_ssl_load_verify_locations(sock_ssl_context_t *ctx,
                                            const char *cafile,
                                            const char *capath,
                                            const char *cadata);

/**
 * @brief Trust further certificates, from memory.
 *
 * Corresponds to `cadata` of Python's `SSLContext.load_verify_locations()`.
 * Certificates and revocation lists, one at least.
 *
 * @param[in] ctx   Context.
 * @param[in] data  Certificates, PEM.
 * @param[in] size  Bytes of @p data.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (a size over INT_MAX), #SOCK_E_TLS (what is in
 * it), #SOCK_E_MEMORY.
 * @see sock_ssl_load_verify_locations().
 * @par Example
 * @snippet ssl_context.c trust
 * @since 0.3.0
 */
SOCK_API int sock_ssl_load_verify_data(sock_ssl_context_t *ctx,
                                       const void *data, size_t size);

/**
 * @brief Trust the system's certificates.
 *
 * Corresponds to Python's `SSLContext.load_default_certs()`; wraps
 * SSL_CTX_set_default_verify_paths(). The environment's SSL_CERT_FILE and
 * SSL_CERT_DIR come first.
 *
 * @param[in] ctx      Context.
 * @param[in] purpose  #SOCK_SSL_SERVER_AUTH or #SOCK_SSL_CLIENT_AUTH: the same
 *                     certificates on this system.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (purpose), #SOCK_E_TLS.
 * @see sock_ssl_create_default_context().
 * @par Example
 * @snippet ssl_context.c trust
 * @since 0.3.0
 */
SOCK_API int sock_ssl_load_default_certs(sock_ssl_context_t *ctx, int purpose);

/**
 * @brief How much there is in a context's store.
 *
 * Corresponds to Python's `ssl.SSLContext.cert_store_stats()`; wraps
 * X509_STORE_get0_objects(). What lies in a folder counts once it was needed to
 * verify someone.
 *
 * @param[in]  ctx    Context.
 * @param[out] stats  The numbers.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_ssl_get_ca_certs(), sock_ssl_load_verify_locations().
 * @par Example
 * @snippet ssl_context.c cert_store_stats
 * @since 0.3.0
 */
SOCK_API int sock_ssl_cert_store_stats(sock_ssl_context_t *ctx,
                                       sock_ssl_store_stats_t *stats);

/**
 * @brief Set whether the peer must show a certificate that is trusted.
 *
 * Corresponds to Python's `SSLContext.verify_mode`; wraps
 * SSL_CTX_set_verify(). #SOCK_SSL_CERT_OPTIONAL, of a server, asks for one and
 * verifies it, but does without; a client takes it for
 * #SOCK_SSL_CERT_REQUIRED, as servers always show one.
 *
 * @param[in] ctx   Context.
 * @param[in] mode  #SOCK_SSL_CERT_NONE, #SOCK_SSL_CERT_OPTIONAL or
 *                  #SOCK_SSL_CERT_REQUIRED.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (no such mode; #SOCK_SSL_CERT_NONE while the
 * name or pins are to be checked).
 * @see sock_ssl_set_check_hostname(), sock_ssl_set_verify_flags().
 * @par Example
 * @snippet ssl_context.c verify
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_verify_mode(sock_ssl_context_t *ctx, int mode);

/**
 * @brief Whether the peer must show a certificate.
 *
 * Corresponds to Python's `SSLContext.verify_mode`.
 *
 * @param[in] ctx  Context.
 * @return Mode; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (NULL).
 * @see sock_ssl_set_verify_mode().
 * @par Example
 * See sock_ssl_set_verify_mode().
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_verify_mode(sock_ssl_context_t *ctx);

/**
 * @brief Set whether the certificate must be for the name that is asked for.
 *
 * Corresponds to Python's `SSLContext.check_hostname`. Only names and
 * addresses of subjectAltName count, never the common name. On where the mode
 * is #SOCK_SSL_CERT_NONE, the mode becomes #SOCK_SSL_CERT_REQUIRED; it is a
 * client's, for a server asks for no name.
 *
 * @param[in] ctx  Context.
 * @param[in] on   0: off.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_ssl_set_verify_mode(), sock_ssl_wrap_socket().
 * @par Example
 * @snippet ssl_context.c verify
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_check_hostname(sock_ssl_context_t *ctx, int on);

/**
 * @brief Whether the name is checked.
 *
 * Corresponds to Python's `SSLContext.check_hostname`.
 *
 * @param[in] ctx  Context.
 * @return 1 or 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (NULL).
 * @see sock_ssl_set_check_hostname().
 * @par Example
 * See sock_ssl_set_check_hostname().
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_check_hostname(sock_ssl_context_t *ctx);

/**
 * @brief Set how chains are verified.
 *
 * Corresponds to Python's `SSLContext.verify_flags`; wraps
 * X509_VERIFY_PARAM_set_flags(). What is not among them is cleared, so begin
 * with sock_ssl_get_verify_flags().
 *
 * @param[in] ctx    Context.
 * @param[in] flags  `SOCK_SSL_VERIFY_...`, or'ed.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (unknown bits).
 * @see sock_ssl_get_verify_flags(), sock_ssl_load_verify_locations().
 * @par Example
 * @snippet ssl_context.c verify
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_verify_flags(sock_ssl_context_t *ctx, unsigned flags);

/**
 * @brief How chains are verified.
 *
 * Corresponds to Python's `SSLContext.verify_flags`.
 *
 * @param[in]  ctx    Context.
 * @param[out] flags  `SOCK_SSL_VERIFY_...`, or'ed.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (NULL).
 * @see sock_ssl_set_verify_flags().
 * @par Example
 * See sock_ssl_set_verify_flags().
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_verify_flags(sock_ssl_context_t *ctx,
                                       unsigned *flags);

/**
 * @brief Set the lowest version of TLS.
 *
 * Corresponds to Python's `SSLContext.minimum_version`; wraps
 * SSL_CTX_set_min_proto_version(). A minimum over the maximum is refused, as
 * no handshake could succeed; Python takes it.
 *
 * @param[in] ctx      Context.
 * @param[in] version  #SOCK_SSL_TLSV1_2, #SOCK_SSL_TLSV1_3,
 *                     #SOCK_SSL_MINIMUM_SUPPORTED or
 *                     #SOCK_SSL_MAXIMUM_SUPPORTED.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE.
 * @see sock_ssl_set_maximum_version().
 * @par Example
 * @snippet ssl_context.c versions
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_minimum_version(sock_ssl_context_t *ctx, int version);

/**
 * @brief The lowest version of TLS.
 *
 * Corresponds to Python's `SSLContext.minimum_version`.
 *
 * @param[in] ctx  Context.
 * @return Version; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (NULL).
 * @see sock_ssl_set_minimum_version().
 * @par Example
 * See sock_ssl_set_minimum_version().
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_minimum_version(sock_ssl_context_t *ctx);

/**
 * @brief Set the highest version of TLS.
 *
 * Corresponds to Python's `SSLContext.maximum_version`; wraps
 * SSL_CTX_set_max_proto_version(). A minimum over the maximum is refused, as
 * no handshake could succeed; Python takes it.
 *
 * @param[in] ctx      Context.
 * @param[in] version  #SOCK_SSL_TLSV1_2, #SOCK_SSL_TLSV1_3,
 *                     #SOCK_SSL_MINIMUM_SUPPORTED or
 *                     #SOCK_SSL_MAXIMUM_SUPPORTED.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE.
 * @see sock_ssl_set_minimum_version().
 * @par Example
 * @snippet ssl_context.c versions
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_maximum_version(sock_ssl_context_t *ctx, int version);

/**
 * @brief The highest version of TLS.
 *
 * Corresponds to Python's `SSLContext.maximum_version`.
 *
 * @param[in] ctx  Context.
 * @return Version; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (NULL).
 * @see sock_ssl_set_maximum_version().
 * @par Example
 * See sock_ssl_set_maximum_version().
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_maximum_version(sock_ssl_context_t *ctx);

/**
 * @brief Set options.
 *
 * Corresponds to Python's `SSLContext.options`; wraps SSL_CTX_set_options().
 * What is not among them is cleared, but for #SOCK_SSL_OP_NO_RENEGOTIATION and
 * #SOCK_SSL_OP_NO_COMPRESSION, which are always on. None of OpenSSL's others
 * can be set: versions have functions of their own, and the rest makes a
 * connection weaker.
 *
 * @param[in] ctx      Context.
 * @param[in] options  `SOCK_SSL_OP_...`, or'ed.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (other bits).
 * @see sock_ssl_get_options(), sock_ssl_set_num_tickets().
 * @par Example
 * @snippet ssl_context.c options
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_options(sock_ssl_context_t *ctx, uint64_t options);

/**
 * @brief The options.
 *
 * Corresponds to Python's `SSLContext.options`, of which it has those that are
 * named here.
 *
 * @param[in]  ctx      Context.
 * @param[out] options  `SOCK_SSL_OP_...`, or'ed.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (NULL).
 * @see sock_ssl_set_options().
 * @par Example
 * See sock_ssl_set_options().
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_options(sock_ssl_context_t *ctx, uint64_t *options);

/**
 * @brief Set the ciphers of TLS 1.2.
 *
 * Corresponds to Python's `SSLContext.set_ciphers()`; wraps
 * SSL_CTX_set_cipher_list(). Unknown words are skipped while one remains.
 * Those of TLS 1.3 are sock_ssl_set_ciphersuites()'s. Connections made later
 * have the list.
 *
 * @param[in] ctx   Context.
 * @param[in] list  As openssl-ciphers(1) has it.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_TLS (none remains), #SOCK_E_MEMORY.
 * @see sock_ssl_set_ciphersuites().
 * @par Example
 * @snippet ssl_context.c ciphers
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_ciphers(sock_ssl_context_t *ctx, const char *list);

/**
 * @brief Set the cipher suites of TLS 1.3.
 *
 * Not in Python 3.13; wraps SSL_CTX_set_ciphersuites(). An unknown name is an
 * error, and so is an empty list: what does without TLS 1.3 sets the maximum
 * version.
 *
 * @param[in] ctx   Context.
 * @param[in] list  Names between colons, the one preferred first:
 *                  `TLS_AES_256_GCM_SHA384`, `TLS_CHACHA20_POLY1305_SHA256`,
 *                  `TLS_AES_128_GCM_SHA256`, `TLS_AES_128_CCM_SHA256`,
 *                  `TLS_AES_128_CCM_8_SHA256`.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (an unknown name), #SOCK_E_TLS, #SOCK_E_MEMORY.
 * @see sock_ssl_set_ciphers(), sock_ssl_set_maximum_version().
 * @par Example
 * @snippet ssl_context.c ciphers
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_ciphersuites(sock_ssl_context_t *ctx,
                                       const char *list);

/**
 * @brief Set the protocols that go over a connection.
 *
 * Corresponds to Python's `SSLContext.set_alpn_protocols()`; wraps
 * SSL_CTX_set_alpn_protos(). The server's order wins; without one in common
 * there is none, and the handshake succeeds all the same.
 *
 * @param[in] ctx    Context.
 * @param[in] names  Names of 1 to 255 bytes, such as `h2`.
 * @param[in] count  Their number; 0: none.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (a name), #SOCK_E_MEMORY.
 * @see sock_ssl_selected_alpn_protocol().
 * @par Example
 * @snippet ssl_context.c alpn
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_alpn_protocols(sock_ssl_context_t *ctx,
                                         const char *const *names,
                                         size_t count);

/**
 * @brief Set the groups of the key exchange.
 *
 * Corresponds to Python's `SSLContext.set_ecdh_curve()`, which takes one name;
 * wraps SSL_CTX_set1_groups_list().
 *
 * @param[in] ctx    Context.
 * @param[in] names  Names between colons, the one preferred first: `X25519`,
 *                   `P-256` or `prime256v1`, `ffdhe3072`.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (an unknown name), #SOCK_E_MEMORY.
 * @see sock_ssl_set_ciphers().
 * @par Example
 * @snippet ssl_context.c ciphers
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_ecdh_curve(sock_ssl_context_t *ctx,
                                     const char *names);

/**
 * @brief Set how many tickets a server hands out after a handshake of TLS 1.3.
 *
 * Corresponds to Python's `SSLContext.num_tickets`; wraps
 * SSL_CTX_set_num_tickets(). A client that never reads and then closes can
 * lose its last bytes to tickets that lie unread: a server that only receives
 * sets 0. Tickets of TLS 1.2 are #SOCK_SSL_OP_NO_TICKET's.
 *
 * @param[in] ctx  Context.
 * @param[in] n    Number; 2 at first.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (negative, or a client's context).
 * @see sock_ssl_set_options().
 * @par Example
 * @snippet ssl_context.c options
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_num_tickets(sock_ssl_context_t *ctx, int n);

/**
 * @brief How many tickets a server hands out.
 *
 * Corresponds to Python's `SSLContext.num_tickets`.
 *
 * @param[in] ctx  Context.
 * @return Number; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (NULL).
 * @see sock_ssl_set_num_tickets().
 * @par Example
 * See sock_ssl_set_num_tickets().
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_num_tickets(sock_ssl_context_t *ctx);

/**
 * @brief Set whether a client can be asked for its certificate later.
 *
 * Corresponds to Python's `SSLContext.post_handshake_auth`; wraps
 * SSL_CTX_set_post_handshake_auth(). In TLS 1.3 alone. A client then offers
 * it; a server that verifies leaves the question to
 * sock_ssl_verify_client_post_handshake().
 *
 * @param[in] ctx  Context.
 * @param[in] on   0: off.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_ssl_set_verify_mode().
 * @par Example
 * @snippet ssl_context.c options
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_post_handshake_auth(sock_ssl_context_t *ctx, int on);

/**
 * @brief Whether a client can be asked after the handshake.
 *
 * Corresponds to Python's `SSLContext.post_handshake_auth`.
 *
 * @param[in] ctx  Context.
 * @return 1 or 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (NULL).
 * @see sock_ssl_set_post_handshake_auth().
 * @par Example
 * See sock_ssl_set_post_handshake_auth().
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_post_handshake_auth(sock_ssl_context_t *ctx);

/**
 * @brief The security level.
 *
 * Corresponds to Python's `SSLContext.security_level`; wraps
 * SSL_CTX_get_security_level(). SECLEVEL in the list of ciphers sets it.
 *
 * @param[in] ctx  Context.
 * @return Level, 2 at first; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (NULL).
 * @see sock_ssl_set_ciphers().
 * @par Example
 * @snippet ssl_context.c options
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_security_level(sock_ssl_context_t *ctx);

/**
 * @brief Whose side the context is for.
 *
 * Corresponds to Python's `SSLContext.protocol`.
 *
 * @param[in] ctx  Context.
 * @return #SOCK_SSL_PROTOCOL_TLS_CLIENT or #SOCK_SSL_PROTOCOL_TLS_SERVER; -1
 *         on error.
 * @par Errors
 * #SOCK_E_TYPE (NULL).
 * @see sock_ssl_context_new().
 * @par Example
 * @snippet ssl_context.c options
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_protocol(sock_ssl_context_t *ctx);

/**
 * @brief Write the keys of connections to a file.
 *
 * Corresponds to Python's `SSLContext.keylog_filename`; wraps
 * SSL_CTX_set_keylog_callback().
 *
 * In the format of NSS, which Wireshark reads: who has the file reads the
 * traffic. It is made for its owner alone (0600) where it is not there yet,
 * and appended to, each line in one write(2); a new one begins with a comment.
 * What can't be written is lost, and the connection goes on. Connections made
 * later use it.
 *
 * @param[in] ctx   Context.
 * @param[in] path  File; NULL: none.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (it can't be opened; ESPIPE: a pipe, which might
 * block), #SOCK_E_MEMORY.
 * @see sock_ssl_create_default_context().
 * @par Example
 * @snippet ssl_context.c keylog
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_keylog_filename(sock_ssl_context_t *ctx,
                                          const char *path);

/**
 * @brief Set keys of which the peer's chain must have one.
 *
 * Not in Python.
 *
 * Besides being verified, not instead: the chain up to its root must hold a
 * certificate whose key is among these. A pin is the base64 of the SHA-256 of
 * a key in the form that certificates have it (SubjectPublicKeyInfo): `openssl
 * x509 -pubkey -noout -in cert.pem | openssl pkey -pubin -outform DER |
 * openssl dgst -sha256 -binary | base64`. Where the mode is
 * #SOCK_SSL_CERT_NONE it becomes #SOCK_SSL_CERT_REQUIRED. A mismatch fails the
 * handshake with #SOCK_E_TLS, a `verify_code` of 50 and an alert. Sessions
 * from before are not resumed. Pin a spare key as well, or a change of keys
 * locks everyone out.
 *
 * @param[in] ctx            Context.
 * @param[in] sha256_base64  Pins.
 * @param[in] count          Their number; 0: none.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (a pin that is none), #SOCK_E_MEMORY.
 * @see sock_ssl_set_verify_mode().
 * @par Example
 * @snippet ssl_context.c pins
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_pins(sock_ssl_context_t *ctx,
                               const char *const *sha256_base64, size_t count);

/**
 * @brief Set who hears the name that a client asks for.
 *
 * Corresponds to Python's `SSLContext.sni_callback`; wraps
 * SSL_CTX_set_client_hello_cb().
 *
 * Called at the beginning of a handshake, before anything is chosen: a context
 * that sock_ssl_set_context() gives the connection there counts in full, its
 * versions, ciphers and whether it asks for certificates among it. Of Python's
 * the versions, options and verify_mode of the new context have no effect. A
 * client that has to repeat its hello is asked for twice.
 *
 * @param[in] ctx  Context.
 * @param[in] fn   Function; NULL: none.
 * @param[in] arg  For @p fn.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (a client's context), #SOCK_E_MEMORY.
 * @see sock_ssl_set_context(), sock_ssl_sni_fn.
 * @par Example
 * @snippet ssl_context.c sni
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_sni_callback(sock_ssl_context_t *ctx,
                                       sock_ssl_sni_fn fn, void *arg);

/**
 * @brief Set who has a client's key for a server.
 *
 * Corresponds to Python's `SSLContext.set_psk_client_callback()`; wraps
 * SSL_set_psk_client_callback().
 *
 * A handshake by such a key needs no certificate, and none is verified. In TLS
 * 1.2 a cipher must allow it (`PSK`); in TLS 1.3 it goes with the suites of
 * SHA-256 alone, which sock_ssl_set_ciphersuites() can prefer.
 *
 * @param[in] ctx  Context.
 * @param[in] fn   Function; NULL: none.
 * @param[in] arg  For @p fn.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (a server's context), #SOCK_E_MEMORY.
 * @see sock_ssl_set_psk_server_callback(), sock_ssl_psk_client_fn.
 * @par Example
 * @snippet ssl_context.c psk
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_psk_client_callback(sock_ssl_context_t *ctx,
                                              sock_ssl_psk_client_fn fn,
                                              void *arg);

/**
 * @brief Set who has a server's keys for its clients.
 *
 * Corresponds to Python's `SSLContext.set_psk_server_callback()`; wraps
 * SSL_set_psk_server_callback().
 *
 * As sock_ssl_set_psk_client_callback() for the other side.
 *
 * @param[in] ctx   Context.
 * @param[in] fn    Function; NULL: none.
 * @param[in] hint  What TLS 1.2 tells the client before it answers, 256 bytes
 *                  at most; NULL: nothing.
 * @param[in] arg   For @p fn.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (a client's context, the hint), #SOCK_E_MEMORY.
 * @see sock_ssl_set_psk_client_callback(), sock_ssl_psk_server_fn.
 * @par Example
 * @snippet ssl_context.c psk
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_psk_server_callback(sock_ssl_context_t *ctx,
                                              sock_ssl_psk_server_fn fn,
                                              const char *hint, void *arg);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
