# SPDX-License-Identifier: MIT
# musl instead of glibc. Debian: musl-tools.
set(CMAKE_C_COMPILER musl-gcc)
