/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>

#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

//! [selector]
static char first[] = "first", second[] = "second";

/* Says what each of the two has to say, until both have ended. */
static void hear(sock_t *a, sock_t *b)
{
    sock_selector_t *sel = sock_selector_new(SOCK_SELECTOR_DEFAULT);
    char text[512];
    sock_key_t key;

    sock_selector_register(sel, a, SOCK_EVENT_READ, first);
    sock_selector_register(sel, b, SOCK_EVENT_READ, second);
    while (sock_selector_len(sel) > 0) {
        if (sock_selector_select(sel, SOCK_NO_TIMEOUT) == -1)
            break;
        while (sock_selector_next(sel, &key) == 1) {
            ssize_t n = sock_recv(key.sock, text, sizeof text, 0);
            if (n > 0)
                printf("%s: %.*s\n", (char *)key.data, (int)n, text);
            else if (n == 0 || errno != EAGAIN)
                sock_selector_unregister(sel, key.sock);
        } /* -> first: hello
             -> second: good morning */
    }
    sock_selector_free(sel);
}
//! [selector]

static int of_two(sock_t *a, sock_t *b)
{
    //! [select]
    sock_t *readable[] = {a, b, NULL};
    int ready = sock_select(readable, NULL, NULL, 5);
    if (ready == -1)
        sock_perror("select");
    for (int i = 0; i < ready; i++)
        puts(readable[i] == a ? "from a" : "from b"); /* -> from b */
    //! [select]
    return ready;
}

static int of_a_pipe(sock_selector_t *sel, int pipe_end)
{
    //! [fd]
    static char name[] = "a pipe";
    sock_key_t key;
    sock_selector_register_fd(sel, pipe_end, SOCK_EVENT_READ, name);
    if (sock_selector_select(sel, 5) > 0 && sock_selector_next(sel, &key) == 1)
        printf("readable: %s\n", (char *)key.data); /* -> readable: a pipe */

    /* Nothing more of it for now: a shot that is never armed again. */
    int once = SOCK_EVENT_READ | SOCK_EVENT_ONESHOT;
    sock_selector_modify_fd(sel, pipe_end, once, name);
    if (sock_selector_get_key_fd(sel, pipe_end, &key) == 0)
        printf("%d\n", key.events & SOCK_EVENT_ONESHOT); /* -> 32 */

    sock_selector_unregister_fd(sel, pipe_end); /* before it is closed */
    close(pipe_end);
    //! [fd]
    return sock_selector_len(sel);
}

//! [modify]
struct rest {
    const char *bytes;
    size_t size;
};

/* Sends what there is room for; while anything is left, it wants room. */
static void send_on(sock_selector_t *sel, sock_t *s, struct rest *rest)
{
    ssize_t n = sock_send(s, rest->bytes, rest->size, 0);
    int events = SOCK_EVENT_READ;

    if (n == -1 && errno != EAGAIN) {
        sock_selector_unregister(sel, s);
        return;
    }
    if (n > 0) {
        rest->bytes += n;
        rest->size -= (size_t)n;
    }
    if (rest->size > 0)
        events |= SOCK_EVENT_WRITE;
    sock_selector_modify(sel, s, events, rest);
}
//! [modify]

/* As its peer reads, all is sent; and then no one asks for room. */
static int send_much(sock_selector_t *sel, sock_t *s, sock_t *peer)
{
    static char much[1000000], text[65536];
    struct rest rest = {much, sizeof much};
    size_t received = 0;
    sock_key_t key;

    sock_selector_register(sel, s, SOCK_EVENT_READ, &rest);
    send_on(sel, s, &rest);
    while (received < sizeof much) {
        ssize_t n = sock_recv(peer, text, sizeof text, 0);
        if (n == -1)
            return -1;
        received += (size_t)n;
        sock_selector_select(sel, 0);
        while (sock_selector_next(sel, &key) == 1)
            send_on(sel, key.sock, key.data);
    }
    sock_selector_get_key(sel, s, &key);
    sock_selector_unregister(sel, s);
    return rest.size == 0 && key.events == SOCK_EVENT_READ ? 0 : -1;
}

