/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "ftp_facts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "chars.h"
#include "ftp_parse.h"
#include "private.h"

/* What all of a list needs. */
struct need {
    size_t entries, facts, text;
};

/* Where the next ones go to. */
struct place {
    sock_ftp_entry_t *entry;
    sock_ftp_fact_t *fact;
    char *text;
};

/* Facts */

static bool begins(const char *text, const char *with)
{
    return strncasecmp(text, with, strlen(with)) == 0;
}

/* A link has where it leads behind it, at some servers. */
static int type_of(const char *value)
{
    static const char *const names[] = {"file", "dir", "cdir", "pdir"};

    for (int i = 0; i < 4; i++)
        if (strcasecmp(value, names[i]) == 0)
            return SOCK_FTP_FILE + i;
    return begins(value, "OS.unix=symlink") || begins(value, "OS.unix=slink")
               ? SOCK_FTP_SYMLINK
               : SOCK_FTP_OTHER;
}

/* Permissions in octal digits, of which some servers say so; -1: they are none.
 */
static int mode_of(const char *value)
{
    int mode = 0;

    if (strncmp(value, "0o", 2) == 0)
        value += 2;
    for (const char *at = value; *at != '\0'; at++) {
        if (*at < '0' || *at > '7' || mode > 0777777)
            return -1;
        mode = mode * 8 + (*at - '0');
    }
    return *value != '\0' ? mode : -1;
}

/* What this library has a member for. */
static void heed(sock_ftp_entry_t *e, const sock_ftp_fact_t *fact)
{
    const char *name = fact->name, *value = fact->value;
    int64_t when;

    if (strcmp(name, "type") == 0)
        e->type = type_of(value);
    else if (strcmp(name, "size") == 0)
        e->size = sock__ftp_number(value);
    else if (strcmp(name, "modify") == 0)
        e->modify =
            sock__ftp_time(value, strlen(value), &when) ? when : INT64_MIN;
    else if (strcmp(name, "perm") == 0)
        e->perm = value;
    else if (strcmp(name, "unix.mode") == 0)
        e->mode = mode_of(value);
}

/* A fact of a text that is cut up: "name=value". */
static void put_fact(sock_ftp_fact_t *fact, char *text)
{
    char *equals = strchr(text, '=');

    fact->name = text;
    fact->value = text + strlen(text);
    if (equals != NULL) {
        *equals = '\0';
        fact->value = equals + 1;
    }
    for (; *text != '\0'; text++)
        *text = sock__lower(*text);
}

/* Those of a text up to its end, each of which a semicolon ends. */
static void put_facts(struct place *p, char *text)
{
    sock_ftp_entry_t *e = p->entry;

    e->facts = p->fact;
    for (char *stop; *text != '\0'; text = stop) {
        stop = text + strcspn(text, ";");
        if (*stop != '\0')
            *stop++ = '\0';
        if (*text == '\0')
            continue;
        put_fact(p->fact, text);
        heed(e, p->fact++);
        e->fact_count++;
    }
}

/* Lines */

/* A NUL would make another name of it. */
static bool is_entry(const sock_line_t *line)
{
    const char *blank = memchr(line->text, ' ', line->length);
    return blank != NULL && blank + 1 < line->text + line->length &&
           memchr(line->text, '\0', line->length) == NULL;
}

/* Lines that are empty are passed over. */
static int measure(const sock_lines_t *lines, const char *op, struct need *need)
{
    for (size_t i = 0; i < lines->count; i++) {
        const sock_line_t *line = &lines->lines[i];
        if (line->length == 0)
            continue;
        if (!is_entry(line))
            return sock__fail_saying(op, SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                                     "not an entry of MLSD");
        need->entries++;
        need->text += line->length + 1;
        need->facts++;
        for (const char *at = line->text; *at != ' '; at++)
            need->facts += *at == ';';
    }
    return 0;
}

static void put_entry(struct place *p, const sock_line_t *line)
{
    char *text = memcpy(p->text, line->text, line->length + 1);
    char *blank = strchr(text, ' ');

    *blank = '\0';
    *p->entry = (sock_ftp_entry_t){.name = blank + 1,
                                   .mode = -1,
                                   .size = -1,
                                   .modify = INT64_MIN,
                                   .perm = ""};
    put_facts(p, text);
    p->entry++;
    p->text += line->length + 1;
}

sock_ftp_list_t *sock__ftp_entries(const sock_lines_t *lines, const char *op)
{
    struct need need = {0};

    if (measure(lines, op, &need) < 0)
        return NULL;
    size_t entries = need.entries * sizeof(sock_ftp_entry_t);
    size_t facts = need.facts * sizeof(sock_ftp_fact_t);
    sock_ftp_list_t *list = malloc(sizeof *list + entries + facts + need.text);
    if (list == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    sock_ftp_entry_t *first = (sock_ftp_entry_t *)(list + 1);
    struct place p = {first, (sock_ftp_fact_t *)(first + need.entries), NULL};
    p.text = (char *)(p.fact + need.facts);
    for (size_t i = 0; i < lines->count; i++)
        if (lines->lines[i].length > 0)
            put_entry(&p, &lines->lines[i]);
    *list = (sock_ftp_list_t){first, need.entries};
    return list;
}
