/* SPDX-License-Identifier: MIT */
/* Connections and servers by one call. Links with --wrap. */
#include "support.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

/* The addresses that a look-up finds, where a test has its own. */

enum { MOST = 8 };

static struct {
    struct addrinfo list[MOST];
    struct sockaddr_storage addresses[MOST];
    size_t count;
    int family;          /* that was asked for */
    int tried[MOST * 2]; /* by connect(2), as indices of the list */
    size_t tries;
    bool interrupted; /* the next connect(2) is, by a signal */
} found;

int __real_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
void __real_freeaddrinfo(struct addrinfo *list);
void __wrap_freeaddrinfo(struct addrinfo *list);
int __real_connect(int fd, const struct sockaddr *sa, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len);

int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list)
{
    if (found.count == 0)
        return __real_getaddrinfo(host, port, hints, list);
    found.family = hints->ai_family;
    *list = found.list;
    return 0;
}

void __wrap_freeaddrinfo(struct addrinfo *list)
{
    if (list != found.list)
        __real_freeaddrinfo(list);
}

int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len)
{
    size_t i = 0;
    while (i < found.count && (len != found.list[i].ai_addrlen ||
                               memcmp(sa, &found.addresses[i], len) != 0))
        i++;
    if (i < found.count)
        found.tried[found.tries++ % (MOST * 2)] = (int)i;
    int result = __real_connect(fd, sa, len);
    if (!found.interrupted)
        return result;
    found.interrupted = false;
    errno = EINTR; /* it goes on, all the same */
    return -1;
}

static void find(const sock_addr_t *a)
{
    size_t i = found.count++;
    struct addrinfo *ai = &found.list[i];

    check(i < MOST);
    memcpy(&found.addresses[i], &a->u, a->len);
    *ai = (struct addrinfo){.ai_family = sock_addr_family(a),
                            .ai_socktype = SOCK_STREAM,
                            .ai_protocol = IPPROTO_TCP,
                            .ai_addr = (struct sockaddr *)&found.addresses[i],
                            .ai_addrlen = a->len};
    if (i > 0)
        found.list[i - 1].ai_next = ai;
}

static void find_nothing(void)
{
    memset(&found, 0, sizeof found);
}

/* create_connection */

TEST(create, connection)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    int port = sock_addr_port(&address);
    static const char *const hosts[] = {"127.0.0.1", "localhost", "127.1"};

    for (int i = 0; i < 3; i++) {
        sock_t *s = check_made(
            sock_create_connection(hosts[i], port, 5, sock_addr_none()));
        check(sock_gettimeout(s) == 5);
        check(is_nonblocking(sock_fileno(s)));
        check_int(sock_type(s), SOCK_STREAM);
        sock_free(s);
    }
    sock_t *s = check_made(sock_create_connection(
        "127.0.0.1", port, SOCK_NO_TIMEOUT, sock_addr_none()));
    check(sock_gettimeout(s) == SOCK_NO_TIMEOUT);
    check(!is_nonblocking(sock_fileno(s)));
    sock_free(s);
    check_ok(sock_setdefaulttimeout(4));
    s = check_made(sock_create_connection(
        "127.0.0.1", port, SOCK_DEFAULT_TIMEOUT, sock_addr_none()));
    check(sock_gettimeout(s) == 4);
    sock_free(s);
    s = check_made(sock_create_connection("127.0.0.1", port, SOCK_NO_TIMEOUT,
                                          sock_addr_none()));
    check(sock_gettimeout(s) == SOCK_NO_TIMEOUT);
    check(!is_nonblocking(sock_fileno(s)));
    sock_free(s);
    sock_free(server);
}

/* ::1 is tried first and refused, 127.0.0.1 answers; NULL is both. */
TEST(create, connection_tries_every_address)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    sock_t *s = check_made(sock_create_connection(
        NULL, sock_addr_port(&address), 5, sock_addr_none()));
    check_int(sock_family(s), AF_INET);
    sock_free(s);
    sock_free(server);
}

