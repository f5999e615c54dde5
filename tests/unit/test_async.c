/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dispatcher.h"
#include "object.h"

/*
 * What the loop calls is written down: a word for each call. Both ends stand on
 * one loop, or the other end is a plain socket.
 */
struct notes {
    sock_loop_t *loop;
    char text[4096];
    char data[70000]; /* what was received */
    size_t size;
    sock_error_t error;
    int errors, frees;
    sock_dispatcher_t *child; /* made by handle_accepted */
    const sock_dispatcher_class_t *child_class;
    const sock_chat_class_t *chat_class;
    sock_chat_t *chat;
    sock_t *accepted[100];
    int accepts;
    int wants_read, wants_write, asked;
    /* What a function does besides. */
    void (*act)(sock_dispatcher_t *d, struct notes *n);
    int result;
};

static struct notes *notes_of(const sock_dispatcher_t *d)
{
    return sock_dispatcher_arg(d);
}

static void note(struct notes *n, const char *word)
{
    size_t used = strlen(n->text);
    check(used + strlen(word) + 2 < sizeof n->text);
    snprintf(n->text + used, sizeof n->text - used, "%s%s", used > 0 ? " " : "",
             word);
}

static struct notes begin(void)
{
    struct notes n = {.loop = check_made(sock_loop_new())};
    return n;
}

static void end(struct notes *n)
{
    sock_loop_free(n->loop);
}

/* Rounds until the notes are these; none may take long. */
static void await(struct notes *n, const char *text)
{
    while (strcmp(n->text, text) != 0) {
        int made = sock_loop_run_once(n->loop, 5);
        check_that(made > 0, "the notes are \"%s\", not \"%s\"", n->text, text);
        check_that(strlen(n->text) <= strlen(text),
                   "the notes are \"%s\", not \"%s\"", n->text, text);
    }
}

/* So many rounds that all that is ready has been called. */
static void settle(struct notes *n)
{
    for (int i = 0; i < 20; i++)
        check_ok(sock_loop_run_once(n->loop, 0));
}

static int act(sock_dispatcher_t *d, const char *word)
{
    struct notes *n = notes_of(d);
    note(n, word);
    if (n->act != NULL)
        n->act(d, n);
    return n->result;
}

static int on_read(sock_dispatcher_t *d)
{
    struct notes *n = notes_of(d);
    ssize_t got =
        sock_dispatcher_recv(d, n->data + n->size, sizeof n->data - n->size);
    if (got > 0)
        n->size += (size_t)got;
    return act(d, got > 0 ? "read" : got == 0 ? "end" : "again");
}

static int on_write(sock_dispatcher_t *d)
{
    return act(d, "write");
}

static int on_expt(sock_dispatcher_t *d)
{
    char byte;
    check_int(sock_recv(sock_dispatcher_sock(d), &byte, 1, MSG_OOB), 1);
    return act(d, "expt");
}

static int on_connect(sock_dispatcher_t *d)
{
    return act(d, "connect");
}

static int on_close(sock_dispatcher_t *d)
{
    act(d, "close");
    return 0;
}

static void on_error(sock_dispatcher_t *d, const sock_error_t *e)
{
    struct notes *n = notes_of(d);
    n->error = *e;
    n->errors++;
    note(n, "error");
}

static void on_free(sock_dispatcher_t *d)
{
    struct notes *n = notes_of(d);
    n->frees++;
    sock_dispatcher_free(d); /* is nothing new */
}

static void on_log(sock_dispatcher_t *d, const char *text)
{
    note(notes_of(d), text);
}

static int on_accepted(sock_dispatcher_t *d, sock_t *s,
                       const sock_addr_t *address)
{
    struct notes *n = notes_of(d);
    check(sock_addr_ok(address) || sock_family(s) == AF_UNIX);
    note(n, "accepted");
    if (n->child_class != NULL)
        n->child =
            check_made(sock_dispatcher_new(n->child_class, n->loop, s, n));
    else if (n->chat_class != NULL)
        n->chat = check_made(sock_chat_new(n->chat_class, n->loop, s, n));
    else
        n->accepted[n->accepts] = s;
    n->accepts++;
    return n->result;
}

static const sock_dispatcher_class_t silent = {.size = sizeof silent};
static const sock_dispatcher_class_t noting = {
    .size = sizeof noting,
    .handle_read = on_read,
    .handle_connect = on_connect,
    .handle_close = on_close,
    .handle_accepted = on_accepted,
    .handle_error = on_error,
    .handle_free = on_free,
};
static const sock_dispatcher_class_t writing = {
    .size = sizeof writing,
    .handle_read = on_read,
    .handle_write = on_write,
    .handle_connect = on_connect,
    .handle_close = on_close,
    .handle_error = on_error,
};

static sock_t *connected_to(const sock_addr_t *address)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_connect(s, *address));
    return s;
}

/* A dispatcher, and the other end. */
struct both {
    struct notes n;
    sock_dispatcher_t *d;
    sock_t *peer;
};

static void make(struct both *x, const sock_dispatcher_class_t *c)
{
    struct pair p = tcp_pair();
    memset(x, 0, sizeof *x);
    x->n = begin();
    x->d = check_made(sock_dispatcher_new(c, x->n.loop, p.a, &x->n));
    x->peer = p.b;
}

static void unmake(struct both *x)
{
    sock_dispatcher_free(x->d);
    sock_free(x->peer);
    end(&x->n);
}

static void listen_on(sock_dispatcher_t *d, sock_addr_t *address)
{
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_set_reuse_addr(d));
    check_ok(sock_dispatcher_bind(d, sock_addr_inet("127.0.0.1", 0)));
    check_ok(sock_dispatcher_listen(d, 5));
    check_ok(sock_getsockname(sock_dispatcher_sock(d), address));
}

/* A host that has several addresses: --wrap. */

static struct {
    size_t count;
    sock_addr_t addresses[3];
} found;

int __real_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
void __real_freeaddrinfo(struct addrinfo *list);
void __wrap_freeaddrinfo(struct addrinfo *list);

int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list)
{
    static struct addrinfo entries[3];
    if (found.count == 0 || strcmp(host, "several.example") != 0)
        return __real_getaddrinfo(host, port, hints, list);
    if ((hints->ai_flags & AI_NUMERICHOST) != 0)
        return EAI_NONAME;
    for (size_t i = 0; i < found.count; i++) {
        sock_addr_t *a = &found.addresses[i];
        entries[i] = (struct addrinfo){
            .ai_family = a->u.sa.sa_family,
            .ai_socktype = SOCK_STREAM,
            .ai_addr = &a->u.sa,
            .ai_addrlen = (socklen_t)a->len,
            .ai_next = i + 1 < found.count ? &entries[i + 1] : NULL};
    }
    *list = entries;
    return 0;
}

void __wrap_freeaddrinfo(struct addrinfo *list)
{
    if (found.count == 0)
        __real_freeaddrinfo(list);
}

/* Life cycle */

TEST(async, is_small)
{
    check(sizeof(struct sock_dispatcher) <= 96);
}

/* DispatcherTests.test_basic, test_repr */
TEST(async, basic)
{
    struct notes n = begin();
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&silent, n.loop, NULL, &n));
    check(sock_dispatcher_sock(d) == NULL);
    check(sock_dispatcher_loop(d) == n.loop);
    check(sock_dispatcher_arg(d) == &n);
    check(sock_dispatcher_chat(d) == NULL);
    check_int(sock_dispatcher_state(d), SOCK_DISPATCHER_CLOSED);
    check_int(sock_dispatcher_bytes_waiting(d), 0);
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_int(sock_dispatcher_state(d), SOCK_DISPATCHER_IDLE);
    check(is_nonblocking(sock_fileno(sock_dispatcher_sock(d))));
    /* An unconnected stream would be ready for ever. */
    check_int(sock_selector_len(sock_loop_selector(n.loop)), 0);
    check_int(sock_loop_run(n.loop, 5), 0);
    sock_dispatcher_free(d);
    end(&n);
}

TEST(async, nothing)
{
    sock_dispatcher_free(NULL);
    sock_chat_free(NULL);
    check(sock_dispatcher_sock(NULL) == NULL);
    check(sock_dispatcher_arg(NULL) == NULL);
    check(sock_dispatcher_loop(NULL) == NULL);
    check(sock_dispatcher_chat(NULL) == NULL);
    check(sock_chat_dispatcher(NULL) == NULL);
    check(sock_chat_arg(NULL) == NULL);
    check_int(sock_dispatcher_state(NULL), SOCK_DISPATCHER_CLOSED);
    check_int(sock_dispatcher_bytes_waiting(NULL), 0);
    check_fails(sock_dispatcher_close(NULL), SOCK_E_TYPE, 0,
                "close: argument is NULL");
    check_fails(sock_close_all(NULL), SOCK_E_TYPE, 0,
                "close_all: argument is NULL");
}

TEST(async, refused_classes)
{
    struct notes n = begin();
    sock_dispatcher_class_t c = {.size = 1};
    check_null(sock_dispatcher_new(NULL, n.loop, NULL, NULL), SOCK_E_TYPE, 0,
               "dispatcher: argument is NULL");
    check_null(sock_dispatcher_new(&c, n.loop, NULL, NULL), SOCK_E_VALUE, 0,
               "dispatcher: the size of the class is not this version's");
    check_null(sock_dispatcher_new(&silent, NULL, NULL, NULL), SOCK_E_TYPE, 0,
               "dispatcher: argument is NULL");
    c = (sock_dispatcher_class_t){.size = sizeof c, .idle_timeout = -1};
    check_null(sock_dispatcher_new(&c, n.loop, NULL, NULL), SOCK_E_VALUE, 0,
               "dispatcher: Timeout value out of range");
    c = (sock_dispatcher_class_t){.size = sizeof c, .connect_timeout = -1};
    check_null(sock_dispatcher_new(&c, n.loop, NULL, NULL), SOCK_E_VALUE, 0,
               "dispatcher: Timeout value out of range");
    c = (sock_dispatcher_class_t){.size = sizeof c, .max_accepts = -1};
    check_null(sock_dispatcher_new(&c, n.loop, NULL, NULL), SOCK_E_VALUE, 0,
               "dispatcher: max_accepts is out of range");
    for (int i = 0; i < 4; i++) {
        c = (sock_dispatcher_class_t){.size = sizeof c};
        c.reserved[i] = &n;
        check_null(sock_dispatcher_new(&c, n.loop, NULL, NULL), SOCK_E_VALUE, 0,
                   "dispatcher: reserved is not zero");
    }
    sock_chat_class_t k = {.size = 1};
    check_null(sock_chat_new(NULL, n.loop, NULL, NULL), SOCK_E_TYPE, 0,
               "dispatcher: argument is NULL");
    check_null(sock_chat_new(&k, n.loop, NULL, NULL), SOCK_E_VALUE, 0,
               "dispatcher: the size of the class is not this version's");
    k = (sock_chat_class_t){.size = sizeof k, .request_deadline = -1};
    check_null(sock_chat_new(&k, n.loop, NULL, NULL), SOCK_E_VALUE, 0,
               "dispatcher: Timeout value out of range");
    k = (sock_chat_class_t){.size = sizeof k, .dispatcher.size = sizeof k};
    check_null(sock_chat_new(&k, n.loop, NULL, NULL), SOCK_E_VALUE, 0,
               "dispatcher: the size of the class is not this version's");
    k = (sock_chat_class_t){.size = sizeof k, .reserved[3] = &n};
    check_null(sock_chat_new(&k, n.loop, NULL, NULL), SOCK_E_VALUE, 0,
               "dispatcher: reserved is not zero");
    k = (sock_chat_class_t){.size = sizeof k, .dispatcher.reserved[0] = &n};
    check_null(sock_chat_new(&k, n.loop, NULL, NULL), SOCK_E_VALUE, 0,
               "dispatcher: reserved is not zero");
    k = (sock_chat_class_t){.size = sizeof k,
                            .dispatcher.size = sizeof k.dispatcher};
    sock_chat_free(check_made(sock_chat_new(&k, n.loop, NULL, NULL)));
    end(&n);
}

