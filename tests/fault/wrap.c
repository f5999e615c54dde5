/* SPDX-License-Identifier: MIT */
/* The wrappers: each counts, and fails where it shall. */
#include "wrap.h"
#include "fault.h"

#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fault_row fault_rows[64];
int fault_row_count;
struct fault_state fault;

enum { SHORTEN = -1 };

void fault_complain(const char *format, ...)
{
    va_list args;
    if (fault.complaint[0] != '\0')
        return;
    va_start(args, format);
    vsnprintf(fault.complaint, sizeof fault.complaint, format, args);
    va_end(args);
}

/* How often a failure for ever comes: what is repeated must come to an end. */
static int limit(int code)
{
    if (code == EAGAIN)
        return 12; /* the pauses in between grow: 65 ms */
    return code == ECONNABORTED ? 20 : 200;
}

/* 0, a code, or SHORTEN. */
static int count(const char *call)
{
    int row = 0;
    while (row < fault_row_count && strcmp(fault_rows[row].call, call) != 0)
        row++;
    if (row == fault_row_count) {
        fault_complain("%s: wrapped, but not in errors.txt", call);
        return 0;
    }
    int n = ++fault.counts[row];
    const struct injection *x = &fault.now;
    if (x->call == NULL || strcmp(x->call, call) != 0 || n < x->nth)
        return 0;
    if (x->mode == FAULT_SHORT) {
        if (fault.injected >= 20) /* the peer has not room for all so */
            return 0;
        fault.injected++;
        return SHORTEN;
    }
    if (x->mode == FAULT_ONCE && n > x->nth)
        return 0;
    if (fault.injected >= limit(x->code))
        return 0;
    fault.injected++;
    return x->code;
}

static int hit(const char *call)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    if (!fault.armed)
        return 0;
    pthread_mutex_lock(&one_at_a_time);
    int code = count(call);
    pthread_mutex_unlock(&one_at_a_time);
    return code;
}

/* Transfers can begin by having to wait. */
static int hit_transfer(const char *call)
{
    if (fault.armed && fault.lent > 0) {
        fault.lent--;
        return EAGAIN;
    }
    return hit(call);
}

/* The same, of which less than asked for can be done. */
#define MOVING(name, parameters, arguments, size, less)                        \
    WRAP(ssize_t, name, parameters)                                            \
    {                                                                          \
        int code = hit_transfer(#name);                                        \
        if (code == SHORTEN && size > 1)                                       \
            size = less;                                                       \
        if (code <= 0)                                                         \
            return __real_##name arguments;                                    \
        errno = code;                                                          \
        return -1;                                                             \
    }

typedef struct sockaddr *address;
typedef const struct sockaddr *target;

/* What each call must always be given: no descriptor is ever inheritable, not
 * even for a moment, and no byte raises SIGPIPE. */
static void must_have(const char *call, int flags, int flag)
{
    if (fault.armed && (flags & flag) != flag)
        fault_complain("%s without its flag %#x", call, (unsigned)flag);
}

FAILING(int, bind, (int fd, target sa, socklen_t len), (fd, sa, len))
FAILING(int, listen, (int fd, int backlog), (fd, backlog))
FAILING(int, getsockname, (int fd, address sa, socklen_t *len), (fd, sa, len))
FAILING(int, getpeername, (int fd, address sa, socklen_t *len), (fd, sa, len))
FAILING(int, getsockopt, (int fd, int l, int n, void *v, socklen_t *s),
        (fd, l, n, v, s))
FAILING(int, setsockopt, (int fd, int l, int n, const void *v, socklen_t s),
        (fd, l, n, v, s))
FAILING(int, shutdown, (int fd, int how), (fd, how))
FAILING(int, socket, (int f, int t, int p),
        (f, (must_have("socket", t, SOCK_CLOEXEC), t), p))
FAILING(int, socketpair, (int f, int t, int p, int *fds),
        (f, (must_have("socketpair", t, SOCK_CLOEXEC), t), p, fds))
FAILING(int, ppoll,
        (struct pollfd * p, nfds_t n, const struct timespec *t,
         const sigset_t *m),
        (p, n, t, m))
FAILING(int, epoll_create1, (int flags),
        ((must_have("epoll_create1", flags, EPOLL_CLOEXEC), flags)))
FAILING(int, epoll_ctl, (int ep, int op, int fd, struct epoll_event *e),
        (ep, op, fd, e))
FAILING(int, epoll_wait, (int ep, struct epoll_event *found, int n, int ms),
        (ep, found, n, ms))
FAILING(int, eventfd, (unsigned value, int flags),
        (value, (must_have("eventfd", flags, EFD_CLOEXEC), flags)))
FAILING(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n))
FAILING(off_t, lseek64, (int fd, off_t at, int whence), (fd, at, whence))
FAILING(int, gethostname, (char *name, size_t size), (name, size))
FAILING(int, sigaction,
        (int n, const struct sigaction *action, struct sigaction *former),
        (n, action, former))
