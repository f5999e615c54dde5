/* SPDX-License-Identifier: MIT */
/* Files of cookies; that Python, curl and wget read and write the same is seen
 * by parity_cookie.py. Links with --wrap. */
#include "folder.h"
#include "jar.h"
#include "starve.h"
#include "support.h"

/* Calls of the system that fail, with this errno. */
static int fail_write, fail_fsync, fail_close, fail_rename;
static int short_writes;

ssize_t __real_write(int fd, const void *data, size_t n);
ssize_t __wrap_write(int fd, const void *data, size_t n);
ssize_t __wrap_write(int fd, const void *data, size_t n)
{
    int code = fail_write;
    if (code == EINTR)
        fail_write = 0;
    errno = code != 0 ? code : errno;
    return code != 0 ? -1 : __real_write(fd, data, short_writes ? 1 : n);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    errno = fail_fsync != 0 ? fail_fsync : errno;
    return fail_fsync != 0 ? -1 : __real_fsync(fd);
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    int done = __real_close(fd);
    errno = fail_close != 0 ? fail_close : errno;
    return fail_close != 0 ? -1 : done;
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
    errno = fail_rename != 0 ? fail_rename : errno;
    return fail_rename != 0 ? -1 : __real_rename(from, to);
}

/* A folder of a test's own with a file in it. */
struct place {
    char *folder;
    int fd;
    char path[4200];
};

static struct place begin(void)
{
    struct place p = {.folder = new_folder()};
    p.fd = open(p.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    check(p.fd >= 0);
    snprintf(p.path, sizeof p.path, "%s/cookies.txt", p.folder);
    return p;
}

static void end(struct place *p)
{
    __real_close(p->fd);
    free_folder(p->folder);
}

static const char *text_of(const struct place *p)
{
    static char text[64 * 1024];
    int fd = openat(p->fd, "cookies.txt", O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, text, sizeof text - 1);
    check(n >= 0);
    text[n] = '\0';
    __real_close(fd);
    return text;
}

static int entries(const struct place *p)
{
    int n = 0;
    DIR *dir = opendir(p->folder);
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n - 2;
}

/* An error about the file, in whose text this is. */
static void fails(const struct place *p, int result, const char *op, int kind,
                  int code, const char *words)
{
    const sock_error_t *e = sock_last_error();
    char start[160];
    check_int(result, -1);
    check_str(e->operation, op);
    check_int(e->kind, kind);
    check_int(e->code, code);
    snprintf(start, sizeof start, "%s %.100s", op, p->path);
    check_that(strncmp(error_text(), start, strlen(start)) == 0 &&
                   strstr(error_text(), words) != NULL,
               "%s", error_text());
}

#define HEAD                                                                   \
    "# Netscape HTTP Cookie File\n"                                            \
    "# This file was generated; what is changed may be lost.\n\n"

TEST(cookiefile, save)
{
    struct place p = begin();
    struct stat st;
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    set(jar, "https://h.test/x/", "a=b; max-age=60");
    set(jar, "https://x.h.test/",
        "c=\"d e\"; max-age=61; domain=h.test; path=/; secure; httponly");
    set(jar, "https://h.test/", "nameless; max-age=62");
    set(jar, "https://h.test/", "e=; max-age=63; samesite=lax");
    set(jar, "https://h.test/", "session=1");
    set(jar, "https://h.test/", "a\tb=1; max-age=60");
    set(jar, "https://h.test/", "a=b\tc; max-age=60");
    set(jar, "https://h.test/", "a=b; path=/\tx; max-age=60");
    check_int(count(jar), 8);
    umask(0);
    errno = 1234;
    check_int(sock_cookiejar_save(jar, p.path), 0);
    check_int(errno, 1234);
    check_str(text_of(&p),
              HEAD "h.test\tFALSE\t/x\tFALSE\t1300000060\ta\tb\n"
                   "#HttpOnly_.h.test\tTRUE\t/\tTRUE\t1300000061\tc\t\"d e\"\n"
                   "h.test\tFALSE\t/\tFALSE\t1300000062\t\tnameless\n"
                   "h.test\tFALSE\t/\tFALSE\t1300000063\te\t\n");
    check(fstatat(p.fd, "cookies.txt", &st, 0) == 0);
    check_int(st.st_mode & 07777, 0600);
    check_int(entries(&p), 1);
    sock_cookiejar_free(jar);
    end(&p);
}

TEST(cookiefile, save_over_another)
{
    struct place p = begin();
    struct stat st;
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    make_file(p.fd, "other", "other");
    make_link(p.fd, "other", "cookies.txt");
    check_int(sock_cookiejar_save(jar, p.path), 0);
    check_str(text_of(&p), HEAD);
    check(fstatat(p.fd, "cookies.txt", &st, AT_SYMLINK_NOFOLLOW) == 0);
    check(S_ISREG(st.st_mode));
    check(fstatat(p.fd, "other", &st, 0) == 0 && st.st_size == 5);
    check(fchmodat(p.fd, "cookies.txt", 0644, 0) == 0);
    check_int(sock_cookiejar_save(jar, p.path), 0);
    check(fstatat(p.fd, "cookies.txt", &st, 0) == 0);
    check_int(st.st_mode & 07777, 0600);
    sock_cookiejar_free(jar);
    end(&p);
}

/* A file that is not whole is not there. */
TEST(cookiefile, save_fails)
{
    struct place p = begin();
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    make_file(p.fd, "cookies.txt", "old");
    struct {
        int *which, code;
    } calls[] = {{&fail_write, ENOSPC},
                 {&fail_fsync, EIO},
                 {&fail_close, EDQUOT},
                 {&fail_rename, EXDEV}};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        *calls[i].which = calls[i].code;
        int n = sock_cookiejar_save(jar, p.path);
        *calls[i].which = 0;
        fails(&p, n, "save", SOCK_E_OS, calls[i].code, "[Errno ");
        check_str(text_of(&p), "old");
        check_int(entries(&p), 1);
    }
    fail_write = ENOSPC; /* the first counts */
    fail_close = EIO;
    int first = sock_cookiejar_save(jar, p.path);
    fail_write = fail_close = 0;
    fails(&p, first, "save", SOCK_E_OS, ENOSPC, "[Errno ");
    fail_close = EINTR; /* it is closed then */
    fail_write = EINTR;
    short_writes = 1;
    int n = sock_cookiejar_save(jar, p.path);
    fail_close = short_writes = 0;
    check_int(n, 0);
    check_str(text_of(&p), HEAD);
    sock_cookiejar_free(jar);
    end(&p);
}

