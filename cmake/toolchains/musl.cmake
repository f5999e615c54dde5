# musl instead of glibc. Debian: musl-tools. The kernel's headers (linux/*.h)
# are not musl's, so they come from the system, behind all of musl's own.
set(CMAKE_C_COMPILER musl-gcc)
set(CMAKE_C_FLAGS_INIT
  "-idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu")
