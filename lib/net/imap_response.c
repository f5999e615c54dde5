/* SPDX-License-Identifier: MIT */
/* Responses of a server: what they are, and what they tell the client. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "imap.h"

enum { ROOM_KEPT = 1024 * 1024 /* of a response that was read */ };

/* Failures */

int sock__imap_broke(sock_imap_t *m, const char *op, const char *words)
{
    char text[SOCK_ERROR_WORDS_MAX];
    const char *end = memchr(m->in.bytes, '\r', m->in.used);
    size_t n = end != NULL ? (size_t)(end - m->in.bytes) : m->in.used;

    snprintf(text, sizeof text, "%s: '%.*s'", words, n < 80 ? (int)n : 80,
             m->in.bytes);
    for (char *at = text; *at != '\0'; at++)
        if (sock__is(*at, SOCK__CONTROL))
            *at = '?';
    return sock__session_broke(&m->session, op, SOCK_P_SYNTAX, text);
}

/* Reading */

static int no_room(sock_imap_t *m, const char *op)
{
    return sock__session_broke(&m->session, op, SOCK_P_TOO_LARGE,
                               "the response is too large");
}

/* Adds bytes to the response, which a NUL follows. */
static int add(sock_imap_t *m, const char *op, const char *bytes, size_t n)
{
    const sock_sink_t sink = sock__hoard_sink(&m->in);

    if (sink.write(sink.arg, bytes, n) == 0) {
        m->in.bytes[m->in.used] = '\0';
        return 0;
    }
    if (m->in.full)
        return no_room(m, op);
    sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return sock__session_failed(&m->session, op);
}

/* Adds a line: how many bytes of it there are. */
static int add_line(sock_imap_t *m, const char *op, size_t *n)
{
    struct sock__piece line;

    if (sock__session_line(&m->session, op, &line) < 0 ||
        add(m, op, line.at, line.n) < 0)
        return -1;
    *n = line.n;
    return 0;
}

/* What the last n bytes announce. */
static void look_for_literal(sock_imap_t *m, size_t n)
{
    size_t from = m->in.used - n;

    m->literal =
        sock__imap_announces(m->in.bytes + from, n, &m->brace, &m->size);
    m->brace += from;
}

int sock__imap_line(sock_imap_t *m, const char *op)
{
    size_t n;

    if (add_line(m, op, &n) < 0)
        return -1;
    look_for_literal(m, n);
    return 0;
}

int sock__imap_more(sock_imap_t *m, const char *op)
{
    const sock_sink_t sink = sock__hoard_sink(&m->in);

    if (m->size > m->in.most - m->in.used)
        return no_room(m, op);
    if (add(m, op, "\r\n", 2) < 0)
        return -1;
    int taken = sock__session_take(&m->session, op, m->size, &sink);
    if (taken > 0)
        return m->in.full ? no_room(m, op)
                          : sock__session_failed(&m->session, op);
    return taken < 0 ? -1 : sock__imap_line(m, op);
}

/* What it is */

/* Takes a word off a text, up to a blank. */
static struct sock__piece take_word(struct sock__piece *text)
{
    struct sock__piece word = {text->at, 0};
    const char *blank = memchr(text->at, ' ', text->n);

    word.n = blank != NULL ? (size_t)(blank - text->at) : text->n;
    size_t passed = blank != NULL ? word.n + 1 : word.n;
    text->at += passed;
    text->n -= passed;
    return word;
}

static bool starts_with(const struct sock__piece *text, const char *with)
{
    size_t n = strlen(with);
    return text->n >= n && memcmp(text->at, with, n) == 0;
}

static enum sock__imap_verdict verdict_of(const struct sock__piece *type)
{
    static const char *const words[] = {"",    "OK",  "NO",
                                        "BAD", "BYE", "PREAUTH"};

    for (size_t i = 1; i < sizeof words / sizeof words[0]; i++)
        if (sock__imap_is(type, words[i]))
            return (enum sock__imap_verdict)i;
    return SOCK__IMAP_DATA;
}

