/* SPDX-License-Identifier: MIT */
/* A jar, by the rules of RFC 6265bis; what browsers do is in
 * test_cookie_state.c. Links with --wrap. */
#include "jar.h"
#include "starve.h"
#include "support.h"

#include <pthread.h>

/* A field that is set by one URL into an empty jar, and what another one is
 * sent. */
struct row {
    const char *url, *field, *next, *cookie;
};

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct row *r = &rows[i];
        sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
        set(jar, r->url, r->field);
        const char *cookie = sent(jar, r->next);
        check_that(strcmp(cookie, r->cookie) == 0, "%s of %s at %s: '%s'",
                   r->field, r->url, r->next, cookie);
        sock_cookiejar_free(jar);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof rows / sizeof rows[0])

static const struct row hosts[] = {
    {"http://h.test/", "a=b", "http://h.test/", "a=b"},
    {"http://h.test/", "a=b", "http://H.TEST/", "a=b"},
    {"http://h.test/", "a=b", "http://h.test:8080/", "a=b"},
    {"http://h.test/", "a=b", "https://h.test/", "a=b"},
    {"http://u:p@h.test/", "a=b", "http://h.test/", "a=b"},
    {"http://h.test/", "a=b", "http://x.h.test/", ""},
    {"http://x.h.test/", "a=b", "http://h.test/", ""},
    {"http://h.test/", "a=b", "http://h.test./", ""},
    {"http://h.test./", "a=b", "http://h.test./", "a=b"},
    {"http://x.h.test/", "a=b; domain=h.test", "http://h.test/", "a=b"},
    {"http://x.h.test/", "a=b; domain=.H.Test", "http://y.h.test/", "a=b"},
    {"http://x.h.test/", "a=b; domain=h.test", "http://a.b.h.test/", "a=b"},
    {"http://x.h.test/", "a=b; domain=h.test", "http://xh.test/", ""},
    {"http://x.h.test/", "a=b; domain=test", "http://x.h.test/", ""},
    {"http://x.h.test/", "a=b; domain=y.h.test", "http://y.h.test/", ""},
    {"http://xh.test/", "a=b; domain=h.test", "http://h.test/", ""},
    {"http://x.h.test/", "a=b; domain=h.test", "http://x.i.test/", ""},
    {"http://x.h.test/", "a=b; domain=h.test", "http://test/", ""},
    {"http://h.test/", "a=b; domain=x.h.test", "http://x.h.test/", ""},
    {"http://x.h.test/", "a=b; domain=h.test.", "http://x.h.test/", ""},
    {"http://x.h.test./", "a=b; domain=h.test.", "http://h.test./", "a=b"},
    {"http://x.h.test./", "a=b; domain=test.", "http://y.test./", ""},
    /* A host of one label has a cookie of its own, and none for others. */
    {"http://localhost/", "a=b", "http://localhost/", "a=b"},
    {"http://localhost/", "a=b; domain=localhost", "http://localhost/", "a=b"},
    {"http://localhost/", "a=b; domain=localhost", "http://x.localhost/", ""},
    {"http://x.localhost/", "a=b; domain=localhost", "http://localhost/", ""},
    /* Addresses have no names below them. */
    {"http://127.0.0.1/", "a=b", "http://127.0.0.1/", "a=b"},
    {"http://127.0.0.1/", "a=b; domain=127.0.0.1", "http://127.0.0.1/", "a=b"},
    {"http://127.0.0.1/", "a=b; domain=0.0.1", "http://1.0.0.1/", ""},
    {"http://127.0.0.1/", "a=b; domain=0.0.1", "http://127.0.0.1/", ""},
    {"http://1.127.0.0.1/", "a=b; domain=127.0.0.1", "http://127.0.0.1/", ""},
    {"http://127.1/", "a=b; domain=1", "http://127.1/", ""},
    {"http://a.0x7f/", "a=b; domain=0x7f", "http://a.0x7f/", ""},
    {"http://a.b.0x/", "a=b; domain=b.0x", "http://a.b.0x/", ""},
    {"http://a.b.1./", "a=b; domain=b.1.", "http://a.b.1./", ""},
    {"http://a.b.1x/", "a=b; domain=b.1x", "http://b.1x/", "a=b"},
    {"http://[::1]/", "a=b", "http://[::1]:80/", "a=b"},
    {"http://[::1]/", "a=b; domain=::1", "http://[::1]/", "a=b"},
    {"http://[::1]/", "a=b; domain=[::1]", "http://[::1]/", ""},
};

