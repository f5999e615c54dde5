/* SPDX-License-Identifier: MIT */
/*
 * What TLS costs beside OpenSSL alone, in the processor's time of both ends.
 * README.md has what has to be reached.
 *
 *   pysockc_ssl_bench [--check] [--rounds N]
 */
#define _GNU_SOURCE

#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <pysockc/pysockc.h>
#include <pysockc/ssl.h>

#include "bench.h"

enum {
    RECORD = 16384,
    SMALL = 256,
    SHORT = 64,
    MEGABYTE = 1 << 20,
    AT_ONCE = 64, /* small records on their way */
    ROUNDS = 400,
    LEAST_ROUNDS = 100,
    OF_ONE_START = 20, /* rounds: a connection may have its place by luck */
    SLICE_NS = 2000000,
    WAIT_MS = 5000,
    IDLE = 50, /* connections, of which the heap is measured */
    SKIPPED = 77
};

static char message[RECORD], buffer[RECORD];

/* --- Ends --------------------------------------------------------------- */

enum { CLIENT, SERVER, ENDS };

/* Of a connection: an object of the library, or OpenSSL's. */
struct end {
    sock_t *s;
    SSL *ssl;
    int fd;
};

/* The same operations by the library and by OpenSSL alone, as CPython uses it:
 * the descriptor does not block, a call is tried, and then poll(2) waits. */
struct operations {
    void (*open)(struct end *e, SSL_CTX *ctx, sock_t *plain, bool server,
                 void *session);
    bool (*shake)(struct end *e); /* whether it is done */
    void (*send)(struct end *e, const void *data, size_t size);
    size_t (*recv)(struct end *e, void *data, size_t size);
    void (*close)(struct end *e);
    void *(*session)(struct end *e);
    void (*free_session)(void *session);
    bool (*is_resumed)(struct end *e);
};

/* The library */

static sock_ssl_context_t *contexts[ENDS];
static char host[] = "localhost";

static void library_open(struct end *e, SSL_CTX *ctx, sock_t *plain,
                         bool server, void *session)
{
    int flags = SOCK_SSL_NO_HANDSHAKE | (server ? SOCK_SSL_SERVER_SIDE : 0);
    (void)ctx;
    e->s = sock_ssl_wrap_socket(contexts[server], plain, flags,
                                server ? NULL : host, session);
    BENCH_NEED(e->s);
    sock_free(plain);
}

static bool library_shake(struct end *e)
{
    if (sock_ssl_do_handshake(e->s) == 0)
        return true;
    BENCH_NEED(errno == EAGAIN);
    return false;
}

static void library_send(struct end *e, const void *data, size_t size)
{
    BENCH_NEED(sock_send(e->s, data, size, 0) == (ssize_t)size);
}

static size_t library_recv(struct end *e, void *data, size_t size)
{
    ssize_t n = sock_recv(e->s, data, size, 0);
    BENCH_NEED(n > 0);
    return (size_t)n;
}

static void library_close(struct end *e)
{
    sock_freep(&e->s);
}

static void *library_session(struct end *e)
{
    return sock_ssl_session(e->s);
}

static void library_free_session(void *session)
{
    sock_ssl_session_free(session);
}

static bool library_is_resumed(struct end *e)
{
    return sock_ssl_session_reused(e->s) == 1;
}

/* OpenSSL alone */

static void plain_open(struct end *e, SSL_CTX *ctx, sock_t *plain, bool server,
                       void *session)
{
    e->fd = sock_detach(plain);
    sock_free(plain);
    BENCH_NEED((e->ssl = SSL_new(ctx)) && SSL_set_fd(e->ssl, e->fd) == 1);
    if (server) {
        SSL_set_accept_state(e->ssl);
        return;
    }
    BENCH_NEED(SSL_set_tlsext_host_name(e->ssl, host) == 1);
    BENCH_NEED(SSL_set1_host(e->ssl, host) == 1);
    SSL_set_connect_state(e->ssl);
    BENCH_NEED(session == NULL || SSL_set_session(e->ssl, session) == 1);
}

