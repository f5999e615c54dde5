/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>

#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

static int with_a_limit(sock_t *s)
{
    //! [settimeout]
    char answer[512];
    sock_settimeout(s, 0.01);
    ssize_t n = sock_recv(s, answer, sizeof answer, 0);
    if (n == -1 && sock_last_error()->kind == SOCK_E_TIMEOUT)
        puts("no answer"); /* -> no answer */
    else if (n == -1)
        sock_perror("client");
    //! [settimeout]
    return 0;
}

static int for_one_call(sock_t *s)
{
    //! [gettimeout]
    double before = sock_gettimeout(s);
    sock_settimeout(s, 0.5);
    int sent = sock_sendall(s, "hello\n", 6, 0);
    sock_settimeout(s, before);
    //! [gettimeout]
    return sent;
}

static int not_at_all(sock_t *s)
{
    //! [setblocking]
    char answer[512];
    if (sock_getblocking(s))
        sock_setblocking(s, 0);
    ssize_t n = sock_recv(s, answer, sizeof answer, 0);
    if (n == -1 && errno == EAGAIN)
        puts("nothing yet"); /* -> nothing yet */
    else if (n == -1)
        sock_perror("client");
    //! [setblocking]
    return 0;
}

static int of_new_objects(void)
{
    //! [default]
    double before = sock_getdefaulttimeout();
    sock_setdefaulttimeout(10);
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    printf("%g s\n", sock_gettimeout(s)); /* -> 10 s */
    sock_setdefaulttimeout(before);
    //! [default]
    sock_free(s);
    return 0;
}

static int for_a_whole_request(sock_t *s)
{
    //! [deadline]
    char line[512];
    sock_settimeout(s, 5);      /* for each call */
    sock_set_deadline(s, 0.05); /* for all of them together */
    while (sock_recv_until(s, line, sizeof line, '\n') > 0)
        ;
    sock_perror(NULL); /* -> recv_until: timed out */
    sock_set_deadline(s, SOCK_NO_TIMEOUT);
    //! [deadline]
    return 0;
}

static int how_long(sock_t *s)
{
    //! [get_deadline]
    if (sock_get_deadline(s) == SOCK_NO_TIMEOUT)
        sock_set_deadline(s, 30);
    printf("over: %d\n", sock_get_deadline(s) == 0); /* -> over: 0 */
    //! [get_deadline]
    return sock_set_deadline(s, SOCK_NO_TIMEOUT);
}

//! [interrupt]
static volatile sig_atomic_t signalled; /* set by a signal's handler */

static int check(void *arg)
{
    (void)arg;
    return signalled != 0;
}

static void receive(sock_t *s)
{
    char text[512];
    sock_set_interrupt(s, check, NULL);
    if (sock_recv(s, text, sizeof text, 0) == -1)
        sock_perror(NULL); /* -> recv: cancelled */
}
//! [interrupt]

static void on_signal(int number)
{
    signalled = number;
}

/* The signals go on, so that one of them finds the call waiting. */
static int under_signals(sock_t *s)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct itimerval each = {{0, 10000}, {0, 10000}}, none = {{0, 0}, {0, 0}};
    sigaction(SIGALRM, &action, NULL);
    sock_settimeout(s, SOCK_NO_TIMEOUT);
    setitimer(ITIMER_REAL, &each, NULL);
    receive(s);
    setitimer(ITIMER_REAL, &none, NULL);
    return sock_last_error()->kind == SOCK_E_CANCELLED ? 0 : -1;
}

static int until_ready(sock_t *s)
{
    //! [wait]
    int ready = sock_wait(s, SOCK_EVENT_READ, 5.0);
    if (ready == -1)
        sock_perror("wait");
    else if (ready == 0)
        puts("nothing within five seconds");
    else
        puts("it can be read"); /* -> it can be read */
    //! [wait]
    return 0;
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_t *pair[2];
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
        return 1;
    int failed = with_a_limit(pair[0]) || for_one_call(pair[0]) ||
                 not_at_all(pair[0]) || of_new_objects() ||
                 for_a_whole_request(pair[0]) || how_long(pair[0]) ||
                 under_signals(pair[0]) || until_ready(pair[1]);
    sock_free(pair[0]);
    sock_free(pair[1]);
    return failed;
}
