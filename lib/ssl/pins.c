/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "pins.h"

#include <string.h>

#include <openssl/evp.h>

#include "bio.h"
#include "error.h"
#include "state.h"

enum { PIN_SIZE = 32, TEXT_SIZE = 44 };

/* The bytes, and one more that the base64 of 32 does not use up. */
static int decode(const char *text, unsigned char bytes[PIN_SIZE + 1])
{
    return EVP_DecodeBlock(bytes, (const unsigned char *)text, TEXT_SIZE);
}

/* OpenSSL takes blanks, and bits that are not used, so there and back. */
int sock__ssl_is_pin(const char *text)
{
    unsigned char bytes[PIN_SIZE + 1], again[TEXT_SIZE + 1];
    if (strlen(text) != TEXT_SIZE || decode(text, bytes) < PIN_SIZE)
        return 0;
    EVP_EncodeBlock(again, bytes, PIN_SIZE);
    return memcmp(text, again, TEXT_SIZE) == 0;
}

struct sock__ssl_setting *sock__ssl_pins_make(const char *const *texts,
                                              size_t count)
{
    struct sock__ssl_setting *x = sock__ssl_setting_new(NULL, count * PIN_SIZE);
    unsigned char *to = sock__ssl_setting_value(x), bytes[PIN_SIZE + 1];
    for (size_t i = 0; x != NULL && i < count; i++) {
        decode(texts[i], bytes);
        memcpy(to + i * PIN_SIZE, bytes, PIN_SIZE);
    }
    return x;
}

/* Of the key with its algorithm, as a certificate has it. */
static bool digest_key(X509 *cert, unsigned char digest[PIN_SIZE])
{
    unsigned char *der = NULL;
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
    bool done = n > 0 && EVP_Digest(der, (size_t)n, digest, NULL, EVP_sha256(),
                                    NULL) == 1;
    OPENSSL_free(der);
    return done;
}

static bool has_key(struct sock__ssl_setting *pins, X509 *cert)
{
    const unsigned char *pin = sock__ssl_setting_value(pins);
    unsigned char digest[PIN_SIZE];
    if (!digest_key(cert, digest))
        return false;
    for (size_t n = sock__ssl_setting_size(pins); n > 0; n -= PIN_SIZE)
        if (memcmp(pin + n - PIN_SIZE, digest, PIN_SIZE) == 0)
            return true;
    return false;
}

static bool has_one(struct sock__ssl_setting *pins, X509_STORE_CTX *store)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
    for (int i = 0; i < sk_X509_num(chain); i++)
        if (has_key(pins, sk_X509_value(chain, i)))
            return true;
    return false;
}

static int refuse(X509_STORE_CTX *store)
{
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    X509_STORE_CTX_set_error_depth(store, 0);
    X509_STORE_CTX_set_current_cert(store, X509_STORE_CTX_get0_cert(store));
    return sock__ssl_note_refusal(0, store);
}

int sock__ssl_verify(X509_STORE_CTX *store, void *arg)
{
    const SSL *ssl =
        X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const struct sock__ssl *c = sock__ssl_connection(ssl);
    struct sock__ssl_setting *pins = c->settings.of[SOCK__SSL_PINS];
    (void)arg;
    if (X509_verify_cert(store) != 1)
        return 0;
    return pins == NULL || has_one(pins, store) ? 1 : refuse(store);
}
