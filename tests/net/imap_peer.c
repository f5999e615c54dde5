/* SPDX-License-Identifier: MIT */
/* A client of IMAP that imap_peers.py drives: see driven.h. "-" is NULL. */
#include "driven.h"

static sock_imap_t *m;

static const char *or_null(const char *word)
{
    return strcmp(word, "-") == 0 ? NULL : word;
}

static void begin(sock_imap_t *made)
{
    m = made;
    if (m == NULL)
        print_error();
    else
        print_result(sock_imap_state(m));
}

static void print_list(sock_imap_list_t *list)
{
    if (list == NULL) {
        print_error();
        return;
    }
    printf("[");
    for (size_t i = 0; i < list->count; i++) {
        printf("(");
        print_text(list->boxes[i].name);
        printf(", ");
        print_text(list->boxes[i].flags);
        printf(", ");
        print_text(list->boxes[i].delimiter);
        printf("), ");
    }
    printf("]");
    sock_imap_list_free(list);
}

static void print_numbers(sock_imap_numbers_t *list)
{
    if (list == NULL) {
        print_error();
        return;
    }
    printf("[");
    for (size_t i = 0; i < list->count; i++)
        printf("%" PRIu32 ", ", list->numbers[i]);
    printf("]");
    sock_imap_numbers_free(list);
}

static void print_status(const char *words[])
{
    sock_imap_status_t s;

    if (sock_imap_status(m, words[1], words[2], &s) < 0)
        print_error();
    else
        printf("{'MESSAGES': %" PRIu64 ", 'UNSEEN': %" PRIu64
               ", 'UIDNEXT': %" PRIu64 ", 'UIDVALIDITY': %" PRIu64 "}",
               s.messages, s.unseen, s.uidnext, s.uidvalidity);
}

static void print_select(const char *words[])
{
    uint32_t exists;

    if (sock_imap_select(m, words[1], (int)integer(words[2]), &exists) < 0)
        print_error();
    else
        printf("%" PRIu32, exists);
}

/* All items: (message, name, kind, value); what a sink took is the value. */
static void print_items(bool by_sink)
{
    struct kept k = {.n = 0};
    const sock_sink_t sink = {keep, &k};
    sock_imap_item_t i;
    int more;

    printf("[");
    while ((more = by_sink ? sock_imap_next_to(m, &i, sink)
                           : sock_imap_next(m, &i)) > 0) {
        printf("(%" PRIu32 ", ", i.message);
        print_text(i.name);
        printf(", %d, ", i.kind);
        if (i.value != NULL)
            print_bytes(i.value, (size_t)i.length);
        else
            print_kept(&k, 0);
        printf("), ");
    }
    if (more < 0)
        print_error();
    printf("]");
}

static void fetch(const char *words[])
{
    if (sock_imap_fetch(m, words[1], words[2]) < 0)
        print_error();
    else
        print_items(strcmp(words[3], "sink") == 0);
}

static void append(const char *words[])
{
    print_result(sock_imap_append(
        m, or_null(words[1]), or_null(words[2]), or_null(words[3]),
        sock_source_memory(words[4], strlen(words[4])), 0));
}

static void command(const char *words[])
{
    size_t n = 0;
    while (n < MOST_WORDS - 2 && *words[2 + n] != '\0')
        n++;
    print_result(sock_imap_command(m, words[1], words + 2, n));
}

static void next_event(const char *words[])
{
    sock_imap_event_t e;
    int more = sock_imap_idle_next(m, &e, strtod(words[1], NULL));

    if (more <= 0) {
        print_result(more);
        return;
    }
    printf("(");
    print_text(e.type);
    printf(", ");
    print_bytes(e.data, e.length);
    printf(")");
}

static void authenticate(const char *words[])
{
    void *arg;
    sock_sasl_fn fn = exchange_for(words[1], words[2], words[3], &arg);
    print_result(sock_imap_authenticate(m, words[1], fn, arg));
}