TEST(async, water_marks)
{
    const struct {
        size_t low, high;
        bool good;
    } rows[] = {{65536, 0, true},
                {65537, 0, false},
                {10, 10, true},
                {11, 10, false},
                {0, 1, true},
                {0, SOCK_NO_LIMIT, true},
                {SOCK_NO_LIMIT, SOCK_NO_LIMIT, true},
                {SOCK_NO_LIMIT, 0, false}};
    struct notes n = begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sock_dispatcher_class_t c = {.size = sizeof c,
                                     .low_water = rows[i].low,
                                     .high_water = rows[i].high};
        sock_dispatcher_t *d =
            sock_dispatcher_with_send_new(&c, n.loop, NULL, NULL);
        if (rows[i].good)
            sock_dispatcher_free(check_made(d));
        else
            check_null(d, SOCK_E_VALUE, 0,
                       "dispatcher: low_water is over high_water");
    }
    end(&n);
}

/* The socket of one that could not be made is still the caller's. */
TEST(async, refused_sockets)
{
    struct notes n = begin();
    sock_t *s = closed_socket(SOCK_STREAM);
    check_null(sock_dispatcher_new(&silent, n.loop, s, NULL), SOCK_E_OS, EBADF,
               "setblocking: [Errno 9] Bad file descriptor");
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&silent, n.loop, NULL, NULL));
    check_fails(sock_dispatcher_set_socket(d, s), SOCK_E_OS, EBADF,
                "setblocking: [Errno 9] Bad file descriptor");
    check_fails(sock_dispatcher_set_socket(d, NULL), SOCK_E_TYPE, 0,
                "set_socket: socket is NULL");
    check_fails(sock_dispatcher_create_socket(d, -1, SOCK_STREAM), SOCK_E_OS,
                EAFNOSUPPORT,
                "socket: [Errno 97] Address family not supported by protocol");
    static const char closed[] = ": [Errno 9] Bad file descriptor";
    char byte = 0;
    check_fails(sock_dispatcher_set_reuse_addr(d), SOCK_E_OS, EBADF,
                "set_reuse_addr: [Errno 9] Bad file descriptor");
    check_fails(sock_dispatcher_bind(d, sock_addr_inet("", 0)), SOCK_E_OS,
                EBADF, "bind: [Errno 9] Bad file descriptor");
    check_fails(sock_dispatcher_listen(d, 1), SOCK_E_OS, EBADF,
                "listen: [Errno 9] Bad file descriptor");
    check_null(sock_dispatcher_accept(d, NULL), SOCK_E_OS, EBADF,
               "accept: [Errno 9] Bad file descriptor");
    check_fails(sock_dispatcher_connect(d, sock_addr_inet("127.0.0.1", 1)),
                SOCK_E_OS, EBADF, "connect: [Errno 9] Bad file descriptor");
    check_fails(sock_dispatcher_send(d, &byte, 1), SOCK_E_OS, EBADF,
                "send: [Errno 9] Bad file descriptor");
    check_fails(sock_dispatcher_recv(d, &byte, 1), SOCK_E_OS, EBADF,
                "recv: [Errno 9] Bad file descriptor");
    (void)closed;
    check_ok(sock_dispatcher_close(d));
    check_ok(sock_dispatcher_close(d));
    sock_dispatcher_free(d);
    sock_free(s);
    end(&n);
}

/* HelperFunctionTests.test_closeall, test_closeall_default */
TEST(async, closeall)
{
    struct notes n = begin();
    sock_dispatcher_t *d[10];
    struct pair p[10];
    for (int i = 0; i < 10; i++) {
        p[i] = tcp_pair();
        d[i] = check_made(sock_dispatcher_new(&noting, n.loop, p[i].a, &n));
    }
    check_int(sock_close_all(n.loop), 10);
    for (int i = 0; i < 10; i++) {
        char byte;
        check_int(sock_dispatcher_state(d[i]), SOCK_DISPATCHER_CLOSED);
        check(sock_dispatcher_sock(d[i]) == NULL);
        check_int(sock_recv(p[i].b, &byte, 1, 0), 0);
        sock_free(p[i].b);
    }
    check_int(sock_close_all(n.loop), 0);
    check_int(sock_loop_run(n.loop, 5), 0);
    check_str(n.text, "");
    for (int i = 0; i < 10; i++)
        sock_dispatcher_free(d[i]);
    check_int(n.frees, 10);
    end(&n);
}

static const sock_dispatcher_class_t leaving = {
    .size = sizeof leaving,
    .handle_read = on_read,
    .handle_free = on_free,
    .handle_accepted = on_accepted,
    .free_when_closed = 1,
};

/* Python's garbage collector */
TEST(async, free_when_closed)
{
    struct notes n = begin();
    struct pair p[4] = {tcp_pair(), tcp_pair(), tcp_pair(), tcp_pair()};
    for (int i = 0; i < 4; i++)
        check_made(sock_dispatcher_new(&leaving, n.loop, p[i].a, &n));
    sock_free(p[0].b); /* by the peer */
    await(&n, "end");
    check_int(n.frees, 1);
    check_int(sock_close_all(n.loop), 3);
    check_int(n.frees, 4);
    for (int i = 1; i < 4; i++)
        sock_free(p[i].b);

    /* Never before it had a socket; by the program; by the loop's end. */
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&leaving, n.loop, NULL, &n));
    check_ok(sock_dispatcher_update(d));
    check_ok(sock_dispatcher_close(d));
    check_int(n.frees, 4);
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_close(d));
    check_int(n.frees, 5);
    d = check_made(sock_dispatcher_new(&leaving, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    end(&n);
    check_int(n.frees, 6);
}

TEST(async, outlives_its_loop)
{
    struct both x;
    char byte;
    make(&x, &noting);
    end(&x.n);
    check(sock_dispatcher_loop(x.d) == NULL);
    check_int(sock_dispatcher_state(x.d), SOCK_DISPATCHER_CLOSED);
    check_int(sock_recv(x.peer, &byte, 1, 0), 0);
    check_fails(sock_dispatcher_create_socket(x.d, AF_INET, SOCK_STREAM),
                SOCK_E_OS, EBADF,
                "create_socket: [Errno 9] Bad file descriptor");
    check_fails(sock_dispatcher_update(x.d), SOCK_E_OS, EBADF,
                "update: [Errno 9] Bad file descriptor");
    check_ok(sock_dispatcher_close(x.d));
    check_str(x.n.text, "");
    sock_dispatcher_free(x.d);
    check_int(x.n.frees, 1);
    sock_free(x.peer);
}

static void free_the_loop(sock_dispatcher_t *d, struct notes *n)
{
    sock_loop_free(n->loop);
    check_fails(sock_dispatcher_listen(d, 1), SOCK_E_OS, EBADF,
                "listen: [Errno 9] Bad file descriptor");
    check_fails(sock_dispatcher_connect(d, sock_addr_none()), SOCK_E_OS, EBADF,
                "connect: [Errno 9] Bad file descriptor");
}

TEST(async, loop_freed_in_a_function)
{
    struct both x;
    make(&x, &noting);
    x.n.act = free_the_loop;
    check_ok(sock_sendall(x.peer, "x", 1, 0));
    check_int(sock_loop_run(x.n.loop, 5), 0);
    check_str(x.n.text, "read");
    check(sock_dispatcher_loop(x.d) == NULL);
    sock_dispatcher_free(x.d);
    check_int(x.n.frees, 1);
    sock_free(x.peer);
}

static void free_the_loop_alone(sock_dispatcher_t *d, struct notes *n)
{
    (void)d;
    sock_loop_free(n->loop);
}

TEST(async, loop_freed_at_the_end_of_the_stream)
{
    struct both x;
    make(&x, &noting);
    x.n.act = free_the_loop_alone;
    sock_free(x.peer);
    check_int(sock_loop_run(x.n.loop, 5), 0);
    check_str(x.n.text, "end");
    check_int(sock_dispatcher_state(x.d), SOCK_DISPATCHER_CLOSED);
    sock_dispatcher_free(x.d);
    check_int(x.n.frees, 1);
}

/* Events */

/* BaseTestAPI.test_handle_connect, test_handle_accepted,
 * test_connection_attributes */
TEST(async, handle_connect)
{
    struct notes n = begin();
    sock_addr_t address;
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    listen_on(server, &address);
    check_int(sock_dispatcher_state(server), SOCK_DISPATCHER_ACCEPTING);
    sock_dispatcher_t *client =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(client, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_connect(client, address));
    check_int(sock_dispatcher_state(client), SOCK_DISPATCHER_CONNECTING);
    while (n.accepts == 0 ||
           sock_dispatcher_state(client) != SOCK_DISPATCHER_CONNECTED)
        check(sock_loop_run_once(n.loop, 5) > 0);
    check(strcmp(n.text, "accepted connect") == 0 ||
          strcmp(n.text, "connect accepted") == 0);
    check_ok(sock_dispatcher_close(client));
    check_int(sock_dispatcher_state(client), SOCK_DISPATCHER_CLOSED);
    check_ok(sock_dispatcher_close(server));
    check_int(sock_dispatcher_state(server), SOCK_DISPATCHER_CLOSED);
    sock_free(n.accepted[0]);
    sock_dispatcher_free(client);
    sock_dispatcher_free(server);
    end(&n);
}

static int on_accept(sock_dispatcher_t *d)
{
    struct notes *n = notes_of(d);
    sock_addr_t peer;
    sock_t *s;
    while ((s = sock_dispatcher_accept(d, &peer)) != NULL) {
        check(sock_addr_ok(&peer));
        sock_free(s);
        note(n, "accept");
    }
    check_str(error_text(),
              "accept: [Errno 11] Resource temporarily unavailable");
    return -1; /* EAGAIN is no error */
}

/* BaseTestAPI.test_handle_accept */
TEST(async, handle_accept)
{
    static const sock_dispatcher_class_t c = {
        .size = sizeof c, .handle_accept = on_accept, .handle_error = on_error};
    struct notes n = begin();
    sock_addr_t address;
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&c, n.loop, NULL, &n));
    listen_on(server, &address);
    sock_t *s = connected_to(&address);
    await(&n, "accept");
    settle(&n);
    check_str(n.text, "accept");
    sock_free(s);
    sock_dispatcher_free(server);
    end(&n);
}

