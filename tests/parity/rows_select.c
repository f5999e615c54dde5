/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { R = SOCK_EVENT_READ, W = SOCK_EVENT_WRITE };

/* select() */

/* Three lists of the same objects, and what was found of them. */
struct lists {
    sock_t *objects[4], *r[4], *w[4], *x[4];
};

static struct lists lists(sock_t *a, sock_t *b, sock_t *c)
{
    struct lists l = {.objects = {a, b, c}};
    memcpy(l.r, l.objects, sizeof l.r);
    memcpy(l.w, l.objects, sizeof l.w);
    memcpy(l.x, l.objects, sizeof l.x);
    return l;
}

/* As places() of compare.py says one of the lists. */
static const char *places(const struct lists *l, sock_t *const found[])
{
    static char texts[8][32];
    static int turn;
    char *t = texts[turn++ % 8];
    int n = snprintf(t, sizeof texts[0], "[");

    for (int i = 0; found[i] != NULL; i++) {
        int k = 0;
        while (l->objects[k] != found[i])
            k++;
        n += snprintf(t + n, sizeof texts[0] - (size_t)n, "%s%d",
                      i > 0 ? ", " : "", k);
    }
    snprintf(t + n, sizeof texts[0] - (size_t)n, "]");
    return t;
}

static void show_select(struct lists *l, double timeout)
{
    if (sock_select(l->r, l->w, l->x, timeout) < 0) {
        show(error());
        return;
    }
    show(places(l, l->r));
    show(places(l, l->w));
    show(places(l, l->x));
}

static void selecting(void)
{
#define PLACES " places(select.select(o, o, o, %s), *o)"
    row("a, b = tcp(); a.send(b'x'); select.select([b], [], [], 5); o = a, "
        "b;" PLACES,
        "0");
    struct both p = tcp();
    sock_send(p.a, "x", 1, 0);
    sock_wait(p.b, R, 5);
    struct lists l = lists(p.a, p.b, NULL);
    show_select(&l, 0);
    row("a, b = tcp(); o = b, a, b;" PLACES, "None");
    p = tcp();
    l = lists(p.b, p.a, p.b);
    l.objects[2] = NULL;
    show_select(&l, SOCK_NO_TIMEOUT);
    row("s = inet(); o = s, s;" PLACES, "-0.0");
    l = lists(inet(SOCK_STREAM), NULL, NULL);
    l.r[1] = l.w[1] = l.x[1] = l.r[0];
    show_select(&l, -0.0);
    row("s = inet(); s.setblocking(False); s.connect_ex(refusing()); o = "
        "s,;" PLACES,
        "5");
    sock_t *s = inet(SOCK_STREAM);
    sock_setblocking(s, 0);
    sock_connect_ex(s, refusing());
    l = lists(s, NULL, NULL);
    show_select(&l, 5);
    row("a, b = tcp(); b.close(); select.select([a], [], [], 5); o = "
        "a,;" PLACES,
        "5");
    p = tcp();
    sock_close(p.b);
    sock_wait(p.a, R, 5);
    l = lists(p.a, NULL, NULL);
    show_select(&l, 5);
    row("a, b = tcp(); b.send(b'!', MSG_OOB); select.select([], [], [a], 5); o "
        "= a, b;" PLACES,
        "0");
    p = tcp();
    sock_send(p.b, "!", 1, MSG_OOB);
    l = lists(p.a, NULL, NULL);
    sock_select(NULL, NULL, l.x, 5);
    l = lists(p.a, p.b, NULL);
    show_select(&l, 0);
    row("l = listening(); c = inet(); c.connect(l.getsockname()); "
        "select.select([l], [], [], 5); o = l, c;" PLACES,
        "0");
    sock_t *server = listening();
    s = inet(SOCK_STREAM);
    sock_connect(s, name(server));
    sock_wait(server, R, 5);
    l = lists(server, s, NULL);
    show_select(&l, 0);
    row("o = inet(SOCK_DGRAM), listening();" PLACES, "0");
    l = lists(inet(SOCK_DGRAM), listening(), NULL);
    show_select(&l, 0);
    row("o = closed(),;" PLACES, "0");
    deviates("sock_select() of a socket that is closed");
    l = lists(closed(), NULL, NULL);
    show_select(&l, 0);
}