/* Who it is, and the connection. */
static bool call_first(const char *words[])
{
    const char *name = words[0];
    sock_session_opts_t opts = {.size = sizeof opts, .timeout = 20};

    if (strcmp(name, "new") == 0 || strcmp(name, "ssl") == 0) {
        sock_imap_free(m);
        m = NULL;
    }
    if (strcmp(name, "new") == 0)
        begin(sock_imap_new(words[1], (int)integer(words[2]), &opts));
    else if (strcmp(name, "ssl") == 0)
        begin(sock_imap_ssl_new(words[1], (int)integer(words[2]),
                                trusting(words[3]), &opts));
    else if (strcmp(name, "login") == 0)
        print_result(sock_imap_login(m, words[1], words[2]));
    else if (strcmp(name, "authenticate") == 0)
        authenticate(words);
    else if (strcmp(name, "starttls") == 0)
        print_result(sock_imap_starttls(m, trusting(words[1])));
    else if (strcmp(name, "enable") == 0)
        print_result(sock_imap_enable(m, words[1]));
    else if (strcmp(name, "has") == 0)
        print_result(sock_imap_has(m, words[1]));
    else if (strcmp(name, "state") == 0)
        print_result(sock_imap_state(m));
    else if (strcmp(name, "response") == 0)
        print_lines(sock_imap_response(m, words[1]));
    else if (strcmp(name, "noop") == 0)
        print_result(sock_imap_noop(m));
    else if (strcmp(name, "logout") == 0)
        print_result(sock_imap_logout(m));
    else
        return false;
    return true;
}

static bool call_boxes(const char *words[])
{
    const char *name = words[0];

    if (strcmp(name, "select") == 0)
        print_select(words);
    else if (strcmp(name, "close") == 0)
        print_result(sock_imap_close_box(m));
    else if (strcmp(name, "unselect") == 0)
        print_result(sock_imap_unselect(m));
    else if (strcmp(name, "status") == 0)
        print_status(words);
    else if (strcmp(name, "list") == 0)
        print_list(sock_imap_list(m, words[1], words[2]));
    else if (strcmp(name, "lsub") == 0)
        print_list(sock_imap_lsub(m, words[1], words[2]));
    else if (strcmp(name, "mailbox") == 0)
        print_result(
            sock_imap_mailbox(m, words[1], words[2], or_null(words[3])));
    else if (strcmp(name, "append") == 0)
        append(words);
    else if (strcmp(name, "command") == 0)
        command(words);
    else if (strcmp(name, "idle") == 0)
        print_result(sock_imap_idle(m));
    else if (strcmp(name, "next") == 0)
        next_event(words);
    else if (strcmp(name, "done") == 0)
        print_result(sock_imap_idle_done(m));
    else
        return false;
    return true;
}

static bool call_messages(const char *words[])
{
    const char *name = words[0];

    if (strcmp(name, "uid") == 0)
        print_result(sock_imap_uid(m, (int)integer(words[1])));
    else if (strcmp(name, "search") == 0)
        print_numbers(sock_imap_search(m, or_null(words[1]), words[2]));
    else if (strcmp(name, "fetch") == 0)
        fetch(words);
    else if (strcmp(name, "store") == 0)
        print_result(sock_imap_store(m, words[1], words[2], words[3]));
    else if (strcmp(name, "copy") == 0)
        print_result(sock_imap_copy(m, words[1], words[2]));
    else if (strcmp(name, "move") == 0)
        print_result(sock_imap_move(m, words[1], words[2]));
    else if (strcmp(name, "expunge") == 0)
        print_result(sock_imap_expunge(m, or_null(words[1])));
    else
        return false;
    return true;
}

static bool call(const char *words[])
{
    if (strcmp(words[0], "free") == 0) {
        sock_imap_free(m);
        m = NULL;
        printf("None");
        return true;
    }
    return call_first(words) || call_boxes(words) || call_messages(words) ||
           call_session(m != NULL ? sock_imap_session(m) : NULL, words);
}

int main(void)
{
    int status = drive(call);
    sock_imap_free(m);
    return status;
}
