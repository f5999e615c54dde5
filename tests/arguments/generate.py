#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""generate.py LIBRARY OUTPUT: a test per public function, out of the headers.

Each gives every argument each value that its type has in arguments.h, good and
bad, in all pairs of two arguments with the rest good, and looks at what must
hold of any call. A type that arguments.h has no values for ends the build. Of
pysockc-ssl the values are those of ssl_arguments.h, too, and an object is one
with TLS; of pysockc-net those of net_arguments.h.
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import headers

# Values by the type of an argument, or where that says too little by its name
# as well. Those of the first kind are arrays or functions of arguments.h.
BY_NAME = {("int", "family"): "families", ("int", "type"): "types",
           ("double", "seconds", "sock_wait"): "waits",
           ("double", "timeout", "sock_loop_run_once"): "waits",
           ("double", "timeout", "sock_select"): "times",
           ("double", "timeout", "sock_selector_select"): "times",
           ("sock_t **", "rlist"): "object_lists", ("sock_t **", "wlist"): "object_lists",
           ("sock_t **", "xlist"): "object_lists"}
BY_NAME |= {("int", "events", f"sock_selector_{name}"): "selected"
            for name in ("register", "register_fd", "modify", "modify_fd")}
BY_TYPE = {
    "int": "ints", "double": "doubles", "size_t": "sizes", "socklen_t": "lengths",
    "int64_t": "int64s", "uint64_t": "uint64s", "uint32_t": "uint32s", "uint16_t": "uint16s",
    "uint8_t": "uint8s", "const char *": "texts", "sock_t *": "objects", "const sock_t *": "objects",
    "const struct sock *": "objects", "sock_t **": "places", "sock_fd_t": "descriptors",
    "sock_addr_t": "addresses", "const sock_addr_t *": "address_pointers",
    "const sock_error_t *": "errors", "const struct iovec *": "buffers",
    "sock_control_t *": "controls", "const sock_control_t *": "controls",
    "sock_cancel_t *": "tokens", "const sock_cancel_t *": "tokens",
    "sock_interrupt_fn": "interrupts", "const struct sockaddr *": "rooms",
    "sock_error_list_t *": "nothing", "sock_hostent_t *": "nothing",
    "sock_addrinfo_t *": "nothing", "sock_if_list_t *": "nothing",
    "sock_error_list_t **": "lists", "sock_selector_t *": "selectors",
    "sock_loop_t *": "loops", "sock_timer_t": "timers", "sock_loop_fn": "loop_functions",
    "sock_loop_addrinfo_fn": "addrinfo_functions",
    "sock_dispatcher_t *": "dispatchers", "const sock_dispatcher_t *": "dispatchers",
    "sock_chat_t *": "chats", "const sock_chat_t *": "chats",
    "const sock_dispatcher_class_t *": "dispatcher_classes", "const sock_chat_class_t *": "chat_classes",
    "sock_producer_fn": "producers",
    "const sock_connect_options_t *": "connect_options", "sock_connected_fn": "connected",
    "sock_server_t *": "servers", "const sock_server_t *": "servers",
    "const sock_server_class_t *": "classes",
    # None can be had but by a handler.
    "sock_request_t *": "nothing", "const sock_request_t *": "nothing",
}
# And of TLS.
BY_NAME |= {("const char *", "path", "sock_ssl_set_keylog_filename"): "log_paths",
            ("size_t", "count", "sock_ssl_set_alpn_protocols"): "counts",
            ("size_t", "count", "sock_ssl_set_pins"): "counts",
            ("size_t", "n", "sock_ssl_rand_bytes"): "counts",
            ("size_t", "n", "sock_ssl_rand_add"): "counts"}
