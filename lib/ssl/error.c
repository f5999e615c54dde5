/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "error.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509err.h>

#include <pysockc/error.h>
#include <pysockc/ssl.h>

#include "record.h"

/* Texts */

enum {
    REASON_SIZE = sizeof((sock_ssl_error_t *)0)->reason,
    WHY_SIZE = sizeof((sock_ssl_error_t *)0)->verify_message
};

/* Of the last certificate that was refused in this thread: which of the chain
 * it was, and the name that it is not valid for. The record's detail has a
 * number that says that it is about this one. */
static _Thread_local struct {
    int number, depth;
    char subject[256];
    char host[256];
} refused;

static const char *class_name(const sock_error_t *e)
{
    if (e->code == SOCK_SSL_ERROR_EOF)
        return "ssl.SSLEOFError";
    if (e->code == SOCK_SSL_ERROR_ZERO_RETURN)
        return "ssl.SSLZeroReturnError";
    return e->verify_code != 0 ? "ssl.SSLCertVerificationError"
                               : "ssl.SSLError";
}

static bool is_about_refused(const sock_error_t *e)
{
    return e->detail != 0 && e->detail == refused.number;
}

/* What OpenSSL says of it says nothing. */
static const char *own_reason(int verify_code)
{
    switch (verify_code) {
    case X509_V_ERR_APPLICATION_VERIFICATION:
        return "none of the keys in its chain is pinned";
    case X509_V_ERR_UNSPECIFIED:
        return "the peer has shown no certificate";
    case X509_V_ERR_HOSTNAME_MISMATCH:
        return "Hostname mismatch";
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "IP address mismatch";
    default:
        return NULL;
    }
}

static bool is_mismatch(int verify_code)
{
    return verify_code == X509_V_ERR_HOSTNAME_MISMATCH ||
           verify_code == X509_V_ERR_IP_ADDRESS_MISMATCH;
}

/* What X509_STRICT alone refuses. */
static bool is_strict(int verify_code)
{
    return verify_code >= X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA &&
           verify_code <= X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3;
}

/* Why a certificate was refused: the length, as snprintf(3). */
static int reason_of(const sock_error_t *e, char *buf, size_t size)
{
    const char *why = own_reason(e->verify_code);
    if (why == NULL || (is_mismatch(e->verify_code) && !is_about_refused(e)))
        why = X509_verify_cert_error_string(e->verify_code);
    else if (is_mismatch(e->verify_code))
        return snprintf(buf, size, "%s, certificate is not valid for '%s'.",
                        why, refused.host);
    return snprintf(buf, size, "%s%s", why,
                    is_strict(e->verify_code) ? ", which is allowed without "
                                                "SOCK_SSL_VERIFY_X509_STRICT"
                                              : "");
}

/* That as Python has it, and which certificate it was. */
static void add_why(const sock_error_t *e, char *buf, size_t size)
{
    char why[WHY_SIZE];
    if (e->verify_code == 0)
        return;
    reason_of(e, why, sizeof why);
    if (is_about_refused(e) && refused.depth >= 0)
        snprintf(buf, size, ": %s (depth %d, subject %s)", why, refused.depth,
                 refused.subject);
    else
        snprintf(buf, size, ": %s", why);
}

/* A reason's words in Python's spelling of its name: WRONG_VERSION_NUMBER. */
static void name_of(const char *text, char *name, size_t size)
{
    size_t n = 0;
    for (; n < size - 1 && text[n] != '\0'; n++)
        name[n] = isalnum((unsigned char)text[n])
                      ? (char)toupper((unsigned char)text[n])
                      : '_';
    name[n] = '\0';
}

/* Where Python has words of its own; NULL: it has not. */
static const char *own_words(const sock_error_t *e)
{
    if (e->code == SOCK_SSL_ERROR_EOF)
        return NULL;
    if (e->reason == (int)ERR_PACK(ERR_LIB_SSL, 0, SSL_R_NO_CIPHER_MATCH))
        return "No cipher can be selected.";
    if (e->reason == (int)ERR_PACK(ERR_LIB_X509, 0,
                                   X509_R_NO_CERTIFICATE_OR_CRL_FOUND) &&
        strcmp(e->operation, "load_verify_data") == 0)
        return "no start line: cadata does not contain a certificate";
    return NULL;
}

