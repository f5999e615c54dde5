/* SPDX-License-Identifier: MIT */
/* Files of a folder: paths, links, what is no file, conditions, parts. */
#include <pysockc/httpd.h>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "place.h"
#include "support.h"

/* A folder, and a server of it. */
static void serve(sock_httpd_request_t *self, void *arg)
{
    check_ok(sock_httpd_simple(self, arg));
}

/* 1994, so that it is not young. */
static void make_old(int at, const char *name)
{
    struct timespec times[2] = {{784111777, 5}, {784111777, 5}};
    check(utimensat(at, name, times, AT_SYMLINK_NOFOLLOW) == 0);
}

static void make_tree(int at)
{
    make_file(at, "a.txt", "0123456789");
    make_old(at, "a.txt");
    make_file(at, "empty", "");
    make_file(at, "b b.html", "<p>");
    make_file(at, "c:d?e#f%g", "odd");
    make_file(at, "\xff\xfe", "bytes");
    make_file(at, "back\\slash", "back");
    make_file(at, ".hidden", "hidden");
    make_folder(at, ".git");
    make_file(at, ".git/config", "secret");
    make_folder(at, "sub");
    make_file(at, "sub/x.css", "x{}");
    make_folder(at, "with");
    make_file(at, "with/index.html", "index");
    make_folder(at, "old");
    make_file(at, "old/index.htm", "index too");
    make_folder(at, "odd");
    make_folder(at, "odd/index.html");
    make_file(at, "odd/index.htm", "the second");
    make_link(at, "a.txt", "link");
    make_link(at, "sub", "sublink");
    make_link(at, "../..", "out");
    make_link(at, "/etc/hostname", "absolute");
    make_link(at, ".hidden", "to_hidden");
    check(mkfifoat(at, "fifo", 0600) == 0);
    make_link(at, "fifo", "to_fifo");
}

static struct place *new_place(int flags)
{
    struct place *p = begin_place();

    make_tree(p->at);
    p->dir.flags = flags;
    check_ok(sock_httpd_do(p->server, "GET", serve, &p->dir));
    check_ok(sock_httpd_do(p->server, "POST", serve, &p->dir));
    return p;
}

struct row {
    const char *target;
    int status;
    const char *body; /* NULL: whichever */
};

static void check_rows(const struct place *p, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *said = ask(p->server, "GET", rows[i].target, "");
        check_that(status_in(said) == rows[i].status, "%s: %s", rows[i].target,
                   said);
        if (rows[i].body != NULL)
            check_str(body_in(said), rows[i].body);
        free(said);
    }
}
#define CHECK_ROWS(p, rows) check_rows(p, rows, sizeof rows / sizeof rows[0])

