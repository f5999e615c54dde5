/* SPDX-License-Identifier: MIT */
/* Forms: what is in them, what they may have, and what is refused. */
#include "form.h"
#include "starve.h"
#include "support.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pysockc/cgi.h>

#include "os_temporary.h"

#define E "\r\n"
#define FORM_DATA "Content-Disposition: form-data; name="
#define MULTIPART "multipart/form-data; boundary=B"
#define URLENCODED "application/x-www-form-urlencoded"

/* What a form comes from, in pieces of so many bytes. */
struct input {
    const char *bytes;
    size_t n, at, piece;
    bool broken; /* at its end */
};

static ssize_t read_input(void *arg, void *buf, size_t size)
{
    struct input *in = arg;
    size_t left = in->n - in->at, n = left < size ? left : size;

    check(size > 0);
    n = n < in->piece ? n : in->piece;
    if (n == 0 && in->broken) {
        errno = EIO;
        return -1;
    }
    memcpy(buf, in->bytes + in->at, n);
    in->at += n;
    return (ssize_t)n;
}

/* How a form is sent; zeroed it is a POST, all at once. */
struct how {
    const char *type, *query, *method;
    size_t n;     /* bytes; 0: to the NUL */
    size_t piece; /* 0: all */
    bool to_end;  /* without a length */
    const sock_form_limits_t *limits;
};

static sock_form_t *form_of(const char *body, struct how how)
{
    struct input in = {.bytes = body, .n = how.n > 0 ? how.n : strlen(body)};
    struct sock__form_source source = {
        .op = "FieldStorage",
        .method = how.method != NULL ? how.method : "POST",
        .query = how.query,
        .type = how.type,
        .length = how.to_end ? SOCK__TO_END : (int64_t)in.n,
        .read = read_input,
        .arg = &in,
    };
    in.piece = how.piece > 0 ? how.piece : in.n;
    return sock__form_read(&source, how.limits);
}

static sock_form_t *parts_of(const char *body)
{
    return form_of(body, (struct how){.type = MULTIPART});
}

#define parts_fail(body, kind, code, text)                                     \
    check_null(parts_of(body), kind, code, "FieldStorage: " text)
#define fails(body, kind, code, text, ...)                                     \
    check_null(form_of(body, (struct how){__VA_ARGS__}), kind, code,           \
               "FieldStorage: " text)

/* All of a form, in one line. */
static void describe(sock_form_t *form, char *text, size_t size)
{
    sock_form_item_t item;
    FILE *to = fmemopen(text, size, "w");

    for (size_t i = 0; sock_form_at(form, i, &item) == 1; i++) {
        fprintf(to, "%d|%s|%s|%s|%s|%d|", item.parent,
                item.name != NULL ? item.name : "-",
                item.filename != NULL ? item.filename : "-",
                item.type != NULL ? item.type : "-",
                item.disposition != NULL ? item.disposition : "-",
                (int)item.length);
        if (item.parts) {
            fprintf(to, "parts;");
            continue;
        }
        FILE *file = sock_form_file(form, i);
        for (int c; (c = getc(file)) != EOF;)
            putc(c, to);
        rewind(file);
        putc(';', to);
    }
    fclose(to);
}

static void is(sock_form_t *form, const char *expected)
{
    static char text[8192];
    check_that(form != NULL, "%s", error_text());
    memset(text, 0, sizeof text);
    describe(form, text, sizeof text);
    check_str(text, expected);
    sock_form_free(form);
}

#define PART(name, value) "--B" E FORM_DATA name E E value E

static const char cpython[] = PART("id", "1234") PART("title", "")
    PART("file; filename=\"test.txt\"" E "Content-Type: text/html",
         "Testing 123.\n") PART("submit", " Add ") "--B--" E;
static const char cpython_is[] = "-1|id|-|text/plain|form-data|4|1234;"
                                 "-1|title|-|text/plain|form-data|0|;"
                                 "-1|file|test.txt|text/html|form-data|13|"
                                 "Testing 123.\n;"
                                 "-1|submit|-|text/plain|form-data|5| Add ;";
static const char w3c[] = PART(
    "submit-name",
    "Larry") "--B" E FORM_DATA "\"files\"" E
             "Content-Type: multipart/mixed; boundary=BbC04y" E E "--BbC04y" E
             "Content-Disposition: file; filename=\"file1.txt\"" E
             "Content-Type: text/plain" E E "... contents of file1.txt ..." E
             "--BbC04y" E "Content-Disposition: file; filename=\"file2.gif\"" E
             "Content-Type: image/gif" E "Content-Transfer-Encoding: binary" E E
             "...contents of file2.gif..." E "--BbC04y--" E "--B--" E;
static const char w3c_is[] =
    "-1|submit-name|-|text/plain|form-data|5|Larry;"
    "-1|files|-|multipart/mixed|form-data|0|parts;"
    "1|-|file1.txt|text/plain|file|29|... contents of file1.txt ...;"
    "1|-|file2.gif|image/gif|file|27|...contents of file2.gif...;";

/* What is in a form */

TEST(form, of_a_query)
{
    is(form_of("", (struct how){.method = "GET", .query = "a=1&b=&a=%C3%A9+x"}),
       "-1|a|-|-|-|1|1;-1|a|-|-|-|4|\xc3\xa9 x;");
    is(form_of("", (struct how){.method = "head", .query = "=1"}),
       "-1||-|-|-|1|1;");
    is(form_of("a=1", (struct how){.method = "GET"}), "");
    is(form_of("", (struct how){.method = "GET", .query = ""}), "");
}

