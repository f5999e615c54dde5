/* SPDX-License-Identifier: MIT */
/*
 * For the tests that generate.py makes: the values that an argument takes, by
 * its type, and what must hold of any call. The first value of each is good.
 */
#include "support.h"

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"

enum { MOST_ARGUMENTS = 9, ROOM = 4096, UNTOUCHED = 1234 };

/* All calls of one function. */
struct call {
    const char *name;
    int n, counts[MOST_ARGUMENTS];
    int at[MOST_ARGUMENTS]; /* which value each argument has now */
    bool begun;
    /* What the values of this call are made of. */
    sock_t *object, *peer, *pair[2];
    sock_selector_t *selector;
    sock_server_t *server;
    int fd, replaced; /* of the object that is closed */
    bool must_fail;
    sock_control_t control;
    sock_error_list_t *list;
    sock_cancel_t *token;
    sock_loop_t *loop;
    sock_dispatcher_t *dispatcher;
    sock_t *far; /* the dispatcher's other end */
    sock_addr_t address;
    sock_error_t error, before;
    struct iovec bufs[16];
    _Alignas(max_align_t) char room[MOST_ARGUMENTS][ROOM];
};

static struct call begin(const char *name, int n, const int *counts)
{
    struct call c = {.name = name, .n = n};
    for (int i = 0; i < n; i++)
        c.counts[i] = counts[i];
    return c;
}

/* Which, for the text of a failure: "2 0 1". */
static const char *which(const struct call *c)
{
    static char text[8 * MOST_ARGUMENTS];
    int used = 0;
    for (int i = 0; i < c->n; i++)
        used +=
            snprintf(text + used, sizeof text - (size_t)used, " %d", c->at[i]);
    return text;
}

/* The next choice; of all arguments, at most two have not their good value. */
static bool next(struct call *c)
{
    int others, i;
    memset(c->room, 0, sizeof c->room);
    c->object = c->peer = c->pair[0] = c->pair[1] = NULL;
    c->selector = NULL;
    c->server = NULL;
    c->fd = c->replaced = -1;
    c->must_fail = false;
    c->list = NULL;
    c->token = NULL;
    c->loop = NULL;
    c->dispatcher = NULL;
    c->far = NULL;
    if (!c->begun)
        return c->begun = true;
    do {
        for (i = 0; i < c->n && ++c->at[i] == c->counts[i]; i++)
            c->at[i] = 0;
        others = 0;
        for (int k = 0; k < c->n; k++)
            others += c->at[k] != 0;
    } while (i < c->n && others > 2);
    return i < c->n;
}

/* Values */

