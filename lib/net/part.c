/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "part.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pysockc/error.h>

#include "bytes.h"
#include "head.h"
#include "os_beneath.h"
#include "os_temporary.h"
#include "private.h"

/* Heads */

/* Parses a copy of it. */
static int read_fields(struct sock__part *p, const char *head, size_t n,
                       int lines, const char *op)
{
    const struct sock__head_limits limits = {.bytes = n,
                                             .fields = (size_t)lines + 1};
    struct sock__start start;
    size_t scanned = 0;

    p->head = malloc(n);
    if (p->head == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    memcpy(p->head, head, n);
    if (sock__head_fields(&start, &p->headers, p->head, n, &scanned, &limits,
                          SOCK__FIELDS_MAIL) > 0)
        return 0;
    if (start.fault == ENOMEM)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return sock__fail_saying(op, SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                             "a part's head has a line that is no field");
}

/* A parameter of a field, copied to *to, which moves on; NULL: it has none. */
static const char *parameter(const char *value, const char *key, char **to,
                             const char *end)
{
    char *text = *to;
    int n = sock_header_param(value, key, text, (size_t)(end - text));
    if (n < 0)
        return NULL;
    *to += n + 1;
    return text;
}

/* No text is longer than the field from which it is; the extended form of one
 * is longer than what it stands for. */
static int read_texts(struct sock__part *p, const char *op)
{
    const char *disposition =
        sock_headers_get(&p->headers, "Content-Disposition", "");
    const char *type =
        sock_headers_get(&p->headers, "Content-Type", "text/plain");
    size_t size = 3 * (strlen(disposition) + 1) + strlen(type) + 1;
    p->texts = malloc(size);
    if (p->texts == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    char *to = p->texts;
    const char *end = to + size;
    p->item.disposition = parameter(disposition, NULL, &to, end);
    p->item.name = parameter(disposition, "name", &to, end);
    p->item.filename = parameter(disposition, "filename", &to, end);
    p->item.type = parameter(type, NULL, &to, end);
    p->is_text = p->item.filename == NULL;
    return 0;
}

int sock__part_head(struct sock__part *p, const char *head, size_t n, int lines,
                    const char *op)
{
    if (read_fields(p, head, n, lines, op) < 0)
        return -1;
    return read_texts(p, op);
}

/* What was sent */

static int fail(const char *op, int err)
{
    if (err == ENOMEM)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return sock__fail(op, SOCK_E_OS, err, 0);
}

static int write_out(struct sock__part *p, const char *data, size_t n,
                     const char *op)
{
    if (n > 0 && fwrite(data, 1, n, p->file) != n)
        return fail(op, errno);
    return 0;
}

/* Moves what is in memory to a file. */
static int store(struct sock__part *p, const char *op)
{
    int fd = sock__os_temporary();
    if (fd == -1)
        return fail(op, errno);
    p->file = fdopen(fd, "w+");
    if (p->file == NULL) {
        sock__os_close(fd);
        return fail(op, errno);
    }
    p->stored = true;
    int done = write_out(p, p->data, (size_t)p->item.length, op);
    sock__free(p->data);
    p->data = NULL;
    return done;
}

/* Room for n bytes more, and a NUL. */
static int make_room(struct sock__part *p, size_t n, const char *op)
{
    size_t used = (size_t)p->item.length;
    char *data = sock__grow(p->data, used, &p->room, n + 1, 1);
    if (data == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    p->data = data;
    return 0;
}

int sock__part_add(struct sock__part *p, const char *data, size_t n,
                   size_t memory, const char *op)
{
    size_t used = (size_t)p->item.length;

    if (!p->stored && !p->is_text && (used > memory || n > memory - used) &&
        store(p, op) < 0)
        return -1;
    if (p->stored) {
        if (write_out(p, data, n, op) < 0)
            return -1;
    } else {
        if (make_room(p, n, op) < 0)
            return -1;
        memcpy(p->data + used, data, n);
        p->data[used + n] = '\0';
    }
    p->item.length += (int64_t)n;
    return 0;
}

int sock__part_end(struct sock__part *p, const char *op)
{
    if (p->stored && (fflush(p->file) != 0 || fseek(p->file, 0, SEEK_SET) != 0))
        return fail(op, errno);
    if (p->is_text && p->data != NULL &&
        memchr(p->data, '\0', (size_t)p->item.length) != NULL)
        return sock__fail_saying(op, SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                                 "a value has a NUL in it");
    return 0;
}

/* A stream on no bytes is not what each fmemopen(3) makes. */
FILE *sock__part_file(struct sock__part *p, const char *op)
{
    size_t n = (size_t)p->item.length;
    const char *data = p->item.value != NULL ? p->item.value : p->data;
    void *read = (void *)(uintptr_t)data; /* and no more than that */
    int saved = errno;

    if (p->file == NULL)
        p->file = n > 0 ? fmemopen(read, n, "r") : fopen("/dev/null", "re");
    if (p->file != NULL)
        errno = saved;
    else
        fail(op, errno);
    return p->file;
}

void sock__part_release(struct sock__part *p)
{
    if (p->file != NULL)
        (void)fclose(p->file);
    sock__headers_release(&p->headers);
    sock__free(p->head);
    sock__free(p->texts);
    sock__free(p->data);
}
