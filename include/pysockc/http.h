/* SPDX-License-Identifier: MIT */
/**
 * @file http.h
 * @brief An HTTP/1.1 client: connections, requests, responses.
 */
#ifndef PYSOCKC_HTTP_H
#define PYSOCKC_HTTP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <pysockc/error.h>
#include <pysockc/export.h>
#include <pysockc/headers.h>
#include <pysockc/socket.h>
#include <pysockc/timeout.h>
#include <pysockc/tls.h>

/**
 * @defgroup http HTTP connections
 * @brief Python's module `http.client`: an HTTP/1.1 client, one connection at a
 * time.
 *
 * @snippet http.c get
 *
 * A connection is an object that connects when it is first needed, and again
 * when it has been closed since. It takes a request, then gives its response,
 * and then takes the next one, over the same TCP connection if both sides keep
 * it open. Who has only a URL is served by sock_urlopen(), which also follows
 * redirects and knows proxies, passwords and cookies.
 *
 * **Requests.** What is sent is checked first: a method is a token, a target is
 * visible ASCII, and neither a name nor a value of a field can end a line. So
 * nothing in them can begin another request. Host stands first, then
 * `Accept-Encoding: identity`, then what the caller adds. A request goes out by
 * one call of the system wherever it can, and without Nagle's delay.
 *
 * **Responses.** sock_http_getresponse() reads a head, sock_http_read() the
 * body, straight into the caller's buffer. Where it ends is decided once and
 * strictly: a response that gives two answers to that, or none that makes
 * sense, is a #SOCK_E_PROTOCOL, and the connection is closed. A body that is
 * cut short is a #SOCK_E_EOF in every function that reads, and never just an
 * end. Its record counts how many bytes of it came. A content coding that the
 * server was not asked for is left as it is.
 *
 * **Who owns what.** The response must be read to its end, or freed, before the
 * next request is made: the bytes of both would be one stream. A response that
 * closes the connection takes it along, so that the connection object can
 * already connect anew. Either may be freed first: a response that is still
 * being read when the connection is freed takes the rest of it over. One that
 * is freed unread keeps the connection open if all of its body had come by
 * then, else that is closed.
 *
 * **When peers go away.** A connection that was used before is asked, before
 * anything is sent, whether the peer has closed it or has said something
 * unasked: then a new one is made. Should the peer close it just as the
 * request is on its way, the request is made again, once and silently: only if
 * not a byte of an answer came, its method is one that may be repeated (GET,
 * HEAD, PUT, DELETE, OPTIONS, TRACE), and the whole of it is still in memory,
 * which it is with a body of at most 16 KiB. A POST is never sent twice.
 *
 * **Time.** A timeout bounds each call of the system's that waits, as in
 * Python, so a peer that sends a byte now and then has all the time there is.
 * sock_http_deadline() is an end for all of them together: look-up, connecting,
 * TLS, sending and reading.
 *
 * An object is for one thread at a time.
 * @{
 */

/** A connection. Opaque. */
typedef struct sock_http sock_http_t;
/** A response. Opaque. */
typedef struct sock_http_response sock_http_response_t;

/** What sock_http_putrequest() leaves to the caller, to be or-ed. */
enum sock_http_flag {
    SOCK_HTTP_SKIP_HOST = 1,           /**< No Host. */
    SOCK_HTTP_SKIP_ACCEPT_ENCODING = 2 /**< No Accept-Encoding. */
};

/** What a response may be, at most. Zero is the default of each, so
 * `{.size = sizeof limits}` is the beginning of all. */
