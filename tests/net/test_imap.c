/* SPDX-License-Identifier: MIT */
/* A client of IMAP and a server of a script: what is said, and what becomes of
 * what is answered. Links with --wrap: the address of a peer is what a test
 * wants, and the client's sends are counted. */
#include <errno.h>
#include <netdb.h>
#include <unistd.h>

#include <pysockc/create.h>

#include "far_away.h"
#include "imap.h"
#include "imap_script.h"

#define SELECTED IMAP_KNOWN, "* 3 EXISTS\r\n* 0 RECENT\r\n" IMAP_OK

static sock_imap_t *selected(sock_imap_t *m)
{
    check_ok(sock_imap_select(m, "INBOX", 0, NULL));
    return m;
}

/* The only line that was kept of a type. Static. */
static const char *response(sock_imap_t *m, const char *code)
{
    static char text[4096];
    sock_lines_t *l = check_made(sock_imap_response(m, code));

    check_int(l->count, 1);
    snprintf(text, sizeof text, "%s", l->lines[0].text);
    sock_lines_free(l);
    return text;
}

static size_t responses(sock_imap_t *m, const char *code)
{
    sock_lines_t *l = check_made(sock_imap_response(m, code));
    size_t n = l->count;
    sock_lines_free(l);
    return n;
}

/* Life */

TEST(imap, greeting)
{
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO);
    check_int(sock_imap_state(m), SOCK_IMAP_NONAUTH);
    check_str(sock_session_text(sock_imap_session(m)),
              "[CAPABILITY " IMAP_CAPABILITIES "] hello");
    check_int(sock_imap_has(m, "idle"), 1);
    check_int(sock_imap_has(m, "AUTH=PLAIN"), 1);
    check_int(sock_imap_has(m, "AUTH"), 0);
    check_int(sock_imap_has(m, "IDLE2"), 0);
    check_int(sock_imap_has(m, ""), 0);
    check_fails(sock_imap_has(m, NULL), SOCK_E_TYPE, 0,
                "capabilities: argument is NULL");
    check_fails(sock_imap_has(NULL, "IDLE"), SOCK_E_TYPE, 0,
                "capabilities: argument is NULL");
    imap_told(m, "");
    m = IMAP_MADE(IMAP_KNOWN);
    check_int(sock_imap_state(m), SOCK_IMAP_AUTH);
    imap_told(m, "");
    m = IMAP_MADE("* OK [CAPABILITY IMAP4  X] old\r\n");
    check_int(sock_imap_has(m, "X"), 1);
    check_int(sock_imap_has(m, ""), 0);
    imap_told(m, "");
}

/* IMAP4rev2 is what it has besides, too. */
TEST(imap, revision_2)
{
    sock_imap_event_t e;
    sock_imap_t *m = IMAP_MADE("* PREAUTH [CAPABILITY IMAP4rev2] x\r\n",
                               IMAP_OK, IMAP_OK, "$ OK [COPYUID 1 2 9] x\r\n",
                               "", IMAP_OK, "+ \r\n* 4 EXISTS\r\n", IMAP_OK);
    check_ok(sock_imap_enable(m, "X"));
    check_fails(sock_imap_move(m, "1", "x"), SOCK_E_VALUE, 0,
                "move: command MOVE illegal in state AUTH, only allowed in "
                "states SELECTED");
    check_ok(sock_imap_move(selected(m), "1", "x"));
    sock_imap_numbers_free(
        check_made(sock_imap_search(m, NULL, "TEXT \"\xc3\xa9\"")));
    check_ok(sock_imap_idle(m));
    check_int(sock_imap_idle_next(m, &e, 9223372036.0), 1);
    check_ok(sock_imap_idle_done(m));
    imap_told(m, "$ ENABLE X\n$ SELECT INBOX\n$ MOVE 1 x\n"
                 "$ SEARCH TEXT {2+}\n\xc3\xa9\n$ IDLE\nDONE\n");
}

/* Its names are in UTF-8, but where it speaks the one before, too, until it is
 * turned on. */
TEST(imap, revision_2_and_names)
{
    const char *says = "* LIST () \"/\" \"\xc3\xa9 a&b\"\r\n" IMAP_OK;
    sock_imap_t *m =
        IMAP_MADE("* PREAUTH [CAPABILITY IMAP4rev2] x\r\n", "", IMAP_OK, says);
    check_ok(sock_imap_mailbox(m, "CREATE", "\xc3\xa9", NULL));
    check_fails(sock_imap_mailbox(m, "CREATE", "\xc3", NULL), SOCK_E_VALUE, 0,
                "create: the name of a mailbox is not UTF-8");
    sock_imap_list_t *l = check_made(sock_imap_list(m, "", "a&b"));
    check_str(l->boxes[0].name, "\xc3\xa9 a&b");
    sock_imap_list_free(l);
    imap_told(m, "$ CREATE {2+}\n\xc3\xa9\n$ LIST \"\" a&b\n");
    m = IMAP_MADE("* PREAUTH [CAPABILITY IMAP4rev1 IMAP4rev2] x\r\n", IMAP_OK,
                  "* ENABLED IMAP4rev2 X\r\n" IMAP_OK, "", IMAP_OK, "",
                  IMAP_OK);
    check_ok(sock_imap_mailbox(m, "CREATE", "\xc3\xa9", NULL));
    check_ok(sock_imap_enable(m, "IMAP4rev2"));
    check_ok(sock_imap_mailbox(m, "CREATE", "\xc3\xa9", NULL));
    check_ok(sock_imap_append(m, "a", NULL, NULL,
                              sock_source_memory("\xc3\xa9", 2), 0));
    imap_told(m, "$ CREATE &AOk-\n$ ENABLE IMAP4rev2\n"
                 "$ CREATE {2+}\n\xc3\xa9\n$ APPEND a {2+}\n\xc3\xa9\n");
}

TEST(imap, capabilities_are_asked_for)
{
    sock_imap_t *m =
        IMAP_MADE("* OK hello\r\n", "* CAPABILITY IMAP4REV1 X=1\r\n" IMAP_OK);
    check_int(sock_imap_has(m, "x=1"), 1);
    check_int(responses(m, "CAPABILITY"), 0);
    imap_told(m, "$ CAPABILITY\n");
}

TEST(imap, lines_that_end_in_lf)
{
    sock_imap_t *m =
        IMAP_MADE("* PREAUTH hello\n", "* CAPABILITY IMAP4rev1 AUTH\n$ OK\n",
                  "* LIST () \"/\" {3}\na b\n$ OK done\n");
    check_int(sock_imap_has(m, "AUTH"), 1);
    sock_imap_list_t *l = check_made(sock_imap_list(m, "", "*"));
    check_int(l->count, 1);
    check_str(l->boxes[0].name, "a b");
    sock_imap_list_free(l);
    imap_told(m, "$ CAPABILITY\n$ LIST \"\" *\n");
}

static const struct {
    const char *says;
    int kind, code;
    const char *text;
} no_servers[] = {
    {"* BYE too many\r\n", SOCK_E_EOF, 0, "IMAP4_stream the server: too many"},
    {"!* BYE\r\n", SOCK_E_EOF, 0, "IMAP4_stream the server: BYE"},
    {"220 smtp\r\n", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
     "IMAP4_stream the server: unexpected response: '220 smtp'"},
    {"+OK pop\r\n", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
     "IMAP4_stream the server: not a greeting of IMAP: '+OK pop'"},
    {"* NO no\r\n", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
     "IMAP4_stream the server: not a greeting of IMAP: '* NO no'"},
    {"* 1 EXISTS\r\n", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
     "IMAP4_stream the server: not a greeting of IMAP: '* 1 EXISTS'"},
    {"* \x01\r\n", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
     "IMAP4_stream the server: unexpected response: '* ?'"},
    {"\r\n", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
     "IMAP4_stream the server: unexpected response: ''"},
    {"A1 OK\r\n", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
     "IMAP4_stream the server: unexpected response: 'A1 OK'"},
    {" OK x\r\n", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
     "IMAP4_stream the server: unexpected response: ' OK x'"},
    {"!", SOCK_E_EOF, 0,
     "IMAP4_stream the server: Connection unexpectedly closed"},
    {"!* OK hel", SOCK_E_EOF, 0,
     "IMAP4_stream the server: Connection unexpectedly closed"},
    {"* OK [CAPABILITY IMAP3] x\r\n", SOCK_E_PROTOCOL, SOCK_P_VERSION,
     "IMAP4_stream the server: server not IMAP4 compliant"},
};

TEST(imap, no_servers)
{
    for (size_t i = 0; i < sizeof no_servers / sizeof no_servers[0]; i++) {
        const char *const turns[] = {no_servers[i].says, NULL};
        check_null(imap_try(turns), no_servers[i].kind, no_servers[i].code,
                   no_servers[i].text);
        imap_told(NULL, "");
    }
}

TEST(imap, a_greeting_without_end)
{
    size_t n = (1 << 20) + 100;
    char *says = malloc(n + 1);
    memset(says, 'x', n);
    says[n] = '\0';
    memcpy(says, "* OK ", 5);
    const char *const turns[] = {says, NULL};
    check_null(imap_try(turns), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "IMAP4_stream the server: line too long");
    imap_told(NULL, "");
    free(says);
}

TEST(imap, no_capabilities)
{
    const char *const none[] = {"* OK\r\n", IMAP_OK, NULL};
    const char *const refused[] = {"* OK\r\n", "$ BAD what\r\n", NULL};
    check_null(imap_try(none), SOCK_E_PROTOCOL, SOCK_P_ORDER,
               "IMAP4_stream the server: CAPABILITY: no CAPABILITY response "
               "from server");
    imap_told(NULL, "$ CAPABILITY\n");
    check_null(imap_try(refused), SOCK_E_REPLY, SOCK_IMAP_BAD,
               "IMAP4_stream the server: CAPABILITY: BAD what");
    imap_told(NULL, "$ CAPABILITY\n");
}

TEST(imap, over_a_connection)
{
    sock_addr_t address;
    sock_session_opts_t opts = imap_opts();
    sock_t *s = listener(&address);
    check_ok(sock_close(s));
    check_null(sock_imap_new("127.0.0.1", sock_addr_port(&address), &opts),
               SOCK_E_OS, ECONNREFUSED,
               about("IMAP4", &address, "[Errno 111] Connection refused"));
    check_null(sock_imap_ssl_new("127.0.0.1", 0, NULL, &opts),
               SOCK_E_UNSUPPORTED, 0,
               "IMAP4_SSL: TLS needs sock_ssl_init() of libpysockc-ssl, or a "
               "context of it");
    opts.size = 1;
    check(sock_imap_new("127.0.0.1", 1, &opts) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check_null(sock_imap_new(NULL, 0, NULL), SOCK_E_TYPE, 0,
               "IMAP4: argument is NULL");
    check_null(sock_imap_adopt(NULL, NULL), SOCK_E_TYPE, 0,
               "IMAP4_stream: argument is NULL");
    sock_free(s);
}

/* Unless someone listens there. */
TEST(imap, ports)
{
    sock_addr_t here = sock_addr_inet("127.0.0.1", 143);
    sock_session_opts_t opts = imap_opts();
    sock_t *s = sock_create_connection("127.0.0.1", 143, 5, (sock_addr_t){0});

    if (s != NULL) {
        sock_free(s);
        skip("there is a server of IMAP");
    }
    check_null(sock_imap_new("127.0.0.1", 0, &opts), SOCK_E_OS, ECONNREFUSED,
               about("IMAP4", &here, "[Errno 111] Connection refused"));
    check_null(sock_imap_new("", 0, &opts), SOCK_E_GAI, EAI_NONAME,
               error_text());
}

/* Whoever has made it ends it, unless a client has taken it over. */
TEST(imap, a_socket_that_is_not_taken_over)
{
    sock_session_opts_t opts = imap_opts();
    struct pair p = unix_pair(SOCK_STREAM);
    char byte;
    check_ok(sock_sendall(p.b, "* BYE\r\n", 7, 0));
    check_null(sock_imap_adopt(p.a, &opts), SOCK_E_EOF, 0,
               "IMAP4_stream the server: BYE");
    check_ok(sock_sendall(p.a, "x", 1, 0));
    check_int(sock_recv(p.b, &byte, 1, 0), 1);
    opts.size = 1;
    check(sock_imap_adopt(p.a, &opts) == NULL);
    check(sock_fileno(p.a) >= 0);
    check_ok(sock_close(p.a));
    opts.size = sizeof opts;
    check_null(sock_imap_adopt(p.a, &opts), SOCK_E_OS, EBADF, error_text());
    sock_free(p.a);
    sock_free(p.b);
}

/* Logging in */

TEST(imap, password_in_the_clear)
{
    sock_sasl_login_t who = {"ann", "secret"};
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO);
    const sock_addr_t far = sock_addr_inet("192.0.2.1", 143);
    far_away = &far;
    check_fails(sock_imap_login(m, "ann", "secret"), SOCK_E_VALUE, 0,
                "login: the password would be sent without TLS (see "
                "insecure_auth)");
    check_fails(sock_imap_authenticate(m, "PLAIN", sock_sasl_password, &who),
                SOCK_E_VALUE, 0,
                "authenticate: the password would be sent without TLS (see "
                "insecure_auth)");
    far_away = NULL;
    imap_told(m, "");
}