TEST(create, success_after_failures_touches_nothing)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    errno = 1234;
    sock_t *s = check_made(sock_create_connection(
        NULL, sock_addr_port(&address), 5, sock_addr_none()));
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    sock_free(s);
    s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_settimeout(s, 5));
    errno = 1234;
    check_ok(sock_connect(s, address));
    check_int(errno, 1234);
    sock_free(s);
    sock_free(server);
}

TEST(create, connection_from_a_source)
{
    sock_addr_t address, name;
    sock_t *server = listener(&address);
    int port = sock_addr_port(&address);
    sock_t *s = check_made(sock_create_connection(
        "localhost", port, 5, sock_addr_inet("127.0.0.9", 0)));
    check_ok(sock_getsockname(s, &name));
    char host[16];
    sock_addr_host(&name, host, sizeof host);
    check_str(host, "127.0.0.9");
    sock_free(s);
    check_null(sock_create_connection("127.0.0.1", port, 5,
                                      sock_addr_inet("192.0.2.1", 0)),
               SOCK_E_OS, EADDRNOTAVAIL,
               "create_connection ('192.0.2.1', 0): [Errno 99] Cannot assign "
               "requested address");
    sock_free(server);
}

TEST(create, connection_errors)
{
    sock_addr_t address;
    sock_t *holder = unused_port(&address);
    sock_addr_t none = sock_addr_none();

    check_null(
        sock_create_connection("127.0.0.1", sock_addr_port(&address), 5, none),
        SOCK_E_OS, ECONNREFUSED,
        about("create_connection", &address, "[Errno 111] Connection refused"));
    check_null(sock_create_connection("", 1, 5, none), SOCK_E_GAI, -2,
               "create_connection '': [Errno -2] Name or service not known");
    check_null(sock_create_connection("127.0.0.1", 70000, 5, none),
               SOCK_E_OVERFLOW, 70000,
               "create_connection ('127.0.0.1', 70000): port must be 0-65535.");
    check_null(sock_create_connection("127.0.0.1", 1, -2, none), SOCK_E_VALUE,
               0, "create_connection: Timeout value out of range");
    check_null(sock_create_connection("127.0.0.1", 1, 1e10, none),
               SOCK_E_OVERFLOW, 0,
               "create_connection: timestamp too large to convert to C "
               "PyTime_t");
    check_null(sock_create_connection("\xc3\xbc", 1, 5, none), SOCK_E_TYPE,
               SOCK_TYPE_UNICODE,
               "create_connection '\xc3\xbc': host name is not ASCII; encode "
               "it by IDNA");
    sock_free(holder);
}

/* A name is said beside the address that was tried, a number is not. */
TEST(create, connection_errors_say_the_host)
{
    sock_addr_t address;
    sock_t *holder = unused_port(&address);

    need_own_etc();
    check_null(sock_create_connection("localhost", sock_addr_port(&address), 5,
                                      sock_addr_inet("127.0.0.1", 0)),
               SOCK_E_OS, ECONNREFUSED,
               about("create_connection localhost", &address,
                     "[Errno 111] Connection refused"));
    sock_free(holder);
}

/* The text of one error of a list. */
static const char *listed_text(const sock_error_list_t *list, size_t i)
{
    static char text[SOCK_ERROR_TEXT_MAX];
    sock_error_text(&list->errors[i], text, sizeof text);
    return text;
}

/* NULL is ::1 and 127.0.0.1; neither listens. */
TEST(create, connection_lists_every_error)
{
    sock_addr_t address;
    sock_t *holder = unused_port(&address);
    int port = sock_addr_port(&address);
    sock_addr_t first = sock_addr_inet6("::1", port);
    sock_error_list_t *errors;

    check_null(
        sock_create_connection_errors(NULL, port, 5, sock_addr_none(), &errors),
        SOCK_E_OS, ECONNREFUSED,
        about("create_connection", &address, "[Errno 111] Connection refused"));
    check(errors != NULL);
    check_int(errors->count, 2);
    check_int(errors->errors[0].kind, SOCK_E_OS);
    check_int(errors->errors[0].code, ECONNREFUSED);
    check_str(listed_text(errors, 0), about("create_connection", &first,
                                            "[Errno 111] Connection refused"));
    check_str(listed_text(errors, 1), about("create_connection", &address,
                                            "[Errno 111] Connection refused"));
    errno = 1234;
    sock_error_list_free(errors);
    sock_error_list_free(NULL);
    check_int(errno, 1234);
    sock_free(holder);
}

