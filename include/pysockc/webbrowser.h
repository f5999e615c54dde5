/* SPDX-License-Identifier: MIT */
/**
 * @file webbrowser.h
 * @brief Showing a URL in the user's browser.
 */
#ifndef PYSOCKC_WEBBROWSER_H
#define PYSOCKC_WEBBROWSER_H

#include <pysockc/export.h>

/**
 * @defgroup webbrowser Browsers
 * @brief Showing a URL in the user's browser.
 *
 * These are asked, in this order, until one shows it:
 *
 * - Those of the variable BROWSER, commands between colons. Each is split into
 *    words as a shell does it, with quotes and backslashes, and no more than
 *    that: no shell runs. In the words `%s` is the URL; without one, the URL is
 *    the last word. A last word `&` says that it is not waited for.
 * - With DISPLAY or WAYLAND_DISPLAY: `xdg-open`, `gio open`, the desktop's
 * own, `x-www-browser`, and what is there of firefox, konqueror, epiphany,
 *    chromium, opera, microsoft-edge and their relatives.
 * - With TERM: `www-browser`, links, elinks, lynx, w3m, in this terminal.
 *
 * A command is looked for in the absolute folders of PATH. It gets this
 * program's environment, the caller's mask of signals, SIGPIPE as it is by
 * default, no descriptor but the standard ones, and, unless it needs the
 * terminal, /dev/null in their place and a session of its own. A thread of the
 * library waits for its end, however long that takes: no zombie stays, and
 * SIGCHLD is not touched.
 *
 * The URL is one of http, https, file or mailto: no path, no option, and no
 * other scheme, behind which the desktop may have any program.
 *
 * @snippet webbrowser.c open
 * @{
 */

/** Where sock_webbrowser_open() shows a URL, if the browser can.
 * @since 0.3.0 */
enum sock_webbrowser_where {
    SOCK_WEBBROWSER_SAME = 0,   /**< In the window that is there. */
    SOCK_WEBBROWSER_WINDOW = 1, /**< In a new window. */
    SOCK_WEBBROWSER_TAB = 2     /**< In a new tab. */
};

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Show a URL in the user's browser.
 *
 * Corresponds to Python's `webbrowser.open(url, new=0, autoraise=True)`. A
 * browser in the terminal, or a command of BROWSER without `&`, is waited for,
 * and has shown it if it ends with 0. Of another one half a second is waited
 * for, and five of one that may hand the URL on to a browser that runs: it has
 * failed if it ends in that time with another status; then the next one is
 * asked.
 *
 * @param[in] url        URL: http, https, file or mailto.
 * @param[in] where      One of #sock_webbrowser_where; Python's `new`.
 * @param[in] autoraise  Whether the window comes to the front, if the browser
 *                       can be told.
 * @return 0; -1 on error. Python returns True or False.
 * @par Errors
 * #SOCK_E_VALUE (the URL has a blank, a control character or another scheme; or
 * @p where), #SOCK_E_OS (ENOENT: no browser was found, or all have failed; or
 * what the system says of a thread), #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * Python hands on any text, options among it. There a word of BROWSER without
 * `%s` is the name of a program, blanks and all; a browser that has done its
 * work before it is looked at counts as failed; and the empty folder of PATH is
 * the current one.
 * @see sock_webbrowser_open_new(), sock_webbrowser_open_new_tab().
 * @par Example
 * @snippet webbrowser.c open
 * @since 0.3.0
 */
SOCK_API int sock_webbrowser_open(const char *url, int where, int autoraise);

/**
 * @brief Show a URL in a new window of the user's browser.
 *
 * Corresponds to Python's `webbrowser.open_new()`: sock_webbrowser_open() with
 * #SOCK_WEBBROWSER_WINDOW.
 *
 * @param[in] url  URL.
 * @return As sock_webbrowser_open().
 * @see sock_webbrowser_open(), sock_webbrowser_open_new_tab().
 * @par Example
 * @snippet webbrowser.c open_new
 * @since 0.3.0
 */
SOCK_API int sock_webbrowser_open_new(const char *url);

/**
 * @brief Show a URL in a new tab of the user's browser.
 *
 * Corresponds to Python's `webbrowser.open_new_tab()`: sock_webbrowser_open()
 * with #SOCK_WEBBROWSER_TAB.
 *
 * @param[in] url  URL.
 * @return As sock_webbrowser_open().
 * @see sock_webbrowser_open(), sock_webbrowser_open_new().
 * @par Example
 * @snippet webbrowser.c open_new
 * @since 0.3.0
 */
SOCK_API int sock_webbrowser_open_new_tab(const char *url);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
