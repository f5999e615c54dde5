#define _POSIX_C_SOURCE 200809L

#include <pysockc/options.h>

#include <limits.h>

#include "object.h"
#include "os.h"
#include "record.h"

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

int sock_setsockopt(sock_t *s, int level, int name, const void *value,
                    size_t size)
{
    int fd = enter(s, "setsockopt", value, size);
    if (fd < 0)
        return -1;
    return sock__leave_with(
        s, "setsockopt", setsockopt(fd, level, name, value, (socklen_t)size));
}

int sock_setsockopt_int(sock_t *s, int level, int name, int value)
{
    uint64_t wide = (uint64_t)value;
    if (s != NULL && sock__os_is_wide_option(s->family, level))
        return sock_setsockopt(s, level, name, &wide, sizeof wide);
    return sock_setsockopt(s, level, name, &value, sizeof value);
}

int sock_setsockopt_null(sock_t *s, int level, int name, size_t size)
{
    int fd = enter(s, "setsockopt", "", size);
    if (fd < 0)
        return -1;
    return sock__leave_with(s, "setsockopt",
                            setsockopt(fd, level, name, NULL, (socklen_t)size));
}

ssize_t sock_getsockopt(sock_t *s, int level, int name, void *value,
                        size_t size)
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

/* A number of 64 bits, which has to be one that an int can hold. */
static int get_wide(sock_t *s, int level, int name, int *value)
{
    uint64_t found = 0;
    if (sock_getsockopt(s, level, name, value != NULL ? &found : NULL,
                        sizeof found) < 0)
        return -1;
    if (found > INT_MAX)
        return sock__fail("getsockopt", SOCK_E_OVERFLOW, 0, SOCK__OUT_OF_RANGE);
    *value = (int)found;
    return 0;
}

int sock_getsockopt_int(sock_t *s, int level, int name, int *value)
{
    if (s != NULL && sock__os_is_wide_option(s->family, level))
        return get_wide(s, level, name, value);

    int found = 0; /* an option can be shorter than an int */
    if (sock_getsockopt(s, level, name, value != NULL ? &found : NULL,
                        sizeof found) < 0)
        return -1;
    *value = found;
    return 0;
}
