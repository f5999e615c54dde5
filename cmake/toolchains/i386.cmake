# SPDX-License-Identifier: MIT
# 32-bit x86, run by the 64-bit kernel. Debian: gcc-12-multilib, libc6-dev-i386.
# gcc-multilib itself cannot be had beside the cross compilers; what it adds
# over gcc-12-multilib is a link to the kernel's headers, named here instead.
set(CMAKE_C_COMPILER gcc-12)
set(CMAKE_C_FLAGS_INIT "-m32 -isystem /usr/include/x86_64-linux-gnu")