typedef struct sock_http_limits {
    size_t size;        /**< Bytes of this struct, `sizeof`. */
    size_t head;        /**< Bytes of a head, and of what trails a body in
                             chunks: 256 KiB. */
    size_t fields;      /**< Fields of either: 1000. */
    size_t reserved[5]; /**< Zero. */
} sock_http_limits_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Make a connection to a host, which does not connect yet.
 *
 * Corresponds to Python's `http.client.HTTPConnection(host, port, timeout)`.
 * With port 0 the port may stand behind the host, as in `"localhost:8080"` and
 * `"[::1]:8080"`; where it does not it is 80. The host goes into Host and is
 * looked up when the connection connects.
 *
 * @param[in] host     Name or address; an IPv6 address may have brackets, and
 *                     then a port.
 * @param[in] port     1 to 65535, or 0.
 * @param[in] timeout  Seconds that each call may wait, and connecting in all,
 *                     as for sock_create_connection(); #SOCK_NO_TIMEOUT,
 *                     #SOCK_DEFAULT_TIMEOUT.
 * @return A new object, to be ended by sock_http_free(); NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (host, port, timeout), #SOCK_E_OVERFLOW, #SOCK_E_MEMORY,
 * #SOCK_E_TYPE.
 * @par Deviation
 * Python takes a user for a part of the host, `h:1_0` for port 10 and `::1` for
 * port 1 of `:`, and checks no range. `source_address` and `blocksize` are not
 * offered.
 * @see sock_https_connection(), sock_http_from(), sock_http_request(),
 *      sock_http_free().
 * @par Example
 * @snippet http.c get
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_http_t *sock_http_connection(const char *host,
                                                          int port,
                                                          double timeout);

/**
 * @brief Make a connection to a host by TLS, which does not connect yet.
 *
 * Corresponds to Python's `http.client.HTTPSConnection(host, port, timeout,
 * context=context)`. As sock_http_connection(), but port 443 is the default.
 * TLS is a part of connecting: the certificate must be one for the host, by
 * the rules of the context, and `http/1.1` is what is offered as the protocol
 * on top.
 *
 * @param[in] host     As for sock_http_connection().
 * @param[in] port     As for sock_http_connection(); 0 is 443.
 * @param[in] timeout  As for sock_http_connection().
 * @param[in] tls      Context, sock_ssl_tls() of one; it is held, and may be
 *                     freed. NULL: the default context, once sock_ssl_init()
 *                     was called.
 * @return A new object, to be ended by sock_http_free(); NULL on error.
 * @par Errors
 * As sock_http_connection(); #SOCK_E_UNSUPPORTED (no context, and no one has
 * called sock_ssl_init()); those of making the default context.
 * @see sock_http_connection(), sock_http_set_tunnel(), sock_http_connect().
 * @par Example
 * @snippet http.c https
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_http_t *sock_https_connection(const char *host,
                                                           int port,
                                                           double timeout,
                                                           sock_tls_t *tls);

/**
 * @brief Make a connection of a socket that is connected.
 *
 * Corresponds to setting `sock` of Python's `HTTPConnection`. For sockets of
 * AF_UNIX, of socketpair(2), and those that were connected on terms of one's
 * own. Host says the address of an inet peer, and `localhost` of others, where
 * the caller adds none. It cannot connect again: once it is closed requests
 * fail.
 *
 * @param[in] s  Connected stream socket. On success it is the connection's,
 *               and ends with it; on failure it stays the caller's. Its
 *               timeout holds.
 * @return A new object, to be ended by sock_http_free(); NULL on error.
 * @par Errors
 * #SOCK_E_OS (EBADF), #SOCK_E_MEMORY, #SOCK_E_TYPE. A request on one that is
 * closed: #SOCK_E_VALUE, `NotConnected`.
 * @see sock_http_connection(), sock_create_connection(), sock_socketpair().
 * @par Example
 * @snippet http.c from
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_http_t *sock_http_from(sock_t *s);

/**
 * @brief End a connection.
 *
 * Not in Python, where the garbage collector does it. Closes it, unless a
 * response is still being read from it, which then goes on by itself. Leaves
 * errno and the error record as they were.
 *
 * @param[in] c  Connection; NULL does nothing.
 * @see sock_http_close(), sock_http_response_free().
 * @par Example
 * @snippet http.c get
 * @since 0.3.0
 */
