/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/imap.h>
#include <pysockc/pysockc.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The other side: an account with a few mailboxes. */

#define CAN "IMAP4rev1 IDLE MOVE UIDPLUS ENABLE SASL-IR AUTH=PLAIN"
#define MESSAGE "Subject: one\r\n\r\nHello\r\n"

static const char *const answers[][2] = {
    {"LOGIN", "$ OK [CAPABILITY " CAN "] welcome\r\n"},
    {"AUTHENTICATE", "$ OK [CAPABILITY " CAN "] welcome\r\n"},
    {"SELECT", "* 3 EXISTS\r\n$ OK [READ-WRITE] done\r\n"},
    {"EXAMINE", "* 3 EXISTS\r\n$ OK [READ-ONLY] done\r\n"},
    {"SEARCH", "* SEARCH 1 3\r\n$ OK done\r\n"},
    {"UID SEARCH", "* SEARCH 101 103\r\n$ OK done\r\n"},
    {"FETCH 1:2", "* 1 FETCH (BODY[] {23}\r\n" MESSAGE ")\r\n"
                  "* 2 FETCH (BODY[] {23}\r\n" MESSAGE ")\r\n$ OK done\r\n"},
    {"FETCH 1,3", "* 1 FETCH (UID 101 FLAGS (\\Seen))\r\n"
                  "* 3 FETCH (UID 103 FLAGS ())\r\n$ OK done\r\n"},
    {"FETCH 1 ", "* 1 FETCH (RFC822.SIZE 23 BODY[] {23}\r\n" MESSAGE ")\r\n"
                 "$ OK done\r\n"},
    {"LIST", "* LIST (\\HasNoChildren) \"/\" INBOX\r\n"
             "* LIST (\\Drafts) \"/\" Entw&APw-rfe\r\n$ OK done\r\n"},
    {"LSUB", "* LSUB () \"/\" INBOX\r\n$ OK done\r\n"},
    {"STATUS INBOX", "* STATUS INBOX (MESSAGES 3 UNSEEN 1)\r\n$ OK done\r\n"},
    {"STATUS", "* STATUS x (MESSAGES 0 UNSEEN 0)\r\n$ OK done\r\n"},
    {"CREATE", "$ NO [ALREADYEXISTS] Mailbox exists\r\n"},
    {"STORE", "* 3 FETCH (FLAGS (\\Seen \\Deleted))\r\n$ OK done\r\n"},
    {"EXPUNGE", "* 3 EXPUNGE\r\n$ OK done\r\n"},
    {"ENABLE", "* ENABLED UTF8=ACCEPT\r\n$ OK done\r\n"},
    {"NAMESPACE", "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n$ OK done\r\n"},
    {"IDLE", "+ idling\r\n* 4 EXISTS\r\n"},
    {"NOOP", "$ OK done\r\n"},
    {"LOGOUT", "* BYE see you\r\n$ OK done\r\n"},
    {"", "$ OK done\r\n"}};

static const char *answer_to(const char *command)
{
    int i = 0;
    while (strncmp(command, answers[i][0], strlen(answers[i][0])) != 0)
        i++;
    return answers[i][1];
}

/* With the tag in the place of $. */
static int say(sock_t *s, const char *text, const char *tag)
{
    char all[512];
    const char *at = strchr(text, '$');
    int before = at != NULL ? (int)(at - text) : (int)strlen(text);
    int n = snprintf(all, sizeof all, "%.*s%s%s", before, text,
                     at != NULL ? tag : "", at != NULL ? at + 1 : "");
    return sock_sendall(s, all, (size_t)n, 0);
}

/* Hears the bytes of a literal, if the line ends in the size of one. */
static const char *hear_literal(sock_t *s, FILE *f, char *line)
{
    char *brace = strrchr(line, '{');
    size_t n = brace != NULL ? strtoul(brace + 1, NULL, 10) : 0;

    if (brace == NULL)
        return NULL;
    say(s, "+ go on\r\n", "");
    while (n-- > 0)
        getc(f);
    if (fgets(line, 512, f) == NULL)
        return NULL;
    return "$ OK [APPENDUID 7 104] done\r\n";
}

