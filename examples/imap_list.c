/* SPDX-License-Identifier: MIT */
/* Lists the mailboxes of an account, and the newest mails of its INBOX. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <pysockc/imap.h>
#include <pysockc/ssl.h>

#include "example.h"

enum { TLS_PORT = 993, NEWEST = 10 };

static sock_imap_t *connect_to(const char *host, int port)
{
    const sock_session_opts_t opts = {.size = sizeof opts,
                                      .timeout = MESSAGE_SECONDS};

    sock_ssl_init(); /* so that NULL is its default context */
    return port == TLS_PORT ? sock_imap_ssl_new(host, port, NULL, &opts)
                            : sock_imap_new(host, port, &opts);
}

/* A server of TLS waits for the client to speak first, and so do we. */
static int no_server(int port)
{
    int status = failed();

    if (port != TLS_PORT && sock_last_error()->kind == SOCK_E_TIMEOUT)
        complain("is %d a port of TLS? only %d is taken for one", port,
                 TLS_PORT);
    return status;
}

/* A mailbox may be but a part of the names of others. */
static int show_box(sock_imap_t *m, const sock_imap_box_t *box)
{
    sock_imap_status_t status;

    if (strstr(box->flags, "\\Noselect") != NULL) {
        printf("%s\n", box->name);
        return 0;
    }
    if (sock_imap_status(m, box->name, "MESSAGES", &status) == -1)
        return -1;
    printf("%s: %" PRIu64 "\n", box->name, status.messages);
    return 0;
}

static int show_boxes(sock_imap_t *m)
{
    sock_imap_list_t *list = sock_imap_list(m, "", "*");
    int result = list != NULL ? 0 : -1;

    for (size_t i = 0; result == 0 && i < list->count; i++)
        result = show_box(m, &list->boxes[i]);
    sock_imap_list_free(list);
    return result;
}

/* The field as it stands in the head, on one line. */
static void show_subject(const sock_imap_item_t *item)
{
    const char *text = item->value;

    if (strncasecmp(text, "Subject: ", 9) == 0)
        text += 9;
    printf("%" PRIu32 ": %.*s\n", item->message, (int)strcspn(text, "\r\n"),
           text);
}

static int show_newest(sock_imap_t *m)
{
    char set[32];
    uint32_t exists;
    sock_imap_item_t item;
    int more;

    if (sock_imap_select(m, "INBOX", 1, &exists) == -1)
        return -1;
    if (exists == 0)
        return 0;
    snprintf(set, sizeof set, "%" PRIu32 ":%" PRIu32,
             exists > NEWEST ? exists - NEWEST + 1 : 1, exists);
    if (sock_imap_fetch(m, set, "BODY.PEEK[HEADER.FIELDS (SUBJECT)]") == -1)
        return -1;
    while ((more = sock_imap_next(m, &item)) == 1)
        if (strncmp(item.name, "BODY[", 5) == 0)
            show_subject(&item);
    return more;
}

int main(int argc, char **argv)
{
    int n = begin(argc, argv, " USER [HOST [PORT]]", 3,
                  "Lists the mailboxes of an account, and the newest mails of "
                  "its INBOX.\n\n"
                  "HOST is 'localhost' and PORT 993, which is TLS, unless "
                  "given. Any other port is\ntaken for one without it. The "
                  "password is asked for.");
    if (n < 1)
        bad_arguments("there is no user", "");
    const char *host = n > 1 ? argv[2] : "localhost";
    int port = n > 2 ? number(argv[3], 1, 65535) : TLS_PORT;
    char *password = NULL;
    size_t size = 0;
    int status = EXIT_SUCCESS;

    if (ask_password(&password, &size) == -1) {
        status = complain("no password");
    } else {
        sock_imap_t *m = connect_to(host, port);
        if (m == NULL)
            status = no_server(port);
        else if (sock_imap_login(m, argv[1], password) == -1 ||
                 show_boxes(m) == -1 || show_newest(m) == -1 ||
                 sock_imap_logout(m) == -1)
            status = failed();
        sock_imap_free(m);
    }
    free(password);
    return status;
}
