/* SPDX-License-Identifier: MIT */
/* Opening URLs without an opener of one's own. */
#define _POSIX_C_SOURCE 200809L

#include "urlopen.h"

#include <stdatomic.h>

#include "bytes.h"
#include "fetch.h"
#include "record.h"

/* Python's module has one, too. */
static _Atomic(sock_opener_t *) installed;

void sock_install_opener(sock_opener_t *o)
{
    atomic_store(&installed, o);
}

sock_opener_t *sock__installed_opener(void)
{
    return atomic_load(&installed);
}

static void *no_argument(void)
{
    sock__fail("urlopen", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    return NULL;
}

/* By the opener that is installed, or one for this alone. */
static sock_http_response_t *fetch(const sock_urlrequest_t *q, double timeout)
{
    sock_opener_t *o = sock__installed_opener(), own;
    struct sock__saved saved;

    if (o != NULL)
        return sock__fetch(o, q, timeout);
    sock__opener_begin(&own);
    sock_http_response_t *r = sock__fetch(&own, q, timeout);
    sock__error_save(&saved);
    sock__opener_end(&own);
    sock__error_restore(&saved);
    return r;
}

sock_http_response_t *sock_opener_open(sock_opener_t *o, sock_urlrequest_t *q,
                                       double timeout)
{
    if (q == NULL)
        return no_argument();
    return o != NULL ? sock__fetch(o, q, timeout) : fetch(q, timeout);
}

sock_http_response_t *sock_urlopen(const char *url, const void *data,
                                   size_t len, double timeout)
{
    sock_urlrequest_t q = {.data = data, .len = len};
    sock_http_response_t *r = NULL;

    if (url == NULL)
        return no_argument();
    if (sock__bytes_check("urlopen", data, len) < 0)
        return NULL;
    if (sock__urlrequest_begin("urlopen", &q, url) == 0)
        r = fetch(&q, timeout);
    sock__urlrequest_end(&q);
    return r;
}
