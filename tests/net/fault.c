/* SPDX-License-Identifier: MIT */
/*
 * fault [--scenario S] [--call C --nth N --code E]
 *
 * Fails each call that the modules of the web make of the system, and each
 * allocation, as inject.h says. A server answers, with an error, or ends the
 * connection, and then serves the next one as before; no one is let in by what
 * failed.
 *
 * The other end has said all that it has to say before it begins, or says it
 * within the victim's own send; only what the victim does is failed.
 */
#include "fault_calls.h"

#include <dirent.h>
#include <fcntl.h>
#include <search.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <poll.h>
#include <pysockc/cgi.h>
#include <pysockc/cookie.h>
#include <pysockc/httpd.h>
#include <pysockc/pysockc.h>
#include <pysockc/request.h>
#include <pysockc/robots.h>

enum { SKIPPED = 77 };

/* Each with its name, for the linker's --wrap */

MOVING(pread, (int fd, void *data, size_t n, off_t at), (fd, data, n, at),
       (fd, data, HALF(n), at))
MOVING(pread64, (int fd, void *data, size_t n, off_t at), (fd, data, n, at),
       (fd, data, HALF(n), at))
MOVING(sendfile, (int to, int fd, off_t *at, size_t n), (to, fd, at, n),
       (to, fd, at, n > 3000 ? 3000 : SOME(n)))
MOVING(sendfile64, (int to, int fd, off_t *at, size_t n), (to, fd, at, n),
       (to, fd, at, n > 3000 ? 3000 : SOME(n)))

FAILING(int, connect, (int fd, const struct sockaddr *a, socklen_t n),
        (fd, a, n))
FAILING(int, epoll_create1, (int flags), (flags))
FAILING(int, epoll_ctl, (int fd, int what, int other, struct epoll_event *e),
        (fd, what, other, e))
FAILING(int, epoll_wait, (int fd, struct epoll_event *e, int n, int ms),
        (fd, e, n, ms))
FAILING(int, eventfd, (unsigned n, int flags), (n, flags))
FAILING(int, fstat, (int fd, struct stat *st), (fd, st))
FAILING(int, fstat64, (int fd, struct stat64 *st), (fd, st))
FAILING(int, fsync, (int fd), (fd))
FAILING(int, rename, (const char *from, const char *to), (from, to))

FAILING(int, pipe2, (int ends[2], int flags), (ends, flags))
FAILING(off_t, lseek, (int fd, off_t at, int whence), (fd, at, whence))
FAILING(off_t, lseek64, (int fd, off_t at, int whence), (fd, at, whence))
FAILING(pid_t, waitpid, (pid_t pid, int *status, int flags),
        (pid, status, flags))
/* One that returns its error. */
#define RETURNS(name, arguments, given)                                        \
    WRAP(int, name, arguments)                                                 \
    {                                                                          \
        int code = hit(#name);                                                 \
        return code != 0 ? code : __real_##name given;                         \
    }

RETURNS(posix_spawn_file_actions_init, (posix_spawn_file_actions_t * a), (a))
RETURNS(posix_spawnattr_init, (posix_spawnattr_t * a), (a))
RETURNS(posix_spawn_file_actions_adddup2,
        (posix_spawn_file_actions_t * a, int fd, int to), (a, fd, to))
RETURNS(posix_spawn_file_actions_addfchdir_np,
        (posix_spawn_file_actions_t * a, int fd), (a, fd))
RETURNS(posix_spawn,
        (pid_t * pid, const char *path, const posix_spawn_file_actions_t *a,
         const posix_spawnattr_t *attributes, char *const argv[],
         char *const environment[]),
        (pid, path, a, attributes, argv, environment))

/* With and without a mode. */
#define OPENS(name, call, arguments, given)                                    \
    WRAP(int, name, arguments)                                                 \
    {                                                                          \
        va_list args;                                                          \
        unsigned mode = 0;                                                     \
        va_start(args, flags);                                                 \
        if ((flags & (O_CREAT | O_TMPFILE)) != 0)                              \
            mode = va_arg(args, unsigned);                                     \
        va_end(args);                                                          \
        int code = hit(call);                                                  \
        if (code == 0)                                                         \
            return __real_##name given;                                        \
        errno = code;                                                          \
        return -1;                                                             \
    }

OPENS(open, "open", (const char *path, int flags, ...), (path, flags, mode))
OPENS(open64, "open", (const char *path, int flags, ...), (path, flags, mode))
OPENS(openat, "openat", (int at, const char *path, int flags, ...),
      (at, path, flags, mode))
OPENS(openat64, "openat", (int at, const char *path, int flags, ...),
      (at, path, flags, mode))

FAILING(int, __openat_2, (int at, const char *path, int flags),
        (at, path, flags))
FAILING(int, __openat64_2, (int at, const char *path, int flags),
        (at, path, flags))

/* openat2(2) and epoll_pwait2(2), for which not each C library has a function.
 */
FAILING_SYSCALL(number == SYS_openat2 ? "openat2" : "syscall")

/* Memory */

WRAP(int, posix_memalign, (void **p, size_t unit, size_t n))
{
    if (no_memory("posix_memalign"))
        return ENOMEM;
    int code = __real_posix_memalign(p, unit, n);
    balance += code == 0;
    return code;
}

WRAP(FILE *, fopencookie,
     (void *cookie, const char *mode, cookie_io_functions_t io))
{
    return no_memory("fopencookie") ? NULL
                                    : __real_fopencookie(cookie, mode, io);
}

WRAP(FILE *, fdopen, (int fd, const char *mode))
{
    return no_memory("fdopen") ? NULL : __real_fdopen(fd, mode);
}

WRAP(FILE *, fmemopen, (void *data, size_t n, const char *mode))
{
    return no_memory("fmemopen") ? NULL : __real_fmemopen(data, n, mode);
}

WRAP(DIR *, fdopendir, (int fd))
{
    return no_memory("fdopendir") ? NULL : __real_fdopendir(fd);
}

WRAP(void *, tsearch,
     (const void *key, void **root, int (*compare)(const void *, const void *)))
{
    return no_memory("tsearch") ? NULL : __real_tsearch(key, root, compare);
}

/* A host on loopback, which answers within the send of its client. */

static struct {
    int listener, port;
    const char *answers[3];
    bool keeps; /* its connections open */
    size_t next;
    int conns[8];
    size_t count, used;
    char heard[4096];
} host = {.listener = -1};

/* What was sent is here at once, or soon. */
static void host_takes(void)
{
    struct pollfd p = {host.conns[host.count - 1], POLLIN, 0};
    if (__real_poll(&p, 1, 1000) != 1)
        return;
    ssize_t n = __real_recv(p.fd, host.heard + host.used,
                            sizeof host.heard - 1 - host.used, MSG_DONTWAIT);
    host.used += n > 0 ? (size_t)n : 0;
    host.heard[host.used] = '\0';
    if (strstr(host.heard, "\r\n\r\n") == NULL)
        return;
    const char *said = host.answers[host.next++];
    if (host.answers[host.next] == NULL)
        host.next = 0;
    host.used = 0;
    __real_send(p.fd, said, strlen(said), MSG_NOSIGNAL);
    if (!host.keeps)
        shutdown(p.fd, SHUT_WR);
}

static void other_end_hears(int fd)
{
    (void)fd;
    int saved = errno;
    if (host.listener < 0 || !now.armed)
        return;
    while ((is_ready(host.listener) || host.count == 0) && host.count < 8) {
        int conn = __real_accept4(host.listener, NULL, NULL, SOCK_CLOEXEC);
        must(conn >= 0, "the host has a client");
        host.conns[host.count++] = conn;
        host.used = 0;
    }
    host_takes();
    errno = saved;
}

static void host_begins(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    host.listener = __real_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(host.listener >= 0 &&
             __real_bind(host.listener, (struct sockaddr *)&a, n) == 0 &&
             __real_listen(host.listener, 8) == 0 &&
             __real_getsockname(host.listener, (struct sockaddr *)&a, &n) == 0,
         "a host");
    host.port = ntohs(a.sin_port);
    host.next = host.count = host.used = 0;
}

static void host_ends(void)
{
    for (size_t i = 0; i < host.count; i++)
        close(host.conns[i]);
    close(host.listener);
    host.listener = -1;
    host.count = 0;
}

WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags))
{
    int code = hit("sendmsg");
    ssize_t sent = -1;
    if ((flags & MSG_NOSIGNAL) == 0 && now.armed)
        abort();
    if (code == SHORT)
        sent = __real_send(fd, m->msg_iov[0].iov_base,
                           HALF(m->msg_iov[0].iov_len), flags);
    else if (code == 0)
        sent = __real_sendmsg(fd, m, flags);
    else
        errno = code;
    if (sent > 0)
        other_end_hears(fd);
    return sent;
}