static void accept_all(sock_loop_t *loop, void *arg)
{
    sock_dispatcher_t *d = arg;
    sock_t *s;
    (void)loop;
    while ((s = sock_dispatcher_accept(d, NULL)) != NULL) {
        note(notes_of(d), "accepted");
        sock_free(s);
    }
    check_int(errno, EAGAIN);
    notes_of(d)->wants_read = 1;
    check_ok(sock_dispatcher_update(d));
}

static int accepts_later(sock_dispatcher_t *d)
{
    struct notes *n = notes_of(d);
    n->wants_read = 0;
    check(sock_loop_call_later(n->loop, 0.02, accept_all, d).generation != 0);
    return act(d, "accept");
}

static int wants_to_read(sock_dispatcher_t *d)
{
    return notes_of(d)->wants_read;
}

/* Those who wait are not told of again and again. */
TEST(async, delayed_accept)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .readable = wants_to_read,
                                              .handle_accept = accepts_later};
    struct notes n = begin();
    sock_addr_t address;
    n.wants_read = 1;
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&c, n.loop, NULL, &n));
    listen_on(server, &address);
    sock_t *s = connected_to(&address), *t = connected_to(&address);
    await(&n, "accept accepted accepted");
    char byte;
    check_int(sock_recv(s, &byte, 1, 0), 0);
    check_int(sock_recv(t, &byte, 1, 0), 0);
    settle(&n);
    check_str(n.text, "accept accepted accepted");
    sock_free(s);
    sock_free(t);
    sock_dispatcher_free(server);
    end(&n);
}

/* One that is bound begins to listen. */
TEST(async, adopted_when_bound)
{
    struct notes n = begin();
    sock_addr_t address;
    sock_t *b = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_bind(b, sock_addr_inet("127.0.0.1", 0)));
    check_ok(sock_getsockname(b, &address));
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&noting, n.loop, b, &n));
    check_int(sock_dispatcher_state(server), SOCK_DISPATCHER_IDLE);
    check_ok(sock_dispatcher_listen(server, 5));
    sock_t *s = connected_to(&address);
    await(&n, "accepted");
    sock_free(s);
    sock_free(n.accepted[0]);
    sock_dispatcher_free(server);
    end(&n);
}

/* As a connection that has ended. */
TEST(async, listener_is_no_stream)
{
    struct notes n = begin();
    sock_addr_t address;
    char byte = 0;
    for (int i = 0; i < 2; i++) {
        n.text[0] = '\0';
        sock_dispatcher_t *server =
            check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
        listen_on(server, &address);
        check_int(i == 0 ? sock_dispatcher_send(server, &byte, 1)
                         : sock_dispatcher_recv(server, &byte, 1),
                  0);
        check_str(n.text, "close");
        sock_dispatcher_free(server);
    }
    end(&n);
}

/* A listener that was made elsewhere is known to be one. */
TEST(async, adopted_listener)
{
    struct notes n = begin();
    sock_addr_t address;
    sock_t *l = listener(&address);
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&noting, n.loop, l, &n));
    check_int(sock_dispatcher_state(server), SOCK_DISPATCHER_ACCEPTING);
    sock_t *s = connected_to(&address);
    await(&n, "accepted");
    sock_free(s);
    sock_free(n.accepted[0]);
    sock_dispatcher_free(server);
    end(&n);
}

TEST(async, most_accepts)
{
    static const sock_dispatcher_class_t c = {
        .size = sizeof c, .handle_accepted = on_accepted, .max_accepts = 2};
    struct notes n = begin();
    sock_addr_t address;
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&c, n.loop, NULL, &n));
    listen_on(server, &address);
    sock_t *s[5];
    for (int i = 0; i < 5; i++)
        s[i] = connected_to(&address);
    for (int i = 2; i <= 6; i += 2) {
        check_int(sock_loop_run_once(n.loop, 5), 1);
        check_int(n.accepts, i < 5 ? i : 5);
    }
    for (int i = 0; i < 5; i++) {
        sock_free(s[i]);
        sock_free(n.accepted[i]);
    }
    sock_dispatcher_free(server);
    end(&n);
}

/* BaseTestAPI.test_handle_read */
TEST(async, handle_read)
{
    struct both x;
    make(&x, &noting);
    check_ok(sock_sendall(x.peer, "hello", 5, 0));
    await(&x.n, "read");
    check_int(x.n.size, 5);
    check_bytes(x.n.data, "hello", 5);
    unmake(&x);
}

/* BaseTestAPI.test_handle_write: with a connect, and not again and again. */
TEST(async, handle_write)
{
    struct notes n = begin();
    sock_addr_t address;
    sock_t *l = listener(&address);
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&writing, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_connect(d, address));
    await(&n, "connect write");
    settle(&n);
    check_str(n.text, "connect write");
    sock_dispatcher_free(d);
    sock_free(l);
    end(&n);
}

static int readable(sock_dispatcher_t *d)
{
    notes_of(d)->asked++;
    return notes_of(d)->wants_read;
}

static int writable(sock_dispatcher_t *d)
{
    return notes_of(d)->wants_write;
}

static const sock_dispatcher_class_t choosing = {
    .size = sizeof choosing,
    .readable = readable,
    .writable = writable,
    .handle_read = on_read,
    .handle_write = on_write,
    .handle_close = on_close,
};

static void write_once(sock_dispatcher_t *d, struct notes *n)
{
    (void)d;
    n->wants_write--;
}

/* HelperFunctionTests.test_readwrite; asked when something has happened to it,
 * and when it is said. */
TEST(async, readable_and_writable)
{
    struct both x;
    make(&x, &choosing);
    check_ok(sock_sendall(x.peer, "x", 1, 0));
    settle(&x.n);
    check_str(x.n.text, "");
    check_int(x.n.asked, 1);
    check_int(sock_loop_run(x.n.loop, 5), 0); /* no one waits */

    x.n.wants_write = 2;
    x.n.act = write_once;
    check_ok(sock_dispatcher_update(x.d));
    await(&x.n, "write write");
    settle(&x.n);
    check_str(x.n.text, "write write");
    x.n.act = NULL;
    x.n.wants_read = 1;
    settle(&x.n);
    check_str(x.n.text, "write write");
    check_ok(sock_dispatcher_update(x.d));
    await(&x.n, "write write read");
    unmake(&x);
}

/* BaseTestAPI.test_handle_close */
TEST(async, handle_close)
{
    struct both x;
    make(&x, &noting);
    sock_free(x.peer);
    x.peer = NULL;
    await(&x.n, "end close");
    settle(&x.n);
    check_str(x.n.text, "end close"); /* once */
    check_int(sock_dispatcher_state(x.d), SOCK_DISPATCHER_CONNECTED);
    check_int(sock_loop_run(x.n.loop, 5), 0);
    unmake(&x);
}

static void reset(sock_t *s)
{
    struct linger l = {1, 0};
    check_ok(sock_setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l));
    sock_free(s);
}

/* poll2 of asyncore says it twice. */
TEST(async, reset_is_closed_once)
{
    struct both x;
    make(&x, &noting);
    reset(x.peer);
    x.peer = NULL;
    await(&x.n, "end close");
    settle(&x.n);
    check_str(x.n.text, "end close");
    unmake(&x);
}

/* BaseTestAPI.test_handle_close_after_conn_broken (bpo-11265): what was
 * received before is delivered. */
TEST(async, handle_close_after_conn_broken)
{
    struct both x;
    make(&x, &choosing);
    x.n.wants_read = x.n.wants_write = 1;
    check_ok(sock_dispatcher_update(x.d));
    check_ok(sock_sendall(x.peer, "last", 4, 0));
    reset(x.peer);
    x.peer = NULL;
    while (strstr(x.n.text, "close") == NULL)
        check(sock_loop_run_once(x.n.loop, 5) > 0);
    settle(&x.n);
    check_str(strstr(x.n.text, "close"), "close");
    unmake(&x);
}

static int reads_nothing(sock_dispatcher_t *d)
{
    return act(d, "read");
}

/* Of a class that does not look, the selector would speak for ever. */
TEST(async, hang_up_that_no_one_reads)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_read = reads_nothing,
                                              .handle_close = on_close};
    struct both x;
    make(&x, &c);
    reset(x.peer);
    x.peer = NULL;
    await(&x.n, "read close");
    settle(&x.n);
    check_str(x.n.text, "read close");
    unmake(&x);
}

static int reads_by_itself(sock_dispatcher_t *d)
{
    struct notes *n = notes_of(d);
    check_int(sock_recv(sock_dispatcher_sock(d), n->data + n->size, 1, 0), 1);
    n->size++;
    return 0;
}

/* What is still there is not lost, read it who may. */
TEST(async, hang_up_with_bytes_left)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_read = reads_by_itself,
                                              .handle_close = on_close};
    struct notes n = begin();
    struct pair p = unix_pair(SOCK_STREAM);
    sock_dispatcher_t *d = check_made(sock_dispatcher_new(&c, n.loop, p.a, &n));
    check_ok(sock_sendall(p.b, "abc", 3, 0));
    sock_free(p.b);
    await(&n, "close");
    check_int(n.size, 3);
    check_bytes(n.data, "abc", 3);
    sock_dispatcher_free(d);
    end(&n);
}