TEST(form, urlencoded)
{
    is(form_of("key2=value2x&key3=value3&key4=value4",
               (struct how){.type = URLENCODED,
                            .query = "key1=value1&key2=value2y"}),
       "-1|key2|-|-|-|7|value2x;-1|key3|-|-|-|6|value3;"
       "-1|key4|-|-|-|6|value4;-1|key1|-|-|-|6|value1;"
       "-1|key2|-|-|-|7|value2y;");
    is(form_of("a=1", (struct how){.type = NULL}), "-1|a|-|-|-|1|1;");
    is(form_of("a=1", (struct how){.type = " " URLENCODED " ;charset=x"}),
       "-1|a|-|-|-|1|1;");
    is(form_of("", (struct how){.type = URLENCODED, .query = "a=1"}),
       "-1|a|-|-|-|1|1;");
    is(form_of("a=1", (struct how){.type = URLENCODED, .to_end = true}),
       "-1|a|-|-|-|1|1;");
}

TEST(form, urlencoded_with_flags)
{
    sock_form_limits_t l = {.size = sizeof l, .flags = SOCK_QUERY_KEEP_BLANK};
    is(form_of("a=&b", (struct how){.limits = &l}), "-1|a|-|-|-|0|;"
                                                    "-1|b|-|-|-|0|;");
    l.flags = SOCK_QUERY_SEMICOLON;
    is(form_of("a=1;b=2", (struct how){.limits = &l}), "-1|a|-|-|-|1|1;"
                                                       "-1|b|-|-|-|1|2;");
    l.flags = SOCK_QUERY_STRICT;
    is(form_of("a=1&b=2", (struct how){.limits = &l}), "-1|a|-|-|-|1|1;"
                                                       "-1|b|-|-|-|1|2;");
    fails("b&=a", SOCK_E_PROTOCOL, SOCK_P_SYNTAX, "bad query field: 'b'",
          .limits = &l);
}

TEST(form, of_parts)
{
    is(parts_of(cpython), cpython_is);
    is(parts_of(w3c), w3c_is);
    is(parts_of("--B--" E), "");
    is(form_of(PART("b", "2") "--B--",
               (struct how){.type = MULTIPART, .query = "a=1"}),
       "-1|a|-|-|-|1|1;-1|b|-|text/plain|form-data|1|2;");
    is(form_of(PART("b", "2") "--B--",
               (struct how){.type = MULTIPART, .query = ""}),
       "-1|b|-|text/plain|form-data|1|2;");
    is(form_of(PART("b", "2") "--B--",
               (struct how){.type = MULTIPART, .to_end = true}),
       "-1|b|-|text/plain|form-data|1|2;");
    is(form_of(PART("b", "2") "--B--",
               (struct how){.type = "MultiPart/X; Boundary=\"B\"",
                            .method = "PUT"}),
       "-1|b|-|text/plain|form-data|1|2;");
    is(parts_of("--B" E E "v" E "--B--"), "-1|-|-|text/plain||1|v;");
    is(parts_of("--B" E "Content-Disposition:" E "Content-Type:" E E "v" E
                "--B--"),
       "-1|-|-|||1|v;");
}

TEST(form, of_another_type)
{
    is(form_of("{\"a\": 1}",
               (struct how){.type = "application/json; charset=utf-8",
                            .query = "a=1"}),
       "-1|-|-|application/json||8|{\"a\": 1};");
    is(form_of("text", (struct how){.method = "PUT"}),
       "-1|-|-|text/plain||4|text;");
    is(form_of("", (struct how){.type = "text/x"}), "-1|-|-|text/x||0|;");
    is(form_of("a=1", (struct how){.type = URLENCODED "x"}),
       "-1|-|-|" URLENCODED "x||3|a=1;");
    is(form_of("a=1",
               (struct how){.type = "application/x-www-form-urlencodex"}),
       "-1|-|-|application/x-www-form-urlencodex||3|a=1;");
    is(form_of("a=1", (struct how){.type = ""}), "-1|-|-|||3|a=1;");
}

TEST(form, names_of_files)
{
    is(parts_of(PART("f; filename=\"\"", "") "--B--"),
       "-1|f||text/plain|form-data|0|;");
    is(parts_of(PART("f; filename=\"..\\..\\e\"", "") "--B--"),
       "-1|f|..\\..\\e|text/plain|form-data|0|;");
    is(parts_of(PART("f; filename=\"C:\\new\\\\t.txt\"", "") "--B--"),
       "-1|f|C:\\new\\t.txt|text/plain|form-data|0|;");
    is(parts_of(PART("f; filename=\"/etc/passwd\"", "") "--B--"),
       "-1|f|/etc/passwd|text/plain|form-data|0|;");
    is(parts_of(PART("f; filename=\"a%22b\"", "") "--B--"),
       "-1|f|a%22b|text/plain|form-data|0|;");
    is(parts_of(PART("f; filename*=UTF-8''%c3%a9", "") "--B--"),
       "-1|f|\xc3\xa9|text/plain|form-data|0|;");
    is(parts_of(PART("f; filename*=ISO-8859-1''%e9%e9%e9%e9", "") "--B--"),
       "-1|f|\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9|text/plain|form-data|0|;");
    is(parts_of(PART("f; filename*=UTF-8''%00; filename=e", "") "--B--"),
       "-1|f|e|text/plain|form-data|0|;");
}

