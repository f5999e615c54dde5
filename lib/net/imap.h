/* SPDX-License-Identifier: MIT */
/* A client of IMAP: what its parts know of each other. */
#ifndef SOCK__IMAP_H
#define SOCK__IMAP_H

#include <pysockc/imap.h>

#include "imap_token.h"
#include "session.h"
#include "transfer.h"

enum sock__imap_form {
    SOCK__IMAP_UNTAGGED,
    SOCK__IMAP_GO_ON,
    SOCK__IMAP_TAGGED
};

/* What a response that begins with one of these words says of how it went. */
enum sock__imap_verdict {
    SOCK__IMAP_DATA, /* nothing: it is another */
    SOCK__IMAP_OK,
    SOCK__IMAP_NO,
    SOCK__IMAP_WRONG, /* BAD */
    SOCK__IMAP_BYE,
    SOCK__IMAP_PREAUTH
};

/* A response, which lies in the client's `in`. */
struct sock__imap_response {
    enum sock__imap_form form;
    enum sock__imap_verdict verdict;
    struct sock__piece number; /* that stands before the type; may be empty */
    uint32_t value;            /* of it */
    struct sock__piece type, rest;
};

/* Who wants the untagged data of a type for itself. */
struct sock__imap_taker {
    const char *type; /* in capitals; NULL: of each */
    /* 0; -1 with the error recorded, and the session closed. */
    int (*take)(sock_imap_t *m, const char *op,
                const struct sock__imap_response *r, void *arg);
    void *arg;
};

/* What was fetched and not read yet. */
struct sock__imap_fetch {
    bool running; /* the command is not over */
    bool open;    /* within a list of items */
    uint32_t message;
    size_t at;  /* where in the client's `in` */
    bool ended; /* the item that was given was its last */
};

struct sock_imap {
    struct sock_session session;
    int state, before; /* before: of IDLE */
    bool utf8;         /* UTF8=ACCEPT was turned on */
    bool rev2;         /* IMAP4rev2 was */
    bool by_uid;       /* sets are of UIDs */
    bool learnt;       /* the server has said its capabilities */
    bool leaving;      /* it may say BYE */
    bool left;         /* it has said so */
    bool locked;       /* the mailbox can only be read */
    uint32_t exists;
    char prefix[5]; /* of the tags */
    uint32_t tags;
    char tag[16];
    struct sock__output capabilities; /* a blank between two */
    struct sock__output line;         /* the command */
    struct sock__output shown;        /* as it may be seen, without its tag */
    bool secret;                      /* not all of it may */
    struct sock__hoard in;            /* the response, a NUL behind it */
    bool literal;                     /* one follows the last line of it, */
    size_t brace;                     /* is announced there, */
    uint64_t size;                    /* and has so many bytes */
    struct sock__hoard table;         /* what no one has asked for yet */
    size_t asked; /* of it: what has come since the last command */
    const struct sock__imap_taker *taker; /* may be NULL */
    struct sock__imap_fetch fetch;
    struct sock__output scratch; /* an event; parts of a command */
    int64_t renew;           /* when IDLE is to be said anew: monotonic ns */
    struct sock__hoard late; /* what came while that was done: how long a
                                response is, and the response */
    size_t late_at;          /* of it: what was not taken yet */
};

/* imap_table.c: what the server has said, by its type */

/* Keeps something: a piece, or two with a blank between; -1 with the error
 * recorded, and the session closed. */
int sock__imap_keep(sock_imap_t *m, const char *op,
                    const struct sock__piece *type,
                    const struct sock__piece *first,
                    const struct sock__piece *second);
/* Forgets what is of a type, in capitals; NULL: all. */
void sock__imap_forget(sock_imap_t *m, const char *type);
/* A command is said: what the one before it was told by OK, NO and BAD is
 * forgotten, and what else there is may have to make room. */
void sock__imap_ask(sock_imap_t *m);

/* imap_response.c: hearing */

/* Whether names of mailboxes are not encoded. */
bool sock__imap_names_are_utf8(const sock_imap_t *m);
/* The name of a state. */
const char *sock__imap_state_name(int state);
/* Reads the first line of a response, and what it is. -1 with the error
 * recorded, as in all of these. */