static short what_to_wait_for(const struct end *e, int returned)
{
    int error = SSL_get_error(e->ssl, returned);
    BENCH_NEED(error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE);
    return error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
}

static void plain_wait(const struct end *e, int returned)
{
    struct pollfd p = {.fd = e->fd, .events = what_to_wait_for(e, returned)};
    int n;
    do
        n = poll(&p, 1, WAIT_MS);
    while (n == -1 && errno == EINTR);
    BENCH_NEED(n == 1);
    ERR_clear_error();
}

static bool plain_shake(struct end *e)
{
    ERR_clear_error();
    int returned = SSL_do_handshake(e->ssl);
    if (returned != 1)
        what_to_wait_for(e, returned); /* it is the other end's turn */
    return returned == 1;
}

static void plain_send(struct end *e, const void *data, size_t size)
{
    size_t n;
    int returned;
    ERR_clear_error();
    while ((returned = SSL_write_ex(e->ssl, data, size, &n)) != 1)
        plain_wait(e, returned);
    BENCH_NEED(n == size);
}

static size_t plain_recv(struct end *e, void *data, size_t size)
{
    size_t n;
    int returned;
    ERR_clear_error();
    while ((returned = SSL_read_ex(e->ssl, data, size, &n)) != 1)
        plain_wait(e, returned);
    return n;
}

static void plain_close(struct end *e)
{
    ERR_clear_error();
    SSL_shutdown(e->ssl);
    SSL_free(e->ssl);
    close(e->fd);
}

static void *plain_session(struct end *e)
{
    return SSL_get1_session(e->ssl);
}

static void plain_free_session(void *session)
{
    SSL_SESSION_free(session);
}

static bool plain_is_resumed(struct end *e)
{
    return SSL_session_reused(e->ssl) == 1;
}

static const struct operations library = {
    library_open,  library_shake,   library_send,         library_recv,
    library_close, library_session, library_free_session, library_is_resumed};
static const struct operations plain = {
    plain_open,  plain_shake,   plain_send,         plain_recv,
    plain_close, plain_session, plain_free_session, plain_is_resumed};

/* --- Connections -------------------------------------------------------- */

/* Who does it, with its contexts and a connection. */
struct side {
    const struct operations *by;
    bool tuned;
    SSL_CTX *ctx[ENDS];
    struct end ends[ENDS];
    void *session; /* of one before; NULL: none yet */
};

enum { LIBRARY, DEFAULTS, TUNED, CONTROL, SIDES };

static struct side sides[SIDES] = {
    [LIBRARY] = {.by = &library},
    [DEFAULTS] = {.by = &plain},
    [TUNED] = {.by = &plain, .tuned = true},
    [CONTROL] = {.by = &plain},
};

static sock_t *listener;
static sock_addr_t where;

/* A reset in the end, so that no port rests. */
static void set_up(sock_t *s)
{
    const struct linger reset = {.l_onoff = 1};
    BENCH_NEED(!sock_setsockopt(s, SOL_SOCKET, SO_LINGER, &reset,
                                (unsigned)sizeof reset));
    BENCH_NEED(!sock_setsockopt_int(s, IPPROTO_TCP, TCP_NODELAY, 1));
    BENCH_NEED(sock_setblocking(s, 0) == 0);
}

/* Two sockets of this thread. */
static void connect_both(sock_t *ends[ENDS])
{
    BENCH_NEED(ends[CLIENT] = sock_new(AF_INET, SOCK_STREAM, 0));
    BENCH_NEED(sock_connect(ends[CLIENT], where) == 0);
    BENCH_NEED(ends[SERVER] = sock_accept(listener, NULL));
    set_up(ends[CLIENT]);
    set_up(ends[SERVER]);
}