TEST(create, connection_lists_nothing)
{
    sock_addr_t address, none = sock_addr_none();
    sock_t *server = listener(&address);
    int port = sock_addr_port(&address);
    sock_error_list_t *errors = (sock_error_list_t *)&address;

    errno = 1234; /* ::1 is refused, 127.0.0.1 answers */
    sock_t *s =
        check_made(sock_create_connection_errors(NULL, port, 5, none, &errors));
    check(errors == NULL);
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    sock_free(s);
    s = check_made(
        sock_create_connection_errors("127.0.0.1", port, 5, none, NULL));
    sock_free(s);
    errors = (sock_error_list_t *)&address;
    check_null(sock_create_connection_errors("", 1, 5, none, &errors),
               SOCK_E_GAI, -2,
               "create_connection '': [Errno -2] Name or service not known");
    check(errors == NULL);
    errors = (sock_error_list_t *)&address;
    check_null(sock_create_connection_errors("::1", -1, 5, none, &errors),
               SOCK_E_OVERFLOW, -1,
               "create_connection ('::1', -1): port must be 0-65535.");
    check(errors == NULL);
    sock_free(server);
}

/* The race, among peers that are each a letter: silent, refusing, good. */

struct peers {
    struct silent silent;
    sock_t *refusing, *good;
    sock_addr_t refusing_at, good_at;
};

static struct peers make_peers(void)
{
    struct peers p = {.silent = silent_peer()};
    p.refusing = unused_port(&p.refusing_at);
    p.good = listener(&p.good_at);
    return p;
}

static void free_peers(struct peers *p)
{
    free_silent(&p->silent);
    sock_free(p->refusing);
    sock_free(p->good);
    find_nothing();
}

static const sock_addr_t *peer_of(const struct peers *p, char letter)
{
    return letter == 's'   ? &p->silent.address
           : letter == 'r' ? &p->refusing_at
                           : &p->good_at;
}

static void find_peers(const struct peers *p, const char *order)
{
    find_nothing();
    for (; *order != '\0'; order++)
        find(peer_of(p, *order));
}

static sock_t *create(double timeout)
{
    return sock_create_connection("host", 1, timeout, sock_addr_none());
}

/* A silent peer before the good one costs a quarter of a second, a refusing
 * one nothing; nothing is left of either. */
static void check_race(struct peers *p, const char *order, double timeout)
{
    size_t turn = strcspn(order, "g");
    double silent = 0, start = now();
    int before = open_descriptors();
    sock_addr_t name;

    find_peers(p, order);
    for (size_t i = 0; i < turn; i++)
        silent += order[i] == 's';
    sock_t *s = check_made(create(timeout));
    double took = now() - start;
    check_that(took >= 0.24 * silent && took < 0.25 * silent + 0.6,
               "%s took %f s", order, took);
    check_int(open_descriptors(), before + 1);
    check_int(found.tries, turn + 1);
    check_ok(sock_getpeername(s, &name));
    check_int(sock_addr_equal(&name, &p->good_at), 1);
    check(sock_gettimeout(s) == timeout);
    check_int(is_nonblocking(sock_fileno(s)), timeout != SOCK_NO_TIMEOUT);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    sock_free(s);
    sock_free(check_made(sock_accept(p->good, NULL)));
}

