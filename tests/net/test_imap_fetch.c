/* SPDX-License-Identifier: MIT */
/* What is fetched: items of every form, from memory and by a sink, and what a
 * server may get wrong. */
#include <pysockc/timeout.h>

#include "imap.h"
#include "imap_script.h"

#define SELECTED IMAP_KNOWN, "* 3 EXISTS\r\n" IMAP_OK

/* A client that has asked for what is answered so. */
static sock_imap_t *fetched(const char *says)
{
    sock_imap_t *m = IMAP_MADE(SELECTED, says, IMAP_OK, IMAP_OK);
    check_ok(sock_imap_select(m, "INBOX", 0, NULL));
    check_ok(sock_imap_fetch(m, "1:*", "ALL"));
    return m;
}

/* Adds an item to a text: `message name=value`, with a letter for its kind. */
static void add_item(char *text, size_t size, const sock_imap_item_t *i)
{
    static const char kinds[] = "-anslx";
    size_t n = strlen(text);

    n += (size_t)snprintf(text + n, size - n, "%u %s=%c", i->message, i->name,
                          kinds[i->kind]);
    if (i->value == NULL)
        snprintf(text + n, size - n, "<%llu>;", (unsigned long long)i->length);
    else
        snprintf(text + n, size - n, "%s;", i->value);
    if (i->value != NULL)
        check_int(strlen(i->value), i->length);
    if (i->kind == SOCK_IMAP_NUMBER)
        check_int(strtoull(i->value, NULL, 10), i->number);
    else
        check_int(i->number, 0);
}

static const struct {
    const char *says, *items;
} good[] = {
    {"", ""},
    {"* 1 FETCH ()\r\n", ""},
    {"* 12 FETCH (UID 5)\r\n", "12 UID=n5;"},
    {"* 12 fetch ( uid  5 X  (a) )\r\n", "12 UID=n5;12 X=l(a);"},
    {"* 1 FETCH (FLAGS (\\Seen \\Answered) UID 4)\r\n",
     "1 FLAGS=l(\\Seen \\Answered);1 UID=n4;"},
    {"* 1 FETCH (FLAGS ())\r\n* 2 EXISTS\r\n* 2 FETCH (FLAGS ())\r\n",
     "1 FLAGS=l();2 FLAGS=l();"},
    {"* 1 FETCH (X NIL Y nil Z \"NIL\" A \"\" B atom)\r\n",
     "1 X=-;1 Y=-;1 Z=sNIL;1 A=s;1 B=aatom;"},
    {"* 1 FETCH (X \"a \\\"b\\\\ {3}\" Y 1)\r\n", "1 X=sa \"b\\ {3};1 Y=n1;"},
    {"* 1 FETCH (X \"{3}\")\r\n", "1 X=s{3};"},
    {"* 1 FETCH (X \"(\" Y (\")\" \"(\") Z ((a)(b (c))))\r\n",
     "1 X=s(;1 Y=l(\")\" \"(\");1 Z=l((a)(b (c)));"},
    {"* 1 FETCH (BODY[] {5}\r\nhello)\r\n", "1 BODY[]=shello;"},
    {"* 1 FETCH (body[Header.Fields (\"To\")]<0> ~{5+}\r\na\r\n)( UID 7)\r\n",
     "1 BODY[HEADER.FIELDS (\"TO\")]<0>=sa\r\n)(;1 UID=n7;"},
    {"* 1 FETCH (A {0}\r\n B {0}\r\n C {1}\r\nx D (a {3}\r\n)\"( b {0}\r\n)"
     " E 1)\r\n",
     "1 A=s;1 B=s;1 C=sx;1 D=l(a {3}\r\n)\"( b {0}\r\n);1 E=n1;"},
    {"* 1 FETCH (BODY[HEADER.FIELDS ({2}\r\nTo)] \"x\")\r\n",
     "1 BODY[HEADER.FIELDS ({2}\r\nTO)]=sx;"},
    {"* 1 FETCH (BODY[] {27}\r\nABCD1 OK done\r\n* BYE\r\n{3}\r\n)\r\n",
     "1 BODY[]=sABCD1 OK done\r\n* BYE\r\n{3}\r\n;"},
    {"* 1 FETCH (X 18446744073709551615 Y 18446744073709551616 Z 1a)\r\n",
     "1 X=n18446744073709551615;1 Y=a18446744073709551616;1 Z=a1a;"},
    {"* OK {3}\r\n* 1 FETCH (X 1)\r\n", "1 X=n1;"},
    {"* X (FETCH {3}\r\n)\r\n)\r\n* 1 FETCH (X 1)\r\n", NULL},
    {"* 1 FETCH\r\n* 2 FETCH x\r\n", ""},
    {"* 1 FETCH (X\"a 1)\r\n", "1 X\"A=n1;"},
    {"* FETCH (UID 5)\r\n* 1 X (UID 5)\r\n", ""},
    {"* 1 FETCH (BODY[HEADER.FIELDS (\"a]b c\")] \"x\")\r\n",
     "1 BODY[HEADER.FIELDS (\"A]B C\")]=sx;"},
    {"* 1 FETCH (ENVELOPE (NIL {2}\r\n\r\n ((\"a\" NIL {1}\r\nb \"c\"))))\r\n",
     "1 ENVELOPE=l(NIL {2}\r\n\r\n ((\"a\" NIL {1}\r\nb \"c\")));"},
};

