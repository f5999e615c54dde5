/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "example.h"

static const char *program;
static const char *usage;

static volatile sig_atomic_t stop;
static _Atomic(sock_t *) listener;
static _Atomic(sock_t *) client;

/*
 * At the end of each program. What was printed and is not there has failed;
 * exit() must not be called again here.
 */
static void check_output(void)
{
    bool lost = ferror(stdout);

    errno = 0;
    if (fflush(stdout) == 0 && !lost)
        return;
    complain("stdout: %s", errno ? strerror(errno) : "output was lost");
    _Exit(EXIT_FAILURE);
}

/* ---- arguments ---------------------------------------------------------- */

void option(const char *name, const char *about)
{
    if (strcmp(name, "--help") == 0)
        printf("usage: %s%s\n\n%s\n", program, usage, about);
    else if (strcmp(name, "--version") == 0)
        printf("%s %s\n", program, sock_version());
    else
        bad_arguments("no such option", name);
    exit(EXIT_SUCCESS);
}

void begin_with_options(int argc, char **argv, const char *operands)
{
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;

    program = slash ? slash + 1 : argc > 0 ? argv[0] : "example";
    usage = operands;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    atexit(check_output);
}

int begin(int argc, char **argv, const char *operands, int most,
          const char *about)
{
    begin_with_options(argc, argv, operands);
    for (int i = 1; i < argc; i++)
        if (argv[i][0] == '-' && !isdigit((unsigned char)argv[i][1]))
            option(argv[i], about);
    if (argc - 1 > most)
        bad_arguments("too many arguments", argv[most + 1]);
    return argc - 1;
}

static void take_host_and_port(int given, char **argv, const char **host,
                               int *port)
{
    if (given > 0)
        *host = argv[1];
    if (given > 1)
        *port = number(argv[2], 0, 65535);
}

void host_and_port(int argc, char **argv, const char *about, const char **host,
                   int *port)
{
    char text[1024];

    snprintf(text, sizeof text,
             "%s\n\nHOST is '%s' and PORT %d unless given. HOST '' is any "
             "address of this\nmachine; a server that is given PORT 0 takes a "
             "free one.",
             about, *host, *port);
    take_host_and_port(begin(argc, argv, " [HOST [PORT]]", 2, text), argv, host,
                       port);
}

void host_port_and_files(int argc, char **argv, const char *operands,
                         const char *about, const char **host, int *port,
                         const char **files)
{
    int most = 0, given;

    for (const char *c = operands; *c; c++)
        most += *c == '[';
    given = begin(argc, argv, operands, most, about);
    take_host_and_port(given, argv, host, port);
    for (int i = 3; i <= given; i++)
        files[i - 3] = argv[i];
}

int number(const char *text, int lowest, int highest)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if ((!isdigit((unsigned char)*text) && *text != '-') || *end || errno)
        bad_arguments("not a number", text);
    if (value < lowest || value > highest)
        bad_arguments("number out of range", text);
    return (int)value;
}

void bad_arguments(const char *why, const char *argument)
{
    fprintf(stderr, "%s: %s: '%s'\nusage: %s%s\n", program, why, argument,
            program, usage);
    exit(2);
}

/* ---- input and output --------------------------------------------------- */

ssize_t raw_input(const char *prompt, char **line, size_t *size)
{
    ssize_t n;

    fputs(prompt, stdout);
    fflush(stdout);
    n = getline(line, size, stdin);
    if (n == -1 && ferror(stdin))
        perror(program);
    if (n > 0 && (*line)[n - 1] == '\n')
        (*line)[--n] = '\0';
    return n;
}

ssize_t ask_password(char **line, size_t *size)
{
    struct termios before, now;
    bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;

    if (terminal) {
        now = before;
        now.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);
    }
    ssize_t n = raw_input("password: ", line, size);
    if (terminal)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    putchar('\n');
    return n;
}

const char *repr(const sock_addr_t *address)
{
    static char text[SOCK_ADDR_REPR_MAX];

    sock_addr_repr(address, text, sizeof text);
    return text;
}

void print_bytes(const void *bytes, size_t size)
{
    fwrite(bytes, 1, size, stdout);
    putchar('\n');
}

int show_progress(int64_t done, int64_t total, void *terminal)
{
    enum { WIDTH = 40 };
    char bar[WIDTH + 1];

    if (total > 0) {
        double part = done < total ? (double)done / (double)total : 1;
        memset(bar, '.', WIDTH);
        memset(bar, '#', (size_t)(part * WIDTH));
        bar[WIDTH] = '\0';
        fprintf(terminal, "\r[%s] %3d %%", bar, (int)(part * 100));
    } else {
        fprintf(terminal, "\r%.0f bytes", (double)done);
    }
    return fflush(terminal);
}

int failed(void)
{
    /* What a stop breaks off has not failed. */
    if (!stop)
        sock_perror(program);
    return EXIT_FAILURE;
}

int complain(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fprintf(stderr, "%s: ", program);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return EXIT_FAILURE;
}

bool ends(const char *msg, size_t size)
{
    return size > 0 && msg[size - 1] == '.';
}

/* ---- stopping ----------------------------------------------------------- */

/*
 * sock_shutdown() may be called from a signal handler, and it stays done: a
 * call that waits ends, and so does one that has yet to begin. So no moment
 * is left in which the signal could be missed. NULL it merely refuses.
 *
 * What remains is a stdout that no one reads: the alarm bounds that wait.
 */
static void on_signal(int signo)
{
    int saved = errno;

    if (signo == SIGALRM)
        _exit(EXIT_SUCCESS);
    stop = 1;
    alarm(5);
    sock_shutdown(listener, SHUT_RDWR);
    sock_shutdown(client, SHUT_RDWR);
    errno = saved;
}

/* However often: signal() may have the second one end the program. */
void when_stopped(void (*fn)(int signo))
{
    struct sigaction action = {.sa_handler = fn};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void listening_on(const sock_addr_t *address)
{
    fprintf(stderr, "listening on %s\n", repr(address));
}

void listening(sock_t *s)
{
    struct sigaction action = {.sa_handler = on_signal};
    sock_addr_t address;

    listener = s;
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    when_stopped(on_signal);
    if (sock_getsockname(s, &address) == 0)
        listening_on(&address);
}

void serving(sock_t *sc)
{
    client = sc;
    /* The signal may have come after accept and before this line. */
    if (stop)
        sock_shutdown(sc, SHUT_RDWR);
}

bool stopping(void)
{
    return stop;
}

int ended(void)
{
    int status = stop ? EXIT_SUCCESS : failed();

    /* The caller frees the socket; a late signal must not find it. */
    listener = NULL;
    return status;
}
