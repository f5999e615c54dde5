/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/error.h>

#include <errno.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "address_text.h"
#include "constant.h"
#include "os.h"
#include "record.h"
#include "text.h"

/* A row per kind, in the order of their numbers. */
static const struct {
    const char *name, *python;
} kinds[] = {
    {"SOCK_E_NONE", "None"},
    {"SOCK_E_OS", "OSError"},
    {"SOCK_E_TIMEOUT", "TimeoutError"},
    {"SOCK_E_GAI", "socket.gaierror"},
    {"SOCK_E_HOST", "socket.herror"},
    {"SOCK_E_VALUE", "ValueError"},
    {"SOCK_E_OVERFLOW", "OverflowError"},
    {"SOCK_E_TYPE", "TypeError"},
    {"SOCK_E_EOF", "EOFError"},
    {"SOCK_E_MEMORY", "MemoryError"},
    {"SOCK_E_TLS", "ssl.SSLError"},
    {"SOCK_E_CANCELLED", "CancelledError"},
    {"SOCK_E_KEY", "KeyError"},
    {"SOCK_E_UNSUPPORTED", "NotImplementedError"},
    {"SOCK_E_PROTOCOL", "HTTPException"},
    {"SOCK_E_REPLY", "HTTPError"},
};

/* Of kinds that a protocol on top has. */
static const struct sock__texts *_Atomic texts[sizeof kinds / sizeof kinds[0]];

static const char handshake_waits[] =
    "do_handshake_on_connect should not be specified for "
    "non-blocking sockets";