/* All items in a text. Static. */
static const char *items_of(sock_imap_t *m)
{
    static char text[4096];
    sock_imap_item_t item;
    int more;

    text[0] = '\0';
    while ((more = sock_imap_next(m, &item)) > 0)
        add_item(text, sizeof text, &item);
    check_that(more == 0, "%s: %s", text, error_text());
    check_int(sock_imap_next(m, &item), 0);
    return text;
}

TEST(imap_fetch, items)
{
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char says[512];
        snprintf(says, sizeof says, "%s" IMAP_OK, good[i].says);
        imap_script.singly = i % 2;
        sock_imap_t *m = fetched(says);
        const char *items = items_of(m);
        if (good[i].items != NULL)
            check_str(items, good[i].items);
        else
            check(*items != '\0');
        check_ok(sock_imap_noop(m));
        imap_told(m, "$ SELECT INBOX\n$ FETCH 1:* ALL\n$ NOOP\n");
    }
}

static const char *const bad[] = {
    "* 1 FETCH (",
    "* 1 FETCH (UID",
    "* 1 FETCH (UID)",
    "* 1 FETCH (UID )",
    "* 1 FETCH (UID ) X 1)",
    "* 1 FETCH (UID 1",
    "* 1 FETCH (UID 1)x",
    "* 1 FETCH (UID 1) ",
    "* 1 FETCH (UID 1))",
    "* 1 FETCH (UID 1\"x\")",
    "* 1 FETCH (UID \"x\"1)",
    "* 1 FETCH (UID \"x)",
    "* 1 FETCH (X (a)",
    "* 1 FETCH (X (a \"b))",
    "* 1 FETCH (X (a)b)",
    "* 1 FETCH (X {1}\r\nab)",
    "* 1 FETCH ({1}\r\na 1)",
    "* 1 FETCH (X {1x}",
    "* 1 FETCH (UID 1) {3}\r\nabc",
    "* 1 FETCH (BODY[ 1)",
    "* 1 FETCH (X {99999999999}",
    "* 1 FETCH (X {18446744073709551616}",
    "* 1 FETCH (X (a {99999999999}",
    "+ x",
    "ABCD1 OK",
};

TEST(imap_fetch, what_is_no_list)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char says[512];
        sock_imap_item_t item;
        int more;
        snprintf(says, sizeof says, "%s\r\n" IMAP_OK, bad[i]);
        sock_imap_t *m = fetched(says);
        while ((more = sock_imap_next(m, &item)) > 0)
            continue;
        check_that(more < 0 && sock_last_error()->kind == SOCK_E_PROTOCOL,
                   "%s: %d, %s", bad[i], more, error_text());
        check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
        check(sock_imap_next(m, &item) < 0);
        imap_told(m, "$ SELECT INBOX\n$ FETCH 1:* ALL\n");
    }
}

