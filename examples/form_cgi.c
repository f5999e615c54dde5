/* SPDX-License-Identifier: MIT */
/* A CGI script: shows a form, and what was sent with it. */
#include <string.h>

#include <pysockc/cgi.h>

#include "example.h"

static const char page[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<style>:root { color-scheme: light dark; font: 1rem/1.5 sans-serif }\n"
    "body { max-width: 60rem; margin: 0 auto; padding: 1rem }\n"
    "input, button { font: inherit; max-width: 100% }\n"
    "ul { padding-left: 1rem; overflow-wrap: anywhere }</style>\n"
    "<title>A form</title>\n";

static const char form_page[] =
    "<form method=\"post\" enctype=\"multipart/form-data\">\n"
    "<p><label>Name<br><input name=\"name\"></label></p>\n"
    "<p><label>File<br><input name=\"file\" type=\"file\"></label></p>\n"
    "<p><button>Send</button></p>\n</form>\n";

static void print_head(const char *status)
{
    printf("Status: %s\nContent-Type: text/html; charset=utf-8\n\n%s", status,
           page);
}

/* What others have sent is text, and nothing else. */
static void print_escaped(const char *text)
{
    size_t size = sock_html_escape(text, NULL, 0) + 1;
    char *escaped = malloc(size);

    if (escaped && sock_html_escape(text, escaped, size) >= 0)
        fputs(escaped, stdout);
    free(escaped);
}

static void print_item(const sock_form_item_t *item)
{
    fputs("<li>", stdout);
    print_escaped(item->name ? item->name : "(no name)");
    fputs(": ", stdout);
    if (item->filename) {
        print_escaped(item->filename);
        printf(", %lld bytes\n", (long long)item->length);
    } else {
        print_escaped(item->value ? item->value : "(not shown)");
        putchar('\n');
    }
}

static int refuse(void)
{
    const sock_error_t *e = sock_last_error();
    char text[SOCK_ERROR_TEXT_MAX];

    if (e->kind == SOCK_E_PROTOCOL || e->kind == SOCK_E_EOF)
        print_head(e->code == SOCK_P_TOO_LARGE ? "413 Content Too Large"
                                               : "400 Bad Request");
    else
        print_head("500 Internal Server Error");
    sock_error_text(e, text, sizeof text);
    print_escaped(text);
    putchar('\n');
    return EXIT_SUCCESS; /* the answer says it */
}

int main(int argc, char **argv)
{
    sock_form_item_t item;

    if (!getenv("GATEWAY_INTERFACE")) /* a server's arguments are a query */
        begin(argc, argv, "", 0,
              "A CGI script, for `file_server --cgi`: shows a form, and what "
              "was sent with\nit. By hand it takes QUERY_STRING.");

    sock_form_t *form = sock_cgi_form(NULL);
    if (!form)
        return refuse();
    print_head("200 OK");
    fputs(form_page, stdout);
    puts("<ul>");
    for (size_t i = 0; sock_form_at(form, i, &item) == 1; i++)
        print_item(&item);
    puts("</ul>");
    sock_form_free(form);
    return EXIT_SUCCESS;
}