/* What is the same whether links are followed or not. */
static const struct row paths[] = {
    {"/a.txt", 200, "0123456789"},
    {"/a.txt?query=/../x", 200, "0123456789"},
    {"//a.txt", 200, "0123456789"},
    {"///a.txt", 200, "0123456789"},
    {"/./a.txt", 200, "0123456789"},
    {"/sub/../a.txt", 200, "0123456789"},
    {"/none/../a.txt", 200, "0123456789"},
    {"/sub/%2e%2e/a.txt", 200, "0123456789"},
    {"/%61.txt", 200, "0123456789"},
    {"http://h/a.txt", 200, "0123456789"},
    {"/empty", 200, ""},
    {"/b%20b.html", 200, "<p>"},
    {"/c:d%3Fe%23f%25g", 200, "odd"},
    {"/%ff%fe", 200, "bytes"},
    {"/back%5Cslash", 200, "back"},
    {"/sub/x.css", 200, "x{}"},
    {"/with/", 200, "index"},
    {"/with/.", 200, "index"},
    {"/with//", 200, "index"},
    {"/old/", 200, "index too"},
    {"/odd/", 200, "the second"},
    {"/odd/index.html/", 404, NULL},
    {"/with", 301, ""},
    {"/sub", 301, ""},
    {"/a.txt/", 404, NULL},
    {"/a.txt/x", 404, NULL},
    {"/a.txt/.", 404, NULL},
    {"/none", 404, NULL},
    {"/none/", 404, NULL},
    {"/A.TXT", 404, NULL},
    {"/a.txt%20", 404, NULL},
    {"/a.txt.", 404, NULL},
    {"/%252e%252e/a.txt", 404, NULL},
    {"/fifo", 404, NULL},
    {"/fifo/", 404, NULL},
    {"/..", 400, NULL},
    {"/../", 400, NULL},
    {"/../a.txt", 400, NULL},
    {"/%2e%2e/a.txt", 400, NULL},
    {"/.%2E/a.txt", 400, NULL},
    {"/sub/../../a.txt", 400, NULL},
    {"/sub/..%2f..%2fa.txt", 400, NULL},
    {"/..%2fa.txt", 400, NULL},
    {"/%2fetc/hostname", 400, NULL},
    {"/a.txt%00", 400, NULL},
    {"/a.txt%00.html", 400, NULL},
    {"/%", 400, NULL},
    {"/%zz", 400, NULL},
    {"/..%5ca.txt", 404, NULL}, /* a name, and it begins with a dot */
    {"/sub/..%5c..%5ca.txt", 404, NULL},
    {"/..\\a.txt", 400, NULL},
    {"/absolute", 404, NULL},
    {"/out/", 404, NULL},
    {"/to_fifo", 404, NULL},
};

TEST(simple, paths)
{
    struct place *p = new_place(0);
    static const struct row more[] = {
        {"/", 404, NULL},          {"/sub/", 404, NULL},
        {"/link", 404, NULL},      {"/sublink/x.css", 404, NULL},
        {"/sublink", 404, NULL},   {"/.hidden", 404, NULL},
        {"/%2ehidden", 404, NULL}, {"/.git/config", 404, NULL},
        {"/.git", 404, NULL},      {"/sub/../.git/config", 404, NULL},
        {"/to_hidden", 404, NULL},
    };

    CHECK_ROWS(p, paths);
    CHECK_ROWS(p, more);
    free_place(p);
}

TEST(simple, paths_where_links_are_followed)
{
    struct place *p = new_place(SOCK_HTTPD_FOLLOW_LINKS | SOCK_HTTPD_DOTFILES);
    static const struct row more[] = {
        {"/link", 200, "0123456789"},    {"/sublink/x.css", 200, "x{}"},
        {"/sublink", 301, ""},           {"/.hidden", 200, "hidden"},
        {"/.git/config", 200, "secret"}, {"/to_hidden", 200, "hidden"},
        {"/out/tmp/", 404, NULL},        {"/out/etc/hostname", 404, NULL},
    };

    CHECK_ROWS(p, paths);
    CHECK_ROWS(p, more);
    free_place(p);
}

TEST(simple, what_cannot_be_read)
{
    static const struct row rows[] = {{"/locked", 404, NULL},
                                      {"/closed/", 404, NULL},
                                      {"/closed/a", 404, NULL}};

    uid_t before = geteuid();

    if (before == 0 && seteuid(65534) != 0)
        skip("root may read all, and be no one else");
    struct place *p = new_place(SOCK_HTTPD_LIST);
    make_folder(p->at, "closed");
    make_file(p->at, "closed/a", "a");
    check(fchmodat(p->at, "closed", 0, 0) == 0);
    make_bytes(p->at, "locked", "a", 1, 0);
    CHECK_ROWS(p, rows);
    check(fchmodat(p->at, "closed", 0700, 0) == 0);
    free_place(p);
    check_int(seteuid(before), 0);
}

