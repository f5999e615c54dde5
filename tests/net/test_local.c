/* SPDX-License-Identifier: MIT */
/* URLs that lead to no server. Links with --wrap. */
#define _FILE_OFFSET_BITS 64
#include "folder.h"
#include "script.h"

#include <sys/un.h>

#include "starve.h"

static sock_http_response_t *get(const char *text)
{
    return sock_urlopen(text, NULL, 0, 10);
}

/* data: */

static const struct {
    const char *url, *type, *bytes;
    size_t n;
} data[] = {
    /* RFC 2397 4 */
    {"data:,A%20brief%20note", "text/plain;charset=US-ASCII", "A brief note",
     12},
    {"data:text/plain;charset=iso-8859-7,%be%fg%be",
     "text/plain;charset=iso-8859-7", "\xbe%fg\xbe", 5},
    /* CPython's test_urllib */
    {"data:text/plain;charset=UTF-8;base64,dGVzdA==",
     "text/plain;charset=UTF-8", "test", 4},
    {"data:,", "text/plain;charset=US-ASCII", "", 0},
    {"data:;base64,", "text/plain;charset=US-ASCII", "", 0},
    {"data:x;BASE64,Zg==", "x", "f", 1},
    {"data:x;base64,Zg%3D%3D", "x", "f", 1},
    {"data:x;base64,Z%0Ag =%09=", "x", "f", 1},
    {"DATA:x,y", "x", "y", 1},
    {"data:x,y#z", "x", "y", 1},
    {"data:x,a?b", "x", "a?b", 3},
    {"data:x?y,a", "x?y", "a", 1},
    {"data:x,a,b", "x", "a,b", 3},
    {"data:x,%00%ff", "x", "\0\xff", 2},
    {"data:x,a b", "x", "a b", 3},
    {"data:x,%", "x", "%", 1},
    {"data:x,%4", "x", "%4", 2},
    {"data:base64,Zg==", "base64", "Zg==", 4},
    {"data:x;base64;a=b,Zg==", "x;base64;a=b", "Zg==", 4},
};

TEST(local, data)
{
    char number[8];

    for (size_t i = 0; i < sizeof data / sizeof data[0]; i++) {
        char *bytes;
        sock_http_response_t *r = check_made(get(data[i].url));
        const sock_headers_t *h = sock_http_headers(r);
        check_int(sock_http_status(r), 200);
        check_str(sock_headers_get(h, "Content-type", ""), data[i].type);
        snprintf(number, sizeof number, "%zu", data[i].n);
        check_str(sock_headers_get(h, "Content-length", ""), number);
        check(sock_headers_get(h, "Last-modified", NULL) == NULL);
        check_int(sock_http_length(r), data[i].n);
        check_int(sock_http_readall(r, &bytes, 100), data[i].n);
        check_bytes(bytes, data[i].bytes, data[i].n);
        sock_http_data_free(bytes);
        sock_http_response_free(r);
    }
}

TEST(local, data_in_pieces)
{
    char buf[4] = "";
    sock_http_response_t *r = check_made(get("data:,hello#x"));

    check_str(sock_http_geturl(r), "data:,hello#x");
    check_int(sock_http_read(r, buf, 3), 3);
    check_str(buf, "hel");
    check_int(sock_http_read(r, buf, 3), 2);
    check_int(sock_http_read(r, buf, 3), 0);
    sock_http_response_free(r);
    sock_http_response_free(check_made(get("data:,hello")));
}

TEST(local, data_that_is_none)
{
    check_null(get("data:"), SOCK_E_VALUE, 0,
               "urlopen data:: data: URL without a comma");
    check_null(get("data:text/html"), SOCK_E_VALUE, 0,
               "urlopen data:text/html: data: URL without a comma");
    check_null(get("data:x;base64,Z"), SOCK_E_VALUE, 0,
               "urlopen data:x;base64,Z: data: URL whose base64 is none");
    check_null(get("data:x;base64,Zg"), SOCK_E_VALUE, 0,
               "urlopen data:x;base64,Zg: data: URL whose base64 is none");
    check(get("data:x;base64,Zg%01==") == NULL);
    check_null(get("data:x;base64,Z-=="), SOCK_E_VALUE, 0,
               "urlopen data:x;base64,Z-==: data: URL whose base64 is none");
    check_null(sock_urlopen("data:,x", "y", 1, 10), SOCK_E_VALUE, 0,
               "urlopen data:,x: data: and file: take no data");
    check(get("data:x\ny,z") == NULL);
}

/* file: */

static char *folder;
static int at;

static void begin(void)
{
    folder = new_folder();
    at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    make_file(at, "a.html", "<p>hello");
    make_file(at, "b c%d?", "odd");
    make_file(at, "empty", "");
}

static void end(void)
{
    close(at);
    free_folder(folder);
}

/* The URL of a name in the folder. Static. */
static const char *file(const char *before, const char *name)
{
    static char text[8192];
    snprintf(text, sizeof text, "%s%s/%s", before, folder, name);
    return text;
}

