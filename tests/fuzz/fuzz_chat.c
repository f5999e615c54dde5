/* SPDX-License-Identifier: MIT */
/* What a chat makes of a stream that comes in pieces, against a model that
 * takes one byte after the other. */
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

enum { MOST = 1024, FOUND = 256, LINE = 64 * 1024 };

/* What is done with a chat between two pieces, or when a terminator was found.
 */
enum what { NOTHING, BYTES, COUNT, NONE, PAUSE, RESUME, DISCARD, WHATS };

struct change {
    enum what what;
    size_t size;
    uint8_t bytes[7];
};

static struct change script[4]; /* of found_terminator, in turn */

/* What was collected, with FOUND for each terminator. */
struct record {
    uint16_t seen[2 * MOST];
    size_t n;
    unsigned found;
};

static struct record real;
static int closed, too_long;
static bool by_function; /* the class has one to collect */

/* The model: `at` is the first byte that was not passed on, and `held` behind
 * it may begin a terminator. */
static struct model {
    struct record seen;
    uint8_t stream[MOST];
    size_t arrived, received, at, held;
    struct change terminator;
    size_t since; /* the last terminator */
    size_t max_line;
    bool paused, soon, failed;
} model;

static void note(struct record *r, uint16_t what)
{
    claim(r->n < sizeof r->seen / sizeof r->seen[0]);
    r->seen[r->n++] = what;
}

static void read_change(struct input *in, struct change *c)
{
    unsigned byte = next_byte(in);
    c->what = (enum what)(byte % WHATS);
    c->size = byte / 16 % 8;
    for (size_t i = 0; c->what == BYTES && i < c->size; i++)
        c->bytes[i] = (uint8_t)next_byte(in);
    if (c->what == BYTES && c->size == 0)
        c->what = NONE;
    if (c->what == COUNT)
        c->size = next_byte(in);
    if (c->what == COUNT && c->size == 0)
        c->what = NONE;
}

/* The chat */

static void change_chat(sock_chat_t *chat, const struct change *c)
{
    switch (c->what) {
    case BYTES:
        claim(sock_chat_set_terminator(chat, c->bytes, c->size) == 0);
        break;
    case COUNT:
        claim(sock_chat_set_terminator_count(chat, c->size) == 0);
        break;
    case NONE:
        claim(sock_chat_set_terminator_none(chat) == 0);
        break;
    case PAUSE:
        claim(sock_chat_pause_reading(chat) == 0);
        break;
    case RESUME:
        claim(sock_chat_resume_reading(chat) == 0);
        break;
    case DISCARD:
        claim(sock_chat_discard_buffers(chat) == 0);
        break;
    default:
        break;
    }
}

static int collect(sock_chat_t *chat, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    (void)chat;
    claim(size > 0 && !closed);
    for (size_t i = 0; i < size; i++)
        note(&real, bytes[i]);
    return 0;
}

/* What the chat has kept, where the class has no function. */
static void take_data(sock_chat_t *chat)
{
    size_t size;
    const char *data = sock_chat_get_data(chat, &size);
    claim(data != NULL && (!by_function || size == 0));
    if (size > 0)
        collect(chat, data, size);
}

static int found(sock_chat_t *chat)
{
    take_data(chat);
    note(&real, FOUND);
    change_chat(chat, &script[real.found++ % 4]);
    return 0;
}

static int handle_close(sock_dispatcher_t *d)
{
    take_data(sock_dispatcher_chat(d));
    closed++;
    return sock_dispatcher_close(d);
}

static void handle_error(sock_dispatcher_t *d, const sock_error_t *error)
{
    (void)d;
    claim(error->kind == SOCK_E_OS && error->code == EMSGSIZE);
    too_long++;
}

/* The model */

static bool is_limited(void)
{
    return model.terminator.what == BYTES ||
           (model.terminator.what == NONE && !by_function);
}

static void change_model(const struct change *c)
{
    switch (c->what) {
    case BYTES:
    case COUNT:
    case NONE:
        model.terminator = *c;
        model.held = 0;
        break;
    case PAUSE:
        model.paused = true;
        model.soon = false;
        break;
    case RESUME:
        if (model.paused)
            model.soon = model.at < model.received;
        model.paused = false;
        break;
    case DISCARD:
        if (!by_function)
            model.seen.n -= model.since;
        model.at = model.received;
        model.held = model.since = 0;
        break;
    default:
        break;
    }
}

static void pass_on(void)
{
    if (is_limited() && model.since >= model.max_line)
        model.failed = true;
    if (model.failed)
        return;
    note(&model.seen, model.stream[model.at++]);
    model.since++;
}

static void model_found(void)
{
    if (is_limited() && model.since > model.max_line)
        model.failed = true;
    if (model.failed)
        return;
    model.held = model.since = 0;
    note(&model.seen, FOUND);
    change_model(&script[model.seen.found++ % 4]);
}

