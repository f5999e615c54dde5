/* SPDX-License-Identifier: MIT */
/*
 * Commands. One is put together whole before a byte of it is sent, so that an
 * argument which cannot be leaves the session as it was. Its lines are parted
 * by CRLF, which no argument has, and each but the last announces a literal.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "imap.h"
#include "imap_name.h"
#include "record.h"

enum {
    COMMAND_MAX = 64 * 1024, /* as the servers that take least */
    SMALL_LITERAL = 4096,    /* RFC 7888 5 */
    ROOM_BESIDE = 64         /* quotes, or what announces a literal */
};

/* States */

enum {
    NONAUTH = 1 << SOCK_IMAP_NONAUTH,
    AUTH = 1 << SOCK_IMAP_AUTH,
    SELECTED = 1 << SOCK_IMAP_SELECTED,
    LOGGED_IN = AUTH | SELECTED,
    ANY = NONAUTH | LOGGED_IN | 1 << SOCK_IMAP_LOGOUT
};

static const struct rule {
    char name[16];
    unsigned states;
} rules[] = {
    {"APPEND", LOGGED_IN},
    {"AUTHENTICATE", NONAUTH},
    {"CAPABILITY", ANY},
    {"CHECK", SELECTED},
    {"CLOSE", SELECTED},
    {"COPY", SELECTED},
    {"CREATE", LOGGED_IN},
    {"DELETE", LOGGED_IN},
    {"DELETEACL", LOGGED_IN},
    {"ENABLE", AUTH},
    {"EXAMINE", LOGGED_IN},
    {"EXPUNGE", SELECTED},
    {"FETCH", SELECTED},
    {"GETACL", LOGGED_IN},
    {"GETANNOTATION", LOGGED_IN},
    {"GETQUOTA", LOGGED_IN},
    {"GETQUOTAROOT", LOGGED_IN},
    {"IDLE", LOGGED_IN},
    {"LIST", LOGGED_IN},
    {"LOGIN", NONAUTH},
    {"LOGOUT", ANY},
    {"LSUB", LOGGED_IN},
    {"MOVE", SELECTED},
    {"MYRIGHTS", LOGGED_IN},
    {"NAMESPACE", LOGGED_IN},
    {"NOOP", ANY},
    {"PARTIAL", SELECTED},
    {"PROXYAUTH", AUTH},
    {"RENAME", LOGGED_IN},
    {"SEARCH", SELECTED},
    {"SELECT", LOGGED_IN},
    {"SETACL", LOGGED_IN},
    {"SETANNOTATION", LOGGED_IN},
    {"SETQUOTA", LOGGED_IN},
    {"SORT", SELECTED},
    {"STARTTLS", NONAUTH},
    {"STATUS", LOGGED_IN},
    {"STORE", SELECTED},
    {"SUBSCRIBE", LOGGED_IN},
    {"THREAD", SELECTED},
    {"UID", SELECTED},
    {"UNSELECT", SELECTED},
    {"UNSUBSCRIBE", LOGGED_IN},
};

/* What is not known may be said wherever commands may. */
static unsigned states_of(const char *name)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i].name, name) == 0)
            return rules[i].states;
    return ANY;
}

const char *sock__imap_state_name(int state)
{
    static const char *const names[] = {"LOGOUT", "NONAUTH", "AUTH", "SELECTED",
                                        "IDLING"};
    return names[state];
}

static int illegal(const sock_imap_t *m, const char *op, const char *name,
                   unsigned states)
{
    static const int order[] = {SOCK_IMAP_NONAUTH, SOCK_IMAP_AUTH,
                                SOCK_IMAP_SELECTED, SOCK_IMAP_LOGOUT};
    char words[SOCK_ERROR_WORDS_MAX];
    int n = snprintf(words, sizeof words,
                     "command %.40s illegal in state %s, only allowed in "
                     "states",
                     name, sock__imap_state_name(m->state));
    const char *before = " ";

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if ((states & 1U << order[i]) == 0)
            continue;
        n += snprintf(words + n, sizeof words - (size_t)n, "%s%s", before,
                      sock__imap_state_name(order[i]));
        before = ", ";
    }
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

/* Beginning */

static void add_char(sock_imap_t *m, char c)
{
    sock__output_add(&m->line, &c, 1);
}

/* Adds what may be seen. */
static void add_bytes(sock_imap_t *m, const char *bytes, size_t n)
{
    sock__output_add(&m->line, bytes, n);
    sock__output_add(&m->shown, bytes, n);
}

