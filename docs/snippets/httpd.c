/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/httpd.h>
#include <pysockc/pysockc.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

//! [send_file]
static void send_report(sock_httpd_request_t *self, void *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1) {
        sock_httpd_send_error(self, 404, NULL);
        return;
    }
    sock_httpd_send_response(self, 200, NULL); /* or 206, or 304 */
    sock_httpd_send_header(self, "Cache-Control", "max-age=60");
    sock_httpd_send_file(self, fd, "report.txt", 0);
    close(fd);
}
//! [send_file]

//! [simple]
/* sock_httpd_mount(server, "/music", serve_music, &music); */
static sock_httpd_dir_t music = {
    .size = sizeof music,
    .root = "/srv/music",
    .flags = SOCK_HTTPD_LIST,
};

static void serve_music(sock_httpd_request_t *self, void *dir)
{
    sock_httpd_simple(self, dir);
}
//! [simple]

//! [cgi]
/* sock_httpd_mount(server, "/cgi-bin", run_script, &scripts); */
static const char *const variables[] = {"LANG=C.UTF-8", NULL};
static sock_httpd_dir_t scripts = {
    .size = sizeof scripts,
    .root = "/usr/lib/cgi-bin",
    .deadline = 10,
    .environment = variables,
};

static void run_script(sock_httpd_request_t *self, void *dir)
{
    sock_httpd_cgi(self, dir);
}
//! [cgi]

//! [basic]
static const char *const users[][2] = {{"ada", "countess"},
                                       {"grace", "compiler"}};

/* All are compared, so that the time does not say who there is. */
static int check(const char *user, const char *password, void *arg)
{
    int right = 0;
    (void)arg;
    for (int i = 0; i < 2; i++)
        right |= sock_compare_digest(user, users[i][0]) &
                 sock_compare_digest(password, users[i][1]);
    return right;
}

static void members_only(sock_httpd_request_t *self, void *arg)
{
    if (!sock_httpd_require_basic(self, "my site", check, arg))
        return; /* 401 and its page are out */
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "hello, %s\n", sock_httpd_user(self));
}
//! [basic]

//! [digest]
/* In place of passwords, what `htdigest` has stored: of ada. */
static int look_up(const char *user, const char *realm, char *buf,
                   size_t size, void *arg)
{
    (void)realm, (void)arg;
    if (strcmp(user, "ada") != 0)
        return SOCK_HTTPD_NO_USER;
    snprintf(buf, size, "%s", "ba7b0c89d8786640c1ced50a7bce56e8");
    return SOCK_HTTPD_HA1;
}

static void without_a_password(sock_httpd_request_t *self, void *arg)
{
    if (!sock_httpd_require_digest(self, "my site", SOCK_HTTPD_MD5_ONLY,
                                   look_up, arg))
        return;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "hello, %s\n", sock_httpd_user(self));
}
//! [digest]

static void *serve(void *server)
{
    sock_httpd_serve_forever(server);
    return NULL;
}

/* Whether the answer to a request has this in it. */
static int says(int port, const char *path, const char *fields,
                const char *wanted)
{
    static char answer[65536];
    char request[512];
    sock_t *s = sock_create_connection("127.0.0.1", port, 10,
                                       sock_addr_none());
    size_t len = 0, room = sizeof answer - 1;
    ssize_t n;

    snprintf(request, sizeof request,
             "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s\r\n",
             path, fields);
    sock_sendall(s, request, strlen(request), 0);
    while ((n = sock_recv(s, answer + len, room - len, 0)) > 0)
        len += (size_t)n;
    answer[len] = '\0';
    sock_free(s);
    return strstr(answer, wanted) != NULL;
}

static void make(const char *folder, const char *name, const char *text)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        exit(1);
    fputs(text, file);
    fclose(file);
    chmod(path, 0700);
}

static void discard(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

/* Files, passwords and scripts, of a folder that is made for them. */
static int check_folder(int port)
{
    const char *ada = "Authorization: Basic YWRhOmNvdW50ZXNz\r\n";
    return says(port, "/report", "", "max-age=60") &&
           says(port, "/report", "Range: bytes=0-4\r\n", "\nhello") &&
           says(port, "/music/", "", "report.txt") &&
           says(port, "/music/report.txt", "", "hello, world") &&
           says(port, "/cgi-bin/script", "", "C.UTF-8") &&
           says(port, "/members", "", "401 Unauthorized") &&
           says(port, "/members", ada, "hello, ada") &&
           says(port, "/digest", ada, "Digest realm=\"my site\"");
}

static int of_a_folder(void)
{
    char folder[] = "/tmp/pysockc.XXXXXX", path[64];
    sock_httpd_t *server = sock_httpd_new("127.0.0.1", 0);
    sock_addr_t address;
    pthread_t thread;

    if (server == NULL || mkdtemp(folder) == NULL)
        return -1;
    music.root = scripts.root = folder;
    snprintf(path, sizeof path, "%s/report.txt", folder);
    make(folder, "report.txt", "hello, world\n");
    make(folder, "script",
         "#!/bin/sh\n"
         "printf 'Content-Type: text/plain\\n\\n'; echo $LANG\n");
    sock_httpd_mount(server, "/report", send_report, path);
    sock_httpd_mount(server, "/music", serve_music, &music);
    sock_httpd_mount(server, "/cgi-bin", run_script, &scripts);
    sock_httpd_mount(server, "/members", members_only, NULL);
    sock_httpd_mount(server, "/digest", without_a_password, NULL);
    sock_httpd_address(server, &address);
    if (pthread_create(&thread, NULL, serve, server) != 0)
        return -1;
    int right = check_folder(sock_addr_port(&address));
    sock_httpd_shutdown(server, 1);
    pthread_join(thread, NULL);
    sock_httpd_free(server);
    discard(folder, "report.txt");
    discard(folder, "script");
    rmdir(folder);
    return right ? 0 : -1;
}

int main(void)
{
    return of_a_folder() == 0 ? 0 : 1;
}
