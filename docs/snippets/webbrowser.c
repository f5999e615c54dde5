/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>
#include <pysockc/webbrowser.h>

#include <stdio.h>
#include <stdlib.h>

static void show(void)
{
    //! [open]
    /* The user's own choice; here it is a program that prints the URL. */
    setenv("BROWSER", "echo --new-page '%s'", 1);
    if (sock_webbrowser_open("https://example.org/", 0, 1) == -1)
        sock_perror("browser");
    /* -> --new-page https://example.org/ */

    /* No option of the browser's, no path, no other scheme. */
    if (sock_webbrowser_open("--remote-debugging-port=1", 0, 1) == -1)
        sock_perror("not shown");
    /* -> not shown: webbrowser.open: URL must be http, https, ... */
    //! [open]
}

static void show_elsewhere(void)
{
    //! [open_new]
    /* The window or the tab is up to the browser. */
    sock_webbrowser_open_new("https://example.org/a");
    /* -> --new-page https://example.org/a */
    sock_webbrowser_open_new_tab("mailto:ali@example.org");
    /* -> --new-page mailto:ali@example.org */
    //! [open_new]
}

int main(void)
{
    setbuf(stdout, NULL);
    show();
    show_elsewhere();
    return 0;
}