/* The texts are Python's wherever Python has one. */
static const char *const details[SOCK__DETAILS] = {
    [SOCK__NO_CONSTANT] = "no constant is named %s",
    [SOCK__NO_SUCH_VALUE] = "no constant has this value",
    [SOCK__NULL_SOCKET] = "socket is NULL",
    [SOCK__NULL_BUFFER] = "buffer is NULL",
    [SOCK__NULL_ARGUMENT] = "argument is NULL",
    [SOCK__SIZE_TOO_LARGE] = "size is too large",
    [SOCK__BUFFER_TOO_SMALL] = "buffer is too small",
    [SOCK__NEGATIVE_FD] = "negative file descriptor",
    [SOCK__STREAM_ONLY] = "only SOCK_STREAM type sockets are supported",
    [SOCK__NO_SENDTO] = "sendto with an address is not allowed here",
    [SOCK__NO_MESSAGES] = "messages are not allowed here",
    [SOCK__ITEM_TOO_LARGE] = "ancillary data item too large",
    [SOCK__CONTROL_TOO_LARGE] = "too much ancillary data",
    [SOCK__CONTROL_SIZE] = "invalid ancillary data buffer length",
    [SOCK__BAD_CMSG_LEN] = "CMSG_LEN() argument out of range",
    [SOCK__BAD_CMSG_SPACE] = "CMSG_SPACE() argument out of range",
    [SOCK__NO_DUP] = "a socket with a protocol on top cannot be duplicated",
    [SOCK__BAD_MODE] = "invalid mode %s (only r, w, b allowed)",
    [SOCK__BOTH_MODES] = "invalid mode %s (one direction only)",
    [SOCK__TIMED_OUT_OBJECT] = "cannot read from timed out object",
    [SOCK__BAD_COUNT] = "count must be a positive integer (got %s)",
    [SOCK__PEEKS_MOVE] = "SO_PEEK_OFF is set, so that a look moves on",
    [SOCK__NON_BLOCKING] = "non-blocking sockets are not supported",
    [SOCK__NO_ADDRESS] = "no address",
    [SOCK__ADDRESS_TOO_SHORT] = "address is too short for its family",
    [SOCK__ADDRESS_TOO_LONG] = "address is too long",
    [SOCK__ADDRESS_SYNTAX] = "text is not of the form host:port",
    [SOCK__NOT_INET] = "address is neither AF_INET nor AF_INET6",
    [SOCK__OTHER_FAMILY] = "address is of another family",
    [SOCK__HARDWARE_ADDR_TOO_LONG] = "Hardware address must be 8 bytes or less",
    [SOCK__BAD_PACKET_PROTO] = "proto must be 0-65535.",
    [SOCK__CAN_NAME_TOO_LONG] = "AF_CAN interface name too long",
    [SOCK__BAD_ADDRESS_TYPE] = "Invalid address type",
    [SOCK__ALG_TYPE_TOO_LONG] = "AF_ALG type too long.",
    [SOCK__ALG_NAME_TOO_LONG] = "AF_ALG name too long.",
    [SOCK__BAD_BDADDR] = "bad bluetooth address",
    [SOCK__OUT_OF_RANGE] = "number is out of range",
    [SOCK__ALG_ONLY] = "algset is only supported for AF_ALG",
    [SOCK__BAD_ALG_OP] = "Invalid or missing argument 'op'",
    [SOCK__BAD_ASSOCLEN] = "assoclen must be positive",
    [SOCK__NOT_UNIX] = "address is not AF_UNIX",
    [SOCK__BAD_FAMILY] = "bad family",
    [SOCK__FAMILY_MISMATCH] = "address family mismatched",
    [SOCK__MANY_WILDCARDS] = "wildcard resolved to multiple address",
    [SOCK__HOST_TOO_LONG] = "host name is longer than 253 bytes",
    [SOCK__HOST_NOT_ASCII] = "host name is not ASCII; encode it by IDNA",
    [SOCK__UNIX_PATH_TOO_LONG] = "AF_UNIX path too long",
    [SOCK__NUL_IN_PATH] = "embedded null byte",
    [SOCK__BAD_PORT] = "port must be 0-65535.",
    [SOCK__BAD_FLOWINFO] = "flowinfo must be 0-1048575.",
    [SOCK__TIMEOUT_NAN] = "Invalid value NaN (not a number)",
    [SOCK__TIMEOUT_NEGATIVE] = "Timeout value out of range",
    [SOCK__TIMEOUT_OF_SELECT] = "timeout must be non-negative",
    [SOCK__TIMEOUT_TOO_LARGE] = "timestamp too large to convert to C PyTime_t",
    [SOCK__NO_SUCH_EVENTS] = "events are not those of a selector",
    [SOCK__NO_EVENTS_OF_POLL] =
        "a selector of poll(2) has neither edge nor exclusive events",
    [SOCK__NO_EXCLUSIVE] = "exclusive events can't be set by a modify",
    [SOCK__BAD_KIND] = "invalid kind of selector",
    [SOCK__NO_POLLER_FD] = "a selector of poll(2) has no descriptor",
    [SOCK__BAD_EVENTS] = "events are neither read nor write",
    [SOCK__BAD_SIGNAL] = "invalid signal number",
    [SOCK__SIGNAL_OF_FAULT] = "no handler can return from this signal",
    [SOCK__BAD_SERVER_FLAGS] = "unknown flags",
    [SOCK__DUALSTACK_FAMILY] = "dualstack_ipv6 requires AF_INET6 family",
    [SOCK__STRUCT_SIZE] = "size of the struct is wrong",
    [SOCK__BAD_DELAY] = "delay must be 0.01 to 2 seconds",
    [SOCK__OPTION_SIZE] = "getsockopt buflen out of range",
    [SOCK__NO_SERVICE] = "service/proto not found",
    [SOCK__NO_PORT_SERVICE] = "port/proto not found",
    [SOCK__NO_PROTOCOL] = "protocol not found",
    [SOCK__NO_INTERFACE] = "no interface with this name",
    [SOCK__BAD_INET_ATON] = "illegal IP address string passed to inet_aton",
    [SOCK__BAD_INET_PTON] = "illegal IP address string passed to inet_pton",
    [SOCK__BAD_INET_NTOA] = "packed IP wrong length for inet_ntoa",
    [SOCK__BAD_PACKED_SIZE] = "invalid length of packed IP address string",
    [SOCK__CLASS_SIZE] = "the size of the class is not this version's",
    [SOCK__NO_HANDLE] = "the class has no handle function",
    [SOCK__BAD_SERVER_MODE] = "unknown mode",
    [SOCK__BAD_SERVER_TYPE] = "unknown socket type",
    [SOCK__BAD_WHEN_FULL] = "unknown when_full",
    [SOCK__NO_QUEUE_FULL] = "the class has no queue_full function",
    [SOCK__BAD_SWITCH] = "%s is neither -1, 0 nor 1",
    [SOCK__MEMBER_RANGE] = "%s is out of range",
    [SOCK__RESERVED] = "reserved is not zero",
    [SOCK__WATER_MARKS] = "low_water is over high_water",
    [SOCK__NOT_LISTENING] = "the socket does not listen",
    [SOCK__BAD_STACK_SIZE] = "stack_size is not one that a thread can have",
    [SOCK__DATAGRAM_ONLY] = "the request is not a datagram",
    [SOCK__CANNOT_PARK] = "only a connection of this process can be parked",
    [SOCK__UNKNOWN_FAMILY] = "unknown address family %d", /* the code */
    [SOCK__RECV_FLAGS] = "non-zero flags not allowed in calls to recv()",
    [SOCK__SEND_FLAGS] = "non-zero flags not allowed in calls to send()",
    [SOCK__NO_TLS] = "this socket has no TLS under it",
    [SOCK__TLS_NON_BLOCKING] = handshake_waits,
    [SOCK__TLS_SHARED] = "files of this connection are still open",
    [SOCK__TLS_TWICE] = "this socket has TLS under it already",
    [SOCK__CLIENT_OF_SERVER] =
        "Cannot create a client socket with a PROTOCOL_TLS_SERVER context",
    [SOCK__SERVER_OF_CLIENT] =
        "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context",
    [SOCK__TLS_STREAM] = "only stream sockets are supported",
    [SOCK__BAD_TLS_PROTOCOL] = "invalid protocol of a context",
    [SOCK__BAD_TLS_PURPOSE] = "invalid purpose of a context",
    [SOCK__BAD_VERIFY_MODE] = "invalid value for verify_mode",
    [SOCK__NAME_NEEDS_CERT] =
        "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.",
    [SOCK__BAD_TLS_VERSION] = "Unsupported TLS/SSL version",
    [SOCK__NO_TLS_VERSION] = "the minimum version is over the maximum",
    [SOCK__BAD_ALPN] = "ALPN protocols must be 1 to 255 in length",
    [SOCK__BAD_VERIFY_FLAGS] = "unknown verify_flags",
    [SOCK__BAD_TLS_OPTIONS] = "these options can't be set",
    [SOCK__BAD_CIPHERSUITE] = "unknown cipher suite of TLS 1.3 in %s",
    [SOCK__BAD_CURVE] = "unknown elliptic curve name %s",
    [SOCK__NOT_OF_SERVER] = "SSLContext is not a server context.",
    [SOCK__NEGATIVE_VALUE] = "value must be non-negative",
    [SOCK__SNI_OF_CLIENT] = "sni_callback cannot be set on TLS_CLIENT context",
    [SOCK__PSK_OF_SERVER] =
        "Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context",
    [SOCK__PSK_OF_CLIENT] =
        "Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context",
    [SOCK__LONG_PSK_HINT] = "identity hint cannot be longer than 256 bytes",
    [SOCK__BAD_PSK] = "the PSK callback wrote more than there is room for",
    [SOCK__NO_ALERT] = "the SNI callback returned a number that is no alert",
    [SOCK__BAD_PIN] = "a pin is not the base64 of 32 bytes",
    [SOCK__PINS_NEED_CERT] =
        "Cannot set verify_mode to CERT_NONE when pins are set.",
    [SOCK__HANDSHAKE_BEGUN] =
        "the context can't be changed once the handshake has begun",
    [SOCK__NOT_TLS_ERROR] = "this is no error of TLS",
    [SOCK__BAD_ENTROPY] = "entropy must be non-negative",
    [SOCK__BAD_SERVER_HOSTNAME] =
        "server_hostname is neither a name nor an address",
    [SOCK__NAME_NEEDED] = "check_hostname requires server_hostname",
    [SOCK__NAME_OF_SERVER] =
        "server_hostname can only be specified in client mode",
    [SOCK__LONG_PASSWORD] = "password cannot be longer than 1024 bytes",
    [SOCK__NO_LOCATION] = "cafile, capath and cadata cannot be all omitted",
    [SOCK__NO_TLS_LIBRARY] =
        "TLS needs sock_ssl_init() of libpysockc-ssl, or a context of it",
    [SOCK__OTHER_CONTEXT] = "Session refers to a different SSLContext.",
    [SOCK__OTHER_HOST] = "Session refers to a different server_hostname.",
    [SOCK__LAX_SESSION] = "Session is of a connection that was checked less.",
    [SOCK__SESSION_OF_SERVER] = "session can only be specified in client mode",
    [SOCK__KEY_AND_CERT] = "Both the key & certificate files must be specified",
    [SOCK__NO_SUCH_BINDING] = "%s channel binding type not implemented",
    [SOCK__UNIQUE_OF_OLD] = "tls-unique is not defined from TLS 1.3 on",
    [SOCK__NO_EXTENDED_SECRET] =
        "the peer has no extended master secret, which a binding needs",
    [SOCK__NO_DEFAULT_CERTS] = "no certificates to trust in %s",
    [SOCK__HANDSHAKE_OWED] = "handshake not done yet",
    [SOCK__BAD_PEM_START] =
        "Invalid PEM encoding; must start with -----BEGIN CERTIFICATE-----",
    [SOCK__BAD_PEM_END] =
        "Invalid PEM encoding; must end with -----END CERTIFICATE-----",
    [SOCK__BAD_BASE64] = "Invalid base64-encoded string",
    [SOCK__BAD_CERT_TIME] =
        "time data %s does not match format \"%b %d %H:%M:%S %Y GMT\"",
};

