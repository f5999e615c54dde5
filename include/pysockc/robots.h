/* SPDX-License-Identifier: MIT */
/**
 * @file robots.h
 * @brief What a site asks of robots: robots.txt.
 */
#ifndef PYSOCKC_ROBOTS_H
#define PYSOCKC_ROBOTS_H

#include <stddef.h>

#include <pysockc/export.h>
#include <pysockc/timeout.h>

/**
 * @defgroup robots Rules for robots
 * @brief What a site asks of robots: robots.txt.
 *
 * @snippet robots.c parse
 *
 * The rules are those of RFC 9309:
 *
 * | what           | how                                                     |
 * |----------------|---------------------------------------------------------|
 * | whom           | the groups of the robot's token, in any case of letters |
 * | no such group  | those of `*`; where there are none, all is allowed      |
 * | several groups | are one                                                 |
 * | which rule     | the longest that matches; `Allow` of two as long        |
 * | `*`, `$`       | any characters; the end                                 |
 * | `%7E`, `~`     | the same: both sides are brought into one form          |
 * | /robots.txt    | allowed                                                 |
 * | size           | 500 KiB are read                                        |
 *
 * An object is not changed once it is made: any thread may ask it.
 * @{
 */

/** The rules of a site. Opaque. */
typedef struct sock_robots sock_robots_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Read the text of a robots.txt.
 *
 * Corresponds to Python's `RobotFileParser.parse(lines)`. What is no rule is
 * passed over.
 *
 * @param[in] text  Text, in UTF-8; may have a byte order mark. NULL if len is
 *                  0.
 * @param[in] len   Its bytes; those beyond 500 KiB are not read.
 * @return A new object, to be ended by sock_robots_free(); NULL on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_robots_can_fetch(), sock_robots_read().
 * @par Example
 * @snippet robots.c parse
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_robots_t *sock_robots_parse(const char *text,
                                                         size_t len);

/**
 * @brief Ask a site for its robots.txt.
 *
 * Corresponds to Python's `RobotFileParser(url)` and `read()`. An answer of 4xx
 * says that there is none, and all is allowed; one of 5xx, and none at all,
 * that the site is not well, and nothing is allowed for now: ask again later.
 * Five redirects are followed, to other sites, too; behind more of them there
 * is no file. It is asked for by the opener of sock_install_opener(), where
 * there is one, with its passwords, proxies and redirects.
 *
 * @param[in] url      URL of the file, `http://host/robots.txt`.
 * @param[in] timeout  Seconds for all of it; #SOCK_NO_TIMEOUT for no limit.
 * @return A new object, to be ended by sock_robots_free(); NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (no URL of http or https, the timeout), #SOCK_E_TYPE,
 * #SOCK_E_OVERFLOW, #SOCK_E_MEMORY, #SOCK_E_UNSUPPORTED (https without
 * libpysockc-ssl), #SOCK_E_CANCELLED. A site that can't be reached is none.
 * @par Deviation
 * RFC 9309: 401 and 403 allow all, as other 4xx do; a site that can't be
 * reached allows nothing, where Python raises.
 * @see sock_robots_can_fetch(), sock_robots_status(), sock_robots_parse().
 * @par Example
 * @snippet robots.c read
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_robots_t *sock_robots_read(const char *url,
                                                        double timeout);

/**
 * @brief End the rules of a site.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] r  Rules; NULL does nothing.
 * @see sock_robots_parse(), sock_robots_read().
 * @par Example
 * @snippet robots.c parse
 * @since 0.3.0
 */
SOCK_API void sock_robots_free(sock_robots_t *r);

/**
 * @brief Whether a robot may fetch a URL.
 *
 * Corresponds to Python's `RobotFileParser.can_fetch(useragent, url)`. Only the
 * path and the query of the URL matter: that it is one of this site is up to
 * the caller.
 *
 * @param[in] r      Rules.
 * @param[in] agent  Name of the robot, `"ExampleBot"` or `"ExampleBot/1.0"`:
 * the letters, digits, `-` and `_` that it begins with.
 * @param[in] url    URL, or its path alone.
 * @return 1; 0: not. 0 on error, so that what went wrong before, and gave NULL,
 *         allows nothing.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_robots_crawl_delay(), sock_robots_request_rate().
 * @par Example
 * @snippet robots.c parse
 * @since 0.3.0
 */
SOCK_API int sock_robots_can_fetch(const sock_robots_t *r, const char *agent,
                                   const char *url);

/**
 * @brief How long a robot is to wait between two requests.
 *
 * Corresponds to Python's `RobotFileParser.crawl_delay(useragent)`.
 *
 * @param[in]  r        Rules.
 * @param[in]  agent    Name of the robot.
 * @param[out] seconds  Seconds; 0 where nothing is said.
 * @return 1; 0: nothing is said. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @par Deviation
 * Fractions are read, too: `0.5`.
 * @see sock_robots_request_rate(), sock_robots_can_fetch().
 * @par Example
 * @snippet robots.c delay
 * @since 0.3.0
 */
SOCK_API int sock_robots_crawl_delay(const sock_robots_t *r, const char *agent,
                                     double *seconds);

/**
 * @brief How many requests a robot may make in which time.
 *
 * Corresponds to Python's `RobotFileParser.request_rate(useragent)`, of
 * `Request-rate: 3/15`.
 *
 * @param[in]  r         Rules.
 * @param[in]  agent     Name of the robot.
 * @param[out] requests  Requests; 0 where nothing is said.
 * @param[out] seconds   In so many seconds; 0 where nothing is said.
 * @return 1; 0: nothing is said. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_robots_crawl_delay(), sock_robots_can_fetch().
 * @par Example
 * @snippet robots.c delay
 * @since 0.3.0
 */
SOCK_API int sock_robots_request_rate(const sock_robots_t *r, const char *agent,
                                      int *requests, int *seconds);

/**
 * @brief The URL of a site map.
 *
 * Corresponds to Python's `RobotFileParser.site_maps()`, which has all.
 *
 * @param[in] r  Rules.
 * @param[in] i  Which, from 0 on.
 * @return The URL, as it stands there, until sock_robots_free(); NULL: there
 * are no more, and the error record is left alone. NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_robots_parse().
 * @par Example
 * @snippet robots.c sitemap
 * @since 0.3.0
 */
SOCK_API const char *sock_robots_sitemap(const sock_robots_t *r, size_t i);

/**
 * @brief What the site answered.
 *
 * Not in Python, which has `allow_all` and `disallow_all`.
 *
 * @param[in] r  Rules.
 * @return The status of the answer to sock_robots_read(), such as 200 or 404; 0
 *         if there was none, and of sock_robots_parse(). -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_robots_read().
 * @par Example
 * @snippet robots.c read
 * @since 0.3.0
 */
SOCK_API int sock_robots_status(const sock_robots_t *r);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
