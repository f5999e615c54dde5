/* SPDX-License-Identifier: MIT */
/* The part of the platform that is Linux's and its C libraries'. */
#undef _GNU_SOURCE /* as a project around this one may define it */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os.h"

static int type_flags(int type, bool nonblocking)
{
    return type | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0);
}

int sock__os_split_type(int type, bool *nonblocking)
{
    *nonblocking = (type & SOCK_NONBLOCK) != 0;
    return type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int sock__os_socket(int family, int type, int proto, bool nonblocking)
{
    return socket(family, type_flags(type, nonblocking), proto);
}

int sock__os_socketpair(int family, int type, int proto, bool nonblocking,
                        int fds[2])
{
    return socketpair(family, type_flags(type, nonblocking), proto, fds);
}

int sock__os_accept(int fd, struct sockaddr *sa, socklen_t *len,
                    bool nonblocking)
{
    return accept4(fd, sa, len, type_flags(0, nonblocking));
}

int sock__os_protocol(int fd)
{
    int proto;
    socklen_t size = sizeof proto;
    if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &size) != 0)
        return -1;
    return proto;
}

bool sock__os_connect_goes_on(int family)
{
    return family != AF_UNIX && family != AF_VSOCK;
}

int sock__os_set_nonblocking(int fd, bool on)
{
    int value = on;
    return ioctl(fd, FIONBIO, &value);
}

int sock__os_poll(struct pollfd *fds, size_t n, int64_t left)
{
    const int64_t ns = 1000000000;
    if (left > SOCK__OS_LONGEST_WAIT)
        left = SOCK__OS_LONGEST_WAIT;
    struct timespec t = {.tv_sec = (time_t)(left / ns),
                         .tv_nsec = (long)(left % ns)};
    return ppoll(fds, (nfds_t)n, left < 0 ? NULL : &t, NULL);
}

short sock__os_with_end(short events)
{
    return (short)((events & POLLIN) != 0 ? events | POLLRDHUP : events);
}

bool sock__os_ended(short found)
{
    return (found & POLLRDHUP) != 0;
}

/* A flag that the caller did not ask for is not reported either. */
ssize_t sock__os_recvmsg(int fd, struct msghdr *header, int flags)
{
    ssize_t n = recvmsg(fd, header, flags | MSG_CMSG_CLOEXEC);
    header->msg_flags &= ~(MSG_CMSG_CLOEXEC & ~flags);
    return n;
}

bool sock__os_brings_fds(int level, int type)
{
    const int pidfd = 4; /* SCM_PIDFD, which C libraries lack */
    return level == SOL_SOCKET && (type == SCM_RIGHTS || type == pidfd);
}

_Static_assert(sizeof(struct ucred) == SOCK__OS_CRED_SIZE, "credentials");

int sock__os_cred_type(void)
{
    return SCM_CREDENTIALS;
}

void sock__os_pack_cred(void *data, const sock_cred_t *cred)
{
    struct ucred u = {.pid = cred->pid, .uid = cred->uid, .gid = cred->gid};
    memcpy(data, &u, sizeof u);
}

void sock__os_unpack_cred(sock_cred_t *cred, const void *data)
{
    struct ucred u;
    memcpy(&u, data, sizeof u);
    *cred = (sock_cred_t){.pid = u.pid, .uid = u.uid, .gid = u.gid};
}

int sock__os_peercred(int fd, sock_cred_t *cred)
{
    struct ucred u;
    socklen_t size = sizeof u;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &size) != 0)
        return -1;
    if (u.uid == (uid_t)-1) {
        errno = ENOTCONN;
        return -1;
    }
    sock__os_unpack_cred(cred, &u);
    return 0;
}

FILE *sock__os_read_stream(void *cookie,
                           ssize_t (*read)(void *, char *, size_t),
                           int (*close)(void *))
{
    cookie_io_functions_t io = {.read = read, .close = close};
    return fopencookie(cookie, "r", io);
}

FILE *sock__os_write_stream(void *cookie,
                            ssize_t (*write)(void *, const char *, size_t),
                            int (*close)(void *))
{
    cookie_io_functions_t io = {.write = write, .close = close};
    return fopencookie(cookie, "w", io);
}

/* To glibc a negative number is no failure, to others it is the only one. */
ssize_t sock__os_write_failed(size_t done)
{
#ifdef __GLIBC__
    return (ssize_t)done;
#else
    (void)done;
    return -1;
#endif
}

ssize_t sock__os_sendfile(int fd, int file, int64_t offset, size_t size)
{
    off_t at = offset;
    return sendfile(fd, file, &at, size);
}

bool sock__os_cannot_sendfile(int err)
{
    return err == EINVAL || err == ESPIPE || err == EOVERFLOW ||
           err == EOPNOTSUPP || err == ENOSYS;
}

/* What there is to be undone, and that the signal was there before. */
enum { UNBLOCK = 1, PENDING = 2 };

int sock__os_hold_sigpipe(void)
{
    sigset_t pipe, before, pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    if (!sigismember(&before, SIGPIPE))
        return UNBLOCK;
    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) ? PENDING : 0;
}

void sock__os_release_sigpipe(int held)
{
    const struct timespec now = {0, 0};
    sigset_t pipe;
    int saved = errno;

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    if (!(held & PENDING)) /* raised even where part was sent */
        while (sigtimedwait(&pipe, NULL, &now) < 0 && errno == EINTR)
            ;
    if (held & UNBLOCK)
        pthread_sigmask(SIG_UNBLOCK, &pipe, NULL);
    errno = saved;
}

const char *sock__os_hstrerror(int code)
{
    return hstrerror(code);
}

