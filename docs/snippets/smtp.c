/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/pysockc.h>
#include <pysockc/smtp.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A server that takes mail for all but nobody. */

static void greet(FILE *out)
{
    fputs("250-mx.example.org\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n"
          "250-8BITMIME\r\n250-STARTTLS\r\n250 AUTH PLAIN XOAUTH2\r\n",
          out);
}

static void take_message(FILE *in, FILE *out, int replies)
{
    char line[1024];

    fputs("354 go on\r\n", out);
    fflush(out);
    while (fgets(line, sizeof line, in) != NULL && line[0] != '.')
        ;
    while (replies-- > 0)
        fputs("250 2.0.0 taken\r\n", out);
}

static void answer(const char *line, FILE *in, FILE *out)
{
    static int is_lmtp, recipients;

    if (strncmp(line + 1, "HLO", 3) == 0) {
        is_lmtp = line[0] == 'L';
        greet(out);
    } else if (strncmp(line, "MAIL", 4) == 0) {
        recipients = 0;
        fputs("250 2.1.0 ok\r\n", out);
    } else if (strncmp(line, "RCPT TO:<nobody", 15) == 0) {
        fputs("550 5.1.1 no such user\r\n", out);
    } else if (strncmp(line, "RCPT", 4) == 0) {
        recipients++;
        fputs("250 2.1.5 ok\r\n", out);
    } else if (strncmp(line, "DATA", 4) == 0) {
        take_message(in, out, is_lmtp ? recipients : 1);
    } else if (strncmp(line, "AUTH", 4) == 0) {
        fputs("235 2.7.0 welcome\r\n", out);
    } else if (strncmp(line, "HELP", 4) == 0) {
        fputs("214-See RFC 5321.\r\n214 Good luck!\r\n", out);
    } else if (strncmp(line, "VRFY", 4) == 0) {
        fputs("252 2.5.1 send some mail\r\n", out);
    } else if (strncmp(line, "EXPN", 4) == 0) {
        fputs("250-<bob@example.org>\r\n250 <eve@example.org>\r\n", out);
    } else {
        fputs("250 2.0.0 ok\r\n", out);
    }
}

static void converse(sock_t *conn)
{
    FILE *in = sock_makefile(conn, "r"), *out = sock_makefile(conn, "w");
    char line[1024];

    fputs("220 mx.example.org\r\n", out);
    fflush(out);
    while (fgets(line, sizeof line, in) != NULL) {
        answer(line, in, out);
        fflush(out);
    }
    fclose(in);
    fclose(out);
    sock_free(conn);
}

static void *serve(void *server)
{
    sock_t *conn;
    while ((conn = sock_accept(server, NULL)) != NULL)
        converse(conn);
    return NULL;
}

//! [send]
static int send_one(const char *host, int port)
{
    const char *to[] = {"bob@example.org", "nobody@example.org"};
    const char *msg = "From: Eve <eve@example.org>\n"
                      "To: Bob <bob@example.org>\n"
                      "Subject: Lunch\n"
                      "\n"
                      "At noon?\n";
    sock_smtp_t *s = sock_smtp_new(host, port, NULL);
    int refused = -1;

    if (s != NULL)
        refused = sock_smtp_sendmail(s, "eve@example.org", to, 2, msg,
                                     strlen(msg), NULL, NULL);
    if (refused == -1)
        sock_perror(NULL);
    for (int i = 0; i < refused; i++) {
        const sock_smtp_refusal_t *r = sock_smtp_refused(s, (size_t)i);
        printf("%s: %d %s\n", r->address, r->code, r->text);
        /* -> nobody@example.org: 550 5.1.1 no such user */
    }
    if (refused >= 0)
        sock_smtp_quit(s);
    sock_smtp_free(s);
    return refused == -1 ? -1 : 0;
}
//! [send]

static void over_tls(void)
{
    //! [tls]
    sock_smtp_t *s = sock_smtp_ssl_new("mail.example.org", 0, NULL, NULL);
    if (s == NULL) /* as sock_ssl_init() was not called */
        sock_perror(NULL);
    /* -> SMTP_SSL: TLS needs sock_ssl_init() ... */
    sock_smtp_free(s);
    //! [tls]
}