TEST(create, connection_to_the_first_that_answers)
{
    static const char *const orders[] = {"g",   "rg",  "sg", "rrg", "srg",
                                         "rsg", "ssg", "gs", "gr",  "rgs"};
    struct peers p = make_peers();
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        check_race(&p, orders[i], 10);
        check_race(&p, orders[i], SOCK_NO_TIMEOUT);
    }
    free_peers(&p);
}

struct late {
    struct silent *peer;
    long waiting;
};

/* Lets the one who waits in, at its next try, after a second. */
static void *make_room(void *arg)
{
    struct late *l = arg;
    wait_until_blocked(l->waiting);
    for (int i = 0; i < 4; i++)
        sock_freep(&l->peer->fillers[i]);
    check_ok(sock_settimeout(l->peer->server, 0));
    for (sock_t *sc; (sc = sock_accept(l->peer->server, NULL)) != NULL;)
        sock_free(sc);
    return NULL;
}

/* The first attempt goes on while others begin, and may still win. */
TEST(create, connection_to_a_slow_peer)
{
    struct peers p = make_peers();
    struct silent slow = silent_peer();
    struct late late = {&slow, thread_id()};
    pthread_t thread;
    sock_addr_t name;
    int before = open_descriptors();

    find_nothing();
    find(&slow.address);
    find(&p.silent.address);
    find(&p.refusing_at);
    check_int(pthread_create(&thread, NULL, make_room, &late), 0);
    sock_t *s = check_made(create(10));
    pthread_join(thread, NULL);
    check_int(open_descriptors(), before - 4 + 1);
    check_ok(sock_getpeername(s, &name));
    check_int(sock_addr_equal(&name, &slow.address), 1);
    check_int(found.tries, 3);
    sock_free(s);
    free_silent(&slow);
    free_peers(&p);
}

/* Each attempt's error, in the order of the attempts; what still went on when
 * the time was over has timed out. */
static void check_failures(struct peers *p, const char *order)
{
    sock_error_list_t *errors;
    double start = now();

    find_peers(p, order);
    check(sock_create_connection_errors("host", 1, 0.6, sock_addr_none(),
                                        &errors) == NULL);
    double took = now() - start;
    int last = sock_last_error()->kind;
    bool silent = strchr(order, 's') != NULL;
    check_int(last, silent ? SOCK_E_TIMEOUT : SOCK_E_OS);
    check(silent ? took >= 0.6 && took < 2 : took < 0.5);
    check_int(errors->count, strlen(order));
    for (size_t i = 0; i < errors->count; i++) {
        const sock_error_t *e = &errors->errors[i];
        check_int(e->kind, order[i] == 's' ? SOCK_E_TIMEOUT : SOCK_E_OS);
        check_int(e->code, order[i] == 's' ? 0 : ECONNREFUSED);
        check_int(sock_addr_equal(&e->address, peer_of(p, order[i])), 1);
    }
    sock_error_list_free(errors);
}

TEST(create, connection_lists_errors_in_the_order_of_attempts)
{
    static const char *const orders[] = {"r", "s", "rs", "sr", "srs", "rrs"};
    struct peers p = make_peers();
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        check_failures(&p, orders[i]);
    free_peers(&p);
}

/* What had no turn before the end has no error. */
TEST(create, connection_ends_before_all_had_their_turn)
{
    struct peers p = make_peers();
    sock_error_list_t *errors;
    double start = now();

    find_peers(&p, "ssg");
    check_null(sock_create_connection_errors("host", 1, 0.3, sock_addr_none(),
                                             &errors),
               SOCK_E_TIMEOUT, 0,
               about("create_connection host", &p.silent.address, "timed out"));
    check(now() - start < 2);
    check_int(errors->count, 2);
    check_int(found.tries, 2);
    sock_error_list_free(errors);
    free_peers(&p);
}

TEST(create, connection_without_time_to_wait)
{
    struct peers p = make_peers();
    sock_error_list_t *errors;

    find_peers(&p, "srg");
    check(sock_create_connection_errors("host", 1, 0, sock_addr_none(),
                                        &errors) == NULL);
    check_int(sock_last_error()->code, EINPROGRESS);
    check_int(errors->count, 3);
    check_int(errors->errors[0].code, EINPROGRESS);
    check_int(found.tries, 3);
    sock_error_list_free(errors);
    free_peers(&p);
}

