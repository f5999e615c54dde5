/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/http.h>
#include <pysockc/pysockc.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The other side: a server of three pages, which is a proxy, too. */

#define HEAD "HTTP/1.1 200 OK\r\n"

static const char *page(const char *request)
{
    if (strncmp(request, "CONNECT", 7) == 0)
        return HEAD "\r\n";
    if (strstr(request, " /sum ") != NULL)
        return HEAD "Transfer-Encoding: chunked\r\n\r\n"
                    "6\r\none\ntw\r\n2\r\no\n\r\n0\r\nSum: 3\r\n\r\n";
    if (strstr(request, " /missing ") != NULL)
        return "HTTP/1.1 404 Not here\r\nContent-Length: 0\r\n\r\n";
    return HEAD "Content-Length: 5\r\nContent-Type: text/plain\r\n"
                "Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\nhello";
}

/* Whether a request is there to its end. */
static int is_whole(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strstr(text, "Content-Length: ");
    size_t n = strlen(text);

    if (end == NULL)
        return 0;
    if (strstr(text, "chunked") != NULL)
        return strcmp(text + n - 5, "0\r\n\r\n") == 0;
    if (length == NULL)
        return 1;
    return strlen(end + 4) >= strtoul(length + 16, NULL, 10);
}

static void *converse(void *arg)
{
    sock_t *s = arg;
    char text[4096];
    size_t n = 0;
    ssize_t got;

    while ((got = sock_recv(s, text + n, sizeof text - 1 - n, 0)) > 0) {
        text[n += (size_t)got] = '\0';
        if (!is_whole(text))
            continue;
        sock_sendall(s, page(text), strlen(page(text)), 0);
        n = 0;
    }
    sock_free(s);
    return NULL;
}

static void *serve(void *arg)
{
    sock_t *conn;
    while ((conn = sock_accept(arg, NULL)) != NULL)
        converse(conn);
    return NULL;
}

/* What the reference shows */

//! [get]
static int get(const char *host, int port)
{
    sock_http_t *c = sock_http_connection(host, port, 10);
    sock_http_response_t *r = NULL;
    char *data = NULL;

    if (c != NULL && sock_http_request(c, "GET", "/", NULL, 0, NULL) == 0)
        r = sock_http_getresponse(c);
    if (r != NULL && sock_http_readall(r, &data, 1000000) >= 0)
        printf("%d %s\n", sock_http_status(r), data); /* -> 200 hello */
    else
        sock_perror("get");
    int result = data != NULL ? 0 : -1;
    sock_http_data_free(data);
    sock_http_response_free(r);
    sock_http_free(c);
    return result;
}
//! [get]

static void over_tls(void)
{
    //! [https]
    sock_http_t *c = sock_https_connection("example.org", 0, 10, NULL);
    if (c == NULL) /* as sock_ssl_init() was not called */
        sock_perror(NULL);
    /* -> HTTPSConnection: TLS needs sock_ssl_init() ... */
    sock_http_free(c);
    //! [https]
}

/* A request without a body, and its response. */
static sock_http_response_t *ask(sock_http_t *c, const char *url)
{
    if (sock_http_request(c, "GET", url, NULL, 0, NULL) < 0)
        return NULL;
    return sock_http_getresponse(c);
}

static void of_a_socket(void)
{
    pthread_t peer;
    //! [from]
    sock_t *ends[2];
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
        return;
    sock_http_t *c = sock_http_from(ends[0]);
    //! [from]
    pthread_create(&peer, NULL, converse, ends[1]);
    sock_http_response_free(ask(c, "/"));
    sock_http_free(c);
    pthread_join(peer, NULL);
}

static void through_a_proxy(const char *proxy, int port)
{
    //! [tunnel]
    sock_http_t *c = sock_http_connection(proxy, port, 10);
    sock_headers_t *headers = sock_headers_new();
    sock_headers_add(headers, "Proxy-Authorization", "Basic dTpw");
    sock_http_set_tunnel(c, "example.org", 80, headers);
    sock_headers_free(headers);
    if (sock_http_connect(c) == 0)
        puts("connected"); /* -> connected */
    //! [tunnel]
    sock_http_free(c);
}

static void by_the_object(sock_http_t *c)
{
    //! [connect]
    if (sock_http_connect(c) == -1)
        sock_perror(NULL);
    sock_t *s = sock_http_sock(c);
    sock_setsockopt_int(s, SOL_SOCKET, SO_KEEPALIVE, 1);
    sock_http_close(c);
    printf("%d\n", sock_http_sock(c) == NULL); /* -> 1 */
    //! [connect]
}

static void within_limits(sock_http_t *c)
{
    //! [limits]
    sock_http_limits_t limits = {.size = sizeof limits, .head = 64};
    sock_http_set_limits(c, &limits);
    sock_http_response_t *r = ask(c, "/");
    if (r == NULL)
        sock_perror(NULL); /* -> getresponse: a head over the limit */
    //! [limits]
    sock_http_response_free(r);
    limits.head = 0;
    sock_http_set_limits(c, &limits);
}

