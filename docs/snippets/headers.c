/* SPDX-License-Identifier: MIT */
#include <pysockc/error.h>
#include <pysockc/headers.h>

#include <stdio.h>
#include <string.h>

static int object(void)
{
    //! [object]
    sock_headers_t *h = sock_headers_new();
    sock_headers_add(h, "Content-Type", "text/html");
    sock_headers_add(h, "X-Name", "caesar");
    puts(sock_headers_get(h, "content-type", "none")); /* -> text/html */
    puts(sock_headers_get(h, "ETag", "none"));         /* -> none */

    /* One field does not become two. */
    if (sock_headers_add(h, "X-Name", "x\r\nSet-Cookie: id=1") == -1)
        sock_perror(NULL);
    /* -> add_header: Invalid header value */
    sock_headers_free(h);
    //! [object]
    return 0;
}

static int parse(void)
{
    //! [parse]
    const char *part = "Content-Disposition: form-data;\n"
                       "\tname=\"notes\"\n"
                       "\n"
                       "What follows the blank line is no field.\n";
    sock_headers_t *h =
        sock_headers_parse(part, strlen(part), SOCK_HEADERS_MAIL);
    if (h == NULL)
        return -1;
    puts(sock_headers_get(h, "Content-Disposition", ""));
    /* -> form-data; name="notes" */
    sock_headers_free(h);

    /* HTTP has neither lines that end in LF nor folded ones. */
    h = sock_headers_parse(part, strlen(part), SOCK_HEADERS_HTTP);
    if (h == NULL)
        sock_perror(NULL);
    /* -> parse_headers: a line does not end in CR LF */
    sock_headers_free(h);
    //! [parse]
    return 0;
}

static int set(sock_headers_t *h)
{
    //! [set]
    sock_headers_set(h, "Server", "mine");
    int n = sock_headers_remove(h, "Via");
    printf("%d removed\n", n); /* -> 1 removed */
    n = sock_headers_remove(h, "Via");
    printf("%d removed\n", n); /* -> 0 removed */
    //! [set]
    return 0;
}

static int get_all(sock_headers_t *h)
{
    const char *cookie;
    //! [get_all]
    for (size_t i = 0;
         (cookie = sock_headers_get_all(h, "Set-Cookie", i)) != NULL; i++)
        puts(cookie); /* -> a=1
                         -> b=2; Path=/ */
    //! [get_all]
    return 0;
}

static int at(sock_headers_t *h)
{
    //! [at]
    const char *name, *value;
    for (size_t i = 0; sock_headers_at(h, i, &name, &value) == 1; i++)
        printf("%s is %s\n", name, value);
    /* -> Server is mine
       -> Set-Cookie is a=1
       -> Set-Cookie is b=2; Path=/
       -> Connection is keep-alive, Upgrade */
    //! [at]
    return 0;
}

static int line(sock_headers_t *h)
{
    //! [line]
    char line[100];
    size_t i = 0;
    while (sock_headers_line(h, i++, line, sizeof line) > 0)
        puts(line);
    /* -> Server: mine
       -> Set-Cookie: a=1
       -> Set-Cookie: b=2; Path=/
       -> Connection: keep-alive, Upgrade */
    //! [line]
    return 0;
}

static int text(sock_headers_t *h)
{
    //! [text]
    char text[200];
    if (sock_headers_text(h, text, sizeof text) < (int)sizeof text)
        printf("[%s]\n", text);
    /* -> [Server: mine
       -> Set-Cookie: a=1
       -> Set-Cookie: b=2; Path=/
       -> Connection: keep-alive, Upgrade
       ->
       -> ] */
    //! [text]
    return 0;
}

static int has(sock_headers_t *h)
{
    //! [has]
    if (sock_headers_has(h, "Connection", "upgrade") == 1)
        puts("it offers another protocol");
    /* -> it offers another protocol */
    //! [has]
    return 0;
}

static int param(void)
{
    //! [param]
    const char *type = "text/html; charset=\"utf-8\"";
    char text[40];
    sock_header_param(type, NULL, text, sizeof text);
    puts(text); /* -> text/html */
    if (sock_header_param(type, "charset", text, sizeof text) >= 0)
        puts(text); /* -> utf-8 */

    const char *file = "attachment; filename=naive.txt;"
                       " filename*=UTF-8''na%C3%AFve.txt";
    if (sock_header_param(file, "filename", text, sizeof text) >= 0)
        puts(text); /* -> naïve.txt */
    if (sock_header_param(file, "size", text, sizeof text) == -1)
        sock_perror(NULL); /* -> parse_header: no such parameter */
    //! [param]
    return 0;
}

static int date(void)
{
    //! [date]
    char text[30];
    int64_t time;
    if (sock_http_time("Sunday, 06-Nov-94 08:49:37 GMT", &time) == 0)
        printf("%lld\n", (long long)time); /* -> 784111777 */
    sock_http_date(time, text, sizeof text);
    puts(text); /* -> Sun, 06 Nov 1994 08:49:37 GMT */
    //! [date]
    return 0;
}

int main(void)
{
    static const char fields[] = "Server: theirs\r\n"
                                 "Via: 1.1 a\r\n"
                                 "Set-Cookie: a=1\r\n"
                                 "Set-Cookie: b=2; Path=/\r\n"
                                 "Connection: keep-alive, Upgrade\r\n";

    setbuf(stdout, NULL);
    sock_headers_t *h = sock_headers_parse(fields, sizeof fields - 1, 0);
    int failed = h == NULL || object() != 0 || parse() != 0 ||
                 set(h) != 0 || get_all(h) != 0 || at(h) != 0 ||
                 line(h) != 0 || text(h) != 0 || has(h) != 0 ||
                 param() != 0 || date() != 0;
    sock_headers_free(h);
    return failed;
}
