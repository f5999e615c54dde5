/* SPDX-License-Identifier: MIT */
#include "inject.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pysockc/pysockc.h>

struct injection now;
struct result result;
long balance, others;
int complaints, injections;

int hit(const char *call)
{
    if (!now.armed || strcmp(call, now.call) != 0)
        return 0;
    now.count++;
    if (now.code != SHORT && now.count != now.nth)
        return 0;
    now.injected++;
    return now.code;
}

bool no_memory(const char *call)
{
    bool none = hit(call) != 0;
    if (none)
        errno = ENOMEM;
    return none;
}

/* What both libraries call */

MOVING(recv, (int fd, void *data, size_t n, int flags), (fd, data, n, flags),
       (fd, data, SOME(n), flags))

static void *counted(void *p)
{
    balance += p != NULL;
    return p;
}

WRAP(void *, malloc, (size_t n))
{
    return no_memory("malloc") ? NULL : counted(__real_malloc(n));
}

WRAP(void *, calloc, (size_t n, size_t size))
{
    return no_memory("calloc") ? NULL : counted(__real_calloc(n, size));
}

WRAP(void *, realloc, (void *old, size_t n))
{
    void *p = no_memory("realloc") ? NULL : __real_realloc(old, n);
    balance += p != NULL && old == NULL;
    return p;
}

WRAP(char *, strdup, (const char *text))
{
    return no_memory("strdup") ? NULL : counted(__real_strdup(text));
}

WRAP(void, free, (void *p))
{
    balance -= p != NULL;
    __real_free(p);
}

/* Saying what is wrong */

void complain(const char *what)
{
    fprintf(stderr, "--scenario %s --call %s --nth %d --code %d: %s\n",
            now.scenario, now.call, now.nth, now.code, what);
    complaints++;
}

void must(bool ok, const char *what)
{
    if (ok)
        return;
    now.armed = false;
    complain(what);
    fprintf(stderr, "it lacks: ");
    sock_perror(NULL);
    _exit(1);
}

void die(int number)
{
    now.armed = false;
    complain(number == SIGALRM ? "hangs" : "crashes");
    _exit(1);
}

void catch_signals(void (*handler)(int number))
{
    static const int signals[] = {SIGALRM, SIGSEGV, SIGABRT, SIGBUS, SIGPIPE};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], handler);
}

/* The call, by its result */

enum { STALE = 4321 };

void make_stale(void)
{
    sock_t *none = NULL;
    sock_listen(none, 1);
    errno = STALE;
}

void arm(void)
{
    make_stale();
    now.armed = true;
}

bool disarm(bool ok)
{
    int err = errno;
    now.armed = false;
    result = (struct result){.ok = ok,
                             .err = err,
                             .kind = sock_last_error()->kind,
                             .code = sock_last_error()->code};
    if (ok && err != STALE)
        complain("success changes errno");
    if (ok && strcmp(sock_last_error()->operation, "listen") != 0)
        complain("success changes the record");
    if (!ok && getenv("FAULT_SAYS") != NULL)
        sock_perror(now.call);
    return ok;
}

bool is(const char *word, const char *list)
{
    const char *at = strstr(list, word);
    size_t n = strlen(word);
    return at != NULL && (at == list || at[-1] == ' ') &&
           (at[n] == ' ' || at[n] == '\0');
}

/* The runs */

static const struct program *program;

struct holding {
    long memory, others;
    int descriptors;
};

static struct holding held(void)
{
    struct holding h = {balance, others, 0};
    for (int fd = 0; fd < 256; fd++)
        h.descriptors += fcntl(fd, F_GETFD) != -1;
    return h;
}

/* Whether that is what was held before; else it may be said. */
static bool is_held(struct holding before, bool say)
{
    struct holding h = held();
    bool memory = h.memory == before.memory && h.others == before.others;
    bool same = memory && h.descriptors == before.descriptors;
    if (!same && say) {
        complain(memory ? "descriptors are left" : "memory is left");
        fprintf(stderr, "%ld, %ld and %d\n", h.memory - before.memory,
                h.others - before.others, h.descriptors - before.descriptors);
    }
    return same;
}

static bool run(const struct scenario *s)
{
    now.count = now.injected = 0;
    alarm(HUNG_AFTER);
    s->run();
    now.armed = false;
    if (program->clean != NULL)
        program->clean();
    alarm(0);
    return now.injected > 0;
}

/* Twice where it seems to leave something: what is made once is no leak. */
static bool inject(const struct scenario *s)
{
    for (int i = 0; i < 2; i++) {
        struct holding before = held();
        if (!run(s))
            return false;
        if (is_held(before, i == 1))
            break;
    }
    injections++;
    program->judge();
    return true;
}

/* Without any failure: what is made once. */
static void prepare(const struct scenario *s)
{
    now.scenario = s->name;
    now.call = "none";
    run(s);
    run(s);
    program->judge();
}

static void sweep(const struct scenario *s, const char *call, int code)
{
    bool often = program->often != NULL && strcmp(call, program->often) == 0;
    int step = often && s->every > 0 ? s->every : 1;
    now.call = call;
    now.code = code;
    for (now.nth = 1; inject(s); now.nth += step)
        if (code == SHORT)
            break;
}

static void sweep_all(const struct scenario *s)
{
    int before = injections;
    for (size_t i = 0; i < program->row_count; i++)
        for (const int *code = program->rows[i].codes; *code != 0; code++)
            sweep(s, program->rows[i].call, *code);
    if (getenv("FAULT_LIST") != NULL)
        printf("%s: %d\n", s->name, injections - before);
}

const char *option(char *argv[], const char *name)
{
    for (; argv[0] != NULL && argv[1] != NULL; argv++)
        if (strcmp(argv[0], name) == 0)
            return argv[1];
    return NULL;
}

static void run_variant(const struct scenario *s, char *argv[])
{
    const char *call = option(argv, "--call"), *nth = option(argv, "--nth");
    const char *code = option(argv, "--code");
    prepare(s);
    if (call == NULL || nth == NULL || code == NULL) {
        sweep_all(s);
        return;
    }
    now.call = call;
    now.nth = atoi(nth);
    now.code = atoi(code);
    inject(s);
}

static void run_variants(const struct scenario *s, char *argv[])
{
    if (program->variants == 0)
        run_variant(s, argv);
    for (int i = 0; i < program->variants; i++) {
        program->vary(i);
        run_variant(s, argv);
    }
}

bool list_scenarios(const struct program *p, char *argv[])
{
    if (argv[1] == NULL || strcmp(argv[1], "--list") != 0)
        return false;
    for (size_t i = 0; i < p->scenario_count; i++)
        puts(p->scenarios[i].name);
    return true;
}

void inject_as_told(const struct program *p, char *argv[])
{
    const char *only = option(argv, "--scenario");
    program = p;
    for (size_t i = 0; i < p->scenario_count; i++)
        if (only == NULL || strcmp(only, p->scenarios[i].name) == 0)
            run_variants(&p->scenarios[i], argv);
}
