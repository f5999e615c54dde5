/* SPDX-License-Identifier: MIT */
/* Code of the reference's pages; compiled with the tests. */
#include <pysockc/pysockc.h>

#include <stdio.h>

int who_sent(sock_t *s);
int hand_over(sock_t *s, int fd);

int who_sent(sock_t *s)
{
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
    sock_control_close_fds(&control); /* none was asked for */
    //! [walk]
    return 0;
}

int hand_over(sock_t *s, int fd)
{
    //! [descriptors]
    char text[] = "file";
    struct iovec buf = {text, 4};
    if (sock_send_fds(s, &buf, 1, &fd, 1, 0, sock_addr_none()) == -1)
        return -1;
    //! [descriptors]
    return 0;
}
