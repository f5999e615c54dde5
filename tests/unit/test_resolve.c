/* SPDX-License-Identifier: MIT */
/* Look-ups with an end, and connections by name. Links with --wrap. */
#include "support.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lookup.h"
#include "os.h"

/*
 * A resolver of our own. It knows these names:
 *
 *   fast      127.0.0.1, at once
 *   gate      the same, when the gate is opened
 *   slow      the same, after `nap` ns
 *   peers     the addresses of the race, below
 *   EAI_...   fails so
 */

enum { MOST = 8 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    int inside, most_inside; /* of those that wait at the gate */
    int asked;               /* not for numbers */
    int lists;               /* that were given and not ended */
    pthread_t asker;
    size_t stack;
    int unblocked; /* signals, in the thread that asked last */
    atomic_long nap;
} resolver = {.lock = PTHREAD_MUTEX_INITIALIZER,
              .changed = PTHREAD_COND_INITIALIZER};

static struct {
    struct addrinfo list[MOST];
    struct sockaddr_storage addresses[MOST];
    size_t count;
    int fds[MOST * 2], tried[MOST * 2]; /* by connect(2) */
    size_t tries;
    void (*before)(size_t try); /* connect(2) */
} found;

/* What fails, and how often pthread_create() was asked. */
static atomic_int threads_made, threads_refused;
static bool no_memory;

int __real_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list);
void __real_freeaddrinfo(struct addrinfo *list);
void __wrap_freeaddrinfo(struct addrinfo *list);
int __real_connect(int fd, const struct sockaddr *sa, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len);
int __real_pthread_create(pthread_t *t, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

static void nap(long ns)
{
    struct timespec t = {ns / 1000000000, ns % 1000000000};
    nanosleep(&t, NULL);
}

/* Under the lock. */
static void look_at_the_thread(void)
{
    sigset_t blocked;
    pthread_attr_t attr;
    void *lowest;

    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    resolver.unblocked = 0;
    for (int i = 1; i < NSIG; i++)
        resolver.unblocked += sigismember(&blocked, i) == 0;
    pthread_getattr_np(pthread_self(), &attr);
    pthread_attr_getstack(&attr, &lowest, &resolver.stack);
    pthread_attr_destroy(&attr);
}

static void come(void)
{
    pthread_mutex_lock(&resolver.lock);
    resolver.asked++;
    resolver.asker = pthread_self();
    look_at_the_thread();
    pthread_cond_broadcast(&resolver.changed);
    pthread_mutex_unlock(&resolver.lock);
}

static void wait_at_the_gate(void)
{
    pthread_mutex_lock(&resolver.lock);
    if (++resolver.inside > resolver.most_inside)
        resolver.most_inside = resolver.inside;
    pthread_cond_broadcast(&resolver.changed);
    while (!resolver.open)
        pthread_cond_wait(&resolver.changed, &resolver.lock);
    resolver.inside--;
    pthread_cond_broadcast(&resolver.changed);
    pthread_mutex_unlock(&resolver.lock);
}

static void set_gate(bool open)
{
    pthread_mutex_lock(&resolver.lock);
    resolver.open = open;
    pthread_cond_broadcast(&resolver.changed);
    pthread_mutex_unlock(&resolver.lock);
}

/* Waits until so many are inside, or have asked. */
static void await(const int *count, int n)
{
    pthread_mutex_lock(&resolver.lock);
    while (*count != n)
        pthread_cond_wait(&resolver.changed, &resolver.lock);
    pthread_mutex_unlock(&resolver.lock);
}

/* Lets those who wait in, until no list and no thread is left. */
static void let_all_end(void)
{
    set_gate(true);
    await(&resolver.inside, 0);
    await(&resolver.lists, 0);
    set_gate(false);
}

static int answer(struct addrinfo **list, const char *port,
                  const struct addrinfo *hints)
{
    int code = __real_getaddrinfo("127.0.0.1", port, hints, list);
    pthread_mutex_lock(&resolver.lock);
    resolver.lists += code == 0;
    pthread_mutex_unlock(&resolver.lock);
    return code;
}

static int code_of(const char *host)
{
    static const struct {
        const char *name;
        int code;
    } rows[] = {{"EAI_AGAIN", EAI_AGAIN},
                {"EAI_FAIL", EAI_FAIL},
                {"EAI_NONAME", EAI_NONAME},
                {"EAI_SYSTEM", EAI_SYSTEM}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(host, rows[i].name) == 0)
            return rows[i].code;
    return 0;
}

int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **list)
{
    static const char *const names[] = {"fast", "gate", "slow", "peers"};
    int name = 0;

    while (name < 4 && (host == NULL || strcmp(host, names[name]) != 0))
        name++;
    int code = host != NULL ? code_of(host) : 0;
    if (name == 4 && code == 0)
        return __real_getaddrinfo(host, port, hints, list);
    if (hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    come();
    errno = EMFILE; /* of EAI_SYSTEM */
    if (code != 0)
        return code;
    if (name == 1)
        wait_at_the_gate();
    if (name == 2)
        nap(resolver.nap);
    if (name < 3)
        return answer(list, port, hints);
    *list = found.list;
    return 0;
}

void __wrap_freeaddrinfo(struct addrinfo *list)
{
    if (list == found.list)
        return;
    __real_freeaddrinfo(list);
    pthread_mutex_lock(&resolver.lock);
    resolver.lists -= resolver.lists > 0;
    pthread_cond_broadcast(&resolver.changed);
    pthread_mutex_unlock(&resolver.lock);
}

int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len)
{
    size_t i = 0;
    while (i < found.count && (len != found.list[i].ai_addrlen ||
                               memcmp(sa, &found.addresses[i], len) != 0))
        i++;
    if (i == found.count)
        return __real_connect(fd, sa, len);
    if (found.before != NULL)
        found.before(found.tries);
    found.fds[found.tries % (MOST * 2)] = fd;
    found.tried[found.tries++ % (MOST * 2)] = (int)i;
    return __real_connect(fd, sa, len);
}

