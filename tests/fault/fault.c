/* SPDX-License-Identifier: MIT */
/*
 * fault [--scenario S --call C --nth N --errno E --mode M] [--list]
 *
 * Fails every call that the library makes of the C library, one at a time, in
 * a child each, and looks at what became of it. See README.md.
 */
#include "fault.h"

#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pysockc/pysockc.h>

int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

enum { HUNG_AFTER = 10, MOST_FDS = 256 };

/* The table */

static const struct {
    const char *name;
    int code;
} codes[] = {
    {"HOST_NOT_FOUND", FAULT_HOST + HOST_NOT_FOUND},
    {"TRY_AGAIN", FAULT_HOST + TRY_AGAIN},
    {"NO_RECOVERY", FAULT_HOST + NO_RECOVERY},
    {"NO_DATA", FAULT_HOST + NO_DATA},
    {"EAI_ADDRFAMILY", FAULT_GAI - EAI_ADDRFAMILY},
    {"EAI_AGAIN", FAULT_GAI - EAI_AGAIN},
    {"EAI_BADFLAGS", FAULT_GAI - EAI_BADFLAGS},
    {"EAI_FAIL", FAULT_GAI - EAI_FAIL},
    {"EAI_FAMILY", FAULT_GAI - EAI_FAMILY},
    {"EAI_MEMORY", FAULT_GAI - EAI_MEMORY},
    {"EAI_NODATA", FAULT_GAI - EAI_NODATA},
    {"EAI_NONAME", FAULT_GAI - EAI_NONAME},
    {"EAI_OVERFLOW", FAULT_GAI - EAI_OVERFLOW},
    {"EAI_SERVICE", FAULT_GAI - EAI_SERVICE},
    {"EAI_SOCKTYPE", FAULT_GAI - EAI_SOCKTYPE},
    {"EAI_SYSTEM", FAULT_GAI - EAI_SYSTEM},
};

static int code_of(const char *name)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(codes[i].name, name) == 0)
            return codes[i].code;
    for (int e = 1; e < 200; e++) {
        const char *known = strerrorname_np(e);
        if (known != NULL && strcmp(known, name) == 0)
            return e;
    }
    if (strcmp(name, "EOPNOTSUPP") == 0) /* which has two names */
        return EOPNOTSUPP;
    fprintf(stderr, "errors.txt: unknown code %s\n", name);
    exit(2);
}

static void read_row(char *line)
{
    struct fault_row *row = &fault_rows[fault_row_count++];
    char *rest, *word = strtok_r(line, ": \n", &rest);
    snprintf(row->call, sizeof row->call, "%s", word);
    while ((word = strtok_r(NULL, " \n", &rest)) != NULL) {
        snprintf(row->names[row->n], sizeof row->names[0], "%s", word);
        row->codes[row->n++] = code_of(word);
    }
}

static void read_table(const char *path)
{
    char line[1024];
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        perror(path);
        exit(2);
    }
    while (fgets(line, sizeof line, f) != NULL)
        if (line[0] != '#' && line[0] != '\n')
            read_row(line);
    fclose(f);
}

/* What must become of it */

struct outcome {
    bool ok;
    int kind, code;
};

static const struct outcome fine = {.ok = true};

static struct outcome fails(int kind, int code)
{
    return (struct outcome){.kind = kind, .code = code};
}

static bool any_of(const char *name, const char *list)
{
    char padded[32];
    snprintf(padded, sizeof padded, " %s ", name);
    return strstr(list, padded) != NULL;
}

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static const char transfers[] = " accept4 recv recvfrom recvmsg send sendto "
                                "sendmsg sendfile64 ";
static const char look_ups[] =
    " getservbyname_r getservbyport_r getprotobyname_r ";

/* The look-ups that the resolver's codes come from. */
static struct outcome expect_names(const char *scenario,
                                   const struct injection *x)
{
    int code = x->code;
    if (code >= FAULT_GAI) {
        code = FAULT_GAI - code;
        return code == EAI_SYSTEM ? fails(SOCK_E_OS, ECONNREFUSED)
                                  : fails(SOCK_E_GAI, code);
    }
    if (code >= FAULT_HOST) {
        static const int gai[] = {0, EAI_NONAME, EAI_AGAIN, EAI_FAIL,
                                  EAI_NODATA};
        code -= FAULT_HOST;
        return strcmp(scenario, "gethostbyname_ex") == 0
                   ? fails(SOCK_E_GAI, gai[code])
                   : fails(SOCK_E_HOST, code);
    }
    if (code == ERANGE && x->mode == FAULT_ONCE)
        return fine;
    if (code == ENOMEM)
        return fails(SOCK_E_MEMORY, 0);
    /* Python, too, says only that there is none. */
    return fails(SOCK_E_OS, any_of(x->call, look_ups) ? 0 : code);
}

