/* SPDX-License-Identifier: MIT */
/* The page that lists a folder: what can be asked for of it, and nothing else.
 * Names may have any bytes. */
#define _POSIX_C_SOURCE 200809L

#include "listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pysockc/url.h>

#include "bytes.h"
#include "chars.h"
#include "date.h"
#include "files.h"
#include "markup.h"
#include "os_beneath.h"
#include "private.h"

/* What is in the folder */

struct entry {
    char *name;
    int64_t size, modified;
    char mark; /* '/' of a folder, '@' of a link, 0 */
};

struct entries {
    struct entry *list;
    size_t count, room;
};

static void free_entries(struct entries *all)
{
    for (size_t i = 0; i < all->count; i++)
        sock__free(all->list[i].name);
    sock__free(all->list);
}

/* Whether it can be asked for. */
static bool is_served(const sock_httpd_dir_t *dir, const char *name,
                      const struct stat *st)
{
    if (name[0] == '.' && ((dir->flags & SOCK_HTTPD_DOTFILES) == 0 ||
                           strcmp(name, ".") == 0 || strcmp(name, "..") == 0))
        return false;
    if (S_ISLNK(st->st_mode))
        return (dir->flags & SOCK_HTTPD_FOLLOW_LINKS) != 0;
    return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

static int add(struct entries *all, const char *name, const struct stat *st)
{
    struct entry *list =
        sock__grow(all->list, all->count, &all->room, 1, sizeof *list);
    if (list == NULL)
        return -1;
    all->list = list;
    char *copy = strdup(name);
    if (copy == NULL)
        return -1;
    char mark = S_ISDIR(st->st_mode) ? '/' : S_ISLNK(st->st_mode) ? '@' : '\0';
    all->list[all->count++] =
        (struct entry){copy, st->st_size, st->st_mtim.tv_sec, mark};
    // cppcheck-suppress memleak ; it is the entry's
    return 0;
}

/* Without regard to the case of ASCII's letters; else by bytes. */
static int compare(const void *a, const void *b)
{
    const char *x = ((const struct entry *)a)->name;
    const char *y = ((const struct entry *)b)->name;
    size_t i = 0;

    while (x[i] != '\0' && sock__lower(x[i]) == sock__lower(y[i]))
        i++;
    int difference =
        (unsigned char)sock__lower(x[i]) - (unsigned char)sock__lower(y[i]);
    return difference != 0 ? difference : strcmp(x, y);
}

/* What goes while it is read is left out: 0; -1 with errno. */
static int read_entries(struct entries *all, DIR *folder,
                        const sock_httpd_dir_t *dir)
{
    struct dirent *found;
    struct stat st;

    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    for (errno = 0; (found = readdir(folder)) != NULL; errno = 0) {
        const char *name = found->d_name;
        if (fstatat(dirfd(folder), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            is_served(dir, name, &st) && add(all, name, &st) < 0)
            return -1;
    }
    if (errno != 0)
        return -1;
    if (all->count > 0)
        qsort(all->list, all->count, sizeof all->list[0], compare);
    return 0;
}

/* The page */

/* On a phone what is known of a file stands below its name. */
static const char head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<style>\n"
    ":root { color-scheme: light dark; --link: #0b57d0; --quiet: #5f6368 }\n"
    "@media (prefers-color-scheme: dark) {"
    " :root { --link: #8ab4f8; --quiet: #a8adb3 } }\n"
    "body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem;"
    " margin: 0 auto; padding: 1rem }\n"
    "h1 { font-size: 1.25rem; overflow-wrap: anywhere }\n"
    "table { border-collapse: collapse; width: 100% }\n"
    "tr { border-bottom: 1px solid #8884 }\n"
    "tbody tr:hover { background: #8881 }\n"
    "th, td { text-align: left; font-weight: normal; vertical-align: top;"
    " padding: .5rem 0 .5rem 1.5rem }\n"
    "th:first-child { padding-left: 0; width: 99% }\n"
    "td:first-child { padding-left: 0 }\n"
    "td, thead th { color: var(--quiet); white-space: nowrap }\n"
    "td { font-variant-numeric: tabular-nums }\n"
    "td:nth-child(2), th:nth-child(2) { text-align: right }\n"
    "a { display: block; margin: -.5rem 0; padding: .5rem 0;"
    " text-decoration: none; overflow-wrap: anywhere }\n"
    "a:link { color: var(--link) }\n"
    "a:hover, a:focus { text-decoration: underline }\n"
    "@media (max-width: 40rem) {\n"
    "thead { display: none }\n"
    "tr { display: flex; flex-wrap: wrap; column-gap: 1rem;"
    " padding: .5rem 0 }\n"
    "td, tbody th { padding: 0 }\n"
    "td:empty { display: none }\n"
    "time::after { content: \" UTC\" }\n"
    "}\n"
    "</style>\n";

static const char columns[] =
    "<thead>\n<tr><th scope=\"col\">Name</th>"
    "<th scope=\"col\">Size</th>"
    "<th scope=\"col\">Modified&nbsp;(UTC)</th></tr>\n"
    "</thead>\n<tbody>\n";

static void put_title(struct sock__markup *m, const struct sock__path *path)
{
    sock__markup(m, "Directory listing for ");
    sock__markup(m, path->len > 0 ? "/" : "");
    sock__markup_text(m, path->text);
    sock__markup(m, "/");
}

static void put_head(struct sock__markup *m, const struct sock__path *path)
{
    sock__markup(m, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
    sock__markup(m, head);
    sock__markup(m, "<title>");
    put_title(m, path);
    sock__markup(m, "</title>\n</head>\n<body>\n<main>\n<h1 id=\"t\">");
    put_title(m, path);
    sock__markup(m, "</h1>\n<table aria-labelledby=\"t\">\n");
    sock__markup(m, columns);
}

/* As many digits as are of use. */
static void put_size(struct sock__markup *m, int64_t size)
{
    static const char units[] = "kMGTPE";
    char text[32];
    int unit = -1;
    int64_t tenths = size;

    if (size < 1000) {
        snprintf(text, sizeof text, "%" PRId64 " B", size);
    } else {
        for (tenths = size / 100, unit = 0; tenths >= 10000; unit++)
            tenths /= 1000;
        if (tenths < 100)
            snprintf(text, sizeof text, "%d.%d %cB", (int)tenths / 10,
                     (int)tenths % 10, units[unit]);
        else
            snprintf(text, sizeof text, "%d %cB", (int)tenths / 10,
                     units[unit]);
    }
    sock__markup(m, text);
}

static void put_time(struct sock__markup *m, int64_t modified)
{
    char text[160];
    struct sock__moment t = sock__moment_of(modified);

    snprintf(text, sizeof text,
             "<time datetime=\"%04" PRId64 "-%02d-%02dT%02d:%02d:%02dZ\">"
             "%04" PRId64 "-%02d-%02d %02d:%02d</time>",
             t.year, t.month, t.day, t.hour, t.minute, t.second, t.year,
             t.month, t.day, t.hour, t.minute);
    sock__markup(m, text);
}

/* A name as a reference of its own: it has no slash, and a colon in it is no
 * scheme's. */
static void put_reference(struct sock__markup *m, const struct entry *e)
{
    char text[3 * NAME_MAX + 1];
    sock_quote(e->name, "", text, sizeof text);
    sock__markup(m, text);
    sock__markup(m, e->mark == '/' ? "/" : "");
}

static void put_entry(struct sock__markup *m, const struct entry *e)
{
    const char mark[] = {e->mark, '\0'};

    sock__markup(m, "<tr><th scope=\"row\"><a href=\"");
    put_reference(m, e);
    sock__markup(m, "\"><bdi>");
    sock__markup_text(m, e->name);
    sock__markup(m, "</bdi>");
    sock__markup(m, mark);
    sock__markup(m, "</a></th><td>");
    if (e->mark == '\0')
        put_size(m, e->size);
    sock__markup(m, "</td><td>");
    if (e->mark != '@') /* of which the link's own would tell nothing */
        put_time(m, e->modified);
    sock__markup(m, "</td></tr>\n");
}

static int put_page(sock_httpd_request_t *self, const struct sock__target *p,
                    const struct entries *all)
{
    struct sock__markup m;

    sock__markup_begin(&m, self);
    put_head(&m, &p->path);
    if (*p->under != '\0')
        sock__markup(&m, "<tr><th scope=\"row\"><a href=\"../\">../</a></th>"
                         "<td></td><td></td></tr>\n");
    for (size_t i = 0; i < all->count; i++)
        put_entry(&m, &all->list[i]);
    if (all->count == 0)
        sock__markup(&m, "<tr><td colspan=\"3\">Nothing is here.</td></tr>\n");
    sock__markup(&m, "</tbody>\n</table>\n</main>\n</body>\n</html>\n");
    return sock__markup_end(&m);
}

static int send_page(sock_httpd_request_t *self, const struct sock__target *p,
                     const struct entries *all)
{
    if (sock_httpd_send_response(self, 200, NULL) < 0 ||
        sock_httpd_send_header(self, "Content-type",
                               "text/html; charset=utf-8") < 0 ||
        sock_httpd_end_headers(self) < 0)
        return -1;
    return put_page(self, p, all);
}

int sock__listing_send(sock_httpd_request_t *self, const struct sock__target *p,
                       int fd)
{
    struct entries all = {NULL, 0, 0};
    DIR *folder = fdopendir(fd);

    if (folder == NULL) {
        int status = sock__target_status(errno);
        sock__os_close(fd);
        return sock__target_refuse(self, status);
    }
    int status =
        read_entries(&all, folder, p->dir) < 0 ? sock__target_status(errno) : 0;
    closedir(folder);
    int result = status != 0 ? sock__target_refuse(self, status)
                             : send_page(self, p, &all);
    free_entries(&all);
    return result;
}
