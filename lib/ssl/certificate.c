/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "certificate.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <pysockc/error.h>

#include "error.h"
#include "record.h"

/* Building */

/* An object in one allocation, which is measured first and filled then. Lists
 * stand before texts, so that they are aligned: their members are pointers and
 * sizes. What is put returns NULL while measuring. */
struct builder {
    char *lists, *texts; /* where they begin; NULL while measuring */
    size_t list_size, text_size;
    bool failed; /* with OpenSSL's error */
};

static void *put_list(struct builder *b, size_t count, size_t size)
{
    void *at = b->lists != NULL ? b->lists + b->list_size : NULL;
    b->list_size += count * size;
    return at;
}

static char *text_end(const struct builder *b)
{
    return b->texts != NULL ? b->texts + b->text_size : NULL;
}

static void add(struct builder *b, const char *bytes, size_t n)
{
    if (b->texts != NULL && n > 0)
        memcpy(b->texts + b->text_size, bytes, n);
    b->text_size += n;
}

enum { ASCII = 0x7e, UTF_8 = 0xff }; /* the last byte that is to be shown */

/* What is not to be shown, a NUL above all, as Python's repr() has it. */
static void add_shown(struct builder *b, const unsigned char *bytes, size_t n,
                      int last)
{
    for (size_t i = 0; i < n; i++) {
        char text[5] = {(char)bytes[i]};
        bool shown = bytes[i] >= ' ' && bytes[i] != 0x7f && bytes[i] <= last;
        if (!shown)
            snprintf(text, sizeof text, "\\x%02x", bytes[i]);
        add(b, text, shown ? 1 : 4);
    }
}

static void add_hex(struct builder *b, const unsigned char *bytes, size_t n)
{
    char text[3];
    for (size_t i = 0; i < n; i++) {
        snprintf(text, sizeof text, "%02X", bytes[i]);
        add(b, text, 2);
    }
}

static const char *put_text(struct builder *b, const char *text)
{
    const char *at = text_end(b);
    add(b, text, strlen(text) + 1);
    return at;
}

static const char *fail(struct builder *b)
{
    b->failed = true;
    return NULL;
}

/* Names */

/* Of an object the long name, or its number. */
static void add_object(struct builder *b, const ASN1_OBJECT *o)
{
    int n = OBJ_obj2txt(NULL, 0, o, 0);
    if (n < 0) {
        fail(b);
        return;
    }
    if (b->texts != NULL) /* with a NUL, which is overwritten */
        OBJ_obj2txt(text_end(b), n + 1, o, 0);
    b->text_size += (size_t)n;
}

static const char *put_object(struct builder *b, const ASN1_OBJECT *o)
{
    const char *at = text_end(b);
    add_object(b, o);
    add(b, "", 1);
    return at;
}

static bool is_text(const ASN1_STRING *s)
{
    const unsigned long texts = B_ASN1_UTF8STRING | B_ASN1_PRINTABLESTRING |
                                B_ASN1_IA5STRING | B_ASN1_T61STRING |
                                B_ASN1_BMPSTRING | B_ASN1_UNIVERSALSTRING |
                                B_ASN1_NUMERICSTRING | B_ASN1_VISIBLESTRING;
    return (ASN1_tag2bit(ASN1_STRING_type(s)) & texts) != 0;
}

/* DER of anything; its length, or -1. Freed by OPENSSL_free(). */
static int der_of(const ASN1_STRING *s, unsigned char **der)
{
    ASN1_TYPE *type = ASN1_TYPE_new();
    int n = -1;
    if (type != NULL && ASN1_TYPE_set1(type, ASN1_STRING_type(s), s) == 1)
        n = i2d_ASN1_TYPE(type, der);
    ASN1_TYPE_free(type);
    return n;
}

