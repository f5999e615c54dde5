/* SPDX-License-Identifier: MIT */
/* Commands about mailboxes. */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>

#include "imap.h"
#include "imap_name.h"
#include "private.h"

/* The one that is open */

/* Whether the server has answered no, which leaves none open. */
static bool was_refused(const sock_imap_t *m)
{
    return m->session.wire.sock != NULL &&
           sock_last_error()->kind == SOCK_E_REPLY;
}

int sock_imap_select(sock_imap_t *m, const char *box, int readonly,
                     uint32_t *exists)
{
    const char *op = "select";

    if (sock__imap_command(m, op, readonly ? "EXAMINE" : "SELECT") < 0 ||
        sock__imap_add_box(m, op, box) < 0 || sock__imap_fits(m, op) < 0)
        return -1;
    sock__imap_forget(m, NULL);
    m->locked = false;
    m->exists = 0;
    if (sock__imap_run(m, op) < 0) {
        if (was_refused(m))
            m->state = SOCK_IMAP_AUTH;
        return -1;
    }
    m->state = SOCK_IMAP_SELECTED;
    if (exists != NULL)
        *exists = m->exists;
    if (m->locked && !readonly)
        return sock__session_lacks(&m->session, op,
                                   "the mailbox is not writable");
    return 0;
}

/* Whatever the server says, as in Python. */
static int leave(sock_imap_t *m, const char *op, const char *name)
{
    if (sock__imap_command(m, op, name) < 0)
        return -1;
    int result = sock__imap_run(m, op);
    m->state = SOCK_IMAP_AUTH;
    return result;
}

int sock_imap_close_box(sock_imap_t *m)
{
    return leave(m, "close", "CLOSE");
}

int sock_imap_unselect(sock_imap_t *m)
{
    return leave(m, "unselect", "UNSELECT");
}

/* Their state */