static void times(void)
{
    static const char *const texts[] = {
        "0",     "-0.0", "1e-9",         "0.01",  "-1",
        "-1e-9", "1e10", "float('nan')", "9.3e9", "float('inf')"};
    for (EACH(i, texts)) {
        double value = 0;
        if (sscanf(texts[i], "%lf", &value) == 0)
            value = strstr(texts[i], "nan") != NULL ? NAN : INFINITY;
        row("select.select([], [], [], %s)", texts[i]);
        if (value > 9.2e9 && !isinf(value))
            older("<OverflowError None 'timestamp too large to convert to C "
                  "_PyTime_t'>");
        if (value >= SOCK_NO_TIMEOUT) { /* which would wait for ever */
            deviates("timeout of +infinity");
            show("([], [], [])");
            continue;
        }
        int n = sock_select(NULL, NULL, NULL, value);
        show(n == 0 ? "([], [], [])" : error());
        row("a, b = pair(); r, w, x = select.select([a], [b], [], %s); w[0] is "
            "b, len(r)",
            texts[i]);
        if (value > 9.2e9)
            older("<OverflowError None 'timestamp too large to convert to C "
                  "_PyTime_t'>");
        struct both p = pair(SOCK_STREAM);
        sock_t *r[] = {p.a, NULL}, *w[] = {p.b, NULL};
        n = sock_select(r, w, NULL, value);
        if (n < 0) {
            show(error());
            continue;
        }
        show(flag(w[0] == p.b));
        show(num(r[0] != NULL));
    }
}

/* Selectors, of both kinds */

struct kind {
    int kind;
    const char *python;
};
static const struct kind kinds[] = {
    {SOCK_SELECTOR_EPOLL, "selectors.EpollSelector()"},
    {SOCK_SELECTOR_POLL, "selectors.PollSelector()"},
    {SOCK_SELECTOR_DEFAULT, "selectors.DefaultSelector()"},
};

/* Begins a row about a selector `sel` and a pair of sockets, `a` and `b`. */
#define SELECTOR(k, text)                                                      \
    row("sel = %s; a, b = tcp(); " text "; fails(sel.close); _", (k)->python); \
    struct both p = tcp();                                                     \
    sock_selector_t *sel = sock_selector_new((k)->kind)

/* As masks() of compare.py; the data are numbers. Of the mask what Python has,
 * or all of it. */
static const char *masks(sock_selector_t *sel, double timeout, int of)
{
    static char t[200];
    char one[10][32] = {""};
    int n = 0;
    sock_key_t key;

    if (sock_selector_select(sel, timeout) < 0)
        return error();
    while (sock_selector_next(sel, &key) == 1)
        snprintf(one[*(int *)key.data], sizeof one[0], "(%d, %d)",
                 *(int *)key.data, key.mask & of);
    n = snprintf(t, sizeof t, "[");
    for (EACH(i, one))
        if (one[i][0] != '\0')
            n += snprintf(t + n, sizeof t - (size_t)n, "%s%s",
                          n > 1 ? ", " : "", one[i]);
    snprintf(t + n, sizeof t - (size_t)n, "]");
    return t;
}