TEST(cookiejar, hosts)
{
    CHECK_ROWS(hosts);
}

static const struct row paths[] = {
    {"http://h.test", "a=b", "http://h.test", "a=b"},
    {"http://h.test?x", "a=b", "http://h.test/any", "a=b"},
    {"http://h.test/x", "a=b", "http://h.test/y", "a=b"},
    {"http://h.test/x/y", "a=b", "http://h.test/x", "a=b"},
    {"http://h.test/x/y", "a=b", "http://h.test/x/", "a=b"},
    {"http://h.test/x/y", "a=b", "http://h.test/x/z?q#f", "a=b"},
    {"http://h.test/x/y", "a=b", "http://h.test/xy", ""},
    {"http://h.test/x/y", "a=b", "http://h.test/X/y", ""},
    {"http://h.test/x/y", "a=b", "http://h.test/", ""},
    {"http://h.test/x/y?a/b", "a=b", "http://h.test/x/z", "a=b"},
    {"http://h.test/x;p/y", "a=b", "http://h.test/x;p/y", "a=b"},
    {"http://h.test/x//y", "a=b", "http://h.test/x/", "a=b"},
    {"http://h.test/x/y", "a=b; path=/z", "http://h.test/z", "a=b"},
    {"http://h.test/x/y", "a=b; path=z", "http://h.test/x/z", "a=b"},
    {"http://h.test/", "a=b; path=/%7e", "http://h.test/~", ""},
    {"http://h.test/", "a=b; path=/x/", "http://h.test/x", ""},
    {"http://h.test/", "a=b; path=/x/", "http://h.test/x/y", "a=b"},
    {"http://h.test/", "a=b; path=/x?", "http://h.test/x?", ""},
};

TEST(cookiejar, paths)
{
    CHECK_ROWS(paths);
}

static const struct row secure[] = {
    {"https://h.test/", "a=b; secure", "https://h.test/", "a=b"},
    {"https://h.test/", "a=b; secure", "http://h.test/", ""},
    {"https://h.test/", "a=b; secure", "wss://h.test/", "a=b"},
    {"http://h.test/", "a=b; secure", "https://h.test/", ""},
    {"http://localhost/", "a=b; secure", "https://localhost/", ""},
    {"ftp://h.test/", "a=b", "http://h.test/", "a=b"},
    {"https://h.test/", "__Secure-a=b; secure", "https://h.test/",
     "__Secure-a=b"},
    {"https://h.test/", "__Secure-a=b", "https://h.test/", ""},
    {"http://h.test/", "__Secure-a=b; secure", "https://h.test/", ""},
    {"https://h.test/", "__sEcUrE-a=b", "https://h.test/", ""},
    {"https://h.test/", "__Secure=b", "https://h.test/", "__Secure=b"},
    {"https://h.test/x/y", "__Host-a=b; secure; path=/", "https://h.test/",
     "__Host-a=b"},
    {"https://h.test/", "__Host-a=b; secure", "https://h.test/", ""},
    {"https://h.test/", "__Host-a=b; path=/", "https://h.test/", ""},
    {"https://h.test/", "__Host-a=b; secure; path=/x", "https://h.test/x", ""},
    {"https://h.test/", "__Host-a=b; secure; path=/; domain=h.test",
     "https://h.test/", ""},
    {"https://h.test/", "__host-a=b; secure", "https://h.test/", ""},
    {"https://127.0.0.1/", "__Host-a=b; secure; path=/; domain=127.0.0.1",
     "https://127.0.0.1/", "__Host-a=b"},
    /* Without a name what is sent is the value alone. */
    {"https://h.test/", "=__Host-a=b", "https://h.test/", ""},
    {"https://h.test/", "__host-a", "https://h.test/", ""},
    {"https://h.test/", "=__SECURE-a=b; secure", "https://h.test/", ""},
    {"https://h.test/", "=__Hos", "https://h.test/", "__Hos"},
};

TEST(cookiejar, secure)
{
    CHECK_ROWS(secure);
}

