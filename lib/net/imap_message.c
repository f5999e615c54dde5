/* SPDX-License-Identifier: MIT */
/* Commands about the messages of the mailbox that is open, and into it. */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <string.h>

#include "imap.h"
#include "private.h"
#include "text.h"

enum { BLOCK = 16384 }; /* of a message that is sent */

int sock_imap_uid(sock_imap_t *m, int on)
{
    if (sock__need(m, "uid") < 0)
        return -1;
    m->by_uid = on != 0;
    return 0;
}

/* Finding */

static int no_room(sock_imap_t *m, const char *op, const struct sock__hoard *h)
{
    if (h->full)
        return sock__session_broke(&m->session, op, SOCK_P_TOO_LARGE,
                                   "the list is too large");
    sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return sock__session_failed(&m->session, op);
}

/* Whether a text is a number of a message. */
static bool read_number(const struct sock__piece *text, uint64_t *value)
{
    return sock__imap_number(text, value) && *value <= UINT32_MAX;
}

static int add_number(sock_imap_t *m, const char *op, struct sock__hoard *h,
                      uint64_t value)
{
    const uint32_t number = (uint32_t)value;

    return sock__hoard_sink(h).write(h, &number, sizeof number) == 0
               ? 0
               : no_room(m, op, h);
}

/* Adds numbers; what stands in parentheses behind them is passed over. */
static int take_numbers(sock_imap_t *m, const char *op, struct sock__piece text,
                        struct sock__hoard *h)
{
    struct sock__imap_token token;
    uint64_t value;

    while (sock__imap_next_token(&text, &token) == SOCK__IMAP_BARE) {
        if (!read_number(&token.text, &value))
            return sock__imap_broke(m, op, "not a number");
        if (add_number(m, op, h, value) < 0)
            return -1;
    }
    if (token.kind != SOCK__IMAP_END && token.kind != SOCK__IMAP_OPEN)
        return sock__imap_broke(m, op, "not a number");
    return 0;
}

/* Takes what lies before a character off a text, and the character: what is
 * left begins with none, or is NULL. */
static struct sock__piece take_up_to(struct sock__piece *text, char c)
{
    struct sock__piece taken = *text;
    const char *end = memchr(text->at, c, text->n);

    *text = (struct sock__piece){NULL, 0};
    if (end != NULL) {
        size_t n = (size_t)(end - taken.at);
        *text = (struct sock__piece){end + 1, taken.n - n - 1};
        taken.n = n;
    }
    return taken;
}

/* Adds the numbers of `7` or `2:5`, in whichever order its ends are; there may
 * be more than there is room for. */
static int add_range(sock_imap_t *m, const char *op, struct sock__hoard *h,
                     struct sock__piece last)
{
    struct sock__piece first = take_up_to(&last, ':');
    uint64_t from, to;

    if (last.at == NULL)
        last = first;
    if (!read_number(&first, &from) || !read_number(&last, &to))
        return sock__imap_broke(m, op, "not a number");
    uint64_t low = from < to ? from : to, high = from < to ? to : from;
    h->full = high - low >= (h->most - h->used) / sizeof(uint32_t);
    if (h->full)
        return no_room(m, op, h);
    for (; low <= high; low++)
        if (add_number(m, op, h, low) < 0)
            return -1;
    return 0;
}

/* Whether `(TAG "A1")`, which is taken off the text, names another command. */
static bool is_of_another(const sock_imap_t *m, struct sock__piece *text)
{
    struct sock__piece rest = *text, behind = *text;
    struct sock__imap_token token, all;

    if (sock__imap_next_token(&rest, &token) != SOCK__IMAP_OPEN ||
        sock__imap_next_token(&rest, &token) < SOCK__IMAP_BARE ||
        sock__imap_next_token(&rest, &token) < SOCK__IMAP_BARE ||
        !sock__imap_take_value(&behind, &all))
        return false;
    *text = behind;
    return token.text.n != strlen(m->tag) ||
           memcmp(token.text.at, m->tag, token.text.n) != 0;
}

