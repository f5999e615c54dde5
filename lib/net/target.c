/* SPDX-License-Identifier: MIT */
/* What a request names in a folder that is served. */
#define _POSIX_C_SOURCE 200809L

#include "target.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "private.h"
#include "record.h"

/* Arguments */

enum {
    ALL_FLAGS = SOCK_HTTPD_LIST | SOCK_HTTPD_FOLLOW_LINKS | SOCK_HTTPD_DOTFILES
};

static int bad(const char *op, const char *words)
{
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

static int check_dir(const char *op, const sock_httpd_dir_t *dir)
{
    if (dir->size != sizeof *dir)
        return bad(op, "size is not that of sock_httpd_dir_t");
    if (dir->root == NULL)
        return sock__fail_saying(op, SOCK_E_TYPE, 0, "root is NULL");
    if ((dir->flags & ~ALL_FLAGS) != 0)
        return bad(op, "unknown flags");
    if (isnan(dir->deadline) || dir->deadline < 0)
        return bad(op, "deadline is negative, or no number");
    for (size_t i = 0; i < sizeof dir->reserved / sizeof dir->reserved[0]; i++)
        if (dir->reserved[i] != 0)
            return bad(op, "reserved is not 0");
    return 0;
}

/* Answers */

int sock__target_status(int err)
{
    switch (err) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
        return 503;
    case EIO:
        return 500;
    default:
        return 404;
    }
}

int sock__target_refuse(sock_httpd_request_t *self, int status)
{
    return sock_httpd_send_error(self, status,
                                 status == 404 ? "File not found" : NULL);
}

/* Places */

/* What follows the prefix under which the handler was mounted. */
static char *behind_mount(struct sock__target *p, size_t mounted)
{
    size_t n = mounted > 0 ? mounted - 1 : 0; /* without its first slash */
    if (n > p->path.len)
        n = p->path.len;
    return p->buf + n + (p->buf[n] == '/');
}

/* The server is told what is wrong with its own folder, its client is not. */
static int no_root(sock_httpd_request_t *self, const char *path, int err)
{
    int status = sock__target_status(err);
    char words[128];
    sock__os_strerror(err, words, sizeof words);
    sock_httpd_log(self, "%s: %s", path, words);
    return status == 404 ? 500 : status;
}

int sock__target_take(struct sock__target *p, const char *op,
                      sock_httpd_request_t *self, const sock_httpd_dir_t *dir)
{
    if (sock__httpd_check(op, self, dir) < 0 || check_dir(op, dir) < 0)
        return -1;
    int status = sock__path_read(&p->path, self->path, p->buf, sizeof p->buf);
    if (status != 0)
        return status;
    if (p->path.hidden && (dir->flags & SOCK_HTTPD_DOTFILES) == 0)
        return 404;
    p->dir = dir;
    p->under = behind_mount(p, self->mounted);
    p->root = sock__root_take(self->site, dir->root);
    return p->root != NULL ? 0 : no_root(self, dir->root, errno);
}

void sock__target_give(struct sock__target *p, sock_httpd_request_t *self)
{
    sock__root_give(self->site, p->root);
}
