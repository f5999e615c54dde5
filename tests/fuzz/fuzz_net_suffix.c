/* SPDX-License-Identifier: MIT */
/* Lists of public suffixes beside a model that looks at every rule, and labels
 * beside a decoder. */
#include <errno.h>
#include <stdbool.h>

#include "fuzz.h"
#include "punycode.h"
#include "suffix.h"

/* Labels of both, from the end; how many the rule has, or 0: it does not fit.
 */
static int fits(const char *rule, const char *domain)
{
    size_t n = strlen(rule), m = strlen(domain);
    int labels = 0;
    for (;;) {
        size_t a = n, b = m;
        while (a > 0 && rule[a - 1] != '.')
            a--;
        while (b > 0 && domain[b - 1] != '.')
            b--;
        bool star = n - a == 1 && rule[a] == '*';
        if (!star && (n - a != m - b || memcmp(rule + a, domain + b, n - a)))
            return 0;
        labels++;
        if (a == 0)
            return labels;
        if (b == 0)
            return 0;
        n = a - 1;
        m = b - 1;
    }
}

static int labels_of(const char *domain)
{
    int n = 1;
    for (; *domain != '\0'; domain++)
        n += *domain == '.';
    return n;
}

/* The algorithm of publicsuffix.org, of rules that are lines of plain ASCII. */
static bool model(const char *text, const char *domain)
{
    char rule[256];
    int longest = 1; /* of one label, where no rule fits */
    bool excepted = false;
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        snprintf(rule, sizeof rule, "%.*s", (int)n, text);
        bool except = rule[0] == '!';
        int labels = fits(rule + except, domain);
        if (labels > 0 && except)
            excepted = true;
        if (labels > longest && !except)
            longest = labels;
        text += n + (text[n] == '\n');
    }
    return !excepted && longest == labels_of(domain);
}

/* A list of a few names, and a domain of them. */
static void check_list(struct input in)
{
    static const char *const pieces[] = {"a", "b", "c", "*"};
    char text[1024] = "", domain[64] = "";
    unsigned labels = 1 + next_byte(&in) % 4;
    for (unsigned i = 0; i < labels; i++) {
        strcat(domain, i > 0 ? "." : "");
        strcat(domain, pieces[next_byte(&in) % 3]);
    }
    while (in.left > 0 && strlen(text) < 900) {
        unsigned byte = next_byte(&in);
        unsigned kinds = byte % 8 == 7 ? 3 : 4; /* what is none has no star */
        strcat(text, kinds == 3 ? "!" : "");
        for (unsigned i = 0; i <= byte / 8 % 4; i++) {
            strcat(text, i > 0 ? "." : "");
            strcat(text, pieces[next_byte(&in) % kinds]);
        }
        strcat(text, "\n");
    }
    struct sock__suffixes *list = sock__suffixes_of_text(text, strlen(text));
    claim((list != NULL) == (text[0] != '\0'));
    if (list != NULL)
        claim(sock__suffixes_have(list, domain) == model(text, domain));
    sock__suffixes_free(list);
}

/* Labels */

/* RFC 3492 6.2; the characters, or -1. */
static int decode(const char *text, size_t n, uint32_t *chars)
{
    uint32_t code = 128, i = 0, bias = 72;
    int count = 0;
    size_t at = 0;
    for (size_t k = n; k > 0 && count == 0; k--)
        if (text[k - 1] == '-') {
            for (at = 0; at < k - 1; at++)
                chars[count++] = (unsigned char)text[at];
            at = k;
            break;
        }
    while (at < n) {
        uint32_t before = i, weight = 1, points = (uint32_t)count + 1;
        for (uint32_t k = 36;; k += 36) {
            if (at == n)
                return -1;
            char c = text[at++];
            uint32_t digit = (uint32_t)(c >= 'a' ? c - 'a' : c - '0' + 26);
            uint32_t t = k <= bias + 1 ? 1 : k >= bias + 26 ? 26 : k - bias;
            i += digit * weight;
            if (digit < t)
                break;
            weight *= 36 - t;
        }
        uint32_t delta = before == 0 ? i / 700 : (i - before) / 2, k = 0;
        delta += delta / points;
        for (; delta > 455; k += 36)
            delta /= 35;
        bias = k + 36 * delta / (delta + 38);
        code += i / points;
        i %= points;
        memmove(chars + i + 1, chars + i, ((size_t)count - i) * sizeof *chars);
        chars[i++] = code;
        count++;
    }
    return count;
}

static size_t put(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)(marks[n] | c);
    return n;
}

static void check_label(const char *label, size_t n)
{
    char text[256], back[512];
    uint32_t chars[256];
    size_t k = 0;
    int length = sock__punycode_label(label, n, text, sizeof text);
    claim(length >= -1 && length < (int)sizeof text);
    if (length <= 4 || strncmp(text, "xn--", 4) != 0 ||
        (n >= 4 && strncasecmp(label, "xn--", 4) == 0))
        return;
    claim(text[length] == '\0');
    int count = decode(text + 4, (size_t)length - 4, chars);
    claim(count > 0);
    for (int i = 0; i < count; i++)
        k += put(back + k, chars[i]);
    claim(k == n);
    for (size_t i = 0; i < n; i++)
        claim(back[i] == label[i] || (label[i] >= 'A' && label[i] <= 'Z' &&
                                      (label[i] | 0x20) == back[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    check_list(in);
    char *text = copy_of(data, size);
    struct sock__suffixes *list = sock__suffixes_of_text(text, size);
    claim(list != NULL || errno == EINVAL || errno == EILSEQ);
    if (list != NULL)
        (void)sock__suffixes_have(list, "a.b.c");
    sock__suffixes_free(list);
    check_label(text, size);
    free(text);
    return 0;
}
