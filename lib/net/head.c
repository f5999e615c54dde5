/* SPDX-License-Identifier: MIT */
/*
 * The one parser of start lines and fields.
 *
 * The bytes are looked at once if the head came whole. Nothing is written until
 * all of it has been found good, so that a head of which more is to come lies
 * there as it came; its pieces are then searched for its end alone.
 *
 * What a head comes to depends on its bytes alone, not on the pieces in which
 * they came: a faulty start line is refused once it is whole, a faulty field
 * once the head is, and what lies beyond a limit is not looked at.
 */
#include "head.h"

#include <errno.h>
#include <string.h>

#include <pysockc/error.h>

#include "chars.h"
#include "private.h"

/* As the longest line that is no request for the length of its target. */
enum { METHOD_MAX = 64 };

/* What a step came to, besides a place in the buffer. */
enum { FAULT = -1, MORE = 0 };

/* How a line ends. */
enum ends { BY_CRLF, BY_LF, BY_EITHER };

/* The faults, as a client or a server says them. */
struct faults {
    int syntax, too_large, memory;
};

static const struct faults of_server = {400, 431, 500};
static const struct faults of_client = {SOCK_P_SYNTAX, SOCK_P_TOO_LARGE,
                                        ENOMEM};

struct reader {
    struct sock__start *start;
    sock_headers_t *headers;
    const struct sock__head_limits *limits;
    char *buf, *end;
    char *line;        /* where the start line begins */
    size_t reason_len; /* of a response */
    /* The start line up to behind its end: that, or NULL and `result`. */
    char *(*read_start)(struct reader *r);
    struct faults faults;
    unsigned name_class, value_class;
    enum ends ends;
    bool lenient; /* folded lines, blanks before a colon */
    bool folded;  /* there was such a line */
    int result;   /* of the step that did not come to its end */
};

/* Ends of steps */

static char *more(struct reader *r)
{
    r->result = MORE;
    return NULL;
}

static char *fault(struct reader *r, int code, const char *why)
{
    r->result = FAULT;
    r->start->fault = code;
    r->start->why = why;
    return NULL;
}

static char *bad_syntax(struct reader *r, const char *why)
{
    return fault(r, r->faults.syntax, why);
}

/* Behind the end of a line. */
static inline char *read_end(struct reader *r, char *p)
{
    if (p == r->end)
        return more(r);
    if (*p == '\r' && r->ends != BY_LF) {
        if (r->end - p < 2)
            return more(r);
        if (p[1] == '\n')
            return p + 2;
    }
    if (*p == '\n' && r->ends != BY_CRLF)
        return p + 1;
    return bad_syntax(r, *p == '\n' || *p == '\r'
                             ? "a line does not end in CR LF"
                             : "a control character in a line");
}

/* Fields */

/* Whether all of eight bytes are visible, blank, or over 127. */
static inline bool are_plain(const char *p)
{
    const uint64_t ones = UINT64_MAX / 255;
    uint64_t x, del;

    memcpy(&x, p, sizeof x);
    del = x ^ ones * 0x7f;
    return ((((x - ones * 0x20) & ~x) | ((del - ones) & ~del)) & ones * 0x80) ==
           0;
}

static inline char *skip_value(char *p, const char *end, unsigned class)
{
    while (end - p >= 8 && are_plain(p))
        p += 8;
    return p + sock__span(p, end, class);
}

/* A line that goes on with the value of the one before. */
static char *read_folded(struct reader *r, char *p)
{
    sock_headers_t *h = r->headers;

    if (!r->lenient || h->count == 0)
        return bad_syntax(r, "a line begins with a blank");
    struct sock__field *f = &h->fields[h->count - 1];
    char *value = r->buf + f->value;
    char *end = skip_value(p, r->end, r->value_class);
    char *next = read_end(r, end);
    if (sock__blanks(p, end) < (size_t)(end - p))
        f->value_len = (uint32_t)sock__trimmed(value, (size_t)(end - value));
    r->folded = true;
    return next;
}

/* The colon behind a name. */
static char *read_colon(struct reader *r, char *p)
{
    if (r->lenient)
        p += sock__blanks(p, r->end);
    if (p == r->end)
        return more(r);
    if (*p == ':')
        return p;
    return bad_syntax(r, *p == '\r' || *p == '\n'
                             ? "a line without a colon"
                             : "an invalid name of a field");
}

