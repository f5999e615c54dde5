/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/select.h>

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "poller.h"
#include "record.h"
#include "slots.h"
#include "timeout.h"
#include "wait.h"

enum {
    WAITED_FOR = SOCK_EVENT_READ | SOCK_EVENT_WRITE | SOCK_EVENT_PRIORITY |
                 SOCK_EVENT_RDHUP,
    MANNERS = SOCK_EVENT_EDGE | SOCK_EVENT_ONESHOT | SOCK_EVENT_EXCLUSIVE,
    OF_POLL = WAITED_FOR | SOCK_EVENT_ONESHOT,
    UNASKED = SOCK_EVENT_HANGUP | SOCK_EVENT_ERROR,
    BOTH = SOCK_EVENT_READ | SOCK_EVENT_WRITE,
    /* Of those with bytes inside, so many a round: others have their turn. */
    INSIDE_MAX = SOCK__OS_FOUND_MAX / 2
};

/*
 * Two locks: that of all watches, which what hangs on objects needs, and within
 * it the selector's own, for the slots. The thread that selects takes the
 * latter alone, and holds neither while it waits or asks a protocol.
 */
struct sock_selector {
    pthread_mutex_t lock;
    unsigned process;  /* that made it */
    atomic_bool busy;  /* a thread is in select */
    atomic_bool woken; /* by sock_selector_wakeup() */
    struct sock__poller poller;
    struct sock__slots slots;
    /* The words of slots whose protocol may hold bytes back. It has room for
     * all that have a protocol. */
    uint64_t *inside;
    atomic_size_t inside_n;
    size_t inside_room, on_top;
    /* How often something that may have been found was changed; and how often
     * that had been when the last select began to look. */
    atomic_uint changes;
    unsigned changes_seen;
    /* What the last select has found, and how much of it was given out. */
    int found_n, found_at;
    struct found {
        sock_key_t key;
        uint64_t word;
        int events;
    } found[INSIDE_MAX + SOCK__OS_FOUND_MAX];
    struct sock__os_found fresh[SOCK__OS_FOUND_MAX]; /* by the poller */
};

/* Entering */

static bool is_foreign(const sock_selector_t *sel)
{
    return sel->process != sock__os_process();
}

