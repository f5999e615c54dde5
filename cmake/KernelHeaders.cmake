# SPDX-License-Identifier: MIT
# The kernel's headers (linux/*.h), which are not the C library's. musl-gcc does
# not look where the system has them; there they are looked for behind all of
# the C library's own.

set(header linux/netlink.h)
check_include_file(${header} PYSOCKC_HAS_KERNEL_HEADERS)
if(PYSOCKC_HAS_KERNEL_HEADERS)
  return()
endif()

set(after)
foreach(directory IN ITEMS
    /usr/include /usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu)
  list(APPEND after "-idirafter ${directory}")
endforeach()
if(NOT CMAKE_CROSSCOMPILING)
  string(REPLACE ";" " " CMAKE_REQUIRED_FLAGS "${after}")
  check_include_file(${header} PYSOCKC_HAS_KERNEL_HEADERS_OF_SYSTEM)
  unset(CMAKE_REQUIRED_FLAGS)
endif()
if(NOT PYSOCKC_HAS_KERNEL_HEADERS_OF_SYSTEM)
  message(FATAL_ERROR
    "${CMAKE_C_COMPILER} finds no <${header}>. The kernel's headers are in "
    "linux-libc-dev (Debian), kernel-headers (Fedora), linux-headers (Alpine).")
endif()
list(TRANSFORM after PREPEND "SHELL:")
add_compile_options(${after})
