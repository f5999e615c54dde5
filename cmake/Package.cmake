# SPDX-License-Identifier: MIT
# What cpack makes of an installed tree: an archive, and Debian's packages, one
# per component. See CONTRIBUTING.md; the preset is `package`.

set(CPACK_PACKAGE_NAME libpysockc)
set(CPACK_PACKAGE_CONTACT "The libpysockc developers <libpysockc@example.org>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_FILE_NAME
  libpysockc-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_GENERATOR TGZ)
if(PYSOCKC_BUILD_SHARED AND NOT CMAKE_VERSION VERSION_LESS 3.19)
  list(APPEND CPACK_GENERATOR DEB) # with a script, of which 3.18 knows nothing
endif()

# ---- Debian's ---------------------------------------------------------------

set(CPACK_COMPONENTS_ALL Runtime Development Documentation)
set(CPACK_COMPONENT_DEVELOPMENT_DEPENDS Runtime)
if(PYSOCKC_BUILD_SSL)
  list(APPEND CPACK_COMPONENTS_ALL SslRuntime SslDevelopment)
  set(CPACK_COMPONENT_SSLDEVELOPMENT_DEPENDS SslRuntime Development)
endif()
if(PYSOCKC_BUILD_NET)
  list(APPEND CPACK_COMPONENTS_ALL NetRuntime NetDevelopment)
  set(CPACK_COMPONENT_NETDEVELOPMENT_DEPENDS NetRuntime Development)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SOURCE ${CPACK_PACKAGE_NAME})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libpysockc${soversion})
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libpysockc-dev)
set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_NAME libpysockc-doc)
set(CPACK_DEBIAN_SSLRUNTIME_PACKAGE_NAME libpysockc-ssl${soversion})
set(CPACK_DEBIAN_SSLDEVELOPMENT_PACKAGE_NAME libpysockc-ssl-dev)
set(CPACK_DEBIAN_NETRUNTIME_PACKAGE_NAME libpysockc-net${soversion})
set(CPACK_DEBIAN_NETDEVELOPMENT_PACKAGE_NAME libpysockc-net-dev)

# CPack before 3.31 knows no Multi-Arch, but writes what stands in a field.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION "libs\nMulti-Arch: same")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION "libdevel\nMulti-Arch: same")
set(CPACK_DEBIAN_SSLRUNTIME_PACKAGE_SECTION "libs\nMulti-Arch: same")
set(CPACK_DEBIAN_SSLDEVELOPMENT_PACKAGE_SECTION "libdevel\nMulti-Arch: same")
set(CPACK_DEBIAN_NETRUNTIME_PACKAGE_SECTION "libs\nMulti-Arch: same")
set(CPACK_DEBIAN_NETDEVELOPMENT_PACKAGE_SECTION "libdevel\nMulti-Arch: same")
set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_SECTION "doc\nMulti-Arch: foreign")
set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS libc6-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS libpysockc-doc)
set(CPACK_DEBIAN_SSLDEVELOPMENT_PACKAGE_DEPENDS libssl-dev)

# The first line of each is its own; CPack would put one before all.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(what "Python's socket module as a C library")
set(more "
A socket object for C programs, with the names, arguments and meaning of
Python's socket module: addresses, timeouts, options, look-ups, messages,
and errors that say what was being done and to whom.
")
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "${what}${more}
This is the shared library.")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "${what} (development)${more}
This is what programs are compiled and linked with: headers, the static
library, and files for pkg-config and CMake.")
set(CPACK_DEBIAN_DOCUMENTATION_DESCRIPTION "${what} (documentation)${more}
This is the reference, as pages for a browser and for man.")
set(what "Python's ssl module as a C library")
set(more "
TLS under the socket objects of libpysockc, by OpenSSL: certificates and names
are checked by default, and nothing is sent in the clear.
")
set(CPACK_DEBIAN_SSLRUNTIME_DESCRIPTION "${what}${more}
This is the shared library.")
set(CPACK_DEBIAN_SSLDEVELOPMENT_DESCRIPTION "${what} (development)${more}
This is what programs are compiled and linked with: headers, the static
library, and files for pkg-config and CMake.")

set(what "Python's network modules as a C library")
set(more "
URLs, an HTTP client and server, cookies, forms and robots.txt, and clients of
SMTP, POP3, IMAP, NNTP and FTP, on the socket objects of libpysockc, with the
names of Python's modules.
")
set(CPACK_DEBIAN_NETRUNTIME_DESCRIPTION "${what}${more}
This is the shared library.")
set(CPACK_DEBIAN_NETDEVELOPMENT_DESCRIPTION "${what} (development)${more}
This is what programs are compiled and linked with: headers, the static
library, and files for pkg-config and CMake.")

# What Debian has beyond what cmake --install puts there.
set(CPACK_PYSOCKC_SOURCE ${PROJECT_SOURCE_DIR})
set(CPACK_PYSOCKC_SOVERSION ${soversion})
set(CPACK_PYSOCKC_STRIP ${CMAKE_STRIP})
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian/package.cmake)

include(CPack)
