/* SPDX-License-Identifier: MIT */
/**
 * @file pysockc.h
 * @brief All of libpysockc: Python's `socket` module, and what serves many
 * sockets at once, as a C object API.
 *
 * Includes every header of the library except names.h, which a program must
 * ask for.
 */
#ifndef PYSOCKC_PYSOCKC_H
#define PYSOCKC_PYSOCKC_H

#include <pysockc/address.h>
#include <pysockc/addrinfo.h>
#include <pysockc/async.h>
#include <pysockc/cancel.h>
#include <pysockc/connect.h>
#include <pysockc/constant.h>
#include <pysockc/create.h>
#include <pysockc/error.h>
#include <pysockc/export.h>
#include <pysockc/family.h>
#include <pysockc/file.h>
#include <pysockc/inet.h>
#include <pysockc/interface.h>
#include <pysockc/io.h>
#include <pysockc/loop.h>
#include <pysockc/message.h>
#include <pysockc/netdb.h>
#include <pysockc/options.h>
#include <pysockc/resolve.h>
#include <pysockc/select.h>
#include <pysockc/server.h>
#include <pysockc/socket.h>
#include <pysockc/timeout.h>
#include <pysockc/tls.h>
#include <pysockc/version.h>

#endif
