/* SPDX-License-Identifier: MIT */
/* fopencookie(3), which glibc and musl have. */
#define _GNU_SOURCE

#include "stream.h"

FILE *sock__os_reading_stream(void *cookie,
                              ssize_t (*read)(void *, char *, size_t),
                              int (*close)(void *))
{
    cookie_io_functions_t io = {.read = read, .close = close};
    return fopencookie(cookie, "r", io);
}
