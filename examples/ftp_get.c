/* SPDX-License-Identifier: MIT */
/* Fetches a file by FTP, and goes on where it was broken off. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <pysockc/ftp.h>

#include "example.h"

/* The file here, and how far it is. */
struct copy {
    FILE *file;
    int64_t done, total;
    bool terminal;
};

static int take(void *arg, const void *data, size_t n)
{
    struct copy *c = arg;

    if (fwrite(data, 1, n, c->file) != n)
        return -1;
    c->done += (int64_t)n;
    return c->terminal ? show_progress(c->done, c->total, stderr) : 0;
}

static int fetch(sock_ftp_t *f, const char *path, struct copy *c)
{
    char command[1024];
    sock_sink_t sink = {take, c};

    if (snprintf(command, sizeof command, "RETR %s", path) >=
        (int)sizeof command)
        return complain("too long a name");
    int result = sock_ftp_retrbinary(f, command, sink, c->done);
    if (c->terminal)
        fputs("\n", stderr);
    if (fflush(c->file) != 0 || ferror(c->file))
        return complain("it can't be written: %s", strerror(errno));
    return result == 0 ? EXIT_SUCCESS : failed();
}

/* How much of it is there already. What is more than all of it is of another
 * file, and forgotten. */
static int64_t look_at(FILE *file, int64_t total)
{
    fseeko(file, 0, SEEK_END);
    int64_t there = ftello(file);
    return there <= total || ftruncate(fileno(file), 0) != 0 ? there : 0;
}

/* Into a file beside the one that it is to be. */
static int get(sock_ftp_t *f, const char *path, const char *name)
{
    char part[1024];
    struct copy c = {.terminal = isatty(STDERR_FILENO)};

    if (snprintf(part, sizeof part, "%s.part", name) >= (int)sizeof part)
        return complain("too long a name");
    if (sock_ftp_size(f, path, &c.total) == -1)
        return failed();
    c.file = fopen(part, "ab");
    if (!c.file)
        return complain("%s: %s", part, strerror(errno));
    c.done = look_at(c.file, c.total);
    int status = fetch(f, path, &c);
    fclose(c.file);
    if (status == EXIT_SUCCESS && rename(part, name) != 0)
        return complain("%s: %s", name, strerror(errno));
    return status;
}

int main(int argc, char **argv)
{
    int n = begin(argc, argv, " PATH [HOST [PORT]]", 3,
                  "Fetches the file PATH from a server of FTP, into one of the "
                  "same name here, and\nshows how far it is on a terminal. "
                  "What was broken off goes on.\n\n"
                  "HOST is 'localhost' and PORT 21 unless given.");
    if (n < 1)
        bad_arguments("there is no path", "");
    const char *host = n > 1 ? argv[2] : "localhost";
    int port = n > 2 ? number(argv[3], 1, 65535) : 21;
    const char *slash = strrchr(argv[1], '/');
    const char *name = slash ? slash + 1 : argv[1];
    if (*name == '\0')
        bad_arguments("it is no file's", argv[1]);

    sock_session_opts_t opts = {.size = sizeof opts,
                                .timeout = MESSAGE_SECONDS};
    sock_ftp_t *f = sock_ftp_new(NULL, &opts);
    int status;
    if (!f || sock_ftp_connect(f, host, port) == -1 ||
        sock_ftp_login(f, NULL, NULL, NULL) == -1)
        status = failed();
    else
        status = get(f, argv[1], name);
    if (status == EXIT_SUCCESS && sock_ftp_quit(f) == -1)
        status = failed();
    sock_ftp_free(f);
    return status;
}
