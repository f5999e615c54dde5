/* SPDX-License-Identifier: MIT */
/* Opening what is under a folder: each row by both ways there are. */
#include "os_beneath.h"
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "folder.h"

typedef int open_fn(int root, const char *path, enum sock__beneath what,
                    bool follow);
static open_fn *const ways[] = {sock__os_open_beneath, sock__os_walk_beneath};

static void make_tree(int at)
{
    make_folder(at, "a");
    make_folder(at, "a/b");
    make_file(at, "file", "file");
    make_file(at, "a/file", "a/file");
    make_file(at, "a/b/file", "a/b/file");
    make_link(at, "file", "to_file");
    make_link(at, "a", "to_a");
    make_link(at, "b/../file", "a/round");
    make_link(at, "../file", "a/up");
    make_link(at, "../a/./b//", "a/round_about");
    make_link(at, "../../secret", "a/out");
    make_link(at, "..", "parent");
    make_link(at, "/etc/hostname", "absolute");
    make_link(at, "nowhere", "broken");
    make_link(at, "self", "self");
    make_link(at, "/proc/self/root", "magic");
}

struct row {
    const char *path, *content; /* NULL: it is refused */
    int error;                  /* where links are followed; else ELOOP */
    bool link;
};

static const struct row rows[] = {
    {"file", "file", 0, false},
    {"a/file", "a/file", 0, false},
    {"a/b/file", "a/b/file", 0, false},
    {"to_file", "file", 0, true},
    {"to_a/file", "a/file", 0, true},
    {"to_a/b/file", "a/b/file", 0, true},
    {"a/round", "a/file", 0, true},
    {"a/up", "file", 0, true},
    {"to_a/up", "file", 0, true},
    {"a/round_about/file", "a/b/file", 0, true},
    {"a/out", NULL, EXDEV, true},
    {"to_a/out", NULL, EXDEV, true},
    {"parent/file", NULL, EXDEV, true},
    {"absolute", NULL, EXDEV, true},
    {"magic/etc/hostname", NULL, EXDEV, true},
    {"broken", NULL, ENOENT, true},
    {"self", NULL, ELOOP, true},
    {"self/x", NULL, ELOOP, true},
    {"none", NULL, ENOENT, false},
    {"a/none", NULL, ENOENT, false},
    {"none/a", NULL, ENOENT, false},
    {"file/a", NULL, ENOTDIR, false},
};

static void has_content(int fd, const char *content)
{
    char buf[64] = "";
    check(read(fd, buf, sizeof buf - 1) >= 0);
    check_str(buf, content);
    check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}

static void check_row(open_fn *open_it, int root, const struct row *row,
                      bool follow)
{
    bool opened = row->content != NULL && (follow || !row->link);
    int error = row->link && !follow ? ELOOP : row->error;
    errno = 1234;
    int fd = open_it(root, row->path, SOCK__BENEATH_READ, follow);

    check_that((fd >= 0) == opened, "%s: %s", row->path, strerror(errno));
    if (fd >= 0) {
        check_int(errno, 1234);
        has_content(fd, row->content);
    } else {
        check_that(errno == error, "%s: %s", row->path, strerror(errno));
    }
}

TEST(beneath, files_and_links)
{
    char *path = new_folder();
    int root = (int)check_ok(sock__os_open_root(path));

    make_tree(root);
    for (size_t way = 0; way < 2; way++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            check_row(ways[way], root, &rows[i], true);
            check_row(ways[way], root, &rows[i], false);
        }
    close(root);
    free_folder(path);
}

/* A look at it follows links, or does not, as opening it does. */
TEST(beneath, looks)
{
    char *path = new_folder();
    int root = (int)check_ok(sock__os_open_root(path));
    struct stat st;

    make_tree(root);
    check(mkfifoat(root, "fifo", 0600) == 0);
    for (size_t way = 0; way < 2; way++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            const struct row *row = &rows[i];
            for (int follow = 0; follow < 2; follow++) {
                int fd = ways[way](root, row->path, SOCK__BENEATH_LOOK, follow);
                bool seen = row->content != NULL && (follow || !row->link);
                check_that((fd >= 0) == seen, "%s", row->path);
                if (fd < 0)
                    continue;
                check(fstat(fd, &st) == 0 && S_ISREG(st.st_mode));
                close(fd);
            }
        }
        int fd =
            (int)check_ok(ways[way](root, "fifo", SOCK__BENEATH_LOOK, false));
        check(fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode));
        close(fd);
        fd = (int)check_ok(ways[way](root, "a", SOCK__BENEATH_LOOK, false));
        check(fstat(fd, &st) == 0 && S_ISDIR(st.st_mode));
        close(fd);
    }
    close(root);
    free_folder(path);
}

