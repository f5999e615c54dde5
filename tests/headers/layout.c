/* SPDX-License-Identifier: MIT */
/*
 * The layouts of structs are a promise: equal in C and in C++, in every
 * standard. An array of negative size stops the compiler.
 */
#include <stddef.h>

#include <pysockc/address.h>
#include <pysockc/cgi.h>
#include <pysockc/cookie.h>
#include <pysockc/loop.h>
#include <pysockc/resolve.h>
#include <pysockc/select.h>
#include <pysockc/server.h>
#include <pysockc/url.h>

#define CHECK(name, condition) extern char check_##name[(condition) ? 1 : -1]

CHECK(size, sizeof(sock_addr_t) == 160);
CHECK(struct_is_type, sizeof(struct sock_addr) == sizeof(sock_addr_t));
CHECK(len, offsetof(sock_addr_t, len) == 0);
CHECK(kind, offsetof(sock_addr_t, kind) == 4);
CHECK(detail, offsetof(sock_addr_t, detail) == 6);
CHECK(code, offsetof(sock_addr_t, code) == 8);
CHECK(sys_errno, offsetof(sock_addr_t, sys_errno) == 12);
CHECK(reserved, offsetof(sock_addr_t, reserved) == 16);
CHECK(u, offsetof(sock_addr_t, u) == 32);
CHECK(u_sa, offsetof(sock_addr_t, u.sa) == 32);
CHECK(u_in, offsetof(sock_addr_t, u.in) == 32);
CHECK(u_in6, offsetof(sock_addr_t, u.in6) == 32);
CHECK(u_un, offsetof(sock_addr_t, u.un) == 32);
CHECK(u_storage, offsetof(sock_addr_t, u.storage) == 32);

extern const sock_addr_t a; /* for sizeof alone */
CHECK(len_size, sizeof a.len == 4);
CHECK(kind_size, sizeof a.kind == 2);
CHECK(detail_size, sizeof a.detail == 2);
CHECK(code_size, sizeof a.code == 4);
CHECK(sys_errno_size, sizeof a.sys_errno == 4);
CHECK(reserved_size, sizeof a.reserved == 16);
CHECK(u_size, sizeof a.u == 128);

/* Two pointers, then six numbers: 40 bytes where a pointer has 64 bits. */
#define POINTERS (2 * sizeof(void *))
CHECK(key_size, sizeof(sock_key_t) == POINTERS + 24);
CHECK(key_struct_is_type, sizeof(struct sock_key) == sizeof(sock_key_t));
CHECK(key_sock, offsetof(sock_key_t, sock) == 0);
CHECK(key_data, offsetof(sock_key_t, data) == sizeof(void *));
CHECK(key_fd, offsetof(sock_key_t, fd) == POINTERS);
CHECK(key_events, offsetof(sock_key_t, events) == POINTERS + 4);
CHECK(key_mask, offsetof(sock_key_t, mask) == POINTERS + 8);
CHECK(key_reserved, offsetof(sock_key_t, reserved) == POINTERS + 12);

extern const sock_key_t key;
CHECK(key_sock_size, sizeof key.sock == sizeof(void *));
CHECK(key_data_size, sizeof key.data == sizeof(void *));
CHECK(key_fd_size, sizeof key.fd == 4);
CHECK(key_events_size, sizeof key.events == 4);
CHECK(key_mask_size, sizeof key.mask == 4);
CHECK(key_reserved_size, sizeof key.reserved == 12);

/* Where a pointer has 64 bits; elsewhere a double's place is the system's. */
#define IF_64(condition) (sizeof(void *) != 8 || (condition))
CHECK(options_size, IF_64(sizeof(sock_connect_options_t) == 200));
CHECK(options_struct_is_type,
      sizeof(struct sock_connect_options) == sizeof(sock_connect_options_t));
CHECK(options_first, offsetof(sock_connect_options_t, size) == 0);
CHECK(options_source,
      offsetof(sock_connect_options_t, source) == sizeof(size_t));
