/* SPDX-License-Identifier: MIT */
/* What two selectors, one of each kind, say of sockets and pipes that come, go
 * and change, against poll(2) of each one. */
#undef _GNU_SOURCE
#define _GNU_SOURCE /* POLLRDHUP */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

enum { PLACES = 6, KINDS = 2, STEPS = 200 };
enum {
    WAITED_FOR = SOCK_EVENT_READ | SOCK_EVENT_WRITE | SOCK_EVENT_PRIORITY |
                 SOCK_EVENT_RDHUP,
    GONE = SOCK_EVENT_HANGUP | SOCK_EVENT_ERROR
};

/* What the model has of a registration, and of an event that was found and not
 * given out yet. */
struct registration {
    bool there, silent, spent;
    int events;
    void *data;
    int found;   /* 0: nothing, or given out */
    bool unsure; /* it may have been passed over */
};

/* A socket, or a number that is none of the library's; the other end is -1
 * where there is none, as of a duplicate. */
static struct place {
    sock_t *s;
    int fd, peer; /* the number is -1 once it is closed */
    struct registration at[KINDS];
} places[PLACES];

static struct selector {
    sock_selector_t *sel;
    bool woken;
} selectors[KINDS];

/* The model */

static int from_poll(int found)
{
    static const int same[][2] = {
        {POLLIN, SOCK_EVENT_READ},      {POLLOUT, SOCK_EVENT_WRITE},
        {POLLPRI, SOCK_EVENT_PRIORITY}, {POLLRDHUP, SOCK_EVENT_RDHUP},
        {POLLHUP, SOCK_EVENT_HANGUP},   {POLLERR, SOCK_EVENT_ERROR}};
    int events = 0;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if ((found & same[i][0]) != 0)
            events |= same[i][1];
    return events;
}

/* What holds of a number, of all that can be. */
static int state_of(int fd)
{
    struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};
    claim(poll(&p, 1, 0) >= 0 && (p.revents & POLLNVAL) == 0);
    return from_poll(p.revents);
}

/* What is said of a registration in which that was found. */
static int told_of(const struct registration *r, int found)
{
    if (!r->there || r->silent)
        return 0;
    if ((found & GONE) != 0)
        return (r->events & WAITED_FOR) | (found & GONE);
    return found & r->events;
}

/* What a select finds now: how many. */
static int find(int kind)
{
    int n = 0;
    for (struct place *p = places; p < places + PLACES; p++) {
        struct registration *r = &p->at[kind];
        r->found = 0;
        r->unsure = false;
        if (!r->there || r->silent || r->spent)
            continue;
        r->found = state_of(p->fd) & (r->events | GONE);
        if (told_of(r, r->found) == 0)
            r->found = 0;
        r->spent = r->found != 0 && (r->events & SOCK_EVENT_ONESHOT) != 0;
        n += r->found != 0;
    }
    return n;
}

/* Places */

static struct place *next_place(struct input *in)
{
    return &places[next_byte(in) % PLACES];
}

static bool is_free(const struct place *p)
{
    return p->s == NULL && p->fd < 0;
}

static void silence(struct place *p)
{
    for (int k = 0; k < KINDS; k++)
        p->at[k].silent = true;
    p->fd = -1;
}

/* The peer stays, but for the next one that takes the place. */
static void empty(struct place *p)
{
    if (p->peer >= 0)
        close(p->peer);
    *p = (struct place){.fd = -1, .peer = -1};
}

static void open_pair(struct place *p)
{
    int ends[2];
    if (!is_free(p))
        return;
    empty(p);
    claim(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                     ends) == 0);
    p->s = sock_adopt_as(ends[0], AF_UNIX, SOCK_STREAM, 0);
    claim(p->s != NULL);
    p->fd = ends[0];
    p->peer = ends[1];
}