static inline char *read_field(struct reader *r, char *name)
{
    size_t name_len = sock__span(name, r->end, r->name_class);
    char *colon = name + name_len;

    if (colon == r->end || *colon != ':') {
        if (colon < r->end && (*name == ' ' || *name == '\t'))
            return read_folded(r, name);
        colon = read_colon(r, colon);
        if (colon == NULL)
            return NULL;
    }
    if (name_len == 0)
        return bad_syntax(r, "a field without a name");
    char *value = colon + 1;
    value += sock__blanks(value, r->end);
    char *end = skip_value(value, r->end, r->value_class);
    char *next = read_end(r, end);
    if (next == NULL)
        return NULL;
    if (r->headers->count >= r->limits->fields)
        return fault(r, r->faults.too_large, "too many fields");
    struct sock__field *f = sock__headers_slot(r->headers);
    if (f == NULL)
        return fault(r, r->faults.memory, "out of memory");
    f->name = (uint32_t)(name - r->buf);
    f->name_len = (uint32_t)name_len;
    f->value = (uint32_t)(value - r->buf);
    f->value_len = (uint32_t)sock__trimmed(value, (size_t)(end - value));
    return next;
}

/* All fields and the blank line: behind it. */
static char *read_fields(struct reader *r, char *p)
{
    while (p != NULL && p < r->end) {
        if (*p == '\r' || *p == '\n')
            return read_end(r, p);
        p = read_field(r, p);
    }
    return p != NULL ? more(r) : NULL;
}

/* Makes one line of a value of several: what lies between two lines is one
 * blank. */
static void join(char *value, uint32_t *len)
{
    uint32_t n = 0, i = 0;

    while (i < *len) {
        char c = value[i++];
        if (c != '\r' && c != '\n') {
            value[n++] = c;
            continue;
        }
        n = (uint32_t)sock__trimmed(value, n);
        while (i < *len && strchr(" \t\r\n", value[i]) != NULL)
            i++;
        if (n > 0)
            value[n++] = ' ';
    }
    *len = n;
}

/* Ends names and values. */
static void finish_fields(struct reader *r)
{
    sock_headers_t *h = r->headers;

    for (size_t i = 0; i < h->count; i++) {
        struct sock__field *f = &h->fields[i];
        if (r->folded)
            join(r->buf + f->value, &f->value_len);
        r->buf[f->name + f->name_len] = '\0';
        r->buf[f->value + f->value_len] = '\0';
    }
    h->text = r->buf;
    h->used = (size_t)(r->end - r->buf);
}

/* Start lines */

/* HTTP/1.x; the digit of another major version is refused with a fault of its
 * own. */
static char *read_version(struct reader *r, char *p, int other)
{
    static const char form[] = "HTTP/0.0";

    for (int i = 0; form[i] != '\0'; i++) {
        if (p + i == r->end)
            return more(r);
        if (form[i] == '0' ? !sock__is_digit(p[i]) : p[i] != form[i])
            return bad_syntax(r, "an invalid version of HTTP");
    }
    if (p[5] != '1')
        return fault(r, other, "a version of HTTP that is not spoken here");
    r->start->minor = p[7] - '0';
    return p + 8;
}

/* Whether a target that does not begin with a slash is one of those that there
 * are beside that: a URL of HTTP, `*`, and where to connect to. */
static bool is_target(const struct sock__start *s)
{
    const char *at = s->target;
    size_t n = s->target_len;

    if (s->method_len == 7 && memcmp(s->method, "CONNECT", 7) == 0)
        return *at != '/' && *at != '*';
    if (s->method_len == 7 && memcmp(s->method, "OPTIONS", 7) == 0 && n == 1 &&
        *at == '*')
        return true;
    return *at == '/' || (n > 7 && sock__same_text(at, 7, "http://", 7)) ||
           (n > 8 && sock__same_text(at, 8, "https://", 8));
}

/* As many bytes as there are, and one more than may be. */
static const char *limit_of(const struct reader *r, const char *p, size_t most)
{
    return (size_t)(r->end - p) > most ? p + most + 1 : r->end;
}

