/* SPDX-License-Identifier: MIT */
/*
 * A client of FTP that does what the lines of stdin say, for ftp_peers.py and
 * parity_ftp.py.
 *
 * A line is a word and its arguments, with tabs between them and %XX for any
 * byte. For each it says what came of it: "ok" and a value, or the kind of the
 * error, and its code, and its text; with tabs and %XX, too.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/ftp.h>
#include <pysockc/pysockc.h>
#include <pysockc/request.h>
#ifdef WITH_SSL
#include <pysockc/ssl.h>
#endif

enum { MOST = 8 };

static sock_ftp_t *client;
static char *words[MOST];
static int count;

/* Texts */

static void put(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isalnum((unsigned char)text[i]) ||
            (text[i] != '\0' && strchr(" /.,:;=-_()'\"|<>*", text[i]) != NULL))
            putchar(text[i]);
        else
            printf("%%%02X", (unsigned char)text[i]);
}

static void decode(char *text)
{
    char *to = text;
    unsigned byte;

    for (; *text != '\0'; text++)
        if (*text == '%' && sscanf(text + 1, "%2x", &byte) == 1) {
            *to++ = (char)byte;
            text += 2;
        } else {
            *to++ = *text;
        }
    *to = '\0';
}

/* An argument; NULL: there is none. */
static const char *word(int i)
{
    return i < count && *words[i] != '\0' ? words[i] : NULL;
}

static int64_t number(int i)
{
    return i < count ? strtoll(words[i], NULL, 10) : 0;
}

/* Results */

static int said;

static void say(const char *text, size_t n)
{
    printf("ok\t");
    put(text, n);
    said = 1;
}

static void say_number(int64_t n)
{
    printf("ok\t%" PRId64, n);
    said = 1;
}

static void end(int result)
{
    char text[SOCK_ERROR_TEXT_MAX];

    if (result < 0) {
        const sock_error_t *e = sock_last_error();
        sock_error_text(NULL, text, sizeof text);
        printf("%s%s\t%d\t", said ? "\t" : "", sock_error_name(e->kind),
               e->code);
        put(text, strlen(text));
    } else if (!said) {
        printf("ok");
    }
    putchar('\n');
    fflush(stdout);
    said = 0;
}

/* What a sink has got: the bytes, or how many and their CRC. */
static struct {
    char text[4096];
    size_t n;
    uint32_t crc;
    int64_t most; /* refuses after so many calls; 0: never */
} sunk;

static void begin_sink(int64_t most)
{
    sunk.n = 0;
    sunk.crc = UINT32_MAX;
    sunk.most = most;
}

