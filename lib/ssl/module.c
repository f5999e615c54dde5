/* SPDX-License-Identifier: MIT */
/* The module's functions about certificates. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include <pysockc/error.h>
#include <pysockc/ssl.h>

#include "certificate.h"
#include "record.h"

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* PEM */

#define HEADER "-----BEGIN CERTIFICATE-----"
#define FOOTER "-----END CERTIFICATE-----"

enum {
    HEADER_SIZE = sizeof HEADER - 1,
    FOOTER_SIZE = sizeof FOOTER - 1,
    COLUMNS = 64,
    BYTES = COLUMNS / 4 * 3 /* of a line */
};

static size_t pem_length(size_t n)
{
    size_t text = (n + 2) / 3 * 4, lines = (text + COLUMNS - 1) / COLUMNS;
    return HEADER_SIZE + 1 + text + lines + FOOTER_SIZE + 1;
}

static char *put(char *at, const char *text, size_t n)
{
    memcpy(at, text, n);
    return at + n;
}

static void write_pem(char *at, const unsigned char *der, size_t size)
{
    at = put(at, HEADER "\n", HEADER_SIZE + 1);
    for (size_t done = 0; done < size; done += BYTES) {
        size_t n = size - done < BYTES ? size - done : BYTES;
        at += EVP_EncodeBlock((unsigned char *)at, der + done, (int)n);
        *at++ = '\n';
    }
    put(at, FOOTER "\n", FOOTER_SIZE + 2);
}

int sock_ssl_der_cert_to_pem_cert(const void *der, size_t n, char *buf,
                                  size_t size)
{
    const char *op = "DER_cert_to_PEM_cert";
    if ((der == NULL && n > 0) || (buf == NULL && size > 0))
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (n > INT_MAX / 2)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    size_t length = pem_length(n);
    if (length < size)
        write_pem(buf, der, n);
    else if (size > 0)
        buf[0] = '\0';
    return (int)length;
}

/* The bits of a digit of base 64; -1 if it is none. */
static int bits_of(char c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = memchr(digits, c, sizeof digits - 1);
    return at != NULL ? (int)(at - digits) : -1;
}

/* Into room that is enough, or into none; the length, or -1 if it is no base
 * 64. */
static long decode(const char *text, size_t size, unsigned char *out)
{
    unsigned bits = 0, count = 0, digits = 0, padding = 0;
    long n = 0;
    for (size_t i = 0; i < size; i++) {
        int value = bits_of(text[i]);
        if (is_blank(text[i]))
            continue;
        digits++;
        padding += text[i] == '=';
        if (text[i] == '=')
            continue;
        if (value < 0 || padding > 0)
            return -1;
        bits = (bits << 6 | (unsigned)value) & 0xffff;
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        if (out != NULL)
            out[n] = (unsigned char)(bits >> count);
        n++;
    }
    return digits % 4 == 0 && padding <= 2 ? n : -1;
}

static const char *refuse_pem(const char *op, int detail)
{
    sock__fail(op, SOCK_E_VALUE, 0, detail);
    return NULL;
}

/* What lies between the two lines; NULL with the error recorded. */
static const char *body_of(const char *pem, const char *op, size_t *size)
{
    size_t n = strlen(pem);
    while (n > 0 && is_blank(pem[n - 1]))
        n--;
    if (strncmp(pem, HEADER, HEADER_SIZE) != 0)
        return refuse_pem(op, SOCK__BAD_PEM_START);
    if (n < HEADER_SIZE + FOOTER_SIZE ||
        memcmp(pem + n - FOOTER_SIZE, FOOTER, FOOTER_SIZE) != 0)
        return refuse_pem(op, SOCK__BAD_PEM_END);
    *size = n - HEADER_SIZE - FOOTER_SIZE;
    return *size <= INT_MAX ? pem + HEADER_SIZE
                            : refuse_pem(op, SOCK__SIZE_TOO_LARGE);
}