/* What is tried again: EINTR and EAGAIN. */
static struct outcome expect_again(const struct scenario *s,
                                   const struct injection *x)
{
    bool once = x->mode == FAULT_ONCE;
    if (x->code == EINTR)
        return once ? fine : fails(SOCK_E_CANCELLED, 0);
    if (begins(s->name, "recv_until") && x->nth % 2 == 0 && once)
        return fine; /* it looks again */
    if (s->flags & NON_BLOCKING)
        return fails(SOCK_E_OS, EAGAIN);
    if (s->flags & WITH_TIMEOUT && !once && strstr(s->name, "waits") == NULL)
        return fails(SOCK_E_TIMEOUT, 0);
    return fine;
}

/* Failures that are none, as the scenario goes on without the call. */
static bool goes_without(const struct scenario *s, const struct injection *x)
{
    static const char *const rows[][2] = {
        {"repr", " getsockname getpeername "},
        {"getfqdn", " gethostname getaddrinfo gethostbyaddr_r malloc realloc "},
        {"has_dualstack_ipv6", " socket setsockopt "},
        {"addr_host_scope", " if_indextoname "},
        {"addr_repr", " if_indextoname "},
        {"addr_get_packet", " if_indextoname "},
        {"addr_get_can", " if_indextoname "},
        {"addr_format", " if_indextoname "},
        {"connect_shared", " ioctl "},
        {"sendfile_timeout", " ioctl "},
        {"sendfile_copies", " ioctl "},
        {"cancel_fire", " write "},
        {"cancel_reset", " read "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i][0], s->name) == 0 && any_of(x->call, rows[i][1]))
            return true;
    /* Whether the kernel has a timeout is a question for EAGAIN alone: no
     * answer is a no. */
    if (strcmp(x->call, "getsockopt") == 0 && strstr(s->name, "_waits") != NULL)
        return true;
    if (begins(s->name, "gethostbyname_ex") &&
        x->code == FAULT_GAI - EAI_NONAME)
        return true; /* so it is not numeric */
    /* The second address is another chance. */
    return strcmp(s->name, "create_connection_two") == 0 &&
           x->mode == FAULT_ONCE &&
           any_of(x->call, " socket bind connect getpeername ");
}

static struct outcome expect_close(const struct scenario *s,
                                   const struct injection *x)
{
    bool tells = begins(s->name, "close") || begins(s->name, "selector_close");
    return tells && x->code != ECONNRESET ? fails(SOCK_E_OS, x->code) : fine;
}

static struct outcome expect_connect(const struct scenario *s,
                                     const struct injection *x)
{
    if (x->code == EINTR && strcmp(s->name, "connect_unix") == 0)
        return expect_again(s, x);
    if (x->code == EINTR && !(s->flags & NON_BLOCKING))
        return fine;
    return fails(SOCK_E_OS, x->code);
}

static bool is_allocation(const char *call)
{
    return any_of(call, " malloc calloc realloc posix_memalign strndup "
                        "fopencookie ");
}

/* A selector: what it is told of is out of it in any case, and its event has
 * been set before, or is set again. */
static struct outcome expect_selector(const struct scenario *s,
                                      const struct injection *x)
{
    bool ends = strstr(s->name, "unregister") != NULL ||
                strstr(s->name, "registered") != NULL;
    if (any_of(x->call, " read write ") ||
        (ends && strcmp(x->call, "epoll_ctl") == 0))
        return fine;
    if (x->code == EINTR) /* but where something was found without a wait */
        return strstr(s->name, "inside") ? fine : expect_again(s, x);
    if (x->code == ENOSYS) /* there is the elder call */
        return fine;
    if (x->code == ENOMEM)
        return fails(SOCK_E_MEMORY, 0);
    return fails(x->code == EEXIST ? SOCK_E_KEY : SOCK_E_OS, x->code);
}

