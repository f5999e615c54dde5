/* SPDX-License-Identifier: MIT */
/* What a URL means for who opens it. The connection, the request and the next
 * redirect all use these very fields, which were checked together. */
#ifndef SOCK__LOCATOR_H
#define SOCK__LOCATOR_H

#include <stdbool.h>

#include <pysockc/url.h>

enum sock__locator_kind {
    SOCK__OPENS_HTTP,
    SOCK__OPENS_HTTPS,
    SOCK__OPENS_FTP, /* and what stands before it has a host */
    SOCK__OPENS_DATA,
    SOCK__OPENS_FILE
};

/* All texts are its own. Of data: and file: it has kind, url and shown alone.
 */
struct sock__locator {
    enum sock__locator_kind kind;
    sock_url_t *url;
    char *shown;           /* the URL without user and password */
    char *whom;            /* the same without the fragment: for errors */
    char *host;            /* whom to connect to */
    char *authority;       /* as Host says it */
    char *line;            /* the request's target, if no proxy is asked */
    int port;              /* never 0 */
    char *user, *password; /* decoded; NULL: none */
};

/* NULL with the error recorded, but for what it was about; to be ended by
 * sock__locator_free(). */
struct sock__locator *sock__locator_new(const char *op, const char *url);
void sock__locator_free(struct sock__locator *t);

/* Whether both have scheme, host and port in common. */
bool sock__locator_same_origin(const struct sock__locator *a,
                               const struct sock__locator *b);

#endif