FAILING(int, sigtimedwait,
        (const sigset_t *set, siginfo_t *info, const struct timespec *t),
        (set, info, t))

FAILING(pid_t, fork, (void), ())
FAILING(pid_t, waitpid, (pid_t pid, int *status, int options),
        (pid, status, options))
FAILING(int, kill, (pid_t pid, int signo), (pid, signo))
FAILING(int, fstat64, (int fd, struct stat *st), (fd, st))
FAILING(int, lstat, (const char *path, struct stat *st), (path, st))
FAILING(int, unlink, (const char *path), (path))

MOVING(recv, (int fd, void *b, size_t n, int f), (fd, b, n, f), n, 1)
MOVING(recvfrom, (int fd, void *b, size_t n, int f, address sa, socklen_t *len),
       (fd, b, n, f, sa, len), n, 1)
MOVING(send, (int fd, const void *b, size_t n, int f),
       (fd, b, n, (must_have("send", f, MSG_NOSIGNAL), f)), n, n / 2)
MOVING(sendto,
       (int fd, const void *b, size_t n, int f, target sa, socklen_t len),
       (fd, b, n, (must_have("sendto", f, MSG_NOSIGNAL), f), sa, len), n, n / 2)
MOVING(read, (int fd, void *b, size_t n), (fd, b, n), n, 1)
MOVING(pread64, (int fd, void *b, size_t n, off_t at), (fd, b, n, at), n, 1)
MOVING(sendfile64, (int fd, int file, off_t *at, size_t n), (fd, file, at, n),
       n, n > 1000000 ? 3 : n / 2)

WRAP(ssize_t, recvmsg, (int fd, struct msghdr *m, int flags))
{
    struct iovec one, *all = m->msg_iov;
    int code = hit_transfer("recvmsg");
    must_have("recvmsg", flags, MSG_CMSG_CLOEXEC);
    if (code > 0) {
        errno = code;
        return -1;
    }
    size_t count = m->msg_iovlen;
    if (code == SHORTEN && count > 0) {
        one = (struct iovec){all[0].iov_base, 1};
        m->msg_iov = &one;
        m->msg_iovlen = 1;
    }
    ssize_t n = __real_recvmsg(fd, m, flags);
    m->msg_iov = all;
    m->msg_iovlen = count;
    return n;
}

WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags))
{
    struct msghdr part = *m;
    struct iovec one;
    int code = hit_transfer("sendmsg");
    must_have("sendmsg", flags, MSG_NOSIGNAL);
    if (code > 0) {
        errno = code;
        return -1;
    }
    if (code == SHORTEN && m->msg_iovlen > 0) {
        one = (struct iovec){m->msg_iov[0].iov_base,
                             (m->msg_iov[0].iov_len + 1) / 2};
        part.msg_iov = &one;
        part.msg_iovlen = 1;
    }
    return __real_sendmsg(fd, &part, flags);
}

WRAP(int, accept4, (int fd, address sa, socklen_t *len, int flags))
{
    int code = hit_transfer("accept4");
    must_have("accept4", flags, SOCK_CLOEXEC);
    if (code == 0)
        return __real_accept4(fd, sa, len, flags);
    errno = code;
    return -1;
}

/* An interrupted attempt goes on, but for AF_UNIX. */
WRAP(int, connect, (int fd, target sa, socklen_t len))
{
    int code = hit("connect");
    if (code == 0)
        return __real_connect(fd, sa, len);
    if (code == EINTR && sa->sa_family != AF_UNIX)
        __real_connect(fd, sa, len);
    errno = code;
    return -1;
}

/* A close that fails has closed; a second one may hit another's number. */
WRAP(int, close, (int fd))
{
    int code = hit("close");
    int result = __real_close(fd);
    if (result != 0 && errno == EBADF)
        fault_complain("close: descriptor %d was closed before", fd);
    if (code == 0)
        return result;
    errno = code;
    return -1;
}