/* A loop stands on a selector; a handler that is asked for, and can't be told,
 * is taken for none of the loop's. */
static struct outcome expect_loop(const struct scenario *s,
                                  const struct injection *x)
{
    bool adds = strcmp(s->name, "loop_add_signal_handler") == 0;
    if (strcmp(x->call, "getaddrinfo") == 0) /* it is told to the function */
        return fine;
    if (strcmp(x->call, "sigaction") == 0 &&
        (!adds || (x->nth == 1 && x->mode == FAULT_ONCE)))
        return fine;
    if (strcmp(s->name, "loop_remove_reader") == 0 &&
        strcmp(x->call, "epoll_ctl") == 0)
        return fine;
    return expect_selector(s, x);
}

/* A look-up: numbers are asked for first, and a thread that can't say that it
 * has the answer is found to have it at the end of the time. */
static bool expect_look_up(const struct scenario *s, const struct injection *x,
                           struct outcome *outcome)
{
    bool alone = strcmp(s->name, "getaddrinfo_within") == 0;
    bool first = strcmp(x->call, "ppoll") == 0 && x->nth == 1;
    if (strcmp(x->call, "write") == 0)
        *outcome = alone ? fine : fails(SOCK_E_TIMEOUT, 0);
    else if (x->code == FAULT_GAI - EAI_NONAME && x->nth == 1 &&
             x->mode == FAULT_ONCE)
        *outcome = fine;
    else if (x->code == ENOMEM && (first || strcmp(x->call, "eventfd") == 0))
        *outcome = fails(SOCK_E_MEMORY, 0);
    else
        return false;
    return true;
}

/* Many connections: what came of one that goes on is asked by connect(2), and
 * one that was made is taken out of the poller in any case. */
static bool expect_each(const struct scenario *s, const struct injection *x,
                        struct outcome *outcome)
{
    bool again = strcmp(x->call, "connect") == 0 && x->nth > 1;
    if (strcmp(s->name, "connect_each") == 0 && again && x->code == EISCONN)
        *outcome = fine;
    else if (strcmp(s->name, "connect_each") == 0 && again &&
             x->code == EALREADY)
        *outcome = x->mode == FAULT_ONCE ? fine : fails(SOCK_E_TIMEOUT, 0);
    else if ((strcmp(x->call, "epoll_ctl") == 0 && x->nth > 1) ||
             (strcmp(x->call, "syscall") == 0 && x->code == ENOSYS))
        *outcome = fine;
    else
        return false;
    return true;
}

/* A loop outlives what a request fails at, and what keeps it from taking one;
 * but not a socket that can't be asked, nor that a pool has no thread at all.
 * Ending can't fail. */
static struct outcome expect_server(const struct scenario *s,
                                    const struct injection *x)
{
    static const char makes[] = " socket bind listen getsockname setsockopt "
                                "getsockopt eventfd ioctl ";
    bool making = begins(s->name, "server_new") || begins(s->name, "server_a");
    bool asks =
        begins(s->name, "server_request") || begins(s->name, "server_serve");
    if (making && is_allocation(x->call))
        return fails(SOCK_E_MEMORY, 0);
    if (making && any_of(x->call, makes))
        return fails(SOCK_E_OS, x->code);
    if (strcmp(x->call, "pthread_create") == 0 && x->nth == 1 &&
        strstr(s->name, "_pool") != NULL)
        return fails(SOCK_E_OS, x->code);
    if (!asks || !any_of(x->call, " ppoll accept4 recvmsg "))
        return fine;
    if (x->code == EINTR)
        return expect_again(s, x);
    bool final = x->code == EBADF || x->code == EINVAL || x->code == ENOTSOCK ||
                 x->code == EOPNOTSUPP;
    return final || strcmp(x->call, "ppoll") == 0 ? fails(SOCK_E_OS, x->code)
                                                  : fine;
}

/* Dispatchers and chats. What fails when no function of theirs was called is
 * told to the class, and so is what a push meets, or the end of a peer. */
