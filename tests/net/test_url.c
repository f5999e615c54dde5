/* SPDX-License-Identifier: MIT */
/* URLs: what they are taken apart into, put together of, and joined to. Facts
 * in numbers has parity_url.py. Links with --wrap. */
#include "host.h"
#include "support.h"
#include "url.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "starve.h"

/* Nothing else is touched by what succeeds. */
static sock_url_t *split(const char *text)
{
    errno = 1234;
    sock_url_t *u = check_made(sock_urlsplit(text));
    check_int(errno, 1234);
    for (size_t i = 0; i < sizeof u->reserved / sizeof u->reserved[0]; i++)
        check_int(u->reserved[i], 0);
    return u;
}

static void check_part(const char *what, const char *actual,
                       const char *expected)
{
    bool same = actual == expected || (actual != NULL && expected != NULL &&
                                       strcmp(actual, expected) == 0);
    check_that(same, "%s is %s, not %s", what, actual != NULL ? actual : "NULL",
               expected != NULL ? expected : "NULL");
}

/* The fields of a URL; those not named are absent. */
static void has(const char *text, sock_url_t expected)
{
    sock_url_t *u = split(text);
    check_part("scheme", u->scheme, expected.scheme);
    check_part("netloc", u->netloc, expected.netloc);
    check_part("path", u->path, expected.path != NULL ? expected.path : "");
    check_part("params", u->params, NULL);
    check_part("query", u->query, expected.query);
    check_part("fragment", u->fragment, expected.fragment);
    check_part("username", u->username, expected.username);
    check_part("password", u->password, expected.password);
    check_part("hostname", u->hostname, expected.hostname);
    check_int(u->port, expected.port);
    sock_url_free(u);
}

/* What a URL is once it was taken apart and put together. */
static void comes_back_as(const char *text, const char *expected)
{
    char buf[256];
    sock_url_t *u = split(text);

    check_int(sock_urlunsplit(u, NULL, 0), strlen(expected));
    check_int(sock_urlunsplit(u, buf, sizeof buf), strlen(expected));
    check_str(buf, expected);
    check_int(sock_urlunsplit(u, buf, strlen(expected) + 1), strlen(expected));
    check_str(buf, expected);
    check_int(sock_urlunsplit(u, buf, strlen(expected)), strlen(expected));
    check_str(buf, "");
    sock_url_free(u);
}

TEST(url, all_parts)
{
    has("http://u:p@H.example:8080/a;b?q=1#f",
        (sock_url_t){.scheme = "http",
                     .netloc = "u:p@H.example:8080",
                     .path = "/a;b",
                     .query = "q=1",
                     .fragment = "f",
                     .username = "u",
                     .password = "p",
                     .hostname = "h.example",
                     .port = 8080});
}

TEST(url, absent_is_not_empty)
{
    has("", (sock_url_t){.port = -1});
    has("x", (sock_url_t){.path = "x", .port = -1});
    has("?", (sock_url_t){.query = "", .port = -1});
    has("#", (sock_url_t){.fragment = "", .port = -1});
    has("x?#",
        (sock_url_t){.path = "x", .query = "", .fragment = "", .port = -1});
    has("//", (sock_url_t){.netloc = "", .port = -1});
    has("file:///x",
        (sock_url_t){.scheme = "file", .netloc = "", .path = "/x", .port = -1});
    has("//@h",
        (sock_url_t){
            .netloc = "@h", .username = "", .hostname = "h", .port = -1});
    has("//u:@h:", (sock_url_t){.netloc = "u:@h:",
                                .username = "u",
                                .password = "",
                                .hostname = "h",
                                .port = -1});
    has("//:0", (sock_url_t){.netloc = ":0", .port = 0});
}

TEST(url, users_end_at_the_last_at)
{
    has("//a@b:c:d@h", (sock_url_t){.netloc = "a@b:c:d@h",
                                    .username = "a@b",
                                    .password = "c:d",
                                    .hostname = "h",
                                    .port = -1});
    has("//%41:%40@%41H", (sock_url_t){.netloc = "%41:%40@%41H",
                                       .username = "%41",
                                       .password = "%40",
                                       .hostname = "%41H",
                                       .port = -1});
}