/* BaseTestAPI.test_handle_expt */
TEST(async, handle_expt)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_read = on_read,
                                              .handle_expt = on_expt,
                                              .handle_close = on_close};
    struct both x;
    make(&x, &c);
    check_int(sock_send(x.peer, "!", 1, MSG_OOB), 1);
    while (strstr(x.n.text, "expt") == NULL)
        check(sock_loop_run_once(x.n.loop, 5) > 0);
    unmake(&x);
}

static int fails(sock_dispatcher_t *d)
{
    note(notes_of(d), "fails");
    return sock_bind(NULL, sock_addr_none());
}

/* BaseTestAPI.test_handle_error, HelperFunctionTests.test_readwriteexc */
TEST(async, handle_error)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_read = fails,
                                              .handle_close = on_close,
                                              .handle_error = on_error};
    struct both x;
    make(&x, &c);
    check_ok(sock_sendall(x.peer, "x", 1, 0));
    sock_close(NULL);
    sock_error_t before = *sock_last_error();
    await(&x.n, "fails error");
    check_int(x.n.error.kind, SOCK_E_TYPE);
    check_str(x.n.error.operation, "bind");
    /* A run that succeeds leaves the record alone. */
    check(memcmp(&before, sock_last_error(), sizeof before) == 0);
    /* It goes on, as in Python. */
    check(sock_loop_run_once(x.n.loop, 5) > 0);
    check_str(x.n.text, "fails error fails error");
    unmake(&x);
}

/* Whichever function it was. */
TEST(async, handle_error_of_each_function)
{
    static const sock_dispatcher_class_t writes = {.size = sizeof writes,
                                                   .writable = writable,
                                                   .handle_write = fails,
                                                   .handle_error = on_error};
    static const sock_dispatcher_class_t looks = {
        .size = sizeof looks, .handle_expt = fails, .handle_error = on_error};
    static const sock_dispatcher_class_t ends = {
        .size = sizeof ends, .handle_close = fails, .handle_error = on_error};
    struct both x;
    make(&x, &writes);
    x.n.wants_write = 1;
    check_ok(sock_dispatcher_update(x.d));
    await(&x.n, "fails error");
    unmake(&x);
    make(&x, &looks);
    check_int(sock_send(x.peer, "!", 1, MSG_OOB), 1);
    await(&x.n, "fails error");
    unmake(&x);
    make(&x, &ends);
    sock_free(x.peer);
    x.peer = NULL;
    await(&x.n, "fails error");
    unmake(&x);
}

/* Without one the connection ends, and nothing is said. */
TEST(async, no_handle_error)
{
    static const sock_dispatcher_class_t c = {
        .size = sizeof c, .handle_read = fails, .handle_close = on_close};
    static const sock_dispatcher_class_t neither = {.size = sizeof c,
                                                    .handle_read = fails};
    struct both x;
    make(&x, &c);
    check_ok(sock_sendall(x.peer, "x", 1, 0));
    await(&x.n, "fails close");
    settle(&x.n);
    check_str(x.n.text, "fails close");
    unmake(&x);
    make(&x, &neither);
    check_ok(sock_sendall(x.peer, "x", 1, 0));
    await(&x.n, "fails");
    check_int(sock_dispatcher_state(x.d), SOCK_DISPATCHER_CLOSED);
    unmake(&x);
}

static int finds_the_end(sock_dispatcher_t *d)
{
    struct pair p = unix_pair(SOCK_STREAM);
    note(notes_of(d), "gone");
    sock_close(p.b);
    int result = (int)sock_send(p.a, "x", 1, 0);
    free_pair(&p);
    return result;
}

/* That the peer has gone is an end, and no error: asyncore's _DISCONNECTED. */
TEST(async, a_function_that_finds_the_end)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_read = finds_the_end,
                                              .handle_close = on_close,
                                              .handle_error = on_error};
    struct both x;
    make(&x, &c);
    check_ok(sock_sendall(x.peer, "x", 1, 0));
    await(&x.n, "gone close");
    settle(&x.n);
    check_str(x.n.text, "gone close");
    unmake(&x);
}

/* DispatcherTests.test_unhandled, test_log */
TEST(async, unhandled)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c, .log = on_log};
    struct notes n = begin();
    sock_addr_t address;
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&c, n.loop, NULL, &n));
    listen_on(server, &address);
    sock_t *s = connected_to(&address);
    char byte;
    await(&n, "unhandled accepted event");
    check_int(sock_recv(s, &byte, 1, 0), 0); /* it was closed */
    sock_free(s);
    n.text[0] = '\0';
    check_ok(sock_dispatcher_close(server));
    check_str(n.text, "");
    sock_t *l = listener(&address);
    check_ok(sock_dispatcher_create_socket(server, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_connect(server, address));
    await(&n, "unhandled connect event");
    sock_t *peer = check_made(sock_accept(l, NULL));
    check_ok(sock_sendall(peer, "x", 1, 0));
    await(&n, "unhandled connect event unhandled read event");
    sock_free(peer);
    await(&n, "unhandled connect event unhandled read event "
              "unhandled read event unhandled close event");
    check_int(sock_dispatcher_state(server), SOCK_DISPATCHER_CLOSED);
    sock_free(l);
    sock_dispatcher_free(server);
    end(&n);
}

/* Urgent data of no one's interest is no end, nor does it come again. */
TEST(async, unhandled_urgent_data)
{
    struct both x;
    make(&x, &noting);
    check_int(sock_send(x.peer, "a!", 2, MSG_OOB), 2);
    await(&x.n, "read");
    settle(&x.n);
    check_str(x.n.text, "read");
    check_ok(sock_sendall(x.peer, "b", 1, 0));
    await(&x.n, "read read");
    check_bytes(x.n.data, "ab", 2);
    unmake(&x);
}

/* It can be had without a word, too. */
TEST(async, unhandled_and_silent)
{
    struct both x;
    make(&x, &silent);
    check_ok(sock_sendall(x.peer, "x", 1, 0));
    settle(&x.n);
    sock_free(x.peer);
    x.peer = NULL;
    check_int(sock_loop_run(x.n.loop, 5), 0);
    check_int(sock_dispatcher_state(x.d), SOCK_DISPATCHER_CLOSED);
    unmake(&x);
}

/* BaseTestAPI.test_create_socket */
TEST(async, create_socket)
{
    struct notes n = begin();
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&silent, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    sock_t *s = sock_dispatcher_sock(d);
    check_int(sock_family(s), AF_INET);
    check_int(sock_type(s), SOCK_STREAM);
    check_int(sock_get_inheritable(s), 0);
    check_ok(sock_dispatcher_create_socket(d, AF_UNIX, SOCK_DGRAM));
    check_int(sock_family(sock_dispatcher_sock(d)), AF_UNIX);
    check_int(sock_dispatcher_state(d), SOCK_DISPATCHER_CONNECTED);
    sock_dispatcher_free(d);
    end(&n);
}

/* BaseTestAPI.test_bind */
TEST(async, bind)
{
    struct notes n = begin();
    sock_addr_t address;
    sock_dispatcher_t *d[2];
    for (int i = 0; i < 2; i++)
        d[i] = check_made(sock_dispatcher_new(&silent, n.loop, NULL, &n));
    listen_on(d[0], &address);
    check_ok(sock_dispatcher_create_socket(d[1], AF_INET, SOCK_STREAM));
    check_fails(sock_dispatcher_bind(d[1], address), SOCK_E_OS, EADDRINUSE,
                about("bind", &address, "[Errno 98] Address already in use"));
    sock_dispatcher_free(d[0]);
    sock_dispatcher_free(d[1]);
    end(&n);
}

/* BaseTestAPI.test_set_reuse_addr */
TEST(async, set_reuse_addr)
{
    struct notes n = begin();
    int on = 0;
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&silent, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_getsockopt_int(sock_dispatcher_sock(d), SOL_SOCKET,
                                 SO_REUSEADDR, &on));
    check_int(on, 0);
    check_ok(sock_dispatcher_set_reuse_addr(d));
    check_ok(sock_getsockopt_int(sock_dispatcher_sock(d), SOL_SOCKET,
                                 SO_REUSEADDR, &on));
    check_int(on, 1);
    sock_dispatcher_free(d);
    end(&n);
}

/* BaseTestAPI.test_quick_connect (bpo-10340, 12498): the server resets at once.
 */
TEST(async, quick_connect)
{
    struct notes n = begin();
    sock_addr_t address;
    sock_t *l = listener(&address);
    for (int i = 0; i < 20; i++) {
        n.text[0] = '\0';
        sock_dispatcher_t *d =
            check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
        check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
        check_ok(sock_dispatcher_connect(d, address));
        reset(check_made(sock_accept(l, NULL)));
        while (strstr(n.text, "close") == NULL)
            check(sock_loop_run_once(n.loop, 5) > 0);
        check_str(strstr(n.text, "close"), "close");
        sock_dispatcher_free(d);
    }
    sock_free(l);
    end(&n);
}

/* Connecting */

TEST(async, connect_refused)
{
    struct notes n = begin();
    sock_addr_t address;
    sock_t *held = unused_port(&address);
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    if (sock_dispatcher_connect(d, address) == 0) {
        char text[SOCK_ERROR_TEXT_MAX];
        await(&n, "error close");
        check(sock_error_text(&n.error, text, sizeof text) > 0);
        check_str(text,
                  about("connect", &address, "[Errno 111] Connection refused"));
    }
    settle(&n);
    check_int(sock_loop_run(n.loop, 5), 0);
    sock_dispatcher_free(d);
    n.text[0] = '\0';
    d = check_made(sock_dispatcher_new(&choosing, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    if (sock_dispatcher_connect(d, address) == 0)
        await(&n, "close"); /* no one is told why */
    sock_dispatcher_free(d);
    sock_free(held);
    end(&n);
}

TEST(async, connect_timeout)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_connect = on_connect,
                                              .handle_close = on_close,
                                              .handle_error = on_error,
                                              .connect_timeout = 0.05};
    struct notes n = begin();
    struct silent peer = silent_peer();
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&c, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    double before = now();
    check_ok(sock_dispatcher_connect(d, peer.address));
    await(&n, "error close");
    check(now() - before >= 0.05);
    check_int(n.error.kind, SOCK_E_TIMEOUT);
    check_str(n.error.operation, "connect");
    sock_dispatcher_free(d);
    free_silent(&peer);
    end(&n);
}

