/* SPDX-License-Identifier: MIT */
/* The folders that a server serves, which stay open between its requests. */
#ifndef SOCK__ROOTS_H
#define SOCK__ROOTS_H

#include "httpd_request.h"

struct sock__root {
    int fd; /* of sock__os_open_root() */
    /* The server's own. */
    struct sock__root *next;
    char *path;
    unsigned users;
    bool gone;       /* another folder stands there now */
    int64_t checked; /* ns */
};

/* The folder that stands there, as of a second ago at most. To be given back;
 * NULL with errno. */
struct sock__root *sock__root_take(struct sock__site *site, const char *path);
void sock__root_give(struct sock__site *site, struct sock__root *root);

#endif
