/* SPDX-License-Identifier: MIT */
/* URLs of ftp:. */
#include "ftp_script.h"

#include <poll.h>

#include <pysockc/request.h>

#define HELLO ">220 hello"
#define LOGIN "<", ">331 password", "<", ">230 in"
#define PASSIVE "E", "<", "@"

/* The URL of a server, of 127.0.0.1. Static. */
static const char *url_of(const struct ftp_server *v, const char *user,
                          const char *path)
{
    static char url[512];
    snprintf(url, sizeof url, "ftp://%s127.0.0.1:%d%s", user, v->port, path);
    return url;
}

/* It is opened, and gives this, of that length (-1: none is said). */
static void check_gives(const char *const *steps, const char *user,
                        const char *path, int64_t length, const char *type,
                        const char *text, const char *heard)
{
    struct ftp_server *v = ftp_start(steps);
    char *data = NULL;
    errno = 1234;
    sock_http_response_t *r =
        check_made(sock_urlopen(url_of(v, user, path), NULL, 0, 10));
    check_int(errno, 1234);
    check_int(sock_http_status(r), 200);
    check_int(sock_http_length(r), length);
    const char *number =
        sock_headers_get(sock_http_headers(r), "Content-length", NULL);
    check(length < 0 || number != NULL);
    check(number == NULL || *number != '-'); /* -1 is no length */
    const char *said =
        sock_headers_get(sock_http_headers(r), "Content-type", NULL);
    check_str(said != NULL ? said : "none", type);
    check_ok(sock_http_readall(r, &data, 1 << 20));
    check_str(data, text);
    check(strstr(sock_http_geturl(r), "secret") == NULL);
    sock_http_data_free(data);
    sock_http_response_free(r);
    ftp_heard(v, heard);
}

TEST(fetch_ftp, files)
{
    static const char *const file[] = {HELLO,
                                       LOGIN,
                                       "<",
                                       ">250 cwd",
                                       "<",
                                       ">250 cwd",
                                       "<",
                                       ">200 type",
                                       "<",
                                       PASSIVE,
                                       ">150 go (5 bytes)",
                                       "+hello",
                                       ".",
                                       ">226 done",
                                       NULL};
    static const char *const at_once[] = {
        HELLO,     LOGIN,    "<", ">200 type", "<", PASSIVE,
        ">150 go", "+hello", ".", ">226 done", NULL};
    static const char *const begun[] = {HELLO,
                                        LOGIN,
                                        "<",
                                        ">200 type",
                                        "<",
                                        PASSIVE,
                                        ">125 go (6 bytes)",
                                        "+hello",
                                        ".",
                                        ">226 done",
                                        NULL};
    static const char *const counted[] = {HELLO,
                                          LOGIN,
                                          "<",
                                          ">200 type",
                                          "<",
                                          PASSIVE,
                                          ">150 go (6 bytes)",
                                          "+hello",
                                          ".",
                                          ">226 done",
                                          NULL};
    static const char *const root[] = {
        HELLO,      LOGIN,    "<",         ">250 cwd",  "<",
        ">250 cwd", "<",      ">200 type", "<",         PASSIVE,
        ">150 go",  "+hello", ".",         ">226 done", NULL};
    check_gives(file, "", "/a/b%20c/d.html", 5, "text/html", "hello",
                "USER anonymous\nPASS anonymous@\nCWD a\nCWD b c\nTYPE I\n"
                "EPSV\nRETR d.html\n");
    check_gives(at_once, "me:secret@", "/d;type=i", -1, "none", "hello",
                "USER me\nPASS secret\nTYPE I\nEPSV\nRETR d\n");
    check_gives(at_once, "me@", "/d?e;type=a", -1, "none", "hello",
                "USER me\nPASS \nTYPE A\nEPSV\nRETR d?e\n");
    check_gives(counted, "", "/d;type=a", -1, "none", "hello",
                "USER anonymous\nPASS anonymous@\nTYPE A\nEPSV\nRETR d\n");
    check_gives(begun, "", "/d", -1, "none", "hello",
                "USER anonymous\nPASS anonymous@\nTYPE I\nEPSV\nRETR d\n");
    check_gives(at_once, "", "/d;nope=d", -1, "none", "hello",
                "USER anonymous\nPASS anonymous@\nTYPE I\nEPSV\n"
                "RETR d;nope=d\n");
    check_gives(at_once, "", "/d;type=x", -1, "none", "hello",
                "USER anonymous\nPASS anonymous@\nTYPE I\nEPSV\n"
                "RETR d;type=x\n");
    check_gives(at_once, "", "/d;x", -1, "none", "hello",
                "USER anonymous\nPASS anonymous@\nTYPE I\nEPSV\nRETR d;x\n");
    check_gives(at_once, "", "/d;type=", -1, "none", "hello",
                "USER anonymous\nPASS anonymous@\nTYPE I\nEPSV\n"
                "RETR d;type=\n");
    check_gives(at_once, "", "/d;type=ix", -1, "none", "hello",
                "USER anonymous\nPASS anonymous@\nTYPE I\nEPSV\n"
                "RETR d;type=ix\n");
    check_gives(root, "", "//etc/motd", -1, "none", "hello",
                "USER anonymous\nPASS anonymous@\nCWD /\nCWD etc\nTYPE I\n"
                "EPSV\nRETR motd\n");
    check_gives(root, "", "/%2Fetc/x//motd", -1, "none", "hello",
                "USER anonymous\nPASS anonymous@\nCWD /etc\nCWD x\nTYPE I\n"
                "EPSV\nRETR motd\n");
}

