/* SPDX-License-Identifier: MIT */
/* Scripts: what they are told (RFC 3875 4), what becomes of what they say (6),
 * and of those that do not end. */
#include <pysockc/httpd.h>

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "claim.h"
#include "place.h"
#include "support.h"

static void serve(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_cgi(self, arg);
}

static void keep_line(sock_httpd_request_t *self, const char *line, void *arg)
{
    char *log = arg;
    size_t n = strlen(log);
    (void)self;
    snprintf(log + n, 8192 - n, "%s\n", line);
}

static void make_script(const struct place *p, const char *name,
                        const char *text)
{
    char whole[8192];
    int n = snprintf(whole, sizeof whole, "#!/bin/sh\n%s", text);
    make_bytes(p->at, name, whole, (size_t)n, 0700);
}

static struct place *new_place(void)
{
    struct place *p = begin_place();

    p->dir.deadline = 10;
    check_ok(sock_httpd_set_log(p->server, keep_line, p->log));
    check_ok(sock_httpd_mount(p->server, "/cgi-bin", serve, &p->dir));
    return p;
}

static char *run_script(struct place *p, const char *text)
{
    make_script(p, "s", text);
    return ask(p->server, "GET", "/cgi-bin/s", "");
}

#define OK "printf 'Content-Type: text/plain\\n\\n'\n"

/* Variables and arguments */

static bool has_line(const char *text, const char *line)
{
    size_t n = strlen(line);
    for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
        if ((at == text || at[-1] == '\n') && at[n] == '\n')
            return true;
    return false;
}

static void check_lines(const char *text, const char *const *lines)
{
    size_t n = 0, count = 0;
    for (; lines[n] != NULL; n++)
        check_that(has_line(text, lines[n]), "%s not in: %s", lines[n], text);
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        count++;
    check_that(count == n, "%zu lines, not %zu: %s", count, n, text);
}

static const char say_all[] = OK "env | grep -v '^_=\\|^PWD=\\|^SHLVL='\n";

TEST(cgi_run, variables)
{
    struct place *p = new_place();
    char translated[5000];
    const char *const lines[] = {"PATH=/usr/bin:/bin",
                                 "GATEWAY_INTERFACE=CGI/1.1",
                                 "SERVER_SOFTWARE=pysockc/" SOCK_VERSION,
                                 "SERVER_PROTOCOL=HTTP/1.1",
                                 "REQUEST_METHOD=GET",
                                 "SCRIPT_NAME=/cgi-bin/s",
                                 "QUERY_STRING=x=1&y=%20",
                                 "SERVER_NAME=h",
                                 "SERVER_PORT=80",
                                 "REMOTE_ADDR=",
                                 "REMOTE_HOST=",
                                 "PATH_INFO=/a b/\xc3\xa4",
                                 translated,
                                 "HTTP_HOST=h",
                                 "HTTP_ACCEPT=a/b, c/d",
                                 "HTTP_COOKIE=a=1; b=2",
                                 "HTTP_X_ODD_NAME=v",
                                 NULL};

    setenv("PATH", "/usr/bin:/bin", 1);
    setenv("SECRET_TOKEN", "secret", 1);
    setenv("SERVER_SOFTWARE", "the server's own", 1);
    snprintf(translated, sizeof translated, "PATH_TRANSLATED=%s/a b/\xc3\xa4",
             p->path);
    make_script(p, "s", say_all);
    char *said = ask(p->server, "GET", "/cgi-bin/s/a%20b/%c3%a4?x=1&y=%20",
                     "Accept: a/b\r\nAccept: c/d\r\nCookie: a=1\r\n"
                     "Cookie: b=2\r\nX-Odd-Name: v\r\n"
                     "Proxy: http://evil/\r\nX_Odd_Name: spoofed\r\n"
                     "Authorization: Basic eDp5\r\nProxy-Authorization: x\r\n"
                     "X.Dot: v\r\n");
    check_int(status_in(said), 200);
    check_str(field_in(said, "Content-Type"), "text/plain");
    check_lines(body_in(said), lines);
    check_str(getenv("SERVER_SOFTWARE"), "the server's own");
    free(said);
    free_place(p);
}

/* As it was sent, whatever it is made of. */
TEST(cgi_run, queries)
{
    struct place *p = new_place();
    static const char *const rows[] = {"a=b?c=d", "?", "/../..//s?/",
                                       "k=aa%2F%2Fbb&//q//p//=//a//b//"};

    make_script(p, "s", OK "printf '%s %s' \"$PATH_INFO\" \"$QUERY_STRING\"\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char target[100], wanted[100];
        snprintf(target, sizeof target, "/cgi-bin/s/x?%s", rows[i]);
        snprintf(wanted, sizeof wanted, "/x %s", rows[i]);
        char *said = ask(p->server, "GET", target, "");
        check_str(body_in(said), wanted);
        free(said);
    }
    free_place(p);
}

TEST(cgi_run, accept)
{
    struct place *p = new_place();
    static const char *const rows[][2] = {
        {"Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n",
         "<text/html,application/xhtml+xml,*/*;q=0.8>"},
        {"", "none"},
        {"Accept:\r\n", "<>"},
        {"Accept: text/html\r\nACCEPT: text/plain\r\n",
         "<text/html, text/plain>"},
    };

    make_script(
        p, "s",
        OK
        "printf %s \"${HTTP_ACCEPT+<}${HTTP_ACCEPT-none}${HTTP_ACCEPT+>}\"\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *said = ask(p->server, "GET", "/cgi-bin/s", rows[i][0]);
        check_str(body_in(said), rows[i][1]);
        free(said);
    }
    free_place(p);
}