static void forget_line(sock_imap_t *m)
{
    if (m->secret)
        sock__wipe(m->line.text, m->line.used);
    m->line.used = m->shown.used = 0;
    m->line.lost = m->shown.lost = m->secret = false;
}

static int begin(sock_imap_t *m, const char *op, const char *name, bool by_uid)
{
    if (sock__need(m, op) < 0 || sock__session_need(&m->session, op) < 0)
        return -1;
    unsigned states = states_of(name);
    if ((states & 1U << m->state) == 0)
        return illegal(m, op, name, states);
    if (sock__imap_drain(m, op) < 0)
        return -1;
    forget_line(m);
    snprintf(m->tag, sizeof m->tag, "%s%" PRIu32, m->prefix, m->tags++);
    sock__output_text(&m->line, m->tag);
    add_char(m, ' ');
    add_bytes(m, "UID ", by_uid ? 4 : 0);
    add_bytes(m, name, strlen(name));
    return 0;
}

int sock__imap_command(sock_imap_t *m, const char *op, const char *name)
{
    return begin(m, op, name, false);
}

int sock__imap_command_of_messages(sock_imap_t *m, const char *op,
                                   const char *name)
{
    return begin(m, op, name, m != NULL && m->by_uid);
}

/* Arguments */

void sock__imap_add(sock_imap_t *m, const char *text)
{
    add_bytes(m, " ", 1);
    add_bytes(m, text, strlen(text));
}

static int check_line(const char *op, const char *text)
{
    if (sock__need(text, op) < 0)
        return -1;
    if (strpbrk(text, "\r\n") == NULL)
        return 0;
    return sock__fail_saying(
        op, SOCK_E_VALUE, 0,
        "command and arguments contain prohibited newline characters");
}

/* Whether literals of that size go without being waited for. */
static bool goes_at_once(const sock_imap_t *m, uint64_t size)
{
    if (sock_imap_has(m, "LITERAL+") > 0)
        return true;
    return size <= SMALL_LITERAL && (sock_imap_has(m, "LITERAL-") > 0 ||
                                     sock_imap_has(m, "IMAP4REV2") > 0);
}

static void add_announcement(sock_imap_t *m, uint64_t size, bool binary)
{
    char text[32];

    snprintf(text, sizeof text, "%s{%" PRIu64 "%s}", binary ? "~" : "", size,
             goes_at_once(m, size) ? "+" : "");
    sock__output_text(&m->line, text);
}

void sock__imap_announce(sock_imap_t *m, uint64_t size, bool utf8)
{
    sock__output_text(&m->line, utf8 ? " UTF8 (" : " ");
    add_announcement(m, size, utf8);
}

static void add_literal(sock_imap_t *m, const char *text, size_t n)
{
    add_announcement(m, n, false);
    sock__output_text(&m->line, "\r\n");
    sock__output_add(&m->line, text, n);
}

static void add_quoted(sock_imap_t *m, const char *text, size_t n)
{
    add_char(m, '"');
    for (; n > 0; n--, text++) {
        if (*text == '"' || *text == '\\')
            add_char(m, '\\');
        add_char(m, *text);
    }
    add_char(m, '"');
}

static bool is_high(const char *text, size_t n)
{
    for (; n > 0; n--, text++)
        if (sock__is(*text, SOCK__HIGH))
            return true;
    return false;
}

/* Quoted strings have characters of ASCII alone until the server has said that
 * it takes others. */
static void add_string(sock_imap_t *m, const char *text, size_t n)
{
    if (is_high(text, n) && !m->utf8)
        add_literal(m, text, n);
    else
        add_quoted(m, text, n);
}

/* Whether it is one word that needs no quotes. What stands for characters in a
 * pattern may be in it. */
static bool is_atom(const char *text, size_t n, bool pattern)
{
    if (n == 0 || sock__imap_is(&(struct sock__piece){text, n}, "NIL"))
        return false;
    for (; n > 0; n--, text++)
        if (sock__is(*text, SOCK__CONTROL | SOCK__SPACE | SOCK__HIGH) ||
            strchr("(){\"\\", *text) != NULL ||
            (!pattern && (*text == '*' || *text == '%')))
            return false;
    return true;
}

/* A text as it is written; the library's own notes have it in quotes. */
static void add_word(sock_imap_t *m, const char *text, size_t n, bool pattern)
{
    add_bytes(m, " ", 1);
    if (is_atom(text, n, pattern)) {
        add_bytes(m, text, n);
        return;
    }
    add_string(m, text, n);
    sock__output_text(&m->shown, "\"");
    sock__output_add(&m->shown, text, n);
    sock__output_text(&m->shown, "\"");
}

