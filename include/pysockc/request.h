/* SPDX-License-Identifier: MIT */
/**
 * @file request.h
 * @brief Opening URLs: redirects, passwords, proxies, cookies.
 */
#ifndef PYSOCKC_REQUEST_H
#define PYSOCKC_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pysockc/address.h>
#include <pysockc/cookie.h>
#include <pysockc/export.h>
#include <pysockc/http.h>
#include <pysockc/tls.h>

/**
 * @defgroup request Opening URLs
 * @brief Python's `urllib.request`: from a URL to what it names.
 *
 * @snippet request.c urlopen
 *
 * sock_urlopen() is for one URL. Who opens many makes an opener, which keeps
 * connections, and which can be told passwords, proxies, a cookie jar, how far
 * to follow redirects, and whom not to connect to. Who asks for more than a URL
 * can say, a method or fields, makes a request. What comes back is a response
 * of HTTP in all cases, for sock_http_read() and its like.
 *
 * **URLs** are `http:`, `https:`, `ftp:`, `data:` and `file:`; the last for
 * files of this host alone. A URL is taken apart once, and what was checked is
 * what is connected to and asked for.
 * What one reader may take for another host than a second reader does is
 * refused: control characters, a backslash, an `@` in a user's name or password
 * that is not quoted, a number such as `0x7f.1` for a host, and port 0. Bytes
 * beyond ASCII are quoted, but for hosts, which have none.
 *
 * **Statuses.** Of a response whose status is none of 200 to 299, and which is
 * no redirect that is followed, the call fails: #SOCK_E_REPLY, the code is the
 * status, the text `urlopen http://h/x: HTTP Error 404: Not Found`. Who wants
 * to read such a response, too, makes an opener with #SOCK_OPENER_ANY_STATUS.
 * Other failures keep their kind, and say about which URL they were, without
 * user and password.
 *
 * **Redirects** are followed up to 10 times, to http and https, and never from
 * https to http:
 *
 * | status    | GET, HEAD  | POST            | others            |
 * |-----------|------------|-----------------|-------------------|
 * | 301, 302  | the same   | GET, no body    | not followed      |
 * | 303       | the same   | GET, no body    | GET, no body      |
 * | 307, 308  | the same   | the same, again | the same, again   |
 *
 * A body that can be read only once is not sent again; the redirect then is a
 * response like any other. To another origin (scheme, host, port) go only
 * Accept and what begins so, User-Agent, Range, If-... and, with a body, what
 * says what it is: no Authorization, no Cookie, no field of one's own. A user
 * in a Location is passed over. A redirect that is refused is a
 * #SOCK_E_PROTOCOL with #SOCK_P_REDIRECT.
 *
 * **Passwords** are those of sock_opener_add_password(), and that of the URL
 * itself, `http://user:password@host/`, which is for its origin alone. They are
 * used when the server asks for one. Those of an opener go along at once from
 * then on, where none lies nearer to the URL. Of what a server offers the
 * strongest is taken: Digest by SHA-256, Digest by MD5, Basic.
 *
 * **Proxies** are those of the environment, `http_proxy` and `https_proxy`, but
 * for hosts in `no_proxy`, or those of sock_opener_set_proxy(). They are spoken
 * to without TLS; https goes through them by CONNECT.
 *
 * **FTP.** `ftp://user:password@host/dir/name` logs in, as `anonymous` where no
 * user is named, goes from one directory to the next, and fetches the file; or,
 * where that is none, and where the URL ends in a slash or in `;type=d`, the
 * list of the directory, as `LIST` has it. `;type=a` fetches text. The response
 * has status 200, and Content-length where the server says a size. The
 * directories are those below the one of the login; `//` leads to the root. The
 * password goes over without TLS, as who writes it there wants it. No proxy is
 * asked, whatever `ftp_proxy` says, and a filter is asked about both
 * connections. Who wants more has @ref ftp.
 *
 * **Time.** The timeout of an opening call is for all that it does together,
 * however the peer doles out its bytes: look-up, connecting, TLS, each
 * redirect, each password, up to the end of the last head. From then on it is
 * that of each read; sock_http_read_deadline() sets an end for all of them.
 *
 * A request and a response are for one thread at a time, an opener is for many.
 * @{
 */