BY_TYPE |= {
    "sock_ssl_context_t *": "contexts", "const char *const *": "name_lists", "unsigned": "flag_sets",
    "sock_ssl_session_t *": "nothing", "const sock_ssl_session_t *": "sessions",
    "sock_ssl_cert_t *": "nothing", "sock_ssl_chain_t *": "nothing",
    "sock_ssl_ciphers_t *": "nothing", "sock_ssl_password_fn": "password_functions",
    "sock_ssl_sni_fn": "sni_functions", "sock_ssl_psk_client_fn": "psk_client_functions",
    "sock_ssl_psk_server_fn": "psk_server_functions",
    "sock_ssl_context_t **": "context_places", "sock_ssl_session_t **": "pointer_places",
    "sock_ssl_cert_t **": "pointer_places", "sock_ssl_chain_t **": "pointer_places",
    "sock_ssl_ciphers_t **": "pointer_places",
}
# And of the web.
BY_NAME_OF_NET = {("const char *", "url"): "urls", ("const char *", "base"): "urls",
            ("const char *", "path"): "paths", ("const char *", "host"): "hosts",
            ("int", "port", "sock_httpd_new"): "listening_ports", ("int", "port"): "ports",
            ("double", "timeout"): "seconds", ("double", "grace"): "seconds",
            ("sock_t *", "conn"): "ended_objects", ("size_t", "max"): "counts",
            ("size_t", "i"): "counts", ("const char *", "data", "sock_headers_parse"): "rooms",
            ("const char *", "text", "sock_robots_parse"): "rooms", ("char *", "data", "sock_http_data_free"): "made_data",
            ("const char *const *", "hosts"): "host_lists"}
BY_TYPE |= {
    "sock_url_t *": "urls_of_call", "const sock_url_t *": "url_objects",
    "sock_query_t *": "queries", "const sock_query_t *": "queries",
    "sock_headers_t *": "header_objects", "const sock_headers_t *": "header_objects",
    "sock_cookies_t *": "cookie_objects", "const sock_cookies_t *": "cookie_objects",
    "sock_cookiejar_t *": "jars", "const sock_cookiejar_t *": "jars", "sock_http_t *": "connections",
    "sock_http_response_t *": "responses", "const sock_http_response_t *": "responses",
    "sock_httpd_t *": "web_servers", "sock_form_t *": "forms", "const sock_form_t *": "forms",
    "sock_robots_t *": "robots_objects", "const sock_robots_t *": "robots_objects",
    "sock_urlrequest_t *": "url_requests", "sock_opener_t *": "openers", "FILE *": "files",
    "char **": "data_places", "const char **": "pointer_places", "sock_tls_t *": "nothing",
    # None can be had but by a handler.
    "sock_httpd_request_t *": "nothing", "const sock_httpd_request_t *": "nothing",
    "struct sock_httpd_request *": "nothing", "const sock_httpd_dir_t *": "rooms",
    "sock_httpd_fn": "handlers", "sock_httpd_log_fn": "logs", "sock_httpd_check_fn": "checks",
    "sock_httpd_secret_fn": "secrets", "sock_suffix_fn": "suffixes",
    "sock_opener_filter_fn": "filters", "sock_reporthook_fn": "hooks",
    "const sock_http_limits_t *": "http_limits", "const sock_httpd_limits_t *": "httpd_limits",
    "const sock_form_limits_t *": "form_limits",
}
# And of mail, news and FTP: a client, and what ends it.
CLIENTS = {f"sock_{name}_t *": f"sock_{name}_free" for name in (
    "ftp", "imap", "nntp", "pop3", "smtp")}
# Where what could end a line is encoded; IMAP has literals.
ENCODING = {"sock_smtp_login", "sock_smtp_auth", "sock_imap_t *"}
BY_NAME_OF_NET |= {("const char *", "host", f"sock_{name}"): "servers_of_mail" for name in (
    "ftp_new", "ftp_connect", "imap_new", "imap_ssl_new", "nntp_new", "nntp_ssl_new", "pop3_new",
    "pop3_ssl_new", "smtp_new", "smtp_ssl_new", "lmtp_new", "smtp_connect")}
BY_NAME_OF_NET |= {("sock_t *", "sock", "sock_imap_adopt"): "ended_objects",
                   ("const char *const *", "args"): "recipients", ("size_t", "n", "sock_imap_command"): "few",
                   ("sock_t *", "conn", "sock_ftp_transfer_end"): "nothing",
                   ("sock_t *", "conn", "sock_ftp_abort"): "nothing"}
BY_NAME_OF_NET |= {("int", "fd"): "descriptors", ("size_t", "nto"): "counts",
                   ("const char *const *", "to"): "recipients", ("void *", "arg", "sock_sasl_password"): "nothing",
                   ("void *", "arg", "sock_sasl_token"): "nothing"}
