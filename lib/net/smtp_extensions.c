/* SPDX-License-Identifier: MIT */
#include "smtp_extensions.h"

#include <string.h>

#include "chars.h"
#include "headers.h"

/* A line: the name, and what stands behind it. */
struct offer {
    struct sock__piece name, words;
};

/* How long the name is that a line begins with. */
static size_t name_size(const char *line, size_t n)
{
    size_t used = 0;

    while (used < n && (sock__is(line[used], SOCK__ALPHA | SOCK__DIGIT) ||
                        (used > 0 && line[used] == '-')))
        used++;
    return used;
}

static bool is_auth(const struct sock__piece *name)
{
    return sock__same_text(name->at, name->n, "auth", 4);
}

/* False: it is none. Servers of old had "AUTH=". */
static bool read_offer(const char *line, size_t n, struct offer *offer)
{
    size_t used = name_size(line, n);

    offer->name = (struct sock__piece){line, used};
    if (used == 0 || (used < n && line[used] != ' ' && line[used] != '\t' &&
                      !(line[used] == '=' && is_auth(&offer->name))))
        return false;
    used += used < n;
    offer->words = sock__trim(line + used, n - used);
    return true;
}

static void add_piece(struct sock__output *o, const struct sock__piece *p)
{
    sock__output_add(o, p->at, p->n);
    sock__output_add(o, "", 1);
}

/* Calls for each offer but those of AUTH, or for those alone. */
static bool each(struct sock__output *o, const char *reply, bool auth)
{
    bool any = false;

    for (const char *at = strchr(reply, '\n'); at != NULL;
         at = strchr(at, '\n')) {
        struct offer offer;
        size_t n = strcspn(++at, "\n");
        if (!read_offer(at, n, &offer) || is_auth(&offer.name) != auth)
            continue;
        if (!auth) {
            add_piece(o, &offer.name);
            add_piece(o, &offer.words);
        } else {
            sock__output_text(o, any ? " " : "");
            sock__output_add(o, offer.words.at, offer.words.n);
        }
        any = true;
    }
    return any;
}

/* The mechanisms of all lines are one list. */
bool sock__smtp_take_offers(struct sock__output *offers, const char *reply)
{
    struct sock__output *o = offers;

    o->used = 0;
    each(o, reply, false);
    size_t before = o->used;
    sock__output_add(o, "auth", sizeof "auth");
    if (each(o, reply, true))
        sock__output_add(o, "", 1);
    else
        o->used = before;
    bool taken = !o->lost;
    if (!taken)
        o->used = 0;
    o->lost = false;
    return taken;
}

const char *sock__smtp_offer(const struct sock__output *offers,
                             const char *name)
{
    const char *found = NULL;
    size_t size = strlen(name);

    for (size_t i = 0; i < offers->used;) {
        const char *at = offers->text + i;
        size_t n = strlen(at);
        if (sock__same_text(at, n, name, size))
            found = at + n + 1;
        i += n + 1 + strlen(at + n + 1) + 1;
    }
    return found;
}

bool sock__smtp_has_word(const char *words, const char *word)
{
    size_t size = strlen(word);

    while (words != NULL && *words != '\0') {
        size_t n = strcspn(words, " \t="), all = strcspn(words, " \t");
        if (sock__same_text(words, n, word, size))
            return true;
        words += all + strspn(words + all, " \t");
    }
    return false;
}
