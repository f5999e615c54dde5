/* SPDX-License-Identifier: MIT */
/*
 * What the library asks of the platform beyond plain POSIX calls.
 *
 * Only os_*.c know the platform; another one is added by writing these
 * functions for it. Unless said otherwise they return -1 and set errno, record
 * no error, and make descriptors close-on-exec atomically. What libraries on
 * top use as well is in private.h.
 */
#ifndef SOCK__OS_H
#define SOCK__OS_H

#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <pysockc/family.h>
#include <pysockc/message.h>

#include "private.h"

/* Descriptors */

/* The type without its flags; says whether it asked for O_NONBLOCK. */
int sock__os_split_type(int type, bool *nonblocking);
int sock__os_socket(int family, int type, int proto, bool nonblocking);
/* A protocol that is TCP over several paths, where the system has it. */
enum { SOCK__OS_MPTCP = 262 };
int sock__os_socketpair(int family, int type, int proto, bool nonblocking,
                        int fds[2]);
int sock__os_accept(int fd, struct sockaddr *sa, socklen_t *len,
                    bool nonblocking);
int sock__os_dup(int fd);
/* 0 if it was opened for reading, else EBADF, as read(2) has it. */
int sock__os_may_read(int fd);
/* How many descriptors a process may have. */
size_t sock__os_most_fds(void);
int sock__os_protocol(int fd);
/* Whether an attempt to connect goes on by itself when a signal interrupts it,
 * and ends when the socket is shut down. */
bool sock__os_connect_goes_on(int family);
int sock__os_set_nonblocking(int fd, bool on);
int sock__os_get_inheritable(int fd);
int sock__os_set_inheritable(int fd, bool on);

/* Threads */

/* The stack of a thread that goes into nothing deep. */
enum { SOCK__OS_STACK = 256 * 1024 };
/* Whether it takes a stack of so many bytes. */
bool sock__os_is_stack(size_t stack);

/* Waiting */

/* What one wait can last; more is cut short to it. */
#define SOCK__OS_LONGEST_WAIT (INT64_C(1000000) * INT32_MAX)
/* poll(2) for at most left ns, negative: no limit, to the nanosecond. */
int sock__os_poll(struct pollfd *fds, size_t n, int64_t left);
/* The events to ask for, so that sock__os_ended() can tell what was found:
 * whether there will be nothing more to receive. */
short sock__os_with_end(short events);
bool sock__os_ended(short found);
/* Whether SO_RCVTIMEO or SO_SNDTIMEO, by the event, is set. */
bool sock__os_has_own_timeout(int fd, short events);

/* An event that a thread or a signal handler sets: its descriptor is readable
 * until it is cleared. Neither touches errno. */
int sock__os_event_new(void);
void sock__os_event_set(int fd);
void sock__os_event_clear(int fd);

/* What poll(2) has for enum sock_event, and what it found. */
short sock__os_to_poll(int events);
int sock__os_from_poll(short found);

/* A poller waits for many descriptors; it is one itself, close(2) ends it. */
int sock__os_poller_new(void);
enum sock__os_change { SOCK__OS_ADD, SOCK__OS_MODIFY, SOCK__OS_REMOVE };
/* What it waits for, as enum sock_event has it, and a word to know it by. */
int sock__os_poller_set(int poller, enum sock__os_change change, int fd,
                        int events, uint64_t word);
/* What one wait finds, at most. */
enum { SOCK__OS_FOUND_MAX = 256 };
struct sock__os_found {
    uint64_t word;
    int events;
};
/* Waits for at most left ns, negative: no limit. The number found. */
int sock__os_poller_wait(int poller, struct sock__os_found *found,
                         int64_t left);

/* Messages */

/* What the system takes in one call; and the bytes of its credentials. */
enum {
    SOCK__OS_MAX_BUFFERS = 1024,
    SOCK__OS_MAX_FDS = 253,
    SOCK__OS_CRED_SIZE = 12
};
/* recvmsg(2), but descriptors that come are close-on-exec. */
ssize_t sock__os_recvmsg(int fd, struct msghdr *header, int flags);
/* Whether the data of an item are descriptors. */
bool sock__os_brings_fds(int level, int type);
/* Fails with ENOTCONN where there is no peer. */
int sock__os_peercred(int fd, sock_cred_t *cred);
/* The type of an item that holds credentials, and its data. */
int sock__os_cred_type(void);
void sock__os_pack_cred(void *data, const sock_cred_t *cred);
void sock__os_unpack_cred(sock_cred_t *cred, const void *data);

