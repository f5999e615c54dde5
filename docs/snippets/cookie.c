/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/cookie.h>
#include <pysockc/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int load(void)
{
    //! [load]
    sock_cookies_t *c = sock_cookies_new();

    /* What a browser has sent; the second pair is none. */
    sock_cookies_load(c, "chips=ahoy; oops; note=\"a\\073 b\"");
    puts(sock_cookies_get(c, "chips")); /* -> ahoy */
    puts(sock_cookies_get(c, "note"));  /* -> a; b */
    if (sock_cookies_get(c, "vienna") == NULL)
        puts("no vienna"); /* -> no vienna */
    sock_cookies_free(c);
    //! [load]
    return 0;
}

static int output(void)
{
    //! [output]
    sock_cookies_t *c = sock_cookies_new();
    sock_cookies_set(c, "id", "17");
    sock_cookies_set_attr(c, "id", "max-age", "3600");
    sock_cookies_set_attr(c, "id", "path", "/");
    sock_cookies_set_attr(c, "id", "httponly", NULL);
    sock_cookies_set(c, "note", "a; b");

    /* What could add a field of its own does not get that far. */
    if (sock_cookies_set_attr(c, "id", "path", "/\r\nX: y") == -1)
        sock_perror(NULL); /* -> __setitem__: Illegal attribute value */

    char text[256];
    sock_headers_t *h = sock_headers_new();
    sock_cookies_output(c, h);
    sock_headers_text(h, text, sizeof text);
    fputs(text, stdout);
    /* -> Set-Cookie: id=17; HttpOnly; Max-Age=3600; Path=/
       -> Set-Cookie: note="a\073 b"
       -> */
    sock_headers_free(h);
    sock_cookies_free(c);
    //! [output]
    return 0;
}

static int attr(void)
{
    sock_cookies_t *c = sock_cookies_new();
    //! [attr]
    sock_cookies_load(c, "id=17; Path=/acme; Secure");
    puts(sock_cookies_get_attr(c, "id", "path"));   /* -> /acme */
    puts(sock_cookies_get_attr(c, "id", "secure")); /* -> 1 */
    if (sock_cookies_get_attr(c, "id", "domain") == NULL)
        puts("for this host"); /* -> for this host */
    //! [attr]
    sock_cookies_free(c);
    return 0;
}

static int at(void)
{
    sock_cookies_t *c = sock_cookies_new();
    sock_cookies_load(c, "b=2; a=1");
    //! [at]
    const char *name, *value;
    for (size_t i = 0; sock_cookies_at(c, i, &name, &value) == 1; i++)
        printf("%s is %s\n", name, value);
    /* -> b is 2
       -> a is 1 */
    //! [at]
    sock_cookies_free(c);
    return 0;
}

/* What a response has. */
static sock_headers_t *response(const char *field)
{
    sock_headers_t *h = sock_headers_new();
    sock_headers_add(h, "Set-Cookie", field);
    return h;
}

static int jar(void)
{
    sock_headers_t *headers = response("id=17; Path=/shop; Secure");
    //! [jar]
    char text[4096];
    sock_cookiejar_t *jar = sock_cookiejar_new();

    /* What https://example.org/shop/login has answered. */
    const char *url = "https://example.org/shop/login";
    int n = sock_cookiejar_extract(jar, url, headers);
    printf("%d taken\n", n); /* -> 1 taken */

    /* What goes with the next requests. */
    sock_cookiejar_header(jar, "https://example.org/shop/", text,
                          sizeof text);
    printf("[%s]\n", text); /* -> [id=17] */
    sock_cookiejar_header(jar, "http://example.org/shop/", text,
                          sizeof text);
    printf("[%s]\n", text); /* -> [] */
    sock_cookiejar_free(jar);
    //! [jar]
    sock_headers_free(headers);
    return n - 1;
}

