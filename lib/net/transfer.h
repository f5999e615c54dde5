/* SPDX-License-Identifier: MIT */
/* Sinks and sources, as those who move bytes call them. */
#ifndef SOCK__TRANSFER_H
#define SOCK__TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <pysockc/transfer.h>

/* Whether there is one, which can be called: 0; -1 with SOCK_E_TYPE recorded,
 * or SOCK_E_VALUE for more bytes than there can be. */
int sock__sink_need(const sock_sink_t *sink, const char *op);
int sock__source_need(const sock_source_t *source, const char *op);

/* Hands bytes to a sink: 0; -1 with the error recorded, if it has refused. */
int sock__sink_put(const sock_sink_t *sink, const char *op, const void *data,
                   size_t n);
/* The next bytes of a source: how many, 0 at its end; -1 with the error
 * recorded. Those in memory are only pointed to, others lie in buf. */
ssize_t sock__source_get(sock_source_t *source, const char *op, void *buf,
                         size_t size, const char **at);

/* Bytes that no one wants, up to so many; over them, the sink refuses. */
struct sock__dropped {
    size_t left;
    bool over;
};
sock_sink_t sock__dropped_sink(struct sock__dropped *d);

/* Bytes that are read into memory whole, at most so many; zeroed but for the
 * limit, it is empty. A sink of them refuses what is more. */
struct sock__hoard {
    char *bytes;
    size_t used, room, most;
    bool full;
};
sock_sink_t sock__hoard_sink(struct sock__hoard *h);
/* Makes lines of them, each of which CRLF ends, and frees them. NULL for want
 * of memory, recorded; and if it is full: lines take more room than their
 * bytes, so that there can be too many of short ones. */
sock_lines_t *sock__hoard_lines(struct sock__hoard *h, const char *op);
/* Bytes of the texts of lines, each with its NUL. */
size_t sock__lines_size(const sock_lines_t *lines);

#endif
