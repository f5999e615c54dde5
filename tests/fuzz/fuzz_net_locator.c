/* SPDX-License-Identifier: MIT */
/* URLs that are to be opened, and where redirects lead: what is asked for has
 * nothing that ends a line, and no host that another reader would not see.
 * data: URLs; and proxies with their lists. */
#include <arpa/inet.h>
#include <stdbool.h>

#include "fuzz.h"
#include "headers.h"
#include "host.h"
#include "local.h"
#include "private.h"
#include "proxy.h"
#include "redirect.h"
#include "url.h"

static bool is_visible(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 127)
            return false;
    return true;
}

static void check_locator(const struct sock__locator *t)
{
    claim(t->shown != NULL && t->whom != NULL);
    if (t->kind > SOCK__OPENS_FTP)
        return;
    claim(t->line[0] == '/' && is_visible(t->line));
    claim(strpbrk(t->line, "#\\") == NULL);
    claim(is_visible(t->authority) && strpbrk(t->authority, "@/?#\\") == NULL);
    claim(t->port > 0 && t->port <= 65535);
    claim((t->user == NULL) == (t->password == NULL));
    claim(sock__host_fault(t->url->hostname) == NULL);
    /* What is shown is the same without user and password. */
    struct sock__locator *again = sock__locator_new("x", t->shown);
    claim(again != NULL && again->user == NULL);
    claim(sock__locator_same_origin(t, again));
    claim(strcmp(again->line, t->line) == 0);
    claim(strcmp(again->shown, t->shown) == 0);
    sock__locator_free(again);
}

static void check_redirect(const char *from, const char *location, int flags)
{
    struct sock__locator *t = sock__locator_new("x", from);
    struct sock__locator *to = sock__redirect("x", t, location, flags);

    if (to == NULL) {
        claim(sock_last_error()->kind == SOCK_E_PROTOCOL);
    } else {
        claim(to->kind <= SOCK__OPENS_HTTPS && to->user == NULL);
        claim(to->kind == SOCK__OPENS_HTTPS || t->kind == SOCK__OPENS_HTTP);
        check_locator(to);
    }
    sock__locator_free(to);
    sock__locator_free(t);
}

static void check_data(const struct sock__locator *t)
{
    char buf[7];
    size_t done = 0;
    ssize_t n;
    sock_http_response_t *r = sock__local_open("x", t);

    if (r == NULL)
        return;
    int64_t length = sock_http_length(r);
    while ((n = sock_http_read(r, buf, sizeof buf)) > 0)
        done += (size_t)n;
    claim(n == 0 && done == (size_t)length);
    sock_http_response_free(r);
}

static void check_proxies(const char *text)
{
    static const char *const hosts[] = {"10.1.2.3", "a.example.test", "fe80::1",
                                        "[::1]"};
    struct sock__locator *t = sock__proxy_new("x", text);
    if (t != NULL)
        check_locator(t);
    sock__locator_free(t);
    for (size_t i = 0; i < 4; i++)
        if (sock__proxy_covers(text, hosts[i], -1))
            claim(sock__proxy_covers(text, hosts[i], 80));
}

static void check_url(const char *text)
{
    char shown[SOCK__SHOWN_MAX];
    struct sock__locator *t = sock__locator_new("x", text);

    if (t != NULL)
        check_locator(t);
    if (t != NULL && t->kind == SOCK__OPENS_DATA)
        check_data(t);
    sock__locator_free(t);
    sock__url_show(text, shown);
    claim(strlen(shown) < sizeof shown);
}

/* The first byte says which. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    unsigned which = next_byte(&in) % 4;
    char *text = rest_as_text(&in);

    if (which == 0)
        check_url(text);
    else if (which == 1)
        check_redirect("http://u:p@a:81/b/c?d#e", text, 0);
    else if (which == 2)
        check_redirect("https://a/b/c?d", text, 0);
    else
        check_proxies(text);
    free(text);
    return 0;
}
