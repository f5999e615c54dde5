#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""generate.py LIBRARY OUTPUT: a test per public function, out of the headers.

Each gives every argument each value that its type has in arguments.h, good and
bad, in all pairs of two arguments with the rest good, and looks at what must
hold of any call. A type that arguments.h has no values for ends the build. Of
pysockc-ssl the values are those of ssl_arguments.h, too, and an object is one
with TLS.
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
# Plain places to read from or to write to.
ROOMS = re.compile(r"(const )?(void|char|int|int64_t|uint64_t|size_t|sock_fd_t|sock_addr_t|sock_cred_t"
                   r"|sock_cmsg_t|sock_key_t|sock_server_stats_t|unsigned|sock_ssl_\w+_t|sock_(netlink|packet|vsock|can|tipc|alg|qipcrtr|bluetooth)_t) \*")

# What is asked of a server or a request, and stays theirs.
BORROWED = {f"sock_server_{name}" for name in ("sock", "arg")} | {
    f"sock_request_{name}" for name in ("sock", "server", "arg", "data")}
# The same, of what may fail.
LENT = {"sock_loop_selector", "sock_dispatcher_sock", "sock_dispatcher_loop",
        "sock_dispatcher_chat", "sock_chat_dispatcher", "sock_ssl_default_context",
        "sock_ssl_context"}

# How a result says that the call failed.
SIGNED = ("int", "ssize_t", "int64_t", "sock_fd_t", "double")
# A result that says so in another way, or sometimes is none.
OTHERS = {"sock_addr_ok": "said", "sock_fileno": "done_or_failed", "sock_constant_at": "done"}
# What a connection may well not have.
OTHERS |= {f"sock_ssl_{name}": "made_or_none" for name in (
    "version", "getpeercert", "session", "shared_ciphers")}
OTHERS |= {f"sock_{name}": "done" for name in (
    "dispatcher_sock", "dispatcher_arg", "dispatcher_loop", "dispatcher_chat",
    "chat_dispatcher", "chat_arg", "chat_terminator", "chat_get_data")}


def prototypes(library):
    """(result, name, [(type, name)...]) of each function."""
    for path in headers.LIBRARIES[library]:
        for result, name, parameters in headers.prototypes(path):
            result = " ".join(result.replace("SOCK_NODISCARD", "").split())
            yield result, name, [parameter(p) for p in parameters.split(",") if p.strip() != "void"]


def parameter(text):
    text = " ".join(text.split())
    if match := re.fullmatch(r"(.*?)\*?(\w+)\[2?\]", text):  # an array
        return "sock_t **", match[2]
    match = re.fullmatch(r"(.*?)(\w+)", text)
    return match[1].strip(), match[2]


def values(function, kind, name):
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
    if result == "sock_addr_t":
        return "made_address"
    if result == "sock_timer_t":
        return "made_timer"
    if name in OTHERS:
        return OTHERS[name]
    if name in BORROWED:
        return "done"
    if result in SIGNED:
        return "returned"
    return "made" if result.endswith("*") else "done"


def test(library, result, name, parameters):
    names = [values(name, kind, what) for kind, what in parameters]
    counts = ", ".join(f"count_{n}" for n in names)
    group = "arguments" if library == "pysockc" else "ssl_arguments"
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
    elif how == "made_address":
        yield f"        {result} r = {call};\n        made_address(&c, &r);"
    elif how == "made_timer":
        yield f"        {result} r = {call};\n        said(&c, r.generation != 0);"
    elif how == "made":
        yield f"        {result} r = {call};\n        made(&c, r == NULL);"
    else:
        r = "r == NULL" if how == "made_or_none" else "(double)r" if how != "said" else "r"
        yield f"        {result} r = {call};\n        {how}(&c, {r});"
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
        yield f"        clean_tls({int(name in ENDING)});"
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
# What ends a result.
ENDS = {"sock_t *": "sock_free", "sock_cancel_t *": "sock_cancel_free", "FILE *": "end_file",
        "sock_hostent_t *": "sock_hostent_free", "sock_addrinfo_t *": "sock_addrinfo_free",
        "sock_if_list_t *": "sock_if_list_free", "sock_selector_t *": "sock_selector_free",
        "sock_loop_t *": "sock_loop_free", "sock_server_t *": "sock_server_free",
        "sock_dispatcher_t *": "sock_dispatcher_free", "sock_chat_t *": "sock_chat_free",
        "sock_ssl_context_t *": "sock_ssl_context_free", "sock_ssl_cert_t *": "sock_ssl_cert_free",
        "sock_ssl_chain_t *": "sock_ssl_chain_free", "sock_ssl_ciphers_t *": "sock_ssl_ciphers_free",
        "sock_ssl_session_t *": "sock_ssl_session_free"}
# What owns its socket when it has succeeded; and what ends the dispatcher.
TAKING = {"sock_server_adopt": "r != NULL",
          "sock_dispatcher_new": "r != NULL && v2 != NULL",
          "sock_dispatcher_with_send_new": "r != NULL && v2 != NULL",
          "sock_chat_new": "r != NULL && v2 != NULL", "sock_dispatcher_set_socket": "r == 0"}
FREEING = {"sock_dispatcher_free", "sock_chat_free"}


def main(library, output):
    values_of = "arguments.h" if library == "pysockc" else "ssl_arguments.h"
    lines = ["/* Made by tests/arguments/generate.py. */", f"#include \"{values_of}\"", ""]
    for result, name, parameters in prototypes(library):
        lines += test(library, result, name, parameters)
    pathlib.Path(output).write_text("\n".join(lines))


main(*sys.argv[1:])