static const char *words_of(const sock_error_t *e)
{
    const char *reason = ERR_reason_error_string((unsigned long)e->reason);
    return reason != NULL ? reason : "unknown error";
}

static const char *library_of(const sock_error_t *e)
{
    switch (ERR_GET_LIB((unsigned long)e->reason)) {
    case ERR_LIB_SSL:
        return "SSL";
    case ERR_LIB_X509:
        return "X509";
    case ERR_LIB_PEM:
        return "PEM";
    case ERR_LIB_ASN1:
        return "ASN1";
    default:
        return "CRYPTO";
    }
}

static int words(const sock_error_t *e, char *buf, size_t size)
{
    char name[REASON_SIZE], why[SOCK_ERROR_TEXT_MAX / 4 * 3] = "";
    const char *what = e->code == SOCK_SSL_ERROR_EOF
                           ? "EOF occurred in violation of protocol"
                           : words_of(e);
    if (own_words(e) != NULL)
        return snprintf(buf, size, "%s", own_words(e));
    name_of(words_of(e), name, sizeof name);
    add_why(e, why, sizeof why);
    return snprintf(buf, size, "[%s: %s] %s%s", library_of(e), name, what, why);
}

void sock__ssl_error_init(void)
{
    static const struct sock__texts texts = {class_name, words};
    sock__set_texts(SOCK_E_TLS, &texts);
}

/* Taking apart */

/* That the peer has sent, of which OpenSSL makes reasons. */
static int alert_of(const sock_error_t *e)
{
    int reason = ERR_GET_REASON((unsigned long)e->reason);
    bool has = ERR_GET_LIB((unsigned long)e->reason) == ERR_LIB_SSL &&
               reason >= SSL_AD_REASON_OFFSET &&
               reason < SSL_AD_REASON_OFFSET + 256;
    return has ? reason - SSL_AD_REASON_OFFSET : -1;
}

int sock_ssl_error(const sock_error_t *e, sock_ssl_error_t *out)
{
    const char *op = "sock_ssl_error";
    if (out == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (e == NULL)
        e = sock_last_error();
    if (e->kind != SOCK_E_TLS)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__NOT_TLS_ERROR);
    memset(out, 0, sizeof *out);
    out->code = e->code;
    out->verify_code = e->verify_code;
    out->alert = alert_of(e);
    out->depth = is_about_refused(e) ? refused.depth : -1;
    snprintf(out->library, sizeof out->library, "%s", library_of(e));
    name_of(words_of(e), out->reason, sizeof out->reason);
    if (e->verify_code != 0)
        reason_of(e, out->verify_message, sizeof out->verify_message);
    if (is_about_refused(e))
        snprintf(out->subject, sizeof out->subject, "%s", refused.subject);
    return 0;
}

/* Recording */

static int errno_of(int code)
{
    if (code == SOCK_SSL_ERROR_EOF)
        return ECONNRESET;
    return code == SOCK_SSL_ERROR_ZERO_RETURN ? EPIPE : EPROTO;
}

static int record(const char *op, int code, int reason, int verify_code,
                  int detail)
{
    sock__fail(op, SOCK_E_TLS, code, detail);
    sock__fail_reason(reason, verify_code);
    errno = errno_of(code);
    return -1;
}

int sock__ssl_fail_because(const char *op, int code, int reason)
{
    return record(op, code, (int)ERR_PACK(ERR_LIB_SSL, 0, reason), 0, 0);
}

static bool is_out_of_memory(unsigned long e)
{
    return !ERR_SYSTEM_ERROR(e) && ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE;
}

/* What OpenSSL's queue had. */
struct queue {
    unsigned long first, last;
    bool out_of_memory; /* whatever came of it */
};

static struct queue empty_queue(void)
{
    struct queue q = {0, ERR_peek_last_error(), false};
    unsigned long e;
    while ((e = ERR_get_error()) != 0) {
        if (q.first == 0)
            q.first = e;
        q.out_of_memory = q.out_of_memory || is_out_of_memory(e);
    }
    return q;
}