/** What is to be asked for. Opaque. */
typedef struct sock_urlrequest sock_urlrequest_t;
/** Who opens URLs. Opaque. */
typedef struct sock_opener sock_opener_t;

/** What an opener does otherwise, to be or-ed. */
enum sock_opener_flag {
    SOCK_OPENER_ALLOW_DOWNGRADE = 1, /**< Follow redirects from https to http,
                                          too. */
    SOCK_OPENER_KEEP_HEADERS = 2,    /**< Send the request's fields to another
                                          origin, too; but for Authorization,
                                          Cookie and Host. */
    SOCK_OPENER_HTTPS_ONLY = 4,      /**< Open nothing but https, and follow to
                                          nothing else. */
    SOCK_OPENER_ANY_STATUS = 8       /**< Return a response whatever its
                                          status. */
};

/**
 * What sock_opener_filter() asks before each connection is begun.
 *
 * @param[in] address  Whom it would lead to: an address that the look-up gave.
 * @param[in] arg      What sock_opener_filter() was given.
 * @return 1: it may be connected to; 0: it may not.
 */
typedef int (*sock_opener_filter_fn)(const sock_addr_t *address, void *arg);

/**
 * What sock_urlretrieve() tells how far it is.
 *
 * @param[in] done   Bytes so far; 0 at first.
 * @param[in] total  Bytes of all; -1: the server has not said.
 * @param[in] arg    What sock_urlretrieve() was given.
 * @return 0 to go on; anything else ends it.
 */
typedef int (*sock_reporthook_fn)(int64_t done, int64_t total, void *arg);

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Open a URL.
 *
 * Corresponds to Python's `urllib.request.urlopen(url, data, timeout)`, and
 * urllib2.urlopen() of Python 2. It is a GET; with data a POST, of the type
 * `application/x-www-form-urlencoded`. Its connection ends with the response,
 * unless sock_install_opener() has named an opener.
 *
 * @param[in] url      URL.
 * @param[in] data     What to send, as sock_urlencode() makes it; NULL:
 * nothing.
 * @param[in] len      Bytes of @p data, 0 to SSIZE_MAX.
 * @param[in] timeout  Seconds for all until it returns, and then for each read;
 *                     #SOCK_NO_TIMEOUT, #SOCK_DEFAULT_TIMEOUT. Not 0.
 * @return A new response, to be ended by sock_http_response_free(); NULL on
 *         error.
 * @par Errors
 * #SOCK_E_REPLY (the code is the status), #SOCK_E_GAI, #SOCK_E_OS,
 * #SOCK_E_TIMEOUT, #SOCK_E_EOF (the peer has gone), #SOCK_E_PROTOCOL (it speaks
 * no HTTP; #SOCK_P_REDIRECT), #SOCK_E_TLS, #SOCK_E_UNSUPPORTED (a proxy over
 * TLS, no sock_ssl_init()), #SOCK_E_VALUE (URL, timeout, data for a local
 * URL), #SOCK_E_OVERFLOW (timeout), #SOCK_E_TYPE (NULL), #SOCK_E_CANCELLED,
 * #SOCK_E_MEMORY.
 * @par Deviation
 * The timeout is for all together, not for each call. Redirects, users in URLs
 * and Digest are as above. A redirect that is refused is no HTTPError. Of
 * `file:` a query is no part of the name.
 * @see sock_opener_open(), sock_urlretrieve(), sock_http_geturl(),
 *      sock_urlencode().
 * @par Example
 * @snippet request.c urlopen
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_http_response_t *sock_urlopen(const char *url,
                                                           const void *data,
                                                           size_t len,
                                                           double timeout);

