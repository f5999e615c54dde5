/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>
#include <pysockc/url.h>

#include <stdio.h>
#include <stdlib.h>

static void take_apart(void)
{
    //! [urlsplit]
    sock_url_t *u = sock_urlsplit("http://ann@Example.com:8080/a?#top");
    if (u == NULL) {
        sock_perror("urlsplit");
        return;
    }
    printf("%s %s %d %s\n", u->scheme, u->hostname, u->port, u->path);
    /* -> http example.com 8080 /a */
    printf("'%s' '%s'\n", u->query, u->fragment); /* -> '' 'top' */
    printf("%d\n", u->password == NULL);          /* -> 1 */
    sock_url_free(u);
    //! [urlsplit]
}

static void take_parameters(void)
{
    //! [urlparse]
    sock_url_t *u = sock_urlparse("ftp://example.com/a;b/c;type=i");
    if (u != NULL)
        printf("%s %s\n", u->path, u->params); /* -> /a;b/c type=i */
    sock_url_free(u);
    //! [urlparse]
}

static void put_together(void)
{
    char text[64];
    //! [urlunsplit]
    sock_url_t *u = sock_urlsplit("http://example.com/a?");
    if (u == NULL)
        return;
    if (sock_urlunsplit(u, text, sizeof text) >= 0)
        puts(text); /* -> http://example.com/a? */
    u->query = NULL;
    u->fragment = "top";
    if (sock_urlunsplit(u, text, sizeof text) >= 0)
        puts(text); /* -> http://example.com/a#top */
    sock_url_free(u);

    sock_url_t own = {0};
    own.scheme = "mailto";
    own.path = "ann@example.com";
    if (sock_urlunsplit(&own, text, sizeof text) >= 0)
        puts(text); /* -> mailto:ann@example.com */
    //! [urlunsplit]
}

static void check_form(void)
{
    //! [url_check]
    if (sock_url_check("http://example.com/a b") == -1)
        sock_perror(NULL);
    /* -> url_check: invalid '\x20' in the path, position 20 */
    printf("%d\n", sock_url_check("http://example.com/a%20b")); /* -> 0 */
    //! [url_check]
}

static void join(void)
{
    //! [urljoin]
    const char *page = "http://example.com/docs/index.html?q";
    const char *links[] = {"intro.html", "../img/a.png", "/", "#top"};
    char url[256];

    for (int i = 0; i < 4; i++)
        if (sock_urljoin(page, links[i], url, sizeof url) >= 0)
            puts(url);
    /* -> http://example.com/docs/intro.html
       -> http://example.com/img/a.png
       -> http://example.com/
       -> http://example.com/docs/index.html?q#top */
    //! [urljoin]

    //! [urldefrag]
    if (sock_urldefrag("http://example.com/a#top", url, sizeof url) >= 0)
        puts(url); /* -> http://example.com/a */
    //! [urldefrag]
}

static void compare(void)
{
    //! [same_origin]
    sock_url_t *a = sock_urlsplit("http://example.com/a");
    sock_url_t *b = sock_urlsplit("HTTP://EXAMPLE.COM:80/b");
    if (a != NULL && b != NULL && sock_url_same_origin(a, b) == 1)
        puts("a password for one is for the other");
    /* -> a password for one is for the other */
    sock_url_free(b);
    sock_url_free(a);
    //! [same_origin]
}

static void quote(void)
{
    char text[64];
    //! [quote]
    sock_quote("a/b c&d", NULL, text, sizeof text);
    puts(text); /* -> a/b%20c%26d */
    sock_quote_plus("a/b c&d", NULL, text, sizeof text);
    puts(text); /* -> a%2Fb+c%26d */
    //! [quote]

    //! [unquote]
    sock_unquote("a+b%20c%26d", text, sizeof text);
    puts(text); /* -> a+b c&d */
    sock_unquote_plus("a+b%20c%26d", text, sizeof text);
    puts(text); /* -> a b c&d */
    if (sock_unquote("a%00b", text, sizeof text) == -1)
        sock_perror(NULL); /* -> unquote: embedded null byte */
    //! [unquote]
}

static void quote_bytes(void)
{
    //! [bytes]
    char text[16];
    unsigned char bytes[3];

    sock_quote_from_bytes("a\0b", 3, NULL, text, sizeof text);
    puts(text); /* -> a%00b */
    int n = sock_unquote_to_bytes(text, bytes, sizeof bytes);
    printf("%d %d %d %d\n", n, bytes[0], bytes[1], bytes[2]);
    /* -> 3 97 0 98 */
    //! [bytes]
}

static void read_query(void)
{
    //! [parse_qs]
    sock_query_t *q = sock_parse_qs("name=J+Doe&tag=a&tag=b", 0, 100);
    if (q == NULL) {
        sock_perror("query");
        return;
    }
    printf("%s\n", sock_query_get(q, "name", 0)); /* -> J Doe */
    const char *tag;
    for (size_t i = 0; (tag = sock_query_get(q, "tag", i)) != NULL; i++)
        printf("%s\n", tag);
    /* -> a
       -> b */
    sock_query_free(q);
    //! [parse_qs]
}

static void walk_query(void)
{
    sock_query_t *q = sock_parse_qs("b=1&a=2", 0, 0);
    if (q == NULL)
        return;
    //! [query_at]
    const char *name, *value;
    for (size_t i = 0; sock_query_at(q, i, &name, &value) == 1; i++)
        printf("%s is %s\n", name, value);
    /* -> b is 1
       -> a is 2 */
    //! [query_at]
    sock_query_free(q);
}

static void write_query(void)
{
    char text[64];
    //! [urlencode]
    sock_query_t *q = sock_query_new();
    if (q == NULL)
        return;
    if (sock_query_add(q, "name", "J Doe") == 0 &&
        sock_query_add(q, "tag", "a&b") == 0 &&
        sock_urlencode(q, 0, text, sizeof text) >= 0)
        puts(text); /* -> name=J+Doe&tag=a%26b */
    if (sock_urlencode(q, SOCK_QUERY_QUOTE, text, sizeof text) >= 0)
        puts(text); /* -> name=J%20Doe&tag=a%26b */
    sock_query_free(q);
    //! [urlencode]
}

//! [html_escape]
/* A text of any length between tags. */
static void print_paragraph(const char *text)
{
    int n = sock_html_escape(text, NULL, 0);
    char *html = n >= 0 ? malloc((size_t)n + 1) : NULL;

    if (html != NULL && sock_html_escape(text, html, (size_t)n + 1) >= 0)
        printf("<p>%s</p>\n", html);
    free(html);
}
//! [html_escape]

int main(void)
{
    setbuf(stdout, NULL);
    take_apart();
    take_parameters();
    put_together();
    check_form();
    join();
    compare();
    quote();
    quote_bytes();
    read_query();
    walk_query();
    write_query();
    print_paragraph("1 < 2"); /* -> <p>1 &lt; 2</p> */
    return 0;
}