CHECK(options_delay, IF_64(offsetof(sock_connect_options_t, delay) == 168));
CHECK(options_errors, IF_64(offsetof(sock_connect_options_t, errors) == 176));
CHECK(options_family,
      IF_64(offsetof(sock_connect_options_t, first_family) == 184));
CHECK(options_nodelay, IF_64(offsetof(sock_connect_options_t, nodelay) == 188));
CHECK(options_mptcp, IF_64(offsetof(sock_connect_options_t, mptcp) == 192));
CHECK(options_reserved,
      IF_64(offsetof(sock_connect_options_t, reserved) == 196));

CHECK(timer_size, sizeof(sock_timer_t) == 8);
CHECK(timer_is_type, sizeof(struct sock_timer) == sizeof(sock_timer_t));
CHECK(timer_slot, offsetof(sock_timer_t, slot) == 0);
CHECK(timer_generation, offsetof(sock_timer_t, generation) == 4);
CHECK(watch_size, sizeof(sock_watch_t) == 2 * sizeof(void *));
CHECK(watch_fn, offsetof(sock_watch_t, fn) == 0);
CHECK(watch_arg, offsetof(sock_watch_t, arg) == sizeof(void *));
/* A size, 12 numbers, 3 times, 2 sizes, 6 numbers, 13 functions. A time is
 * aligned as it is within a structure. */
struct time_in_a_structure {
    char c;
    double d;
};
#define SERVER_INTS(n) ((n)*4)
#define SERVER_TIMES                                                           \
    ((sizeof(size_t) + SERVER_INTS(12) +                                       \
      offsetof(struct time_in_a_structure, d) - 1) /                           \
     offsetof(struct time_in_a_structure, d) *                                 \
     offsetof(struct time_in_a_structure, d))
CHECK(class_mode, offsetof(sock_server_class_t, mode) == sizeof(size_t));
CHECK(class_timeout, offsetof(sock_server_class_t, timeout) == SERVER_TIMES);
CHECK(class_max_packet_size,
      offsetof(sock_server_class_t, max_packet_size) == SERVER_TIMES + 24);
CHECK(class_threads, offsetof(sock_server_class_t, threads) ==
                         SERVER_TIMES + 24 + 2 * sizeof(size_t));
CHECK(class_reserved,
      offsetof(sock_server_class_t, reserved) ==
          SERVER_TIMES + 24 + 2 * sizeof(size_t) + SERVER_INTS(5));
CHECK(class_handle,
      offsetof(sock_server_class_t, handle) ==
          SERVER_TIMES + 24 + 2 * sizeof(size_t) + SERVER_INTS(6));
CHECK(class_struct_is_type,
      sizeof(struct sock_server_class) == sizeof(sock_server_class_t));
CHECK(stats_size, sizeof(sock_server_stats_t) == 128);
CHECK(stats_struct_is_type,
      sizeof(struct sock_server_numbers) == sizeof(sock_server_stats_t));
CHECK(stats_cut, offsetof(sock_server_stats_t, cut) == 56);

/* Nine pointers, then six numbers. */
CHECK(url_size, sizeof(sock_url_t) == 9 * sizeof(void *) + 24);
CHECK(url_struct_is_type, sizeof(struct sock_url) == sizeof(sock_url_t));
CHECK(url_scheme, offsetof(sock_url_t, scheme) == 0);
CHECK(url_netloc, offsetof(sock_url_t, netloc) == sizeof(void *));
CHECK(url_path, offsetof(sock_url_t, path) == 2 * sizeof(void *));
CHECK(url_params, offsetof(sock_url_t, params) == 3 * sizeof(void *));
CHECK(url_query, offsetof(sock_url_t, query) == 4 * sizeof(void *));
CHECK(url_fragment, offsetof(sock_url_t, fragment) == 5 * sizeof(void *));
CHECK(url_username, offsetof(sock_url_t, username) == 6 * sizeof(void *));
CHECK(url_password, offsetof(sock_url_t, password) == 7 * sizeof(void *));
CHECK(url_hostname, offsetof(sock_url_t, hostname) == 8 * sizeof(void *));
CHECK(url_port, offsetof(sock_url_t, port) == 9 * sizeof(void *));
CHECK(url_reserved, offsetof(sock_url_t, reserved) == 9 * sizeof(void *) + 4);