bool sock__ssl_lacked_memory(void)
{
    return empty_queue().out_of_memory;
}

int sock__ssl_fail(const char *op)
{
    struct queue q = empty_queue();
    if (q.out_of_memory)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    if (ERR_SYSTEM_ERROR(q.first)) /* what came of it says less */
        return sock__fail(op, SOCK_E_OS, ERR_GET_REASON(q.first), 0);
    return record(op, SOCK_SSL_ERROR_SSL, (int)q.last, 0, 0);
}

/* In RFC 2253's form, as much as there is room for. */
static void write_subject(X509 *cert)
{
    BIO *b = BIO_new(BIO_s_mem());
    int n = -1;
    if (b != NULL && cert != NULL &&
        X509_NAME_print_ex(b, X509_get_subject_name(cert), 0,
                           XN_FLAG_RFC2253) >= 0)
        n = BIO_read(b, refused.subject, (int)sizeof refused.subject - 1);
    refused.subject[n > 0 ? n : 0] = '\0';
    BIO_free(b);
}

int sock__ssl_note_refusal(int ok, X509_STORE_CTX *store)
{
    if (!ok) {
        refused.depth = X509_STORE_CTX_get_error_depth(store);
        write_subject(X509_STORE_CTX_get_current_cert(store));
    }
    return ok;
}

static void fail_to_verify(const struct sock__ssl *c, int verify_code)
{
    snprintf(refused.host, sizeof refused.host, "%s",
             c->host != NULL ? c->host : "");
    refused.number = refused.number < 1000000 ? refused.number + 1 : 1;
    record("", SOCK_SSL_ERROR_SSL,
           (int)ERR_PACK(ERR_LIB_SSL, 0, SSL_R_CERTIFICATE_VERIFY_FAILED),
           verify_code, refused.number);
}

/* The transport is asked first: what OpenSSL says of its failures is poor. */
static void record_broken(const struct sock__ssl *c)
{
    struct queue q = empty_queue();
    if (c->transport == ENOMEM || q.out_of_memory)
        sock__fail("", SOCK_E_MEMORY, 0, 0);
    else if (c->fault != 0)
        sock__fail("", SOCK_E_VALUE, 0, c->fault);
    else if (c->ended || (q.last == 0 && c->transport == 0))
        sock__ssl_fail_because("", SOCK_SSL_ERROR_EOF,
                               SSL_R_UNEXPECTED_EOF_WHILE_READING);
    else if (c->transport != 0)
        sock__fail("", SOCK_E_OS, c->transport, 0);
    else if (ERR_GET_REASON(q.last) == SSL_R_CERTIFICATE_VERIFY_FAILED)
        fail_to_verify(c, (int)SSL_get_verify_result(c->ssl));
    else
        record("", SOCK_SSL_ERROR_SSL, (int)q.last, 0, 0);
}

static void keep_failure(struct sock__ssl_failure *f)
{
    const sock_error_t *e = sock_last_error();
    f->kind = e->kind;
    f->code = e->code;
    f->detail = e->detail;
    f->reason = e->reason;
    f->verify_code = e->verify_code;
    f->sys_errno = errno;
}

static ssize_t break_for_good(struct sock__ssl *c)
{
    keep_failure(&c->failure);
    c->failed = true;
    return SOCK__RECORDED;
}

ssize_t sock__ssl_broken(struct sock__ssl *c)
{
    record_broken(c);
    return break_for_good(c);
}

ssize_t sock__ssl_unverified(struct sock__ssl *c, int verify_code)
{
    X509 *cert = SSL_get0_peer_certificate(c->ssl);
    refused.depth = cert != NULL ? 0 : -1;
    write_subject(cert);
    fail_to_verify(c, verify_code);
    return break_for_good(c);
}

ssize_t sock__ssl_still_broken(const struct sock__ssl *c)
{
    const struct sock__ssl_failure *f = &c->failure;
    sock__fail("", f->kind, f->code, f->detail);
    sock__fail_reason(f->reason, f->verify_code);
    errno = f->sys_errno;
    return SOCK__RECORDED;
}