SOCK_API void sock_http_free(sock_http_t *c);

/**
 * @brief Go through a proxy, by CONNECT.
 *
 * Corresponds to Python's `HTTPConnection.set_tunnel()`. The connection was
 * made to the proxy; once it connects, it asks that for a way to the host, and
 * TLS and requests are for the host. A second call takes the place of the
 * first. 1xx are passed over, and any 2xx is a yes.
 *
 * @param[in] c        Connection.
 * @param[in] host     Where to, as for sock_http_connection().
 * @param[in] port     1 to 65535; 0: behind the host, or the connection's
 *                     default.
 * @param[in] headers  Fields for the proxy, such as Proxy-Authorization, which
 *                     are copied; NULL for none.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (host, port; it is connected, or was made by
 * sock_http_from()), #SOCK_E_MEMORY, #SOCK_E_TYPE. A proxy that says no makes
 * connecting fail: #SOCK_E_REPLY with its status.
 * @par Deviation
 * In Python an established connection is a RuntimeError, a refusal an OSError
 * without number, and 200 the only yes; an IPv6 address loses its brackets in
 * Host.
 * @see sock_http_connect(), sock_https_connection().
 * @par Example
 * @snippet http.c tunnel
 * @since 0.3.0
 */
SOCK_API int sock_http_set_tunnel(sock_http_t *c, const char *host, int port,
                                  const sock_headers_t *headers);

/**
 * @brief Set what a response may be, at most.
 *
 * Not in Python, which takes 65536 bytes a line and 100 fields. For the heads
 * that are read from now on.
 *
 * @param[in] c       Connection.
 * @param[in] limits  Limits.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (the size is not that of the struct, or what is reserved is
 * not zero), #SOCK_E_TYPE. A response that is over them: #SOCK_E_PROTOCOL,
 * #SOCK_P_TOO_LARGE.
 * @see sock_http_getresponse(), sock_http_readall().
 * @par Example
 * @snippet http.c limits
 * @since 0.3.0
 */
SOCK_API int sock_http_set_limits(sock_http_t *c,
                                  const sock_http_limits_t *limits);

/**
 * @brief Set when all that is done by the connection ends.
 *
 * Not in Python. Beside the timeout, which begins anew with each call:
 * look-up, connecting, TLS, sending and reading must be over by then, those of
 * later requests, too, until it is set anew. Whichever ends first counts.
 *
 * @param[in] c        Connection.
 * @param[in] seconds  From now, as for sock_set_deadline(); #SOCK_NO_TIMEOUT
 *                     takes it away.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE, #SOCK_E_OVERFLOW, #SOCK_E_MEMORY, #SOCK_E_OS, #SOCK_E_TYPE.
 * When it is over calls fail with #SOCK_E_TIMEOUT.
 * @see sock_http_read_deadline(), sock_set_deadline(), sock_http_connection().
 * @par Example
 * @snippet http.c deadline
 * @since 0.3.0
 */
SOCK_API int sock_http_deadline(sock_http_t *c, double seconds);

/**
 * @brief Connect.
 *
 * Corresponds to Python's `HTTPConnection.connect()`. Requests do so by
 * themselves. One that is connected stays so. The look-up and all attempts
 * have one timeout, as sock_connect_to_host() has it; TCP_NODELAY is set. Then
 * comes the tunnel, if there is one, and TLS.
 *
 * @param[in] c  Connection.
 * @return 0; -1 on error, and it is closed.
 * @par Errors
 * Those of sock_connect_to_host(); of the tunnel #SOCK_E_REPLY,
 * #SOCK_E_PROTOCOL, #SOCK_E_EOF; #SOCK_E_TLS; #SOCK_E_TIMEOUT,
 * #SOCK_E_CANCELLED; #SOCK_E_VALUE (it was made by sock_http_from());
 * #SOCK_E_TYPE.
 * @par Deviation
 * In Python a second connect() loses the first connection.
 * @see sock_http_close(), sock_http_set_tunnel(), sock_http_sock().
 * @par Example
 * @snippet http.c connect
 * @since 0.3.0
 */
