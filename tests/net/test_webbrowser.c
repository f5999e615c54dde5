/* SPDX-License-Identifier: MIT */
/* Browsers: which are asked, with what words, and what they get. All of them
 * are scripts of the tests'. */
#include "starve.h"
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pysockc/webbrowser.h>

#include "launch.h"
#include "words.h"

#define URL "http://h/x"
#define NONE                                                                   \
    "webbrowser.open " URL ": [Errno 2] could not locate runnable browser"
#define FAILED "webbrowser.open " URL ": [Errno 2] no browser could show it"

/* The folder of the browsers, which is PATH. */

static char folder[] = "/tmp/pysockc-test-XXXXXX";

static const char *in_folder(const char *name)
{
    static char paths[4][256];
    static int next;
    char *path = paths[next = (next + 1) % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void set_up(void)
{
    static const char *const variables[] = {"BROWSER",
                                            "DISPLAY",
                                            "WAYLAND_DISPLAY",
                                            "TERM",
                                            "KDE_FULL_SESSION",
                                            "GNOME_DESKTOP_SESSION_ID",
                                            "XDG_CURRENT_DESKTOP"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        unsetenv(variables[i]);
    check(mkdtemp(folder) != NULL);
    setenv("PATH", folder, 1);
    setenv("LOG", in_folder("log"), 1);
}

static void make(const char *name, const char *text, mode_t mode)
{
    int fd =
        open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    check_int(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    check_ok(chmod(in_folder(name), mode));
}

/* A browser that writes its name and its words, does something, and ends. */
static void browser(const char *name, const char *rest)
{
    char text[1024];
    snprintf(text, sizeof text,
             "#!/bin/sh\n"
             "{ printf %%s '%s'; for a; do printf ' %%s' \"$a\"; done; echo; } "
             ">>\"$LOG\"\n"
             "%s\n",
             name, rest);
    make(name, text, 0700);
}

/* What was written since the last time. Static. */
static const char *log_text(void)
{
    static char text[4096];
    FILE *file = fopen(in_folder("log"), "re");
    size_t n = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    text[n] = '\0';
    if (file != NULL)
        fclose(file);
    unlink(in_folder("log"));
    return text;
}

/* Once all children have ended and have been waited for. */
static void wait_for_no_children(void)
{
    siginfo_t info;
    double end = now() + 10;
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           now() < end)
        usleep(1000);
    check_int(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1);
    check_int(errno, ECHILD);
}

static void tear_down(void)
{
    char command[64];
    wait_for_no_children();
    snprintf(command, sizeof command, "exec /bin/rm -r %s", folder);
    check_int(system(command), 0);
}

#define BROWSER_TEST(name)                                                     \
    static void with_##name(void);                                             \
    TEST(webbrowser, name)                                                     \
    {                                                                          \
        set_up();                                                              \
        with_##name();                                                         \
        tear_down();                                                           \
    }                                                                          \
    static void with_##name(void)

static void opens(const char *url, int where, const char *expected)
{
    errno = 1234;
    check_ok(sock_webbrowser_open(url, where, 1));
    check_int(errno, 1234);
    check_str(log_text(), expected);
}

static void in_variable(const char *value, const char *expected)
{
    setenv("BROWSER", value, 1);
    opens(URL, 0, expected);
}

/* Arguments */

TEST(webbrowser, urls_that_are_refused)
{
    static const char *const schemes[] = {"",
                                          "-",
                                          "--remote-debugging-port=1",
                                          "h",
                                          "index.html",
                                          "/etc/passwd",
                                          "httpx://h",
                                          "javascript:alert(1)",
                                          "ftp://h/",
                                          " http://h",
                                          "data:,x",
                                          "\thttp://h/",
                                          "http",
                                          "://h",
                                          "-http://h/"};
    static const char *const controls[] = {"http://h/a b", "http://h/\n",
                                           "http://h/\t",  "http://h/\x7f",
                                           "mailto:a@b\r", "file:///\x01"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        check_fails(sock_webbrowser_open(schemes[i], 0, 1), SOCK_E_VALUE, 0,
                    "webbrowser.open: URL must be http, https, file or "
                    "mailto");
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++)
        check_fails(sock_webbrowser_open(controls[i], 0, 1), SOCK_E_VALUE, 0,
                    "webbrowser.open: URL can't contain control characters "
                    "or blanks");
}

TEST(webbrowser, arguments_that_are_refused)
{
    check_fails(sock_webbrowser_open(NULL, 0, 1), SOCK_E_TYPE, 0,
                "webbrowser.open: argument is NULL");
    check_fails(sock_webbrowser_open_new(NULL), SOCK_E_TYPE, 0,
                "webbrowser.open: argument is NULL");
    check_fails(sock_webbrowser_open_new_tab(NULL), SOCK_E_TYPE, 0,
                "webbrowser.open: argument is NULL");
    check_fails(sock_webbrowser_open(URL, 3, 1), SOCK_E_VALUE, 0,
                "webbrowser.open: Bad 'new' parameter to open(); expected 0, "
                "1, or 2, got 3");
    check_fails(sock_webbrowser_open(URL, -1, 1), SOCK_E_VALUE, 0,
                "webbrowser.open: Bad 'new' parameter to open(); expected 0, "
                "1, or 2, got -1");
}

BROWSER_TEST(urls_that_are_taken)
{
    static const char *const urls[] = {
        "http://h/", "HTTPS://h/?a=b&c='d';e|f$(g)`h`\"i\\j*#k",
        "file:///etc/x", "mailto:a@b", "http://h/\xc3\xa9"};
    char expected[128];
    browser("b", "");
    setenv("BROWSER", "b", 1);
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        snprintf(expected, sizeof expected, "b %s\n", urls[i]);
        opens(urls[i], 0, expected);
    }
}

/* Finding */

BROWSER_TEST(no_browser)
{
    static const char *const variables[] = {"TERM", "DISPLAY",
                                            "WAYLAND_DISPLAY"};
    browser("links", "");
    browser("firefox", "");
    check_fails(sock_webbrowser_open(URL, 0, 1), SOCK_E_OS, ENOENT, NONE);
    for (size_t i = 0; i < 3; i++) {
        setenv(variables[i], "", 1); /* as good as none */
        check_fails(sock_webbrowser_open(URL, 0, 1), SOCK_E_OS, ENOENT, NONE);
    }
    setenv("BROWSER", "::nothing:%s:&:\"\":'unclosed:\\", 1);
    check_fails(sock_webbrowser_open(URL, 0, 1), SOCK_E_OS, ENOENT, NONE);
    check_str(log_text(), "");
}

BROWSER_TEST(what_is_no_program)
{
    setenv("TERM", "x", 1);
    make("www-browser", "#!/bin/sh\nexit 0\n", 0600);
    check_ok(mkdir(in_folder("links"), 0700));
    make("lynx", "no program\n", 0700);
    check_fails(sock_webbrowser_open(URL, 0, 1), SOCK_E_OS, ENOENT, FAILED);
    browser("w3m", "");
    opens(URL, 0, "w3m " URL "\n");
}

/* But an address of mail is whole. */
BROWSER_TEST(no_text_shows_a_password)
{
    static const char none[] = "[Errno 2] could not locate runnable browser";
    char text[128];

    snprintf(text, sizeof text, "webbrowser.open http://h/: %s", none);
    check_fails(sock_webbrowser_open("http://u:secret@h/", 0, 1), SOCK_E_OS,
                ENOENT, text);
    snprintf(text, sizeof text, "webbrowser.open mailto:u@h: %s", none);
    check_fails(sock_webbrowser_open("mailto:u@h", 0, 1), SOCK_E_OS, ENOENT,
                text);
}

BROWSER_TEST(folders_of_path)
{
    char path[512];
    browser("b", "");
    check_ok(chdir(folder));
    setenv("BROWSER", "b", 1);
    setenv("PATH", "", 1);
    check_fails(sock_webbrowser_open(URL, 0, 1), SOCK_E_OS, ENOENT, NONE);
    setenv("PATH", "::.:./:", 1); /* never the current one */
    check_fails(sock_webbrowser_open(URL, 0, 1), SOCK_E_OS, ENOENT, NONE);
    unsetenv("PATH");
    check_fails(sock_webbrowser_open(URL, 0, 1), SOCK_E_OS, ENOENT, NONE);
    snprintf(path, sizeof path, "/nonexistent:%s", folder);
    setenv("PATH", path, 1);
    opens(URL, 0, "b " URL "\n");
    setenv("BROWSER", "./b", 1); /* the user's own words */
    opens(URL, 0, "b " URL "\n");
    check_ok(chdir("/"));
    setenv("BROWSER", in_folder("b"), 1);
    opens(URL, 0, "b " URL "\n");
}

TEST(webbrowser, long_paths)
{
    char path[64], name[128];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    check(!sock__find_program(name, path, sizeof path));
    name[0] = '/';
    check(!sock__find_program(name, path, sizeof path));
    setenv("PATH", name, 1);
    check(!sock__find_program("b", path, sizeof path));
    check(!sock__find_program("", path, sizeof path));
}

/* BROWSER */

BROWSER_TEST(words_of_the_variable)
{
    browser("b", "");
    in_variable("b", "b " URL "\n");
    in_variable("b -x", "b -x " URL "\n");
    in_variable("b %s", "b " URL "\n");
    in_variable("b --url=%s -x", "b --url=" URL " -x\n");
    in_variable("b %s%s a%sb", "b " URL URL " a" URL "b\n");
    in_variable("b 'a b' \"c\\\"d\" e\\ f", "b a b c\"d e f " URL "\n");
    in_variable("b $HOME `id` ;x >y *", "b $HOME `id` ;x >y * " URL "\n");
    in_variable(" b\t", "b " URL "\n");
    in_variable("'b' ''", "b  " URL "\n");
    in_variable("b '&' x", "b & x " URL "\n");
    in_variable("b &", "b " URL "\n");
    in_variable("b -x %s &", "b -x " URL "\n");
}

BROWSER_TEST(order_of_the_variable)
{
    browser("a", "exit 1");
    browser("b", "kill -9 $$");
    browser("c", "");
    browser("d", "");
    in_variable("a:nothing::b %s:c:d", "a " URL "\nb " URL "\nc " URL "\n");
    in_variable("a &:c", "a " URL "\nc " URL "\n");
    setenv("TERM", "x", 1);
    browser("w3m", "");
    in_variable("a", "a " URL "\nw3m " URL "\n");
    setenv("BROWSER", "a:b", 1);
    unsetenv("TERM");
    check_fails(sock_webbrowser_open(URL, 0, 1), SOCK_E_OS, ENOENT, FAILED);
    log_text();
}

/* A browser that is known is used as what it is; a command is what it says. */
BROWSER_TEST(known_in_the_variable)
{
    browser("firefox", "");
    browser("elinks", "");
    setenv("BROWSER", "firefox", 1);
    opens(URL, 1, "firefox -new-window " URL "\n");
    setenv("BROWSER", in_folder("firefox"), 1);
    opens(URL, 2, "firefox -new-tab " URL "\n");
    setenv("BROWSER", "firefox %s", 1);
    opens(URL, 2, "firefox " URL "\n");
    setenv("BROWSER", "firefox -P x", 1);
    opens(URL, 2, "firefox -P x " URL "\n");
    setenv("BROWSER", "elinks", 1);
    opens(URL, 1, "elinks -remote openURL(" URL ",new-window)\n");
}

TEST(webbrowser, long_words)
{
    static char line[20 * 1024], url[200 * 1024];
    size_t count;
    memset(line, 'x', 16 * 1024 + 1);
    errno = 0;
    check(sock__split_words(line, 16 * 1024 + 1, &count) == NULL);
    check_int(errno, E2BIG);
    char **words = check_made(sock__split_words(line, 16 * 1024, &count));
    check_int(count, 1);
    memset(url, 'x', 128 * 1024 + 1);
    check(sock__fill_words(words, url) == NULL);
    check_int(errno, E2BIG);
    url[128 * 1024] = '\0';
    char **filled = check_made(sock__fill_words(words, url));
    check_str(filled[1], url);
    free(filled);
    free(words);
}

/* As Python's shlex.split() has them: words between bars. */
TEST(webbrowser, shell_words)
{
    static const struct {
        const char *line, *words;
    } rows[] = {
        {"", ""},
        {" \t\r\n", ""},
        {"a", "a|"},
        {"a b", "a|b|"},
        {"  a\n b ", "a|b|"},
        {"'a b'c", "a bc|"},
        {"\"a'b\"'c\"d'", "a'bc\"d|"},
        {"\\a\\ b", "a b|"},
        {"\"\\a\\\\\\\"\"", "\\a\\\"|"},
        {"'\\'", "\\|"},
        {"'' \"\"", "||"},
        {"a#b #c", "a#b|#c|"},
        {"\v", "\v|"},
        {"a\\\nb", "a\nb|"},
        {"'a", NULL},
        {"\"a", NULL},
        {"\"a\\\"", NULL},
        {"\"\\", NULL},
        {"a\\", NULL},
        {"\\", NULL},
    };
    char joined[64];
    size_t count;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        errno = 0;
        char **words =
            sock__split_words(rows[i].line, strlen(rows[i].line), &count);
        if (rows[i].words == NULL) {
            check(words == NULL);
            check_int(errno, EINVAL);
            continue;
        }
        char *end = joined;
        *end = '\0';
        for (size_t k = 0; k < count; k++)
            end = stpcpy(stpcpy(end, words[k]), "|");
        check(words[count] == NULL);
        check_str(joined, rows[i].words);
        free(words);
    }
}

/* With a display */

/* The words of each browser for the same window, a new one, and a tab, as
 * CPython 3.13 has them. */
static const struct {
    const char *name, *words[3];
} with_display[] = {
    {"xdg-open", {URL, URL, URL}},
    {"gio", {"open -- " URL, "open -- " URL, "open -- " URL}},
    {"x-www-browser", {URL, URL, URL}},
    {"firefox", {URL, "-new-window " URL, "-new-tab " URL}},
    {"iceweasel", {URL, "-new-window " URL, "-new-tab " URL}},
    {"seamonkey", {URL, "-new-window " URL, "-new-tab " URL}},
    {"mozilla-firefox", {URL, "-new-window " URL, "-new-tab " URL}},
    {"mozilla", {URL, "-new-window " URL, "-new-tab " URL}},
    {"kfm", {"-d " URL, "-d " URL, "-d " URL}},
    {"konqueror", {"--silent " URL, "--silent " URL, "--silent " URL}},
    {"epiphany", {"-n " URL, "-w " URL, "-w " URL}},
    {"google-chrome", {URL, "--new-window " URL, URL}},
    {"chrome", {URL, "--new-window " URL, URL}},
    {"chromium", {URL, "--new-window " URL, URL}},
    {"chromium-browser", {URL, "--new-window " URL, URL}},
    {"opera", {URL, "--new-window " URL, URL}},
    {"microsoft-edge", {URL, "--new-window " URL, URL}},
};
#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

BROWSER_TEST(each_with_a_display)
{
    char expected[128];
    for (size_t i = 0; i < COUNT(with_display); i++) {
        browser(with_display[i].name, "");
        for (int where = 0; where < 3; where++) {
            setenv(where > 0 ? "DISPLAY" : "WAYLAND_DISPLAY", ":0", 1);
            snprintf(expected, sizeof expected, "%s %s\n", with_display[i].name,
                     with_display[i].words[where]);
            opens(URL, where, expected);
            unsetenv("DISPLAY");
            unsetenv("WAYLAND_DISPLAY");
        }
        unlink(in_folder(with_display[i].name));
    }
}

/* Each is asked, in this order, as all fail; and again without words where
 * those were to go to a browser that runs. */
BROWSER_TEST(order_with_a_display)
{
    setenv("DISPLAY", ":0", 1);
    setenv("TERM", "x", 1);
    for (size_t i = 0; i < COUNT(with_display); i++)
        if (strcmp(with_display[i].name, "kfm") != 0)
            browser(with_display[i].name, "exit 1");
    browser("w3m", "");
    opens(URL, 1,
          "xdg-open " URL "\ngio open -- " URL "\nx-www-browser " URL "\n"
          "firefox -new-window " URL "\nfirefox " URL "\n"
          "iceweasel -new-window " URL "\niceweasel " URL "\n"
          "seamonkey -new-window " URL "\nseamonkey " URL "\n"
          "mozilla-firefox -new-window " URL "\nmozilla-firefox " URL "\n"
          "mozilla -new-window " URL "\nmozilla " URL "\n"
          "konqueror --silent " URL "\n"
          "epiphany -w " URL "\nepiphany " URL "\n"
          "google-chrome --new-window " URL "\ngoogle-chrome " URL "\n"
          "chrome --new-window " URL "\nchrome " URL "\n"
          "chromium --new-window " URL "\nchromium " URL "\n"
          "chromium-browser --new-window " URL "\nchromium-browser " URL "\n"
          "opera --new-window " URL "\nopera " URL "\n"
          "microsoft-edge --new-window " URL "\nmicrosoft-edge " URL "\n"
          "w3m " URL "\n");
}

BROWSER_TEST(autoraise)
{
    setenv("DISPLAY", ":0", 1);
    browser("epiphany", "");
    check_ok(sock_webbrowser_open(URL, 0, 0));
    check_str(log_text(), "epiphany -noraise -n " URL "\n");
    check_ok(sock_webbrowser_open_new(URL));
    check_str(log_text(), "epiphany -w " URL "\n");
    check_ok(sock_webbrowser_open_new_tab(URL));
    check_str(log_text(), "epiphany -w " URL "\n");
}

BROWSER_TEST(desktops)
{
    setenv("DISPLAY", ":0", 1);
    browser("gvfs-open", "");
    browser("kfmclient", "exit 1"); /* which means nothing */
    check_fails(sock_webbrowser_open(URL, 0, 1), SOCK_E_OS, ENOENT, NONE);
    setenv("XDG_CURRENT_DESKTOP", "XGNOME:GNOMEX:XFCE4:GKE:", 1);
    check_fails(sock_webbrowser_open(URL, 0, 1), SOCK_E_OS, ENOENT, NONE);
    setenv("XDG_CURRENT_DESKTOP", "ubuntu:GNOME", 1);
    opens(URL, 0, "gvfs-open " URL "\n");
    setenv("XDG_CURRENT_DESKTOP", "KDE", 1);
    opens(URL, 0, "kfmclient openURL " URL "\n");
    opens(URL, 2, "kfmclient newTab " URL "\n");
    unsetenv("XDG_CURRENT_DESKTOP");
    setenv("KDE_FULL_SESSION", "", 1);
    opens(URL, 1, "kfmclient openURL " URL "\n");
    unlink(in_folder("kfmclient"));
    setenv("GNOME_DESKTOP_SESSION_ID", "", 1);
    opens(URL, 1, "gvfs-open " URL "\n");
}

/* By the one of its names that there is. */
BROWSER_TEST(kde)
{
    setenv("DISPLAY", ":0", 1);
    browser("kfm", "");
    browser("konqueror", "exit 1");
    opens(URL, 0, "konqueror --silent " URL "\nkfm -d " URL "\n");
    browser("kfmclient", "");
    opens(URL, 0, "kfmclient openURL " URL "\n");
}

/* In the terminal */

BROWSER_TEST(order_in_the_terminal)
{
    setenv("TERM", "x", 1);
    browser("www-browser", "exit 1");
    browser("links", "exit 1");
    browser("elinks", "exit 1");
    browser("lynx", "exit 1");
    browser("w3m", "");
    opens(URL, 0,
          "www-browser " URL "\nlinks " URL "\nelinks -remote openURL(" URL
          ")\nelinks " URL "\nlynx " URL "\nw3m " URL "\n");
}

/* Its own command is not for a URL that could end it. */
BROWSER_TEST(elinks)
{
    setenv("TERM", "x", 1);
    browser("elinks", "");
    opens(URL, 0, "elinks -remote openURL(" URL ")\n");
    opens(URL, 1, "elinks -remote openURL(" URL ",new-window)\n");
    opens(URL, 2, "elinks -remote openURL(" URL ",new-tab)\n");
    opens("http://h/a,b", 2, "elinks http://h/a,b\n");
    opens("http://h/a)b", 2, "elinks http://h/a)b\n");
    opens("http://h/(b", 2, "elinks http://h/(b\n");
}

/* What a browser gets */

/* Writes what it has: whether its input and output are nothing, whether it
 * leads a session, descriptor 99, and its signals: blocked, ignored. */
#define TELL                                                                   \
    "exec 3>>\"$LOG\"\n"                                                       \
    "[ /proc/self/fd/0 -ef /dev/null ] && echo no input >&3\n"                 \
    "[ /proc/self/fd/1 -ef /dev/null ] && echo no output >&3\n"                \
    "[ /proc/self/fd/2 -ef /dev/null ] && echo no errors >&3\n"                \
    "read p c s pp pg session rest </proc/self/stat\n"                         \
    "[ $session = $$ ] && echo own session >&3\n"                              \
    "[ -e /proc/self/fd/99 ] && echo leak >&3\n"                               \
    "while read name value; do case $name in SigBlk:|SigIgn:)\n"               \
    "  echo $((0x$value & 0x7fffffff)) >&3;; esac; done </proc/self/status\n"

/* SIGUSR1 is 10, SIGUSR2 12; those over 31 are libc's. */
static void set_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    check_ok(pthread_sigmask(SIG_SETMASK, &set, NULL));
    for (int number = 1; number < 32; number++)
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
}