int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg)
{
    if (threads_refused > 0) {
        threads_refused--;
        return EAGAIN;
    }
    threads_made++;
    return __real_pthread_create(t, attr, run, arg);
}

void *__wrap_malloc(size_t size)
{
    if (!no_memory)
        return __real_malloc(size);
    errno = ENOMEM;
    return NULL;
}

static sock_addrinfo_t *within(const char *host, double seconds)
{
    return sock_getaddrinfo_within(host, "80", AF_INET, SOCK_STREAM, 0, 0,
                                   seconds);
}

static void check_found(sock_addrinfo_t *list)
{
    check(list != NULL);
    check_int(list->count, 1);
    check_str(repr(&list->entries[0].address), "('127.0.0.1', 80)");
    sock_addrinfo_free(list);
}

/* Look-ups */

TEST(resolve, numbers_need_no_thread)
{
    static const char *const hosts[] = {"127.0.0.1", "127.1", "::1", NULL};
    static const double times[] = {0, 5, SOCK_NO_TIMEOUT};

    errno = 1234;
    for (int i = 0; i < 12; i++) {
        sock_addrinfo_t *list = check_made(sock_getaddrinfo_within(
            hosts[i % 4], "80", AF_UNSPEC, SOCK_STREAM, 0, 0, times[i / 4]));
        check_int(sock_addr_port(&list->entries[0].address), 80);
        sock_addrinfo_free(list);
    }
    check_int(threads_made, 0);
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
}

TEST(resolve, a_name_is_asked_for_by_a_thread)
{
    errno = 1234;
    check_found(within("fast", 5));
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    check_int(threads_made, 1);
    check(!pthread_equal(resolver.asker, pthread_self()));
    /* SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, and what can't
     * be blocked: SIGKILL, SIGSTOP; and two of the C library's own. */
    check(resolver.unblocked >= 9 && resolver.unblocked <= 11 + 3);
    check_found(within("fast", 5));
}

TEST(resolve, the_thread_has_a_small_stack)
{
    check_found(within("fast", 5));
    check(resolver.stack >= (size_t)64 << 10);
    check(resolver.stack <= (size_t)1 << 20);
}

TEST(resolve, without_a_limit_this_thread_asks)
{
    check_found(within("fast", SOCK_NO_TIMEOUT));
    check_int(threads_made, 0);
    check(pthread_equal(resolver.asker, pthread_self()));
    check_ok(sock_setdefaulttimeout(4));
    check_found(within("fast", SOCK_DEFAULT_TIMEOUT));
    check_int(threads_made, 1);
}

/* A service's name may be looked up, too. */
TEST(resolve, a_service_is_asked_for)
{
    need_own_etc();
    sock_addrinfo_t *list = check_made(sock_getaddrinfo_within(
        "127.0.0.1", "http", AF_INET, SOCK_STREAM, 0, 0, 5));
    check_str(repr(&list->entries[0].address), "('127.0.0.1', 80)");
    sock_addrinfo_free(list);
    check_int(threads_made, 1);
    list = check_made(sock_getaddrinfo_within("localhost", NULL, AF_INET,
                                              SOCK_STREAM, 0, AI_CANONNAME, 5));
    check_str(list->entries[0].canonname, "localhost");
    check_str(repr(&list->entries[0].address), "('127.0.0.1', 0)");
    sock_addrinfo_free(list);
}