int sock__imap_add_text(sock_imap_t *m, const char *op, const char *text)
{
    if (check_line(op, text) < 0)
        return -1;
    add_word(m, text, strlen(text), false);
    return 0;
}

int sock__imap_add_secret(sock_imap_t *m, const char *op, const char *text)
{
    if (check_line(op, text) < 0)
        return -1;
    size_t n = strlen(text);
    m->secret = true;
    /* Where it is moved to make room, it would stay behind. */
    sock__output_reserve(&m->line, 2 * n + ROOM_BESIDE);
    add_char(m, ' ');
    add_string(m, text, n);
    sock__output_text(&m->shown, " ****");
    return 0;
}

/* Names of mailboxes */

static int bad_name(const char *op)
{
    return sock__fail_saying(op, SOCK_E_VALUE, 0,
                             "the name of a mailbox is not UTF-8");
}

static int no_memory(const char *op)
{
    return sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

/* Encodes a name into what no one else uses at that time: its length; -1 with
 * the error recorded. */
static ssize_t encode(sock_imap_t *m, const char *op, const char *name)
{
    struct sock__output *o = &m->scratch;
    struct sock__text t;
    size_t n = strlen(name);

    o->used = 0;
    for (int i = 0; i < 5; i++) /* a byte is five at most */
        sock__output_add(o, name, n);
    sock__output_add(o, "", 1);
    if (o->lost) {
        o->lost = false;
        return no_memory(op);
    }
    sock__text_begin(&t, op, o->text, o->used);
    if (sock__imap_encode(&t, name, n) < 0)
        return bad_name(op);
    return sock__text_finish(&t, op);
}

static bool is_utf8(const char *text)
{
    uint32_t code;
    int n = 1;

    for (const char *end = text + strlen(text); n > 0 && text < end; text += n)
        n = sock__utf8(text, (size_t)(end - text), &code);
    return n > 0;
}

static int add_name(sock_imap_t *m, const char *op, const char *name,
                    bool pattern)
{
    if (check_line(op, name) < 0)
        return -1;
    if (sock__imap_names_are_utf8(m)) {
        if (!is_utf8(name))
            return bad_name(op);
        add_word(m, name, strlen(name), pattern);
        return 0;
    }
    ssize_t n = encode(m, op, name);
    if (n < 0)
        return -1;
    add_word(m, m->scratch.text, (size_t)n, pattern);
    return 0;
}

int sock__imap_add_box(sock_imap_t *m, const char *op, const char *name)
{
    return add_name(m, op, name, false);
}

int sock__imap_add_pattern(sock_imap_t *m, const char *op, const char *name)
{
    return add_name(m, op, name, true);
}

/* What is the protocol's own */

static int bad_argument(const char *op, const char *words)
{
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

/* Behind the quoted string that begins here, which is added; NULL. */
static const char *add_quotes(sock_imap_t *m, const char *at)
{
    const char *from = at;

    for (at++; *at != '"'; at++) {
        at += at[0] == '\\' && at[1] != '\0';
        if (*at == '\0')
            return NULL;
    }
    struct sock__piece rest = {from, (size_t)(at + 1 - from)};
    struct sock__imap_token token;
    if (!is_high(from, rest.n) || m->utf8) {
        add_bytes(m, from, rest.n);
        return at + 1;
    }
    /* What it says is not longer than it is. */
    sock__imap_next_token(&rest, &token);
    m->scratch.used = 0;
    sock__output_add(&m->scratch, token.text.at, token.text.n);
    if (m->scratch.lost) {
        m->scratch.lost = false;
        m->line.lost = true;
        return at + 1;
    }
    add_literal(m, m->scratch.text,
                sock__imap_say_token(&token, m->scratch.text));
    sock__output_add(&m->shown, from, (size_t)(at + 1 - from));
    return at + 1;
}

static int add_checked(sock_imap_t *m, const char *op, const char *text)
{
    while (text != NULL && *text != '\0') {
        if (*text == '{')
            return bad_argument(op, "an argument has a literal");
        if (*text == '"') {
            text = add_quotes(m, text);
            continue;
        }
        size_t n = strcspn(text, "{\"");
        add_bytes(m, text, n);
        text += n;
    }
    return text != NULL ? 0 : bad_argument(op, "a quoted string does not end");
}

int sock__imap_add_raw(sock_imap_t *m, const char *op, const char *text)
{
    if (check_line(op, text) < 0)
        return -1;
    if (*text == '\0')
        return bad_argument(op, "an argument is empty");
    add_bytes(m, " ", 1);
    return add_checked(m, op, text);
}

int sock__imap_add_list(sock_imap_t *m, const char *op, const char *text)
{
    if (check_line(op, text) < 0)
        return -1;
    bool listed = *text == '(';
    add_bytes(m, " (", listed ? 1 : 2);
    if (add_checked(m, op, text) < 0)
        return -1;
    add_bytes(m, ")", listed ? 0 : 1);
    return 0;
}

int sock__imap_add_set(sock_imap_t *m, const char *op, const char *set)
{
    if (sock__need(set, op) < 0)
        return -1;
    if (*set == '\0' || set[strspn(set, "0123456789:*,$")] != '\0')
        return bad_argument(op, "not a set of messages");
    sock__imap_add(m, set);
    return 0;
}

/* Sending */

/* What may be seen of a line, which has a secret; nothing if memory lacks. */
static const char *shown_of(sock_imap_t *m, bool first)
{
    struct sock__output *o = &m->scratch;
    int saved = errno;

    if (!first)
        return "****";
    o->used = 0;
    sock__output_text(o, m->tag);
    sock__output_text(o, " ");
    sock__output_add(o, m->shown.text, m->shown.used);
    sock__output_add(o, "", 1);
    if (!o->lost)
        return o->text;
    o->lost = false;
    errno = saved;
    return "****";
}

void sock__imap_doing(sock_imap_t *m)
{
    sock__session_doing(&m->session, m->shown.text, m->shown.used);
}

static int say_line(sock_imap_t *m, const char *op, const char *line,
                    bool first)
{
    const char *const parts[] = {line, NULL};

    if (sock__session_say(&m->session, op, parts,
                          m->secret ? shown_of(m, first) : NULL) < 0)
        return first ? -1 : sock__session_failed(&m->session, op);
    sock__imap_doing(m);
    return 0;
}

/* Whether the literal that a line of a command announces, whatever stands
 * before that, waits for the server. */
static bool is_awaited(const char *line)
{
    return line[strlen(line) - 2] != '+';
}

static int await(sock_imap_t *m, const char *op)
{
    if (sock__session_flush(&m->session, op) < 0)
        return -1;
    return sock__imap_go_ahead(m, op);
}

/* Says all lines; whether to wait behind the last one is the caller's. */
static int say_lines(sock_imap_t *m, const char *op, char **last)
{
    char *line = m->line.text, *end;

    for (;; line = end + 2) {
        *last = line;
        end = strstr(line, "\r\n");
        if (end != NULL)
            *end = '\0';
        if (say_line(m, op, line, line == m->line.text) < 0)
            return -1;
        if (end == NULL)
            return 0;
        if (is_awaited(line) && await(m, op) < 0)
            return -1;
    }
}

int sock__imap_fits(sock_imap_t *m, const char *op)
{
    sock__output_reserve(&m->line, 1); /* for the NUL */
    if (m->line.lost || m->shown.lost)
        return no_memory(op);
    if (m->line.used >= COMMAND_MAX)
        return bad_argument(op, "the command is too long");
    return 0;
}

static int begin_saying(sock_imap_t *m, const char *op)
{
    if (sock__imap_fits(m, op) < 0)
        return -1;
    sock__output_add(&m->line, "", 1);
    sock__imap_ask(m);
    return 0;
}

int sock__imap_send(sock_imap_t *m, const char *op)
{
    char *last;
    int result = begin_saying(m, op);

    if (result == 0)
        result = say_lines(m, op, &last);
    forget_line(m);
    return result < 0 ? -1 : sock__session_flush(&m->session, op);
}

int sock__imap_send_head(sock_imap_t *m, const char *op)
{
    char *last;

    if (begin_saying(m, op) < 0 || say_lines(m, op, &last) < 0)
        return -1;
    return is_awaited(last) ? await(m, op) : 0;
}

int sock__imap_run(sock_imap_t *m, const char *op)
{
    return sock__imap_send(m, op) < 0 ? -1 : sock__imap_finish(m, op);
}

int sock__imap_run_for(sock_imap_t *m, const char *op,
                       const struct sock__imap_taker *taker)
{
    m->taker = taker;
    int result = sock__imap_run(m, op);
    m->taker = NULL;
    return result;
}