/* Whether a word can be a type; a literal in its place, for one, cannot. */
static bool is_type(const struct sock__piece *word)
{
    return word->n > 0 &&
           sock__span(word->at, word->at + word->n, SOCK__TOKEN) == word->n;
}

static int parse_untagged(sock_imap_t *m, const char *op,
                          struct sock__imap_response *r)
{
    uint64_t value;

    r->type = take_word(&r->rest);
    if (r->type.n > 0 && sock__is_digit(r->type.at[0])) {
        if (!sock__imap_number(&r->type, &value) || value > UINT32_MAX)
            return sock__imap_broke(m, op, "unexpected response");
        r->value = (uint32_t)value;
        r->number = r->type;
        r->type = take_word(&r->rest);
    }
    if (!is_type(&r->type))
        return sock__imap_broke(m, op, "unexpected response");
    r->verdict = r->number.n == 0 ? verdict_of(&r->type) : SOCK__IMAP_DATA;
    return 0;
}

static int parse_tagged(sock_imap_t *m, const char *op,
                        struct sock__imap_response *r)
{
    struct sock__piece tag = take_word(&r->rest);
    size_t n = strlen(m->tag);

    r->form = SOCK__IMAP_TAGGED;
    r->type = take_word(&r->rest);
    r->verdict = verdict_of(&r->type);
    if (tag.n != n || n == 0 || memcmp(tag.at, m->tag, n) != 0 ||
        r->verdict < SOCK__IMAP_OK || r->verdict > SOCK__IMAP_WRONG)
        return sock__imap_broke(m, op, "unexpected response");
    return 0;
}

static int parse(sock_imap_t *m, const char *op, struct sock__imap_response *r)
{
    *r = (struct sock__imap_response){.form = SOCK__IMAP_UNTAGGED,
                                      .rest = {m->in.bytes, m->in.used}};
    if (starts_with(&r->rest, "* ")) {
        take_word(&r->rest);
        return parse_untagged(m, op, r);
    }
    if (!starts_with(&r->rest, "+"))
        return parse_tagged(m, op, r);
    r->form = SOCK__IMAP_GO_ON;
    take_word(&r->rest);
    return 0;
}

int sock__imap_begin(sock_imap_t *m, const char *op,
                     struct sock__imap_response *r)
{
    size_t n;

    if (m->in.room > ROOM_KEPT) {
        sock__free(m->in.bytes);
        m->in = (struct sock__hoard){0};
    }
    m->in.used = 0;
    m->in.most = m->session.limits.list;
    m->literal = false;
    if (add_line(m, op, &n) < 0 || parse(m, op, r) < 0)
        return -1;
    /* Texts are for people, and may end in anything. */
    if (r->form == SOCK__IMAP_UNTAGGED && r->verdict == SOCK__IMAP_DATA)
        look_for_literal(m, n);
    return 0;
}

int sock__imap_rest(sock_imap_t *m, const char *op,
                    struct sock__imap_response *r)
{
    if (!m->literal)
        return 0;
    while (m->literal)
        if (sock__imap_more(m, op) < 0)
            return -1;
    return parse(m, op, r);
}

/* What it says */

/* The code in brackets that a text begins with: its type, and what stands with
 * it. A bracket in a quoted string or in parentheses, as some servers have it
 * in flags, does not end it. */
static bool find_code(struct sock__piece text, struct sock__piece *type,
                      struct sock__piece *data)
{
    struct sock__piece inner = {text.at + 1, 0};
    bool quoted = false;
    int depth = 0;

    if (!starts_with(&text, "["))
        return false;
    for (;; inner.n++) {
        if (inner.n + 1 >= text.n)
            return false;
        char c = inner.at[inner.n];
        if (quoted && c == '\\') {
            inner.n++;
            continue;
        }
        quoted = quoted != (c == '"');
        depth += quoted ? 0 : (c == '(') - (c == ')');
        if (c == ']' && !quoted && depth <= 0)
            break;
    }
    *type = take_word(&inner);
    *data = inner;
    return is_type(type);
}