TEST(resolve, errors_are_those_of_getaddrinfo)
{
    check_null(within("EAI_AGAIN", 5), SOCK_E_GAI, EAI_AGAIN,
               "getaddrinfo_within EAI_AGAIN: [Errno -3] Temporary failure in "
               "name resolution");
    check_null(within("EAI_FAIL", 5), SOCK_E_GAI, EAI_FAIL,
               "getaddrinfo_within EAI_FAIL: [Errno -4] Non-recoverable "
               "failure in name resolution");
    check_null(within("EAI_NONAME", 5), SOCK_E_GAI, EAI_NONAME,
               "getaddrinfo_within EAI_NONAME: [Errno -2] Name or service not "
               "known");
    check_null(within("EAI_SYSTEM", 5), SOCK_E_OS, EMFILE,
               "getaddrinfo_within EAI_SYSTEM: [Errno 24] Too many open files");
    check_null(within("", 5), SOCK_E_GAI, EAI_NONAME,
               "getaddrinfo_within '': [Errno -2] Name or service not known");
    check_null(within("\xc3\xbc", 5), SOCK_E_TYPE, SOCK_TYPE_UNICODE,
               "getaddrinfo_within '\xc3\xbc': host name is not ASCII; encode "
               "it by IDNA");
    check_null(sock_getaddrinfo_within("fast", "99999", AF_INET, 0, 0, 0, 5),
               SOCK_E_GAI, EAI_SERVICE,
               "getaddrinfo_within fast: [Errno -8] Servname not supported for "
               "ai_socktype");
    check_null(sock_getaddrinfo_within(NULL, NULL, AF_INET, 0, 0, 0, 5),
               SOCK_E_GAI, EAI_NONAME,
               "getaddrinfo_within '': [Errno -2] Name or service not known");
}

TEST(resolve, seconds_that_are_none)
{
    check_null(within("fast", -2), SOCK_E_VALUE, 0,
               "getaddrinfo_within: Timeout value out of range");
    check_null(within("fast", 0.0 / 0.0), SOCK_E_VALUE, 0,
               "getaddrinfo_within: Invalid value NaN (not a number)");
    check_null(within("fast", 1e10), SOCK_E_OVERFLOW, 0,
               "getaddrinfo_within: timestamp too large to convert to C "
               "PyTime_t");
    check_int(resolver.asked, 0);
}

/* The end */

TEST(resolve, a_name_without_time)
{
    check_null(within("fast", 0), SOCK_E_TIMEOUT, 0,
               "getaddrinfo_within fast: timed out");
    check_int(threads_made, 0);
}

/* The answer that comes later finds nobody, and is ended. */
TEST(resolve, an_answer_that_is_late)
{
    static const double times[] = {0.001, 0.05, 0.2};

    for (int i = 0; i < 3; i++) {
        double start = now();
        check_null(within("gate", times[i]), SOCK_E_TIMEOUT, 0,
                   "getaddrinfo_within gate: timed out");
        double took = now() - start;
        check(took >= times[i]);
        check(took < times[i] + 5);
        check_int(errno, ETIMEDOUT);
    }
    let_all_end();
}

static int stop(void *arg)
{
    ++*(int *)arg;
    return 1;
}

static void on_alarm(int number)
{
    (void)number;
}

/* SIGALRM every 2 ms. */
static void start_alarms(void)
{
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval often = {{0, 2000}, {0, 2000}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
}

static void end_alarms(void)
{
    struct itimerval never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &never, NULL);
    sock_set_interrupt(NULL, NULL, NULL);
}

static int go_on(void *arg)
{
    ++*(int *)arg;
    return 0;
}

TEST(resolve, signals_do_not_move_the_end)
{
    int asked = 0;
    double start = now();

    sock_set_interrupt(NULL, go_on, &asked);
    start_alarms();
    check_null(within("gate", 0.2), SOCK_E_TIMEOUT, 0,
               "getaddrinfo_within gate: timed out");
    double took = now() - start;
    end_alarms();
    check(took >= 0.2 && took < 5);
    check(asked > 0);
    let_all_end();
}

TEST(resolve, a_look_up_is_cancelled)
{
    int asked = 0;

    sock_set_interrupt(NULL, stop, &asked);
    start_alarms();
    check_null(within("gate", 10), SOCK_E_CANCELLED, 0,
               "getaddrinfo_within gate: cancelled");
    end_alarms();
    check_int(asked, 1);
    let_all_end();
}

/* The gate opens while the function is asked: it is the function's word that
 * counts. */
static int stop_late(void *arg)
{
    (void)arg;
    set_gate(true);
    await(&resolver.inside, 0);
    nap(20000000);
    return 1;
}

TEST(resolve, an_answer_after_cancelling_is_dropped)
{
    sock_set_interrupt(NULL, stop_late, NULL);
    start_alarms();
    check_null(within("gate", 10), SOCK_E_CANCELLED, 0,
               "getaddrinfo_within gate: cancelled");
    end_alarms();
    let_all_end();
}

/* Many */

enum { ASKERS = 100, LIMIT = 16 };

struct asker {
    pthread_t thread;
    const char *host;
    double seconds, took;
    int kind;
    bool answered;
};