static bool expect_async(const struct scenario *s, const struct injection *x,
                         struct outcome *outcome)
{
    static const char told[] = " dispatcher_reads dispatcher_accepts "
                               "dispatcher_connects chat_reads chat_writes "
                               "dispatcher_connects_to_host dispatcher_update "
                               "dispatcher_close dispatcher_close_all "
                               "dispatcher_free chat_pause_reading "
                               "dispatcher_set_reuse_addr ";
    static const char asked[] =
        " dispatcher_new dispatcher_with_send_new "
        "dispatcher_set_socket dispatcher_create_socket "
        "chat_new ";
    static const char listens[] = " dispatcher_listen dispatcher_connect "
                                  "dispatcher_of_a_file ";
    static const int gone[] = {ECONNRESET, ENOTCONN,     ESHUTDOWN,
                               EPIPE,      ECONNABORTED, EBADF};
    bool pushed = (begins(s->name, "chat_push") ||
                   strcmp(s->name, "dispatcher_send_waits") == 0) &&
                  (any_of(x->call, " send sendfile64 pread64 ") ||
                   (strcmp(x->call, "malloc") == 0 && x->nth > 1));
    bool moved = any_of(x->call, " send recv read write ");

    bool begun = strcmp(s->name, "dispatcher_connect_at_once") == 0 &&
                 strcmp(x->call, "connect") != 0;

    *outcome = fine;
    if (any_of(x->call, " syscall epoll_wait ")) {
        *outcome = expect_selector(s, x);
        return true;
    }
    if (pushed || begun || any_of(s->name, told) ||
        (x->code == EAGAIN && strcmp(x->call, "write") == 0))
        return true;
    /* What a socket is already is asked in two ways. */
    if (any_of(s->name, asked) &&
        (strcmp(x->call, "getsockopt") == 0 ||
         (strcmp(x->call, "getpeername") == 0 &&
          (x->code == ENOTCONN || x->code == EINVAL))))
        return true;
    if (strcmp(x->call, "connect") == 0 &&
        (x->code == EALREADY || x->code == EISCONN || x->code == EINTR))
        return true;
    if (strcmp(x->call, "getaddrinfo") == 0)
        return true;
    if (strcmp(x->call, "epoll_ctl") == 0) {
        if (any_of(s->name, asked) || any_of(s->name, listens))
            *outcome = expect_selector(s, x);
        return true;
    }
    for (size_t i = 0; moved && i < sizeof gone / sizeof gone[0]; i++)
        if (x->code == gone[i])
            return true;
    return false;
}

static bool cannot_sendfile(int code)
{
    return code == EINVAL || code == ESPIPE || code == EOVERFLOW ||
           code == EOPNOTSUPP || code == ENOSYS;
}

static struct outcome expect(const struct scenario *s,
                             const struct injection *x)
{
    struct outcome outcome;
    if (x->call == NULL || x->mode == FAULT_SHORT || goes_without(s, x))
        return fine;
    if (s->flags & LOOKS_UP && expect_look_up(s, x, &outcome))
        return outcome;
    if (begins(s->name, "connect_each") && expect_each(s, x, &outcome))
        return outcome;
    if (begins(s->name, "server_"))
        return expect_server(s, x);
    if ((begins(s->name, "dispatcher_") || begins(s->name, "chat_")) &&
        expect_async(s, x, &outcome))
        return outcome;
    if (is_allocation(x->call))
        return fails(SOCK_E_MEMORY, 0);
    if (any_of(x->call, " lseek64 sigtimedwait "))
        return fine;
    if (strcmp(x->call, "close") == 0)
        return expect_close(s, x);
    if (begins(s->name, "selector_"))
        return expect_selector(s, x);
    if (begins(s->name, "loop_"))
        return expect_loop(s, x);
    if (strcmp(x->call, "connect") == 0)
        return expect_connect(s, x);
    if (begins(x->call, "get") &&
        (strstr(x->call, "_r") != NULL || strstr(x->call, "info") != NULL))
        return expect_names(s->name, x);
    if (x->code == EINTR || (x->code == EAGAIN && any_of(x->call, transfers)))
        return expect_again(s, x);
    if (x->code == ECONNABORTED && strcmp(x->call, "accept4") == 0)
        return fine;
    if (strcmp(x->call, "sendfile64") == 0 && x->nth == 1 &&
        cannot_sendfile(x->code))
        return fine;
    if (strcmp(x->call, "pread64") == 0 && x->code == ESPIPE && x->nth == 1)
        return fine; /* it reads from where it is */
    if (strcmp(x->call, "if_nametoindex") == 0)
        return fails(SOCK_E_OS, begins(s->name, "addr_") ? x->code : 0);
    return fails(SOCK_E_OS, x->code);
}