static const char *put_value(struct builder *b, const ASN1_STRING *s)
{
    const char *at = text_end(b);
    unsigned char *bytes = NULL;
    bool shown = is_text(s);
    int n = shown ? ASN1_STRING_to_UTF8(&bytes, s) : der_of(s, &bytes);
    if (n < 0)
        return fail(b);
    if (shown) {
        add_shown(b, bytes, (size_t)n, UTF_8);
    } else {
        add(b, "#", 1);
        add_hex(b, bytes, (size_t)n);
    }
    OPENSSL_free(bytes);
    add(b, "", 1);
    return at;
}

static void put_attribute(struct builder *b, const X509_NAME_ENTRY *e,
                          sock_ssl_attribute_t *out)
{
    const char *name = put_object(b, X509_NAME_ENTRY_get_object(e));
    const char *value = put_value(b, X509_NAME_ENTRY_get_data(e));
    if (out != NULL)
        *out = (sock_ssl_attribute_t){.name = name, .value = value};
}

/* Groups the attributes by the number of the step that each belongs to. */
static void group(sock_ssl_rdn_t *rdns, size_t count, const X509_NAME *name,
                  const sock_ssl_attribute_t *attributes)
{
    int n = X509_NAME_entry_count(name), i = 0;
    for (size_t r = 0; r < count; r++) {
        int first = i;
        while (i < n &&
               (size_t)X509_NAME_ENTRY_set(X509_NAME_get_entry(name, i)) == r)
            i++;
        rdns[r].attributes = attributes + first;
        rdns[r].count = (size_t)(i - first);
    }
}

static const sock_ssl_rdn_t *put_rdns(struct builder *b, const X509_NAME *name,
                                      size_t *count)
{
    int n = X509_NAME_entry_count(name);
    *count = 0;
    if (n > 0)
        *count =
            (size_t)X509_NAME_ENTRY_set(X509_NAME_get_entry(name, n - 1)) + 1;
    sock_ssl_rdn_t *rdns = put_list(b, *count, sizeof *rdns);
    sock_ssl_attribute_t *attributes =
        put_list(b, (size_t)n, sizeof *attributes);
    for (int i = 0; i < n; i++)
        put_attribute(b, X509_NAME_get_entry(name, i),
                      attributes != NULL ? &attributes[i] : NULL);
    if (rdns != NULL)
        group(rdns, *count, name, attributes);
    return rdns;
}

/* In RFC 2253's form. */
static const char *put_name(struct builder *b, const X509_NAME *name)
{
    const char *at = text_end(b);
    char *text = NULL;
    BIO *out = BIO_new(BIO_s_mem());
    if (out == NULL || X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253) < 0) {
        BIO_free(out);
        return fail(b);
    }
    long n = BIO_get_mem_data(out, &text);
    add(b, text, (size_t)n);
    add(b, "", 1);
    BIO_free(out);
    return at;
}

/* Alternative names */

static const char *put_ascii(struct builder *b, const ASN1_STRING *s)
{
    const char *at = text_end(b);
    add_shown(b, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s),
              ASCII);
    add(b, "", 1);
    return at;
}

static const char *put_ip(struct builder *b, const ASN1_STRING *s)
{
    const unsigned char *ip = ASN1_STRING_get0_data(s);
    char text[40] = "<invalid>";
    int n = ASN1_STRING_length(s), at = 0;
    if (n == 4)
        snprintf(text, sizeof text, "%d.%d.%d.%d", ip[0], ip[1], ip[2], ip[3]);
    for (int i = 0; n == 16 && i < n; i += 2)
        at += snprintf(text + at, sizeof text - (size_t)at, "%s%X",
                       i > 0 ? ":" : "", ip[i] << 8 | ip[i + 1]);
    return put_text(b, text);
}

/* The kinds of othername whose text is known; OpenSSL's words for them. */
static const char *name_of_other(const ASN1_OBJECT *type)
{
    switch (OBJ_obj2nid(type)) {
    case NID_ms_upn:
        return "UPN";
    case NID_id_on_SmtpUTF8Mailbox:
        return "SmtpUTF8Mailbox";
    case NID_XmppAddr:
        return "XmppAddr";
    case NID_SRVName:
        return "SRVName";
    case NID_NAIRealm:
        return "NAIRealm";
    default:
        return NULL;
    }
}