/* An address of either family, where nothing listens. */
static void find_refusing(int family, sock_t **holder)
{
    sock_addr_t a = family == AF_INET ? sock_addr_inet("127.0.0.1", 0)
                                      : sock_addr_inet6("::1", 0);
    *holder = check_made(sock_new(family, SOCK_STREAM, 0));
    check_ok(sock_bind(*holder, a));
    check_ok(sock_getsockname(*holder, &a));
    find(&a);
}

TEST(create, connection_to_the_families_in_turns)
{
    static const struct {
        int families[6];
        int turns[6];
    } rows[] = {
        {{6, 6, 6, 4, 4, 4}, {0, 3, 1, 4, 2, 5}},
        {{4, 6, 6, 6, 6, 4}, {0, 1, 5, 2, 3, 4}},
        {{6, 6, 6, 6, 6, 4}, {0, 5, 1, 2, 3, 4}},
        {{6, 4, 6, 4, 6, 4}, {0, 1, 2, 3, 4, 5}},
        {{4, 4, 4, 4, 4, 4}, {0, 1, 2, 3, 4, 5}},
    };
    sock_error_list_t *errors;
    sock_t *holders[6];

    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        find_nothing();
        for (int i = 0; i < 6; i++)
            find_refusing(rows[row].families[i] == 4 ? AF_INET : AF_INET6,
                          &holders[i]);
        check(sock_create_connection_errors("host", 1, 5, sock_addr_none(),
                                            &errors) == NULL);
        check_int(found.tries, 6);
        check_int(errors->count, 6);
        for (int i = 0; i < 6; i++) {
            const sock_error_t *e = &errors->errors[i];
            int turn = rows[row].turns[i];
            check_int(found.tried[i], turn);
            check_bytes(&e->address.u, &found.addresses[turn], e->address.len);
        }
        sock_error_list_free(errors);
        for (int i = 0; i < 6; i++)
            sock_free(holders[i]);
    }
    find_nothing();
}

TEST(create, connection_from_a_source_to_the_second)
{
    struct peers p = make_peers();
    sock_addr_t name;
    char host[16];

    find_peers(&p, "sg");
    sock_t *s = check_made(
        sock_create_connection("host", 1, 5, sock_addr_inet("127.0.0.9", 0)));
    check_int(found.family, AF_INET);
    check_ok(sock_getsockname(s, &name));
    sock_addr_host(&name, host, sizeof host);
    check_str(host, "127.0.0.9");
    sock_free(s);
    free_peers(&p);
}

static void on_alarm(int number)
{
    (void)number;
}

static int stop(void *arg)
{
    ++*(int *)arg;
    return 1;
}

/* Who says stop does not mean one address. */
TEST(create, connection_is_interrupted)
{
    static const char *const orders[] = {"s", "sg", "ss"};
    static const double timeouts[] = {5, SOCK_NO_TIMEOUT};
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval soon = {.it_value = {0, 50000}};
    struct peers p = make_peers();
    int asked = 0;

    sigaction(SIGALRM, &action, NULL);
    sock_set_interrupt(NULL, stop, &asked);
    for (int i = 0; i < 6; i++) {
        find_peers(&p, orders[i / 2]);
        asked = 0;
        setitimer(ITIMER_REAL, &soon, NULL);
        check_null(
            create(timeouts[i % 2]), SOCK_E_CANCELLED, 0,
            about("create_connection host", &p.silent.address, "cancelled"));
        check_int(asked, 1);
        check_int(found.tries, 1);
    }
    sock_set_interrupt(NULL, NULL, NULL);
    free_peers(&p);
}

