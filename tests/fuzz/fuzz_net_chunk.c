/* SPDX-License-Identifier: MIT */
/* Bodies in chunks, in pieces of any size, beside a model that reads line by
 * line. */
#include "chunk.h"
#include "fuzz.h"

#include <stdbool.h>

/* What a body comes to: how far it was read, and the data. */
struct result {
    enum sock__chunk_event event;
    size_t taken;
    char *data;
    size_t n;
};

/* --- The model ----------------------------------------------------------- */

/* The size that a line begins with, and how many digits it has; over: it is
 * too large. */
static size_t read_size(const char *line, size_t n, uint64_t *size)
{
    size_t digits = 0;

    *size = 0;
    while (digits < n && strchr("0123456789abcdefABCDEF", line[digits]) &&
           line[digits] != '\0')
        digits++;
    if (digits > 16 || (digits == 16 && line[0] > '7'))
        return 0;
    for (size_t i = 0; i < digits; i++) {
        char digit[2] = {line[i], '\0'};
        *size = *size * 16 + strtoul(digit, NULL, 16);
    }
    return digits;
}

/* Whether what follows a size is nothing, or an extension. */
static bool is_extension(const char *text, size_t n)
{
    size_t blanks = 0;

    while (blanks < n && (text[blanks] == ' ' || text[blanks] == '\t'))
        blanks++;
    if (n > 0 && (blanks == n || text[blanks] != ';'))
        return false;
    for (size_t i = blanks; i < n; i++)
        if (((unsigned char)text[i] < 32 && text[i] != '\t') || text[i] == 127)
            return false;
    return true;
}

/* Whether the bytes up to the end may still become a line; only of complete
 * lines is the model sure, so it asks for no more. */
static struct result model_of(const char *data, size_t size)
{
    struct result r = {SOCK__CHUNK_MORE, 0, copy_of("", 0), 0};
    size_t at = 0, extensions = 0;

    r.data = realloc(r.data, size + 1);
    for (;;) {
        const char *line = data + at;
        const char *end = memchr(line, '\n', size - at);
        uint64_t chunk;
        if (end == NULL)
            return r; /* whatever it is */
        size_t n = (size_t)(end - line);
        size_t digits = read_size(line, n, &chunk);
        bool good = digits > 0 && n > digits && end[-1] == '\r' &&
                    is_extension(line + digits, n - 1 - digits);
        extensions += good ? n - 1 - digits : 0;
        if (!good || extensions > SOCK__CHUNK_EXTENSIONS) {
            r.event = SOCK__CHUNK_FAULT;
            return r;
        }
        at += n + 1;
        if (chunk == 0) {
            r.event = SOCK__CHUNK_TRAILERS;
            r.taken = at;
            return r;
        }
        size_t part = chunk < size - at ? (size_t)chunk : size - at;
        memcpy(r.data + r.n, data + at, part);
        r.n += part;
        at += part;
        if (part < chunk || size - at < 2)
            return r;
        if (memcmp(data + at, "\r\n", 2) != 0) {
            r.event = SOCK__CHUNK_FAULT;
            return r;
        }
        at += 2;
    }
}

/* --- The decoder --------------------------------------------------------- */

static struct result decode(const char *data, size_t size, size_t step)
{
    struct result r = {SOCK__CHUNK_MORE, 0, malloc(size + 1), 0};
    struct sock__chunks c;

    sock__chunks_begin(&c);
    while (r.taken < size && r.event != SOCK__CHUNK_FAULT &&
           r.event != SOCK__CHUNK_TRAILERS) {
        size_t n = size - r.taken < step ? size - r.taken : step, taken;
        char *piece = copy_of(data + r.taken, n);
        r.event = sock__chunks_next(&c, piece, n, &taken);
        claim(taken <= n && (c.why != NULL) == (r.event < 0));
        claim(r.event != SOCK__CHUNK_MORE || taken == n);
        if (r.event == SOCK__CHUNK_DATA) {
            claim(c.left > 0);
            n = n - taken < c.left ? n - taken : (size_t)c.left;
            memcpy(r.data + r.n, piece + taken, n);
            r.n += n;
            taken += n;
            sock__chunks_take(&c, n);
        }
        r.taken += taken;
        free(piece);
    }
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    size_t step = next_byte(&in) % 20 + 1;
    const char *text = copy_of(in.at, in.left);
    struct result model = model_of(text, in.left);
    struct result whole = decode(text, in.left, in.left);
    struct result pieces = decode(text, in.left, step);

    claim((whole.event < 0) == (pieces.event < 0));
    claim(whole.taken == pieces.taken && whole.n == pieces.n);
    claim(memcmp(whole.data, pieces.data, whole.n) == 0);
    claim(model.n == whole.n && memcmp(model.data, whole.data, model.n) == 0);
    /* A line that has no end yet may be faulty already. */
    claim(whole.event == SOCK__CHUNK_FAULT ||
          (whole.event == SOCK__CHUNK_TRAILERS) ==
              (model.event == SOCK__CHUNK_TRAILERS));
    claim(model.event != SOCK__CHUNK_FAULT || whole.event == SOCK__CHUNK_FAULT);
    claim(model.event != SOCK__CHUNK_TRAILERS || model.taken == whole.taken);
    free(model.data);
    free(whole.data);
    free(pieces.data);
    free((void *)(uintptr_t)text);
    return 0;
}
