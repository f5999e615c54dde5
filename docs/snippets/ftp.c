/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/ftp.h>
#include <pysockc/pysockc.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* The other side: a server of one small directory. */

static const char *const answers[][2] = {
    {"USER", "331 your name?"},
    {"PASS", "230 welcome"},
    {"PWD", "257 \"/pub\" is where you are"},
    {"MKD", "257 \"/pub/new\" is there now"},
    {"CWD", "250 ok"},
    {"CDUP", "250 ok"},
    {"RMD", "250 gone"},
    {"DELE", "250 gone"},
    {"RNFR", "350 to what?"},
    {"RNTO", "250 ok"},
    {"SIZE", "213 12"},
    {"REST", "350 go on"},
    {"MDTM", "213 20260102030405"},
    {"SYST", "215 UNIX Type: L8"},
    {"AUTH", "502 not here"},
    {"QUIT", "221 bye"},
    {"", "200 ok"}};

/* What goes over data connections. */
static const char *const contents[][2] = {
    {"RETR", "Hello, FTP!\r\n"},
    {"LIST", "-rw-r--r-- 1 ftp ftp 12 Jan 2 2026 hello.txt\r\n"},
    {"NLST", "hello.txt\r\nnew\r\n"},
    {"MLSD", "type=file;size=12;modify=20260102030405; hello.txt\r\n"
             "type=dir;perm=flcdmpe; new\r\n"}};

static int begins(const char *line, const char *verb)
{
    return strncmp(line, verb, strlen(verb)) == 0;
}

static sock_t *open_door(sock_t *conn, FILE *out)
{
    sock_addr_t address;
    sock_getsockname(conn, &address);
    sock_t *door = sock_create_server(sock_addr_with_port(address, 0), 1, 0);
    sock_getsockname(door, &address);
    fprintf(out, "229 here (|||%d|)\r\n", sock_addr_port(&address));
    return door;
}

/* Sends what there is, or takes what comes. */
static void move_data(const char *line, FILE *out, sock_t *door)
{
    sock_t *data = sock_accept(door, NULL);
    char buf[512];

    fputs("150 here it comes\r\n", out);
    fflush(out);
    if (begins(line, "STOR"))
        while (sock_recv(data, buf, sizeof buf, 0) > 0)
            ;
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++)
        if (begins(line, contents[i][0]))
            sock_sendall(data, contents[i][1], strlen(contents[i][1]), 0);
    sock_free(data);
    fputs("226 done\r\n", out);
}

static int is_transfer(const char *line)
{
    int is = begins(line, "STOR");
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++)
        is |= begins(line, contents[i][0]);
    return is;
}

static void answer(const char *line, FILE *out)
{
    size_t i = 0;
    while (!begins(line, answers[i][0]))
        i++;
    fprintf(out, "%s\r\n", answers[i][1]);
}

static void converse(sock_t *conn)
{
    FILE *in = sock_makefile(conn, "r"), *out = sock_makefile(conn, "w");
    sock_t *door = NULL;
    char line[1024];

    fputs("220 ftp.example.org\r\n", out);
    fflush(out);
    while (fgets(line, sizeof line, in) != NULL) {
        if (begins(line, "EPSV")) {
            sock_free(door);
            door = open_door(conn, out);
        } else if (is_transfer(line)) {
            move_data(line, out, door);
        } else {
            answer(line, out);
        }
        fflush(out);
    }
    fclose(in);
    fclose(out);
    sock_free(door);
    sock_free(conn);
}

static void *serve(void *server)
{
    sock_t *conn;
    while ((conn = sock_accept(server, NULL)) != NULL)
        converse(conn);
    return NULL;
}

/* What the reference shows */

//! [retrbinary]
static int get(const char *host, int port)
{
    sock_ftp_t *f = sock_ftp_new(NULL, NULL);
    sock_sink_t out = sock_sink_file(stdout);
    int result = 0;

    if (f == NULL || sock_ftp_connect(f, host, port) == -1 ||
        sock_ftp_login(f, NULL, NULL, NULL) == -1 ||
        sock_ftp_cwd(f, "/pub") == -1 ||
        sock_ftp_retrbinary(f, "RETR hello.txt", out, 0) == -1 ||
        sock_ftp_quit(f) == -1) {
        sock_perror(NULL);
        result = -1;
    }
    sock_ftp_free(f);
    return result;
}
/* -> Hello, FTP! */
//! [retrbinary]

static sock_ftp_t *connect_to(const char *host, int port)
{
    //! [connect]
    sock_session_opts_t opts = {.size = sizeof opts, .timeout = 30};
    sock_ftp_t *f = sock_ftp_new(NULL, &opts);
    if (f == NULL || sock_ftp_connect(f, host, port) == -1)
        sock_perror(NULL);
    //! [connect]
    return f;
}

static void about_it(sock_ftp_t *f)
{
    //! [session]
    sock_session_t *c = sock_ftp_session(f);
    sock_session_settimeout(c, 60);
    puts(sock_session_text(c)); /* -> ftp.example.org */
    //! [session]
}

static void over_tls(sock_ftp_t *f)
{
    //! [tls]
    if (sock_ftp_auth(f, NULL) == -1 ||
        sock_ftp_login(f, "eve", "secret", NULL) == -1 ||
        sock_ftp_prot_p(f) == -1)
        sock_perror(NULL); /* as sock_ssl_init() was not called */
    /* -> auth: TLS needs sock_ssl_init() ... */
    //! [tls]
    //! [clear]
    if (sock_ftp_prot_c(f) == -1 || sock_ftp_ccc(f) == -1)
        sock_perror(NULL); /* -> prot_c: not using TLS */
    //! [clear]
}

