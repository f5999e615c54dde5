/* SPDX-License-Identifier: MIT */
/* A robots.txt, and patterns beside a matcher that tries every place. */
#include <stdbool.h>

#include <pysockc/net.h>

#include "fuzz.h"

/* Of characters that are the same in each form. */
static bool fits(const char *pattern, size_t n, const char *path)
{
    enum { MOST = 600 };
    static bool at[MOST + 1], next[MOST + 1];
    size_t length = strlen(path);
    memset(at, 0, sizeof at);
    at[0] = true;
    for (size_t i = 0; i < n; i++) {
        bool star = false;
        memset(next, 0, sizeof next);
        for (size_t k = 0; k <= length; k++) {
            star = star || at[k];
            if (pattern[i] == '*')
                next[k] = star;
            else if (k > 0)
                next[k] = at[k - 1] && path[k - 1] == pattern[i];
        }
        memcpy(at, next, sizeof at);
    }
    if (n > 0 && pattern[n - 1] == '$')
        return false; /* never asked: it is cut off */
    bool found = false;
    for (size_t k = 0; k <= length; k++)
        found = found || at[k];
    return found;
}

static bool fits_to_the_end(const char *pattern, size_t n, const char *path)
{
    /* The same with a character that is nowhere else at both ends. */
    char longer[1024], ended[1024];
    snprintf(longer, sizeof longer, "%.*s\x01", (int)n, pattern);
    snprintf(ended, sizeof ended, "%s\x01", path);
    return fits(longer, n + 1, ended);
}

/* The input as a pattern and a path of a few letters. */
static void check_pattern(struct input in)
{
    static const char letters[] = "ab*/$";
    char pattern[64] = "/", path[64] = "/", text[128];
    size_t n = 1, k = 1;
    while (in.left > 0 && n < 24) {
        pattern[n] = letters[next_byte(&in) % 4];
        n++;
        path[k] = letters[next_byte(&in) % 2];
        k += next_byte(&in) % 2;
    }
    path[k] = pattern[n] = '\0';
    bool end = next_byte(&in) % 2;
    int length = snprintf(text, sizeof text, "User-agent: *\nDisallow: %s%s\n",
                          pattern, end ? "$" : "");
    sock_robots_t *r = sock_robots_parse(text, (size_t)length);
    claim(r != NULL);
    bool wanted =
        end ? fits_to_the_end(pattern, n, path) : fits(pattern, n, path);
    claim(sock_robots_can_fetch(r, "x", path) == !wanted);
    sock_robots_free(r);
}

static void check_numbers(const sock_robots_t *r, const char *agent)
{
    double seconds = -1;
    int n = -1, m = -1;
    int has = sock_robots_crawl_delay(r, agent, &seconds);
    claim((has == 0 && seconds == 0) || (has == 1 && seconds >= 0));
    has = sock_robots_request_rate(r, agent, &n, &m);
    claim((has == 0 && n == 0 && m == 0) || (has == 1 && n >= 0 && m > 0));
    size_t i = 0;
    while (sock_robots_sitemap(r, i) != NULL)
        i++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    check_pattern(in);
    char *text = copy_of(data, size);
    char *url = rest_as_text(&in);
    sock_robots_t *r = sock_robots_parse(text, size);
    claim(r != NULL);
    static const char *const agents[] = {"*", "a", "A/1", "b-c", ""};
    for (size_t i = 0; i < sizeof agents / sizeof agents[0]; i++) {
        check_numbers(r, agents[i]);
        int can = sock_robots_can_fetch(r, agents[i], url);
        claim(can == 0 || can == 1);
        claim(sock_robots_can_fetch(r, agents[i], "/robots.txt") == 1);
    }
    claim(sock_robots_can_fetch(r, url, "/") >= 0);
    sock_robots_free(r);
    free(url);
    free(text);
    return 0;
}
