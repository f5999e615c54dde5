/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/mail.h>

#include <errno.h>
#include <string.h>

#include "chars.h"
#include "date.h"
#include "digest.h"
#include "os_random.h"
#include "record.h"
#include "text.h"

enum { DOMAIN_MAX = 253, RANDOM = 16 };

/* "GMT" is what this ends in for HTTP; mail says by -0000 that it does not know
 * where the sender is. */
int sock_message_date(char *buf, size_t size, int64_t when)
{
    const char *op = "formatdate";
    char text[SOCK__DATE_SIZE + 2];

    if (sock__date_check(op, when, buf, size) < 0)
        return -1;
    sock__http_date(when, text);
    memcpy(text + strlen(text) - 3, "-0000", sizeof "-0000");
    return sock__text_copy(op, text, strlen(text), buf, size);
}

/* Words of letters, digits and the signs that an atom may have, with dots
 * between; or an address in brackets. */
static bool is_domain(const char *domain)
{
    size_t n = strlen(domain);

    if (n == 0 || n > DOMAIN_MAX || domain[0] == '.' || domain[n - 1] == '.' ||
        strstr(domain, "..") != NULL)
        return false;
    if (domain[0] == '[')
        return domain[n - 1] == ']' &&
               strspn(domain + 1, "0123456789abcdefABCDEFIPv.:") == n - 2;
    for (size_t i = 0; i < n; i++)
        if (!sock__is(domain[i], SOCK__TOKEN | SOCK__HIGH))
            return false;
    return true;
}

int sock_message_id(char *buf, size_t size, const char *domain)
{
    const char *op = "make_msgid";
    unsigned char random[RANDOM];
    char hex[2 * RANDOM + 1];
    struct sock__text t;

    if (domain == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    sock__text_clear(buf, size);
    if (!is_domain(domain))
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "an invalid domain");
    if (sock__os_random(random, sizeof random) < 0)
        return sock__fail(op, SOCK_E_OS, errno, 0);
    sock__hex(random, sizeof random, hex);
    sock__text_char(&t, '<');
    sock__text_add(&t, hex);
    sock__text_char(&t, '@');
    sock__text_add(&t, domain);
    sock__text_char(&t, '>');
    return sock__text_finish(&t, op);
}