TEST(cgi_run, variables_of_the_callers)
{
    struct place *p = new_place();
    static const char *const more[] = {"PATH=/bin",
                                       "SERVER_NAME=own",
                                       "HTTP_PROXY=mine",
                                       "HTTP_X_ROLE=mine",
                                       "HTTP_X_R=mine",
                                       "A=",
                                       NULL};
    p->dir.environment = more;
    make_script(p, "s", say_all);
    char *said = ask(p->server, "GET", "/cgi-bin/s",
                     "Proxy: evil\r\nx-role: evil\r\nX-Ro: v\r\n");
    check(has_line(body_in(said), "HTTP_X_ROLE=mine"));
    check(strstr(body_in(said), "=evil") == NULL);
    check(has_line(body_in(said), "HTTP_X_RO=v"));
    check(has_line(body_in(said), "PATH=/bin"));
    check(has_line(body_in(said), "SERVER_NAME=own"));
    check(!has_line(body_in(said), "SERVER_NAME=h"));
    check(has_line(body_in(said), "HTTP_PROXY=mine"));
    check(!has_line(body_in(said), "HTTP_PROXY=evil"));
    check(has_line(body_in(said), "A="));
    check(strstr(body_in(said), "PATH_INFO") == NULL);
    check(strstr(body_in(said), "CONTENT_LENGTH") == NULL);
    free(said);
    free_place(p);
}

/* By another name than the client's, if that is none or has none. */
TEST(cgi_run, name_of_the_server)
{
    static const struct {
        const char *field, *name;
    } rows[] = {{"Host: [::1]:81\r\n", "SERVER_NAME=[::1]"},
                {"Host: a.b:81\r\n", "SERVER_NAME=a.b"},
                {"", "SERVER_NAME=localhost"}};
    struct place *p = new_place();
    char text[1000];

    make_script(p, "s", say_all);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int n = snprintf(text, sizeof text,
                         "GET /cgi-bin/s HTTP/1.0\r\n%sA!B: c\r\nA~: d\r\n"
                         "X-9a: e\r\n\r\n",
                         rows[i].field);
        struct answer a = ask_bytes(p->server, text, (size_t)n);
        check(has_line(body_in(a.bytes), rows[i].name));
        check(has_line(body_in(a.bytes), "SERVER_PORT=80"));
        check(has_line(body_in(a.bytes), "REMOTE_ADDR="));
        check(has_line(body_in(a.bytes), "HTTP_X_9A=e"));
        check(strstr(a.bytes, "HTTP_A") == NULL);
        free(a.bytes);
    }
    int n = snprintf(text, sizeof text,
                     "GET /cgi-bin/s HTTP/1.0\r\nHost: a%0300d\r\n\r\n", 7);
    struct answer a = ask_bytes(p->server, text, (size_t)n);
    check(has_line(body_in(a.bytes), "SERVER_NAME=localhost"));
    free(a.bytes);
    /* What the target names counts, as in RFC 9112, 3.2.2. */
    n = snprintf(text, sizeof text,
                 "GET http://a.b:81/cgi-bin/s HTTP/1.0\r\nHost: evil\r\n\r\n");
    a = ask_bytes(p->server, text, (size_t)n);
    check(has_line(body_in(a.bytes), "SERVER_NAME=a.b"));
    check(has_line(body_in(a.bytes), "HTTP_HOST=a.b:81"));
    check(strstr(a.bytes, "evil") == NULL);
    free(a.bytes);
    free_place(p);
}

static void *handle_one(void *arg)
{
    check_ok(sock_httpd_handle_request(arg));
    return NULL;
}

/* Over the network both ends have addresses. */
static void check_addresses(sock_httpd_t *server, const char *host)
{
    static const char request[] = "GET /cgi-bin/s HTTP/1.0\r\n\r\n";
    sock_addr_t address;
    pthread_t thread;
    char text[8192], port[40];
    size_t n = 0;
    ssize_t more;

    check_ok(sock_httpd_address(server, &address));
    snprintf(port, sizeof port, "SERVER_PORT=%d", sock_addr_port(&address));
    sock_t *c =
        check_made(sock_new(sock_addr_family(&address), SOCK_STREAM, 0));
    check_ok(sock_settimeout(c, 10));
    check_ok(sock_connect(c, address));
    check(pthread_create(&thread, NULL, handle_one, server) == 0);
    check_ok(sock_sendall(c, request, strlen(request), 0));
    while ((more = sock_recv(c, text + n, sizeof text - 1 - n, 0)) > 0)
        n += (size_t)more;
    text[n] = '\0';
    check(pthread_join(thread, NULL) == 0);
    check(has_line(body_in(text), port));
    static const char *const names[] = {"SERVER_NAME", "REMOTE_ADDR",
                                        "REMOTE_HOST"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char line[100];
        snprintf(line, sizeof line, "%s=%s", names[i], host);
        check_that(has_line(body_in(text), line), "%s: %s", line, text);
    }
    sock_free(c);
}

TEST(cgi_run, addresses)
{
    struct place *p = new_place();
    make_script(p, "s", say_all);
    check_addresses(p->server, "127.0.0.1");
    free_place(p);
}

TEST(cgi_run, addresses_of_ipv6)
{
    sock_httpd_t *server = sock_httpd_new("::1", 0);
    if (server == NULL)
        skip("there is no IPv6 here");
    struct place *p = new_place();
    make_script(p, "s", say_all);
    check_ok(sock_httpd_set_log(server, keep_line, p->log));
    check_ok(sock_httpd_mount(server, "/cgi-bin", serve, &p->dir));
    check_addresses(server, "::1");
    check(strncmp(p->log, "::1 - - [", 9) == 0);
    sock_httpd_free(server);
    free_place(p);
}

