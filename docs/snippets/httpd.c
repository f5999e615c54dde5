/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/httpd.h>
#include <pysockc/pysockc.h>
#include <pysockc/url.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef WITH_SSL
#include <pysockc/ssl.h>

//! [context]
/* By <pysockc/ssl.h>, with a certificate and its key. */
static int serve_https(sock_httpd_t *server)
{
    int result = -1;
    sock_ssl_context_t *ctx =
        sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER);
    if (ctx != NULL &&
        sock_ssl_load_cert_chain(ctx, "cert.pem", "key.pem", NULL) == 0)
        result = sock_httpd_set_context(server, sock_ssl_tls(ctx));
    if (result == -1)
        sock_perror("serve_https");
    sock_ssl_context_free(ctx); /* the server keeps it */
    return result;
}
//! [context]
#endif

//! [send_file]
static void send_report(sock_httpd_request_t *self, void *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1) {
        sock_httpd_send_error(self, 404, NULL);
        return;
    }
    sock_httpd_send_response(self, 200, NULL); /* or 206, or 304 */
    sock_httpd_send_header(self, "Cache-Control", "max-age=60");
    sock_httpd_send_file(self, fd, "report.txt", 0);
    close(fd);
}
//! [send_file]

//! [simple]
/* sock_httpd_mount(server, "/music", serve_music, &music); */
static sock_httpd_dir_t music = {
    .size = sizeof music,
    .root = "/srv/music",
    .flags = SOCK_HTTPD_LIST,
};

static void serve_music(sock_httpd_request_t *self, void *dir)
{
    sock_httpd_simple(self, dir);
}
//! [simple]

//! [cgi]
/* sock_httpd_mount(server, "/cgi-bin", run_script, &scripts); */
static const char *const variables[] = {"LANG=C.UTF-8", NULL};
static sock_httpd_dir_t scripts = {
    .size = sizeof scripts,
    .root = "/usr/lib/cgi-bin",
    .deadline = 10,
    .environment = variables,
};

static void run_script(sock_httpd_request_t *self, void *dir)
{
    sock_httpd_cgi(self, dir);
}
//! [cgi]

//! [basic]
static const char *const users[][2] = {{"ada", "countess"},
                                       {"grace", "compiler"}};

/* All are compared, so that the time does not say who there is. */
static int check(const char *user, const char *password, void *arg)
{
    int right = 0;
    (void)arg;
    for (int i = 0; i < 2; i++)
        right |= sock_compare_digest(user, users[i][0]) &
                 sock_compare_digest(password, users[i][1]);
    return right;
}

static void members_only(sock_httpd_request_t *self, void *arg)
{
    if (!sock_httpd_require_basic(self, "my site", check, arg))
        return; /* 401 and its page are out */
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "hello, %s\n", sock_httpd_user(self));
}
//! [basic]

//! [digest]
/* In place of passwords, what `htdigest` has stored: of ada. */
static int look_up(const char *user, const char *realm, char *buf,
                   size_t size, void *arg)
{
    (void)realm, (void)arg;
    if (strcmp(user, "ada") != 0)
        return SOCK_HTTPD_NO_USER;
    snprintf(buf, size, "%s", "ba7b0c89d8786640c1ced50a7bce56e8");
    return SOCK_HTTPD_HA1;
}

static void without_a_password(sock_httpd_request_t *self, void *arg)
{
    if (!sock_httpd_require_digest(self, "my site", SOCK_HTTPD_MD5_ONLY,
                                   look_up, arg))
        return;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "hello, %s\n", sock_httpd_user(self));
}
//! [digest]

//! [echo]
/* Says what path was asked for, in HTML. */
static void do_GET(sock_httpd_request_t *self, void *arg)
{
    char path[8192];
    (void)arg;
    sock_html_escape(sock_httpd_path(self), path, sizeof path);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Type", "text/html");
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "<p>You have asked for %s.</p>\n", path);
}