TEST(cookiejar, http_hides_nothing_of_https)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    check_int(set(jar, "https://x.h.test/p/q", "a=1; secure; path=/p"), 1);
    check_int(set(jar, "http://x.h.test/p/q", "a=2; path=/p"), 0);
    check_int(set(jar, "http://x.h.test/p/q", "a=2; path=/p/q"), 0);
    check_int(set(jar, "http://x.h.test/p/q", "a=2; domain=h.test; path=/p"),
              0);
    check_int(set(jar, "http://y.x.h.test/p/q", "a=2; path=/p"), 0);
    check_str(sent(jar, "https://x.h.test/p"), "a=1");
    check_int(set(jar, "http://x.h.test/p/q", "a=2; path=/"), 1);
    check_int(set(jar, "http://x.h.test/p/q", "A=2; path=/p"), 1);
    check_int(set(jar, "http://z.h.test/p/q", "a=2; path=/p"), 1);
    check_int(set(jar, "http://x.h.test/p/q", "a=; max-age=0; path=/p"), 0);
    check_str(sent(jar, "https://x.h.test/p"), "a=1; A=2; a=2");
    check_int(set(jar, "https://x.h.test/p/q", "a=3; path=/p"), 1);
    check_str(sent(jar, "http://x.h.test/p"), "a=3; A=2; a=2");
    /* An address is below no other. */
    check_int(set(jar, "https://1.2.3.4/", "a=1; secure"), 1);
    check_int(set(jar, "http://3.4/", "a=2"), 1);
    sock_cookiejar_free(jar);
}

TEST(cookiejar, order)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    set(jar, "http://h.test/", "a=1");
    set(jar, "http://h.test/", "b=1; path=/x");
    set(jar, "http://h.test/", "c=1");
    set(jar, "http://h.test/", "d=1; path=/x/");
    check_str(sent(jar, "http://h.test/x/"), "d=1; b=1; a=1; c=1");
    set(jar, "http://h.test/", "a=2"); /* as old as it was */
    check_str(sent(jar, "http://h.test/x/"), "d=1; b=1; a=2; c=1");
    set(jar, "http://h.test/", "a=; max-age=0");
    set(jar, "http://h.test/", "a=3");
    check_str(sent(jar, "http://h.test/"), "c=1; a=3");
    sock_cookiejar_free(jar);
}

/* What is the same but in one of these is another cookie. */
TEST(cookiejar, what_is_the_same)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    set(jar, "http://h.test/", "a=1");
    set(jar, "http://h.test/", "a=2; domain=h.test");
    set(jar, "http://h.test/", "A=3");
    set(jar, "http://h.test/", "a=4; path=/x");
    set(jar, "http://x.h.test/", "a=5");
    set(jar, "http://h.test/", "6");
    check_int(count(jar), 6);
    set(jar, "http://h.test/", "a=7; httponly; samesite=lax; partitioned");
    check_int(count(jar), 6);
    check_str(sent(jar, "http://h.test/"), "a=7; a=2; A=3; 6");
    sock_cookiejar_free(jar);
}

TEST(cookiejar, at)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    sock_cookie_t c;
    its_now = NOW;
    set(jar, "https://X.h.test/",
        "a=b; domain=H.test; path=/p; secure; httponly; samesite=strict; "
        "partitioned; max-age=60");
    set(jar, "http://h.test/q/", "c=");
    its_now = NOW + 10;
    sent(jar, "https://h.test/p");
    set(jar, "http://h.test/q/", "c=d");
    errno = 1234;
    memset(&c, 1, sizeof c);
    check_int(sock_cookiejar_at(jar, 0, &c), 1);
    check_str(c.name, "a");
    check_str(c.value, "b");
    check_str(c.domain, "h.test");
    check_str(c.path, "/p");
    check_int(c.expires, NOW + 60);
    check_int(c.created, NOW);
    check_int(c.accessed, NOW + 10);
    check(!c.host_only && c.secure == 1 && c.http_only == 1);
    check(c.partitioned == 1 && c.same_site == SOCK_SAME_SITE_STRICT);
    check_int(c.reserved[4], 0);
    check_int(sock_cookiejar_at(jar, 1, &c), 1);
    check_str(c.name, "c");
    check_str(c.value, "d");
    check_str(c.domain, "h.test");
    check_str(c.path, "/q");
    check_int(c.expires, 0);
    check_int(c.created, NOW);
    check_int(c.accessed, NOW + 10);
    check(c.host_only == 1 && !c.secure && !c.http_only && !c.partitioned);
    check_int(sock_cookiejar_at(jar, 2, &c), 0);
    check_str(c.name, "c");
    check_int(errno, 1234);
    its_now = NOW + 59;
    check_int(sock_cookiejar_at(jar, 1, &c), 1);
    its_now = NOW + 60;
    check_int(sock_cookiejar_at(jar, 1, &c), 0);
    its_now = NOW;
    sock_cookiejar_free(jar);
}

