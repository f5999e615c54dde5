/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include <pysockc/pysockc.h>

#include <linux/if_alg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int scatter(sock_t *s)
{
    //! [sendmsg]
    char head[] = "size: 5\n", body[] = "hello";
    struct iovec bufs[] = {{head, 8}, {body, 5}};
    if (sock_sendmsg(s, bufs, 2, NULL, 0, sock_addr_none()) == -1)
        return -1;
    //! [sendmsg]
    return 0;
}

static int gather(sock_t *s)
{
    //! [recvmsg]
    char head[8], body[512];
    struct iovec bufs[] = {{head, sizeof head}, {body, sizeof body}};
    int flags;
    sock_addr_t from;
    ssize_t n = sock_recvmsg(s, bufs, 2, NULL, 0, &flags, &from);
    if (n == -1)
        return -1;
    if (flags & MSG_TRUNC)
        puts("the datagram was longer");
    printf("%zd bytes\n", n); /* -> 13 bytes */
    //! [recvmsg]
    return 0;
}

static int with_a_descriptor(sock_t *s, sock_fd_t fd)
{
    //! [add]
    char text[] = "file", room[SOCK_CONTROL_MAX];
    struct iovec buf = {text, 4};
    sock_control_t control = sock_control_in(room, sizeof room);
    if (sock_control_add(&control, SOL_SOCKET, SCM_RIGHTS, &fd, sizeof fd) ==
            -1 ||
        sock_sendmsg(s, &buf, 1, &control, 0, sock_addr_none()) == -1)
        return -1;
    //! [add]
    return 0;
}

static int take_descriptors(sock_t *s)
{
    //! [fds]
    char text[4], room[SOCK_CONTROL_MAX];
    struct iovec buf = {text, sizeof text};
    sock_control_t control = sock_control_in(room, sizeof room);
    sock_cmsg_t item = SOCK_CMSG_FIRST;
    sock_fd_t fd = -1;
    if (sock_recvmsg(s, &buf, 1, &control, 0, NULL, NULL) == -1)
        return -1;
    while (sock_control_next(&control, &item))
        if (sock_cmsg_fds(&item, &fd, 1) == 1)
            puts("a descriptor"); /* -> a descriptor */
    //! [fds]
    return fd == -1 ? -1 : close(fd);
}

static int no_descriptors(sock_t *s)
{
    //! [close_fds]
    char text[4], room[SOCK_CONTROL_MAX];
    struct iovec buf = {text, sizeof text};
    sock_control_t control = sock_control_in(room, sizeof room);
    if (sock_recvmsg(s, &buf, 1, &control, 0, NULL, NULL) == -1)
        return -1;
    sock_control_close_fds(&control); /* whatever the peer sent */
    //! [close_fds]
    return control.used == 0 ? 0 : -1;
}

static int introduce(sock_t *s)
{
    //! [add_cred]
    char text[] = "it is me", room[SOCK_CONTROL_MAX];
    struct iovec buf = {text, 8};
    sock_control_t control = sock_control_in(room, sizeof room);
    sock_cred_t self = {getpid(), geteuid(), getegid()};
    if (sock_control_add_cred(&control, &self) == -1 ||
        sock_sendmsg(s, &buf, 1, &control, 0, sock_addr_none()) == -1)
        return -1;
    //! [add_cred]
    return 0;
}

static int who_sent(sock_t *s)
{
    if (sock_setsockopt_int(s, SOL_SOCKET, SO_PASSCRED, 1) == -1)
        return -1;
    //! [walk]
    char text[256], room[SOCK_CONTROL_MAX];
    struct iovec buf = {text, sizeof text};
    sock_control_t control = sock_control_in(room, sizeof room);
    sock_cmsg_t item = SOCK_CMSG_FIRST;
    sock_cred_t cred;
    if (sock_recvmsg(s, &buf, 1, &control, 0, NULL, NULL) == -1)
        return -1;
    while (sock_control_next(&control, &item))
        if (sock_cmsg_cred(&item, &cred))
            printf("from user %u\n", (unsigned)cred.uid);
    /* -> from user ... */
    sock_control_close_fds(&control); /* none was asked for */
    //! [walk]
    return 0;
}