/* Where the server has no PATH, scripts have one. */
TEST(cgi_run, path)
{
    static const char *const more[] = {"PATHS=x", "PATH_TRANSLATED=y", NULL};
    struct place *p = new_place();

    make_script(p, "s", say_all);
    unsetenv("PATH");
    p->dir.environment = more;
    char *said = ask(p->server, "GET", "/cgi-bin/s/a", "");
    check(has_line(body_in(said), "PATH=/usr/local/bin:/usr/bin:/bin"));
    check(has_line(body_in(said), "PATHS=x"));
    check(has_line(body_in(said), "PATH_TRANSLATED=y"));
    free(said);
    free_place(p);
}

static int check_all(const char *user, const char *password, void *arg)
{
    (void)user, (void)password, (void)arg;
    return 1;
}

static void guarded(sock_httpd_request_t *self, void *arg)
{
    if (sock_httpd_require_basic(self, "r", check_all, NULL))
        sock_httpd_cgi(self, arg);
}

/* The user is the one that was let in, and no one who says that it is. */
TEST(cgi_run, user)
{
    struct place *p = new_place();
    const char *field = "Authorization: Basic dTpw\r\n";

    check_ok(sock_httpd_mount(p->server, "/guarded", guarded, &p->dir));
    make_script(p, "s", say_all);
    char *said = ask(p->server, "GET", "/cgi-bin/s", field);
    check_int(status_in(said), 200);
    check(strstr(said, "REMOTE_USER") == NULL);
    check(strstr(said, "AUTH_TYPE") == NULL);
    free(said);
    said = ask(p->server, "GET", "/guarded/s", field);
    check(has_line(body_in(said), "REMOTE_USER=u"));
    check(has_line(body_in(said), "AUTH_TYPE=Basic"));
    check(has_line(body_in(said), "SCRIPT_NAME=/guarded/s"));
    free(said);
    free_place(p);
}

static int password_of(const char *user, const char *realm, char *buf,
                       size_t size, void *arg)
{
    (void)user, (void)realm, (void)arg;
    snprintf(buf, size, "p");
    return SOCK_HTTPD_PASSWORD;
}

static void guarded_by_digest(sock_httpd_request_t *self, void *arg)
{
    if (sock_httpd_require_digest(self, "r", 0, password_of, NULL))
        sock_httpd_cgi(self, arg);
}

TEST(cgi_run, user_of_a_digest)
{
    struct place *p = new_place();
    char nonce[64], fields[1000], ha1[SOCK__DIGEST_HEX];
    char response[SOCK__DIGEST_HEX];

    check_ok(
        sock_httpd_mount(p->server, "/guarded", guarded_by_digest, &p->dir));
    make_script(p, "s", say_all);
    char *said = ask(p->server, "GET", "/guarded/s", "");
    const char *at = strstr(said, "nonce=\"");
    check(at != NULL);
    snprintf(nonce, sizeof nonce, "%.*s", (int)strcspn(at + 7, "\""), at + 7);
    free(said);
    struct sock__claim c = {.hash = SOCK__SHA256,
                            .nonce = nonce,
                            .uri = "/guarded/s",
                            .nc = "00000001",
                            .cnonce = "c"};
    sock__claim_ha1(c.hash, "u", "r", "p", ha1);
    sock__claim_response(&c, ha1, "GET", response);
    snprintf(fields, sizeof fields,
             "Authorization: Digest username=\"u\", realm=\"r\", "
             "nonce=\"%s\", uri=\"%s\", nc=%s, cnonce=\"c\", qop=auth, "
             "algorithm=SHA-256, response=\"%s\"\r\n",
             nonce, c.uri, c.nc, response);
    said = ask(p->server, "GET", "/guarded/s", fields);
    check(has_line(body_in(said), "REMOTE_USER=u"));
    check(has_line(body_in(said), "AUTH_TYPE=Digest"));
    free(said);
    free_place(p);
}

TEST(cgi_run, arguments)
{
    struct place *p = new_place();
    static const char *const rows[][2] = {
        {"/cgi-bin/s", "./s|"},
        {"/cgi-bin/s?", "./s|"},
        {"/cgi-bin/s?a", "./s|a|"},
        {"/cgi-bin/s?a+b%20c+d", "./s|a|b c|d|"},
        {"/cgi-bin/s?a=b", "./s|"},
        {"/cgi-bin/s?a+b=c", "./s|"},
        {"/cgi-bin/s?a%3db", "./s|a=b|"},
        {"/cgi-bin/s?a%09b", "./s|a\tb|"},
        {"/cgi-bin/s?+", "./s|||"},
        {"/cgi-bin/s?a+%00", "./s|"},
        {"/cgi-bin/s?a+%zz", "./s|"},
        {"/cgi-bin/s?%2", "./s|"},
        {"/cgi-bin/s?$(id);`id`", "./s|$(id);`id`|"},
    };

    make_script(p, "s", OK "printf '%s|' \"$0\" \"$@\"\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *said = ask(p->server, "GET", rows[i][0], "");
        check_str(body_in(said), rows[i][1]);
        free(said);
    }
    char *said =
        ask(p->server, "POST", "/cgi-bin/s?a", "Content-Length: 0\r\n");
    check_str(body_in(said), "./s|");
    free(said);
    said = ask(p->server, "HEAD", "/cgi-bin/s?a", "");
    check_int(status_in(said), 200);
    free(said);
    make_script(p, "s", "printf '%s|' \"$0\" \"$@\" >&2\n" OK);
    said = ask(p->server, "HEAD", "/cgi-bin/s?a", "");
    check(strstr(p->log, "/cgi-bin/s: ./s|a|\n") != NULL);
    free(said);
    free_place(p);
}

/* Where it is, and which it is */

