/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "object.h"
#include "os.h"
#include "record.h"
#include "request.h"
#include "run.h"

/* A child for each request. */

static void close_number(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* Of the parent's, a child keeps its own request alone. Its copy of the lock is
 * held, by the thread that forked, which is the only one here. */
static void begin_child(sock_server_t *server)
{
    if (!server->datagrams)
        close_number(sock__object_detach(server->sock));
    close_number(server->event);
    close_number(server->reserve);
    server->event = server->reserve = -1;
    server->watching = false;
    sock__cond_init(&server->begun);
    pthread_mutex_unlock(&server->lock);
}

/* What stdio holds is the parent's to write: nothing of it is flushed. */
_Noreturn static void be_child(sock_request_t *r)
{
    begin_child(r->server);
    int result = sock__run_here(r);
    if (result < 0)
        sock__server_error(r->server, r);
    if (r->packet == NULL) {
        int fd = sock__enter_quietly(r->sock);
        if (fd >= 0)
            shutdown(fd, SHUT_WR);
    }
    _exit(result < 0);
}

/* Under the lock, so that the child finds everything in order. */
int sock__run_child(sock_request_t *r)
{
    sock_server_t *server = r->server;
    pthread_mutex_lock(&server->lock);
    pid_t pid = fork();
    int err = errno;
    if (pid == 0)
        be_child(r);
    if (pid > 0)
        server->children[server->child_count++] = pid;
    pthread_mutex_unlock(&server->lock);
    if (pid < 0)
        return sock__fail_status("fork", err);
    r->elsewhere = true;
    sock__request_end(r);
    return 0;
}

/* Whether it has ended, or is no child any more: others may have waited. */
static bool has_ended(pid_t pid)
{
    int status;
    pid_t who;
    do
        who = waitpid(pid, &status, WNOHANG);
    while (who < 0 && errno == EINTR);
    return who != 0;
}

/* Each by its number: what other children there are is not the server's. */
size_t sock__reap(sock_server_t *server)
{
    int saved = errno;
    pthread_mutex_lock(&server->lock);
    for (size_t i = server->child_count; i-- > 0;)
        if (has_ended(server->children[i]))
            server->children[i] = server->children[--server->child_count];
    size_t left = server->child_count;
    pthread_mutex_unlock(&server->lock);
    errno = saved;
    return left;
}

int sock__end_children(sock_server_t *server)
{
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->child_count; i++)
        kill(server->children[i], SIGTERM);
    int n = (int)server->child_count;
    server->stats.cut += (uint64_t)n;
    pthread_mutex_unlock(&server->lock);
    return n;
}