WRAP(int, fcntl, (int fd, int command, ...))
{
    va_list args;
    va_start(args, command);
    int value = va_arg(args, int);
    va_end(args);
    int code = hit("fcntl");
    if (fault.armed && command == F_DUPFD)
        fault_complain("fcntl with F_DUPFD, whose copy is inheritable");
    if (code == 0)
        return __real_fcntl(fd, command, value);
    errno = code;
    return -1;
}

WRAP(int, ioctl, (int fd, unsigned long command, ...))
{
    va_list args;
    va_start(args, command);
    void *value = va_arg(args, void *);
    va_end(args);
    int code = hit("ioctl");
    if (code == 0)
        return __real_ioctl(fd, command, value);
    errno = code;
    return -1;
}

/* epoll_pwait2(2), for which not each C library has a function. */
FAILING_SYSCALL("syscall")

/* Never renames the machine. */
WRAP(int, sethostname, (const char *name, size_t size))
{
    int code = hit("sethostname");
    (void)__real_sethostname;
    (void)name;
    (void)size;
    if (code == 0)
        return 0;
    errno = code;
    return -1;
}

/* Returns its code. */
WRAP(int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attr, void *(*run)(void *),
      void *arg))
{
    int code = hit("pthread_create");
    return code != 0 ? code : __real_pthread_create(thread, attr, run, arg);
}

/* Memory */

static void *counted(void *p)
{
    fault.balance += p != NULL;
    return p;
}

static bool no_memory(const char *call)
{
    int code = hit(call);
    if (code != 0)
        errno = code;
    return code != 0;
}

WRAP(void *, malloc, (size_t size))
{
    return no_memory("malloc") ? NULL : counted(__real_malloc(size));
}

WRAP(void *, calloc, (size_t n, size_t size))
{
    return no_memory("calloc") ? NULL : counted(__real_calloc(n, size));
}

WRAP(int, posix_memalign, (void **p, size_t align, size_t size))
{
    if (no_memory("posix_memalign"))
        return errno;
    int rc = __real_posix_memalign(p, align, size);
    fault.balance += rc == 0;
    return rc;
}

WRAP(void *, realloc, (void *p, size_t size))
{
    if (no_memory("realloc"))
        return NULL;
    return p == NULL ? counted(__real_realloc(p, size))
                     : __real_realloc(p, size);
}

WRAP(char *, strndup, (const char *s, size_t n))
{
    return no_memory("strndup") ? NULL : counted(__real_strndup(s, n));
}

WRAP(void, free, (void *p))
{
    fault.balance -= p != NULL;
    __real_free(p);
}

WRAP(FILE *, fopencookie,
     (void *cookie, const char *mode, cookie_io_functions_t io))
{
    return no_memory("fopencookie") ? NULL
                                    : __real_fopencookie(cookie, mode, io);
}

/* The resolver: a table of its own, so that nothing outside is asked */

WRAP(int, getaddrinfo,
     (const char *host, const char *port, const struct addrinfo *hints,
      struct addrinfo **list))
{
    int code = hit("getaddrinfo");
    bool two = host != NULL && strcmp(host, "two.test") == 0;
    bool numeric = hints != NULL && (hints->ai_flags & AI_NUMERICHOST) != 0;
    if (code != 0) {
        errno = ECONNREFUSED;
        return FAULT_GAI - code;
    }
    if (host != NULL && strstr(host, ".test") != NULL) {
        if (numeric)
            return EAI_NONAME;
        host = "127.0.0.1";
    }
    int rc = __real_getaddrinfo(host, port, hints, list);
    if (rc != 0)
        return rc;
    counted(*list);
    while (two && (*list)->ai_next != NULL)
        list = &(*list)->ai_next;
    if (two)
        rc = __real_getaddrinfo(host, port, hints, &(*list)->ai_next);
    return rc;
}

WRAP(void, freeaddrinfo, (struct addrinfo * list))
{
    fault.balance -= list != NULL;
    __real_freeaddrinfo(list);
}

WRAP(int, getnameinfo,
     (target sa, socklen_t len, char *host, socklen_t host_size, char *port,
      socklen_t port_size, int flags))
{
    int code = hit("getnameinfo");
    (void)__real_getnameinfo, (void)sa, (void)len, (void)flags;
    if (code != 0) {
        errno = ECONNREFUSED;
        return FAULT_GAI - code;
    }
    if (host_size > 0)
        snprintf(host, host_size, "name.test");
    if (port_size > 0)
        snprintf(port, port_size, "http");
    return 0;
}

