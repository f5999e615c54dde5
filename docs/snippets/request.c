/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/pysockc.h>
#include <pysockc/request.h>
#include <pysockc/url.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The other side: a server of a few pages. */

#define OK "HTTP/1.1 200 OK\r\nConnection: close\r\n"

static const char *page(const char *request)
{
    if (strncmp(request, "GET /old ", 9) == 0)
        return "HTTP/1.1 301 Moved\r\nLocation: /new\r\n"
               "Connection: close\r\nContent-Length: 0\r\n\r\n";
    if (strncmp(request, "GET /secret ", 12) == 0 &&
        strstr(request, "\r\nAuthorization: ") == NULL)
        return "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n"
               "WWW-Authenticate: Digest realm=\"mine\", nonce=\"1\"\r\n"
               "Content-Length: 0\r\n\r\n";
    if (strncmp(request, "GET /missing ", 13) == 0)
        return "HTTP/1.1 404 Not Found\r\nConnection: close\r\n"
               "Content-Length: 9\r\n\r\nnot here\n";
    if (strstr(request, "\r\nCookie: ") != NULL)
        return OK "Content-Length: 8\r\n\r\nwelcome\n";
    return OK "Set-Cookie: a=b\r\nContent-Length: 6\r\n\r\nhello\n";
}

/* Whether a request is there to its end. */
static int is_whole(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strstr(text, "Content-Length: ");

    if (end == NULL)
        return 0;
    end += 4;
    return length == NULL || strlen(end) >= strtoul(length + 16, NULL, 10);
}

static void *serve(void *arg)
{
    sock_t *conn;

    while ((conn = sock_accept(arg, NULL)) != NULL) {
        char text[4096] = "";
        size_t n = 0;
        ssize_t got = 1;
        while (got > 0 && !is_whole(text)) {
            got = sock_recv(conn, text + n, sizeof text - 1 - n, 0);
            n += got > 0 ? (size_t)got : 0;
        }
        sock_sendall(conn, page(text), strlen(page(text)), 0);
        sock_free(conn);
    }
    return NULL;
}

/* The URL of a page. */
static const char *at(int port, const char *path)
{
    static char url[128];
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", port, path);
    return url;
}

/* What the reference shows */

//! [urlopen]
static int print_page(const char *url)
{
    char buf[1024];
    ssize_t n;
    sock_http_response_t *r = sock_urlopen(url, NULL, 0, 10);

    if (r == NULL) {
        sock_perror(NULL);
        return -1;
    }
    printf("%d\n", sock_http_status(r)); /* -> 200 */
    while ((n = sock_http_read(r, buf, sizeof buf)) > 0)
        fwrite(buf, 1, (size_t)n, stdout); /* -> hello */
    if (n == -1)
        sock_perror(NULL);
    sock_http_response_free(r);
    return n == -1 ? -1 : 0;
}
//! [urlopen]

/* Prints what a response has to say. */
static void show(sock_http_response_t *r)
{
    char *data;

    if (r == NULL) {
        sock_perror(NULL);
        return;
    }
    if (sock_http_readall(r, &data, 1000000) >= 0) {
        printf("%d %s", sock_http_status(r), data);
        sock_http_data_free(data);
    }
    sock_http_response_free(r);
}

static void by_requests(const char *url)
{
    //! [request]
    sock_urlrequest_t *q = sock_urlrequest_new(url);
    if (q == NULL)
        return;
    sock_urlrequest_method(q, "PUT");
    sock_urlrequest_add_header(q, "Content-Type", "text/plain");
    sock_urlrequest_data(q, "some text", 9);
    show(sock_opener_open(NULL, q, 10)); /* -> 200 hello */
    sock_urlrequest_free(q);
    //! [request]
}

static void of_a_file(const char *url, FILE *f)
{
    sock_urlrequest_t *q = sock_urlrequest_new(url);
    //! [file]
    fputs("a longer text", f);
    rewind(f);
    sock_urlrequest_file(q, f, 13);
    show(sock_opener_open(NULL, q, 10)); /* -> 200 hello */
    //! [file]
    sock_urlrequest_free(q);
}

static void by_openers(const char *url)
{
    //! [opener]
    sock_opener_t *o = sock_opener_new();
    sock_urlrequest_t *q = sock_urlrequest_new(url);
    if (o != NULL && q != NULL)
        show(sock_opener_open(o, q, 10)); /* -> 200 hello */
    sock_urlrequest_free(q);
    sock_opener_free(o);
    //! [opener]
}

static void with_a_password(sock_opener_t *o, sock_urlrequest_t *secret,
                            const char *site)
{
    //! [password]
    sock_opener_add_password(o, "mine", site, "ann", "sesame");
    show(sock_opener_open(o, secret, 10)); /* -> 200 hello */
    //! [password]
}

static void with_cookies(sock_opener_t *o, sock_urlrequest_t *q)
{
    //! [cookies]
    sock_cookiejar_t *jar = sock_cookiejar_new();
    sock_opener_set_cookiejar(o, jar);
    show(sock_opener_open(o, q, 10)); /* -> 200 hello */
    show(sock_opener_open(o, q, 10)); /* -> 200 welcome */
    sock_opener_set_cookiejar(o, NULL);
    sock_cookiejar_free(jar);
    //! [cookies]
}

