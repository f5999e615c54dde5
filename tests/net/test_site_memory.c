/* SPDX-License-Identifier: MIT */
/* Memory that is refused to what serves files, passwords and scripts: an answer
 * comes all the same, nothing is lost, and no one is let in by it. */
#include <pysockc/httpd.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "site.h"
#include "starve.h"
#include "support.h"

static int turn; /* which allocation of the handler is refused; 0: none */
static bool was_enough; /* there were no more */

/* What a handler does, starved. */
struct starved {
    int (*fn)(sock_httpd_request_t *self, void *arg);
    void *arg;
    int result;
};

static void handle(sock_httpd_request_t *self, void *arg)
{
    struct starved *s = arg;
    fail_at = turn;
    s->result = s->fn(self, s->arg);
    was_enough = fail_at != 0;
    fail_at = 0;
}

/* Each allocation fails once, on a server that has made none before. */
static void starve_each(struct starved *s, const char *target,
                        const char *fields, int wanted)
{
    bool enough = false;
    for (int n = 1; !enough; n++) {
        sock_httpd_t *server = new_site();
        check_ok(sock_httpd_mount(server, "/", handle, s));
        turn = n;
        char *said = ask(server, "GET", target, fields);
        int status = status_in(said);
        enough = was_enough;
        if (enough)
            check_that(status == wanted, "%s", said);
        else
            check_that(status == wanted || status == 500 || status == 503,
                       "%d: %s", n, said);
        free(said);
        turn = 0;
        said = ask(server, "GET", target, fields); /* as if nothing had been */
        check_that(status_in(said) == wanted, "%d: %s", n, said);
        free(said);
        sock_httpd_free(server);
        check_that(n < 1000, "there is no end");
    }
}

static int serve(sock_httpd_request_t *self, void *dir)
{
    return sock_httpd_simple(self, dir);
}

static int run_script(sock_httpd_request_t *self, void *dir)
{
    return sock_httpd_cgi(self, dir);
}

static int right(const char *user, const char *password, void *arg)
{
    (void)user, (void)arg;
    return strcmp(password, "p") == 0;
}

static int greet(sock_httpd_request_t *self, int may)
{
    check(may == 0 || may == 1);
    if (may == 1 && sock_httpd_send_response(self, 204, NULL) == 0)
        sock_httpd_end_headers(self);
    return may;
}

static int guard_basic(sock_httpd_request_t *self, void *arg)
{
    return greet(self, sock_httpd_require_basic(self, "r", right, arg));
}

static int secret(const char *user, const char *realm, char *buf, size_t size,
                  void *arg)
{
    (void)user, (void)realm, (void)arg;
    snprintf(buf, size, "p");
    return SOCK_HTTPD_PASSWORD;
}

static int guard_digest(sock_httpd_request_t *self, void *arg)
{
    return greet(self, sock_httpd_require_digest(self, "r", SOCK_HTTPD_MD5,
                                                 secret, arg));
}

struct place {
    char *path;
    int at;
    sock_httpd_dir_t dir;
};

static struct place new_place(void)
{
    struct place p = {.path = new_folder()};
    static const char script[] =
        "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\n'; cat\n";
    static const char elsewhere[] =
        "#!/bin/sh\nprintf 'Location: /none\\n\\n'\n";

    p.at = open(p.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    make_file(p.at, "file", "hello");
    make_folder(p.at, "sub");
    make_file(p.at, "sub/a", "");
    make_file(p.at, "sub/b", "");
    make_bytes(p.at, "s", script, strlen(script), 0700);
    make_bytes(p.at, "t", elsewhere, strlen(elsewhere), 0700);
    p.dir = (sock_httpd_dir_t){
        .size = sizeof p.dir, .root = p.path, .flags = SOCK_HTTPD_LIST};
    return p;
}

static void free_place(struct place *p)
{
    close(p->at);
    free_folder(p->path);
}

TEST(site_memory, files)
{
    struct place p = new_place();
    struct starved s = {serve, &p.dir, 0};

    need_own_memory();
    starve_each(&s, "/file", "", 200);
    starve_each(&s, "/file", "Range: bytes=1-2\r\n", 206);
    starve_each(&s, "/sub", "", 301);
    starve_each(&s, "/sub/", "", 200);
    starve_each(&s, "/none", "", 404);
    free_place(&p);
}

TEST(site_memory, scripts)
{
    struct place p = new_place();
    struct starved s = {run_script, &p.dir, 0};

    need_own_memory();
    starve_each(&s, "/s/a?b+c", "Cookie: a\r\nCookie: b\r\n", 200);
    free_place(&p);
}

TEST(site_memory, passwords)
{
    struct starved s = {guard_basic, NULL, 0};

    need_own_memory();
    starve_each(&s, "/", "Authorization: Basic dTpw\r\n", 204);
    starve_each(&s, "/", "Authorization: Basic dTpx\r\n", 401);
    s.fn = guard_digest;
    starve_each(&s, "/", "", 401);
    starve_each(&s, "/",
                "Authorization: Digest username=u, realm=r, nonce=n, uri=\"/\","
                " response=x, cnonce=c, nc=00000001, qop=auth\r\n",
                401);
}

/* Where there is no openat2(2), the way by segments wants room for a path. */
static bool opens_without_memory(void)
{
    long number = 437; /* on every processor; older headers have no name */
    return syscall(number, -1, NULL, NULL, 0) == -1 && errno == EINVAL;
}

/* Once the first request is over, files cost none; or that room alone. */
TEST(site_memory, none_for_another_file)
{
    struct place p = new_place();
    struct starved s = {serve, &p.dir, 0};
    sock_httpd_t *server = new_site();
    static const char both[] =
        "GET /file HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /file HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

    need_own_memory();
    check_ok(sock_httpd_mount(server, "/", handle, &s));
    turn = 0;
    free(ask(server, "GET", "/file", ""));
    turn = 1;
    struct answer a = ask_bytes(server, both, strlen(both));
    bool none = opens_without_memory();
    check_int(status_in(a.bytes), none ? 200 : 503);
    check_int(was_enough, none); /* nothing was asked for */
    free(a.bytes);
    sock_httpd_free(server);
    free_place(&p);
}
