/*
 * What the library's files share: the object, entering and leaving it, and
 * setting errors. What a library on top needs of it is in private.h.
 */
#ifndef SOCK__INTERNAL_H
#define SOCK__INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <pysockc/pysockc.h>

#include "private.h"

#define SOCK__INLINE static inline __attribute__((always_inline))

/* The object */

/* Set in `state` once the object is closed; the other bits count calls. */
#define SOCK__CLOSED 0x80000000u

struct sock {
    atomic_uint state; /* calls that are inside, and SOCK__CLOSED */
    atomic_int fd;     /* -1 when it is closed and the last call has left */
    int family, type, proto;
    _Atomic int64_t timeout; /* ns, negative: none */
    _Atomic(sock_interrupt_fn) check;
    _Atomic(void *) check_arg;
    atomic_bool shared; /* others may have this socket's description too */
    unsigned forks;     /* sock__os_forks() when it was made */
    const struct sock__ops *ops; /* NULL: the system's own */
    void *ops_data;
};

/* An object without a descriptor yet; NULL with the error recorded. */
sock_t *sock__object(const char *op, int family, int type, int proto,
                     int64_t timeout);
/* Gives it its descriptor, and what only now is known. */
void sock__object_open(sock_t *s, int fd, int64_t timeout, unsigned forks);
/* As sock_dup(). */
sock_t *sock__dup(sock_t *s, const char *op);
/* Like sock__enter() for calls that report nothing; -1 if it is closed. */
int sock__enter_quietly(sock_t *s);
/* Leaves with what a system call returned; records errno if it failed. */
int sock__leave_with(sock_t *s, const char *op, int result);
bool sock__closed(const sock_t *s);
/* Whether a duplicate or another process may change the description. */
bool sock__shared(const sock_t *s);
int64_t sock__default_timeout(void);
sock_interrupt_t sock__default_interrupt(void);
/* A timeout argument in nanoseconds; -1 with the error recorded. */
int sock__timeout_arg(const char *op, double seconds, int64_t *ns);

/* sock__wait(), which also gives what sock__os_poll() found. */
int sock__await(sock_t *s, int fd, short events, struct sock__timer *timer,
                int *ready);
/* Lets time pass, but not beyond the timer: 0 or an errno. */
int sock__pause(sock_t *s, int64_t ns, struct sock__timer *timer);

/* Errors: each returns -1, records, and sets errno. */

/* What selects the text of a failure whose code does not. */
enum sock__detail {
    SOCK__NO_DETAIL,
    SOCK__NULL_SOCKET,
    SOCK__NULL_BUFFER,
    SOCK__NULL_ARGUMENT,
    SOCK__SIZE_TOO_LARGE,
    SOCK__BUFFER_TOO_SMALL,
    SOCK__NEGATIVE_FD,
    SOCK__STREAM_ONLY,
    SOCK__NO_SENDTO,
    SOCK__NO_MESSAGES,
    SOCK__ITEM_TOO_LARGE,
    SOCK__CONTROL_TOO_LARGE,
    SOCK__CONTROL_SIZE,
    SOCK__BAD_CMSG_LEN,
    SOCK__BAD_CMSG_SPACE,
    SOCK__NO_DUP,
    SOCK__BAD_MODE,
    SOCK__BOTH_MODES,
    SOCK__TIMED_OUT_OBJECT,
    SOCK__BAD_COUNT,
    SOCK__NON_BLOCKING,
    SOCK__NO_ADDRESS,
    SOCK__ADDRESS_TOO_SHORT,
    SOCK__ADDRESS_TOO_LONG,
    SOCK__ADDRESS_SYNTAX,
    SOCK__NOT_INET,
    SOCK__NOT_UNIX,
    SOCK__OTHER_FAMILY,
    SOCK__HARDWARE_ADDR_TOO_LONG,
    SOCK__BAD_PACKET_PROTO,
    SOCK__CAN_NAME_TOO_LONG,
    SOCK__BAD_ADDRESS_TYPE,
    SOCK__ALG_TYPE_TOO_LONG,
    SOCK__ALG_NAME_TOO_LONG,
    SOCK__BAD_BDADDR,
    SOCK__OUT_OF_RANGE,
    SOCK__ALG_ONLY,
    SOCK__BAD_ALG_OP,
    SOCK__BAD_ASSOCLEN,
    SOCK__BAD_FAMILY,
    SOCK__FAMILY_MISMATCH,
    SOCK__MANY_WILDCARDS,
    SOCK__HOST_TOO_LONG,
    SOCK__HOST_NOT_ASCII,
    SOCK__UNIX_PATH_TOO_LONG,
    SOCK__BAD_PORT,
    SOCK__BAD_FLOWINFO,
    SOCK__TIMEOUT_NAN,
    SOCK__TIMEOUT_NEGATIVE,
    SOCK__TIMEOUT_TOO_LARGE,
    SOCK__BAD_EVENTS,
    SOCK__BAD_SERVER_FLAGS,
    SOCK__DUALSTACK_FAMILY,
    SOCK__OPTION_SIZE,
    SOCK__NO_SERVICE,
    SOCK__NO_PORT_SERVICE,
    SOCK__NO_PROTOCOL,
    SOCK__NO_INTERFACE,
    SOCK__BAD_INET_ATON,
    SOCK__BAD_INET_PTON,
    SOCK__BAD_INET_NTOA,
    SOCK__BAD_PACKED_SIZE,
    SOCK__UNKNOWN_FAMILY,
    SOCK__NO_CONSTANT,
    SOCK__NO_SUCH_VALUE,
    SOCK__DETAILS
};