TEST(create, connection_is_interrupted_as_it_begins)
{
    static const char *const orders[] = {"s", "sg", "gs"};
    struct peers p = make_peers();
    int asked = 0;

    for (int i = 0; i < 3; i++) {
        find_peers(&p, orders[i]);
        found.interrupted = true;
        sock_set_interrupt(NULL, stop, &asked);
        check(create(5) == NULL);
        check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
        check_int(found.tries, 1);
        check_int(asked, i + 1);
        sock_set_interrupt(NULL, NULL, NULL);
    }
    find_peers(&p, "g");
    found.interrupted = true;
    sock_free(check_made(create(5)));
    free_peers(&p);
}

/* create_server */

TEST(create, server)
{
    sock_t *s = check_made(sock_create_server(sock_addr_inet("127.0.0.1", 0),
                                              SOCK_DEFAULT_BACKLOG, 0));
    int value = 0;
    check_ok(sock_getsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, &value));
    check_int(value, 1);
    check_ok(sock_getsockopt_int(s, SOL_SOCKET, SO_ACCEPTCONN, &value));
    check_int(value, 1);
    check_ok(sock_getsockopt_int(s, SOL_SOCKET, 15 /* SO_REUSEPORT */, &value));
    check_int(value, 0);
    sock_free(s);
    s = check_made(sock_create_server(sock_addr_inet("127.0.0.1", 0), 1,
                                      SOCK_SERVER_REUSE_PORT));
    check_ok(sock_getsockopt_int(s, SOL_SOCKET, 15 /* SO_REUSEPORT */, &value));
    check_int(value, 1);
    sock_free(s);
}

TEST(create, server_dual_stack)
{
    sock_addr_t address;
    int only = -1;
    sock_t *s = check_made(sock_create_server(sock_addr_inet6("", 0), 1,
                                              SOCK_SERVER_DUALSTACK_IPV6));
    check_ok(sock_getsockopt_int(s, IPPROTO_IPV6, IPV6_V6ONLY, &only));
    check_int(only, 0);
    check_ok(sock_getsockname(s, &address));
    sock_t *c = check_made(sock_create_connection(
        "127.0.0.1", sock_addr_port(&address), 5, sock_addr_none()));
    sock_free(c);
    c = check_made(sock_create_connection("::1", sock_addr_port(&address), 5,
                                          sock_addr_none()));
    sock_free(c);
    sock_free(s);
    s = check_made(sock_create_server(sock_addr_inet6("", 0), 1, 0));
    check_ok(sock_getsockopt_int(s, IPPROTO_IPV6, IPV6_V6ONLY, &only));
    check_int(only, 1);
    sock_free(s);
}

TEST(create, server_errors)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    check_null(sock_create_server(address, 1, 0), SOCK_E_OS, EADDRINUSE,
               about("bind", &address, "[Errno 98] Address already in use"));
    check_null(sock_create_server(sock_addr_inet("127.0.0.1", 0), 1,
                                  SOCK_SERVER_DUALSTACK_IPV6),
               SOCK_E_VALUE, 0,
               "create_server: dualstack_ipv6 requires AF_INET6 family");
    check_null(sock_create_server(sock_addr_inet("127.0.0.1", 0), 1, 4),
               SOCK_E_VALUE, 0, "create_server: unknown flags");
    sock_free(server);
}

/* What the system has */

TEST(create, has_ipv6)
{
    check_int(sock_has_ipv6(), 1);
}

/* As a server finds it to be. */
TEST(create, has_dualstack_ipv6)
{
    struct rlimit limit, none;
    sock_t *s = sock_create_server(sock_addr_inet6("::", 0), 1,
                                   SOCK_SERVER_DUALSTACK_IPV6);
    check_int(sock_has_dualstack_ipv6(), s != NULL);
    sock_free(s);
    errno = 1234;
    check_ok(getrlimit(RLIMIT_NOFILE, &limit));
    none = limit;
    none.rlim_cur = 0;
    check_ok(setrlimit(RLIMIT_NOFILE, &none));
    int result = sock_has_dualstack_ipv6();
    check_ok(setrlimit(RLIMIT_NOFILE, &limit));
    check_int(result, 0);
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
}
