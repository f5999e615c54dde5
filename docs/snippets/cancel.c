/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

//! [cancel]
static void *receive(void *arg)
{
    char text[512];
    sock_t *s = arg;
    while (sock_recv(s, text, sizeof text, 0) > 0)
        ;
    sock_perror(NULL); /* -> recv: cancelled */
    return NULL;
}

static void for_a_while(sock_t *s, sock_t *peer)
{
    char text[512];
    pthread_t thread;
    sock_cancel_t *token = sock_cancel_new();
    sock_set_cancel(s, token);
    pthread_create(&thread, NULL, receive, s);

    sock_cancel_fire(token); /* it waits now, or is about to */
    pthread_join(thread, NULL);

    sock_cancel_reset(token);
    sock_sendall(peer, "still there", 11, 0);
    printf("%.*s\n", (int)sock_recv(s, text, sizeof text, 0), text);
    /* -> still there */
    sock_set_cancel(s, NULL);
    sock_cancel_free(token);
}
//! [cancel]

//! [fire]
static sock_cancel_t *stop;

static void on_signal(int number)
{
    (void)number;
    sock_cancel_fire(stop);
}

static void until_told(sock_t *s)
{
    char text[512];
    sock_set_cancel(s, stop);
    signal(SIGTERM, on_signal);
    raise(SIGTERM); /* another process would */
    while (sock_cancel_fired(stop) == 0)
        sock_recv(s, text, sizeof text, 0);
    puts("told to stop"); /* -> told to stop */
}
//! [fire]

static void in_a_loop(const sock_t *s, const sock_cancel_t *token)
{
    //! [fileno]
    struct pollfd fds[] = {
        {.fd = sock_fileno(s), .events = POLLIN},
        {.fd = sock_cancel_fileno(token), .events = POLLIN},
    };
    if (poll(fds, 2, -1) > 0 && fds[1].revents != 0)
        puts("the token has fired"); /* -> the token has fired */
    //! [fileno]
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_t *pair[2];
    stop = sock_cancel_new();
    if (stop == NULL || sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
        return 1;
    for_a_while(pair[0], pair[1]);
    until_told(pair[0]);
    in_a_loop(pair[0], stop);
    sock_free(pair[0]);
    sock_free(pair[1]);
    sock_cancel_free(stop);
    return 0;
}
