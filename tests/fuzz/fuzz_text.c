/* SPDX-License-Identifier: MIT */
/* Python's repr() of bytes and str, read back; and the text of ports. */
#include "text.h"

#include "lookup.h"

struct bytes {
    const uint8_t *at;
    size_t n;
};

static int repr_bytes(const void *arg, char *buf, size_t size)
{
    const struct bytes *b = arg;
    struct sock__text t;
    claim(sock__text_begin(&t, "repr", buf, size) == 0);
    sock__text_bytes_repr(&t, b->at, b->n);
    return sock__text_end(&t);
}

static int repr_str(const void *arg, char *buf, size_t size)
{
    const struct bytes *b = arg;
    struct sock__text t;
    claim(sock__text_begin(&t, "repr", buf, size) == 0);
    sock__text_str_repr(&t, b->at, b->n);
    return sock__text_end(&t);
}

/* UTF-8 of a code point; a surrogate escape is the byte it stands for. */
static size_t put(uint8_t *out, unsigned long c)
{
    if (c < 0x80 || (c >= 0xdc80 && c <= 0xdcff)) {
        out[0] = (uint8_t)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t marks[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t i = more; i > 0; i--, c >>= 6)
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    out[0] = (uint8_t)(marks[more] | c);
    return more + 1;
}

/* One escape behind its backslash; *text goes on behind it. */
static unsigned long unescape(const char **text)
{
    char digits[9] = "", c = *(*text)++;
    size_t n = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (n == 0)
        return c == 'n'   ? '\n'
               : c == 't' ? '\t'
               : c == 'r' ? '\r'
                          : (unsigned char)c;
    memcpy(digits, *text, n);
    claim(strspn(digits, "0123456789abcdef") == n);
    *text += n;
    return strtoul(digits, NULL, 16);
}

/* Reads a literal back, as Python would, and compares. */
static void check_literal(const char *text, const struct bytes *b, int raw)
{
    uint8_t *out = malloc(strlen(text) + 4);
    size_t n = 0;
    const char *at = text + raw, *end = text + strlen(text) - 1;
    char quote = *at++;

    claim(out != NULL && (quote == '\'' || quote == '"') && *end == quote);
    while (at < end) {
        claim(*at != quote && (unsigned char)*at >= ' ' && *at != 0x7f);
        claim(!raw || (unsigned char)*at < 0x80);
        if (*at != '\\') {
            out[n++] = (uint8_t)*at++;
            continue;
        }
        at++;
        unsigned long c = unescape(&at);
        if (raw)
            out[n++] = (uint8_t)c;
        else
            n += put(out + n, c);
    }
    claim(at == end && n == b->n && (n == 0 || memcmp(out, b->at, n) == 0));
    free(out);
}

static void check_reprs(const struct bytes *b, size_t room)
{
    char *text = text_of(repr_bytes, b, room);
    claim(text != NULL && text[0] == 'b');
    check_literal(text, b, 1);
    free(text);
    text = text_of(repr_str, b, room);
    claim(text != NULL);
    check_literal(text, b, 0);
    free(text);
}

static int all_digits(const char *text)
{
    return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

static int too_large(const char *digits)
{
    digits += strspn(digits, "0");
    return strlen(digits) > 5 || strtol(digits, NULL, 10) > 65535;
}

/* The C library never sees a number that it would read in its own way. */
static void check_port(const char *text)
{
    const char *number = text + strspn(text, " \t\n\v\f\r");
    if (*number == '+' || *number == '-')
        number++;
    int odd = number > text && all_digits(number);
    int large = all_digits(text) && too_large(text);

    questions = 0;
    sock_addrinfo_t *list =
        sock_getaddrinfo(NULL, text, AF_INET, SOCK_STREAM, 0, 0);
    claim(questions == (odd || large ? 0 : 1));
    if (*text != '\0') /* which the C library takes for 0, or not */
        claim((list != NULL) == (all_digits(text) && !large));
    if (list != NULL)
        claim(sock_addr_port(&list->entries[0].address) ==
              (int)strtol(text, NULL, 10));
    else
        claim(sock_last_error()->kind == SOCK_E_GAI);
    sock_addrinfo_free(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    size_t room = next_byte(&in);
    char *text = rest_as_text(&in);
    uint8_t *copy = copy_of(in.at, in.left);
    struct bytes b = {copy, in.left};

    check_reprs(&b, room);
    check_port(text);
    free(copy);
    free(text);
    return 0;
}