/* Adds the numbers of `2,10:11`, which is taken off a text. */
static int take_set(sock_imap_t *m, const char *op, struct sock__piece *text,
                    struct sock__hoard *h)
{
    struct sock__imap_token token;

    if (sock__imap_next_token(text, &token) != SOCK__IMAP_BARE)
        return sock__imap_broke(m, op, "not a set of numbers");
    for (struct sock__piece set = token.text; set.at != NULL;)
        if (add_range(m, op, h, take_up_to(&set, ',')) < 0)
            return -1;
    return 0;
}

/* Adds the numbers that stand behind ALL; 1 if there is something else. */
static int take_results(sock_imap_t *m, const char *op, struct sock__piece text,
                        struct sock__hoard *h)
{
    struct sock__imap_token name, value;
    int more = 0;

    while (sock__imap_next_token(&text, &name) == SOCK__IMAP_BARE) {
        if (sock__imap_is(&name.text, "UID"))
            continue;
        if (sock__imap_is(&name.text, "ALL")) {
            if (take_set(m, op, &text, h) < 0)
                return -1;
        } else if (sock__imap_take_value(&text, &value)) {
            more = 1;
        } else {
            break;
        }
    }
    return name.kind == SOCK__IMAP_END
               ? more
               : sock__imap_broke(m, op, "not a result of a search");
}

/* IMAP4rev2, and who asks for it by RETURN, have ESEARCH (RFC 9051 7.3.4); what
 * such a one says besides is kept. */
static int take_found(sock_imap_t *m, const char *op,
                      const struct sock__imap_response *r, void *arg)
{
    struct sock__piece text = r->rest;
    int more = 1;

    if (sock__imap_is(&r->type, "SEARCH"))
        return take_numbers(m, op, text, arg);
    if (sock__imap_is(&r->type, "ESEARCH") && !is_of_another(m, &text))
        more = take_results(m, op, text, arg);
    return more > 0 ? sock__imap_keep(m, op, &r->type, &r->number, &r->rest)
                    : more;
}

static int search(sock_imap_t *m, const char *op, const char *charset,
                  const char *criteria, struct sock__hoard *h)
{
    const struct sock__imap_taker taker = {NULL, take_found, h};

    if (sock__imap_command_of_messages(m, op, "SEARCH") < 0)
        return -1;
    if (charset != NULL) {
        if (m->utf8)
            return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                     "Non-None charset not valid in UTF8 mode");
        sock__imap_add(m, "CHARSET");
        if (sock__imap_add_text(m, op, charset) < 0)
            return -1;
    }
    if (sock__imap_add_raw(m, op, criteria) < 0)
        return -1;
    return sock__imap_run_for(m, op, &taker);
}

sock_imap_numbers_t *sock_imap_search(sock_imap_t *m, const char *charset,
                                      const char *criteria)
{
    const char *op = "search";
    sock_imap_numbers_t head = {NULL, 0}, *list;
    struct sock__hoard h = {.most = 0};

    if (sock__need(m, op) < 0)
        return NULL;
    h.most = m->session.limits.list;
    h.most += h.most < SIZE_MAX - sizeof head ? sizeof head : 0;
    if (sock__hoard_sink(&h).write(&h, &head, sizeof head) != 0) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    if (search(m, op, charset, criteria, &h) < 0) {
        sock__free(h.bytes);
        return NULL;
    }
    list = (sock_imap_numbers_t *)(void *)h.bytes;
    list->numbers = (uint32_t *)(void *)(list + 1);
    list->count = (h.used - sizeof head) / sizeof(uint32_t);
    return list;
}

void sock_imap_numbers_free(sock_imap_numbers_t *list)
{
    sock__free(list);
}

/* Where the numbers end that count on from one. */
static size_t run_end(const sock_imap_numbers_t *list, size_t i)
{
    const uint32_t *n = list->numbers;

    while (i + 1 < list->count && n[i + 1] > n[i] && n[i + 1] - n[i] == 1)
        i++;
    return i;
}

