/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include <pysockc/inet.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "record.h"
#include "text.h"

/* Byte order */

uint16_t sock_ntohs(uint16_t x)
{
    return ntohs(x);
}

uint32_t sock_ntohl(uint32_t x)
{
    return ntohl(x);
}

uint16_t sock_htons(uint16_t x)
{
    return htons(x);
}

uint32_t sock_htonl(uint32_t x)
{
    return htonl(x);
}

/* Text to bytes */

static int check(const char *op, const char *text, const void *packed,
                 size_t size, size_t needed)
{
    if (text == NULL || packed == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (size < needed)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BUFFER_TOO_SMALL);
    return 0;
}

/* inet_aton(3) takes a blank and anything behind it for the end. */
static bool has_blank(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text > '\0' && *text <= ' ')
            return true;
    return false;
}

int sock_inet_aton(const char *text, void *packed, size_t size)
{
    struct in_addr ip;
    if (check("inet_aton", text, packed, size, sizeof ip) < 0)
        return -1;
    /* The strict form first, as it is the usual one, and faster. */
    if (inet_pton(AF_INET, text, &ip) != 1 &&
        (has_blank(text) || inet_aton(text, &ip) == 0))
        return sock__fail("inet_aton", SOCK_E_OS, 0, SOCK__BAD_INET_ATON);
    memcpy(packed, &ip, sizeof ip);
    return sizeof ip;
}

/* Bytes of a family's addresses; 0 for a family without. */
static size_t packed_size_of(int family)
{
    switch (family) {
    case AF_INET:
        return SOCK_INET_SIZE;
    case AF_INET6:
        return SOCK_INET6_SIZE;
    default:
        return 0;
    }
}

int sock_inet_pton(int family, const char *text, void *packed, size_t size)
{
    unsigned char ip[SOCK_INET6_SIZE];
    size_t n = packed_size_of(family);
    if (check("inet_pton", text, packed, size, n) < 0)
        return -1;
    if (n == 0)
        return sock__fail_status("inet_pton", EAFNOSUPPORT);
    if (inet_pton(family, text, ip) != 1)
        return sock__fail("inet_pton", SOCK_E_OS, 0, SOCK__BAD_INET_PTON);
    memcpy(packed, ip, n);
    return (int)n;
}

/* Bytes to text */

static int to_text(const char *op, int family, const void *packed, char *buf,
                   size_t size)
{
    if (packed == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    return sock__text_ip(op, family, packed, buf, size);
}

int sock_inet_ntoa(const void *packed, size_t packed_size, char *buf,
                   size_t size)
{
    sock__text_clear(buf, size);
    if (packed_size != SOCK_INET_SIZE)
        return sock__fail("inet_ntoa", SOCK_E_OS, 0, SOCK__BAD_INET_NTOA);
    return to_text("inet_ntoa", AF_INET, packed, buf, size);
}

int sock_inet_ntop(int family, const void *packed, size_t packed_size,
                   char *buf, size_t size)
{
    size_t n = packed_size_of(family);
    sock__text_clear(buf, size);
    if (n == 0)
        return sock__fail("inet_ntop", SOCK_E_VALUE, family,
                          SOCK__UNKNOWN_FAMILY);
    if (packed_size != n)
        return sock__fail("inet_ntop", SOCK_E_VALUE, 0, SOCK__BAD_PACKED_SIZE);
    return to_text("inet_ntop", family, packed, buf, size);
}