/* What becomes of it */

/* A server that may have lost the client that would end it is ended. */
static sock_httpd_t *volatile rescued;

static void on_signal(int number)
{
    sock_httpd_t *server = rescued;
    if (number == SIGALRM && server != NULL) {
        rescued = NULL;
        sock_httpd_shutdown(server, 0);
        alarm(HUNG_AFTER);
        return;
    }
    die(number);
}

/* Texts */

static char *folder;

static const char *in_folder(const char *file)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, file);
    return path;
}

static void of_url(void)
{
    char buf[200];
    sock_url_t *u = NULL;
    if (TRY((u = sock_urlsplit("http://u:p@[::1]:80/a;b?c=d#e")) != NULL &&
            sock_urlunsplit(u, buf, sizeof buf) > 0 &&
            sock_urljoin("http://h/a/b?c", "../d;e?f#g", buf, sizeof buf) >
                0) &&
        strcmp(buf, "http://h/d;e?f#g") != 0)
        complain("another URL");
    sock_url_free(u);
}

static void of_url_words(void)
{
    char buf[400];
    (void)TRY(sock_url_check("http://h/a?b#c") == 0 &&
              sock_urldefrag("http://h/a#b", buf, sizeof buf) > 0 &&
              sock_quote("a b/\xc3\xa9", "/", buf, sizeof buf) > 0 &&
              sock_unquote_plus("a%20b+%ff", buf, sizeof buf) > 0 &&
              sock_html_escape("<a&b>", buf, sizeof buf) > 0);
}

static void of_query(void)
{
    char buf[2000];
    sock_query_t *q = NULL;
    if (TRY((q = sock_parse_qs("a=b&c=%20d+e&f=&g=h", SOCK_QUERY_KEEP_BLANK,
                               0)) != NULL &&
            sock_query_add(q, "i", "j k") == 0 &&
            sock_urlencode(q, 0, buf, sizeof buf) > 0) &&
        strcmp(buf, "a=b&c=+d+e&f=&g=h&i=j+k") != 0)
        complain("another query");
    sock_query_free(q);
}

static const char fields[] = "Content-Type: text/html; charset=\"a\"\r\n"
                             "Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n";

static void of_headers(void)
{
    char buf[2000];
    sock_headers_t *h = NULL;
    (void)TRY((h = sock_headers_parse(fields, strlen(fields), 0)) != NULL &&
              sock_headers_add(h, "A", "b") == 0 &&
              sock_headers_set(h, "Set-Cookie", "e=f") == 0 &&
              sock_headers_remove(h, "A") >= 0 &&
              sock_headers_text(h, buf, sizeof buf) > 0 &&
              sock_header_param("text/html; charset=\"a\"", "charset", buf,
                                sizeof buf) > 0);
    sock_headers_free(h);
}

static void of_cookies(void)
{
    sock_headers_t *h = sock_headers_new();
    sock_cookies_t *c = NULL;
    (void)TRY((c = sock_cookies_new()) != NULL &&
              sock_cookies_load(c, "a=b; c=\"d e\"; f=g") == 3 &&
              sock_cookies_set(c, "h", "i;j") == 0 &&
              sock_cookies_set_attr(c, "h", "path", "/k") == 0 &&
              sock_cookies_output(c, h) >= 0);
    sock_cookies_free(c);
    sock_headers_free(h);
}

/* Jars */

static sock_cookiejar_t *full_jar(void)
{
    sock_cookiejar_t *j = sock_cookiejar_new();
    sock_headers_t *h = sock_headers_new();
    must(j != NULL &&
             sock_headers_add(h, "Set-Cookie", "a=b; Max-Age=9000; Path=/") ==
                 0 &&
             sock_headers_add(h, "Set-Cookie", "c=d; Max-Age=9000") == 0 &&
             sock_cookiejar_extract(j, "http://h.test/x/y", h) >= 0,
         "a jar");
    sock_headers_free(h);
    return j;
}

static void check_jar(sock_cookiejar_t *j, const char *wanted)
{
    char buf[200];
    if (sock_cookiejar_header(j, "http://h.test/x/z", buf, sizeof buf) < 0 ||
        strcmp(buf, wanted) != 0)
        complain("the jar has other cookies");
}