/* One byte more is held, and as many are passed on as begin no terminator. */
static void next_of_bytes(void)
{
    const struct change *t = &model.terminator;
    model.held++;
    while (model.held > 0 && !model.failed &&
           memcmp(model.stream + model.at, t->bytes, model.held) != 0) {
        pass_on();
        model.held--;
    }
    if (model.held == t->size) {
        model.at += model.held;
        model_found();
    }
}

static void next_of_model(void)
{
    if (model.terminator.what == BYTES) {
        next_of_bytes();
        return;
    }
    pass_on();
    if (model.terminator.what == COUNT && --model.terminator.size == 0) {
        model.terminator.what = NONE;
        model_found();
    }
}

static void run_model(void)
{
    model.soon = false;
    model.received = model.arrived;
    while (model.at + model.held < model.received && !model.paused &&
           !model.failed)
        next_of_model();
}

/* At the end of the stream nothing is held back, whatever its length. */
static void end_model(void)
{
    do {
        model.paused = false;
        model.held = 0;
        run_model();
    } while (model.paused);
    while (!model.failed && model.at < model.arrived)
        note(&model.seen, model.stream[model.at++]);
}

/* Beside each other */

static void check_terminator(const sock_chat_t *chat)
{
    size_t size;
    const struct change *t = &model.terminator;
    const void *bytes = sock_chat_terminator(chat, &size);
    claim(size == (t->what == NONE ? 0 : t->size));
    claim((bytes != NULL) == (t->what == BYTES));
    claim(bytes == NULL || memcmp(bytes, t->bytes, size) == 0);
}

/* What is too long is collected up to some piece. */
static void check_record(size_t n)
{
    claim(real.n <= model.seen.n && (model.failed || real.n == n));
    claim(memcmp(real.seen, model.seen.seen, real.n * sizeof real.seen[0]) ==
          0);
    claim(too_long == model.failed && closed <= 1);
}

static void check_round(sock_loop_t *loop, const sock_chat_t *chat)
{
    bool reads =
        !model.paused && (model.soon || model.arrived > model.received);
    claim(sock_loop_run_once(loop, 0) == reads);
    if (reads)
        run_model();
    check_record(model.seen.n - (by_function ? 0 : model.since));
    claim(closed == model.failed);
    if (!model.failed)
        check_terminator(chat);
}

static void check_end(sock_loop_t *loop, sock_chat_t *chat)
{
    end_model();
    for (int i = 0; i < 2 * MOST && !closed; i++) {
        claim(sock_chat_resume_reading(chat) == 0);
        claim(sock_loop_run_once(loop, 0) > 0);
    }
    claim(closed == 1);
    check_record(model.seen.n);
}

static void send_piece(struct input *in, size_t n, int peer, uint8_t mask)
{
    const uint8_t *piece = model.stream + model.arrived;
    size_t before = model.arrived;
    for (; n > 0 && in->left > 0 && model.arrived < MOST; n--)
        model.stream[model.arrived++] = (uint8_t)(next_byte(in) & mask);
    n = model.arrived - before;
    claim(n == 0 || write(peer, piece, n) == (ssize_t)n);
}

/* Some bytes reach the chat, or it is changed. */
static void take_step(struct input *in, sock_chat_t *chat, int peer,
                      uint8_t mask)
{
    size_t n = next_byte(in);
    struct change c;
    if ((n & 1) == 0) {
        send_piece(in, n / 2, peer, mask);
        return;
    }
    read_change(in, &c);
    change_chat(chat, &c);
    change_model(&c);
}

static sock_chat_t *chat_of(const sock_chat_class_t *c, sock_loop_t *loop,
                            int *peer)
{
    int ends[2];
    claim(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    sock_t *s = sock_adopt_as(ends[0], AF_UNIX, SOCK_STREAM, 0);
    sock_chat_t *chat = sock_chat_new(c, loop, s, NULL);
    claim(chat != NULL);
    *peer = ends[1];
    return chat;
}

static void play(struct input *in, const sock_chat_class_t *c, uint8_t mask)
{
    int peer;
    sock_loop_t *loop = sock_loop_new();
    sock_chat_t *chat = chat_of(c, loop, &peer);
    while (in->left > 0 && !model.failed) {
        take_step(in, chat, peer, mask);
        check_round(loop, chat);
    }
    close(peer);
    if (!closed)
        check_end(loop, chat);
    sock_chat_free(chat);
    sock_loop_free(loop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    unsigned manner = next_byte(&in);
    size_t max_line = next_byte(&in);
    sock_chat_class_t c = {.size = sizeof c,
                           .dispatcher = {.handle_close = handle_close,
                                          .handle_error = handle_error},
                           .found_terminator = found,
                           .max_line = max_line};

    by_function = (manner & 1) != 0;
    c.collect_incoming_data = by_function ? collect : NULL;
    closed = too_long = 0;
    real = (struct record){0};
    model = (struct model){.terminator.what = NONE};
    model.max_line = max_line > 0 ? max_line : LINE;
    for (size_t i = 0; i < 4; i++)
        read_change(&in, &script[i]);
    play(&in, &c, (manner & 2) != 0 ? 0xff : 3);
    return 0;
}
