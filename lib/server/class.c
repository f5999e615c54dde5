/* SPDX-License-Identifier: MIT */
#include "class.h"

#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include "os.h"
#include "record.h"

enum { MOST = 1 << 24 }; /* of what there is room made for */

#define NUMBER(member) offsetof(sock_server_class_t, member), #member

static const struct number {
    size_t at;
    const char *name;
    int least, most;
    int detail; /* that says what it is else */
} numbers[] = {
    {NUMBER(mode), 0, SOCK_SERVER_POOL, SOCK__BAD_SERVER_MODE},
    {NUMBER(when_full), 0, SOCK_SERVER_CALL, SOCK__BAD_WHEN_FULL},
    {NUMBER(allow_reuse_address), -1, 1, SOCK__BAD_SWITCH},
    {NUMBER(allow_reuse_port), -1, 1, SOCK__BAD_SWITCH},
    {NUMBER(dualstack_ipv6), -1, 1, SOCK__BAD_SWITCH},
    {NUMBER(disable_nagle_algorithm), -1, 1, SOCK__BAD_SWITCH},
    {NUMBER(block_on_close), -1, 1, SOCK__BAD_SWITCH},
    {NUMBER(daemon_threads), -1, 1, SOCK__BAD_SWITCH},
    {NUMBER(request_queue_size), 0, INT_MAX, SOCK__MEMBER_RANGE},
    {NUMBER(max_children), 0, MOST, SOCK__MEMBER_RANGE},
    {NUMBER(threads), 0, MOST, SOCK__MEMBER_RANGE},
    {NUMBER(queue), 0, MOST, SOCK__MEMBER_RANGE},
    {NUMBER(max_connections), 0, INT_MAX, SOCK__MEMBER_RANGE},
    {NUMBER(max_per_address), 0, INT_MAX, SOCK__MEMBER_RANGE},
    {NUMBER(reserved), 0, 0, SOCK__RESERVED},
};

static int check_numbers(const char *op, const sock_server_class_t *c)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const struct number *n = &numbers[i];
        int value;
        memcpy(&value, (const char *)c + n->at, sizeof value);
        if (value < n->least || value > n->most)
            return sock__fail_quoting(op, SOCK_E_VALUE, n->detail, n->name);
    }
    return 0;
}

static int check_sizes(const char *op, const sock_server_class_t *c)
{
    if (c->max_packet_size > MOST)
        return sock__fail_quoting(op, SOCK_E_VALUE, SOCK__MEMBER_RANGE,
                                  "max_packet_size");
    if (c->stack_size > 0 && !sock__os_is_stack(c->stack_size))
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_STACK_SIZE);
    return 0;
}

int sock__class_check(const char *op, const sock_server_class_t *c)
{
    if (c == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (c->size != sizeof *c)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__CLASS_SIZE);
    if (c->handle == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NO_HANDLE);
    if (check_numbers(op, c) < 0)
        return -1;
    if (c->type != 0 && c->type != SOCK_STREAM && c->type != SOCK_DGRAM &&
        c->type != SOCK_SEQPACKET)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_SERVER_TYPE);
    if (c->when_full == SOCK_SERVER_CALL && c->queue_full == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NO_QUEUE_FULL);
    return check_sizes(op, c);
}