TEST(imap_fetch, is_refused)
{
    sock_imap_item_t item;
    sock_imap_t *m = fetched("* 1 FETCH (UID 1)\r\n$ NO some are gone\r\n");
    check_int(sock_imap_next(m, &item), 1);
    check_fails(sock_imap_next(m, &item), SOCK_E_REPLY, SOCK_IMAP_NO,
                "fetch the server: FETCH 1:* ALL: NO some are gone");
    check_int(sock_imap_next(m, &item), 0);
    check_ok(sock_imap_noop(m));
    imap_told(m, "$ SELECT INBOX\n$ FETCH 1:* ALL\n$ NOOP\n");
}

TEST(imap_fetch, is_asked_for)
{
    static const char *const rows[][2] = {
        {"ALL", "ALL"},
        {"BODY[HEADER.FIELDS (TO FROM)]", "BODY[HEADER.FIELDS (TO FROM)]"},
        {"UID BODY[HEADER.FIELDS (TO)]", "(UID BODY[HEADER.FIELDS (TO)])"},
        {"(UID FLAGS)", "(UID FLAGS)"},
    };
    sock_imap_item_t item;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char told[256];
        sock_imap_t *m = IMAP_MADE(SELECTED, IMAP_OK, IMAP_OK);
        check_ok(sock_imap_select(m, "INBOX", 0, NULL));
        check_ok(sock_imap_uid(m, 1));
        check_int(sock_imap_next(m, &item), 0);
        check_ok(sock_imap_fetch(m, "1,3:*", rows[i][0]));
        check_int(sock_imap_next(m, &item), 0);
        check_fails(sock_imap_fetch(m, "x", "UID"), SOCK_E_VALUE, 0,
                    "fetch: not a set of messages");
        check_fails(sock_imap_fetch(m, "1", ""), SOCK_E_VALUE, 0,
                    "fetch: an argument is empty");
        check_fails(sock_imap_fetch(m, "1", "X {3}"), SOCK_E_VALUE, 0,
                    "fetch: an argument has a literal");
        snprintf(told, sizeof told, "$ SELECT INBOX\n$ UID FETCH 1,3:* %s\n",
                 rows[i][1]);
        imap_told(m, told);
    }
}

TEST(imap_fetch, another_command_passes_over_the_rest)
{
    sock_imap_item_t item;
    sock_imap_t *m =
        fetched("* 1 FETCH (UID 1 BODY[] {5}\r\nhello X (a {1}\r\nb))\r\n"
                "* 5 EXISTS\r\n* 2 FETCH (UID 2)\r\n$ NO but\r\n");
    check_int(sock_imap_next(m, &item), 1);
    check_ok(sock_imap_noop(m));
    check_int(sock_imap_next(m, &item), 0);
    sock_lines_t *l = check_made(sock_imap_response(m, "EXISTS"));
    check_int(l->count, 2);
    sock_lines_free(l);
    imap_told(m, "$ SELECT INBOX\n$ FETCH 1:* ALL\n$ NOOP\n");
}

/* Sinks */

struct taken {
    char bytes[4096];
    size_t n;
    size_t most;
    const sock_imap_item_t *item;
};

static int take(void *arg, const void *data, size_t n)
{
    struct taken *t = arg;

    check_str(t->item->name, "BODY[]");
    check_int(t->item->kind, SOCK_IMAP_STRING);
    check(t->item->value == NULL);
    if (n > t->most - t->n)
        return -1;
    memcpy(t->bytes + t->n, data, n);
    t->n += n;
    return 0;
}

static int count(void *arg, const void *data, size_t n)
{
    uint64_t *bytes = arg;
    (void)data;
    *bytes += n;
    return 0;
}