static void of_jar(void)
{
    char buf[200];
    sock_cookiejar_t *j = NULL;
    sock_headers_t *h =
        sock_headers_parse(fields, strlen(fields), SOCK_HEADERS_HTTP);
    (void)TRY((j = sock_cookiejar_new()) != NULL &&
              sock_cookiejar_extract(j, "http://h.test/", h) >= 0 &&
              sock_cookiejar_header(j, "http://h.test/", buf, sizeof buf) > 0);
    sock_cookiejar_free(j);
    sock_headers_free(h);
}

static void of_jar_save(void)
{
    sock_cookiejar_t *j = full_jar(), *other = sock_cookiejar_new();
    must(sock_cookiejar_save(other, in_folder("jar")) == 0, "a file");
    bool ok = TRY(sock_cookiejar_save(j, in_folder("jar")) == 0);
    if (sock_cookiejar_load(other, in_folder("jar")) < 0)
        complain("the file is half another's");
    check_jar(other, ok ? "c=d; a=b" : "");
    sock_cookiejar_free(j);
    sock_cookiejar_free(other);
}

static void of_jar_load(void)
{
    sock_cookiejar_t *j = full_jar(), *other = sock_cookiejar_new();
    must(sock_cookiejar_save(j, in_folder("jar")) == 0, "a file");
    bool ok = TRY(sock_cookiejar_load(other, in_folder("jar")) == 0);
    check_jar(other, ok ? "c=d; a=b" : "");
    sock_cookiejar_free(j);
    sock_cookiejar_free(other);
}

static void of_suffixes(void)
{
    sock_cookiejar_t *j = full_jar();
    (void)TRY(sock_cookiejar_suffix_file(j, in_folder("suffixes")) == 0);
    check_jar(j, "c=d; a=b");
    sock_cookiejar_free(j);
}

static void of_robots(void)
{
    static const char text[] = "User-agent: a\nDisallow: /b\nAllow: /b/c\n"
                               "Crawl-delay: 3\nSitemap: http://h/s\n"
                               "User-agent: *\nDisallow: /\n";
    sock_robots_t *r = NULL;
    (void)TRY((r = sock_robots_parse(text, strlen(text))) != NULL &&
              sock_robots_can_fetch(r, "a", "http://h/b/c/d%20?e") == 1 &&
              sock_robots_can_fetch(r, "a", "http://h/x%2f?y") == 1);
    sock_robots_free(r);
}

/* Clients, whose answer is there already */

struct pair {
    sock_t *a, *b;
};

static struct pair new_pair(void)
{
    sock_t *s[2];
    must(sock_socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0 &&
             sock_settimeout(s[0], 5) == 0 && sock_settimeout(s[1], 5) == 0,
         "a pair");
    return (struct pair){s[0], s[1]};
}

/* Says all that it will ever say. */
static void say(sock_t *s, const char *text)
{
    must(sock_sendall(s, text, strlen(text), 0) == 0 &&
             sock_shutdown(s, SHUT_WR) == 0,
         "what the other end says");
}

static const char *answer; /* of the host, to a client */
static FILE *body;         /* of its request; NULL: "body", or none */
static const char *large_body;

static int ask(sock_http_t *c)
{
    if (body != NULL)
        return sock_http_request_file(c, "PUT", "/a", body, -1, NULL);
    if (large_body != NULL)
        return sock_http_request(c, "POST", "/a", large_body,
                                 strlen(large_body), NULL);
    return sock_http_request(c, "POST", "/a?b", "body", 4, NULL);
}

static bool reads(sock_http_response_t *r, const char *wanted)
{
    char *data = NULL;
    ssize_t n = sock_http_readall(r, &data, 0);
    if (n >= 0 && strcmp(data, wanted) != 0)
        complain("another body");
    sock_http_data_free(data);
    return n >= 0;
}

static void exchange(bool (*takes)(sock_http_response_t *, const char *))
{
    struct pair p = new_pair();
    sock_http_response_t *r = NULL;
    say(p.b, answer);
    arm();
    sock_http_t *c = sock_http_from(p.a);
    disarm(c != NULL && ask(c) == 0 && (r = sock_http_getresponse(c)) != NULL &&
           takes(r, "hello"));
    if (c == NULL)
        sock_free(p.a);
    sock_http_response_free(r);
    sock_http_free(c);
    sock_free(p.b);
}

static void of_length(void)
{
    answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    exchange(reads);
}

static void of_chunks(void)
{
    answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
             "2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nA: b\r\nC: d\r\n\r\n";
    exchange(reads);
}

static void of_close(void)
{
    answer = "HTTP/1.0 200 OK\r\nA: b\r\n\r\nhello";
    exchange(reads);
}

static void of_interim(void)
{
    answer = "HTTP/1.1 103 Early\r\nA: b\r\n\r\n"
             "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    exchange(reads);
}

/* More than is copied. */
static void of_large_request(void)
{
    static char text[20000];
    memset(text, 'x', sizeof text - 1);
    large_body = text;
    of_length();
    large_body = NULL;
}

static void of_request_file(void)
{
    body = tmpfile();
    must(body != NULL && fputs("a body of its own", body) >= 0 &&
             fflush(body) == 0,
         "a file");
    rewind(body);
    of_length();
    fclose(body);
    body = NULL;
}

/* stdio says that it failed, and this library's record says why. */
static bool reads_stream(sock_http_response_t *r, const char *wanted)
{
    char got[16] = "";
    FILE *f = sock_http_file(r);
    if (f == NULL)
        return false;
    int was = errno;
    size_t n = fread(got, 1, sizeof got - 1, f);
    bool ok = ferror(f) == 0;
    if (ok && (n != strlen(wanted) || strcmp(got, wanted) != 0))
        complain("another body");
    int err = ok ? was : errno;
    fclose(f);
    errno = err;
    return ok;
}

static void of_stream(void)
{
    answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    exchange(reads_stream);
}

static void of_connect(void)
{
    sock_http_t *c = NULL;
    host_begins();
    (void)TRY((c = sock_http_connection("127.0.0.1", host.port, 5)) != NULL &&
              sock_http_connect(c) == 0);
    sock_http_free(c);
    host_ends();
}