TEST(imap, login)
{
    sock_imap_t *m = IMAP_MADE(
        IMAP_HELLO, "$ OK [CAPABILITY IMAP4rev1 MORE] welcome\r\n", IMAP_OK);
    check_ok(sock_imap_login(m, "ann", "sec\\r\"et"));
    check_int(sock_imap_state(m), SOCK_IMAP_AUTH);
    check_int(sock_imap_has(m, "MORE"), 1);
    check_int(sock_imap_has(m, "IDLE"), 0);
    check_str(sock_session_text(sock_imap_session(m)),
              "[CAPABILITY IMAP4rev1 MORE] welcome");
    check_ok(sock_imap_noop(m));
    imap_told(m, "$ LOGIN ann \"sec\\\\r\\\"et\"\n$ NOOP\n");
}

TEST(imap, capabilities_are_asked_for_after_login)
{
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO, IMAP_OK,
                               "* CAPABILITY IMAP4rev1 MORE\r\n" IMAP_OK);
    check_ok(sock_imap_login(m, "a b", ""));
    check_int(sock_imap_has(m, "MORE"), 1);
    imap_told(m, "$ LOGIN \"a b\" \"\"\n$ CAPABILITY\n");
}

TEST(imap, login_with_literals)
{
    sock_imap_t *m =
        IMAP_MADE(IMAP_HELLO, "", "", "$ OK [CAPABILITY IMAP4rev1] x\r\n");
    check_ok(sock_imap_login(m, "zo\xc3\xab", "\xc3\xa9"));
    imap_told(m, "$ LOGIN {4+}\nzo\xc3\xab {2+}\n\xc3\xa9\n");
    m = IMAP_MADE("* OK [CAPABILITY IMAP4rev1] x\r\n", "+ go on\r\n",
                  "* 1 EXISTS\r\n+\r\n", "$ OK [CAPABILITY IMAP4rev1] x\r\n");
    check_ok(sock_imap_login(m, "zo\xc3\xab", "\xc3\xa9"));
    imap_told(m, "$ LOGIN {4}\nzo\xc3\xab {2}\n\xc3\xa9\n");
    m = IMAP_MADE("* OK [CAPABILITY IMAP4rev1] x\r\n", "$ NO never\r\n",
                  IMAP_OK);
    check_fails(sock_imap_login(m, "zo\xc3\xab", "p"), SOCK_E_REPLY,
                SOCK_IMAP_NO,
                "login the server: LOGIN \"zo\xc3\xab\" ****: NO never");
    check_ok(sock_imap_noop(m));
    imap_told(m, "$ LOGIN {4}\n$ NOOP\n");
}

/* What lies before it, as another one, can begin or end no string. */
TEST(imap, a_literal_behind_one_with_a_quote)
{
    sock_imap_t *m =
        IMAP_MADE("* OK [CAPABILITY IMAP4rev1] x\r\n", "+ go on\r\n",
                  "+ go on\r\n", "$ OK [CAPABILITY IMAP4rev1] x\r\n");
    check_ok(sock_imap_login(m, "zo\xc3\xab\"x", "\xc3\xa9"));
    imap_told(m, "$ LOGIN {6}\nzo\xc3\xab\"x {2}\n\xc3\xa9\n");
}

TEST(imap, literals_that_are_small)
{
    char name[4200] = "", told[5000];
    sock_imap_t *m = IMAP_MADE("* OK [CAPABILITY IMAP4rev1 LITERAL-] x\r\n", "",
                               "$ NO\r\n", "+\r\n", "$ NO\r\n");
    for (int i = 0; i < 2048; i++)
        strcat(name, "\xc3\xa9");
    check(sock_imap_login(m, name, "p") < 0);
    strcat(name, "e");
    check(sock_imap_login(m, name, "p") < 0);
    const char *heard = imap_end(m);
    snprintf(told, sizeof told, "$ LOGIN {4096+}\n%.4096s \"p\"\n", name);
    check_bytes(heard, told, strlen(told));
    snprintf(told, sizeof told, "$ LOGIN {4097}\n%s \"p\"\n", name);
    check_str(heard + strlen(heard) - strlen(told), told);
}

TEST(imap, login_is_refused)
{
    sock_imap_t *m = IMAP_MADE(
        IMAP_HELLO, "$ NO [AUTHENTICATIONFAILED] Invalid credentials\r\n",
        "$ BAD Missing\x07 argument\r\n");
    check_fails(sock_imap_login(m, "ann", "x"), SOCK_E_REPLY, SOCK_IMAP_NO,
                "login the server: LOGIN ann ****: NO [AUTHENTICATIONFAILED] "
                "Invalid credentials");
    check_int(sock_imap_state(m), SOCK_IMAP_NONAUTH);
    check_int(sock_session_code(sock_imap_session(m)), 0);
    check_str(sock_session_text(sock_imap_session(m)),
              "[AUTHENTICATIONFAILED] Invalid credentials");
    check_fails(sock_imap_login(m, "ann", "x"), SOCK_E_REPLY, SOCK_IMAP_BAD,
                "login the server: LOGIN ann ****: BAD Missing? argument");
    check_int(sock_imap_has(m, "IDLE"), 1);
    imap_told(m, "$ LOGIN ann \"x\"\n$ LOGIN ann \"x\"\n");
}

TEST(imap, login_is_disabled)
{
    sock_imap_t *m =
        IMAP_MADE("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] x\r\n");
    check_fails(sock_imap_login(m, "ann", "x"), SOCK_E_UNSUPPORTED, 0,
                "login the server: LOGIN is disabled by the server");
    imap_told(m, "");
}

TEST(imap, authenticate)
{
    sock_sasl_login_t login = {"ann", "secret"};
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO, "$ OK [CAPABILITY IMAP4rev1] x\r\n");
    check_ok(sock_imap_authenticate(m, "plain", sock_sasl_password, &login));
    check_int(sock_imap_state(m), SOCK_IMAP_AUTH);
    imap_told(m, "$ AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=\n");
    m = IMAP_MADE("* OK [CAPABILITY IMAP4rev1] x\r\n",
                  "* OK soon\r\n+ VXNlcjo=\r\n", "+ UGFzc3dvcmQ6\r\n",
                  "* CAPABILITY IMAP4rev1 MORE\r\n" IMAP_OK);
    check_ok(sock_imap_authenticate(m, "LOGIN", sock_sasl_password, &login));
    check_int(sock_imap_has(m, "MORE"), 1);
    imap_told(m, "$ AUTHENTICATE LOGIN\nYW5u\nc2VjcmV0\n");
    m = IMAP_MADE("* OK [CAPABILITY IMAP4rev1 X] x\r\n", "+ \r\n",
                  "$ NO no\r\n", IMAP_OK);
    check_fails(sock_imap_authenticate(m, "PLAIN", sock_sasl_password, &login),
                SOCK_E_REPLY, SOCK_IMAP_NO,
                "authenticate the server: AUTHENTICATE PLAIN: NO no");
    check_int(sock_imap_has(m, "X"), 1);
    check_ok(sock_imap_noop(m));
    imap_told(m, "$ AUTHENTICATE PLAIN\nAGFubgBzZWNyZXQ=\n$ NOOP\n");
}

/* An exchange of the test's own, which keeps what it hears. */
static ssize_t say_fake(void *arg, const char *mechanism, const void *challenge,
                        size_t n, void *response, size_t size)
{
    char *heard = arg;

    check_str(mechanism, "MYAUTH");
    check(n < 16 && size > 4);
    memcpy(heard, challenge, n);
    heard[n] = '\0';
    memcpy(response, "fake", 4);
    return 4;
}

TEST(imap, authenticate_by_a_function)
{
    char heard[16] = "nothing";
    sock_imap_t *m = IMAP_MADE("* OK [CAPABILITY IMAP4rev1] x\r\n", "+\r\n",
                               "$ NO [AUTHENTICATIONFAILED] invalid\r\n",
                               "+ AQL/\r\n", "$ OK [CAPABILITY IMAP4] in\r\n");
    check_fails(sock_imap_authenticate(m, "MYAUTH", say_fake, heard),
                SOCK_E_REPLY, SOCK_IMAP_NO,
                "authenticate the server: AUTHENTICATE MYAUTH: NO "
                "[AUTHENTICATIONFAILED] invalid");
    check_str(heard, "");
    check_int(sock_imap_state(m), SOCK_IMAP_NONAUTH);
    check_ok(sock_imap_authenticate(m, "MYAUTH", say_fake, heard));
    check_str(heard, "\1\2\xff");
    check_int(sock_imap_state(m), SOCK_IMAP_AUTH);
    imap_told(m, "$ AUTHENTICATE MYAUTH\nZmFrZQ==\n"
                 "$ AUTHENTICATE MYAUTH\nZmFrZQ==\n");
}

TEST(imap, authenticate_by_what_is_not_known)
{
    char heard[16] = "nothing";
    sock_imap_t *m =
        IMAP_MADE("* OK [CAPABILITY IMAP4rev1] x\r\n",
                  "$ NO unrecognized authentication type MYAUTH\r\n", IMAP_OK);
    check_fails(sock_imap_authenticate(m, "MYAUTH", say_fake, heard),
                SOCK_E_REPLY, SOCK_IMAP_NO,
                "authenticate the server: AUTHENTICATE MYAUTH: NO unrecognized "
                "authentication type MYAUTH");
    check_str(heard, "nothing");
    check_int(sock_imap_state(m), SOCK_IMAP_NONAUTH);
    check_ok(sock_imap_noop(m));
    imap_told(m, "$ AUTHENTICATE MYAUTH\n$ NOOP\n");
}

/* Where a password may not be told, a proof of it may. */
TEST(imap, authenticate_by_cram_md5)
{
    sock_sasl_login_t who = {"tim", "tanstaaftanstaaf"};
    sock_imap_t *m = IMAP_MADE(
        "* OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=CRAM-MD5] x\r\n",
        "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ=\r\n",
        "$ OK [CAPABILITY IMAP4rev1] CRAM-MD5 successful\r\n");
    check_int(sock_imap_has(m, "AUTH=CRAM-MD5"), 1);
    const sock_addr_t far = sock_addr_inet("192.0.2.1", 143);
    far_away = &far;
    check_ok(sock_imap_authenticate(m, "CRAM-MD5", sock_sasl_password, &who));
    far_away = NULL;
    imap_told(m, "$ AUTHENTICATE CRAM-MD5\n"
                 "dGltIGYxY2E2YmU0NjRiOWVmYTFjY2E2ZmZkNmNmMmQ5ZjMy\n");
}

/* A server that asks for ever. */
TEST(imap, authenticate_without_end)
{
    char heard[16];
    sock_imap_t *m = IMAP_MADE("* OK [CAPABILITY IMAP4rev1] x\r\n", "+\r\n",
                               "+\r\n", "+\r\n", "+\r\n", "+\r\n", "+\r\n");
    check_fails(sock_imap_authenticate(m, "MYAUTH", say_fake, heard),
                SOCK_E_PROTOCOL, SOCK_P_ORDER, error_text());
    check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
    imap_end(m);
}

static ssize_t cancel(void *arg, const char *mechanism, const void *challenge,
                      size_t n, void *response, size_t size)
{
    (void)arg, (void)mechanism, (void)challenge, (void)n;
    (void)response, (void)size;
    return SOCK_SASL_CANCEL;
}

/* Nothing has been said then. */
TEST(imap, authenticate_is_not_begun)
{
    sock_sasl_login_t who = {"ann", "secret"};
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO, IMAP_OK);
    check_fails(sock_imap_authenticate(m, "X", sock_sasl_password, &who),
                SOCK_E_VALUE, 0, "authenticate: another mechanism");
    check_ok(sock_imap_noop(m));
    imap_told(m, "$ NOOP\n");
}