static const char *put_other(struct builder *b, const OTHERNAME *o)
{
    const char *at = text_end(b), *name = name_of_other(o->type_id);
    int type = o->value->type;
    if (name == NULL || (type != V_ASN1_UTF8STRING && type != V_ASN1_IA5STRING))
        return put_text(b, "<unsupported>");
    const ASN1_STRING *s = o->value->value.asn1_string;
    add(b, name, strlen(name));
    add(b, ":", 1);
    add_shown(b, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s),
              type == V_ASN1_UTF8STRING ? UTF_8 : ASCII);
    add(b, "", 1);
    return at;
}

static sock_ssl_alt_name_t alt_name(struct builder *b, const GENERAL_NAME *g)
{
    sock_ssl_alt_name_t out = {NULL, NULL, NULL, 0};
    switch (g->type) {
    case GEN_DNS:
        out.kind = "DNS";
        out.value = put_ascii(b, g->d.dNSName);
        break;
    case GEN_EMAIL:
        out.kind = "email";
        out.value = put_ascii(b, g->d.rfc822Name);
        break;
    case GEN_URI:
        out.kind = "URI";
        out.value = put_ascii(b, g->d.uniformResourceIdentifier);
        break;
    case GEN_IPADD:
        out.kind = "IP Address";
        out.value = put_ip(b, g->d.iPAddress);
        break;
    case GEN_RID:
        out.kind = "Registered ID";
        out.value = put_object(b, g->d.registeredID);
        break;
    case GEN_DIRNAME:
        out.kind = "DirName";
        out.value = put_name(b, g->d.directoryName);
        out.rdns = put_rdns(b, g->d.directoryName, &out.rdn_count);
        break;
    case GEN_OTHERNAME:
        out.kind = "othername";
        out.value = put_other(b, g->d.otherName);
        break;
    default:
        out.kind = g->type == GEN_X400 ? "X400Name" : "EdiPartyName";
        out.value = put_text(b, "<unsupported>");
    }
    return out;
}

static const sock_ssl_alt_name_t *put_alt_names(struct builder *b,
                                                const GENERAL_NAMES *names,
                                                size_t *count)
{
    int n = names != NULL ? sk_GENERAL_NAME_num(names) : 0;
    *count = (size_t)n;
    sock_ssl_alt_name_t *list = put_list(b, *count, sizeof *list);
    for (int i = 0; i < n; i++) {
        sock_ssl_alt_name_t one = alt_name(b, sk_GENERAL_NAME_value(names, i));
        if (list != NULL)
            list[i] = one;
    }
    return list;
}

/* URIs: a list of texts, which grows by one at a time */

static const char *const *begin_uris(struct builder *b)
{
    return put_list(b, 0, 0);
}

static void put_uri(struct builder *b, const GENERAL_NAME *g, size_t *count)
{
    if (g->type != GEN_URI)
        return;
    const char **at = put_list(b, 1, sizeof *at);
    const char *text = put_ascii(b, g->d.uniformResourceIdentifier);
    if (at != NULL)
        *at = text;
    ++*count;
}

static const char *const *put_access(struct builder *b,
                                     const AUTHORITY_INFO_ACCESS *access,
                                     int how, size_t *count)
{
    const char *const *list = begin_uris(b);
    int n = access != NULL ? sk_ACCESS_DESCRIPTION_num(access) : 0;
    *count = 0;
    for (int i = 0; i < n; i++) {
        const ACCESS_DESCRIPTION *a = sk_ACCESS_DESCRIPTION_value(access, i);
        if (OBJ_obj2nid(a->method) == how)
            put_uri(b, a->location, count);
    }
    return list;
}

/* A point may have a name that is relative to its issuer's: that is no URI. */
static const GENERAL_NAMES *full_name(const DIST_POINT *p)
{
    return p->distpoint != NULL && p->distpoint->type == 0
               ? p->distpoint->name.fullname
               : NULL;
}