SOCK_API int sock_http_connect(sock_http_t *c);

/**
 * @brief Close the connection.
 *
 * Corresponds to Python's `HTTPConnection.close()`. The object stays, and
 * connects again for the next request. A response that is being read from it
 * fails from then on.
 *
 * @param[in] c  Connection.
 * @return 0, of a closed one, too; -1 on error, and it is closed.
 * @par Errors
 * What close(2) says: #SOCK_E_OS. #SOCK_E_TYPE.
 * @par Deviation
 * In Python the response ends as if it were whole.
 * @see sock_http_connect(), sock_http_free().
 * @par Example
 * @snippet http.c connect
 * @since 0.3.0
 */
SOCK_API int sock_http_close(sock_http_t *c);

/**
 * @brief The socket of a connection.
 *
 * Corresponds to `sock` of Python's `HTTPConnection`. For options, and for who
 * waits for many. After a 101 that was asked for by Upgrade, and a 2xx to
 * CONNECT, it is what speaks the other protocol: the bytes of that which came
 * with the head are the body of the response.
 *
 * @param[in] c  Connection.
 * @return The socket, which stays the connection's; NULL if it is closed,
 *         which is no error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_http_connect(), sock_setsockopt().
 * @par Example
 * @snippet http.c connect
 * @since 0.3.0
 */
SOCK_API sock_t *sock_http_sock(sock_http_t *c);

/**
 * @brief Make a request.
 *
 * Corresponds to Python's `HTTPConnection.request()`. Of its body: with one,
 * `Content-Length` says how long it is; PUT, POST and PATCH without one say
 * `Content-Length: 0`. A body whose headers say `Transfer-Encoding: chunked`
 * is sent in chunks. With `Expect: 100-continue` the body waits for the
 * server's word, a second at most; a server that answers at once is not sent
 * it.
 *
 * An absolute URL as target, as proxies want it, gives Host its authority.
 * Fields called Host and Accept-Encoding take the place of the library's own,
 * which stand first.
 *
 * A server that answers before it has heard all of a body, and closes, has
 * answered: that is no failure, and the response says what it has to say.
 *
 * @param[in] c        Connection.
 * @param[in] method   Token, such as `"GET"`.
 * @param[in] url      Target: a path and a query, which sock_quote() makes of
 *                     any text; `""` is `/`.
 * @param[in] body     Bytes of the body; NULL: none.
 * @param[in] len      How many.
 * @param[in] headers  Further fields, which are only read; NULL for none.
 * @return 0; -1 on error. What is refused leaves the connection as it was,
 *         else it is closed.
 * @par Errors
 * #SOCK_E_VALUE (method, target, fields; a `Content-Length` that is not that
 * of the body; a request that was begun, `CannotSendRequest: ...`; a response
 * that was not read, `ResponseNotReady: ...`), those of sock_http_connect()
 * and sock_sendall(), #SOCK_E_EOF (a connection of sock_http_from() that the
 * peer has closed), #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * Python sends any method without control characters, values that fold, NUL,
 * and any `Content-Length` and `Transfer-Encoding`, with the body as it is.
 * @see sock_http_getresponse(), sock_http_request_file(),
 *      sock_http_putrequest().
 * @par Example
 * @snippet http.c request
 * @since 0.3.0
 */
SOCK_API int sock_http_request(sock_http_t *c, const char *method,
                               const char *url, const void *body, size_t len,
                               const sock_headers_t *headers);