/* The second request finds a connection that is open, and may be gone. */
static void of_again(void)
{
    sock_http_response_t *r[2] = {NULL, NULL};
    sock_http_t *c = NULL;
    bool ok = true;

    host_begins();
    host.keeps = true;
    host.answers[0] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    host.answers[1] = NULL;
    arm();
    c = sock_http_connection("127.0.0.1", host.port, 5);
    for (int i = 0; i < 2 && ok; i++)
        ok = c != NULL &&
             sock_http_request(c, "GET", "/", NULL, 0, NULL) == 0 &&
             (r[i] = sock_http_getresponse(c)) != NULL && reads(r[i], "hello");
    disarm(ok);
    sock_http_response_free(r[0]);
    sock_http_response_free(r[1]);
    sock_http_free(c);
    host.keeps = false;
    host_ends();
}

/* Openers */

static bool opens(sock_opener_t *o, const char *url, const char *wanted)
{
    sock_urlrequest_t *q = sock_urlrequest_new(url);
    sock_http_response_t *r = q != NULL ? sock_opener_open(o, q, 5) : NULL;
    bool ok = r != NULL && reads(r, wanted);
    sock_http_response_free(r);
    sock_urlrequest_free(q);
    return ok;
}

static void open_with(void (*set)(sock_opener_t *o, const char *url))
{
    const char *call = now.call;
    char url[64];
    sock_opener_t *o = sock_opener_new();
    must(o != NULL, "an opener");
    host_begins();
    snprintf(url, sizeof url, "http://127.0.0.1:%d/a", host.port);
    if (set != NULL)
        set(o, url);
    (void)TRY(opens(o, url, "hello"));
    host.next = 0;
    now.call = "none"; /* it is as usable as before */
    arm();
    bool again = opens(o, url, "hello");
    now.armed = false;
    now.call = call;
    if (!again)
        complain("the opener is no longer usable");
    host_ends();
    sock_opener_free(o);
}

#define WHOLE                                                                  \
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"

static void of_redirect(void)
{
    host.answers[0] = "HTTP/1.1 302 Found\r\nLocation: /b\r\n"
                      "Connection: close\r\nContent-Length: 0\r\n\r\n";
    host.answers[1] = WHOLE;
    open_with(NULL);
}

static void set_password(sock_opener_t *o, const char *url)
{
    must(sock_opener_add_password(o, "r", url, "user", "secret") == 0,
         "a password");
}

static void of_login(void)
{
    host.answers[0] =
        "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", "
        "nonce=\"n\", qop=\"auth\", algorithm=SHA-256\r\n"
        "Connection: close\r\nContent-Length: 0\r\n\r\n";
    host.answers[1] = WHOLE;
    open_with(set_password);
}

static void of_jar_of_opener(void)
{
    sock_cookiejar_t *j = sock_cookiejar_new();
    must(j != NULL, "a jar");
    host.answers[0] = "HTTP/1.1 302 Found\r\nLocation: /b\r\n"
                      "Set-Cookie: a=b\r\nConnection: close\r\n"
                      "Content-Length: 0\r\n\r\n";
    host.answers[1] = WHOLE;
    host_begins();
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/a", host.port);
    sock_opener_t *o = NULL;
    (void)TRY((o = sock_opener_new()) != NULL &&
              sock_opener_set_cookiejar(o, j) == 0 && opens(o, url, "hello"));
    sock_opener_free(o);
    sock_cookiejar_free(j);
    host_ends();
}

/* Each field is longer than all before it, so that there is no room yet. */
static bool add_fields(sock_urlrequest_t *q)
{
    static char value[1300];
    char name[] = "A";
    for (size_t n = 80; n < sizeof value; n *= 2, name[0]++) {
        memset(value, 'x', n);
        value[n] = '\0';
        if (sock_urlrequest_add_header(q, name, value) < 0)
            return false;
    }
    return true;
}

static void of_proxy(void)
{
    sock_opener_t *o = NULL;
    sock_urlrequest_t *q = NULL;
    sock_http_response_t *r = NULL;
    char proxy[64];
    host.answers[0] = WHOLE;
    host.answers[1] = NULL;
    host_begins();
    snprintf(proxy, sizeof proxy, "http://u:p@127.0.0.1:%d", host.port);
    (void)TRY((o = sock_opener_new()) != NULL &&
              sock_opener_set_proxy(o, "http", proxy) == 0 &&
              sock_opener_add_password(o, "r", "http://h.test/", "u", "p") ==
                  0 &&
              sock_opener_add_password(o, NULL, "h.test", "u", "p") == 0 &&
              (q = sock_urlrequest_new("http://v:w@h.test/a")) != NULL &&
              sock_urlrequest_method(q, "PUT") == 0 && add_fields(q) &&
              sock_urlrequest_data(q, "body", 4) == 0 &&
              (r = sock_opener_open(o, q, 5)) != NULL && reads(r, "hello"));
    sock_http_response_free(r);
    sock_urlrequest_free(q);
    sock_opener_free(o);
    host_ends();
}

static void open_url(const char *url, const char *wanted)
{
    sock_http_response_t *r = NULL;
    (void)TRY((r = sock_urlopen(url, NULL, 0, 5)) != NULL && reads(r, wanted));
    sock_http_response_free(r);
}

static void of_data_url(void)
{
    open_url("data:text/plain;base64,aGVsbG8=", "hello");
}

static void of_file_url(void)
{
    char url[600];
    snprintf(url, sizeof url, "file://%s", in_folder("hello.txt"));
    open_url(url, "hello");
}

static void of_urlretrieve(void)
{
    char url[600], part[600];
    struct stat st;
    snprintf(url, sizeof url, "file://%s", in_folder("hello.txt"));
    bool ok = TRY(sock_urlretrieve(url, in_folder("copy"), NULL, NULL, 5) == 0);
    snprintf(part, sizeof part, "%s", in_folder("copy.part"));
    if (stat(part, &st) == 0 || (stat(in_folder("copy"), &st) == 0) != ok)
        complain("a file is left");
    unlink(part);
    unlink(in_folder("copy"));
}

/* Servers */

static char heard[400000], wanted[400000];

static void log_nothing(sock_httpd_request_t *self, const char *line, void *arg)
{
    (void)self, (void)line, (void)arg;
}

static sock_httpd_t *new_server(sock_httpd_fn fn)
{
    sock_httpd_limits_t limits = {.size = sizeof limits,
                                  .head_timeout = 2,
                                  .idle_timeout = 2,
                                  .write_timeout = 2,
                                  .body_grace = 2,
                                  .threads = -1};
    sock_httpd_t *server = sock_httpd_new("127.0.0.1", 0);
    must(server != NULL && sock_httpd_set_limits(server, &limits) == 0 &&
             sock_httpd_set_log(server, log_nothing, NULL) == 0 &&
             sock_httpd_mount(server, "/", fn, NULL) == 0,
         "a server");
    return server;
}