static void of_any_status(sock_opener_t *o, sock_urlrequest_t *missing)
{
    //! [redirects]
    sock_opener_set_redirects(o, 3, SOCK_OPENER_ANY_STATUS);
    show(sock_opener_open(o, missing, 10)); /* -> 404 not here */
    //! [redirects]
}

static void with_settings(sock_opener_t *o, sock_tls_t *tls)
{
    //! [context]
    sock_opener_set_context(o, tls); /* sock_ssl_tls(ctx), or NULL */
    //! [context]
    //! [proxy]
    sock_opener_set_proxy(o, "https", "http://proxy.example:3128");
    sock_opener_set_proxy(o, "http", NULL); /* none */
    //! [proxy]
    //! [install_opener]
    sock_install_opener(o);
    show(sock_urlopen("data:,hello%0A", NULL, 0, 10)); /* -> 200 hello */
    sock_install_opener(NULL);
    //! [install_opener]
}

//! [filter]
/* What the whole Internet can reach: nothing of this machine, nor of its
 * network. */
static int is_public(const sock_addr_t *address, void *arg)
{
    char host[64];
    unsigned a, b;

    (void)arg;
    if (sock_addr_host(address, host, sizeof host) < 0)
        return 0;
    if (sscanf(host, "%u.%u.", &a, &b) == 2)
        return a > 0 && a < 224 && a != 10 && a != 127 &&
               !(a == 100 && b / 64 == 1) && !(a == 169 && b == 254) &&
               !(a == 172 && b / 16 == 1) && !(a == 198 && b / 2 == 9) &&
               !(a == 192 && (b == 0 || b == 168));
    /* 2000::/3, but for 2002::/16, which stands for IPv4 */
    return strchr("23", host[0]) != NULL && host[4] == ':' &&
           strncmp(host, "2002:", 5) != 0;
}

static void not_at_home(sock_opener_t *o, sock_urlrequest_t *q)
{
    sock_opener_filter(o, is_public, NULL);
    if (sock_opener_open(o, q, 10) == NULL)
        printf("%d\n", sock_last_error()->code == EACCES); /* -> 1 */
}
//! [filter]

static void of_the_environment(void)
{
    //! [getproxies]
    char proxy[256];
    setenv("https_proxy", "http://proxy.example:3128", 1);
    setenv("no_proxy", "localhost,10.0.0.0/8", 1);
    if (sock_getproxies("https", proxy, sizeof proxy) > 0)
        puts(proxy); /* -> http://proxy.example:3128 */
    printf("%d\n", sock_proxy_bypass("10.1.2.3", 443)); /* -> 1 */
    //! [getproxies]
    unsetenv("https_proxy");
    unsetenv("no_proxy");
}

//! [urlretrieve]
static int tell(int64_t done, int64_t total, void *arg)
{
    if (done > 0)
        fprintf(arg, "%d of %d bytes\n", (int)done, (int)total);
    return 0;
}

static void download(const char *url, const char *path)
{
    if (sock_urlretrieve(url, path, tell, stdout, 10) == -1)
        sock_perror(NULL); /* -> 6 of 6 bytes */
}
//! [urlretrieve]

static void into_a_file(const char *url)
{
    char path[] = "/tmp/pysockc.XXXXXX";
    int fd = mkstemp(path);

    if (fd == -1)
        return;
    close(fd);
    download(url, path);
    unlink(path);
}

static void with_an_opener(int port)
{
    sock_opener_t *o = sock_opener_new();
    sock_urlrequest_t *q = sock_urlrequest_new(at(port, "/"));
    sock_urlrequest_t *secret = sock_urlrequest_new(at(port, "/secret"));
    sock_urlrequest_t *gone = sock_urlrequest_new(at(port, "/missing"));

    with_a_password(o, secret, at(port, "/"));
    with_cookies(o, q);
    of_any_status(o, gone);
    with_settings(o, NULL);
    not_at_home(o, q);
    sock_urlrequest_free(gone);
    sock_urlrequest_free(secret);
    sock_urlrequest_free(q);
    sock_opener_free(o);
}

int main(void)
{
    sock_addr_t address;
    sock_addr_t any = sock_addr_inet("127.0.0.1", 0);
    sock_t *server = sock_create_server(any, 9, 0);
    pthread_t thread;
    FILE *file = tmpfile();

    setvbuf(stdout, NULL, _IONBF, 0);
    setenv("no_proxy", "127.0.0.1", 1);
    if (server == NULL || file == NULL)
        return 1;
    sock_getsockname(server, &address);
    pthread_create(&thread, NULL, serve, server);
    int port = sock_addr_port(&address);
    int failed = print_page(at(port, "/old"));

    by_requests(at(port, "/"));
    of_a_file(at(port, "/"), file);
    by_openers(at(port, "/"));
    with_an_opener(port);
    of_the_environment();
    into_a_file(at(port, "/"));
    fclose(file);
    sock_shutdown(server, SHUT_RDWR);
    pthread_join(thread, NULL);
    sock_free(server);
    return failed != 0;
}