static size_t kind_index(int kind)
{
    size_t n = sizeof kinds / sizeof kinds[0];
    return kind >= 0 && (size_t)kind < n ? (size_t)kind : n;
}

static bool known_kind(int kind)
{
    return kind_index(kind) < sizeof kinds / sizeof kinds[0];
}

/* Reading */

const char *sock_error_name(int kind)
{
    return known_kind(kind) ? kinds[kind].name : "SOCK_E_UNKNOWN";
}

/* The subclasses of OSError, PEP 3151. */
static const char *os_class(int code)
{
    switch (code) {
    case EAGAIN:
    case EALREADY:
    case EINPROGRESS:
        return "BlockingIOError";
    case EPIPE:
    case ESHUTDOWN:
        return "BrokenPipeError";
    case ECHILD:
        return "ChildProcessError";
    case ECONNABORTED:
        return "ConnectionAbortedError";
    case ECONNREFUSED:
        return "ConnectionRefusedError";
    case ECONNRESET:
        return "ConnectionResetError";
    case EEXIST:
        return "FileExistsError";
    case ENOENT:
        return "FileNotFoundError";
    case EINTR:
        return "InterruptedError";
    case EISDIR:
        return "IsADirectoryError";
    case ENOTDIR:
        return "NotADirectoryError";
    case EACCES:
    case EPERM:
        return "PermissionError";
    case ESRCH:
        return "ProcessLookupError";
    case ETIMEDOUT:
        return "TimeoutError";
    default:
        return "OSError";
    }
}