/* What differs each time is made the same. */
static void blank(char *text, const char *before, const char *end)
{
    char *at = strstr(text, before);
    while (at != NULL) {
        for (at += strlen(before); *at != '\0' && strchr(end, *at) == NULL;
             at++)
            *at = '_';
        at = strstr(at, before);
    }
}

static void hear(sock_t *s)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    size_t used = 0;
    ssize_t n;
    while (used < sizeof heard - 1 &&
           (n = sock_recv(s, heard + used, sizeof heard - 1 - used, 0)) > 0)
        used += (size_t)n;
    heard[used] = '\0';
    if (strncmp(heard, go_on, strlen(go_on)) == 0) /* if it had to be said */
        memmove(heard, heard + strlen(go_on), used + 1 - strlen(go_on));
    blank(heard, "\r\nDate: ", "\r");
    blank(heard, "nonce=\"", "\"");
    blank(heard, "opaque=\"", "\"");
}

static int serve_once(sock_httpd_t *server, const char *request)
{
    struct pair p = new_pair();
    sock_setsockopt_int(p.a, SOL_SOCKET, SO_SNDBUF, 200000); /* for all of it */
    say(p.b, request);
    arm();
    int served = sock_httpd_serve(server, p.a);
    disarm(served == 0);
    if (served < 0 && result.kind == SOCK_E_OS)
        sock_free(p.a); /* which is no connection */
    hear(p.b);
    sock_free(p.b);
    return served;
}

static char first_heard[400000];

static size_t in_common(void)
{
    size_t n = 0;
    while (heard[n] == wanted[n] && heard[n] != '\0')
        n++;
    return n;
}

static void differs(const char *what)
{
    size_t n = in_common();
    complain(what);
    n -= n < 60 ? n : 60;
    fprintf(stderr, "...%.200s\n", heard + n);
}

static void serve(sock_httpd_fn fn, const char *request)
{
    sock_httpd_t *server = new_server(fn);
    const char *call = now.call;
    serve_once(server, request);
    struct result first = result;
    strcpy(first_heard, heard);
    now.call = "none"; /* it is as usable as before */
    serve_once(server, request);
    if (strcmp(call, "none") == 0)
        strcpy(wanted, heard);
    else if (strcmp(heard, wanted) != 0)
        differs("the server is no longer usable");
    now.call = call;
    strcpy(heard, first_heard);
    result = first;
    result.served = true;
    sock_httpd_free(server);
}

#define REQUEST(method, path, more)                                            \
    method " " path " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" more "\r"  \
           "\n"

/* Each call that fails says why. */
static bool said(int outcome)
{
    bool memory = now.code == ENOMEM;
    if (outcome >= 0)
        return true;
    if (now.injected > 0 && memory && sock_last_error()->kind != SOCK_E_MEMORY)
        complain("the handler's call does not say that memory is short");
    return false;
}

static void answer_it(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    if (!said(sock_httpd_send_response(self, 200, NULL)) ||
        !said(sock_httpd_send_header(self, "Content-Type", "text/plain")) ||
        !said(sock_httpd_end_headers(self)))
        return;
    if (!said(
            sock_httpd_printf(self, "%s %02000d", sock_httpd_path(self), 7))) {
        said(sock_httpd_send_error(self, 500, NULL));
        return;
    }
    FILE *f = sock_httpd_wfile(self);
    if (said(f != NULL ? 0 : -1))
        fprintf(f, "by a stream");
    else
        said(sock_httpd_printf(self, "by a stream"));
}

static void of_answer(void)
{
    serve(answer_it, REQUEST("GET", "/a?b", "A: b\r\n"));
}

static void send_error(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    said(sock_httpd_send_error(self, 418, "<none>"));
}

static void of_error(void)
{
    serve(send_error, REQUEST("GET", "/", ""));
}

static void log_much(sock_httpd_request_t *self, void *arg)
{
    said(sock_httpd_log(self, "%02000d", 7));
    answer_it(self, arg);
}

static void of_long_log(void)
{
    serve(log_much, REQUEST("GET", "/a", ""));
}

static void of_no_request(void)
{
    serve(answer_it, "GET\r\n\r\n");
}