static void to_lmtp(const char *path, int port)
{
    const char *to[] = {"bob", "eve"};
    //! [lmtp]
    sock_smtp_t *s = sock_lmtp_new(path, port, NULL);
    int refused = -1;
    if (s != NULL)
        refused = sock_smtp_sendmail(s, "", to, 2, "Hello!\n", 7, NULL, NULL);
    if (refused == -1)
        sock_perror(NULL);
    else
        printf("%d of 2 refused\n", refused); /* -> 0 of 2 refused */
    //! [lmtp]
    sock_smtp_free(s);
}

static sock_smtp_t *connect_later(const char *host, int port)
{
    //! [connect]
    sock_session_opts_t opts = {.size = sizeof opts, .timeout = 60};
    sock_smtp_t *s = sock_smtp_new(NULL, 0, &opts);
    int code = s != NULL ? sock_smtp_connect(s, host, port) : -1;
    if (code == -1)
        sock_perror(NULL);
    else
        printf("%d %s\n", code, sock_session_text(sock_smtp_session(s)));
    /* -> 220 mx.example.org */
    //! [connect]
    return s;
}

static void ask(sock_smtp_t *s)
{
    //! [docmd]
    if (sock_smtp_docmd(s, "HELP", NULL) == 214)
        puts(sock_session_text(sock_smtp_session(s)));
    /* -> See RFC 5321.
       -> Good luck! */
    sock_smtp_putcmd(s, "NOOP", NULL);
    printf("%d\n", sock_smtp_getreply(s)); /* -> 250 */
    //! [docmd]
}

static void hello(sock_smtp_t *s)
{
    //! [hello]
    if (sock_smtp_hello(s) == -1) /* as others do by themselves */
        sock_perror(NULL);
    if (sock_smtp_has_extn(s, "PIPELINING") == 1)
        printf("up to %s bytes\n", sock_smtp_extn(s, "SIZE"));
    /* -> up to 1000000 bytes */

    printf("%d\n", sock_smtp_ehlo(s, "host.example.org")); /* -> 250 */
    printf("%d\n", sock_smtp_helo(s, "host.example.org")); /* -> 250 */
    //! [hello]
}

static void log_in(sock_smtp_t *s)
{
    //! [login]
    if (sock_smtp_login(s, "eve", "secret") == -1)
        sock_perror(NULL);
    //! [login]
    //! [token]
    sock_sasl_bearer_t bearer = {.user = "eve", .token = "ya29.a0"};
    if (sock_smtp_auth(s, "XOAUTH2", sock_sasl_token, &bearer) == -1)
        sock_perror(NULL);
    //! [token]
}

static void by_commands(sock_smtp_t *s)
{
    //! [commands]
    sock_session_t *c = sock_smtp_session(s);
    const char *msg = "Subject: one by one\n\nHello!\n";

    if (sock_smtp_mail(s, "eve@example.org", "BODY=8BITMIME") == 250 &&
        sock_smtp_rcpt(s, "bob@example.org", NULL) == 250 &&
        sock_smtp_data(s, sock_source_memory(msg, strlen(msg))) == 250)
        puts(sock_session_text(c)); /* -> 2.0.0 taken */
    else
        sock_smtp_rset(s);

    printf("%d\n", sock_smtp_verify(s, "bob@example.org")); /* -> 252 */
    if (sock_smtp_expn(s, "all@example.org") == 250)
        puts(sock_session_text(c));
    /* -> <bob@example.org>
       -> <eve@example.org> */
    if (sock_smtp_noop(s) == 250)
        puts("still there"); /* -> still there */
    //! [commands]
    sock_smtp_rset(s);
}

static void from_a_file(sock_smtp_t *s, FILE *file)
{
    const char *to[] = {"bob@example.org"};
    //! [stream]
    int refused = sock_smtp_send_from(s, "eve@example.org", to, 1,
                                      sock_source_file(file), -1, NULL, NULL);
    if (refused == 0)
        puts("sent"); /* -> sent */
    //! [stream]
}

static void go_on_under_tls(sock_smtp_t *s)
{
    //! [starttls]
    if (sock_smtp_starttls(s, NULL) == -1)
        sock_perror(NULL);
    /* -> starttls: TLS needs sock_ssl_init() ... */
    //! [starttls]
}