TEST(cookiejar, what_has_ended_is_not_sent)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    set(jar, "http://h.test/", "a=1; max-age=60");
    set(jar, "http://h.test/", "b=1; max-age=120");
    set(jar, "http://h.test/", "c=1; max-age=99999999999");
    check_int(set(jar, "http://h.test/", "d=1; expires=1 Jan 2000 0:0:0"), 1);
    check_str(sent(jar, "http://h.test/"), "a=1; b=1; c=1");
    its_now = NOW + 60;
    check_str(sent(jar, "http://h.test/"), "b=1; c=1");
    its_now = NOW + 400 * 24 * 60 * 60 - 1;
    check_str(sent(jar, "http://h.test/"), "c=1");
    its_now++;
    check_str(sent(jar, "http://h.test/"), "");
    its_now = NOW;
    sock_cookiejar_free(jar);
}

/* Limits */

static void set_numbers(sock_cookiejar_t *jar, const char *url, int from,
                        int to, const char *more)
{
    for (int i = from; i < to; i++) {
        char field[64];
        snprintf(field, sizeof field, "n%d=v%s", i, more);
        check_int(set(jar, url, field), 1);
    }
}

static bool has(sock_cookiejar_t *jar, const char *name)
{
    sock_cookie_t c;
    for (size_t i = 0; sock_cookiejar_at(jar, i, &c) == 1; i++)
        if (strcmp(c.name, name) == 0)
            return true;
    return false;
}

TEST(cookiejar, fifty_of_a_domain)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    set(jar, "http://h.test/", "first=v; path=/x");
    set_numbers(jar, "http://h.test/", 0, 49, "");
    set_numbers(jar, "http://x.h.test/", 0, 10, "");
    check_int(count(jar), 60);
    sent(jar, "http://h.test/x"); /* uses all */
    sent(jar, "http://h.test/");  /* all but the first */
    set(jar, "http://h.test/", "more=v");
    check_int(count(jar), 60);
    check(!has(jar, "first") && has(jar, "n48") && has(jar, "more"));
    sock_cookiejar_free(jar);
}

/* What http can set goes before what only https can. */
TEST(cookiejar, secure_ones_stay)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    set_numbers(jar, "https://h.test/", 0, 49, "; secure");
    set(jar, "http://h.test/", "plain=v");
    sent(jar, "http://h.test/");
    set(jar, "http://h.test/", "more=v");
    check_int(count(jar), 50);
    check(!has(jar, "plain") && has(jar, "more") && has(jar, "n0"));
    set(jar, "https://h.test/", "n49=v; secure");
    check(!has(jar, "more") && has(jar, "n0") && has(jar, "n49"));
    /* Where all are, what no one used for longest. */
    set(jar, "https://h.test/", "n50=v; secure");
    check(!has(jar, "n0") && has(jar, "n1") && has(jar, "n50"));
    /* And one of http is the first to go, be it the newest. */
    set(jar, "http://h.test/", "late=v");
    check(!has(jar, "late") && has(jar, "n1"));
    check_int(count(jar), 50);
    sock_cookiejar_free(jar);
}

TEST(cookiejar, three_thousand_in_all)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    sock_cookie_t c;
    char url[64];
    for (int host = 0; host < 60; host++) {
        snprintf(url, sizeof url, "http://h%d.test/", host);
        set_numbers(jar, url, 0, 50, "");
    }
    check_int(sock_cookiejar_at(jar, 2999, &c), 1);
    check_int(sock_cookiejar_at(jar, 3000, &c), 0);
    sent(jar, "http://h0.test/");
    set(jar, "http://more.test/", "a=b");
    check_int(sock_cookiejar_at(jar, 2999, &c), 1);
    check_int(sock_cookiejar_at(jar, 3000, &c), 0);
    check_int(strlen(sent(jar, "http://h0.test/")), 10 * 4 + 40 * 5 + 49 * 2);
    check_int(strlen(sent(jar, "http://h1.test/")),
              10 * 4 + 40 * 5 + 49 * 2 - 6); /* without n0 */
    sock_cookiejar_free(jar);
}