void sock__set_texts(int kind, const struct sock__texts *t)
{
    atomic_store(&texts[kind], t);
}

static const struct sock__texts *texts_of(int kind)
{
    return known_kind(kind) ? atomic_load(&texts[kind]) : NULL;
}

const char *sock_error_class(const sock_error_t *e)
{
    if (e == NULL)
        e = sock_last_error();
    if (texts_of(e->kind) != NULL)
        return texts_of(e->kind)->class_name(e);
    if (e->kind == SOCK_E_OS)
        return os_class(e->code);
    if (e->kind == SOCK_E_TYPE && e->code == SOCK_TYPE_UNICODE)
        return "UnicodeError";
    return known_kind(e->kind) ? kinds[e->kind].python : "Exception";
}

static void add_system(struct sock__text *t, int code)
{
    char text[256];
    sock__os_strerror(code, text, sizeof text);
    sock__text_add(t, text);
}

/* Whether it is no text of the caller's, so that it has no quotes. */
static bool is_bare(int detail)
{
    return detail == SOCK__BAD_COUNT || detail == SOCK__BAD_SWITCH ||
           detail == SOCK__MEMBER_RANGE || detail == SOCK__NO_DEFAULT_CERTS;
}

/* The text of a detail with what was quoted at its %s. */
static void add_quoting(struct sock__text *t, const sock_error_t *e)
{
    const char *quoted = (const char *)&e->address.u;
    const char *text = details[e->detail], *at = strchr(text, '%');

    sock__text_bytes(t, text, (size_t)(at - text));
    if (is_bare(e->detail))
        sock__text_add(t, quoted);
    else
        sock__text_str_repr(t, quoted, strnlen(quoted, sizeof e->address.u));
    sock__text_add(t, at + 2);
}

