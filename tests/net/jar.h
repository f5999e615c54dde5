/* SPDX-License-Identifier: MIT */
/* What the tests of jars share: fields that are taken, what is sent, and a time
 * that is theirs (--wrap=time). */
#ifndef JAR_H
#define JAR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pysockc/net.h>

#include "support.h"

enum { NOW = 1300000000 }; /* Sun, 13 Mar 2011 07:06:40 GMT */

static time_t its_now = NOW;

time_t __wrap_time(time_t *t);
time_t __wrap_time(time_t *t)
{
    if (t != NULL)
        *t = its_now;
    return its_now;
}

/* How many a jar takes of a field. */
static inline int set(sock_cookiejar_t *jar, const char *url, const char *field)
{
    sock_headers_t *h = check_made(sock_headers_new());
    check_ok(sock_headers_add(h, "X-Other", "a=b"));
    check_ok(sock_headers_add(h, "set-cookie", field));
    errno = 1234;
    int n = sock_cookiejar_extract(jar, url, h);
    check_int(errno, 1234);
    sock_headers_free(h);
    return n;
}

/* What it sends there. */
static inline const char *sent(sock_cookiejar_t *jar, const char *url)
{
    static char text[256 * 1024];
    errno = 1234;
    int n = sock_cookiejar_header(jar, url, text, sizeof text);
    check_int(errno, 1234);
    check_int(n, strlen(text));
    return text;
}

static inline int count(sock_cookiejar_t *jar)
{
    sock_cookie_t cookie;
    int n = 0;
    while (sock_cookiejar_at(jar, (size_t)n, &cookie) == 1)
        n++;
    return n;
}

#endif