/**
 * @brief Copy what a URL names into a file.
 *
 * Corresponds to Python's `urllib.request.urlretrieve(url, filename,
 * reporthook)`. It is written to @p path with `.part` behind it, which gets the
 * name @p path once all of it has come, and is taken away if not: whoever finds
 * the file finds the whole of it. A link that lies in the place of either is
 * not followed but replaced.
 *
 * @param[in] url      URL.
 * @param[in] path     Name of the file; what has that name is replaced.
 * @param[in] hook     Told at first and after each block; NULL: no one is.
 * @param[in] arg      For @p hook.
 * @param[in] timeout  As for sock_urlopen(): until it is open, then each read.
 * @return 0; -1 on error.
 * @par Errors
 * Those of sock_urlopen(); #SOCK_E_EOF (less came than was announced, Python's
 * ContentTooShortError), #SOCK_E_CANCELLED (by the hook), #SOCK_E_OS (of the
 * file; EEXIST: another has begun the same meanwhile).
 * @par Deviation
 * There is no file of an invented name, no cache of such files, and the hook
 * gets bytes, not blocks.
 * @see sock_urlopen().
 * @par Example
 * @snippet request.c urlretrieve
 * @since 0.3.0
 */
SOCK_API int sock_urlretrieve(const char *url, const char *path,
                              sock_reporthook_fn hook, void *arg,
                              double timeout);

/**
 * @brief The URL that a response is from.
 *
 * Corresponds to Python's `response.geturl()`, `response.url`. It is that of
 * the last redirect, with the fragment that was asked for, without user and
 * password.
 *
 * @param[in] r  Response.
 * @return The URL, part of the response; `""` of one that was not opened by a
 *         URL, NULL for NULL.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_urlopen(), sock_http_headers(), sock_http_status().
 * @par Example
 * @snippet request.c urlopen
 * @since 0.3.0
 */
SOCK_API const char *sock_http_geturl(const sock_http_response_t *r);

/**
 * @brief Make a request for a URL.
 *
 * Corresponds to Python's `urllib.request.Request(url)`. It can be opened more
 * than once, and changed in between. The type has this name as that of a
 * server's request, #sock_request_t, is taken.
 *
 * @param[in] url  URL, which is checked.
 * @return A new object, to be ended by sock_urlrequest_free(); NULL on error.
 * @par Errors
 * #SOCK_E_VALUE, #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * All of the URL is checked here.
 * @see sock_opener_open(), sock_urlrequest_free(), sock_urlrequest_data(),
 *      sock_urlrequest_method(), sock_urlrequest_add_header().
 * @par Example
 * @snippet request.c request
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_urlrequest_t *sock_urlrequest_new(const char *url);

/**
 * @brief End a request.
 *
 * Not in Python. Responses to it stay. Leaves errno and the error record as
 * they were.
 *
 * @param[in] q  Request; NULL does nothing.
 * @see sock_urlrequest_new().
 * @par Example
 * See sock_urlrequest_new().
 * @since 0.3.0
 */
SOCK_API void sock_urlrequest_free(sock_urlrequest_t *q);

/**
 * @brief Give a request a body of bytes.
 *
 * Corresponds to Python's `Request.data`. Unless sock_urlrequest_method() says
 * otherwise it is a POST then. Its type is `application/x-www-form-urlencoded`
 * unless sock_urlrequest_add_header() names another.
 *
 * @param[in,out] q     Request.
 * @param[in]     data  Bytes, which are copied; NULL: it has no body.
 * @param[in]     len   Their number; 0 is a body, too.
 * @return 0; -1 on error, and the request is as it was.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (len), #SOCK_E_MEMORY.
 * @see sock_urlrequest_file(), sock_urlrequest_new().
 * @par Example
 * @snippet request.c request
 * @since 0.3.0
 */
SOCK_API int sock_urlrequest_data(sock_urlrequest_t *q, const void *data,
                                  size_t len);