static void add_detail(struct sock__text *t, const sock_error_t *e)
{
    const char *text = NULL;
    if (e->detail > 0 && e->detail < SOCK__DETAILS)
        text = details[e->detail];
    if (e->detail == SOCK__UNKNOWN_FAMILY)
        sock__text_addf(t, "unknown address family %d", e->code);
    else if (text != NULL && strstr(text, "%s") != NULL)
        add_quoting(t, e);
    else if (text != NULL)
        sock__text_add(t, text);
    else
        sock__text_add(t, sock_error_name(e->kind));
}

/* The number that Python shows in front of the words; false if none. */
static bool number_of(const sock_error_t *e, int *number)
{
    *number = e->kind == SOCK_E_MEMORY ? ENOMEM : e->code;
    return (e->kind == SOCK_E_OS && e->code != 0) || e->kind == SOCK_E_GAI ||
           e->kind == SOCK_E_HOST || e->kind == SOCK_E_MEMORY;
}

static void add_words_on_top(struct sock__text *t, const sock_error_t *e)
{
    char words[SOCK_ERROR_TEXT_MAX] = "";
    texts_of(e->kind)->words(e, words, sizeof words);
    sock__text_add(t, words);
}

static void add_words(struct sock__text *t, const sock_error_t *e)
{
    if (texts_of(e->kind) != NULL)
        add_words_on_top(t, e);
    else if (e->words[0] != '\0')
        sock__text_bytes(t, e->words, strnlen(e->words, sizeof e->words));
    else if (e->kind == SOCK_E_NONE)
        sock__text_add(t, "no error");
    else if (e->kind == SOCK_E_OS && e->code != 0)
        add_system(t, e->code);
    else if (e->kind == SOCK_E_TIMEOUT)
        sock__text_add(t, "timed out");
    else if (e->kind == SOCK_E_CANCELLED)
        sock__text_add(t, "cancelled");
    else if (e->kind == SOCK_E_KEY)
        sock__text_add(t, e->code == EEXIST ? "already registered"
                                            : "not registered");
    else if (e->kind == SOCK_E_GAI)
        sock__text_add(t, gai_strerror(e->code));
    else if (e->kind == SOCK_E_HOST)
        sock__text_add(t, sock__os_hstrerror(e->code));
    else if (e->kind == SOCK_E_EOF)
        sock__text_addf(t, "end of stream after %zu bytes", e->done);
    else if (e->kind == SOCK_E_MEMORY)
        add_system(t, ENOMEM);
    else
        add_detail(t, e);
}

