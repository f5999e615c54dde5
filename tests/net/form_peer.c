/* SPDX-License-Identifier: MIT */
/* A CGI script for the tests, which says what form it was sent: a line for each
 * field, whose texts are in hexadecimal, or the kind and code of the error and
 * its text. Its arguments are limits, such as fields=10. */
#include <pysockc/cgi.h>
#include <pysockc/error.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show_bytes(const char *name, const void *bytes, size_t n)
{
    printf(" %s=", name);
    for (size_t i = 0; i < n; i++)
        printf("%02x", ((const unsigned char *)bytes)[i]);
}

static void show(const char *name, const char *text)
{
    if (text != NULL)
        show_bytes(name, text, strlen(text));
}

static void show_value(sock_form_t *form, size_t i,
                       const sock_form_item_t *item)
{
    static char read[1 << 20];
    FILE *file = sock_form_file(form, i);
    size_t n = file != NULL ? fread(read, 1, sizeof read, file) : 0;

    if (n != (size_t)item->length)
        printf(" and it has %zu bytes", n);
    if (item->value != NULL && memcmp(item->value, read, n) != 0)
        printf(" and the file has others");
    show_bytes("value", read, n);
}

static void show_form(sock_form_t *form)
{
    sock_form_item_t item;

    for (size_t i = 0; sock_form_at(form, i, &item) == 1; i++) {
        printf("%d", item.parent);
        show("name", item.name);
        show("filename", item.filename);
        show("type", item.type);
        show("disposition", item.disposition);
        if (item.parts)
            printf(" parts");
        else
            show_value(form, i, &item);
        putchar('\n');
    }
}

static void take(sock_form_limits_t *l, const char *name, long value)
{
    if (strcmp(name, "flags") == 0)
        l->flags = (int)value;
    if (strcmp(name, "fields") == 0)
        l->fields = (int)value;
    if (strcmp(name, "total") == 0)
        l->total = value;
}

int main(int argc, char **argv)
{
    sock_form_limits_t limits = {.size = sizeof limits};
    char text[SOCK_ERROR_TEXT_MAX];

    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL)
            return 2;
        *value = '\0';
        take(&limits, argv[i], atol(value + 1));
    }
    sock_form_t *form = sock_cgi_form(&limits);
    if (form == NULL) {
        const sock_error_t *e = sock_last_error();
        sock_error_text(e, text, sizeof text);
        printf("error %d %d %s\n", e->kind, e->code, text);
        return 0;
    }
    show_form(form);
    sock_form_free(form);
    return 0;
}