/**
 * @brief Give a request a body that is read from a stream.
 *
 * Corresponds to Python's `Request.data` with a file object or an iterable. The
 * stream stays the caller's, and must be open while the request is. It is read
 * from where it stands, and, where it can seek, from there again if the request
 * has to be repeated. Who opens the request a second time rewinds it before.
 *
 * @param[in,out] q       Request.
 * @param[in]     body    Stream.
 * @param[in]     length  Bytes of it; -1: to its end. That of a regular file is
 *                        known, of another stream it is not, and the body goes
 *                        in chunks.
 * @return 0; -1 on error, and the request is as it was.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (length).
 * @see sock_urlrequest_data(), sock_http_request_file().
 * @par Example
 * @snippet request.c file
 * @since 0.3.0
 */
SOCK_API int sock_urlrequest_file(sock_urlrequest_t *q, FILE *body,
                                  int64_t length);

/**
 * @brief Set the method of a request.
 *
 * Corresponds to Python's `Request(url, method=method)`.
 *
 * @param[in,out] q       Request.
 * @param[in]     method  Method, such as `"PUT"`; case matters.
 * @return 0; -1 on error, and the request is as it was.
 * @par Errors
 * #SOCK_E_VALUE (no token; CONNECT), #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_urlrequest_data(), sock_urlrequest_new().
 * @par Example
 * @snippet request.c request
 * @since 0.3.0
 */
SOCK_API int sock_urlrequest_method(sock_urlrequest_t *q, const char *method);

/**
 * @brief Set a field of a request.
 *
 * Corresponds to Python's `Request.add_header(name, value)`. It takes the place
 * of one of that name, of those that would be made otherwise, too: User-Agent,
 * Content-Type, Host, Cookie. Proxy-Authorization goes to the proxy alone.
 *
 * @param[in,out] q      Request.
 * @param[in]     name   Name.
 * @param[in]     value  Value, without anything that ends a line.
 * @return 0; -1 on error, and the request is as it was.
 * @par Errors
 * #SOCK_E_VALUE, #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * A value cannot be folded. What a redirect leads to may not get it, see above;
 * Python's `add_unredirected_header()` so has no need.
 * @see sock_urlrequest_new(), sock_opener_set_redirects().
 * @par Example
 * @snippet request.c request
 * @since 0.3.0
 */
SOCK_API int sock_urlrequest_add_header(sock_urlrequest_t *q, const char *name,
                                        const char *value);

/**
 * @brief Make an opener.
 *
 * Corresponds to Python's `urllib.request.build_opener()`. It keeps up to 8
 * connections that no one uses, each for 60 seconds.
 *
 * @return A new object, to be ended by sock_opener_free(); NULL on error.
 * @par Errors
 * #SOCK_E_MEMORY.
 * @par Deviation
 * In place of handlers it has functions that set what they would. It keeps
 * connections. After fork(2) the child's copy makes connections of its own.
 * @see sock_opener_open(), sock_opener_free(), sock_install_opener().
 * @par Example
 * @snippet request.c opener
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_opener_t *sock_opener_new(void);

/**
 * @brief End an opener.
 *
 * Not in Python. The connections that it keeps are closed. Responses that it
 * has given may still be read. No other thread may be in a call with it, and it
 * may not be the one that is installed. Leaves errno and the error record as
 * they were.
 *
 * @param[in] o  Opener; NULL does nothing.
 * @see sock_opener_new(), sock_install_opener().
 * @par Example
 * @snippet request.c opener
 * @since 0.3.0
 */
SOCK_API void sock_opener_free(sock_opener_t *o);

/**
 * @brief Give an opener a password.
 *
 * Corresponds to Python's `HTTPPasswordMgr.add_password(realm, uri, user,
 * passwd)`, for servers and proxies. It is for the origin of @p uri, and what
 * lies under its path, `/a` for `/a/b` but not for `/ab`, and never goes to
 * another. Where several are for a URL, that whose path is the longest is
 * taken; of equal ones the newest.
 *
 * @param[in] o         Opener.
 * @param[in] realm     What the server calls its realm; NULL: any.
 * @param[in] uri       URL; or `host` or `host:port`, for http and https and,
 *                      with the proxy's, for a proxy.
 * @param[in] user      User.
 * @param[in] password  Password.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (uri), #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * Scheme and port must be the same. Once asked for, it goes along at once, as
 * with `HTTPPasswordMgrWithPriorAuth`.
 * @see sock_opener_open(), sock_opener_set_proxy().
 * @par Example
 * @snippet request.c password
 * @since 0.3.0
 */
