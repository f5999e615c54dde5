/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Present where a sanitizer is. */
__attribute__((weak)) int __lsan_do_recoverable_leak_check(void);

/* The runner */

int open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = -1; /* the directory's own */
    check(dir != NULL);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        if (e->d_name[0] != '.')
            n++;
    closedir(dir);
    return n;
}

/*
 * In the test's body, for the runner passes over what goes wrong behind it. A
 * body that failed does not come back.
 */
void run_test(void (*body)(void))
{
    int before = open_descriptors();
    body();
    int after = open_descriptors();
    /* A look-up that no one waits for any more ends when the resolver does. */
    for (int ms = 0; after != before && ms < 5000; ms += 10) {
        poll(NULL, 0, 10);
        after = open_descriptors();
    }
    check_that(after == before, "the test left %d descriptors open",
               after - before);
    if (__lsan_do_recoverable_leak_check != NULL)
        check_that(__lsan_do_recoverable_leak_check() == 0,
                   "the test left memory behind");
}

/* Other C libraries */

bool on_glibc(void)
{
#ifdef __GLIBC__
    return true;
#else
    return false;
#endif
}

/* What libc says of the code of a text "... [Errno code] ...". */
static const char *libcs_text(int code, const char *glibcs)
{
    if (strcmp(glibcs, "Unknown host") == 0)
        return hstrerror(code);
    return code < 0 ? gai_strerror(code) : strerror(code);
}

/* musl has no name where glibc has EAI_ADDRFAMILY, as for "::1" in AF_INET,
 * and no service where glibc has EAI_SOCKTYPE. */
static int libcs_code(int code)
{
    if (on_glibc())
        return code;
    return code == -9 ? EAI_NONAME : code == -7 ? EAI_SERVICE : code;
}

/* The tests have glibc's texts; this is the same in libc's. What the library
 * says itself of an errno begins with a small letter. Static. */
static const char *in_libcs_words(const char *expected)
{
    static char text[SOCK_ERROR_TEXT_MAX];
    static const char mark[] = "[Errno ";
    const char *at = strstr(expected, mark);

    if (on_glibc() || at == NULL)
        return expected;
    char *end;
    int code = (int)strtol(at + strlen(mark), &end, 10);
    if (strncmp(end, "] ", 2) != 0 ||
        (code > 0 && islower((unsigned char)end[2])))
        return expected;
    snprintf(text, sizeof text, "%.*s%s%d] %s", (int)(at - expected), expected,
             mark, libcs_code(code), libcs_text(libcs_code(code), end + 2));
    return text;
}

/* Checks */

void check_int_at(const char *file, int line, const char *what,
                  long long actual, long long expected)
{
    check_that(actual == expected, "%s:%d: %s is %lld, not %lld", file, line,
               what, actual, expected);
}

void check_str_at(const char *file, int line, const char *what,
                  const char *actual, const char *expected)
{
    expected = in_libcs_words(expected);
    check_that(strcmp(actual, expected) == 0, "%s:%d: %s is \"%s\", not \"%s\"",
               file, line, what, actual, expected);
}

void check_bytes_at(const char *file, int line, const char *what,
                    const void *actual, const void *expected, size_t size)
{
    check_that(memcmp(actual, expected, size) == 0, "%s:%d: %s has other bytes",
               file, line, what);
}

long long check_ok_at(const char *file, int line, const char *what,
                      long long result)
{
    check_that(result != -1, "%s:%d: %s failed: %s", file, line, what,
               error_text());
    return result;
}

void *check_made_at(const char *file, int line, const char *what, void *made)
{
    check_that(made != NULL, "%s:%d: %s failed: %s", file, line, what,
               error_text());
    return made;
}

static int expected_errno(int kind, int code)
{
    switch (kind) {
    case SOCK_E_OS:
    case SOCK_E_KEY:
        return code != 0 ? code : EINVAL;
    case SOCK_E_TIMEOUT:
        return ETIMEDOUT;
    case SOCK_E_GAI:
    case SOCK_E_HOST:
        return ENOENT;
    case SOCK_E_OVERFLOW:
        return EOVERFLOW;
    case SOCK_E_TLS:
    case SOCK_E_PROTOCOL:
        return EPROTO;
    case SOCK_E_REPLY:
        return EIO;
    case SOCK_E_EOF:
        return ECONNRESET;
    case SOCK_E_MEMORY:
        return ENOMEM;
    case SOCK_E_CANCELLED:
        return ECANCELED;
    case SOCK_E_UNSUPPORTED:
        return ENOTSUP;
    default:
        return EINVAL;
    }
}

/* The text with the address of the record, if it has one, for <peer>. */
static const char *with_peer(const char *text)
{
    static char whole[1024];
    const sock_addr_t *peer = &sock_last_error()->address;
    const char *mark = strstr(text, " <peer>");
    if (mark == NULL)
        return text;
    snprintf(whole, sizeof whole, "%.*s%s%s%s", (int)(mark - text), text,
             peer->len > 0 ? " " : "", peer->len > 0 ? repr(peer) : "",
             mark + strlen(" <peer>"));
    return whole;
}

