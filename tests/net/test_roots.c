/* SPDX-License-Identifier: MIT */
/* Folders that stay open between requests. Links with --wrap. */
#include "roots.h"

#include <errno.h>
#include <pthread.h>

#include "folder.h"
#include "private.h"

/* The clock, as they see it. */
static int64_t ahead;

int64_t __real_sock__os_now(void);
int64_t __wrap_sock__os_now(void);

int64_t __wrap_sock__os_now(void)
{
    return __real_sock__os_now() + ahead;
}

static void later(void)
{
    ahead += INT64_C(1500000000);
}

static struct sock__site site = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void end_site(void)
{
    site.files.end(site.files.state);
    site.files.state = NULL;
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) != -1;
}

/* Another folder stands at its place then; the former one is at the path that
 * is returned. */
static char *replace(const char *path)
{
    char *away = new_folder(), *other = new_folder();

    check_ok(rename(path, away));
    check_ok(rename(other, path));
    free(other);
    return away;
}

TEST(roots, stay_open)
{
    char *a = new_folder(), *b = new_folder();

    struct sock__root *first = check_made(sock__root_take(&site, a));
    struct sock__root *second = check_made(sock__root_take(&site, b));
    check(second != first && second->fd != first->fd);
    sock__root_give(&site, first);
    sock__root_give(&site, second);
    later();
    check(sock__root_take(&site, a) == first);
    check(sock__root_take(&site, b) == second);
    sock__root_give(&site, first);
    sock__root_give(&site, second);
    end_site();
    free_folder(a);
    free_folder(b);
}

/* Whoever has the former one goes on with it. */
TEST(roots, that_are_replaced)
{
    char *path = new_folder();

    struct sock__root *former = check_made(sock__root_take(&site, path));
    check(sock__root_take(&site, path) == former);
    int fd = former->fd;
    char *away = replace(path);
    check(sock__root_take(&site, path) == former); /* as of a second ago */
    later();
    struct sock__root *root = check_made(sock__root_take(&site, path));
    check(root != former && root->fd != fd);
    sock__root_give(&site, former);
    sock__root_give(&site, former);
    check(is_open(fd));
    sock__root_give(&site, former);
    check(!is_open(fd));
    sock__root_give(&site, root);
    free_folder(away);

    fd = root->fd;
    away = replace(path); /* of which no one has it */
    later();
    root = check_made(sock__root_take(&site, path));
    sock__root_give(&site, root);
    end_site();
    free_folder(path);
    free_folder(away);
}

TEST(roots, that_are_gone)
{
    char *path = new_folder(), text[4096];

    struct sock__root *root = check_made(sock__root_take(&site, path));
    int fd = root->fd;
    sock__root_give(&site, root);
    snprintf(text, sizeof text, "%s", path);
    free_folder(path);
    check(sock__root_take(&site, text) == root);
    sock__root_give(&site, root);
    later();
    check(sock__root_take(&site, text) == NULL);
    check_int(errno, ENOENT);
    check(!is_open(fd));
    end_site();
}

/* Those for which there is no room serve one request each. */
TEST(roots, as_many_as_there_is_room_for)
{
    enum { KEPT = 64, MANY = KEPT + 2 };
    char *path = new_folder(), text[4200];
    struct sock__root *root;
    int fds[MANY];

    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "%s/%d", path, i);
        check_ok(mkdir(text, 0700));
        root = check_made(sock__root_take(&site, text));
        fds[i] = root->fd;
        sock__root_give(&site, root);
        check_int(is_open(fds[i]), i < KEPT);
    }
    snprintf(text, sizeof text, "%s/%d", path, KEPT);
    root = check_made(sock__root_take(&site, text));
    struct sock__root *other = check_made(sock__root_take(&site, text));
    check(other != root);
    end_site();
    check(!is_open(fds[0]) && is_open(root->fd));
    sock__root_give(&site, root);
    sock__root_give(&site, other);
    free_folder(path);
}