/* On a port of 127.0.0.1, until sock_httpd_shutdown(). */
static int serve_echo(sock_httpd_t **server, int port)
{
    *server = sock_httpd_new("127.0.0.1", port);
    if (*server == NULL)
        return -1;
    sock_httpd_do(*server, "GET", do_GET, NULL);
    int result = sock_httpd_serve_forever(*server);
    if (result == -1)
        sock_perror("echo");
    sock_httpd_free(*server);
    return result;
}
//! [echo]

//! [attributes]
static void say_all(sock_httpd_request_t *self, void *arg)
{
    char host[SOCK_INET_TEXT_MAX];
    sock_addr_t client = sock_httpd_client_address(self);
    const sock_headers_t *headers = sock_httpd_headers(self);
    (void)arg;
    sock_addr_host(&client, host, sizeof host);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Type", "text/plain");
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "%s asks: %s\n", host,
                      sock_httpd_requestline(self));
    sock_httpd_printf(self, "method %s, path %s, by %s\n",
                      sock_httpd_command(self), sock_httpd_path(self),
                      sock_httpd_request_version(self));
    sock_httpd_printf(self, "for %s\n",
                      sock_headers_get(headers, "Host", "no one"));
}
//! [attributes]

//! [body]
static void count_bytes(sock_httpd_request_t *self, void *arg)
{
    char block[4096];
    int64_t bytes = 0;
    ssize_t n;
    (void)arg;
    if (sock_httpd_length(self) > 1000000) { /* -1: it is not known yet */
        sock_httpd_send_error(self, 413, NULL);
        return;
    }
    while ((n = sock_httpd_read(self, block, sizeof block)) > 0)
        bytes += n;
    if (n == -1)
        return; /* the server says why */
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "%lld bytes, checksum %s\n", (long long)bytes,
                      sock_headers_get(sock_httpd_trailers(self),
                                       "X-Checksum", "unknown"));
}
//! [body]

//! [streams]
static void number_lines(sock_httpd_request_t *self, void *arg)
{
    FILE *in = sock_httpd_rfile(self), *out = sock_httpd_wfile(self);
    char line[256];
    (void)arg;
    if (in == NULL || out == NULL)
        return;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    for (int i = 1; fgets(line, sizeof line, in) != NULL; i++)
        fprintf(out, "%d %s", i, line);
}
//! [streams]

//! [answer]
static void send_bytes(sock_httpd_request_t *self, void *arg)
{
    static const unsigned char bytes[] = {0, 1, 2, 3};
    (void)arg;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Type",
                           "application/octet-stream");
    sock_httpd_end_headers(self);
    sock_httpd_write(self, bytes, sizeof bytes); /* Content-Length: 4 */
}
//! [answer]

//! [events]
static void send_events(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Type", "text/event-stream");
    sock_httpd_end_headers(self);
    for (int i = 0; i < 3; i++) {
        sock_httpd_printf(self, "data: %d\n\n", i);
        if (sock_httpd_flush(self) == -1)
            return; /* the client has gone */
    }
}
//! [events]

//! [error]
static void find_page(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    if (strcmp(sock_httpd_path(self), "/old") == 0) {
        sock_httpd_redirect(self, 301, "/new");
    } else {
        sock_httpd_send_error(self, 404, "No such page");
        sock_httpd_close_connection(self);
    }
}
//! [error]

//! [log]
/* With a server, sock_httpd_set_log(server, keep_line, stderr). */
static void keep_line(sock_httpd_request_t *self, const char *line,
                      void *file)
{
    (void)self;
    fprintf(file, "%s\n", line);
}

static void say_slowly(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_log(self, "%s takes its time", sock_httpd_path(self));
    do_GET(self, arg);
}
//! [log]

//! [stop]
static sock_httpd_t *running;

/* A handler of SIGTERM. */
static void stop(int number)
{
    (void)number;
    sock_httpd_shutdown(running, 10);
}
//! [stop]

