/* SPDX-License-Identifier: MIT */
/* Lists of directories that are kept. */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>

#include "ftp.h"
#include "ftp_facts.h"
#include "transfer.h"

struct keep {
    sock_ftp_t *f;
    const char *op;
    struct sock__hoard hoard;
};

/* Why it could not be kept; -1. */
static int not_kept(const struct keep *k)
{
    if (k->hoard.full)
        sock__fail_saying(k->op, SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                          "the list is too long");
    else
        sock__fail(k->op, SOCK_E_MEMORY, 0, 0);
    return sock__session_about(&k->f->session, k->op);
}

static int keep_line(void *arg, char *line, size_t n, bool ended)
{
    struct keep *k = arg;
    sock_sink_t sink = sock__hoard_sink(&k->hoard);

    (void)ended;
    if ((n > 0 && sink.write(sink.arg, line, n) != 0) ||
        sink.write(sink.arg, "\r\n", 2) != 0)
        return not_kept(k);
    return 0;
}

/* What a command lists; NULL with the error recorded. */
static sock_lines_t *list(sock_ftp_t *f, const char *op, const char *verb,
                          const char *arg)
{
    struct keep k = {.f = f, .op = op};

    if (sock__need(f, op) < 0)
        return NULL;
    k.hoard.most = f->session.limits.list;
    if (sock__ftp_lines(f, op, verb, arg, keep_line, &k) < 0) {
        sock__free(k.hoard.bytes);
        return NULL;
    }
    sock_lines_t *lines = sock__hoard_lines(&k.hoard, op);
    if (lines == NULL)
        not_kept(&k);
    return lines;
}

static bool is_named(const char *path)
{
    return path != NULL && *path != '\0';
}

sock_lines_t *sock_ftp_nlst(sock_ftp_t *f, const char *path)
{
    const char *op = "nlst";

    if (!is_named(path))
        return list(f, op, "NLST", "");
    return sock__ftp_takes(op, path) < 0 ? NULL : list(f, op, "NLST ", path);
}

/* Asks for facts, which are some, and each of which a semicolon ends. */
static int ask_for(sock_ftp_t *f, const char *op, const char *facts)
{
    size_t n = strlen(facts);
    char *text = malloc(n + 2);

    if (text == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    memcpy(text, facts, n + 1);
    if (facts[n - 1] != ';')
        memcpy(text + n, ";", 2);
    int number = sock__ftp_begin(f, op);
    if (number == 0)
        number = sock__ftp_do(f, op, "OPTS MLST ", text, "123");
    sock__free(text);
    return number < 0 ? -1 : 0;
}

sock_ftp_list_t *sock_ftp_mlsd(sock_ftp_t *f, const char *path,
                               const char *facts)
{
    const char *op = "mlsd";
    bool named = is_named(path);

    if ((named && sock__ftp_takes(op, path) < 0) ||
        (facts != NULL && sock__ftp_takes(op, facts) < 0) ||
        (facts != NULL && *facts != '\0' && ask_for(f, op, facts) < 0))
        return NULL;
    sock_lines_t *lines =
        list(f, op, named ? "MLSD " : "MLSD", named ? path : "");
    if (lines == NULL)
        return NULL;
    sock_ftp_list_t *entries = sock__ftp_entries(lines, op);
    sock_lines_free(lines);
    if (entries == NULL)
        sock__session_about(&f->session, op);
    return entries;
}

void sock_ftp_list_free(sock_ftp_list_t *list)
{
    sock__free(list);
}