SOCK_API int sock_opener_add_password(sock_opener_t *o, const char *realm,
                                      const char *uri, const char *user,
                                      const char *password);

/**
 * @brief Give an opener a cookie jar.
 *
 * Corresponds to Python's `HTTPCookieProcessor(cookiejar)`. Each response, of
 * redirects too, may set cookies in it; each request has those that are for its
 * URL, unless it has a Cookie of its own.
 *
 * @param[in] o    Opener.
 * @param[in] jar  Jar, which stays the caller's and must outlive the opener;
 *                 NULL: none.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_cookiejar_new(), sock_opener_open().
 * @par Example
 * @snippet request.c cookies
 * @since 0.3.0
 */
SOCK_API int sock_opener_set_cookiejar(sock_opener_t *o, sock_cookiejar_t *jar);

/**
 * @brief Choose the proxy of an opener.
 *
 * Corresponds to Python's `ProxyHandler({scheme: url})`. It takes the place of
 * the environment's. Hosts of `no_proxy` are not asked for through it, as in
 * Python.
 *
 * @param[in] o       Opener.
 * @param[in] scheme  `"http"` or `"https"`; NULL: whichever of them has no
 *                    choice of its own.
 * @param[in] url     `"http://user:password@host:port"`, or less of it, down
 *                    to the host; port 80 unless given. NULL or `""`: no
 *                    proxy. User and password go along at once, by Basic.
 * @return 0; -1 on error, and nothing has changed.
 * @par Errors
 * #SOCK_E_VALUE, #SOCK_E_UNSUPPORTED (a proxy over TLS), #SOCK_E_TYPE,
 * #SOCK_E_MEMORY.
 * @see sock_getproxies(), sock_proxy_bypass(), sock_opener_add_password().
 * @par Example
 * @snippet request.c proxy
 * @since 0.3.0
 */
SOCK_API int sock_opener_set_proxy(sock_opener_t *o, const char *scheme,
                                   const char *url);

/**
 * @brief Set how an opener follows redirects, and what counts as an answer.
 *
 * Corresponds to a subclass of Python's `HTTPRedirectHandler`, its
 * `max_redirections`; and with #SOCK_OPENER_ANY_STATUS to reading an
 * `HTTPError`.
 *
 * @param[in] o      Opener.
 * @param[in] max    How many of them in a row; 0: none is followed. 10 is the
 *                   default.
 * @param[in] flags  #sock_opener_flag values; 0 is the default.
 * @return 0; -1 on error, and nothing has changed.
 * @par Errors
 * #SOCK_E_VALUE, #SOCK_E_TYPE.
 * @see sock_opener_open(), sock_urlopen().
 * @par Example
 * @snippet request.c redirects
 * @since 0.3.0
 */
SOCK_API int sock_opener_set_redirects(sock_opener_t *o, int max, int flags);

/**
 * @brief Give an opener the context for https.
 *
 * Corresponds to Python's `HTTPSHandler(context=context)`.
 *
 * @param[in] o    Opener.
 * @param[in] tls  sock_ssl_tls() of a context, which is kept as long as it is
 *                 needed, whoever frees it; NULL: the default one, of
 *                 sock_ssl_init().
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_opener_open(), sock_https_connection().
 * @par Example
 * @snippet request.c context
 * @since 0.3.0
 */
SOCK_API int sock_opener_set_context(sock_opener_t *o, sock_tls_t *tls);

/**
 * @brief Say whom an opener may connect to.
 *
 * Not in Python. The function is asked about each address, those of redirects
 * and proxies too, just before it is connected to: there is no second look-up
 * that could give another. Where it refuses all addresses of a host, opening
 * fails with #SOCK_E_OS, EACCES, and so does a `file:` URL, which has no
 * address. Through a proxy only the proxy's address is seen. Connections of
 * before are not used any more.
 *
 * @param[in] o    Opener.
 * @param[in] fn   Function, called by any thread that opens; NULL: all may be
 *                 connected to.
 * @param[in] arg  Its argument.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_opener_open(), sock_opener_set_proxy().
 * @par Example
 * @snippet request.c filter
 * @since 0.3.0
 */
