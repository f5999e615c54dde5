/* SPDX-License-Identifier: MIT */
#include "plain.h"

#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* In the order of badness. NOT_RUN is what a test that vanished leaves. */
enum outcome { NOT_RUN, PASSED, SKIPPED, FAILED };

static struct plain_test *tests, **last = &tests;

void plain_add(struct plain_test *test)
{
    *last = test;
    last = &test->next;
}

/* The test's process */

/* What it tells the runner, in memory that they share. */
struct verdict {
    int outcome;
    char why[sizeof((struct plain_test *)0)->why];
};

static struct verdict *verdict;

void plain_fail(const char *file, int line, const char *format, ...)
{
    const size_t room = sizeof verdict->why;
    va_list args;
    int n = snprintf(verdict->why, room, "%s:%d: ", file, line);
    size_t used = n > 0 && (size_t)n < room ? (size_t)n : 0;

    verdict->outcome = FAILED;
    va_start(args, format);
    vsnprintf(verdict->why + used, room - used, format, args);
    va_end(args);
    _exit(1);
}

void plain_skip(const char *format, ...)
{
    va_list args;
    verdict->outcome = SKIPPED;
    va_start(args, format);
    vsnprintf(verdict->why, sizeof verdict->why, format, args);
    va_end(args);
    _exit(0);
}

/* exit() and not _exit(): a sanitizer says there what it found. */
static _Noreturn void be_the_test(const struct plain_test *test)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    test->body();
    verdict->outcome = PASSED;
    exit(0);
}

/* The runner */

#ifdef __SANITIZE_THREAD__ /* several times as slow */
#define TIMEOUT 180
#else
#define TIMEOUT 120
#endif

static struct {
    const char *filter, *xml;
    int repeat, jobs;
    double timeout;
    bool list;
} options = {.filter = "*", .repeat = 1, .jobs = 1, .timeout = TIMEOUT};

static int count[FAILED + 1]; /* runs by their outcome */

/* A test that runs. */
struct job {
    struct plain_test *test; /* NULL: none */
    struct verdict *verdict;
    pid_t process;
    double deadline;
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(2);
}

static void start_job(struct job *job, struct plain_test *test)
{
    job->test = test;
    job->deadline = seconds() + options.timeout;
    *job->verdict = (struct verdict){.outcome = NOT_RUN};
    fflush(NULL);
    job->process = fork();
    if (job->process < 0)
        die("fork");
    if (job->process == 0) {
        verdict = job->verdict;
        be_the_test(test);
    }
    setpgid(job->process, job->process); /* as the child; one is first */
}

