/* SPDX-License-Identifier: MIT */
/* Each allocation of a client of FTP is refused once: the call says so, nothing
 * is lost, and what can go on goes on. */
#include "ftp_script.h"

#include "ftp.h"
#include "ftp_facts.h"
#include "starve.h"

#include <pysockc/request.h>

static const char *const steps[] = {">220 hello",
                                    "<",
                                    ">331 who",
                                    "<",
                                    ">230 in",
                                    "<",
                                    ">257 \"/\"",
                                    "<",
                                    ">250 ok",
                                    "<",
                                    ">200 I",
                                    "<",
                                    "E",
                                    "<",
                                    "@",
                                    ">150 go (5 bytes)",
                                    "+hello",
                                    ".",
                                    ">226 done",
                                    "<",
                                    ">200 A",
                                    "<",
                                    "E",
                                    "<",
                                    "@",
                                    ">150 go",
                                    "+a\r\nb\r\n",
                                    ".",
                                    ">226 done",
                                    "<",
                                    ">200 facts",
                                    "<",
                                    ">200 A",
                                    "<",
                                    "E",
                                    "<",
                                    "@",
                                    ">150 go",
                                    "+type=file; a\r\n",
                                    ".",
                                    ">226 done",
                                    "<",
                                    ">200 I",
                                    "<",
                                    "E",
                                    "<",
                                    "@",
                                    ">150 go",
                                    "-",
                                    ">226 done",
                                    "<",
                                    ">221 bye",
                                    NULL};

/* What fails last says what it lacks; NULL: nothing does. */
static const char *converse(sock_ftp_t *f)
{
    static struct ftp_sunk s;
    char path[16];

    if (sock_ftp_login(f, "me", "secret", NULL) < 0)
        return "login";
    if (sock_ftp_pwd(f, path, sizeof path) < 0)
        return "pwd";
    if (sock_ftp_cwd(f, "\xff") < 0)
        return "cwd";
    if (sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0) < 0)
        return "retrbinary";
    sock_lines_t *lines = sock_ftp_nlst(f, NULL);
    if (lines == NULL)
        return "nlst";
    sock_lines_free(lines);
    sock_ftp_list_t *list = sock_ftp_mlsd(f, NULL, "type");
    if (list == NULL)
        return "mlsd";
    sock_ftp_list_free(list);
    if (sock_ftp_storbinary(f, "STOR a", sock_source_memory("abc", 3), 0) < 0)
        return "storbinary";
    return sock_ftp_quit(f) < 0 ? "quit" : NULL;
}

TEST(ftp_memory, conversation)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        int which = fail_at;
        fail_at = 0;
        struct ftp_server *v = ftp_start(steps);
        fail_at = which;
        sock_ftp_t *f = sock_ftp_new(NULL, NULL);
        const char *op = "FTP";
        if (f != NULL) {
            bool connected = sock_ftp_connect(f, "127.0.0.1", v->port) == 0;
            op = connected ? converse(f) : "connect";
        }
        fail_at = 0;
        if (op != NULL)
            check_no_memory(op);
        sock_ftp_free(f);
        ftp_stop(v);
    }
}

TEST(ftp_memory, urls)
{
    static const char *const url_steps[] = {">220 hello", "<",
                                            ">331 who",   "<",
                                            ">230 in",    "<",
                                            ">250 ok",    "<",
                                            ">200 I",     "<",
                                            "E",          "<",
                                            "@",          ">150 go (5 bytes)",
                                            "+hello",     ".",
                                            ">226 done",  NULL};
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        char url[64], *data = NULL;
        int which = fail_at;
        fail_at = 0;
        struct ftp_server *v = ftp_start(url_steps);
        snprintf(url, sizeof url, "ftp://127.0.0.1:%d/a/b.txt", v->port);
        fail_at = which;
        sock_http_response_t *r = sock_urlopen(url, NULL, 0, 10);
        ssize_t n = r != NULL ? sock_http_readall(r, &data, 100) : -1;
        fail_at = 0;
        if (n < 0)
            check_no_memory(r != NULL ? "read" : "urlopen");
        else
            check_str(data, "hello");
        sock_http_data_free(data);
        sock_http_response_free(r);
        ftp_stop(v);
    }
}
