/* SPDX-License-Identifier: MIT */
/* What is under way when a server is told to end: it is completed in its grace,
 * or cut then. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>

#include "folder.h"
#include "server.h"

#define HOST "Host: a\r\n"
#define END HOST "Connection: close\r\n\r\n"

static char answer[100000];
static const int models[] = {-1, 3};

/* A hundred requests a second */

enum { RATE = 100, CLIENTS = 100 };

static sock_httpd_t *to_stop;

static void on_signal(int number)
{
    (void)number;
    sock_httpd_shutdown(to_stop, 20);
}

struct asked {
    struct server *s;
    pthread_t thread;
    bool answered; /* whole */
    bool broken;   /* in part */
};

static void *ask_once(void *arg)
{
    struct asked *a = arg;
    char text[2000];
    sock_t *c = sock_new(AF_INET, SOCK_STREAM, 0);

    sock_settimeout(c, 30);
    if (sock_connect(c, a->s->address) == 0 &&
        sock_sendall(c, "GET /x HTTP/1.1\r\n" END,
                     strlen("GET /x HTTP/1.1\r\n" END), 0) == 0) {
        size_t n = hear_all(c, text, sizeof text);
        a->answered = n > 8 && strcmp(text + n - 8, "<GET /x>") == 0;
        a->broken = n > 0 && !a->answered;
    }
    sock_free(c);
    return NULL;
}

/* So that some are always under way. */
static void slow_echo(sock_httpd_request_t *self, void *arg)
{
    poll(NULL, 0, 3 * 1000 / RATE);
    echo(self, arg);
}

/* Each request that a handler was given is answered whole, and each client
 * hears an answer, or nothing. */
static void stop_under_load(int threads)
{
    struct asked asked[CLIENTS];
    struct server *s = make_server(threads);
    int answered = 0;

    check_ok(sock_httpd_do(s->httpd, "GET", slow_echo, s));
    to_stop = s->httpd;
    begin_server(s);
    for (int i = 0; i < CLIENTS; i++) {
        asked[i] = (struct asked){.s = s};
        pthread_create(&asked[i].thread, NULL, ask_once, &asked[i]);
        poll(NULL, 0, 1000 / RATE);
        if (i == CLIENTS / 2)
            check_int(pthread_kill(s->thread, SIGUSR1), 0);
    }
    double begun = now();
    wait_for_server(s);
    check(now() - begun < 19);
    free_server_keeping(s); /* those in the system's queue hear the end */
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(asked[i].thread, NULL);
        answered += asked[i].answered;
        check(!asked[i].broken);
    }
    check_int(answered, s->requests);
    check(answered > 0);
    free(s);
}

TEST(httpd_grace, no_answer_is_lost)
{
    struct sigaction action = {.sa_handler = on_signal}, before;

    sigaction(SIGUSR1, &action, &before);
    for (int i = 0; i < 2; i++)
        stop_under_load(models[i]);
    sigaction(SIGUSR1, &before, NULL);
}

/* Files */

enum { FILE_SIZE = 64 << 20 };

static void send_large(sock_httpd_request_t *self, void *arg)
{
    check_ok(sock_httpd_send_file(self, *(int *)arg, "large", 0));
}

/* A server of a file, a client that has its beginning, and what is yet to come
 * of it. */
struct download {
    struct server *s;
    sock_t *c;
    int fd;
    size_t left;
};

static void begin_download(struct download *d, int threads)
{
    FILE *f = tmpfile();

    check(f != NULL);
    d->fd = dup(fileno(f));
    fclose(f);
    check_int(ftruncate(d->fd, FILE_SIZE), 0);
    d->s = make_server(threads);
    check_ok(sock_httpd_do(d->s->httpd, "GET", send_large, &d->fd));
    begin_server(d->s);
    d->c = connect_to(d->s);
    say(d->c, "GET / HTTP/1.1\r\n" HOST "\r\n");
    hear_until(d->c, answer, sizeof answer, "\r\n\r\n");
    check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
    d->left = FILE_SIZE;
}