static int data[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

/* The row's last expression is `_`, so that the selector is closed before. */
static void finding(const struct kind *k)
{
    {
        SELECTOR(k,
                 "sel.register(a, 1, 1); sel.register(b, 3, 2); a.send(b'x'); "
                 "select.select([b], [], [], 5); _ = masks(sel.select(0))");
        sock_selector_register(sel, p.a, R, &data[1]);
        sock_selector_register(sel, p.b, R | W, &data[2]);
        sock_send(p.a, "x", 1, 0);
        sock_wait(p.b, R, 5);
        show(masks(sel, 0, -1));
        sock_selector_free(sel);
    }
    static const char *const times_[] = {"0",    "-1",    "-0.0",
                                         "1e-9", "0.001", "float('-inf')"};
    for (EACH(i, times_)) {
        row("sel = %s; a, b = tcp(); sel.register(a, 1, 1); _ = "
            "masks(sel.select(%s)); sel.close(); _",
            k->python, times_[i]);
        struct both p = tcp();
        sock_selector_t *sel = sock_selector_new(k->kind);
        double value = -INFINITY;
        sscanf(times_[i], "%lf", &value);
        sock_selector_register(sel, p.a, R, &data[1]);
        show(masks(sel, value, -1));
        sock_selector_free(sel);
    }
    {
        SELECTOR(k,
                 "sel.register(b, 1, 1); a.close(); _ = masks(sel.select())");
        sock_selector_register(sel, p.b, R, &data[1]);
        sock_close(p.a);
        show(masks(sel, SOCK_NO_TIMEOUT, -1));
        sock_selector_free(sel);
    }
    {
        SELECTOR(k,
                 "c = inet(); sel.register(c, 3, 1); _ = masks(sel.select(5))");
        deviates("a hang-up, an error");
        sock_selector_register(sel, inet(SOCK_STREAM), R | W, &data[1]);
        show(masks(sel, 5, -1));
        sock_selector_free(sel);
        (void)p;
    }
    {
        SELECTOR(k,
                 "c = inet(); sel.register(c, 1, 1); _ = masks(sel.select(5))");
        sock_selector_register(sel, inet(SOCK_STREAM), R, &data[1]);
        show(masks(sel, 5, R | W));
        sock_selector_free(sel);
        (void)p;
    }
    {
        SELECTOR(k, "_ = fails(sel.select, float('nan'))");
        class_only();
        show(none(sock_selector_select(sel, NAN)));
        sock_selector_free(sel);
        (void)p;
    }
    {
        SELECTOR(k, "_ = fails(sel.select, 1e10)");
        class_only();
        show(none(sock_selector_select(sel, 1e10)));
        sock_selector_free(sel);
        (void)p;
    }
}

static const char *key_of(sock_selector_t *sel, sock_t *s, int fd)
{
    static char t[100];
    sock_key_t key;
    int rc = s != NULL ? sock_selector_get_key(sel, s, &key)
                       : sock_selector_get_key_fd(sel, fd, &key);
    if (rc < 0)
        return error();
    snprintf(t, sizeof t, "(%d, %d, %s, %s)", key.events, *(int *)key.data,
             key.sock == s ? "True" : "False", key.fd == fd ? "True" : "False");
    return t;
}

#define KEY(key, object, fd_)                                                  \
    "(lambda k: (k.events, k.data, k.fileobj is " object ", k.fd == " fd_      \
    "))(" key ")"

static void registering(const struct kind *k)
{
    {
        SELECTOR(k, "_ = " KEY("sel.register(a, 3, 7)", "a", "a.fileno()"));
        sock_selector_register(sel, p.a, R | W, &data[7]);
        show(key_of(sel, p.a, sock_fileno(p.a)));
        sock_selector_free(sel);
    }
    {
        SELECTOR(
            k,
            "sel.register(a.fileno(), 1, 7); _ = (a.fileno() in sel.get_map(), "
            "sel.get_key(a.fileno()).events)");
        sock_key_t key = {.events = 0};
        sock_selector_register_fd(sel, sock_fileno(p.a), R, &data[7]);
        int rc = sock_selector_get_key_fd(sel, sock_fileno(p.a), &key);
        show(flag(rc == 0));
        show(num(key.events));
        sock_selector_free(sel);
    }
    {
        SELECTOR(
            k,
            "sel.register(a, 1, 1); sel.register(b, 2, 2); sel.unregister(a); "
            "_ = len(sel.get_map()), [k.data for k in sel.get_map().values()]");
        sock_key_t key = {.data = &data[0]};
        size_t cursor = 0;
        char t[16];
        sock_selector_register(sel, p.a, R, &data[1]);
        sock_selector_register(sel, p.b, W, &data[2]);
        sock_selector_unregister(sel, p.a);
        show(num(sock_selector_len(sel)));
        sock_selector_each(sel, &cursor, &key);
        snprintf(t, sizeof t, "[%d]", *(int *)key.data);
        show(t);
        sock_selector_free(sel);
    }
    static const int events[] = {0, -1, 1 << 20, 1, 2, 3};
    for (EACH(i, events)) {
        row("sel = %s; a, b = tcp(); _ = fails(sel.register, a, %d, None); _ = "
            "_ if type(_) is not selectors.SelectorKey else None; sel.close(); "
            "_",
            k->python, events[i]);
        struct both p = tcp();
        sock_selector_t *sel = sock_selector_new(k->kind);
        class_only();
        show(none(sock_selector_register(sel, p.a, events[i], NULL)));
        sock_selector_free(sel);
    }
    {
        SELECTOR(k, "sel.register(a, 1); _ = fails(sel.register, a, 2)");
        class_only();
        sock_selector_register(sel, p.a, R, NULL);
        show(none(sock_selector_register(sel, p.a, W, NULL)));
        sock_selector_free(sel);
    }
    {
        SELECTOR(k, "sel.register(a.fileno(), 1); _ = fails(sel.register, "
                    "a.fileno(), 2)");
        class_only();
        sock_selector_register_fd(sel, sock_fileno(p.a), R, NULL);
        show(none(sock_selector_register_fd(sel, sock_fileno(p.a), W, NULL)));
        sock_selector_free(sel);
    }
    {
        SELECTOR(k, "_ = fails(sel.register, -1, 1)");
        class_only();
        show(none(sock_selector_register_fd(sel, -1, R, NULL)));
        sock_selector_free(sel);
        (void)p;
    }
    {
        SELECTOR(k, "f = os.open('/proc/self/exe', os.O_RDONLY); _ = "
                    "fails(sel.register, f, 1); "
                    "os.close(f); _ = _ if isinstance(_, type(fails(os.close, "
                    "-1))) else None");
        int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        show(none(sock_selector_register_fd(sel, fd, R, NULL)));
        close(fd);
        sock_selector_free(sel);
        (void)p;
    }
}

/* What is not registered, as an object or as a number. */
static void unknown(const struct kind *k)
{
    static const char *const calls[] = {"unregister", "modify", "get_key"};
    for (int i = 0; i < 6; i++) {
        row("sel = %s; a, b = tcp(); _ = fails(sel.%s, a%s%s); sel.close(); _",
            k->python, calls[i % 3], i < 3 ? "" : ".fileno()",
            i % 3 == 1 ? ", 1" : "");
        class_only();
        sock_t *a = tcp().a;
        int fd = sock_fileno(a);
        sock_selector_t *sel = sock_selector_new(k->kind);
        sock_key_t key;
        const int results[] = {sock_selector_unregister(sel, a),
                               sock_selector_modify(sel, a, R, NULL),
                               sock_selector_get_key(sel, a, &key),
                               sock_selector_unregister_fd(sel, fd),
                               sock_selector_modify_fd(sel, fd, R, NULL),
                               sock_selector_get_key_fd(sel, fd, &key)};
        show(none(results[i])); /* they all fail alike */
        sock_selector_free(sel);
    }
}

static void changing(const struct kind *k)
{
    {
        SELECTOR(k, "sel.register(a, 1, 1); " KEY(
                        "sel.modify(a, 2, 2)", "a",
                        "a.fileno()") "; "
                                      "_ = masks(sel.select(5))");
        sock_selector_register(sel, p.a, R, &data[1]);
        sock_selector_modify(sel, p.a, W, &data[2]);
        show(masks(sel, 5, -1));
        sock_selector_free(sel);
    }
    {
        SELECTOR(
            k, "sel.register(a.fileno(), 2, 1); sel.modify(a.fileno(), 2, 2); "
               "_ = masks(sel.select(5)), sel.unregister(a.fileno()).data, "
               "masks(sel.select(0))");
        sock_selector_register_fd(sel, sock_fileno(p.a), W, &data[1]);
        sock_selector_modify_fd(sel, sock_fileno(p.a), W, &data[2]);
        show(masks(sel, 5, -1));
        sock_key_t key = {.data = &data[0]};
        sock_selector_get_key_fd(sel, sock_fileno(p.a), &key);
        sock_selector_unregister_fd(sel, sock_fileno(p.a));
        show(num(*(int *)key.data));
        show(masks(sel, 0, -1));
        sock_selector_free(sel);
    }
    static const int wrong[] = {0, 1 << 20};
    for (EACH(i, wrong)) {
        row("sel = %s; a, b = tcp(); sel.register(a, 1, 1); _ = "
            "fails(sel.modify, a, %d, 2); _ = sel.get_key(a).events; "
            "sel.close(); _",
            k->python, wrong[i]);
        deviates("events of 0, and unknown ones");
        struct both p = tcp();
        sock_selector_t *sel = sock_selector_new(k->kind);
        sock_key_t key = {.events = -2};
        sock_selector_register(sel, p.a, R, &data[1]);
        sock_selector_modify(sel, p.a, wrong[i], &data[2]);
        sock_selector_get_key(sel, p.a, &key);
        show(num(key.events));
        sock_selector_free(sel);
    }
}

static void closing(const struct kind *k)
{
    {
        SELECTOR(
            k, "sel.register(a, 1, 1); a.close(); _ = sel.unregister(a).data, "
               "len(sel.get_map())");
        sock_selector_register(sel, p.a, R, &data[1]);
        sock_close(p.a);
        show(num(sock_selector_unregister(sel, p.a) == 0));
        show(num(sock_selector_len(sel)));
        sock_selector_free(sel);
    }
    {
        SELECTOR(k,
                 "sel.register(a, 1, 1); b.send(b'x'); d = a.dup(); a.close(); "
                 "_ = len(sel.select(0.1)), len(sel.get_map())");
        deviates("a registered socket that is closed");
        sock_selector_register(sel, p.a, R, &data[1]);
        sock_send(p.b, "x", 1, 0);
        own(sock_dup(p.a));
        sock_close(p.a);
        show(num(sock_selector_select(sel, 0.1)));
        show(num(sock_selector_len(sel)));
        sock_selector_free(sel);
    }
    {
        SELECTOR(k, "sel.register(a, 1, 1); n = a.fileno(); a.close(); "
                    "c = inet(); _ = c.fileno() == n, type(fails(sel.register, "
                    "c, 1, 2)).__name__");
        deviates("what is registered");
        sock_selector_register(sel, p.a, R, &data[1]);
        int fd = sock_fileno(p.a);
        sock_close(p.a);
        sock_t *c = inet(SOCK_STREAM);
        show(flag(sock_fileno(c) == fd));
        show(sock_selector_register(sel, c, R, &data[2]) == 0 ? "'SelectorKey'"
                                                              : error());
        sock_selector_free(sel);
    }
    {
        SELECTOR(
            k,
            "sel.register(a, 1, 1); a.close(); _ = fails(sel.modify, a, 2, 1), "
            "len(sel.get_map()); _ = type(_[0]) is selectors.SelectorKey, "
            "_[1]");
        deviates("sock_selector_modify() that fails");
        sock_selector_register(sel, p.a, R, &data[1]);
        sock_close(p.a);
        show(flag(sock_selector_modify(sel, p.a, W, &data[1]) == 0));
        show(num(sock_selector_len(sel)));
        sock_selector_free(sel);
    }
}

static void numbers(void)
{
    row("sel = selectors.EpollSelector(); _ = sel.fileno() >= 0, "
        "os.get_inheritable(sel.fileno()); sel.close(); _");
    sock_selector_t *sel = sock_selector_new(SOCK_SELECTOR_EPOLL);
    int fd = sock_selector_fileno(sel);
    show(flag(fd >= 0));
    show(flag((fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0));
    sock_selector_free(sel);
    row("sel = selectors.EpollSelector(); a, b = tcp(); sel.register(a, 2); "
        "_ = len(select.select([sel.fileno()], [], [], 5)[0]); sel.close(); _");
    struct both p = tcp();
    sel = sock_selector_new(SOCK_SELECTOR_EPOLL);
    sock_selector_t *outer = sock_selector_new(SOCK_SELECTOR_EPOLL);
    sock_selector_register(sel, p.a, W, NULL);
    sock_selector_register_fd(outer, sock_selector_fileno(sel), R, NULL);
    show(num(sock_selector_select(outer, 5)));
    sock_selector_free(outer);
    sock_selector_free(sel);
}

void rows_select(void)
{
    selecting();
    times();
    for (EACH(i, kinds)) {
        finding(&kinds[i]);
        registering(&kinds[i]);
        unknown(&kinds[i]);
        changing(&kinds[i]);
        closing(&kinds[i]);
    }
    numbers();
}