TEST(cookiefile, save_nowhere)
{
    struct place p = begin();
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    strcat(p.path, "/x");
    fails(&p, sock_cookiejar_save(jar, p.path), "save", SOCK_E_OS, ENOENT,
          "[Errno 2] No such file or directory");
    check_fails(sock_cookiejar_save(jar, ""), SOCK_E_OS, ENOENT,
                "save: [Errno 2] No such file or directory");
    check_fails(sock_cookiejar_save(NULL, "x"), SOCK_E_TYPE, 0,
                "save: argument is NULL");
    check_fails(sock_cookiejar_save(jar, NULL), SOCK_E_TYPE, 0,
                "save: argument is NULL");
    sock_cookiejar_free(jar);
    end(&p);
}

/* Its own leavings, as of a program that was killed, are left alone. */
TEST(cookiefile, save_beside_leavings)
{
    struct place p = begin();
    char name[64];
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "cookies.txt.%ld-%d", (long)getpid(), i);
        make_file(p.fd, name, "left");
    }
    check_int(sock_cookiejar_save(jar, p.path), 0);
    check_int(entries(&p), 4);
    sock_cookiejar_free(jar);
    end(&p);
}

/* Loading */

static int load(sock_cookiejar_t *jar, const struct place *p, const char *text)
{
    make_file(p->fd, "cookies.txt", text);
    return sock_cookiejar_load(jar, p->path);
}

