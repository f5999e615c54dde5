/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/webbrowser.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pysockc/error.h>

#include "chars.h"
#include "launch.h"
#include "record.h"
#include "url.h"
#include "words.h"

static const char op[] = "webbrowser.open";

struct call {
    const char *url;
    int where;
    bool autoraise;
    bool found; /* a program that could have shown it */
};

/* What a browser has come to: SHOWN, NOT, or BROKEN, with errno: that nothing
 * can be started here. */
enum { BROKEN = -1, NOT = 0, SHOWN = 1 };

/* How long a program is waited for, in nanoseconds: to its end; one that hands
 * the URL on to a browser that runs, or else has become that; one that may find
 * that it cannot. */
#define TO_ITS_END INT64_C(-1)
#define HANDING_ON INT64_C(5000000000)
#define STARTING INT64_C(500000000)

struct browser;
typedef int open_fn(struct call *c, const struct browser *b, const char *path);

struct browser {
    const char *name;
    open_fn *open;
    const char *same, *window, *tab; /* words before the URL; NULL: none */
};

static int start(struct call *c, const char *path, const char *const *words,
                 bool terminal, int64_t wait)
{
    c->found = true;
    return sock__launch(path, words, terminal, wait);
}

/* Browsers */

static int open_background(struct call *c, const struct browser *b,
                           const char *path)
{
    const char *const words[] = {b->name, c->url, NULL};
    return start(c, path, words, false, STARTING);
}

static int open_terminal(struct call *c, const struct browser *b,
                         const char *path)
{
    const char *const words[] = {b->name, c->url, NULL};
    return start(c, path, words, true, TO_ITS_END);
}

static int open_gio(struct call *c, const struct browser *b, const char *path)
{
    const char *const words[] = {b->name, "open", "--", c->url, NULL};
    return start(c, path, words, false, STARTING);
}

/* Hands the URL on, with the words for where; if no browser runs, it is
 * started. */
static int hand_on(struct call *c, const struct browser *b, const char *path,
                   const char *option)
{
    const char *const action[] = {b->same, b->window, b->tab};
    const char *words[5] = {b->name};
    size_t n = 1;

    if (option != NULL)
        words[n++] = option;
    if (action[c->where] != NULL)
        words[n++] = action[c->where];
    words[n] = c->url;
    int shown = start(c, path, words, false, HANDING_ON);
    return shown != NOT ? shown : open_background(c, b, path);
}

static int open_remote(struct call *c, const struct browser *b,
                       const char *path)
{
    return hand_on(c, b, path, NULL);
}

static int open_epiphany(struct call *c, const struct browser *b,
                         const char *path)
{
    return hand_on(c, b, path, c->autoraise ? NULL : "-noraise");
}

/* Its command has commas and parentheses of its own, so that a URL with any is
 * none of its words. It takes a stdout of another kind for a wish to print. */
static int open_elinks(struct call *c, const struct browser *b,
                       const char *path)
{
    const char *const action[] = {"", ",new-window", ",new-tab"};
    if (strpbrk(c->url, "(),") != NULL)
        return open_terminal(c, b, path);
    size_t size = strlen(c->url) + sizeof "openURL(,new-window)";
    char *command = malloc(size);
    if (command == NULL)
        return BROKEN;
    char *end = stpcpy(stpcpy(command, "openURL("), c->url);
    stpcpy(stpcpy(end, action[c->where]), ")");
    const char *const words[] = {b->name, "-remote", command, NULL};
    int shown = start(c, path, words, true, HANDING_ON);
    sock__free(command);
    return shown != NOT ? shown : open_terminal(c, b, path);
}

/* The file manager of KDE, by each of its names, of which the first one's
 * status means nothing. */