TEST(url, addresses)
{
    has("//[FE80::A%Eth0]:1", (sock_url_t){.netloc = "[FE80::A%Eth0]:1",
                                           .hostname = "fe80::a%Eth0",
                                           .port = 1});
    has("//u@[::FFFF:1.2.3.4]", (sock_url_t){.netloc = "u@[::FFFF:1.2.3.4]",
                                             .username = "u",
                                             .hostname = "::ffff:1.2.3.4",
                                             .port = -1});
    has("//[v1F.X:]",
        (sock_url_t){.netloc = "[v1F.X:]", .hostname = "v1f.x:", .port = -1});
}

TEST(url, schemes)
{
    has("A+b-1.c:x",
        (sock_url_t){.scheme = "a+b-1.c", .path = "x", .port = -1});
    has("a_b:x", (sock_url_t){.path = "a_b:x", .port = -1});
    has("1a:x", (sock_url_t){.path = "1a:x", .port = -1});
    has(":x", (sock_url_t){.path = ":x", .port = -1});
    has("a/b:x", (sock_url_t){.path = "a/b:x", .port = -1});
}

TEST(url, what_is_passed_over)
{
    has(" \x01\x1f\thttp:\n//h\r\t/a b ", (sock_url_t){.scheme = "http",
                                                       .netloc = "h",
                                                       .path = "/a b ",
                                                       .hostname = "h",
                                                       .port = -1});
    has("h\tt\ntp\r:/\t/H\n:\t8\r0?\t#\n", (sock_url_t){.scheme = "http",
                                                        .netloc = "H:80",
                                                        .query = "",
                                                        .fragment = "",
                                                        .hostname = "h",
                                                        .port = 80});
    has("\t", (sock_url_t){.port = -1});
    has("\x7f\x80", (sock_url_t){.path = "\x7f\x80", .port = -1});
}

TEST(url, of_one_allocation)
{
    static const char *const urls[] = {"", "http://u:p@h:1/a?b#c",
                                       "\thttp\t://\th"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        fail_at = 100;
        sock_url_t *u = sock_urlsplit(urls[i]);
        check_int(fail_at, 99);
        fail_at = 0;
        sock_url_free(u);
    }
    check_int(sizeof(sock_url_t), 9 * sizeof(char *) + 6 * sizeof(int));
}