TEST(imap, authenticate_is_cancelled)
{
    sock_imap_t *m = IMAP_MADE("* OK [CAPABILITY IMAP4rev1] x\r\n", "+ \r\n",
                               "$ BAD cancelled\r\n", "+ \r\n",
                               "$ NO [AUTHENTICATIONFAILED] aborted\r\n",
                               IMAP_OK, "+ \r\n", IMAP_OK);
    check(sock_imap_authenticate(m, "PLAIN", cancel, NULL) < 0);
    check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
    check(sock_imap_authenticate(m, "PLAIN", cancel, NULL) < 0);
    check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
    check_str(sock_session_text(sock_imap_session(m)),
              "[AUTHENTICATIONFAILED] aborted");
    check_int(sock_imap_state(m), SOCK_IMAP_NONAUTH);
    check_ok(sock_imap_noop(m));
    /* One that takes that for a login is not believed. */
    check(sock_imap_authenticate(m, "PLAIN", cancel, NULL) < 0);
    check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
    check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
    imap_told(m, "$ AUTHENTICATE PLAIN\n*\n$ AUTHENTICATE PLAIN\n*\n$ NOOP\n"
                 "$ AUTHENTICATE PLAIN\n*\n");
}

TEST(imap, starttls_that_is_none)
{
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO);
    check_fails(sock_imap_starttls(m, NULL), SOCK_E_UNSUPPORTED, 0,
                "starttls the server: TLS not supported by server");
    imap_told(m, "");
    m = IMAP_MADE("* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] x\r\n");
    check_fails(sock_imap_starttls(m, NULL), SOCK_E_VALUE, 0,
                "starttls: command STARTTLS illegal in state AUTH, only "
                "allowed in states NONAUTH");
    imap_told(m, "");
    m = IMAP_MADE("* OK [CAPABILITY IMAP4rev1 STARTTLS] x\r\n");
    check(sock_imap_starttls(m, NULL) < 0);
    check_int(sock_last_error()->kind, SOCK_E_UNSUPPORTED);
    imap_told(m, "");
}

TEST(imap, enable)
{
    sock_imap_t *m = IMAP_MADE(
        IMAP_KNOWN, "* ENABLED CONDSTORE UTF8=ACCEPT\r\n" IMAP_OK, IMAP_OK);
    check_ok(sock_imap_enable(m, "UTF8=ACCEPT CONDSTORE"));
    check_ok(sock_imap_mailbox(m, "create", "Zo\xc3\xab & \"x\"", NULL));
    check_fails(sock_imap_mailbox(m, "create", "Zo\xc3", NULL), SOCK_E_VALUE, 0,
                "create: the name of a mailbox is not UTF-8");
    check_null(sock_imap_search(m, NULL, "ALL"), SOCK_E_VALUE, 0,
               "search: command SEARCH illegal in state AUTH, only allowed in "
               "states SELECTED");
    imap_told(m, "$ ENABLE UTF8=ACCEPT CONDSTORE\n"
                 "$ CREATE \"Zo\xc3\xab & \\\"x\\\"\"\n");
    m = IMAP_MADE("* PREAUTH [CAPABILITY IMAP4rev1] x\r\n");
    check_fails(sock_imap_enable(m, "X"), SOCK_E_UNSUPPORTED, 0,
                "enable the server: Server does not support ENABLE");
    imap_told(m, "");
}

/* What the server has comes before the state, as in Python. */
TEST(imap, enable_where_it_cannot_be)
{
    const char *lacks = "enable the server: Server does not support ENABLE";
    sock_imap_t *m = IMAP_MADE("* OK [CAPABILITY IMAP4rev1] x\r\n",
                               "$ OK [CAPABILITY IMAP4rev1] in\r\n");
    check_fails(sock_imap_enable(m, "foo"), SOCK_E_UNSUPPORTED, 0, lacks);
    check_ok(sock_imap_login(m, "user", "pass"));
    check_fails(sock_imap_enable(m, "UTF8=ACCEPT"), SOCK_E_UNSUPPORTED, 0,
                lacks);
    imap_told(m, "$ LOGIN user \"pass\"\n");
    m = IMAP_MADE(IMAP_HELLO);
    check_fails(sock_imap_enable(m, "foo"), SOCK_E_VALUE, 0,
                "enable: command ENABLE illegal in state NONAUTH, only allowed "
                "in states AUTH");
    imap_told(m, "");
    m = selected(IMAP_MADE(SELECTED));
    check_fails(sock_imap_enable(m, "foo"), SOCK_E_VALUE, 0,
                "enable: command ENABLE illegal in state SELECTED, only "
                "allowed in states AUTH");
    imap_told(m, "$ SELECT INBOX\n");
}

/* A server that says OK has turned on what it names, and nothing else. */
TEST(imap, enable_that_turns_nothing_on)
{
    sock_imap_t *m =
        IMAP_MADE(IMAP_KNOWN, IMAP_OK, "* ENABLED\r\n" IMAP_OK, IMAP_OK);
    check_ok(sock_imap_enable(m, "UTF8=ACCEPT"));
    check_ok(sock_imap_enable(m, "UTF8=ACCEPT"));
    check_ok(sock_imap_mailbox(m, "CREATE", "\xc3\xa9", NULL));
    imap_told(m, "$ ENABLE UTF8=ACCEPT\n$ ENABLE UTF8=ACCEPT\n"
                 "$ CREATE &AOk-\n");
}

/* Another thing that is enabled does not change the names. */
TEST(imap, enable_another)
{
    sock_imap_t *m = IMAP_MADE(
        IMAP_KNOWN, "* X UTF8=ACCEPT\r\n* ENABLED CONDSTORE\r\n" IMAP_OK,
        IMAP_OK);
    check_ok(sock_imap_enable(m, "CONDSTORE"));
    check_ok(sock_imap_mailbox(m, "create", "\xc3\xa9", NULL));
    imap_told(m, "$ ENABLE CONDSTORE\n$ CREATE &AOk-\n");
}

/* Then names are in UTF-8, and quotes have it, too. */
TEST(imap, utf8)
{
    sock_imap_t *m =
        IMAP_MADE(IMAP_KNOWN, "* ENABLED UTF8=ACCEPT X\r\n" IMAP_OK,
                  "* LIST () \"/\" \"a&AOk-\"\r\n" IMAP_OK, IMAP_OK, IMAP_OK);
    check_ok(sock_imap_enable(m, "UTF8=ACCEPT"));
    sock_imap_list_t *l = check_made(sock_imap_list(m, "", "*"));
    check_int(l->count, 1);
    check_str(l->boxes[0].name, "a&AOk-");
    sock_imap_list_free(l);
    check_null(sock_imap_search(selected(m), "UTF-8", "ALL"), SOCK_E_VALUE, 0,
               "search: Non-None charset not valid in UTF8 mode");
    sock_imap_numbers_free(
        check_made(sock_imap_search(m, NULL, "TEXT \"\xc3\xa9\"")));
    imap_told(m, "$ ENABLE UTF8=ACCEPT\n$ LIST \"\" *\n$ SELECT INBOX\n"
                 "$ SEARCH TEXT \"\xc3\xa9\"\n");
}

/* States */

TEST(imap, states)
{
    uint32_t exists;
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO);
    check_fails(sock_imap_select(m, "INBOX", 0, &exists), SOCK_E_VALUE, 0,
                "select: command SELECT illegal in state NONAUTH, only "
                "allowed in states AUTH, SELECTED");
    check_fails(sock_imap_close_box(m), SOCK_E_VALUE, 0,
                "close: command CLOSE illegal in state NONAUTH, only allowed "
                "in states SELECTED");
    check_fails(sock_imap_idle_done(m), SOCK_E_VALUE, 0,
                "idle_done: idle was not called");
    imap_told(m, "");
    m = IMAP_MADE(IMAP_KNOWN, "* BYE\r\n" IMAP_OK);
    check_fails(sock_imap_login(m, "a", "b"), SOCK_E_VALUE, 0,
                "login: command LOGIN illegal in state AUTH, only allowed in "
                "states NONAUTH");
    check_ok(sock_imap_logout(m));
    check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
    check_fails(sock_imap_noop(m), SOCK_E_EOF, 0, "noop: not connected");
    check_fails(sock_imap_logout(m), SOCK_E_EOF, 0, "logout: not connected");
    imap_told(m, "$ LOGOUT\n");
}

TEST(imap, logout)
{
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO, "!* BYE bye\r\n");
    check_ok(sock_imap_logout(m));
    check_str(response(m, "BYE"), "bye");
    imap_told(m, "$ LOGOUT\n");
    m = IMAP_MADE(IMAP_HELLO, "!");
    check_fails(sock_imap_logout(m), SOCK_E_EOF, 0,
                "logout the server: LOGOUT: Connection unexpectedly closed");
    imap_told(m, "$ LOGOUT\n");
    m = IMAP_MADE(IMAP_HELLO, "$ BAD no\r\n");
    check(sock_imap_logout(m) < 0);
    check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
    imap_told(m, "$ LOGOUT\n");
}

/* Mailboxes */

TEST(imap, select)
{
    uint32_t exists = 99;
    sock_imap_t *m = IMAP_MADE(
        IMAP_KNOWN,
        "* FLAGS (\\Answered \\Seen)\r\n* 172 EXISTS\r\n* 1 RECENT\r\n"
        "* OK [UNSEEN 12] Message 12 is first unseen\r\n"
        "* OK [UIDVALIDITY 3857529045] UIDs valid\r\n"
        "* OK [PERMANENTFLAGS (\\Deleted a]b \\*)] Limited\r\n"
        "$ OK [READ-WRITE] SELECT completed\r\n",
        "* 5 EXISTS\r\n$ OK [READ-ONLY] done\r\n", IMAP_OK, "$ NO no\r\n",
        "* 7 EXISTS\r\n$ OK [READ-ONLY] done\r\n", IMAP_OK);
    check_ok(sock_imap_select(m, "INBOX", 0, &exists));
    check_int(exists, 172);
    check_int(sock_imap_state(m), SOCK_IMAP_SELECTED);
    check_str(response(m, "exists"), "172");
    check_int(responses(m, "EXISTS"), 0);
    check_str(response(m, "FLAGS"), "(\\Answered \\Seen)");
    check_str(response(m, "UIDVALIDITY"), "3857529045");
    check_str(response(m, "PERMANENTFLAGS"), "(\\Deleted a]b \\*)");
    check_str(response(m, "READ-WRITE"), "");
    check_int(responses(m, "OK"), 3);
    check_str(response(m, "RECENT"), "1");
    check_ok(sock_imap_select(m, "a/b", 1, &exists));
    check_int(exists, 5);
    check_ok(sock_imap_unselect(m));
    check_str(sock_session_text(sock_imap_session(m)), "done");
    check_int(sock_imap_state(m), SOCK_IMAP_AUTH);
    check_fails(sock_imap_select(m, "no such", 0, &exists), SOCK_E_REPLY,
                SOCK_IMAP_NO, "select the server: SELECT \"no such\": NO no");
    check_int(sock_imap_state(m), SOCK_IMAP_AUTH);
    check_fails(sock_imap_select(m, "ro", 0, &exists), SOCK_E_UNSUPPORTED, 0,
                "select the server: the mailbox is not writable");
    check_int(exists, 7);
    check_int(sock_imap_state(m), SOCK_IMAP_SELECTED);
    check_ok(sock_imap_close_box(m));
    check_int(sock_imap_state(m), SOCK_IMAP_AUTH);
    imap_told(m, "$ SELECT INBOX\n$ EXAMINE a/b\n$ UNSELECT\n"
                 "$ SELECT \"no such\"\n$ SELECT ro\n$ CLOSE\n");
}

/* One that the server refuses leaves none open; one that could not be said is
 * no reason to. */
TEST(imap, select_that_fails)
{
    static char big[70000];
    sock_imap_t *m = selected(
        IMAP_MADE(IMAP_KNOWN, "* FLAGS (a)\r\n" IMAP_OK, "$ NO no\r\n"));
    memset(big, 'x', sizeof big - 1);
    check_fails(sock_imap_select(m, big, 0, NULL), SOCK_E_VALUE, 0,
                "select: the command is too long");
    check_int(sock_imap_state(m), SOCK_IMAP_SELECTED);
    check_str(response(m, "FLAGS"), "(a)");
    check_fails(sock_imap_select(m, "x", 0, NULL), SOCK_E_REPLY, SOCK_IMAP_NO,
                "select the server: SELECT x: NO no");
    check_int(sock_imap_state(m), SOCK_IMAP_AUTH);
    imap_told(m, "$ SELECT INBOX\n$ SELECT x\n");
}

/* Whichever of its codes says that it can only be read. */
TEST(imap, select_what_can_only_be_read)
{
    sock_imap_t *m = IMAP_MADE(
        IMAP_KNOWN,
        "* OK [READ-ONLY] x\r\n* OK [UIDNEXT 4] y\r\n$ OK [X] done\r\n");
    check_fails(sock_imap_select(m, "a", 0, NULL), SOCK_E_UNSUPPORTED, 0,
                "select the server: the mailbox is not writable");
    imap_told(m, "$ SELECT a\n");
}