/* The end that reads, or the one that writes. */
static void open_pipe(struct place *p, int end)
{
    int ends[2];
    if (!is_free(p))
        return;
    empty(p);
    claim(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    p->fd = ends[end];
    p->peer = ends[1 - end];
}

/* The same connection in another place, with a number of its own. */
static void duplicate(const struct place *from, struct place *p)
{
    if (from->s == NULL || from->fd < 0 || !is_free(p))
        return;
    empty(p);
    p->s = sock_dup(from->s);
    claim(p->s != NULL);
    p->fd = sock_fileno(p->s);
}

static void unregister(struct place *p, int kind)
{
    struct registration *r = &p->at[kind];
    sock_selector_t *sel = selectors[kind].sel;
    int result = p->s != NULL ? sock_selector_unregister(sel, p->s)
                              : sock_selector_unregister_fd(sel, p->fd);
    claim(result == (r->there ? 0 : -1));
    claim(r->there || sock_last_error()->kind == SOCK_E_KEY);
    *r = (struct registration){.there = false};
}

static void close_place(struct place *p)
{
    if (p->s != NULL) {
        claim(sock_close(p->s) == 0);
        silence(p);
        return;
    }
    for (int k = 0; k < KINDS; k++)
        unregister(p, k);
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

static void detach_place(struct place *p)
{
    if (p->s == NULL || p->fd < 0)
        return;
    int fd = sock_detach(p->s);
    claim(fd == p->fd);
    silence(p);
    close(fd);
}

static void free_place(struct place *p)
{
    if (p->s == NULL)
        close_place(p);
    sock_free(p->s);
    empty(p);
}

/* What the other end does. */
static void disturb(struct place *p, unsigned how)
{
    char bytes[4096] = "";
    ssize_t n = 0;
    if (how % 4 == 0 && p->fd >= 0)
        while ((n = read(p->fd, bytes, sizeof bytes)) > 0) {
        }
    if (p->peer < 0)
        return;
    if (how % 4 == 1)
        n = write(p->peer, bytes, 1 + how % 8 * 512);
    else if (how % 4 == 2)
        n = shutdown(p->peer, how % 8 < 4 ? SHUT_WR : SHUT_RD);
    else if (how % 4 == 3)
        n = close(p->peer);
    if (how % 4 == 3)
        p->peer = -1;
    (void)n; /* whatever came of it, poll(2) says */
}

/* Until there is no room. */
static void fill(const struct place *p)
{
    static const char bytes[65536];
    while (p->fd >= 0 && p->s != NULL &&
           send(p->fd, bytes, sizeof bytes, MSG_NOSIGNAL) > 0) {
    }
}

/* Registrations */

static bool are_events(int events, int allowed)
{
    return (events & WAITED_FOR) != 0 && (events & ~allowed) == 0;
}

/* The events that an input asks for: some of them can't be. */
static int events_of(unsigned byte)
{
    int events = (int)(byte & WAITED_FOR);
    if ((byte & 0xe0) == 0xe0)
        return (int)byte | 0x400;
    return (byte & 0x20) != 0 ? events | SOCK_EVENT_ONESHOT : events;
}

/* The kinds of error that each reason there is has: one of them is told. */
static int refusals(const struct place *p, int events, bool known, bool wanted)
{
    int kinds = 0;
    if (p->fd < 0)
        kinds |= 1 << SOCK_E_OS | (p->s == NULL ? 1 << SOCK_E_VALUE : 0);
    if (!are_events(events, WAITED_FOR | SOCK_EVENT_ONESHOT))
        kinds |= 1 << SOCK_E_VALUE;
    if (known != wanted)
        kinds |= 1 << SOCK_E_KEY;
    return kinds;
}

static void check_result(int result, int refusals)
{
    claim(result == (refusals == 0 ? 0 : -1));
    claim(result == 0 || (refusals & 1 << sock_last_error()->kind) != 0);
}

static void enlist(struct place *p, int kind, int events, void *data)
{
    struct registration *r = &p->at[kind];
    sock_selector_t *sel = selectors[kind].sel;
    int kinds = refusals(p, events, r->there, false);
    int result = p->s != NULL
                     ? sock_selector_register(sel, p->s, events, data)
                     : sock_selector_register_fd(sel, p->fd, events, data);
    check_result(result, kinds);
    if (kinds == 0)
        *r = (struct registration){
            .there = true, .events = events, .data = data};
}

static void modify(struct place *p, int kind, int events, void *data)
{
    struct registration *r = &p->at[kind];
    sock_selector_t *sel = selectors[kind].sel;
    int kinds = refusals(p, events, r->there, true);
    int result = p->s != NULL
                     ? sock_selector_modify(sel, p->s, events, data)
                     : sock_selector_modify_fd(sel, p->fd, events, data);
    check_result(result, kinds);
    if (kinds != 0)
        return;
    r->events = events;
    r->data = data;
    r->spent = false;
}

/* Selecting */

/* Where nothing is found and no one wakes it up, it does not wait. */
static void select_now(int kind, bool waits)
{
    struct selector *x = &selectors[kind];
    int n = find(kind);
    waits = waits && (n > 0 || x->woken);
    claim(sock_selector_select(x->sel, waits ? SOCK_NO_TIMEOUT : 0) == n);
    x->woken = false;
}

static struct place *place_of(const sock_key_t *key)
{
    struct place *p = places;
    while (p < places + PLACES &&
           (p->s != key->sock || (p->s == NULL && p->fd != key->fd)))
        p++;
    claim(p < places + PLACES);
    return p;
}

static void check_key(const sock_key_t *key, int kind)
{
    const struct place *p = place_of(key);
    const struct registration *r = &p->at[kind];
    claim(r->there && key->events == r->events && key->data == r->data);
    claim(key->fd == p->fd);
}

/* How many events that were found are still to be given out. */
static int still_to_come(int kind)
{
    int n = 0;
    for (const struct place *p = places; p < places + PLACES; p++)
        n += told_of(&p->at[kind], p->at[kind].found) != 0 &&
             !p->at[kind].unsure;
    return n;
}

/* What does not hold now may be passed over, or stands behind the one that is
 * given out: then it can hold again. */
static void pass_over(int kind, bool all)
{
    for (struct place *p = places; p < places + PLACES; p++) {
        struct registration *r = &p->at[kind];
        r->unsure = r->unsure || told_of(r, r->found) == 0;
        r->found = all ? 0 : r->found;
    }
}

static void take_next(int kind)
{
    sock_key_t key;
    int result = sock_selector_next(selectors[kind].sel, &key);
    claim(result == 1 || (result == 0 && still_to_come(kind) == 0));
    pass_over(kind, result == 0);
    if (result == 0)
        return;
    check_key(&key, kind);
    struct registration *r = &place_of(&key)->at[kind];
    claim(key.mask != 0 && key.mask == told_of(r, r->found));
    r->found = 0;
}

static void wake(int kind)
{
    claim(sock_selector_wakeup(selectors[kind].sel) == 0);
    selectors[kind].woken = true;
}

/* All that is registered is what the model has. */
static void check_all(int kind)
{
    sock_selector_t *sel = selectors[kind].sel;
    sock_key_t key;
    size_t cursor = 0;
    int n = 0, each = 0;
    for (const struct place *p = places; p < places + PLACES; p++)
        n += p->at[kind].there;
    for (; sock_selector_each(sel, &cursor, &key) == 1; each++) {
        check_key(&key, kind);
        claim(key.mask == 0);
    }
    claim(each == n && sock_selector_len(sel) == n);
}

static void check_place(const struct place *p, int kind)
{
    sock_key_t key;
    sock_selector_t *sel = selectors[kind].sel;
    int result = p->s != NULL ? sock_selector_get_key(sel, p->s, &key)
                              : sock_selector_get_key_fd(sel, p->fd, &key);
    claim(result == (p->at[kind].there ? 0 : -1));
    if (result == 0)
        check_key(&key, kind);
}

/* Steps */

static void change_place(struct place *p, struct input *in, unsigned step)
{
    switch (step) {
    case 0:
        open_pair(p);
        break;
    case 1:
        open_pipe(p, (int)(next_byte(in) & 1));
        break;
    case 2:
        duplicate(next_place(in), p);
        break;
    case 3:
        close_place(p);
        break;
    case 4:
        detach_place(p);
        break;
    case 5:
        free_place(p);
        break;
    case 6:
        fill(p);
        break;
    default:
        disturb(p, next_byte(in));
    }
}

static void use_selector(struct place *p, struct input *in, int kind,
                         unsigned step)
{
    void *data = &p->at[step & 1];
    switch (step) {
    case 8:
    case 9:
        enlist(p, kind, events_of(next_byte(in)), data);
        break;
    case 10:
        modify(p, kind, events_of(next_byte(in)), data);
        break;
    case 11:
        unregister(p, kind);
        break;
    case 12:
        wake(kind);
        break;
    case 13:
        take_next(kind);
        break;
    default:
        select_now(kind, step == 15);
    }
}

/* A step of both selectors or of one of them. */
static void take_step(struct input *in)
{
    unsigned byte = next_byte(in);
    struct place *p = &places[byte / 16 % 8 % PLACES];
    if (byte % 16 < 8) {
        change_place(p, in, byte % 16);
        return;
    }
    struct input again = *in;
    use_selector(p, in, 0, byte % 16);
    if (byte < 128)
        use_selector(p, &again, 1, byte % 16);
    for (int k = 0; k < KINDS; k++)
        check_place(p, k);
}

static void begin(void)
{
    static const int kinds[KINDS] = {SOCK_SELECTOR_EPOLL, SOCK_SELECTOR_POLL};
    signal(SIGPIPE, SIG_IGN); /* of the other ends */
    for (int k = 0; k < KINDS; k++) {
        selectors[k] = (struct selector){.sel = sock_selector_new(kinds[k])};
        claim(selectors[k].sel != NULL);
    }
    for (struct place *p = places; p < places + PLACES; p++)
        *p = (struct place){.fd = -1, .peer = -1};
}

/* In either order: what is freed leaves the other alone. */
static void end(bool places_first)
{
    for (struct place *p = places; places_first && p < places + PLACES; p++)
        free_place(p);
    for (int k = 0; k < KINDS; k++)
        sock_selector_free(selectors[k].sel);
    for (struct place *p = places; p < places + PLACES; p++) {
        if (p->s == NULL && p->fd >= 0)
            close(p->fd);
        sock_free(p->s);
        empty(p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    bool places_first = (next_byte(&in) & 1) != 0;
    begin();
    for (int i = 0; i < STEPS && in.left > 0; i++)
        take_step(&in);
    for (int k = 0; k < KINDS; k++) {
        check_all(k);
        select_now(k, false);
        for (int i = still_to_come(k); i >= 0; i--)
            take_next(k);
    }
    end(places_first);
    return 0;
}