/* What its end makes of the verdict. */
static void judge(struct verdict *v, int status)
{
    const int outcome = v->outcome;

    if (outcome == FAILED)
        return;
    v->outcome = FAILED;
    if (WIFSIGNALED(status))
        snprintf(v->why, sizeof v->why, "ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != 0)
        snprintf(v->why, sizeof v->why, "ended with status %d",
                 WEXITSTATUS(status));
    else if (outcome == NOT_RUN)
        snprintf(v->why, sizeof v->why, "ended before its end");
    else
        v->outcome = outcome;
}

static void note(struct plain_test *test, const struct verdict *v)
{
    count[v->outcome]++;
    if (v->outcome != PASSED) {
        fprintf(stderr, "%s %s/%s: %s\n",
                v->outcome == FAILED ? "FAILED" : "skipped", test->group,
                test->name, v->why);
    }
    if (v->outcome > test->outcome) {
        test->outcome = v->outcome;
        memcpy(test->why, v->why, sizeof test->why);
    }
}

/* The end of a test is that of all its processes. */
static void end_job(struct job *job)
{
    int status;

    kill(-job->process, SIGKILL);
    while (waitpid(job->process, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    judge(job->verdict, status);
    note(job->test, job->verdict);
    job->test = NULL;
}

/* Ends the job if its process has ended, or has had its time. */
static void look_after(struct job *job)
{
    siginfo_t info = {.si_pid = 0};

    if (waitid(P_PID, (id_t)job->process, &info, WEXITED | WNOHANG | WNOWAIT) <
        0)
        die("waitid");
    if (info.si_pid == 0 && seconds() < job->deadline)
        return;
    if (info.si_pid == 0) {
        job->verdict->outcome = FAILED;
        snprintf(job->verdict->why, sizeof job->verdict->why,
                 "not done after %g s", options.timeout);
    }
    end_job(job);
}

/* Until a child ends, but not long. */
static void wait_a_little(void)
{
    const struct timespec limit = {.tv_nsec = 100000000};
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigtimedwait(&child, NULL, &limit);
}

/* The next of the tests to be run, that one included. */
static struct plain_test *wanted(struct plain_test *test)
{
    char name[256];
    for (; test != NULL; test = test->next) {
        snprintf(name, sizeof name, "%s/%s", test->group, test->name);
        if (fnmatch(options.filter, name, 0) == 0)
            return test;
    }
    return NULL;
}

static void run_all(struct job *jobs)
{
    struct plain_test *next = wanted(tests);
    int running;

    do {
        running = 0;
        for (int i = 0; i < options.jobs; i++) {
            if (jobs[i].test != NULL)
                look_after(&jobs[i]);
            if (jobs[i].test == NULL && next != NULL) {
                start_job(&jobs[i], next);
                next = wanted(next->next);
            }
            running += jobs[i].test != NULL;
        }
        if (running > 0)
            wait_a_little();
    } while (running > 0);
}

static void prepare(struct job *jobs)
{
    sigset_t child;

    /* Blocked, so that an end before the wait for it is not missed. */
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    for (int i = 0; i < options.jobs; i++) {
        jobs[i].verdict =
            mmap(NULL, sizeof *jobs->verdict, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (jobs[i].verdict == MAP_FAILED)
            die("mmap");
    }
}

/* Reports */

static void put_escaped(const char *text, FILE *f)
{
    for (const char *c = text; *c != '\0'; c++)
        if (strchr("<>&\"", *c) != NULL)
            fprintf(f, "&#%d;", *c);
        else if ((unsigned char)*c < ' ')
            fputc(' ', f);
        else
            fputc(*c, f);
}

/* As Criterion's, as far as the scripts read it. */
static void write_xml(FILE *f)
{
    static const char *const status[] = {"SKIPPED", "PASSED", "SKIPPED",
                                         "FAILED"};

    fprintf(f, "<?xml version=\"1.0\"?>\n<testsuites>\n");
    for (struct plain_test *t = wanted(tests); t != NULL; t = wanted(t->next)) {
        fprintf(f,
                "<testsuite name=\"%s\"><testcase name=\"%s\" status=\"%s\" "
                "message=\"",
                t->group, t->name, status[t->outcome]);
        put_escaped(t->why, f);
        fprintf(f, "\"/></testsuite>\n");
    }
    fprintf(f, "</testsuites>\n");
}

static void report(double took)
{
    if (options.xml != NULL) {
        FILE *f = fopen(options.xml, "we");
        if (f == NULL)
            die(options.xml);
        write_xml(f);
        if (fclose(f) != 0)
            die(options.xml);
    }
    fprintf(stderr, "%d passed, %d failed, %d skipped, %.1f s\n", count[PASSED],
            count[FAILED], count[SKIPPED], took);
}

static void list(void)
{
    for (struct plain_test *t = wanted(tests); t != NULL; t = wanted(t->next))
        printf("%s/%s\n", t->group, t->name);
}

/* A number that is at least 1. */
static double number(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 1 && value <= 1e6)) {
        fprintf(stderr, "%s: not a number from 1\n", text);
        exit(2);
    }
    return value;
}

static void set_option(int option)
{
    switch (option) {
    case 'f':
        options.filter = optarg;
        break;
    case 'r':
        options.repeat = (int)number(optarg);
        break;
    case 'j':
        options.jobs = (int)number(optarg);
        break;
    case 't':
        options.timeout = number(optarg);
        break;
    case 'x':
        options.xml = optarg;
        break;
    case 'l':
        options.list = true;
        break;
    default:
        exit(2);
    }
}

static void read_options(int argc, char *argv[])
{
    static const struct option names[] = {
        {"filter", required_argument, NULL, 'f'},
        {"repeat", required_argument, NULL, 'r'},
        {"jobs", required_argument, NULL, 'j'},
        {"timeout", required_argument, NULL, 't'},
        {"xml", required_argument, NULL, 'x'},
        {"list", no_argument, NULL, 'l'},
        {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
        set_option(option);
}

int main(int argc, char *argv[])
{
    double began = seconds();

    read_options(argc, argv);
    if (options.list) {
        list();
        return 0;
    }
    struct job *jobs = calloc((size_t)options.jobs, sizeof *jobs);
    if (jobs == NULL)
        die("calloc");
    prepare(jobs);
    for (int i = 0; i < options.repeat; i++)
        run_all(jobs);
    free(jobs);
    report(seconds() - began);
    return count[FAILED] > 0 || count[PASSED] + count[SKIPPED] == 0;
}