TEST(imap_fetch, to_a_sink)
{
    sock_imap_item_t item;
    struct taken t = {.most = 4096, .item = &item};
    const sock_sink_t sink = {take, &t}, none = {NULL, NULL};
    imap_script.singly = true;
    sock_imap_t *m =
        fetched("* 1 FETCH (UID 4 BODY[] {7}\r\nhe\r\nllo FLAGS (x {3}\r\nabc))"
                "\r\n* 2 FETCH (BODY[] \"\" X 1)\r\n"
                "* 3 FETCH (BODY[] {0}\r\n)\r\n* 4 FETCH (BODY[] "
                "{1}\r\n))\r\n" IMAP_OK);
    check_fails(sock_imap_next_to(m, &item, none), SOCK_E_TYPE, 0,
                "fetch: argument is NULL");
    char text[512] = "";
    while (sock_imap_next_to(m, &item, sink) > 0)
        add_item(text, sizeof text, &item);
    check_str(text, "1 UID=n4;1 BODY[]=s<7>;1 FLAGS=l(x {3}\r\nabc);"
                    "2 BODY[]=s;2 X=n1;3 BODY[]=s<0>;4 BODY[]=s<1>;");
    check_int(t.n, 8);
    check_bytes(t.bytes, "he\r\nllo)", 8);
    check_ok(sock_imap_noop(m));
    imap_told(m, "$ SELECT INBOX\n$ FETCH 1:* ALL\n$ NOOP\n");
}

/* A value that lies where a literal was announced in the response before. */
TEST(imap_fetch, no_literal_any_more)
{
    sock_imap_item_t item;
    uint64_t bytes = 0;
    const sock_sink_t sink = {count, &bytes};
    char text[512] = "";
    sock_imap_t *m =
        fetched("* 1 FETCH (BODY[] {3}\r\nabc)\r\n"
                "* 2 FETCH (UID 1234567890123456 BODY[] \"x\")\r\n" IMAP_OK);
    while (sock_imap_next_to(m, &item, sink) > 0)
        add_item(text, sizeof text, &item);
    check_str(text, "1 BODY[]=s<3>;2 UID=n1234567890123456;2 BODY[]=sx;");
    check_int(bytes, 3);
    imap_end(m);
}

/* Nor is what no one reads passed over without an end. */
TEST(imap_fetch, what_is_left)
{
    const sock_session_limits_t limits = {.size = sizeof limits, .list = 100};
    char says[512];
    sock_imap_item_t item;

    for (int large = 0; large < 2; large++) {
        snprintf(says, sizeof says, "* 1 FETCH (X 1 BODY[] {%d}\r\n%0*d)\r\n%s",
                 large ? 200 : 90, large ? 200 : 90, 0, IMAP_OK);
        sock_imap_t *m = fetched(says);
        check_ok(sock_session_set_limits(sock_imap_session(m), &limits));
        check_int(sock_imap_next(m, &item), 1);
        if (large)
            check_fails(sock_imap_noop(m), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                        "noop the server: FETCH 1:* ALL: too much is left of "
                        "what was fetched");
        else
            check_ok(sock_imap_noop(m));
        check_int(sock_imap_state(m),
                  large ? SOCK_IMAP_LOGOUT : SOCK_IMAP_SELECTED);
        imap_told(m, large ? "$ SELECT INBOX\n$ FETCH 1:* ALL\n"
                           : "$ SELECT INBOX\n$ FETCH 1:* ALL\n$ NOOP\n");
    }
}

/* What a trace function fails at is its own. */
static void fail_at_it(void *arg, char direction, const char *line, size_t n)
{
    int64_t when;
    (void)arg, (void)direction, (void)line, (void)n;
    check(sock_imap_internaldate("", &when) < 0);
}

TEST(imap_fetch, a_sink_that_refuses)
{
    sock_imap_item_t item;
    struct taken t = {.most = 3, .item = &item};
    const sock_sink_t sink = {take, &t};
    imap_script.singly = true;
    sock_imap_t *m =
        fetched("* 1 FETCH (BODY[] {7}\r\nhe\r\nllo UID 4)\r\n" IMAP_OK);
    check_ok(sock_session_set_trace(sock_imap_session(m), fail_at_it, NULL));
    check(sock_imap_next_to(m, &item, sink) < 0);
    check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
    check(t.n <= 3);
    check_int(sock_imap_next_to(m, &item, sink), 1);
    check_str(item.name, "UID");
    check_int(sock_imap_next_to(m, &item, sink), 0);
    check_ok(sock_imap_noop(m));
    imap_told(m, "$ SELECT INBOX\n$ FETCH 1:* ALL\n$ NOOP\n");
}

