/* SPDX-License-Identifier: MIT */
/* Lists the mails of a mailbox: number, octets, subject. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <pysockc/pop3.h>
#include <pysockc/ssl.h>

#include "example.h"

enum { TLS_PORT = 995 };

static const char *subject_in(const sock_lines_t *head)
{
    for (size_t i = 0; i < head->count; i++)
        if (strncasecmp(head->lines[i].text, "Subject: ", 9) == 0)
            return head->lines[i].text + 9;
    return "";
}

static int show(sock_pop3_t *p, const sock_pop3_entry_t *mail)
{
    sock_lines_t *head = sock_pop3_top(p, mail->number, 0);

    if (!head)
        return failed();
    printf("%" PRIu64 ": %" PRIu64 " bytes, %s\n", mail->number, mail->octets,
           subject_in(head));
    sock_lines_free(head);
    return EXIT_SUCCESS;
}

static sock_pop3_t *connect_to(const char *host, int port)
{
    const sock_session_opts_t opts = {.size = sizeof opts,
                                      .timeout = MESSAGE_SECONDS};

    sock_ssl_init(); /* so that NULL is its default context */
    return port == TLS_PORT ? sock_pop3_ssl_new(host, port, NULL, &opts)
                            : sock_pop3_new(host, port, &opts);
}

static int list(sock_pop3_t *p, const char *user, const char *password)
{
    int status = EXIT_SUCCESS;

    if (!p || sock_pop3_user(p, user) == -1 ||
        sock_pop3_pass(p, password) == -1)
        return failed();
    sock_pop3_entries_t *mails = sock_pop3_list(p, 0);
    if (!mails)
        return failed();
    for (size_t i = 0; i < mails->count && status == EXIT_SUCCESS; i++)
        status = show(p, &mails->entries[i]);
    sock_pop3_entries_free(mails);
    if (status == EXIT_SUCCESS && sock_pop3_quit(p) == -1)
        return failed();
    return status;
}

int main(int argc, char **argv)
{
    int n = begin(argc, argv, " USER [HOST [PORT]]", 3,
                  "Lists the mails of a mailbox: number, octets, subject.\n\n"
                  "HOST is 'localhost' and PORT 995, which is TLS, unless "
                  "given. Any other port is\ntaken for one without it. The "
                  "password is asked for.");
    if (n < 1)
        bad_arguments("there is no user", "");
    const char *host = n > 1 ? argv[2] : "localhost";
    int port = n > 2 ? number(argv[3], 1, 65535) : TLS_PORT;
    char *password = NULL;
    size_t size = 0;
    int status;

    if (ask_password(&password, &size) == -1) {
        status = complain("no password");
    } else {
        sock_pop3_t *p = connect_to(host, port);
        status = list(p, argv[1], password);
        sock_pop3_free(p);
    }
    free(password);
    return status;
}