/**
 * @brief Make a request whose body is a stream.
 *
 * Corresponds to Python's `HTTPConnection.request()` with a file. From where
 * the stream stands. A regular file is sent by sendfile(2), and stands behind
 * what was sent when it was; others are read block by block.
 *
 * @param[in] c        Connection.
 * @param[in] method   As for sock_http_request().
 * @param[in] url      As for sock_http_request().
 * @param[in] body     Stream to read from; it stays the caller's.
 * @param[in] length   Bytes of it; -1: to its end. That of a regular file is
 *                     asked of the system then, and `Content-Length` says it;
 *                     of others it is not known, so they go in chunks, unless
 *                     a `Content-Length` among the fields says how many bytes
 *                     to take.
 * @param[in] headers  Further fields, which are only read; NULL for none.
 * @return As sock_http_request().
 * @par Errors
 * As sock_http_request(); #SOCK_E_EOF (the stream ends early: the record
 * counts the bytes), #SOCK_E_OS (it cannot be read).
 * @par Deviation
 * Python sends each file without a `Content-Length` of the caller's in chunks.
 * @see sock_http_request(), sock_http_send(), sock_sendfile().
 * @par Example
 * @snippet http.c file
 * @since 0.3.0
 */
SOCK_API int sock_http_request_file(sock_http_t *c, const char *method,
                                    const char *url, FILE *body, int64_t length,
                                    const sock_headers_t *headers);

/**
 * @brief Begin a request piece by piece.
 *
 * Corresponds to Python's `HTTPConnection.putrequest()`. Then come
 * sock_http_putheader() for each field, sock_http_endheaders(),
 * sock_http_send() for the pieces of a body, and sock_http_getresponse().
 * Nothing is sent before sock_http_endheaders().
 *
 * @param[in] c       Connection.
 * @param[in] method  As for sock_http_request().
 * @param[in] url     As for sock_http_request().
 * @param[in] flags   #sock_http_flag values: what the caller will add, or
 *                    leave out.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (as sock_http_request(); unknown flags), #SOCK_E_TYPE.
 * @see sock_http_putheader(), sock_http_endheaders(), sock_http_request().
 * @par Example
 * @snippet http.c pieces
 * @since 0.3.0
 */
SOCK_API int sock_http_putrequest(sock_http_t *c, const char *method,
                                  const char *url, int flags);

/**
 * @brief Add a field to a request that was begun.
 *
 * Corresponds to Python's `HTTPConnection.putheader()`. With one value;
 * several are several fields, or one text with commas.
 *
 * @param[in] c      Connection.
 * @param[in] name   Token.
 * @param[in] value  Value: visible characters, blanks, tabs, bytes over 127.
 * @return 0; -1 on error, and the request is as it was.
 * @par Errors
 * #SOCK_E_VALUE (name, value; `CannotSendHeader`; a second Host; a second
 * length of the body, or one that is none), #SOCK_E_TYPE.
 * @par Deviation
 * Python joins several values by CR LF and a tab.
 * @see sock_http_putrequest(), sock_http_endheaders().
 * @par Example
 * @snippet http.c pieces
 * @since 0.3.0
 */
SOCK_API int sock_http_putheader(sock_http_t *c, const char *name,
                                 const char *value);

/**
 * @brief End the head of a request, and send it.
 *
 * Corresponds to Python's `HTTPConnection.endheaders()`. If no field has said
 * how long the body is, then what is given here is all of it, and
 * `Content-Length` says so. With no body given either, the head of a GET or a
 * HEAD is sent; that of another method waits for the first sock_http_send(),
 * which makes it one with chunks, or for sock_http_getresponse(), which makes
 * it one without a body.
 *
 * @param[in] c     Connection.
 * @param[in] body  Bytes of the body that go along with the head; NULL: none.
 * @param[in] len   How many.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (`CannotSendHeader`; more bytes than `Content-Length` says),
 * those of sock_http_request() that come of sending, #SOCK_E_TYPE.
 * @par Deviation
 * In Python `encode_chunked` says whether the body is sent in chunks.
 * @see sock_http_send(), sock_http_getresponse().
 * @par Example
 * @snippet http.c pieces
 * @since 0.3.0
 */