static sock_cookiejar_t *filled(void)
{
    sock_cookiejar_t *jar = sock_cookiejar_new();
    sock_headers_t *a = response("id=17; Domain=example.org");
    sock_headers_t *b = response("lang=la; Max-Age=86400; Path=/");
    sock_cookiejar_extract(jar, "https://www.example.org/", a);
    sock_cookiejar_extract(jar, "https://www.example.org/", b);
    sock_headers_free(a);
    sock_headers_free(b);
    return jar;
}

static int at_jar(void)
{
    sock_cookiejar_t *jar = filled();
    //! [at_jar]
    static sock_cookie_t c; /* it is large */
    for (size_t i = 0; sock_cookiejar_at(jar, i, &c) == 1; i++)
        printf("%s=%s of %s%s%s\n", c.name, c.value, c.domain, c.path,
               c.host_only ? "" : ", and below");
    /* -> id=17 of example.org/, and below
       -> lang=la of www.example.org/ */
    //! [at_jar]
    sock_cookiejar_free(jar);
    return 0;
}

static int clear(void)
{
    sock_cookiejar_t *jar = filled();
    //! [clear]
    /* Only what has an end of its own is left. */
    sock_cookiejar_clear_session_cookies(jar);

    sock_cookiejar_clear(jar, "www.example.org", "/", "lang");
    if (sock_cookiejar_clear(jar, "www.example.org", NULL, NULL) == -1)
        sock_perror(NULL); /* -> clear: no such cookie */
    //! [clear]
    sock_cookiejar_free(jar);
    return 0;
}

static int file(const char *path)
{
    sock_cookiejar_t *jar = filled(), *next = sock_cookiejar_new();
    //! [file]
    if (sock_cookiejar_save(jar, path) == -1)
        sock_perror(NULL);

    /* In another run: the cookie of the session is gone. */
    char text[4096];
    if (sock_cookiejar_load(next, path) == -1)
        sock_perror(NULL);
    sock_cookiejar_header(next, "https://www.example.org/", text,
                          sizeof text);
    puts(text); /* -> lang=la */
    //! [file]
    sock_cookiejar_free(next);
    sock_cookiejar_free(jar);
    return unlink(path);
}

//! [suffixes]
/* Those that this program's users meet. */
static int is_suffix(const char *domain, void *arg)
{
    const char *const *suffixes = arg;
    while (*suffixes != NULL && strcmp(*suffixes, domain) != 0)
        suffixes++;
    return *suffixes != NULL;
}

static sock_cookiejar_t *careful_jar(void)
{
    static const char *known[] = {"co.uk", "github.io", NULL};
    sock_cookiejar_t *jar = sock_cookiejar_new();
    sock_cookiejar_suffixes(jar, is_suffix, known);
    return jar;
}
//! [suffixes]

static int suffixes(void)
{
    sock_cookiejar_t *jar = careful_jar();
    sock_headers_t *h = response("all=mine; Domain=co.uk");
    int n = sock_cookiejar_extract(jar, "https://evil.co.uk/", h);
    sock_headers_free(h);
    sock_cookiejar_free(jar);
    return n;
}

static int suffix_file(void)
{
    sock_cookiejar_t *jar = sock_cookiejar_new();
    //! [suffix_file]
    const char *path = "/usr/share/publicsuffix/public_suffix_list.dat";
    if (sock_cookiejar_suffix_file(jar, path) == -1)
        printf("without a list: %s\n", strerror(errno)); /* -> ... */
    //! [suffix_file]
    else
        puts("with a list");
    sock_cookiejar_free(jar);
    return 0;
}

int main(void)
{
    char path[] = "/tmp/cookies.XXXXXX";
    int fd = mkstemp(path);
    setbuf(stdout, NULL);
    if (fd == -1 || close(fd) == -1)
        return 1;
    return load() || output() || attr() || at() || jar() || at_jar() ||
           clear() || file(path) || suffixes() || suffix_file();
}