/* What ends, or is wrong, right behind what the sink got. */
TEST(imap_fetch, a_sink_and_no_more)
{
    static const struct {
        const char *says;
        int kind;
    } rows[] = {{"!* 1 FETCH (BODY[] {3}\r\nabc", SOCK_E_EOF},
                {"* 1 FETCH (BODY[] {3}\r\nabcd)\r\n", SOCK_E_PROTOCOL},
                {"!* X {3}\r\nab", SOCK_E_EOF}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sock_imap_item_t item;
        struct taken t = {.most = 9, .item = &item};
        imap_script.singly = false;
        sock_imap_t *m = fetched(rows[i].says);
        check_int(sock_imap_next_to(m, &item, (sock_sink_t){take, &t}), -1);
        check_int(sock_last_error()->kind, rows[i].kind);
        imap_end(m);
    }
}

/* A sink that has closed the client's socket. */
static int take_and_close(void *arg, const void *data, size_t n)
{
    (void)data, (void)n;
    check_ok(sock_close(arg));
    return 0;
}

TEST(imap_fetch, a_sink_that_closes)
{
    sock_imap_item_t item;
    imap_script.singly = false;
    sock_imap_t *m = fetched("* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n" IMAP_OK);
    check_int(sock_imap_next(m, &item), 1);
    sock_sink_t sink = {take_and_close,
                        sock_session_socket(sock_imap_session(m))};
    check_fails(sock_imap_next_to(m, &item, sink), SOCK_E_OS, EBADF,
                error_text());
    imap_end(m);
}

/* What is announced takes no memory until it comes, and a sink takes any. */
TEST(imap_fetch, announced_and_never_sent)
{
    static const char *const sizes[] = {
        "{67000000}", "{4294967296}", "{9223372036854775807}",
        "{18446744073709551615}", "{99999999999999999999999}"};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char says[512];
        sock_imap_item_t item;
        uint64_t bytes = 0;
        const sock_sink_t sink = {count, &bytes};
        snprintf(says, sizeof says, "!* 1 FETCH (BODY[] %s\r\nhello", sizes[i]);
        sock_imap_t *m = fetched(says);
        check_int(sock_imap_next_to(m, &item, sink), -1);
        check_int(sock_last_error()->kind, SOCK_E_EOF);
        check_int(bytes, 5);
        imap_end(m);
        m = fetched(says);
        check_int(sock_imap_next(m, &item), -1);
        check_int(sock_last_error()->kind,
                  i == 0 ? SOCK_E_EOF : SOCK_E_PROTOCOL);
        check(m->in.room < 100000); /* for what has come */
        imap_end(m);
    }
}

TEST(imap_fetch, limits)
{
    sock_session_limits_t limits = {.size = sizeof limits, .list = 64};
    sock_imap_item_t item;
    sock_imap_t *m = fetched("* 1 FETCH (A {20}\r\n12345678901234567890 B {30}"
                             "\r\n123456789012345678901234567890)\r\n" IMAP_OK);
    check_ok(sock_session_set_limits(sock_imap_session(m), &limits));
    check_int(sock_imap_next(m, &item), 1);
    check_fails(sock_imap_next(m, &item), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                "fetch the server: FETCH 1:* ALL: the response is too large");
    imap_end(m);
    m = IMAP_MADE(IMAP_KNOWN, "* 1 EXISTS\r\n* 2 EXISTS\r\n* 3 EXISTS\r\n"
                              "* 4 EXISTS\r\n" IMAP_OK);
    check_ok(sock_session_set_limits(sock_imap_session(m), &limits));
    check_fails(sock_imap_noop(m), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                "noop the server: NOOP: too much that was not asked for");
    imap_end(m);
    m = IMAP_MADE(IMAP_KNOWN, "* LIST () NIL aaaaaaaaaaaaaaaaaaaaaaaa\r\n"
                              "* LIST () NIL aaaaaaaaaaaaaaaaaaaaaaaa\r\n"
                              "* LIST () NIL aaaaaaaaaaaaaaaaaaaaaaaa\r\n");
    check_ok(sock_session_set_limits(sock_imap_session(m), &limits));
    check_null(sock_imap_list(m, "", "*"), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "list the server: LIST \"\" *: the list is too large");
    imap_end(m);
    m = IMAP_MADE(SELECTED, "* SEARCH 1 2 3 4 5 6 7 8 9\r\n"
                            "* SEARCH 1 2 3 4 5 6 7 8 9\r\n");
    check_ok(sock_imap_select(m, "INBOX", 0, NULL));
    check_ok(sock_session_set_limits(sock_imap_session(m), &limits));
    check_null(sock_imap_search(m, NULL, "ALL"), SOCK_E_PROTOCOL,
               SOCK_P_TOO_LARGE,
               "search the server: SEARCH ALL: the list is too large");
    imap_end(m);
}