static void close_by_timer(sock_loop_t *loop, void *arg)
{
    (void)loop;
    check_ok(sock_dispatcher_close(arg));
}

/* Whom it waited for is not told, as by Python. */
TEST(async, closed_while_it_connects)
{
    struct notes n = begin();
    struct silent peer = silent_peer();
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_connect(d, peer.address));
    check(sock_loop_call_later(n.loop, 0.001, close_by_timer, d).generation);
    check_int(sock_loop_run(n.loop, 5), 0);
    check_str(n.text, "");
    check_int(sock_dispatcher_state(d), SOCK_DISPATCHER_CLOSED);
    sock_dispatcher_free(d);
    free_silent(&peer);
    end(&n);
}

static void refused_by(struct notes *n, sock_addr_t to)
{
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&noting, n->loop, NULL, n));
    int family = sock_addr_family(&to);
    n->text[0] = '\0';
    check_ok(sock_dispatcher_create_socket(d, family, SOCK_STREAM));
    if (sock_dispatcher_connect(d, to) == 0) {
        await(n, "error close");
        check_int(n->error.code, ECONNREFUSED);
    } else {
        check_int(errno, ECONNREFUSED);
    }
    sock_dispatcher_free(d);
}

/* A word there and back, and refused when no one listens any more. */
static void talk_at(sock_addr_t where)
{
    struct notes n = begin();
    sock_addr_t to;
    int family = sock_addr_family(&where);
    n.child_class = &noting;
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(server, family, SOCK_STREAM));
    check_ok(sock_dispatcher_bind(server, where));
    check_ok(sock_dispatcher_listen(server, 5));
    check_ok(sock_getsockname(sock_dispatcher_sock(server), &to));
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_with_send_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, family, SOCK_STREAM));
    check_ok(sock_dispatcher_connect(d, to));
    check_int(sock_dispatcher_send(d, "ping", 4), 4);
    while (n.size < 4)
        check(sock_loop_run_once(n.loop, 5) > 0);
    check_int(sock_dispatcher_send(n.child, "pong", 4), 4);
    while (n.size < 8)
        check(sock_loop_run_once(n.loop, 5) > 0);
    check_bytes(n.data, "pingpong", 8);
    sock_dispatcher_free(d);
    sock_dispatcher_free(n.child);
    sock_dispatcher_free(server);
    refused_by(&n, to);
    end(&n);
}

TEST(async, each_family)
{
    talk_at(sock_addr_inet("127.0.0.1", 0));
    talk_at(sock_addr_unix_abstract("pysockc families", 16));
    if (!sock_has_dualstack_ipv6())
        skip("there is no IPv6 here");
    talk_at(sock_addr_inet6("::1", 0));
}

/* The time of a connect is not that of the connection. */
TEST(async, connect_in_time)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_read = on_read,
                                              .handle_connect = on_connect,
                                              .handle_close = on_close,
                                              .handle_error = on_error,
                                              .connect_timeout = 0.5};
    struct notes n = begin();
    sock_addr_t address;
    sock_t *l = listener(&address);
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&c, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_connect(d, address));
    await(&n, "connect");
    check_int(sock_loop_run(n.loop, 0.6), 1);
    check_str(n.text, "connect");
    sock_dispatcher_free(d);
    sock_free(l);
    end(&n);
}

/* Local sockets connect at once, and say so inside the call; or they don't at
 * all. */
TEST(async, connect_at_once)
{
    struct notes n = begin();
    sock_addr_t here = sock_addr_unix_abstract("pysockc async", 13);
    sock_t *l = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));
    check_ok(sock_bind(l, here));
    check_ok(sock_listen(l, 0));
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_UNIX, SOCK_STREAM));
    check_ok(sock_dispatcher_connect(d, here));
    check_str(n.text, "connect");
    check_int(sock_dispatcher_state(d), SOCK_DISPATCHER_CONNECTED);
    sock_t *peer = check_made(sock_accept(l, NULL));
    check_ok(sock_dispatcher_connect(d, here)); /* EISCONN, as in Python */

    sock_dispatcher_t *full =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(full, AF_UNIX, SOCK_STREAM));
    int result = sock_dispatcher_connect(full, here);
    if (result == 0) { /* the queue is of one more than asked for */
        check_ok(sock_dispatcher_create_socket(full, AF_UNIX, SOCK_STREAM));
        result = sock_dispatcher_connect(full, here);
    }
    check_int(result, -1);
    check_int(errno, EAGAIN);
    check_int(sock_dispatcher_state(full), SOCK_DISPATCHER_IDLE);
    sock_dispatcher_free(full);
    sock_free(peer);
    sock_dispatcher_free(d);
    sock_free(l);
    end(&n);
}

TEST(async, connect_that_cannot_be)
{
    struct notes n = begin();
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_fails(sock_dispatcher_connect(d, sock_addr_inet("127.0.0.1", 70000)),
                SOCK_E_OVERFLOW, 70000,
                "connect ('127.0.0.1', 70000): port must be 0-65535.");
    check_fails(sock_dispatcher_connect(d, sock_addr_none()), SOCK_E_TYPE, 0,
                "connect: no address");
    check_int(sock_dispatcher_state(d), SOCK_DISPATCHER_IDLE);
    sock_dispatcher_free(d);
    end(&n);
}

static void connect_again(sock_dispatcher_t *d, struct notes *n)
{
    sock_addr_t address;
    memcpy(&address, n->data, sizeof address);
    if (strcmp(n->text, "error close") != 0)
        return;
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_connect(d, address));
}

/* With another socket, in handle_close. */
TEST(async, reconnect)
{
    struct notes n = begin();
    sock_addr_t none, address;
    sock_t *held = unused_port(&none), *l = listener(&address);
    memcpy(n.data, &address, sizeof address);
    n.act = connect_again;
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_connect(d, none));
    await(&n, "error close connect");
    reset(check_made(sock_accept(l, NULL)));
    await(&n, "error close connect end close");
    sock_dispatcher_free(d);
    sock_free(held);
    sock_free(l);
    end(&n);
}

/* Accepting */

/* It pauses for 100 ms, where Python's spins. */
TEST(async, descriptors_run_out)
{
    if (under_valgrind())
        skip("valgrind accepts, closes, and says EMFILE by itself");
    struct notes n = begin();
    sock_addr_t address;
    struct rlimit before, few;
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    listen_on(server, &address);
    sock_t *s = connected_to(&address);
    check_int(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 0;
    check_int(setrlimit(RLIMIT_NOFILE, &few), 0);
    double begun = now();
    check_int(sock_loop_run(n.loop, 0.25), 1);
    check(now() - begun >= 0.25);
    check_int(setrlimit(RLIMIT_NOFILE, &before), 0);
    check(n.errors >= 1 && n.errors <= 3);
    check_int(n.error.code, EMFILE);
    check_int(sock_dispatcher_state(server), SOCK_DISPATCHER_ACCEPTING);
    while (n.accepts == 0)
        check(sock_loop_run_once(n.loop, 5) > 0);
    sock_free(n.accepted[0]);
    sock_free(s);
    sock_dispatcher_free(server);
    end(&n);
}

static int accept_fails(sock_dispatcher_t *d)
{
    sock_t *s = sock_dispatcher_accept(d, NULL);
    if (s == NULL)
        return -1;
    sock_free(s);
    note(notes_of(d), "accept");
    return 0;
}

/* With a handle_accept of the program's own, too. */
TEST(async, descriptors_run_out_in_handle_accept)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_accept = accept_fails,
                                              .handle_error = on_error};
    if (under_valgrind())
        skip("valgrind accepts, closes, and says EMFILE by itself");
    struct notes n = begin();
    sock_addr_t address;
    struct rlimit before, few;
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&c, n.loop, NULL, &n));
    listen_on(server, &address);
    sock_t *s = connected_to(&address);
    check_int(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 0;
    check_int(setrlimit(RLIMIT_NOFILE, &few), 0);
    check_int(sock_loop_run(n.loop, 0.25), 1);
    check_int(setrlimit(RLIMIT_NOFILE, &before), 0);
    check(n.errors >= 1 && n.errors <= 3);
    while (strstr(n.text, "accept") == NULL)
        check(sock_loop_run_once(n.loop, 5) > 0);
    sock_free(s);
    sock_dispatcher_free(server);
    end(&n);
}

/* A listener that was shut down accepts no more. */
TEST(async, listener_that_fails)
{
    struct notes n = begin();
    sock_addr_t address;
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    listen_on(server, &address);
    check_ok(sock_shutdown(sock_dispatcher_sock(server), SHUT_RDWR));
    await(&n, "error close");
    check_int(n.error.code, EINVAL);
    settle(&n);
    check_str(n.text, "error close");
    sock_dispatcher_free(server);
    end(&n);
}

/* Freeing and closing in the functions themselves */

static void free_it(sock_dispatcher_t *d, struct notes *n)
{
    char byte = 0;
    (void)n;
    sock_dispatcher_free(d);
    sock_dispatcher_free(d);
    check_int(sock_dispatcher_send(d, &byte, 1), -1);
    check_int(errno, EBADF);
    check_int(sock_dispatcher_close(d), -1);
}

TEST(async, free_in_its_own_functions)
{
    struct both x;
    make(&x, &noting); /* in handle_read */
    x.n.act = free_it;
    check_ok(sock_sendall(x.peer, "x", 1, 0));
    await(&x.n, "read");
    check_int(x.n.frees, 1);
    check_int(sock_loop_run(x.n.loop, 5), 0);
    check_str(x.n.text, "read");
    sock_free(x.peer);
    end(&x.n);

    make(&x, &noting); /* in handle_read, which handle_close would follow */
    x.n.act = free_it;
    sock_free(x.peer);
    await(&x.n, "end");
    check_int(x.n.frees, 1);
    end(&x.n);

    make(&x, &choosing); /* in handle_write */
    x.n.act = free_it;
    x.n.wants_write = 1;
    check_ok(sock_dispatcher_update(x.d));
    await(&x.n, "write");
    sock_free(x.peer);
    end(&x.n);
}

static int close_frees(sock_dispatcher_t *d)
{
    note(notes_of(d), "close");
    sock_dispatcher_free(d);
    return 0;
}

static int free_both(sock_dispatcher_t *d)
{
    struct notes *n = notes_of(d);
    note(n, "both");
    if (n->child != NULL)
        sock_dispatcher_free(n->child);
    n->child = NULL;
    sock_dispatcher_free(d);
    return 0;
}