/* To where it leads, and never to another host. */
TEST(simple, redirects)
{
    struct place *p = new_place(0);
    static const char *const rows[][2] = {
        {"/sub", "/sub/"},
        {"/sub?a=b&c", "/sub/?a=b&c"},
        {"/sub?", "/sub/?"},
        {"//sub", "/sub/"},
        {"///sub", "/sub/"},
        {"/.//sub", "/sub/"},
        {"//example.org/../sub", "/sub/"},
        {"//example.org/..//sub", "/sub/"},
        {"/sub/../with?x=/../", "/with/?x=/../"},
        {"/%73ub", "/sub/"},
        {"/sub?%0d%0aX:y", "/sub/?%0d%0aX:y"},
        {"/b%5C%5Cc%0a%25", "/b%5C%5Cc%0A%25/"},
    };

    make_folder(p->at, "b\\\\c\n%");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *said = ask(p->server, "GET", rows[i][0], "");
        check_int(status_in(said), 301);
        check_str(field_in(said, "Location"), rows[i][1]);
        check_str(field_in(said, "Content-Length"), "0");
        free(said);
    }
    free_place(p);
}

TEST(simple, heads)
{
    struct place *p = new_place(0);
    char *said = ask(p->server, "GET", "/a.txt", "");

    check_int(status_in(said), 200);
    check_str(field_in(said, "Content-type"), "text/plain");
    check_str(field_in(said, "Content-Length"), "10");
    check_str(field_in(said, "Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
    check_str(field_in(said, "ETag"), "\"a-ae1b981bc490a05\"");
    check_str(field_in(said, "Accept-Ranges"), "bytes");
    check(*field_in(said, "Date") != '\0');
    free(said);

    said = ask(p->server, "HEAD", "/a.txt", "Range: bytes=1-2\r\n");
    check_int(status_in(said), 200);
    check_str(field_in(said, "Content-Length"), "10");
    check_str(body_in(said), "");
    free(said);

    said = ask(p->server, "POST", "/a.txt", "Content-Length: 0\r\n");
    check_int(status_in(said), 405);
    check_str(field_in(said, "Allow"), "GET, HEAD");
    free(said);

    /* It is young, however long this takes. */
    struct timespec later[2] = {{time(NULL) + 100, 0}, {time(NULL) + 100, 0}};
    check(utimensat(p->at, "empty", later, 0) == 0);
    said = ask(p->server, "GET", "/empty", "");
    check_str(field_in(said, "Content-Length"), "0");
    check(strncmp(field_in(said, "ETag"), "W/\"0-", 5) == 0);
    check_str(field_in(said, "Content-type"), "application/octet-stream");
    free(said);
    free_place(p);
}

struct part {
    const char *fields;
    int status;
    const char *range, *body;
};

TEST(simple, parts_and_conditions)
{
    static const char tag[] = "If-None-Match: \"a-ae1b981bc490a05\"\r\n";
    static const struct part rows[] = {
        {"Range: bytes=2-4\r\n", 206, "bytes 2-4/10", "234"},
        {"Range: bytes=-3\r\n", 206, "bytes 7-9/10", "789"},
        {"Range: bytes=9-\r\n", 206, "bytes 9-9/10", "9"},
        {"Range: bytes=0-\r\n", 206, "bytes 0-9/10", "0123456789"},
        {"Range: bytes=10-\r\n", 416, "bytes */10", NULL},
        {"Range: bytes=0-0,5-5\r\n", 200, "", "0123456789"},
        {"Range: bytes=2-4\r\nIf-Range: \"a-ae1b981bc490a05\"\r\n", 206,
         "bytes 2-4/10", "234"},
        {"Range: bytes=2-4\r\nIf-Range: \"b\"\r\n", 200, "", "0123456789"},
        {"If-None-Match: \"b\"\r\n", 200, "", "0123456789"},
        {"If-None-Match: \"a-ae1b981bc490a05\"\r\n", 304, "", ""},
        {"If-None-Match: *\r\nRange: bytes=2-4\r\n", 304, "", ""},
        {"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 304, "", ""},
        {"If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 200, "",
         "0123456789"},
        {"If-Match: \"b\"\r\n", 412, "", NULL},
        {"If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 412, "",
         NULL},
    };
    struct place *p = new_place(0);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *said = ask(p->server, "GET", "/a.txt", rows[i].fields);
        check_that(status_in(said) == rows[i].status, "%s: %s", rows[i].fields,
                   said);
        check_str(field_in(said, "Content-Range"), rows[i].range);
        if (rows[i].body != NULL)
            check_str(body_in(said), rows[i].body);
        free(said);
    }
    char *said = ask(p->server, "HEAD", "/a.txt", tag);
    check_int(status_in(said), 304);
    check_str(field_in(said, "ETag"), "\"a-ae1b981bc490a05\"");
    check(*field_in(said, "Date") != '\0');
    check_str(field_in(said, "Content-type"), "");
    check_str(field_in(said, "Content-Length"), "");
    free(said);
    free_place(p);
}

/* Index pages and types of the caller's. */
TEST(simple, of_the_callers)
{
    static char large[10000];
    static const char *const index[] = {"none", large, "x.css", NULL};
    static const char *const types[] = {".css", "text/x-own", "", "text/all",
                                        NULL};
    struct place *p = new_place(0);

    memset(large, 'x', sizeof large - 1); /* which no path has room for */
    p->dir.index = index;
    p->dir.types = types;
    char *said = ask(p->server, "GET", "/sub/", "");
    check_str(body_in(said), "x{}");
    check_str(field_in(said, "Content-type"), "text/x-own");
    free(said);
    said = ask(p->server, "GET", "/empty", "");
    check_str(field_in(said, "Content-type"), "text/all");
    free(said);
    said = ask(p->server, "GET", "/with/", "");
    check_int(status_in(said), 404);
    free(said);
    free_place(p);
}

TEST(simple, under_a_prefix)
{
    struct place *p = new_place(SOCK_HTTPD_LIST);
    static const struct row rows[] = {
        {"/files/a.txt", 200, "0123456789"},
        {"/files//a.txt", 200, "0123456789"},
        {"/%66iles/a.txt", 200, "0123456789"},
        {"/x/../files/a.txt", 200, "0123456789"},
        {"/files/sub/x.css", 200, "x{}"},
        {"/files/with/", 200, "index"},
        {"/files/../a.txt", 200, "0123456789"}, /* by the other handler */
        {"/files/..", 200, NULL},
        {"/files/sub/../../a.txt", 200, "0123456789"},
        {"/files/../../a.txt", 400, NULL},
        {"/filesx", 404, NULL},
        {"/files/files/a.txt", 404, NULL},
        {"/files/", 200, NULL},
    };

    check_ok(sock_httpd_mount(p->server, "/files", serve, &p->dir));
    CHECK_ROWS(p, rows);
    char *said = ask(p->server, "GET", "/files", "");
    check_str(field_in(said, "Location"), "/files/");
    free(said);
    said = ask(p->server, "GET", "/files/sub?q", "");
    check_str(field_in(said, "Location"), "/files/sub/?q");
    free(said);
    free_place(p);
}

/* What can be asked for, and nothing else. */
TEST(simple, listings)
{
    struct place *p = new_place(SOCK_HTTPD_LIST);
    static const char *const there[] = {
        "<!DOCTYPE html>",
        "<title>Directory listing for /</title>",
        "href=\"a.txt\"><bdi>a.txt</bdi></a></th><td>10 B</td>",
        "datetime=\"1994-11-06T08:49:37Z\">1994-11-06 08:49</time>",
        "href=\"b%20b.html\"><bdi>b b.html</bdi>",
        "href=\"c%3Ad%3Fe%23f%25g\"><bdi>c:d?e#f%g</bdi>",
        "href=\"%FF%FE\"><bdi>\xef\xbf\xbd\xef\xbf\xbd</bdi>",
        "href=\"sub/\"><bdi>sub</bdi>/</a>",
        "href=\"%3Cb%3E%26%22%27\"><bdi>&lt;b&gt;&amp;&quot;&#x27;</bdi>",
        "<bdi>\xc3\xa4\xef\xbf\xbd</bdi>",
    };
    static const char *const not_there[] = {
        "hidden", ".git", "\"link", "fifo", "out", "../\"", "absolute"};

    make_file(p->at, "<b>&\"'", "");
    make_file(p->at, "\xc3\xa4\x01", "");
    char *said = ask(p->server, "GET", "/", "");
    check_int(status_in(said), 200);
    check_str(field_in(said, "Content-type"), "text/html; charset=utf-8");
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++)
        check_that(strstr(said, there[i]) != NULL, "%s: %s", there[i], said);
    for (size_t i = 0; i < sizeof not_there / sizeof not_there[0]; i++)
        check_that(strstr(said, not_there[i]) == NULL, "%s: %s", not_there[i],
                   said);
    free(said);
    said = ask(p->server, "GET", "/sub/?x=<b>", "");
    check(strstr(said, "<title>Directory listing for /sub/</title>") != NULL);
    check(strstr(said, "<a href=\"../\">") != NULL);
    free(said);
    said = ask(p->server, "HEAD", "/sub/", "");
    check_int(status_in(said), 200);
    check_str(body_in(said), "");
    free(said);
    free_place(p);
}

/* Bytes that are no characters that can be seen (RFC 3629 4). */
TEST(simple, names_in_utf8)
{
#define NONE "\xef\xbf\xbd"
    static const char *const rows[][2] = {
        {"\xc2\xa0", "\xc2\xa0"},
        {"\xdf\xbf", "\xdf\xbf"},
        {"\xe0\xa0\x80", "\xe0\xa0\x80"},
        {"\xe2\x82\xac", "\xe2\x82\xac"},
        {"\xed\x9f\xbf", "\xed\x9f\xbf"},
        {"\xf0\x90\x80\x80", "\xf0\x90\x80\x80"},
        {"\xf1\x80\x80\x80", "\xf1\x80\x80\x80"},
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
        {"\xc2\x9f", NONE NONE},
        {"\xc1\xbf", NONE NONE},
        {"\xc3(", NONE "("},
        {"\xc3\xc3\xa4", NONE "\xc3\xa4"},
        {"\xe0\x9f\x80", NONE NONE NONE},
        {"\xed\xa0\x80", NONE NONE NONE},
        {"\xe2\x82", NONE NONE},
        {"\xf0\x8f\x80\x80", NONE NONE NONE NONE},
        {"\xf4\x90\x80\x80", NONE NONE NONE NONE},
        {"\xf5\x80\x80\x80", NONE NONE NONE NONE},
        {"\x80", NONE},
        {"\x7f.", NONE "."},
    };
    struct place *p = new_place(SOCK_HTTPD_LIST);

    make_folder(p->at, "names");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char name[40], wanted[60];
        snprintf(name, sizeof name, "names/%s", rows[i][0]);
        make_file(p->at, name, "");
        char *said = ask(p->server, "GET", "/names/", "");
        snprintf(wanted, sizeof wanted, "<bdi>%s</bdi>", rows[i][1]);
        check_that(strstr(said, wanted) != NULL, "row %zu: %s", i, said);
        check(unlinkat(p->at, name, 0) == 0);
        free(said);
    }
    free_place(p);
}