TEST(form, heads_of_parts)
{
    sock_form_t *form =
        check_made(parts_of("--B" E FORM_DATA "a" E "X-Y: 1" E "x-y:  2 " E
                            "Z: a" E " b" E E "v" E "--B--"));
    sock_form_item_t item;
    check_int(sock_form_at(form, 0, &item), 1);
    check_str(sock_headers_get(item.headers, "x-y", NULL), "1");
    check_str(sock_headers_get_all(item.headers, "x-y", 1), "2");
    check(sock_headers_get(item.headers, "z", NULL) != NULL);
    check(sock_headers_get(item.headers, "Content-Type", NULL) == NULL);
    sock_form_free(form);
    form = check_made(form_of("a=1", (struct how){.type = URLENCODED}));
    check_int(sock_form_at(form, 0, &item), 1);
    check(item.headers == NULL);
    sock_form_free(form);
}

/* The same form, in whatever pieces it comes. */
TEST(form, in_pieces)
{
    for (size_t piece = 1; piece < sizeof cpython; piece++) {
        is(form_of(cpython, (struct how){.type = MULTIPART, .piece = piece}),
           cpython_is);
        is(form_of(w3c, (struct how){.type = MULTIPART, .piece = piece}),
           w3c_is);
    }
    for (size_t piece = 1; piece < 8; piece++)
        is(form_of("a=1&b=2", (struct how){.query = "c=3", .piece = piece}),
           "-1|a|-|-|-|1|1;-1|b|-|-|-|1|2;-1|c|-|-|-|1|3;");
}

/* Values */

TEST(form, values)
{
    sock_form_t *form = check_made(
        form_of(PART("a", "2") PART("f; filename=f", "3")
                    PART("a", "") "--B" E E "nameless" E "--B--",
                (struct how){.type = MULTIPART, .query = "a=1&b=4"}));
    errno = 1234;
    check_str(sock_form_getfirst(form, "a", "x"), "1");
    check_str(sock_form_getfirst(form, "b", NULL), "4");
    check_str(sock_form_getfirst(form, "c", "x"), "x");
    check(sock_form_getfirst(form, "c", NULL) == NULL);
    check_str(sock_form_getlist(form, "a", 0), "1");
    check_str(sock_form_getlist(form, "a", 1), "2");
    check_str(sock_form_getlist(form, "a", 2), "");
    check(sock_form_getlist(form, "a", 3) == NULL);
    check(sock_form_getlist(form, "A", 0) == NULL);
    check(sock_form_getlist(form, "", 0) == NULL);
    check(sock_form_getlist(form, "f", 0) == NULL); /* a file is no text */
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    sock_form_free(form);
}

TEST(form, fields_by_number)
{
    sock_form_t *form = check_made(parts_of(w3c));
    sock_form_item_t item;
    errno = 1234;
    check_int(sock_form_at(form, 0, &item), 1);
    check_str(item.value, "Larry");
    check_int(item.length, 5);
    check_int(item.parent, -1);
    check_int(item.parts, 0);
    check_int(sock_form_at(form, 1, &item), 1);
    check(item.value == NULL);
    check_int(item.parts, 1);
    check_int(sock_form_at(form, 3, &item), 1);
    check_str(item.value, "...contents of file2.gif...");
    check_int(item.parent, 1);
    check(item.name == NULL);
    check_int(sock_form_at(form, 4, &item), 0);
    check_int(sock_form_at(form, SIZE_MAX, &item), 0);
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    check(sock_form_getfirst(form, "files", NULL) == NULL);
    sock_form_free(form);
}

TEST(form, missing_arguments)
{
    sock_form_item_t item;
    sock_form_t *form = check_made(parts_of(cpython));
    check_null(sock_form_getfirst(NULL, "a", "x"), SOCK_E_TYPE, 0,
               "getfirst: argument is NULL");
    check_null(sock_form_getfirst(form, NULL, "x"), SOCK_E_TYPE, 0,
               "getfirst: argument is NULL");
    check_null(sock_form_getlist(NULL, "a", 0), SOCK_E_TYPE, 0,
               "getlist: argument is NULL");
    check_null(sock_form_getlist(form, NULL, 0), SOCK_E_TYPE, 0,
               "getlist: argument is NULL");
    check_fails(sock_form_at(NULL, 0, &item), SOCK_E_TYPE, 0,
                "list: argument is NULL");
    check_fails(sock_form_at(form, 0, NULL), SOCK_E_TYPE, 0,
                "list: argument is NULL");
    check_null(sock_form_file(NULL, 0), SOCK_E_TYPE, 0,
               "file: argument is NULL");
    check_null(sock_httpd_form(NULL, NULL), SOCK_E_TYPE, 0,
               "FieldStorage: argument is NULL");
    errno = 1234;
    sock_form_free(NULL);
    sock_form_free(form);
    check_int(errno, 1234);
}

/* Files */