static int open_kde(struct call *c, const struct browser *b, const char *path)
{
    const char *const first[] = {
        "kfmclient", c->where == 2 ? "newTab" : "openURL", c->url, NULL};
    const char *const second[] = {"konqueror", "--silent", c->url, NULL};
    const char *const third[] = {"kfm", "-d", c->url, NULL};
    char found[PATH_MAX];
    int shown = NOT;

    (void)b, (void)path;
    if (sock__find_program(first[0], found, sizeof found))
        return start(c, found, first, false, TO_ITS_END) == BROKEN ? BROKEN
                                                                   : SHOWN;
    if (sock__find_program(second[0], found, sizeof found))
        shown = start(c, found, second, false, STARTING);
    if (shown == NOT && sock__find_program(third[0], found, sizeof found))
        shown = start(c, found, third, false, STARTING);
    return shown;
}

/* In the order in which they are asked. */
static const struct browser with_display[] = {
    {"xdg-open", open_background, NULL, NULL, NULL},
    {"gio", open_gio, NULL, NULL, NULL},
    {"gvfs-open", open_background, NULL, NULL, NULL},
    {"kfmclient", open_kde, NULL, NULL, NULL},
    {"x-www-browser", open_background, NULL, NULL, NULL},
    {"firefox", open_remote, NULL, "-new-window", "-new-tab"},
    {"iceweasel", open_remote, NULL, "-new-window", "-new-tab"},
    {"seamonkey", open_remote, NULL, "-new-window", "-new-tab"},
    {"mozilla-firefox", open_remote, NULL, "-new-window", "-new-tab"},
    {"mozilla", open_remote, NULL, "-new-window", "-new-tab"},
    {"kfm", open_kde, NULL, NULL, NULL},
    {"konqueror", open_kde, NULL, NULL, NULL},
    {"epiphany", open_epiphany, "-n", "-w", "-w"},
    {"google-chrome", open_remote, NULL, "--new-window", NULL},
    {"chrome", open_remote, NULL, "--new-window", NULL},
    {"chromium", open_remote, NULL, "--new-window", NULL},
    {"chromium-browser", open_remote, NULL, "--new-window", NULL},
    {"opera", open_remote, NULL, "--new-window", NULL},
    {"microsoft-edge", open_remote, NULL, "--new-window", NULL},
};
static const struct browser in_terminal[] = {
    {"www-browser", open_terminal, NULL, NULL, NULL},
    {"links", open_terminal, NULL, NULL, NULL},
    {"elinks", open_elinks, NULL, NULL, NULL},
    {"lynx", open_terminal, NULL, NULL, NULL},
    {"w3m", open_terminal, NULL, NULL, NULL},
};
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* The environment */

static bool is_set(const char *variable)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char *value = getenv(variable);
    return value != NULL && *value != '\0';
}

/* Whether the desktop is that one, by its list of names or its own variable. */
static bool is_desktop(const char *name, const char *variable)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char *at = getenv("XDG_CURRENT_DESKTOP");
    size_t len = strlen(name);

    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    if (getenv(variable) != NULL)
        return true;
    while (at != NULL && *at != '\0') {
        size_t n = strcspn(at, ":");
        if (n == len && memcmp(at, name, n) == 0)
            return true;
        at += n + (at[n] == ':');
    }
    return false;
}

/* Those that are a desktop's own are not for others. */
static bool is_wanted(const struct browser *b)
{
    if (strcmp(b->name, "gvfs-open") == 0)
        return is_desktop("GNOME", "GNOME_DESKTOP_SESSION_ID");
    if (strcmp(b->name, "kfmclient") == 0)
        return is_desktop("KDE", "KDE_FULL_SESSION");
    return true;
}

static int try_table(struct call *c, const struct browser *table, size_t n)
{
    char path[PATH_MAX];
    int shown = NOT;

    for (size_t i = 0; i < n && shown == NOT; i++)
        if (is_wanted(&table[i]) &&
            sock__find_program(table[i].name, path, sizeof path))
            shown = table[i].open(c, &table[i], path);
    return shown;
}

/* BROWSER */