TEST(url, refused)
{
    static const struct {
        const char *url, *text;
    } rows[] = {
        {"http://h:65536/", "urlsplit: Port out of range 0-65535"},
        {"http://h:99999999999999999999", "urlsplit: Port out of range "
                                          "0-65535"},
        {"http://h:80x",
         "urlsplit: Port could not be cast to integer value as '80x'"},
        {"http://a:b:c",
         "urlsplit: Port could not be cast to integer value as 'b:c'"},
        {"http://h:-1",
         "urlsplit: Port could not be cast to integer value as '-1'"},
        {"http://[::1", "urlsplit: Invalid IPv6 URL"},
        {"http://::1]", "urlsplit: Invalid IPv6 URL"},
        {"http://[::1]8", "urlsplit: Invalid IPv6 URL"},
        {"http://x[::1]", "urlsplit: Invalid IPv6 URL"},
        {"http://[u@h", "urlsplit: Invalid IPv6 URL"},
        {"http://u:]@h", "urlsplit: Invalid IPv6 URL"},
        {"http://[a]@[::1]", "urlsplit: Invalid IPv6 URL"},
        {"http://u:[p@[::1]", "urlsplit: Invalid IPv6 URL"},
        {"http://[[::1]", "urlsplit: Invalid IPv6 URL"},
        {"http://[1.2.3.4]", "urlsplit: An IPv4 address cannot be in brackets"},
        {"http://[h]",
         "urlsplit: 'h' does not appear to be an IPv4 or IPv6 address"},
        {"http://[]",
         "urlsplit: '' does not appear to be an IPv4 or IPv6 address"},
        {"http://[::1%]",
         "urlsplit: '::1%' does not appear to be an IPv4 or IPv6 address"},
        {"http://[v.x]", "urlsplit: IPvFuture address is invalid"},
        {"http://[vg.x]", "urlsplit: IPvFuture address is invalid"},
        {"http://[v1.]", "urlsplit: IPvFuture address is invalid"},
        {"http://[v1:a]", "urlsplit: IPvFuture address is invalid"},
        {"http://[::1%a%b]",
         "urlsplit: '::1%a%b' does not appear to be an IPv4 or IPv6 address"},
        {"//a\u2100b", "urlsplit: netloc 'a\u2100b' contains invalid "
                       "characters under NFKC normalization"},
        /* No text shows a password, or what may be one. */
        {"http://u:p@h\u2100", "urlsplit: netloc 'h\u2100' contains invalid "
                               "characters under NFKC normalization"},
        {"http://u:p\u2100@h", "urlsplit: netloc 'h' contains invalid "
                               "characters under NFKC normalization"},
        {"http://u:p\uff20h", "urlsplit: netloc 'h' contains invalid "
                              "characters under NFKC normalization"},
        {"http://u:p\ufe6bh", "urlsplit: netloc 'h' contains invalid "
                              "characters under NFKC normalization"},
        {"http://u:p/p@h", "urlsplit: Port could not be cast to integer value"},
        {"http://u:p?p@h", "urlsplit: Port could not be cast to integer value"},
        {"http://u:p#p@h", "urlsplit: Port could not be cast to integer value"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_null(sock_urlsplit(rows[i].url), SOCK_E_VALUE, 0, rows[i].text);
}

TEST(url, a_long_host_is_quoted_in_part)
{
    char url[2000] = "http://[";
    memset(url + 8, 'a', 1900);
    strcpy(url + 1908, "]");
    check(sock_urlsplit(url) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(strncmp(sock_last_error()->words, "'aaaa", 5) == 0);
    check(strstr(sock_last_error()->words, "...") != NULL);
}

TEST(url, no_argument)
{
    char buf[8] = "old";

    check_null(sock_urlsplit(NULL), SOCK_E_TYPE, 0,
               "urlsplit: argument is NULL");
    check_null(sock_urlparse(NULL), SOCK_E_TYPE, 0,
               "urlparse: argument is NULL");
    check_fails(sock_urlunsplit(NULL, buf, sizeof buf), SOCK_E_TYPE, 0,
                "urlunsplit: argument is NULL");
    check_str(buf, "");
    check_fails(sock_url_check(NULL), SOCK_E_TYPE, 0,
                "url_check: argument is NULL");
    check_fails(sock_urljoin(NULL, "", buf, sizeof buf), SOCK_E_TYPE, 0,
                "urljoin: argument is NULL");
    check_fails(sock_urljoin("", NULL, buf, sizeof buf), SOCK_E_TYPE, 0,
                "urljoin: argument is NULL");
    check_fails(sock_urldefrag(NULL, buf, sizeof buf), SOCK_E_TYPE, 0,
                "urldefrag: argument is NULL");
    sock_url_t url = {.path = "x", .port = -1};
    check_fails(sock_url_same_origin(NULL, &url), SOCK_E_TYPE, 0,
                "url_same_origin: argument is NULL");
    check_fails(sock_url_same_origin(&url, NULL), SOCK_E_TYPE, 0,
                "url_same_origin: argument is NULL");
    check_fails(sock_urlunsplit(&url, NULL, 1), SOCK_E_TYPE, 0,
                "urlunsplit: buffer is NULL");
    check_fails(sock_urljoin("a", "b", NULL, 1), SOCK_E_TYPE, 0,
                "urljoin: buffer is NULL");
    check_fails(sock_urldefrag("a", NULL, 1), SOCK_E_TYPE, 0,
                "urldefrag: buffer is NULL");
    sock_url_free(NULL);
}

TEST(url, ending_it_leaves_the_record)
{
    sock_url_t *u = split("x");
    check_null(sock_urlsplit("//h:x"), SOCK_E_VALUE, 0,
               "urlsplit: Port could not be cast to integer value as 'x'");
    errno = 1234;
    sock_url_free(u);
    sock_url_free(NULL);
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
}

TEST(url, without_memory)
{
    char buf[32];

    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        strcpy(buf, "old");
        int n = sock_urljoin("http://h/a/b", "../c", buf, sizeof buf);
        fail_at = 0;
        check_str(buf, n == -1 ? "" : "http://h/c");
        if (n == -1)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
    }
    fail_at = 1;
    check_null(sock_urlsplit("http://h"), SOCK_E_MEMORY, 0,
               "urlsplit: [Errno 12] Cannot allocate memory");
    fail_at = 1;
    check_null(sock_urlparse("http://h"), SOCK_E_MEMORY, 0,
               "urlparse: [Errno 12] Cannot allocate memory");
    fail_at = 1;
    check_fails(sock_urldefrag("http://h", buf, sizeof buf), SOCK_E_MEMORY, 0,
                "urldefrag: [Errno 12] Cannot allocate memory");
    check_str(buf, "");
    fail_at = 0;
}

/* Parameters */

static void has_params(const char *text, const char *path, const char *params)
{
    char buf[64];
    sock_url_t *u = check_made(sock_urlparse(text));

    check_part("path", u->path, path);
    check_part("params", u->params, params);
    check_int(sock_urlunsplit(u, buf, sizeof buf), strlen(text));
    check_str(buf, text);
    sock_url_free(u);
}

TEST(url, params)
{
    has_params("http://h/a;b/c;d;e?q", "/a;b/c", "d;e");
    has_params("http://h/a;b/c", "/a;b/c", NULL);
    has_params("http://h/a;", "/a", "");
    has_params(";x", "", "x");
    has_params("a;x", "a", "x");
    has_params("tel:1;x", "1", "x");
    has_params("gopher://h/a;b", "/a;b", NULL);
    has_params("http://h", "", NULL);
}

/* Putting together */

TEST(url, comes_back)
{
    static const char *const urls[] = {
        "",         "x?#",    "?",          "#",        "http:",    "http:/",
        "http://",  "http:?", "//",         "///",      "////a",    "file:///x",
        "file:/x",  "//h",    "//h/?#",     ":a",       "1a:b",     "a/b:c",
        "mailto:a", "a:b:c",  "a?b?c#d#e?", "//u:@h:/", "s://h;p?q"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        comes_back_as(urls[i], urls[i]);
    comes_back_as("HTTP://H/A", "http://H/A");
    comes_back_as(" ht\ntp://h\t/x ", "http://h/x ");
}

static void is_put(const char *expected, sock_url_t url)
{
    char buf[64];
    check_int(sock_urlunsplit(&url, buf, sizeof buf), strlen(expected));
    check_str(buf, expected);
}

/* What is a path stays one. */
TEST(url, of_parts)
{
    is_put("", (sock_url_t){.port = 7});
    is_put("http://h/x", (sock_url_t){.scheme = "http",
                                      .netloc = "h",
                                      .path = "x",
                                      .hostname = "not looked at"});
    is_put("http://h", (sock_url_t){.scheme = "http", .netloc = "h"});
    is_put("//h/;p", (sock_url_t){.netloc = "h", .params = "p"});
    is_put("////x", (sock_url_t){.path = "//x"});
    is_put("s:////x", (sock_url_t){.scheme = "s", .path = "//x"});
    is_put("///x", (sock_url_t){.netloc = "", .path = "x"});
    is_put("./a:b", (sock_url_t){.path = "a:b"});
    is_put("./ a", (sock_url_t){.path = " a"});
    is_put("//h/ a", (sock_url_t){.netloc = "h", .path = " a"});
    is_put("a/b:c", (sock_url_t){.path = "a/b:c"});
    is_put("s:a:b", (sock_url_t){.scheme = "s", .path = "a:b"});
    is_put("x;p?q#f",
           (sock_url_t){
               .path = "x", .params = "p", .query = "q", .fragment = "f"});
    is_put("x;?#", (sock_url_t){
                       .path = "x", .params = "", .query = "", .fragment = ""});
}

/* A text of half a gigabyte, of pages that are the same few again and again. */
enum { PIECE = 1 << 24, PIECES = 32 };
static const size_t long_size = (size_t)PIECE * PIECES;

static char *long_text(void)
{
    int fd = memfd_create("text", MFD_CLOEXEC);
    char *text = mmap(NULL, long_size + 1, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    check(fd != -1 && text != MAP_FAILED);
    check_int(ftruncate(fd, PIECE), 0);
    for (size_t at = 0; at < long_size; at += PIECE)
        check(mmap(text + at, PIECE, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, 0) != MAP_FAILED);
    memset(text, 'a', PIECE);
    close(fd);
    return text;
}

TEST(url, more_than_an_int_counts)
{
    char buf[4] = "old";

    if (sizeof(size_t) < 8 || under_tsan() || under_valgrind() || emulated())
        skip("so long a text has no room here, or takes too long");
    char *text = long_text(), *most = text + 1; /* 4 of them and 3 marks */
    sock_url_t url = {.scheme = "",
                      .path = most,
                      .params = most,
                      .query = most,
                      .fragment = most + 1};
    check_int(sock_urlunsplit(&url, NULL, 0), INT_MAX);
    url.fragment = text;
    check_fails(sock_urlunsplit(&url, buf, sizeof buf), SOCK_E_OVERFLOW, 0,
                "urlunsplit: size is too large");
    check_str(buf, "");
    munmap(text, long_size + 1);
}

/* Joining */

static void joins(const char *base, const char *url, const char *expected)
{
    char buf[128];
    size_t n = strlen(expected);

    errno = 1234;
    check_int(sock_urljoin(base, url, NULL, 0), n);
    check_int(sock_urljoin(base, url, buf, n + 1), n);
    check_str(buf, expected);
    check_int(sock_urljoin(base, url, buf, n), n);
    check_str(buf, "");
    check_int(errno, 1234);
}

/* RFC 3986 5.4 */
TEST(url, joined_as_in_the_rfc)
{
    static const char *const rows[][2] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"g;x?y#s", "http://a/b/c/g;x?y#s"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {".g", "http://a/b/c/.g"},
        {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/./x", "http://a/b/c/g?y/./x"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"g#s/./x", "http://a/b/c/g#s/./x"},
        {"g#s/../x", "http://a/b/c/g#s/../x"},
        {"http:g", "http:g"},
    };
    check_int(sizeof rows / sizeof rows[0], 42);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        joins("http://a/b/c/d;p?q", rows[i][0], rows[i][1]);
}

TEST(url, joined_beyond_the_rfcs_examples)
{
    joins("foo://h/a/b", "c", "foo://h/a/c");
    joins("http://h//a//b", "c", "http://h//a//c");
    joins("http://h/a//b", "../c", "http://h/a/c");
    joins("http://h/a/b", "..//c", "http://h//c");
    joins("http://h", "c", "http://h/c");
    joins("http://h?q", "?", "http://h?");
    joins("http://h/a?q", "#", "http://h/a?q#");
    joins("http://h/a", "//", "http://");
    joins("http://h/a/../b", "", "http://h/a/../b");
    joins("http://h/a", "HTTP://x/../y", "http://x/y");
    joins("mailto:a/../b", "", "mailto:a/../b");
    joins("x:y", "mailto:a/../b", "mailto:/b");
    joins("x:y", "s:../a/./b/..", "s:a/");
    joins("x:y", "s:.", "s:");
    joins("x:y", "s:./a", "s:a");
    joins("x:y", "s:./.././a", "s:a");
    joins("x:y", "s:../..", "s:");
    joins("x:a/b", "..//c", "x:////c");
    joins("http://h/a", " \tb\n", "http://h/b");
}

TEST(url, joined_to_what_is_relative)
{
    joins("", "../x:y", "../x:y");
    joins("#f", "a/../b", "a/../b");
    joins("a/b", "c", "a/c");
    joins("a/b", "../c", "c");
    joins("a/b", "../../c", "c");
    joins("a/b", "..", "./");
    joins("a", ".", "./");
    joins("a", "./b:c", "./b:c");
    joins("./ s:b/c", "d", "./ s:b/d");
    joins("a/", ".//b", "a//b");
    joins("a/", "..//b", ".//b");
    joins("/a/b", "../../c", "/c");
    joins("?q", "a", "a");
    joins("//h", "a", "//h/a");
}

TEST(url, not_joined)
{
    char buf[8] = "old";
    check_fails(sock_urljoin("//h:x", "a", buf, sizeof buf), SOCK_E_VALUE, 0,
                "urljoin: Port could not be cast to integer value as 'x'");
    check_str(buf, "");
    check_fails(sock_urljoin("a", "//[", buf, sizeof buf), SOCK_E_VALUE, 0,
                "urljoin: Invalid IPv6 URL");
    check_fails(sock_urldefrag("//[", buf, sizeof buf), SOCK_E_VALUE, 0,
                "urldefrag: Invalid IPv6 URL");
}

/* "../" as often as a text has room takes a time that is linear. */
TEST(url, many_dots)
{
    enum { N = 3 * 300000 };
    char *base = check_made(malloc(N + 2)), *url = check_made(malloc(N + 2));
    char buf[32];

    for (int i = 0; i < N; i += 3) {
        memcpy(base + i, "/ab", 3);
        memcpy(url + i, "../", 3);
    }
    base[N] = url[N] = '\0';
    check_int(sock_urljoin(base, url, buf, sizeof buf), 1);
    check_str(buf, "/");
    memset(url, '/', N);
    check_int(sock_urljoin("s:", url, NULL, 0), N + 2);
    free(base);
    free(url);
}

TEST(url, defragmented)
{
    static const char *const rows[][2] = {{"http://h/a?b#c", "http://h/a?b"},
                                          {"http://h/a?#", "http://h/a?"},
                                          {"#", ""},
                                          {"a#b#c", "a"},
                                          {"HTTP:a", "http:a"}};
    char buf[32];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_int(sock_urldefrag(rows[i][0], buf, sizeof buf),
                  strlen(rows[i][1]));
        check_str(buf, rows[i][1]);
    }
}

/* Origins */

static void check_origin(const char *one, const char *other, int same)
{
    sock_url_t *a = split(one), *b = split(other);
    check_that(sock_url_same_origin(a, b) == same, "%s %s", one, other);
    check_that(sock_url_same_origin(b, a) == same, "%s %s", other, one);
    sock_url_free(a);
    sock_url_free(b);
}

TEST(url, origins)
{
    check_origin("http://h/a?b", "HTTP://u:p@H:80#c", 1);
    check_origin("https://h", "https://h:443", 1);
    check_origin("ws://h", "ws://h:80", 1);
    check_origin("wss://h", "wss://h:443", 1);
    check_origin("ftp://h", "ftp://h:21", 1);
    check_origin("foo://h", "foo://h", 1);
    check_origin("foo://h:1", "foo://h:1", 1);
    check_origin("http://[::1]", "http://[::1]:80", 1);
    check_origin("http://h", "https://h", 0);
    check_origin("http://h:443", "https://h", 0);
    check_origin("http://h", "ws://h", 0);
    check_origin("http://h", "http://h:8080", 0);
    check_origin("http://h", "http://h.", 0);
    check_origin("http://h", "http://x.h", 0);
    check_origin("foo://h", "foo://h:0", 0);
    check_origin("http://[::1]", "http://[0::1]", 0);
    check_origin("file:///x", "file:///x", 0);
    check_origin("mailto:a", "mailto:a", 0);
    check_origin("//h", "//h", 0);
    check_origin("http://h", "//h", 0);
    check_origin("http://h", "http:h", 0);
    check_origin("x", "x", 0);
}

TEST(url, ports)
{
    static const struct {
        const char *url;
        int port;
    } rows[] = {{"http://h", 80},   {"https://h", 443}, {"http://h:0", 0},
                {"ftp://h:22", 22}, {"foo://h", -1},    {"//h", -1},
                {"//h:7", 7},       {"wss://h", 443}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sock_url_t *u = split(rows[i].url);
        check_int(sock__url_port(u), rows[i].port);
        sock_url_free(u);
    }
}

/* The grammar */

TEST(url, of_the_grammar)
{
    static const char *const urls[] = {
        "",
        "a",
        "/",
        "?",
        "#",
        "//",
        "http:",
        "http://",
        "a/b:c",
        "./a:b",
        "http://u:p@h:80/a;b=c,d/e?f/g?h#i/j?k",
        "ftp://ftp.is.co.za/rfc.txt",
        "ldap://[2001:db8::7]/c=GB?objectClass?one",
        "mailto:J.Doe@example.com",
        "news:comp.infosystems.www.servers.unix",
        "tel:+1-816-555-1212",
        "telnet://192.0.2.16:80/",
        "urn:oasis:names:specification:docbook",
        "http://h:/",
        "http://:@:/",
        "http://%41%c3/%2F?%ff#%00",
        "http://-._~!$&'()*+,;=/-._~!$&'()*+,;=:@",
        "http://[v1F.a:b]/",
        "http://[V1.a]",
        "http://[::1.2.3.4]:65535",
        "s://0000000065535:00001"};
    errno = 1234;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        check_that(sock_url_check(urls[i]) == 0, "%s: %s", urls[i],
                   error_text());
    check_int(errno, 1234);
}

TEST(url, not_of_the_grammar)
{
    static const struct {
        const char *url, *text;
    } rows[] = {
        {" a", "url_check: invalid '\\x20' in the path, position 0"},
        {"a\tb", "url_check: invalid '\\x09' in the path, position 1"},
        {"a?\n", "url_check: invalid '\\x0a' in the query, position 2"},
        {"a#b\r", "url_check: invalid '\\x0d' in the fragment, position 3"},
        {"//h\t", "url_check: invalid '\\x09' in the host, position 3"},
        {"//h/a\t", "url_check: invalid '\\x09' in the path, position 5"},
        {"/\xc3\xa9", "url_check: invalid '\\xc3' in the path, position 1"},
        {"/\x7f", "url_check: invalid '\\x7f' in the path, position 1"},
        {"/a\\b", "url_check: invalid '\\' in the path, position 2"},
        {"/%", "url_check: '%' without two hex digits in the path, "
               "position 1"},
        {"/%4", "url_check: '%' without two hex digits in the path, "
                "position 1"},
        {"?%4g", "url_check: '%' without two hex digits in the query, "
                 "position 1"},
        {"//%/a", "url_check: '%' without two hex digits in the host, "
                  "position 2"},
        {"/[", "url_check: invalid '[' in the path, position 1"},
        {"?[", "url_check: invalid '[' in the query, position 1"},
        {"##", "url_check: invalid '#' in the fragment, position 1"},
        {"1a:b", "url_check: ':' behind what cannot be one in the scheme, "
                 "position 2"},
        {":", "url_check: ':' behind what cannot be one in the scheme, "
              "position 0"},
        {"//a@b@c", "url_check: invalid '@' in the host, position 5"},
        {"//a[@b", "url_check: invalid '[' in the user, position 3"},
        {"//a b", "url_check: invalid '\\x20' in the host, position 3"},
        {"//h:8x", "url_check: invalid 'x' in the port, position 5"},
        {"//h:65536", "url_check: more than 65535 in the port, position 4"},
        {"//h:99999999999999999999",
         "url_check: more than 65535 in the port, position 4"},
        {"//[::1", "url_check: '[' without ']' in the host, position 2"},
        {"//[::1]x", "url_check: invalid 'x' in the host, position 7"},
        {"//[::1%25e]", "url_check: no IPv6 address in the host, position 3"},
        {"//[1.2.3.4]", "url_check: no IPv6 address in the host, position 3"},
        {"//[]", "url_check: no IPv6 address in the host, position 3"},
        {"//[1111:1111:1111:1111:1111:1111:1111:1111:1111:11111]",
         "url_check: no IPv6 address in the host, position 3"},
        {"//[v.a]", "url_check: no version and address in the host, "
                    "position 4"},
        {"//[v1]", "url_check: no version and address in the host, "
                   "position 5"},
        {"//[v1.]", "url_check: no version and address in the host, "
                    "position 5"},
        {"//[v1:a]", "url_check: no version and address in the host, "
                     "position 5"},
        {"//[v1.%]", "url_check: invalid '%' in the host, position 6"},
        {"//]", "url_check: invalid ']' in the host, position 2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_fails(sock_url_check(rows[i].url), SOCK_E_VALUE, 0, rows[i].text);
}

/* Hosts that are to be connected to */

TEST(url, hosts_that_no_one_mistakes)
{
    static const char *const hosts[] = {
        "localhost",   "example.com", "example.com.",
        "a-b.c_d.x",   "xn--9ca",     "1.2.3.4",
        "255.0.0.1",   "256.com",     "1.2.3.4.x",
        "0xg",         "1a",          "::1",
        "fe80::1%e-0", "a.0x-1",      "::ffff:1.2.3.4",
        "0.0.0.0"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        check_that(sock__host_fault(hosts[i]) == NULL, "%s: %s", hosts[i],
                   sock__host_fault(hosts[i]));
}

TEST(url, hosts_that_may_be_another)
{
    static const char no_name[] = "host has a character that no name has",
                      no_address[] = "host is neither a name nor an address";
    static const char *const rows[][2] = {
        {"", "no host given"},
        {"a b", no_name},
        {"a\\b", no_name},
        {"a%2eb", no_name},
        {"a/b", no_name},
        {"a@b", no_name},
        {"\xc3\xa9", no_name},
        {"a\x01", no_name},
        {"a\x7f", no_name},
        {"a,b", no_name},
        {".", "host has an empty label"},
        {"a..b", "host has an empty label"},
        {"a..", "host has an empty label"},
        {"1", no_address},
        {"127.1", no_address},
        {"0x7f.1", no_address},
        {"0x7f000001", no_address},
        {"0x", no_address},
        {"a.0X", no_address},
        {"2130706433", no_address},
        {"017700000001", no_address},
        {"1.2.3.4.", no_address},
        {"1.2.3.04", no_address},
        {"1.2.3.256", no_address},
        {"1.2.3.1000", no_address},
        {"1.2.3.4.5", no_address},
        {"foo.09", no_address},
        {"::1%a b", "host has a character that no address has"},
        {"::1%\xff", "host has a character that no address has"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_str(sock__host_fault(rows[i][0]), rows[i][1]);
    check_str(sock__host_fault(NULL), "no host given");
}

TEST(url, hosts_of_numbers)
{
    static const char *const rows[] = {"1",   "a.1.",  "0x", "a.0Xf",
                                       "::1", "09.09", ":0"};
    static const char *const others[] = {"",    ".",   "..",  "a..", "1..",
                                         "a.x", "x0x", "1x0", "/",   "1.0xg9"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_that(sock__is_numeric_host(rows[i]), "%s", rows[i]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        check_that(!sock__is_numeric_host(others[i]), "%s", others[i]);
}

static void may_open(const char *text, const char *fault)
{
    sock_url_t *u = split(text);
    if (fault == NULL)
        check_ok(sock__url_may_open(u, "urlopen"));
    else
        check_fails(sock__url_may_open(u, "urlopen"), SOCK_E_VALUE, 0, fault);
    sock_url_free(u);
}

TEST(url, that_may_be_opened)
{
    static const char control[] =
        "urlopen: URL can't contain control characters";
    static const char at[] =
        "urlopen: user and password have an '@' that is not quoted";

    may_open("http://u:p@h/a?b#c d", NULL);
    may_open("http://[fe80::1%25eth0]/", NULL);
    may_open("http:///x", "urlopen: no host given");
    may_open("x", "urlopen: no host given");
    may_open("http://h /", "urlopen: host has a character that no name has");
    may_open("http://u@v@h/", at);
    may_open("http://u:p@v@h/", at);
    may_open("http://u:@@h/", at);
    may_open("http://h/a b", control);
    may_open("http://h/a\x7f", control);
    may_open("http://h?\x01", control);
    may_open("http://u \x01@h", control);
    may_open("http://u:\x01@h", control);
}

/* Of the URL standard of browsers: what is another host there, or none. */
TEST(url, where_browsers_differ)
{
    static const char *const urls[] = {"http://1.2.3.4./",
                                       "http://192.168.257",
                                       "http://192.168.257.",
                                       "http://256",
                                       "http://999999999",
                                       "http://4294967295",
                                       "http://0xffffffff",
                                       "https://0x.0x.0",
                                       "https://00.00.00.00",
                                       "http://192.0x00A80001",
                                       "http://%30%78%63%30%2e%30%32%35%30.01",
                                       "http://a:b@c\\",
                                       "ws://a@b\\c",
                                       "http://example.com\\\\foo\\\\bar",
                                       "http:\\\\www.google.com\\foo",
                                       "http:/example.com/",
                                       "http:example.com/",
                                       "http:@www.example.com",
                                       "http:/@www.example.com",
                                       "http:a:b@www.example.com",
                                       "http://GOO\u200b\u2060\ufeffgoo.com",
                                       "http://\u4f60\u597d",
                                       "https://fa\u00df.ExAmPlE/",
                                       "http://10000000000",
                                       "http://4294967296",
                                       "http://0xffffffff1",
                                       "http://256.256.256.256",
                                       "http://192.168.0.257",
                                       "http://1.2.3.08",
                                       "http://0..0x300/",
                                       "http://foo.0x4",
                                       "http://?",
                                       "http://#",
                                       "http://a b/",
                                       "http://a<b",
                                       "http://a>b",
                                       "http://a^b",
                                       "http://a|b/",
                                       "http://a%b/",
                                       "http://a\x7f/",
                                       "http://a\x01/",
                                       "http://example example.com",
                                       "http://Goo%20 goo%7C|.com",
                                       "https://x x:12",
                                       "http://ho%00st/",
                                       "http://ho%20st/",
                                       "http://ho%2Fst/",
                                       "http://ho%40st/",
                                       "http://hello%00",
                                       "http://@/www.example.com",
                                       "http://user@/www.example.com",
                                       "http://a:b@/www.example.com",
                                       "http://user:pass@/",
                                       "sc://@/",
                                       "sc://:/",
                                       "sc://:12/",
                                       "sc://a b/",
                                       "https:/example.com/",
                                       "wss:example.com/",
                                       "http::@c:29",
                                       "http:\\\\foo.com\\",
                                       "///example.org/path",
                                       "http://999999999.",
                                       "https://0x.0x.0x.0x",
                                       "https://000000000000000000000177.0.0.1",
                                       "http://%30%78%63%30.01%2e",
                                       "ftp://%e2%98%83",
                                       "https://a%C2%ADb/",
                                       "http://www.foo\u3002bar.com",
                                       "http://\uff27\uff4f.com",
                                       "http://\uff10\uff38\uff43\uff10.01"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        sock_url_t *u = split(urls[i]);
        check_that(sock__url_may_open(u, "x") == -1, "%s", urls[i]);
        sock_url_free(u);
    }
}