TEST(imap, names)
{
    static const char *const rows[][2] = {
        {"", "\"\""},
        {"INBOX", "INBOX"},
        {"nil", "\"nil\""},
        {"a b", "\"a b\""},
        {"a*b", "\"a*b\""},
        {"a%b", "\"a%b\""},
        {"a\\b\"c", "\"a\\\\b\\\"c\""},
        {"(a)", "\"(a)\""},
        {"a{5}", "\"a{5}\""},
        {"{5+}", "\"{5+}\""},
        {"a&b", "a&-b"},
        {"a]b[c", "a]b[c"},
        {"Entw\xc3\xbcrfe", "Entw&APw-rfe"},
        {"\xe5\x8f\xb0\xe5\x8c\x97 \xf0\x9f\x98\x80", "\"&U,BTFw- &2D3eAA-\""},
        {"\x01", "&AAE-"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char told[64];
        sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, IMAP_OK);
        check_ok(sock_imap_mailbox(m, "Create", rows[i][0], NULL));
        snprintf(told, sizeof told, "$ CREATE %s\n", rows[i][1]);
        imap_told(m, told);
    }
}

TEST(imap, mailbox)
{
    sock_imap_t *m =
        IMAP_MADE(IMAP_KNOWN, IMAP_OK, IMAP_OK, IMAP_OK, IMAP_OK,
                  "* MYRIGHTS a lrs\r\n" IMAP_OK, "$ NO exists\r\n");
    check_ok(sock_imap_mailbox(m, "DELETE", "a", NULL));
    check_ok(sock_imap_mailbox(m, "RENAME", "a", "b c"));
    check_ok(sock_imap_mailbox(m, "SUBSCRIBE", "a", NULL));
    check_ok(sock_imap_mailbox(m, "UNSUBSCRIBE", "a", NULL));
    check_ok(sock_imap_mailbox(m, "MYRIGHTS", "a", NULL));
    check_str(response(m, "MYRIGHTS"), "a lrs");
    check_fails(sock_imap_mailbox(m, "CREATE", "a", NULL), SOCK_E_REPLY,
                SOCK_IMAP_NO, "create the server: CREATE a: NO exists");
    check_fails(sock_imap_mailbox(m, "CREATE", "a", "b"), SOCK_E_VALUE, 0,
                "create: only RENAME has another name");
    check_fails(sock_imap_mailbox(m, "RENAME", "a", NULL), SOCK_E_TYPE, 0,
                "rename: argument is NULL");
    check_fails(sock_imap_mailbox(m, "LOGOUT", "a", NULL), SOCK_E_VALUE, 0,
                "mailbox: not a command about a mailbox");
    check_fails(sock_imap_mailbox(m, "CREATE", NULL, NULL), SOCK_E_TYPE, 0,
                "create: argument is NULL");
    imap_told(m, "$ DELETE a\n$ RENAME a \"b c\"\n$ SUBSCRIBE a\n"
                 "$ UNSUBSCRIBE a\n$ MYRIGHTS a\n$ CREATE a\n");
}

TEST(imap, list)
{
    sock_imap_t *m = IMAP_MADE(
        IMAP_KNOWN,
        "* LIST (\\HasNoChildren) \"/\" INBOX\r\n"
        "* list () NIL \"\"\r\n"
        "* LIST (\\Noselect \\Marked) \"\\\\\" \"a \\\"b\\\"\"\r\n"
        "* 4 EXISTS\r\n"
        "* LIST () \"/\" {5}\r\nx\"y (\r\n"
        "* LIST () \"/\" Entw&APw-rfe ((\"CHILDINFO\" (\"SUBSCRIBED\")))\r\n"
        "* LIST () \"/\" a&b\r\n"
        "* LIST () \"/\" &-&AOk-\r\n" IMAP_OK,
        IMAP_OK, "* LSUB () \".\" x\r\n* LSUB () \"NIL\" y\r\n" IMAP_OK);
    sock_imap_list_t *l = check_made(sock_imap_list(m, "", "*"));
    check_int(l->count, 7);
    check_str(l->boxes[0].name, "INBOX");
    check_str(l->boxes[0].flags, "\\HasNoChildren");
    check_str(l->boxes[0].delimiter, "/");
    check_str(l->boxes[1].name, "");
    check_str(l->boxes[1].flags, "");
    check_str(l->boxes[1].delimiter, "");
    check_str(l->boxes[2].name, "a \"b\"");
    check_str(l->boxes[2].flags, "\\Noselect \\Marked");
    check_str(l->boxes[2].delimiter, "\\");
    check_str(l->boxes[3].name, "x\"y (");
    check_str(l->boxes[4].name, "Entw\xc3\xbcrfe");
    check_str(l->boxes[5].name, "a&b");
    check_str(l->boxes[6].name, "&\xc3\xa9");
    sock_imap_list_free(l);
    check_str(response(m, "EXISTS"), "4");
    check_int(responses(m, "LIST"), 0);
    l = check_made(sock_imap_list(m, "a b", "%/\xc3\xbc*"));
    check_int(l->count, 0);
    sock_imap_list_free(l);
    l = check_made(sock_imap_lsub(m, "", "x y"));
    check_int(l->count, 2);
    check_str(l->boxes[0].delimiter, ".");
    check_str(l->boxes[1].delimiter, "NIL");
    sock_imap_list_free(l);
    imap_told(m, "$ LIST \"\" *\n$ LIST \"a b\" %/&APw-*\n"
                 "$ LSUB \"\" \"x y\"\n");
}

TEST(imap, bad_lists)
{
    static const char *const rows[] = {
        "",
        "x",
        "(x",
        "()",
        "() x",
        "(()) NIL x",
        "() NIL (x)",
        "() \"/",
        "() \"/\" \"x",
        "\"\" NIL x",
        "(\"a\") NIL x",
        "x) NIL y",
        "() ( x",
        "() ) x",
        "() NIL {3}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char turn[128];
        snprintf(turn, sizeof turn, "!* LIST %s\r\n" IMAP_OK, rows[i]);
        sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, turn);
        check_that(sock_imap_list(m, "", "*") == NULL, "%s", rows[i]);
        check_that(sock_last_error()->kind ==
                       (strchr(rows[i], '{') ? SOCK_E_EOF : SOCK_E_PROTOCOL),
                   "%s: %s", rows[i], error_text());
        check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
        imap_told(m, "$ LIST \"\" *\n");
    }
}

/* What is a text here could not show all of it. */
TEST(imap, a_list_with_a_nul)
{
    static const char says[] = IMAP_KNOWN "* LIST () NIL a\0b\r\nABCD0 OK\r\n";
    sock_imap_t *m = check_made(imap_try_bytes(says, sizeof says - 1));
    memcpy(m->prefix, "ABCD", 4);
    check_null(sock_imap_list(m, "", "*"), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
               error_text());
    imap_told(m, "$ LIST \"\" *\n");
}

TEST(imap, status)
{
    sock_imap_status_t s;
    sock_imap_t *m =
        IMAP_MADE(IMAP_KNOWN,
                  "* STATUS {3}\r\na b (MESSAGES 231 uidnext 44292 UIDVALIDITY "
                  "4294967295 UNSEEN 0 SIZE 18446744073709551615 X NIL RECENT "
                  "12x)\r\n" IMAP_OK,
                  IMAP_OK, "!* STATUS a (MESSAGES\r\n" IMAP_OK);
    check_ok(sock_imap_status(m, "a b", "(MESSAGES UIDNEXT)", &s));
    check_int(s.messages, 231);
    check_int(s.uidnext, 44292);
    check_int(s.uidvalidity, 4294967295);
    check_int(s.unseen, 0);
    check(s.size == UINT64_MAX);
    check_int(s.recent, 0);
    check_ok(sock_imap_status(m, "a", "MESSAGES UNSEEN", &s));
    check_int(s.messages, 0);
    check_fails(sock_imap_status(m, "a", "MESSAGES", &s), SOCK_E_PROTOCOL,
                SOCK_P_SYNTAX,
                "status the server: STATUS a (MESSAGES): not a status: "
                "'* STATUS a (MESSAGES'");
    imap_told(m, "$ STATUS \"a b\" (MESSAGES UIDNEXT)\n"
                 "$ STATUS a (MESSAGES UNSEEN)\n$ STATUS a (MESSAGES)\n");
}

/* What a name of an extension has in parentheses, as MAILBOXID of RFC 8474. */
TEST(imap, status_of_an_extension)
{
    static const char *const none[] = {"X (a",     "X (a \"b)", "X (a)",
                                       "X ((a) )", "X )",       "X"};
    sock_imap_status_t s;
    sock_imap_t *m = IMAP_MADE(
        IMAP_KNOWN, "* STATUS a (MAILBOXID (F1-x) MESSAGES 4 X ((a \")\") b "
                    "({1}\r\n)) ()) UNSEEN 2 Y ())\r\n" IMAP_OK);
    check_ok(sock_imap_status(m, "a", "MESSAGES MAILBOXID", &s));
    check_int(s.messages, 4);
    check_int(s.unseen, 2);
    imap_told(m, "$ STATUS a (MESSAGES MAILBOXID)\n");
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        char turn[128];
        snprintf(turn, sizeof turn, "* STATUS a (%s\r\n", none[i]);
        m = IMAP_MADE(IMAP_KNOWN, turn);
        check(sock_imap_status(m, "a", "X", &s) < 0);
        check_int(sock_last_error()->kind, SOCK_E_PROTOCOL);
        imap_end(m);
    }
}

TEST(imap, no_status)
{
    static const char *const rows[] = {
        "x",
        "a MESSAGES 1",
        "a x MESSAGES 1)",
        ") (MESSAGES 1)",
        "a (MESSAGES)",
        "a (MESSAGES 1",
        "a (MESSAGES 1 \"x\" 2)",
        "a (MESSAGES ( UIDNEXT 1)",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char turn[128];
        sock_imap_status_t s;
        snprintf(turn, sizeof turn, "!* STATUS %s\r\n" IMAP_OK, rows[i]);
        sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, turn);
        check_that(sock_imap_status(m, "a", "MESSAGES", &s) < 0, "%s", rows[i]);
        check_that(sock_last_error()->kind == SOCK_E_PROTOCOL, "%s: %s",
                   rows[i], error_text());
        imap_told(m, "$ STATUS a (MESSAGES)\n");
    }
}

/* Codes stand in brackets, and numbers before what they count. */
TEST(imap, what_is_no_code)
{
    sock_imap_t *m = selected(
        IMAP_MADE(SELECTED,
                  "* EXISTS\r\n* X [ALERT] y\r\n* 1 BYE\r\n* 2 OK [ALERT] y\r\n"
                  "$ OK xALERT] y\r\n",
                  IMAP_OK));
    check_ok(sock_imap_noop(m));
    check_int(responses(m, "ALERT"), 0);
    check_int(m->exists, 3);
    imap_told(m, "$ SELECT INBOX\n$ NOOP\n");
}

TEST(imap, no_numbers)
{
    static const char *const rows[] = {"x", "2 \"3\"", "2 )", "-1"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char turn[128];
        snprintf(turn, sizeof turn, "!* SEARCH %s\r\n" IMAP_OK, rows[i]);
        sock_imap_t *m = selected(IMAP_MADE(SELECTED, turn));
        check_that(sock_imap_search(m, NULL, "ALL") == NULL, "%s", rows[i]);
        check_that(sock_last_error()->kind == SOCK_E_PROTOCOL, "%s: %s",
                   rows[i], error_text());
        imap_told(m, "$ SELECT INBOX\n$ SEARCH ALL\n");
    }
}

/* Messages */

