/* SPDX-License-Identifier: MIT */
/*
 * Heads, and fields alone: whole and in pieces, which comes to the same. What
 * is accepted is written anew in its plainest form, which comes to the same,
 * too, and says where its body ends in one way only.
 */
#include "framing.h"
#include "fuzz.h"
#include "head.h"

enum kind { REQUEST, RESPONSE, STRICT, CLIENT, MAIL, KINDS };

static struct sock__head_limits limits = {400, 100, 8};

static ssize_t parse(enum kind kind, struct sock__start *s, sock_headers_t *h,
                     char *buf, size_t n, size_t *scanned)
{
    if (kind == REQUEST)
        return sock__head_request(s, h, buf, n, scanned, &limits);
    if (kind == RESPONSE)
        return sock__head_response(s, h, buf, n, scanned, &limits);
    return sock__head_fields(s, h, buf, n, scanned, &limits,
                             SOCK__FIELDS_STRICT + (kind - STRICT));
}

/* A head that was read, and the buffer that it lies in. */
struct head {
    struct sock__start start;
    sock_headers_t headers;
    char *buf;
    ssize_t n;
};

static void drop(struct head *head)
{
    sock__headers_release(&head->headers);
    free(head->buf);
}

/* Reads it as it comes, in pieces of that size. */
static struct head read_head(enum kind kind, const void *data, size_t size,
                             size_t step)
{
    struct head head = {.n = 0};
    size_t scanned = 0;

    for (size_t len = 0; head.n == 0 && len < size;) {
        len = size - len < step ? size : len + step;
        free(head.buf);
        head.buf = copy_of(data, len);
        head.n =
            parse(kind, &head.start, &head.headers, head.buf, len, &scanned);
        claim(head.n <= (ssize_t)len);
        if (head.n == 0)
            claim(memcmp(head.buf, data, len) == 0 && scanned == len);
        if (head.n <= 0)
            claim(head.headers.count == 0);
        if (head.n < 0)
            claim(head.start.why != NULL && head.start.fault != 0);
    }
    return head;
}

static void check_fields(enum kind kind, const struct head *head)
{
    const sock_headers_t *h = &head->headers;
    const char *name, *value;

    claim(h->count <= limits.fields && head->n <= (ssize_t)limits.bytes);
    for (size_t i = 0; i < h->count; i++) {
        claim(sock_headers_at(h, i, &name, &value) == 1);
        claim(strlen(name) == h->fields[i].name_len && *name != '\0');
        claim(strlen(value) == h->fields[i].value_len);
        claim(strpbrk(name, " \t\r\n:") == NULL);
        claim(strpbrk(value, "\r\n") == NULL);
        claim(value[0] != ' ' && value[0] != '\t');
        if (kind == REQUEST || kind == STRICT)
            claim(sock__is_value(value, strlen(value)));
        if (kind != MAIL)
            claim(sock__is_token(name, strlen(name)));
    }
}

static void check_start(enum kind kind, const struct head *head)
{
    const struct sock__start *s = &head->start;

    if (kind == REQUEST) {
        claim(strlen(s->method) == s->method_len && s->method_len > 0);
        claim(strlen(s->target) == s->target_len && s->target_len > 0);
        claim(s->target_len <= limits.target);
        claim(sock__is_token(s->method, s->method_len));
        for (const char *p = s->target; *p != '\0'; p++)
            claim(*p > ' ' && *p < 127 && *p != '#' && *p != '\\');
    }
    if (kind == RESPONSE) {
        claim(s->status >= 100 && s->status <= 999);
        claim(strpbrk(s->reason, "\r\n") == NULL);
    }
    claim(s->minor >= 0 && s->minor <= 9);
}

static void same(const struct head *a, const struct head *b)
{
    claim(a->headers.count == b->headers.count);
    for (size_t i = 0; i < a->headers.count; i++) {
        const char *name, *value, *other_name, *other;
        sock_headers_at(&a->headers, i, &name, &value);
        sock_headers_at(&b->headers, i, &other_name, &other);
        claim(strcmp(name, other_name) == 0 && strcmp(value, other) == 0);
    }
    claim(a->start.status == b->start.status);
    if (a->start.method != NULL)
        claim(strcmp(a->start.method, b->start.method) == 0 &&
              strcmp(a->start.target, b->start.target) == 0);
    if (a->start.reason != NULL)
        claim(strcmp(a->start.reason, b->start.reason) == 0);
}

