/* SPDX-License-Identifier: MIT */
/* What failed, in one record per thread: setting it. error.c makes its text. */
#ifndef SOCK__RECORD_H
#define SOCK__RECORD_H

#include <stdbool.h>

#include <pysockc/error.h>

#include "private.h"

/* What selects the text of a failure whose code does not. */
enum sock__detail {
    SOCK__NO_DETAIL,
    SOCK__NULL_SOCKET,
    SOCK__NULL_BUFFER,
    SOCK__NULL_ARGUMENT,
    SOCK__SIZE_TOO_LARGE,
    SOCK__BUFFER_TOO_SMALL,
    SOCK__NEGATIVE_FD,
    SOCK__STREAM_ONLY,
    SOCK__NO_SENDTO,
    SOCK__NO_MESSAGES,
    SOCK__ITEM_TOO_LARGE,
    SOCK__CONTROL_TOO_LARGE,
    SOCK__CONTROL_SIZE,
    SOCK__BAD_CMSG_LEN,
    SOCK__BAD_CMSG_SPACE,
    SOCK__NO_DUP,
    SOCK__BAD_MODE,
    SOCK__BOTH_MODES,
    SOCK__TIMED_OUT_OBJECT,
    SOCK__BAD_COUNT,
    SOCK__PEEKS_MOVE,
    SOCK__NON_BLOCKING,
    SOCK__NO_ADDRESS,
    SOCK__ADDRESS_TOO_SHORT,
    SOCK__ADDRESS_TOO_LONG,
    SOCK__ADDRESS_SYNTAX,
    SOCK__NOT_INET,
    SOCK__NOT_UNIX,
    SOCK__OTHER_FAMILY,
    SOCK__HARDWARE_ADDR_TOO_LONG,
    SOCK__BAD_PACKET_PROTO,
    SOCK__CAN_NAME_TOO_LONG,
    SOCK__BAD_ADDRESS_TYPE,
    SOCK__ALG_TYPE_TOO_LONG,
    SOCK__ALG_NAME_TOO_LONG,
    SOCK__BAD_BDADDR,
    SOCK__OUT_OF_RANGE,
    SOCK__ALG_ONLY,
    SOCK__BAD_ALG_OP,
    SOCK__BAD_ASSOCLEN,
    SOCK__BAD_FAMILY,
    SOCK__FAMILY_MISMATCH,
    SOCK__MANY_WILDCARDS,
    SOCK__HOST_TOO_LONG,
    SOCK__HOST_NOT_ASCII,
    SOCK__UNIX_PATH_TOO_LONG,
    SOCK__NUL_IN_PATH,
    SOCK__BAD_PORT,
    SOCK__BAD_FLOWINFO,
    SOCK__TIMEOUT_NAN,
    SOCK__TIMEOUT_NEGATIVE,
    SOCK__TIMEOUT_OF_SELECT,
    SOCK__TIMEOUT_TOO_LARGE,
    SOCK__BAD_EVENTS,
    SOCK__BAD_KIND,
    SOCK__NO_SUCH_EVENTS,
    SOCK__NO_EVENTS_OF_POLL,
    SOCK__NO_EXCLUSIVE,
    SOCK__NO_POLLER_FD,
    SOCK__BAD_SIGNAL,
    SOCK__SIGNAL_OF_FAULT,
    SOCK__BAD_SERVER_FLAGS,
    SOCK__DUALSTACK_FAMILY,
    SOCK__STRUCT_SIZE,
    SOCK__BAD_DELAY,
    SOCK__OPTION_SIZE,
    SOCK__NO_SERVICE,
    SOCK__NO_PORT_SERVICE,
    SOCK__NO_PROTOCOL,
    SOCK__NO_INTERFACE,
    SOCK__BAD_INET_ATON,
    SOCK__BAD_INET_PTON,
    SOCK__BAD_INET_NTOA,
    SOCK__BAD_PACKED_SIZE,
    SOCK__UNKNOWN_FAMILY,
    SOCK__NO_CONSTANT,
    SOCK__NO_SUCH_VALUE,
    SOCK__CLASS_SIZE,
    SOCK__NO_HANDLE,
    SOCK__BAD_SERVER_MODE,
    SOCK__BAD_SERVER_TYPE,
    SOCK__BAD_WHEN_FULL,
    SOCK__NO_QUEUE_FULL,
    SOCK__BAD_SWITCH,
    SOCK__MEMBER_RANGE,
    SOCK__RESERVED,
    SOCK__BAD_STACK_SIZE,
    SOCK__NOT_LISTENING,
    SOCK__WATER_MARKS,
    SOCK__DATAGRAM_ONLY,
    SOCK__CANNOT_PARK,
    SOCK__RECV_FLAGS,
    SOCK__SEND_FLAGS,
    SOCK__NO_TLS,
    SOCK__TLS_NON_BLOCKING,
    SOCK__TLS_SHARED,
    SOCK__TLS_TWICE,
    SOCK__CLIENT_OF_SERVER,
    SOCK__SERVER_OF_CLIENT,
    SOCK__TLS_STREAM,
    SOCK__BAD_TLS_PROTOCOL,
    SOCK__BAD_TLS_PURPOSE,
    SOCK__BAD_VERIFY_MODE,
    SOCK__NAME_NEEDS_CERT,
    SOCK__BAD_TLS_VERSION,
    SOCK__NO_TLS_VERSION,
    SOCK__BAD_ALPN,
    SOCK__BAD_VERIFY_FLAGS,
    SOCK__BAD_TLS_OPTIONS,
    SOCK__BAD_CIPHERSUITE,
    SOCK__BAD_CURVE,
    SOCK__NOT_OF_SERVER,
    SOCK__NEGATIVE_VALUE,
    SOCK__SNI_OF_CLIENT,
    SOCK__PSK_OF_SERVER,
    SOCK__PSK_OF_CLIENT,
    SOCK__LONG_PSK_HINT,
    SOCK__BAD_PSK,
    SOCK__NO_ALERT,
    SOCK__BAD_PIN,
    SOCK__PINS_NEED_CERT,
    SOCK__HANDSHAKE_BEGUN,
    SOCK__NOT_TLS_ERROR,
    SOCK__BAD_ENTROPY,
    SOCK__BAD_SERVER_HOSTNAME,
    SOCK__NAME_NEEDED,
    SOCK__NAME_OF_SERVER,
    SOCK__LONG_PASSWORD,
    SOCK__NO_LOCATION,
    SOCK__NO_TLS_LIBRARY,
    SOCK__OTHER_CONTEXT,
    SOCK__OTHER_HOST,
    SOCK__LAX_SESSION,
    SOCK__SESSION_OF_SERVER,
    SOCK__KEY_AND_CERT,
    SOCK__NO_SUCH_BINDING,
    SOCK__UNIQUE_OF_OLD,
    SOCK__NO_EXTENDED_SECRET,
    SOCK__NO_DEFAULT_CERTS,
    SOCK__HANDSHAKE_OWED,
    SOCK__BAD_PEM_START,
    SOCK__BAD_PEM_END,
    SOCK__BAD_BASE64,
    SOCK__BAD_CERT_TIME,
    SOCK__DETAILS,
    SOCK__ASKED_HOST /* selects no text; see sock__fail_asked() */
};

/* As sock__fail(), which private.h has: each returns -1, records, and sets
 * errno. With the address that it was about. */
int sock__fail_to(const char *op, int kind, int code, int detail,
                  const sock_addr_t *address);
/* For a status, as sock__wait() and its like return it. */
int sock__fail_status_to(const char *op, int status,
                         const sock_addr_t *address);
/* The errno of a kind of error. */
int sock__errno_of(int kind, int code);
/* The record's address, which is none: for whom a call was about that has just
 * failed. */
sock_addr_t *sock__fail_address(void);
/* Adds to the record, behind its address, the start of the host name that was
 * asked for; NULL: none was. */
void sock__fail_asked(const char *host);
/* Adds to the record how far a call came that has just failed. */
void sock__fail_done(size_t done);
/* Adds to the record which option it was about. */
void sock__fail_option(int level, int option);

/* free(3), which may touch errno, without that. */
void sock__free(void *memory);

#endif
