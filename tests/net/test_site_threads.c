/* SPDX-License-Identifier: MIT */
/* Many at once: folders and nonces that all workers share, while the folder is
 * replaced by another. */
#include <pysockc/httpd.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "claim.h"
#include "folder.h"
#include "site.h"
#include "support.h"

enum { CLIENTS = 4, ROUNDS = 60 };

static sock_httpd_dir_t dir = {.size = sizeof dir, .flags = SOCK_HTTPD_LIST};
static atomic_int port, lost;

static void serve(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_simple(self, arg);
}

static int secret(const char *user, const char *realm, char *buf, size_t size,
                  void *arg)
{
    (void)user, (void)realm, (void)arg;
    snprintf(buf, size, "p");
    return SOCK_HTTPD_PASSWORD;
}

static void guarded(sock_httpd_request_t *self, void *arg)
{
    if (!sock_httpd_require_digest(self, "r", 0, secret, arg))
        return;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
}

/* The answer to a request; "" if none came. */
static void converse(const char *target, const char *fields, char *said,
                     size_t size)
{
    char request[2048];
    size_t len = 0;
    ssize_t n;
    sock_t *s = sock_create_connection("127.0.0.1", port, 10, sock_addr_none());
    int wanted = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: h\r\n"
                          "Connection: close\r\n%s\r\n",
                          target, fields);

    said[0] = '\0';
    if (s == NULL || sock_sendall(s, request, (size_t)wanted, 0) == -1)
        lost++;
    while (s != NULL && (n = sock_recv(s, said + len, size - 1 - len, 0)) > 0)
        len += (size_t)n;
    said[len] = '\0';
    sock_free(s);
}

static void log_in(void)
{
    char said[8192], nonce[64], fields[1024];
    char ha1[SOCK__DIGEST_HEX], response[SOCK__DIGEST_HEX];

    converse("/guarded", "", said, sizeof said);
    const char *at = strstr(said, "nonce=\"");
    if (at == NULL) {
        lost++;
        return;
    }
    snprintf(nonce, sizeof nonce, "%.48s", at + 7);
    struct sock__claim c = {.hash = SOCK__SHA256,
                            .nonce = nonce,
                            .uri = "/guarded",
                            .nc = "00000001",
                            .cnonce = "c"};
    sock__claim_ha1(SOCK__SHA256, "u", "r", "p", ha1);
    sock__claim_response(&c, ha1, "GET", response);
    snprintf(fields, sizeof fields,
             "Authorization: Digest username=u, realm=r, nonce=\"%s\", "
             "uri=\"/guarded\", nc=00000001, cnonce=c, qop=auth, "
             "algorithm=SHA-256, response=\"%s\"\r\n",
             nonce, response);
    converse("/guarded", fields, said, sizeof said);
    lost += status_in(said) != 200;
}

static void *ask_for_all(void *arg)
{
    static const char *const targets[] = {"/files/", "/files/a", "/files/none",
                                          "/files/sub"};
    static const int statuses[] = {200, 200, 404, 301};
    char said[16384];

    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        converse(targets[i % 4], "", said, sizeof said);
        lost += status_in(said) != statuses[i % 4];
        log_in();
    }
    return NULL;
}

static void *run(void *server)
{
    sock_httpd_serve_forever(server);
    return NULL;
}

static void fill(const char *path)
{
    int at = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    make_file(at, "a", "hello");
    make_folder(at, "sub");
    close(at);
}

/* Another folder takes its place at once, again and again. */
static void exchange(const char *link, const char *first, const char *second)
{
    char next[4300];

    snprintf(next, sizeof next, "%s.next", link);
    for (int i = 0; i < 3; i++) {
        check(symlink(i % 2 == 0 ? second : first, next) == 0);
        check(rename(next, link) == 0);
        usleep(1100000);
    }
}

TEST(site_threads, folders_and_nonces)
{
    sock_httpd_t *server = new_site();
    sock_addr_t address;
    pthread_t loop, clients[CLIENTS];
    char *first = new_folder(), *second = new_folder(), link[4200];

    fill(first);
    fill(second);
    snprintf(link, sizeof link, "%s.link", first);
    check(symlink(first, link) == 0);
    dir.root = link;
    check_ok(sock_httpd_mount(server, "/files", serve, &dir));
    check_ok(sock_httpd_mount(server, "/guarded", guarded, NULL));
    check_ok(sock_httpd_address(server, &address));
    port = sock_addr_port(&address);
    check(pthread_create(&loop, NULL, run, server) == 0);
    for (int i = 0; i < CLIENTS; i++)
        check(pthread_create(&clients[i], NULL, ask_for_all, NULL) == 0);
    exchange(link, first, second);
    for (int i = 0; i < CLIENTS; i++)
        check(pthread_join(clients[i], NULL) == 0);
    check_ok(sock_httpd_shutdown(server, 1));
    check(pthread_join(loop, NULL) == 0);
    sock_httpd_free(server);
    check_int(lost, 0);
    unlink(link);
    free_folder(first);
    free_folder(second);
}