/* One whose event was found, but not delivered yet. */
TEST(async, free_another)
{
    static const sock_dispatcher_class_t c = {
        .size = sizeof c, .handle_read = free_both, .handle_free = on_free};
    struct notes n = begin();
    struct pair p[2] = {tcp_pair(), tcp_pair()};
    for (int i = 0; i < 2; i++) {
        n.child = check_made(sock_dispatcher_new(&c, n.loop, p[i].a, &n));
        check_ok(sock_sendall(p[i].b, "x", 1, 0));
    }
    n.child = NULL;
    /* Each frees the other, whichever is first. */
    struct pair q = tcp_pair();
    n.child = check_made(sock_dispatcher_new(&c, n.loop, q.a, &n));
    check_ok(sock_sendall(q.b, "x", 1, 0));
    check_int(sock_loop_run(n.loop, 5), 0);
    check_int(n.frees, 3);
    sock_free(p[0].b);
    sock_free(p[1].b);
    sock_free(q.b);
    end(&n);
}

TEST(async, free_in_handle_close)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_read = on_read,
                                              .handle_close = close_frees,
                                              .handle_free = on_free};
    struct both x;
    make(&x, &c);
    sock_free(x.peer);
    await(&x.n, "end close");
    check_int(x.n.frees, 1);
    end(&x.n);
}

static int frees_again(sock_dispatcher_t *d)
{
    struct notes *n = notes_of(d);
    if (n->child == NULL)
        return 0;
    sock_dispatcher_free(n->child);
    sock_dispatcher_free(n->child); /* its memory goes with the round */
    check_fails(sock_dispatcher_update(n->child), SOCK_E_OS, EBADF,
                "update: [Errno 9] Bad file descriptor");
    n->child = NULL;
    return act(d, "freed");
}

TEST(async, free_another_twice)
{
    static const sock_dispatcher_class_t c = {
        .size = sizeof c, .handle_read = frees_again, .handle_free = on_free};
    struct both x;
    make(&x, &c);
    x.n.child = check_made(sock_dispatcher_new(&c, x.n.loop, NULL, &x.n));
    check_ok(sock_sendall(x.peer, "x", 1, 0));
    await(&x.n, "freed");
    check_int(x.n.frees, 1);
    unmake(&x);
}

/* Nothing more is called of one that was freed, whatever else has come. */
TEST(async, free_before_other_events)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .writable = writable,
                                              .handle_read = on_read,
                                              .handle_write = on_write,
                                              .handle_expt = on_expt,
                                              .handle_close = on_close};
    struct both x;
    make(&x, &c);
    x.n.act = free_it;
    x.n.wants_write = 1;
    check_ok(sock_sendall(x.peer, "x", 1, 0));
    check_int(sock_send(x.peer, "!", 1, MSG_OOB), 1);
    while (!(sock_wait(sock_dispatcher_sock(x.d), SOCK_EVENT_READ, 5) > 0)) {
    }
    check_ok(sock_dispatcher_update(x.d));
    await(&x.n, "read");
    settle(&x.n);
    check_str(x.n.text, "read");
    sock_free(x.peer);
    end(&x.n);
}

TEST(async, free_in_handle_connect)
{
    struct notes n = begin();
    sock_addr_t address;
    sock_t *l = listener(&address);
    n.act = free_it;
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&writing, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_connect(d, address));
    await(&n, "connect");
    settle(&n);
    check_str(n.text, "connect");
    sock_free(l);
    end(&n);
}

static void close_it(sock_dispatcher_t *d, struct notes *n)
{
    (void)n;
    check_ok(sock_dispatcher_close(d));
}

/* Who closes it when it finds the end needs no handle_close. */
TEST(async, close_at_the_end)
{
    struct both x;
    make(&x, &noting);
    x.n.act = close_it;
    sock_free(x.peer);
    x.peer = NULL;
    await(&x.n, "end");
    settle(&x.n);
    check_str(x.n.text, "end");
    check_int(sock_dispatcher_state(x.d), SOCK_DISPATCHER_CLOSED);
    unmake(&x);
}

static int accepts_one(sock_dispatcher_t *d, sock_t *s,
                       const sock_addr_t *address)
{
    (void)address;
    sock_free(s);
    note(notes_of(d), "accepted");
    return sock_dispatcher_close(d);
}

TEST(async, close_in_handle_accepted)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_accepted = accepts_one};
    struct notes n = begin();
    sock_addr_t address;
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&c, n.loop, NULL, &n));
    listen_on(server, &address);
    sock_t *s = connected_to(&address), *t = connected_to(&address);
    await(&n, "accepted");
    check_int(sock_loop_run(n.loop, 5), 0);
    check_str(n.text, "accepted");
    sock_free(s);
    sock_free(t);
    sock_dispatcher_free(server);
    end(&n);
}

static int accepts_and_frees_the_loop(sock_dispatcher_t *d, sock_t *s,
                                      const sock_addr_t *address)
{
    struct notes *n = notes_of(d);
    (void)address;
    sock_free(s);
    note(n, "accepted");
    sock_loop_free(n->loop);
    return 0;
}

/* The second connection that waits is not taken any more. */
TEST(async, loop_freed_in_handle_accepted)
{
    static const sock_dispatcher_class_t c = {
        .size = sizeof c, .handle_accepted = accepts_and_frees_the_loop};
    struct notes n = begin();
    sock_addr_t address;
    sock_dispatcher_t *server =
        check_made(sock_dispatcher_new(&c, n.loop, NULL, &n));
    listen_on(server, &address);
    sock_t *s = connected_to(&address), *t = connected_to(&address);
    check_int(sock_loop_run(n.loop, 5), 0);
    check_str(n.text, "accepted");
    check(sock_dispatcher_loop(server) == NULL);
    sock_free(s);
    sock_free(t);
    sock_dispatcher_free(server);
}

/* After the end: what waits is sent, and nothing else is called. */
TEST(async, sends_after_the_end)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_read = on_read,
                                              .handle_write = on_write,
                                              .handle_expt = on_expt,
                                              .handle_close = on_close};
    enum { SIZE = 1 << 20 };
    struct notes n = begin();
    struct pair p = unix_pair(SOCK_STREAM);
    char *data = calloc(1, SIZE);
    check(data != NULL);
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_with_send_new(&c, n.loop, p.a, &n));
    check_int(sock_dispatcher_send(d, data, SIZE), SIZE);
    check_ok(sock_shutdown(p.b, SHUT_WR));
    await(&n, "end close");
    check_ok(sock_setblocking(p.b, 0));
    for (size_t got = 0; got < SIZE;) {
        check_ok(sock_loop_run_once(n.loop, 0));
        ssize_t m = sock_recv(p.b, data, SIZE, 0);
        got += m > 0 ? (size_t)m : 0;
    }
    check_str(n.text, "end close");
    check_int(sock_loop_run(n.loop, 5), 0);
    sock_dispatcher_free(d);
    sock_free(p.b);
    free(data);
    end(&n);
}

TEST(async, packets_in_sequence)
{
    struct notes n = begin();
    struct pair p = unix_pair(SOCK_SEQPACKET);
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&noting, n.loop, p.a, &n));
    check_int(sock_dispatcher_state(d), SOCK_DISPATCHER_CONNECTED);
    check_int(sock_send(p.b, "abc", 3, 0), 3);
    await(&n, "read");
    sock_free(p.b);
    await(&n, "read end close");
    sock_dispatcher_free(d);
    end(&n);
}

/* Outside of the loop, too: a send finds the end. */
TEST(async, end_found_outside_of_the_loop)
{
    static const sock_dispatcher_class_t c = {
        .size = sizeof c, .handle_close = on_close, .handle_free = on_free};
    struct both x;
    make(&x, &c);
    check_ok(sock_shutdown(sock_dispatcher_sock(x.d), SHUT_WR));
    errno = 4711;
    check_int(sock_dispatcher_send(x.d, "x", 1), 0);
    check_int(errno, 4711);
    check_str(x.n.text, "close");
    unmake(&x);
}

/* Times */

TEST(async, idle_timeout)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_read = on_read,
                                              .handle_close = on_close,
                                              .handle_error = on_error,
                                              .idle_timeout = 1};
    struct both x;
    double begun = now();
    make(&x, &c);
    check_int(sock_loop_run(x.n.loop, 0.5), 1);
    check_ok(sock_sendall(x.peer, "x", 1, 0));
    await(&x.n, "read");
    double moved = now();
    await(&x.n, "read error close");
    check(now() - begun >= 1.5 && now() - moved >= 0.5);
    check_int(x.n.error.kind, SOCK_E_TIMEOUT);
    check_str(x.n.error.operation, "idle_timeout");
    unmake(&x);
}

TEST(async, set_timeout)
{
    struct both x;
    make(&x, &noting);
    check_fails(sock_dispatcher_set_timeout(NULL, 1), SOCK_E_TYPE, 0,
                "set_timeout: argument is NULL");
    check_fails(sock_dispatcher_set_socket(NULL, x.peer), SOCK_E_TYPE, 0,
                "set_socket: argument is NULL");
    check_null(sock_dispatcher_accept(x.d, NULL), SOCK_E_OS, EINVAL,
               "accept <peer>: [Errno 22] Invalid argument");
    check_int(sock_dispatcher_recv(x.d, x.n.data, 0), 0);
    check_fails(sock_dispatcher_set_timeout(x.d, 0), SOCK_E_VALUE, 0,
                "set_timeout: Timeout value out of range");
    check_fails(sock_dispatcher_set_timeout(x.d, -1), SOCK_E_VALUE, 0,
                "set_timeout: Timeout value out of range");
    check_ok(sock_dispatcher_set_timeout(x.d, SOCK_NO_TIMEOUT));
    check_ok(sock_dispatcher_set_timeout(x.d, 1000));
    double begun = now();
    check_ok(sock_dispatcher_set_timeout(x.d, 0.03));
    await(&x.n, "error close");
    check(now() - begun >= 0.03);
    check_int(x.n.error.kind, SOCK_E_TIMEOUT);
    unmake(&x);
    /* And none at all keeps no loop running. */
    make(&x, &choosing);
    check_ok(sock_dispatcher_set_timeout(x.d, 1000));
    check_ok(sock_dispatcher_set_timeout(x.d, SOCK_NO_TIMEOUT));
    check_int(sock_loop_run(x.n.loop, 5), 0);
    /* Set before there is a connection; and no one to be told. */
    check_ok(sock_dispatcher_close(x.d));
    check_ok(sock_dispatcher_set_timeout(x.d, 0.02));
    sock_free(x.peer);
    struct pair p = tcp_pair();
    x.peer = p.b;
    check_ok(sock_dispatcher_set_socket(x.d, p.a));
    await(&x.n, "close");
    unmake(&x);
}