/* TLS over them, and the handshake; with a session, if it is not NULL. */
static void begin(struct side *x, sock_t *ends[ENDS], void *session)
{
    bool done[ENDS] = {false, false};
    for (int i = 0; i < ENDS; i++)
        x->by->open(&x->ends[i], x->ctx[i], ends[i], i == SERVER,
                    i == CLIENT ? session : NULL);
    while (!done[CLIENT] || !done[SERVER])
        for (int i = 0; i < ENDS; i++)
            done[i] = done[i] || x->by->shake(&x->ends[i]);
}

static void open_side(struct side *x)
{
    sock_t *ends[ENDS];
    connect_both(ends);
    begin(x, ends, NULL);
    for (int i = 0; i < ENDS; i++)
        if (x->ends[i].s)
            BENCH_NEED(!sock_settimeout(x->ends[i].s, WAIT_MS / 1e3));
}

static void close_side(struct side *x)
{
    for (int i = 0; i < ENDS; i++)
        x->by->close(&x->ends[i]);
}

/* --- Contexts ----------------------------------------------------------- */

static char folder[] = "/tmp/pysockc-bench-XXXXXX";

static const char *path(const char *file)
{
    static char text[128];
    snprintf(text, sizeof text, "%s/%s", folder, file);
    return text;
}

static void make_certificates(void)
{
    char command[512];
    BENCH_NEED(mkdtemp(folder));
    snprintf(command, sizeof command, "cd %s && sh '%s' >/dev/null", folder,
             BENCH_CERTS_SH);
    BENCH_NEED(system(command) == 0);
}

static void remove_certificates(void)
{
    static const char *const files[] = {"ca.pem", "cert.pem", "key.pem"};
    for (int i = 0; i < 3; i++)
        unlink(path(files[i]));
    rmdir(folder);
}

static SSL_CTX *new_ctx(const SSL_METHOD *method, bool tuned)
{
    SSL_CTX *ctx = SSL_CTX_new(method);
    BENCH_NEED(ctx);
    if (tuned) {
        SSL_CTX_set_read_ahead(ctx, 1);
        SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    }
    return ctx;
}

static void make_plain_contexts(struct side *x)
{
    SSL_CTX *client = new_ctx(TLS_client_method(), x->tuned);
    SSL_CTX *server = new_ctx(TLS_server_method(), x->tuned);
    SSL_CTX_set_verify(client, SSL_VERIFY_PEER, NULL);
    BENCH_NEED(SSL_CTX_load_verify_file(client, path("ca.pem")) == 1);
    BENCH_NEED(SSL_CTX_use_certificate_chain_file(server, path("cert.pem")) ==
               1);
    BENCH_NEED(SSL_CTX_use_PrivateKey_file(server, path("key.pem"),
                                           SSL_FILETYPE_PEM) == 1);
    x->ctx[CLIENT] = client;
    x->ctx[SERVER] = server;
}

static void make_our_contexts(void)
{
    char key[128];
    contexts[CLIENT] = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, path("ca.pem"), NULL, NULL);
    contexts[SERVER] =
        sock_ssl_create_default_context(SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL);
    snprintf(key, sizeof key, "%s", path("key.pem"));
    BENCH_NEED(contexts[CLIENT]);
    BENCH_NEED(sock_ssl_load_cert_chain(contexts[SERVER], path("cert.pem"), key,
                                        NULL) == 0);
}

static void make_all(void)
{
    make_certificates();
    make_our_contexts();
    for (int i = 0; i < SIDES; i++)
        if (i != LIBRARY)
            make_plain_contexts(&sides[i]);
    remove_certificates();
    BENCH_NEED(listener =
                   sock_create_server(sock_addr_inet("127.0.0.1", 0), 16, 0));
    BENCH_NEED(sock_getsockname(listener, &where) == 0);
}