#ifndef NETDB_INTERNAL /* an h_errno that glibc has */
#define NETDB_INTERNAL (-1)
#endif

/* A megabyte of one host's names is no answer but a fault. */
enum { ANSWER_MIN = 1024, ANSWER_MAX = 1 << 20 };

/* Doubles the buffer; returns its new size, or 0 with errno. */
static size_t grow(struct sock__os_answer *a, size_t size)
{
    size = size == 0 ? ANSWER_MIN : size * 2;
    if (size > ANSWER_MAX) {
        errno = ERANGE;
        return 0;
    }
    char *buffer = realloc(a->buffer, size);
    if (buffer == NULL)
        return 0;
    a->buffer = buffer;
    return size;
}

/* What is looked up; each function below needs some of it. */
struct query {
    const char *name, *proto;
    const void *packed;
    socklen_t packed_size;
    int family;
    int port; /* network byte order */
};

/* One try with the buffer there is; returns what the _r function did. */
typedef int attempt(const struct query *q, struct sock__os_answer *a,
                    size_t size, bool *found, int *h_error);

/* 0 if found; an h_errno; or -1 with errno, ENOENT if there is no entry. */
static int look_up(attempt *try_once, const struct query *q,
                   struct sock__os_answer *a)
{
    bool found = false;
    int rc, h_error = NETDB_INTERNAL; /* stays so where there is no h_errno */
    int saved = errno;
    size_t size = 0;

    a->buffer = NULL;
    do {
        if ((size = grow(a, size)) == 0)
            return -1;
        rc = try_once(q, a, size, &found, &h_error);
    } while (rc == ERANGE && !found && h_error == NETDB_INTERNAL);
    if (found) {
        errno = saved;
        return 0;
    }
    if (h_error != NETDB_INTERNAL)
        return h_error != 0 ? h_error : HOST_NOT_FOUND;
    errno = rc != 0 ? rc : ENOENT;
    return -1;
}

static int try_host_name(const struct query *q, struct sock__os_answer *a,
                         size_t size, bool *found, int *h_error)
{
    struct hostent *result = NULL;
    int rc = gethostbyname2_r(q->name, AF_INET, &a->u.host, a->buffer, size,
                              &result, h_error);
    *found = result != NULL;
    return rc;
}

static int try_host_addr(const struct query *q, struct sock__os_answer *a,
                         size_t size, bool *found, int *h_error)
{
    struct hostent *result = NULL;
    int rc = gethostbyaddr_r(q->packed, q->packed_size, q->family, &a->u.host,
                             a->buffer, size, &result, h_error);
    *found = result != NULL;
    return rc;
}

static int try_service_name(const struct query *q, struct sock__os_answer *a,
                            size_t size, bool *found, int *h_error)
{
    struct servent *result = NULL;
    int rc = getservbyname_r(q->name, q->proto, &a->u.service, a->buffer, size,
                             &result);
    (void)h_error;
    *found = result != NULL;
    return rc;
}

static int try_service_port(const struct query *q, struct sock__os_answer *a,
                            size_t size, bool *found, int *h_error)
{
    struct servent *result = NULL;
    int rc = getservbyport_r(q->port, q->proto, &a->u.service, a->buffer, size,
                             &result);
    (void)h_error;
    *found = result != NULL;
    return rc;
}

#ifdef __GLIBC__
#define find_protocol getprotobyname_r
#else
/* Where there is no getprotobyname_r(3). What musl gives in its place points
 * at constants, but for the structure itself. */
static int find_protocol(const char *name, struct protoent *entry, char *buf,
                         size_t size, struct protoent **result)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    (void)buf;
    (void)size;
    pthread_mutex_lock(&one_at_a_time);
    const struct protoent *found = getprotobyname(name);
    if (found != NULL) {
        *entry = *found;
        *result = entry;
    }
    pthread_mutex_unlock(&one_at_a_time);
    return found != NULL ? 0 : ENOENT;
}
#endif

static int try_protocol(const struct query *q, struct sock__os_answer *a,
                        size_t size, bool *found, int *h_error)
{
    struct protoent *result = NULL;
    int rc = find_protocol(q->name, &a->u.protocol, a->buffer, size, &result);
    (void)h_error;
    *found = result != NULL;
    return rc;
}

int sock__os_gethostbyname(const char *name, struct sock__os_answer *a)
{
    return look_up(try_host_name, &(struct query){.name = name}, a);
}

int sock__os_gethostbyaddr(const void *packed, socklen_t size, int family,
                           struct sock__os_answer *a)
{
    struct query q = {.packed = packed, .packed_size = size, .family = family};
    return look_up(try_host_addr, &q, a);
}

int sock__os_getservbyname(const char *name, const char *proto,
                           struct sock__os_answer *a)
{
    struct query q = {.name = name, .proto = proto};
    return look_up(try_service_name, &q, a);
}

int sock__os_getservbyport(uint16_t port, const char *proto,
                           struct sock__os_answer *a)
{
    struct query q = {.port = htons(port), .proto = proto};
    return look_up(try_service_port, &q, a);
}

int sock__os_getprotobyname(const char *name, struct sock__os_answer *a)
{
    return look_up(try_protocol, &(struct query){.name = name}, a);
}

int sock__os_sethostname(const char *name, size_t size)
{
    return sethostname(name, size);
}

int sock__os_gai_code(int h_error)
{
    switch (h_error) {
    case NO_DATA:
        return EAI_NODATA;
    case TRY_AGAIN:
        return EAI_AGAIN;
    case NO_RECOVERY:
        return EAI_FAIL;
    default:
        return EAI_NONAME;
    }
}