static void converse(sock_t *s, FILE *f)
{
    char line[512], tag[32] = "";

    say(s, "* OK [CAPABILITY " CAN "] ready\r\n", "");
    while (fgets(line, sizeof line, f) != NULL) {
        char *command = strchr(line, ' ');
        if (command != NULL)
            snprintf(tag, sizeof tag, "%.*s", (int)(command - line), line);
        const char *answer = hear_literal(s, f, line);
        if (answer == NULL)
            answer = answer_to(command != NULL ? command + 1 : "DONE");
        if (say(s, answer, tag) == -1)
            break;
    }
}

static void *serve(void *arg)
{
    sock_t *s;

    while ((s = sock_accept(arg, NULL)) != NULL) {
        FILE *f = sock_makefile(s, "r");
        if (f != NULL) {
            converse(s, f);
            fclose(f);
        }
        sock_free(s);
    }
    return NULL;
}

/* What the reference shows */

//! [imap]
static int show(sock_imap_t *m, const sock_imap_numbers_t *found)
{
    sock_imap_item_t is;
    char set[4096];
    int more;

    sock_imap_set(set, sizeof set, found); /* 1,3 */
    if (sock_imap_fetch(m, set, "UID FLAGS") == -1)
        return -1;
    while ((more = sock_imap_next(m, &is)) == 1)
        printf("%" PRIu32 ": %s %s\n", is.message, is.name, is.value);
    return more;
}

static int what_is_new(const char *host, int port, const char *user,
                       const char *password)
{
    sock_imap_t *m = sock_imap_new(host, port, NULL);
    sock_imap_numbers_t *found = NULL;
    uint32_t exists;
    int result = -1;

    if (m != NULL && sock_imap_login(m, user, password) == 0 &&
        sock_imap_select(m, "INBOX", 1, &exists) == 0 &&
        (found = sock_imap_search(m, NULL, "SINCE 1-Jan-2026")) != NULL) {
        printf("%" PRIu32 " messages, %zu found\n", exists, found->count);
        result = found->count > 0 ? show(m, found) : 0;
    }
    if (result == -1 || sock_imap_logout(m) == -1)
        sock_perror(NULL);
    sock_imap_numbers_free(found);
    sock_imap_free(m);
    return result;
}
/* -> 3 messages, 2 found
   -> 1: UID 101
   -> 1: FLAGS (\Seen)
   -> 3: UID 103
   -> 3: FLAGS () */
//! [imap]

static void over_tls(void)
{
    //! [ssl]
    sock_imap_t *m = sock_imap_ssl_new("example.org", 0, NULL, NULL);
    if (m == NULL) /* as sock_ssl_init() was not called */
        sock_perror(NULL);
    /* -> IMAP4_SSL: TLS needs sock_ssl_init() ... */
    sock_imap_free(m);
    //! [ssl]
}

static void over_a_socket(sock_t *sock)
{
    //! [adopt]
    sock_imap_t *m = sock_imap_adopt(sock, NULL);
    if (m == NULL) {
        sock_perror(NULL); /* -> IMAP4_stream the server: ... closed */
        sock_free(sock);
    }
    sock_imap_free(m);
    //! [adopt]
}

static void about_it(sock_imap_t *m)
{
    //! [session]
    sock_session_settimeout(sock_imap_session(m), 30);
    if (sock_imap_state(m) == SOCK_IMAP_NONAUTH)
        puts("who is it?"); /* -> who is it? */
    if (sock_imap_has(m, "IDLE") == 1)
        puts("it says what is new"); /* -> it says what is new */
    //! [session]
    //! [starttls]
    if (sock_imap_starttls(m, NULL) == -1)
        sock_perror(NULL);
    /* -> starttls 127.0.0.1: TLS not supported by server */
    //! [starttls]
    //! [authenticate]
    sock_sasl_login_t who = {"mrose", "tanstaaf"};
    if (sock_imap_authenticate(m, "PLAIN", sock_sasl_password, &who) == 0)
        puts("welcome"); /* -> welcome */
    //! [authenticate]
}

