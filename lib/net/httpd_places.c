/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_places.h"

#include <stddef.h>
#include <stdlib.h>

#include "answer.h"
#include "httpd_body.h"
#include "reply.h"

enum {
    INPUT_ROOM = 4096, /* bytes of one that can be kept */
    INPUTS_KEPT = 128, /* how many are */
    REQUESTS_KEPT = 64,
    LARGE = 16384 /* bytes that a request does not keep */
};

static const int64_t LINGER = 2000000000; /* ns */

/* Places */

void sock__places_begin(sock_httpd_t *server)
{
    for (int i = 0; i < SOCK__PLACES; i++) {
        struct sock__link *head = &server->places[i];
        head->prev = head->next = head;
    }
}

void sock__unplace(struct sock__conn *c)
{
    c->link.prev->next = c->link.next;
    c->link.next->prev = c->link.prev;
    c->link.prev = c->link.next = &c->link;
}

void sock__place(struct sock__conn *c, enum sock__place place, int64_t now)
{
    struct sock__link *head = &c->server->places[place];

    sock__unplace(c);
    c->place = place;
    c->since = now;
    c->link.prev = head->prev;
    c->link.next = head;
    head->prev->next = &c->link;
    head->prev = &c->link;
}

struct sock__conn *sock__place_first(sock_httpd_t *server,
                                     enum sock__place place)
{
    struct sock__link *head = &server->places[place];

    return head->next != head ? (struct sock__conn *)(void *)head->next : NULL;
}

static int64_t ns(double seconds)
{
    return (int64_t)(seconds * 1e9);
}

int64_t sock__place_limit(const sock_httpd_t *server, enum sock__place place)
{
    switch (place) {
    case SOCK__PLACE_IDLE:
        return ns(server->limits.idle_timeout);
    case SOCK__PLACE_HEAD:
    case SOCK__PLACE_DRAIN:
        return ns(server->limits.head_timeout);
    case SOCK__PLACE_WRITE:
        return ns(server->limits.write_timeout);
    case SOCK__PLACE_LINGER:
    case SOCK__PLACE_BUSY:
    case SOCK__PLACES:
        break;
    }
    return LINGER;
}

/* Spares */

/* The first of those that are kept; NULL. */
static void *take(sock_httpd_t *server, struct sock__spares *spares)
{
    pthread_mutex_lock(&server->memory);
    struct sock__spare *first = spares->first;
    if (first != NULL) {
        spares->first = first->next;
        spares->count--;
    }
    pthread_mutex_unlock(&server->memory);
    return first;
}

/* Whether it is kept. */
static bool give(sock_httpd_t *server, struct sock__spares *spares,
                 void *memory, int most)
{
    struct sock__spare *spare = memory;

    pthread_mutex_lock(&server->memory);
    bool room = spares->count < most;
    if (room) {
        spare->next = spares->first;
        spares->first = spare;
        spares->count++;
    }
    pthread_mutex_unlock(&server->memory);
    return room;
}

int sock__input_take(sock_httpd_t *server, struct sock__input *in)
{
    in->buf = take(server, &server->inputs);
    if (in->buf == NULL)
        in->buf = malloc(INPUT_ROOM);
    in->at = in->end = 0;
    in->room = in->buf != NULL ? INPUT_ROOM : 0;
    return in->buf != NULL ? 0 : -1;
}

void sock__input_give(sock_httpd_t *server, struct sock__input *in)
{
    if (in->buf == NULL)
        return;
    if (in->room != INPUT_ROOM ||
        !give(server, &server->inputs, in->buf, INPUTS_KEPT))
        free(in->buf);
    *in = (struct sock__input){0};
}

static void free_request(sock_httpd_request_t *r)
{
    sock__answer_end(&r->answer);
    sock__headers_release(&r->headers);
    sock__headers_release(&r->upload.trailers);
    free(r->upload.input.buf);
    free(r);
}

/* A spare one lies in the memory of the request itself. */
union held {
    struct sock__spare spare;
    sock_httpd_request_t request;
};

sock_httpd_request_t *sock__request_take(sock_httpd_t *server)
{
    union held *held = take(server, &server->requests);
    sock_httpd_request_t *r = held != NULL ? &held->request : NULL;

    if (r == NULL) {
        held = calloc(1, sizeof *held);
        if (held == NULL)
            return NULL;
        r = &held->request;
        r->answer.fd = -1;
        sock__answer_begin(r);
    }
    r->start = (struct sock__start){0};
    r->server = server;
    r->site = &server->site;
    r->limits = &server->limits;
    return r;
}

/* Forgets what one request was, and keeps its memory. */
static void clear(sock_httpd_request_t *r)
{
    sock__reply_close_streams(r);
    sock__answer_begin(r);
    sock__headers_clear(&r->headers);
    sock__headers_clear(&r->upload.trailers);
    if (r->upload.input.room > LARGE) {
        free(r->upload.input.buf);
        r->upload.input = (struct sock__input){0};
    }
    free(r->user);
    free(r->line);
    free(r->instead);
    free(r->owned_path);
    r->user = r->line = r->instead = r->owned_path = NULL;
    r->path = NULL;
    r->mounted = 0;
    r->closing = r->last = false;
    r->conn = NULL;
}

void sock__request_give(sock_httpd_request_t *r)
{
    sock_httpd_t *server = r->server;

    clear(r);
    if (!give(server, &server->requests, r, REQUESTS_KEPT))
        free_request(r);
}

/* No other thread is there any more. */
void sock__spares_end(sock_httpd_t *server)
{
    struct sock__spare *spare, *next;

    for (spare = server->inputs.first; spare != NULL; spare = next) {
        next = spare->next;
        free(spare);
    }
    for (spare = server->requests.first; spare != NULL; spare = next) {
        next = spare->next;
        free_request((sock_httpd_request_t *)(void *)spare);
    }
}
