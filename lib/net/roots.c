/* SPDX-License-Identifier: MIT */
/* The folders that a server serves: opening one anew for each request would
 * cost two of its six calls of the system. */
#define _POSIX_C_SOURCE 200809L

#include "roots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os_beneath.h"
#include "private.h"

enum { MOST = 64 }; /* that are kept */
#define SECOND INT64_C(1000000000)

struct roots {
    struct sock__root *first;
    unsigned count;
};

static void free_root(struct sock__root *root)
{
    sock__os_close(root->fd);
    sock__free(root->path);
    sock__free(root);
}

static void end(void *state)
{
    struct roots *roots = state;
    while (roots->first != NULL) {
        struct sock__root *root = roots->first;
        roots->first = root->next;
        free_root(root);
    }
    free(roots);
}

/* NULL with errno. */
static struct roots *roots_of(struct sock__site *site)
{
    if (site->files.state == NULL)
        site->files.state = calloc(1, sizeof(struct roots));
    if (site->files.state != NULL)
        site->files.end = end;
    return site->files.state;
}

/* Whether the folder is still what stands there. */
static bool is_there(struct sock__root *root)
{
    struct stat there, ours;
    int64_t now = sock__os_now();

    if (now - root->checked < SECOND)
        return true;
    root->checked = now;
    return stat(root->path, &there) == 0 && fstat(root->fd, &ours) == 0 &&
           there.st_dev == ours.st_dev && there.st_ino == ours.st_ino;
}

/* Takes it out; whoever uses it last frees it. */
static void forget(struct roots *roots, struct sock__root **link)
{
    struct sock__root *root = *link;

    *link = root->next;
    roots->count--;
    root->gone = true;
    if (root->users == 0)
        free_root(root);
}

/* NULL: it is not open. */
static struct sock__root *find(struct roots *roots, const char *path)
{
    for (struct sock__root **link = &roots->first; *link != NULL;
         link = &(*link)->next) {
        if (strcmp((*link)->path, path) != 0)
            continue;
        if (is_there(*link))
            return *link;
        forget(roots, link);
        return NULL;
    }
    return NULL;
}

static struct sock__root *open_root(const char *path)
{
    int fd = sock__os_open_root(path);
    if (fd == -1)
        return NULL;
    struct sock__root *root = calloc(1, sizeof *root);
    char *copy = strdup(path);
    if (root == NULL || copy == NULL) {
        sock__free(root);
        sock__free(copy);
        close(fd);
        errno = ENOMEM;
        return NULL;
    }
    root->fd = fd;
    root->path = copy;
    root->checked = sock__os_now();
    return root;
}

static struct sock__root *find_or_open(struct roots *roots, const char *path)
{
    struct sock__root *root = find(roots, path);
    if (root != NULL)
        return root;
    root = open_root(path);
    if (root == NULL)
        return NULL;
    root->gone = roots->count == MOST; /* used once, and not kept */
    if (!root->gone) {
        root->next = roots->first;
        roots->first = root;
        roots->count++;
    }
    return root;
}

struct sock__root *sock__root_take(struct sock__site *site, const char *path)
{
    pthread_mutex_lock(&site->lock);
    struct roots *roots = roots_of(site);
    struct sock__root *root = roots != NULL ? find_or_open(roots, path) : NULL;
    if (root != NULL)
        root->users++;
    pthread_mutex_unlock(&site->lock);
    return root;
}

void sock__root_give(struct sock__site *site, struct sock__root *root)
{
    pthread_mutex_lock(&site->lock);
    root->users--;
    if (root->gone && root->users == 0)
        free_root(root);
    pthread_mutex_unlock(&site->lock);
}
