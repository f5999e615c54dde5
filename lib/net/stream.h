/* SPDX-License-Identifier: MIT */
/* Streams of stdio that read from something else. */
#ifndef SOCK__STREAM_H
#define SOCK__STREAM_H

#include <stdio.h>
#include <sys/types.h>

/* A stream whose bytes read() gives: as read(2), -1 with errno. NULL with
 * errno. */
FILE *sock__os_reading_stream(void *cookie,
                              ssize_t (*read)(void *, char *, size_t),
                              int (*close)(void *));

#endif
