/* SPDX-License-Identifier: MIT */
/* parity [--planted]: one line per row, for compare.py. */
#include "parity.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 8192, TEXTS = 32, OWNED = 64 };

/* The row that is being made. */
static struct {
    int number, results, only_class, descriptors, owned;
    char python[TEXT], shown[TEXT];
    const char *key, *older;
    sock_t *sockets[OWNED];
} now;

static char texts[TEXTS][TEXT];
static int next_text;
static int leaks;

/* Room for a text that lives a while. */
static char *room(void)
{
    char *t = texts[next_text++ % TEXTS];
    t[0] = '\0';
    return t;
}

static int descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;
    while (dir != NULL && readdir(dir) != NULL)
        n++;
    if (dir != NULL)
        closedir(dir);
    return n;
}

/* Rows */

static void finish(void)
{
    if (now.number == 0)
        return;
    printf("%d\t%s\t%s\t%s\t%s\t", now.number, now.python,
           now.key != NULL ? now.key : "-", now.older != NULL ? now.older : "-",
           now.only_class ? "class" : "-");
    printf(now.results == 1 ? "%s\n" : "(%s)\n", now.shown);
    for (int i = 0; i < now.owned; i++)
        sock_free(now.sockets[i]);
    sock_setdefaulttimeout(SOCK_NO_TIMEOUT);
    if (descriptors() != now.descriptors) {
        fprintf(stderr, "row %d leaves descriptors: %s\n", now.number,
                now.python);
        leaks++;
    }
}

void row(const char *python, ...)
{
    va_list args;
    finish();
    now.number++;
    now.results = now.only_class = now.owned = 0;
    now.key = now.older = NULL;
    now.shown[0] = '\0';
    now.descriptors = descriptors();
    va_start(args, python);
    vsnprintf(now.python, sizeof now.python, python, args);
    va_end(args);
}

void deviates(const char *key)
{
    now.key = key;
}

void older(const char *value)
{
    now.older = value;
}

void class_only(void)
{
    now.only_class = 1;
}

void show(const char *result)
{
    size_t n = strlen(now.shown);
    snprintf(now.shown + n, sizeof now.shown - n, "%s%s",
             now.results++ > 0 ? ", " : "", result);
}

/* Results */

const char *error(void)
{
    const sock_error_t *e = sock_last_error();
    char reason[SOCK_ERROR_TEXT_MAX];
    char *t = room();
    int coded =
        e->kind == SOCK_E_OS || e->kind == SOCK_E_GAI || e->kind == SOCK_E_HOST;

    int n = sock_error_reason(e, reason, sizeof reason);
    n = snprintf(t, TEXT, coded && e->code != 0 ? "<%s %d " : "<%s None ",
                 sock_error_class(e), e->code);
    snprintf(t + n, (size_t)(TEXT - n), "%s>", py(reason));
    return t;
}

const char *num(long long n)
{
    char *t = room();
    if (n == -1)
        return error();
    snprintf(t, TEXT, "%lld", n);
    return t;
}

const char *none(long long status)
{
    return status == 0 ? "None" : num(status);
}

const char *status_of(const void *made)
{
    return made != NULL ? "None" : error();
}

const char *flag(long long n)
{
    return n == -1 ? error() : n != 0 ? "True" : "False";
}

/* repr() of a str that was decoded with surrogateescape, or of bytes. */
static const char *quoted(const char *prefix, long long n, const void *data)
{
    char *t = room();
    const unsigned char *p = data;
    const void *single = n > 0 ? memchr(p, '\'', (size_t)n) : NULL;
    char quote = single != NULL && !memchr(p, '"', (size_t)n) ? '"' : '\'';
    int at = snprintf(t, TEXT, "%s%c", prefix, quote);

    for (long long i = 0; i < n && at < TEXT - 16; i++) {
        const char *known = "\n\r\t\\";
        const char *found = p[i] != 0 ? strchr(known, p[i]) : NULL;
        size_t left = (size_t)(TEXT - at);
        if (found != NULL)
            at += snprintf(t + at, left, "\\%c", "nrt\\"[found - known]);
        else if (p[i] == quote)
            at += snprintf(t + at, left, "\\%c", quote);
        else if (p[i] >= 0x80)
            at += snprintf(t + at, left, "\\%s%02x",
                           prefix[0] == 'b' ? "x" : "udc", p[i]);
        else if (p[i] < 0x20 || p[i] == 0x7f)
            at += snprintf(t + at, left, "\\x%02x", p[i]);
        else
            at += snprintf(t + at, left, "%c", p[i]);
    }
    snprintf(t + at, (size_t)(TEXT - at), "%c", quote);
    return t;
}