static void mailboxes(sock_imap_t *m)
{
    //! [list]
    sock_imap_list_t *l = sock_imap_list(m, "", "*");
    sock_imap_status_t is;
    for (size_t i = 0; l != NULL && i < l->count; i++) {
        const char *name = l->boxes[i].name;
        if (sock_imap_status(m, name, "MESSAGES UNSEEN", &is) == 0)
            printf("%s %s: %" PRIu64 ", %" PRIu64 " not seen\n", name,
                   l->boxes[i].flags, is.messages, is.unseen);
    }
    /* -> INBOX \HasNoChildren: 3, 1 not seen
       -> Entwürfe \Drafts: 0, 0 not seen */
    sock_imap_list_free(l);

    l = sock_imap_lsub(m, "", "%");
    if (l != NULL)
        printf("%zu of them\n", l->count); /* -> 1 of them */
    sock_imap_list_free(l);
    //! [list]

    //! [mailbox]
    if (sock_imap_mailbox(m, "CREATE", "Entwürfe", NULL) == -1)
        sock_perror(NULL);
    /* -> create 127.0.0.1: CREATE Entw&APw-rfe: NO [ALREADYEXISTS] ... */
    sock_imap_mailbox(m, "RENAME", "old", "new");
    //! [mailbox]

    //! [append]
    const char *text = "Subject: two\n\nBye\n";
    char when[SOCK_IMAP_TIME_MAX];
    sock_imap_time(when, sizeof when, time(NULL));
    sock_source_t message = sock_source_memory(text, strlen(text));
    if (sock_imap_append(m, "INBOX", "\\Seen", when, message, 0) == 0) {
        sock_lines_t *uid = sock_imap_response(m, "APPENDUID");
        if (uid != NULL && uid->count == 1)
            puts(uid->lines[0].text); /* -> 7 104 */
        sock_lines_free(uid);
    }
    //! [append]
}

static void messages(sock_imap_t *m)
{
    sock_imap_select(m, "INBOX", 0, NULL);
    //! [uid]
    sock_imap_uid(m, 1);
    sock_imap_numbers_t *uids = sock_imap_search(m, NULL, "UNSEEN");
    for (size_t i = 0; uids != NULL && i < uids->count; i++)
        printf("%" PRIu32 "\n", uids->numbers[i]);
    /* -> 101
       -> 103 */
    sock_imap_numbers_free(uids);
    sock_imap_uid(m, 0);
    //! [uid]

    //! [next_to]
    sock_imap_item_t item;
    sock_sink_t out = sock_sink_fd(STDOUT_FILENO);
    sock_imap_fetch(m, "1", "RFC822.SIZE BODY.PEEK[]");
    while (sock_imap_next_to(m, &item, out) == 1)
        if (item.value != NULL)
            printf("%s: %s\n", item.name, item.value);
    /* -> RFC822.SIZE: 23
       -> Subject: one
       ->
       -> Hello */
    //! [next_to]

    //! [store]
    sock_imap_copy(m, "1", "Archive");
    sock_imap_move(m, "2", "Archive");
    sock_imap_store(m, "3", "+FLAGS", "\\Deleted");
    if (sock_imap_expunge(m, NULL) == 0)
        puts("gone"); /* -> gone */
    //! [store]
}

//! [files]
struct letter {
    sock_imap_item_t item; /* is filled before the first write */
    FILE *file;
};

static int write_letter(void *arg, const void *data, size_t n)
{
    struct letter *to = arg;
    char name[32];

    if (to->file == NULL) {
        snprintf(name, sizeof name, "%" PRIu32 ".eml", to->item.message);
        to->file = fopen(name, "w");
    }
    return to->file != NULL && fwrite(data, 1, n, to->file) == n ? 0 : -1;
}

