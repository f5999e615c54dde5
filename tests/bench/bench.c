/* SPDX-License-Identifier: MIT */
/*
 * Compares the library with plain POSIX: in time, round by round, and by
 * counting. See README.md.
 */
#define _GNU_SOURCE

#include <getopt.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "bench.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

/* What a compiler adds for itself is not the library's cost. */
#if defined(__OPTIMIZE__) && !defined(SANITIZED)
static const bool instructions_count = true;
#else
static const bool instructions_count = false;
#endif

enum {
    ROUNDS = 4000,
    LEAST_ROUNDS = 400,
    SHOWN_PART = 20,   /* Of them for what is only shown, as it is slow. */
    SLICE_NS = 100000, /* Short, so that a disturbance spoils few of them. */
    EXTRA_INSTRUCTIONS = 200,
    INSTRUCTION_TRIES = 3,
    SKIPPED = 77
};

static const double extra_time = 0.01;

static struct {
    bool check;
    int rounds;
    const char *python; /* Command that prints Python's times; or NULL. */
} options = {.rounds = ROUNDS};

struct times {
    double library_ns, posix_ns; /* Per operation. */
    struct bench_spread ratio, control;
};

struct result {
    const struct bench_case *of;
    struct bench_counts library, posix;
    struct times times;
    double python_ns; /* 0: unknown */
};

/* --- Time --------------------------------------------------------------- */

static double time_loop(bench_loop *loop, long n)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    loop(n);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double)(end.tv_sec - begin.tv_sec) * 1e9 +
           (double)(end.tv_nsec - begin.tv_nsec);
}

static long operations_per_slice(bench_loop *loop)
{
    long n = 1;
    while (time_loop(loop, n) < SLICE_NS)
        n *= 2;
    return n;
}

/* Each round does the library's loop once and POSIX's twice, in random order;
 * the ratios within a round are compared, so that a slow minute slows both. */
static struct times time_case(const struct bench_case *c)
{
    enum { LIBRARY, POSIX, CONTROL, SIDES };
    bench_loop *const loops[SIDES] = {c->library, c->posix, c->posix};
    size_t rounds = (size_t)options.rounds;
    if (c->use == BENCH_SHOW_ONLY)
        rounds /= SHOWN_PART;
    double *values = malloc(4 * rounds * sizeof *values);
    BENCH_NEED(values);
    double *ratio = values, *control = ratio + rounds;
    double *library = control + rounds, *posix = library + rounds;
    int order[SIDES] = {LIBRARY, POSIX, CONTROL};
    long n = operations_per_slice(c->posix);
    operations_per_slice(c->library); /* Warms up, as that did. */

    for (size_t i = 0; i < rounds; i++) {
        double ns[SIDES];
        bench_shuffle(order, SIDES);
        for (int k = 0; k < SIDES; k++)
            ns[order[k]] = time_loop(loops[order[k]], n);
        ratio[i] = ns[LIBRARY] / ns[POSIX];
        control[i] = ns[CONTROL] / ns[POSIX];
        library[i] = ns[LIBRARY] / (double)n;
        posix[i] = ns[POSIX] / (double)n;
    }
    struct times t = {
        .library_ns = bench_spread_of(library, rounds).median,
        .posix_ns = bench_spread_of(posix, rounds).median,
        .ratio = bench_spread_of(ratio, rounds),
        .control = bench_spread_of(control, rounds),
    };
    free(values);
    return t;
}

/* Lines of name, tab, nanoseconds per operation. */
static void time_python(struct result *results)
{
    char line[256];
    FILE *lines = popen(options.python, "r");
    BENCH_NEED(lines);
    while (fgets(line, sizeof line, lines)) {
        char *tab = strchr(line, '\t');
        if (!tab)
            continue;
        *tab = '\0';
        for (size_t i = 0; i < bench_case_count; i++)
            if (strcmp(line, results[i].of->name) == 0)
                results[i].python_ns = strtod(tab + 1, NULL);
    }
    if (pclose(lines) != 0)
        fputs("Python's times are missing or incomplete\n", stderr);
}