TEST(fetch_ftp, directories)
{
    static const char *const top[] = {
        HELLO,     LOGIN,         "<", ">200 type", "<", PASSIVE,
        ">150 go", "+a\r\nb\r\n", ".", ">226 done", NULL};
    static const char *const named[] = {
        HELLO, LOGIN,       "<",       ">200 type",
        "<",   "E",         "<",       ">550 a directory",
        "<",   ">250 cwd",  "<",       ">200 type",
        "<",   PASSIVE,     ">150 go", "+a\r\n",
        ".",   ">226 done", NULL};
    static const char *const listed[] = {
        HELLO,   LOGIN,     "<",      ">250 cwd", "<",         ">200 type", "<",
        PASSIVE, ">150 go", "+a\r\n", ".",        ">226 done", NULL};
    check_gives(top, "", "", -1, "none", "a\r\nb\r\n",
                "USER anonymous\nPASS anonymous@\nTYPE A\nEPSV\nLIST\n");
    check_gives(top, "", "/", -1, "none", "a\r\nb\r\n",
                "USER anonymous\nPASS anonymous@\nTYPE A\nEPSV\nLIST\n");
    check_gives(named, "", "/-la", -1, "none", "a\r\n",
                "USER anonymous\nPASS anonymous@\nTYPE I\nEPSV\nRETR -la\n"
                "CWD -la\nTYPE A\nEPSV\nLIST\n");
    check_gives(listed, "", "/d;type=d", -1, "none", "a\r\n",
                "USER anonymous\nPASS anonymous@\nCWD d\nTYPE A\nEPSV\nLIST\n");
    check_gives(listed, "", "/d/", -1, "none", "a\r\n",
                "USER anonymous\nPASS anonymous@\nCWD d\nTYPE A\nEPSV\nLIST\n");
}

static void check_no_way(const char *const *steps, const char *path, int kind,
                         int code, const char *text, const char *heard)
{
    struct ftp_server *v = ftp_start(steps);
    char whole[512];
    const char *url = url_of(v, "me:secret@", path);
    snprintf(whole, sizeof whole, "urlopen ftp://127.0.0.1:%d%s: %s", v->port,
             path, text);
    check_null(sock_urlopen(url, NULL, 0, 10), kind, code, whole);
    ftp_heard(v, heard);
}

TEST(fetch_ftp, refusals)
{
    static const char *const no_file[] = {
        HELLO, LOGIN,          "<", ">200 type",         "<", "E",
        "<",   ">550 no file", "<", ">550 no directory", "z", NULL};
    static const char *const denied[] = {HELLO, LOGIN, "<", ">200 type",
                                         "<",   "E",   "<", ">553 denied",
                                         "z",   NULL};
    static const char *const who[] = {HELLO, "<", ">530 who", "z", NULL};
    static const char *const no_way[] = {HELLO,       LOGIN, "<",
                                         ">550 no a", "z",   NULL};
    static const char *const lost[] = {HELLO, LOGIN, "<", ">200 type",
                                       "<",   "E",   "<", ">550 no file",
                                       "<",   "x",   NULL};
    static const char *const welcome[] = {">421 too many", "z", NULL};
    static const char *const closed[] = {HELLO, "<", "x", NULL};
    static const char *const no_type[] = {HELLO,       LOGIN, "<",
                                          ">504 type", "z",   NULL};
    check_no_way(no_file, "/a", SOCK_E_REPLY, 550, "550 no file",
                 "USER me\nPASS secret\nTYPE I\nEPSV\nRETR a\nCWD a\n");
    check_no_way(no_way, "/a/b", SOCK_E_REPLY, 550, "550 no a",
                 "USER me\nPASS secret\nCWD a\n");
    check_no_way(lost, "/a", SOCK_E_EOF, 0, "Connection unexpectedly closed",
                 "USER me\nPASS secret\nTYPE I\nEPSV\nRETR a\nCWD a\n");
    check_no_way(denied, "/a", SOCK_E_REPLY, 553, "553 denied",
                 "USER me\nPASS secret\nTYPE I\nEPSV\nRETR a\n");
    check_no_way(who, "/a", SOCK_E_REPLY, 530, "530 who", "USER me\n");
    check_no_way(welcome, "/a", SOCK_E_REPLY, 421, "421 too many", "");
    check_no_way(closed, "/a", SOCK_E_EOF, 0, "Connection unexpectedly closed",
                 "USER me\n");
    check_no_way(no_type, "/a", SOCK_E_REPLY, 504, "504 type",
                 "USER me\nPASS secret\nTYPE I\n");
    check_no_way(no_type, "/", SOCK_E_REPLY, 504, "504 type",
                 "USER me\nPASS secret\nTYPE A\n");
}