/* What has become of it */

static void open_fds(bool *fds)
{
    DIR *d = opendir("/proc/self/fd");
    memset(fds, 0, MOST_FDS * sizeof *fds);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        int fd = atoi(e->d_name);
        if (e->d_name[0] != '.' && fd != dirfd(d) && fd < MOST_FDS)
            fds[fd] = true;
    }
    closedir(d);
}

static void check_record(void)
{
    static const int errnos[] = {[SOCK_E_TIMEOUT] = ETIMEDOUT,
                                 [SOCK_E_GAI] = ENOENT,
                                 [SOCK_E_HOST] = ENOENT,
                                 [SOCK_E_MEMORY] = ENOMEM,
                                 [SOCK_E_CANCELLED] = ECANCELED};
    const struct result *r = &fault_result;
    const sock_error_t *e = sock_last_error();
    char text[SOCK_ERROR_TEXT_MAX];
    int n = sock_error_text(e, text, sizeof text);
    bool by_code = r->kind == SOCK_E_OS || r->kind == SOCK_E_KEY;
    int err = by_code ? r->code : errnos[r->kind];

    if (n <= 0 || (size_t)n >= sizeof text || strstr(text, ": ") == NULL)
        fault_complain("the error has no text");
    if (r->err != err && !(r->kind == SOCK_E_OS && r->code == 0))
        fault_complain("errno is %d, of kind %s with code %d", r->err,
                       sock_error_name(r->kind), r->code);
}

static void check_result(const struct scenario *s)
{
    struct outcome want = expect(s, &fault.now);
    const struct result *r = &fault_result;
    bool has_record = !begins(s->name, "connect_ex") &&
                      !begins(s->name, "connect_non_blocking");

    if (!r->settled)
        fault_complain("the call did not end");
    if (r->ok != want.ok)
        fault_complain("it %s: kind %s, code %d",
                       r->ok ? "succeeded" : "failed", sock_error_name(r->kind),
                       r->code);
    if (!r->ok && (r->kind != want.kind || r->code != want.code))
        fault_complain("kind %s, code %d, and not %s, %d",
                       sock_error_name(r->kind), r->code,
                       sock_error_name(want.kind), want.code);
    if (!r->ok && has_record)
        check_record();
    if (r->ok && !(s->flags & KEEPS_NOTHING) &&
        (r->err != 77 || r->kind != SOCK_E_NONE))
        fault_complain("success left errno %d, kind %s", r->err,
                       sock_error_name(r->kind));
}

/* In a child: 0 if all is as it must be. */
static int run_one(const struct scenario *s, const struct injection *x)
{
    bool before[MOST_FDS], after[MOST_FDS];
    fault.now = *x;
    alarm(HUNG_AFTER);
    open_fds(before);
    s->run();
    open_fds(after);
    if (memcmp(before, after, sizeof before) != 0)
        fault_complain("it left other descriptors open");
    if (fault.balance != 0)
        fault_complain("%d allocations are left", fault.balance);
    if (x->call != NULL && fault.injected == 0)
        fault_complain("the call was never made");
    check_result(s);
    if (__lsan_do_recoverable_leak_check != NULL && x->nth == 1 &&
        x->mode == FAULT_ONCE && __lsan_do_recoverable_leak_check() != 0)
        fault_complain("it left memory behind");
    return fault.complaint[0] != '\0';
}

/* All of it */

/* Scenarios wait more than they work, so some run side by side. */
enum { WORKERS = 4 };

static struct totals {
    int injections, failures, scenarios;
} * totals; /* of a worker */

static bool list;

static const char *const modes[] = {"once", "ever", "short"};

/* What a worker's child leaves for it. */
static struct shared {
    int counts[64];
    char complaint[200];
} * shared;

static void *shared_memory(size_t size)
{
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
}

static void print(const struct scenario *s, const struct injection *x,
                  const char *code)
{
    printf("fault --scenario %s", s->name);
    if (x->call != NULL)
        printf(" --call %s --nth %d --errno %s --mode %s", x->call, x->nth,
               code, modes[x->mode]);
}

/* What the child has counted, which _exit(2) would lose. */
static void write_coverage(void)
{
#ifdef COVERAGE
    void __gcov_dump(void);
    __gcov_dump();
#endif
}

