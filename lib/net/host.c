/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "host.h"

#include <string.h>

#include "chars.h"
#include "private.h"

/* Four decimals; one that begins with 0 some read as octal. */
static bool is_dotted(const char *host)
{
    for (int i = 0; i < 4; i++) {
        int n = 0, digits = 0;
        for (; sock__is_digit(*host) && digits < 4; digits++)
            n = n * 10 + (*host++ - '0');
        if (digits == 0 || n > 255 || (digits > 1 && host[-digits] == '0'))
            return false;
        if (*host != (i < 3 ? '.' : '\0'))
            return false;
        host++;
    }
    return true;
}

bool sock__is_numeric_host(const char *host)
{
    const char *end = host + strlen(host);

    if (strchr(host, ':') != NULL)
        return true;
    end -= end > host && end[-1] == '.';
    const char *label = end;
    while (label > host && label[-1] != '.')
        label--;
    bool hex = end - label >= 2 && label[0] == '0' && (label[1] | 0x20) == 'x';
    const char *digits = label + (hex ? 2 : 0);
    return label < end &&
           digits + sock__span(digits, end, hex ? SOCK__HEX : SOCK__DIGIT) ==
               end;
}

static const char *fault_of_name(const char *host)
{
    size_t n = strlen(host);

    for (size_t i = 0; i < n; i++)
        if (!sock__is(host[i], SOCK__ALPHA | SOCK__DIGIT) &&
            strchr("-._", host[i]) == NULL)
            return "host has a character that no name has";
    if (host[0] == '.' || strstr(host, "..") != NULL)
        return "host has an empty label";
    if (sock__is_numeric_host(host) && !is_dotted(host))
        return "host is neither a name nor an address";
    return NULL;
}

const char *sock__host_fault(const char *host)
{
    if (host == NULL || host[0] == '\0')
        return "no host given";
    if (strchr(host, ':') == NULL)
        return fault_of_name(host);
    for (; *host != '\0'; host++) /* an address, and perhaps a zone */
        if (!sock__is(*host, SOCK__UNRESERVED | SOCK__URL_COLON) &&
            *host != '%')
            return "host has a character that no address has";
    return NULL;
}

static bool has_control(const char *text)
{
    return text != NULL && sock__has(text, SOCK__CONTROL | SOCK__SPACE);
}

static bool has_at(const char *text)
{
    return text != NULL && strchr(text, '@') != NULL;
}

int sock__url_may_open(const sock_url_t *url, const char *op)
{
    const char *fault = sock__host_fault(url->hostname);

    if (fault == NULL && (has_at(url->username) || has_at(url->password)))
        fault = "user and password have an '@' that is not quoted";
    if (fault == NULL &&
        (has_control(url->username) || has_control(url->password) ||
         has_control(url->path) || has_control(url->query)))
        fault = "URL can't contain control characters";
    return fault == NULL ? 0 : sock__fail_saying(op, SOCK_E_VALUE, 0, fault);
}
