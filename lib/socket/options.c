/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/options.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "object.h"
#include "os.h"
#include "record.h"

/* Names the option in the record, if the call failed. */
static ssize_t named(ssize_t result, int level, int name)
{
    if (result < 0)
        sock__fail_option(level, name);
    return result;
}

/* Enters, once the bytes are in order; -1 with the error recorded. */
static int enter(sock_t *s, const char *op, const void *value, size_t size)
{
    int fd = sock__enter(s, op);
    if (fd < 0)
        return -1;
    if (size > INT_MAX)
        sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    else if (value == NULL && size > 0)
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    else
        return fd;
    sock__leave(s);
    return -1;
}

/* Setting */

/* What the library has to know of an option that was set. */
static void note(sock_t *s, int level, int name, const void *value)
{
    int number;
    if (!sock__os_is_peek_offset(level, name))
        return;
    memcpy(&number, value, sizeof number); /* the system has read one, too */
    atomic_store(&s->peeks_move, number >= 0);
}

static int set(sock_t *s, int level, int name, const void *value, size_t size)
{
    int fd = enter(s, "setsockopt", value, size);
    if (fd < 0)
        return -1;
    int result = setsockopt(fd, level, name, value, (socklen_t)size);
    if (result == 0)
        note(s, level, name, value);
    return sock__leave_with(s, "setsockopt", result);
}

int sock_setsockopt(sock_t *s, int level, int name, const void *value,
                    size_t size)
{
    return (int)named(set(s, level, name, value, size), level, name);
}

int sock_setsockopt_int(sock_t *s, int level, int name, int value)
{
    uint64_t wide = (uint64_t)value;
    if (s != NULL && sock__os_is_wide_option(s->family, level))
        return sock_setsockopt(s, level, name, &wide, sizeof wide);
    return sock_setsockopt(s, level, name, &value, sizeof value);
}

/* The system takes a length that no int holds for a negative one. */
static int set_null(sock_t *s, int level, int name, size_t size)
{
    int fd = sock__enter(s, "setsockopt"), result = -1;
    if (fd < 0)
        return -1;
    if (size > INT_MAX)
        errno = EINVAL;
    else
        result = setsockopt(fd, level, name, NULL, (socklen_t)size);
    return sock__leave_with(s, "setsockopt", result);
}

int sock_setsockopt_null(sock_t *s, int level, int name, size_t size)
{
    return (int)named(set_null(s, level, name, size), level, name);
}

/* Getting */

static ssize_t get(sock_t *s, int level, int name, void *value, size_t size)
{
    socklen_t len = (socklen_t)size;
    bool fits = size > 0 && size <= INT_MAX;
    int fd = enter(s, "getsockopt", value, fits ? size : 0);
    if (fd < 0)
        return -1;
    if (!fits) {
        sock__leave(s);
        return sock__fail("getsockopt", SOCK_E_OS, 0, SOCK__OPTION_SIZE);
    }
    int result = getsockopt(fd, level, name, value, &len);
    result = sock__leave_with(s, "getsockopt", result);
    return result == 0 ? (ssize_t)len : -1;
}

ssize_t sock_getsockopt(sock_t *s, int level, int name, void *value,
                        size_t size)
{
    return named(get(s, level, name, value, size), level, name);
}

/* A number of 64 bits, which has to be one that an int can hold. */
static int get_wide(sock_t *s, int level, int name, int *value)
{
    uint64_t found = 0;
    if (get(s, level, name, value != NULL ? &found : NULL, sizeof found) < 0)
        return -1;
    if (found > INT_MAX)
        return sock__fail("getsockopt", SOCK_E_OVERFLOW, 0, SOCK__OUT_OF_RANGE);
    *value = (int)found;
    return 0;
}

static int get_int(sock_t *s, int level, int name, int *value)
{
    int found = 0; /* an option can be shorter than an int */
    if (get(s, level, name, value != NULL ? &found : NULL, sizeof found) < 0)
        return -1;
    *value = found;
    return 0;
}

int sock_getsockopt_int(sock_t *s, int level, int name, int *value)
{
    bool wide = s != NULL && sock__os_is_wide_option(s->family, level);
    int result =
        wide ? get_wide(s, level, name, value) : get_int(s, level, name, value);
    return (int)named(result, level, name);
}