SOCK_API int sock_http_endheaders(sock_http_t *c, const void *body, size_t len);

/**
 * @brief Send a piece of the body of a request.
 *
 * Corresponds to Python's `HTTPConnection.send()`. As a chunk, if no length
 * was said; the last chunk is sent by sock_http_getresponse(). No bytes are no
 * chunk. Once the server has answered without waiting for the rest, what is
 * sent here goes nowhere.
 *
 * @param[in] c     Connection.
 * @param[in] data  Bytes.
 * @param[in] len   How many.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (`CannotSendRequest: ...`; more bytes than `Content-Length`
 * says), those of sock_http_request() that come of sending, #SOCK_E_TYPE.
 * @par Deviation
 * Python sends anything at any time.
 * @see sock_http_endheaders(), sock_http_getresponse().
 * @par Example
 * @snippet http.c pieces
 * @since 0.3.0
 */
SOCK_API int sock_http_send(sock_http_t *c, const void *data, size_t len);

/**
 * @brief Read the head of a response.
 *
 * Corresponds to Python's `HTTPConnection.getresponse()`. Ends a request that
 * was sent piece by piece. Up to 100 interim responses (1xx) are passed over;
 * a 101 that was asked for by Upgrade is the response. A connection that was
 * used before and is gone may be replaced, as said above.
 *
 * @param[in] c  Connection.
 * @return A new object, to be ended by sock_http_response_free(); NULL on
 *         error, and the connection is closed. For want of memory it is not,
 *         and the call may be repeated.
 * @par Errors
 * #SOCK_E_PROTOCOL (#SOCK_P_SYNTAX, #SOCK_P_VERSION, #SOCK_P_FRAMING,
 * #SOCK_P_TOO_LARGE, #SOCK_P_UNSUPPORTED: a Transfer-Encoding other than
 * chunked, #SOCK_P_ORDER), #SOCK_E_EOF (`Remote end closed connection without
 * response`, or within the head), #SOCK_E_TIMEOUT, those of sock_recv(),
 * #SOCK_E_VALUE (`ResponseNotReady: ...`: no request was made),
 * #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * Python gives 103 as the response, takes any number of 100, `+200` for a
 * status and whatever follows `HTTP/1.` for a version; a line without a colon
 * ends its fields; of several lengths it takes the first.
 * @see sock_http_request(), sock_http_status(), sock_http_read().
 * @par Example
 * @snippet http.c get
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_http_response_t *sock_http_getresponse(
    sock_http_t *c);

/**
 * @brief End a response.
 *
 * Corresponds to Python's `HTTPResponse.close()`. What was not read is passed
 * over if it has come already, and the connection goes on; else that is
 * closed. Leaves errno and the error record as they were.
 *
 * @param[in] r  Response; NULL does nothing.
 * @par Deviation
 * In Python a connection whose response was closed unread cannot be used for
 * the next request.
 * @see sock_http_getresponse(), sock_http_free().
 * @par Example
 * @snippet http.c get
 * @since 0.3.0
 */
SOCK_API void sock_http_response_free(sock_http_response_t *r);

/**
 * @brief The status of a response.
 *
 * Corresponds to `status` of Python's `HTTPResponse`.
 *
 * @param[in] r  Response.
 * @return 100 to 999; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_http_reason(), sock_http_responses().
 * @par Example
 * @snippet http.c get
 * @since 0.3.0
 */
SOCK_API int sock_http_status(const sock_http_response_t *r);

/**
 * @brief The version of HTTP of a response.
 *
 * Corresponds to `version` of Python's `HTTPResponse`.
 *
 * @param[in] r  Response.
 * @return 10 for HTTP/1.0, 11 for all later ones of HTTP/1; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_http_status().
 * @par Example
 * @snippet http.c says
 * @since 0.3.0
 */
