# SPDX-License-Identifier: MIT
# Warnings, hardening and sanitizers, for the directory that includes this and
# those below it. What a compiler does not know is left out.

# Adds each option that the compiler takes, to the directory.
function(add_known_compile_options)
  foreach(option IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER "PYSOCKC_HAS${option}" known)
    check_c_compiler_flag(${option} ${known})
    if(${known})
      add_compile_options(${option})
    endif()
  endforeach()
endfunction()

function(add_known_link_options)
  foreach(option IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER "PYSOCKC_HAS${option}" known)
    set(CMAKE_REQUIRED_LINK_OPTIONS ${option})
    check_c_source_compiles("int main(void) { return 0; }" ${known})
    if(${known})
      add_link_options(${option})
    endif()
  endforeach()
endfunction()

if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
  add_compile_options(
    -Wall
    -Wextra
    -pedantic
    -Wcast-qual
    -Wconversion
    -Wformat=2
    -Wmissing-prototypes
    -Wpointer-arith
    -Wshadow
    -Wstrict-prototypes
    -Wundef
    -Wvla
    -Wwrite-strings)
endif()
if(PYSOCKC_WERROR)
  add_compile_options(-Werror)
endif()

if(PYSOCKC_SANITIZE)
  # Without recovery a report ends the program, so that no test passes over it.
  add_compile_options(
    -fsanitize=${PYSOCKC_SANITIZE}
    -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PYSOCKC_SANITIZE})
else()
  # The compiler may predefine another level, hence -U. Without optimisation
  # the macro does nothing but warn.
  set(optimised
    $<OR:$<CONFIG:Release>,$<CONFIG:RelWithDebInfo>,$<CONFIG:MinSizeRel>>)
  add_compile_options(
    "$<${optimised}:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=3>")
endif()

add_known_compile_options(
  -fstack-protector-strong
  -fstack-clash-protection
  -fcf-protection)
add_known_link_options(
  -Wl,-z,relro
  -Wl,-z,now
  -Wl,-z,noexecstack)