static void free_all(void)
{
    sock_free(listener);
    for (int k = 0; k < SIDES; k++)
        sides[k].by->free_session(sides[k].session);
    for (int i = 0; i < ENDS; i++) {
        sock_ssl_context_free(contexts[i]);
        for (int k = 0; k < SIDES; k++)
            SSL_CTX_free(sides[k].ctx[i]);
    }
}

/* --- Cases -------------------------------------------------------------- */

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void pass(struct side *x, int from, size_t size, int at_once)
{
    size_t left = size * (size_t)at_once;
    for (int i = 0; i < at_once; i++)
        x->by->send(&x->ends[from], message, size);
    while (left > 0)
        left -= x->by->recv(&x->ends[!from], buffer, sizeof buffer);
}

/* Of two connected sockets; with the end of both, where that is asked for. */
static double handshakes_with(struct side *x, long n, void *session,
                              bool to_the_end)
{
    double ns = 0;
    for (; n > 0; n--) {
        sock_t *ends[ENDS];
        connect_both(ends);
        double begun = now_ns();
        begin(x, ends, session);
        double shaken = now_ns();
        BENCH_NEED(x->by->is_resumed(&x->ends[CLIENT]) == (session != NULL));
        close_side(x);
        ns += (to_the_end ? now_ns() : shaken) - begun;
    }
    return ns;
}

static double handshakes(struct side *x, long n)
{
    return handshakes_with(x, n, NULL, false);
}

static double whole_connections(struct side *x, long n)
{
    return handshakes_with(x, n, NULL, true);
}

/* What a connection is resumed with comes with the first bytes. */
static void *take_session(struct side *x)
{
    open_side(x);
    pass(x, SERVER, SHORT, 1);
    void *session = x->by->session(&x->ends[CLIENT]);
    BENCH_NEED(session);
    close_side(x);
    return session;
}

static double resumed_handshakes(struct side *x, long n)
{
    if (x->session == NULL)
        x->session = take_session(x);
    return handshakes_with(x, n, x->session, false);
}

static double records(struct side *x, long n)
{
    double begun = now_ns();
    for (; n > 0; n--)
        for (int i = 0; i < MEGABYTE / RECORD; i++)
            pass(x, CLIENT, RECORD, 1);
    return now_ns() - begun;
}

static double small_records(struct side *x, long n)
{
    double begun = now_ns();
    for (; n > 0; n--)
        for (int i = 0; i < MEGABYTE / SMALL / AT_ONCE; i++)
            pass(x, CLIENT, SMALL, AT_ONCE);
    return now_ns() - begun;
}

static double round_trips(struct side *x, long n)
{
    double begun = now_ns();
    for (; n > 0; n--) {
        pass(x, CLIENT, SHORT, 1);
        pass(x, SERVER, SHORT, 1);
    }
    return now_ns() - begun;
}

static const struct tls_case {
    const char *name;
    double (*run)(struct side *x, long n); /* nanoseconds */
    bool alone;                            /* makes its connections itself */
    double limit;    /* of the ratio to OpenSSL's defaults; 0: none */
    double of_tuned; /* and to what is tuned */
    int allocations; /* of the library's own in one operation */
} cases[] = {
    {"full handshake", handshakes, true, 1.00, 1.02, -1},
    {"resumed handshake", resumed_handshakes, true, 1.00, 1.02, -1},
    {"full handshake, and the end", whole_connections, true, 0, 0, -1},
    {"1 MB, records of 16 KB", records, false, 1.00, 1.02, 0},
    {"1 MB, writes of 256 B", small_records, false, 1.00, 1.02, 0},
    {"64 B there and back", round_trips, false, 0.95, 1.05, 0},
};
enum { CASES = sizeof cases / sizeof *cases };

/* --- Time --------------------------------------------------------------- */

