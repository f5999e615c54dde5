/* SPDX-License-Identifier: MIT */
/* Whether a robot may fetch a page, as its site says. */
#include <pysockc/robots.h>
#include <pysockc/url.h>

#include "example.h"

static void show(const sock_robots_t *rules, const char *agent)
{
    double seconds;
    int n, in, status = sock_robots_status(rules);
    const char *map;

    if (status == 0)
        puts("the site can't be reached");
    else if (status != 200)
        printf("its robots.txt: status %d\n", status);
    if (sock_robots_crawl_delay(rules, agent, &seconds) == 1)
        printf("wait %g s between two pages\n", seconds);
    if (sock_robots_request_rate(rules, agent, &n, &in) == 1)
        printf("at most %d pages in %d s\n", n, in);
    for (size_t i = 0; (map = sock_robots_sitemap(rules, i)) != NULL; i++)
        printf("map: %s\n", map);
}

int main(int argc, char **argv)
{
    char file[1024];
    int n = begin(argc, argv, " URL [AGENT]", 2,
                  "Says whether AGENT, ExampleBot unless given, may fetch URL, "
                  "as the robots.txt\nof its site has it.\n\n"
                  "The status is 0 if it may.");
    if (n < 1)
        bad_arguments("there is no URL", "");

    const char *agent = n > 1 ? argv[2] : "ExampleBot";
    int length = sock_urljoin(argv[1], "/robots.txt", file, sizeof file);
    if (length == -1)
        return failed();
    if (length >= (int)sizeof file)
        bad_arguments("too long a URL", argv[1]);

    sock_robots_t *rules = sock_robots_read(file, MESSAGE_SECONDS);
    if (rules == NULL)
        return failed();
    bool can = sock_robots_can_fetch(rules, agent, argv[1]);
    printf("%s: %s\n", agent, can ? "yes" : "no");
    show(rules, agent);
    sock_robots_free(rules);
    return can ? EXIT_SUCCESS : EXIT_FAILURE;
}