TEST(local, file)
{
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 784111777}};

    begin();
    check_ok(utimensat(at, "a.html", times, 0));
    errno = 1234;
    sock_http_response_t *r = check_made(get(file("file://", "a.html")));
    check_int(errno, 1234);
    const sock_headers_t *h = sock_http_headers(r);
    check_int(sock_http_status(r), 200);
    check_str(sock_headers_get(h, "Content-type", ""), "text/html");
    check_str(sock_headers_get(h, "Content-length", ""), "8");
    check_str(sock_headers_get(h, "Last-modified", ""),
              "Sun, 06 Nov 1994 08:49:37 GMT");
    check_str(sock_http_geturl(r), file("file://", "a.html"));
    ends_with_body(r, "<p>hello");
    ends_with_body(get(file("file://localhost", "a.html")), "<p>hello");
    ends_with_body(get(file("file://LOCALHOST", "a.html")), "<p>hello");
    ends_with_body(get(file("file:", "a.html#x")), "<p>hello");
    ends_with_body(get(file("file:", "a.html?x")), "<p>hello");
    ends_with_body(get(file("FILE:", "b%20c%25d%3F")), "odd");
    r = check_made(get(file("file:", "empty")));
    check_str(sock_headers_get(sock_http_headers(r), "Content-type", ""),
              "text/plain");
    ends_with_body(r, "");
    end();
}

TEST(local, file_of_this_host)
{
    char host[256], before[300];

    begin();
    check_ok(gethostname(host, sizeof host));
    snprintf(before, sizeof before, "file://%s", host);
    ends_with_body(get(file(before, "a.html")), "<p>hello");
    end();
}

TEST(local, file_of_another)
{
    check_null(get("file://other.example/x"), SOCK_E_VALUE, 0,
               "urlopen file://other.example/x: file not on local host");
    check_null(get("file://u@localhost/x"), SOCK_E_VALUE, 0,
               "urlopen file://u@localhost/x: file not on local host");
    check_null(get("file://localhost:80/x"), SOCK_E_VALUE, 0,
               "urlopen file://localhost:80/x: file not on local host");
}

/* A file that grows is as long as it was; one that shrinks is short. */
TEST(local, file_that_changes)
{
    begin();
    sock_http_response_t *r = check_made(get(file("file://", "a.html")));
    make_file(at, "a.html", "<p>hello, and more");
    ends_with_body(r, "<p>hello");
    r = check_made(get(file("file://", "a.html")));
    make_file(at, "a.html", "<p>");
    char *bytes = NULL;
    check_int(sock_http_readall(r, &bytes, 100), -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    sock_http_response_free(r);
    end();
}

/* Its length is more than 32 bits can count. */
TEST(local, file_that_is_huge)
{
    char start[4] = "";

    begin();
    make_file(at, "huge", "abc");
    check_ok(truncate(file("", "huge"), (off_t)5 << 30));
    sock_http_response_t *r = check_made(get(file("file://", "huge")));
    check_int(sock_http_length(r), INT64_C(5) << 30);
    check_int(sock_http_read(r, start, 3), 3);
    check_str(start, "abc");
    sock_http_response_free(r);
    end();
}

TEST(local, what_is_no_file)
{
    char text[8300];

    begin();
    check_ok(mkfifoat(at, "fifo", 0600));
    make_folder(at, "folder");
    make_link(at, "a.html", "link");
    check(get(file("file://", "fifo")) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(strstr(error_text(), ": not a plain file") != NULL);
    check(get(file("file://", "folder")) == NULL);
    check_int(sock_last_error()->code, EISDIR);
    check(get(file("file://", "folder/")) == NULL);
    check_int(sock_last_error()->code, EISDIR);
    snprintf(text, sizeof text,
             "urlopen %s: [Errno 2] No such file or directory",
             file("file://", "gone"));
    check(get(file("file://", "gone")) == NULL);
    check_int(sock_last_error()->code, ENOENT);
    ends_with_body(get(file("file://", "link")), "<p>hello");
    check_null(get("file:///dev/zero"), SOCK_E_VALUE, 0,
               "urlopen file:///dev/zero: not a plain file");
    check_null(get("file://"), SOCK_E_VALUE, 0,
               "urlopen file://: file: URL without a path");
    check_null(get("file:///a%00b"), SOCK_E_VALUE, 0,
               "urlopen file:///a%00b: file: URL with %00");
    check_null(sock_urlopen("file:///", "y", 1, 10), SOCK_E_VALUE, 0,
               "urlopen file:///: data: and file: take no data");
    end();
}

TEST(local, memory)
{
    need_own_memory();
    begin();
    const char *const urls[] = {"data:x;base64,Zg==",
                                strdup(file("file:", "a.html"))};
    for (size_t i = 0; i < 2; i++)
        FOR_EACH_REFUSAL(refused)
        {
            sock_http_response_t *r = get(urls[i]);
            check_that((r == NULL) == was_refused(), "%s", error_text());
            if (r == NULL)
                check_int(sock_last_error()->kind, SOCK_E_MEMORY);
            sock_http_response_free(r);
        }
    free((void *)(uintptr_t)urls[1]);
    end();
}