BY_TYPE |= {
    "sock_session_t *": "sessions", "const sock_session_t *": "sessions",
    "const sock_session_opts_t *": "session_opts", "const sock_session_limits_t *": "session_limits",
    "sock_trace_fn": "traces", "sock_sasl_fn": "exchanges", "sock_sink_t": "sinks",
    "sock_source_t": "sources", "sock_lines_t *": "nothing", "sock_pop3_fn": "message_functions",
    "sock_pop3_entries_t *": "nothing", "sock_nntp_groups_t *": "nothing",
    "sock_nntp_overview_t *": "nothing", "sock_nntp_values_t *": "nothing",
    "sock_ftp_list_t *": "nothing", "sock_imap_list_t *": "nothing", "sock_imap_numbers_t *": "nothing", "const sock_imap_numbers_t *": "numbers",
    "const sock_sink_t *": "sink_pointers",
}
BY_TYPE |= {prefix + kind: f"{kind[5:-4]}_clients" for kind in CLIENTS for prefix in ("", "const ")}
# Plain places to read from or to write to.
ROOMS = re.compile(r"(const )?(void|char|int|double|int64_t|uint64_t|size_t|sock_fd_t|sock_addr_t|sock_cred_t"
                   r"|sock_cmsg_t|sock_key_t|sock_server_stats_t|unsigned|sock_ssl_\w+_t|sock_cookie_t|sock_form_item_t|sock_nntp_(group|article)_t|uint32_t|sock_imap_(status|item|event)_t|sock_(netlink|packet|vsock|can|tipc|alg|qipcrtr|bluetooth)_t) \*")

# What is asked of a server or a request, and stays theirs.
BORROWED = {f"sock_server_{name}" for name in ("sock", "arg")} | {
    f"sock_request_{name}" for name in ("sock", "server", "arg", "data")}
# The same, of what may fail.
LENT = {"sock_session_socket", "sock_http_sock", "sock_form_file", "sock_httpd_rfile", "sock_httpd_wfile", "sock_loop_selector", "sock_dispatcher_sock", "sock_dispatcher_loop",
        "sock_dispatcher_chat", "sock_chat_dispatcher", "sock_ssl_default_context",
        "sock_ssl_context"}

# How a result says that the call failed.
SIGNED = ("int", "ssize_t", "int64_t", "sock_fd_t", "double")
# A result that says so in another way, or sometimes is none.
OTHERS = {"sock_addr_ok": "said", "sock_fileno": "done_or_failed", "sock_constant_at": "done"}
# What a connection may well not have.
OTHERS |= {f"sock_ssl_{name}": "made_or_none" for name in (
    "version", "getpeercert", "session", "shared_ciphers")}
# A name that is not there, a field that a message does not have.
OTHERS |= {f"sock_{name}": "made_or_none" for name in (
    "headers_get", "headers_get_all", "query_get", "cookies_get", "cookies_get_attr",
    "form_getfirst", "form_getlist", "form_file", "robots_sitemap", "http_trailers",
    "http_sock", "httpd_user", "http_geturl", "http_responses", "session_socket", "smtp_extn",
    "smtp_refused")}
# Where a failure must not be taken for a yes, it is a no.
OTHERS |= {f"sock_{name}": "either" for name in (
    "compare_digest", "robots_can_fetch", "httpd_require_basic", "httpd_require_digest",
    "httpd_client_address")}
OTHERS |= {f"sock_{name}": "done" for name in (
    "dispatcher_sock", "dispatcher_arg", "dispatcher_loop", "dispatcher_chat",
    "chat_dispatcher", "chat_arg", "chat_terminator", "chat_get_data")}


def prototypes(library):
    """(result, name, [(type, name)...]) of each function."""
    for path in headers.LIBRARIES[library]:
        for result, name, parameters in headers.prototypes(path):
            result = " ".join(result.replace("SOCK_NODISCARD", "").split())
            if parameters.endswith("..."):
                continue  # printf's kin, whose arguments the compiler sees to
            yield result, name, [parameter(p) for p in parameters.split(",") if p.strip() != "void"]