TEST(cgi_run, which_script)
{
    struct place *p = new_place();
    static const char say[] =
        OK "printf '%s %s %s' \"$SCRIPT_NAME\" \"$PATH_INFO\" "
           "\"$(basename \"$(pwd)\")\"\n";
    static const char *const rows[][2] = {
        {"/cgi-bin/sub/s", "/cgi-bin/sub/s  sub"},
        {"/cgi-bin/sub/s/", "/cgi-bin/sub/s / sub"},
        {"/cgi-bin/sub/s/a/b", "/cgi-bin/sub/s /a/b sub"},
        {"/cgi-bin/sub/s/a/", "/cgi-bin/sub/s /a/ sub"},
        {"/cgi-bin/sub/./x/../s/a", "/cgi-bin/sub/s /a sub"},
        {"/cgi-bin//sub//s//a", "/cgi-bin/sub/s /a sub"},
        {"/%63gi-bin/sub/%73", "/cgi-bin/sub/s  sub"},
        {"/cgi-bin/sub/deep/t", "/cgi-bin/sub/deep/t  deep"},
        {"/cgi-bin/a%20b", "/cgi-bin/a b  "},
    };
    static const struct {
        const char *target;
        int status;
    } refused[] = {
        {"/cgi-bin/none", 404},
        {"/cgi-bin/none/x", 404},
        {"/cgi-bin", 403},
        {"/cgi-bin/", 403},
        {"/cgi-bin/sub", 403},
        {"/cgi-bin/sub/", 403},
        {"/cgi-bin/plain", 403},
        {"/cgi-bin/fifo", 403},
        {"/cgi-bin/link", 404},
        {"/cgi-bin/.hidden", 404},
        {"/cgi-bin/../x", 404},
        {"/cgi-bin/s%00", 400},
        {"/cgi-bin/..%2fs", 400},
        {"/cgi-bin/sub%2fs", 400},
        {"/cgi-bin/out/bin/sh", 404},
        {"/cgi-bin%2fsub/s", 400},
        {"///////////nocgi.py/../cgi-bin/nothere.sh", 404},
    };

    make_folder(p->at, "sub");
    make_folder(p->at, "sub/deep");
    make_script(p, "sub/s", say);
    make_script(p, "sub/deep/t", say);
    make_script(p, "a b", OK "printf '%s %s ' \"$SCRIPT_NAME\" \"$PATH_INFO\"");
    make_script(p, ".hidden", say);
    make_file(p->at, "plain", "#!/bin/sh\n");
    check(mkfifoat(p->at, "fifo", 0700) == 0);
    make_link(p->at, "sub/s", "link");
    make_link(p->at, "/", "out");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *said = ask(p->server, "GET", rows[i][0], "");
        check_str(body_in(said), rows[i][1]);
        free(said);
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char *said = ask(p->server, "GET", refused[i].target, "");
        check_that(status_in(said) == refused[i].status, "%s: %s",
                   refused[i].target, said);
        free(said);
    }
    p->dir.flags = SOCK_HTTPD_FOLLOW_LINKS;
    char *said = ask(p->server, "GET", "/cgi-bin/link", "");
    check_int(status_in(said), 200);
    free(said);
    said = ask(p->server, "GET", "/cgi-bin/out/bin/sh", "");
    check_int(status_in(said), 404);
    free(said);
    free_place(p);
}

/* A prefix of several parts, beside the folder's other one. */
TEST(cgi_run, mounted_below)
{
    struct place *p = new_place();

    check_ok(sock_httpd_mount(p->server, "/sub/dir/cgi-bin", serve, &p->dir));
    make_script(p, "s", OK "printf '%s %s' \"$SCRIPT_NAME\" \"$PATH_INFO\"\n");
    char *said = ask(p->server, "GET", "/sub/dir/cgi-bin/s/x", "");
    check_str(body_in(said), "/sub/dir/cgi-bin/s /x");
    free(said);
    said = ask(p->server, "GET", "/sub/dir/../dir/cgi-bin/s", "");
    check_str(body_in(said), "/sub/dir/cgi-bin/s ");
    free(said);
    said = ask(p->server, "GET", "/sub/cgi-bin/s", "");
    check_int(status_in(said), 404);
    free(said);
    free_place(p);
}

TEST(cgi_run, that_cannot_run)
{
    static const struct {
        const char *text;
        int status;
    } rows[] = {{"", 500},
                {"no program\n", 500},
                {"#!/no/such\n", 500},
                {"\x7f"
                 "ELF",
                 500}};
    char text[600];

    if (emulated() || under_valgrind())
        skip("a child that can't run its program has no way to say so");
    struct place *p = new_place();
    snprintf(text, sizeof text, "#!%s/plain\n", p->path);
    make_file(p->at, "plain", "");
    make_bytes(p->at, "bad", text, strlen(text), 0700);
    char *told = ask(p->server, "GET", "/cgi-bin/bad", "");
    check_int(status_in(told), 403); /* the program of that line is none */
    free(told);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make_bytes(p->at, "bad", rows[i].text, strlen(rows[i].text), 0700);
        char *said = ask(p->server, "GET", "/cgi-bin/bad", "");
        check_int(status_in(said), rows[i].status);
        free(said);
        check(strstr(p->log, "/cgi-bin/bad: ") != NULL);
    }
    free_place(p);
}

/* Bodies */

static char *post(struct place *p, const char *fields, const char *body,
                  size_t n)
{
    size_t room = n + 1024;
    char *text = malloc(room);

    check(text != NULL);
    int head = snprintf(text, room,
                        "POST /cgi-bin/s HTTP/1.1\r\nHost: h\r\n"
                        "Connection: close\r\nContent-Type: a/b\r\n%s\r\n",
                        fields);
    memcpy(text + head, body, n);
    char *said = ask_bytes(p->server, text, (size_t)head + n).bytes;
    free(text);
    return said;
}