static char *repeated(const char *before, char c, size_t n, const char *after)
{
    size_t k = strlen(before);
    char *text = malloc(k + n + strlen(after) + 1);
    memcpy(text, before, k);
    memset(text + k, c, n);
    strcpy(text + k + n, after);
    return text;
}

static int set_long(sock_cookiejar_t *jar, const char *before, size_t n,
                    const char *after)
{
    char *field = repeated(before, 'x', n, after);
    int taken = set(jar, "http://h.test/", field);
    free(field);
    return taken;
}

TEST(cookiejar, longest)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    sock_cookie_t c;
    check_int(set_long(jar, "a=", 4095, ""), 1);
    check_int(set_long(jar, "a=", 4096, ""), 0);
    check_int(set_long(jar, "", 4096, "="), 1);
    check_int(set_long(jar, "", 4096, ""), 1);
    check_int(set_long(jar, "", 4097, ""), 0);
    check_int(set_long(jar, "b=; path=/", 1023, ""), 1);
    check_int(set_long(jar, "c=; path=/", 1024, ""), 1);
    check_int(sock_cookiejar_at(jar, 0, &c), 1);
    check_int(strlen(c.value), 4095);
    check_int(sock_cookiejar_at(jar, 1, &c), 1);
    check_int(strlen(c.name), 4096);
    check_int(sock_cookiejar_at(jar, 2, &c), 1);
    check_int(strlen(c.value), 4096);
    check_int(sock_cookiejar_at(jar, 3, &c), 1);
    check_int(strlen(c.path), 1024);
    check_int(sock_cookiejar_at(jar, 4, &c), 1);
    check_str(c.path, "/"); /* too long to be an attribute */
    sock_cookiejar_free(jar);
}

static int set_by_long(sock_cookiejar_t *jar, const char *before, size_t n,
                       const char *after, char *sends, size_t size)
{
    char *url = repeated(before, 'x', n, after);
    int taken = set(jar, url, "a=b");
    int k = sock_cookiejar_header(jar, url, sends, size);
    check_int(k, strlen(sends));
    free(url);
    return taken;
}

TEST(cookiejar, of_long_urls)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    char sends[16];
    check_int(set_by_long(jar, "http://", 255, "/", sends, sizeof sends), 1);
    check_str(sends, "a=b");
    check_int(set_by_long(jar, "http://", 256, "/", sends, sizeof sends), 0);
    check_str(sends, "");
    check_int(set_by_long(jar, "http://h/", 1023, "/", sends, sizeof sends), 1);
    check_str(sends, "a=b");
    check_int(set_by_long(jar, "http://h/", 1024, "/", sends, sizeof sends), 0);
    check_str(sends, "");
    check_int(count(jar), 2);
    sock_cookiejar_free(jar);
}

/* Buffers */

TEST(cookiejar, header_into_a_buffer)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    const char *url = "http://h.test/";
    char buf[8] = "oooooo";
    set(jar, url, "a=b");
    check_int(sock_cookiejar_header(jar, url, NULL, 0), 3);
    check_int(sock_cookiejar_header(jar, url, buf, 3), 3);
    check_str(buf, "");
    check_int(sock_cookiejar_header(jar, url, buf, 4), 3);
    check_str(buf, "a=b");
    check_int(buf[4], 'o');
    check_fails(sock_cookiejar_header(jar, url, NULL, 4), SOCK_E_TYPE, 0,
                "add_cookie_header: buffer is NULL");
    check_fails(sock_cookiejar_header(jar, "/path", buf, 8), SOCK_E_VALUE, 0,
                "add_cookie_header /path: no host given");
    check_str(buf, "");
    sock_cookiejar_free(jar);
}

TEST(cookiejar, no_url)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    sock_headers_t *h = check_made(sock_headers_new());
    check_fails(sock_cookiejar_extract(jar, "", h), SOCK_E_VALUE, 0,
                "extract_cookies: no host given");
    check_fails(sock_cookiejar_extract(jar, "//h.test/", h), SOCK_E_VALUE, 0,
                "extract_cookies //h.test/: no host given");
    check_fails(sock_cookiejar_extract(jar, "http:///x", h), SOCK_E_VALUE, 0,
                "extract_cookies http:///x: no host given");
    check_fails(sock_cookiejar_extract(jar, "//u:secret@h.test/", h),
                SOCK_E_VALUE, 0, "extract_cookies //h.test/: no host given");
    check_int(sock_cookiejar_extract(jar, "http://h:99999/", h), -1);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check_str(sock_last_error()->operation, "extract_cookies");
    sock_headers_free(h);
    sock_cookiejar_free(jar);
}