/* A form with one file of n bytes, the last of which is `last`. */
static sock_form_t *file_form(size_t n, char last,
                              const sock_form_limits_t *limits)
{
    static const char head[] = "--B" E FORM_DATA "f; filename=f" E E;
    static const char end[] = E "--B--" E;
    char *body = malloc(sizeof head + n + sizeof end);
    memcpy(body, head, sizeof head - 1);
    memset(body + sizeof head - 1, 'x', n);
    if (n > 0)
        body[sizeof head - 2 + n] = last;
    memcpy(body + sizeof head - 1 + n, end, sizeof end);
    sock_form_t *form =
        form_of(body, (struct how){.type = MULTIPART,
                                   .n = sizeof head + n + sizeof end - 2,
                                   .limits = limits});
    free(body);
    return form;
}

static void has_file(size_t n, char last, bool in_memory,
                     const sock_form_limits_t *limits)
{
    sock_form_item_t item;
    sock_form_t *form = check_made(file_form(n, last, limits));
    check_int(sock_form_at(form, 0, &item), 1);
    check_int(item.length, n);
    check_int(item.value != NULL, in_memory);
    if (in_memory)
        check_int(item.value[n], 0);
    FILE *file = check_made(sock_form_file(form, 0));
    check(sock_form_file(form, 0) == file);
    for (size_t i = 0; i < n; i++)
        check_int(getc(file), i == n - 1 ? (unsigned char)last : 'x');
    check_int(getc(file), EOF);
    check(!ferror(file));
    rewind(file);
    check_int(getc(file), n == 0 ? EOF : n == 1 ? (unsigned char)last : 'x');
    sock_form_free(form);
}

TEST(form, files)
{
    sock_form_limits_t l = {.size = sizeof l, .memory = 1};
    has_file(0, 'y', true, NULL);
    has_file(1, 'y', true, NULL);
    has_file(1, '\0', true, NULL);
    has_file(999, '\r', true, NULL);
    has_file(1000, '\0', true, NULL);
    has_file(1001, '\n', false, NULL);
    has_file(1001, '\0', false, NULL);
    has_file(100000, '-', false, NULL);
    has_file(0, 'y', true, &l);
    has_file(1, 'y', true, &l);
    has_file(2, 'y', false, &l);
    l.memory = SIZE_MAX;
    has_file(100000, 'y', true, &l);
}

/* It has no name, no one but its owner could read it, and no child gets it. */
TEST(form, temporary_files)
{
    struct stat st;
    sock_form_t *form = check_made(file_form(5000, 'y', NULL));
    int fd = fileno(sock_form_file(form, 0));
    check_ok(fstat(fd, &st));
    check_int(st.st_nlink, 0);
    check_int(st.st_mode & 0777, 0600);
    check_int(st.st_size, 5000);
    check_int(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    sock_form_free(form);
    check_int(fcntl(fd, F_GETFD), -1);
}

/* What open(2) says of files without a name; 0: what the system does. */
static int refused_with;
int __real_open(const char *path, int flags, ...);
int __real_open64(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);

static bool is_refused(int flags)
{
    if ((flags & O_TMPFILE) != O_TMPFILE || refused_with == 0)
        return false;
    errno = refused_with;
    return true;
}

static int mode_of(int flags, va_list list)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, int) : 0;
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    int mode = mode_of(flags, list);
    va_end(list);
    return is_refused(flags) ? -1 : __real_open(path, flags, mode);
}

int __wrap_open64(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    int mode = mode_of(flags, list);
    va_end(list);
    return is_refused(flags) ? -1 : __real_open64(path, flags, mode);
}