static int set_up(sock_httpd_t *server)
{
    sock_addr_t address;
    //! [limits]
    static const char *const hosts[] = {"localhost", "127.0.0.1", NULL};
    sock_httpd_limits_t limits = {
        .size = sizeof limits, .threads = 4, .body = 100000000};
    if (sock_httpd_set_limits(server, &limits) == -1 ||
        sock_httpd_set_hosts(server, hosts) == -1 ||
        sock_httpd_address(server, &address) == -1)
        sock_perror("set up");
    //! [limits]
    return sock_addr_port(&address);
}

static void set_handlers(sock_httpd_t *server, FILE *log)
{
    sock_httpd_set_log(server, keep_line, log);
    sock_httpd_do(server, "GET", find_page, NULL);
    //! [mount]
    sock_httpd_mount(server, "/about", say_all, NULL);
    sock_httpd_mount(server, "/about/bytes", send_bytes, NULL);
    //! [mount]
    sock_httpd_mount(server, "/events", send_events, NULL);
    sock_httpd_mount(server, "/count", count_bytes, NULL);
    sock_httpd_mount(server, "/lines", number_lines, NULL);
    sock_httpd_mount(server, "/slow", say_slowly, NULL);
}

static void *serve(void *server)
{
    sock_httpd_serve_forever(server);
    return NULL;
}

/* Whether the answer to a request has this in it. */
static int says_on(sock_t *s, const char *path, const char *fields,
                   const char *wanted)
{
    static char answer[65536];
    char request[512];
    size_t len = 0, room = sizeof answer - 1;
    ssize_t n;

    snprintf(request, sizeof request,
             "GET %s HTTP/1.1\r\nHost: localhost\r\n"
             "Connection: close\r\n%s\r\n",
             path, fields);
    sock_sendall(s, request, strlen(request), 0);
    while ((n = sock_recv(s, answer + len, room - len, 0)) > 0)
        len += (size_t)n;
    answer[len] = '\0';
    sock_free(s);
    return strstr(answer, wanted) != NULL;
}

static sock_t *connect_to(int port)
{
    return sock_create_connection("127.0.0.1", port, 10, sock_addr_none());
}

static int says(int port, const char *path, const char *fields,
                const char *wanted)
{
    return says_on(connect_to(port), path, fields, wanted);
}

static void make(const char *folder, const char *name, const char *text)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        exit(1);
    fputs(text, file);
    fclose(file);
    chmod(path, 0700);
}