int sock_imap_has(const sock_imap_t *m, const char *name)
{
    if (sock__need(m, "capabilities") < 0 ||
        sock__need(name, "capabilities") < 0)
        return -1;
    struct sock__piece list = {m->capabilities.text, m->capabilities.used};
    while (list.n > 0) {
        struct sock__piece word = take_word(&list);
        if (word.n > 0 && word.n == strlen(name) &&
            strncasecmp(word.at, name, word.n) == 0)
            return 1;
    }
    return 0;
}

/* Who speaks IMAP4rev2 and the revision before it does so once it was turned on
 * (RFC 9051 6.3.1). */
bool sock__imap_names_are_utf8(const sock_imap_t *m)
{
    return m->utf8 || m->rev2 ||
           (sock_imap_has(m, "IMAP4REV2") > 0 &&
            sock_imap_has(m, "IMAP4REV1") == 0);
}

/* Takes what the server offers, in place of what was known. */
static int learn(sock_imap_t *m, const char *op, const struct sock__piece *list)
{
    struct sock__output *o = &m->capabilities;

    o->used = 0;
    o->lost = false;
    sock__output_add(o, list->at, list->n);
    m->learnt = !o->lost;
    if (m->learnt)
        return 0;
    o->lost = false;
    sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return sock__session_failed(&m->session, op);
}

static void note_enabled(sock_imap_t *m, struct sock__piece list)
{
    while (list.n > 0) {
        struct sock__piece word = take_word(&list);
        m->utf8 = m->utf8 || sock__imap_is(&word, "UTF8=ACCEPT");
        m->rev2 = m->rev2 || sock__imap_is(&word, "IMAP4REV2");
    }
}

static int keep_text(sock_imap_t *m, const char *op,
                     const struct sock__piece *text)
{
    sock__reply_begin(&m->session);
    return sock__reply_add(&m->session, op, text);
}

/* The server hangs up. */
static int fail_bye(sock_imap_t *m, const char *op,
                    const struct sock__piece *text)
{
    if (keep_text(m, op, text) < 0)
        return -1;
    sock__fail_saying(op, SOCK_E_EOF, 0,
                      text->n > 0 ? sock_session_text(&m->session) : "BYE");
    return sock__session_failed(&m->session, op);
}

static int note_code(sock_imap_t *m, const char *op,
                     const struct sock__imap_response *r)
{
    const struct sock__piece none = {"", 0};
    struct sock__piece type, data;

    if (r->verdict == SOCK__IMAP_DATA || !find_code(r->rest, &type, &data))
        return 0;
    if (sock__imap_is(&type, "CAPABILITY"))
        return learn(m, op, &data);
    m->locked = m->locked || sock__imap_is(&type, "READ-ONLY");
    return sock__imap_keep(m, op, &type, &none, &data);
}

int sock__imap_heed(sock_imap_t *m, const char *op,
                    const struct sock__imap_response *r)
{
    if (r->verdict == SOCK__IMAP_BYE) {
        m->left = true;
        return m->leaving ? 0 : fail_bye(m, op, &r->rest);
    }
    if (r->number.n > 0 && sock__imap_is(&r->type, "EXISTS"))
        m->exists = r->value;
    if (sock__imap_is(&r->type, "CAPABILITY"))
        return learn(m, op, &r->rest);
    if (sock__imap_is(&r->type, "ENABLED"))
        note_enabled(m, r->rest);
    return note_code(m, op, r);
}

int sock__imap_note(sock_imap_t *m, const char *op,
                    const struct sock__imap_response *r)
{
    const struct sock__imap_taker *t = m->taker;

    if (sock__imap_heed(m, op, r) < 0)
        return -1;
    if (sock__imap_is(&r->type, "CAPABILITY"))
        return 0;
    if (t != NULL && (t->type == NULL || sock__imap_is(&r->type, t->type)))
        return t->take(m, op, r, t->arg);
    return sock__imap_keep(m, op, &r->type, &r->number, &r->rest);
}

