/* SPDX-License-Identifier: MIT */
/*
 * Every macro and constant of the public headers, used as a program of any
 * standard of C or C++ uses them.
 */
#include <pysockc/pysockc.h>

/* In the preprocessor, where a program asks for the version. */
#if !(SOCK_VERSION_NUMBER >= 0x000300) || SOCK_VERSION_NUMBER >= 0x000400 ||   \
    SOCK_VERSION_MAJOR != 0 || SOCK_VERSION_MINOR != 3 ||                      \
    SOCK_VERSION_PATCH != 0
#error "the version is not usable in #if"
#endif

extern const char *const texts[];
const char *const texts[] = {SOCK_VERSION, SOCK_BDADDR_ANY, SOCK_BDADDR_LOCAL};

/* As the size of an array, where only a constant will do. */
extern char buffers[];
char buffers[SOCK_ADDR_HOST_MAX + SOCK_ADDR_PATH_MAX + SOCK_ADDR_REPR_MAX +
             SOCK_ADDR_TEXT_MAX + SOCK_ERROR_TEXT_MAX + SOCK_ERROR_WORDS_MAX +
             SOCK_HOST_NAME_MAX + SOCK_IF_NAME_MAX + SOCK_INET6_SIZE +
             SOCK_INET_SIZE + SOCK_INET_TEXT_MAX + SOCK_NAMEINFO_HOST_MAX +
             SOCK_NAMEINFO_PORT_MAX + SOCK_REPR_MAX + SOCK_CONTROL_MAX +
             SOCK_ALG_IV_MAX + SOCK_BDADDR_TEXT_MAX + SOCK_HARDWARE_ADDR_MAX +
             SOCK_SERVICE_NAME_MAX + SOCK_TYPE_UNICODE];

extern const sock_cmsg_t first;
const sock_cmsg_t first = SOCK_CMSG_FIRST;

/* As case labels, which must all differ. */
static const char *kind_name(int kind)
{
    switch (kind) {
    case SOCK_E_NONE:
        return "none";
    case SOCK_E_OS:
        return "os";
    case SOCK_E_TIMEOUT:
        return "timeout";
    case SOCK_E_GAI:
        return "gai";
    case SOCK_E_HOST:
        return "host";
    case SOCK_E_VALUE:
        return "value";
    case SOCK_E_OVERFLOW:
        return "overflow";
    case SOCK_E_TYPE:
        return "type";
    case SOCK_E_EOF:
        return "eof";
    case SOCK_E_MEMORY:
        return "memory";
    case SOCK_E_TLS:
        return "tls";
    case SOCK_E_CANCELLED:
        return "cancelled";
    case SOCK_E_KEY:
        return "key";
    case SOCK_E_UNSUPPORTED:
        return "unsupported";
    case SOCK_E_PROTOCOL:
        return "protocol";
    case SOCK_E_REPLY:
        return "reply";
    default:
        return "";
    }
}

static const char *fault_name(int fault)
{
    switch (fault) {
    case SOCK_P_SYNTAX:
        return "syntax";
    case SOCK_P_FRAMING:
        return "framing";
    case SOCK_P_TOO_LARGE:
        return "too large";
    case SOCK_P_VERSION:
        return "version";
    case SOCK_P_REDIRECT:
        return "redirect";
    case SOCK_P_UNSUPPORTED:
        return "unsupported";
    case SOCK_P_ORDER:
        return "order";
    default:
        return "";
    }
}

static const char *event_name(int event)
{
    switch (event) {
    case SOCK_EVENT_READ:
        return "read";
    case SOCK_EVENT_WRITE:
        return "write";
    case SOCK_EVENT_PRIORITY:
        return "priority";
    case SOCK_EVENT_RDHUP:
        return "rdhup";
    case SOCK_EVENT_EDGE:
        return "edge";
    case SOCK_EVENT_ONESHOT:
        return "oneshot";
    case SOCK_EVENT_EXCLUSIVE:
        return "exclusive";
    case SOCK_EVENT_HANGUP:
        return "hangup";
    case SOCK_EVENT_ERROR:
        return "error";
    default:
        return "";
    }
}

static const char *selector_name(int kind)
{
    switch (kind) {
    case SOCK_SELECTOR_DEFAULT:
        return "default";
    case SOCK_SELECTOR_EPOLL:
        return "epoll";
    case SOCK_SELECTOR_POLL:
        return "poll";
    default:
        return "";
    }
}