/* Lets a datagram socket of the family be told which address each datagram was
 * sent to. */
int sock__os_tell_destination(int fd, int family);
/* Turns what came with a datagram into what lets its answer leave from the
 * address that the datagram was sent to, in its place: its size, 0 if there is
 * no such thing. */
size_t sock__os_answer_from(void *control, size_t used);

/* Constants, sorted by name */

struct sock__constant {
    const char *name;
    int64_t value;
    bool also;   /* another name is the one to show */
    bool python; /* a name of Python's module */
};
extern const struct sock__constant sock__os_constants[];
extern const size_t sock__os_constant_count;
/* What the names of a level's options begin with; NULL for a level whose names
 * the table lacks. */
const char *sock__os_option_prefix(int level);

/* Addresses of further families */

/* The protocols that select a form. */
enum {
    SOCK__OS_CAN_RAW = 1,
    SOCK__OS_CAN_ISOTP = 6,
    SOCK__OS_CAN_J1939 = 7,
    SOCK__OS_L2CAP = 0,
    SOCK__OS_HCI = 1,
    SOCK__OS_SCO = 2,
    SOCK__OS_RFCOMM = 3
};
union sock__parts {
    sock_netlink_t netlink;
    sock_packet_t packet;
    sock_vsock_t vsock;
    sock_can_t can;
    sock_tipc_t tipc;
    sock_alg_t alg;
    sock_qipcrtr_t qipcrtr;
    sock_bluetooth_t bluetooth;
};
/* The family whose addresses a socket of this family takes. */
int sock__os_address_family(int family);
/* What sock_addr_t.detail of an address of such a socket has to be. */
int sock__os_form_of(int family, int protocol);
/* The fewest bytes that an address of the family has. */
socklen_t sock__os_least_len(int family);
/* The length of the address; 0 if such parts have none. */
socklen_t sock__os_pack_addr(int family, const union sock__parts *p,
                             struct sockaddr_storage *sa);
/* Whether such an address has parts. Reads no more than the storage. */
bool sock__os_unpack_addr(const struct sockaddr_storage *sa, int protocol,
                          union sock__parts *p);

/* Whether sock_sendmsg_afalg() is for this family; and the items it sends. */
bool sock__os_is_alg(int family);
enum {
    SOCK__OS_SOL_ALG = 279,
    SOCK__OS_ALG_SET_IV = 2,
    SOCK__OS_ALG_SET_OP = 3,
    SOCK__OS_ALG_SET_AEAD_ASSOCLEN = 4
};
/* Whether MSG_PEEK goes on where the last look ended once it is set. */
bool sock__os_is_peek_offset(int level, int name);
/* Whether numbers of such an option have 64 bits. */
bool sock__os_is_wide_option(int family, int level);

/* Texts of error codes */

const char *sock__os_hstrerror(int code);

/* Renames the machine. */
int sock__os_sethostname(const char *name, size_t size);

/* Look-ups, with a buffer that grows until the answer fits */

struct sock__os_answer {
    union {
        struct hostent host;
        struct servent service;
        struct protoent protocol;
    } u;
    char *buffer; /* to be freed, whatever was returned */
};

/* 0; an h_errno; or -1 with errno. */
int sock__os_gethostbyname(const char *name, struct sock__os_answer *a);
int sock__os_gethostbyaddr(const void *packed, socklen_t size, int family,
                           struct sock__os_answer *a);
/* The EAI_ code that getaddrinfo(3) gives where gethostbyname(3) gives this. */
int sock__os_gai_code(int h_error);

/* 0; -1 with errno, which is ENOENT if there is no such entry. */
int sock__os_getservbyname(const char *name, const char *proto,
                           struct sock__os_answer *a);
int sock__os_getservbyport(uint16_t port, const char *proto,
                           struct sock__os_answer *a);
int sock__os_getprotobyname(const char *name, struct sock__os_answer *a);

#endif