/* What each takes beside its texts counts. */
TEST(imap_fetch, many_small_mailboxes)
{
    sock_session_limits_t limits = {.size = sizeof limits, .list = 1000};
    for (int n = 30; n <= 40; n += 10) {
        char says[1024] = "";
        for (int i = 0; i < n; i++)
            strcat(says, "* LIST () NIL a\r\n");
        sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, strcat(says, IMAP_OK));
        check_ok(sock_session_set_limits(sock_imap_session(m), &limits));
        sock_imap_list_t *l = sock_imap_list(m, "", "*");
        check_int(l != NULL ? l->count : 0, n == 30 ? 30 : 0);
        check(l != NULL || sock_last_error()->code == SOCK_P_TOO_LARGE);
        sock_imap_list_free(l);
        imap_end(m);
    }
}

TEST(imap_fetch, a_line_without_end)
{
    size_t n = (1 << 20) + 100;
    char *says = malloc(n + 1);
    memset(says, 'x', n);
    says[n] = '\0';
    memcpy(says, "* ", 2);
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, says);
    check_fails(sock_imap_noop(m), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                "noop the server: NOOP: line too long");
    imap_end(m);
    free(says);
}

TEST(imap_fetch, time_is_over)
{
    sock_imap_item_t item;
    sock_imap_t *m = fetched("* 1 FETCH (UID 1 BODY[] {5}\r\nhel");
    check_int(sock_imap_next(m, &item), 1);
    check_ok(sock_session_settimeout(sock_imap_session(m), 0.05));
    check_int(sock_imap_next(m, &item), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
    imap_end(m);
}

/* A whole conversation, of which a byte is missing, or too much */

static const char whole[] = IMAP_HELLO
    "ABCD0 OK [CAPABILITY " IMAP_CAPABILITIES "] in\r\n"
    "* LIST (\\X) \"/\" {3}\r\na b\r\nABCD1 OK done\r\n"
    "* 3 EXISTS\r\n* OK [UIDNEXT 4] x\r\nABCD2 OK [READ-WRITE] done\r\n"
    "* SEARCH 1 2\r\nABCD3 OK done\r\n"
    "* 1 FETCH (UID 5 FLAGS (\\Seen) BODY[] {5}\r\nhello E (a {1}\r\nb))\r\n"
    "ABCD4 OK done\r\n* STATUS x (MESSAGES 5)\r\nABCD5 OK done\r\n"
    "+ idling\r\n* 4 EXISTS\r\nABCD6 OK done\r\n* BYE bye\r\n";

/* Whether it goes well to the end. */
static bool converse(sock_imap_t *m)
{
    sock_imap_item_t item;
    sock_imap_event_t event;
    sock_imap_status_t status;

    memcpy(m->prefix, "ABCD", 4);
    sock_imap_login(m, "a", "b");
    sock_imap_list_free(sock_imap_list(m, "", "*"));
    sock_imap_select(m, "INBOX", 0, NULL);
    sock_imap_numbers_free(sock_imap_search(m, NULL, "ALL"));
    if (sock_imap_fetch(m, "1", "ALL") == 0)
        while (sock_imap_next(m, &item) > 0)
            continue;
    sock_imap_status(m, "x", "MESSAGES", &status);
    if (sock_imap_idle(m) == 0)
        sock_imap_idle_next(m, &event, 5);
    sock_imap_idle_done(m);
    return sock_imap_logout(m) == 0;
}

static bool converse_about(const char *bytes, size_t n)
{
    struct pair p = unix_pair(SOCK_STREAM);

    check_ok(sock_sendall(p.b, bytes, n, 0));
    check_ok(sock_shutdown(p.b, SHUT_WR));
    sock_imap_t *m = imap_over(p.a);
    bool well = m != NULL && converse(m);
    sock_imap_free(m);
    sock_free(p.b);
    return well;
}

TEST(imap_fetch, goes_away)
{
    sock_imap_item_t item;
    sock_imap_t *m = fetched("!* 1 FETCH (UID 1 X {5}\r\nab");
    check_int(sock_imap_next(m, &item), 1);
    check_int(sock_imap_next(m, &item), -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    check_fails(sock_imap_next(m, &item), SOCK_E_EOF, 0,
                "fetch: not connected");
    imap_told(m, "$ SELECT INBOX\n$ FETCH 1:* ALL\n");
}

/* Within the name of an item, and while another command passes over it. */
TEST(imap_fetch, goes_away_unread)
{
    sock_imap_item_t item;
    const char *says = "!* 1 FETCH (BODY[HEADER.FIELDS ({5}\r\nab";
    sock_imap_t *m = fetched(says);
    check_fails(sock_imap_next(m, &item), SOCK_E_EOF, 0,
                "fetch the server: FETCH 1:* ALL: Connection unexpectedly "
                "closed");
    imap_end(m);
    m = fetched(says);
    check_fails(sock_imap_noop(m), SOCK_E_EOF, 0,
                "noop the server: FETCH 1:* ALL: Connection unexpectedly "
                "closed");
    imap_told(m, "$ SELECT INBOX\n$ FETCH 1:* ALL\n");
}

/* Of what was not asked for there is no more, be the server there or not. */
TEST(imap_fetch, was_not_asked_for)
{
    sock_imap_item_t item;
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "!");
    check(sock_imap_noop(m) < 0);
    check_int(sock_imap_next(m, &item), 0);
    imap_told(m, "$ NOOP\n");
}

TEST(imap_fetch, cut_off_at_each_byte)
{
    size_t n = sizeof whole - 1;
    check(converse_about(whole, n));
    while (n-- > 0)
        check_that(!converse_about(whole, n), "%zu", n);
}

TEST(imap_fetch, a_byte_more_at_each_place)
{
    static const char added[] = {'\0', '\r', '\n', '{', '"', ')', '1', '\xff'};
    char bytes[sizeof whole];
    for (size_t i = 0; i < sizeof whole - 1; i++)
        for (size_t k = 0; k < sizeof added; k++) {
            memcpy(bytes, whole, i);
            bytes[i] = added[k];
            memcpy(bytes + i + 1, whole + i, sizeof whole - 1 - i);
            converse_about(bytes, sizeof whole);
        }
}

TEST(imap_fetch, each_byte_missing)
{
    char bytes[sizeof whole];
    for (size_t i = 0; i < sizeof whole - 1; i++) {
        memcpy(bytes, whole, i);
        memcpy(bytes + i, whole + i + 1, sizeof whole - 2 - i);
        converse_about(bytes, sizeof whole - 2);
    }
}

TEST(imap_fetch, byte_by_byte)
{
    imap_script.singly = true;
    sock_imap_t *m = check_made(imap_try_bytes(whole, sizeof whole - 1));
    check(converse(m));
    imap_end(m);
}

/* Each line twice: the second one answers nothing. */
TEST(imap_fetch, each_line_twice)
{
    char bytes[2 * sizeof whole];
    const char *end = whole + sizeof whole - 1, *next;
    for (const char *at = whole; at < end; at = next) {
        next = strchr(at, '\n') + 1;
        size_t n = (size_t)(next - whole);
        memcpy(bytes, whole, n);
        memcpy(bytes + n, at, sizeof whole - 1 - (size_t)(at - whole));
        converse_about(bytes, sizeof whole - 1 + (size_t)(next - at));
    }
}