/* Datagrams */

static int on_datagram(sock_dispatcher_t *d)
{
    struct notes *n = notes_of(d);
    ssize_t got = sock_dispatcher_recv(d, n->data, sizeof n->data);
    char word[32];
    snprintf(word, sizeof word, "%zd", got);
    note(n, word);
    return 0;
}

/* An empty one is no end; nor is an error that concerns one. */
TEST(async, datagrams)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_read = on_datagram,
                                              .handle_close = on_close,
                                              .handle_error = on_error};
    struct notes n = begin();
    struct pair p = udp_pair();
    sock_dispatcher_t *d = check_made(sock_dispatcher_new(&c, n.loop, p.a, &n));
    check_int(sock_dispatcher_state(d), SOCK_DISPATCHER_CONNECTED);
    check_int(sock_send(p.b, "abc", 3, 0), 3);
    await(&n, "3");
    check_int(sock_send(p.b, "", 0, 0), 0);
    await(&n, "3 0");
    check_int(sock_dispatcher_send(d, "xy", 2), 2);
    char back[8];
    check_int(sock_recv(p.b, back, sizeof back, 0), 2);
    sock_free(p.b);
    check_int(sock_dispatcher_send(d, "xy", 2), 2); /* no one is there */
    await(&n, "3 0 -1");
    settle(&n);
    check_str(n.text, "3 0 -1");
    sock_dispatcher_free(d);
    end(&n);
}

/* That no one was there ends nothing, read it who may. */
TEST(async, a_refused_datagram_that_no_one_reads)
{
    static const sock_dispatcher_class_t c = {
        .size = sizeof c, .handle_close = on_close, .handle_error = on_error};
    struct notes n = begin();
    struct pair p = udp_pair();
    sock_dispatcher_t *d = check_made(sock_dispatcher_new(&c, n.loop, p.a, &n));
    sock_free(p.b);
    for (int i = 0; i < 3; i++) {
        n.text[0] = '\0';
        check_int(sock_dispatcher_send(d, "x", 1), 1);
        await(&n, "error");
        check_int(n.error.code, ECONNREFUSED);
        settle(&n);
        check_str(n.text, "error");
    }
    check_int(sock_dispatcher_state(d), SOCK_DISPATCHER_CONNECTED);
    sock_dispatcher_free(d);
    end(&n);
}

/* dispatcher_with_send */

/* DispatcherWithSendTests.test_send */
TEST(async, with_send)
{
    struct notes n = begin();
    sock_addr_t address;
    sock_t *l = listener(&address);
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_with_send_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_connect(d, address));
    check_int(sock_dispatcher_send(d, "Suppose there isn't ", 20), 20);
    check_int(sock_dispatcher_send(d, "a 16-ton weight?", 16), 16);
    check_int(sock_dispatcher_bytes_waiting(d), 36);
    while (sock_dispatcher_bytes_waiting(d) > 0)
        check(sock_loop_run_once(n.loop, 5) > 0);
    check_str(n.text, "connect");
    sock_t *peer = check_made(sock_accept(l, NULL));
    char text[36];
    check_int(sock_recv_all(peer, text, 36), 36);
    check_bytes(text, "Suppose there isn't a 16-ton weight?", 36);
    check_int(sock_dispatcher_send(d, "!", 1), 1); /* at once */
    check_int(sock_dispatcher_bytes_waiting(d), 0);
    check_int(sock_recv(peer, text, 36, 0), 1);
    sock_free(peer);
    sock_free(l);
    sock_dispatcher_free(d);
    end(&n);
}

static const sock_dispatcher_class_t small_queue = {.size = sizeof silent,
                                                    .max_queue = 1000};

TEST(async, with_send_has_a_limit)
{
    struct notes n = begin();
    sock_dispatcher_t *d = check_made(
        sock_dispatcher_with_send_new(&small_queue, n.loop, NULL, &n));
    char data[1001] = "";
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_fails(sock_dispatcher_send(d, data, 1001), SOCK_E_OS, ENOBUFS,
                "send: [Errno 105] No buffer space available");
    check_int(sock_dispatcher_send(d, data, 600), 600);
    check_fails(sock_dispatcher_send(d, data, 401), SOCK_E_OS, ENOBUFS,
                "send: [Errno 105] No buffer space available");
    check_int(sock_dispatcher_send(d, data, 400), 400);
    check_int(sock_dispatcher_bytes_waiting(d), 1000);
    check_fails(sock_dispatcher_send(d, NULL, 1), SOCK_E_TYPE, 0,
                "send: buffer is NULL");
    check_int(sock_dispatcher_send(d, NULL, 0), 0);
    check_fails(sock_dispatcher_send(d, data, SIZE_MAX), SOCK_E_VALUE, 0,
                "send: size is too large");
    check_ok(sock_dispatcher_close(d));
    check_int(sock_dispatcher_bytes_waiting(d), 0);
    sock_dispatcher_free(d);
    end(&n);
}

/* Files */

/* FileWrapperTest.test_recv, test_send, test_dispatcher, test_close_twice */
TEST(async, file_dispatcher)
{
    struct notes n = begin();
    int in[2], out[2];
    char text[8];
    check_int(pipe2(in, O_CLOEXEC), 0);
    check_int(pipe2(out, O_CLOEXEC), 0);
    sock_dispatcher_t *r =
        check_made(sock_file_dispatcher_new(&noting, n.loop, in[0], &n));
    sock_dispatcher_t *w =
        check_made(sock_file_dispatcher_new(&writing, n.loop, out[1], &n));
    close(in[0]); /* it has a duplicate */
    close(out[1]);
    check(sock_dispatcher_sock(r) == NULL);
    check_int(write(in[1], "hello", 5), 5);
    await(&n, "read");
    check_bytes(n.data, "hello", 5);
    check_int(sock_dispatcher_send(w, "world", 5), 5);
    check_int(read(out[0], text, 8), 5);
    check_fails(sock_dispatcher_recv(r, text, 8), SOCK_E_OS, EAGAIN,
                "read: [Errno 11] Resource temporarily unavailable");
    close(in[1]);
    await(&n, "read end close");
    settle(&n);
    check_str(n.text, "read end close");
    close(out[0]); /* found by the send, without a SIGPIPE */
    check_int(sock_dispatcher_send(w, "x", 1), 0);
    check_str(n.text, "read end close close");
    check_ok(sock_dispatcher_close(r));
    check_ok(sock_dispatcher_close(r));
    sock_dispatcher_free(r);
    sock_dispatcher_free(w);
    end(&n);
}

TEST(async, file_dispatcher_that_is_full)
{
    struct notes n = begin();
    int out[2];
    char data[4096] = "";
    ssize_t sent, all = 0;
    check_int(pipe2(out, O_CLOEXEC), 0);
    sock_dispatcher_t *w =
        check_made(sock_file_dispatcher_new(&choosing, n.loop, out[1], &n));
    while ((sent = sock_dispatcher_send(w, data, sizeof data)) > 0)
        all += sent;
    check_int(sent, 0);
    check(all > 0);
    n.wants_write = 1;
    check_ok(sock_dispatcher_update(w));
    n.wants_read = 1;
    check_ok(sock_dispatcher_update(w));
    n.wants_read = 0;
    check_ok(sock_dispatcher_update(w));
    settle(&n);
    check_str(n.text, "");
    check(read(out[0], data, sizeof data) > 0);
    n.act = write_once;
    await(&n, "write");
    close(out[0]);
    close(out[1]);
    n.wants_write = 1; /* no one can read it any more */
    n.act = NULL;
    check_ok(sock_dispatcher_update(w));
    while (strstr(n.text, "close") == NULL)
        check(sock_loop_run_once(n.loop, 5) > 0);
    sock_dispatcher_free(w);
    end(&n);
}

TEST(async, refused_files)
{
    struct notes n = begin();
    int fd = open("/etc/hosts", O_RDONLY | O_CLOEXEC);
    check(fd >= 0);
    check_null(sock_file_dispatcher_new(&silent, n.loop, fd, NULL), SOCK_E_OS,
               EPERM, "register: [Errno 1] Operation not permitted");
    check_null(sock_file_dispatcher_new(&silent, n.loop, -1, NULL),
               SOCK_E_VALUE, 0, "file_dispatcher: negative file descriptor");
    check_null(sock_file_dispatcher_new(&silent, n.loop, 100000, NULL),
               SOCK_E_OS, EBADF,
               "file_dispatcher: [Errno 9] Bad file descriptor");
    check_null(sock_file_dispatcher_new(NULL, n.loop, fd, NULL), SOCK_E_TYPE, 0,
               "dispatcher: argument is NULL");
    close(fd);
    int ends[2];
    check_int(pipe2(ends, O_CLOEXEC), 0);
    sock_dispatcher_t *d =
        check_made(sock_file_dispatcher_new(&silent, n.loop, ends[0], NULL));
    sock_dispatcher_t *w =
        check_made(sock_file_dispatcher_new(&silent, n.loop, ends[1], NULL));
    sock_addr_t none = sock_addr_none();
    check_fails(sock_dispatcher_bind(d, none), SOCK_E_OS, ENOTSOCK,
                "bind: [Errno 88] Socket operation on non-socket");
    check_fails(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM),
                SOCK_E_OS, EOPNOTSUPP,
                "create_socket: [Errno 95] Operation not supported");
    struct pair p = tcp_pair();
    check_fails(sock_dispatcher_set_socket(d, p.a), SOCK_E_OS, EOPNOTSUPP,
                "set_socket: [Errno 95] Operation not supported");
    check_fails(sock_dispatcher_recv(d, NULL, 1), SOCK_E_TYPE, 0,
                "read: buffer is NULL");
    check_fails(sock_dispatcher_send(d, NULL, 1), SOCK_E_TYPE, 0,
                "write: buffer is NULL");
    check_int(sock_dispatcher_recv(d, NULL, 0), 0);
    check_int(sock_dispatcher_send(w, NULL, 0), 0);
    check_fails(sock_dispatcher_connect_to_host(d, "127.0.0.1", 1), SOCK_E_OS,
                ENOTSOCK, "connect: [Errno 88] Socket operation on non-socket");
    check_int(sock_dispatcher_send(d, "x", 1), 0); /* EBADF: the wrong end */
    check_int(sock_dispatcher_state(d), SOCK_DISPATCHER_CLOSED);
    free_pair(&p);
    sock_dispatcher_free(d);
    sock_dispatcher_free(w);
    close(ends[0]);
    close(ends[1]);
    end(&n);
}