TEST(imap, search)
{
    sock_imap_t *m = selected(IMAP_MADE(
        SELECTED, "* SEARCH 2 84\r\n* 4 EXISTS\r\n* SEARCH 882\r\n" IMAP_OK,
        "* SEARCH\r\n" IMAP_OK, "* SEARCH 4294967295 (MODSEQ 9)\r\n" IMAP_OK,
        "", IMAP_OK, "$ NO [BADCHARSET (UTF-8)] no\r\n",
        "!* SEARCH 4294967296\r\n"));
    sock_imap_numbers_t *n = check_made(sock_imap_search(m, NULL, "ALL"));
    check_int(n->count, 3);
    check_int(n->numbers[0], 2);
    check_int(n->numbers[1], 84);
    check_int(n->numbers[2], 882);
    sock_imap_numbers_free(n);
    n = check_made(sock_imap_search(m, NULL, "FROM \"a \\\"b\\\" {3}\""));
    check_int(n->count, 0);
    sock_imap_numbers_free(n);
    check_ok(sock_imap_uid(m, 1));
    n = check_made(sock_imap_search(m, NULL, "(OR SEEN UID 5:*)"));
    check_int(n->count, 1);
    check_int(n->numbers[0], UINT32_MAX);
    sock_imap_numbers_free(n);
    n = check_made(
        sock_imap_search(m, "UTF-8", "SUBJECT \"\xc3\xa9 \\\\\" SEEN"));
    sock_imap_numbers_free(n);
    check_ok(sock_imap_uid(m, 0));
    check_null(sock_imap_search(m, "x y", "ALL"), SOCK_E_REPLY, SOCK_IMAP_NO,
               "search the server: SEARCH CHARSET \"x y\" ALL: NO "
               "[BADCHARSET (UTF-8)] no");
    check_str(response(m, "badcharset"), "(UTF-8)");
    check_null(sock_imap_search(m, NULL, "SUBJECT {5}"), SOCK_E_VALUE, 0,
               "search: an argument has a literal");
    check_null(sock_imap_search(m, NULL, "SUBJECT \"x"), SOCK_E_VALUE, 0,
               "search: a quoted string does not end");
    check_null(sock_imap_search(m, NULL, ""), SOCK_E_VALUE, 0,
               "search: an argument is empty");
    check_null(sock_imap_search(m, NULL, "1"), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
               "search the server: SEARCH 1: not a number: '* SEARCH "
               "4294967296'");
    imap_told(m, "$ SELECT INBOX\n$ SEARCH ALL\n"
                 "$ SEARCH FROM \"a \\\"b\\\" {3}\"\n"
                 "$ UID SEARCH (OR SEEN UID 5:*)\n"
                 "$ UID SEARCH CHARSET UTF-8 SUBJECT {4+}\n\xc3\xa9 \\ SEEN\n"
                 "$ SEARCH CHARSET \"x y\" ALL\n$ SEARCH 1\n");
}

/* What was found, as its numbers with a blank behind each. Static. */
static const char *found(sock_imap_t *m, const char *criteria)
{
    static char text[256];
    sock_imap_numbers_t *n = check_made(sock_imap_search(m, NULL, criteria));

    text[0] = '\0';
    for (size_t i = 0; i < n->count; i++)
        sprintf(text + strlen(text), "%u ", n->numbers[i]);
    sock_imap_numbers_free(n);
    return text;
}

/* The other form of an answer, which IMAP4rev2 alone has. */
TEST(imap, search_that_is_answered_by_sets)
{
    static const char *const rows[][3] = {
        {"* ESEARCH (TAG \"$\") ALL 2,10:12,7:5\r\n", "2 10 11 12 5 6 7 ",
         NULL},
        {"* esearch (tag $) uid all 4294967295\r\n", "4294967295 ", NULL},
        {"* ESEARCH UID ALL 3:3 ALL 4\r\n", "3 4 ", NULL},
        {"* ESEARCH (TAG {2}\r\nX1) ALL 3\r\n* SEARCH 9\r\n", "9 ",
         "(TAG {2}\r\nX1) ALL 3"},
        {"* ESEARCH (TAG \"$\")\r\n* ESEARCH\r\n", "", NULL},
        {"* ESEARCH (TAG QQQQ1) ALL 3\r\n", "", "(TAG QQQQ1) ALL 3"},
        {"* ESEARCH (TAG \"\") ALL 3\r\n", "", "(TAG \"\") ALL 3"},
        {"* ESEARCH COUNT 5 X (1 (2)) ALL 8 MODSEQ 1\r\n", "8 ",
         "COUNT 5 X (1 (2)) ALL 8 MODSEQ 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char says[128];
        snprintf(says, sizeof says, "* 4 EXISTS\r\n%s" IMAP_OK, rows[i][0]);
        sock_imap_t *m = selected(IMAP_MADE(IMAP_KNOWN, IMAP_OK, says));
        check_str(found(m, "ALL"), rows[i][1]);
        check_str(response(m, "EXISTS"), "4");
        if (rows[i][2] != NULL)
            check_str(response(m, "ESEARCH"), rows[i][2]);
        check_int(responses(m, "ESEARCH"), 0);
        imap_told(m, "$ SELECT INBOX\n$ SEARCH ALL\n");
    }
}

TEST(imap, sets_of_a_search_that_are_none)
{
    static const char *const rows[] = {"ALL",
                                       "ALL ",
                                       "ALL x",
                                       "ALL 1,",
                                       "ALL 1,,2",
                                       "ALL 1:",
                                       "ALL :1",
                                       "ALL 1:*",
                                       "ALL (1)",
                                       "ALL \"1\"",
                                       "ALL 1:2:3",
                                       "ALL 1)",
                                       "COUNT",
                                       "COUNT )",
                                       "COUNT (5",
                                       "(TAG \"$\"",
                                       "(TAG $ x",
                                       "(TAG)",
                                       "()",
                                       "\"ALL\" 1",
                                       "(TAG",
                                       "ALL 4294967296",
                                       "ALL 1:4294967296"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char says[128];
        snprintf(says, sizeof says, "* ESEARCH %s\r\n" IMAP_OK, rows[i]);
        sock_imap_t *m = selected(IMAP_MADE(IMAP_KNOWN, IMAP_OK, says));
        check_that(sock_imap_search(m, NULL, "ALL") == NULL, "%s", rows[i]);
        check_that(sock_last_error()->kind == SOCK_E_PROTOCOL, "%s: %s",
                   rows[i], error_text());
        check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
        imap_told(m, "$ SELECT INBOX\n$ SEARCH ALL\n");
    }
}

/* A short set may have more numbers than there is room for. */
TEST(imap, sets_of_a_search_that_are_large)
{
    const sock_session_limits_t limits = {.size = sizeof limits, .list = 80};
    static const char *const rows[] = {"7:26", "7:27", "1:4294967295"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char says[128];
        snprintf(says, sizeof says, "* ESEARCH ALL %s\r\n" IMAP_OK, rows[i]);
        sock_imap_t *m = selected(IMAP_MADE(IMAP_KNOWN, IMAP_OK, says));
        check_ok(sock_session_set_limits(sock_imap_session(m), &limits));
        sock_imap_numbers_t *n = sock_imap_search(m, NULL, "ALL");
        if (i == 0) {
            check(n != NULL && n->count == 20);
        } else {
            check_null(n, SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                       "search the server: SEARCH ALL: the list is too large");
        }
        sock_imap_numbers_free(n);
        imap_told(m, "$ SELECT INBOX\n$ SEARCH ALL\n");
    }
}

TEST(imap, changes)
{
    sock_imap_t *m = selected(
        IMAP_MADE(SELECTED, "* 2 FETCH (FLAGS (\\Seen))\r\n" IMAP_OK, IMAP_OK,
                  IMAP_OK, "$ OK [COPYUID 1 2 9] done\r\n", IMAP_OK, IMAP_OK,
                  "* 3 EXPUNGE\r\n* 3 EXPUNGE\r\n" IMAP_OK, IMAP_OK));
    check_ok(sock_imap_store(m, "2:4", "+FLAGS", "\\Seen \\Deleted"));
    check_str(response(m, "FETCH"), "2 (FLAGS (\\Seen))");
    check_ok(sock_imap_store(m, "2", "-flags.silent", "(\\Seen)"));
    check_ok(sock_imap_store(m, "$", "FLAGS", ""));
    check_ok(sock_imap_copy(m, "1:*", "a b"));
    check_str(response(m, "COPYUID"), "1 2 9");
    check_ok(sock_imap_uid(m, 1));
    check_ok(sock_imap_move(m, "9", "c"));
    check_ok(sock_imap_expunge(m, "9"));
    check_ok(sock_imap_expunge(m, NULL));
    sock_lines_t *l = check_made(sock_imap_response(m, "EXPUNGE"));
    check_int(l->count, 2);
    check_str(l->lines[1].text, "3");
    sock_lines_free(l);
    check_ok(sock_imap_uid(m, 0));
    check_fails(sock_imap_expunge(m, "9"), SOCK_E_VALUE, 0,
                "expunge: a set is of UIDs (see uid)");
    check_fails(sock_imap_store(m, "2", "FLAGS (x)", "x"), SOCK_E_VALUE, 0,
                "store: not a change of flags");
    check_fails(sock_imap_store(m, "2 x", "FLAGS", "x"), SOCK_E_VALUE, 0,
                "store: not a set of messages");
    check_fails(sock_imap_copy(m, "", "x"), SOCK_E_VALUE, 0,
                "copy: not a set of messages");
    check_ok(sock_imap_noop(m));
    imap_told(m, "$ SELECT INBOX\n$ STORE 2:4 +FLAGS (\\Seen \\Deleted)\n"
                 "$ STORE 2 -flags.silent (\\Seen)\n$ STORE $ FLAGS ()\n"
                 "$ COPY 1:* \"a b\"\n$ UID MOVE 9 c\n$ UID EXPUNGE 9\n"
                 "$ EXPUNGE\n$ NOOP\n");
}

/* Brackets, which end the code that a text begins with, may be in flags. */
TEST(imap, flags_with_brackets)
{
    sock_imap_t *m = IMAP_MADE(
        IMAP_KNOWN,
        "* OK [PERMANENTFLAGS (\\Seen \\*)] Flags permitted.\r\n" IMAP_OK,
        "* 1 FETCH (FLAGS (\\Seen [test]))\r\n" IMAP_OK,
        "* OK [PERMANENTFLAGS (\\Seen [test] \\*)] permitted.\r\n" IMAP_OK);
    check_ok(sock_imap_store(selected(m), "1", "+FLAGS", "[test]"));
    check_str(response(m, "FETCH"), "1 (FLAGS (\\Seen [test]))");
    check_str(response(selected(m), "PERMANENTFLAGS"), "(\\Seen [test] \\*)");
    imap_told(m, "$ SELECT INBOX\n$ STORE 1 +FLAGS ([test])\n"
                 "$ SELECT INBOX\n");
}

TEST(imap, move_that_is_none)
{
    sock_imap_t *none = IMAP_MADE("* PREAUTH [CAPABILITY IMAP4rev1] x\r\n");
    check_fails(sock_imap_move(none, "1", "x"), SOCK_E_VALUE, 0,
                "move: command MOVE illegal in state AUTH, only allowed in "
                "states SELECTED");
    imap_told(none, "");
    sock_imap_t *m =
        selected(IMAP_MADE("* PREAUTH [CAPABILITY IMAP4rev1] x\r\n", IMAP_OK));
    check_fails(sock_imap_move(m, "1", "x"), SOCK_E_UNSUPPORTED, 0,
                "move the server: MOVE not supported by server");
    check_fails(sock_imap_idle(m), SOCK_E_UNSUPPORTED, 0,
                "idle the server: Server does not support IMAP4 IDLE");
    imap_told(m, "$ SELECT INBOX\n");
}

/* What it has not is of no interest any more. */
TEST(imap, a_server_that_has_gone)
{
    sock_imap_t *m = selected(
        IMAP_MADE("* PREAUTH [CAPABILITY IMAP4rev1] x\r\n", IMAP_OK, "!"));
    check(sock_imap_noop(m) < 0);
    check_fails(sock_imap_move(m, "1", "x"), SOCK_E_EOF, 0,
                "move: not connected");
    check_fails(sock_imap_idle(m), SOCK_E_EOF, 0, "idle: not connected");
    check_fails(sock_imap_enable(m, "X"), SOCK_E_EOF, 0,
                "enable: not connected");
    imap_told(m, "$ SELECT INBOX\n$ NOOP\n");
}

/* Appending */

static int append(sock_imap_t *m, const char *text)
{
    return sock_imap_append(m, "a b", "\\Seen",
                            "\"17-Jul-1996 02:44:25 -0700\"",
                            sock_source_memory(text, strlen(text)), 0);
}

TEST(imap, append)
{
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "", "", "", "", "", "",
                               "$ OK [APPENDUID 1 5] done\r\n", "", IMAP_OK);
    check_ok(append(m, "A: b\n\n\rc\r\nd\r"));
    check_str(response(m, "APPENDUID"), "1 5");
    check_ok(
        sock_imap_append(m, NULL, NULL, NULL, sock_source_memory("", 0), 7));
    imap_told(m, "$ APPEND \"a b\" (\\Seen) \"17-Jul-1996 02:44:25 -0700\" "
                 "{16+}\nA: b\n\n\nc\nd\n\n$ APPEND INBOX {0+}\n\n");
    m = IMAP_MADE("* PREAUTH [CAPABILITY IMAP4rev1] x\r\n", "+\r\n", IMAP_OK,
                  "$ NO [TRYCREATE] no\r\n", IMAP_OK);
    check_ok(append(m, "x"));
    check_fails(append(m, "x"), SOCK_E_REPLY, SOCK_IMAP_NO,
                "append the server: APPEND \"a b\" (\\Seen) \"17-Jul-1996 "
                "02:44:25 -0700\": NO [TRYCREATE] no");
    check_int(responses(m, "TRYCREATE"), 1);
    check_ok(sock_imap_noop(m));
    imap_told(m, "$ APPEND \"a b\" (\\Seen) \"17-Jul-1996 02:44:25 -0700\" "
                 "{1}\nx\n"
                 "$ APPEND \"a b\" (\\Seen) \"17-Jul-1996 02:44:25 -0700\" "
                 "{1}\n$ NOOP\n");
}

