/* SPDX-License-Identifier: MIT */
/* Echo server over TCP for many clients at once, by select. */
#include <string.h>

#include "example.h"

enum { MOST = 1000 };

/* The first one listens, the others are clients; NULL behind the last. */
static sock_t *all[MOST + 1];
static int count;

static bool welcome(sock_t *s)
{
    sock_addr_t sockname;
    sock_t *sc = sock_accept(s, &sockname);

    if (!sc)
        return errno == EAGAIN; /* who was there has gone again */
    printf("koneksi dari %s\n", repr(&sockname));
    sock_setblocking(sc, 0);
    if (count < MOST) {
        all[count++] = sc;
    } else {
        complain("more than %d clients", MOST - 1);
        sock_free(sc);
    }
    return true;
}

static void take_out(sock_t *sc)
{
    int i = 1;

    while (all[i] != sc)
        i++;
    all[i] = all[--count]; /* the last one takes its place */
    all[count] = NULL;
    sock_free(sc);
    printf("koneksi selesai, tinggal %d\n", count - 1);
}

/* What has come goes back. Who does not read it is given up. */
static void answer(sock_t *sc)
{
    static char msg[MESSAGE_SIZE];
    ssize_t n = sock_recv(sc, msg, sizeof msg, 0);

    if (n > 0 && sock_sendall(sc, msg, n, 0) == 0)
        return;
    if (n != 0)
        failed();
    take_out(sc);
}

static void serve(sock_t *s)
{
    sock_t *readable[MOST + 1];
    bool goes_on = true;

    all[count++] = s;
    while (goes_on) {
        /* The list is cut to those that are ready. */
        memcpy(readable, all, sizeof all);
        int ready = sock_select(readable, NULL, NULL, SOCK_NO_TIMEOUT);
        goes_on = ready != -1;
        for (int i = 0; i < ready && goes_on; i++)
            if (readable[i] == s)
                goes_on = welcome(s);
            else
                answer(readable[i]);
    }
}

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1";
    int port = 5555;
    int status;

    host_and_port(argc, argv,
                  "Answers many clients at once with their own bytes.", &host,
                  &port);

    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    if (!s)
        return failed();
    sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, 1);
    if (sock_bind(s, sock_addr_inet(host, port)) == 0 &&
        sock_listen(s, SOCK_DEFAULT_BACKLOG) == 0 &&
        sock_setblocking(s, 0) == 0) {
        listening(s); /* a signal ends accept, and so wakes select */
        serve(s);
    }
    status = ended();
    while (count > 1)
        sock_free(all[--count]);
    sock_free(s);
    return status;
}
