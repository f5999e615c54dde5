/* SPDX-License-Identifier: MIT */
/* Conditions and parts of a file: whatever the fields say, a part lies in the
 * file, and what is not understood changes nothing. */
#include "fuzz.h"
#include "headers.h"
#include "range.h"

static const char *const names[] = {"If-Match",      "If-Unmodified-Since",
                                    "If-None-Match", "If-Modified-Since",
                                    "If-Range",      "Range",
                                    "X-Other",       "if-none-match"};

static void add_field(sock_headers_t *h, struct input *in)
{
    const char *name = names[next_byte(in) % 8];
    size_t n = next_byte(in) % 64;
    char value[65];

    if (n > in->left)
        n = in->left;
    memcpy(value, in->at, n);
    value[n] = '\0';
    in->at += n;
    in->left -= n;
    sock_headers_add(h, name, value); /* or not, if it can be none */
}

static void check_range(const struct sock__range *r, int status, int64_t size,
                        const char *method)
{
    claim(status == 200 || status == 206 || status == 416);
    if (status == 200)
        claim(r->first == 0 && r->length == size);
    else
        claim(strcmp(method, "GET") == 0);
    if (status == 206)
        claim(r->first >= 0 && r->length > 0 && r->first < size &&
              r->length <= size - r->first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const methods[] = {"GET", "HEAD", "POST"};
    struct input in = {data, size};
    const char *method = methods[next_byte(&in) % 3];
    int64_t length = next_number(&in);
    struct timespec now = {784111777 + (time_t)(next_byte(&in) % 4), 0};
    struct timespec modified = {784111777, 5};
    struct sock__validators v;
    struct sock__range r;
    sock_headers_t *h = sock_headers_new();

    claim(h != NULL);
    sock__validators_of(&v, length, &modified, &now);
    claim(strlen(v.etag) < sizeof v.etag && v.modified <= now.tv_sec);
    while (in.left > 0)
        add_field(h, &in);
    int status = sock__conditions(&v, method, h);
    claim(status == 0 || status == 304 || status == 412);
    claim(status != 304 || strcmp(method, "POST") != 0);
    check_range(&r, sock__range_of(&r, length, &v, method, h), length, method);

    /* Its own tag is always known again. */
    sock_headers_remove(h, "If-Match");
    sock_headers_remove(h, "If-Unmodified-Since");
    claim(sock_headers_add(h, "If-None-Match", v.etag) == 0);
    claim(sock__conditions(&v, "GET", h) == 304);
    sock_headers_free(h);
    return 0;
}
