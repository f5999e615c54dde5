/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/pop3.h>
#include <pysockc/pysockc.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The other side: a mailbox of two messages. */

static const char *const answers[][2] = {
    {"RETR 1", "+OK\r\nSubject: one\r\n\r\nHello\r\n..\r\n.\r\n"},
    {"RETR 2", "+OK\r\nSubject: two\r\n\r\nBye\r\n.\r\n"},
    {"TOP 1 0", "+OK\r\nSubject: one\r\n\r\n.\r\n"},
    {"STAT", "+OK 2 56\r\n"},
    {"LIST", "+OK\r\n1 32\r\n2 24\r\n.\r\n"},
    {"UIDL", "+OK\r\n1 a7\r\n2 b9\r\n.\r\n"},
    {"CAPA", "+OK\r\nSASL PLAIN\r\nPIPELINING\r\nUIDL\r\n.\r\n"},
    {"RPOP", "-ERR what?\r\n"},
    {"", "+OK\r\n"}};

static const char *answer_to(const char *line)
{
    int i = 0;
    while (strncmp(line, answers[i][0], strlen(answers[i][0])) != 0)
        i++;
    return answers[i][1];
}

static void *serve(void *arg)
{
    const char *welcome = "+OK ready <1896.697170952@example.org>\r\n";
    char line[512];
    sock_t *s;

    while ((s = sock_accept(arg, NULL)) != NULL) {
        FILE *f = sock_makefile(s, "r");
        sock_sendall(s, welcome, strlen(welcome), 0);
        while (f != NULL && fgets(line, sizeof line, f) != NULL)
            if (sock_sendall(s, answer_to(line), strlen(answer_to(line)), 0))
                break;
        if (f != NULL)
            fclose(f);
        sock_free(s);
    }
    return NULL;
}

/* What the reference shows */

//! [fetch]
static int show(void *arg, uint64_t number, const void *data, size_t n)
{
    (void)arg;
    if (data == NULL)
        printf("-- that was message %" PRIu64 "\n", number);
    else
        fwrite(data, 1, n, stdout);
    return 0;
}

static int fetch_all(const char *host, int port, const char *user,
                     const char *password)
{
    sock_pop3_t *p = sock_pop3_new(host, port, NULL);
    int result = -1;

    if (p != NULL && sock_pop3_user(p, user) == 0 &&
        sock_pop3_pass(p, password) == 0 &&
        sock_pop3_fetch(p, 1, 0, show, NULL) == 0)
        result = sock_pop3_quit(p);
    if (result == -1)
        sock_perror(NULL);
    sock_pop3_free(p);
    return result;
}
/* -> Subject: one
   ->
   -> Hello
   -> .
   -> -- that was message 1
   -> Subject: two
   ->
   -> Bye
   -> -- that was message 2 */
//! [fetch]

static void over_tls(void)
{
    //! [ssl]
    sock_pop3_t *p = sock_pop3_ssl_new("example.org", 0, NULL, NULL);
    if (p == NULL) /* as sock_ssl_init() was not called */
        sock_perror(NULL);
    /* -> POP3_SSL: TLS needs sock_ssl_init() ... */
    sock_pop3_free(p);
    //! [ssl]
}

static void about_it(sock_pop3_t *p)
{
    //! [session]
    puts(sock_pop3_getwelcome(p));
    /* -> +OK ready <1896.697170952@example.org> */
    sock_session_t *c = sock_pop3_session(p);
    sock_session_settimeout(c, 30);
    sock_pop3_utf8(p);
    puts(sock_session_text(c)); /* -> +OK */
    //! [session]
}

static void going_on_by_tls(sock_pop3_t *p)
{
    //! [stls]
    if (sock_pop3_stls(p, NULL) == -1)
        sock_perror(NULL);
    /* -> stls 127.0.0.1: STLS not supported by server */
    //! [stls]
}

static void what_it_can(sock_pop3_t *p)
{
    //! [capa]
    sock_lines_t *can = sock_pop3_capa(p);
    for (size_t i = 0; can != NULL && i < can->count; i++)
        puts(can->lines[i].text);
    /* -> SASL PLAIN
       -> PIPELINING
       -> UIDL */
    sock_lines_free(can);
    //! [capa]
}

