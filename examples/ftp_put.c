/* SPDX-License-Identifier: MIT */
/* Stores a file by FTP, under TLS where the server has it. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <pysockc/ftp.h>
#include <pysockc/ssl.h>

#include "example.h"

/* The file here, and how far it is. */
struct copy {
    FILE *file;
    int64_t done, total;
    bool terminal;
};

static ssize_t give(void *arg, void *data, size_t size)
{
    struct copy *c = arg;
    size_t n = fread(data, 1, size, c->file);

    c->done += (int64_t)n;
    if (ferror(c->file) ||
        (c->terminal && show_progress(c->done, c->total, stderr) != 0))
        return -1;
    return (ssize_t)n;
}

/* A server without TLS says no, and gets no password unless it is this
 * machine's: sock_ftp_login() sees to that. */
static int log_in(sock_ftp_t *f, const char *user, const char *password)
{
    bool tls = sock_ftp_auth(f, NULL) == 0;

    if (!tls && sock_last_error()->kind != SOCK_E_REPLY)
        return -1;
    if (sock_ftp_login(f, user, password, NULL) == -1)
        return -1;
    return tls ? sock_ftp_prot_p(f) : 0;
}

static int send_file(sock_ftp_t *f, const char *name, FILE *file)
{
    char command[1024];
    struct copy c = {.file = file, .terminal = isatty(STDERR_FILENO)};
    sock_source_t source = {.read = give, .arg = &c};

    if (snprintf(command, sizeof command, "STOR %s", name) >=
        (int)sizeof command)
        return complain("too long a name");
    if (fseeko(file, 0, SEEK_END) == 0)
        c.total = ftello(file);
    rewind(file);
    int result = sock_ftp_storbinary(f, command, source, 0);
    if (c.terminal)
        fputs("\n", stderr);
    return result == 0 ? EXIT_SUCCESS : failed();
}

static int put(sock_ftp_t *f, const char *path)
{
    const char *slash = strrchr(path, '/');
    FILE *file = fopen(path, "rb");

    if (!file)
        return complain("%s: %s", path, strerror(errno));
    int status = send_file(f, slash ? slash + 1 : path, file);
    fclose(file);
    return status;
}

static int run(const char *path, const char *user, const char *password,
               const char *host, int port)
{
    sock_session_opts_t opts = {.size = sizeof opts,
                                .timeout = MESSAGE_SECONDS};
    sock_ftp_t *f = sock_ftp_new(NULL, &opts);
    int status;

    if (!f || sock_ftp_connect(f, host, port) == -1 ||
        log_in(f, user, password) == -1)
        status = failed();
    else
        status = put(f, path);
    if (status == EXIT_SUCCESS && sock_ftp_quit(f) == -1)
        status = failed();
    sock_ftp_free(f);
    return status;
}

int main(int argc, char **argv)
{
    int n = begin(argc, argv, " FILE USER [HOST [PORT]]", 4,
                  "Stores FILE at a server of FTP, and shows how far it is on "
                  "a terminal.\n\n"
                  "HOST is 'localhost' and PORT 21 unless given. The password "
                  "is asked for.");
    if (n < 2)
        bad_arguments(n < 1 ? "there is no file" : "there is no user", "");
    const char *host = n > 2 ? argv[3] : "localhost";
    int port = n > 3 ? number(argv[4], 1, 65535) : 21;
    char *password = NULL;
    size_t size = 0;

    if (ask_password(&password, &size) == -1) {
        free(password);
        return complain("no password");
    }
    sock_ssl_init(); /* so that NULL is its default context */
    int status = run(argv[1], argv[2], password, host, port);
    free(password);
    return status;
}