static void end_download(struct download *d)
{
    free_server(d->s);
    sock_free(d->c);
    close(d->fd);
}

TEST(httpd_grace, a_file_is_sent_to_its_end)
{
    for (int i = 0; i < 2; i++) {
        struct download d;
        begin_download(&d, models[i]);
        check_ok(sock_httpd_shutdown(d.s->httpd, 60));
        for (ssize_t n = 1; n > 0; d.left -= (size_t)n) {
            n = sock_recv(d.c, answer, sizeof answer, 0);
            check(n >= 0);
        }
        check_int(d.left, 0);
        wait_for_server(d.s);
        end_download(&d);
    }
}

TEST(httpd_grace, a_file_is_cut)
{
    for (int i = 0; i < 2; i++) {
        struct download d;
        begin_download(&d, models[i]);
        double begun = now();
        check_ok(sock_httpd_shutdown(d.s->httpd, 0.2));
        wait_for_server(d.s);
        double took = now() - begun;
        check_that(took > 0.19 && took < 5, "%f s", took);
        for (ssize_t n = 1; n > 0; d.left -= (size_t)n)
            if ((n = sock_recv(d.c, answer, sizeof answer, 0)) < 0)
                break; /* a reset */
        check(d.left > 0);
        end_download(&d);
    }
}

/* Scripts */

struct scripts {
    char *path;
    int at;
    sock_httpd_dir_t dir;
    struct server *s;
    sock_t *c;
};

static void run_script(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_cgi(self, arg);
}

/* A script that runs, says so by the FIFO "up", and waits for someone to write
 * to the FIFO "go". */
static void begin_script(struct scripts *p, int threads)
{
    static const char text[] = "#!/bin/sh\n"
                               ": > up\n"
                               "printf 'Content-Type: a/b\\n\\n'\n"
                               "read -r word < go\n"
                               "echo \"$word\"\n";

    p->path = new_folder();
    p->at = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    make_bytes(p->at, "s", text, sizeof text - 1, 0700);
    check_int(mkfifoat(p->at, "up", 0600), 0);
    check_int(mkfifoat(p->at, "go", 0600), 0);
    p->dir = (sock_httpd_dir_t){.size = sizeof p->dir, .root = p->path};
    p->s = make_server(threads);
    check_ok(sock_httpd_mount(p->s->httpd, "/cgi-bin", run_script, &p->dir));
    begin_server(p->s);
    p->c = connect_to(p->s);
    say(p->c, "GET /cgi-bin/s HTTP/1.1\r\n" END);
    close(openat(p->at, "up", O_RDONLY | O_CLOEXEC)); /* waits for it */
}

static void end_script(struct scripts *p)
{
    free_server(p->s);
    sock_free(p->c);
    close(p->at);
    free_folder(p->path);
}

TEST(httpd_grace, a_script_comes_to_its_end)
{
    for (int i = 0; i < 2; i++) {
        struct scripts p;
        begin_script(&p, models[i]);
        check_ok(sock_httpd_shutdown(p.s->httpd, 60));
        int fd = openat(p.at, "go", O_WRONLY | O_CLOEXEC);
        check_int(write(fd, "ended\n", 6), 6);
        close(fd);
        hear_all(p.c, answer, sizeof answer);
        check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
        check_that(strstr(answer, "ended\n") != NULL, "%s", answer);
        wait_for_server(p.s);
        end_script(&p);
    }
}

/* With workers, the loop ends at the end of the grace, and the script with its
 * connection. Where the loop runs it, it is the loop that waits for it. */
TEST(httpd_grace, a_script_is_cut)
{
    struct scripts p;

    begin_script(&p, 2);
    double begun = now();
    check_ok(sock_httpd_shutdown(p.s->httpd, 0.2));
    wait_for_server(p.s);
    double took = now() - begun;
    check_that(took > 0.19 && took < 5, "%f s", took);
    hear_all(p.c, answer, sizeof answer);
    check(strstr(answer, "ended") == NULL);
    end_script(&p);
    check(now() - begun < 10);
}