static void add_reason(struct sock__text *t, const sock_error_t *e)
{
    int number;
    if (number_of(e, &number))
        sock__text_addf(t, "[Errno %d] ", number);
    add_words(t, e);
}

int sock_error_message(const sock_error_t *e, char *buf, size_t size)
{
    struct sock__text t;
    if (sock__text_begin(&t, "error_message", buf, size) < 0)
        return -1;
    add_words(&t, e != NULL ? e : sock_last_error());
    return sock__text_end(&t);
}

int sock_error_reason(const sock_error_t *e, char *buf, size_t size)
{
    struct sock__text t;
    if (sock__text_begin(&t, "error_reason", buf, size) < 0)
        return -1;
    add_reason(&t, e != NULL ? e : sock_last_error());
    return sock__text_end(&t);
}

/* The name that was asked for, where the address is what it stood for. */
static void add_asked(struct sock__text *t, const sock_error_t *e)
{
    const char *host = (const char *)&e->address.u + e->address.len;
    char ip[SOCK_ADDR_HOST_MAX];

    if (e->detail != SOCK__ASKED_HOST || !sock__addr_is_ip(&e->address))
        return;
    sock__text_ip("error_text", e->address.u.sa.sa_family,
                  sock__addr_ip(&e->address), ip, sizeof ip);
    if (strcmp(host, ip) != 0) {
        sock__text_char(t, ' ');
        sock__addr_add_host(t, host, sizeof e->address.u - e->address.len);
    }
}

static void add_about(struct sock__text *t, const sock_error_t *e)
{
    if (e->about[0] != '\0') {
        sock__text_char(t, ' ');
        sock__text_bytes(t, e->about, strnlen(e->about, sizeof e->about));
    }
}

static bool is_about_option(const sock_error_t *e)
{
    return strcmp(e->operation, "setsockopt") == 0 ||
           strcmp(e->operation, "getsockopt") == 0;
}

/* By its name, where the table of constants has one. */
static void add_option(struct sock__text *t, int level, int option)
{
    const char *prefix = sock__os_option_prefix(level);
    const char *name = NULL;

    if (prefix != NULL)
        name = sock__constant_name(prefix, option);
    if (name != NULL)
        sock__text_addf(t, " %s", name);
    else
        sock__text_addf(t, " level %d option %d", level, option);
}

int sock_error_text(const sock_error_t *e, char *buf, size_t size)
{
    struct sock__text t;
    if (sock__text_begin(&t, "error_text", buf, size) < 0)
        return -1;
    if (e == NULL)
        e = sock_last_error();
    if (e->operation != NULL && e->operation[0] != '\0') {
        sock__text_add(&t, e->operation);
        add_asked(&t, e);
        add_about(&t, e);
        sock__addr_describe(&t, &e->address);
        if (is_about_option(e))
            add_option(&t, e->level, e->option);
        sock__text_add(&t, ": ");
    }
    add_reason(&t, e);
    return sock__text_end(&t);
}

void sock_perror(const char *prefix)
{
    char text[SOCK_ERROR_TEXT_MAX];
    int saved = errno;
    bool prefixed = prefix != NULL && prefix[0] != '\0';

    sock_error_text(NULL, text, sizeof text);
    fprintf(stderr, "%s%s%s\n", prefixed ? prefix : "", prefixed ? ": " : "",
            text);
    errno = saved;
}

void sock_error_list_free(sock_error_list_t *list)
{
    sock__free(list);
}
