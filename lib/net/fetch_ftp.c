/* SPDX-License-Identifier: MIT */
/* URLs of ftp: (RFC 1738 3.2). */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pysockc/io.h>

#include "fetch.h"
#include "framing.h"
#include "ftp.h"
#include "response.h"
#include "types.h"

enum { NO_FILE = 550 };

/* Ways */

/* Directories from the one of the login on, and what is asked for there. */
struct way {
    char *text; /* all names, one behind the other */
    size_t dirs;
    const char *name; /* the last one; "": the directory itself */
    char type;        /* 'A', 'I', or 'D' of a list */
};

/* Cuts ";type=x" off its end: that type; that of files where it has none. */
static char cut_type(char *line)
{
    static const char mark[] = ";type=";
    char *at = strrchr(line, ';');

    if (at == NULL || strncasecmp(at, mark, strlen(mark)) != 0)
        return 'I';
    char type = at[strlen(mark)];
    if (type == '\0' || strchr("AIDaid", type) == NULL ||
        at[strlen(mark) + 1] != '\0')
        return 'I';
    *at = '\0';
    return sock__upper(type);
}

/* Decodes a name to where the next one belongs, which moves on: 0; -1 with the
 * error recorded. */
static int decode(const char *op, char **to, char *name)
{
    int n = sock_unquote_to_bytes(name, name, strlen(name));

    if (n < 0)
        return -1;
    name[n] = '\0';
    if (strlen(name) != (size_t)n)
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "ftp: URL with %00");
    memmove(*to, name, (size_t)n + 1);
    name = *to;
    *to += n + 1;
    return sock__ftp_takes(op, name);
}

/* Takes what stands behind the first slash apart. */
static int take_apart(const char *op, struct way *w)
{
    char *at = w->text, *to = w->text;

    for (char *slash; (slash = strchr(at, '/')) != NULL; at = slash + 1) {
        *slash = '\0';
        if (decode(op, &to, at) < 0)
            return -1;
        w->dirs++;
    }
    w->name = to;
    return decode(op, &to, at);
}