static const char *const *put_points(struct builder *b,
                                     const CRL_DIST_POINTS *points,
                                     size_t *count)
{
    const char *const *list = begin_uris(b);
    int n = points != NULL ? sk_DIST_POINT_num(points) : 0;
    *count = 0;
    for (int i = 0; i < n; i++) {
        const GENERAL_NAMES *names = full_name(sk_DIST_POINT_value(points, i));
        int m = names != NULL ? sk_GENERAL_NAME_num(names) : 0;
        for (int j = 0; j < m; j++)
            put_uri(b, sk_GENERAL_NAME_value(names, j), count);
    }
    return list;
}

/* Numbers and times */

/* Whole bytes in hex. */
static const char *put_serial(struct builder *b, const ASN1_INTEGER *number)
{
    const char *at = text_end(b);
    if (ASN1_STRING_type(number) == V_ASN1_NEG_INTEGER)
        add(b, "-", 1);
    add_hex(b, ASN1_STRING_get0_data(number),
            (size_t)ASN1_STRING_length(number));
    add(b, "", 1);
    return at;
}

/* Days from 1970 to the first of a month, of the calendar that counts on
 * before it was made. A year begins in March here, so that its odd day is its
 * last. */
static int64_t days_to(int64_t year, int month)
{
    int64_t y = month < 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t since_march = (month + 10) % 12;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
           (153 * since_march + 2) / 5 - 719468;
}

int64_t sock__ssl_seconds(const struct tm *t)
{
    int64_t days = days_to((int64_t)t->tm_year + 1900, t->tm_mon);
    int64_t hours = (days + t->tm_mday - 1) * 24 + t->tm_hour;
    return (hours * 60 + t->tm_min) * 60 + t->tm_sec;
}

static const char *put_time(struct builder *b, const ASN1_TIME *time,
                            int64_t *seconds)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr",
                                       "May", "Jun", "Jul", "Aug",
                                       "Sep", "Oct", "Nov", "Dec"};
    struct tm t;
    char text[64];
    if (ASN1_TIME_to_tm(time, &t) != 1) {
        ERR_raise(ERR_LIB_ASN1, ASN1_R_ILLEGAL_TIME_VALUE);
        return fail(b);
    }
    snprintf(text, sizeof text, "%s %2d %02d:%02d:%02d %d GMT",
             months[t.tm_mon], t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec,
             t.tm_year + 1900);
    *seconds = sock__ssl_seconds(&t);
    return put_text(b, text);
}

/* Certificates */

/* What is to be taken apart before it can be told. */
struct parts {
    const X509 *x;
    GENERAL_NAMES *names;
    AUTHORITY_INFO_ACCESS *access;
    CRL_DIST_POINTS *points;
};

/* One that is there twice, or that is no such thing, is an error, for no one
 * knows what it says. */
static bool get_extension(const X509 *x, int nid, void *out)
{
    int critical;
    void *extension = X509_get_ext_d2i(x, nid, &critical, NULL);
    if (extension == NULL && critical == -2)
        ERR_raise(ERR_LIB_X509V3, X509V3_R_EXTENSION_EXISTS);
    memcpy(out, &extension, sizeof extension);
    return extension != NULL || critical == -1;
}

static bool get_parts(struct parts *p, const X509 *x)
{
    *p = (struct parts){.x = x};
    return get_extension(x, NID_subject_alt_name, &p->names) &&
           get_extension(x, NID_info_access, &p->access) &&
           get_extension(x, NID_crl_distribution_points, &p->points);
}

static void free_parts(struct parts *p)
{
    GENERAL_NAMES_free(p->names);
    AUTHORITY_INFO_ACCESS_free(p->access);
    CRL_DIST_POINTS_free(p->points);
}