/* What a byte does to the CRC. */
static uint32_t step(uint32_t crc)
{
    for (int bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    return crc;
}

static int sink_write(void *arg, const void *data, size_t n)
{
    static uint32_t steps[256];
    const unsigned char *at = data;

    (void)arg;
    for (uint32_t i = 0; steps[255] == 0; i++)
        steps[i] = step(i);
    for (size_t i = 0; i < n; i++) {
        if (sunk.n + i < sizeof sunk.text)
            sunk.text[sunk.n + i] = (char)at[i];
        sunk.crc = sunk.crc >> 8 ^ steps[(sunk.crc ^ at[i]) & 255];
    }
    sunk.n += n;
    return sunk.most > 0 && --sunk.most == 0;
}

static sock_sink_t sink(int64_t most)
{
    begin_sink(most);
    return (sock_sink_t){sink_write, NULL};
}

static void say_sunk(void)
{
    if (sunk.n <= sizeof sunk.text)
        say(sunk.text, sunk.n);
    else
        printf("ok\t%zu %08" PRIx32, sunk.n, ~sunk.crc);
    said = 1;
}

/* What is sent: a text, or "@" and a file. */
static char *content;
static size_t content_size;

static sock_source_t source(const char *what)
{
    FILE *file = what != NULL && what[0] == '@' ? fopen(what + 1, "rb") : NULL;

    free(content);
    content = NULL;
    content_size = 0;
    if (file == NULL)
        return sock_source_memory(what != NULL ? what : "",
                                  what != NULL ? strlen(what) : 0);
    content = malloc(1 << 26);
    content_size = fread(content, 1, 1 << 26, file);
    fclose(file);
    return sock_source_memory(content, content_size);
}

/* The same, but it fails in the end. */
static ssize_t give_and_fail(void *arg, void *data, size_t size)
{
    sock_source_t *from = arg;
    size_t n = from->size < size ? from->size : size;

    memcpy(data, from->data, n);
    from->data = (const char *)from->data + n;
    from->size -= n;
    return n > 0 ? (ssize_t)n : -1;
}

/* Lists */

static int say_lines(sock_lines_t *list)
{
    if (list == NULL)
        return -1;
    printf("ok");
    for (size_t i = 0; i < list->count; i++) {
        putchar('\t');
        put(list->lines[i].text, list->lines[i].length);
    }
    said = 1;
    sock_lines_free(list);
    return 0;
}

static int say_entries(sock_ftp_list_t *list)
{
    if (list == NULL)
        return -1;
    printf("ok");
    for (size_t i = 0; i < list->count; i++) {
        const sock_ftp_entry_t *e = &list->entries[i];
        putchar('\t');
        put(e->name, strlen(e->name));
        for (size_t j = 0; j < e->fact_count; j++) {
            putchar('|');
            put(e->facts[j].name, strlen(e->facts[j].name));
            putchar('=');
            put(e->facts[j].value, strlen(e->facts[j].value));
        }
    }
    said = 1;
    sock_ftp_list_free(list);
    return 0;
}

/* Words */

static int do_text(int result)
{
    char text[8192];
    const char *words_of_reply = sock_session_text(sock_ftp_session(client));

    if (result < 0)
        return -1;
    snprintf(text, sizeof text, "%03d %s",
             sock_session_code(sock_ftp_session(client)), words_of_reply);
    say(text, strlen(text));
    return 0;
}

static int do_connect(void)
{
    const sock_session_opts_t opts = {
        .size = sizeof opts, .timeout = count > 3 ? atof(words[3]) : 20};
    const char *host = count > 1 ? words[1] : "";

    sock_ftp_free(client);
    client = sock_ftp_new(NULL, &opts);
    return do_text(sock_ftp_connect(client, host, (int)number(2)));
}

static int do_auth(void)
{
#ifdef WITH_SSL
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, word(1), NULL, NULL);

    if (word(2) != NULL && strcmp(word(2), "1.2") == 0)
        sock_ssl_set_maximum_version(ctx, SOCK_SSL_TLSV1_2);
    int result = sock_ftp_auth(client, sock_ssl_tls(ctx));
    sock_ssl_context_free(ctx);
    return result;
#else
    return sock_ftp_auth(client, NULL);
#endif
}

static int say_path(int length, const char *path)
{
    if (length >= 0)
        say(path, strlen(path));
    return length < 0 ? -1 : 0;
}

static int say_int64(int result, int64_t n)
{
    if (result == 0)
        say_number(n);
    return result;
}

static int say_result(int result)
{
    if (result == 0)
        say_sunk();
    return result;
}

/* Begins, moves a little, or "none", or "all", and gives up. */
static int do_abort(void)
{
    char buf[1000] = "";
    const char *how = word(2) != NULL ? words[2] : "some";
    sock_t *conn = sock_ftp_transfercmd(client, words[1], 0, NULL);

    if (conn == NULL)
        return -1;
    if (strcmp(how, "send") == 0)
        sock_sendall(conn, buf, sizeof buf, 0);
    else if (strcmp(how, "some") == 0)
        sock_recv(conn, buf, sizeof buf, 0);
    else if (strcmp(how, "all") == 0)
        while (sock_recv(conn, buf, sizeof buf, 0) > 0)
            continue;
    return sock_ftp_abort(client, conn);
}

static int do_url(void)
{
    char *data = NULL;
    sock_http_response_t *r = sock_urlopen(words[1], NULL, 0, 20);
    int64_t length = r != NULL ? sock_http_length(r) : -1;
    ssize_t n = r != NULL ? sock_http_readall(r, &data, 1 << 26) : -1;

    if (n >= 0) {
        begin_sink(0);
        if (n > 0)
            sink_write(NULL, data, (size_t)n);
        say_sunk();
        printf("\t%" PRId64, length);
    }
    sock_http_data_free(data);
    sock_http_response_free(r);
    return n < 0 ? -1 : 0;
}

static int do_login(void)
{
    return sock_ftp_login(client, word(1), word(2), word(3));
}

static int do_quit(void)
{
    return sock_ftp_quit(client);
}

static int do_prot_p(void)
{
    return sock_ftp_prot_p(client);
}

static int do_prot_c(void)
{
    return sock_ftp_prot_c(client);
}

static int do_ccc(void)
{
    return sock_ftp_ccc(client);
}

static int do_secure(void)
{
    return say_int64(0, sock_session_secure(sock_ftp_session(client)));
}