/* Taking away */

TEST(cookiejar, clear)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    set(jar, "http://h.test/", "a=1");
    set(jar, "http://h.test/", "b=1");
    set(jar, "http://h.test/", "c=1; path=/x");
    set(jar, "http://h.test/", "d=1; path=/x");
    set(jar, "http://g.test/", "e=1");
    errno = 1234;
    check_int(sock_cookiejar_clear(jar, "h.test", "/", "a"), 0);
    check_str(sent(jar, "http://h.test/x"), "c=1; d=1; b=1");
    check_int(sock_cookiejar_clear(jar, "h.test", "/x", NULL), 0);
    check_str(sent(jar, "http://h.test/x"), "b=1");
    check_int(sock_cookiejar_clear(jar, "h.test", NULL, NULL), 0);
    check_int(count(jar), 1);
    check_int(sock_cookiejar_clear(jar, NULL, NULL, NULL), 0);
    check_int(sock_cookiejar_clear(jar, NULL, NULL, NULL), 0);
    check_int(errno, 1234);
    check_int(count(jar), 0);
    check_fails(sock_cookiejar_clear(jar, "h.test", NULL, NULL), SOCK_E_KEY,
                ENOENT, "clear: no such cookie");
    check_fails(sock_cookiejar_clear(jar, NULL, "/", NULL), SOCK_E_VALUE, 0,
                "clear: domain must be given to remove cookies by path");
    check_fails(sock_cookiejar_clear(jar, "h", NULL, "a"), SOCK_E_VALUE, 0,
                "clear: domain and path must be given to remove a cookie by "
                "name");
    sock_cookiejar_free(jar);
}

TEST(cookiejar, clear_session_cookies)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    set(jar, "http://h.test/", "a=1");
    set(jar, "http://h.test/", "b=1; max-age=9");
    set(jar, "http://g.test/", "c=1");
    check_int(sock_cookiejar_clear_session_cookies(jar), 0);
    check_int(count(jar), 1);
    check_str(sent(jar, "http://h.test/"), "b=1");
    sock_cookiejar_free(jar);
}

/* Public suffixes */

struct asked {
    sock_cookiejar_t *jar;
    char domains[256];
    int answer;
};

static int ask(const char *domain, void *arg)
{
    struct asked *a = arg;
    strcat(a->domains, domain);
    strcat(a->domains, " ");
    check_int(count(a->jar), 0); /* it may use the jar */
    return a->answer;
}

TEST(cookiejar, suffixes_by_a_function)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    struct asked a = {.jar = jar, .answer = 1};
    check_int(sock_cookiejar_suffixes(jar, ask, &a), 0);
    check_int(set(jar, "http://x.co.uk/", "a=b; domain=co.uk"), 0);
    check_int(set(jar, "http://x.co.uk./", "a=b; domain=CO.uk."), 0);
    check_int(set(jar, "http://x.co.uk/", "a=b; domain=uk"), 0);
    check_int(set(jar, "http://x.co.uk/", "a=b; domain=y.uk"), 0);
    check_str(a.domains, "co.uk co.uk ");
    check_int(set(jar, "http://co.uk/", "a=b; domain=co.uk"), 1);
    check_str(a.domains, "co.uk co.uk co.uk ");
    check_str(sent(jar, "http://co.uk/"), "a=b");
    check_str(sent(jar, "http://x.co.uk/"), "");
    check_ok(sock_cookiejar_clear(jar, NULL, NULL, NULL));
    a.answer = 0;
    check_int(set(jar, "http://x.co.uk/", "a=b; domain=co.uk"), 1);
    check_str(sent(jar, "http://y.co.uk/"), "a=b");
    check_int(sock_cookiejar_suffixes(jar, NULL, NULL), 0);
    check_int(set(jar, "http://x.co.uk/", "a=b; domain=co.uk"), 1);
    check_str(a.domains, "co.uk co.uk co.uk co.uk ");
    sock_cookiejar_free(jar);
}

/* Arguments, memory, threads */

