/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BEGIN "l, o = event_loop(); "
#define END "run_loop(l); o"

/* What has been called, as a list of Python. */
static char list[64];

static void append(sock_loop_t *loop, void *arg)
{
    size_t n = strlen(list);
    (void)loop;
    snprintf(list + n - 1, sizeof list - n, "%s%d]", n > 2 ? ", " : "",
             *(const int *)arg);
}

static void append_and_remove(sock_loop_t *loop, void *arg)
{
    static int one = 1;
    append(loop, &one);
    sock_loop_remove_reader(loop, arg);
    sock_loop_remove_writer(loop, arg);
}

static int numbers[] = {0, 1, 2, 3};

static sock_loop_t *begin(void)
{
    strcpy(list, "[]");
    return sock_loop_new();
}

static void run(sock_loop_t *loop)
{
    sock_loop_run(loop, 0.02);
    show(list);
    sock_loop_free(loop);
}

static void calling(void)
{
    row(BEGIN "l.call_soon(o.append, 1); l.call_soon_threadsafe(o.append, 2); "
              "l.call_soon(o.append, 3); " END);
    sock_loop_t *loop = begin();
    sock_loop_call_soon(loop, append, &numbers[1]);
    sock_loop_post(loop, append, &numbers[2]);
    sock_loop_call_soon(loop, append, &numbers[3]);
    run(loop);
    row(BEGIN
        "l.call_later(0.003, o.append, 3); l.call_later(-1, o.append, 1); "
        "l.call_at(l.time() + 0.001, o.append, 2); " END);
    loop = begin();
    sock_loop_call_later(loop, 0.003, append, &numbers[3]);
    sock_loop_call_later(loop, -1, append, &numbers[1]);
    sock_loop_call_at(loop, sock_loop_time(loop) + 0.001, append, &numbers[2]);
    run(loop);
    row(BEGIN "l.call_later(0.001, o.append, 1).cancel(); "
              "l.call_later(0.001, o.append, 2); " END);
    loop = begin();
    sock_timer_cancel(loop,
                      sock_loop_call_later(loop, 0.001, append, &numbers[1]));
    sock_loop_call_later(loop, 0.001, append, &numbers[2]);
    run(loop);
    row(BEGIN "l.call_later(0, o.append, 1); l.call_soon(o.append, 2); " END);
    deviates("a round");
    loop = begin();
    sock_loop_call_later(loop, 0, append, &numbers[1]);
    sock_loop_call_soon(loop, append, &numbers[2]);
    run(loop);
    row(BEGIN "l.time() <= time.monotonic() < l.time() + 1");
    loop = begin();
    show(flag(sock_loop_time(loop) > 0));
    sock_loop_free(loop);
}

static void stopping(void)
{
    row(BEGIN "l.call_soon(o.append, 1); l.stop(); l.run_forever(); o");
    sock_loop_t *loop = begin();
    sock_loop_call_soon(loop, append, &numbers[1]);
    sock_loop_stop(loop);
    run(loop);
}

static void watching(void)
{
    row("a, b = pair(); " BEGIN
        "l.remove_reader(a), l.add_reader(a, o.append, 1), l.remove_writer(a), "
        "l.remove_reader(a), l.remove_reader(a)");
    struct both p = pair(SOCK_STREAM);
    sock_loop_t *loop = begin();
    show(flag(sock_loop_remove_reader(loop, p.a)));
    show(none(sock_loop_add_reader(loop, p.a, append, &numbers[1])));
    show(flag(sock_loop_remove_writer(loop, p.a)));
    show(flag(sock_loop_remove_reader(loop, p.a)));
    show(flag(sock_loop_remove_reader(loop, p.a)));
    sock_loop_free(loop);
    row("a, b = pair(); " BEGIN
        "l.remove_writer(a), l.add_writer(a, o.append, 1), l.remove_reader(a), "
        "l.remove_writer(a), l.remove_writer(a)");
    p = pair(SOCK_STREAM);
    loop = begin();
    show(flag(sock_loop_remove_writer(loop, p.a)));
    show(none(sock_loop_add_writer(loop, p.a, append, &numbers[1])));
    show(flag(sock_loop_remove_reader(loop, p.a)));
    show(flag(sock_loop_remove_writer(loop, p.a)));
    show(flag(sock_loop_remove_writer(loop, p.a)));
    sock_loop_free(loop);
    row("a, b = pair(); " BEGIN "b.send(b'x'); "
        "l.add_reader(a, lambda: (o.append(1), l.remove_reader(a))); " END);
    p = pair(SOCK_STREAM);
    loop = begin();
    sock_send(p.b, "x", 1, 0);
    sock_loop_add_reader(loop, p.a, append_and_remove, p.a);
    run(loop);
    row("a, b = pair(); " BEGIN
        "l.add_writer(a, lambda: (o.append(1), l.remove_writer(a))); " END);
    p = pair(SOCK_STREAM);
    loop = begin();
    sock_loop_add_writer(loop, p.a, append_and_remove, p.a);
    run(loop);
}

static void signals(void)
{
    row(BEGIN "l.add_signal_handler(signal.SIGUSR1, o.append, 1), "
              "l.remove_signal_handler(signal.SIGUSR1), "
              "l.remove_signal_handler(signal.SIGUSR1)");
    sock_loop_t *loop = begin();
    show(
        none(sock_loop_add_signal_handler(loop, SIGUSR1, append, &numbers[1])));
    show(flag(sock_loop_remove_signal_handler(loop, SIGUSR1)));
    show(flag(sock_loop_remove_signal_handler(loop, SIGUSR1)));
    sock_loop_free(loop);
    row(BEGIN "l.add_signal_handler(signal.SIGUSR1, o.append, 1); "
              "os.kill(os.getpid(), signal.SIGUSR1); " END);
    loop = begin();
    sock_loop_add_signal_handler(loop, SIGUSR1, append, &numbers[1]);
    raise(SIGUSR1);
    run(loop);
    row("fails(event_loop()[0].add_signal_handler, 0, print)");
    class_only();
    loop = begin();
    show(none(sock_loop_add_signal_handler(loop, 0, append, &numbers[1])));
    sock_loop_free(loop);
    row("fails(event_loop()[0].remove_signal_handler, 1000)");
    class_only();
    loop = begin();
    show(none(sock_loop_remove_signal_handler(loop, 1000)));
    sock_loop_free(loop);
}

static void note_address(sock_loop_t *loop, sock_addrinfo_t *found,
                         const sock_error_t *e, void *arg)
{
    (void)loop, (void)e;
    if (found != NULL)
        *(sock_addr_t *)arg = found->entries[0].address;
    sock_addrinfo_free(found);
}

static void looking_up(void)
{
    sock_addr_t where = sock_addr_none();
    row(BEGIN "l.run_until_complete(l.getaddrinfo('127.0.0.1', 80, "
              "family=AF_INET, type=SOCK_STREAM))[0][4]");
    sock_loop_t *loop = begin();
    sock_loop_getaddrinfo(loop, "127.0.0.1", "80", AF_INET, SOCK_STREAM, 5,
                          note_address, &where);
    sock_loop_run(loop, 5);
    show(address(0, &where));
    sock_loop_free(loop);
}

void rows_loop(void)
{
    calling();
    stopping();
    watching();
    signals();
    looking_up();
}