TEST(cgi_run, bodies)
{
    struct place *p = new_place();

    make_script(p, "s", OK "echo \"$CONTENT_LENGTH $CONTENT_TYPE\"; cat\n");
    char *said = post(p, "Content-Length: 5\r\n", "hello", 5);
    check_str(body_in(said), "5 a/b\nhello");
    free(said);
    said = post(p, "Content-Length: 0\r\n", "", 0);
    check_str(body_in(said), "0 a/b\n");
    free(said);
    said = post(p, "Transfer-Encoding: chunked\r\n",
                "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 20);
    check_str(body_in(said), "5 a/b\nabcde");
    free(said);
    said = post(p, "Transfer-Encoding: chunked\r\n", "0\r\n\r\n", 5);
    check_str(body_in(said), "0 a/b\n");
    free(said);
    free_place(p);
}

/* More than all pipes hold, both ways at once. */
TEST(cgi_run, large_bodies)
{
    enum { LARGE = 1000000 };
    struct place *p = new_place();
    char *much = malloc(LARGE), fields[64];

    check(much != NULL);
    for (int i = 0; i < LARGE; i++)
        much[i] = (char)('a' + i % 26);
    make_script(p, "s",
                "printf 'Content-Type: a/b\\nContent-Length: %d\\n\\n' "
                "$CONTENT_LENGTH; exec cat\n");
    snprintf(fields, sizeof fields, "Content-Length: %d\r\n", LARGE);
    char *said = post(p, fields, much, LARGE);
    check_int(strlen(body_in(said)), LARGE);
    check(memcmp(body_in(said), much, LARGE) == 0);
    free(said);

    char *chunked = malloc(LARGE + 100);
    check(chunked != NULL);
    int n = sprintf(chunked, "%x\r\n", LARGE);
    memcpy(chunked + n, much, LARGE);
    memcpy(chunked + n + LARGE, "\r\n0\r\n\r\n", 7);
    said = post(p, "Transfer-Encoding: chunked\r\n", chunked,
                (size_t)n + LARGE + 7);
    check_int(strlen(body_in(said)), LARGE);
    check(memcmp(body_in(said), much, LARGE) == 0);
    free(said);
    free(chunked);
    free(much);
    free_place(p);
}

TEST(cgi_run, bodies_that_no_one_reads)
{
    struct place *p = new_place();
    static char much[100000];

    make_script(p, "s", "exec <&-\n" OK "echo done\n");
    char *said = post(p, "Content-Length: 100000\r\n", much, sizeof much);
    check_int(status_in(said), 200);
    check(strstr(body_in(said), "done\n") != NULL);
    free(said);
    free_place(p);
}

TEST(cgi_run, bodies_that_break_off)
{
    struct place *p = new_place();

    make_script(p, "s", "cat >/dev/null\n" OK "echo done\n");
    char *said = post(p, "Content-Length: 10\r\n", "hello", 5);
    check(strstr(said, "done") == NULL);
    free(said);
    said = post(p, "Transfer-Encoding: chunked\r\n", "3\r\nabcX", 7);
    check_int(status_in(said), 400);
    free(said);
    free_place(p);
}

/* Answers */

struct saying {
    const char *script;
    int status;
    const char *phrase, *body; /* NULL: whichever */
};

TEST(cgi_run, answers)
{
    struct place *p = new_place();
    static const struct saying rows[] = {
        {OK "echo hello", 200, "200 OK\r", "hello\n"},
        {"printf 'Status: 404 Gone fishing\\nContent-Type: a/b\\n\\nnothing'",
         404, "404 Gone fishing\r", "nothing"},
        {"printf 'Status: 204\\n\\n'", 204, "204 No Content\r", ""},
        {"printf 'Location: http://h/x\\n\\n'", 302, "302 Found\r", ""},
        {"printf 'Status: 301\\nLocation: /x\\n\\nmoved'", 301, "301 Moved",
         "moved"},
        {"printf 'Content-Type: a/b\\r\\nContent-Length: 3\\r\\n\\r\\nabc'",
         200, NULL, "abc"},
        {"printf 'Content-Type: a/b\\nContent-Length: 3\\n\\nabcdef'", 200,
         NULL, "abc"},
        {"printf 'Content-Type: a/b\\nContent-Length: 0\\n\\n'", 200, NULL, ""},
        {OK, 200, NULL, ""},
        {OK "exit 3", 200, NULL, ""},
        /* What is no answer. */
        {"", 502, NULL, NULL},
        {"exit 3", 502, NULL, NULL},
        {"kill -9 $$", 502, NULL, NULL},
        {"echo hello", 502, NULL, NULL},
        {"printf 'X: y\\n\\n'", 502, NULL, NULL},
        {"printf 'Content-Type: a/b\\n'", 502, NULL, NULL},
        {"printf 'Status: 100 x\\n\\n'", 502, NULL, NULL},
        {"printf 'HTTP/1.0 200 OK\\n\\n'", 502, NULL, NULL},
        {"head -c 70000 /dev/zero | tr '\\0' x", 502, NULL, NULL},
        {"printf 'X: '; head -c 70000 /dev/zero | tr '\\0' x", 502, NULL, NULL},
        {"yes 'X: y' | head -n 300; echo", 502, NULL, NULL},
        {"printf 'Content-Type: a/b\\nContent-Length: 5\\n\\nabc'", 500, NULL,
         NULL},
        {OK "echo part; kill -9 $$", 502, NULL, NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *said = run_script(p, rows[i].script);
        check_that(status_in(said) == rows[i].status, "%s: %s", rows[i].script,
                   said);
        if (rows[i].phrase != NULL)
            check_that(strstr(said, rows[i].phrase) != NULL, "%s", said);
        if (rows[i].body != NULL)
            check_str(body_in(said), rows[i].body);
        free(said);
    }
    free_place(p);
}

TEST(cgi_run, fields_of_answers)
{
    struct place *p = new_place();
    char *said = run_script(
        p, "printf 'Content-Type: a/b\\nSet-Cookie: a=1\\nSet-Cookie: b=2\\n'\n"
           "printf 'Transfer-Encoding: chunked\\nConnection: keep-alive\\n'\n"
           "printf 'X-CGI-Own: x\\nServer: mine\\nETag: \"x\"\\n\\n'");
    check_int(status_in(said), 200);
    check(strstr(said, "\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n") != NULL);
    check_str(field_in(said, "ETag"), "\"x\"");
    check_str(field_in(said, "Server"), "mine");
    check_str(field_in(said, "Connection"), "close");
    check_str(field_in(said, "X-CGI-Own"), "");
    check_str(field_in(said, "Transfer-Encoding"), "");
    check_str(field_in(said, "Status"), "");
    free(said);
    said = ask(p->server, "HEAD", "/cgi-bin/s", "");
    check_int(status_in(said), 200);
    check_str(body_in(said), "");
    free(said);
    free_place(p);
}

static void say_length(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(
        sock_httpd_send_header(self, "X-Method", sock_httpd_command(self)));
    check_ok(sock_httpd_end_headers(self));
    check_ok(sock_httpd_printf(self, "%d", (int)sock_httpd_length(self)));
}

static void serve_and_refuse(sock_httpd_request_t *self, void *arg)
{
    check_ok(sock_httpd_cgi(self, arg));
    check_ok(sock_httpd_send_error(self, 410, NULL));
}

/* What a handler is told there, and one that has thought better of it. */
TEST(cgi_run, local_redirects_to_a_handler)
{
    struct place *p = new_place();

    check_ok(sock_httpd_mount(p->server, "/length", say_length, NULL));
    check_ok(sock_httpd_mount(p->server, "/both", serve_and_refuse, &p->dir));
    make_script(p, "s", "printf 'Location: /length\\n\\n'");
    char *said = post(p, "Content-Length: 4\r\n", "body", 4);
    check_str(field_in(said, "X-Method"), "GET");
    check_str(body_in(said), "0");
    free(said);
    said = ask(p->server, "HEAD", "/cgi-bin/s", "");
    check_str(field_in(said, "X-Method"), "HEAD");
    check_str(body_in(said), "");
    free(said);
    said = ask(p->server, "GET", "/both/s", "");
    check_int(status_in(said), 410);
    check(strstr(said, "X-Method") == NULL);
    free(said);
    free_place(p);
}

/* Another path in place of it. */
TEST(cgi_run, local_redirects)
{
    struct place *p = new_place();

    make_script(p, "t",
                OK "cat; printf '%s %s %s %s' \"$REQUEST_METHOD\" "
                   "\"$SCRIPT_NAME\" \"$PATH_INFO\" \"$QUERY_STRING\"");
    make_script(p, "s", "printf 'Location: /cgi-bin/t/x?y=z\\n\\n'");
    char *said = ask(p->server, "GET", "/cgi-bin/s?old=1", "");
    check_int(status_in(said), 200);
    check_str(body_in(said), "GET /cgi-bin/t /x y=z");
    free(said);
    said = post(p, "Content-Length: 4\r\n", "body", 4);
    check_str(body_in(said), "GET /cgi-bin/t /x y=z");
    free(said);
    said = run_script(p, "printf 'Location: /none\\n\\n'");
    check_int(status_in(said), 404);
    free(said);
    said = run_script(p, "printf 'Location: /../x\\n\\n'");
    check_int(status_in(said), 400);
    free(said);
    said = run_script(p, "echo >>calls; printf 'Location: /cgi-bin/s\\n\\n'");
    check(status_in(said) >= 500);
    free(said);
    struct stat st;
    check(fstatat(p->at, "calls", &st, 0) == 0);
    check_int(st.st_size, 11);
    said = run_script(p, "printf 'Location: /cgi-bin/t\\n\\nmore'; exit 1");
    check_str(body_in(said), "GET /cgi-bin/t  ");
    free(said);
    free_place(p);
}

/* A part is never taken for the whole. */
TEST(cgi_run, answers_that_break_off)
{
    struct place *p = new_place();
    char *said =
        run_script(p, OK "head -c 100000 /dev/zero | tr '\\0' x; kill -9 $$");
    check_int(status_in(said), 200);
    check_str(field_in(said, "Transfer-Encoding"), "chunked");
    check(strstr(said, "\r\n0\r\n\r\n") == NULL);
    free(said);
    said = run_script(
        p, "printf 'Content-Type: a/b\\nContent-Length: 200000\\n\\n'\n"
           "head -c 100000 /dev/zero | tr '\\0' x");
    check_int(status_in(said), 200);
    check_str(field_in(said, "Content-Length"), "200000");
    free(said);
    free_place(p);
}

TEST(cgi_run, complaints)
{
    struct place *p = new_place();
    char *said = run_script(
        p, "echo first >&2; printf 'sec\\033[31mond\\nthird' >&2\n" OK);
    check_int(status_in(said), 200);
    check(strstr(p->log, "/cgi-bin/s: first\n") != NULL);
    check(strstr(p->log, "/cgi-bin/s: sec\\x1b[31mond\n") != NULL);
    check(strstr(p->log, "/cgi-bin/s: third\n") != NULL);
    free(said);
    said = run_script(p, OK "exit 3");
    check(strstr(p->log, "/cgi-bin/s: exit status 3\n") != NULL);
    free(said);
    p->log[0] = '\0';
    said = run_script(p, "head -c 1000000 /dev/zero | tr '\\0' x >&2\n" OK
                         "echo done");
    check_str(body_in(said), "done\n");
    free(said);
    free_place(p);
}

/* Also what a line can't show, and behind the end of its output. */
TEST(cgi_run, complaints_of_odd_bytes)
{
    struct place *p = new_place();
    char *said = run_script(p, OK "printf 'a\\000b\n\n' >&2; exec >&-\n"
                                  "printf 'late' >&2\n");
    check_int(status_in(said), 200);
    check(strstr(p->log, "/cgi-bin/s: a b\n") != NULL);
    check(strstr(p->log, "/cgi-bin/s: late\n") != NULL);
    free(said);
    p->log[0] = '\0';
    said = run_script(p, "exec 2>&-\n" OK "echo done\n");
    check_str(body_in(said), "done\n");
    free(said);
    free_place(p);
}

/* Its output is over then; what there is to be said has its most, too. */
TEST(cgi_run, late_complaints)
{
    struct place *p = new_place();

    p->dir.deadline = 0.5;
    free(run_script(p, OK "exec >&-; sleep 0.1; echo late >&2\n"));
    check(strstr(p->log, "/cgi-bin/s: late\n") != NULL);
    p->log[0] = '\0';
    char *said = run_script(p, OK "echo done; exec >&-; sleep 0.1\n"
                                  "head -c 1000000 /dev/zero | tr '\\0' x >&2");
    check(strstr(body_in(said), "done\n") != NULL);
    check(strstr(p->log, "/cgi-bin/s: xxxx") != NULL);
    free(said);
    free_place(p);
}

/* What it has said before is an answer if it is whole. */
TEST(cgi_run, ended_by_a_signal)
{
    struct place *p = new_place();
    char *said = run_script(p, "printf 'Content-Type: a/b\n"
                               "Content-Length: 5\n\nhello'; kill -9 $$\n");
    check_int(status_in(said), 200);
    check_str(body_in(said), "hello");
    check(strstr(p->log, "/cgi-bin/s: ended by signal 9\n") != NULL);
    free(said);
    said = run_script(p, "printf 'Content-Type: a/b\n"
                         "Content-Length: 5\n\nhell'; kill -9 $$\n");
    check_int(status_in(said), 502);
    free(said);
    free_place(p);
}

/* Who waits for all children leaves none to be waited for. */
TEST(cgi_run, whose_end_no_one_hears_of)
{
    struct place *p = new_place();
    void (*was)(int) = signal(SIGCHLD, SIG_IGN);

    check(was != SIG_ERR);
    char *said = run_script(p, OK "echo done; exit 3\n");
    check_str(body_in(said), "done\n");
    free(said);
    signal(SIGCHLD, was);
    free_place(p);
}

TEST(cgi_run, heads_that_are_too_large)
{
    struct place *p = new_place();
    char *said = run_script(p, "printf 'A: '; head -c 200000 /dev/zero | "
                               "tr '\\0' x\n");
    check_int(status_in(said), 502);
    check(strstr(p->log, "/cgi-bin/s: a head over the limit\n") != NULL);
    free(said);
    free_place(p);
}

/* Time */

/* More than can be waited for at once. */
TEST(cgi_run, with_much_time)
{
    struct place *p = new_place();
    p->dir.deadline = 2e9;
    char *said = run_script(p, OK "echo done\n");
    check_str(body_in(said), "done\n");
    free(said);
    free_place(p);
}

static bool runs(int pid)
{
    return kill(pid, 0) == 0;
}

static int pid_in(const struct place *p, const char *name)
{
    char text[32] = "";
    int fd = openat(p->at, name, O_RDONLY | O_CLOEXEC);
    check(fd != -1 && read(fd, text, sizeof text - 1) > 0);
    close(fd);
    return atoi(text);
}

/* Its children, too. */
static void wait_until_gone(int pid)
{
    double begun = now();
    while (runs(pid) && now() - begun < 5)
        usleep(1000);
    check(!runs(pid));
}

TEST(cgi_run, that_hangs)
{
    struct place *p = new_place();
    static const char *const scripts[] = {
        "echo $$ >pid; sleep 1000 & echo $! >child; wait",
        "echo $$ >pid; trap '' TERM INT HUP; sleep 1000 & echo $! >child\n"
        "while :; do sleep 1000; done",
        "echo $$ >pid; printf 'Content-Type: a/b\\n'; sleep 1000 &\n"
        "echo $! >child; wait",
        /* It has ended, and its child has its output. */
        "sleep 1000 & echo $! >child; echo $$ >pid",
    };

    p->dir.deadline = 0.3;
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        double begun = now();
        char *said = run_script(p, scripts[i]);
        check_int(status_in(said), 504);
        check(now() - begun >= 0.3);
        wait_until_gone(pid_in(p, "pid"));
        wait_until_gone(pid_in(p, "child"));
        free(said);
    }
    free_place(p);
}

TEST(cgi_run, that_hangs_behind_its_head)
{
    struct place *p = new_place();

    p->dir.deadline = 0.3;
    char *said = run_script(p, OK "echo $$ >pid; echo part; sleep 1000");
    check_int(status_in(said), 504); /* nothing was out yet */
    free(said);
    said =
        run_script(p, OK "echo $$ >pid; head -c 100000 /dev/zero; exec sleep "
                         "1000");
    check_int(status_in(said), 200);
    wait_until_gone(pid_in(p, "pid"));
    free(said);
    free_place(p);
}

static void serve_here(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(sock_httpd_end_headers(self));
    check_ok(sock_httpd_printf(self, "here"));
}

/* Its output is over, and its client has all of it; it is ended, too. */
TEST(cgi_run, that_goes_on)
{
    struct place *p = new_place();

    check_ok(sock_httpd_mount(p->server, "/", serve_here, NULL));
    p->dir.deadline = under_valgrind() || emulated() ? 3 : 0.3;
    char *said = run_script(
        p, OK "echo $$ >pid; echo done; exec >&- 2>&-; exec sleep 1000");
    check_int(status_in(said), 200);
    check(strstr(body_in(said), "done\n") != NULL);
    check(strstr(body_in(said), "0\r\n\r\n") != NULL);
    wait_until_gone(pid_in(p, "pid"));
    free(said);
    p->log[0] = '\0'; /* one that ends in time, if later than at once */
    p->dir.deadline = 10;
    said = run_script(p, OK "echo done; exec >&- 2>&-; sleep 0.2; exit 3");
    check(strstr(body_in(said), "done\n") != NULL);
    check(strstr(p->log, "/cgi-bin/s: exit status 3\n") != NULL);
    free(said);
    said = run_script(p, "printf 'Location: /here\n\n'; exec >&- 2>&-\n"
                         "sleep 0.2");
    check_str(body_in(said), "here");
    free(said);
    free_place(p);
}

/* What was left running in the background, without the script's output, is no
 * concern of the server's. */
TEST(cgi_run, with_a_child_in_the_background)
{
    struct place *p = new_place();
    char *said = run_script(
        p, OK "sleep 1000 >/dev/null 2>&1 & echo $! >child; echo done");
    check_str(body_in(said), "done\n");
    int child = pid_in(p, "child");
    check(runs(child));
    kill(child, SIGKILL);
    free(said);
    free_place(p);
}

static void *leave(void *arg)
{
    struct pair *p = arg;
    char text[1000];
    sock_recv(p->b, text, sizeof text, 0);
    sock_free(p->b);
    return NULL;
}

/* A client that goes away takes the script with it. */
TEST(cgi_run, whose_client_leaves)
{
    struct place *p = new_place();
    struct pair ends = unix_pair(SOCK_STREAM);
    static const char request[] = "GET /cgi-bin/s HTTP/1.1\r\nHost: h\r\n\r\n";
    pthread_t thread;

    make_script(p, "s", OK "echo $$ >pid; exec cat /dev/zero");
    check_ok(sock_sendall(ends.b, request, strlen(request), 0));
    check(pthread_create(&thread, NULL, leave, &ends) == 0);
    sock_httpd_serve(p->server, ends.a);
    check(pthread_join(thread, NULL) == 0);
    wait_until_gone(pid_in(p, "pid"));
    free_place(p);
}

static void run_for_no_one(sock_httpd_request_t *self, void *dir)
{
    check_fails(sock_httpd_cgi(self, dir), SOCK_E_OS, ECONNRESET,
                "cgi: [Errno 104] Connection reset by peer");
}

/* Nor does the handler learn less of it where nothing was said yet. */
TEST(cgi_run, whose_client_leaves_a_silent_one)
{
    struct place *p = new_place();
    struct pair ends = unix_pair(SOCK_STREAM);
    static const char request[] = "GET /own/s HTTP/1.1\r\nHost: h\r\n\r\n";

    check_ok(sock_httpd_mount(p->server, "/own", run_for_no_one, &p->dir));
    make_script(p, "s", "echo $$ >pid; exec sleep 1000");
    check_ok(sock_sendall(ends.b, request, strlen(request), 0));
    sock_free(ends.b);
    sock_httpd_serve(p->server, ends.a);
    free_place(p);
}

/* So does one that stays and hears nothing of it. */
TEST(cgi_run, whose_client_does_not_read)
{
    sock_httpd_limits_t limits = {
        .size = sizeof limits, .threads = -1, .write_timeout = 0.2};
    struct place *p = new_place();
    struct pair ends = unix_pair(SOCK_STREAM);
    static const char request[] = "GET /cgi-bin/s HTTP/1.1\r\nHost: h\r\n\r\n";

    check_ok(sock_httpd_set_limits(p->server, &limits));
    make_script(p, "s", OK "echo $$ >pid; exec cat /dev/zero");
    check_ok(sock_sendall(ends.b, request, strlen(request), 0));
    double begun = now();
    sock_httpd_serve(p->server, ends.a);
    check(now() - begun < 5);
    wait_until_gone(pid_in(p, "pid"));
    sock_free(ends.b);
    free_place(p);
}

static void refuse(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_dir_t dir = *(sock_httpd_dir_t *)arg;
    static const char *const bad[] = {"A=b", "C", NULL};
    static const char *const worse[] = {"=b", NULL};

    check_fails(sock_httpd_cgi(NULL, &dir), SOCK_E_TYPE, 0,
                "cgi: argument is NULL");
    check_fails(sock_httpd_cgi(self, NULL), SOCK_E_TYPE, 0,
                "cgi: argument is NULL");
    dir.size = 1;
    check_fails(sock_httpd_cgi(self, &dir), SOCK_E_VALUE, 0,
                "cgi: size is not that of sock_httpd_dir_t");
    dir.size = sizeof dir;
    dir.deadline = NAN;
    check_fails(sock_httpd_cgi(self, &dir), SOCK_E_VALUE, 0,
                "cgi: deadline is negative, or no number");
    dir.deadline = 10;
    dir.environment = bad;
    check_fails(sock_httpd_cgi(self, &dir), SOCK_E_VALUE, 0,
                "cgi: environment is not of NAME=value");
    dir.environment = worse;
    check_fails(sock_httpd_cgi(self, &dir), SOCK_E_VALUE, 0,
                "cgi: environment is not of NAME=value");
    dir.environment = NULL;
    errno = 1234;
    check_ok(sock_httpd_cgi(self, &dir));
    check_int(errno, 1234);
}

TEST(cgi_run, bad_arguments)
{
    struct place *p = new_place();
    make_script(p, "s", OK "echo fine");
    check_ok(sock_httpd_mount(p->server, "/cgi-bin", refuse, &p->dir));
    char *said = ask(p->server, "GET", "/cgi-bin/s", "");
    check_str(body_in(said), "fine\n");
    free(said);
    free_place(p);
}
