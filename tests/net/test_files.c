/* SPDX-License-Identifier: MIT */
/* sock_httpd_send_file(): fields of the handler's own, large files, and files
 * that change under way. */
#define _FILE_OFFSET_BITS 64
#include <pysockc/httpd.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "site.h"
#include "support.h"

enum { LARGE = 8 * 1024 * 1024 };

struct place {
    char *path;
    int at, fd; /* of the file that is sent */
    const char *name;
    sock_httpd_t *server;
};

static struct place *new_place(sock_httpd_fn fn, const char *text)
{
    struct place *p = calloc(1, sizeof *p);

    check(p != NULL);
    p->path = new_folder();
    p->at = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    make_file(p->at, "file", text);
    struct timespec times[2] = {{784111777, 5}, {784111777, 5}};
    check(utimensat(p->at, "file", times, 0) == 0);
    p->fd = openat(p->at, "file", O_RDWR | O_CLOEXEC);
    check(p->fd != -1);
    p->name = "x.html";
    p->server = new_site();
    check_ok(sock_httpd_do(p->server, "GET", fn, p));
    return p;
}

static void free_place(struct place *p)
{
    sock_httpd_free(p->server);
    close(p->fd);
    close(p->at);
    free_folder(p->path);
    free(p);
}

static void send_it(sock_httpd_request_t *self, void *arg)
{
    struct place *p = arg;
    errno = 1234;
    check_ok(sock_httpd_send_file(self, p->fd, p->name, 0));
    check_int(errno, 1234);
}

TEST(files, that_stay_the_callers)
{
    struct place *p = new_place(send_it, "0123456789");

    check(lseek(p->fd, 3, SEEK_SET) == 3);
    for (int i = 0; i < 2; i++) {
        char *said = ask(p->server, "GET", "/", "");
        check_str(field_in(said, "Content-type"), "text/html");
        check_str(body_in(said), "0123456789");
        free(said);
    }
    check(lseek(p->fd, 0, SEEK_CUR) == 3);
    p->name = NULL;
    char *said = ask(p->server, "GET", "/", "");
    check_str(field_in(said, "Content-type"), "");
    free(said);
    free_place(p);
}

/* Times that HTTP has no date for; in memory, as not each file system has. */
TEST(files, of_other_millennia)
{
    static const struct {
        int64_t seconds;
        const char *date; /* NULL: now's */
    } rows[] = {{-62135596800, "Mon, 01 Jan 0001 00:00:00 GMT"},
                {-62135596801, ""},
                {253402300800, NULL}};
    struct place *p = new_place(send_it, "0123456789");
    int of_folder = p->fd;

    p->fd = memfd_create("file", MFD_CLOEXEC);
    check(p->fd != -1 && write(p->fd, "x", 1) == 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct timespec times[2] = {{1, 0}, {(time_t)rows[i].seconds, 0}};
        if (times[1].tv_sec != rows[i].seconds) /* of 32 bits */
            continue;
        check_ok(futimens(p->fd, times));
        char *said = ask(p->server, "GET", "/", "");
        check_int(status_in(said), 200);
        if (rows[i].date != NULL)
            check_str(field_in(said, "Last-Modified"), rows[i].date);
        else
            check_int(strlen(field_in(said, "Last-Modified")), 29);
        check_str(body_in(said), "x");
        free(said);
    }
    close(p->fd);
    p->fd = of_folder;
    free_place(p);
}

static void with_fields(sock_httpd_request_t *self, void *arg)
{
    struct place *p = arg;
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(sock_httpd_send_header(self, "Cache-Control", "max-age=60"));
    check_ok(sock_httpd_send_header(self, "Vary", "Accept"));
    check_ok(sock_httpd_send_file(self, p->fd, NULL, 0));
}

TEST(files, with_fields_of_the_handlers)
{
    static const struct {
        const char *fields;
        int status;
        const char *body;
    } rows[] = {{"", 200, "0123456789"},
                {"Range: bytes=1-2\r\n", 206, "12"},
                {"If-None-Match: *\r\n", 304, ""},
                {"Range: bytes=10-\r\n", 416, NULL},
                {"If-Match: \"x\"\r\n", 412, NULL}};
    struct place *p = new_place(with_fields, "0123456789");

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *said = ask(p->server, "GET", "/", rows[i].fields);
        check_that(status_in(said) == rows[i].status, "%s", said);
        check(strstr(said + 1, "HTTP/1.1") == NULL);
        if (rows[i].body != NULL) {
            check_str(body_in(said), rows[i].body);
            check_str(field_in(said, "Cache-Control"), "max-age=60");
            check_str(field_in(said, "Vary"), "Accept");
            check_str(field_in(said, "ETag"), "\"a-ae1b981bc490a05\"");
            check(*field_in(said, "Date") != '\0');
        }
        free(said);
    }
    free_place(p);
}