static void open_all(const struct tls_case *c)
{
    int order[SIDES] = {LIBRARY, DEFAULTS, TUNED, CONTROL};
    bench_shuffle(order, SIDES);
    for (int k = 0; k < SIDES && !c->alone; k++)
        open_side(&sides[order[k]]);
    for (int k = 0; k < SIDES; k++)
        c->run(&sides[order[k]], 2); /* warms it up */
}

static void close_all(const struct tls_case *c)
{
    for (int k = 0; k < SIDES && !c->alone; k++)
        close_side(&sides[k]);
}

static long operations_per_slice(const struct tls_case *c)
{
    long n = 1;
    open_all(c);
    while (c->run(&sides[DEFAULTS], n) < SLICE_NS)
        n *= 2;
    close_all(c);
    return n;
}

/* Nanoseconds of an operation of each, in one round. */
static void run_round(const struct tls_case *c, long n, double ns[SIDES])
{
    int order[SIDES] = {LIBRARY, DEFAULTS, TUNED, CONTROL};
    bench_shuffle(order, SIDES);
    for (int k = 0; k < SIDES; k++)
        ns[order[k]] = c->run(&sides[order[k]], n) / (double)n;
}

static struct bench_spread spread_of(double (*ns)[SIDES], int rounds, int of,
                                     int divided_by)
{
    double *values = malloc((size_t)rounds * sizeof *values);
    BENCH_NEED(values);
    for (int i = 0; i < rounds; i++)
        values[i] = ns[i][of] / (divided_by < SIDES ? ns[i][divided_by] : 1);
    struct bench_spread s = bench_spread_of(values, (size_t)rounds);
    free(values);
    return s;
}

static double least(double (*ns)[SIDES], int rounds, int of)
{
    double value = ns[0][of];
    for (int i = 1; i < rounds; i++)
        value = ns[i][of] < value ? ns[i][of] : value;
    return value;
}

static void show_ratio(double (*ns)[SIDES], int rounds, int of, int divided_by)
{
    struct bench_spread s = spread_of(ns, rounds, of, divided_by);
    printf(" %.3f [%.3f %.3f] %.3f |", s.median, s.low, s.high,
           least(ns, rounds, of) / least(ns, rounds, divided_by));
}

static void time_case(const struct tls_case *c, int rounds)
{
    double(*ns)[SIDES] = malloc((size_t)rounds * sizeof *ns);
    BENCH_NEED(ns);
    long n = operations_per_slice(c);
    for (int i = 0; i < rounds; i++) {
        if (i % OF_ONE_START == 0)
            open_all(c);
        run_round(c, n, ns[i]);
        if (i % OF_ONE_START == OF_ONE_START - 1 || i == rounds - 1)
            close_all(c);
    }
    printf("| %s | %.1f | %.1f |", c->name,
           spread_of(ns, rounds, DEFAULTS, SIDES).median / 1e3,
           spread_of(ns, rounds, LIBRARY, SIDES).median / 1e3);
    show_ratio(ns, rounds, LIBRARY, DEFAULTS);
    show_ratio(ns, rounds, LIBRARY, TUNED);
    show_ratio(ns, rounds, CONTROL, DEFAULTS);
    if (c->limit > 0)
        printf(" %.2f, %.2f |\n", c->limit, c->of_tuned);
    else
        puts(" - |");
    fflush(stdout);
    free(ns);
}

/* --- Counts ------------------------------------------------------------- */

/* What bench_count() calls has no argument. */
static const struct tls_case *counted;
static struct side *counted_side;

static void run_counted(long n)
{
    counted->run(counted_side, n);
}

/* A connection that both went on with would have two pasts. */
void bench_begin_child(void)
{
    if (!counted->alone)
        open_side(counted_side);
}

static struct bench_counts count(const struct tls_case *c, struct side *x)
{
    counted = c;
    counted_side = x;
    if (!c->alone)
        open_side(x);
    struct bench_counts n = bench_count(run_counted, 0);
    if (!c->alone)
        close_side(x);
    return n;
}