static int in_cbc(sock_t *s)
{
    //! [afalg]
    unsigned char iv[16] = {0}, text[16] = "sixteen bytes...";
    struct iovec buf = {text, sizeof text};
    if (sock_sendmsg_afalg(s, &buf, 1, ALG_OP_ENCRYPT, iv, sizeof iv, -1, 0) ==
            -1 ||
        sock_recv(s, text, sizeof text, 0) == -1)
        sock_perror("encryption");
    //! [afalg]
    return 0;
}

static int hand_over(sock_t *s, sock_fd_t fd)
{
    //! [send_fds]
    char text[] = "file";
    struct iovec buf = {text, 4};
    if (sock_send_fds(s, &buf, 1, &fd, 1, 0, sock_addr_none()) == -1)
        return -1;
    //! [send_fds]
    return 0;
}

static int take(sock_t *s)
{
    //! [recv_fds]
    char text[512];
    sock_fd_t fd;
    size_t n_fds;
    if (sock_recv_fds(s, text, sizeof text, &fd, 1, &n_fds, 0, NULL, NULL) ==
            -1 ||
        n_fds != 1)
        return -1;
    sock_close_fd(fd); /* it is ours */
    //! [recv_fds]
    return 0;
}

static int peer(sock_t *s)
{
    //! [peercred]
    sock_cred_t cred;
    if (sock_peercred(s, &cred) == -1)
        return -1;
    if (cred.uid != 0 && cred.uid != geteuid()) {
        puts("another user");
        return -1;
    }
    //! [peercred]
    return 0;
}

static int space(void)
{
    //! [space]
    /* room for one descriptor and for credentials, and no byte more */
    ssize_t size = sock_cmsg_space(sizeof(sock_fd_t)) +
                   sock_cmsg_len(sizeof(sock_cred_t));
    void *room = malloc((size_t)size);
    sock_control_t control = sock_control_in(room, (size_t)size);
    //! [space]
    sock_cred_t self = {getpid(), geteuid(), getegid()};
    sock_fd_t fd = STDIN_FILENO;
    int failed =
        sock_control_add(&control, SOL_SOCKET, SCM_RIGHTS, &fd, sizeof fd) ||
        sock_control_add_cred(&control, &self);
    free(room);
    return failed;
}

/* Where the kernel has AF_ALG. */
static int with_a_cipher(void)
{
    sock_t *s = sock_new(AF_ALG, SOCK_SEQPACKET, 0);
    sock_t *cipher = NULL;
    if (s != NULL &&
        sock_bind(s, sock_addr_alg("skcipher", "cbc(aes)", 0, 0)) == 0 &&
        sock_setsockopt(s, SOL_ALG, ALG_SET_KEY, "sixteen bytes...", 16) == 0)
        cipher = sock_accept(s, NULL);
    int failed = cipher == NULL ? 0 : in_cbc(cipher);
    sock_free(cipher);
    sock_free(s);
    return failed;
}

static int on_datagrams(sock_t *pair[2])
{
    return scatter(pair[0]) || gather(pair[1]) ||
           with_a_descriptor(pair[0], STDIN_FILENO) ||
           take_descriptors(pair[1]) ||
           with_a_descriptor(pair[0], STDIN_FILENO) ||
           no_descriptors(pair[1]) || hand_over(pair[0], STDIN_FILENO) ||
           take(pair[1]) || introduce(pair[0]) || who_sent(pair[1]) ||
           peer(pair[0]);
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_t *pair[2];
    if (sock_socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == -1)
        return 1;
    int failed = on_datagrams(pair) || with_a_cipher() || space();
    sock_free(pair[0]);
    sock_free(pair[1]);
    return failed;
}