/* A size, four numbers, a size, a number of 64 bits, three sizes, numbers. */
CHECK(form_limits_struct_is_type,
      sizeof(struct sock_form_limits) == sizeof(sock_form_limits_t));
CHECK(form_limits_flags, offsetof(sock_form_limits_t, flags) == sizeof(size_t));
CHECK(form_limits_fields,
      offsetof(sock_form_limits_t, fields) == sizeof(size_t) + 4);
CHECK(form_limits_files,
      offsetof(sock_form_limits_t, files) == sizeof(size_t) + 8);
CHECK(form_limits_lines,
      offsetof(sock_form_limits_t, lines) == sizeof(size_t) + 12);
CHECK(form_limits_head,
      offsetof(sock_form_limits_t, head) == sizeof(size_t) + 16);
CHECK(form_limits_total,
      offsetof(sock_form_limits_t, total) == 2 * sizeof(size_t) + 16);
CHECK(form_limits_value,
      offsetof(sock_form_limits_t, value) == 2 * sizeof(size_t) + 24);
CHECK(form_limits_text,
      offsetof(sock_form_limits_t, text) == 3 * sizeof(size_t) + 24);
CHECK(form_limits_memory,
      offsetof(sock_form_limits_t, memory) == 4 * sizeof(size_t) + 24);
CHECK(form_limits_reserved,
      offsetof(sock_form_limits_t, reserved) == 5 * sizeof(size_t) + 24);

/* cookie.h; its texts lie one behind the other. */
CHECK(cookie_struct_is_type,
      sizeof(struct sock_cookie) == sizeof(sock_cookie_t));
CHECK(cookie_expires, offsetof(sock_cookie_t, expires) == 0);
CHECK(cookie_created, offsetof(sock_cookie_t, created) == 8);
CHECK(cookie_accessed, offsetof(sock_cookie_t, accessed) == 16);
CHECK(cookie_host_only, offsetof(sock_cookie_t, host_only) == 24);
CHECK(cookie_secure, offsetof(sock_cookie_t, secure) == 28);
CHECK(cookie_http_only, offsetof(sock_cookie_t, http_only) == 32);
CHECK(cookie_same_site, offsetof(sock_cookie_t, same_site) == 36);
CHECK(cookie_partitioned, offsetof(sock_cookie_t, partitioned) == 40);
CHECK(cookie_reserved, offsetof(sock_cookie_t, reserved) == 44);
CHECK(cookie_domain, offsetof(sock_cookie_t, domain) == 64);
CHECK(cookie_path, offsetof(sock_cookie_t, path) == 320);
CHECK(cookie_name, offsetof(sock_cookie_t, name) == 1345);
CHECK(cookie_value, offsetof(sock_cookie_t, value) == 5442);

/* Two pointers, a number of 64 bits, four pointers, eight numbers. */
CHECK(form_item_size, sizeof(sock_form_item_t) == 6 * sizeof(void *) + 40);
CHECK(form_item_struct_is_type,
      sizeof(struct sock_form_item) == sizeof(sock_form_item_t));
CHECK(form_item_value, offsetof(sock_form_item_t, value) == sizeof(void *));
CHECK(form_item_length,
      offsetof(sock_form_item_t, length) == 2 * sizeof(void *));
CHECK(form_item_filename,
      offsetof(sock_form_item_t, filename) == 2 * sizeof(void *) + 8);
CHECK(form_item_type,
      offsetof(sock_form_item_t, type) == 3 * sizeof(void *) + 8);
CHECK(form_item_disposition,
      offsetof(sock_form_item_t, disposition) == 4 * sizeof(void *) + 8);
CHECK(form_item_headers,
      offsetof(sock_form_item_t, headers) == 5 * sizeof(void *) + 8);
CHECK(form_item_parent,
      offsetof(sock_form_item_t, parent) == 6 * sizeof(void *) + 8);
CHECK(form_item_parts,
      offsetof(sock_form_item_t, parts) == 6 * sizeof(void *) + 12);