static int add_runs(struct sock__text *t, const char *op,
                    const sock_imap_numbers_t *list)
{
    for (size_t i = 0; i < list->count; i++) {
        size_t end = run_end(list, i);
        if (list->numbers[i] == 0)
            return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                     "0 is the number of no message");
        sock__text_addf(t, "%s%" PRIu32, i > 0 ? "," : "", list->numbers[i]);
        if (end > i)
            sock__text_addf(t, ":%" PRIu32, list->numbers[end]);
        i = end;
    }
    return 0;
}

int sock_imap_set(char *buf, size_t size, const sock_imap_numbers_t *list)
{
    const char *op = "set";
    struct sock__text t;

    sock__text_clear(buf, size);
    if (sock__need(list, op) < 0 ||
        (list->count > 0 && sock__need(list->numbers, op) < 0) ||
        sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    if (add_runs(&t, op, list) == 0)
        return sock__text_finish(&t, op);
    sock__text_clear(buf, size);
    return -1;
}

/* Asking for them */

/* Whether a text has several words, but those in the brackets of one. */
static bool has_words(const char *text)
{
    int depth = 0;

    for (; *text != '\0' && (*text != ' ' || depth > 0); text++)
        depth += (*text == '[') - (*text == ']');
    return *text != '\0';
}

int sock_imap_fetch(sock_imap_t *m, const char *set, const char *items)
{
    const char *op = "fetch";

    if (sock__imap_command_of_messages(m, op, "FETCH") < 0 ||
        sock__imap_add_set(m, op, set) < 0 || sock__need(items, op) < 0)
        return -1;
    if ((has_words(items) ? sock__imap_add_list(m, op, items)
                          : sock__imap_add_raw(m, op, items)) < 0 ||
        sock__imap_send(m, op) < 0)
        return -1;
    m->fetch = (struct sock__imap_fetch){.running = true};
    return 0;
}

/* Changing them */

/* How flags are changed: FLAGS, with a sign before it and .SILENT behind it. */
static bool is_change(const char *command)
{
    struct sock__piece text = {command, strlen(command)};

    if (*command == '+' || *command == '-')
        text = (struct sock__piece){command + 1, text.n - 1};
    return sock__imap_is(&text, "FLAGS") ||
           sock__imap_is(&text, "FLAGS.SILENT");
}

int sock_imap_store(sock_imap_t *m, const char *set, const char *command,
                    const char *flags)
{
    const char *op = "store";

    if (sock__imap_command_of_messages(m, op, "STORE") < 0 ||
        sock__imap_add_set(m, op, set) < 0 || sock__need(command, op) < 0)
        return -1;
    if (!is_change(command))
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "not a change of flags");
    sock__imap_add(m, command);
    if (sock__imap_add_list(m, op, flags) < 0)
        return -1;
    return sock__imap_run(m, op);
}

static int copy(sock_imap_t *m, const char *op, const char *name,
                const char *set, const char *box)
{
    if (sock__imap_command_of_messages(m, op, name) < 0 ||
        sock__imap_add_set(m, op, set) < 0 ||
        sock__imap_add_box(m, op, box) < 0)
        return -1;
    return sock__imap_run(m, op);
}

int sock_imap_copy(sock_imap_t *m, const char *set, const char *box)
{
    return copy(m, "copy", "COPY", set, box);
}

int sock_imap_move(sock_imap_t *m, const char *set, const char *box)
{
    const char *op = "move";

    if (sock__need(m, op) < 0 || sock__session_need(&m->session, op) < 0)
        return -1;
    if (m->state == SOCK_IMAP_SELECTED && sock_imap_has(m, "MOVE") == 0 &&
        sock_imap_has(m, "IMAP4REV2") == 0)
        return sock__session_lacks(&m->session, op,
                                   "MOVE not supported by server");
    return copy(m, op, "MOVE", set, box);
}

int sock_imap_expunge(sock_imap_t *m, const char *set)
{
    const char *op = "expunge";

    if (set == NULL) {
        if (sock__imap_command(m, op, "EXPUNGE") < 0)
            return -1;
        return sock__imap_run(m, op);
    }
    if (sock__imap_command_of_messages(m, op, "EXPUNGE") < 0)
        return -1;
    if (!m->by_uid)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "a set is of UIDs (see uid)");
    if (sock__imap_add_set(m, op, set) < 0)
        return -1;
    return sock__imap_run(m, op);
}