static void put_cert(struct builder *b, const struct parts *p,
                     sock_ssl_cert_t *out)
{
    const X509_NAME *subject = X509_get_subject_name(p->x);
    const X509_NAME *issuer = X509_get_issuer_name(p->x);
    out->subject = put_rdns(b, subject, &out->subject_count);
    out->subject_text = put_name(b, subject);
    out->issuer = put_rdns(b, issuer, &out->issuer_count);
    out->issuer_text = put_name(b, issuer);
    out->version = (int)X509_get_version(p->x) + 1;
    out->serial_number = put_serial(b, X509_get0_serialNumber(p->x));
    out->not_before =
        put_time(b, X509_get0_notBefore(p->x), &out->not_before_seconds);
    out->not_after =
        put_time(b, X509_get0_notAfter(p->x), &out->not_after_seconds);
    out->subject_alt_name =
        put_alt_names(b, p->names, &out->subject_alt_name_count);
    out->ocsp = put_access(b, p->access, NID_ad_OCSP, &out->ocsp_count);
    out->ca_issuers =
        put_access(b, p->access, NID_ad_ca_issuers, &out->ca_issuers_count);
    out->crl_distribution_points =
        put_points(b, p->points, &out->crl_distribution_points_count);
}

static void *out_of_memory(void)
{
    ERR_raise(ERR_LIB_X509, ERR_R_MALLOC_FAILURE);
    return NULL;
}

/* NULL with OpenSSL's error. */
static sock_ssl_cert_t *build(const struct parts *p)
{
    struct builder need = {0}, fill = {0};
    sock_ssl_cert_t measured;
    put_cert(&need, p, &measured);
    if (need.failed)
        return NULL;
    sock_ssl_cert_t *cert =
        malloc(sizeof *cert + need.list_size + need.text_size);
    if (cert == NULL)
        return out_of_memory();
    fill.lists = (char *)(cert + 1);
    fill.texts = fill.lists + need.list_size;
    put_cert(&fill, p, cert);
    if (!fill.failed)
        return cert;
    free(cert);
    return NULL;
}

sock_ssl_cert_t *sock__ssl_cert(const X509 *x, const char *op)
{
    struct parts p;
    sock_ssl_cert_t *cert = get_parts(&p, x) ? build(&p) : NULL;
    free_parts(&p);
    if (cert == NULL)
        sock__ssl_fail(op);
    ERR_clear_error();
    return cert;
}

sock_ssl_cert_t *sock__ssl_cert_of_nothing(const char *op)
{
    static const sock_ssl_cert_t nothing = {.subject_text = "",
                                            .issuer_text = "",
                                            .serial_number = "",
                                            .not_before = "",
                                            .not_after = ""};
    sock_ssl_cert_t *cert = malloc(sizeof *cert);
    if (cert == NULL)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    else
        *cert = nothing;
    return cert;
}

/* One that fills all of the bytes; NULL with OpenSSL's error. */
static X509 *read_der(const void *der, size_t size)
{
    const unsigned char *at = der;
    X509 *x = d2i_X509(NULL, &at, (long)size);
    if (x == NULL || at == (const unsigned char *)der + size)
        return x;
    X509_free(x);
    ERR_raise(ERR_LIB_ASN1, ASN1_R_INVALID_OBJECT_ENCODING);
    return NULL;
}

sock_ssl_cert_t *sock_ssl_cert_decode(const void *der, size_t size)
{
    const char *op = "cert_decode";
    int saved = errno;
    if (der == NULL)
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    else if (size > INT_MAX)
        sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    if (der == NULL || size > INT_MAX)
        return NULL;
    sock__ssl_error_init();
    ERR_clear_error();
    sock_ssl_cert_t *cert = NULL;
    X509 *x = read_der(der, size);
    if (x == NULL)
        sock__ssl_fail(op);
    else
        cert = sock__ssl_cert(x, op);
    X509_free(x);
    if (cert != NULL)
        errno = saved;
    return cert;
}

void sock_ssl_cert_free(sock_ssl_cert_t *cert)
{
    int saved = errno;
    free(cert);
    errno = saved;
}

void sock_ssl_cert_freep(sock_ssl_cert_t **cert)
{
    if (cert == NULL)
        return;
    sock_ssl_cert_free(*cert);
    *cert = NULL;
}