/* What is empty is left out. */
TEST(imap, append_to_the_inbox)
{
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "", IMAP_OK);
    check_ok(sock_imap_append(m, "", "", "", sock_source_memory("x", 1), 0));
    imap_told(m, "$ APPEND INBOX {1+}\nx\n");
}

/* What lies behind the message is none of it. */
TEST(imap, append_the_front_of_a_text)
{
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "", "", IMAP_OK, "", IMAP_OK);
    check_ok(sock_imap_append(m, "a", NULL, NULL,
                              sock_source_memory("x\r\n", 2), 0));
    check_ok(
        sock_imap_append(m, "a", NULL, NULL, sock_source_memory("y\n", 1), 0));
    imap_told(m, "$ APPEND a {3+}\nx\n\n$ APPEND a {1+}\ny\n");
}

/* A line that is longer than what is sent at once stays one. */
TEST(imap, append_a_long_line)
{
    enum { SIZE = 40000 };
    static char line[SIZE];
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "", IMAP_OK);
    memset(line, 'x', SIZE);
    check_ok(sock_session_settimeout(sock_imap_session(m), 60));
    check_ok(sock_imap_append(m, "a", NULL, NULL,
                              sock_source_memory(line, SIZE), 0));
    check_that(m->session.out.room < SIZE, "%zu bytes", m->session.out.room);
    const char *heard = imap_end(m);
    const size_t before = strlen("$ APPEND a {40000+}\n");
    check_int(strspn(heard + before, "x"), SIZE);
    check_str(heard + before + SIZE, "\n");
}

TEST(imap, append_in_utf8)
{
    sock_imap_t *m =
        IMAP_MADE(IMAP_KNOWN, "* ENABLED UTF8=ACCEPT\r\n" IMAP_OK, "", IMAP_OK);
    check_ok(sock_imap_enable(m, "UTF8=ACCEPT"));
    check_ok(sock_imap_append(m, "a", NULL, NULL,
                              sock_source_memory("\xc3\xa9", 2), 0));
    imap_told(m, "$ ENABLE UTF8=ACCEPT\n"
                 "$ APPEND a UTF8 (~{2+}\n\xc3\xa9)\n");
}

static ssize_t give(void *arg, void *data, size_t size)
{
    size_t *left = arg, n = *left < size ? *left : size;
    memset(data, 'x', n);
    *left -= n;
    return (ssize_t)n;
}

static ssize_t give_none(void *arg, void *data, size_t size)
{
    (void)arg, (void)data, (void)size;
    return -1;
}

TEST(imap, append_a_source)
{
    enum { SIZE = 100000 };
    size_t left = SIZE + 5;
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "", IMAP_OK);
    check_ok(sock_imap_append(
        m, "a", NULL, NULL, (sock_source_t){.read = give, .arg = &left}, SIZE));
    check_that(m->session.out.room < SIZE, "%zu bytes", m->session.out.room);
    const char *heard = imap_end(m);
    check_int(strlen(heard), strlen("$ APPEND a {100000+}\n\n") + SIZE);
    m = IMAP_MADE(IMAP_KNOWN, "");
    left = 5;
    check_fails(
        sock_imap_append(m, "a", NULL, NULL,
                         (sock_source_t){.read = give, .arg = &left}, SIZE),
        SOCK_E_VALUE, 0, "append the server: APPEND a: the source ended early");
    check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
    imap_end(m);
    m = IMAP_MADE(IMAP_KNOWN, "");
    check(sock_imap_append(m, "a", NULL, NULL,
                           (sock_source_t){.read = give_none}, 5) < 0);
    check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
    check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
    imap_end(m);
}

TEST(imap, append_refuses)
{
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN);
    sock_source_t s = sock_source_memory("x", 1);
    static const char *const dates[] = {"17-Jul-1996 02:44:25 -0700",
                                        "\"x\"",
                                        "\"17-Jul-1996 02:44:25 -0700\"x",
                                        "\"37-Jul-1996 02:44:25 -0700\"",
                                        "x",
                                        ("\"x\" INTERNALDATE \"17-Jul-1996 "
                                         "02:44:25 -0700\""),
                                        "\"INTERNALDATE \"17-Jul-1996\r\nX"};
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++)
        check_fails(sock_imap_append(m, "a", NULL, dates[i], s, 0),
                    SOCK_E_VALUE, 0, "append: not a date of IMAP in quotes");
    check_fails(sock_imap_append(m, "a", "(\\Seen {5}", NULL, s, 0),
                SOCK_E_VALUE, 0, "append: an argument has a literal");
    check_fails(
        sock_imap_append(m, "a", NULL, NULL, sock_source_memory(NULL, 1), 0),
        SOCK_E_TYPE, 0, "append: buffer is NULL");
    imap_told(m, "");
}

/* What cannot be said leaves the client as it was. */
TEST(imap, arguments_that_are_refused)
{
    static char big[70000];
    sock_sasl_login_t who = {"ann", "secret"};
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO);

    check(sock_imap_authenticate(m, "A\nB", sock_sasl_password, &who) < 0);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(sock_imap_mailbox(m, "CREATE", "a", NULL) < 0);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(sock_imap_login(m, "ann", "sec\nret") < 0);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check_fails(sock_imap_idle(m), SOCK_E_VALUE, 0,
                "idle: command IDLE illegal in state NONAUTH, only allowed in "
                "states AUTH, SELECTED");
    imap_told(m, "");
    m = IMAP_MADE(SELECTED);
    check(sock_imap_enable(m, NULL) < 0);
    check_int(sock_last_error()->kind, SOCK_E_TYPE);
    check(sock_imap_select(m, "\xff", 0, NULL) < 0);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check_ok(sock_imap_uid(selected(m), 1));
    check_null(sock_imap_search(m, NULL, "TEXT \"x\\"), SOCK_E_VALUE, 0,
               "search: a quoted string does not end");
    memset(big, 'x', sizeof big - 1);
    check_null(sock_imap_search(m, NULL, big), SOCK_E_VALUE, 0,
               "search: the command is too long");
    check_fails(sock_imap_store(m, "1", "FLAGS", "{5}"), SOCK_E_VALUE, 0,
                "store: an argument has a literal");
    check_fails(sock_imap_expunge(m, "x"), SOCK_E_VALUE, 0,
                "expunge: not a set of messages");
    imap_told(m, "$ SELECT INBOX\n");
}

/* None begins another line, which the server would take for a command. */
static void check_two_lines(int result)
{
    check_fails(result, SOCK_E_VALUE, 0, error_text());
    check_that(strstr(error_text(), "prohibited newline characters") != NULL,
               "%s", error_text());
}

TEST(imap, arguments_of_two_lines)
{
    const char *const two[] = {"a\r\nX LOGOUT"};
    sock_sasl_login_t who = {"ann", "secret"};
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO);

    check_two_lines(
        sock_imap_authenticate(m, two[0], sock_sasl_password, &who));
    check_two_lines(sock_imap_login(m, two[0], "x"));
    check_two_lines(sock_imap_login(m, "x", two[0]));
    imap_told(m, "");
    m = selected(IMAP_MADE(SELECTED));
    check_two_lines(sock_imap_search(m, NULL, two[0]) == NULL ? -1 : 0);
    check_two_lines(sock_imap_command(m, "X", two, 1));
    imap_told(m, "$ SELECT INBOX\n");
}

/* Any other command */

TEST(imap, command)
{
    const char *const sort[] = {"(REVERSE DATE)", "UTF-8", "ALL"};
    const char *const acl[] = {"a b", "\"x\"", "lrs"};
    sock_imap_t *m = selected(
        IMAP_MADE(SELECTED, "* SORT 2 1\r\n" IMAP_OK, IMAP_OK,
                  "* X 1 {3}\r\nabc d\r\n" IMAP_OK, "$ BAD unknown\r\n"));
    check_ok(sock_imap_uid(m, 1));
    check_ok(sock_imap_command(m, "Sort", sort, 3));
    check_str(response(m, "SORT"), "2 1");
    check_ok(sock_imap_command(m, "SETACL", acl, 3));
    check_ok(sock_imap_command(m, "XFOO", NULL, 0));
    check_str(response(m, "X"), "1 {3}\r\nabc d");
    check_fails(sock_imap_command(m, "XFOO", NULL, 0), SOCK_E_REPLY,
                SOCK_IMAP_BAD, "xatom the server: XFOO: BAD unknown");
    check_fails(sock_imap_command(m, "X FOO", NULL, 0), SOCK_E_VALUE, 0,
                "xatom: not the name of a command");
    check_fails(sock_imap_command(m, "login", NULL, 0), SOCK_E_VALUE, 0,
                "xatom: LOGIN has a function of its own");
    check_fails(sock_imap_command(m, "PROXYAUTH", NULL, 0), SOCK_E_VALUE, 0,
                "xatom: command PROXYAUTH illegal in state SELECTED, only "
                "allowed in states AUTH");
    check_fails(sock_imap_command(m, "X", NULL, 1), SOCK_E_TYPE, 0,
                "xatom: argument is NULL");
    char *big = calloc(1, 1 << 24); /* which no stack has room for */
    memset(big, 'X', (1 << 24) - 1);
    check_fails(sock_imap_command(m, big, NULL, 0), SOCK_E_VALUE, 0,
                "xatom: not the name of a command");
    check_fails(sock_imap_command(m, "", NULL, 0), SOCK_E_VALUE, 0,
                "xatom: not the name of a command");
    big[32] = '\0';
    check_fails(sock_imap_command(m, big, NULL, 0), SOCK_E_VALUE, 0,
                "xatom: not the name of a command");
    free(big);
    const char *const none[] = {NULL}, *const literal[] = {"({3})"};
    check_fails(sock_imap_command(m, "X", none, 1), SOCK_E_TYPE, 0,
                "xatom: argument is NULL");
    check_fails(sock_imap_command(m, "X", literal, 1), SOCK_E_VALUE, 0,
                "xatom: an argument has a literal");
    check_fails(sock_imap_command(m, "X", none, SIZE_MAX), SOCK_E_VALUE, 0,
                error_text());
    imap_told(m, "$ SELECT INBOX\n$ UID SORT (REVERSE DATE) UTF-8 ALL\n"
                 "$ SETACL \"a b\" \"x\" lrs\n$ XFOO\n$ XFOO\n");
}

/* An argument is one, whatever is in it. */
TEST(imap, command_of_one_argument)
{
    static const char *const args[] = {"\"a\" x \"b\"", "(a) x (b)",
                                       "(a (\")\"))", "\"a\\\"b\""};
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, IMAP_OK, IMAP_OK, IMAP_OK, IMAP_OK);
    for (size_t i = 0; i < sizeof args / sizeof args[0]; i++)
        check_ok(sock_imap_command(m, "X", &args[i], 1));
    imap_told(m, "$ X \"\\\"a\\\" x \\\"b\\\"\"\n$ X \"(a) x (b)\"\n"
                 "$ X (a (\")\"))\n$ X \"a\\\"b\"\n");
}

TEST(imap, arguments_that_are_not_ready)
{
    const char *const args[] = {"(a", "\"b", "a)", "", " \"c\""};
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, IMAP_OK);
    check_ok(sock_imap_command(m, "X", args, 5));
    check_fails(sock_imap_command(m, "SORT", args, 0), SOCK_E_VALUE, 0,
                "xatom: command SORT illegal in state AUTH, only allowed in "
                "states SELECTED");
    imap_told(m, "$ X \"(a\" \"\\\"b\" \"a)\" \"\" \" \\\"c\\\"\"\n");
}

/* Limits, of a line of the server and of what is kept for later. */

static void check_too_much(sock_session_limits_t limits, const char *says,
                           const char *words)
{
    char text[128];
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, says);
    limits.size = sizeof limits;
    check_int(responses(m, "PREAUTH"), 1); /* which is not kept any more */
    check_ok(sock_session_set_limits(sock_imap_session(m), &limits));
    snprintf(text, sizeof text, "noop the server: NOOP: %s", words);
    check_fails(sock_imap_noop(m), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE, text);
    check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
    imap_told(m, "$ NOOP\n");
}

