/* SPDX-License-Identifier: MIT */
#define _FILE_OFFSET_BITS 64
#define _POSIX_C_SOURCE 200809L

#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pysockc/io.h>

#include "object.h"
#include "os.h"
#include "record.h"
#include "wait.h"

enum {
    LEAST = 1024 - 64,     /* room of a node, so that small pieces share one */
    BLOCK = 16384,         /* what a producer or a file is asked for at once */
    FAIR = 256 * 1024,     /* bytes that one round sends */
    LARGEST_FILE = 1 << 30 /* that sendfile(2) is asked for */
};

enum kind { BYTES, PRODUCER, FILE_PART, END };

struct sock__node {
    struct sock__node *next;
    enum kind kind;
    union {
        struct {
            size_t begin, end, room; /* of the data */
        } bytes;
        struct {
            sock__more_fn *more;
            void *arg;
            bool asked;   /* it is being called */
            bool dropped; /* while it was */
        } producer;
        struct {
            int fd;
            bool copied; /* the system can't send it by itself */
            int64_t begin, offset, left;
        } file;
    } u;
    unsigned char data[];
};

/* Putting in */

static struct sock__node *new_node(enum kind kind, size_t room)
{
    struct sock__node *node = malloc(sizeof *node + room);
    if (node == NULL) {
        sock__fail("push", SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    memset(node, 0, sizeof *node);
    node->kind = kind;
    if (kind == BYTES)
        node->u.bytes.room = room;
    return node;
}

static void append(struct sock__queue *q, struct sock__node *node)
{
    if (q->last != NULL)
        q->last->next = node;
    else
        q->first = node;
    q->last = node;
}

static void put_first(struct sock__queue *q, struct sock__node *node)
{
    node->next = q->first;
    q->first = node;
}

/* Room that is left behind the bytes of the last node. */
static size_t spare(const struct sock__queue *q)
{
    const struct sock__node *last = q->last;
    return last == NULL || last->kind != BYTES
               ? 0
               : last->u.bytes.room - last->u.bytes.end;
}

static void fill(struct sock__queue *q, const unsigned char *buf, size_t size)
{
    struct sock__node *node = q->last;
    memcpy(node->data + node->u.bytes.end, buf, size);
    node->u.bytes.end += size;
    q->waiting += size;
}

bool sock__queue_is_empty(const struct sock__queue *q)
{
    return q->first == NULL;
}

int sock__queue_add(struct sock__queue *q, const void *buf, size_t size)
{
    const unsigned char *from = buf;
    size_t shared = spare(q);
    struct sock__node *node = NULL;

    if (shared > size)
        shared = size;
    size_t rest = size - shared;
    if (rest > 0 &&
        (node = new_node(BYTES, rest < LEAST ? LEAST : rest)) == NULL)
        return -1;
    if (shared > 0)
        fill(q, from, shared);
    if (node != NULL) {
        append(q, node);
        fill(q, from + shared, rest);
    }
    return 0;
}

int sock__queue_add_producer(struct sock__queue *q, sock__more_fn *more,
                             void *arg)
{
    struct sock__node *node = new_node(PRODUCER, 0);
    if (node == NULL)
        return -1;
    node->u.producer.more = more;
    node->u.producer.arg = arg;
    append(q, node);
    return 0;
}

int sock__queue_add_file(struct sock__queue *q, int fd, int64_t offset,
                         int64_t size)
{
    struct sock__node *node = new_node(FILE_PART, 0);
    if (node == NULL)
        return -1;
    node->u.file.fd = fd;
    node->u.file.begin = node->u.file.offset = offset;
    node->u.file.left = size;
    append(q, node);
    return 0;
}

int sock__queue_add_end(struct sock__queue *q)
{
    struct sock__node *node = new_node(END, 0);
    if (node == NULL)
        return -1;
    append(q, node);
    q->ended = true;
    return 0;
}

bool sock__queue_is_done(const struct sock__queue *q)
{
    return q->first != NULL && q->first->kind == END;
}

/* Taking out */

static void forget(struct sock__queue *q, struct sock__node *node)
{
    switch (node->kind) {
    case BYTES:
        q->waiting -= node->u.bytes.end - node->u.bytes.begin;
        break;
    case PRODUCER:
        node->u.producer.more(node->u.producer.arg, NULL, 0);
        break;
    case FILE_PART:
        sock__close_fd(node->u.file.fd);
        break;
    case END:
        q->ended = false;
        break;
    }
    sock__free(node);
}

static void remove_first(struct sock__queue *q)
{
    struct sock__node *node = q->first;
    q->first = node->next;
    if (q->first == NULL)
        q->last = NULL;
    forget(q, node);
}

/* A producer that is being asked goes when it has answered. */
void sock__queue_drop(struct sock__queue *q)
{
    struct sock__node *asked = NULL;
    while (q->first != NULL)
        if (q->first->kind == PRODUCER && q->first->u.producer.asked) {
            asked = q->first;
            q->first = asked->next;
        } else {
            remove_first(q);
        }
    q->first = q->last = asked;
    if (asked != NULL) {
        asked->next = NULL;
        asked->u.producer.dropped = true;
    }
}

/* Sending */

static ssize_t send_bytes(struct sock__queue *q, sock_t *s)
{
    struct sock__node *node = q->first;
    ssize_t n =
        sock_send(s, node->data + node->u.bytes.begin,
                  node->u.bytes.end - node->u.bytes.begin, MSG_DONTWAIT);
    if (n < 0)
        return -1;
    node->u.bytes.begin += (size_t)n;
    q->waiting -= (size_t)n;
    if (node->u.bytes.begin == node->u.bytes.end)
        remove_first(q);
    return n;
}

/* Puts the block before what it came from; or that has ended or failed, and
 * goes: n again. */
static ssize_t put_block(struct sock__queue *q, struct sock__node *block,
                         ssize_t n)
{
    if (n > 0) {
        block->u.bytes.end = (size_t)n;
        q->waiting += (size_t)n;
        put_first(q, block);
        return n;
    }
    sock__free(block);
    remove_first(q);
    return n;
}

/* What it says to have put there, as snprintf(3) does of what did not fit, may
 * be more than there was room for. That is not to be sent. */
static ssize_t ask(struct sock__node *node, unsigned char *data)
{
    ssize_t n = node->u.producer.more(node->u.producer.arg, data, BLOCK);
    return n <= BLOCK ? n
                      : sock__fail("push_with_producer", SOCK_E_VALUE, 0,
                                   SOCK__SIZE_TOO_LARGE);
}

/* The function may do anything meanwhile, and drop the queue. */
static ssize_t ask_producer(struct sock__queue *q)
{
    struct sock__node *node = q->first;
    struct sock__node *block = new_node(BYTES, BLOCK);
    if (block == NULL)
        return -1;
    node->u.producer.asked = true;
    ssize_t n = ask(node, block->data);
    node->u.producer.asked = false;
    n = put_block(q, block, node->u.producer.dropped ? 0 : n);
    return n < 0 ? SOCK__QUEUE_PRODUCER_FAILED : 0;
}

static size_t left_of(const struct sock__node *node, size_t most)
{
    int64_t left = node->u.file.left;
    return left < 0 || left > (int64_t)most ? most : (size_t)left;
}

static void sent_of(struct sock__node *node, ssize_t n)
{
    node->u.file.offset += n;
    if (node->u.file.left > 0)
        node->u.file.left -= n;
}

/* What has come of a file that gives nothing any more, by 0 or by -1: its end
 * is a failure, too, where more was asked for. */
static ssize_t end_of(const struct sock__node *node, ssize_t n)
{
    if (n == 0 && node->u.file.left <= 0)
        return 0;
    if (n < 0) {
        sock__fail("sendfile", SOCK_E_OS, errno, 0);
    } else {
        sock__fail("sendfile", SOCK_E_EOF, 0, 0);
        sock__fail_done((size_t)(node->u.file.offset - node->u.file.begin));
    }
    return SOCK__QUEUE_FILE_FAILED;
}

/* Reads a block of the file: for what is to be encrypted, and for files that
 * the system can't send by itself. */
static ssize_t read_block(struct sock__queue *q)
{
    struct sock__node *node = q->first;
    struct sock__node *block = new_node(BYTES, BLOCK);
    ssize_t n, result = 0;
    if (block == NULL)
        return -1;
    do
        n = pread(node->u.file.fd, block->data, left_of(node, BLOCK),
                  (off_t)node->u.file.offset);
    while (n < 0 && errno == EINTR && !sock__interrupted(NULL));
    if (n > 0)
        sent_of(node, n);
    else
        result = end_of(node, n);
    put_block(q, block, n);
    return result;
}

/* sendfile(2) raises SIGPIPE and has no flag against it. */
static ssize_t try_sendfile(sock_t *s, const struct sock__node *node)
{
    int fd = sock__enter(s, "sendfile");
    if (fd < 0)
        return -1;
    int held = sock__os_hold_sigpipe();
    ssize_t n = sock__os_sendfile(fd, node->u.file.fd, node->u.file.offset,
                                  left_of(node, LARGEST_FILE));
    sock__os_release_sigpipe(held);
    if (n < 0)
        sock__fail("sendfile", SOCK_E_OS, errno, 0);
    sock__leave(s);
    return n;
}

/* Where others may have made the description one that waits, it is read, too.
 */
static ssize_t send_file(struct sock__queue *q, sock_t *s)
{
    struct sock__node *node = q->first;
    if (node->u.file.left == 0) {
        remove_first(q);
        return 0;
    }
    if (node->u.file.copied || s->ops != NULL || sock__shared(s))
        return read_block(q);
    ssize_t n = try_sendfile(s, node);
    if (n < 0 && sock__os_cannot_sendfile(sock_last_error()->code)) {
        node->u.file.copied = true;
        return 0;
    }
    if (n > 0)
        sent_of(node, n);
    if (n == 0) {
        n = end_of(node, 0);
        remove_first(q);
    }
    return n;
}

static ssize_t send_first(struct sock__queue *q, sock_t *s)
{
    if (q->first->kind == BYTES)
        return send_bytes(q, s);
    return q->first->kind == PRODUCER ? ask_producer(q) : send_file(q, s);
}

/* That there is no room is no failure, and leaves the record alone. */
ssize_t sock__queue_send(struct sock__queue *q, sock_t *s)
{
    struct sock__saved saved;
    ssize_t sent = 0;

    sock__error_save(&saved);
    while (q->first != NULL && q->first->kind != END && sent < FAIR) {
        ssize_t n = send_first(q, s);
        if (n == -1 && sock__would_block(errno))
            break;
        if (n < 0)
            return n;
        sent += n;
    }
    sock__error_restore(&saved);
    return sent;
}