def parameter(text):
    text = " ".join(text.split())
    if match := re.fullmatch(r"(.*?)\*?(\w+)\[2?\]", text):  # an array
        return "sock_t **", match[2]
    match = re.fullmatch(r"(.*?)(\w+)", text)
    return match[1].strip(), match[2]


def values(function, kind, name, library):
    if library == "pysockc-net":
        for key in (kind, name, function), (kind, name):
            if key in BY_NAME_OF_NET:
                return BY_NAME_OF_NET[key]
    # What is put under TLS has none yet.
    if function.startswith("sock_ssl_") and function != "sock_ssl_wrap_socket" and \
            kind in ("sock_t *", "const sock_t *"):
        return "tls_objects"
    for key in (kind, name, function), (kind, name):
        if key in BY_NAME:
            return BY_NAME[key]
    if kind in BY_TYPE:
        return BY_TYPE[kind]
    if ROOMS.fullmatch(kind):
        return "rooms"
    sys.exit(f"{function}: no values for {kind} {name}; see generate.py and arguments.h")


def outcome(result, name):
    if result == "void":
        return "done"
    if result == "sock_timer_t":
        return "made_timer"
    if name in OTHERS:
        return OTHERS[name]
    if result == "sock_addr_t":
        return "made_address"
    if name in BORROWED:
        return "done"
    if result in SIGNED:
        return "returned"
    return "made" if result.endswith("*") else "done"


def test(library, result, name, parameters):
    names = [values(name, kind, what, library) for kind, what in parameters]
    counts = ", ".join(f"count_{n}" for n in names)
    group = prefix_of(library) + "arguments"
    yield f"TEST({group}, {name})\n{{"
    yield f"    struct call c = begin(\"{name}\", {len(names)}, (const int[]){{{counts or 0}}});"
    yield "    while (next(&c)) {"
    for i, (n, (kind, _)) in enumerate(zip(names, parameters)):
        yield f"        {kind} v{i} = {n}(&c, {i});"
    call = f"{name}({', '.join(f'v{i}' for i in range(len(names)))})"
    how = outcome(result, name)
    if "objects" in names and name not in WHEN_CLOSED:
        yield "        c.must_fail = c.replaced >= 0;"
    yield "        prepare(&c);"
    if result == "void":
        yield f"        {call};\n        done(&c);"
    elif how == "done":
        yield f"        {result} r = {call};\n        (void)r;\n        done(&c);"
    elif how == "either":
        yield f"        {result} r = {call};\n        (void)r;\n        either(&c);"
    elif how == "made_address":
        yield f"        {result} r = {call};\n        made_address(&c, &r);"
    elif how == "made_timer":
        yield f"        {result} r = {call};\n        said(&c, r.generation != 0);"
    elif how == "made":
        yield f"        {result} r = {call};\n        made(&c, r == NULL);"
    else:
        r = "r == NULL" if how == "made_or_none" else "(double)r" if how != "said" else "r"
        yield f"        {result} r = {call};\n        {how}(&c, {r});"
    if parameters and parameters[0][0] in CLIENTS:
        # The text that is this one has the end of a line in it.
        broken = [f"c.at[{i}] == 4" for i, n in enumerate(names) if n == "texts"]
        yield (f"        said_nothing(&c, {' || '.join(broken) or 'false'}, "
               f"{str(bool({name, parameters[0][0]} & ENCODING)).lower()});")
    if name in TAKING:
        yield f"        if ({TAKING[name]})\n            c.object = NULL;"
    if name in FREEING:
        yield "        c.dispatcher = NULL;"
    if result in ENDS and name not in BORROWED | LENT:
        yield f"        {ENDS[result]}(r);"
    elif result == "sock_fd_t" and not name.endswith("_fileno"):
        yield "        if (r >= 0)\n            close(r);"
    yield f"        clean(&c, {int(name in ENDING)});"
    if library != "pysockc":
        yield f"        clean_{CLEANERS[library]}({int(name in ENDING)});"
    yield "    }\n}\n"


