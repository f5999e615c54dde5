/* SPDX-License-Identifier: MIT */
/* What a request names in a folder that is served. */
#ifndef SOCK__TARGET_H
#define SOCK__TARGET_H

#include "httpd_request.h"
#include "path.h"
#include "roots.h"

struct sock__target {
    const sock_httpd_dir_t *dir;
    struct sock__root *root;
    struct sock__path path; /* all of it, its mount included */
    char *under;            /* what follows the mount: "a/b" */
    char buf[SOCK__PATH_ROOM];
};

/* 0: to be given back; a status that refuses it; -1 with the error recorded:
 * the arguments are wrong. */
int sock__target_take(struct sock__target *p, const char *op,
                      sock_httpd_request_t *self, const sock_httpd_dir_t *dir);
void sock__target_give(struct sock__target *p, sock_httpd_request_t *self);

/* The status for what the system says of a file. */
int sock__target_status(int err);
/* Says that there is no such file, or what else the status is. */
int sock__target_refuse(sock_httpd_request_t *self, int status);

#endif
