/* SPDX-License-Identifier: MIT */
/*
 * What a server of FTP says: ports, paths, sizes, moments and entries, beside
 * models; and whole conversations, of which a part that is not understood ends
 * the session, and shows no control character.
 */
#include <ctype.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "chars.h"
#include "ftp.h"
#include "ftp_facts.h"
#include "ftp_parse.h"
#include "fuzz.h"

/* Ports */

/* Six numbers with commas between them, and nothing but that, at the start of a
 * text; how many bytes they are. */
static size_t six_at(const char *text, int n[6])
{
    const char *at = text;

    for (int i = 0; i < 6; i++) {
        if (i > 0 && *at++ != ',')
            return 0;
        if (!isdigit((unsigned char)*at))
            return 0;
        for (n[i] = 0; isdigit((unsigned char)*at); at++)
            n[i] = n[i] > 9999 ? n[i] : n[i] * 10 + (*at - '0');
    }
    return (size_t)(at - text);
}

/* The first of them that begin a run of digits and fit. */
static bool model_pasv(const char *text, int *port)
{
    for (const char *at = text; *at != '\0'; at++) {
        int n[6];
        if ((at > text && isdigit((unsigned char)at[-1])) || !six_at(at, n))
            continue;
        bool fit = true;
        for (int i = 0; i < 6; i++)
            fit = fit && n[i] < 256;
        *port = n[4] * 256 + n[5];
        if (fit && *port > 0)
            return true;
        if (fit)
            return false;
    }
    return false;
}

static void check_pasv(const char *text)
{
    unsigned char ip[4];
    int port = 0, expected = 0;
    bool is = sock__ftp_pasv(text, ip, &port);

    if (is)
        claim(port > 0 && port < 65536);
    /* Where there is one list of numbers both must see the same. */
    int n[6];
    size_t lists = 0;
    for (const char *at = text; *at != '\0'; at++)
        lists += (at == text || !isdigit((unsigned char)at[-1])) &&
                 six_at(at, n) > 0;
    if (lists <= 1) {
        claim(is == model_pasv(text, &expected));
        claim(!is || port == expected);
    }
}

static void check_epsv(const char *text)
{
    const char *at = strchr(text, '(');
    long port = 0;
    char bars[3], end[2];
    int n = 0;
    bool whole = at != NULL && strlen(at) > 5;

    if (!whole ||
        sscanf(at, "(%c%c%c%5ld%c%c%n", &bars[0], &bars[1], &bars[2], &port,
               &end[0], &end[1], &n) != 6 ||
        n == 0 || bars[1] != bars[0] || bars[2] != bars[0] ||
        end[0] != bars[0] || end[1] != ')' || bars[0] <= ' ' || bars[0] > '~' ||
        isdigit((unsigned char)bars[0]) || !isdigit((unsigned char)at[4]) ||
        port > 65535)
        port = 0;
    int found = sock__ftp_epsv(text);
    claim(found >= 0 && found < 65536);
    /* But for more noughts than the model reads. */
    if (!whole || at[4] != '0')
        claim(found == port);
}

/* Texts and numbers */

static void check_path(const char *text)
{
    char *path = malloc(strlen(text) + 1), *model = malloc(strlen(text) + 1);
    size_t n = 0;

    claim(path != NULL && model != NULL);
    for (const char *at = text; *text == '"' && *++at != '\0';) {
        if (at[0] == '"' && at[1] != '"')
            break;
        at += at[0] == '"';
        model[n++] = *at;
    }
    model[n] = '\0';
    claim(sock__ftp_path(text, path) == n && strcmp(path, model) == 0);
    free(path);
    free(model);
}

static void check_number(const char *text)
{
    char *end;
    int64_t n = sock__ftp_number(text);

    claim(n >= -1);
    if (n >= 0)
        claim(strtoll(text, &end, 10) == n && end[strspn(end, " \t\r")] == 0);
    claim(sock__ftp_announced(text) >= -1);
}

static void check_time(const char *text)
{
    int64_t when = INT64_MIN;

    if (sock__ftp_time(text, strlen(text), &when))
        claim(when >= INT64_C(-62167219200) && when <= INT64_C(253402300800));
    else
        claim(when == INT64_MIN);
}

/* Entries */

static void check_entry(const sock_ftp_entry_t *e)
{
    claim(*e->name != '\0');
    claim(e->size >= -1 && e->mode >= -1);
    claim(e->type >= SOCK_FTP_OTHER && e->type <= SOCK_FTP_SYMLINK);
    claim(e->perm != NULL);
    for (size_t i = 0; i < e->fact_count; i++) {
        const sock_ftp_fact_t *fact = &e->facts[i];
        claim(strpbrk(fact->name, "=; ") == NULL);
        claim(strpbrk(fact->value, "; ") == NULL);
        for (const char *at = fact->name; *at != '\0'; at++)
            claim(*at == sock__lower(*at));
    }
}