TEST(beneath, folders)
{
    char *path = new_folder();
    int root = (int)check_ok(sock__os_open_root(path));
    struct stat here, there;

    make_tree(root);
    for (size_t way = 0; way < 2; way++)
        for (int i = 0; i < 2; i++) {
            enum sock__beneath what =
                i == 0 ? SOCK__BENEATH_READ : SOCK__BENEATH_FOLDER;
            int fd = (int)check_ok(ways[way](root, "", what, false));
            check(fstat(fd, &here) == 0 && fstat(root, &there) == 0);
            check(here.st_ino == there.st_ino);
            close(fd);
            fd = (int)check_ok(ways[way](root, "a/b", what, false));
            check(fstat(fd, &here) == 0 && S_ISDIR(here.st_mode));
            close(fd);
            fd = (int)check_ok(ways[way](root, "to_a/b", what, true));
            close(fd);
        }
    check_int(sock__os_open_beneath(root, "file", SOCK__BENEATH_FOLDER, false),
              -1);
    check_int(errno, ENOTDIR);
    check_int(sock__os_walk_beneath(root, "file", SOCK__BENEATH_FOLDER, false),
              -1);
    check_int(errno, ENOTDIR);
    close(root);
    free_folder(path);
}

/* Nobody writes to the pipe, and nobody is waited for. */
TEST(beneath, what_is_no_file)
{
    char *path = new_folder();
    int root = (int)check_ok(sock__os_open_root(path));
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int s = socket(AF_UNIX, SOCK_STREAM, 0);

    check_ok(mkfifoat(root, "fifo", 0600));
    snprintf(name.sun_path, sizeof name.sun_path, "%s/socket", path);
    check_ok(bind(s, (struct sockaddr *)&name, sizeof name));
    for (size_t way = 0; way < 2; way++) {
        struct stat st;
        int fd =
            (int)check_ok(ways[way](root, "fifo", SOCK__BENEATH_READ, true));
        check(fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode));
        close(fd);
        check_int(ways[way](root, "socket", SOCK__BENEATH_READ, true), -1);
        check_int(errno, ENXIO);
    }
    close(s);
    close(root);
    free_folder(path);
}

TEST(beneath, long_names)
{
    char *path = new_folder();
    int root = (int)check_ok(sock__os_open_root(path));
    char name[5001];

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (size_t way = 0; way < 2; way++) {
        check_int(ways[way](root, name, SOCK__BENEATH_READ, true), -1);
        check_int(errno, ENAMETOOLONG);
    }
    name[300] = '\0'; /* a segment */
    for (size_t way = 0; way < 2; way++) {
        check_int(ways[way](root, name, SOCK__BENEATH_READ, true), -1);
        check_int(errno, ENAMETOOLONG);
    }
    close(root);
    free_folder(path);
}

/* A link whose target grows with each that is followed comes to an end. */
TEST(beneath, links_that_grow)
{
    char *path = new_folder();
    int root = (int)check_ok(sock__os_open_root(path));

    make_link(root, "b/b/b/b/b/b/b/b/b/b/b/b", "b");
    for (size_t way = 0; way < 2; way++) {
        check_int(ways[way](root, "b", SOCK__BENEATH_READ, true), -1);
        check_int(errno, ELOOP);
    }
    close(root);
    free_folder(path);
}

/* A path that is too long with the target of a link in it. */
TEST(beneath, long_targets)
{
    char *path = new_folder();
    int root = (int)check_ok(sock__os_open_root(path));
    char target[3001], name[2000] = "long";

    for (int i = 0; i < 3000; i += 2)
        memcpy(target + i, "a/", 2);
    target[3000] = '\0';
    for (size_t i = 4; i < 1998; i += 2)
        memcpy(name + i, "/b", 3);
    make_link(root, target, "long");
    check_int(sock__os_walk_beneath(root, name, SOCK__BENEATH_READ, true), -1);
    check_int(errno, ENAMETOOLONG);
    check_int(sock__os_walk_beneath(root, "long/b", SOCK__BENEATH_READ, true),
              -1);
    check_int(errno, ENOENT);
    close(root);
    free_folder(path);
}

TEST(beneath, no_root)
{
    check_int(sock__os_open_root("/proc/self/status"), -1);
    check_int(errno, ENOTDIR);
    check_int(sock__os_open_root("/no such folder"), -1);
    check_int(errno, ENOENT);
}