static void quote(void)
{
    char buf[100];
    //! [quoteaddr]
    sock_smtp_quoteaddr(buf, sizeof buf, "Eve <eve@example.org>");
    puts(buf); /* -> <eve@example.org> */
    if (sock_smtp_quoteaddr(buf, sizeof buf, "a@b> SIZE=1") == -1)
        sock_perror(NULL); /* -> quoteaddr a@b> SIZE=1: not an address */
    //! [quoteaddr]
    //! [quotedata]
    const char *msg = "one\n.two\n";
    sock_smtp_quotedata(buf, sizeof buf, msg, strlen(msg));
    printf("%d\n", strcmp(buf, "one\r\n..two\r\n")); /* -> 0 */
    //! [quotedata]
}

#ifdef WITH_SSL
//! [over_tls]
#include <pysockc/ssl.h>

static sock_smtp_t *log_in_by_tls(const char *host, int port)
{
    sock_ssl_init(); /* NULL is whom the system trusts from now on */
    sock_smtp_t *s = sock_smtp_ssl_new(host, port, NULL, NULL);
    if (s == NULL || sock_smtp_login(s, "eve", "secret") == -1)
        sock_perror(NULL);
    return s;
}
//! [over_tls]

//! [own_tls]
static sock_smtp_t *connect_by(const char *cafile, const char *host, int port)
{
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, cafile, NULL, NULL);
    sock_smtp_t *s = NULL;
    if (ctx != NULL)
        s = sock_smtp_ssl_new(host, port, sock_ssl_tls(ctx), NULL);
    if (s == NULL)
        sock_perror(NULL);
    sock_ssl_context_free(ctx); /* the client keeps what it needs */
    return s;
}
//! [own_tls]

static int says_noop(sock_smtp_t *s)
{
    int code = s != NULL ? sock_smtp_noop(s) : -1;
    sock_smtp_free(s);
    return code == 250 ? 0 : -1;
}

/* On a server whose certificate the system trusts here. */
static int under_tls(sock_t *server)
{
    sock_ssl_context_t *ctx =
        sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER);
    sock_addr_t address;
    pthread_t thread;
    sock_t *s = NULL;

    if (setenv("SSL_CERT_FILE", "ca.pem", 1) == 0 && ctx != NULL &&
        sock_ssl_load_cert_chain(ctx, "cert.pem", "key.pem", NULL) == 0)
        s = sock_ssl_wrap_socket(ctx, server, 1, NULL, NULL);
    sock_ssl_context_free(ctx);
    if (s == NULL || sock_getsockname(s, &address) == -1 ||
        pthread_create(&thread, NULL, serve, s) != 0)
        return -1;
    int port = sock_addr_port(&address);
    int first = says_noop(log_in_by_tls("localhost", port));
    int second = says_noop(connect_by("ca.pem", "localhost", port));
    sock_shutdown(s, SHUT_RDWR);
    pthread_join(thread, NULL);
    sock_free(s);
    return first == 0 && second == 0 ? 0 : -1;
}
#else
static int under_tls(sock_t *server)
{
    (void)server;
    return 0;
}
#endif

int main(void)
{
    sock_addr_t address;
    sock_addr_t any = sock_addr_inet("127.0.0.1", 0);
    sock_t *server = sock_create_server(any, 9, 0);
    pthread_t thread;
    FILE *file = tmpfile();

    setvbuf(stdout, NULL, _IONBF, 0);
    if (server == NULL || file == NULL)
        return 1;
    fputs("Subject: from a file\n\nHello!\n", file);
    rewind(file);
    sock_getsockname(server, &address);
    pthread_create(&thread, NULL, serve, server);
    int port = sock_addr_port(&address);
    int failed = send_one("127.0.0.1", port);

    over_tls();
    to_lmtp("127.0.0.1", port);
    sock_smtp_t *s = connect_later("127.0.0.1", port);
    ask(s);
    hello(s);
    log_in(s);
    by_commands(s);
    from_a_file(s, file);
    go_on_under_tls(s);
    sock_smtp_free(s);
    quote();
    fclose(file);
    sock_shutdown(server, SHUT_RDWR);
    pthread_join(thread, NULL);
    sock_free(server);
    server = sock_create_server(any, 9, 0);
    if (server == NULL || under_tls(server) == -1)
        failed = -1;
    sock_free(server);
    return failed == 0 ? 0 : 1;
}
