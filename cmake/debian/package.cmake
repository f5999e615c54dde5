# SPDX-License-Identifier: MIT
# cpack's, before it packs: what Debian has beyond what cmake --install puts
# there. One directory per component is staged.

if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
set(staged ${CPACK_TEMPORARY_DIRECTORY})
set(here ${CPACK_PYSOCKC_SOURCE}/cmake/debian)
set(prefix ${CPACK_PACKAGING_INSTALL_PREFIX})
set(version ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
set(package ${CPACK_DEBIAN_RUNTIME_PACKAGE_NAME})

# run(DIRECTORY COMMAND...): what it said is in `said`
function(run directory)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${directory}
    RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE complaint
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(failed)
    message(FATAL_ERROR "${ARGN}: ${said} ${complaint}")
  endif()
  set(said ${said} PARENT_SCOPE)
endfunction()

# ---- the library: what it needs, and who needs what of it --------------------

file(GLOB_RECURSE library ${staged}/Runtime/*/libpysockc.so.*.*.*)
file(GLOB_RECURSE archive ${staged}/Development/*/libpysockc.a)
run(${staged} ${CPACK_PYSOCKC_STRIP} --strip-unneeded -R .comment ${library})
run(${staged} ${CPACK_PYSOCKC_STRIP} --strip-debug -R .comment -D ${archive})

# Not by CPack, which would write scripts that call ldconfig as well.
set(control ${CPACK_TOPLEVEL_DIRECTORY}/control)
file(WRITE ${control}/debian/control "")
run(${control} dpkg-shlibdeps -S${staged}/Runtime -O ${library})
string(REGEX REPLACE "^.*Depends=" "" CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS "${said}")

configure_file(${here}/symbols ${control}/symbols.in @ONLY)
run(${control} dpkg-gensymbols -c4 -p${package} -v${version} -P${staged}/Runtime
  -e${library} -I${control}/symbols.in -O${control}/symbols)
file(WRITE ${control}/shlibs "libpysockc ${CPACK_PYSOCKC_SOVERSION} "
  "${package} (>= ${CPACK_PACKAGE_VERSION})\n")
file(WRITE ${control}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA
  ${control}/shlibs ${control}/symbols ${control}/triggers)

# ---- /usr/share/doc/PACKAGE, and what man reads --------------------------------

file(STRINGS ${CPACK_PYSOCKC_SOURCE}/CHANGELOG.md heading
  REGEX "^## ${CPACK_PACKAGE_VERSION} - ")
string(REGEX MATCH "[0-9-]+$" date "${heading}")
if(NOT date)
  message(FATAL_ERROR "CHANGELOG.md has no date of ${CPACK_PACKAGE_VERSION}")
endif()
run(${here} date --utc --rfc-email --date ${date})
set(date ${said})

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} COMPONENT)
  set(package ${CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME})
  set(share ${staged}/${component}${prefix}/share)
  set(docs ${share}/doc/${package})
  if(EXISTS ${share}/doc/pysockc)
    file(RENAME ${share}/doc/pysockc ${docs})
    file(REMOVE ${docs}/LICENSE ${docs}/CHANGELOG.md)
  endif()
  configure_file(${CPACK_PYSOCKC_SOURCE}/LICENSE ${docs}/copyright COPYONLY)
  configure_file(${CPACK_PYSOCKC_SOURCE}/CHANGELOG.md ${docs}/changelog COPYONLY)
  configure_file(${here}/changelog ${docs}/changelog.Debian @ONLY)
  if(EXISTS ${docs}/html)
    configure_file(${here}/doc-base ${share}/doc-base/${package}.pysockc @ONLY)
  endif()
  file(GLOB_RECURSE pages ${share}/man/*)
  run(${docs} gzip -9n changelog changelog.Debian ${pages})
endforeach()