/* -1 with the error recorded; the text is to be freed in any case. */
static int find_way(const char *op, struct way *w, const char *line)
{
    w->text = strdup(line + 1);
    if (w->text == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    w->type = cut_type(w->text);
    return take_apart(op, w);
}

/* Goes there; the first name is the root if it is empty, and any other one says
 * nothing then. */
static int go(sock_ftp_t *ftp, const struct way *w)
{
    const char *name = w->text;

    for (size_t i = 0; i < w->dirs; i++) {
        const char *to = i == 0 && *name == '\0' ? "/" : name;
        if (*to != '\0' && sock_ftp_cwd(ftp, to) < 0)
            return -1;
        name += strlen(name) + 1;
    }
    return 0;
}

/* Clients */

/* Who writes a password into such a URL has it sent as it is. */
static int set_terms(const struct sock__fetch *f, sock_ftp_t *ftp)
{
    struct sock_session *c = &ftp->session;

    c->timeout = f->timeout;
    c->deadline = f->deadline;
    c->insecure_auth = true;
    c->host = strdup(f->at->host);
    return c->host != NULL ? 0 : sock__fail(f->op, SOCK_E_MEMORY, 0, 0);
}

static int connect_to(struct sock__fetch *f, sock_ftp_t *ftp)
{
    sock_t *s = sock__fetch_connect(f, f->at);

    if (s == NULL)
        return -1;
    if (sock__session_adopt(&ftp->session, f->op, s) < 0) {
        sock_free(s);
        return -1;
    }
    if (f->terms.filter != NULL) {
        ftp->allow = sock__fetch_allows;
        ftp->allow_arg = &f->terms;
    }
    return sock__ftp_welcome(ftp, f->op);
}

/* Bodies */

struct body {
    sock_ftp_t *ftp;
    sock_t *conn; /* the response's */
    bool failed;
    struct sock__saved why;
};

/* The end is one if the server says so, too; else it is none, however often one
 * reads. */
static ssize_t read_body(void *arg, void *buf, size_t size)
{
    struct body *b = arg;

    if (b->failed) {
        sock__error_restore(&b->why);
        return -1;
    }
    ssize_t n = sock_recv(b->conn, buf, size, 0);
    if (n != 0 || sock__ftp_close(b->ftp, "read", NULL) == 0)
        return n;
    b->failed = true;
    sock__error_save(&b->why);
    return -1;
}

static void release_body(void *arg)
{
    struct body *b = arg;

    sock_ftp_free(b->ftp);
    sock__free(b);
}

/* Opening */

/* A list of a directory, whose name the server is not asked for: it may well
 * take that for an option. */
static sock_t *open_list(sock_ftp_t *ftp, const char *op, const char *name)
{
    int64_t size;

    if ((*name != '\0' && sock_ftp_cwd(ftp, name) < 0) ||
        sock_ftp_voidcmd(ftp, "TYPE A") < 0)
        return NULL;
    return sock__ftp_open(ftp, op, "LIST", "", 0, &size);
}

/* A file, or the list of the directory that its name turns out to be: why it is
 * no file is what is recorded of neither. */
static sock_t *open_named(sock_ftp_t *ftp, const char *op, const struct way *w,
                          int64_t *size)
{
    const char *type = w->type == 'A' ? "TYPE A" : "TYPE I";
    struct sock__saved why;

    if (sock_ftp_voidcmd(ftp, type) < 0)
        return NULL;
    sock_t *s = sock__ftp_open(ftp, op, "RETR ", w->name, 0, size);
    if (s != NULL || sock_last_error()->kind != SOCK_E_REPLY ||
        sock_last_error()->code != NO_FILE)
        return s;
    sock__error_save(&why);
    *size = -1;
    s = open_list(ftp, op, w->name);
    if (s == NULL && sock_last_error()->kind == SOCK_E_REPLY)
        sock__error_restore(&why);
    return s;
}

/* The data connection; NULL with the error recorded. */
static sock_t *open_way(struct sock__fetch *f, sock_ftp_t *ftp,
                        const struct way *w, int64_t *size)
{
    if (set_terms(f, ftp) < 0 || connect_to(f, ftp) < 0 ||
        sock_ftp_login(ftp, f->at->user, f->at->password, NULL) < 0 ||
        go(ftp, w) < 0)
        return NULL;
    if (w->type == 'D' || *w->name == '\0')
        return open_list(ftp, f->op, w->name);
    sock_t *s = open_named(ftp, f->op, w, size);
    if (w->type == 'A') /* in which it counts other bytes */
        *size = -1;
    return s;
}

/* As Python makes them up; NULL with the error recorded. */
static sock_headers_t *fields(const struct way *w, int64_t size)
{
    static const char *const none[] = {"", "", NULL};
    const char *type = sock__type_of(w->name, none);
    char number[24];
    sock_headers_t *h = sock_headers_new();

    snprintf(number, sizeof number, "%" PRId64, size);
    if (h == NULL ||
        ((*type == '\0' || sock_headers_add(h, "Content-type", type) == 0) &&
         (size < 0 || sock_headers_add(h, "Content-length", number) == 0)))
        return h;
    sock_headers_free(h);
    return NULL;
}

static sock_http_response_t *made(const char *op, struct body *b,
                                  sock_headers_t *h, int64_t size)
{
    const struct sock__source source = {read_body, release_body, b, b->conn};
    const struct sock__framing f = {.body = size < 0 ? SOCK__BODY_TO_CLOSE
                                                     : SOCK__BODY_AT_LEAST,
                                    .length = size};
    return sock__response_made(op, h, &f, &source);
}

/* From now on each read has its own time, of the data connection, too: who
 * hands the response out takes its deadline away. NULL with the error recorded,
 * and the connection is freed. */
static sock_http_response_t *respond(struct sock__fetch *f, sock_ftp_t *ftp,
                                     sock_t *conn, const struct way *w,
                                     int64_t size)
{
    struct body *b = malloc(sizeof *b);
    sock_headers_t *h = b != NULL ? fields(w, size) : NULL;
    sock_http_response_t *r = NULL;

    if (b == NULL) {
        sock__fail(f->op, SOCK_E_MEMORY, 0, 0);
    } else if (h != NULL) {
        *b = (struct body){.ftp = ftp, .conn = conn};
        r = made(f->op, b, h, size);
    }
    if (r != NULL) {
        ftp->session.deadline = 0;
        ftp->allow = NULL;
        return r;
    }
    sock_headers_free(h);
    sock__free(b);
    sock_free(conn);
    return NULL;
}

sock_http_response_t *sock__fetch_ftp(struct sock__fetch *f)
{
    struct way w = {0};
    sock_http_response_t *r = NULL;
    int64_t size = -1;
    sock_ftp_t *ftp = NULL;

    if (find_way(f->op, &w, f->at->line) == 0)
        ftp = sock_ftp_new(NULL, NULL);
    sock_t *conn = ftp != NULL ? open_way(f, ftp, &w, &size) : NULL;
    if (conn != NULL)
        r = respond(f, ftp, conn, &w, size);
    if (r == NULL)
        sock_ftp_free(ftp);
    sock__free(w.text);
    return r;
}