/* --- Limits ------------------------------------------------------------- */

static double more_instructions(const struct result *r)
{
    return (r->library.instructions - r->posix.instructions) / r->of->calls;
}

/* Says what does not hold, and counts it. */
static int miss(const struct result *r, const char *what, double is,
                const char *relation, double limit)
{
    printf("MISSED %s: %s %.4g, wanted %s %.4g\n", r->of->name, what, is,
           relation, limit);
    return 1;
}

static int missed_system_calls(const struct result *r)
{
    double library = r->library.system_calls, posix = r->posix.system_calls;
    int misses = 0;
    /* The yardstick's own count shows that the counting works. */
    if (posix >= 0 && r->of->system_calls >= 0 && posix != r->of->system_calls)
        misses += miss(r, "system calls of POSIX", posix, "exactly",
                       r->of->system_calls);
    if (library > posix + r->of->more)
        misses +=
            miss(r, "system calls", library, "at most", posix + r->of->more);
    return misses;
}

static int missed_instructions(const struct result *r)
{
    double more = more_instructions(r);
    int limit = r->of->instructions ? r->of->instructions : EXTRA_INSTRUCTIONS;
    if (r->posix.instructions == 0)
        return miss(r, "instructions of POSIX", 0, "over", 0);
    if (!instructions_count || more < limit)
        return 0;
    return miss(r, "more instructions per call", more, "under", limit);
}

static int missed_counts(const struct result *r)
{
    int misses = 0;
    if (r->of->use == BENCH_SHOW_ONLY)
        return 0;
    if (r->library.allocations != r->of->allocations)
        misses += miss(r, "allocations", r->library.allocations, "exactly",
                       r->of->allocations);
    return misses + missed_system_calls(r) + missed_instructions(r);
}

/* "At most 1.01 beyond the control's spread". */
static int missed_time(const struct result *r)
{
    double extra = r->of->time > 0 ? r->of->time : extra_time;
    double limit = r->times.control.high + extra;
    if (r->of->use != BENCH_ALL || r->times.ratio.median <= limit)
        return 0;
    return miss(r, "time ratio", r->times.ratio.median, "at most", limit);
}

/* --- Output ------------------------------------------------------------- */

static void print_head(void)
{
    static const char *const columns[] = {
        "operation             ",
        "POSIX ns",
        "library ns",
        "Python ns",
        "library/POSIX        ",
        "POSIX/POSIX          ",
        "system calls",
        "instructions   ",
        "more/call",
        "allocations",
    };
    const size_t n = sizeof columns / sizeof *columns;
    for (size_t i = 0; i < n; i++)
        printf("| %s ", columns[i]);
    puts("|");
    for (size_t i = 0; i < n; i++)
        printf("|%.*s", (int)strlen(columns[i]) + 2,
               "------------------------");
    puts("|");
}

/* The first line of a file that the kernel writes, or why there is none. */
static void print_line_of(const char *label, const char *path)
{
    char line[128] = "not known";
    FILE *f = fopen(path, "r");
    if (f && fgets(line, sizeof line, f))
        line[strcspn(line, "\n")] = '\0';
    if (f)
        fclose(f);
    printf("%s: %s\n", label, line);
}

static bool has_pcid(void)
{
    char word[64];
    bool found = false;
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && !found && fscanf(f, "%63s", word) == 1)
        found = strcmp(word, "pcid") == 0;
    if (f)
        fclose(f);
    return found;
}

/* What ratios depend on: where each call into the kernel empties the cache of
 * pages, a library pays for each page that it touches between two of them. */
static void print_machine(void)
{
    print_line_of("Page-table isolation (meltdown)",
                  "/sys/devices/system/cpu/vulnerabilities/meltdown");
    printf("PCID: %s\n", has_pcid() ? "yes" : "no");
    print_line_of("Load", "/proc/loadavg");
    puts("");
}

static void print_number(int width, double value, bool known)
{
    if (known)
        printf(" %*.0f |", width, value);
    else
        printf(" %*s |", width, "-");
}