TEST(cookiefile, load)
{
    struct place p = begin();
    sock_cookie_t c;
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    set(jar, "http://h.test/x/", "a=old");
    errno = 1234;
    check_int(
        load(jar, &p,
             "# Netscape HTTP Cookie File\r\n"
             "\n   \n\t\n# comment\n  # comment\n$ comment\n"
             "h.test\tFALSE\t/x\tFALSE\t1300000060\ta\tb\r\n"
             "#HttpOnly_.H.test\tTRUE\t/\tTRUE\t1300000061.25\tc\t\"d e\"\n"
             "h.test\tFALSE\t/\tFALSE\t1300000062\t\tnameless\n"
             "h.test\tFALSE\t/\tFALSE\t1300000063\te\t\n"
             "h.test\tFALSE\t/\tFALSE\t1300000063\tf\n"
             "h.test\tfalse\t/\tfalse\t0\tg\ts\n"
             "h.test\tFALSE\t/\tFALSE\t\th\ts\n"
             "h.test\tTRUE\t/\tFALSE\t99999999999999999999999999\ti\ts\n"
             "h.test\tFALSE\t/\tFALSE\t1300000000\tended\ts\n"
             "h.test\tFALSE\t/\tFALSE\t-1\tended\ts\n"
             "127.0.0.1:8080\tFALSE\t/\tFALSE\t-\tip\ts\n"
             "::1\tFALSE\t/\tFALSE\t0\tip\tv6"),
        0);
    check_int(errno, 1234);
    check_int(count(jar), 10);
    check_str(sent(jar, "http://[::1]/"), "ip=v6");
    check_str(sent(jar, "https://h.test/x"),
              "a=b; c=\"d e\"; nameless; e=; f=; g=s; h=s; i=s");
    check_str(sent(jar, "https://x.h.test/x"), "c=\"d e\"; i=s");
    check_str(sent(jar, "http://127.0.0.1/x"), "ip=s");
    check_int(sock_cookiejar_at(jar, 0, &c), 1);
    check_int(c.expires, 1300000060);
    check(c.host_only == 1 && !c.secure && !c.http_only);
    check_int(sock_cookiejar_at(jar, 1, &c), 1);
    check_str(c.domain, "h.test");
    check_int(c.expires, 1300000061);
    check(!c.host_only && c.secure == 1 && c.http_only == 1);
    check_int(sock_cookiejar_at(jar, 7, &c), 1);
    check_int(c.expires, NOW + 400 * 24 * 60 * 60);
    sock_cookiejar_free(jar);
    end(&p);
}

/* What a server could not have set. */
TEST(cookiefile, load_leaves_out)
{
    struct place p = begin();
    char text[20000] = "# HTTP Cookie File\n"
                       ".127.0.0.1\tTRUE\t/\tFALSE\t0\ta\tb\n"
                       ".test\tTRUE\t/\tFALSE\t0\ta\tb\n"
                       "h.test\tFALSE\t/\tFALSE\t0\t__Secure-a\tb\n"
                       "h.test\tFALSE\t/x\tTRUE\t0\t__Host-a\tb\n"
                       "h.test\tTRUE\t/\tTRUE\t0\t__host-b\tb\n"
                       "h.test\tFALSE\t/\tTRUE\t0\t\t__Host-c\n"
                       "h.test\tFALSE\t/\tTRUE\t0\t\t\n"
                       ".\tFALSE\t/\tTRUE\t0\ta\tb\n"
                       ":80\tFALSE\t/\tTRUE\t0\ta\tb\n";
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    size_t n = strlen(text);
    n +=
        (size_t)sprintf(text + n, "h.test\tFALSE\t/\tTRUE\t0\ta\t%04096d\n", 0);
    n += (size_t)sprintf(text + n, "h.test\tFALSE\t/%01024d\tTRUE\t0\ta\tb\n",
                         0);
    n += (size_t)sprintf(text + n, "%0256d\tFALSE\t/\tTRUE\t0\ta\tb\n", 0);
    check_int(load(jar, &p, text), 0);
    check_int(count(jar), 0);
    sprintf(text + n, "h.test\tFALSE\t/\tTRUE\t0\t__Host-a\tb\n");
    check_int(load(jar, &p, text), 0);
    check_int(count(jar), 1);
    sock_cookiejar_free(jar);
    end(&p);
}