static int do_sendcmd(void)
{
    return do_text(sock_ftp_sendcmd(client, words[1]));
}

static int do_voidcmd(void)
{
    return do_text(sock_ftp_voidcmd(client, words[1]));
}

static int do_pasv(void)
{
    return sock_ftp_set_pasv(client, (int)number(1));
}

static int do_trust(void)
{
    return sock_ftp_trust_pasv_address(client, (int)number(1));
}

static int do_timeout(void)
{
    return sock_session_settimeout(sock_ftp_session(client), atof(words[1]));
}

static int do_retrbinary(void)
{
    sock_sink_t to = sink(number(3));
    return say_result(sock_ftp_retrbinary(client, words[1], to, number(2)));
}

static int do_retrlines(void)
{
    return say_result(sock_ftp_retrlines(client, words[1], sink(number(2))));
}

static int do_storbinary(void)
{
    return sock_ftp_storbinary(client, words[1], source(word(2)), number(3));
}

static int do_storfail(void)
{
    sock_source_t from = source(word(2));
    return sock_ftp_storbinary(
        client, words[1], (sock_source_t){.read = give_and_fail, .arg = &from},
        0);
}

static int do_storlines(void)
{
    return sock_ftp_storlines(client, words[1], source(word(2)));
}

static int do_nlst(void)
{
    return say_lines(sock_ftp_nlst(client, word(1)));
}

static int do_mlsd(void)
{
    return say_entries(sock_ftp_mlsd(client, word(1), word(2)));
}

static int do_dir(void)
{
    return say_result(sock_ftp_dir(client, word(1), sink(0)));
}

static int do_cwd(void)
{
    return sock_ftp_cwd(client, count > 1 ? words[1] : "");
}

static int do_pwd(void)
{
    char path[1024] = "";
    int length = sock_ftp_pwd(client, path, sizeof path);
    return say_path(length, path);
}

static int do_mkd(void)
{
    char path[1024] = "";
    int length = sock_ftp_mkd(client, words[1], path, sizeof path);
    return say_path(length, path);
}

static int do_rmd(void)
{
    return sock_ftp_rmd(client, words[1]);
}

static int do_rename(void)
{
    return sock_ftp_rename(client, words[1], words[2]);
}

static int do_delete(void)
{
    return sock_ftp_delete(client, words[1]);
}

static int do_size(void)
{
    int64_t n = 0;
    int result = sock_ftp_size(client, words[1], &n);
    return say_int64(result, n);
}

static int do_mdtm(void)
{
    int64_t n = 0;
    int result = sock_ftp_mdtm(client, words[1], &n);
    return say_int64(result, n);
}

static int do_noop(void)
{
    return sock_ftp_noop(client);
}

static const struct {
    const char *name;
    int (*act)(void);
} acts[] = {{"abort", do_abort},
            {"auth", do_auth},
            {"ccc", do_ccc},
            {"connect", do_connect},
            {"cwd", do_cwd},
            {"delete", do_delete},
            {"dir", do_dir},
            {"login", do_login},
            {"mdtm", do_mdtm},
            {"mkd", do_mkd},
            {"mlsd", do_mlsd},
            {"nlst", do_nlst},
            {"noop", do_noop},
            {"pasv", do_pasv},
            {"prot_c", do_prot_c},
            {"prot_p", do_prot_p},
            {"pwd", do_pwd},
            {"quit", do_quit},
            {"rename", do_rename},
            {"retrbinary", do_retrbinary},
            {"retrlines", do_retrlines},
            {"rmd", do_rmd},
            {"secure", do_secure},
            {"sendcmd", do_sendcmd},
            {"size", do_size},
            {"storbinary", do_storbinary},
            {"storfail", do_storfail},
            {"storlines", do_storlines},
            {"timeout", do_timeout},
            {"trust", do_trust},
            {"url", do_url},
            {"voidcmd", do_voidcmd}};

static int act(const char *what)
{
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (strcmp(what, acts[i].name) == 0)
            return acts[i].act();
    fprintf(stderr, "ftp_peer: %s?\n", what);
    exit(2);
}

int main(void)
{
    static char line[1 << 16];

    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        count = 0;
        for (char *at = line; at != NULL && count < MOST; count++) {
            words[count] = at;
            at = strchr(at, '\t');
            if (at != NULL)
                *at++ = '\0';
        }
        for (int i = 0; i < count; i++)
            decode(words[i]);
        end(act(words[0]));
    }
    sock_ftp_free(client);
    free(content);
    return 0;
}