/* After fork(2) */

TEST(async, child)
{
    struct both x;
    make(&x, &noting);
    pid_t pid = fork();
    if (pid == 0) {
        bool refused =
            sock_dispatcher_update(x.d) == -1 && errno == EINVAL &&
            sock_dispatcher_create_socket(x.d, AF_INET, SOCK_STREAM) == -1 &&
            sock_dispatcher_listen(x.d, 1) == -1 && errno == EINVAL &&
            sock_dispatcher_connect(x.d, sock_addr_none()) == -1 &&
            errno == EINVAL && sock_close_all(x.n.loop) == -1 &&
            sock_dispatcher_new(&silent, x.n.loop, NULL, NULL) == NULL;
        sock_dispatcher_free(x.d);
        sock_loop_free(x.n.loop);
        _exit(refused && x.n.frees == 1 ? 0 : 1);
    }
    int status;
    check_int(waitpid(pid, &status, 0), pid);
    check_int(status, 0);
    check_ok(sock_sendall(x.peer, "x", 1, 0));
    await(&x.n, "read"); /* nothing has changed here */
    unmake(&x);
}

/* By name */

static void by_name(struct notes *n, const sock_dispatcher_class_t *c,
                    const char *host, int port, const char *text)
{
    sock_dispatcher_t *d = check_made(sock_dispatcher_new(c, n->loop, NULL, n));
    n->text[0] = '\0';
    check_ok(sock_dispatcher_connect_to_host(d, host, port));
    check_int(sock_dispatcher_state(d), SOCK_DISPATCHER_CONNECTING);
    check(sock_dispatcher_sock(d) == NULL);
    check_fails(sock_dispatcher_send(d, "x", 1), SOCK_E_OS, ENOTCONN,
                "send: [Errno 107] Transport endpoint is not connected");
    check_fails(sock_dispatcher_bind(d, sock_addr_none()), SOCK_E_OS, ENOTCONN,
                "bind: [Errno 107] Transport endpoint is not connected");
    await(n, text);
    settle(n);
    check_str(n->text, text);
    sock_dispatcher_free(d);
}

TEST(async, connect_to_host)
{
    struct notes n = begin();
    sock_addr_t address, none;
    sock_t *l = listener(&address), *held = unused_port(&none);
    char text[SOCK_ERROR_TEXT_MAX], expected[256];
    by_name(&n, &noting, "127.0.0.1", sock_addr_port(&address), "connect");
    by_name(&n, &noting, "127.0.0.1", sock_addr_port(&none), "error close");
    sock_error_text(&n.error, text, sizeof text);
    snprintf(expected, sizeof expected,
             "connect ('127.0.0.1', %d): [Errno 111] Connection "
             "refused",
             sock_addr_port(&none));
    check_str(text, expected);
    by_name(&n, &noting, "no.such.host.invalid", 80, "error close");
    check_int(n.error.kind, SOCK_E_GAI);
    sock_free(l);
    sock_free(held);
    end(&n);
}

static void finds(sock_addr_t a, sock_addr_t b, sock_addr_t c)
{
    found.addresses[0] = a;
    found.addresses[1] = b;
    found.addresses[2] = c;
    found.count = 3;
}

static void several(struct notes *n, const char *text)
{
    by_name(n, &noting, "several.example", 1, text);
    found.count = 0;
}

/* A failure begins the next attempt at once; the families take turns. */
TEST(async, connect_to_host_of_several_addresses)
{
    struct notes n = begin();
    sock_addr_t address, none;
    sock_t *l = listener(&address), *held = unused_port(&none);
    sock_addr_t none6 = sock_addr_inet6("::1", sock_addr_port(&none));
    char text[SOCK_ERROR_TEXT_MAX];
    double begun = now();
    finds(none, none, address);
    several(&n, "connect");
    finds(none, none6, address);
    several(&n, "connect");
    finds(none6, none, address);
    several(&n, "connect");
    check(now() - begun < 5);
    finds(none, none, none);
    several(&n, "error close");
    sock_error_text(&n.error, text, sizeof text);
    check(strstr(text, "for several.example: [Errno 111] Connection refused") !=
              NULL ||
          strstr(text, "several.example") != NULL);
    sock_free(l);
    sock_free(held);
    end(&n);
}

/* One that swallows packets costs a quarter of a second. */
TEST(async, connect_to_host_whose_first_address_is_silent)
{
    struct notes n = begin();
    struct silent peer = silent_peer();
    sock_addr_t address;
    sock_t *l = listener(&address);
    double begun = now();
    finds(peer.address, address, peer.address);
    several(&n, "connect");
    check(now() - begun >= 0.25 && now() - begun < 5);
    /* It ends in the midst of it. */
    finds(peer.address, peer.address, peer.address);
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_connect_to_host(d, "several.example", 1));
    check_int(sock_loop_run(n.loop, 0.3), 1);
    sock_dispatcher_free(d);
    check_int(sock_loop_run(n.loop, 5), 0);
    d = check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_connect_to_host(d, "several.example", 1));
    check_int(sock_loop_run(n.loop, 0.3), 1);
    check_int(sock_close_all(n.loop), 1);
    check_ok(sock_dispatcher_create_socket(d, AF_INET, SOCK_STREAM));
    check_ok(sock_dispatcher_connect_to_host(d, "several.example", 1));
    end(&n); /* which ends the attempts before the dispatcher */
    sock_dispatcher_free(d);
    found.count = 0;
    sock_free(l);
    free_silent(&peer);
}

TEST(async, connect_to_host_in_time)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_connect = on_connect,
                                              .handle_close = on_close,
                                              .handle_error = on_error,
                                              .connect_timeout = 0.05};
    struct notes n = begin();
    struct silent peer = silent_peer();
    double begun = now();
    by_name(&n, &c, "127.0.0.1", sock_addr_port(&peer.address), "error close");
    check(now() - begun >= 0.05);
    check_int(n.error.kind, SOCK_E_TIMEOUT);
    free_silent(&peer);
    end(&n);
}

/* All others have failed while one still goes on. */
TEST(async, connect_to_host_of_which_one_goes_on)
{
    static const sock_dispatcher_class_t c = {.size = sizeof c,
                                              .handle_connect = on_connect,
                                              .handle_close = on_close,
                                              .handle_error = on_error,
                                              .connect_timeout = 0.4};
    struct notes n = begin();
    struct silent peer = silent_peer();
    sock_addr_t none;
    sock_t *held = unused_port(&none);
    finds(peer.address, none, none);
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&c, n.loop, NULL, &n));
    check_ok(sock_dispatcher_connect_to_host(d, "several.example", 1));
    await(&n, "error close");
    check_int(n.error.kind, SOCK_E_TIMEOUT);
    sock_dispatcher_free(d);
    found.count = 0;
    sock_free(held);
    free_silent(&peer);
    end(&n);
}

/* What connects at once needs no event. */
TEST(async, connect_to_host_at_once)
{
    struct notes n = begin();
    sock_addr_t here = sock_addr_unix_abstract("pysockc async host", 18);
    sock_t *l = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));
    check_ok(sock_bind(l, here));
    check_ok(sock_listen(l, 1));
    finds(here, here, here);
    several(&n, "connect");
    sock_free(l);
    end(&n);
}

/* Whoever ends first, and at whatever moment. */
TEST(async, connect_to_host_that_is_dropped)
{
    struct notes n = begin();
    struct silent peer = silent_peer();
    int port = sock_addr_port(&peer.address);
    for (int rounds = 0; rounds < 4; rounds++) {
        sock_dispatcher_t *d =
            check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
        check_ok(sock_dispatcher_connect_to_host(d, "127.0.0.1", port));
        for (int i = 0; i < rounds; i++)
            check_ok(sock_loop_run_once(n.loop, 0));
        check_ok(sock_dispatcher_connect_to_host(d, "127.0.0.1", port));
        check_ok(sock_dispatcher_close(d));
        check_ok(sock_dispatcher_connect_to_host(d, "127.0.0.1", port));
        sock_dispatcher_free(d);
    }
    for (int rounds = 0; rounds < 3; rounds++) {
        sock_loop_t *loop = check_made(sock_loop_new());
        sock_dispatcher_t *d =
            check_made(sock_dispatcher_new(&noting, loop, NULL, &n));
        check_ok(sock_dispatcher_connect_to_host(d, "127.0.0.1", port));
        for (int i = 0; i < rounds; i++)
            check_ok(sock_loop_run_once(loop, 0));
        sock_loop_free(loop);
        check_int(sock_dispatcher_state(d), SOCK_DISPATCHER_CLOSED);
        sock_dispatcher_free(d);
    }
    check_str(n.text, "");
    free_silent(&peer);
    end(&n);
}

/* What is to be sent waits for the socket. */
TEST(async, connect_to_host_and_send)
{
    struct notes n = begin();
    sock_addr_t address;
    sock_t *l = listener(&address);
    char text[8];
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_with_send_new(&noting, n.loop, NULL, &n));
    check_ok(sock_dispatcher_connect_to_host(d, "127.0.0.1",
                                             sock_addr_port(&address)));
    check_int(sock_dispatcher_send(d, "hello", 5), 5);
    while (sock_dispatcher_bytes_waiting(d) > 0)
        check(sock_loop_run_once(n.loop, 5) > 0);
    sock_t *peer = check_made(sock_accept(l, NULL));
    check_int(sock_recv_all(peer, text, 5), 5);
    sock_free(peer);
    sock_free(l);
    sock_dispatcher_free(d);
    end(&n);
}

TEST(async, refused_hosts)
{
    struct notes n = begin();
    sock_dispatcher_t *d =
        check_made(sock_dispatcher_new(&noting, n.loop, NULL, &n));
    check_fails(sock_dispatcher_connect_to_host(d, NULL, 80), SOCK_E_TYPE, 0,
                "connect: argument is NULL");
    check_fails(sock_dispatcher_connect_to_host(d, "x", 70000), SOCK_E_OVERFLOW,
                70000, "connect ('x', 70000): port must be 0-65535.");
    check_fails(sock_dispatcher_connect_to_host(d, "x", -1), SOCK_E_OVERFLOW,
                -1, "connect ('x', -1): port must be 0-65535.");
    check_fails(sock_dispatcher_connect_to_host(NULL, "x", 80), SOCK_E_TYPE, 0,
                "connect: argument is NULL");
    sock_dispatcher_free(d);
    end(&n);
}