int sock__imap_begin(sock_imap_t *m, const char *op,
                     struct sock__imap_response *r);
/* Takes the literal that follows into memory, and the line behind it. */
int sock__imap_more(sock_imap_t *m, const char *op);
/* The line behind a literal alone. */
int sock__imap_line(sock_imap_t *m, const char *op);
/* Reads what is left of it, which may move. */
int sock__imap_rest(sock_imap_t *m, const char *op,
                    struct sock__imap_response *r);
/* Notes what an untagged one says, and keeps it if no one takes it. */
int sock__imap_note(sock_imap_t *m, const char *op,
                    const struct sock__imap_response *r);
/* The same but keeping it; it is for whoever asks. */
int sock__imap_heed(sock_imap_t *m, const char *op,
                    const struct sock__imap_response *r);
/* Puts one off, as a taker. */
int sock__imap_put_off(sock_imap_t *m, const char *op,
                       const struct sock__imap_response *r, void *arg);
/* The first of those that were put off, as if it had come now: 1; 0: there is
 * none. */
int sock__imap_take_late(sock_imap_t *m, const char *op,
                         struct sock__imap_response *r);
/* What a tagged one says: 0 if the command went well. */
int sock__imap_conclude(sock_imap_t *m, const char *op,
                        const struct sock__imap_response *r);
/* Hears up to a response that is not untagged, and notes the others. */
int sock__imap_hear(sock_imap_t *m, const char *op,
                    struct sock__imap_response *r);
/* Hears the server out. */
int sock__imap_finish(sock_imap_t *m, const char *op);
/* Hears that the client is to go on. */
int sock__imap_go_ahead(sock_imap_t *m, const char *op);
/* It is not what was due. */
int sock__imap_broke(sock_imap_t *m, const char *op, const char *words);

/* imap_command.c: saying */

/* Begins a command, if it may be given now: 0; -1 with the error recorded. */
int sock__imap_command(sock_imap_t *m, const char *op, const char *name);
/* The same of one that is about messages, by number or by UID. */
int sock__imap_command_of_messages(sock_imap_t *m, const char *op,
                                   const char *name);
/* Each adds a blank and an argument: 0; -1 with the error recorded. As they
 * are, without a check: */
void sock__imap_add(sock_imap_t *m, const char *text);
/* As they are, but that they must be one line, and announce no literal: */
int sock__imap_add_raw(sock_imap_t *m, const char *op, const char *text);
/* The same, in parentheses if they do not stand there. */
int sock__imap_add_list(sock_imap_t *m, const char *op, const char *text);
int sock__imap_add_set(sock_imap_t *m, const char *op, const char *set);
/* A text, as an atom, quoted, or as a literal. */
int sock__imap_add_text(sock_imap_t *m, const char *op, const char *text);
/* One that is not shown, and no atom. */
int sock__imap_add_secret(sock_imap_t *m, const char *op, const char *text);
/* A name of a mailbox; a pattern of such. */
int sock__imap_add_box(sock_imap_t *m, const char *op, const char *name);
int sock__imap_add_pattern(sock_imap_t *m, const char *op, const char *name);
/* Announces a message of that size, which the caller sends as a literal; behind
 * one in UTF-8 a parenthesis ends (RFC 6855 4). */
void sock__imap_announce(sock_imap_t *m, uint64_t size, bool utf8);

/* Whether the command can be said: 0; -1 with the error recorded. Whatever says
 * one asks that, too. */
int sock__imap_fits(sock_imap_t *m, const char *op);
/* Has what is said of failures name the command, without its tag. */
void sock__imap_doing(sock_imap_t *m);
/* Says the command, and sends it, as far as the server lets it: */
int sock__imap_send(sock_imap_t *m, const char *op);
/* up to the literal that was announced at last, and the bytes of it may follow;
 * what need not wait is not sent yet. */
int sock__imap_send_head(sock_imap_t *m, const char *op);
/* Sends it and hears the server out. */
int sock__imap_run(sock_imap_t *m, const char *op);
/* The same, with one who wants what is of a type. */
int sock__imap_run_for(sock_imap_t *m, const char *op,
                       const struct sock__imap_taker *taker);

/* imap_fetch.c */

/* Passes over what was fetched and not read. */
int sock__imap_drain(sock_imap_t *m, const char *op);

#endif
