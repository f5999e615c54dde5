/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

//! [loop]
static void say(sock_loop_t *loop, void *arg)
{
    puts(arg); /* -> one second later */
    sock_loop_stop(loop);
}

static int loop_example(void)
{
    char text[] = "one second later";
    sock_loop_t *loop = sock_loop_new();
    if (loop == NULL)
        return -1;
    sock_loop_call_later(loop, 1, say, text);
    int result = sock_loop_run(loop, SOCK_NO_TIMEOUT);
    sock_loop_free(loop);
    return result;
}
//! [loop]

static void tick(sock_loop_t *loop, void *arg)
{
    (void)loop;
    printf("%s\n", (const char *)arg);
}

static int in_a_loop_of_its_own(sock_loop_t *loop)
{
    char text[] = "tick";
    sock_loop_call_soon(loop, tick, text);
    //! [run_once]
    for (;;) { /* -> tick */
        int calls = sock_loop_run_once(loop, 0.01);
        if (calls == -1)
            sock_perror("loop");
        if (calls <= 0)
            break; /* something else is to be done */
    }
    //! [run_once]
    return 0;
}

//! [call_later]
static void too_late(sock_loop_t *loop, void *arg)
{
    (void)loop;
    puts("no answer within a second");
    sock_close(arg);
}

static void wait_for_answer(sock_loop_t *loop, sock_t *s)
{
    sock_timer_t timer = sock_loop_call_later(loop, 1, too_late, s);
    /* ... and once the answer has come: */
    if (sock_timer_cancel(loop, timer) == 1)
        puts("in time"); /* -> in time */
}
//! [call_later]

//! [again]
static sock_timer_t idle;

static void heard_from(sock_loop_t *loop, sock_t *s)
{
    if (sock_timer_again(loop, idle, 60) == 0) /* the first time */
        idle = sock_loop_call_later(loop, 60, too_late, s);
}
//! [again]

//! [call_at]
static double next_time; /* so that what each call takes does not add up */

static void every_tenth_of_a_second(sock_loop_t *loop, void *arg)
{
    int *left = arg;
    if (--*left == 0)
        return;
    next_time += 0.1;
    sock_loop_call_at(loop, next_time, every_tenth_of_a_second, left);
}

static void begin_ticking(sock_loop_t *loop, int *times)
{
    next_time = sock_loop_time(loop);
    sock_loop_call_at(loop, next_time, every_tenth_of_a_second, times);
}
//! [call_at]

static int at_times(sock_loop_t *loop)
{
    int times = 3;
    begin_ticking(loop, &times);
    return sock_loop_run(loop, SOCK_NO_TIMEOUT) == 0 && times == 0 ? 0 : -1;
}

//! [call_soon]
static void next_part(sock_loop_t *loop, void *arg)
{
    int *parts = arg; /* of work that would take too long at once */
    if (--*parts > 0)
        sock_loop_call_soon(loop, next_part, parts);
    else
        puts("all parts are done"); /* -> all parts are done */
}
//! [call_soon]

static int in_parts(sock_loop_t *loop)
{
    int parts = 3;
    next_part(loop, &parts);
    return sock_loop_run(loop, SOCK_NO_TIMEOUT);
}

//! [post]
static void done(sock_loop_t *loop, void *arg)
{
    printf("the sum is %d\n", *(const int *)arg); /* -> the sum is 5050 */
    sock_loop_stop(loop);
}

struct work {
    sock_loop_t *loop;
    int sum;
};

static void *work(void *arg)
{
    struct work *w = arg;
    for (int i = 1; i <= 100; i++)
        w->sum += i;
    sock_loop_post(w->loop, done, &w->sum);
    return NULL;
}
//! [post]

static int with_a_thread(sock_loop_t *loop)
{
    struct work w = {loop, 0};
    pthread_t thread;
    sock_timer_t hold = sock_loop_call_later(loop, SOCK_NO_TIMEOUT, tick, NULL);
    if (pthread_create(&thread, NULL, work, &w) != 0)
        return -1;
    sock_loop_run(loop, SOCK_NO_TIMEOUT);
    pthread_join(thread, NULL);
    return sock_timer_cancel(loop, hold) == 1 ? 0 : -1;
}

//! [stop]
static sock_loop_t *running;

static void on_terminate(int number)
{
    (void)number;
    sock_loop_stop(running);
}
//! [stop]

static int until_terminated(sock_loop_t *loop)
{
    struct sigaction action = {.sa_handler = on_terminate};
    running = loop;
    sigaction(SIGTERM, &action, NULL);
    raise(SIGTERM);
    return sock_loop_run(loop, SOCK_NO_TIMEOUT);
}

//! [signal]
static void reload(sock_loop_t *loop, void *arg)
{
    (void)arg;
    puts("reloading");                             /* -> reloading */
    sock_loop_remove_signal_handler(loop, SIGHUP); /* once is enough */
}

static int on_hangup(sock_loop_t *loop)
{
    return sock_loop_add_signal_handler(loop, SIGHUP, reload, NULL);
}
//! [signal]