TEST(simple, listings_with_all)
{
    struct place *p = new_place(SOCK_HTTPD_LIST | SOCK_HTTPD_FOLLOW_LINKS |
                                SOCK_HTTPD_DOTFILES);
    char *said = ask(p->server, "GET", "/", "");

    check(strstr(said, "<bdi>.hidden</bdi>") != NULL);
    check(strstr(said, "<bdi>link</bdi>@</a></th><td></td><td></td>") != NULL);
    check(strstr(said, "href=\"link\"") != NULL);
    check(strstr(said, "\"./\"") == NULL && strstr(said, "\"../\"") == NULL);
    free(said);
    free_place(p);
}

TEST(simple, order_and_sizes_of_a_listing)
{
    struct place *p = new_place(SOCK_HTTPD_LIST);
    static const char *const order[] = {
        ">0<", ">_a<", ">A<", ">a<", ">B<", ">b<", ">Ba<", ">c<", ">\xc3\xa4<"};
    static const struct {
        const char *name, *text;
        off_t size;
    } sizes[] = {{"s0", "999 B", 999},        {"s1", "1.0 kB", 1000},
                 {"s2", "9.9 kB", 9999},      {"s3", "10 kB", 10000},
                 {"s4", "999 kB", 999999},    {"s5", "1.0 MB", 1000000},
                 {"s6", "1.2 GB", 1234567890}};

    make_folder(p->at, "e");
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        char name[16];
        snprintf(name, sizeof name, "e/%.*s", (int)strlen(order[i]) - 2,
                 order[i] + 1);
        make_file(p->at, name, "");
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        make_file(p->at, sizes[i].name, "");
        int fd = openat(p->at, sizes[i].name, O_WRONLY);
        check(ftruncate(fd, sizes[i].size) == 0);
        close(fd);
    }
    char *said = ask(p->server, "GET", "/e/", "");
    const char *at = said;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        const char *found = strstr(at, order[i]);
        check_that(found != NULL, "%s: %s", order[i], said);
        at = found;
    }
    free(said);
    said = ask(p->server, "GET", "/", "");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "<bdi>%s</bdi></a></th><td>%s</td>",
                 sizes[i].name, sizes[i].text);
        check_that(strstr(said, text) != NULL, "%s: %s", text, said);
    }
    free(said);
    free_place(p);
}

