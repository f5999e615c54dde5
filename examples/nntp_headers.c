/* SPDX-License-Identifier: MIT */
/* The newest articles of a group: numbers and subjects. */
#include <inttypes.h>

#include <pysockc/nntp.h>

#include "example.h"

enum { NEWEST = 10 };

static int show(sock_nntp_t *n, const sock_nntp_group_t *g)
{
    uint64_t first = g->last >= NEWEST ? g->last - NEWEST + 1 : 1;
    char range[64];

    snprintf(range, sizeof range, "%" PRIu64 "-%" PRIu64,
             first > g->first ? first : g->first, g->last);
    sock_nntp_overview_t *o = sock_nntp_over(n, range);
    if (!o)
        return failed();
    for (size_t i = 0; i < o->count; i++)
        printf("%" PRIu64 ": %s\n", o->articles[i].number,
               o->articles[i].subject);
    sock_nntp_overview_free(o);
    return EXIT_SUCCESS;
}

static int look(sock_nntp_t *n, const char *group)
{
    sock_nntp_group_t g;

    if (!n || sock_nntp_group(n, group, &g) == -1)
        return failed();
    printf("%s: about %" PRIu64 " articles\n", group, g.count);
    int status = g.count > 0 ? show(n, &g) : EXIT_SUCCESS;
    if (status == EXIT_SUCCESS && sock_nntp_quit(n) == -1)
        return failed();
    return status;
}

int main(int argc, char **argv)
{
    int given = begin(argc, argv, " GROUP [HOST [PORT]]", 3,
                      "Shows the newest articles of a group: numbers and "
                      "subjects.\n\n"
                      "HOST is 'localhost' and PORT 119 unless given.");
    if (given < 1)
        bad_arguments("there is no group", "");
    const char *host = given > 1 ? argv[2] : "localhost";
    int port = given > 2 ? number(argv[3], 1, 65535) : 119;

    sock_session_opts_t opts = {
        .size = sizeof opts, .timeout = MESSAGE_SECONDS, .readermode = 1};
    sock_nntp_t *n = sock_nntp_new(host, port, &opts);
    int status = look(n, argv[1]);
    sock_nntp_free(n);
    return status;
}
