/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "bytes.h"

#include <limits.h>

#include "record.h"

int sock__bytes_check(const char *op, const void *data, size_t n)
{
    if (n > SSIZE_MAX)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    if (data == NULL && n > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    return 0;
}