TEST(simple, listing_of_nothing_and_of_much)
{
    struct place *p = new_place(SOCK_HTTPD_LIST);

    make_folder(p->at, "nothing");
    char *said = ask(p->server, "GET", "/nothing/", "");
    check(strstr(said, "Nothing is here.") != NULL);
    free(said);
    make_folder(p->at, "much");
    for (int i = 0; i < 1000; i++) {
        char name[300];
        snprintf(name, sizeof name, "much/%0200d", i);
        make_file(p->at, name, "");
    }
    said = ask(p->server, "GET", "/much/", "");
    check_int(status_in(said), 200);
    check(strstr(said, "999</bdi>") != NULL);
    free(said);
    free_place(p);
}

/* The folder is replaced by another one: within a second that is served. */
/* What is a folder at one time and a link that leads out at another. */

struct swapper {
    int at;
    atomic_bool over;
    atomic_int rounds;
};

static void *swap(void *arg)
{
    struct swapper *w = arg;

    while (!atomic_load(&w->over)) {
        check(renameat(w->at, "sub", w->at, "aside") == 0);
        check(renameat(w->at, "out", w->at, "sub") == 0);
        check(renameat(w->at, "sub", w->at, "out") == 0);
        check(renameat(w->at, "aside", w->at, "sub") == 0);
        atomic_fetch_add(&w->rounds, 1);
        if (under_valgrind()) /* which lets no other thread run for long */
            sched_yield();
    }
    return NULL;
}