#define VALUES(type, name, ...)                                                \
    static type const table_##name[] = {__VA_ARGS__};                          \
    enum { count_##name = sizeof table_##name / sizeof table_##name[0] };      \
    static inline type name(const struct call *c, int i)                       \
    {                                                                          \
        return table_##name[c->at[i]];                                         \
    }

VALUES(int, ints, 0, -1, 1, 70000, INT_MIN, INT_MAX)
VALUES(int, families, AF_UNIX, AF_INET, AF_UNSPEC, -1, INT_MIN, INT_MAX)
VALUES(int, types, SOCK_STREAM, SOCK_DGRAM, 0, -1, INT_MIN, INT_MAX)
VALUES(double, doubles, 1, 0, -0.0, -1, -5, 1e-300, 1e18, HUGE_VAL, -HUGE_VAL,
       NAN)
VALUES(double, waits, 0, -0.0, -5, 1e-9, 1e18 * 1e18, -HUGE_VAL, NAN)
/* Where something is ready, or the call fails, so that none waits for ever. */
VALUES(double, times, 0, SOCK_NO_TIMEOUT, -0.0, -5, 1e-9, 1e18 * 1e18,
       -HUGE_VAL, NAN)
VALUES(int, selected, SOCK_EVENT_READ, 0, -1,
       SOCK_EVENT_WRITE | SOCK_EVENT_ONESHOT, SOCK_EVENT_READ | SOCK_EVENT_EDGE,
       SOCK_EVENT_WRITE | SOCK_EVENT_EXCLUSIVE, SOCK_EVENT_RDHUP,
       SOCK_EVENT_HANGUP, SOCK_EVENT_READ | 1 << 20, INT_MIN, INT_MAX)
VALUES(size_t, sizes, 16, 0, 1, (size_t)SSIZE_MAX + 1, SIZE_MAX)
VALUES(socklen_t, lengths, 16, 0, 1, 2, 110, 128, 129, UINT32_MAX)
VALUES(int64_t, int64s, 1, 0, -1, -2, INT64_MIN, INT64_MAX)
VALUES(uint64_t, uint64s, 1, 0, UINT64_MAX)
VALUES(uint32_t, uint32s, 1, 0, UINT32_MAX)
VALUES(uint16_t, uint16s, 1, 0, UINT16_MAX)
VALUES(uint8_t, uint8s, 1, 0, UINT8_MAX)
VALUES(sock_interrupt_fn, interrupts, NULL)

static inline void call_nothing(sock_loop_t *loop, void *arg)
{
    (void)loop, (void)arg;
}

static inline void drop_list(sock_loop_t *loop, sock_addrinfo_t *list,
                             const sock_error_t *error, void *arg)
{
    (void)loop, (void)error, (void)arg;
    sock_addrinfo_free(list);
}

VALUES(sock_loop_fn, loop_functions, call_nothing, NULL)
VALUES(sock_loop_addrinfo_fn, addrinfo_functions, drop_list, NULL)
VALUES(sock_timer_t, timers, {0, 1}, {0, 0}, {1, 1}, {UINT32_MAX, UINT32_MAX})

/* Numeric, so that no name server is asked. */
static inline const char *texts(struct call *c, int i)
{
    static const char *const table[] = {"127.0.0.1", "lo", "", "80", "\xff\n"};
    enum { PLAIN = sizeof table / sizeof table[0] };
    if (c->at[i] < PLAIN)
        return table[c->at[i]];
    memset(c->room[i], 'a', ROOM - 1);
    return c->at[i] == PLAIN ? c->room[i] : NULL;
}
enum { count_texts = 7 };

static inline void *rooms(struct call *c, int i)
{
    return c->at[i] == 0 ? c->room[i] : NULL;
}
enum { count_rooms = 2 };

static inline void *nothing(struct call *c, int i)
{
    (void)c;
    (void)i;
    return NULL;
}
enum { count_nothing = 1 };

/* Open, closed, and none. */
static inline sock_t *objects(struct call *c, int i)
{
    struct pair p = unix_pair(SOCK_STREAM);
    c->object = p.a;
    c->peer = p.b;
    check_ok(sock_setblocking(p.a, 0));
    check_ok(sock_setblocking(p.b, 0));
    if (c->at[i] == 1) { /* and its number is another's now */
        int fd = sock_fileno(p.a);
        check_ok(sock_close(p.a));
        c->replaced = fcntl(sock_fileno(p.b), F_DUPFD_CLOEXEC, fd);
        check_int(c->replaced, fd);
    }
    return c->at[i] == 2 ? NULL : p.a;
}
enum { count_objects = 3 };

static inline sock_cancel_t *tokens(struct call *c, int i)
{
    if (c->at[i] == 1)
        return NULL;
    sock_cancel_t *token = check_made(sock_cancel_new());
    if (strcmp(c->name, "sock_cancel_free") != 0)
        c->token = token;
    return token;
}
enum { count_tokens = 2 };

static inline sock_t **places(struct call *c, int i)
{
    return c->at[i] == 0 ? c->pair : NULL;
}
enum { count_places = 2 };

/* With one of which the pair's first is ready, unless the list has none. */
static inline void make_pair(struct call *c)
{
    if (c->pair[0] != NULL)
        return;
    struct pair p = unix_pair(SOCK_STREAM);
    check_ok(sock_sendall(p.b, "x", 1, 0));
    c->pair[0] = p.a;
    c->pair[1] = p.b;
}

/* Several, none, no list, a closed one among them, the same thrice. */
static inline sock_t **object_lists(struct call *c, int i)
{
    sock_t **list = (sock_t **)(void *)c->room[i];
    make_pair(c);
    if (c->at[i] == 1)
        return NULL;
    if (c->at[i] == 2)
        return list;
    list[0] = list[1] = list[2] = c->pair[0];
    if (c->at[i] == 3) {
        c->must_fail = true;
        if (c->object == NULL)
            c->object = closed_socket(SOCK_STREAM);
        list[1] = c->object;
    } else if (c->at[i] == 0) {
        list[1] = c->pair[1];
    }
    return list;
}
enum { count_object_lists = 5 };

/* Of both kinds, and none; something is always ready. */
static inline sock_selector_t *selectors(struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    make_pair(c);
    c->selector = check_made(sock_selector_new(
        c->at[i] == 0 ? SOCK_SELECTOR_EPOLL : SOCK_SELECTOR_POLL));
    check_ok(
        sock_selector_register(c->selector, c->pair[0], SOCK_EVENT_READ, NULL));
    return c->selector;
}
enum { count_selectors = 3 };

static inline int handle_nothing(sock_request_t *request)
{
    (void)request;
    return 0;
}

/* A good one, none, one of another version, one that does nothing, one whose
 * mode there is not. */
static inline const sock_server_class_t *classes(struct call *c, int i)
{
    static const sock_server_class_t all[] = {
        {.size = sizeof all[0], .handle = handle_nothing},
        {.size = 1, .handle = handle_nothing},
        {.size = sizeof all[0]},
        {.size = sizeof all[0], .handle = handle_nothing, .mode = INT_MAX}};
    return c->at[i] == 1 ? NULL : &all[c->at[i] == 0 ? 0 : c->at[i] - 1];
}
enum { count_classes = 5 };

/* Of streams, of datagrams, and none; each was shut down, so that no call waits
 * for requests. */
static inline sock_server_t *servers(struct call *c, int i)
{
    sock_server_class_t s = {.size = sizeof s, .handle = handle_nothing};
    if (c->at[i] == 2)
        return NULL;
    s.type = c->at[i] == 0 ? SOCK_STREAM : SOCK_DGRAM;
    c->server =
        check_made(sock_server_new(&s, sock_addr_inet("127.0.0.1", 0), NULL));
    check_ok(sock_server_shutdown(c->server));
    return c->server;
}
enum { count_servers = 3 };

static inline sock_error_list_t **lists(struct call *c, int i)
{
    return c->at[i] == 0 ? &c->list : NULL;
}
enum { count_lists = 2 };

/* The defaults, all set, none, wrong ones. */
static inline const sock_connect_options_t *connect_options(struct call *c,
                                                            int i)
{
    sock_connect_options_t o = {.size = sizeof o};
    if (c->at[i] == 1)
        o = (sock_connect_options_t){.size = sizeof o,
                                     .source = sock_addr_inet("127.0.0.1", 0),
                                     .delay = 0.01,
                                     .errors = &c->list,
                                     .first_family = AF_INET6,
                                     .nodelay = 1,
                                     .mptcp = 1};
    if (c->at[i] == 2)
        o.size = 0;
    if (c->at[i] == 3)
        o.delay = NAN;
    if (c->at[i] == 4)
        o.first_family = INT_MIN;
    if (c->at[i] == 5)
        o.source.len = 100000;
    return c->at[i] == 6 ? NULL : memcpy(c->room[i], &o, sizeof o);
}
enum { count_connect_options = 7 };

static inline int connected_fn(void *arg, size_t i, sock_t *s,
                               const sock_error_t *error)
{
    (void)arg;
    (void)i;
    check((s == NULL) == (error != NULL));
    sock_free(s);
    return 0;
}
VALUES(sock_connected_fn, connected, connected_fn, NULL)

/* With a timer that is far off, empty, and none. */
static inline sock_loop_t *loops(struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    c->loop = check_made(sock_loop_new());
    if (c->at[i] == 0 && strncmp(c->name, "sock_loop_run", 13) != 0)
        check(sock_loop_call_later(c->loop, 1000, call_nothing, NULL)
                  .generation != 0);
    return c->loop;
}
enum { count_loops = 3 };

static inline const sock_dispatcher_class_t *dispatcher_classes(struct call *c,
                                                                int i)
{
    static const sock_dispatcher_class_t table[] = {
        {.size = sizeof table[0]},
        {.size = 1},
        {.size = sizeof table[0], .idle_timeout = 1, .connect_timeout = 1},
        {.size = sizeof table[0], .idle_timeout = -1},
        {.size = sizeof table[0], .connect_timeout = 1e300}};
    return c->at[i] == 5 ? NULL : &table[c->at[i]];
}
enum { count_dispatcher_classes = 6 };

static inline const sock_chat_class_t *chat_classes(struct call *c, int i)
{
    static const sock_chat_class_t table[] = {
        {.size = sizeof table[0]},
        {.size = sizeof(sock_dispatcher_class_t)},
        {.size = sizeof table[0], .request_deadline = 1e300}};
    return c->at[i] == 3 ? NULL : &table[c->at[i]];
}
enum { count_chat_classes = 4 };

/* Gives a dispatcher its loop and, unless it is to be closed, its socket. */
static inline sock_t *prepare_dispatcher(struct call *c, bool closed)
{
    struct pair p = {NULL, NULL};
    c->loop = check_made(sock_loop_new());
    if (!closed)
        p = unix_pair(SOCK_STREAM);
    c->far = p.b;
    return p.a;
}

/* Of all kinds, a closed one, and none. */
static inline sock_dispatcher_t *dispatchers(struct call *c, int i)
{
    static const sock_dispatcher_class_t class = {.size = sizeof class};
    static const sock_chat_class_t chat_class = {.size = sizeof chat_class};
    if (c->at[i] == 4)
        return NULL;
    sock_t *s = prepare_dispatcher(c, c->at[i] == 3);
    if (c->at[i] == 1)
        c->dispatcher = sock_dispatcher_with_send_new(&class, c->loop, s, NULL);
    else if (c->at[i] == 2)
        c->dispatcher =
            sock_chat_dispatcher(sock_chat_new(&chat_class, c->loop, s, NULL));
    else
        c->dispatcher = sock_dispatcher_new(&class, c->loop, s, NULL);
    return check_made(c->dispatcher);
}
enum { count_dispatchers = 5 };

/* Open, closed, and none. */
static inline sock_chat_t *chats(struct call *c, int i)
{
    static const sock_chat_class_t class = {.size = sizeof class};
    if (c->at[i] == 2)
        return NULL;
    sock_t *s = prepare_dispatcher(c, c->at[i] == 1);
    sock_chat_t *chat = check_made(sock_chat_new(&class, c->loop, s, NULL));
    c->dispatcher = sock_chat_dispatcher(chat);
    return chat;
}
enum { count_chats = 3 };

static inline ssize_t gives_nothing(void *arg, void *buf, size_t size)
{
    (void)arg, (void)buf, (void)size;
    return 0;
}
VALUES(sock_producer_fn, producers, gives_nothing, NULL)

static inline sock_fd_t descriptors(struct call *c, int i)
{
    static const int bad[] = {-1, INT_MIN, INT_MAX, 100000};
    if (c->at[i] > 0)
        return bad[c->at[i] - 1];
    return c->fd = fcntl(0, F_DUPFD_CLOEXEC, 100);
}
enum { count_descriptors = 5 };

static inline sock_addr_t addresses(const struct call *c, int i)
{
    sock_addr_t forged = sock_addr_netlink(1, 2);
    switch (c->at[i]) {
    case 0:
        return sock_addr_inet("127.0.0.1", 0);
    case 1:
        return sock_addr_none();
    case 2:
        return sock_addr_inet("::1", 1); /* of another family */
    case 3:
        return sock_addr_unix_abstract("no one listens", 14);
    case 4:
        forged.len = 100000;
        return forged;
    default:
        return sock_addr_inet6("::1", 0);
    }
}
enum { count_addresses = 6 };

static inline sock_addr_t *address_pointers(struct call *c, int i)
{
    if (c->at[i] == count_addresses)
        return NULL;
    c->address = addresses(c, i);
    return memcpy(c->room[i], &c->address, sizeof c->address);
}
enum { count_address_pointers = count_addresses + 1 };

/* None, the thread's own, and ones that no call has recorded. */
static inline const sock_error_t *errors(struct call *c, int i)
{
    c->error = (sock_error_t){0};
    if (c->at[i] == 3)
        memset(&c->error, 0x7f, offsetof(sock_error_t, operation));
    if (c->at[i] == 2)
        c->error.kind = c->error.detail = INT_MIN;
    if (c->at[i] == 1)
        return NULL;
    return c->at[i] == 4 ? sock_last_error() : &c->error;
}
enum { count_errors = 5 };

static inline struct iovec *buffers(struct call *c, int i)
{
    for (int k = 0; k < 16; k++)
        c->bufs[k] = (struct iovec){c->room[i] + 16 * k, 16};
    if (c->at[i] == 1)
        c->bufs[0].iov_base = NULL;
    if (c->at[i] == 2)
        c->bufs[0].iov_len = SIZE_MAX;
    if (c->at[i] == 3)
        c->bufs[1].iov_len = SSIZE_MAX; /* with the first's, too many */
    return c->at[i] == 4 ? NULL : c->bufs;
}
enum { count_buffers = 5 };

static inline sock_control_t *controls(struct call *c, int i)
{
    c->control = sock_control_in(c->room[i], ROOM);
    if (c->at[i] == 1)
        c->control.buf = NULL;
    if (c->at[i] == 2)
        c->control.used = c->control.size + 1;
    if (c->at[i] == 3)
        c->control.size = SIZE_MAX;
    if (c->at[i] == 4)
        c->control.size = 0;
    return c->at[i] == 5 ? NULL : &c->control;
}
enum { count_controls = 6 };

/* What must hold */

/* What is asked of a registration has one, of a socket and of a number. */
static inline void prepare_selector(struct call *c)
{
    int ends[2];
    if (strstr(c->name, "sock_selector_register") != NULL)
        return;
    if (c->object != NULL && c->replaced < 0)
        check_ok(sock_selector_register(c->selector, c->object,
                                        SOCK_EVENT_WRITE, NULL));
    if (c->fd >= 0) {
        check_int(pipe(ends), 0);
        check_int(dup2(ends[0], c->fd), c->fd);
        close(ends[0]);
        close(ends[1]);
        check_ok(sock_selector_register_fd(c->selector, c->fd, SOCK_EVENT_READ,
                                           NULL));
    }
}

static inline void prepare(struct call *c)
{
    if (c->selector != NULL)
        prepare_selector(c);
    if (strcmp(c->name, "sock_perror") == 0 ||
        strcmp(c->name, "sock_server_print_error") == 0)
        check(freopen("/dev/null", "w", stderr) != NULL);
    sock__fail("untouched", SOCK_E_OS, UNTOUCHED, 0);
    c->before = *sock_last_error();
    errno = UNTOUCHED;
}

static inline bool untouched(const struct call *c)
{
    return memcmp(sock_last_error(), &c->before, sizeof c->before) == 0;
}

/* Success leaves errno and the record alone. */
static inline void done(struct call *c)
{
    check_that(errno == UNTOUCHED && untouched(c),
               "%s, values%s: succeeded, but errno is %d, and the error: %s",
               c->name, which(c), errno, error_text());
    check_that(!c->must_fail, "%s, values%s: a closed object, but no failure",
               c->name, which(c));
}

/* Failure has a record, an errno and a text. */
static inline void failed(struct call *c)
{
    char text[SOCK_ERROR_TEXT_MAX];
    int err = errno;
    const sock_error_t *e = sock_last_error();
    check_that(!untouched(c) && e->kind > SOCK_E_NONE && err > 0 &&
                   err != UNTOUCHED,
               "%s, values%s: failed, but errno is %d, and the error: %s",
               c->name, which(c), err, error_text());
    check_that(sock_error_text(e, text, sizeof text) > 0 &&
                   sock_error_class(e)[0] != '\0' &&
                   strstr(text, "Unknown error") == NULL,
               "%s, values%s: error without a text", c->name, which(c));
}

static inline void returned(struct call *c, double result)
{
    check_that(result >= -1, "%s, values%s: returned %g", c->name, which(c),
               result);
    if (result == -1)
        failed(c);
    else
        done(c);
}

static inline void said(struct call *c, int yes)
{
    if (yes)
        done(c);
    else
        failed(c);
}

static inline void done_or_failed(struct call *c, double result)
{
    if (untouched(c))
        done(c);
    else
        returned(c, result);
}

/* An answer, or a failure, which has the same value. */
static inline void either(struct call *c)
{
    if (untouched(c))
        done(c);
    else
        failed(c);
}

static inline void made(struct call *c, bool nothing)
{
    if (nothing)
        failed(c);
    else
        done(c);
}

/* An address remembers its error, until it is used. */
static inline void made_address(struct call *c, const sock_addr_t *a)
{
    done(c);
    check_that(sock_addr_ok(a) == (a->len > 0), "%s, values%s: neither",
               c->name, which(c));
    if (a->len == 0 && a->kind != SOCK_E_NONE)
        failed(c);
}

static inline void clean(struct call *c, bool gone)
{
    if (gone && c->at[0] == 2)
        gone = false; /* it had been given NULL */
    sock_dispatcher_free(c->dispatcher);
    sock_free(c->far);
    if (!gone || c->selector != NULL)
        sock_free(c->object);
    if (!gone) {
        sock_selector_free(c->selector);
        sock_loop_free(c->loop);
    }
    if (!gone)
        sock_server_free(c->server);
    if (c->replaced >= 0)
        check_int(close(c->replaced), 0);
    sock_free(c->peer);
    sock_free(c->pair[0]);
    sock_free(c->pair[1]);
    sock_error_list_free(c->list);
    sock_cancel_free(c->token);
    if (c->fd >= 0)
        close(c->fd); /* unless the call has done so */
}

static inline void end_file(FILE *f)
{
    if (f != NULL)
        fclose(f);
}

/* The machine keeps its name, and no name server is asked: --wrap. */

int __wrap_sethostname(const char *name, size_t size);
int __wrap_sethostname(const char *name, size_t size)
{
    (void)name;
    (void)size;
    errno = EPERM;
    return -1;
}

int __wrap_gethostbyname2_r(const char *name, int family, struct hostent *entry,
                            char *buf, size_t size, struct hostent **result,
                            int *h_error);
int __wrap_gethostbyname2_r(const char *name, int family, struct hostent *entry,
                            char *buf, size_t size, struct hostent **result,
                            int *h_error)
{
    (void)name, (void)family, (void)entry, (void)buf, (void)size;
    *result = NULL;
    *h_error = HOST_NOT_FOUND;
    return 0;
}

int __wrap_gethostbyaddr_r(const void *packed, socklen_t n, int family,
                           struct hostent *entry, char *buf, size_t size,
                           struct hostent **result, int *h_error);
int __wrap_gethostbyaddr_r(const void *packed, socklen_t n, int family,
                           struct hostent *entry, char *buf, size_t size,
                           struct hostent **result, int *h_error)
{
    (void)packed, (void)n;
    return __wrap_gethostbyname2_r(NULL, family, entry, buf, size, result,
                                   h_error);
}