static void who_it_is(sock_pop3_t *p)
{
    //! [utf8]
    sock_pop3_utf8(p); /* before the user is named */
    //! [utf8]
    //! [rpop]
    if (sock_pop3_rpop(p, "mrose") == -1)
        sock_perror(NULL);
    /* -> rpop 127.0.0.1: RPOP mrose: -ERR what? */
    //! [rpop]
    //! [apop]
    if (sock_pop3_apop(p, "mrose", "tanstaaf") == 0)
        puts("there is a mailbox"); /* -> there is a mailbox */
    //! [apop]
    //! [auth]
    sock_sasl_login_t who = {"mrose", "tanstaaf"};
    if (sock_pop3_auth(p, "PLAIN", sock_sasl_password, &who) == 0)
        puts("likewise"); /* -> likewise */
    //! [auth]
}

static void what_is_there(sock_pop3_t *p)
{
    //! [stat]
    uint64_t count, octets;
    if (sock_pop3_stat(p, &count, &octets) == 0)
        printf("%" PRIu64 ", %" PRIu64 " bytes\n", count, octets);
    /* -> 2, 56 bytes */
    //! [stat]

    //! [list]
    sock_pop3_entries_t *sizes = sock_pop3_list(p, 0);
    for (size_t i = 0; sizes != NULL && i < sizes->count; i++)
        printf("%" PRIu64 ": %" PRIu64 " bytes\n", sizes->entries[i].number,
               sizes->entries[i].octets);
    /* -> 1: 32 bytes
       -> 2: 24 bytes */
    sock_pop3_entries_free(sizes);
    //! [list]

    //! [uidl]
    sock_pop3_entries_t *ids = sock_pop3_uidl(p, 0);
    for (size_t i = 0; ids != NULL && i < ids->count; i++)
        puts(ids->entries[i].id);
    /* -> a7
       -> b9 */
    sock_pop3_entries_free(ids);
    //! [uidl]
}

static void messages(sock_pop3_t *p)
{
    //! [retr]
    sock_lines_t *lines = sock_pop3_retr(p, 2);
    for (size_t i = 0; lines != NULL && i < lines->count; i++)
        puts(lines->lines[i].text);
    /* -> Subject: two
       ->
       -> Bye */
    sock_lines_free(lines);
    //! [retr]

    //! [top]
    sock_lines_t *head = sock_pop3_top(p, 1, 0);
    if (head != NULL && head->count > 0)
        puts(head->lines[0].text); /* -> Subject: one */
    sock_lines_free(head);
    //! [top]

    //! [retr_to]
    if (sock_pop3_retr_to(p, 2, sock_sink_file(stdout)) == -1)
        sock_perror(NULL);
    /* -> Subject: two
       ->
       -> Bye */
    //! [retr_to]

    //! [top_to]
    sock_pop3_top_to(p, 1, 0, sock_sink_fd(STDOUT_FILENO));
    /* -> Subject: one
       -> */
    //! [top_to]
}

static void marks(sock_pop3_t *p)
{
    //! [dele]
    sock_pop3_dele(p, 1);
    sock_pop3_rset(p); /* none is marked any more */
    //! [dele]
    //! [noop]
    if (sock_pop3_noop(p) == 0)
        puts("it is still there"); /* -> it is still there */
    //! [noop]
}

int main(void)
{
    sock_addr_t address;
    sock_addr_t any = sock_addr_inet("127.0.0.1", 0);
    sock_t *server = sock_create_server(any, 9, 0);
    pthread_t thread;

    setvbuf(stdout, NULL, _IONBF, 0);
    if (server == NULL)
        return 1;
    sock_getsockname(server, &address);
    pthread_create(&thread, NULL, serve, server);
    int port = sock_addr_port(&address);
    int failed = fetch_all("127.0.0.1", port, "mrose", "tanstaaf");

    over_tls();
    sock_pop3_t *p = sock_pop3_new("127.0.0.1", port, NULL);
    about_it(p);
    going_on_by_tls(p);
    what_it_can(p);
    who_it_is(p);
    what_is_there(p);
    messages(p);
    marks(p);
    sock_pop3_free(p);
    sock_shutdown(server, SHUT_RDWR);
    pthread_join(thread, NULL);
    sock_free(server);
    return failed == 0 ? 0 : 1;
}
