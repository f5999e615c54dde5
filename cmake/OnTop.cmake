# SPDX-License-Identifier: MIT
# Libraries on top of the core: each of its own, so that the core needs no more,
# and built from the same tree, whose private header it uses.

# One form of it, on the same form of the core.
function(add_form_on_top name target type core)
  add_library(${target} ${type} $<TARGET_OBJECTS:pysockc_${name}_objects>)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME pysockc-${name})
  target_link_libraries(${target}
    PUBLIC ${core}
    PRIVATE ${ARGN} Threads::Threads)
endfunction()

# add_on_top(NAME LIBRARY...): the static and the shared libpysockc-NAME, which
# also need each LIBRARY. Its sources are what the caller has made
# pysockc_NAME_objects of, and what it exports says pysockc-NAME.map beside.
function(add_on_top name)
  find_package(Threads REQUIRED)
  set(objects pysockc_${name}_objects)
  set_target_properties(${objects} PROPERTIES C_VISIBILITY_PRESET hidden)
  target_include_directories(${objects}
    PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/lib/socket)
  target_link_libraries(${objects} PRIVATE ${ARGN})

  set(static pysockc_${name}_static)
  add_form_on_top(${name} ${static} STATIC pysockc_static ${ARGN})
  set_target_properties(${static} PROPERTIES EXPORT_NAME ${name}_static)
  add_library(pysockc::${name}_static ALIAS ${static})
  if(NOT PYSOCKC_BUILD_SHARED)
    add_library(pysockc::${name} ALIAS ${static})
    return()
  endif()

  set(map ${CMAKE_CURRENT_SOURCE_DIR}/pysockc-${name}.map)
  set(shared pysockc_${name})
  add_form_on_top(${name} ${shared} SHARED pysockc ${ARGN})
  set_target_properties(${shared} PROPERTIES
    EXPORT_NAME ${name}
    BUILD_WITH_INSTALL_RPATH ON # its users know where the core is
    VERSION ${PROJECT_VERSION}
    SOVERSION ${soversion}
    LINK_DEPENDS ${map})
  target_link_options(${shared} PRIVATE
    -Wl,--version-script=${map}
    -Wl,-Bsymbolic-functions
    -Wl,-z,nodelete) # its threads, and what others call, may outlive a dlclose(3)
  if(NOT PYSOCKC_SANITIZE)
    target_link_options(${shared} PRIVATE -Wl,--no-undefined)
  endif()
  add_library(pysockc::${name} ALIAS ${shared})
endfunction()
