/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "request.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <pysockc/file.h>
#include <pysockc/message.h>
#include <pysockc/options.h>

#include "address.h"
#include "deadline.h"
#include "object.h"
#include "os.h"
#include "record.h"
#include "wait.h"

/* Making and ending */

/* A byte more than a datagram may have is for the NUL behind it. */
static struct sock__packet *new_packet(size_t max)
{
    struct sock__packet *p = malloc(sizeof *p + max + 1);
    if (p != NULL) {
        p->size = p->control_size = p->reply_size = 0;
        p->reply = NULL;
    }
    return p;
}

sock_request_t *sock__request_new(sock_server_t *server)
{
    sock_request_t *r = calloc(1, sizeof *r);
    if (r != NULL && server->datagrams) {
        r->packet = new_packet(server->c.max_packet_size);
        if (r->packet == NULL) {
            free(r);
            r = NULL;
        }
    }
    if (r == NULL) {
        sock__fail("serve", SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    r->server = server;
    sock__link_init(&r->all);
    sock__link_init(&r->place);
    return r;
}

void sock__request_free(sock_request_t *r)
{
    if (r->packet != NULL)
        free(r->packet->reply);
    free(r->packet);
    free(r->thread);
    free(r->rbuffer);
    free(r->wbuffer);
    free(r);
}

void sock__request_admit(sock_request_t *r)
{
    sock_server_t *server = r->server;
    pthread_mutex_lock(&server->lock);
    sock__link_append(&server->all, &r->all);
    server->stats.accepted++;
    server->stats.active++;
    pthread_mutex_unlock(&server->lock);
}

static void close_file(FILE **file)
{
    if (*file != NULL)
        (void)fclose(*file); /* no one is left to be told */
    *file = NULL;
}

/* Python's shutdown_request(): the peer is told the end, whoever else may have
 * the connection. Not by the parent of the one who has it. */
static void close_connection(sock_request_t *r, sock_t *s)
{
    int fd = r->elsewhere ? -1 : sock__enter_quietly(s);
    if (fd >= 0) {
        shutdown(fd, SHUT_WR);
        sock__leave(s);
    }
    if (r->watched)
        sock__os_poller_set(r->server->poller, SOCK__OS_REMOVE, sock_fileno(s),
                            0, 0);
    sock_free(s);
}

/* Out of its place and without its socket, where others would still find it. */
static sock_t *take_socket(sock_request_t *r)
{
    pthread_mutex_lock(&r->server->lock);
    sock_t *s = r->sock;
    sock__link_remove(&r->place);
    r->sock = NULL;
    pthread_mutex_unlock(&r->server->lock);
    return s;
}

/* Takes it out of the server. A thread of its own is to be joined from then
 * on. Whether the server is to be destroyed, as it was freed and this is the
 * last. */
static bool leave_server(sock_request_t *r)
{
    sock_server_t *server = r->server;
    pthread_mutex_lock(&server->lock);
    sock__link_remove(&r->all);
    server->stats.active--;
    sock__request_leave_thread(r);
    if (server->held)
        sock__server_wake(server);
    bool last = server->closed && server->stats.active == 0;
    pthread_cond_broadcast(&server->ended);
    pthread_mutex_unlock(&server->lock);
    return last;
}

static void close_number(int fd)
{
    if (fd >= 0)
        sock__close_fd(fd);
}

void sock__server_destroy(sock_server_t *server)
{
    sock__deadline_stop(server);
    close_number(server->event);
    close_number(server->reserve);
    close_number(server->poller);
    pthread_cond_destroy(&server->work);
    pthread_cond_destroy(&server->begun);
    pthread_cond_destroy(&server->ended);
    pthread_mutex_destroy(&server->lock);
    sock_free(server->sock);
    free(server->children);
    free(server->workers);
    free(server->found);
    free(server);
}

/* While its files are closed, which may wait for the peer, it can still be cut.
 */
void sock__request_end(sock_request_t *r)
{
    sock_server_t *server = r->server;
    close_file(&r->rfile);
    close_file(&r->wfile);
    sock_t *s = take_socket(r);
    if (r->packet == NULL)
        close_connection(r, s);
    bool last = leave_server(r);
    sock__request_free(r);
    if (last)
        sock__server_destroy(server);
}

void sock__request_fail(sock_request_t *r)
{
    sock__server_error(r->server, r);
    sock__request_end(r);
}

/* Handling */

/* What Python's StreamRequestHandler.setup() does, and then the server's. */
static int set_up(sock_request_t *r)
{
    const sock_server_t *server = r->server;
    if (r->set_up)
        return 0;
    if (r->packet == NULL && server->c.request_timeout > 0 &&
        sock_settimeout(r->sock, server->c.request_timeout) < 0)
        return -1;
    if (r->packet == NULL && server->c.disable_nagle_algorithm > 0 &&
        sock_setsockopt_int(r->sock, IPPROTO_TCP, TCP_NODELAY, 1) < 0)
        return -1;
    if (server->c.setup != NULL && server->c.setup(r) < 0)
        return -1;
    r->set_up = true;
    return 0;
}

/* Of a connection no error counts here, as in Python; a datagram's answer is
 * sent only now. */
int sock__request_finish(sock_request_t *r)
{
    int result = 0;
    if (r->server->c.finish != NULL && r->server->c.finish(r) < 0)
        result = -1;
    bool answers = r->packet != NULL && r->wfile != NULL;
    close_file(&r->wfile);
    close_file(&r->rfile);
    if (answers && r->packet->reply_size > 0 && result == 0)
        result = sock_request_reply(r, r->packet->reply, r->packet->reply_size);
    return result;
}

/* What handle failed at is what counts, whatever finish does then. */
int sock__request_handle(sock_request_t *r)
{
    struct sock__saved failure;
    if (set_up(r) < 0)
        return -1;
    r->park = false;
    int result = r->server->c.handle(r);
    if (result >= 0 && r->park)
        return 1;
    if (result >= 0)
        return sock__request_finish(r);
    sock__error_save(&failure);
    sock__request_finish(r);
    sock__error_restore(&failure);
    return -1;
}

/* What a handler asks */

sock_t *sock_request_sock(const sock_request_t *request)
{
    return request != NULL ? request->sock : NULL;
}

sock_addr_t sock_request_address(const sock_request_t *request)
{
    return request != NULL ? request->address : sock_addr_none();
}

sock_server_t *sock_request_server(const sock_request_t *request)
{
    return request != NULL ? request->server : NULL;
}

void *sock_request_arg(const sock_request_t *request)
{
    return request != NULL ? request->server->arg : NULL;
}

void *sock_request_data(const sock_request_t *request)
{
    return request != NULL ? request->data : NULL;
}

void sock_request_set_data(sock_request_t *request, void *data)
{
    if (request != NULL)
        request->data = data;
}

/* Files */

/* An empty datagram is an empty file, which fmemopen(3) does not have
 * everywhere: of one with a byte that byte is read. */
static FILE *read_packet(struct sock__packet *p)
{
    FILE *f = fmemopen(p->bytes, p->size > 0 ? p->size : 1, "r");
    if (f != NULL && p->size == 0)
        (void)fgetc(f);
    return f;
}

static FILE *memory_file(FILE *f)
{
    if (f == NULL)
        sock__fail("makefile", SOCK_E_MEMORY, 0, 0);
    return f;
}

/* Without a buffer of its own glibc would go by its own size. */
static int set_buffer(FILE *f, size_t size, char **buffer)
{
    if (size == 1)
        return setvbuf(f, NULL, _IONBF, 0);
    if (*buffer == NULL && (*buffer = malloc(size)) == NULL)
        return -1;
    return setvbuf(f, *buffer, _IOFBF, size);
}

/* size: 0 is stdio's own buffer, 1 is none. */
static FILE *stream_file(sock_t *s, const char *mode, size_t size,
                         char **buffer)
{
    FILE *f = sock_makefile(s, mode);
    if (f == NULL || size == 0 || set_buffer(f, size, buffer) == 0)
        return f;
    (void)fclose(f);
    sock__fail("makefile", SOCK_E_MEMORY, 0, 0);
    return NULL;
}

FILE *sock_request_rfile(sock_request_t *request)
{
    if (request == NULL) {
        sock__fail("makefile", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    int size = request->server->c.rbufsize;
    if (request->rfile == NULL && request->packet != NULL)
        request->rfile = memory_file(read_packet(request->packet));
    else if (request->rfile == NULL)
        request->rfile = stream_file(
            request->sock, "r", size > 0 ? (size_t)size : 0, &request->rbuffer);
    return request->rfile;
}

FILE *sock_request_wfile(sock_request_t *request)
{
    if (request == NULL) {
        sock__fail("makefile", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    int size = request->server->c.wbufsize;
    struct sock__packet *p = request->packet;
    if (size <= 0) /* Python's 0 is none, and its -1 the usual one */
        size = size == 0;
    if (request->wfile == NULL && p != NULL)
        request->wfile = memory_file(open_memstream(&p->reply, &p->reply_size));
    else if (request->wfile == NULL)
        request->wfile =
            stream_file(request->sock, "w", (size_t)size, &request->wbuffer);
    return request->wfile;
}

/* Datagrams */

const void *sock_request_packet(const sock_request_t *request, size_t *size)
{
    int detail = SOCK__NULL_ARGUMENT;
    if (request != NULL && size != NULL) {
        if (request->packet != NULL) {
            *size = request->packet->size;
            return request->packet->bytes;
        }
        detail = SOCK__DATAGRAM_ONLY;
    }
    sock__fail("packet", SOCK_E_TYPE, 0, detail);
    return NULL;
}

/* The socket never waits, for the sake of the loop, so that is done here. */
static int send_reply(sock_request_t *r, const struct iovec *buf)
{
    struct sock__packet *p = r->packet;
    sock_control_t control = {.buf = p->control.bytes,
                              .size = sizeof p->control,
                              .used = p->control_size};
    struct sock__timer timer = {.timeout = r->server->request_timeout};
    int status = 0;
    while (sock_sendmsg(r->sock, buf, 1, &control, 0, r->address) < 0) {
        if (!sock__would_block(errno))
            return -1;
        status = sock__wait(r->sock, sock_fileno(r->sock), POLLOUT, &timer);
        if (status != 0)
            return sock__fail_status("sendmsg", status);
    }
    return 0;
}

int sock_request_reply(sock_request_t *request, const void *buf, size_t size)
{
    const char *op = "reply";
    if (request == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (buf == NULL && size > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (request->packet == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__DATAGRAM_ONLY);
    if (sock__addr_check(op, &request->address) < 0)
        return -1;
    struct sock__saved before;
    sock__error_save(&before);
    if (send_reply(request, &(struct iovec){(void *)(uintptr_t)buf, size}) < 0)
        return -1;
    sock__error_restore(&before);
    return 0;
}
