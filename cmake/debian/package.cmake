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

# ---- the libraries: what they need, and who needs what of them ----------------

# pack(NAME RUNTIME DEVELOPMENT): of a library, by its components. Those below it
# are looked for among what is staged.
function(pack name runtime development)
  string(TOUPPER ${runtime} RUNTIME)
  set(package ${CPACK_DEBIAN_${RUNTIME}_PACKAGE_NAME})
  file(GLOB_RECURSE library ${staged}/${runtime}/*/lib${name}.so.*.*.*)
  file(GLOB_RECURSE archive ${staged}/${development}/*/lib${name}.a)
  run(${staged} ${CPACK_PYSOCKC_STRIP} --strip-unneeded -R .comment ${library})
  run(${staged} ${CPACK_PYSOCKC_STRIP} --strip-debug -R .comment -D ${archive})

  # Not by CPack, which would write scripts that call ldconfig as well. What is
  # staged has names of packages alone, as it is of none yet.
  set(control ${CPACK_TOPLEVEL_DIRECTORY}/control/${name})
  file(WRITE ${control}/debian/control "")
  file(WRITE ${control}/debian/shlibs.local
    "libpysockc ${CPACK_PYSOCKC_SOVERSION} "
    "${CPACK_DEBIAN_RUNTIME_PACKAGE_NAME} (= ${version})\n")
  file(GLOB_RECURSE below ${staged}/Runtime/*/libpysockc.so.*.*.*)
  get_filename_component(below ${below} DIRECTORY)
  run(${control} dpkg-shlibdeps -S${staged}/${runtime} -l${below} -O ${library})
  string(REGEX REPLACE "^.*Depends=" "" needs "${said}")
  set(CPACK_DEBIAN_${RUNTIME}_PACKAGE_DEPENDS "${needs}" PARENT_SCOPE)

  configure_file(${here}/lib${name}.symbols ${control}/symbols.in @ONLY)
  run(${control} dpkg-gensymbols -c4 -p${package} -v${version} -P${staged}/${runtime}
    -e${library} -I${control}/symbols.in -O${control}/symbols)
  file(WRITE ${control}/shlibs "lib${name} ${CPACK_PYSOCKC_SOVERSION} "
    "${package} (>= ${CPACK_PACKAGE_VERSION})\n")
  file(WRITE ${control}/triggers "activate-noawait ldconfig\n")
  set(CPACK_DEBIAN_${RUNTIME}_PACKAGE_CONTROL_EXTRA
    ${control}/shlibs ${control}/symbols ${control}/triggers PARENT_SCOPE)
endfunction()

pack(pysockc Runtime Development)
if("SslRuntime" IN_LIST CPACK_COMPONENTS_ALL)
  pack(pysockc-ssl SslRuntime SslDevelopment)
endif()
if("NetRuntime" IN_LIST CPACK_COMPONENTS_ALL)
  pack(pysockc-net NetRuntime NetDevelopment)
endif()

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