TEST(cookiefile, load_bad_lines)
{
    static const char *const lines[] = {
        "h.test",
        "h.test\tFALSE\t/\tFALSE\t0",
        "h.test\tFALSE\t/\tFALSE\t0\ta\tb\tc",
        "h.test FALSE / FALSE 0 a b",
        "\tFALSE\t/\tFALSE\t0\ta\tb",
        "h.test\tMAYBE\t/\tFALSE\t0\ta\tb",
        "h.test\tFALSE\t/\tMAYBE\t0\ta\tb",
        "h.test\tFALSE\t\tFALSE\t0\ta\tb",
        "h.test\tFALSE\tx\tFALSE\t0\ta\tb",
        "h.test\tFALSE\t/\tFALSE\tx\ta\tb",
        "h.test\tFALSE\t/\tFALSE\t1x\ta\tb",
        "h.test\tFALSE\t/\tFALSE\t1.x\ta\tb",
        "h.test\tFALSE\t/\tFALSE\t+1\ta\tb",
        "h.test\tFALSE\t/\tFALSE\t.5\ta\tb",
        "h.test\tFALSE\t/\tFALSE\t0\ta\tb\x01",
        "h.test\tFALSE\t/\tFALSE\t0\ta\r\tb",
        "h\x7f.test\tFALSE\t/\tFALSE\t0\ta\tb",
        "#HttpOnly_h.test",
    };
    struct place p = begin();
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    set(jar, "http://h.test/", "a=b");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char text[200];
        snprintf(text, sizeof text,
                 "# Netscape HTTP Cookie File\n"
                 "h.test\tFALSE\t/\tFALSE\t0\tnew\tb\n\n%s\n",
                 lines[i]);
        int n = load(jar, &p, text);
        check_that(n == -1, "%s is taken", lines[i]);
        fails(&p, n, "load", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
              ": invalid Netscape format cookies file, line 4");
        check_str(sent(jar, "http://h.test/"), "a=b"); /* nothing of it */
    }
    sock_cookiejar_free(jar);
    end(&p);
}

TEST(cookiefile, load_other_files)
{
    static const char *const texts[] = {"",
                                        "\n# Netscape HTTP Cookie File\n",
                                        "Netscape HTTP Cookie File\n",
                                        "# Netscape",
                                        "# netscape http cookie file\n",
                                        "h.test\tFALSE\t/\tFALSE\t0\ta\tb\n"};
    struct place p = begin();
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        fails(&p, load(jar, &p, texts[i]), "load", SOCK_E_PROTOCOL,
              SOCK_P_SYNTAX, ": not a Netscape format cookies file");
    check_int(count(jar), 0);
    static const char with_nul[] = "# HTTP Cookie File\n"
                                   "h\tFALSE\t/\tTRUE\t0\ta\tb\0c\n";
    make_bytes(p.fd, "cookies.txt", with_nul, sizeof with_nul - 1, 0600);
    fails(&p, sock_cookiejar_load(jar, p.path), "load", SOCK_E_PROTOCOL,
          SOCK_P_SYNTAX, ", line 2");
    check_int(load(jar, &p, "# HTTP Cookie File"), 0);
    sock_cookiejar_free(jar);
    end(&p);
}