TEST(imap, too_much)
{
    const sock_session_limits_t few = {.list = 20}, words = {.reply = 10};
    const char *kept = "too much that was not asked for";

    check_too_much(few, "* X 34567890123456789\r\n",
                   "the response is too large");
    check_too_much(few, "* X 34567890123 {0}\r\n\r\n",
                   "the response is too large");
    check_too_much(few, "* X {12}\r\n0123456789ab\r\n",
                   "the response is too large");
    check_too_much(few, "* ABCDEFGH\r\n", kept);
    check_too_much(few, "* 12345678 A\r\n", kept);
    check_too_much(few, "* 123 A\r\n* 1 X\r\n", kept);
    check_too_much(few, "* 123 A B\r\n", kept);
    check_too_much(few, "* 12 A B\r\n", kept);
    check_too_much(few, "* A BCDEF\r\n", kept);
    check_too_much(words, "* BYE 0123456789a\r\n", "the reply is too long");
    check_too_much(words, "$ OK 0123456789a\r\n", "the reply is too long");
}

/* What earlier commands were told and no one has asked for makes room, and no
 * session ends for it, be that for a limit that is lowered. */
TEST(imap, more_than_is_kept)
{
    const sock_session_limits_t limits = {.size = sizeof limits, .list = 100};
    static const char says[] = "* 1 X\r\n* X 0123456789\r\n* OK a\r\n" IMAP_OK;
    sock_imap_t *m =
        IMAP_MADE(IMAP_KNOWN, says, says, says, says, says, "* 1 X\r\n" IMAP_OK,
                  "* 0123456789 X\r\n* 0123456789 X\r\n* 0123456789 X\r\n"
                  "* 0123456789 X\r\n");
    check_ok(sock_imap_noop(m));
    check_ok(sock_imap_noop(m));
    check_ok(sock_session_set_limits(sock_imap_session(m), &limits));
    for (int i = 0; i < 3; i++)
        check_ok(sock_imap_noop(m));
    check_int(responses(m, "OK"), 1);
    sock_lines_t *l = check_made(sock_imap_response(m, "X"));
    check_int(l->count, 2);
    check_str(l->lines[0].text, "1");
    check_str(l->lines[1].text, "0123456789");
    sock_lines_free(l);
    check_ok(sock_imap_noop(m));
    check_fails(sock_imap_noop(m), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                "noop the server: NOOP: too much that was not asked for");
    imap_told(m, "$ NOOP\n$ NOOP\n$ NOOP\n$ NOOP\n$ NOOP\n$ NOOP\n$ NOOP\n");
}

/* What is taken in between moves what the next command forgets. */
TEST(imap, what_a_command_forgets)
{
    sock_imap_t *m = IMAP_MADE(
        IMAP_KNOWN, "* A 1\r\n* OK a\r\n* B 1\r\n" IMAP_OK,
        "* A 2\r\n* NO b\r\n* B 2\r\n* BAD c\r\n* A 3\r\n" IMAP_OK, IMAP_OK);
    check_ok(sock_imap_noop(m));
    check_ok(sock_imap_noop(m));
    check_int(responses(m, "OK"), 0);
    check_int(responses(m, "A"), 3);
    check_int(responses(m, "NO"), 1);
    check_int(responses(m, "PREAUTH"), 1);
    check_ok(sock_imap_noop(m));
    check_int(responses(m, "BAD"), 0);
    check_int(responses(m, "B"), 2);
    check_int(m->table.used, 0);
    check_int(m->asked, 0);
    imap_told(m, "$ NOOP\n$ NOOP\n$ NOOP\n");
}

/* As much as there may be is no sum that overflows; and what a large response
 * has taken is given back. */
TEST(imap, no_limit)
{
    const sock_session_limits_t limits = {.size = sizeof limits,
                                          .list = SIZE_MAX};
    enum { LARGE = 1100000 };
    char *says = malloc(LARGE + 100);
    int n = sprintf(says, "* X {%d}\r\n", LARGE);
    memset(says + n, 'x', LARGE);
    sprintf(says + n + LARGE, "\r\n" IMAP_OK);
    sock_imap_t *m =
        selected(IMAP_MADE(SELECTED, "* SEARCH 1\r\n" IMAP_OK, says, IMAP_OK));
    check_ok(sock_session_set_limits(sock_imap_session(m), &limits));
    sock_imap_numbers_free(check_made(sock_imap_search(m, NULL, "ALL")));
    check_ok(sock_imap_noop(m));
    check_ok(sock_imap_noop(m));
    check(m->in.room < LARGE);
    imap_end(m);
    free(says);
}

/* A socket that its owner has closed behind the client's back. */

static void close_below(sock_imap_t *m)
{
    check_ok(sock_close(sock_session_socket(sock_imap_session(m))));
}

/* It has failed by that, and is closed for good. */
static void check_lost(sock_imap_t *m, int result)
{
    check_fails(result, SOCK_E_OS, EBADF, error_text());
    check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
    imap_end(m);
}

TEST(imap, sockets_that_are_closed_below)
{
    enum { LINES = 40000 };
    static char lines[LINES];
    size_t left = LINES;
    sock_imap_event_t e;
    sock_imap_item_t item;
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO);

    memset(lines, '\n', sizeof lines);
    close_below(m);
    check_fails(sock_imap_login(m, "a", "b"), SOCK_E_OS, EBADF, error_text());
    check_lost(m, sock_imap_noop(m));
    m = IMAP_MADE(IMAP_KNOWN);
    close_below(m);
    check_lost(m, sock_imap_append(m, "a", NULL, NULL,
                                   sock_source_memory(lines, LINES), 0));
    m = IMAP_MADE(IMAP_KNOWN);
    close_below(m);
    check_lost(m, sock_imap_append(m, "a", NULL, NULL,
                                   (sock_source_t){.read = give, .arg = &left},
                                   LINES));
    m = IMAP_MADE(IMAP_KNOWN, "+ \r\n");
    check_ok(sock_imap_idle(m));
    close_below(m);
    check_lost(m, sock_imap_idle_next(m, &e, 0));
    m = IMAP_MADE(IMAP_KNOWN, "+ \r\n* 1 EXISTS\r\n* 2 EXISTS\r\n");
    check_ok(sock_imap_idle(m));
    check_int(sock_imap_idle_next(m, &e, 5), 1);
    close_below(m);
    check_lost(m, sock_imap_idle_next(m, &e, 5));
    for (int drains = 0; drains < 2; drains++) {
        m = selected(IMAP_MADE(SELECTED, ""));
        check_ok(sock_imap_fetch(m, "1", "ALL"));
        close_below(m);
        check_lost(m, drains ? sock_imap_noop(m) : sock_imap_next(m, &item));
    }
}

TEST(imap, what_is_said_unasked)
{
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN,
                               "* 4 EXISTS\r\n* OK [ALERT] soon\r\n"
                               "* OK [ x] y\r\n* OK [x\r\n* 5 EXISTS\r\n"
                               "* OK [Y \"a\\\"]b\" (]) c] z\r\n* OK [W \"(\" "
                               "a\\] z\r\n* OK [Z \"\\\r\n" IMAP_OK,
                               "* NO full\r\n" IMAP_OK);
    check_ok(sock_imap_noop(m));
    check_int(responses(m, "ALERT"), 1);
    check_str(response(m, "Y"), "\"a\\\"]b\" (]) c");
    check_str(response(m, "W"), "\"(\" a\\");
    check_int(responses(m, "Z"), 0);
    check_ok(sock_imap_noop(m));
    check_int(responses(m, "OK"), 0);
    check_str(response(m, "NO"), "full");
    sock_lines_t *l = check_made(sock_imap_response(m, "EXISTS"));
    check_int(l->count, 2);
    check_str(l->lines[0].text, "4");
    check_str(l->lines[1].text, "5");
    sock_lines_free(l);
    imap_told(m, "$ NOOP\n$ NOOP\n");
}

/* What a literal ends with is not what the line behind it begins with. */
TEST(imap, a_line_behind_a_literal)
{
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "* X {2}\r\n {3}\r\n" IMAP_OK);
    check_ok(sock_imap_noop(m));
    check_str(response(m, "X"), "{2}\r\n {3}");
    imap_told(m, "$ NOOP\n");
}

static const struct {
    const char *says;
    int kind;
    const char *text;
} broken[] = {
    {"* BYE Server shutting down\r\n", SOCK_E_EOF,
     "noop the server: NOOP: Server shutting down"},
    {"X1 OK done\r\n", SOCK_E_PROTOCOL,
     "noop the server: NOOP: unexpected response: 'X1 OK done'"},
    {"$0 OK done\r\n", SOCK_E_PROTOCOL, NULL},
    {"QQQQ0 OK done\r\n", SOCK_E_PROTOCOL, NULL}, /* no letter of a tag */
    {"$ PREAUTH\r\n", SOCK_E_PROTOCOL, NULL},
    {"$ 1 EXISTS\r\n", SOCK_E_PROTOCOL, NULL},
    {"$\r\n", SOCK_E_PROTOCOL, NULL},
    {"+ go on\r\n", SOCK_E_PROTOCOL,
     "noop the server: NOOP: unexpected response: '+ go on'"},
    {"\r\n", SOCK_E_PROTOCOL, NULL},
    {"*\r\n", SOCK_E_PROTOCOL, NULL},
    {"* \r\n", SOCK_E_PROTOCOL, NULL},
    {"* 1\r\n", SOCK_E_PROTOCOL, NULL},
    {"* 1x EXISTS\r\n", SOCK_E_PROTOCOL, NULL},
    {"* 4294967296 EXISTS\r\n", SOCK_E_PROTOCOL, NULL},
    {"* (X)\r\n", SOCK_E_PROTOCOL, NULL},
    {"* {3}\r\n", SOCK_E_PROTOCOL, NULL},
    {"!* X {3}\r\nab", SOCK_E_EOF, NULL},
    {"* X {18446744073709551616}\r\n", SOCK_E_PROTOCOL,
     "noop the server: NOOP: the response is too large"},
    {"* X {67108864}\r\n", SOCK_E_PROTOCOL,
     "noop the server: NOOP: the response is too large"},
};

TEST(imap, broken)
{
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, broken[i].says);
        check_that(sock_imap_noop(m) < 0, "%s", broken[i].says);
        check_that(sock_last_error()->kind == broken[i].kind, "%s: %s",
                   broken[i].says, error_text());
        if (broken[i].text != NULL)
            check_str(error_text(), broken[i].text);
        check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
        check_fails(sock_imap_noop(m), SOCK_E_EOF, 0, "noop: not connected");
        imap_told(m, "$ NOOP\n");
    }
}

/* Listening */

TEST(imap, idle)
{
    sock_imap_event_t e;
    sock_imap_t *m = selected(
        IMAP_MADE(SELECTED,
                  "+ idling\r\n* 4 EXISTS\r\n* 2 fetch (FLAGS (\\Seen))\r\n"
                  "* OK Still here\r\n* X {3}\r\na\r\n\r\n",
                  "* 5 EXISTS\r\n" IMAP_OK, IMAP_OK));
    check_ok(sock_imap_idle(m));
    check_int(sock_imap_state(m), SOCK_IMAP_IDLING);
    check_fails(sock_imap_noop(m), SOCK_E_VALUE, 0,
                "noop: command NOOP illegal in state IDLING, only allowed in "
                "states NONAUTH, AUTH, SELECTED, LOGOUT");
    check_int(sock_imap_idle_next(m, &e, 5), 1);
    check_str(e.type, "EXISTS");
    check_str(e.data, "4");
    check_int(e.number, 4);
    check_int(e.length, 1);
    check_int(sock_imap_idle_next(m, &e, SOCK_NO_TIMEOUT), 1);
    check_str(e.type, "FETCH");
    check_str(e.data, "2 (FLAGS (\\Seen))");
    check_int(sock_imap_idle_next(m, &e, 5), 1);
    check_str(e.type, "OK");
    check_str(e.data, "Still here");
    check_int(e.number, 0);
    check_int(sock_imap_idle_next(m, &e, 5), 1);
    check_str(e.data, "{3}\r\na\r\n");
    check_int(e.length, 8);
    check_int(sock_imap_idle_next(m, &e, 0), 0);
    check_int(sock_imap_idle_next(m, &e, 0.01), 0);
    check_ok(sock_imap_idle_done(m));
    check_int(sock_imap_state(m), SOCK_IMAP_SELECTED);
    sock_lines_t *l = check_made(sock_imap_response(m, "EXISTS"));
    check_int(l->count, 2);
    check_str(l->lines[1].text, "5");
    sock_lines_free(l);
    check_ok(sock_imap_noop(m));
    imap_told(m, "$ SELECT INBOX\n$ IDLE\nDONE\n$ NOOP\n");
}

