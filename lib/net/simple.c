/* SPDX-License-Identifier: MIT */
/* Files of a folder, as Python's SimpleHTTPRequestHandler. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pysockc/url.h>

#include "files.h"
#include "listing.h"
#include "os_beneath.h"
#include "private.h"
#include "target.h"
#include "types.h"

/* Opens what stands there, and looks at it; SOCK__KIND_NONE with errno. */
static enum sock__kind open_file(const struct sock__target *p,
                                 struct sock__file *f)
{
    bool follow = (p->dir->flags & SOCK_HTTPD_FOLLOW_LINKS) != 0;
    int fd = sock__os_open_beneath(p->root->fd, p->under, SOCK__BENEATH_READ,
                                   follow);

    if (fd == -1)
        return SOCK__KIND_NONE;
    enum sock__kind kind = sock__file_look(f, fd);
    if (kind == SOCK__KIND_NONE)
        sock__os_close(fd);
    return kind;
}

static int send_file(sock_httpd_request_t *self, const struct sock__target *p,
                     struct sock__file *f)
{
    f->type = sock__type_of(p->under, p->dir->types);
    return sock__file_send(self, f);
}

/* Folders */

/* To the path with a slash behind it. It is made of what was understood, which
 * never begins with two: those would be the name of another host. */
static int send_to_folder(sock_httpd_request_t *self,
                          const struct sock__path *path)
{
    size_t query = path->query != NULL ? strlen(path->query) + 1 : 0;
    size_t size = 3 * path->len + query + 3;
    char *location = malloc(size);

    if (location == NULL)
        return sock_httpd_send_error(self, 503, NULL);
    location[0] = '/';
    int n = sock_quote_from_bytes(path->text, path->len, "/", location + 1,
                                  size - 1);
    char *end = location + 1 + n;
    snprintf(end, size - (size_t)(end - location), "/%s%s",
             query > 0 ? "?" : "", query > 0 ? path->query : "");
    int result = sock_httpd_redirect(self, 301, location);
    sock__free(location);
    return result;
}

/* Answers with the first of the pages that stand for a folder: 1, and its
 * result; 0: there is none. */
static int send_index(sock_httpd_request_t *self, struct sock__target *p,
                      int *result)
{
    static const char *const usual[] = {"index.html", "index.htm", NULL};
    const char *const *names = p->dir->index != NULL ? p->dir->index : usual;
    size_t n = strlen(p->under);
    size_t room = sizeof p->buf - (size_t)(p->under - p->buf) - n;
    struct sock__file f;

    for (; *names != NULL; names++) {
        int more =
            snprintf(p->under + n, room, "%s%s", n > 0 ? "/" : "", *names);
        enum sock__kind kind =
            (size_t)more < room ? open_file(p, &f) : SOCK__KIND_NONE;
        if (kind == SOCK__KIND_FILE) {
            *result = send_file(self, p, &f);
            return 1;
        }
        if (kind != SOCK__KIND_NONE)
            sock__os_close(f.fd);
    }
    p->under[n] = '\0';
    return 0;
}

static int send_folder(sock_httpd_request_t *self, struct sock__target *p,
                       int fd)
{
    int result;

    if (!p->path.slash)
        result = send_to_folder(self, &p->path);
    else if (send_index(self, p, &result) == 1)
        ;
    else if ((p->dir->flags & SOCK_HTTPD_LIST) != 0)
        return sock__listing_send(self, p, fd);
    else
        result =
            sock_httpd_send_error(self, 404, "No permission to list directory");
    sock__os_close(fd);
    return result;
}

static int send_what_is_there(sock_httpd_request_t *self,
                              struct sock__target *p)
{
    struct sock__file f;
    enum sock__kind kind = open_file(p, &f);

    if (kind == SOCK__KIND_NONE)
        return sock__target_refuse(self, sock__target_status(errno));
    if (kind == SOCK__KIND_FOLDER)
        return send_folder(self, p, f.fd);
    if (kind == SOCK__KIND_FILE && !p->path.slash)
        return send_file(self, p, &f);
    sock__os_close(f.fd);
    return sock__target_refuse(self, 404);
}

static int send_not_allowed(sock_httpd_request_t *self)
{
    static const char *const fields[] = {"Allow", "GET, HEAD", NULL};
    return sock__httpd_error(self, 405, NULL, fields);
}

int sock_httpd_simple(sock_httpd_request_t *self, const sock_httpd_dir_t *dir)
{
    struct sock__target p;
    int status = sock__target_take(&p, "simple", self, dir);

    if (status < 0)
        return -1;
    if (status != 0)
        return sock__target_refuse(self, status);
    const char *method = self->start.method;
    int result = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0
                     ? send_what_is_there(self, &p)
                     : send_not_allowed(self);
    sock__target_give(&p, self);
    return result;
}