static uint64_t *member(sock_imap_status_t *s, const struct sock__piece *name)
{
    const struct {
        const char *name;
        uint64_t *place;
    } members[] = {
        {"MESSAGES", &s->messages},
        {"RECENT", &s->recent},
        {"UNSEEN", &s->unseen},
        {"DELETED", &s->deleted},
        {"UIDNEXT", &s->uidnext},
        {"UIDVALIDITY", &s->uidvalidity},
        {"HIGHESTMODSEQ", &s->highestmodseq},
        {"SIZE", &s->size},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (sock__imap_is(name, members[i].name))
            return members[i].place;
    return NULL;
}

/* A name and a value after the other; what has another value is passed over. */
static int take_status(sock_imap_t *m, const char *op,
                       const struct sock__imap_response *r, void *arg)
{
    struct sock__piece text = r->rest;
    struct sock__imap_token token, value;

    if (sock__imap_next_token(&text, &token) < SOCK__IMAP_BARE ||
        sock__imap_next_token(&text, &token) != SOCK__IMAP_OPEN)
        return sock__imap_broke(m, op, "not a status");
    while (sock__imap_next_token(&text, &token) == SOCK__IMAP_BARE) {
        uint64_t *place = member(arg, &token.text), number;
        if (!sock__imap_take_value(&text, &value))
            return sock__imap_broke(m, op, "not a status");
        if (place != NULL && sock__imap_number(&value.text, &number))
            *place = number;
    }
    return token.kind == SOCK__IMAP_CLOSE
               ? 0
               : sock__imap_broke(m, op, "not a status");
}

int sock_imap_status(sock_imap_t *m, const char *box, const char *names,
                     sock_imap_status_t *status)
{
    const char *op = "status";
    sock_imap_status_t found = {0};
    const struct sock__imap_taker taker = {"STATUS", take_status, &found};

    if (sock__imap_command(m, op, "STATUS") < 0 ||
        sock__imap_add_box(m, op, box) < 0 ||
        sock__imap_add_list(m, op, names) < 0 || sock__need(status, op) < 0 ||
        sock__imap_run_for(m, op, &taker) < 0)
        return -1;
    *status = found;
    return 0;
}

/* Lists */

/* What a mailbox takes beside its texts, on every processor alike. */
enum { PLACE = 24 };

/* Mailboxes: three texts each, with a NUL behind it. */
struct boxes {
    struct sock__output text;
    size_t count;
};

/* Adds a NUL behind the last text. */
static void end_text(struct boxes *b)
{
    sock__output_add(&b->text, "", 1);
}

/* Adds what a word says: how many bytes. */
static size_t add_word(struct boxes *b, const struct sock__imap_token *t)
{
    struct sock__output *o = &b->text;
    size_t from = o->used, n = 0;

    sock__output_add(o, t->text.at, t->text.n);
    if (!o->lost)
        n = sock__imap_say_token(t, o->text + from);
    o->used = from + n;
    return n;
}

/* Adds a name, decoded where it can be: that is longer by an eighth at most. */
static void add_name(struct boxes *b, const struct sock__imap_token *t,
                     bool utf8)
{
    struct sock__output *o = &b->text;
    struct sock__text text;
    size_t from = o->used, n = add_word(b, t);

    if (o->lost || utf8)
        return;
    sock__output_add(o, t->text.at, t->text.n);
    sock__output_add(o, t->text.at, t->text.n);
    sock__output_add(o, "", 1);
    if (o->lost)
        return;
    /* It is put behind what it is read from. */
    sock__text_begin(&text, "list", o->text + from + n, o->used - from - n);
    if (sock__imap_decode(&text, o->text + from, n) == 0) {
        size_t length = (size_t)sock__text_end(&text);
        memmove(o->text + from, o->text + from + n, length);
        n = length;
    }
    o->used = from + n;
}

/* The flags, with a blank between, up to the parenthesis that ends them. */
static bool add_flags(struct boxes *b, struct sock__piece *text)
{
    struct sock__imap_token t;
    bool first = true;

    if (sock__imap_next_token(text, &t) != SOCK__IMAP_OPEN)
        return false;
    while (sock__imap_next_token(text, &t) == SOCK__IMAP_BARE) {
        sock__output_add(&b->text, " ", first ? 0 : 1);
        add_word(b, &t);
        first = false;
    }
    end_text(b);
    return t.kind == SOCK__IMAP_CLOSE;
}

static bool add_delimiter(struct boxes *b, struct sock__piece *text)
{
    struct sock__imap_token t;

    if (sock__imap_next_token(text, &t) < SOCK__IMAP_BARE)
        return false;
    if (!sock__imap_is_nil(&t))
        add_word(b, &t);
    end_text(b);
    return true;
}

static bool add_box(struct boxes *b, struct sock__piece text, bool utf8)
{
    struct sock__imap_token t;

    if (memchr(text.at, '\0', text.n) != NULL || !add_flags(b, &text) ||
        !add_delimiter(b, &text) ||
        sock__imap_next_token(&text, &t) < SOCK__IMAP_BARE)
        return false;
    add_name(b, &t, utf8);
    end_text(b);
    b->count++;
    return true;
}

static int take_box(sock_imap_t *m, const char *op,
                    const struct sock__imap_response *r, void *arg)
{
    struct boxes *b = arg;

    if (b->text.used + b->count * PLACE + r->rest.n > m->session.limits.list)
        return sock__session_broke(&m->session, op, SOCK_P_TOO_LARGE,
                                   "the list is too large");
    if (!add_box(b, r->rest, sock__imap_names_are_utf8(m)))
        return sock__imap_broke(m, op, "not a mailbox");
    if (!b->text.lost)
        return 0;
    sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return sock__session_failed(&m->session, op);
}

static const char *next_text(char **at)
{
    const char *text = *at;
    *at += strlen(text) + 1;
    return text;
}

static sock_imap_list_t *list_of(const char *op, const struct boxes *b)
{
    size_t n = b->count * sizeof(sock_imap_box_t);
    sock_imap_list_t *made = malloc(sizeof *made + n + b->text.used + 1);

    if (made == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    sock_imap_box_t *boxes = (sock_imap_box_t *)(made + 1);
    char *at = (char *)(boxes + b->count);
    if (b->text.used > 0)
        memcpy(at, b->text.text, b->text.used);
    for (size_t i = 0; i < b->count; i++) {
        boxes[i].flags = next_text(&at);
        boxes[i].delimiter = next_text(&at);
        boxes[i].name = next_text(&at);
    }
    *made = (sock_imap_list_t){boxes, b->count};
    return made;
}

static sock_imap_list_t *list(sock_imap_t *m, const char *op, const char *name,
                              const char *directory, const char *pattern)
{
    struct boxes b = {0};
    const struct sock__imap_taker taker = {name, take_box, &b};
    sock_imap_list_t *found = NULL;

    if (sock__imap_command(m, op, name) == 0 &&
        sock__imap_add_box(m, op, directory) == 0 &&
        sock__imap_add_pattern(m, op, pattern) == 0 &&
        sock__imap_run_for(m, op, &taker) == 0)
        found = list_of(op, &b);
    sock__free(b.text.text);
    return found;
}

sock_imap_list_t *sock_imap_list(sock_imap_t *m, const char *directory,
                                 const char *pattern)
{
    return list(m, "list", "LIST", directory, pattern);
}

sock_imap_list_t *sock_imap_lsub(sock_imap_t *m, const char *directory,
                                 const char *pattern)
{
    return list(m, "lsub", "LSUB", directory, pattern);
}

void sock_imap_list_free(sock_imap_list_t *list)
{
    sock__free(list);
}

/* Any other */

/* What Python's method of that is called, and the verb in capitals. */
static const struct verb {
    char name[16], op[16];
} verbs[] = {
    {"CREATE", "create"},           {"DELETE", "delete"},
    {"RENAME", "rename"},           {"SUBSCRIBE", "subscribe"},
    {"UNSUBSCRIBE", "unsubscribe"}, {"GETACL", "getacl"},
    {"MYRIGHTS", "myrights"},       {"GETQUOTAROOT", "getquotaroot"},
};

static const struct verb *find_verb(const char *name)
{
    const struct sock__piece text = {name, strlen(name)};

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (sock__imap_is(&text, verbs[i].name))
            return &verbs[i];
    sock__fail_saying("mailbox", SOCK_E_VALUE, 0,
                      "not a command about a mailbox");
    return NULL;
}

int sock_imap_mailbox(sock_imap_t *m, const char *verb, const char *box,
                      const char *other)
{
    const struct verb *v;

    if (sock__need(m, "mailbox") < 0 || sock__need(verb, "mailbox") < 0 ||
        (v = find_verb(verb)) == NULL ||
        sock__imap_command(m, v->op, v->name) < 0 ||
        sock__imap_add_box(m, v->op, box) < 0)
        return -1;
    bool renames = strcmp(v->name, "RENAME") == 0;
    if (!renames && other != NULL)
        return sock__fail_saying(v->op, SOCK_E_VALUE, 0,
                                 "only RENAME has another name");
    if (renames && sock__imap_add_box(m, v->op, other) < 0)
        return -1;
    return sock__imap_run(m, v->op);
}
