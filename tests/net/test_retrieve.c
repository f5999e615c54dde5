/* SPDX-License-Identifier: MIT */
/* Downloads. Links with --wrap. */
#include "folder.h"
#include "script.h"

#include "starve.h"

/* How closing a file fails in the test's own thread, whose own files are closed
 * before. */
static _Thread_local int fail_close;

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    struct stat st;
    bool fails = fail_close != 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    int done = __real_close(fd);
    errno = fails ? fail_close : errno;
    return fails ? -1 : done;
}

static char *folder;
static int at;

static void begin(void)
{
    folder = new_folder();
    at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void end(void)
{
    close(at);
    free_folder(folder);
}

/* A path in the folder. Static. */
static const char *path(const char *name)
{
    static char text[4200];
    snprintf(text, sizeof text, "%s/%s", folder, name);
    return text;
}

static bool exists(const char *name)
{
    struct stat st;
    return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void has(const char *name, const char *text)
{
    char buf[64] = "";
    int fd = openat(at, name, O_RDONLY | O_CLOEXEC);
    check(fd >= 0);
    check_int(read(fd, buf, sizeof buf - 1), strlen(text));
    check_str(buf, text);
    close(fd);
}

struct heard {
    int calls;
    int64_t done, total;
    int stop_at; /* which call; 0: none */
};

static int hook(int64_t done, int64_t total, void *arg)
{
    struct heard *h = arg;
    h->calls++;
    h->done = done;
    h->total = total;
    return h->calls == h->stop_at;
}

TEST(retrieve, a_file)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nbye\r\n0\r\n\r\n",
        NULL};
    struct heard h = {0};
    struct stat st;

    begin();
    start(script, NULL);
    umask(027);
    errno = 1234;
    check_ok(sock_urlretrieve(url("/"), path("x"), hook, &h, 10));
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    has("x", "hello");
    check(!exists("x.part"));
    check_ok(fstatat(at, "x", &st, 0));
    check_int(st.st_mode & 0777, 0640);
    check(h.calls >= 2);
    check_int(h.done, 5);
    check_int(h.total, 5);
    h = (struct heard){0};
    check_ok(sock_urlretrieve(url("/"), path("x"), hook, &h, 10));
    has("x", "bye");
    check_int(h.done, 3);
    check_int(h.total, -1);
    check_ok(sock_urlretrieve("data:,abc", path("y"), NULL, NULL, 10));
    has("y", "abc");
    stop();
    end();
}

TEST(retrieve, what_comes_short)
{
    static const char *const script[] = {
        "!HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        "!HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nbye\r\n",
        NULL};

    begin();
    make_file(at, "x", "old");
    start(script, NULL);
    open_fails(sock_urlretrieve(url("/"), path("x"), NULL, NULL, 10) == 0
                   ? script
                   : NULL,
               SOCK_E_EOF, 0,
               "urlretrieve http://127.0.0.1:$1/: retrieval incomplete: got "
               "only 5 out of 9 bytes");
    check_int(sock_last_error()->done, 5);
    check(sock_urlretrieve(url("/"), path("x"), NULL, NULL, 10) == -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    check_int(sock_last_error()->done, 3);
    has("x", "old");
    check(!exists("x.part"));
    stop();
    end();
}

/* Closing says at last that there was no room; a signal says nothing. */
TEST(retrieve, what_cannot_be_closed)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", NULL};

    begin();
    start(script, NULL);
    fail_close = EDQUOT;
    check(sock_urlretrieve(url("/"), path("x"), NULL, NULL, 10) == -1);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check_int(sock_last_error()->code, EDQUOT);
    check(!exists("x") && !exists("x.part"));
    fail_close = EINTR;
    check_ok(sock_urlretrieve(url("/"), path("x"), NULL, NULL, 10));
    fail_close = 0;
    has("x", "hello");
    stop();
    end();
}