/* sock__fail(), with the address that it was about. */
int sock__fail_to(const char *op, int kind, int code, int detail,
                  const sock_addr_t *address);
/* sock__fail(), with a text that the detail's own quotes the start of. */
int sock__fail_quoting(const char *op, int kind, int detail, const char *text);
/* For what sock__wait() and its like return: an errno or SOCK__TIMED_OUT. */
int sock__fail_status_to(const char *op, int status,
                         const sock_addr_t *address);
/* The errno of a kind of error. */
int sock__errno_of(int kind, int code);
/* Adds to the record how far a call came that has just failed. */
void sock__fail_done(size_t done);

/* free(3), which may touch errno, without that. */
void sock__free(void *memory);

/* For calls that succeed although something inside them failed. */
struct sock__saved {
    sock_error_t record;
    int sys_errno;
};
void sock__error_save(struct sock__saved *saved);
void sock__error_restore(const struct sock__saved *saved);

/* Addresses */

/* 0 if the address can be handed to the system, else -1 with its error. */
int sock__addr_check(const char *op, const sock_addr_t *a);
/* The same for what is not AF_INET: bounds the length, clears the rest. */
void sock__addr_finish_other(sock_addr_t *a, int protocol);
/* Completes an address whose bytes the system has filled in. The protocol of
 * its socket tells forms of an address from each other, in some families. */
SOCK__INLINE void sock__addr_finish(sock_addr_t *a, socklen_t len, int protocol)
{
    a->len = len;
    a->kind = a->detail = 0;
    a->code = a->sys_errno = 0;
    a->reserved[0] = a->reserved[1] = a->reserved[2] = a->reserved[3] = 0;
    if (len != sizeof a->u.in || a->u.sa.sa_family != AF_INET)
        sock__addr_finish_other(a, protocol);
}
/* The address of a host with port 0; AF_UNSPEC for either family. */
void sock__addr_host(sock_addr_t *a, int family, const char *host);
/* An address that could not be made. */
sock_addr_t sock__addr_failed(int kind, int code, int detail, const char *host);
/* The address that an error of getaddrinfo(3) makes. */
sock_addr_t sock__addr_gai(int code, const char *host);
/* 0 if a host name can be given to the resolver, else -1 and why not. */
int sock__host_check(const char *host, sock_addr_t *why);
struct addrinfo;
/* getaddrinfo(3) for a host and a port that it may be given, both or one of
 * them NULL; NULL with the error recorded. To be ended by freeaddrinfo(3). */
struct addrinfo *sock__look_up(const char *op, const char *host,
                               const char *port, const struct addrinfo *hints);
/* Bytes of an AF_UNIX path, the NUL of an abstract one among them. */
size_t sock__addr_path_len(const sock_addr_t *a);
struct sock__text;
/* As sock_addr_repr(). */
void sock__addr_repr(struct sock__text *t, const sock_addr_t *a);
/* The same for the families of family.h; false for any other. */
bool sock__family_repr(struct sock__text *t, const sock_addr_t *a);
/* For error texts: a blank, and the address or the host that failed. */
void sock__addr_describe(struct sock__text *t, const sock_addr_t *a);

#endif