static void *ask(void *arg)
{
    struct asker *a = arg;
    double start = now();
    sock_addrinfo_t *list = within(a->host, a->seconds);
    a->took = now() - start;
    a->answered = list != NULL;
    a->kind = sock_last_error()->kind;
    sock_addrinfo_free(list);
    return NULL;
}

static void start_askers(struct asker *askers, int n, const char *host,
                         double seconds)
{
    for (int i = 0; i < n; i++) {
        askers[i] = (struct asker){.host = host, .seconds = seconds};
        check_int(
            __real_pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
    }
}

static void end_askers(struct asker *askers, int n)
{
    for (int i = 0; i < n; i++)
        pthread_join(askers[i].thread, NULL);
}

TEST(resolve, a_hundred_at_once_of_a_silent_server)
{
    struct asker askers[ASKERS];

    start_askers(askers, ASKERS, "gate", 2);
    await(&resolver.inside, LIMIT);
    end_askers(askers, ASKERS);
    for (int i = 0; i < ASKERS; i++) {
        check(!askers[i].answered);
        check_int(askers[i].kind, SOCK_E_TIMEOUT);
        check(askers[i].took >= 2);
        check(askers[i].took < 7);
    }
    check_int(threads_made, LIMIT);
    check_int(resolver.inside, LIMIT);
    check_int(resolver.most_inside, LIMIT);
    check_int(resolver.asked, LIMIT); /* the others went before their turn */
    let_all_end();
    check_int(resolver.asked, LIMIT);
}

/* Who finds all threads busy waits for one, within its own time. */
TEST(resolve, a_hundred_at_once_take_turns)
{
    struct asker askers[ASKERS];

    start_askers(askers, ASKERS, "gate", 15);
    await(&resolver.inside, LIMIT);
    check_int(threads_made, LIMIT);
    set_gate(true);
    end_askers(askers, ASKERS);
    for (int i = 0; i < ASKERS; i++)
        check(askers[i].answered);
    check_int(resolver.asked, ASKERS);
    let_all_end();
}

/* Those in the middle of the queue go, the others are served. */
TEST(resolve, some_leave_the_queue)
{
    struct asker busy[LIMIT], patient[6], hasty[6];

    start_askers(busy, LIMIT, "gate", 15);
    await(&resolver.inside, LIMIT);
    for (int i = 0; i < 6; i++) {
        start_askers(&patient[i], i % 3 != 0, "fast", 15);
        start_askers(&hasty[i], 1, "fast", 0.05 + 0.01 * (i % 3));
    }
    end_askers(hasty, 6);
    set_gate(true);
    end_askers(busy, LIMIT);
    for (int i = 0; i < 6; i++) {
        check(!hasty[i].answered);
        if (i % 3 == 0)
            continue;
        end_askers(&patient[i], 1);
        check(patient[i].answered);
    }
    check_int(resolver.asked, LIMIT + 4);
    let_all_end();
}

/* The end moves through the moment of the answer. */
TEST(resolve, an_answer_at_the_last_moment)
{
    int answered = 0, late = 0;

    resolver.nap = 1000000;
    for (int i = 0; i < 600; i++) {
        sock_addrinfo_t *list = within("slow", 0.0002 + i % 60 * 0.00005);
        answered += list != NULL;
        if (list == NULL) {
            check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
            late++;
        }
        sock_addrinfo_free(list);
    }
    check_int(answered + late, 600);
    let_all_end();
}

static void *storm(void *arg)
{
    struct asker *a = arg;
    for (int i = 0; i < 100; i++) {
        sock_addrinfo_t *list =
            within("slow", 0.0002 + (i * 7 + (a->host != NULL)) % 60 * 0.0001);
        if (list == NULL)
            check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
        sock_addrinfo_free(list);
    }
    return NULL;
}

TEST(resolve, a_storm_of_last_moments)
{
    pthread_t threads[24];
    struct asker a = {.host = NULL};

    resolver.nap = 1000000;
    for (int i = 0; i < 24; i++)
        check_int(__real_pthread_create(&threads[i], NULL, storm, &a), 0);
    for (int i = 0; i < 24; i++)
        pthread_join(threads[i], NULL);
    let_all_end();
}

/* What the system refuses */

TEST(resolve, no_thread_is_to_be_had)
{
    threads_refused = 1;
    check_null(within("fast", 5), SOCK_E_OS, EAGAIN,
               "getaddrinfo_within fast: [Errno 11] Resource temporarily "
               "unavailable");
    check_int(resolver.asked, 0);
    check_found(within("fast", 5));
}

/* It waits for the one that there is. */
TEST(resolve, no_second_thread_is_to_be_had)
{
    struct asker first, second;

    start_askers(&first, 1, "gate", 15);
    await(&resolver.inside, 1);
    threads_refused = 1;
    start_askers(&second, 1, "fast", 15);
    while (threads_refused > 0)
        nap(1000000);
    set_gate(true);
    end_askers(&first, 1);
    end_askers(&second, 1);
    check(first.answered && second.answered);
    check_int(threads_made, 1);
    let_all_end();
}

TEST(resolve, no_memory_and_no_descriptor)
{
    struct rlimit limit, few;

    no_memory = true;
    sock_addrinfo_t *list = within("fast", 5);
    no_memory = false;
    check_null(list, SOCK_E_MEMORY, 0,
               "getaddrinfo_within fast: [Errno 12] Cannot allocate memory");
    check_ok(getrlimit(RLIMIT_NOFILE, &limit));
    few = limit;
    few.rlim_cur = 0;
    check_ok(setrlimit(RLIMIT_NOFILE, &few));
    list = within("fast", 5);
    check_ok(setrlimit(RLIMIT_NOFILE, &limit));
    check_null(list, SOCK_E_OS, EMFILE,
               "getaddrinfo_within fast: [Errno 24] Too many open files");
    check_int(resolver.asked, 0);
}

/* Children */

/* What _exit() gives keeps the runner's own endings out. */
static void check_child(pid_t child)
{
    int status = -1;
    check_int(waitpid(child, &status, 0), child);
    check_int(status, 0);
}

/* ThreadSanitizer would end a child that begins a thread. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}

/* The child's resolver forgets who waits in it. */
static pid_t fork_with_a_resolver(void)
{
    const pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    const pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

    pthread_mutex_lock(&resolver.lock);
    pid_t child = fork();
    if (child == 0) {
        resolver.changed = changed;
        resolver.lock = lock;
    } else {
        pthread_mutex_unlock(&resolver.lock);
    }
    return child;
}

/* In the child none of the threads is left, so it has 16 of its own. */
TEST(resolve, a_child_begins_anew)
{
    if (under_valgrind())
        skip("what its parent's threads hold is lost in a child");
    struct asker askers[LIMIT + 2];

    start_askers(askers, LIMIT + 2, "gate", 15);
    await(&resolver.inside, LIMIT);
    for (int i = 0; i < 3; i++) {
        pid_t child = fork_with_a_resolver();
        if (child == 0) {
            sock_addrinfo_t *list = within("fast", 5);
            bool found_it = list != NULL;
            sock_addrinfo_free(list);
            _exit(found_it && within("gate", 0.01) == NULL ? 0 : 1);
        }
        check_child(child);
    }
    set_gate(true);
    end_askers(askers, LIMIT + 2);
    for (int i = 0; i < LIMIT + 2; i++)
        check(askers[i].answered);
    let_all_end();
}

/* A handler forks while a look-up goes on: the child's has nobody who answers,
 * though the parent's answer sets the event that both have. The askers, whose
 * look-ups the alarm may interrupt as well, do not fork. Nor does any before a
 * thread is at the gate: one that is just beginning may hold the allocator,
 * which then is held in the child for ever. */
static pid_t forked;
static pthread_t forker;

static bool is_at_the_gate(void)
{
    pthread_mutex_lock(&resolver.lock);
    bool is = resolver.inside > 0;
    pthread_mutex_unlock(&resolver.lock);
    return is;
}

static int fork_once(void *arg)
{
    (void)arg;
    if (!pthread_equal(pthread_self(), forker) || forked != 0 ||
        !is_at_the_gate())
        return 0;
    forked = fork();
    if (forked > 0)
        set_gate(true);
    return 0;
}

static void look_up_and_fork(const char *host, double seconds)
{
    forked = 0;
    forker = pthread_self();
    sock_set_interrupt(NULL, fork_once, NULL);
    start_alarms();
    sock_addrinfo_t *list = within(host, seconds);
    if (forked == 0) {
        bool timed_out =
            list == NULL && sock_last_error()->kind == SOCK_E_TIMEOUT;
        _exit(timed_out ? 0 : 1);
    }
    end_alarms();
    check_found(list);
    check_child(forked);
}

TEST(resolve, a_child_in_the_middle_of_a_look_up)
{
    if (under_valgrind())
        skip("what its parent's threads hold is lost in a child");
    struct asker askers[LIMIT];

    look_up_and_fork("gate", 3);
    let_all_end();
    start_askers(askers, LIMIT, "gate", 15); /* and one in the queue */
    await(&resolver.inside, LIMIT);
    look_up_and_fork("fast", 3);
    end_askers(askers, LIMIT);
    let_all_end();
}

/* By parts, as a loop uses them */

TEST(resolve, a_look_up_in_parts)
{
    const struct addrinfo hints = {.ai_family = AF_INET,
                                   .ai_socktype = SOCK_STREAM};
    struct sock__answer answer = {.code = 1234};
    struct sock__lookup *q = sock__lookup_begin("gate", NULL, &hints);

    check(q != NULL);
    struct pollfd event = {.fd = sock__lookup_fd(q), .events = POLLIN};
    await(&resolver.inside, 1);
    check_int(poll(&event, 1, 0), 0);
    set_gate(true);
    check_int(poll(&event, 1, 10000), 1);
    errno = 1234;
    check(sock__lookup_end(q, &answer));
    check_int(errno, 1234);
    check_int(answer.code, 0);
    check_int(answer.list->ai_family, AF_INET);
    freeaddrinfo(answer.list);
    q = sock__lookup_begin("EAI_FAIL", "80", &hints);
    check(q != NULL);
    event.fd = sock__lookup_fd(q);
    check_int(poll(&event, 1, 10000), 1);
    check(sock__lookup_end(q, &answer));
    check_int(answer.code, EAI_FAIL);
    check(answer.list == NULL);
    set_gate(false);
    q = sock__lookup_begin("gate", "80", &hints);
    check(q != NULL);
    await(&resolver.inside, 1);
    check(!sock__lookup_end(q, &answer));
    let_all_end();
}

/* The threads of the library */

static void *hand_back(void *arg)
{
    return arg;
}

static void *come_and_go(void *arg)
{
    come();
    return arg;
}

TEST(resolve, threads_of_each_kind)
{
    pthread_t thread;
    void *arg = NULL;

    check_int(sock__os_thread(hand_back, &resolver, 0, &thread), 0);
    check_int(pthread_join(thread, &arg), 0);
    check(arg == &resolver);
    check_int(sock__os_thread(come_and_go, NULL, 1 << 20, NULL), 0);
    await(&resolver.asked, 1);
    check_int(sock__os_thread(hand_back, NULL, 1, &thread), -1);
    check_int(errno, EINVAL); /* less than any stack */
}

/* Connections */

static void find(const sock_addr_t *a)
{
    size_t i = found.count++;
    struct addrinfo *ai = &found.list[i];

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

static sock_connect_options_t no_options(void)
{
    return (sock_connect_options_t){.size = sizeof(sock_connect_options_t)};
}

TEST(resolve, connection)
{
    sock_addr_t address, name;
    sock_t *server = listener(&address);
    int port = sock_addr_port(&address), value = -1;
    sock_connect_options_t o = no_options();

    errno = 1234;
    sock_t *s = check_made(sock_connect_to_host("fast", port, 5, NULL));
    check(sock_gettimeout(s) == 5);
    check(is_nonblocking(sock_fileno(s)));
    check_int(sock_type(s), SOCK_STREAM);
    check_int(sock_proto(s), IPPROTO_TCP);
    check_ok(sock_getsockopt_int(s, IPPROTO_TCP, TCP_NODELAY, &value));
    check_int(value, 0);
    sock_free(s);
    o.nodelay = 1;
    o.source = sock_addr_inet("127.0.0.9", 0);
    s = check_made(
        sock_connect_to_host("127.0.0.1", port, SOCK_NO_TIMEOUT, &o));
    check(!is_nonblocking(sock_fileno(s)));
    check_ok(sock_getsockopt_int(s, IPPROTO_TCP, TCP_NODELAY, &value));
    check_int(value, 1);
    check_ok(sock_getsockname(s, &name));
    check_int(memcmp(&name.u.in.sin_addr, "\x7f\0\0\x09", 4), 0);
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    sock_free(s);
    sock_free(server);
    let_all_end();
}

TEST(resolve, connection_by_mptcp)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    sock_connect_options_t o = no_options();
    sock_t *probe = sock_new(AF_INET, SOCK_STREAM, SOCK__OS_MPTCP);

    o.mptcp = 1;
    sock_t *s = check_made(
        sock_connect_to_host("127.0.0.1", sock_addr_port(&address), 5, &o));
    check_int(sock_proto(s), probe != NULL ? SOCK__OS_MPTCP : IPPROTO_TCP);
    sock_free(s);
    sock_free(probe);
    sock_free(server);
}

TEST(resolve, connection_without_mptcp)
{
    struct rlimit limit, few;
    sock_connect_options_t o = no_options();

    o.mptcp = 1;
    check_ok(getrlimit(RLIMIT_NOFILE, &limit));
    few = limit;
    few.rlim_cur = 0; /* nor anything else */
    check_ok(setrlimit(RLIMIT_NOFILE, &few));
    sock_t *s = sock_connect_to_host("127.0.0.1", 80, 5, &o);
    check_ok(setrlimit(RLIMIT_NOFILE, &limit));
    check_null(s, SOCK_E_OS, EMFILE,
               "connect_to_host ('127.0.0.1', 80): [Errno 24] Too many open "
               "files");
}

TEST(resolve, connection_refusals)
{
    sock_connect_options_t o = no_options();
    static const double delays[] = {0.009, 2.1, -1, 0.0 / 0.0};

    o.size = 8;
    check_null(sock_connect_to_host("fast", 1, 5, &o), SOCK_E_VALUE, 0,
               "connect_to_host: size of the struct is wrong");
    o = no_options();
    for (int i = 0; i < 4; i++) {
        o.delay = delays[i];
        check_null(sock_connect_to_host("fast", 1, 5, &o), SOCK_E_VALUE, 0,
                   "connect_to_host: delay must be 0.01 to 2 seconds");
    }
    o = no_options();
    o.first_family = AF_UNIX;
    check_null(sock_connect_to_host("fast", 1, 5, &o), SOCK_E_VALUE, 0,
               "connect_to_host: bad family");
    o = no_options();
    o.source = sock_addr_inet("127.0.0.1", -1);
    check_null(sock_connect_to_host("fast", 1, 5, &o), SOCK_E_OVERFLOW, -1,
               "connect_to_host ('127.0.0.1', -1): port must be 0-65535.");
    check_null(sock_connect_to_host("fast", 65536, 5, NULL), SOCK_E_OVERFLOW,
               65536, "connect_to_host ('fast', 65536): port must be 0-65535.");
    check_null(sock_connect_to_host("fast", 1, -2, NULL), SOCK_E_VALUE, 0,
               "connect_to_host: Timeout value out of range");
    check_null(sock_connect_to_host("", 1, 5, NULL), SOCK_E_GAI, EAI_NONAME,
               "connect_to_host '': [Errno -2] Name or service not known");
    check_int(resolver.asked, 0);
}

TEST(resolve, connection_errors)
{
    sock_addr_t address;
    sock_t *holder = unused_port(&address);
    int port = sock_addr_port(&address);
    sock_connect_options_t o = no_options();
    sock_error_list_t *errors = (sock_error_list_t *)&address;

    o.errors = &errors;
    check_null(sock_connect_to_host("fast", port, 5, &o), SOCK_E_OS,
               ECONNREFUSED,
               about("connect_to_host fast", &address,
                     "[Errno 111] Connection refused"));
    check_int(errors->count, 1);
    check_int(errors->errors[0].code, ECONNREFUSED);
    sock_error_list_free(errors);
    errors = (sock_error_list_t *)&address;
    check_null(sock_connect_to_host("EAI_FAIL", 1, 5, &o), SOCK_E_GAI, EAI_FAIL,
               "connect_to_host EAI_FAIL: [Errno -4] Non-recoverable failure "
               "in name resolution");
    check(errors == NULL);
    errors = (sock_error_list_t *)&address;
    o.delay = 9;
    check_null(sock_connect_to_host("fast", port, 5, &o), SOCK_E_VALUE, 0,
               "connect_to_host: delay must be 0.01 to 2 seconds");
    check(errors == NULL);
    sock_free(holder);
    let_all_end();
}

/* Whom may be connected to */

struct allowed {
    const char *host;
    int asked;
};

static bool only_this(const sock_addr_t *address, void *arg)
{
    struct allowed *a = arg;
    char host[INET6_ADDRSTRLEN];

    a->asked++;
    check_ok(sock_addr_host(address, host, sizeof host));
    return strcmp(host, a->host) == 0;
}

TEST(resolve, only_some_may_be_connected_to)
{
    sock_addr_t address, refused = sock_addr_inet("127.0.0.2", 1);
    sock_t *server = listener(&address);
    struct allowed allowed = {.host = "127.0.0.1"};

    find(&refused);
    find(&address);
    sock_t *s = check_made(
        sock__connect_allowed("x", "peers", 1, 5, only_this, &allowed));
    check_int(allowed.asked, 2);
    check_int(found.tries, 1);
    sock_free(s);
    allowed = (struct allowed){.host = "127.0.0.3"};
    check_null(sock__connect_allowed("x", "peers", 1, 5, only_this, &allowed),
               SOCK_E_OS, EACCES,
               about("x peers", &address, "[Errno 13] Permission denied"));
    check_int(allowed.asked, 2);
    check_int(found.tries, 1);
    s = check_made(sock__connect_allowed(
        "x", "127.0.0.1", sock_addr_port(&address), 5, NULL, NULL));
    sock_free(s);
    sock_free(server);
    find_nothing();
    let_all_end();
}

/* The look-up and the attempts have one time. */

TEST(resolve, the_look_up_ends_with_the_time)
{
    sock_error_list_t *errors = (sock_error_list_t *)&resolver;
    double start = now();

    check_null(sock_create_connection_errors("gate", 1, 0.1, sock_addr_none(),
                                             &errors),
               SOCK_E_TIMEOUT, 0, "create_connection gate: timed out");
    check(errors == NULL);
    check(now() - start >= 0.1);
    check_null(sock_connect_to_host("gate", 1, 0.1, NULL), SOCK_E_TIMEOUT, 0,
               "connect_to_host gate: timed out");
    check(now() - start >= 0.2);
    check(now() - start < 5);
    check_null(sock_create_connection("fast", 1, 0, sock_addr_none()),
               SOCK_E_TIMEOUT, 0, "create_connection fast: timed out");
    let_all_end();
}

TEST(resolve, the_attempts_have_what_the_look_up_left)
{
    struct silent silent = silent_peer();
    double start = now();

    resolver.nap = 1000000000;
    check_null(sock_connect_to_host("slow", sock_addr_port(&silent.address),
                                    1.5, NULL),
               SOCK_E_TIMEOUT, 0,
               about("connect_to_host slow", &silent.address, "timed out"));
    check(now() - start >= 1.5);
    check(now() - start < 1 + 1.5); /* if each had all of it */
    free_silent(&silent);
    let_all_end();
}

TEST(resolve, a_look_up_of_a_connection_is_cancelled)
{
    int asked = 0;

    sock_set_interrupt(NULL, stop, &asked);
    start_alarms();
    check_null(sock_connect_to_host("gate", 1, 10, NULL), SOCK_E_CANCELLED, 0,
               "connect_to_host gate: cancelled");
    end_alarms();
    check_int(asked, 1);
    let_all_end();
}

TEST(resolve, the_delay_between_attempts)
{
    static const double delays[] = {0.01, 0.1, 0, 0.5};
    struct silent silent = silent_peer();
    sock_addr_t good;
    sock_t *server = listener(&good);
    sock_connect_options_t o = no_options();

    for (int i = 0; i < 4; i++) {
        double least = delays[i] > 0 ? delays[i] : 0.25, start = now();
        find_nothing();
        find(&silent.address);
        find(&good);
        o.delay = delays[i];
        sock_t *s = check_made(sock_connect_to_host("peers", 1, 5, &o));
        check(now() - start >= least);
        check(now() - start < least + 0.6);
        check_int(found.tries, 2);
        sock_free(s);
        sock_free(check_made(sock_accept(server, NULL)));
    }
    free_silent(&silent);
    sock_free(server);
    find_nothing();
}

TEST(resolve, the_family_that_is_first)
{
    static const struct {
        int first;
        int turns[4];
    } rows[] = {{AF_UNSPEC, {0, 2, 1, 3}},
                {AF_INET6, {0, 2, 1, 3}},
                {AF_INET, {2, 0, 3, 1}}};
    sock_connect_options_t o = no_options();
    sock_t *holders[4];

    find_nothing();
    for (int i = 0; i < 4; i++) {
        sock_addr_t a =
            i < 2 ? sock_addr_inet6("::1", 0) : sock_addr_inet("127.0.0.1", 0);
        holders[i] = check_made(sock_new(sock_addr_family(&a), SOCK_STREAM, 0));
        check_ok(sock_bind(holders[i], a));
        check_ok(sock_getsockname(holders[i], &a));
        find(&a);
    }
    for (int row = 0; row < 3; row++) {
        found.tries = 0;
        o.first_family = rows[row].first;
        check(sock_connect_to_host("peers", 1, 5, &o) == NULL);
        check_int(found.tries, 4);
        for (int i = 0; i < 4; i++)
            check_int(found.tried[i], rows[row].turns[i]);
    }
    for (int i = 0; i < 4; i++)
        sock_free(holders[i]);
    find_nothing();
}

/* Where the wanted family has no address, the best address is the first. */
TEST(resolve, the_family_that_is_first_is_not_there)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    sock_connect_options_t o = no_options();

    o.first_family = AF_INET6;
    sock_free(check_made(
        sock_connect_to_host("fast", sock_addr_port(&address), 5, &o)));
    sock_free(server);
    let_all_end();
}