/* What was recorded before is not why this one is no file. */
TEST(fetch_ftp, after_a_refusal)
{
    static const char *const steps[] = {
        HELLO,     LOGIN,    "<", ">200 type", "<", PASSIVE,
        ">150 go", "+hello", ".", ">226 done", NULL};
    static const char *const no_way[] = {HELLO,       LOGIN, "<",
                                         ">550 no a", "z",   NULL};
    check_no_way(no_way, "/a/b", SOCK_E_REPLY, 550, "550 no a",
                 "USER me\nPASS secret\nCWD a\n");
    check_gives(steps, "", "/a", -1, "none", "hello",
                "USER anonymous\nPASS anonymous@\nTYPE I\nEPSV\nRETR a\n");
}

/* No name is a second command; and nothing is connected to. */
TEST(fetch_ftp, names_that_are_refused)
{
    static const char *const urls[] = {
        "ftp://127.0.0.1:1/a%0D%0ADELE%20b", "ftp://127.0.0.1:1/a%0A/b",
        "ftp://127.0.0.1:1/a%00b", "ftp://127.0.0.1:1/%00/b"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        check(sock_urlopen(urls[i], NULL, 0, 10) == NULL);
        check_int(sock_last_error()->kind, SOCK_E_VALUE);
    }
    static const char *const steps[] = {HELLO, "z", NULL};
    struct ftp_server *v = ftp_start(steps);
    check(sock_urlopen(url_of(v, "a%0D%0Ab@", "/"), NULL, 0, 10) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    ftp_heard(v, "");
    check(sock_urlopen("ftp://a%00b@127.0.0.1:1/", NULL, 0, 10) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check_null(sock_urlopen("ftp://127.0.0.1:1/", "x", 1, 10), SOCK_E_VALUE, 0,
               "urlopen ftp://127.0.0.1:1/: ftp: takes no data");
}

/* Ends that are none. */
TEST(fetch_ftp, cut_off)
{
    static const char *const shorter[] = {HELLO,
                                          LOGIN,
                                          "<",
                                          ">200 type",
                                          "<",
                                          PASSIVE,
                                          ">150 go (6 bytes)",
                                          "+hello",
                                          ".",
                                          ">226 done",
                                          NULL};
    static const char *const refused[] = {
        HELLO,     LOGIN,    "<", ">200 type", "<", PASSIVE,
        ">150 go", "+hello", ".", ">426 cut",  NULL};
    const char *const *all[] = {shorter, refused};
    static const int kinds[] = {SOCK_E_EOF, SOCK_E_REPLY};
    for (size_t i = 0; i < 2; i++) {
        struct ftp_server *v = ftp_start(all[i]);
        char buf[16];
        sock_http_response_t *r =
            check_made(sock_urlopen(url_of(v, "", "/a"), NULL, 0, 10));
        ssize_t n = 0, got;
        while ((got = sock_http_read(r, buf, sizeof buf)) > 0)
            n += got;
        check_int(n, 5);
        for (int again = 0; again < 2; again++) {
            check_int(got, -1);
            check_int(sock_last_error()->kind, kinds[i]);
            got = sock_http_read(r, buf, sizeof buf);
        }
        sock_http_response_free(r);
        ftp_stop(v);
    }
}

/* What is more than was announced is part of it, and the server has the last
 * word. */
TEST(fetch_ftp, longer)
{
    static const char *const longer[] = {HELLO,
                                         LOGIN,
                                         "<",
                                         ">200 type",
                                         "<",
                                         PASSIVE,
                                         ">150 go (2 bytes)",
                                         "+hello",
                                         ".",
                                         ">226 done",
                                         NULL};
    static const char *const grown[] = {HELLO,
                                        LOGIN,
                                        "<",
                                        ">200 type",
                                        "<",
                                        PASSIVE,
                                        ">150 go (0 bytes)",
                                        "+hello",
                                        ".",
                                        ">226 done",
                                        NULL};
    static const char heard[] =
        "USER anonymous\nPASS anonymous@\nTYPE I\nEPSV\nRETR a\n";
    check_gives(longer, "", "/a", 2, "none", "hello", heard);
    check_gives(grown, "", "/a", -1, "none", "hello", heard);
}

TEST(fetch_ftp, whole_and_refused)
{
    static const char *const steps[] = {HELLO,
                                        LOGIN,
                                        "<",
                                        ">200 type",
                                        "<",
                                        PASSIVE,
                                        ">150 go (5 bytes)",
                                        "+hello",
                                        ".",
                                        ">451 the disk is broken",
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    char *data = NULL;
    sock_http_response_t *r =
        check_made(sock_urlopen(url_of(v, "", "/a"), NULL, 0, 10));
    check_fails(sock_http_readall(r, &data, 0), SOCK_E_REPLY, 451,
                error_text());
    check(data == NULL);
    sock_http_response_free(r);
    ftp_stop(v);
}

TEST(fetch_ftp, times)
{
    static const char *const silent[] = {HELLO, "<", "z", NULL};
    static const char *const stalled[] = {
        HELLO,   LOGIN,     "<",      ">200 type", "<",
        PASSIVE, ">150 go", "+hello", "z",         NULL};
    struct ftp_server *v = ftp_start(silent);
    check(sock_urlopen(url_of(v, "", "/a"), NULL, 0, 0.05) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    ftp_stop(v);
    v = ftp_start(stalled);
    char buf[16];
    sock_http_response_t *r =
        check_made(sock_urlopen(url_of(v, "", "/a"), NULL, 0, 10));
    check_int(sock_http_read(r, buf, sizeof buf), 5);
    check_ok(sock_http_read_deadline(r, 0.05));
    check_int(sock_http_read(r, buf, sizeof buf), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    sock_http_response_free(r);
    ftp_stop(v);
}

/* What there was to open it is over by then; each read has its own. */
TEST(fetch_ftp, times_of_reads)
{
    static const char *const steps[] = {
        HELLO,     LOGIN,    "<", ">200 type", "<", PASSIVE,
        ">150 go", "+hello", ".", ">226 done", NULL};
    struct ftp_server *v = ftp_start(steps);
    char *data = NULL;
    sock_http_response_t *r =
        check_made(sock_urlopen(url_of(v, "", "/a"), NULL, 0, 0.5));
    poll(NULL, 0, 600);
    check_int(sock_http_readall(r, &data, 0), 5);
    check_str(data, "hello");
    sock_http_data_free(data);
    sock_http_response_free(r);
    ftp_stop(v);
}

/* Both connections are asked about. */
struct asked {
    int ports[4];
    int count, most;
};

static int ask(const sock_addr_t *address, void *arg)
{
    struct asked *a = arg;
    if (a->count < 4)
        a->ports[a->count] = sock_addr_port(address);
    return ++a->count <= a->most;
}

TEST(fetch_ftp, filter)
{
    static const char *const steps[] = {
        HELLO,     LOGIN,    "<", ">200 type", "<", PASSIVE,
        ">150 go", "+hello", ".", ">226 done", NULL};
    static const char *const none[] = {HELLO, LOGIN, "<", ">200 type",
                                       "<",   "E",   "z", NULL};
    sock_opener_t *o = check_made(sock_opener_new());
    struct ftp_server *v = ftp_start(steps);
    struct asked a = {.most = 2};
    sock_opener_filter(o, ask, &a);
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url_of(v, "", "/a")));
    sock_http_response_t *r = check_made(sock_opener_open(o, q, 10));
    check_int(a.count, 2);
    check_int(a.ports[0], v->port);
    check(a.ports[1] != v->port && a.ports[1] > 0);
    sock_http_response_free(r);
    sock_urlrequest_free(q);
    ftp_stop(v);
    v = ftp_start(none);
    a = (struct asked){.most = 1};
    q = check_made(sock_urlrequest_new(url_of(v, "", "/a")));
    check(sock_opener_open(o, q, 10) == NULL);
    check_int(sock_last_error()->code, EACCES);
    check_int(a.count, 2);
    a = (struct asked){.most = 0};
    check(sock_opener_open(o, q, 10) == NULL);
    check_int(sock_last_error()->code, EACCES);
    check_int(a.count, 1);
    sock_urlrequest_free(q);
    sock_opener_free(o);
    ftp_stop(v);
}

/* One that is not read to its end leaves nothing behind. */
TEST(fetch_ftp, freed_unread)
{
    static const char *const steps[] = {HELLO, LOGIN,   "<",       ">200 type",
                                        "<",   PASSIVE, ">150 go", "+hello",
                                        "z",   NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_http_response_t *r =
        check_made(sock_urlopen(url_of(v, "", "/a"), NULL, 0, 10));
    sock_http_response_free(r);
    ftp_stop(v);
}