static int enter(const sock_selector_t *sel, const char *op)
{
    if (sel == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (is_foreign(sel))
        return sock__fail(op, SOCK_E_OS, EINVAL, 0);
    return 0;
}

/* Records what was said to a registration; -1. */
static int refused(const char *op, int err)
{
    if (err == EEXIST)
        return sock__fail(op, SOCK_E_KEY, err, 0);
    return sock__fail(op, err == ENOMEM ? SOCK_E_MEMORY : SOCK_E_OS,
                      err == ENOMEM ? 0 : err, 0);
}

static void lock(sock_selector_t *sel)
{
    pthread_mutex_lock(&sel->lock);
}

static void unlock(sock_selector_t *sel)
{
    pthread_mutex_unlock(&sel->lock);
}

static void lock_all(sock_selector_t *sel)
{
    sock__watch_lock();
    lock(sel);
}

static void unlock_all(sock_selector_t *sel)
{
    unlock(sel);
    sock__watch_unlock();
}

/* A copy of what is asked that does not know of a change is of no use. */
static void changed(sock_selector_t *sel)
{
    if (sel->poller.fd < 0 && atomic_load(&sel->busy))
        sock__poller_wake(&sel->poller);
}

/* What was found has to be looked at again. */
static void outdate(sock_selector_t *sel)
{
    atomic_fetch_add_explicit(&sel->changes, 1, memory_order_release);
}

/* What is registered */

static bool is_sock(const struct sock__slot *slot)
{
    return sock__slot_is(slot, SOCK__SLOT_SOCK);
}

static bool is_on_top(const struct sock__slot *slot)
{
    return is_sock(slot) && !sock__slot_is(slot, SOCK__SLOT_SILENT) &&
           sock__asks_ready(slot->u.sock);
}

static int number_of(const struct sock__slot *slot)
{
    if (!is_sock(slot))
        return slot->u.fd;
    return sock__slot_is(slot, SOCK__SLOT_SILENT) ? -1 : slot->u.sock->fd;
}

/* What the poller is to wait for. */
static int asked_of(const struct sock__slot *slot)
{
    int manners =
        slot->events & (MANNERS | SOCK_EVENT_PRIORITY | SOCK_EVENT_RDHUP);
    return is_on_top(slot) ? manners | slot->armed : slot->events;
}

static void fill_key(sock_key_t *key, const struct sock__slot *slot, int mask)
{
    *key = (sock_key_t){.sock = is_sock(slot) ? slot->u.sock : NULL,
                        .data = slot->data,
                        .fd = number_of(slot),
                        .events = slot->events,
                        .mask = mask};
}

/* Those whose protocol may hold bytes back */

/* Room for one more that has a protocol; -1 if there is no memory. While they
 * are asked each may be on the list a second time. */
static int reach_inside(sock_selector_t *sel)
{
    size_t need = sel->inside_n + 2 * (sel->on_top + 1);
    size_t room = sel->inside_room;
    if (need <= room)
        return 0;
    room = need < 16 ? 16 : need * 2;
    uint64_t *inside = realloc(sel->inside, room * sizeof *inside);
    if (inside == NULL)
        return -1;
    sel->inside = inside;
    sel->inside_room = room;
    return 0;
}

static void put_inside(sock_selector_t *sel, struct sock__slot *slot)
{
    if (sock__slot_is(slot, SOCK__SLOT_INSIDE))
        return;
    slot->flags |= SOCK__SLOT_INSIDE;
    sel->inside[sel->inside_n++] = sock__slot_word(slot);
}

/* The same in a thread that does not select, while another one may. */
static void tell_inside(sock_selector_t *sel, struct sock__slot *slot)
{
    put_inside(sel, slot);
    if (atomic_load(&sel->busy))
        sock__poller_wake(&sel->poller);
}

/* What watches tell */

static void silence(sock_selector_t *sel, struct sock__slot *slot, int fd)
{
    if (sock__slot_is(slot, SOCK__SLOT_SILENT))
        return;
    if (is_on_top(slot))
        sel->on_top--;
    if (!is_foreign(sel))
        sock__poller_set(&sel->poller, SOCK__OS_REMOVE, fd, 0, 0);
    slot->flags |= SOCK__SLOT_SILENT;
    outdate(sel);
    changed(sel);
}

/* In a child the lock of a parent's selector may be held by a thread that is
 * not there, and its poller is the parent's: only the slot is put right. */
static void lock_ours(sock_selector_t *sel)
{
    if (!is_foreign(sel))
        lock(sel);
}

static void unlock_ours(sock_selector_t *sel)
{
    if (!is_foreign(sel))
        unlock(sel);
}

static void watch_closing(struct sock__watch *w, int fd)
{
    struct sock__slot *slot = (struct sock__slot *)w;
    sock_selector_t *sel = sock__slot_owner(slot);
    int saved = errno;

    lock_ours(sel);
    silence(sel, slot, fd);
    unlock_ours(sel);
    errno = saved;
}

static void watch_gone(struct sock__watch *w, int fd)
{
    struct sock__slot *slot = (struct sock__slot *)w;
    sock_selector_t *sel = sock__slot_owner(slot);
    int saved = errno;

    lock_ours(sel);
    silence(sel, slot, fd);
    sock__slot_give(&sel->slots, slot);
    unlock_ours(sel);
    errno = saved;
}

static void watch_heard(struct sock__watch *w)
{
    struct sock__slot *slot = (struct sock__slot *)w;
    sock_selector_t *sel = sock__slot_owner(slot);

    if (is_foreign(sel))
        return;
    lock(sel);
    if (is_on_top(slot))
        tell_inside(sel, slot);
    unlock(sel);
}

static const struct sock__watcher watcher = {watch_closing, watch_gone,
                                             watch_heard};

/* Life cycle */

sock_selector_t *sock_selector_new(int kind)
{
    const char *op = "selector_new";
    if (kind < SOCK_SELECTOR_DEFAULT || kind > SOCK_SELECTOR_POLL) {
        sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_KIND);
        return NULL;
    }
    sock_selector_t *sel = malloc(sizeof *sel);
    if (sel == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    if (sock__poller_open(&sel->poller, kind == SOCK_SELECTOR_POLL) < 0) {
        refused(op, errno);
        sock__free(sel);
        return NULL;
    }
    pthread_mutex_init(&sel->lock, NULL);
    sel->process = sock__os_process();
    atomic_init(&sel->busy, false);
    atomic_init(&sel->woken, false);
    sock__slots_init(&sel->slots, sel);
    sel->inside = NULL;
    atomic_init(&sel->inside_n, 0);
    atomic_init(&sel->changes, 0);
    sel->inside_room = sel->on_top = 0;
    sel->found_n = sel->found_at = 0;
    sock__watch_by(&watcher);
    return sel;
}

/* The objects stay. */
static void let_go(sock_selector_t *sel)
{
    struct sock__slot *slot;
    size_t place = 0;

    sock__watch_lock();
    while ((slot = sock__slot_next(&sel->slots, &place)) != NULL)
        if (is_sock(slot))
            sock__watch_remove(slot->u.sock, &slot->watch);
    sock__watch_unlock();
}

void sock_selector_free(sock_selector_t *sel)
{
    int saved = errno;
    if (sel == NULL)
        return;
    let_go(sel);
    sock__poller_close(&sel->poller);
    sock__slots_end(&sel->slots);
    free(sel->inside);
    if (!is_foreign(sel))
        pthread_mutex_destroy(&sel->lock);
    free(sel);
    errno = saved;
}

/* Registering */

/* What is allowed is all, or all but exclusive. */
static int check_events(const sock_selector_t *sel, const char *op, int events,
                        int allowed)
{
    int detail = SOCK__NO_DETAIL;
    if ((events & WAITED_FOR) == 0 || (events & ~(WAITED_FOR | MANNERS)) != 0)
        detail = SOCK__NO_SUCH_EVENTS;
    else if ((events & ~allowed) != 0)
        detail = SOCK__NO_EXCLUSIVE;
    else if ((events & ~OF_POLL) != 0 && sel->poller.fd < 0)
        detail = SOCK__NO_EVENTS_OF_POLL;
    return detail == SOCK__NO_DETAIL ? 0
                                     : sock__fail(op, SOCK_E_VALUE, 0, detail);
}

/* Gives a slot to the poller; what the system refuses leaves nothing behind. */
static int arm_new(sock_selector_t *sel, struct sock__slot *slot, int fd,
                   int events, void *data)
{
    slot->data = data;
    slot->events = (uint16_t)events;
    slot->armed = (uint8_t)(events & BOTH);
    if (sock__poller_set(&sel->poller, SOCK__OS_ADD, fd, asked_of(slot),
                         sock__slot_word(slot)) == 0) {
        changed(sel);
        return 0;
    }
    int err = errno;
    sock__slot_give(&sel->slots, slot);
    return err;
}

/* 0 or an errno. The protocol on top may hold back what came before. */
static int add_sock(sock_selector_t *sel, sock_t *s, int fd, int events,
                    void *data)
{
    if (sock__slot_of_sock(&sel->slots, s) != NULL)
        return EEXIST;
    struct sock__slot *slot = sock__slot_take(&sel->slots);
    if (slot == NULL)
        return ENOMEM;
    slot->u.sock = s;
    slot->flags |= SOCK__SLOT_SOCK;
    bool on_top = is_on_top(slot);
    if (on_top && reach_inside(sel) < 0) {
        sock__slot_give(&sel->slots, slot);
        return ENOMEM;
    }
    int err = arm_new(sel, slot, fd, events, data);
    if (err != 0)
        return err;
    sock__watch_add(s, &slot->watch);
    if (on_top) {
        sel->on_top++;
        tell_inside(sel, slot);
    }
    return 0;
}

/* A close that came in between has not seen the watch: it is taken off. */
static int undo_if_closed(sock_selector_t *sel, sock_t *s, int fd)
{
    if (!sock__closed(s))
        return 0;
    struct sock__slot *slot = sock__slot_of_sock(&sel->slots, s);
    silence(sel, slot, fd);
    sock__watch_remove(s, &slot->watch);
    sock__slot_give(&sel->slots, slot);
    return EBADF;
}

int sock_selector_register(sock_selector_t *sel, sock_t *s, int events,
                           void *data)
{
    int fd, err, saved = errno;
    if (enter(sel, "register") < 0 || (fd = sock__enter(s, "register")) < 0)
        return -1;
    if (check_events(sel, "register", events, WAITED_FOR | MANNERS) < 0) {
        sock__leave(s);
        return -1;
    }
    lock_all(sel);
    err = add_sock(sel, s, fd, events, data);
    if (err == 0)
        err = undo_if_closed(sel, s, fd);
    unlock_all(sel);
    sock__leave(s);
    if (err != 0)
        return refused("register", err);
    errno = saved;
    return 0;
}

/* The system is asked first: the table by number is as long as the greatest,
 * which one that is no one's would make of any length. */
static int add_fd(sock_selector_t *sel, int fd, int events, void *data)
{
    if (sock__slot_of_fd(&sel->slots, fd) != NULL)
        return EEXIST;
    struct sock__slot *slot = sock__slot_take(&sel->slots);
    if (slot == NULL)
        return ENOMEM;
    slot->u.fd = fd;
    int err = arm_new(sel, slot, fd, events, data);
    if (err != 0)
        return err;
    if (sock__slots_reach(&sel->slots, fd) < 0) {
        sock__poller_set(&sel->poller, SOCK__OS_REMOVE, fd, 0, 0);
        sock__slot_give(&sel->slots, slot);
        return ENOMEM;
    }
    sock__slots_set_fd(&sel->slots, fd, slot);
    return 0;
}

int sock_selector_register_fd(sock_selector_t *sel, sock_fd_t fd, int events,
                              void *data)
{
    int saved = errno;
    if (enter(sel, "register") < 0 ||
        check_events(sel, "register", events, WAITED_FOR | MANNERS) < 0)
        return -1;
    if (fd < 0)
        return sock__fail("register", SOCK_E_VALUE, 0, SOCK__NEGATIVE_FD);
    lock(sel);
    int err = add_fd(sel, fd, events, data);
    unlock(sel);
    if (err != 0)
        return refused("register", err);
    errno = saved;
    return 0;
}

/* Finding what is registered: with the locks held that it needs, or none and
 * the failure recorded. */

static struct sock__slot *hold_sock(sock_selector_t *sel, const char *op,
                                    sock_t *s)
{
    if (enter(sel, op) < 0)
        return NULL;
    if (s == NULL) {
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
        return NULL;
    }
    lock_all(sel);
    struct sock__slot *slot = sock__slot_of_sock(&sel->slots, s);
    if (slot == NULL) {
        unlock_all(sel);
        sock__fail(op, SOCK_E_KEY, ENOENT, 0);
    }
    return slot;
}

static struct sock__slot *hold_fd(sock_selector_t *sel, const char *op, int fd)
{
    if (enter(sel, op) < 0)
        return NULL;
    lock_all(sel);
    struct sock__slot *slot = sock__slot_of_fd(&sel->slots, fd);
    if (slot == NULL) {
        unlock_all(sel);
        sock__fail(op, SOCK_E_KEY, ENOENT, 0);
    }
    return slot;
}

/* Modifying */

/* 0 or an errno, and then all is as it was. The system is told only of what is
 * new to it. */
static int change(sock_selector_t *sel, struct sock__slot *slot, int events,
                  void *data)
{
    struct sock__slot before = *slot;
    bool again = slot->events != events ||
                 sock__slot_is(slot, SOCK__SLOT_SPENT) ||
                 (events & SOCK_EVENT_ONESHOT) != 0;

    if (sock__slot_is(slot, SOCK__SLOT_SILENT))
        return EBADF;
    slot->events = (uint16_t)events;
    slot->armed = (uint8_t)(events & BOTH);
    if (again &&
        sock__poller_set(&sel->poller, SOCK__OS_MODIFY, number_of(slot),
                         asked_of(slot), sock__slot_word(slot)) != 0) {
        *slot = before;
        return errno;
    }
    slot->data = data;
    slot->flags &= (uint8_t)~SOCK__SLOT_SPENT;
    if (is_on_top(slot))
        tell_inside(sel, slot);
    outdate(sel);
    changed(sel);
    return 0;
}

/* Of a slot that is held, which is let go. */
static int modify(sock_selector_t *sel, struct sock__slot *slot, int events,
                  void *data)
{
    int saved = errno, allowed = WAITED_FOR | (MANNERS & ~SOCK_EVENT_EXCLUSIVE);
    if (slot == NULL)
        return -1;
    if (check_events(sel, "modify", events, allowed) < 0) {
        unlock_all(sel);
        return -1;
    }
    int err = change(sel, slot, events, data);
    unlock_all(sel);
    if (err != 0)
        return refused("modify", err);
    errno = saved;
    return 0;
}

int sock_selector_modify(sock_selector_t *sel, sock_t *s, int events,
                         void *data)
{
    return modify(sel, hold_sock(sel, "modify", s), events, data);
}

int sock_selector_modify_fd(sock_selector_t *sel, sock_fd_t fd, int events,
                            void *data)
{
    return modify(sel, hold_fd(sel, "modify", fd), events, data);
}

/* Unregistering */

int sock_selector_unregister(sock_selector_t *sel, sock_t *s)
{
    int saved = errno;
    struct sock__slot *slot = hold_sock(sel, "unregister", s);
    if (slot == NULL)
        return -1;
    silence(sel, slot, number_of(slot));
    sock__watch_remove(s, &slot->watch);
    sock__slot_give(&sel->slots, slot);
    unlock_all(sel);
    errno = saved;
    return 0;
}

/* Whatever the system says: a number that was closed before is out already. */
int sock_selector_unregister_fd(sock_selector_t *sel, sock_fd_t fd)
{
    int saved = errno;
    struct sock__slot *slot = hold_fd(sel, "unregister", fd);
    if (slot == NULL)
        return -1;
    silence(sel, slot, fd);
    sock__slots_set_fd(&sel->slots, fd, NULL);
    sock__slot_give(&sel->slots, slot);
    unlock_all(sel);
    errno = saved;
    return 0;
}

/* Selecting */

/* Asks the protocol of a slot, without a lock, what would not wait; -1 if the
 * object has been closed. */
static int ask(sock_selector_t *sel, sock_t *s, int want, short *needs)
{
    int saved = errno, fd = sock__enter_quietly(s);
    if (fd < 0)
        return -1;
    *needs = 0;
    unlock(sel);
    int ready = s->ops->ready(s, fd, want, needs);
    sock__leave(s);
    lock(sel);
    errno = saved;
    return ready & want;
}

/* Has the poller wait for what the protocol waits for. What is exclusive the
 * system does not modify. */
static void rearm(sock_selector_t *sel, struct sock__slot *slot, short needs)
{
    enum sock__os_change how = SOCK__OS_MODIFY;
    int armed = sock__os_from_poll(needs) & BOTH, fd = number_of(slot);
    if (slot->armed == armed && (slot->events & SOCK_EVENT_ONESHOT) == 0)
        return;
    if ((slot->events & SOCK_EVENT_EXCLUSIVE) != 0) {
        sock__poller_set(&sel->poller, SOCK__OS_REMOVE, fd, 0, 0);
        how = SOCK__OS_ADD;
    }
    slot->armed = (uint8_t)armed;
    sock__poller_set(&sel->poller, how, fd, asked_of(slot),
                     sock__slot_word(slot));
}

/* What of a slot's events holds, if its protocol has a word in it. One that is
 * ready is asked again in the next round: it may hold more back. */
static int look_on_top(sock_selector_t *sel, uint64_t word, int events)
{
    struct sock__slot *slot = sock__slot_of(&sel->slots, word);
    short needs;
    int ready = ask(sel, slot->u.sock, slot->events & BOTH, &needs);

    slot = sock__slot_of(&sel->slots, word);
    if (ready < 0 || slot == NULL || !is_on_top(slot))
        return 0;
    if (ready == 0)
        rearm(sel, slot, needs);
    else if ((slot->events & SOCK_EVENT_EDGE) != 0)
        rearm(sel, slot, sock__os_to_poll(slot->events));
    else
        put_inside(sel, slot);
    return ready | (events & ~BOTH);
}

/* What is told of a slot in which this was found; 0: nothing. */
static int tell_of(const struct sock__slot *slot, int found)
{
    if ((found & UNASKED) != 0) /* the next call would not wait */
        return (slot->events & WAITED_FOR) | (found & UNASKED);
    return found & slot->events;
}

/* Keeps what holds of an event, if anything does. */
static void keep(sock_selector_t *sel, uint64_t word,
                 const struct sock__slot *slot, int events)
{
    struct found *f = &sel->found[sel->found_n++];
    f->word = word;
    f->events = events;
    fill_key(&f->key, slot, tell_of(slot, events));
}

/* Of those on the list it is told, or has been, when they are asked. The lock
 * may be let go meanwhile. */
static void sift(sock_selector_t *sel, uint64_t word, int events)
{
    struct sock__slot *slot = sock__slot_of(&sel->slots, word);
    if (slot == NULL ||
        sock__slot_is(slot,
                      SOCK__SLOT_SILENT | SOCK__SLOT_SPENT | SOCK__SLOT_INSIDE))
        return;
    if (is_on_top(slot) && (events & UNASKED) == 0) {
        events = look_on_top(sel, word, events);
        slot = sock__slot_of(&sel->slots, word);
    }
    if (slot == NULL || tell_of(slot, events) == 0)
        return;
    if ((slot->events & SOCK_EVENT_ONESHOT) != 0) {
        slot->flags |= SOCK__SLOT_SPENT;
        sock__poller_spend(&sel->poller, number_of(slot));
    }
    keep(sel, word, slot, events);
}

/* Asks those whose protocol may hold bytes back. Who is put on the list
 * meanwhile is asked in the next round. */
static void look_inside(sock_selector_t *sel)
{
    size_t i, n = sel->inside_n;

    for (i = 0; i < n && sel->found_n < INSIDE_MAX; i++) {
        uint64_t word = sel->inside[i];
        struct sock__slot *slot = sock__slot_of(&sel->slots, word);
        if (slot == NULL)
            continue;
        slot->flags &= (uint8_t)~SOCK__SLOT_INSIDE;
        sift(sel, word, 0);
    }
    sel->inside_n -= i;
    memmove(sel->inside, sel->inside + i, sel->inside_n * sizeof *sel->inside);
}

/* Goes over what the poller has found; whether it was to end the wait. */
static bool go_over(sock_selector_t *sel, int n)
{
    bool woken = false;

    lock(sel);
    for (int i = 0; i < n; i++)
        if (sel->fresh[i].word == SOCK__WAKE_WORD)
            woken = atomic_exchange(&sel->woken, false);
        else
            sift(sel, sel->fresh[i].word, sel->fresh[i].events);
    unlock(sel);
    return woken;
}

/* What is there without a wait: 0 or an errno. */
static int begin_round(sock_selector_t *sel)
{
    sel->found_n = sel->found_at = 0;
    sel->changes_seen = atomic_load(&sel->changes);
    if (sel->poller.fd >= 0 && atomic_load(&sel->inside_n) == 0)
        return 0;
    lock(sel);
    int err = sock__poller_prepare(&sel->poller) == 0 ? 0 : ENOMEM;
    if (err == 0 && sel->inside_n > 0)
        look_inside(sel);
    unlock(sel);
    return err;
}

/* One round: 0 if nothing was found yet and there is time left; else a status,
 * or SELECTED. */
enum { SELECTED = INT_MAX };

static int select_once(sock_selector_t *sel, struct sock__timer *t)
{
    int err = begin_round(sel);
    if (err != 0)
        return err;
    int64_t left = sel->found_n > 0 ? 0 : sock__time_left(t);
    int n = sock__poller_wait(&sel->poller, sel->fresh, left);
    if (n < 0 && errno != EINTR)
        return errno;
    if (n < 0 && sel->found_n == 0)
        return sock__interrupted(NULL) ? SOCK__CANCELLED : 0;
    if (go_over(sel, n) || sel->found_n > 0)
        return SELECTED;
    return sock__time_left(t) == 0 ? SELECTED : 0;
}

int sock_selector_select(sock_selector_t *sel, double timeout)
{
    struct sock__timer t = {.timeout = 0};
    int status, saved = errno;

    if (enter(sel, "select") < 0)
        return -1;
    if (!(timeout <= 0) && sock__seconds_arg("select", timeout, &t.timeout) < 0)
        return -1;
    if (atomic_exchange(&sel->busy, true))
        return sock__fail("select", SOCK_E_OS, EBUSY, 0);
    do
        status = select_once(sel, &t);
    while (status == 0);
    int found = sel->found_n;
    atomic_store_explicit(&sel->busy, false, memory_order_release);
    if (status == SOCK__CANCELLED)
        return sock__fail_status("select", status);
    if (status != SELECTED)
        return refused("select", status);
    errno = saved;
    return found;
}

/* What was found and may have changed since; whether it still holds. */
static bool look_again(sock_selector_t *sel, const struct found *f,
                       sock_key_t *key)
{
    int mask = 0;
    lock(sel);
    const struct sock__slot *slot = sock__slot_of(&sel->slots, f->word);
    if (slot != NULL && !sock__slot_is(slot, SOCK__SLOT_SILENT)) {
        mask = tell_of(slot, f->events);
        fill_key(key, slot, mask);
    }
    unlock(sel);
    return mask != 0;
}

int sock_selector_next(sock_selector_t *sel, sock_key_t *key)
{
    if (enter(sel, "next") < 0)
        return -1;
    if (key == NULL)
        return sock__fail("next", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    while (sel->found_at < sel->found_n) {
        const struct found *f = &sel->found[sel->found_at++];
        if (atomic_load(&sel->changes) != sel->changes_seen) {
            if (!look_again(sel, f, key))
                continue;
        } else {
            *key = f->key;
        }
        return 1;
    }
    return 0;
}

int sock_selector_wakeup(sock_selector_t *sel)
{
    if (enter(sel, "wakeup") < 0)
        return -1;
    atomic_store(&sel->woken, true);
    sock__poller_wake(&sel->poller);
    return 0;
}

/* What is registered */

/* Of a slot that is held, which is let go. */
static int get_key(sock_selector_t *sel, const struct sock__slot *slot,
                   sock_key_t *key)
{
    if (slot == NULL)
        return -1;
    if (key != NULL)
        fill_key(key, slot, 0);
    unlock_all(sel);
    if (key == NULL)
        return sock__fail("get_key", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    return 0;
}

int sock_selector_get_key(sock_selector_t *sel, sock_t *s, sock_key_t *key)
{
    return get_key(sel, hold_sock(sel, "get_key", s), key);
}

int sock_selector_get_key_fd(sock_selector_t *sel, sock_fd_t fd,
                             sock_key_t *key)
{
    return get_key(sel, hold_fd(sel, "get_key", fd), key);
}

int sock_selector_len(sock_selector_t *sel)
{
    if (enter(sel, "len") < 0)
        return -1;
    lock(sel);
    int n = (int)sel->slots.used;
    unlock(sel);
    return n;
}

int sock_selector_each(sock_selector_t *sel, size_t *cursor, sock_key_t *key)
{
    if (enter(sel, "each") < 0)
        return -1;
    if (cursor == NULL || key == NULL)
        return sock__fail("each", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    lock(sel);
    const struct sock__slot *slot = sock__slot_next(&sel->slots, cursor);
    if (slot != NULL)
        fill_key(key, slot, 0);
    unlock(sel);
    return slot != NULL;
}

sock_fd_t sock_selector_fileno(sock_selector_t *sel)
{
    if (enter(sel, "fileno") < 0)
        return -1;
    if (sel->poller.fd < 0)
        return sock__fail("fileno", SOCK_E_VALUE, 0, SOCK__NO_POLLER_FD);
    return sel->poller.fd;
}