static int tried(void *arg, size_t i, sock_t *s, const sock_error_t *error)
{
    sock_free(s);
    return arg == NULL && i > 0 && error != NULL;
}

static const char *mode_name(int mode)
{
    switch (mode) {
    case SOCK_SERVER_SERIAL:
        return "serial";
    case SOCK_SERVER_THREADING:
        return "threading";
    case SOCK_SERVER_FORKING:
        return "forking";
    case SOCK_SERVER_POOL:
        return "pool";
    default:
        return "";
    }
}

static const char *full_name(int when)
{
    switch (when) {
    case SOCK_SERVER_WAIT:
        return "wait";
    case SOCK_SERVER_REFUSE:
        return "refuse";
    case SOCK_SERVER_CALL:
        return "call";
    default:
        return "";
    }
}

static int never(void *arg)
{
    return arg != &buffers[0];
}

static const sock_dispatcher_class_t dispatcher_class = {
    sizeof(sock_dispatcher_class_t),
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    0,
    0,
    SOCK_NO_LIMIT,
    0,
    0,
    0,
    0,
    {NULL, NULL, NULL, NULL}};

extern int use_dispatcher(sock_loop_t *loop, const char *terminator);
int use_dispatcher(sock_loop_t *loop, const char *terminator)
{
    sock_chat_t *chat = sock_dispatcher_chat(
        sock_dispatcher_new(&dispatcher_class, loop, NULL, NULL));
    sock_chat_set_terminator(chat, terminator, SOCK_TERMINATOR_MAX);
    switch (sock_dispatcher_state(sock_chat_dispatcher(chat))) {
    case SOCK_DISPATCHER_CLOSED:
        return 0;
    case SOCK_DISPATCHER_IDLE:
        return 1;
    case SOCK_DISPATCHER_CONNECTING:
        return 2;
    case SOCK_DISPATCHER_CONNECTED:
        return 3;
    case SOCK_DISPATCHER_ACCEPTING:
        return 4;
    default:
        return 5;
    }
}

extern int use(void);
int use(void)
{
    SOCK_AUTO sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_t *server =
        sock_create_server(sock_addr_inet("127.0.0.1", 0), SOCK_DEFAULT_BACKLOG,
                           SOCK_SERVER_REUSE_PORT | SOCK_SERVER_DUALSTACK_IPV6);
    sock_t *client = sock_create_connection(
        "localhost", 80, SOCK_DEFAULT_TIMEOUT, sock_addr_none());
    sock_addr_t address = sock_addr_none();
    sock_interrupt_t former = sock_set_interrupt(s, never, &buffers[0]);
    int64_t sent = sock_sendfile(s, 0, 0, SOCK_SENDFILE_TO_END);
    sock_fd_t fd = sock_fileno(s);
    uint16_t port = sock_htons(80);
    uint32_t word = sock_ntohl(INADDR_ANY);
    sock_hostent_t *host = sock_gethostbyname_ex("localhost");
    static sock_connect_options_t options;
    sock_selector_t *sel = sock_selector_new(SOCK_SELECTOR_DEFAULT);

    options.size = sizeof options;
    options.first_family = AF_INET;
    sock_free(sock_connect_to_host("localhost", 80, 5, &options));
    sock_addrinfo_free(
        sock_getaddrinfo_within("localhost", "80", AF_INET, 0, 0, 0, 5));
    sock_connect_each(&address, 1, 0, SOCK_DEFAULT_TIMEOUT, tried, NULL);
    sock_selector_register(sel, server, SOCK_EVENT_READ | SOCK_EVENT_EXCLUSIVE,
                           &buffers[0]);
    sock_selector_free(sel);
    sock_settimeout(s, SOCK_NO_TIMEOUT);
    sock_set_deadline(s, SOCK_NO_TIMEOUT);
    sock_set_cancel(s, NULL);
    sock_wait(s, SOCK_EVENT_READ | SOCK_EVENT_WRITE, 0);
    sock_shutdown(client, SHUT_RDWR);
    sock_free(client);
    sock_free(server);
    sock_hostent_free(host);
    sock_set_interrupt(s, former.check, former.arg);
    return fd + port + (word != 0) + (sent < 0) +
           sock_addr_equal(&address, &address) +
           kind_name(sock_last_error()->kind)[0] +
           fault_name(sock_last_error()->code)[0] + event_name(sent != 0)[0] +
           selector_name(fd)[0] + mode_name(fd)[0] + full_name(fd)[0];
}