# What a closed object still does; all else must fail.
WHEN_CLOSED = {"sock_addr_for", "sock_close", "sock_connect_ex", "sock_family", "sock_fileno",
               "sock_free", "sock_getblocking", "sock_get_deadline", "sock_gettimeout",
               "sock_loop_add_reader", "sock_loop_add_writer", "sock_loop_remove_reader",
               "sock_loop_remove_writer", "sock_proto", "sock_repr", "sock_set_interrupt",
               "sock_type"}
# What ends its first argument.
ENDING = {"sock_free", "sock_freep", "sock_loop_free", "sock_selector_free", "sock_cancel_free",
          "sock_server_free", "sock_ssl_context_free", "sock_ssl_context_freep"}
ENDING |= {f"sock_{kind}_free" for kind in (
    "url", "query", "headers", "cookies", "cookiejar", "form", "robots", "urlrequest", "opener",
    "httpd", "http", "http_response")}
ENDING |= set(CLIENTS.values())
# What ends a result.
ENDS = {"sock_t *": "sock_free", "sock_cancel_t *": "sock_cancel_free", "FILE *": "end_file",
        "sock_hostent_t *": "sock_hostent_free", "sock_addrinfo_t *": "sock_addrinfo_free",
        "sock_if_list_t *": "sock_if_list_free", "sock_selector_t *": "sock_selector_free",
        "sock_loop_t *": "sock_loop_free", "sock_server_t *": "sock_server_free",
        "sock_dispatcher_t *": "sock_dispatcher_free", "sock_chat_t *": "sock_chat_free",
        "sock_ssl_context_t *": "sock_ssl_context_free", "sock_ssl_cert_t *": "sock_ssl_cert_free",
        "sock_ssl_chain_t *": "sock_ssl_chain_free", "sock_ssl_ciphers_t *": "sock_ssl_ciphers_free",
        "sock_ssl_session_t *": "sock_ssl_session_free", "sock_url_t *": "sock_url_free",
        "sock_query_t *": "sock_query_free", "sock_headers_t *": "sock_headers_free",
        "sock_cookies_t *": "sock_cookies_free", "sock_cookiejar_t *": "sock_cookiejar_free",
        "sock_http_t *": "sock_http_free", "sock_http_response_t *": "sock_http_response_free",
        "sock_httpd_t *": "sock_httpd_free", "sock_form_t *": "sock_form_free",
        "sock_robots_t *": "sock_robots_free", "sock_urlrequest_t *": "sock_urlrequest_free",
        "sock_opener_t *": "sock_opener_free", "sock_lines_t *": "sock_lines_free",
        "sock_ftp_list_t *": "sock_ftp_list_free", "sock_imap_list_t *": "sock_imap_list_free",
        "sock_imap_numbers_t *": "sock_imap_numbers_free", "sock_pop3_entries_t *": "sock_pop3_entries_free", "sock_nntp_groups_t *": "sock_nntp_groups_free",
        "sock_nntp_overview_t *": "sock_nntp_overview_free", "sock_nntp_values_t *": "sock_nntp_values_free"} | CLIENTS
# What owns its socket when it has succeeded; and what ends the dispatcher.
TAKING = {"sock_server_adopt": "r != NULL",
          "sock_dispatcher_new": "r != NULL && v2 != NULL",
          "sock_dispatcher_with_send_new": "r != NULL && v2 != NULL",
          "sock_chat_new": "r != NULL && v2 != NULL", "sock_dispatcher_set_socket": "r == 0",
          "sock_http_from": "r != NULL", "sock_imap_adopt": "r != NULL", "sock_httpd_serve": "r == 0"}
FREEING = {"sock_dispatcher_free", "sock_chat_free"}


# What frees what the values of a library on top were made of.
CLEANERS = {"pysockc-ssl": "tls", "pysockc-net": "net"}


def prefix_of(library):
    """ssl_ of pysockc-ssl; none of the core."""
    return library.removeprefix("pysockc").removeprefix("-") + "_" * (library != "pysockc")


def main(library, output):
    lines = ["/* Made by tests/arguments/generate.py. */",
             f"#include \"{prefix_of(library)}arguments.h\"", ""]
    for result, name, parameters in prototypes(library):
        lines += test(library, result, name, parameters)
    pathlib.Path(output).write_text("\n".join(lines))


main(*sys.argv[1:])