/* Putting off */

/* Of one size on every processor, since a limit counts it. */
struct length {
    _Alignas(8) size_t n;
};

int sock__imap_put_off(sock_imap_t *m, const char *op,
                       const struct sock__imap_response *r, void *arg)
{
    struct sock__hoard *h = &m->late;
    const sock_sink_t sink = sock__hoard_sink(h);
    const struct length length = {m->in.used};
    size_t before = h->used;

    (void)r, (void)arg;
    h->most = m->session.limits.list;
    if (before <= h->most && sink.write(h, &length, sizeof length) == 0 &&
        sink.write(h, m->in.bytes, m->in.used) == 0)
        return 0;
    h->used = before;
    if (h->full || before > h->most)
        return no_room(m, op);
    sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return sock__session_failed(&m->session, op);
}

int sock__imap_take_late(sock_imap_t *m, const char *op,
                         struct sock__imap_response *r)
{
    struct sock__hoard *h = &m->late;
    struct length length;

    if (h->used == 0)
        return 0;
    const char *at = h->bytes + m->late_at;
    memcpy(&length, at, sizeof length);
    m->in.used = 0;
    m->in.most = length.n;
    m->literal = false;
    if (add(m, op, at + sizeof length, length.n) < 0)
        return -1;
    m->late_at += sizeof length + length.n;
    if (m->late_at == h->used) {
        sock__free(h->bytes);
        *h = (struct sock__hoard){0};
        m->late_at = 0;
    }
    return parse(m, op, r) < 0 ? -1 : 1;
}

/* What came of a command */

static int refused(sock_imap_t *m, const char *op, int code)
{
    char words[SOCK_ERROR_WORDS_MAX];

    snprintf(words, sizeof words, "%s%s%s", code == SOCK_IMAP_NO ? "NO" : "BAD",
             m->session.reply.used > 1 ? " " : "",
             sock_session_text(&m->session));
    sock__fail_saying(op, SOCK_E_REPLY, code, words);
    return sock__session_about(&m->session, op);
}

int sock__imap_conclude(sock_imap_t *m, const char *op,
                        const struct sock__imap_response *r)
{
    if (keep_text(m, op, &r->rest) < 0 || note_code(m, op, r) < 0)
        return -1;
    if (r->verdict == SOCK__IMAP_OK)
        return 0;
    return refused(m, op,
                   r->verdict == SOCK__IMAP_NO ? SOCK_IMAP_NO : SOCK_IMAP_BAD);
}

int sock__imap_hear(sock_imap_t *m, const char *op,
                    struct sock__imap_response *r)
{
    do {
        if (sock__imap_begin(m, op, r) < 0 || sock__imap_rest(m, op, r) < 0)
            return -1;
        if (r->form == SOCK__IMAP_UNTAGGED && sock__imap_note(m, op, r) < 0)
            return -1;
    } while (r->form == SOCK__IMAP_UNTAGGED && !m->left);
    return 0;
}

int sock__imap_finish(sock_imap_t *m, const char *op)
{
    struct sock__imap_response r;

    if (sock__imap_hear(m, op, &r) < 0)
        return -1;
    if (r.form == SOCK__IMAP_GO_ON)
        return sock__imap_broke(m, op, "unexpected response");
    return r.form == SOCK__IMAP_TAGGED ? sock__imap_conclude(m, op, &r) : 0;
}

int sock__imap_go_ahead(sock_imap_t *m, const char *op)
{
    struct sock__imap_response r;

    if (sock__imap_hear(m, op, &r) < 0)
        return -1;
    if (r.form == SOCK__IMAP_GO_ON)
        return 0;
    if (sock__imap_conclude(m, op, &r) < 0)
        return -1;
    return sock__imap_broke(m, op, "unexpected response");
}
