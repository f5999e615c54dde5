/* SPDX-License-Identifier: MIT */
/* A folder, and a server that shows it in the test's own process. */
#ifndef PLACE_H
#define PLACE_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "folder.h"
#include "site.h"

struct place {
    char *path;
    int at;
    sock_httpd_dir_t dir;
    sock_httpd_t *server;
    char log[8192];
};

/* The folder is empty; what serves it is to be set. */
static inline struct place *begin_place(void)
{
    struct place *p = calloc(1, sizeof *p);

    check(p != NULL);
    p->path = new_folder();
    p->at = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    p->dir = (sock_httpd_dir_t){.size = sizeof p->dir, .root = p->path};
    p->server = new_site();
    return p;
}

static inline void free_place(struct place *p)
{
    sock_httpd_free(p->server);
    close(p->at);
    free_folder(p->path);
    free(p);
}

#endif