static void commands(sock_ftp_t *f)
{
    //! [command]
    if (sock_ftp_sendcmd(f, "SYST") == 215)
        puts(sock_session_text(sock_ftp_session(f)));
    /* -> UNIX Type: L8 */
    sock_ftp_voidcmd(f, "SITE CHMOD 644 hello.txt");
    sock_ftp_noop(f);
    //! [command]
    //! [mode]
    sock_ftp_trust_pasv_address(f, 0); /* as at first */
    sock_ftp_set_pasv(f, 1);
    //! [mode]
}

static void by_hand(sock_ftp_t *f)
{
    char buf[512];
    //! [transfer]
    int64_t size;
    sock_ftp_voidcmd(f, "TYPE I");
    sock_t *conn = sock_ftp_transfercmd(f, "RETR hello.txt", 0, &size);
    ssize_t n;
    while (conn != NULL && (n = sock_recv(conn, buf, sizeof buf, 0)) > 0)
        fwrite(buf, 1, (size_t)n, stdout);
    if (conn == NULL || sock_ftp_transfer_end(f, conn) == -1)
        sock_perror(NULL);
    /* -> Hello, FTP! */
    //! [transfer]
    //! [abort]
    conn = sock_ftp_transfercmd(f, "RETR hello.txt", 0, NULL);
    if (conn != NULL && sock_ftp_abort(f, conn) == 0)
        puts("enough of it"); /* -> enough of it */
    //! [abort]
}

static void files(sock_ftp_t *f, FILE *local, FILE *text)
{
    //! [store]
    sock_source_t from = sock_source_file(local);
    if (sock_ftp_storbinary(f, "STOR new.bin", from, 0) == -1)
        sock_perror(NULL);
    //! [store]
    //! [resume]
    int64_t there; /* what the server has of it; not what was sent */
    if (sock_ftp_size(f, "new.bin", &there) == -1)
        there = 0;
    if (fseeko(local, (off_t)there, SEEK_SET) == -1 ||
        sock_ftp_storbinary(f, "STOR new.bin", from, there) == -1)
        sock_perror(NULL);
    //! [resume]
    //! [text]
    sock_source_t lines = sock_source_file(text);
    if (sock_ftp_storlines(f, "STOR new.txt", lines) == -1)
        sock_perror(NULL);
    //! [text]
    //! [lines]
    sock_ftp_retrlines(f, "RETR hello.txt", sock_sink_file(stdout));
    /* -> Hello, FTP! */
    //! [lines]
    //! [file]
    int64_t size, when;
    if (sock_ftp_size(f, "hello.txt", &size) == 0 &&
        sock_ftp_mdtm(f, "hello.txt", &when) == 0)
        printf("%" PRId64 " bytes, of %" PRId64 "\n", size, when);
    /* -> 12 bytes, of 1767323045 */
    sock_ftp_rename(f, "new.txt", "old.txt");
    sock_ftp_delete(f, "old.txt");
    //! [file]
}

static void directories(sock_ftp_t *f)
{
    //! [tree]
    char path[256];
    if (sock_ftp_mkd(f, "new", path, sizeof path) > 0)
        puts(path); /* -> /pub/new */
    sock_ftp_cwd(f, "new");
    sock_ftp_cwd(f, "..");
    if (sock_ftp_pwd(f, path, sizeof path) > 0)
        puts(path); /* -> /pub */
    sock_ftp_rmd(f, "new");
    //! [tree]
    //! [dir]
    sock_ftp_dir(f, NULL, sock_sink_file(stdout));
    /* -> -rw-r--r-- 1 ftp ftp 12 Jan 2 2026 hello.txt */
    //! [dir]
    //! [names]
    sock_lines_t *names = sock_ftp_nlst(f, NULL);
    for (size_t i = 0; names != NULL && i < names->count; i++)
        puts(names->lines[i].text);
    /* -> hello.txt
       -> new */
    sock_lines_free(names);
    //! [names]
    //! [mlsd]
    sock_ftp_list_t *list = sock_ftp_mlsd(f, NULL, "type;size;modify");
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const sock_ftp_entry_t *e = &list->entries[i];
        if (e->type == SOCK_FTP_FILE)
            printf("%s: %" PRId64 " bytes\n", e->name, e->size);
        else if (e->type == SOCK_FTP_DIR)
            printf("%s/\n", e->name);
    }
    /* -> hello.txt: 12 bytes
       -> new/ */
    sock_ftp_list_free(list);
    //! [mlsd]
}

int main(void)
{
    sock_addr_t address;
    sock_addr_t any = sock_addr_inet("127.0.0.1", 0);
    sock_t *server = sock_create_server(any, 9, 0);
    pthread_t thread;
    FILE *local = tmpfile(), *text = tmpfile();

    setvbuf(stdout, NULL, _IONBF, 0);
    if (server == NULL || local == NULL || text == NULL)
        return 1;
    sock_getsockname(server, &address);
    pthread_create(&thread, NULL, serve, server);
    int failed = get("127.0.0.1", sock_addr_port(&address));
    sock_ftp_t *f = connect_to("127.0.0.1", sock_addr_port(&address));
    about_it(f);
    over_tls(f);
    commands(f);
    by_hand(f);
    files(f, local, text);
    directories(f);
    sock_ftp_free(f);
    fclose(local);
    fclose(text);
    sock_shutdown(server, SHUT_RDWR);
    pthread_join(thread, NULL);
    sock_free(server);
    return failed == 0 ? 0 : 1;
}