void check_fails_at(const char *file, int line, const char *what,
                    long long result, int kind, int code, const char *text)
{
    int err = errno;
    const sock_error_t *e = sock_last_error();
    if (kind == SOCK_E_GAI)
        code = libcs_code(code);

    check_that(result == -1, "%s:%d: %s returned %lld", file, line, what,
               result);
    check_that(e->kind == kind && e->code == code,
               "%s:%d: %s failed with %s %d, not %s %d", file, line, what,
               sock_error_name(e->kind), e->code, sock_error_name(kind), code);
    check_that(err == expected_errno(kind, code), "%s:%d: %s set errno %d",
               file, line, what, err);
    check_str_at(file, line, what, error_text(), with_peer(text));
}

/* Texts */

const char *repr(const sock_addr_t *a)
{
    static char text[SOCK_ADDR_REPR_MAX];
    check(sock_addr_repr(a, text, sizeof text) < (int)sizeof text);
    return text;
}

const char *object_repr(sock_t *s)
{
    static char text[SOCK_REPR_MAX];
    check(sock_repr(s, text, sizeof text) < (int)sizeof text);
    return text;
}

const char *about(const char *op, const sock_addr_t *a, const char *what)
{
    static char text[SOCK_ADDR_REPR_MAX + 256];
    snprintf(text, sizeof text, "%s %s: %s", op, repr(a), what);
    return text;
}

const char *error_text(void)
{
    static char text[SOCK_ERROR_TEXT_MAX];
    check(sock_error_text(NULL, text, sizeof text) < (int)sizeof text);
    return text;
}

/* Sockets */

sock_t *listener(sock_addr_t *address)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_bind(s, sock_addr_inet("127.0.0.1", 0)));
    check_ok(sock_listen(s, SOCK_DEFAULT_BACKLOG));
    check_ok(sock_getsockname(s, address));
    return s;
}

sock_t *unused_port(sock_addr_t *address)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_bind(s, sock_addr_inet("127.0.0.1", 0)));
    check_ok(sock_getsockname(s, address));
    return s;
}

struct silent silent_peer(void)
{
    struct silent peer;
    peer.server = listener(&peer.address);
    check_ok(sock_listen(peer.server, 0));
    for (int i = 0; i < 4; i++) {
        peer.fillers[i] =
            check_made(sock_new(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        sock_connect_ex(peer.fillers[i], peer.address);
    }
    return peer;
}

void free_silent(struct silent *peer)
{
    for (int i = 0; i < 4; i++)
        sock_freep(&peer->fillers[i]);
    sock_freep(&peer->server);
}

struct pair tcp_pair(void)
{
    struct pair p;
    sock_addr_t address;
    sock_t *server = listener(&address);
    p.a = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_connect(p.a, address));
    p.b = check_made(sock_accept(server, NULL));
    sock_free(server);
    return p;
}

struct pair udp_pair(void)
{
    struct pair p;
    sock_addr_t a, b;
    p.a = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    p.b = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    check_ok(sock_bind(p.a, sock_addr_inet("127.0.0.1", 0)));
    check_ok(sock_bind(p.b, sock_addr_inet("127.0.0.1", 0)));
    check_ok(sock_getsockname(p.a, &a));
    check_ok(sock_getsockname(p.b, &b));
    check_ok(sock_connect(p.a, b));
    check_ok(sock_connect(p.b, a));
    return p;
}

struct pair unix_pair(int type)
{
    sock_t *both[2];
    check_ok(sock_socketpair(AF_UNIX, type, 0, both));
    return (struct pair){both[0], both[1]};
}

void free_pair(struct pair *p)
{
    sock_freep(&p->a);
    sock_freep(&p->b);
}

void end_child(int status)
{
#ifdef COVERAGE
    void __gcov_dump(void);
    __gcov_dump();
#endif
    _exit(status);
}

sock_t *closed_socket(int type)
{
    sock_t *s = check_made(sock_new(AF_INET, type, 0));
    check_ok(sock_close(s));
    return s;
}

bool is_nonblocking(int fd)
{
    return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

void set_nonblocking(int fd, bool on)
{
    int flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

#ifndef PYSOCKC_PLAIN_RUNNER
void say_skipped(const char *format, ...)
{
    char reason[256];
    va_list args;

    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    fprintf(stderr, "[SKIP] %s/%s: %s\n", criterion_current_test->category,
            criterion_current_test->name, reason);
}
#endif

bool emulated(void)
{
#ifdef PYSOCKC_EMULATED
    return true;
#else
    return false;
#endif
}

bool under_valgrind(void)
{
#ifdef PYSOCKC_VALGRIND
    return true;
#else
    return false;
#endif
}

__attribute__((weak)) void __tsan_init(void);

bool under_tsan(void)
{
    return __tsan_init != NULL;
}

void need_own_etc(void)
{
    if (getenv("PYSOCKC_OWN_ETC") == NULL)
        skip("the host's own names; see tests/tools/own_etc.py");
}

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double now(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double worked(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

/* Threads */

long thread_id(void)
{
    return syscall(SYS_gettid);
}

/* The state of a thread of this process, from /proc: 'S' while it waits. */
static char thread_state(long tid)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%ld/stat", tid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return '?';
    size_t n = fread(line, 1, sizeof line - 1, f);
    fclose(f);
    line[n] = '\0';
    const char *end = strrchr(line, ')');
    return end != NULL ? end[2] : '?';
}

/* Seen waiting several times in a row, as a lock makes it wait, too. */
bool wait_until_blocked(long tid)
{
    double limit = now() + 10;
    int blocked = 0;
    while (blocked < 5 && now() < limit) {
        blocked = thread_state(tid) == 'S' ? blocked + 1 : 0;
        poll(NULL, 0, 1);
    }
    return blocked == 5;
}