TEST(cookiejar, no_arguments)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    sock_headers_t *h = check_made(sock_headers_new());
    sock_cookie_t c;
    char buf[8];
    check_fails(sock_cookiejar_extract(NULL, "http://h/", h), SOCK_E_TYPE, 0,
                "extract_cookies: argument is NULL");
    check_fails(sock_cookiejar_extract(jar, NULL, h), SOCK_E_TYPE, 0,
                "extract_cookies: argument is NULL");
    check_fails(sock_cookiejar_extract(jar, "http://h/", NULL), SOCK_E_TYPE, 0,
                "extract_cookies: argument is NULL");
    check_fails(sock_cookiejar_header(NULL, "http://h/", buf, 8), SOCK_E_TYPE,
                0, "add_cookie_header: argument is NULL");
    check_fails(sock_cookiejar_header(jar, NULL, buf, 8), SOCK_E_TYPE, 0,
                "add_cookie_header: argument is NULL");
    check_fails(sock_cookiejar_at(NULL, 0, &c), SOCK_E_TYPE, 0,
                "__iter__: argument is NULL");
    check_fails(sock_cookiejar_at(jar, 0, NULL), SOCK_E_TYPE, 0,
                "__iter__: argument is NULL");
    check_fails(sock_cookiejar_clear(NULL, NULL, NULL, NULL), SOCK_E_TYPE, 0,
                "clear: argument is NULL");
    check_fails(sock_cookiejar_clear_session_cookies(NULL), SOCK_E_TYPE, 0,
                "clear_session_cookies: argument is NULL");
    check_fails(sock_cookiejar_suffixes(NULL, ask, NULL), SOCK_E_TYPE, 0,
                "suffixes: argument is NULL");
    errno = 1234;
    sock_cookiejar_free(NULL);
    sock_cookiejar_free(jar);
    check_int(errno, 1234);
    sock_headers_free(h);
}

TEST(cookiejar, memory_is_refused)
{
    need_own_memory();
    sock_headers_t *h = check_made(sock_headers_new());
    check_ok(sock_headers_add(h, "Set-Cookie", "a=b"));
    check_ok(sock_headers_add(h, "Set-Cookie", "c=d; domain=h.test"));
    FOR_EACH_REFUSAL(refused)
    {
        char buf[32] = "?";
        sock_cookiejar_t *jar = sock_cookiejar_new();
        if (jar == NULL) {
            check_no_memory("CookieJar: ");
            continue;
        }
        int n = sock_cookiejar_extract(jar, "http://h.test/", h);
        if (n < 0)
            check_no_memory("extract_cookies");
        int k = sock_cookiejar_header(jar, "http://h.test/", buf, sizeof buf);
        if (k < 0) {
            check_no_memory("add_cookie_header");
            check_str(buf, "");
        }
        fail_at = 0;
        if (n == 2 && k >= 0)
            check_str(buf, "a=b; c=d");
        sock_cookiejar_free(jar);
    }
    sock_headers_free(h);
}

enum { THREADS = 4, ROUNDS = 300 };

static int say_no(const char *domain, void *arg)
{
    (void)domain, (void)arg;
    return 0;
}

static void *use(void *arg)
{
    sock_cookiejar_t *jar = arg;
    static char texts[THREADS][64 * 1024];
    static _Atomic int next;
    char *text = texts[next++ % THREADS];
    sock_headers_t *h = sock_headers_new();
    sock_cookie_t c;
    sock_headers_add(h, "Set-Cookie", "a=b");
    sock_headers_add(h, "Set-Cookie", "c=d; domain=h.test; max-age=9");
    sock_headers_add(h, "Set-Cookie", "e=; max-age=0");
    for (int i = 0; i < ROUNDS; i++) {
        sock_cookiejar_extract(jar, "http://x.h.test/", h);
        sock_cookiejar_header(jar, "http://x.h.test/", text, sizeof texts[0]);
        sock_cookiejar_at(jar, (size_t)(i % 3), &c);
        if (i % 10 == 0)
            sock_cookiejar_clear(jar, NULL, NULL, NULL);
        if (i % 7 == 0)
            sock_cookiejar_clear_session_cookies(jar);
        sock_cookiejar_suffixes(jar, i % 2 ? say_no : NULL, jar);
    }
    sock_headers_free(h);
    return NULL;
}

TEST(cookiejar, of_many_threads)
{
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        check_int(pthread_create(&threads[i], NULL, use, jar), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    check(count(jar) <= 2);
    sock_cookiejar_free(jar);
}
