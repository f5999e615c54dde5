/* SPDX-License-Identifier: MIT */
/* Scripts of a folder, as Python's CGIHTTPRequestHandler. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cgi_run.h"
#include "files.h"
#include "os_beneath.h"
#include "private.h"
#include "target.h"

/* What was found of a path. */
struct found {
    struct sock__target target;
    char script[SOCK__PATH_ROOM + 1];    /* "/cgi-bin/a.sh" */
    char path_info[SOCK__PATH_ROOM + 2]; /* "/b" */
    char file[NAME_MAX + 3];             /* "./a.sh" */
};

static bool follows(const struct found *f)
{
    return (f->target.dir->flags & SOCK_HTTPD_FOLLOW_LINKS) != 0;
}

/* Whether this is a file that may be executed: 0; -1: it is a folder; a status.
 */
static int look_at(const struct found *f, const char *path)
{
    struct stat st;
    int fd = sock__os_open_beneath(f->target.root->fd, path, SOCK__BENEATH_LOOK,
                                   follows(f));
    if (fd == -1)
        return sock__target_status(errno);
    int status = fstat(fd, &st) < 0 ? 500 : 0;
    sock__os_close(fd);
    if (status != 0 || S_ISDIR(st.st_mode))
        return status != 0 ? status : -1;
    return S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0 ? 0 : 403;
}

/* Notes a script whose path ends here, and what follows it. */
static int note(struct found *f, char *end)
{
    const char *text = f->target.path.text;
    const char *slash = strrchr(f->target.under, '/');
    const char *name = slash != NULL ? slash + 1 : f->target.under;
    bool more = end < f->target.buf + f->target.path.len;

    if (strlen(name) > NAME_MAX)
        return 404;
    snprintf(f->file, sizeof f->file, "./%s", name);
    snprintf(f->script, sizeof f->script, "/%s", text);
    snprintf(f->path_info, sizeof f->path_info, "%s%s%s", more ? "/" : "",
             more ? end + 1 : "", f->target.path.slash ? "/" : "");
    return 0;
}

/* The first file on the way: 0; a status. Its path stays under the root. */
static int find(struct found *f)
{
    char *at = f->target.under;

    if (*at == '\0')
        return 403;
    while (true) {
        char *end = at + strcspn(at, "/");
        bool last = *end == '\0';
        *end = '\0';
        int status = look_at(f, f->target.under);
        if (status >= 0)
            return status != 0 ? status : note(f, end);
        if (last)
            return 403; /* as Python, of what is no plain file */
        *end = '/';
        at = end + 1;
    }
}

/* The folder of the script. */
static int open_folder(const struct found *f)
{
    char *slash = strrchr(f->target.under, '/');
    const char *path = slash != NULL ? f->target.under : "";

    if (slash != NULL)
        *slash = '\0';
    int fd = sock__os_open_beneath(f->target.root->fd, path,
                                   SOCK__BENEATH_FOLDER, follows(f));
    if (slash != NULL)
        *slash = '/';
    return fd;
}

static int64_t time_of(const sock_httpd_dir_t *dir)
{
    double seconds = dir->deadline > 0 ? dir->deadline : 60;
    return seconds < 1e9 ? (int64_t)(seconds * 1e9) : INT64_MAX / 4;
}

/* PATH_TRANSLATED is no promise that anything is there. */
static int run(sock_httpd_request_t *self, struct found *f)
{
    const sock_httpd_dir_t *dir = f->target.dir;
    struct sock__cgi_call call = {
        .script = f->script,
        .file = f->file,
        .path_info = f->path_info,
        .root = dir->root,
        .query = f->target.path.query,
        .length = -1,
        .more = dir->environment,
    };
    int folder = open_folder(f);

    if (folder == -1)
        return sock__target_refuse(self, sock__target_status(errno));
    int result = sock__cgi_run(self, &call, folder, time_of(dir));
    sock__os_close(folder);
    return result;
}

static int serve(sock_httpd_request_t *self, struct found *f)
{
    int status = find(f);
    return status != 0 ? sock__target_refuse(self, status) : run(self, f);
}

/* Each must be one, so that none is taken for another. */
static int check_environment(const char *op, const sock_httpd_dir_t *dir)
{
    const char *const *each = dir->environment;
    for (; each != NULL && *each != NULL; each++)
        if (**each == '=' || strchr(*each, '=') == NULL)
            return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                     "environment is not of NAME=value");
    return 0;
}

int sock_httpd_cgi(sock_httpd_request_t *self, const sock_httpd_dir_t *dir)
{
    const char *op = "cgi";
    struct found *f = malloc(sizeof *f);

    if (f == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    int status = sock__target_take(&f->target, op, self, dir), result = status;
    if (status == 0 && check_environment(op, dir) < 0)
        result = -1;
    else if (status == 0)
        result = serve(self, f);
    else if (status > 0)
        result = sock__target_refuse(self, status);
    if (status == 0)
        sock__target_give(&f->target, self);
    sock__free(f);
    return result;
}