static void within_a_time(sock_http_t *c)
{
    char buf[64];
    //! [deadline]
    sock_http_deadline(c, 5); /* to the head, whatever it takes */
    sock_http_response_t *r = ask(c, "/");
    sock_http_read_deadline(r, 60); /* and then for the body */
    while (sock_http_read(r, buf, sizeof buf) > 0)
        ;
    sock_http_response_free(r);
    sock_http_deadline(c, SOCK_NO_TIMEOUT);
    //! [deadline]
}

static void with_a_body(sock_http_t *c)
{
    //! [request]
    static const char form[] = "name=Eve&age=7";
    size_t len = strlen(form);
    sock_headers_t *headers = sock_headers_new();
    sock_headers_add(headers, "Content-Type",
                     "application/x-www-form-urlencoded");
    if (sock_http_request(c, "POST", "/", form, len, headers) < 0)
        sock_perror(NULL);
    sock_headers_free(headers);
    sock_http_response_free(sock_http_getresponse(c));
    //! [request]
}

static void of_a_file(sock_http_t *c, FILE *file)
{
    //! [file]
    if (sock_http_request_file(c, "PUT", "/", file, -1, NULL) < 0)
        sock_perror(NULL);
    sock_http_response_free(sock_http_getresponse(c));
    //! [file]
}

static void piece_by_piece(sock_http_t *c)
{
    //! [pieces]
    sock_http_putrequest(c, "POST", "/", 0);
    sock_http_putheader(c, "Content-Type", "text/plain");
    sock_http_endheaders(c, NULL, 0);
    sock_http_send(c, "one, ", 5); /* a chunk each */
    sock_http_send(c, "two", 3);
    sock_http_response_t *r = sock_http_getresponse(c);
    printf("%d\n", sock_http_status(r)); /* -> 200 */
    //! [pieces]
    sock_http_response_free(r);
}

static void what_it_says(sock_http_t *c)
{
    char text[64];
    //! [says]
    sock_http_response_t *r = ask(c, "/missing");
    int status = sock_http_status(r);
    printf("%d %s\n", sock_http_version(r), sock_http_reason(r));
    /* -> 11 Not here */
    puts(sock_http_responses(status)); /* -> Not Found */
    sock_http_response_free(r);

    r = ask(c, "/");
    printf("%d\n", (int)sock_http_length(r)); /* -> 5 */
    if (sock_http_getheader(r, "content-type", text, sizeof text) > 0)
        puts(text); /* -> text/plain */
    const sock_headers_t *h = sock_http_headers(r);
    puts(sock_headers_get_all(h, "Set-Cookie", 1)); /* -> c=d */
    sock_http_response_free(r);
    //! [says]
}

static void in_pieces(sock_http_t *c)
{
    //! [read]
    char buf[4096];
    ssize_t n;
    sock_http_response_t *r = ask(c, "/");
    while ((n = sock_http_read(r, buf, sizeof buf)) > 0)
        printf("%.*s", (int)n, buf);
    puts(n < 0 ? " was cut" : ""); /* -> hello */
    sock_http_response_free(r);
    //! [read]
}

static void as_lines(sock_http_t *c)
{
    //! [lines]
    char line[100];
    sock_http_response_t *r = ask(c, "/sum");
    FILE *f = sock_http_file(r);
    while (fgets(line, sizeof line, f) != NULL)
        fputs(line, stdout);
    /* -> one
       -> two */
    if (ferror(f))
        sock_perror(NULL);
    fclose(f);
    //! [lines]
    //! [trailers]
    const sock_headers_t *after = sock_http_trailers(r);
    puts(sock_headers_get(after, "Sum", "none")); /* -> 3 */
    //! [trailers]
    sock_http_response_free(r);
}

int main(void)
{
    sock_addr_t address;
    sock_addr_t any = sock_addr_inet("127.0.0.1", 0);
    sock_t *server = sock_create_server(any, 9, 0);
    pthread_t thread;
    FILE *file = tmpfile();

    setvbuf(stdout, NULL, _IONBF, 0);
    if (server == NULL || file == NULL)
        return 1;
    sock_getsockname(server, &address);
    pthread_create(&thread, NULL, serve, server);
    int port = sock_addr_port(&address), failed = get("127.0.0.1", port);

    over_tls();
    of_a_socket();
    through_a_proxy("127.0.0.1", port);
    sock_http_t *c = sock_http_connection("127.0.0.1", port, 10);
    by_the_object(c);
    within_limits(c);
    within_a_time(c);
    with_a_body(c);
    of_a_file(c, file);
    piece_by_piece(c);
    what_it_says(c);
    in_pieces(c);
    as_lines(c);
    sock_http_free(c);
    fclose(file);
    sock_shutdown(server, SHUT_RDWR);
    pthread_join(thread, NULL);
    sock_free(server);
    return failed != 0;
}
