/* SPDX-License-Identifier: MIT */
/* Entries of directories, as MLSD has them. */
#include "support.h"

#include <stdint.h>
#include <string.h>

#include "ftp_facts.h"

enum { MOST_LINES = 16 };

/* What these texts say, which NULL ends; NULL: they are no entries. */
static sock_ftp_list_t *entries_of(const char *const *texts)
{
    sock_line_t lines[MOST_LINES];
    size_t n = 0;

    for (; texts[n] != NULL; n++)
        lines[n] = (sock_line_t){texts[n], strlen(texts[n])};
    const sock_lines_t list = {lines, n};
    return sock__ftp_entries(&list, "mlsd");
}

TEST(ftp_facts, entries)
{
    static const char *const texts[] = {
        "Type=file;Size=1024;Modify=20260102030405.5;Perm=adfr;"
        "UNIX.mode=0644;Unique=8U1; a b;c=d",
        "type=dir;perm=; dir",
        "",
        "type=cdir; .",
        "type=pdir;unix.mode=0o755; ..",
        "type=OS.unix=slink:/target; link",
        "type=os.unix=symlink; other",
        "type=OS.unix=socket; socket",
        " bare",
        NULL};
    sock_ftp_list_t *list = check_made(entries_of(texts));
    check_int(list->count, 8);
    const sock_ftp_entry_t *e = list->entries;
    check_str(e->name, "a b;c=d");
    check_int(e->type, SOCK_FTP_FILE);
    check_int(e->size, 1024);
    check_int(e->modify, 1767323045);
    check_str(e->perm, "adfr");
    check_int(e->mode, 0644);
    check_int(e->fact_count, 6);
    check_str(e->facts[0].name, "type");
    check_str(e->facts[0].value, "file");
    check_str(e->facts[4].name, "unix.mode");
    check_str(e->facts[5].name, "unique");
    check_str(e->facts[5].value, "8U1");
    e++;
    check_str(e->name, "dir");
    check_int(e->type, SOCK_FTP_DIR);
    check_int(e->size, -1);
    check_int(e->mode, -1);
    check(e->modify == INT64_MIN);
    check_str(e->perm, "");
    check_int(e->fact_count, 2);
    check_int((++e)->type, SOCK_FTP_CDIR);
    check_int((++e)->type, SOCK_FTP_PDIR);
    check_int(e->mode, 0755);
    check_int((++e)->type, SOCK_FTP_SYMLINK);
    check_str(e->facts[0].value, "OS.unix=slink:/target");
    check_int((++e)->type, SOCK_FTP_SYMLINK);
    check_int((++e)->type, SOCK_FTP_OTHER);
    check_str((++e)->name, "bare");
    check_int(e->type, SOCK_FTP_OTHER);
    check_int(e->fact_count, 0);
    sock_ftp_list_free(list);
    sock_ftp_list_free(NULL);
}

/* Of the three facts the last goes up to the semicolon, and all is the name
 * that is behind the first blank. */
TEST(ftp_facts, names_and_values)
{
    static const struct {
        const char *text, *type, *name;
    } rows[] = {
        {"type=type;perm=perm;unique=unique; name", "type", "name"},
        {"type=ty=pe;perm=perm;unique=unique; name", "ty=pe", "name"},
        {"type==type;perm=perm;unique=unique; name", "=type", "name"},
        {"type=t=y=pe;perm=perm;unique=unique; name", "t=y=pe", "name"},
        {"type=====;perm=perm;unique=unique; name", "====", "name"},
        {"type=type;perm=perm;unique=unique; na me", "type", "na me"},
        {"type=type;perm=perm;unique=unique; name ", "type", "name "},
        {"type=type;perm=perm;unique=unique;  name", "type", " name"},
        {"type=type;perm=perm;unique=unique; n am  e", "type", "n am  e"},
        {"type=type;perm=perm;unique=unique; na;me", "type", "na;me"},
        {"type=type;perm=perm;unique=unique; ;name", "type", ";name"},
        {"type=type;perm=perm;unique=unique; ;name;", "type", ";name;"},
        {"type=type;perm=perm;unique=unique; ;;;;", "type", ";;;;"},
        {"Type=type;PeRm=perm;UNIQUE=unique; name", "type", "name"},
        {"type=type;perm=perm;unique=unique; \xae \xc2\xae", "type",
         "\xae \xc2\xae"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const texts[] = {rows[i].text, NULL};
        sock_ftp_list_t *list = check_made(entries_of(texts));
        check_int(list->count, 1);
        const sock_ftp_entry_t *e = list->entries;
        check_str(e->name, rows[i].name);
        check_int(e->fact_count, 3);
        check_str(e->facts[0].name, "type");
        check_str(e->facts[0].value, rows[i].type);
        check_str(e->facts[1].name, "perm");
        check_str(e->facts[1].value, "perm");
        check_str(e->facts[2].name, "unique");
        check_str(e->facts[2].value, "unique");
        check_str(e->perm, "perm");
        sock_ftp_list_free(list);
    }
}

TEST(ftp_facts, odd_facts)
{
    static const char *const texts[] = {
        "size=-1;modify=x;unix.mode=8;type=odd; a",
        "size=99999999999999999999;unix.mode=;modify=20260230000000; b",
        "size;;=x;TYPE=FILE c",
        "type=OS.unix=blkdev;unix.mode=77777777777; d",
        "unix.mode=0o; e",
        "unix.mode=0o0o7; f",
        "unix.mode=0x7; g",
        "unix.mode=/; h",
        "unix.mode=7/; i",
        "unix.mode=10000000; j",
        NULL};
    sock_ftp_list_t *list = check_made(entries_of(texts));
    check_int(list->count, 10);
    const sock_ftp_entry_t *e = list->entries;
    for (size_t i = 0; i < list->count; i++) {
        check_int(e[i].size, -1);
        check_int(e[i].mode, -1);
        check(e[i].modify == INT64_MIN);
    }
    check_int(e[0].type, SOCK_FTP_OTHER);
    check_int(e[2].fact_count, 3);
    check_str(e[2].facts[0].name, "size");
    check_str(e[2].facts[0].value, "");
    check_str(e[2].facts[1].name, "");
    check_str(e[2].facts[1].value, "x");
    check_int(e[2].type, SOCK_FTP_FILE);
    check_int(e[3].type, SOCK_FTP_OTHER);
    sock_ftp_list_free(list);
}

static void check_no_entry(const char *text, size_t n)
{
    const sock_line_t line = {text, n};
    const sock_lines_t list = {&line, 1};
    check_null(sock__ftp_entries(&list, "mlsd"), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
               "mlsd: not an entry of MLSD");
}

TEST(ftp_facts, no_entries)
{
    static const sock_lines_t none = {NULL, 0};
    sock_ftp_list_t *list = check_made(sock__ftp_entries(&none, "mlsd"));
    check_int(list->count, 0);
    sock_ftp_list_free(list);
    check_no_entry("broken", 6);
    check_no_entry("type=file; ", 11);
    check_no_entry(" ", 1);
    check_no_entry("type=file; a\0b", 14);
}