/* The target and the blank behind it. */
static char *read_target(struct reader *r, char *p)
{
    size_t most = r->limits->target;
    size_t n = sock__span(p, limit_of(r, p, most), SOCK__TARGET);

    if (n > most)
        return fault(r, 414, "a target over the limit");
    if (p + n == r->end)
        return more(r);
    if (n == 0 || p[n] != ' ')
        return bad_syntax(r, "an invalid request target");
    r->start->target = p;
    r->start->target_len = n;
    return is_target(r->start) ? p + n + 1
                               : bad_syntax(r, "an invalid request target");
}

static char *read_method(struct reader *r, char *p)
{
    size_t n = sock__span(p, limit_of(r, p, METHOD_MAX), SOCK__TOKEN);

    if (n <= METHOD_MAX && p + n == r->end)
        return more(r);
    if (n == 0 || n > METHOD_MAX || p[n] != ' ')
        return bad_syntax(r, "an invalid method");
    r->start->method = p;
    r->start->method_len = n;
    return p + n + 1;
}

/* How this line ends is how all others must. */
static char *read_request_line(struct reader *r)
{
    char *p = r->line;

    if (r->end - r->buf == 1 && *p == '\r')
        return more(r);
    p = read_method(r, p);
    p = p != NULL ? read_target(r, p) : NULL;
    p = p != NULL ? read_version(r, p, 505) : NULL;
    p = p != NULL ? read_end(r, p) : NULL;
    if (p == NULL)
        return NULL;
    r->start->by_hand = p[-2] != '\r';
    if (r->start->by_hand)
        r->start->minor = 0;
    r->ends = r->start->by_hand ? BY_LF : BY_CRLF;
    return p;
}

/* A status of three digits, the first of which is not 0. */
static char *read_status(struct reader *r, char *p)
{
    int status = 0;

    for (int i = 0; i < 4; i++) {
        if (p + i == r->end)
            return more(r);
        if (i == 0 ? p[i] != ' ' : !sock__is_digit(p[i]))
            return bad_syntax(r, "an invalid status line");
        status = i > 0 ? status * 10 + (p[i] - '0') : 0;
    }
    if (status < 100)
        return bad_syntax(r, "an invalid status line");
    r->start->status = status;
    return p + 4;
}

static char *read_status_line(struct reader *r)
{
    char *p = read_version(r, r->buf, SOCK_P_VERSION);

    p = p != NULL ? read_status(r, p) : NULL;
    if (p == NULL)
        return NULL;
    if (p == r->end)
        return more(r);
    char *reason = *p == ' ' ? p + 1 : p;
    char *end = skip_value(reason, r->end, r->value_class);
    if (end > p && reason == p)
        return bad_syntax(r, "an invalid status line");
    r->start->reason = reason;
    r->reason_len = (size_t)(end - reason);
    return read_end(r, end);
}

static char *read_no_line(struct reader *r)
{
    return r->buf;
}

/* Heads */

static bool is_blank_line(const char *p, const char *end)
{
    return p < end &&
           (*p == '\n' || (*p == '\r' && end - p > 1 && p[1] == '\n'));
}

/* Whether the blank line is there that ends the head, of which so many bytes
 * have been searched before. */
static bool has_end(const struct reader *r, size_t searched)
{
    const char *p = r->line;

    if (r->read_start == read_no_line && is_blank_line(p, r->end))
        return true;
    if (searched > (size_t)(p - r->buf) + 2)
        p = r->buf + searched - 2;
    while ((p = memchr(p, '\n', (size_t)(r->end - p))) != NULL)
        if (is_blank_line(++p, r->end))
            return true;
    return false;
}

/* Of a head that came before without its end, and has none now: only the start
 * line may be faulty already. */
static char *read_piece(struct reader *r, size_t searched)
{
    size_t skipped = (size_t)(r->line - r->buf);
    size_t before = searched > skipped ? searched - skipped : 0;

    if (r->read_start == read_no_line ||
        memchr(r->line, '\n', before) != NULL || r->read_start(r) != NULL)
        return more(r);
    return NULL;
}

/* Of a head that has its end, or came at once. A faulty field waits for the
 * head's end, a want of memory does not. */