static const struct browser *find_by_name(const char *name,
                                          const struct browser *table, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

/* A browser that is known, by its name or a path to it; else NULL. */
static const struct browser *known(const char *command)
{
    const char *slash = strrchr(command, '/');
    const char *name = slash != NULL ? slash + 1 : command;
    const struct browser *b =
        find_by_name(name, with_display, COUNT(with_display));
    return b != NULL ? b : find_by_name(name, in_terminal, COUNT(in_terminal));
}

static int try_words(struct call *c, const char *path, char *const *words,
                     bool background)
{
    char **filled = sock__fill_words(words, c->url);
    if (filled == NULL)
        return errno == ENOMEM ? BROKEN : NOT;
    int shown = start(c, path, (const char *const *)filled, !background,
                      background ? STARTING : TO_ITS_END);
    sock__free(filled);
    return shown;
}

/* One command: a known browser is used as what it is. */
static int try_command(struct call *c, char **words, size_t count)
{
    char path[PATH_MAX];
    bool background = count > 0 && strcmp(words[count - 1], "&") == 0;

    if (background)
        words[--count] = NULL;
    if (count == 0 || !sock__find_program(words[0], path, sizeof path))
        return NOT;
    const struct browser *b = known(words[0]);
    if (count == 1 && !background && b != NULL)
        return b->open(c, b, path);
    return try_words(c, path, words, background);
}

static int try_line(struct call *c, const char *line, size_t n)
{
    size_t count;
    char **words = sock__split_words(line, n, &count);
    if (words == NULL)
        return errno == ENOMEM ? BROKEN : NOT;
    int shown = try_command(c, words, count);
    sock__free(words);
    return shown;
}

static int try_variable(struct call *c)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char *at = getenv("BROWSER");
    int shown = NOT;

    while (at != NULL && *at != '\0' && shown == NOT) {
        size_t n = strcspn(at, ":");
        shown = try_line(c, at, n);
        at += n + (at[n] == ':');
    }
    return shown;
}

static int try_all(struct call *c)
{
    int shown = try_variable(c);
    if (shown == NOT && (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")))
        shown = try_table(c, with_display, COUNT(with_display));
    if (shown == NOT && is_set("TERM"))
        shown = try_table(c, in_terminal, COUNT(in_terminal));
    return shown;
}

/* The call */

static bool has_scheme(const char *url)
{
    static const char *const schemes[] = {
        "http:", "https:", "file:", "mailto:"};
    for (size_t i = 0; i < COUNT(schemes); i++)
        if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
            return true;
    return false;
}

static int fail_where(int where)
{
    char words[SOCK_ERROR_WORDS_MAX];
    snprintf(words, sizeof words,
             "Bad 'new' parameter to open(); expected 0, 1, or 2, got %d",
             where);
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

static int check(const char *url, int where)
{
    if (url == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (where < SOCK_WEBBROWSER_SAME || where > SOCK_WEBBROWSER_TAB)
        return fail_where(where);
    if (!has_scheme(url))
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "URL must be http, https, file or mailto");
    if (sock__has(url, SOCK__CONTROL | SOCK__SPACE))
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "URL can't contain control characters or "
                                 "blanks");
    return 0;
}

static int fail(const struct call *c, int shown)
{
    if (shown == BROKEN && errno == ENOMEM)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    else if (shown == BROKEN)
        sock__fail(op, SOCK_E_OS, errno, 0);
    else
        sock__fail_saying(op, SOCK_E_OS, ENOENT,
                          c->found ? "no browser could show it"
                                   : "could not locate runnable browser");
    if (strncasecmp(c->url, "mailto:", 7) == 0) /* whose '@' ends no password */
        return sock__fail_about(op, c->url);
    return sock__fail_about_url(op, c->url);
}

int sock_webbrowser_open(const char *url, int where, int autoraise)
{
    int saved = errno;
    if (check(url, where) == -1)
        return -1;
    struct call c = {url, where, autoraise != 0, false};
    int shown = try_all(&c);
    if (shown != SHOWN)
        return fail(&c, shown);
    errno = saved;
    return 0;
}

int sock_webbrowser_open_new(const char *url)
{
    return sock_webbrowser_open(url, SOCK_WEBBROWSER_WINDOW, 1);
}

int sock_webbrowser_open_new_tab(const char *url)
{
    return sock_webbrowser_open(url, SOCK_WEBBROWSER_TAB, 1);
}
