/* SPDX-License-Identifier: MIT */
/* What a script says before its document (RFC 3875 6). */
#ifndef SOCK__CGI_HEAD_H
#define SOCK__CGI_HEAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "headers.h"

enum { SOCK__CGI_HEAD_MAX = 64 * 1024, SOCK__CGI_FIELDS_MAX = 200 };

struct sock__cgi_head {
    sock_headers_t fields; /* in the buffer */
    int status;
    const char *reason;  /* NULL: the usual one */
    const char *instead; /* the path that is to be answered in place of it */
    int64_t length;      /* of the document; -1: up to its end */
    const char *why;     /* what is wrong */
    bool no_memory;      /* that is not the script's fault */
};

/*
 * Reads it from the front of what has come so far: its bytes, with the blank
 * line, and the buffer is changed; 0 if more are needed, which *scanned keeps
 * count of; -1 if it is none. To be released, whichever it is; begins zeroed.
 */
ssize_t sock__cgi_head_read(struct sock__cgi_head *h, char *buf, size_t len,
                            size_t *scanned);
void sock__cgi_head_release(struct sock__cgi_head *h);
/* Whether a field of a script is sent on, and is not the server's own to say.
 */
bool sock__cgi_head_sends(const char *name);

#endif