SOCK_API int sock_opener_filter(sock_opener_t *o, sock_opener_filter_fn fn,
                                void *arg);

/**
 * @brief Open what a request asks for.
 *
 * Corresponds to Python's `OpenerDirector.open(request, timeout=timeout)`, and
 * without an opener to `urlopen(request)`. A connection that is kept is used
 * again if nothing has come over it since. Should it have ended all the same,
 * before a byte of the answer came, the request is made again, once, if its
 * method may be repeated: a POST is never sent twice.
 *
 * @param[in] o        Opener; NULL: that of sock_install_opener(), or as
 *                     sock_urlopen().
 * @param[in] q        Request, not changed.
 * @param[in] timeout  As for sock_urlopen().
 * @return A new response, to be ended by sock_http_response_free(), before or
 *         after the opener; NULL on error.
 * @par Errors
 * Those of sock_urlopen(); #SOCK_E_OS with EACCES (the filter).
 * @see sock_opener_new(), sock_urlrequest_new(), sock_urlopen(),
 *      sock_http_read().
 * @par Example
 * @snippet request.c opener
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_http_response_t *sock_opener_open(
    sock_opener_t *o, sock_urlrequest_t *q, double timeout);

/**
 * @brief Name the opener that sock_urlopen() uses.
 *
 * Corresponds to Python's `urllib.request.install_opener(opener)`. For all
 * threads.
 *
 * @param[in] o  Opener, which stays the caller's; NULL: none again. It must not
 *               be freed while it is installed, or while another thread is in
 *               sock_urlopen().
 * @see sock_urlopen(), sock_urlretrieve(), sock_opener_new().
 * @par Example
 * @snippet request.c install_opener
 * @since 0.3.0
 */
SOCK_API void sock_install_opener(sock_opener_t *o);

/**
 * @brief The proxy that the environment names for a scheme.
 *
 * Corresponds to Python's `urllib.request.getproxies()[scheme]`. It is the
 * variable `http_proxy` and so on; that in upper case where there is none. An
 * empty one is none. `HTTP_PROXY` does not count where `REQUEST_METHOD` is set:
 * in a CGI script it is what a client has sent (CVE-2016-1000110).
 *
 * @param[in]  scheme  Scheme, such as `"https"`; `"no"` gives `no_proxy`.
 * @param[out] buf     The text; may be NULL if size is 0.
 * @param[in]  size    Size of buf in bytes.
 * @return The length of the text, 0 if there is none; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no scheme), #SOCK_E_TYPE.
 * @par Deviation
 * One scheme at a time; names in mixed case do not count.
 * @see sock_proxy_bypass(), sock_opener_set_proxy().
 * @par Example
 * @snippet request.c getproxies
 * @since 0.3.0
 */
SOCK_API int sock_getproxies(const char *scheme, char *buf, size_t size);

/**
 * @brief Whether the environment has a host asked without a proxy.
 *
 * Corresponds to Python's `urllib.request.proxy_bypass(host)`. `no_proxy` is a
 * list with commas. `example.test` covers itself and `a.example.test`, and so
 * do `.example.test` and `*.example.test`; `10.0.0.0/8` and `fd00::/8` the
 * addresses in them; `example.test:8080` that port alone; `*` all.
 *
 * @param[in] host  Host, as a name or an address; it is not looked up.
 * @param[in] port  Its port; -1: any that is not named in the list.
 * @return 1 if it is; 0 if not; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @par Deviation
 * Python knows neither blocks nor `*.`, and `*` only alone.
 * @see sock_getproxies(), sock_opener_set_proxy().
 * @par Example
 * @snippet request.c getproxies
 * @since 0.3.0
 */
SOCK_API int sock_proxy_bypass(const char *host, int port);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