static int all_of_them(sock_selector_t *sel, sock_t *a, sock_t *b)
{
    sock_selector_register(sel, a, SOCK_EVENT_READ, first);
    sock_selector_register(sel, b, SOCK_EVENT_READ | SOCK_EVENT_WRITE, second);
    //! [each]
    size_t cursor = 0;
    sock_key_t key;
    printf("%d registered\n", sock_selector_len(sel)); /* -> 2 registered */
    while (sock_selector_each(sel, &cursor, &key) == 1)
        if (key.events & SOCK_EVENT_WRITE)
            printf("%s: room\n", (char *)key.data); /* -> second: room */

    if (sock_selector_get_key(sel, a, &key) == 0)
        printf("%s: not\n", (char *)key.data); /* -> first: not */
    //! [each]
    return sock_selector_unregister(sel, a) | sock_selector_unregister(sel, b);
}

//! [wakeup]
static sock_selector_t *selector;
static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    int saved = errno;

    stop = number;
    sock_selector_wakeup(selector);
    errno = saved;
}

static void serve(void)
{
    while (!stop)
        if (sock_selector_select(selector, SOCK_NO_TIMEOUT) == -1)
            break;
    puts("stopped"); /* -> stopped */
}
//! [wakeup]

static int until_stopped(sock_selector_t *sel)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct itimerval soon = {{0, 0}, {0, 20000}};

    selector = sel;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    serve();
    return stop == SIGALRM ? 0 : -1;
}

static int in_another(sock_selector_t *inner, sock_t *s)
{
    sock_selector_t *outer = sock_selector_new(SOCK_SELECTOR_DEFAULT);
    sock_selector_register(inner, s, SOCK_EVENT_WRITE, NULL);
    //! [fileno]
    sock_selector_register_fd(outer, sock_selector_fileno(inner),
                              SOCK_EVENT_READ, inner);
    sock_key_t key;
    if (sock_selector_select(outer, 5) > 0 &&
        sock_selector_next(outer, &key) == 1)
        puts(key.data == inner ? "news" : "?"); /* -> news */
    //! [fileno]
    sock_selector_free(outer);
    return sock_selector_unregister(inner, s);
}

int main(void)
{
    sock_t *a[2], *b[2];
    int ends[2];

    setbuf(stdout, NULL);
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, a) == -1 ||
        sock_socketpair(AF_UNIX, SOCK_STREAM, 0, b) == -1 || pipe(ends) == -1)
        return 1;
    sock_setblocking(a[0], 0);
    sock_setblocking(b[0], 0);
    /* One after the other, so that the order is known. */
    sock_sendall(a[1], "hello", 5, 0);
    sock_shutdown(a[1], SHUT_WR);
    sock_sendall(b[1], "good morning", 12, 0);
    sock_shutdown(b[1], SHUT_WR);
    hear(a[0], b[0]);

    sock_free(a[0]);
    sock_free(a[1]);
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, a) == -1)
        return 1;
    sock_setblocking(a[0], 0);
    sock_selector_t *sel = sock_selector_new(SOCK_SELECTOR_DEFAULT);
    int failed = of_two(a[0], b[0]) != 1 || write(ends[1], "!", 1) != 1 ||
                 of_a_pipe(sel, ends[0]) != 0 || send_much(sel, a[0], a[1]) ||
                 all_of_them(sel, a[0], b[0]) || until_stopped(sel) ||
                 in_another(sel, a[0]);
    sock_selector_free(sel);
    sock_free(a[0]);
    sock_free(a[1]);
    sock_free(b[0]);
    sock_free(b[1]);
    close(ends[1]);
    return failed;
}