static int count(const sock_headers_t *h, const char *name)
{
    int n = 0;
    while (sock_headers_get_all(h, name, (size_t)n) != NULL)
        n++;
    return n;
}

/* A body of a request that is accepted ends in one place. */
static void check_request_framing(const struct head *head)
{
    struct sock__framing f;
    int status = sock__framing_request(&f, &head->start, &head->headers);
    const char *length = sock_headers_get(&head->headers, "Content-Length", "");
    int lengths = count(&head->headers, "Content-Length");
    int codings = count(&head->headers, "Transfer-Encoding");

    claim((status == 0) == (f.why == NULL));
    if (status != 0)
        return;
    claim(lengths + codings <= 1 && count(&head->headers, "Host") <= 1);
    claim((f.body == SOCK__BODY_CHUNKED) == (codings == 1));
    claim(f.body != SOCK__BODY_TO_CLOSE && f.length >= 0);
    claim(lengths == 0 || f.length == strtoll(length, NULL, 10));
    claim(!head->start.by_hand || lengths + codings == 0);
    claim(head->start.minor == 0 || f.host != NULL);
}

static void check_response_framing(const struct head *head)
{
    static const char *const methods[] = {"GET", "HEAD", "CONNECT", NULL};

    for (size_t i = 0; i < 4; i++) {
        struct sock__framing f;
        int fault = sock__framing_response(&f, &head->start, &head->headers,
                                           methods[i]);
        claim((fault == 0) == (f.why == NULL));
        claim(f.length >= 0);
        claim(f.body != SOCK__BODY_TO_CLOSE || !f.keep_alive);
        if (i == 1 && fault == 0)
            claim(f.body == SOCK__BODY_LENGTH && f.length == 0);
    }
}

/* Writes it anew; as no line of it is longer than it was, it fits. */
static size_t write_head(enum kind kind, const struct head *head, char *text,
                         size_t room)
{
    const struct sock__start *s = &head->start;
    const char *name, *value;
    int n = 0;

    if (kind == REQUEST)
        n = snprintf(text, room, "%s %s HTTP/1.%d\r\n", s->method, s->target,
                     s->minor);
    if (kind == RESPONSE)
        n = snprintf(text, room, "HTTP/1.%d %d %s\r\n", s->minor, s->status,
                     s->reason);
    for (size_t i = 0; sock_headers_at(&head->headers, i, &name, &value); i++)
        n += snprintf(text + n, room - (size_t)n, "%s: %s\r\n", name, value);
    n += snprintf(text + n, room - (size_t)n, "\r\n");
    return (size_t)n;
}

static void check_anew(enum kind kind, const struct head *head)
{
    char text[2000];
    size_t n = write_head(kind, head, text, sizeof text);

    if (n > limits.bytes)
        return; /* a blank behind each colon */
    struct head anew = read_head(kind, text, n, n);
    claim(anew.n == (ssize_t)n);
    same(head, &anew);
    drop(&anew);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    enum kind kind = next_byte(&in) % KINDS;
    size_t step = next_byte(&in) % 20 + 1;
    struct head whole = read_head(kind, in.at, in.left, in.left);
    struct head pieces = read_head(kind, in.at, in.left, step);

    claim(whole.n == pieces.n);
    if (whole.n < 0)
        claim(whole.start.fault == pieces.start.fault);
    if (whole.n > 0) {
        check_fields(kind, &whole);
        check_start(kind, &whole);
        same(&whole, &pieces);
        if (kind == REQUEST)
            check_request_framing(&whole);
        if (kind == RESPONSE)
            check_response_framing(&whole);
        check_anew(kind, &whole);
    }
    drop(&whole);
    drop(&pieces);
    return 0;
}