static char *read_whole(struct reader *r)
{
    char *p = r->read_start(r);

    if (p == NULL)
        return NULL;
    p = read_fields(r, p);
    if (p == NULL && r->result == FAULT &&
        r->start->fault != r->faults.memory && !has_end(r, 0))
        return more(r);
    return p;
}

/* Ends the texts of the start line. */
static void finish_start(struct reader *r)
{
    struct sock__start *s = r->start;

    if (s->method != NULL) {
        r->buf[s->method - r->buf + (ptrdiff_t)s->method_len] = '\0';
        r->buf[s->target - r->buf + (ptrdiff_t)s->target_len] = '\0';
    }
    if (s->reason != NULL)
        r->buf[s->reason - r->buf + (ptrdiff_t)r->reason_len] = '\0';
}

/* Takes the buffer's part that is looked at, and empties what will be filled.
 */
static void begin(struct reader *r, size_t len)
{
    size_t most = r->limits->bytes < UINT32_MAX ? r->limits->bytes : UINT32_MAX;

    // cppcheck-suppress knownConditionTrueFalse ; it takes UINT32_MAX for 0
    r->end = r->buf + (len < most ? len : most);
    r->line = r->buf;
    *r->start = (struct sock__start){0};
    if (r->headers->owns)
        sock__free(r->headers->text);
    r->headers->owns = false;
    r->headers->room = 0;
    sock__headers_clear(r->headers);
}

static ssize_t read_head(struct reader *r, size_t len, size_t *scanned)
{
    size_t seen = (size_t)(r->end - r->buf);
    size_t searched = *scanned < seen ? *scanned : 0;
    char *p;

    if (searched > 0 && !has_end(r, searched))
        p = read_piece(r, searched);
    else
        p = read_whole(r);
    if (p != NULL) {
        finish_fields(r);
        finish_start(r);
        return p - r->buf;
    }
    if (r->result == MORE && (seen < len || seen == r->limits->bytes))
        fault(r, r->faults.too_large, "a head over the limit");
    sock__headers_clear(r->headers);
    if (r->result == MORE)
        *scanned = seen;
    return r->result;
}

ssize_t sock__head_request(struct sock__start *start, sock_headers_t *headers,
                           char *buf, size_t len, size_t *scanned,
                           const struct sock__head_limits *limits)
{
    struct reader r = {
        .start = start,
        .headers = headers,
        .limits = limits,
        .buf = buf,
        .read_start = read_request_line,
        .faults = of_server,
        .name_class = SOCK__TOKEN,
        .value_class = SOCK__VALUE,
        .ends = BY_EITHER,
    };

    begin(&r, len);
    if (r.end - buf >= 2 && buf[0] == '\r' && buf[1] == '\n')
        r.line += 2;
    return read_head(&r, len, scanned);
}

ssize_t sock__head_response(struct sock__start *start, sock_headers_t *headers,
                            char *buf, size_t len, size_t *scanned,
                            const struct sock__head_limits *limits)
{
    struct reader r = {
        .start = start,
        .headers = headers,
        .limits = limits,
        .buf = buf,
        .read_start = read_status_line,
        .faults = of_client,
        .name_class = SOCK__TOKEN,
        .value_class = SOCK__TEXT,
        .ends = BY_EITHER,
        .lenient = true,
    };

    begin(&r, len);
    return read_head(&r, len, scanned);
}

ssize_t sock__head_fields(struct sock__start *start, sock_headers_t *headers,
                          char *buf, size_t len, size_t *scanned,
                          const struct sock__head_limits *limits,
                          enum sock__fields how)
{
    bool strict = how == SOCK__FIELDS_STRICT;
    struct reader r = {
        .start = start,
        .headers = headers,
        .limits = limits,
        .buf = buf,
        .read_start = read_no_line,
        .faults = strict ? of_server : of_client,
        .name_class = how == SOCK__FIELDS_MAIL ? SOCK__MAIL_NAME : SOCK__TOKEN,
        .value_class = strict ? SOCK__VALUE : SOCK__TEXT,
        .ends = strict ? BY_CRLF : BY_EITHER,
        .lenient = !strict,
    };

    begin(&r, len);
    return read_head(&r, len, scanned);
}