BROWSER_TEST(what_it_gets_beside_a_display)
{
    set_signals();
    check_int(dup2(2, 99), 99); /* and not close-on-exec */
    setenv("DISPLAY", ":0", 1);
    browser("xdg-open", TELL);
    opens(URL, 0,
          "xdg-open " URL "\nno input\nno output\nno errors\nown session\n"
          "512\n2048\n");
    browser("b", TELL);
    in_variable("b &",
                "b " URL "\nno input\nno output\nno errors\nown session\n"
                "512\n2048\n");
    close(99);
}

BROWSER_TEST(what_it_gets_in_the_terminal)
{
    int input = dup(0), output = dup(1), errors = dup(2);
    int other = open(in_folder("other"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    set_signals();
    setenv("TERM", "x", 1);
    browser("links", TELL);
    check(dup2(other, 0) == 0 && dup2(other, 1) == 1 && dup2(other, 2) == 2);
    check_int(dup2(other, 99), 99);
    int opened = sock_webbrowser_open(URL, 0, 1);
    check(dup2(input, 0) == 0 && dup2(output, 1) == 1 && dup2(errors, 2) == 2);
    check_ok(opened);
    check_str(log_text(), "links " URL "\n512\n"
                          "2048\n");
    close(99);
    close(other);
    close(input);
    close(output);
    close(errors);
}

/* Time */

/* A browser that runs until the pipe is opened. */
static void lasting(const char *name)
{
    char rest[512];
    snprintf(rest, sizeof rest, "read x <'%s'\nexit 0", in_folder("pipe"));
    browser(name, rest);
    check_ok(mkfifo(in_folder("pipe"), 0600));
}

static void end_lasting(void)
{
    close(open(in_folder("pipe"), O_WRONLY | O_CLOEXEC));
    wait_for_no_children();
    unlink(in_folder("pipe"));
}

/* It goes on, and does not stay a zombie when it has ended. */
BROWSER_TEST(one_that_lasts)
{
    setenv("DISPLAY", ":0", 1);
    lasting("xdg-open");
    double start = now();
    opens(URL, 0, "xdg-open " URL "\n");
    check(now() - start >= 0.49);
    check(now() - start < 4);
    check_int(waitpid(-1, NULL, WNOHANG), 0);
    end_lasting();
}

BROWSER_TEST(one_that_has_become_the_browser)
{
    setenv("DISPLAY", ":0", 1);
    lasting("firefox");
    double start = now();
    opens(URL, 0, "firefox " URL "\n");
    check(now() - start >= 4.99);
    check(now() - start < 15);
    end_lasting();
}

static void *end_soon(void *pipe)
{
    usleep(700000); /* longer than one in the background is waited for */
    close(open(pipe, O_WRONLY | O_CLOEXEC));
    return NULL;
}

BROWSER_TEST(one_that_is_waited_for)
{
    pthread_t thread;
    char pipe[256];
    double start = now();
    lasting("b");
    snprintf(pipe, sizeof pipe, "%s", in_folder("pipe"));
    check_int(pthread_create(&thread, NULL, end_soon, pipe), 0);
    in_variable("b", "b " URL "\n");
    check(now() - start >= 0.7);
    pthread_join(thread, NULL);
    wait_for_no_children();
}

/* Others wait for its end, or no one can. */
BROWSER_TEST(children_that_are_ignored)
{
    browser("b", "exit 1");
    signal(SIGCHLD, SIG_IGN);
    in_variable("b", "b " URL "\n");
    signal(SIGCHLD, SIG_DFL);
}

/* Failures */

static bool no_threads;
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *arg);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *arg)
{
    if (no_threads)
        return EAGAIN;
    return __real_pthread_create(thread, attributes, run, arg);
}

