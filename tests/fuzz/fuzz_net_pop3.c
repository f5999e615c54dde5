/* SPDX-License-Identifier: MIT */
/*
 * A client of POP3 whose kernel is this file: what a server says comes whole,
 * and then once more in pieces. What was made of it, and what was said to it,
 * must be the same each time, down to what is wrong with it.
 */
#include <pysockc/pop3.h>

#include "kernel.h"
#include "pop3.h"
#include "pop3_parse.h"

static const struct sock__protocol protocol = {
    .port = 110, .line = 200, .command = 1024, .numbering = SOCK__ONE_LINE};

static void tell_entries(sock_pop3_entries_t *list)
{
    if (list == NULL)
        return;
    tell_number(list->count);
    for (size_t i = 0; i < list->count; i++) {
        const sock_pop3_entry_t *e = &list->entries[i];
        claim(e->number <= INT64_MAX && e->octets <= INT64_MAX);
        tell_number(e->number);
        tell_number(e->octets);
        if (e->id != NULL) {
            claim(e->id[0] != '\0');
            for (const char *c = e->id; *c != '\0'; c++)
                claim(*c > ' ' && *c < 127);
            tell_text(e->id);
        }
    }
    sock_pop3_entries_free(list);
}

static int take(void *arg, const void *data, size_t n)
{
    (void)arg;
    claim(n > 0);
    tell(data, n);
    return 0;
}

static int take_next(void *arg, uint64_t number, const void *data, size_t n)
{
    uint64_t *last = arg;
    claim(number == *last || number == *last + 1);
    *last = number;
    if (n > 0)
        return take(NULL, data, n);
    claim(data == NULL);
    tell_number(number);
    return 0;
}

/* One of the calls. */
static bool call(sock_pop3_t *p, unsigned which)
{
    static sock_sasl_login_t login = {"user", "secret"};
    const sock_sink_t sink = {take, NULL};
    uint64_t count = 0, octets = 0, last = 0;
    sock_lines_t *lines = NULL;
    sock_pop3_entries_t *list = NULL;

    switch (which % 12) {
    case 0:
        lines = sock_pop3_capa(p);
        break;
    case 1:
        return sock_pop3_auth(p, "PLAIN", sock_sasl_password, &login) == 0;
    case 2:
        return sock_pop3_auth(p, "CRAM-MD5", sock_sasl_password, &login) == 0;
    case 3:
        if (sock_pop3_stat(p, &count, &octets) < 0)
            return false;
        claim(count <= INT64_MAX && octets <= INT64_MAX);
        tell_number(count);
        return true;
    case 4:
    case 5:
        list = sock_pop3_list(p, which % 2);
        break;
    case 6:
    case 7:
        list = sock_pop3_uidl(p, which % 2);
        break;
    case 8:
        lines = sock_pop3_retr(p, 1);
        break;
    case 9:
        return sock_pop3_top_to(p, 1, 2, sink) == 0;
    case 10:
        return sock_pop3_fetch(p, 1, 5, take_next, &last) == 0;
    default:
        return sock_pop3_noop(p) == 0;
    }
    bool good = lines != NULL || list != NULL;
    tell_lines(lines);
    tell_entries(list);
    return good;
}

static void converse(struct input in)
{
    sock_pop3_t *p = calloc(1, sizeof *p);
    unsigned calls[4];

    claim(p != NULL);
    for (size_t i = 0; i < 4; i++)
        calls[i] = next_byte(&in);
    sock_t *other = connect_to_kernel(&p->session, &protocol, in);
    for (size_t i = 0; i < 4; i++)
        tell_result(&p->session, call(p, calls[i]));
    sock_pop3_free(p);
    sock_free(other);
    wire = -1;
}

/* It is part of the text, between < and >, and has an @ in it. */
static void check_timestamp(const uint8_t *data, size_t size)
{
    char *text = copy_of(data, size);
    struct sock__piece stamp =
        sock__pop3_timestamp((struct sock__piece){text, size});
    if (stamp.n > 0) {
        claim(stamp.at >= text && stamp.at + stamp.n <= text + size);
        claim(stamp.at[0] == '<' && stamp.at[stamp.n - 1] == '>');
        claim(memchr(stamp.at, '@', stamp.n) != NULL);
        claim(memchr(stamp.at + 1, '<', stamp.n - 1) == NULL);
        for (size_t i = 0; i < stamp.n; i++)
            claim(stamp.at[i] > ' ' && stamp.at[i] < 127);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_timestamp(data, size);
    twice(converse, (struct input){data, size});
    return 0;
}