TEST(retrieve, what_is_stopped)
{
    struct heard h = {.stop_at = 1};

    begin();
    check_fails(sock_urlretrieve("data:,abc", path("x"), hook, &h, 10),
                SOCK_E_CANCELLED, 0, "urlretrieve data:,abc: cancelled");
    check_int(h.done, 0);
    h = (struct heard){.stop_at = 2};
    check(sock_urlretrieve("data:,abc", path("x"), hook, &h, 10) == -1);
    check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
    check_int(h.done, 3);
    check(!exists("x") && !exists("x.part"));
    end();
}

TEST(retrieve, what_is_not_there)
{
    static const char *const script[] = {
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", NULL};

    begin();
    start(script, NULL);
    open_fails(sock_urlretrieve(url("/"), path("x"), NULL, NULL, 10) == 0
                   ? script
                   : NULL,
               SOCK_E_REPLY, 404,
               "urlopen http://127.0.0.1:$1/: HTTP Error 404: Not Found");
    check(!exists("x") && !exists("x.part"));
    stop();
    end();
}

/* A link in the place of the part is taken away, and what it leads to stays. */
TEST(retrieve, links)
{
    begin();
    make_file(at, "victim", "victim");
    make_link(at, "victim", "x.part");
    make_link(at, "victim", "x");
    check_ok(sock_urlretrieve("data:,abc", path("x"), NULL, NULL, 10));
    has("victim", "victim");
    has("x", "abc");
    struct stat st;
    check_ok(fstatat(at, "x", &st, AT_SYMLINK_NOFOLLOW));
    check(S_ISREG(st.st_mode));
    /* What was left of another try is no hindrance. */
    make_file(at, "y.part", "old");
    check_ok(sock_urlretrieve("data:,abc", path("y"), NULL, NULL, 10));
    has("y", "abc");
    end();
}

static int put_another(int64_t done, int64_t total, void *arg)
{
    (void)total, (void)arg;
    if (done > 0) {
        unlinkat(at, "x.part", 0);
        make_file(at, "x.part", "another's");
    }
    return 0;
}

/* One that another has begun meanwhile is not given its name half done. */
TEST(retrieve, two_at_once)
{
    char text[8300];

    begin();
    snprintf(text, sizeof text,
             "urlretrieve %.150s/x.part: [Errno 17] File exists", folder);
    check_fails(sock_urlretrieve("data:,abc", path("x"), put_another, NULL, 10),
                SOCK_E_OS, EEXIST, text);
    check(!exists("x"));
    has("x.part", "another's");
    end();
}

TEST(retrieve, where_nothing_can_be)
{
    begin();
    make_folder(at, "folder");
    check(sock_urlretrieve("data:,abc", path("none/x"), NULL, NULL, 10) == -1);
    check_int(sock_last_error()->code, ENOENT);
    check(strstr(error_text(), "/none/x.part: [Errno 2]") != NULL);
    check(sock_urlretrieve("data:,abc", path("folder"), NULL, NULL, 10) == -1);
    check_int(sock_last_error()->code, EISDIR);
    check(!exists("folder.part"));
    make_folder(at, "y.part");
    check(sock_urlretrieve("data:,abc", path("y"), NULL, NULL, 10) == -1);
    check_int(sock_last_error()->code, EEXIST);
    check(exists("y.part"));
    check_fails(sock_urlretrieve(NULL, "x", NULL, NULL, 10), SOCK_E_TYPE, 0,
                "urlretrieve: argument is NULL");
    check_fails(sock_urlretrieve("data:,", NULL, NULL, NULL, 10), SOCK_E_TYPE,
                0, "urlretrieve: argument is NULL");
    check(sock_urlretrieve("data:,abc", "/dev/full/x", NULL, NULL, 10) == -1);
    check_int(sock_last_error()->code, ENOTDIR);
    end();
}

TEST(retrieve, memory)
{
    need_own_memory();
    begin();
    FOR_EACH_REFUSAL(refused)
    {
        int result = sock_urlretrieve("data:,abc", path("x"), NULL, NULL, 10);
        check_that((result < 0) == was_refused(), "%s", error_text());
        if (result < 0)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        check(!exists("x.part"));
    }
    has("x", "abc");
    end();
}