static int miss(const char *name, const char *what, double is,
                const char *relation, double limit)
{
    printf("MISSED %s: %s %.4g, wanted %s %.4g\n", name, what, is, relation,
           limit);
    return 1;
}

static int count_case(const struct tls_case *c)
{
    struct bench_counts n[SIDES];
    int misses = 0;
    for (int i = 0; i < CONTROL; i++)
        n[i] = count(c, &sides[i]);
    printf("| %s | %.6g | %.6g | %.6g | %.6g |\n", c->name,
           n[LIBRARY].system_calls, n[DEFAULTS].system_calls,
           n[TUNED].system_calls, n[LIBRARY].allocations);
    if (n[DEFAULTS].system_calls == 0)
        misses += miss(c->name, "system calls of OpenSSL", 0, "over", 0);
    if (n[LIBRARY].system_calls > n[DEFAULTS].system_calls)
        misses += miss(c->name, "system calls", n[LIBRARY].system_calls,
                       "at most", n[DEFAULTS].system_calls);
    if (c->allocations >= 0 && n[LIBRARY].allocations != c->allocations)
        misses += miss(c->name, "allocations", n[LIBRARY].allocations,
                       "exactly", c->allocations);
    return misses;
}

/* Bytes of a connection of which both ends are idle. */
static double idle_heap(struct side *x)
{
    static struct end kept[IDLE][ENDS];
    handshakes(x, 2); /* what is made once, for all */
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < IDLE; i++) {
        open_side(x);
        pass(x, CLIENT, RECORD, 1);
        pass(x, SERVER, RECORD, 1);
        memcpy(kept[i], x->ends, sizeof kept[i]);
    }
    size_t behind = mallinfo2().uordblks;
    for (int i = 0; i < IDLE; i++) {
        memcpy(x->ends, kept[i], sizeof kept[i]);
        close_side(x);
    }
    return (double)(behind - before) / IDLE;
}

/* tests/ssl/test_ssl_memory.c has its limit. */
static void show_heap(void)
{
    static const char *const of[] = {"the library", "OpenSSL", "tuned"};
    printf("Heap of both ends of an idle connection:");
    for (int i = 0; i < CONTROL; i++)
        printf(" %s %.0f%s", of[i], idle_heap(&sides[i]),
               i < CONTROL - 1 ? "," : "\n");
}

static int check(void)
{
    int misses = 0;
    puts("| system calls | library | OpenSSL | tuned | library's allocations |"
         "\n|---|---|---|---|---|");
    for (int i = 0; i < CASES; i++)
        misses += count_case(&cases[i]);
    show_heap();
    printf("%d cases, %d limits missed\n", CASES, misses);
    if (misses > 0)
        return 1;
    if (bench_can_trace())
        return 0;
    puts("SKIPPED system calls: ptrace is not permitted");
    return SKIPPED;
}

/* --- Program ------------------------------------------------------------ */

static int measure(int rounds)
{
    puts("| microseconds | OpenSSL | library | library / OpenSSL, least | "
         "library / tuned, least | OpenSSL / itself, least | at most |\n"
         "|---|---|---|---|---|---|---|");
    for (int i = 0; i < CASES; i++)
        time_case(&cases[i], rounds);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        {"check", no_argument, NULL, 'c'},
        {"rounds", required_argument, NULL, 'r'},
        {0},
    };
    bool checks = false, good = true;
    int rounds = ROUNDS;
    for (int o; (o = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        checks = checks || o == 'c';
        if (o == 'r')
            rounds = atoi(optarg);
        good = good && o != '?';
    }
    if (!good || optind != argc || rounds < LEAST_ROUNDS) {
        fputs("usage: pysockc_ssl_bench [--check] [--rounds N]\n", stderr);
        return 2;
    }
    memset(message, 'x', sizeof message);
    bench_stay_on_one_processor();
    make_all();
    int status = checks ? check() : measure(rounds);
    free_all();
    return status;
}