static char loopback[] = {127, 0, 0, 1};
static char *addresses[] = {loopback, NULL};
static char host_name[] = "name.test", alias[] = "alias.test";
static char *aliases[] = {alias, NULL}, *no_aliases[] = {NULL};

static int host_entry(const char *call, struct hostent *h,
                      struct hostent **result, int *h_error)
{
    int code = hit(call);
    *result = NULL;
    if (code >= FAULT_HOST) {
        *h_error = code - FAULT_HOST;
        return 0;
    }
    if (code != 0) {
        *h_error = NETDB_INTERNAL;
        return code;
    }
    *h = (struct hostent){.h_name = host_name,
                          .h_aliases = aliases,
                          .h_addrtype = AF_INET,
                          .h_length = 4,
                          .h_addr_list = addresses};
    *result = h;
    return 0;
}

WRAP(int, gethostbyname2_r,
     (const char *name, int family, struct hostent *h, char *buf, size_t size,
      struct hostent **result, int *h_error))
{
    (void)__real_gethostbyname2_r, (void)name, (void)family;
    (void)buf, (void)size;
    return host_entry("gethostbyname2_r", h, result, h_error);
}

WRAP(int, gethostbyaddr_r,
     (const void *packed, socklen_t len, int family, struct hostent *h,
      char *buf, size_t size, struct hostent **result, int *h_error))
{
    (void)__real_gethostbyaddr_r, (void)packed, (void)len, (void)family;
    (void)buf, (void)size;
    return host_entry("gethostbyaddr_r", h, result, h_error);
}

static char service[] = "http", protocol[] = "tcp";

static int service_entry(const char *call, struct servent *s,
                         struct servent **result)
{
    int code = hit(call);
    *result = NULL;
    if (code != 0)
        return code;
    *s = (struct servent){.s_name = service,
                          .s_aliases = no_aliases,
                          .s_port = 80 << 8,
                          .s_proto = protocol};
    *result = s;
    return 0;
}

WRAP(int, getservbyname_r,
     (const char *name, const char *proto, struct servent *s, char *buf,
      size_t size, struct servent **result))
{
    (void)__real_getservbyname_r, (void)name, (void)proto;
    (void)buf, (void)size;
    return service_entry("getservbyname_r", s, result);
}

WRAP(int, getservbyport_r,
     (int port, const char *proto, struct servent *s, char *buf, size_t size,
      struct servent **result))
{
    (void)__real_getservbyport_r, (void)port, (void)proto;
    (void)buf, (void)size;
    return service_entry("getservbyport_r", s, result);
}

WRAP(int, getprotobyname_r,
     (const char *name, struct protoent *p, char *buf, size_t size,
      struct protoent **result))
{
    int code = hit("getprotobyname_r");
    (void)__real_getprotobyname_r, (void)name, (void)buf, (void)size;
    *result = NULL;
    if (code != 0)
        return code;
    *p = (struct protoent){
        .p_name = protocol, .p_aliases = no_aliases, .p_proto = IPPROTO_TCP};
    *result = p;
    return 0;
}

/* Files in memory */

WRAP(FILE *, fmemopen, (void *buf, size_t size, const char *mode))
{
    return no_memory("fmemopen") ? NULL : __real_fmemopen(buf, size, mode);
}

/* The text is the caller's to free. */
WRAP(FILE *, open_memstream, (char **text, size_t *size))
{
    return no_memory("open_memstream")
               ? NULL
               : counted(__real_open_memstream(text, size));
}

/* Interfaces */

WRAP(struct if_nameindex *, if_nameindex, (void))
{
    return no_memory("if_nameindex") ? NULL : counted(__real_if_nameindex());
}

WRAP(void, if_freenameindex, (struct if_nameindex * list))
{
    fault.balance -= list != NULL;
    __real_if_freenameindex(list);
}

WRAP(unsigned, if_nametoindex, (const char *name))
{
    return no_memory("if_nametoindex") ? 0 : __real_if_nametoindex(name);
}

WRAP(char *, if_indextoname, (unsigned index, char *name))
{
    return no_memory("if_indextoname") ? NULL
                                       : __real_if_indextoname(index, name);
}