BROWSER_TEST(no_thread)
{
    static const char *const commands[] = {
        "b", "b &", "firefox", "elinks", "konqueror", "kfmclient", "gio"};
    for (size_t i = 0; i < COUNT(commands); i++) {
        char name[16];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(commands[i], " "),
                 commands[i]);
        browser(name, "");
        setenv("BROWSER", commands[i], 1);
        no_threads = true;
        int opened = sock_webbrowser_open(URL, 0, 1);
        no_threads = false;
        check_fails(opened, SOCK_E_OS, EAGAIN,
                    "webbrowser.open " URL ": [Errno 11] Resource temporarily "
                    "unavailable");
        unlink(in_folder(name));
    }
    check_str(log_text(), "");
}

BROWSER_TEST(memory_that_is_refused)
{
    static const char *const commands[] = {"b -x", "firefox", "elinks"};
    need_own_memory();
    for (size_t i = 0; i < COUNT(commands); i++) {
        browser("b", "");
        browser("firefox", "");
        browser("elinks", "");
        setenv("BROWSER", commands[i], 1);
        FOR_EACH_REFUSAL(refused)
        {
            int opened = sock_webbrowser_open(URL, 0, 1);
            fail_at = 0;
            if (was_refused())
                check_fails(opened, SOCK_E_MEMORY, 0,
                            "webbrowser.open " URL
                            ": [Errno 12] Cannot allocate memory");
            else
                check_ok(opened);
        }
    }
    log_text();
}

/* Many threads at once */

static void *open_often(void *arg)
{
    for (int i = 0; i < 5; i++)
        check_ok(sock_webbrowser_open(URL, 0, 1));
    return arg;
}

BROWSER_TEST(in_threads)
{
    pthread_t threads[4];
    browser("b", "");
    setenv("BROWSER", "b", 1);
    for (int i = 0; i < 4; i++)
        check_int(pthread_create(&threads[i], NULL, open_often, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    check_int(strlen(log_text()), 20 * strlen("b " URL "\n"));
}
