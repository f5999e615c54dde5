/* SPDX-License-Identifier: MIT */
/*
 * peer ROLE ADDRESS [OWN]: one side of a conversation on the library, for the
 * programs of others to be the other side. It reads stdin, prints what came on
 * stdout, and says on stderr where it listens.
 *
 * ADDRESS is host:port, [v6]:port, a path that begins with / or ./, or @name
 * for an abstract name. Roles:
 *   connect   sends stdin, ends that direction, prints until the other ends
 *   fetch     connects, and prints until the other ends
 *   listen    as connect with the first who connects
 *   echo      accepts, and sends back what came once the other has ended
 *   ask       sends stdin as one datagram, and prints the answer; of AF_UNIX
 *             it is bound to OWN for that
 *   answer    prints one datagram and sends it back
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/pysockc.h>

enum { SECONDS = 20, MOST = 1 << 23 };

static char bytes[MOST];

_Noreturn static void fail(void)
{
    sock_perror("peer");
    exit(1);
}

static sock_addr_t address_of(const char *text)
{
    if (text[0] == '@')
        return sock_addr_unix_abstract(text + 1, strlen(text + 1));
    if (text[0] == '/' || text[0] == '.')
        return sock_addr_unix(text);
    return sock_addr_parse(text, 0);
}

static sock_t *socket_for(const sock_addr_t *a, int type)
{
    sock_t *s = sock_addr_ok(a) ? sock_new(sock_addr_family(a), type, 0) : NULL;
    if (s == NULL || sock_settimeout(s, SECONDS) < 0)
        fail();
    return s;
}

/* All of a stream; the number of bytes. */
static size_t receive(sock_t *s)
{
    size_t size = 0;
    ssize_t n;
    while ((n = sock_recv(s, bytes + size, MOST - size, 0)) > 0)
        size += (size_t)n;
    if (n < 0)
        fail();
    return size;
}

static void print(size_t size)
{
    if (fwrite(bytes, 1, size, stdout) != size || fflush(stdout) != 0)
        exit(1);
}

static void *send_stdin(void *s)
{
    static char sent[MOST];
    size_t size = fread(sent, 1, MOST, stdin);
    if (sock_sendall(s, sent, size, 0) < 0 || sock_shutdown(s, SHUT_WR) < 0)
        fail();
    return NULL;
}

/* Both directions at once, as the other side may not read before it has
 * written. */
static void converse(sock_t *s)
{
    pthread_t sender;
    if (pthread_create(&sender, NULL, send_stdin, s) != 0)
        exit(1);
    size_t size = receive(s);
    pthread_join(sender, NULL);
    print(size);
}

static void fetch(sock_t *s)
{
    print(receive(s));
}

static void echo(sock_t *s)
{
    if (sock_sendall(s, bytes, receive(s), 0) < 0)
        fail();
}

static void say_where(sock_t *s)
{
    char text[SOCK_ADDR_TEXT_MAX];
    sock_addr_t me;
    if (sock_getsockname(s, &me) < 0 ||
        sock_addr_format(&me, text, sizeof text) < 0)
        fail();
    fprintf(stderr, "listening on %s\n", text);
}

static void serve(const sock_addr_t *a, void (*talk)(sock_t *))
{
    SOCK_AUTO sock_t *s = socket_for(a, SOCK_STREAM);
    if (sock_bind(s, *a) < 0 || sock_listen(s, 5) < 0)
        fail();
    say_where(s);
    SOCK_AUTO sock_t *conn = sock_accept(s, NULL);
    if (conn == NULL || sock_settimeout(conn, SECONDS) < 0)
        fail();
    talk(conn);
}

static void be_client(const sock_addr_t *a, void (*talk)(sock_t *))
{
    SOCK_AUTO sock_t *s = socket_for(a, SOCK_STREAM);
    if (sock_connect(s, *a) < 0)
        fail();
    talk(s);
}

static void ask(const sock_addr_t *a, const char *own)
{
    SOCK_AUTO sock_t *s = socket_for(a, SOCK_DGRAM);
    size_t size = fread(bytes, 1, MOST, stdin);
    if (own != NULL && sock_bind(s, address_of(own)) < 0)
        fail();
    if (sock_connect(s, *a) < 0 || sock_send(s, bytes, size, 0) < 0)
        fail();
    ssize_t n = sock_recv(s, bytes, MOST, 0);
    if (n < 0)
        fail();
    print((size_t)n);
}

static void answer(const sock_addr_t *a)
{
    SOCK_AUTO sock_t *s = socket_for(a, SOCK_DGRAM);
    sock_addr_t from;
    if (sock_bind(s, *a) < 0)
        fail();
    say_where(s);
    ssize_t n = sock_recvfrom(s, bytes, MOST, 0, &from);
    if (n < 0)
        fail();
    print((size_t)n);
    if (sock_sendto(s, bytes, (size_t)n, 0, from) < 0)
        fail();
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    const char *role = argv[1];
    sock_addr_t a = address_of(argv[2]);
    if (strcmp(role, "connect") == 0)
        be_client(&a, converse);
    else if (strcmp(role, "fetch") == 0)
        be_client(&a, fetch);
    else if (strcmp(role, "listen") == 0)
        serve(&a, converse);
    else if (strcmp(role, "echo") == 0)
        serve(&a, echo);
    else if (strcmp(role, "ask") == 0)
        ask(&a, argv[3]);
    else if (strcmp(role, "answer") == 0)
        answer(&a);
    else
        return 2;
    return 0;
}