/* Adding one */

/* What each CR, LF and CRLF of it is once they are CRLF. */
static uint64_t converted_size(const char *at, size_t n)
{
    uint64_t size = n;

    for (size_t i = 0; i < n; i++)
        if (at[i] == '\r' && i + 1 < n && at[i + 1] == '\n')
            i++;
        else if (at[i] == '\r' || at[i] == '\n')
            size++;
    return size;
}

/* Adds bytes, and sends what has become a block. */
static int add(sock_imap_t *m, const char *op, const void *bytes, size_t n)
{
    if (n > 0 && sock__session_add(&m->session, op, bytes, n) < 0)
        return -1;
    return m->session.out.used < BLOCK ? 0
                                       : sock__session_flush(&m->session, op);
}

static int send_converted(sock_imap_t *m, const char *op, const char *at,
                          size_t n)
{
    const char *end = at + n;

    while (at < end) {
        const char *from = at;
        while (at < end && at - from < BLOCK && *at != '\r' && *at != '\n')
            at++;
        if (add(m, op, from, (size_t)(at - from)) < 0)
            return -1;
        if (at == end || (*at != '\r' && *at != '\n'))
            continue;
        at += *at == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1;
        if (add(m, op, "\r\n", 2) < 0)
            return -1;
    }
    return 0;
}

static int send_source(sock_imap_t *m, const char *op, sock_source_t *source,
                       uint64_t size)
{
    char block[4096];
    const char *at;

    while (size > 0) {
        size_t most = size < sizeof block ? (size_t)size : sizeof block;
        ssize_t n = sock__source_get(source, op, block, most, &at);
        if (n == 0)
            sock__fail_saying(op, SOCK_E_VALUE, 0, "the source ended early");
        if (n <= 0)
            return sock__session_failed(&m->session, op);
        if (add(m, op, at, (size_t)n) < 0)
            return -1;
        size -= (uint64_t)n;
    }
    return 0;
}

static int send_message(sock_imap_t *m, const char *op, sock_source_t *source,
                        uint64_t size)
{
    int sent = source->read == NULL
                   ? send_converted(m, op, source->data, source->size)
                   : send_source(m, op, source, size);
    const char *end = m->utf8 ? ")\r\n" : "\r\n";
    if (sent < 0 || sock__session_add(&m->session, op, end, strlen(end)) < 0)
        return -1;
    return sock__session_flush(&m->session, op);
}

/* When it was received, in its quotes, with nothing before or behind. */
static int add_date(sock_imap_t *m, const char *op, const char *when)
{
    static const char form[] = "\"00-Jan-0000 00:00:00 +0000\"";
    int64_t moment;

    if (*when != '"' || strlen(when) != strlen(form) ||
        sock_imap_internaldate(when, &moment) < 0)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "not a date of IMAP in quotes");
    sock__imap_add(m, when);
    return 0;
}

static int add_arguments(sock_imap_t *m, const char *op, const char *box,
                         const char *flags, const char *when)
{
    if (sock__imap_add_box(m, op, box != NULL && *box != '\0' ? box : "INBOX") <
            0 ||
        (flags != NULL && *flags != '\0' &&
         sock__imap_add_list(m, op, flags) < 0) ||
        (when != NULL && *when != '\0' && add_date(m, op, when) < 0))
        return -1;
    return 0;
}

int sock_imap_append(sock_imap_t *m, const char *box, const char *flags,
                     const char *when, sock_source_t source, uint64_t size)
{
    const char *op = "append";

    if (sock__imap_command(m, op, "APPEND") < 0 ||
        add_arguments(m, op, box, flags, when) < 0 ||
        sock__source_need(&source, op) < 0)
        return -1;
    if (source.read == NULL)
        size = converted_size(source.data, source.size);
    sock__imap_announce(m, size, m->utf8);
    if (sock__imap_send_head(m, op) < 0 ||
        send_message(m, op, &source, size) < 0)
        return -1;
    return sock__imap_finish(m, op);
}
