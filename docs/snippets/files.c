/* SPDX-License-Identifier: MIT */
/* The code that the group on files shows. */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <pysockc/pysockc.h>

int fetch(sock_t *s, const char *path);
int serve(sock_t *s, const char *path);

int fetch(sock_t *s, const char *path)
{
    //! [lines]
    FILE *out = sock_makefile(s, "w");
    if (out == NULL)
        return -1;
    fprintf(out, "GET %s HTTP/1.0\r\n\r\n", path);
    if (fclose(out) != 0) /* sends it */
        return -1;

    FILE *in = sock_makefile(s, "r");
    char line[512];
    while (in != NULL && fgets(line, sizeof line, in) != NULL)
        fputs(line, stdout);
    //! [lines]
    int failed = in == NULL || ferror(in);
    if (in != NULL)
        fclose(in);
    return failed ? -1 : 0;
}

int serve(sock_t *s, const char *path)
{
    //! [sendfile]
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t sent = sock_sendfile(s, fd, 0, SOCK_SENDFILE_TO_END);
    if (sent < 0)
        sock_perror(path);
    //! [sendfile]
    if (fd >= 0)
        close(fd);
    return sent < 0 ? -1 : 0;
}