TEST(cookiefile, load_nothing)
{
    struct place p = begin();
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    fails(&p, sock_cookiejar_load(jar, p.path), "load", SOCK_E_OS, ENOENT,
          "[Errno 2] No such file or directory");
    make_folder(p.fd, "cookies.txt");
    fails(&p, sock_cookiejar_load(jar, p.path), "load", SOCK_E_OS, EISDIR,
          "[Errno 21] Is a directory");
    check(unlinkat(p.fd, "cookies.txt", AT_REMOVEDIR) == 0);
    /* A pipe that no one writes to does not hold it up. */
    check(mkfifoat(p.fd, "cookies.txt", 0600) == 0);
    fails(&p, sock_cookiejar_load(jar, p.path), "load", SOCK_E_PROTOCOL,
          SOCK_P_SYNTAX, ": not a Netscape format cookies file");
    check(unlinkat(p.fd, "cookies.txt", 0) == 0);
    /* More than anyone has. */
    make_file(p.fd, "cookies.txt", "");
    check(truncate(p.path, 32 * 1024 * 1024 + 1) == 0);
    fails(&p, sock_cookiejar_load(jar, p.path), "load", SOCK_E_PROTOCOL,
          SOCK_P_TOO_LARGE, ": too large");
    check(truncate(p.path, 32 * 1024 * 1024) == 0);
    fails(&p, sock_cookiejar_load(jar, p.path), "load", SOCK_E_PROTOCOL,
          SOCK_P_SYNTAX, ": not a Netscape format cookies file");
    check_int(sock_cookiejar_load(jar, "/dev/zero"), -1); /* has no end */
    check_int(sock_last_error()->code, SOCK_P_TOO_LARGE);
    check_fails(sock_cookiejar_load(NULL, p.path), SOCK_E_TYPE, 0,
                "load: argument is NULL");
    check_fails(sock_cookiejar_load(jar, NULL), SOCK_E_TYPE, 0,
                "load: argument is NULL");
    sock_cookiejar_free(jar);
    end(&p);
}

/* What is saved is what is loaded. */
TEST(cookiefile, there_and_back)
{
    struct place p = begin();
    char before[64 * 1024];
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    sock_cookiejar_t *back = check_made(sock_cookiejar_new());
    for (int i = 0; i < 40; i++) {
        char url[64], field[128];
        snprintf(url, sizeof url, "https://%s%d.h.test/p%d/", i % 2 ? "x." : "",
                 i % 5, i % 3);
        snprintf(field, sizeof field, "n%d=\xc3\xa9 %d\"; max-age=%d%s%s%s", i,
                 i, i + 1, i % 2 ? "; domain=h.test" : "",
                 i % 3 ? "; secure" : "", i % 4 ? "; httponly" : "");
        check_int(set(jar, url, field), 1);
    }
    check_ok(sock_cookiejar_save(jar, p.path));
    strcpy(before, text_of(&p));
    check_ok(sock_cookiejar_load(back, p.path));
    check_int(count(back), 40);
    check_ok(sock_cookiejar_save(back, p.path));
    check_str(text_of(&p), before);
    sock_cookiejar_free(back);
    sock_cookiejar_free(jar);
    end(&p);
}

TEST(cookiefile, load_keeps_to_the_limits)
{
    struct place p = begin();
    char text[16 * 1024] = "# HTTP Cookie File\n";
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    for (int i = 0; i < 200; i++)
        sprintf(text + strlen(text), "h.test\tFALSE\t/\tFALSE\t0\tn%d\tv\n", i);
    check_int(load(jar, &p, text), 0);
    check_int(count(jar), 50);
    sock_cookiejar_free(jar);
    end(&p);
}

TEST(cookiefile, memory_is_refused)
{
    need_own_memory();
    struct place p = begin();
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    set(jar, "http://h.test/", "a=b; max-age=9");
    set(jar, "http://h.test/", "c=d; max-age=9");
    FOR_EACH_REFUSAL(refused)
    {
        int n = sock_cookiejar_save(jar, p.path);
        fail_at = 0;
        if (n < 0)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        check_int(entries(&p), n == 0);
        if (n == 0)
            check(unlinkat(p.fd, "cookies.txt", 0) == 0);
    }
    check_ok(sock_cookiejar_save(jar, p.path));
    sock_cookiejar_free(jar);
    FOR_EACH_REFUSAL(refused)
    {
        int left = fail_at;
        fail_at = 0;
        jar = check_made(sock_cookiejar_new());
        fail_at = left;
        int n = sock_cookiejar_load(jar, p.path);
        fail_at = 0;
        if (n < 0)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        check_int(count(jar), n == 0 ? 2 : 0);
        sock_cookiejar_free(jar);
    }
    end(&p);
}