static void is_nameless(int fd)
{
    struct stat st;
    check_ok(fd);
    check_ok(fstat(fd, &st));
    check_int(st.st_nlink, 0);
    check_int(st.st_mode & 0777, 0600);
    check_int(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    check_int(write(fd, "x", 1), 1);
    check_int(lseek(fd, 0, SEEK_SET), 0);
    close(fd);
}

/* Where the file system has none without a name. */
TEST(form, temporary_files_that_are_unlinked)
{
    static const int errors[] = {EOPNOTSUPP, EISDIR, EINVAL};
    char folder[] = "/tmp/pysockc-test-XXXXXX";

    check(mkdtemp(folder) != NULL);
    setenv("TMPDIR", folder, 1);
    for (size_t i = 0; i < 3; i++) {
        refused_with = errors[i];
        errno = 1234;
        int fd = sock__os_temporary();
        check_int(errno, 1234);
        is_nameless(fd);
    }
    check_ok(rmdir(folder)); /* nothing is left */
    check_int(sock__os_temporary(), -1);
    check_int(errno, ENOENT);
}

TEST(form, folders_for_temporary_files)
{
    char folder[5000] = "/";
    memset(folder + 1, '/', sizeof folder - 2);
    setenv("TMPDIR", folder, 1);
    refused_with = EINVAL;
    check_int(sock__os_temporary(), -1);
    check_int(errno, ENAMETOOLONG);
    refused_with = 0;
    unsetenv("TMPDIR");
    is_nameless(sock__os_temporary());
    setenv("TMPDIR", "", 1);
    is_nameless(sock__os_temporary());
    setenv("TMPDIR", "/nonexistent", 1);
    check_null(file_form(5000, 'y', NULL), SOCK_E_OS, ENOENT,
               "FieldStorage: [Errno 2] No such file or directory");
}

/* The disk is full before all of it is written, or when it is. */
TEST(form, files_too_long_for_the_disk)
{
    struct rlimit old, small;
    signal(SIGXFSZ, SIG_IGN);
    check_ok(getrlimit(RLIMIT_FSIZE, &old));
    small = old;
    for (size_t n = 2000; n <= 200000; n *= 10) {
        small.rlim_cur = n == 200000 ? 100 : n - 1;
        check_ok(setrlimit(RLIMIT_FSIZE, &small));
        check_null(file_form(n, 'y', NULL), SOCK_E_OS, EFBIG,
                   "FieldStorage: [Errno 27] File too large");
    }
    check_ok(setrlimit(RLIMIT_FSIZE, &old));
}

/* What streams on a descriptor, and on memory, fail with; 0: they don't. */
static int no_stream;
FILE *__real_fdopen(int fd, const char *mode);
FILE *__real_fmemopen(void *buf, size_t size, const char *mode);
FILE *__wrap_fdopen(int fd, const char *mode);
FILE *__wrap_fmemopen(void *buf, size_t size, const char *mode);

FILE *__wrap_fdopen(int fd, const char *mode)
{
    errno = no_stream;
    return no_stream != 0 ? NULL : __real_fdopen(fd, mode);
}

FILE *__wrap_fmemopen(void *buf, size_t size, const char *mode)
{
    errno = no_stream;
    return no_stream != 0 ? NULL : __real_fmemopen(buf, size, mode);
}

TEST(form, streams_that_cannot_be_made)
{
    sock_form_t *form = check_made(file_form(10, 'y', NULL));
    no_stream = ENOMEM;
    check_null(file_form(5000, 'y', NULL), SOCK_E_MEMORY, 0,
               "FieldStorage: [Errno 12] Cannot allocate memory");
    check_null(sock_form_file(form, 0), SOCK_E_MEMORY, 0,
               "file: [Errno 12] Cannot allocate memory");
    no_stream = EMFILE;
    check_null(file_form(5000, 'y', NULL), SOCK_E_OS, EMFILE,
               "FieldStorage: [Errno 24] Too many open files");
    check_null(sock_form_file(form, 0), SOCK_E_OS, EMFILE,
               "file: [Errno 24] Too many open files");
    no_stream = 0;
    errno = 1234;
    check(sock_form_file(form, 0) != NULL);
    check_int(errno, 1234);
    sock_form_free(form);
}

TEST(form, more_than_memory_can_hold)
{
    struct sock__part part = {.is_text = true};
    check_fails(sock__part_add(&part, "", PTRDIFF_MAX, 0, "x"), SOCK_E_MEMORY,
                0, "x: [Errno 12] Cannot allocate memory");
    sock__part_release(&part);
}

TEST(form, no_such_file)
{
    sock_form_t *form = check_made(parts_of(w3c));
    check_null(sock_form_file(form, 4), SOCK_E_VALUE, 0,
               "file: list index out of range");
    check_null(sock_form_file(form, 1), SOCK_E_VALUE, 0,
               "file: the field is several parts");
    sock_form_free(form);
}

/* Of what is not in memory no value is a text, and of that the stream is one
 * that only reads. */
TEST(form, streams_of_values)
{
    sock_form_t *form =
        check_made(form_of("a=12", (struct how){.type = URLENCODED}));
    FILE *file = check_made(sock_form_file(form, 0));
    check_int(getc(file), '1');
    check_int(getc(check_made(sock_form_file(form, 0))), '2');
    check_int(putc('3', file), EOF);
    check_str(sock_form_getfirst(form, "a", NULL), "12");
    sock_form_free(form);
}

/* What is refused */

TEST(form, cut_short)
{
    size_t n = strlen(w3c);
    for (size_t cut = 0; cut < n - 2; cut++) {
        struct input in = {.bytes = w3c, .n = cut, .piece = n};
        struct sock__form_source source = {.op = "FieldStorage",
                                           .method = "POST",
                                           .type = MULTIPART,
                                           .read = read_input,
                                           .arg = &in};
        source.length = (int64_t)n;
        check_null(sock__form_read(&source, NULL), SOCK_E_EOF, 0,
                   "FieldStorage: the form ends early");
        check_int(sock_last_error()->done, cut);
        in.at = 0;
        source.length = (int64_t)cut;
        check_null(sock__form_read(&source, NULL), SOCK_E_EOF, 0,
                   "FieldStorage: the form ends early");
        in.at = 0;
        source.length = SOCK__TO_END;
        check_null(sock__form_read(&source, NULL), SOCK_E_EOF, 0,
                   "FieldStorage: the form ends early");
    }
}

TEST(form, other_bodies_cut_short)
{
    static const char *const types[] = {URLENCODED, "text/plain", MULTIPART};
    for (size_t i = 0; i < 3; i++) {
        struct input in = {.bytes = "--B--", .n = 5, .piece = 5};
        struct sock__form_source source = {.op = "FieldStorage",
                                           .method = "POST",
                                           .type = types[i],
                                           .length = 6,
                                           .read = read_input,
                                           .arg = &in};
        check_null(sock__form_read(&source, NULL), SOCK_E_EOF, 0,
                   "FieldStorage: the form ends early");
        check_int(sock_last_error()->done, 5);
    }
}

TEST(form, input_that_fails)
{
    static const char *const types[] = {URLENCODED, "text/plain", MULTIPART};
    for (size_t i = 0; i < 3; i++) {
        struct input in = {
            .bytes = "--B" E, .n = 5, .piece = 5, .broken = true};
        struct sock__form_source source = {.op = "FieldStorage",
                                           .method = "POST",
                                           .type = types[i],
                                           .length = 9,
                                           .read = read_input,
                                           .arg = &in};
        errno = 0;
        check(sock__form_read(&source, NULL) == NULL);
        check_int(errno, EIO); /* who reads has recorded it */
    }
}

TEST(form, lengths_that_are_none)
{
    struct sock__form_source source = {
        .op = "FieldStorage", .method = "POST", .length = SOCK__NO_LENGTH};
    check_null(sock__form_read(&source, NULL), SOCK_E_PROTOCOL, SOCK_P_FRAMING,
               "FieldStorage: the form's length is no number");
    source.length = INT64_MAX;
    check_null(sock__form_read(&source, NULL), SOCK_E_PROTOCOL,
               SOCK_P_TOO_LARGE,
               "FieldStorage: Maximum content length exceeded");
    source.method = "GET"; /* which has none */
    is(sock__form_read(&source, NULL), "");
}

TEST(form, bad_syntax)
{
    parts_fail("--B" E "abc" E E "v" E "--B--", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
               "a part's head has a line that is no field");
    parts_fail("--B" E "a\rb: c" E E "v" E "--B--", SOCK_E_PROTOCOL,
               SOCK_P_SYNTAX, "a part's head has a line that is no field");
    parts_fail("--B" E ": c" E E "v" E "--B--", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
               "a part's head has a line that is no field");
    parts_fail("--B\n\nv\n--B--\n", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
               "a line of multipart does not end in CR LF");
    fails(PART("a", "b\0c") "--B--", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
          "a value has a NUL in it", .type = MULTIPART,
          .n = sizeof PART("a", "b\0c") "--B--" - 1);
    fails("--B" E "A: b\0" E E "v" E "--B--", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
          "a part's head has a line that is no field", .type = MULTIPART,
          .n = sizeof "--B" E "A: b\0" E E "v" E "--B--" - 1);
    fails("--B" E "\0" E E "v" E "--B--", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
          "a part's head has a line that is no field", .type = MULTIPART,
          .n = sizeof "--B" E "\0" E E "v" E "--B--" - 1);
    fails("a=b\0c", SOCK_E_PROTOCOL, SOCK_P_SYNTAX, "the form has a NUL in it",
          .type = URLENCODED, .n = 5);
    fails("a=%00", SOCK_E_PROTOCOL, SOCK_P_SYNTAX, "embedded null byte",
          .type = URLENCODED);
    fails("", SOCK_E_PROTOCOL, SOCK_P_SYNTAX, "embedded null byte",
          .method = "GET", .query = "a=%00");
}

TEST(form, bad_boundaries)
{
    char type[512] = "multipart/form-data; boundary=";
    static const char *const types[] = {
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"B \"",
        "multipart/form-data; boundary=\xc3\xa9",
        "multipart/"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        fails("--B--", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
              "Invalid boundary in multipart form", .type = types[i]);
    memset(type + strlen(type), 'x', 202);
    fails("--B--", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
          "Invalid boundary in multipart form", .type = type);
    parts_fail("--B" E "Content-Type: multipart/mixed" E E "v" E "--B--",
               SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
               "Invalid boundary in multipart form");
    parts_fail("--B" E "Content-Type: multipart/mixed; boundary=B" E E "--B--",
               SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
               "two multiparts in each other have the same boundary");
}

/* Limits */

#define FIELDS "FieldStorage: Max number of fields exceeded"
#define FILES "FieldStorage: Max number of files exceeded"
#define VALUE "FieldStorage: a value is too long"
#define TEXT "FieldStorage: the values of the form are too long"
#define TOTAL "FieldStorage: Maximum content length exceeded"
#define HEAD_BYTES "FieldStorage: a part's head is too long"
#define HEAD_LINES "FieldStorage: a part's head has too many lines"
#define DEPTH "FieldStorage: too many multiparts in each other"

#define NEST(outer, inner)                                                     \
    "--" outer E "Content-Type: multipart/mixed; boundary=" inner E E

/* A limit, what has just as much, what has one more, and what is said then. */
static const struct limit {
    sock_form_limits_t limits;
    const char *type, *body, *longer, *text;
} limits[] = {
    {{.fields = 2}, URLENCODED, "a=1&b=2", "a=1&b=2&c=3", FIELDS},
    {{.fields = 2}, URLENCODED, "&", "&&", FIELDS},
    {{.fields = 2, .flags = SOCK_QUERY_SEMICOLON},
     URLENCODED,
     ";",
     ";&",
     FIELDS},
    {{.fields = 2},
     MULTIPART,
     PART("a", "") PART("b", "") "--B--",
     PART("a", "") PART("b", "") PART("c", "") "--B--",
     FIELDS},
    {{.fields = 2},
     MULTIPART,
     NEST("B", "C") "--C" E E E "--C--" E "--B--",
     NEST("B", "C") "--C" E E E "--C" E E E "--C--" E "--B--",
     FIELDS},
    {{.files = 1},
     MULTIPART,
     PART("a; filename=", "") PART("b", "") "--B--",
     PART("a; filename=", "") PART("b; filename=", "") "--B--",
     FILES},
    {{.value = 3}, URLENCODED, "a=%41%42c", "a=%41%42cd", VALUE},
    {{.value = 3},
     MULTIPART,
     PART("a", "abc") PART("f; filename=f", "abcd") "--B--",
     PART("a", "abcd") "--B--",
     VALUE},
    {{.text = 7}, URLENCODED, "a=1&b=2", "a=1&b=23", TEXT},
    {{.text = 42 + 3},
     MULTIPART,
     PART("a", "abc") "--B--",
     PART("a", "abcd") "--B--",
     TEXT},
    {{.text = 42 + 42},
     MULTIPART,
     PART("a", "") PART("a", "") "--B--",
     PART("a", "") PART("ab", "") "--B--",
     TEXT},
    {{.total = 3}, URLENCODED, "a=1", "a=12", TOTAL},
    {{.total = 3}, "text/plain", "abc", "abcd", TOTAL},
    {{.total = 5}, MULTIPART, "--B--", "--B--x", TOTAL},
    {{.head = 42},
     MULTIPART,
     PART("a", "") "--B--",
     PART("ab", "") "--B--",
     HEAD_BYTES},
    {{.lines = 2},
     MULTIPART,
     "--B" E "A: 1" E "B: 2" E E E "--B--",
     "--B" E "A: 1" E "B: 2" E "C: 3" E E E "--B--",
     HEAD_LINES},
    {{.lines = 2},
     MULTIPART,
     "--B" E "A: 1" E " 2" E E E "--B--",
     "--B" E "A: 1" E " 2" E " 3" E E E "--B--",
     HEAD_LINES},
    {{.lines = 0},
     MULTIPART,
     NEST("B", "C") NEST("C", "D") "--D--" E "--C--" E "--B--",
     NEST("B", "C") NEST("C", "D") NEST("D", "E") "--E--",
     DEPTH},
};

TEST(form, limits)
{
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        sock_form_limits_t l = limits[i].limits;
        l.size = sizeof l;
        for (int to_end = 0; to_end <= 1; to_end++) {
            struct how how = {
                .type = limits[i].type, .to_end = to_end != 0, .limits = &l};
            sock_form_free(check_made(form_of(limits[i].body, how)));
            check_null(form_of(limits[i].longer, how), SOCK_E_PROTOCOL,
                       SOCK_P_TOO_LARGE, limits[i].text);
            how.piece = 1;
            sock_form_free(check_made(form_of(limits[i].body, how)));
            check_null(form_of(limits[i].longer, how), SOCK_E_PROTOCOL,
                       SOCK_P_TOO_LARGE, limits[i].text);
        }
    }
}

/* n times the same, with something before and behind it. */
static char *repeat(const char *before, const char *text, size_t n,
                    const char *behind)
{
    size_t len = strlen(text);
    char *made = malloc(strlen(before) + n * len + strlen(behind) + 1);
    char *end = stpcpy(made, before);
    for (size_t i = 0; i < n; i++)
        end = stpcpy(end, text);
    stpcpy(end, behind);
    return made;
}

static void has_default(const char *before, const char *text, size_t n,
                        const char *behind, const char *type, const char *words)
{
    for (size_t more = 0; more <= 1; more++) {
        char *body = repeat(before, text, n + more, behind);
        sock_form_t *form = form_of(body, (struct how){.type = type});
        if (more)
            check_null(form, SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE, words);
        else
            check_made(form);
        sock_form_free(form);
        free(body);
    }
}

TEST(form, default_limits)
{
    has_default("a=1", "&a=1", 999, "", URLENCODED, FIELDS);
    has_default("", PART("a", ""), 1000, "--B--", MULTIPART, FIELDS);
    has_default("", PART("a; filename=f", ""), 100, "--B--", MULTIPART, FILES);
    has_default("--B" E, "A: b" E, 20, E E "--B--", MULTIPART, HEAD_LINES);
    has_default("--B" E "A: ", "x", 8192 - 7, E E E "--B--", MULTIPART,
                HEAD_BYTES);
    has_default("a=", "x", 1 << 20, "", URLENCODED, VALUE);
    has_default("--B" E E, "x", 1 << 20, E "--B--", MULTIPART, VALUE);
}

TEST(form, default_limit_of_text)
{
    has_default("", "x", 8 << 20, "", URLENCODED, TEXT);
}

/* The query's fields count, too. */
TEST(form, limits_of_body_and_query)
{
    sock_form_limits_t l = {.size = sizeof l, .fields = 2, .text = 42 + 2 + 3};
    struct how how = {.type = MULTIPART, .query = "a=1", .limits = &l};
    sock_form_free(check_made(form_of(PART("b", "12") "--B--", how)));
    check_null(form_of(PART("b", "123") "--B--", how), SOCK_E_PROTOCOL,
               SOCK_P_TOO_LARGE, TEXT);
    how.query = "a=1&b=2";
    check_null(form_of(PART("b", "") "--B--", how), SOCK_E_PROTOCOL,
               SOCK_P_TOO_LARGE, FIELDS);
    l.text = 8;
    how = (struct how){.type = URLENCODED, .query = "a=1", .limits = &l};
    sock_form_free(check_made(form_of("b=23", how)));
    check_null(form_of("b=234", how), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE, TEXT);
    how.query = "a=1234567";
    check_null(form_of("", how), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE, TEXT);
    how.method = "GET";
    check_null(form_of("", how), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE, TEXT);
}

#define limits_fail(text, ...)                                                 \
    do {                                                                       \
        sock_form_limits_t l_ = {.size = sizeof l_, __VA_ARGS__};              \
        fails("a=1", SOCK_E_VALUE, 0, text, .limits = &l_);                    \
    } while (0)

TEST(form, bad_limits)
{
    sock_form_limits_t l = {.size = sizeof l - 1};
    fails("a=1", SOCK_E_VALUE, 0,
          "the size of the limits is not this version's", .limits = &l);
    l.size = 0;
    fails("a=1", SOCK_E_VALUE, 0,
          "the size of the limits is not this version's", .limits = &l);
    limits_fail("flags is out of range", .flags = SOCK_QUERY_QUOTE);
    limits_fail("flags is out of range", .flags = -1);
    limits_fail("fields is out of range", .fields = -1);
    limits_fail("files is out of range", .files = -1);
    limits_fail("lines is out of range", .lines = -1);
    limits_fail("head is out of range", .head = (1 << 24) + 1);
    limits_fail("total is out of range", .total = -1);
    limits_fail("reserved is not zero", .reserved = {0, 0, 0, 0, 0, 0, 0, 1});
}

TEST(form, largest_limits)
{
    sock_form_limits_t l = {.size = sizeof l,
                            .fields = INT_MAX,
                            .files = INT_MAX,
                            .lines = INT_MAX,
                            .head = 1 << 24,
                            .total = INT64_MAX,
                            .value = SIZE_MAX,
                            .text = SIZE_MAX,
                            .memory = SIZE_MAX};
    is(form_of(cpython, (struct how){.type = MULTIPART, .limits = &l}),
       cpython_is);
    is(form_of("a=1", (struct how){.type = URLENCODED, .limits = &l}),
       "-1|a|-|-|-|1|1;");
}

/* Memory */

/* Each want of memory is said, and nothing is lost by it. */
static void needs_memory(const char *body, struct how how)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        sock_form_t *form = form_of(body, how);
        fail_at = 0;
        if (was_refused())
            check_null(form, SOCK_E_MEMORY, 0,
                       "FieldStorage: [Errno 12] Cannot allocate memory");
        else
            check(form != NULL);
        sock_form_free(form);
    }
}