const char *py(const char *data)
{
    return quoted("", (long long)strlen(data), data);
}

const char *py_bytes(long long n, const void *data)
{
    return quoted("b", n, data);
}

const char *bytes(long long n, const void *data)
{
    return n == -1 ? error() : py_bytes(n, data);
}

const char *text(long long n, const char *data)
{
    return n == -1 ? error() : quoted("", n, data);
}

const char *address(int status, const sock_addr_t *a)
{
    char *t = room();
    if (status == -1)
        return error();
    sock_addr_repr(a, t, TEXT);
    return t;
}

const char *seconds(double s)
{
    char *t = room();
    double size = s < 0 ? -s : s;
    if (s >= SOCK_NO_TIMEOUT)
        return "None";
    for (int digits = 1; digits <= 20; digits++) {
        snprintf(t, TEXT,
                 size == 0 || (size >= 1e-4 && size < 1e16) ? "%.*f" : "%.*g",
                 digits, s);
        if (strtod(t, NULL) == s)
            break;
    }
    return t;
}

const char *object(sock_t *s)
{
    char *t = room();
    if (s == NULL)
        return error();
    sock_repr(s, t, TEXT);
    return t;
}

/* What a row works with */

sock_t *own(sock_t *s)
{
    if (s == NULL || now.owned == OWNED) {
        sock_perror(now.python);
        abort();
    }
    return now.sockets[now.owned++] = s;
}

sock_t *inet(int type)
{
    return own(sock_new(AF_INET, type, 0));
}

sock_t *inet6(int type)
{
    return own(sock_new(AF_INET6, type, 0));
}

sock_t *unix_(int type)
{
    return own(sock_new(AF_UNIX, type, 0));
}

sock_t *closed(void)
{
    sock_t *s = inet(SOCK_STREAM);
    sock_close(s);
    return s;
}

sock_t *detached(void)
{
    sock_t *s = inet(SOCK_STREAM);
    sock_close_fd(sock_detach(s));
    return s;
}

sock_addr_t name(sock_t *s)
{
    sock_addr_t a = sock_addr_none();
    sock_getsockname(s, &a);
    return a;
}

sock_t *listening(void)
{
    return own(sock_create_server(sock_addr_inet("127.0.0.1", 0), 128, 0));
}

sock_addr_t refusing(void)
{
    sock_t *s = inet(SOCK_STREAM);
    sock_bind(s, sock_addr_inet("127.0.0.1", 0));
    return name(s);
}

struct both tcp(void)
{
    struct both p;
    sock_t *server = listening();
    p.a = inet(SOCK_STREAM);
    if (sock_connect(p.a, name(server)) == -1)
        abort();
    p.b = own(sock_accept(server, NULL));
    return p;
}

struct both udp(void)
{
    struct both p = {inet(SOCK_DGRAM), inet(SOCK_DGRAM)};
    sock_bind(p.a, sock_addr_inet("127.0.0.1", 0));
    sock_bind(p.b, sock_addr_inet("127.0.0.1", 0));
    sock_connect(p.a, name(p.b));
    sock_connect(p.b, name(p.a));
    return p;
}

struct both pair(int type)
{
    sock_t *s[2];
    if (sock_socketpair(AF_UNIX, type, 0, s) == -1)
        abort();
    return (struct both){own(s[0]), own(s[1])};
}

/* Rows that compare.py must report, each for another reason. */
static void planted(void)
{
    row("1 + 1");
    show("3");
    row("'equal'");
    deviates("sock_inet_aton()");
    show("'equal'");
    row("'unlisted'");
    deviates("sock_no_such_function()");
    show("'other'");
    row("'another'");
    older("'before'");
    show("'after'");
    row("inet_aton('x')");
    show("<OSError None 'another text'>");
    row("inet_aton('x')");
    class_only();
    show("<ValueError None 'illegal IP address string passed to inet_aton'>");
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--planted") == 0) {
        planted();
    } else {
        rows_inet();
        rows_address();
        rows_connect();
        rows_constant();
        rows_error();
        rows_family();
        rows_file();
        rows_io();
        rows_loop();
        rows_message();
        rows_netdb();
        rows_options();
        rows_select();
        rows_socket();
        rows_timeout();
    }
    finish();
    return leaks > 0;
}