static void print_pair(int width, double library, double posix)
{
    char text[64] = "-";
    if (library >= 0 && posix >= 0)
        snprintf(text, sizeof text, "%.10g / %.10g", library, posix);
    printf(" %*s |", width, text);
}

static void print_spread(const struct bench_spread *s, bool known)
{
    char text[64] = "-";
    if (known)
        snprintf(text, sizeof text, "%.3f [%.3f %.3f]", s->median, s->low,
                 s->high);
    printf(" %21s |", text);
}

static void print_row(const struct result *r)
{
    const struct times *t = &r->times;
    bool timed = r->of->use != BENCH_NO_TIME;
    printf("| %-22s |", r->of->name);
    print_number(8, t->posix_ns, timed);
    print_number(10, t->library_ns, timed);
    print_number(9, r->python_ns, r->python_ns > 0);
    print_spread(&t->ratio, timed);
    print_spread(&t->control, timed);
    print_pair(12, r->library.system_calls, r->posix.system_calls);
    print_pair(15, r->library.instructions, r->posix.instructions);
    print_number(9, more_instructions(r), r->library.instructions >= 0);
    print_pair(11, r->library.allocations, r->posix.allocations);
    puts("");
}

/* --- Programs ----------------------------------------------------------- */

static void count_case(struct result *r)
{
    int tries = r->of->use == BENCH_SHOW_ONLY ? 1 : INSTRUCTION_TRIES;
    if (options.check && !instructions_count)
        tries = 0;
    if (r->of->open)
        r->of->open();
    r->library = bench_count(r->of->library, tries);
    r->posix = bench_count(r->of->posix, tries);
    bench_close();
}

static int check(struct result *results)
{
    int misses = 0, checked = 0;
    for (size_t i = 0; i < bench_case_count; i++) {
        if (results[i].of->use == BENCH_SHOW_ONLY)
            continue;
        count_case(&results[i]);
        misses += missed_counts(&results[i]);
        checked++;
    }
    printf("%d cases, %d limits missed\n", checked, misses);
    if (!instructions_count)
        puts("instructions not checked: not optimised, or with a sanitizer");
    if (misses > 0)
        return 1;
    if (!bench_can_trace()) {
        puts("SKIPPED system calls and instructions: ptrace is not permitted");
        return SKIPPED;
    }
    return 0;
}

static int measure(struct result *results)
{
    if (options.python)
        time_python(results);
    print_machine();
    print_head();
    for (size_t i = 0; i < bench_case_count; i++) {
        struct result *r = &results[i];
        count_case(r);
        if (r->of->open)
            r->of->open();
        if (r->of->use != BENCH_NO_TIME)
            r->times = time_case(r->of);
        bench_close();
        print_row(r);
        fflush(stdout);
    }
    puts("");
    for (size_t i = 0; i < bench_case_count; i++) {
        missed_counts(&results[i]);
        missed_time(&results[i]);
    }
    if (!bench_can_trace())
        puts("System calls are not counted: ptrace is not permitted here.");
    return 0;
}

static void read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"check", no_argument, NULL, 'c'},
        {"rounds", required_argument, NULL, 'r'},
        {"python", required_argument, NULL, 'p'},
        {0},
    };
    bool known_all = true;
    for (int o; (o = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (o == 'c')
            options.check = true;
        else if (o == 'r')
            options.rounds = atoi(optarg);
        else if (o == 'p')
            options.python = optarg;
        else
            known_all = false;
    }
    if (!known_all || optind != argc || options.rounds < LEAST_ROUNDS) {
        fputs(
            "usage: pysockc_bench [--check] [--rounds N] [--python COMMAND]\n",
            stderr);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    struct result *results = calloc(bench_case_count, sizeof *results);
    BENCH_NEED(results);
    for (size_t i = 0; i < bench_case_count; i++)
        results[i].of = &bench_cases[i];
    bench_stay_on_one_processor();
    int status = options.check ? check(results) : measure(results);
    free(results);
    return status;
}