TEST(form, memory_that_is_refused)
{
    sock_form_limits_t l = {.size = sizeof l, .memory = 8};
    char *many = repeat("", PART("a", "v"), 20, "--B--");
    char *long_one = repeat("a=", "x", 40000, "&b=1");

    needs_memory(w3c, (struct how){.type = MULTIPART, .query = "a=1"});
    needs_memory(w3c, (struct how){.type = MULTIPART, .limits = &l});
    needs_memory(many, (struct how){.type = MULTIPART});
    needs_memory("a=1&b=2", (struct how){.type = URLENCODED, .query = "c=3"});
    needs_memory(long_one, (struct how){.type = URLENCODED});
    needs_memory("", (struct how){.method = "GET", .query = "a=1"});
    needs_memory("text", (struct how){.type = "text/plain"});
    free(many);
    free(long_one);
}

/* A script's */

/* Its input is a file, and its environment three variables. */
static void set_script(const char *type, const char *length, const char *body)
{
    int fd = sock__os_temporary();
    check_int(write(fd, body, strlen(body)), strlen(body));
    check_int(lseek(fd, 0, SEEK_SET), 0);
    check_ok(dup2(fd, 0));
    close(fd);
    clearerr(stdin);
    setenv("REQUEST_METHOD", "POST", 1);
    setenv("CONTENT_TYPE", type, 1);
    setenv("CONTENT_LENGTH", length, 1);
    unsetenv("QUERY_STRING");
}