/* "out" is "../..", and there is a folder beside the root, in which there is
 * another x.css. */
static void ask_meanwhile(int flags)
{
    struct place *p = new_place(flags);
    struct swapper w = {.at = p->at};
    int found = 0, asked = 0;
    pthread_t thread;

    check(unlinkat(p->at, "out", 0) == 0);
    make_folder(p->at, "root");
    make_folder(p->at, "root/sub");
    make_file(p->at, "root/sub/x.css", "inside");
    make_folder(p->at, "beside");
    make_file(p->at, "beside/x.css", "outside");
    char root[4096];
    snprintf(root, sizeof root, "%s/root", p->path);
    p->dir.root = root;
    w.at = openat(p->at, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    make_link(w.at, "../beside", "out");
    check(pthread_create(&thread, NULL, swap, &w) == 0);
    while (atomic_load(&w.rounds) == 0)
        sched_yield();
    for (; asked < 3000 && (asked < 300 || found == 0); asked++) {
        char *said = ask(p->server, "GET", "/sub/x.css", "");
        int status = status_in(said);
        check_that(status == 200 || status == 404, "%s", said);
        check(strstr(said, "outside") == NULL);
        found += status == 200 && strcmp(body_in(said), "inside") == 0;
        free(said);
    }
    atomic_store(&w.over, true);
    check(pthread_join(thread, NULL) == 0);
    check(found > 0);
    close(w.at);
    free_place(p);
}

TEST(simple, renamed_under_way)
{
    ask_meanwhile(0);
    ask_meanwhile(SOCK_HTTPD_FOLLOW_LINKS);
}

TEST(simple, a_root_that_moves)
{
    struct place *p = new_place(0);
    char *other = new_folder(), *away = new_folder(), text[8192];
    int at = open(other, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    make_file(at, "a.txt", "new");
    close(at);
    free(ask(p->server, "GET", "/a.txt", ""));
    snprintf(text, sizeof text, "%s/gone", away);
    check(rename(p->path, text) == 0 && rename(other, p->path) == 0);
    double begun = now();
    for (;;) {
        char *said = ask(p->server, "GET", "/a.txt", "");
        bool is_new = strcmp(body_in(said), "new") == 0;
        free(said);
        if (is_new)
            break;
        check(now() - begun < 5);
        usleep(50000);
    }
    free(other);
    free_folder(away);
    free_place(p);
}

TEST(simple, no_root)
{
    struct place *p = new_place(0);
    p->dir.root = "/no such folder";
    char *said = ask(p->server, "GET", "/a.txt", "");
    check_int(status_in(said), 500);
    check(strstr(said, "no such folder") == NULL);
    free(said);
    free_place(p);
}

static void refuse(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_dir_t *good = arg, dir = *good;

    check_fails(sock_httpd_simple(NULL, &dir), SOCK_E_TYPE, 0,
                "simple: argument is NULL");
    check_fails(sock_httpd_simple(self, NULL), SOCK_E_TYPE, 0,
                "simple: argument is NULL");
    dir.size--;
    check_fails(sock_httpd_simple(self, &dir), SOCK_E_VALUE, 0,
                "simple: size is not that of sock_httpd_dir_t");
    dir = *good;
    dir.root = NULL;
    check_fails(sock_httpd_simple(self, &dir), SOCK_E_TYPE, 0,
                "simple: root is NULL");
    dir = *good;
    dir.flags = 8;
    check_fails(sock_httpd_simple(self, &dir), SOCK_E_VALUE, 0,
                "simple: unknown flags");
    dir = *good;
    dir.deadline = -1;
    check_fails(sock_httpd_simple(self, &dir), SOCK_E_VALUE, 0,
                "simple: deadline is negative, or no number");
    dir = *good;
    dir.reserved[7] = 1;
    check_fails(sock_httpd_simple(self, &dir), SOCK_E_VALUE, 0,
                "simple: reserved is not 0");
    errno = 1234;
    check_ok(sock_httpd_simple(self, good));
    check_int(errno, 1234);
    check_fails(sock_httpd_simple(self, good), SOCK_E_VALUE, 0,
                "send_response: the response has begun");
}

TEST(simple, arguments)
{
    struct place *p = new_place(0);
    check_ok(sock_httpd_do(p->server, "GET", refuse, &p->dir));
    char *said = ask(p->server, "GET", "/a.txt", "");
    check_str(body_in(said), "0123456789");
    free(said);
    free_place(p);
}
