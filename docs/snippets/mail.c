/* SPDX-License-Identifier: MIT */
#include <pysockc/error.h>
#include <pysockc/mail.h>

#include <stdio.h>

int main(void)
{
    //! [message]
    char date[SOCK_MESSAGE_DATE_MAX], id[128];

    sock_message_date(date, sizeof date, 784111777); /* or time(NULL) */
    printf("Date: %s\n", date);
    /* -> Date: Sun, 06 Nov 1994 08:49:37 -0000 */
    if (sock_message_id(id, sizeof id, "example.org") < 0)
        sock_perror(NULL);
    printf("Message-ID: %s\n", id);
    /* -> Message-ID: <...@example.org> */
    //! [message]
    return 0;
}
