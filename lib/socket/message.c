/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include <pysockc/message.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "call.h"
#include "object.h"
#include "os.h"
#include "record.h"

/*
 * What Python takes for the most that a socklen_t can say. No more goes into
 * the system's structures, so the casts to a socklen_t below lose nothing:
 * their fields are size_t in one C library, socklen_t or int in another.
 */
static const size_t most = 0x7fffffff;

/* The largest data of an item, whose padding can lie in front of it, too. */
#define MOST_DATA (most - CMSG_SPACE(1))

/* Items */

sock_control_t sock_control_in(void *buf, size_t size)
{
    return (sock_control_t){.buf = buf, .size = size};
}

static int refuse_item(const sock_control_t *c, const void *data, size_t size)
{
    const char *op = "control_add";
    if (c == NULL || c->buf == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (data == NULL && size > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (size > MOST_DATA)
        return sock__fail(op, SOCK_E_OVERFLOW, 0, SOCK__ITEM_TOO_LARGE);
    if (c->used > most - CMSG_SPACE(size))
        return sock__fail(op, SOCK_E_OVERFLOW, 0, SOCK__CONTROL_TOO_LARGE);
    if (c->used > c->size || CMSG_LEN(size) > c->size - c->used)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BUFFER_TOO_SMALL);
    return 0;
}

/* The padding behind the last item may be missing. */
int sock_control_add(sock_control_t *control, int level, int type,
                     const void *data, size_t size)
{
    struct cmsghdr head;
    if (refuse_item(control, data, size) < 0)
        return -1;
    size_t space = CMSG_SPACE(size), room = control->size - control->used;
    char *at = (char *)control->buf + control->used;

    memset(&head, 0, sizeof head);
    head.cmsg_len = (socklen_t)CMSG_LEN(size);
    head.cmsg_level = level;
    head.cmsg_type = type;
    memset(at, 0, space < room ? space : room);
    memcpy(at, &head, sizeof head);
    if (size > 0)
        memcpy(at + CMSG_LEN(0), data, size);
    control->used += space < room ? space : room;
    return 0;
}

int sock_control_add_cred(sock_control_t *control, const sock_cred_t *cred)
{
    char data[SOCK__OS_CRED_SIZE];
    if (cred == NULL)
        return sock__fail("control_add", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    sock__os_pack_cred(data, cred);
    return sock_control_add(control, SOL_SOCKET, sock__os_cred_type(), data,
                            sizeof data);
}

int sock_control_next(const sock_control_t *control, sock_cmsg_t *item)
{
    struct cmsghdr head;
    if (control == NULL || item == NULL || control->buf == NULL)
        return 0;
    size_t used = control->used < control->size ? control->used : control->size;
    if (item->next > used || used - item->next < CMSG_LEN(0))
        return 0;
    const char *at = (const char *)control->buf + item->next;
    size_t left = used - item->next;
    memcpy(&head, at, sizeof head);
    if (head.cmsg_len < CMSG_LEN(0))
        return 0;

    size_t len = head.cmsg_len < left ? head.cmsg_len : left;
    item->level = head.cmsg_level;
    item->type = head.cmsg_type;
    item->data = at + CMSG_LEN(0);
    item->size = len - CMSG_LEN(0);
    len = CMSG_SPACE(item->size);
    item->next = len < left ? item->next + len : used;
    return 1;
}

size_t sock_cmsg_fds(const sock_cmsg_t *item, sock_fd_t *fds, size_t max)
{
    if (item == NULL || item->level != SOL_SOCKET || item->type != SCM_RIGHTS)
        return 0;
    size_t n = item->size / sizeof *fds;
    if (n > 0 && max > 0)
        memcpy(fds, item->data, (n < max ? n : max) * sizeof *fds);
    return n;
}

int sock_cmsg_cred(const sock_cmsg_t *item, sock_cred_t *cred)
{
    if (item == NULL || cred == NULL || item->level != SOL_SOCKET ||
        item->type != sock__os_cred_type() || item->size < SOCK__OS_CRED_SIZE)
        return 0;
    sock__os_unpack_cred(cred, item->data);
    return 1;
}

/* Closes the descriptors of an item, but for the first ones. */
static void close_fds(const sock_cmsg_t *item, size_t first)
{
    const char *data = item->data;
    size_t n = item->size / sizeof(int);
    int fd, saved = errno;

    if (!sock__os_brings_fds(item->level, item->type))
        return;

    for (size_t i = first; i < n; i++) {
        memcpy(&fd, data + i * sizeof fd, sizeof fd);
        close(fd);
    }
    errno = saved;
}

void sock_control_close_fds(sock_control_t *control)
{
    sock_cmsg_t item = SOCK_CMSG_FIRST;
    if (control == NULL)
        return;
    while (sock_control_next(control, &item))
        close_fds(&item, 0);
    control->used = 0;
}

/* Beginning a call */

struct message {
    struct sock__call call; /* first, as call.h asks */
    struct msghdr header;
    int flags;
    sock_control_t *control; /* of a receiver */
    sock_addr_t *from;
};

SOCK__INLINE int check_buffers(const char *op, const struct iovec *bufs,
                               size_t count)
{
    size_t total = 0;

    if (count > SOCK__OS_MAX_BUFFERS)
        return sock__fail(op, SOCK_E_OS, EMSGSIZE, 0);
    if (bufs == NULL && count > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    for (size_t i = 0; i < count; i++) {
        if (bufs[i].iov_base == NULL && bufs[i].iov_len > 0)
            return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
        if (bufs[i].iov_len > SSIZE_MAX - total)
            return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
        total += bufs[i].iov_len;
    }
    return 0;
}

/* What is sent is as long as it is used; what receives, as there is room. */
SOCK__INLINE int check_control(const char *op, const sock_control_t *c,
                               short events)
{
    if (c == NULL)
        return 0;
    size_t size = events == POLLOUT ? c->used : c->size;
    if (c->buf == NULL && size > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (events == POLLOUT && size > c->size)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    if (size <= most)
        return 0;
    if (events == POLLOUT)
        return sock__fail(op, SOCK_E_OS, 0, SOCK__CONTROL_TOO_LARGE);
    return sock__fail(op, SOCK_E_VALUE, 0, SOCK__CONTROL_SIZE);
}

/* A protocol on top has no room for anything beside its bytes. */
SOCK__INLINE int check(sock_t *s, const char *op, const struct iovec *bufs,
                       size_t count, const sock_control_t *c, short events)
{
    if (s->ops != NULL)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__NO_MESSAGES);
    if (check_buffers(op, bufs, count) < 0)
        return -1;
    return check_control(op, c, events);
}

/* The system's structure has it without const, but only reads it. */
SOCK__INLINE struct iovec *without_const(const struct iovec *bufs)
{
    union {
        const struct iovec *with;
        struct iovec *without;
    } u = {.with = bufs};
    return u.without;
}

SOCK__INLINE int begin(struct message *m, sock_t *s, const char *op,
                       const struct iovec *bufs, size_t count,
                       const sock_control_t *c, int flags, short events)
{
    int begun = sock__call_begin(&m->call, s, op, events);
    if (begun < 0)
        return -1;
    m->flags = sock__call_flags(&m->call, begun, flags);
    if (check(s, op, bufs, count, c, events) < 0)
        return (int)sock__call_end(&m->call, -1);
    m->header = (struct msghdr){.msg_iov = without_const(bufs)};
    m->header.msg_iovlen = (unsigned short)count; /* at most MAX_BUFFERS */
    return 0;
}

/* Receiving */

/* On success the caller has what came; else there is nothing to be had. */
SOCK__INLINE ssize_t try_recvmsg(struct sock__call *call)
{
    struct message *m = (struct message *)call;
    struct msghdr *header = &m->header;

    /* What an earlier try has changed. */
    header->msg_namelen = m->from != NULL ? sizeof m->from->u : 0;
    header->msg_controllen =
        m->control != NULL ? (socklen_t)m->control->size : 0;
    ssize_t n = sock__os_recvmsg(call->fd, header, m->flags);
    if (n < 0) {
        header->msg_namelen = 0;
        header->msg_controllen = 0;
        header->msg_flags = 0;
    }
    if (m->control != NULL)
        m->control->used = header->msg_controllen;
    n = sock__call_received(call, n);
    if (n < 0)
        sock_control_close_fds(m->control);
    else if (m->from != NULL)
        sock__addr_finish(m->from, header->msg_namelen, call->sock->proto);
    return n;
}

SOCK__INLINE ssize_t receive(sock_t *s, const char *op,
                             const struct iovec *bufs, size_t count,
                             sock_control_t *control, int flags, int *msg_flags,
                             sock_addr_t *from)
{
    struct message m;
    if (control != NULL)
        control->used = 0;
    if (begin(&m, s, op, bufs, count, control, flags, POLLIN) < 0)
        return -1;
    m.control = control;
    m.from = from;
    if (control != NULL)
        m.header.msg_control = control->buf;
    if (from != NULL)
        m.header.msg_name = &from->u;
    ssize_t n = sock__call_run(&m.call, try_recvmsg);
    if (n >= 0 && msg_flags != NULL)
        *msg_flags = m.header.msg_flags;
    return sock__call_end(&m.call, n);
}

ssize_t sock_recvmsg(sock_t *s, const struct iovec *bufs, size_t count,
                     sock_control_t *control, int flags, int *msg_flags,
                     sock_addr_t *from)
{
    return receive(s, "recvmsg", bufs, count, control, flags, msg_flags, from);
}

/* Takes the descriptors out, closes those too many; whether there were any. */
static bool take_fds(const sock_control_t *control, sock_fd_t *fds, size_t max,
                     size_t *n_fds)
{
    sock_cmsg_t item = SOCK_CMSG_FIRST;
    bool more = false;

    while (sock_control_next(control, &item)) {
        size_t room = max - *n_fds;
        size_t n = sock_cmsg_fds(&item, room > 0 ? fds + *n_fds : NULL, room);
        if (n == 0)
            close_fds(&item, 0); /* SO_PASSPIDFD brings one that no one wants */
        if (n > room) {
            close_fds(&item, room);
            n = room;
            more = true;
        }
        *n_fds += n;
    }
    return more;
}

/* Room for the items that stand in front of the descriptors. */
enum { OTHER_ITEMS = 256 };

ssize_t sock_recv_fds(sock_t *s, void *buf, size_t size, sock_fd_t *fds,
                      size_t max_fds, size_t *n_fds, int flags, int *msg_flags,
                      sock_addr_t *from)
{
    char room[OTHER_ITEMS + CMSG_SPACE(SOCK__OS_MAX_FDS * sizeof *fds)];
    struct iovec bufs = {.iov_base = buf, .iov_len = size};
    size_t max = max_fds < SOCK__OS_MAX_FDS ? max_fds : SOCK__OS_MAX_FDS;
    sock_control_t control =
        sock_control_in(room, OTHER_ITEMS + CMSG_LEN(max * sizeof *fds));
    int received = 0;

    if (n_fds != NULL)
        *n_fds = 0;
    if (n_fds == NULL || (fds == NULL && max_fds > 0))
        return sock__call_no_argument(s, "recv_fds");
    ssize_t n =
        receive(s, "recv_fds", &bufs, 1, &control, flags, &received, from);
    if (n < 0)
        return -1;
    if (take_fds(&control, fds, max, n_fds))
        received |= MSG_CTRUNC;
    if (msg_flags != NULL)
        *msg_flags = received;
    return n;
}

/* Sending */

SOCK__INLINE ssize_t try_sendmsg(struct sock__call *call)
{
    struct message *m = (struct message *)call;
    return sendmsg(call->fd, &m->header, m->flags | MSG_NOSIGNAL);
}

SOCK__INLINE ssize_t send_to(struct message *m, sock_addr_t *to)
{
    ssize_t n;
    if (to->len == 0 && to->kind == SOCK_E_NONE)
        return sock__call_run(&m->call, try_sendmsg);
    if (sock__addr_check(m->call.op, to) < 0)
        return -1;
    m->header.msg_name = &to->u;
    m->header.msg_namelen = to->len;
    int status = sock__call_try(&m->call, try_sendmsg, &n);
    return status == 0 ? n : sock__fail_status_to(m->call.op, status, to);
}

SOCK__INLINE ssize_t transmit(sock_t *s, const char *op,
                              const struct iovec *bufs, size_t count,
                              const sock_control_t *control, int flags,
                              sock_addr_t *to)
{
    struct message m;
    if (begin(&m, s, op, bufs, count, control, flags, POLLOUT) < 0)
        return -1;
    if (control != NULL && control->used > 0) {
        m.header.msg_control = control->buf;
        m.header.msg_controllen = (socklen_t)control->used;
    }
    return sock__call_end(&m.call, send_to(&m, to));
}

ssize_t sock_sendmsg(sock_t *s, const struct iovec *bufs, size_t count,
                     const sock_control_t *control, int flags, sock_addr_t to)
{
    return transmit(s, "sendmsg", bufs, count, control, flags, &to);
}

static int refuse_afalg(const sock_t *s, int op, const void *iv, size_t iv_size,
                        int assoclen)
{
    const char *name = "sendmsg_afalg";
    if (!sock__os_is_alg(s->family))
        return sock__fail(name, SOCK_E_OS, 0, SOCK__ALG_ONLY);
    if (op < 0)
        return sock__fail(name, SOCK_E_TYPE, 0, SOCK__BAD_ALG_OP);
    if (assoclen < -1)
        return sock__fail(name, SOCK_E_TYPE, 0, SOCK__BAD_ASSOCLEN);
    if (iv == NULL && iv_size > 0)
        return sock__fail(name, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (iv_size > SOCK_ALG_IV_MAX)
        return sock__fail(name, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    return 0;
}

static void add_number(sock_control_t *control, int type, uint32_t number)
{
    sock_control_add(control, SOCK__OS_SOL_ALG, type, &number, sizeof number);
}

/* What goes beside the bytes, into room that is large enough. */
static void add_alg(sock_control_t *control, int op, const void *iv,
                    size_t iv_size, int assoclen)
{
    uint32_t size = (uint32_t)iv_size;
    char bytes[sizeof size + SOCK_ALG_IV_MAX];

    add_number(control, SOCK__OS_ALG_SET_OP, (uint32_t)op);
    if (iv != NULL) {
        memcpy(bytes, &size, sizeof size);
        memcpy(bytes + sizeof size, iv, iv_size);
        sock_control_add(control, SOCK__OS_SOL_ALG, SOCK__OS_ALG_SET_IV, bytes,
                         sizeof size + iv_size);
    }
    if (assoclen >= 0)
        add_number(control, SOCK__OS_ALG_SET_AEAD_ASSOCLEN, (uint32_t)assoclen);
}

ssize_t sock_sendmsg_afalg(sock_t *s, const struct iovec *bufs, size_t count,
                           int op, const void *iv, size_t iv_size, int assoclen,
                           int flags)
{
    char room[2 * CMSG_SPACE(sizeof(uint32_t)) +
              CMSG_SPACE(sizeof(uint32_t) + SOCK_ALG_IV_MAX)];
    sock_control_t control = sock_control_in(room, sizeof room);
    sock_addr_t none = sock_addr_none();

    if (sock__enter(s, "sendmsg_afalg") < 0)
        return -1;
    int result = refuse_afalg(s, op, iv, iv_size, assoclen);
    sock__leave(s);
    if (result < 0)
        return -1;
    add_alg(&control, op, iv, iv_size, assoclen);
    return transmit(s, "sendmsg_afalg", bufs, count, &control, flags, &none);
}

/* One descriptor more than the system passes, so that it refuses. */
ssize_t sock_send_fds(sock_t *s, const struct iovec *bufs, size_t count,
                      const sock_fd_t *fds, size_t n, int flags, sock_addr_t to)
{
    char room[CMSG_SPACE((SOCK__OS_MAX_FDS + 1) * sizeof *fds)];
    sock_control_t control = sock_control_in(room, sizeof room);

    if (fds == NULL && n > 0)
        return sock__call_no_argument(s, "send_fds");
    if (n > SOCK__OS_MAX_FDS)
        n = SOCK__OS_MAX_FDS + 1;
    if (n > 0)
        sock_control_add(&control, SOL_SOCKET, SCM_RIGHTS, fds,
                         n * sizeof *fds);
    return transmit(s, "send_fds", bufs, count, &control, flags, &to);
}

/* Options */

int sock_peercred(sock_t *s, sock_cred_t *cred)
{
    sock_cred_t found;
    int fd = sock__enter(s, "peercred");
    if (fd < 0)
        return -1;
    if (cred == NULL) {
        sock__leave(s);
        return sock__fail("peercred", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    }
    int result = sock__os_peercred(fd, &found);
    if (sock__leave_with(s, "peercred", result) == 0)
        *cred = found;
    return result;
}

/* Conversions */

ssize_t sock_cmsg_len(size_t size)
{
    if (size > most - CMSG_LEN(0))
        return sock__fail("cmsg_len", SOCK_E_OVERFLOW, 0, SOCK__BAD_CMSG_LEN);
    return (ssize_t)CMSG_LEN(size);
}

ssize_t sock_cmsg_space(size_t size)
{
    if (size > MOST_DATA)
        return sock__fail("cmsg_space", SOCK_E_OVERFLOW, 0,
                          SOCK__BAD_CMSG_SPACE);
    return (ssize_t)CMSG_SPACE(size);
}
