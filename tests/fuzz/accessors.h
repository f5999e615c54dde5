/* SPDX-License-Identifier: MIT */
/* What gives a text of an address or an error, as text_of() calls it. */
#ifndef ACCESSORS_H
#define ACCESSORS_H

#include <stddef.h>

#include <pysockc/pysockc.h>

static int host(const void *a, char *buf, size_t size)
{
    return sock_addr_host(a, buf, size);
}

static int path(const void *a, char *buf, size_t size)
{
    return sock_addr_path(a, buf, size);
}

static int format(const void *a, char *buf, size_t size)
{
    return sock_addr_format(a, buf, size);
}

static int repr(const void *a, char *buf, size_t size)
{
    return sock_addr_repr(a, buf, size);
}

static int reason(const void *e, char *buf, size_t size)
{
    return sock_error_text(e, buf, size);
}

#endif
