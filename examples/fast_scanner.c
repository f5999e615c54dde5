/* SPDX-License-Identifier: MIT */
/* Tries the ports of a machine all at once. */
#include "example.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

static const double PATIENCE = 1; /* seconds, for all ports together */

struct scan {
    sock_addr_t *to; /* the target with each port */
    bool *open;
    size_t count, tried, closed, silent, failed;
    char why[SOCK_ERROR_TEXT_MAX]; /* the last of those that failed */
    time_t said;                   /* how far, last */
    bool terminal;                 /* someone looks */
};

/* As in port_scanner: then no one listens. */
static bool to_itself(sock_t *s)
{
    sock_addr_t sockname, peername;

    return sock_getsockname(s, &sockname) == 0 &&
           sock_getpeername(s, &peername) == 0 &&
           sock_addr_equal(&sockname, &peername);
}

/* Each second or two, but not at once, where someone looks. The end wipes the
 * line. */
static void say_how_far(struct scan *scan, bool end)
{
    time_t now = time(NULL);

    if (!scan->terminal || (!end && now < scan->said + 2))
        return;
    scan->said = now;
    if (end)
        fprintf(stderr, "\r\033[K");
    else
        fprintf(stderr, "\r%zu of %zu ", scan->tried, scan->count);
}

static int tried(void *arg, size_t i, sock_t *s, const sock_error_t *error)
{
    struct scan *scan = arg;

    scan->tried++;
    if (s != NULL && !to_itself(s)) {
        scan->open[i] = true;
    } else if (s != NULL || error->code == ECONNREFUSED) {
        scan->closed++;
    } else if (error->kind == SOCK_E_TIMEOUT) {
        scan->silent++;
    } else {
        scan->failed++;
        sock_error_reason(error, scan->why, sizeof scan->why);
    }
    sock_free(s);
    say_how_far(scan, false);
    return 0;
}

static void print(const struct scan *scan)
{
    size_t open = scan->count - scan->closed - scan->silent - scan->failed;

    for (size_t i = 0; i < scan->count; i++) {
        int port = sock_addr_port(&scan->to[i]);
        char service[64];
        if (!scan->open[i])
            continue;
        if (sock_getservbyport(port, "tcp", service, sizeof service) > 0)
            printf("port %d: OPEN, %s\n", port, service);
        else
            printf("port %d: OPEN\n", port);
    }
    printf("%zu ports: %zu open, %zu closed, %zu silent", scan->count, open,
           scan->closed, scan->silent);
    if (scan->failed > 0)
        printf(", %zu failed: %s", scan->failed, scan->why);
    printf("\n");
}

static int scan_all(struct scan *scan)
{
    time_t start = scan->said = time(NULL);

    scan->terminal = isatty(STDERR_FILENO) == 1;
    if (sock_connect_each(scan->to, scan->count, 0, PATIENCE, tried, scan) ==
        -1)
        return failed();
    if (scan->said != start)
        say_how_far(scan, true);
    print(scan);
    return EXIT_SUCCESS;
}

static int scan(const char *host, int first, int last)
{
    struct scan scan = {.count = (size_t)(last - first) + 1};
    sock_addr_t target = sock_addr_inet(host, 0);
    int status;

    if (!sock_addr_ok(&target))
        return failed();
    scan.to = calloc(scan.count, sizeof scan.to[0]);
    scan.open = calloc(scan.count, sizeof scan.open[0]);
    if (scan.to == NULL || scan.open == NULL) {
        status = complain("no memory");
    } else {
        for (size_t i = 0; i < scan.count; i++)
            scan.to[i] = sock_addr_with_port(target, first + (int)i);
        status = scan_all(&scan);
    }
    free(scan.to);
    free(scan.open);
    return status;
}

int main(int argc, char **argv)
{
    char *target = NULL;
    size_t size = 0;
    int n = begin(argc, argv, " [TARGET [FIRST [LAST]]]", 3,
                  "Says which TCP ports of TARGET are open, of 20 to 1024 or "
                  "FIRST to LAST.");
    int first = n > 1 ? number(argv[2], 0, 65535) : 20;
    int last = n > 2 ? number(argv[3], first, 65535) : 1024;
    int status;

    if (last < first)
        last = first;
    if (n > 0)
        return scan(argv[1], first, last);
    status = raw_input("target: ", &target, &size) == -1
                 ? complain("no target")
                 : scan(target, first, last);
    free(target);
    return status;
}