SOCK_API int sock_http_version(const sock_http_response_t *r);

/**
 * @brief What a server says of its status.
 *
 * Corresponds to `reason` of Python's `HTTPResponse`.
 *
 * @param[in] r  Response.
 * @return Text, which may be empty and is the server's, part of the response;
 *         NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_http_status(), sock_http_responses().
 * @par Example
 * @snippet http.c says
 * @since 0.3.0
 */
SOCK_API const char *sock_http_reason(const sock_http_response_t *r);

/**
 * @brief The fields of a response.
 *
 * Corresponds to `headers` and `msg` of Python's `HTTPResponse`. A field that
 * went over several lines is one line.
 *
 * @param[in] r  Response.
 * @return The fields, part of the response; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_http_getheader(), sock_headers_get(), sock_headers_at().
 * @par Example
 * @snippet http.c says
 * @since 0.3.0
 */
SOCK_API const sock_headers_t *sock_http_headers(const sock_http_response_t *r);

/**
 * @brief The fields that follow a body in chunks.
 *
 * Not in Python, which drops them. They are there once the body has been read
 * to its end, and are no part of the head: who trusts a field of the head must
 * not find it here. Content-Length, Transfer-Encoding and Host are left out.
 *
 * @param[in] r  Response.
 * @return The fields, part of the response, none before the end; NULL on
 *         error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_http_headers(), sock_http_read().
 * @par Example
 * @snippet http.c trailers
 * @since 0.3.0
 */
SOCK_API const sock_headers_t *sock_http_trailers(
    const sock_http_response_t *r);

/**
 * @brief How many bytes of the body are still to be read.
 *
 * Corresponds to `length` of Python's `HTTPResponse`.
 *
 * @param[in] r  Response.
 * @return Bytes; -1 if that is not known, as of a body in chunks (Python's
 *         None), and on error. Of an `ftp:` URL it is what the server has
 *         announced; if the file has grown since there are more.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_http_read(), sock_http_readall().
 * @par Example
 * @snippet http.c says
 * @since 0.3.0
 */
SOCK_API int64_t sock_http_length(const sock_http_response_t *r);

/**
 * @brief A field of a response, as a text.
 *
 * Corresponds to Python's `HTTPResponse.getheader()`. Several of the name are
 * joined by `, `; sock_headers_get_all() has them one by one, as Set-Cookie
 * needs it.
 *
 * @param[in]  r     Response.
 * @param[in]  name  Name, in any case.
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 if there is no such field, and on error.
 * @par Errors
 * #SOCK_E_KEY with ENOENT (there is none), #SOCK_E_TYPE.
 * @par Deviation
 * Python gives None, or a default, where there is none.
 * @see sock_http_headers(), sock_headers_get(), sock_headers_get_all().
 * @par Example
 * @snippet http.c says
 * @since 0.3.0
 */
SOCK_API int sock_http_getheader(const sock_http_response_t *r,
                                 const char *name, char *buf, size_t size);

/**
 * @brief Read from the body.
 *
 * Corresponds to Python's `HTTPResponse.readinto()` and
 * `HTTPResponse.read1()`. At least one byte, if there is one, and as many as
 * have come; sock_http_readall() reads all, fread(3) of sock_http_file() a
 * certain number. After a timeout it may be tried again.
 *
 * @param[in]  r    Response.
 * @param[out] buf  Where the bytes go.
 * @param[in]  len  How many there is room for.
 * @return Bytes read; 0 at the end of the body, or for @p len 0; -1 on error,
 *         and the record counts the bytes of the body that were read in all.
 * @par Errors
 * #SOCK_E_EOF (`IncompleteRead(...)`: the peer ended early), #SOCK_E_PROTOCOL
 * (#SOCK_P_FRAMING: its chunks are none; #SOCK_P_SYNTAX, #SOCK_P_TOO_LARGE: of
 * what trails them), those of sock_recv(), #SOCK_E_VALUE (size), #SOCK_E_TYPE.
 * @par Deviation
 * In Python a short body ends `read(n)` and `readinto()` without an error, and
 * chunk sizes such as `0x2` and `+2` are taken.
 * @see sock_http_readall(), sock_http_file(), sock_http_length().
 * @par Example
 * @snippet http.c read
 * @since 0.3.0
 */