TEST(form, of_a_script)
{
    set_script(URLENCODED, "3", "a=1&b=2");
    setvbuf(stdin, NULL, _IONBF, 0);
    is(sock_cgi_form(NULL), "-1|a|-|-|-|1|1;");
    check_int(getc(stdin), '&'); /* the rest is not the form's */
    set_script(MULTIPART, "", cpython);
    is(sock_cgi_form(NULL), cpython_is);
    set_script("", "", "a=1&b=2");
    is(sock_cgi_form(NULL), "-1|a|-|-|-|1|1;-1|b|-|-|-|1|2;");
    setenv("QUERY_STRING", "c=3", 1);
    unsetenv("REQUEST_METHOD");
    is(sock_cgi_form(NULL), "-1|c|-|-|-|1|3;");
}

TEST(form, of_a_script_with_a_bad_length)
{
    static const char *const lengths[] = {"-1", "+3", "3x", " 3", "0x3"};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        set_script(URLENCODED, lengths[i], "a=1");
        check_null(sock_cgi_form(NULL), SOCK_E_PROTOCOL, SOCK_P_FRAMING,
                   "FieldStorage: the form's length is no number");
    }
    set_script(URLENCODED, "99999999999999999999", "a=1");
    check_null(sock_cgi_form(NULL), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE, TOTAL);
    set_script(URLENCODED, "4", "a=1");
    check_null(sock_cgi_form(NULL), SOCK_E_EOF, 0,
               "FieldStorage: the form ends early");
}

TEST(form, of_a_script_whose_input_fails)
{
    set_script(URLENCODED, "3", "a=1");
    setvbuf(stdin, NULL, _IONBF, 0);
    int folder = open("/", O_RDONLY | O_DIRECTORY);
    check_ok(dup2(folder, 0));
    close(folder);
    check_null(sock_cgi_form(NULL), SOCK_E_OS, EISDIR,
               "FieldStorage: [Errno 21] Is a directory");
}