int sock_ssl_pem_cert_to_der_cert(const char *pem, void *buf, size_t size)
{
    const char *op = "PEM_cert_to_DER_cert";
    size_t body_size = 0;
    if (pem == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (buf == NULL && size > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    const char *body = body_of(pem, op, &body_size);
    if (body == NULL)
        return -1;
    long n = decode(body, body_size, NULL);
    if (n < 0)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_BASE64);
    if (size >= (size_t)n)
        decode(body, body_size, buf);
    return (int)n;
}

/* Times */

/* Reads that many digits at most, and at least one: a number in that range. */
static bool read_number(const char **at, int digits, int least, int most,
                        int *number)
{
    int n = 0;
    for (*number = 0; n < digits && **at >= '0' && **at <= '9'; n++)
        *number = *number * 10 + *(*at)++ - '0';
    return n > 0 && *number >= least && *number <= most;
}

static bool read_blanks(const char **at)
{
    const char *begin = *at;
    while (is_blank(**at))
        ++*at;
    return *at > begin;
}

static bool read_colon(const char **at)
{
    if (**at != ':')
        return false;
    ++*at;
    return true;
}

/* In English, whatever the locale, and in any case. */
static bool read_month(const char **at, int *month)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr",
                                       "May", "Jun", "Jul", "Aug",
                                       "Sep", "Oct", "Nov", "Dec"};
    for (*month = 0; *month < 12; ++*month)
        if (strncasecmp(*at, months[*month], 3) == 0) {
            *at += 3;
            return true;
        }
    return false;
}

static bool read_clock(const char **at, struct tm *t)
{
    return read_number(at, 2, 0, 23, &t->tm_hour) && read_colon(at) &&
           read_number(at, 2, 0, 59, &t->tm_min) && read_colon(at) &&
           read_number(at, 2, 0, 61, &t->tm_sec); /* leap seconds, as Python */
}

/* Of four digits. */
static bool read_year(const char **at, struct tm *t)
{
    const char *begin = *at;
    if (!read_number(at, 4, 1, 9999, &t->tm_year) || *at - begin != 4)
        return false;
    t->tm_year -= 1900;
    return true;
}

static bool read_time(const char *at, struct tm *t)
{
    return read_month(&at, &t->tm_mon) && read_blanks(&at) &&
           read_number(&at, 2, 1, 31, &t->tm_mday) && read_blanks(&at) &&
           read_clock(&at, t) && read_blanks(&at) && read_year(&at, t) &&
           read_blanks(&at) && strcasecmp(at, "GMT") == 0;
}

/* Whether the month has such a day: it ends before the next one begins. */
static bool is_day(const struct tm *t)
{
    struct tm day = {
        .tm_year = t->tm_year, .tm_mon = t->tm_mon, .tm_mday = t->tm_mday};
    struct tm next = {
        .tm_year = t->tm_year, .tm_mon = t->tm_mon + 1, .tm_mday = 1};
    return t->tm_mon == 11 ||
           sock__ssl_seconds(&day) < sock__ssl_seconds(&next);
}

int sock_ssl_cert_time_to_seconds(const char *text, int64_t *seconds)
{
    const char *op = "cert_time_to_seconds";
    struct tm t = {0};
    if (text == NULL || seconds == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (!read_time(text, &t) || !is_day(&t))
        return sock__fail_quoting(op, SOCK_E_VALUE, SOCK__BAD_CERT_TIME, text);
    *seconds = sock__ssl_seconds(&t);
    return 0;
}

/* Servers */

/* Python's for this purpose: not as strict as the default, and not about
 * names. */
static sock_ssl_context_t *context_for(const char *ca_certs)
{
    sock_ssl_context_t *ctx =
        sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT);
    if (ctx == NULL)
        return NULL;
    sock_ssl_set_check_hostname(ctx, 0);
    if (ca_certs == NULL)
        sock_ssl_set_verify_mode(ctx, SOCK_SSL_CERT_NONE);
    else if (sock_ssl_load_verify_locations(ctx, ca_certs, NULL, NULL) < 0) {
        sock_ssl_context_free(ctx);
        return NULL;
    }
    return ctx;
}

static int pem_of_peer(sock_t *s, char *pem, size_t size)
{
    sock_ssl_chain_t *chain = sock_ssl_get_unverified_chain(s);
    if (chain == NULL)
        return -1;
    int n = sock_ssl_der_cert_to_pem_cert(chain->certs[0].data,
                                          chain->certs[0].size, pem, size);
    sock_ssl_chain_free(chain);
    return n;
}

int sock_ssl_get_server_certificate(const char *host, int port,
                                    const char *ca_certs, double timeout,
                                    char *pem, size_t size)
{
    const char *op = "get_server_certificate";
    if (host == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (pem == NULL && size > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (size > 0)
        pem[0] = '\0';
    sock_ssl_context_t *ctx = context_for(ca_certs);
    if (ctx == NULL)
        return -1;
    sock_t *s = sock_ssl_create_connection(ctx, host, port, timeout);
    sock_ssl_context_free(ctx);
    int n = s != NULL ? pem_of_peer(s, pem, size) : -1;
    sock_free(s);
    return n;
}