SOCK_API ssize_t sock_http_read(sock_http_response_t *r, void *buf, size_t len);

/**
 * @brief Read the body to its end, into memory.
 *
 * Corresponds to Python's `HTTPResponse.read()`. The memory grows with what
 * comes, whatever `Content-Length` says.
 *
 * @param[in]  r     Response.
 * @param[out] data  The bytes, and a NUL behind them, to be ended by
 *                   sock_http_data_free(); NULL on error.
 * @param[in]  max   How many there may be; 0: as many as there are.
 * @return Bytes, without the NUL; -1 on error, and what was read is lost.
 * @par Errors
 * As sock_http_read(); #SOCK_E_PROTOCOL, #SOCK_P_TOO_LARGE (over @p max; if
 * the length is known nothing has been read), #SOCK_E_MEMORY.
 * @par Deviation
 * Python allocates what `Content-Length` says, and has no maximum. Its
 * IncompleteRead has the bytes that came; here they are counted.
 * @see sock_http_read(), sock_http_data_free().
 * @par Example
 * @snippet http.c get
 * @since 0.3.0
 */
SOCK_API ssize_t sock_http_readall(sock_http_response_t *r, char **data,
                                   size_t max);

/**
 * @brief Free what sock_http_readall() gave.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] data  The bytes; NULL does nothing.
 * @see sock_http_readall().
 * @par Example
 * @snippet http.c get
 * @since 0.3.0
 */
SOCK_API void sock_http_data_free(char *data);

/**
 * @brief The body as a stream.
 *
 * Corresponds to Python's `HTTPResponse` as a file: `for line in response`,
 * `readline()`, `read(n)`; wraps fopencookie(3). For reading, and buffered, so
 * that sock_http_read() misses what the stream has taken. A read that fails,
 * by a timeout too, ends it: stdio has dropped what it had of a line. There is
 * one at a time.
 *
 * @param[in] r  Response.
 * @return A stream, to be closed by fclose(3), which leaves the response
 *         alone; NULL on error. It may be closed after the response was freed,
 *         but not read.
 * @par Errors
 * #SOCK_E_VALUE (there is one already), #SOCK_E_MEMORY, #SOCK_E_TYPE. Of
 * reads: those of sock_http_read(), by ferror(3) and sock_last_error().
 * @see sock_http_read(), sock_makefile().
 * @par Example
 * @snippet http.c lines
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD FILE *sock_http_file(sock_http_response_t *r);

/**
 * @brief Set when all reading of a response ends.
 *
 * Not in Python. As sock_http_deadline() of its connection, which may be freed
 * already. Nothing is to be done for a response that has been read.
 *
 * @param[in] r        Response.
 * @param[in] seconds  From now, as for sock_set_deadline(); #SOCK_NO_TIMEOUT
 *                     takes it away.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_http_deadline().
 * @see sock_http_deadline(), sock_http_read().
 * @par Example
 * @snippet http.c deadline
 * @since 0.3.0
 */
SOCK_API int sock_http_read_deadline(sock_http_response_t *r, double seconds);

/**
 * @brief What a status is called.
 *
 * Corresponds to Python's `http.client.responses[status]` and
 * `http.HTTPStatus(status).phrase`.
 *
 * @param[in] status  Status.
 * @return Static text, such as `"Not Found"`; NULL if Python has none.
 * @see sock_http_status(), sock_http_reason().
 * @par Example
 * @snippet http.c says
 * @since 0.3.0
 */
SOCK_API const char *sock_http_responses(int status);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