/* Each message into a file of its own: 1.eml, 2.eml */
static int save(sock_imap_t *m, const char *set)
{
    struct letter to = {.file = NULL};
    sock_sink_t sink = {write_letter, &to};
    int more = sock_imap_fetch(m, set, "BODY.PEEK[]") == 0 ? 1 : -1;

    while (more == 1) {
        more = sock_imap_next_to(m, &to.item, sink);
        if (to.file != NULL && fclose(to.file) != 0)
            more = -1;
        to.file = NULL;
    }
    return more;
}
//! [files]

/* In a place of their own. */
static void save_some(sock_imap_t *m)
{
    char folder[] = "/tmp/letters.XXXXXX";

    if (mkdtemp(folder) == NULL || chdir(folder) != 0 || save(m, "1:2") != 0)
        sock_perror(NULL);
    if (remove("1.eml") == 0 && remove("2.eml") == 0 && rmdir(folder) == 0)
        puts("saved"); /* -> saved */
}

static void listen_to(sock_imap_t *m)
{
    //! [idle]
    sock_imap_event_t event;
    sock_imap_idle(m);
    if (sock_imap_idle_next(m, &event, 60) == 1)
        printf("%s %s\n", event.type, event.data); /* -> EXISTS 4 */
    if (sock_imap_idle_next(m, &event, 0.01) == 0)
        puts("that was all"); /* -> that was all */
    sock_imap_idle_done(m);
    //! [idle]

    //! [command]
    sock_imap_command(m, "NAMESPACE", NULL, 0);
    sock_lines_t *said = sock_imap_response(m, "NAMESPACE");
    if (said != NULL && said->count > 0)
        puts(said->lines[0].text); /* -> (("" "/")) NIL NIL */
    sock_lines_free(said);
    sock_imap_noop(m);
    //! [command]

    //! [close]
    sock_imap_unselect(m);
    sock_imap_select(m, "INBOX", 0, NULL);
    sock_imap_close_box(m);
    //! [close]

    //! [enable]
    sock_imap_enable(m, "UTF8=ACCEPT");
    //! [enable]
}

static void texts(void)
{
    //! [flags]
    sock_lines_t *flags = sock_imap_parse_flags("(\\Seen \\Answered)");
    for (size_t i = 0; flags != NULL && i < flags->count; i++)
        puts(flags->lines[i].text);
    /* -> \Seen
       -> \Answered */
    sock_lines_free(flags);
    //! [flags]

    //! [time]
    int64_t when;
    char text[SOCK_IMAP_TIME_MAX];
    sock_imap_internaldate("17-Jul-1996 02:44:25 -0700", &when);
    sock_imap_time(text, sizeof text, when);
    puts(text); /* -> "17-Jul-1996 09:44:25 +0000" */
    //! [time]

    //! [name]
    char name[64];
    sock_imap_name_encode(name, sizeof name, "Entwürfe");
    puts(name); /* -> Entw&APw-rfe */
    sock_imap_name_decode(name, sizeof name, "Entw&APw-rfe");
    puts(name); /* -> Entwürfe */
    //! [name]
}

int main(void)
{
    sock_addr_t address;
    sock_addr_t any = sock_addr_inet("127.0.0.1", 0);
    sock_t *server = sock_create_server(any, 9, 0), *pair[2];
    pthread_t thread;

    setvbuf(stdout, NULL, _IONBF, 0);
    if (server == NULL)
        return 1;
    sock_getsockname(server, &address);
    pthread_create(&thread, NULL, serve, server);
    int port = sock_addr_port(&address);
    int failed = what_is_new("127.0.0.1", port, "mrose", "tanstaaf");

    over_tls();
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0) {
        sock_free(pair[1]);
        over_a_socket(pair[0]);
    }
    sock_imap_t *m = sock_imap_new("127.0.0.1", port, NULL);
    about_it(m);
    mailboxes(m);
    messages(m);
    save_some(m);
    listen_to(m);
    texts();
    sock_imap_free(m);
    sock_shutdown(server, SHUT_RDWR);
    pthread_join(thread, NULL);
    sock_free(server);
    return failed == 0 ? 0 : 1;
}