static void discard(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

/* Files, passwords and scripts, of a folder that is made for them. */
static int check_folder(int port)
{
    const char *ada = "Authorization: Basic YWRhOmNvdW50ZXNz\r\n";
    return says(port, "/report", "", "max-age=60") &&
           says(port, "/report", "Range: bytes=0-4\r\n", "\nhello") &&
           says(port, "/music/", "", "report.txt") &&
           says(port, "/music/report.txt", "", "hello, world") &&
           says(port, "/cgi-bin/script", "", "C.UTF-8") &&
           says(port, "/members", "", "401 Unauthorized") &&
           says(port, "/members", ada, "hello, ada") &&
           says(port, "/digest", ada, "Digest realm=\"my site\"");
}

static int of_a_folder(void)
{
    char folder[] = "/tmp/pysockc.XXXXXX", path[64];
    sock_httpd_t *server = sock_httpd_new("127.0.0.1", 0);
    sock_addr_t address;
    pthread_t thread;

    if (server == NULL || mkdtemp(folder) == NULL)
        return -1;
    music.root = scripts.root = folder;
    snprintf(path, sizeof path, "%s/report.txt", folder);
    make(folder, "report.txt", "hello, world\n");
    make(folder, "script",
         "#!/bin/sh\n"
         "printf 'Content-Type: text/plain\\n\\n'; echo $LANG\n");
    sock_httpd_mount(server, "/report", send_report, path);
    sock_httpd_mount(server, "/music", serve_music, &music);
    sock_httpd_mount(server, "/cgi-bin", run_script, &scripts);
    sock_httpd_mount(server, "/members", members_only, NULL);
    sock_httpd_mount(server, "/digest", without_a_password, NULL);
    sock_httpd_address(server, &address);
    if (pthread_create(&thread, NULL, serve, server) != 0)
        return -1;
    int right = check_folder(sock_addr_port(&address));
    sock_httpd_shutdown(server, 1);
    pthread_join(thread, NULL);
    sock_httpd_free(server);
    discard(folder, "report.txt");
    discard(folder, "script");
    rmdir(folder);
    return right ? 0 : -1;
}

static int check_handlers(int port)
{
    const char *body = "Content-Length: 0\r\n";
    return says(port, "/old", "", "Location: /new\r\n") &&
           says(port, "/none", "", "No such page") &&
           says(port, "/about/this", "", "path /about/this, by") &&
           says(port, "/about/bytes", "", "Content-Length: 4\r\n") &&
           says(port, "/events", "", "data: 2") &&
           says(port, "/count", body, "0 bytes, checksum unknown") &&
           says(port, "/lines", "", "200 OK") &&
           says(port, "/slow", "", "You have asked for /slow.");
}

/* On a connection that is there already. */
static int of_one(void)
{
    sock_t *ends[2];
    char answer[1000];
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
        return -1;
    sock_sendall(ends[0], "GET /one HTTP/1.0\r\n\r\n", 21, 0);
    //! [one]
    sock_httpd_t *server = sock_httpd_new("127.0.0.1", 0);
    if (server == NULL)
        return -1;
    sock_httpd_do(server, "GET", do_GET, NULL);
    sock_httpd_serve(server, ends[1]);
    sock_httpd_free(server);
    //! [one]
    ssize_t n = sock_recv_all(ends[0], answer, 9);
    sock_free(ends[0]);
    return n == 9 && memcmp(answer, "HTTP/1.1 ", 9) == 0 ? 0 : -1;
}

static int of_handlers(void)
{
    FILE *log = tmpfile();
    sock_httpd_t *server = sock_httpd_new("127.0.0.1", 0);
    pthread_t thread;

    if (server == NULL || log == NULL)
        return -1;
    int port = set_up(server);
    set_handlers(server, log);
    running = server;
    if (pthread_create(&thread, NULL, serve, server) != 0)
        return -1;
    int right = check_handlers(port);
    stop(15);
    pthread_join(thread, NULL);
    sock_httpd_free(server);
    fclose(log);
    return right ? 0 : -1;
}

#ifdef WITH_SSL
static int check_https(int port)
{
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, "ca.pem", NULL, NULL);
    sock_t *plain = connect_to(port);
    sock_t *s = sock_ssl_wrap_socket(ctx, plain, 0, "localhost", NULL);
    int right = says_on(s, "/over/tls", "", "You have asked for /over/tls.");

    sock_free(plain);
    sock_ssl_context_free(ctx);
    return right;
}

static int over_tls(void)
{
    sock_httpd_t *server = sock_httpd_new("127.0.0.1", 0);
    sock_addr_t address;
    pthread_t thread;

    if (server == NULL || serve_https(server) == -1 ||
        sock_httpd_do(server, "GET", do_GET, NULL) == -1 ||
        sock_httpd_address(server, &address) == -1 ||
        pthread_create(&thread, NULL, serve, server) != 0)
        return -1;
    int right = check_https(sock_addr_port(&address));
    sock_httpd_shutdown(server, 1);
    pthread_join(thread, NULL);
    sock_httpd_free(server);
    return right ? 0 : -1;
}
#else
static int over_tls(void)
{
    return 0;
}
#endif

int main(void)
{
    sock_httpd_t *none;
    if (serve_echo(&none, -1) != -1) /* a port that there is not */
        return 1;
    return of_a_folder() == 0 && of_handlers() == 0 && of_one() == 0 &&
                   over_tls() == 0
               ? 0
               : 1;
}