/* The lines of an input, none of which has a LF. */
static void check_entries(const struct input *in)
{
    enum { MOST = 64 };
    char *text = malloc(in->left + 1), *copies[MOST];
    sock_line_t lines[MOST];
    size_t count = 0;

    claim(text != NULL);
    memcpy(text, in->at, in->left);
    for (size_t at = 0; at < in->left && count < MOST; count++) {
        const char *lf = memchr(text + at, '\n', in->left - at);
        size_t n = lf != NULL ? (size_t)(lf - text) - at : in->left - at;
        copies[count] = malloc(n + 1);
        claim(copies[count] != NULL);
        memcpy(copies[count], text + at, n);
        copies[count][n] = '\0';
        lines[count] = (sock_line_t){copies[count], n};
        at += n + 1;
    }
    const sock_lines_t list = {lines, count};
    sock_ftp_list_t *entries = sock__ftp_entries(&list, "mlsd");
    if (entries == NULL)
        claim(sock_last_error()->kind == SOCK_E_PROTOCOL);
    for (size_t i = 0; entries != NULL && i < entries->count; i++)
        check_entry(&entries->entries[i]);
    claim(entries == NULL || entries->count <= count);
    sock_ftp_list_free(entries);
    for (size_t i = 0; i < count; i++)
        free(copies[i]);
    free(text);
}

/* Conversations */

/* What came of a call; whether the session goes on. */
static bool heard(sock_ftp_t *f, int result)
{
    sock_session_t *c = sock_ftp_session(f);
    bool open = sock_session_socket(c) != NULL;
    int kind = sock_last_error()->kind;

    for (const char *at = sock_session_text(c); *at != '\0'; at++)
        claim(!sock__is(*at, SOCK__CONTROL) || *at == '\n' || *at == '\t');
    if (result >= 0)
        claim(sock_session_code(c) >= 100 && sock_session_code(c) < 600);
    else if (kind == SOCK_E_EOF || kind == SOCK_E_PROTOCOL)
        claim(!open);
    else
        claim(kind == SOCK_E_REPLY || kind == SOCK_E_VALUE);
    return open;
}

static void converse(sock_ftp_t *f)
{
    char path[32];
    int64_t n = -1;

    if (!heard(f, sock_ftp_login(f, "a", "b", "c")))
        return;
    int length = sock_ftp_pwd(f, path, sizeof path);
    claim(strlen(path) < sizeof path && length < 70000);
    if (!heard(f, length) || !heard(f, sock_ftp_cwd(f, "..")) ||
        !heard(f, sock_ftp_mkd(f, "x", path, sizeof path)))
        return;
    int result = sock_ftp_size(f, "x", &n);
    claim(result < 0 || n >= 0);
    if (!heard(f, result) || !heard(f, sock_ftp_mdtm(f, "x", &n)) ||
        !heard(f, sock_ftp_rename(f, "x", "y")) ||
        !heard(f, sock_ftp_delete(f, "y")))
        return;
    /* There is no data connection beside such a socket. */
    sock_lines_t *lines = sock_ftp_nlst(f, NULL);
    claim(lines == NULL);
    if (heard(f, -1))
        heard(f, sock_ftp_sendcmd(f, "STAT"));
}

static void check_conversation(const struct input *in)
{
    const sock_session_limits_t limits = {
        .size = sizeof limits, .line = 200, .reply = 1000, .lines = 20};
    sock_ftp_t *f = sock_ftp_new(NULL, NULL);
    sock_t *pair[2];

    claim(f != NULL && sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    claim(sock_session_set_limits(sock_ftp_session(f), &limits) == 0);
    size_t n = in->left < 65536 ? in->left : 65536;
    claim(sock_sendall(pair[1], n > 0 ? (const void *)in->at : "", n, 0) == 0);
    claim(sock_shutdown(pair[1], SHUT_WR) == 0);
    claim(sock__session_adopt(sock_ftp_session(f), "connect", pair[0]) == 0);
    if (sock__ftp_welcome(f, "connect") == 0)
        converse(f);
    else
        claim(sock_session_socket(sock_ftp_session(f)) == NULL);
    sock_ftp_free(f);
    sock_free(pair[1]);
}

/* The first byte says which. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    unsigned which = next_byte(&in) % 4;
    char *text = rest_as_text(&in);

    if (which == 0) {
        check_pasv(text);
        check_epsv(text);
        check_path(text);
    } else if (which == 1) {
        check_number(text);
        check_time(text);
    } else if (which == 2) {
        check_entries(&in);
    } else {
        check_conversation(&in);
    }
    free(text);
    return 0;
}