static void of_bad_request(void)
{
    serve(answer_it, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
}

static void take_it(sock_httpd_request_t *self, void *arg)
{
    char buf[64];
    size_t got = 0;
    ssize_t n;
    (void)arg;
    while ((n = sock_httpd_read(self, buf, sizeof buf)) > 0)
        got += (size_t)n;
    if (!said((int)n))
        return;
    if (said(sock_httpd_send_response(self, 200, NULL)) &&
        said(sock_httpd_end_headers(self)))
        said(sock_httpd_printf(self, "%zu bytes", got));
}

static void take_stream(sock_httpd_request_t *self, void *arg)
{
    char buf[64];
    (void)arg;
    FILE *f = sock_httpd_rfile(self);
    if (!said(f != NULL ? 0 : -1))
        return;
    size_t n = fread(buf, 1, sizeof buf, f);
    if (!said(ferror(f) != 0 ? -1 : 0))
        return;
    if (said(sock_httpd_send_response(self, 200, NULL)) &&
        said(sock_httpd_end_headers(self)))
        said(sock_httpd_printf(self, "%zu bytes", n));
}

static void of_stream_upload(void)
{
    serve(take_stream,
          REQUEST("POST", "/", "Content-Length: 9\r\n") "some bytes");
}

static void of_upload(void)
{
    serve(take_it, REQUEST("POST", "/", "Content-Length: 9\r\n") "some bytes");
}

static void of_chunked_upload(void)
{
    serve(
        take_it,
        REQUEST(
            "POST", "/",
            "Transfer-Encoding: chunked\r\n") "3;a\r\nabc\r\n2\r\nde\r\n0\r\nA:"
                                              " b\r\n\r\n");
}

/* Long trailers, and a long request behind. */
static void of_long_trailers(void)
{
    static char request[40000];
    size_t n = (size_t)snprintf(request, sizeof request,
                                "POST / HTTP/1.1\r\nHost: h\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n");
    snprintf(request + n, sizeof request - n,
             "3\r\nabc\r\n0\r\nA: %09000d\r\n\r\n"
             "GET /b HTTP/1.1\r\nHost: h\r\n"
             "Connection: close\r\nA: %09000d\r\n\r\n",
             7, 7);
    serve(take_it, request);
}

/* A path that is made up. */
static void of_bare_query(void)
{
    serve(answer_it,
          "GET http://h?a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
}

static void of_continue(void)
{
    serve(take_it, REQUEST("POST", "/",
                           "Content-Length: 5\r\n"
                           "Expect: 100-continue\r\n") "bytes");
}

/* Forms */

static void take_form(sock_httpd_request_t *self, void *arg)
{
    sock_form_limits_t limits = {.size = sizeof limits, .memory = 16};
    (void)arg;
    sock_form_t *form = sock_httpd_form(self, &limits);
    if (!said(form != NULL ? 0 : -1))
        return;
    if (said(sock_httpd_send_response(self, 200, NULL)) &&
        said(sock_httpd_end_headers(self)))
        said(sock_httpd_printf(self, "%s",
                               sock_form_getfirst(form, "a", "none")));
    sock_form_free(form);
}

static void of_form(void)
{
    serve(take_form,
          REQUEST("POST", "/?q=r",
                  "Content-Type: application/x-www-form-urlencoded\r\n"
                  "Content-Length: 12\r\n") "a=b&c=d%20+e");
}

#define PART "--x\r\nContent-Disposition: form-data; name="
static const char multipart[] =
    PART "\"a\"\r\n\r\nb\r\n" PART
         "\"f\"; filename=\"g\"\r\nContent-Type: a/b\r\n\r\n"
         "more than has room in memory, so that a file keeps it\r\n--x--\r\n";

static void of_multipart(void)
{
    char request[2000];
    snprintf(request, sizeof request,
             REQUEST("POST", "/",
                     "Content-Type: multipart/form-data; boundary=x\r\n"
                     "Content-Length: %zu\r\n") "%s",
             strlen(multipart), multipart);
    serve(take_form, request);
}

/* Files */

static void show_folder(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_dir_t dir = {
        .size = sizeof dir, .root = folder, .flags = SOCK_HTTPD_LIST};
    (void)arg;
    said(sock_httpd_simple(self, &dir));
}

static void of_file(void)
{
    serve(show_folder, REQUEST("GET", "/hello.txt", ""));
}

static void of_large_file(void)
{
    serve(show_folder, REQUEST("GET", "/large", ""));
}

static void of_range(void)
{
    serve(show_folder, REQUEST("GET", "/large", "Range: bytes=2-50001\r\n"));
}

static void of_listing(void)
{
    serve(show_folder, REQUEST("GET", "/some/", ""));
}

static void of_no_file(void)
{
    serve(show_folder, REQUEST("GET", "/none", ""));
}

/* Scripts */

static void run_it(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_dir_t dir = {.size = sizeof dir, .root = folder, .deadline = 15};
    (void)arg;
    sock_httpd_cgi(self, &dir);
}

static void of_script(void)
{
    serve(run_it, REQUEST("GET", "/script/x", "A: b\r\n"));
}

static void of_script_upload(void)
{
    serve(run_it,
          REQUEST("POST", "/script", "Content-Length: 9\r\n") "some bytes");
}

static void of_script_chunks(void)
{
    serve(run_it, REQUEST("POST", "/script",
                          "Transfer-Encoding: chunked\r\n") "3\r\nabc\r\n2\r\nd"
                                                            "e\r\n0\r\n\r\n");
}

static void of_script_elsewhere(void)
{
    serve(run_it, REQUEST("GET", "/elsewhere", ""));
}

/* Passwords */

static void let_in(sock_httpd_request_t *self, int may)
{
    if (may == 1 && said(sock_httpd_send_response(self, 200, NULL)) &&
        said(sock_httpd_end_headers(self)))
        said(sock_httpd_printf(self, "welcome"));
}

static int is_right(const char *user, const char *password, void *arg)
{
    (void)arg;
    return strcmp(user, "u") == 0 && strcmp(password, "p") == 0;
}

static void guard_basic(sock_httpd_request_t *self, void *arg)
{
    let_in(self, sock_httpd_require_basic(self, "r", is_right, arg));
}

static void of_basic(void)
{
    serve(guard_basic, REQUEST("GET", "/", "Authorization: Basic dTpw\r\n"));
}

static void of_basic_refused(void)
{
    serve(guard_basic, REQUEST("GET", "/", "Authorization: Basic dTpx\r\n"));
}

static int secret(const char *user, const char *realm, char *buf, size_t size,
                  void *arg)
{
    (void)user, (void)realm, (void)arg;
    snprintf(buf, size, "p");
    return SOCK_HTTPD_PASSWORD;
}

static void guard_digest(sock_httpd_request_t *self, void *arg)
{
    let_in(self, sock_httpd_require_digest(self, "r", 0, secret, arg));
}

static void of_digest(void)
{
    serve(guard_digest, REQUEST("GET", "/", ""));
}

static void of_digest_refused(void)
{
    serve(guard_digest,
          REQUEST("GET", "/",
                  "Authorization: Digest username=\"u\", realm=\"r\", "
                  "nonce=\"n\", uri=\"/\", response=\"x\", cnonce=\"c\", "
                  "nc=00000001, qop=auth, algorithm=SHA-256\r\n"));
}

/* With the right password for a nonce that no one has given. */
static void of_digest_of_another(void)
{
    serve(guard_digest,
          REQUEST("GET", "/",
                  "Authorization: Digest username=\"u\", realm=\"r\", "
                  "nonce=\"n\", uri=\"/\", response=\"e285f18fb83088139313caad"
                  "403970c19bd4404bd6be92d89058963b9391420d\", cnonce=\"c\", "
                  "nc=00000001, qop=auth, algorithm=SHA-256\r\n"));
}

/* Whole servers */

static void of_httpd_new(void)
{
    sock_httpd_t *server = NULL;
    (void)TRY((server = sock_httpd_new("127.0.0.1", 0)) != NULL &&
              sock_httpd_mount(server, "/a", answer_it, NULL) == 0);
    sock_httpd_free(server);
}

static void of_httpd_free(void)
{
    sock_httpd_t *server = new_server(answer_it);
    (void)TRY((sock_httpd_free(server), true));
}

/* A client that is connected, and has said all that it will. */
static sock_t *connected(sock_httpd_t *server, const char *request)
{
    sock_addr_t at;
    sock_t *s = NULL;
    must(sock_httpd_address(server, &at) == 0 &&
             (s = sock_new(AF_INET, SOCK_STREAM, 0)) != NULL &&
             sock_settimeout(s, 5) == 0 && sock_connect(s, at) == 0,
         "a client");
    say(s, request);
    return s;
}

/* What it was answered. */
static void hear_out(sock_t *s)
{
    hear(s);
    sock_free(s);
    result.served = true;
    if (strcmp(now.call, "none") == 0)
        strcpy(wanted, heard);
}

static void of_handle_request(void)
{
    sock_httpd_t *server = new_server(answer_it);
    sock_t *s = connected(server, REQUEST("GET", "/", ""));
    (void)TRY(sock_httpd_handle_request(server) == 0);
    sock_httpd_free(server);
    hear_out(s);
}

static sock_httpd_t *running;

static void not_lost(void)
{
    rescued = NULL;
    alarm(HUNG_AFTER);
}

/* Who is lost before it has its handler ends the server by the clock. */
static void serve_forever(sock_httpd_fn fn, const char *request)
{
    struct itimerval soon = {{0, 0}, {0, 200000}};
    running = new_server(fn);
    sock_t *s = connected(running, request);
    rescued = running;
    setitimer(ITIMER_REAL, &soon, NULL);
    (void)TRY(sock_httpd_serve_forever(running) == 0);
    not_lost();
    sock_httpd_free(running);
    hear_out(s);
}

static void answer_and_end(sock_httpd_request_t *self, void *arg)
{
    not_lost();
    answer_it(self, arg);
    sock_httpd_shutdown(running, 2);
}

static void of_serve_forever(void)
{
    serve_forever(answer_and_end, REQUEST("GET", "/", ""));
}

static void show_and_end(sock_httpd_request_t *self, void *arg)
{
    not_lost();
    show_folder(self, arg);
    sock_httpd_shutdown(running, 2);
}

static void of_serve_file(void)
{
    serve_forever(show_and_end, REQUEST("GET", "/large", ""));
}

static const struct scenario scenarios[] = {
    {"url", of_url, 1},
    {"url_words", of_url_words, 1},
    {"query", of_query, 1},
    {"headers", of_headers, 1},
    {"cookies", of_cookies, 1},
    {"jar", of_jar, 1},
    {"jar_save", of_jar_save, 1},
    {"jar_load", of_jar_load, 1},
    {"suffixes", of_suffixes, 1},
    {"robots", of_robots, 1},
    {"length", of_length, 1},
    {"chunks", of_chunks, 1},
    {"close", of_close, 1},
    {"interim", of_interim, 1},
    {"large_request", of_large_request, 1},
    {"request_file", of_request_file, 1},
    {"stream", of_stream, 1},
    {"connect", of_connect, 1},
    {"again", of_again, 1},
    {"redirect", of_redirect, 1},
    {"login", of_login, 1},
    {"jar_of_opener", of_jar_of_opener, 1},
    {"proxy", of_proxy, 1},
    {"data_url", of_data_url, 1},
    {"file_url", of_file_url, 1},
    {"urlretrieve", of_urlretrieve, 1},
    {"answer", of_answer, 1},
    {"error", of_error, 1},
    {"long_log", of_long_log, 1},
    {"no_request", of_no_request, 1},
    {"bad_request", of_bad_request, 1},
    {"stream_upload", of_stream_upload, 1},
    {"upload", of_upload, 1},
    {"chunked_upload", of_chunked_upload, 1},
    {"long_trailers", of_long_trailers, 1},
    {"bare_query", of_bare_query, 1},
    {"continue", of_continue, 1},
    {"form", of_form, 1},
    {"multipart", of_multipart, 1},
    {"file", of_file, 1},
    {"large_file", of_large_file, 1},
    {"range", of_range, 1},
    {"listing", of_listing, 1},
    {"no_file", of_no_file, 1},
    {"script", of_script, 1},
    {"script_upload", of_script_upload, 1},
    {"script_chunks", of_script_chunks, 1},
    {"script_elsewhere", of_script_elsewhere, 1},
    {"basic", of_basic, 1},
    {"basic_refused", of_basic_refused, 1},
    {"digest", of_digest, 1},
    {"digest_refused", of_digest_refused, 1},
    {"digest_of_another", of_digest_of_another, 1},
    {"httpd_new", of_httpd_new, 1},
    {"httpd_free", of_httpd_free, 1},
    {"handle_request", of_handle_request, 1},
    {"serve_forever", of_serve_forever, 1},
    {"serve_file", of_serve_file, 1}};

/* Judging */

/* Where nothing is told of it: a server lives on. */
static bool tells(void)
{
    return !is(now.scenario, "httpd_free");
}

/* A client reads what its server says though its request did not go out whole,
 * learns the length of a body by sending it, and needs no name of its peer. */
static bool may_pass(void)
{
    if (!tells() || is(now.call, "getpeername"))
        return true;
    if (is(now.scenario, "again") && is(now.call, "recv ppoll"))
        return now.nth > 1; /* what ails a used connection, a new one has not */
    if (is(now.call, "send sendmsg"))
        return now.code == ECONNRESET || now.code == EPIPE;
    return is(now.call, "fstat64") && is(now.scenario, "request_file");
}

/* The first of the answers that is not as it should be. */
static const char *odd_one(void)
{
    size_t n = in_common();
    while (n > 0 && strncmp(heard + n, "HTTP/1.1 ", 9) != 0)
        n--;
    return heard + n;
}

static int status(void)
{
    const char *at = odd_one();
    return strncmp(at, "HTTP/1.1 ", 9) == 0 ? atoi(at + 9) : 0;
}

/* Whether it is one whole answer, by its own account, and nothing but another
 * one follows. */
static bool is_whole(void)
{
    const char *at = odd_one();
    const char *end = strstr(at, "\r\n\r\n");
    const char *length = strstr(at, "Content-Length: ");
    if (end == NULL || length == NULL || length > end)
        return false;
    size_t n = strtoul(length + 16, NULL, 10);
    const char *next = end + 4;
    return strlen(next) == n ||
           (strlen(next) > n && strncmp(next + n, "HTTP/1.1 ", 9) == 0);
}

/* What epoll(7) said once, edge-triggered, it does not say again: the loop
 * waits for what will not come, and was ended by the clock. */
static bool is_lost_edge(void)
{
    return now.code == EAGAIN && is(now.call, "recv") &&
           is(now.scenario, "serve_forever serve_file");
}

/* A script that takes no more of its body answers what it has heard. */
static bool hears_less(void)
{
    return is(now.scenario, "script_upload") && is(now.call, "write");
}

static void judge_served(void)
{
    bool same = strcmp(heard, wanted) == 0;
    bool cut = strncmp(heard, wanted, strlen(heard)) == 0;
    bool excuse =
        is_whole() && (status() >= 500 || (!is_memory() && status() >= 400));
    told += !same;
    passed += same;
    if (is_passing() && !is_lost_edge()) {
        if (!same || !result.ok)
            differs("fails");
    } else if (!same && !cut && !excuse && !hears_less()) {
        differs("another answer");
    }
    if (!result.ok && is_memory() && result.kind != SOCK_E_MEMORY)
        complain("does not say that memory is short");
}

static void judge(void)
{
    if (now.injected == 0 && !result.ok)
        complain("fails without a reason");
    else if (now.injected > 0 && result.served)
        judge_served();
    else if (now.injected > 0)
        judge_call(may_pass());
}

static const struct row rows[] = {
    {"send", {ECONNRESET, EPIPE, ENOBUFS, EINTR, EAGAIN, SHORT}},
    {"sendmsg", {ECONNRESET, EPIPE, ENOBUFS, EINTR, EAGAIN, SHORT}},
    {"recv", {ECONNRESET, ETIMEDOUT, EINTR, EAGAIN, SHORT}},
    {"ppoll", {ENOMEM, EINTR}},
    {"epoll_create1", {EMFILE}},
    {"epoll_ctl", {ENOSPC}},
    {"epoll_wait", {EINTR, EINVAL}}, /* which it does not say; others might */
    {"eventfd", {EMFILE}},
    {"socket", {EMFILE, EACCES}},
    {"bind", {EADDRINUSE}},
    {"listen", {EADDRINUSE}},
    {"connect", {ECONNREFUSED, ENETUNREACH}},
    {"accept4", {ECONNABORTED, EINTR, EMFILE}},
    {"getsockname", {ENOBUFS}},
    {"getpeername", {ENOBUFS}},
    {"open", {EMFILE, EACCES}},
    {"openat", {EMFILE, EACCES}},
    {"__openat_2", {EMFILE, EACCES}},
    {"__openat64_2", {EMFILE, EACCES}},
    {"openat2", {EMFILE, EACCES, EAGAIN, ENOSYS}},
    {"syscall", {EINTR, ENOSYS}},
    {"fstat", {EIO}},
    {"fstat64", {EIO}},
    {"sendfile", {EIO, ECONNRESET, EINTR, EAGAIN, EINVAL, SHORT}},
    {"sendfile64", {EIO, ECONNRESET, EINTR, EAGAIN, EINVAL, SHORT}},
    {"pread", {EIO, EINTR, SHORT}},
    {"pread64", {EIO, EINTR, SHORT}},
    {"read", {EIO, EINTR, SHORT}},
    {"write", {ENOSPC, EINTR, SHORT}},
    {"fsync", {EIO}},
    {"pipe2", {EMFILE}},
    {"lseek", {EIO}},
    {"lseek64", {EIO}},
    {"waitpid", {EINTR}},
    {"poll", {EINTR}},
    {"posix_spawn", {EACCES, ENOMEM, E2BIG}},
    {"posix_spawn_file_actions_init", {ENOMEM}},
    {"posix_spawn_file_actions_adddup2", {ENOMEM}},
    {"posix_spawn_file_actions_addfchdir_np", {ENOMEM}},
    {"posix_spawnattr_init", {ENOMEM}},
    {"rename", {EACCES}},
    {"getrandom", {EIO, EINTR}},
    {"malloc", {ENOMEM}},
    {"calloc", {ENOMEM}},
    {"realloc", {ENOMEM}},
    {"strdup", {ENOMEM}},
    {"strndup", {ENOMEM}},
    {"fopencookie", {ENOMEM}},
    {"tsearch", {ENOMEM}},
    {"posix_memalign", {ENOMEM}},
    {"fdopen", {ENOMEM}},
    {"fmemopen", {ENOMEM}},
    {"fdopendir", {ENOMEM}},
};

/* Its entity tag is weak as long as it may be of the same moment. */
static void make_file(const char *name, const char *text, size_t n)
{
    static const struct timespec old[] = {{1000000000, 0}, {1000000000, 0}};
    FILE *f = fopen(in_folder(name), "we");
    must(f != NULL && fwrite(text, 1, n, f) == n && fclose(f) == 0 &&
             utimensat(AT_FDCWD, in_folder(name), old, 0) == 0,
         "a file");
}

static void make_script(const char *name, const char *text)
{
    char whole[500];
    int n = snprintf(whole, sizeof whole, "#!/bin/sh\n%s", text);
    make_file(name, whole, (size_t)n);
    must(chmod(in_folder(name), 0700) == 0, "a script");
}

static void make_folder(void)
{
    static const char suffixes[] = "// a\ncom\n*.ck\n!www.ck\na.*.b\n";
    static char name[] = "/tmp/fault-XXXXXX", large[60000];
    folder = mkdtemp(name);
    must(folder != NULL && mkdir(in_folder("some"), 0700) == 0, "a folder");
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)('a' + i % 23);
    make_file("large", large, sizeof large);
    make_file("hello.txt", "hello", 5);
    make_file("some/<a>", "", 0);
    make_file("some/b", "", 0);
    make_file("suffixes", suffixes, strlen(suffixes));
    make_script("script", "printf 'Content-Type: text/plain\\nA: b\\n\\n'\n"
                          "echo \"$PATH_INFO\"; echo complaint >&2; cat\n");
    make_script("elsewhere", "printf 'Location: /script\\n\\n'\n");
}

static void unmake_folder(void)
{
    static const char *const files[] = {
        "large", "hello.txt", "some/<a>",  "some/b", "suffixes",
        "jar",   "copy",      "copy.part", "script", "elsewhere"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(in_folder(files[i]));
    if (rmdir(in_folder("some")) != 0 || rmdir(folder) != 0)
        complain("files are left");
}

static const struct program program = {
    .scenarios = scenarios,
    .scenario_count = sizeof scenarios / sizeof scenarios[0],
    .rows = rows,
    .row_count = sizeof rows / sizeof rows[0],
    .judge = judge};

int main(int argc, char *argv[])
{
    (void)argc;
    if (getauxval(AT_BASE) == 0) {
        puts("libc's own allocations can't be told from the library's");
        return SKIPPED;
    }
    catch_signals(on_signal);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    make_folder();
    inject_as_told(&program, argv);
    now.scenario = now.call = "none";
    unmake_folder();
    printf("%d injections, %d complaints; %d were told, %d did no harm\n",
           injections, complaints, told, passed);
    return complaints > 0 || injections == 0;
}