//! [reader]
static void echo(sock_loop_t *loop, void *arg)
{
    char bytes[512];
    ssize_t n = sock_recv(arg, bytes, sizeof bytes, 0);
    if (n == -1 && errno == EAGAIN)
        return; /* it was not ready after all */
    if (n > 0 && sock_sendall(arg, bytes, (size_t)n, 0) == 0)
        return;
    sock_loop_remove_reader(loop, arg);
    sock_close(arg);
}

static int serve(sock_loop_t *loop, sock_t *s)
{
    sock_setblocking(s, 0);
    return sock_loop_add_reader(loop, s, echo, s);
}
//! [reader]

//! [writer]
static void connected(sock_loop_t *loop, void *arg)
{
    int err = 0;
    sock_loop_remove_writer(loop, arg);
    sock_getsockopt_int(arg, SOL_SOCKET, SO_ERROR, &err);
    puts(err == 0 ? "connected" : "refused"); /* -> connected */
}

static int begin_to_connect(sock_loop_t *loop, sock_t *s, sock_addr_t peer)
{
    sock_setblocking(s, 0);
    int err = sock_connect_ex(s, peer);
    if (err != 0 && err != EINPROGRESS)
        return -1;
    return sock_loop_add_writer(loop, s, connected, s);
}
//! [writer]

static int with_sockets(sock_loop_t *loop)
{
    char answer[6];
    sock_t *pair[2], *client = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_t *server = sock_create_server(sock_addr_inet("127.0.0.1", 0), 1, 0);
    sock_addr_t where;
    if (client == NULL || server == NULL ||
        sock_getsockname(server, &where) == -1 ||
        sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
        return -1;
    int result = begin_to_connect(loop, client, where);
    sock_loop_run(loop, SOCK_NO_TIMEOUT);
    if (serve(loop, pair[0]) == -1 ||
        sock_sendall(pair[1], "hello", 6, 0) == -1)
        return -1;
    sock_loop_run_once(loop, SOCK_NO_TIMEOUT);
    if (sock_recv_all(pair[1], answer, sizeof answer) != sizeof answer)
        result = -1;
    sock_close(pair[1]);
    sock_loop_run(loop, SOCK_NO_TIMEOUT);
    sock_free(pair[0]);
    sock_free(pair[1]);
    sock_free(client);
    sock_free(server);
    return result;
}

//! [getaddrinfo]
static void found(sock_loop_t *loop, sock_addrinfo_t *list,
                  const sock_error_t *error, void *arg)
{
    char text[512];
    (void)loop, (void)arg;
    if (list == NULL) {
        sock_error_text(error, text, sizeof text);
        puts(text);
        return;
    }
    sock_addr_repr(&list->entries[0].address, text, sizeof text);
    puts(text); /* -> ('127.0.0.1', 80) */
    sock_addrinfo_free(list);
}

static int look_up(sock_loop_t *loop, const char *host)
{
    return sock_loop_getaddrinfo(loop, host, "80", AF_INET, SOCK_STREAM, 5,
                                 found, NULL);
}
//! [getaddrinfo]

//! [selector]
static void on_input(sock_loop_t *loop, const sock_key_t *key, void *arg)
{
    char bytes[512];
    ssize_t n = read(key->fd, bytes, sizeof bytes);
    (void)arg;
    printf("%zd bytes\n", n); /* -> 5 bytes */
    if (n <= 0)
        sock_selector_unregister_fd(sock_loop_selector(loop), key->fd);
}

static sock_watch_t watch = {on_input, NULL};

static int watch_input(sock_loop_t *loop, int fd)
{
    return sock_selector_register_fd(sock_loop_selector(loop), fd,
                                     SOCK_EVENT_READ, &watch);
}
//! [selector]

static int with_a_pipe(sock_loop_t *loop)
{
    int fds[2];
    if (pipe(fds) != 0 || watch_input(loop, fds[0]) == -1 ||
        write(fds[1], "hello", 5) != 5)
        return -1;
    sock_loop_run_once(loop, SOCK_NO_TIMEOUT);
    sock_selector_unregister_fd(sock_loop_selector(loop), fds[0]);
    close(fds[0]);
    close(fds[1]);
    return 0;
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_loop_t *loop = sock_loop_new();
    sock_t *s = sock_new(AF_INET, SOCK_DGRAM, 0);
    if (loop == NULL || s == NULL)
        return 1;
    int failed = loop_example() || in_a_loop_of_its_own(loop);
    wait_for_answer(loop, s);
    heard_from(loop, s);
    heard_from(loop, s);
    failed = failed || sock_timer_cancel(loop, idle) != 1;
    failed = failed || at_times(loop) || in_parts(loop) ||
             with_a_thread(loop) || until_terminated(loop) || on_hangup(loop) ||
             raise(SIGHUP) || sock_loop_run(loop, SOCK_NO_TIMEOUT) ||
             with_sockets(loop) || look_up(loop, "127.0.0.1") ||
             sock_loop_run(loop, SOCK_NO_TIMEOUT) || with_a_pipe(loop);
    sock_free(s);
    sock_loop_free(loop);
    return failed;
}