/* What is not there, is not what it should be, or comes too late. */
static void refuse(sock_httpd_request_t *self, void *arg)
{
    struct place *p = arg;

    check_fails(sock_httpd_send_file(NULL, p->fd, "x", 0), SOCK_E_TYPE, 0,
                "send_file: argument is NULL");
    check_fails(sock_httpd_send_file(self, p->fd, "x", 1), SOCK_E_VALUE, 0,
                "send_file: unknown flags");
    check_fails(sock_httpd_send_file(self, -1, "x", 0), SOCK_E_OS, EBADF,
                "send_file: [Errno 9] Bad file descriptor");
    check_fails(sock_httpd_send_file(self, p->at, "x", 0), SOCK_E_VALUE, 0,
                "send_file: not a regular file");
    check_ok(sock_httpd_send_response(self, 404, NULL));
    check_fails(sock_httpd_send_file(self, p->fd, "x", 0), SOCK_E_VALUE, 0,
                "send_response: the response has begun");
    check_ok(sock_httpd_end_headers(self));
    check_fails(sock_httpd_send_file(self, p->fd, "x", 0), SOCK_E_VALUE, 0,
                "send_response: the response has begun");
}

TEST(files, that_cannot_be_sent)
{
    struct place *p = new_place(refuse, "0123456789");
    char *said = ask(p->server, "GET", "/", "");
    check_int(status_in(said), 404);
    free(said);
    free_place(p);
}

/* One that is open for writing alone cannot be read. */
static void send_unreadable(sock_httpd_request_t *self, void *arg)
{
    struct place *p = arg;
    int fd = openat(p->at, "file", O_WRONLY | O_CLOEXEC);
    check_int(sock_httpd_send_file(self, fd, "x", 0), -1);
    close(fd);
}

TEST(files, that_cannot_be_read)
{
    struct place *p = new_place(send_unreadable, "0123456789");
    char *said = ask(p->server, "GET", "/", "");
    check_that(status_in(said) == 500, "%s", said);
    free(said);
    free_place(p);
}

static void make_large(const struct place *p)
{
    char *much = malloc(LARGE);
    check(much != NULL);
    for (int i = 0; i < LARGE; i++)
        much[i] = (char)('a' + i % 23);
    check(pwrite(p->fd, much, LARGE, 0) == LARGE);
    free(much);
}

static void is_part(const char *said, int64_t first, int64_t length)
{
    const char *body = body_in(said);
    check_int(strlen(body), length);
    for (int64_t i = 0; i < length; i++)
        if (body[i] != (char)('a' + (first + i) % 23))
            check_that(false, "at %lld", (long long)i);
}

TEST(files, that_are_large)
{
    struct place *p = new_place(send_it, "");

    make_large(p);
    char *said = ask(p->server, "GET", "/", "");
    is_part(said, 0, LARGE);
    free(said);
    said = ask(p->server, "GET", "/", "Range: bytes=1000001-7000000\r\n");
    check_int(status_in(said), 206);
    is_part(said, 1000001, 6000000);
    free(said);
    said = ask(p->server, "HEAD", "/", "");
    check_str(field_in(said, "Content-Length"), "8388608");
    check_str(body_in(said), "");
    free(said);
    free_place(p);
}

/* Of what 32 bits can't count, the end is where it was, too. */
TEST(files, that_are_huge)
{
    static const off_t size = (off_t)5 << 30;
    struct place *p = new_place(send_it, "");

    check(pwrite(p->fd, "0123456789", 10, size) == 10);
    char *said = ask(p->server, "HEAD", "/", "");
    check_str(field_in(said, "Content-Length"), "5368709130");
    free(said);
    said = ask(p->server, "GET", "/", "Range: bytes=5368709122-5368709125\r\n");
    check_int(status_in(said), 206);
    check_str(field_in(said, "Content-Range"),
              "bytes 5368709122-5368709125/5368709130");
    check_str(body_in(said), "2345");
    free(said);
    free_place(p);
}

/* Reads the head and a little, truncates the file, and reads what comes. */
struct reader {
    struct pair ends;
    const struct place *p;
    size_t got;
};

static void *truncate_under_way(void *arg)
{
    struct reader *r = arg;
    static char text[65536];
    ssize_t n = sock_recv(r->ends.b, text, sizeof text, 0);

    check(n > 0);
    r->got = (size_t)n;
    check(ftruncate(r->p->fd, 100) == 0);
    while ((n = sock_recv(r->ends.b, text, sizeof text, 0)) > 0)
        r->got += (size_t)n;
    return NULL;
}

/* The connection ends, and the server does not wait for bytes that there are
 * not. */
TEST(files, that_become_shorter)
{
    struct place *p = new_place(send_it, "");
    struct reader r = {unix_pair(SOCK_STREAM), p, 0};
    static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    pthread_t thread;

    make_large(p);
    check_ok(sock_sendall(r.ends.b, request, strlen(request), 0));
    check(pthread_create(&thread, NULL, truncate_under_way, &r) == 0);
    double begun = now();
    sock_httpd_serve(p->server, r.ends.a);
    check(pthread_join(thread, NULL) == 0);
    check(now() - begun < 10);
    check(r.got < LARGE);
    sock_free(r.ends.b);
    free_place(p);
}

/* One that grows goes out as it was; one that is renamed or gone, too. */
TEST(files, that_change_otherwise)
{
    struct place *p = new_place(send_it, "0123456789");

    check(renameat(p->at, "file", p->at, "other") == 0);
    char *said = ask(p->server, "GET", "/", "");
    check_str(body_in(said), "0123456789");
    free(said);
    check(unlinkat(p->at, "other", 0) == 0);
    said = ask(p->server, "GET", "/", "");
    check_str(body_in(said), "0123456789");
    free(said);
    free_place(p);
}
