/* SPDX-License-Identifier: MIT */
/* The head of a script: the same at once and in pieces, and nothing in it that
 * could not be sent on. */
#include "cgi_head.h"
#include "fuzz.h"
#include "headers.h"

static void check_head(const struct sock__cgi_head *h)
{
    const char *name, *value;

    claim(h->status >= 200 && h->status <= 599 && h->length >= -1);
    claim(h->instead == NULL || (h->instead[0] == '/' && h->instead[1] != '/'));
    if (h->reason != NULL)
        claim(sock__is_value(h->reason, strlen(h->reason)));
    for (size_t i = 0; sock_headers_at(&h->fields, i, &name, &value) == 1; i++)
        claim(sock__is_token(name, strlen(name)) &&
              sock__is_value(value, strlen(value)));
}

/* As it comes in pieces of this size: its bytes, 0 or -1, and the status. */
static ssize_t read_head(const uint8_t *data, size_t size, size_t step,
                         int *status)
{
    struct sock__cgi_head h = {.why = NULL};
    char *buf = copy_of(data, size);
    size_t len = 0, scanned = 0;
    ssize_t n = 0;

    while (n == 0 && len < size) {
        len = len + step < size ? len + step : size;
        n = sock__cgi_head_read(&h, buf, len, &scanned);
    }
    claim(n <= (ssize_t)len);
    if (n < 0)
        claim(h.why != NULL);
    if (n > 0)
        check_head(&h);
    *status = n > 0 ? h.status : 0;
    sock__cgi_head_release(&h);
    free(buf);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    size_t step = 1 + next_byte(&in) % 16;
    int whole_status, status;
    ssize_t whole = read_head(in.at, in.left, in.left + 1, &whole_status);
    ssize_t n = read_head(in.at, in.left, step, &status);

    claim(n == whole && status == whole_status);
    return 0;
}