/* What comes while it is said, and said anew, is not lost. */
TEST(imap, idle_is_said_anew)
{
    sock_imap_event_t e;
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "* 3 EXISTS\r\n+ idling\r\n",
                               "* 4 EXISTS\r\n* X {3}\r\na\r\n\r\n" IMAP_OK,
                               "* 5 EXISTS\r\n+ idling\r\n* 6 EXISTS\r\n",
                               "* 7 EXISTS\r\n" IMAP_OK);
    check_ok(sock_imap_idle(m));
    check_int(sock_imap_idle_next(m, &e, 5), 1);
    check_str(e.type, "EXISTS");
    check_int(e.number, 3);
    m->renew = 0;
    check_int(sock_imap_idle_next(m, &e, 5), 1);
    check_str(e.data, "4");
    check_int(e.number, 4);
    check_int(sock_imap_idle_next(m, &e, 0), 1);
    check_str(e.type, "X");
    check_str(e.data, "{3}\r\na\r\n");
    check_int(sock_imap_state(m), SOCK_IMAP_IDLING);
    check_ok(sock_imap_idle_done(m));
    sock_lines_t *l = check_made(sock_imap_response(m, "EXISTS"));
    check_int(l->count, 3);
    check_str(l->lines[0].text, "5");
    check_str(l->lines[2].text, "7");
    sock_lines_free(l);
    imap_told(m, "$ IDLE\nDONE\n$ IDLE\nDONE\n");
}

/* What came in between is held as anything that was not asked for is. */
TEST(imap, too_much_while_idle_is_said_anew)
{
    sock_session_limits_t limits = {.size = sizeof limits, .list = 20};
    static const char *const says[] = {"* 4 EXISTS\r\n* 5 EXISTS\r\n" IMAP_OK,
                                       "* 12345 EXISTS\r\n" IMAP_OK};
    sock_imap_event_t e;
    sock_imap_t *m;

    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++) {
        m = IMAP_MADE(IMAP_KNOWN, "+ idling\r\n", says[i]);
        check_ok(sock_session_set_limits(sock_imap_session(m), &limits));
        check_ok(sock_imap_idle(m));
        m->renew = 0;
        check_fails(sock_imap_idle_next(m, &e, 5), SOCK_E_PROTOCOL,
                    SOCK_P_TOO_LARGE,
                    "idle_next the server: DONE: the response is too large");
        imap_told(m, "$ IDLE\nDONE\n");
    }
    m = IMAP_MADE(IMAP_KNOWN, "+ idling\r\n", says[0], "+ idling\r\n");
    check_ok(sock_imap_idle(m));
    m->renew = 0;
    check_int(sock_imap_idle_next(m, &e, 5), 1);
    check_ok(sock_session_set_limits(sock_imap_session(m), &limits));
    check_fails(sock_imap_idle_done(m), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                "idle_done the server: IDLE: too much that was not asked for");
    imap_told(m, "$ IDLE\nDONE\n$ IDLE\n");
}

/* Its go-ahead is a text for people, and announces nothing. */
TEST(imap, idle_ends)
{
    sock_imap_event_t e;
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "$ NO never\r\n",
                               "+\r\n$ NO enough\r\n", "+ {3}\r\n* BYE x\r\n");
    check_fails(sock_imap_idle(m), SOCK_E_REPLY, SOCK_IMAP_NO,
                "idle the server: IDLE: NO never");
    check_int(sock_imap_state(m), SOCK_IMAP_AUTH);
    check_ok(sock_imap_idle(m));
    check_fails(sock_imap_idle_next(m, &e, 5), SOCK_E_REPLY, SOCK_IMAP_NO,
                "idle_next the server: IDLE: NO enough");
    check_int(sock_imap_state(m), SOCK_IMAP_AUTH);
    check_ok(sock_imap_idle(m));
    check_fails(sock_imap_idle_next(m, &e, 5), SOCK_E_EOF, 0,
                "idle_next the server: IDLE: x");
    check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
    imap_told(m, "$ IDLE\n$ IDLE\n$ IDLE\n");
}

/* What is no event, while there is no command that it could answer. */
TEST(imap, idle_is_answered_otherwise)
{
    static const char *const says[] = {"+\r\n+ more\r\n", "+\r\n" IMAP_OK};
    sock_imap_event_t e;
    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++) {
        sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, says[i]);
        check_ok(sock_imap_idle(m));
        check_fails(sock_imap_idle_next(m, &e, 5), SOCK_E_PROTOCOL,
                    SOCK_P_SYNTAX, error_text());
        check_int(sock_imap_state(m), SOCK_IMAP_LOGOUT);
        imap_told(m, "$ IDLE\n");
    }
}

TEST(imap, idle_breaks_off)
{
    sock_imap_event_t e;
    sock_imap_t *m =
        IMAP_MADE(IMAP_KNOWN, "!+\r\n* X {5}\r\nab", "* 1 EXISTS\r\n");
    check_ok(sock_imap_idle(m));
    check_fails(sock_imap_idle_next(m, &e, -2), SOCK_E_VALUE, 0, error_text());
    check_fails(sock_imap_idle_next(m, NULL, 5), SOCK_E_TYPE, 0, error_text());
    check_int(sock_imap_idle_next(m, &e, 5), -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    imap_told(m, "$ IDLE\n");
    m = IMAP_MADE(IMAP_KNOWN, "!+\r\n");
    check_ok(sock_imap_idle(m));
    check_fails(sock_imap_idle_next(m, &e, 5), SOCK_E_EOF, 0,
                "idle_next the server: IDLE: Connection unexpectedly closed");
    check_fails(sock_imap_idle_next(m, &e, 5), SOCK_E_EOF, 0,
                "idle_next: not connected");
    imap_told(m, "$ IDLE\n");
    m = IMAP_MADE(IMAP_KNOWN, "+\r\n", "!");
    check_ok(sock_imap_idle(m));
    m->renew = 0; /* the server is asked anew, and has gone */
    check_int(sock_imap_idle_next(m, &e, 5), -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    imap_told(m, "$ IDLE\nDONE\n");
    m = IMAP_MADE(IMAP_KNOWN, "+\r\n");
    check_ok(sock_imap_idle(m));
    check_ok(sock_session_set_deadline(sock_imap_session(m), 0));
    check_int(sock_imap_idle_next(m, &e, 5), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    imap_told(m, "$ IDLE\n");
}

TEST(imap, idle_outlasts_the_time_of_a_command)
{
    sock_imap_event_t e;
    sock_imap_t *m = IMAP_MADE(IMAP_KNOWN, "+\r\n", IMAP_OK);
    check_ok(sock_imap_idle(m));
    check_ok(sock_session_settimeout(sock_imap_session(m), 0.05));
    check_int(sock_imap_idle_next(m, &e, 0.15), 0);
    check_ok(sock_session_settimeout(sock_imap_session(m), 10));
    check_ok(sock_imap_idle_done(m));
    imap_told(m, "$ IDLE\nDONE\n");
}

/* What goes at once */

static int sends;

int __real_sock_sendall(sock_t *s, const void *buf, size_t size, int flags);
int __wrap_sock_sendall(sock_t *s, const void *buf, size_t size, int flags);
int __wrap_sock_sendall(sock_t *s, const void *buf, size_t size, int flags)
{
    if (s != imap_script.peer)
        sends++;
    return __real_sock_sendall(s, buf, size, flags);
}

static void check_sends(int number)
{
    check_int(sends, number);
    sends = 0;
}

/* A command is one, with its literals where these need not wait. */
TEST(imap, one_send_each)
{
    sock_imap_t *m = IMAP_MADE(
        IMAP_HELLO, "", "", "$ OK [CAPABILITY " IMAP_CAPABILITIES "] in\r\n",
        IMAP_OK, "", IMAP_OK, "", IMAP_OK, IMAP_OK, "+\r\n", IMAP_OK);
    check_sends(0);
    check_ok(sock_imap_login(m, "zo\xc3\xab", "\xc3\xa9"));
    check_sends(1);
    check_ok(sock_imap_select(m, "INBOX", 0, NULL));
    check_sends(1);
    sock_imap_numbers_free(
        check_made(sock_imap_search(m, "UTF-8", "TEXT \"\xc3\xa9\"")));
    check_sends(1);
    check_ok(
        sock_imap_append(m, "a", NULL, NULL, sock_source_memory("abc", 3), 0));
    check_sends(1);
    check_ok(sock_imap_fetch(m, "1", "ALL"));
    check_sends(1);
    check_ok(sock_imap_idle(m));
    check_sends(1);
    check_ok(sock_imap_idle_done(m));
    check_sends(1);
    imap_end(m);
    m = IMAP_MADE("* PREAUTH [CAPABILITY IMAP4rev1] x\r\n", "+\r\n", IMAP_OK);
    check_ok(
        sock_imap_append(m, "a", NULL, NULL, sock_source_memory("x", 1), 0));
    check_sends(2);
    imap_end(m);
}

/* What is traced, a line each. */
static void note(void *arg, char direction, const char *line, size_t n)
{
    char *text = arg;
    size_t used = strlen(text);

    snprintf(text + used, 1000 - used, "%c %.*s\n", direction, (int)n, line);
}

static void keep_trace(void *arg, char direction, const char *line, size_t n)
{
    char *text = arg;
    size_t used = strlen(text);
    snprintf(text + used, 500 - used, "%c%.*s|", direction, (int)n, line);
}

TEST(imap, trace_and_secrets)
{
    sock_sasl_login_t who = {"ann", "secret"};
    char text[1000] = "";
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO, "", "$ NO\r\n", "$ NO\r\n",
                               "$ NO\r\n", "* CAPABILITY IMAP4rev1\r\n" IMAP_OK,
                               "+\r\n", "$ OK [CAPABILITY IMAP4] in\r\n");
    memcpy(m->prefix, "ABCD", 4);
    check_ok(sock_session_set_trace(sock_imap_session(m), note, text));
    check_fails(sock_imap_login(m, "ann", "\xc3\xa9"), SOCK_E_REPLY,
                SOCK_IMAP_NO, "login the server: LOGIN ann ****: NO");
    check(sock_imap_login(m, "a b", "sec\"ret") < 0);
    check(sock_imap_authenticate(m, "PLAIN", sock_sasl_password, &who) < 0);
    check_ok(sock_imap_command(m, "CAPABILITY", NULL, 0));
    check_ok(sock_imap_authenticate(m, "PLAIN", sock_sasl_password, &who));
    check_str(text, "> ABCD0 LOGIN ann ****\n> ****\n< ABCD0 NO\n"
                    "> ABCD1 LOGIN \"a b\" ****\n< ABCD1 NO\n"
                    "> ABCD2 AUTHENTICATE PLAIN ****\n< ABCD2 NO\n"
                    "> ABCD3 CAPABILITY\n< * CAPABILITY IMAP4rev1\n"
                    "< ABCD3 OK done\n> ABCD4 AUTHENTICATE PLAIN\n< +\n"
                    "> ****\n< ABCD4 OK [CAPABILITY IMAP4] in\n");
    imap_told(m, "$ LOGIN ann {2+}\n\xc3\xa9\n$ LOGIN \"a b\" \"sec\\\"ret\"\n"
                 "$ AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=\n$ CAPABILITY\n"
                 "$ AUTHENTICATE PLAIN\nAGFubgBzZWNyZXQ=\n");
}

/* Nor is one that goes by itself, as a literal. */
TEST(imap, trace_of_a_literal)
{
    sock_imap_t *m = IMAP_MADE(IMAP_HELLO, "", "$ NO\r\n");
    char text[500] = "";
    check_ok(sock_session_set_trace(sock_imap_session(m), keep_trace, text));
    check_fails(sock_imap_login(m, "ann", "\xc3\xa9 secret"), SOCK_E_REPLY,
                SOCK_IMAP_NO, "login the server: LOGIN ann ****: NO");
    imap_told(m, "$ LOGIN ann {9+}\n\xc3\xa9 secret\n");
    check_that(strstr(text, "LOGIN ann ****") != NULL, "%s", text);
    check_that(strstr(text, "secret") == NULL, "%s", text);
}

/* What is no secret is shown as it is said. */
TEST(imap, trace_of_a_command)
{
    sock_imap_t *m = IMAP_MADE(SELECTED, "", "$ NO\r\n");
    char text[500] = "";
    memcpy(m->prefix, "ABCD", 4);
    check_ok(sock_session_set_trace(sock_imap_session(selected(m)), keep_trace,
                                    text));
    check(sock_imap_search(m, NULL, "TEXT \"\xc3\xa9\"") == NULL);
    check_str(text, ">ABCD1 SEARCH TEXT {2+}|>\xc3\xa9|<ABCD1 NO|");
    imap_told(m, "$ SELECT INBOX\n$ SEARCH TEXT {2+}\n\xc3\xa9\n");
}
