/* SPDX-License-Identifier: MIT */
/* Ancillary data of any content: walking it, and whose descriptors are. */
#include <sys/socket.h>

#include "fuzz.h"

enum { MOST_FDS = 4096, SCM_PIDFD_TYPE = 4 };

ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags);
ssize_t __real_recvmsg(int fd, struct msghdr *header, int flags);
int __wrap_close(int fd);
int __real_close(int fd);

/* What the system "received", and what was "closed" since. */
static const uint8_t *control_bytes;
static size_t control_size;
static int faking;
static int closed[MOST_FDS];
static size_t n_closed;

int __wrap_close(int fd)
{
    if (!faking)
        return __real_close(fd);
    claim(n_closed < MOST_FDS);
    closed[n_closed++] = fd;
    errno = EIO;
    return -1;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags)
{
    size_t n = control_size;
    if (!faking)
        return __real_recvmsg(fd, header, flags);
    if (n > header->msg_controllen)
        n = header->msg_controllen;
    if (n > 0)
        memcpy(header->msg_control, control_bytes, n);
    header->msg_controllen = (socklen_t)n; /* musl's type */
    header->msg_flags = 0;
    header->msg_namelen = 0;
    return 1;
}

/* The model: one item, by offsets alone. */
struct item {
    size_t data, size, next;
    int level, type;
};

static int model_next(const uint8_t *bytes, size_t used, struct item *m)
{
    struct cmsghdr head;
    size_t start = CMSG_LEN(0);

    if (m->next + start > used)
        return 0;
    memcpy(&head, bytes + m->next, sizeof head);
    size_t len = head.cmsg_len;
    if (len < start)
        return 0;
    if (len > used - m->next)
        len = used - m->next;
    m->level = head.cmsg_level;
    m->type = head.cmsg_type;
    m->data = m->next + start;
    m->size = len - start;
    m->next += (len + sizeof(size_t) - 1) / sizeof(size_t) * sizeof(size_t);
    if (m->next > used)
        m->next = used;
    return 1;
}

static size_t model_fds(const uint8_t *bytes, size_t used, int pidfd, int *fds)
{
    struct item m = {0};
    size_t n = 0;
    while (model_next(bytes, used, &m)) {
        int wanted =
            m.type == SCM_RIGHTS || (pidfd && m.type == SCM_PIDFD_TYPE);
        if (m.level != SOL_SOCKET || !wanted)
            continue;
        memcpy(fds + n, bytes + m.data, m.size / 4 * 4);
        n += m.size / 4;
    }
    return n;
}

static void check_item(const sock_cmsg_t *item, const uint8_t *bytes)
{
    int fds[3] = {-7, -7, -7};
    sock_cred_t cred = {-7, 7, 7};
    size_t n = sock_cmsg_fds(item, fds, 2);
    int rights = item->level == SOL_SOCKET && item->type == SCM_RIGHTS;
    int is_cred = item->level == SOL_SOCKET && item->type == 2;

    claim(bytes != NULL && n == (rights ? item->size / 4 : 0));
    claim(sock_cmsg_fds(item, NULL, 0) == n && fds[2] == -7);
    claim(n >= 2 || fds[1] == -7);
    int has = sock_cmsg_cred(item, &cred);
    claim(has == (is_cred && item->size >= 12));
    claim(has || cred.pid == -7);
    if (has)
        claim(memcmp(&cred, item->data, 12) == 0);
}

static void check_walk(const sock_control_t *control, const uint8_t *bytes)
{
    sock_cmsg_t item = SOCK_CMSG_FIRST;
    struct item m = {0};
    size_t used = control->used < control->size ? control->used : control->size;

    while (sock_control_next(control, &item)) {
        claim(model_next(bytes, used, &m));
        claim(item.level == m.level && item.type == m.type);
        claim(item.size == m.size && item.next == m.next);
        claim((const uint8_t *)item.data == bytes + m.data);
        claim(m.data + m.size <= used);
        check_item(&item, bytes);
    }
    claim(!model_next(bytes, used, &m));
}

/* Each descriptor of the bytes is closed once, and nothing else. */
static void check_close(sock_control_t control, const uint8_t *bytes)
{
    static int fds[MOST_FDS];
    size_t used = control.used < control.size ? control.used : control.size;
    size_t n = model_fds(bytes, used, 1, fds);

    n_closed = 0;
    errno = 0;
    faking = 1;
    sock_control_close_fds(&control);
    faking = 0;
    claim(n_closed == n && memcmp(closed, fds, n * sizeof *fds) == 0);
    claim(control.used == 0 && errno == 0);
}

/* A descriptor that came is either the caller's or closed. */
static void check_recv_fds(size_t max)
{
    static int all[MOST_FDS], rights[MOST_FDS];
    static sock_t *s;
    int got[256], flags = 0;
    char byte;
    size_t n_got, room = 256 + CMSG_LEN((max < 253 ? max : 253) * 4);
    size_t used = control_size < room ? control_size : room;
    size_t n = model_fds(control_bytes, used, 1, all);
    size_t n_rights = model_fds(control_bytes, used, 0, rights);
    size_t taken = n_rights < max ? n_rights : max;

    if (s == NULL)
        s = sock_new(AF_UNIX, SOCK_DGRAM, 0);
    n_closed = 0;
    faking = 1;
    ssize_t size =
        sock_recv_fds(s, &byte, 1, got, max, &n_got, 0, &flags, NULL);
    faking = 0;
    claim(size == 1 && n_got == taken);
    claim(memcmp(got, rights, taken * sizeof *got) == 0);
    claim(taken + n_closed == n);
    claim(((flags & MSG_CTRUNC) != 0) == (n_rights > max));
}

/* Items that fit are found again; one that does not changes nothing. */
static void check_add(struct input in, size_t room)
{
    uint8_t *buf = malloc(room > 0 ? room : 1);
    sock_control_t control = sock_control_in(buf, room);
    size_t added = 0, found = 0;

    claim(buf != NULL);
    memset(buf, 0xee, room);
    while (in.left > 0) {
        int type = (int)next_byte(&in);
        size_t n = next_byte(&in) % 40, before = control.used;
        n = n < in.left ? n : in.left;
        int fits = before + CMSG_LEN(n) <= room;
        claim(sock_control_add(&control, SOL_SOCKET, type, in.at, n) ==
              (fits ? 0 : -1));
        claim(fits || control.used == before);
        claim(control.used <= room);
        added += (size_t)fits;
        in.at += n;
        in.left -= n;
    }
    check_walk(&control, buf);
    for (sock_cmsg_t i = SOCK_CMSG_FIRST; sock_control_next(&control, &i);)
        found++;
    claim(found == added);
    free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    size_t max = next_byte(&in), used = next_number(&in);
    size_t shift = used & 7; /* of any alignment */
    uint8_t *room;

    if (in.left > 2048)
        in.left = 2048;
    room = malloc(in.left + shift + 1);
    claim(room != NULL);
    if (in.left > 0)
        memcpy(room + shift, in.at, in.left);
    sock_control_t control = sock_control_in(room + shift, in.left);
    control.used = used;
    check_walk(&control, room + shift);
    check_close(control, room + shift);
    control_bytes = room + shift;
    control_size = in.left;
    check_recv_fds(max);
    free(room);
    check_add(in, used & 0x1ff);
    return 0;
}