/*
 * Whoever has won is seen before another attempt begins: the first answers just
 * as the second is refused, and the third is never tried.
 */
static struct silent slow;

static void let_the_first_win(size_t try)
{
    struct pollfd first = {.fd = found.fds[0], .events = POLLOUT};
    if (try != 1)
        return;
    for (int i = 0; i < 4; i++)
        sock_freep(&slow.fillers[i]);
    check_ok(sock_settimeout(slow.server, 0));
    for (sock_t *sc; (sc = sock_accept(slow.server, NULL)) != NULL;)
        sock_free(sc);
    check_int(poll(&first, 1, 10000), 1);
}

TEST(resolve, who_has_won_is_seen_before_another_begins)
{
    sock_addr_t refusing, good, name;
    sock_t *holder = unused_port(&refusing), *server = listener(&good);

    slow = silent_peer();
    find_nothing();
    find(&slow.address);
    find(&refusing);
    find(&good);
    found.before = let_the_first_win;
    sock_t *s = check_made(sock_connect_to_host("peers", 1, 15, NULL));
    check_ok(sock_getpeername(s, &name));
    check_int(sock_addr_equal(&name, &slow.address), 1);
    check_int(found.tries, 2);
    sock_free(s);
    sock_free(holder);
    sock_free(server);
    free_silent(&slow);
    find_nothing();
}