/* Runs one in a child: whether it was as it must be. */
static bool inject(const struct scenario *s, const struct injection *x,
                   const char *code)
{
    int status;
    memset(shared, 0, sizeof *shared);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int rc = run_one(s, x);
        memcpy(shared->counts, fault.counts, sizeof shared->counts);
        memcpy(shared->complaint, fault.complaint, sizeof shared->complaint);
        write_coverage();
        _exit(rc);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    totals->injections += x->call != NULL;
    bool ok = status == 0;
    if (!ok || list) {
        print(s, x, code);
        printf(ok ? "\n" : "\n    %s (status %#x)\n",
               shared->complaint[0] ? shared->complaint : "it crashed or hung",
               (unsigned)status);
    }
    totals->failures += !ok;
    return ok;
}

static void inject_codes(const struct scenario *s, const struct fault_row *row,
                         int nth)
{
    for (int i = 0; i < row->n; i++)
        for (int mode = FAULT_ONCE; mode <= FAULT_EVER; mode++) {
            struct injection x = {row->call, nth, row->codes[i],
                                  (enum fault_mode)mode};
            inject(s, &x, row->names[i]);
        }
    if (any_of(row->call, " recv recvfrom recvmsg send sendto sendmsg "
                          "sendfile64 read pread64 ")) {
        struct injection x = {row->call, nth, 0, FAULT_SHORT};
        inject(s, &x, "0");
    }
}

static void inject_all(const struct scenario *s)
{
    int counts[64];
    if (!inject(s, &(struct injection){0}, ""))
        return;
    memcpy(counts, shared->counts, sizeof counts);
    totals->scenarios++;
    for (int row = 0; row < fault_row_count; row++)
        for (int nth = 1; nth <= counts[row]; nth++)
            inject_codes(s, &fault_rows[row], nth);
}

static int mode_of(const char *name)
{
    for (int i = 0; i < 3; i++)
        if (strcmp(modes[i], name) == 0)
            return i;
    exit(2);
}

/* The value of an option, or NULL. */
static char *option(char **argv, const char *name)
{
    for (; *argv != NULL; argv++)
        if (strcmp(*argv, name) == 0)
            return argv[1];
    return NULL;
}

/* Every one of WORKERS, from the one of this number on. */
static void select_and_run(char **argv, size_t worker)
{
    char *name = option(argv, "--scenario"), *call = option(argv, "--call");
    char *nth = option(argv, "--nth"), *code = option(argv, "--errno");
    char *mode = option(argv, "--mode");

    for (size_t i = worker; i < scenario_count; i += WORKERS) {
        const struct scenario *s = &scenarios[i];
        if (name != NULL && strcmp(name, s->name) != 0)
            continue;
        if (call == NULL || nth == NULL || code == NULL || mode == NULL) {
            inject_all(s);
            continue;
        }
        struct injection x = {call, atoi(nth),
                              strcmp(code, "0") == 0 ? 0 : code_of(code),
                              (enum fault_mode)mode_of(mode)};
        totals->scenarios++;
        inject(s, &x, code);
    }
}

static struct totals run_workers(char **argv)
{
    struct totals *of_all = shared_memory(WORKERS * sizeof *of_all), sum = {0};
    int status;

    for (size_t i = 0; i < WORKERS; i++) {
        if (fork() != 0)
            continue;
        totals = &of_all[i];
        shared = shared_memory(sizeof *shared);
        select_and_run(argv, i);
        exit(0);
    }
    for (size_t i = 0; i < WORKERS; i++)
        if (wait(&status) < 0 || status != 0)
            sum.failures++;
    for (size_t i = 0; i < WORKERS; i++) {
        sum.injections += of_all[i].injections;
        sum.failures += of_all[i].failures;
        sum.scenarios += of_all[i].scenarios;
    }
    return sum;
}

int main(int argc, char **argv)
{
    char *least = option(argv, "--least");
    (void)argc;
    for (char **a = argv; *a != NULL; a++)
        list = list || strcmp(*a, "--list") == 0;
    read_table(ERRORS);
    struct totals sum = run_workers(argv);
    printf("%d injections in %d scenarios, %d not as they must be\n",
           sum.injections, sum.scenarios, sum.failures);
    if (sum.scenarios == 0 || (least && sum.injections < atoi(least)))
        return 1;
    return sum.failures != 0;
}
