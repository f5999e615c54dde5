/* SPDX-License-Identifier: MIT */
/* Answering with a file that is open. */
#ifndef SOCK__FILES_H
#define SOCK__FILES_H

#include <stdint.h>
#include <time.h>

#include <pysockc/httpd.h>

struct sock__file {
    int fd;
    int64_t size;
    struct timespec modified;
    const char *type; /* NULL: the head has one already */
};

enum sock__kind {
    SOCK__KIND_NONE,
    SOCK__KIND_FILE,
    SOCK__KIND_FOLDER,
    SOCK__KIND_OTHER
};

/* What fstat(2) says of a descriptor; SOCK__KIND_NONE with errno. */
enum sock__kind sock__file_look(struct sock__file *f, int fd);

/* Answers with all of it, or with what the request wants of it; the descriptor
 * is the answer's from now on, whether this succeeds or not. 0; -1 with the
 * error recorded. */
int sock__file_send(sock_httpd_request_t *self, const struct sock__file *f);

#endif
