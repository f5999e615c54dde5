# SPDX-License-Identifier: MIT
# The reference: the target docs, and a test that it has no warnings.

# Looked for each time, so that what is installed later is found.
find_package(Doxygen QUIET COMPONENTS doxygen)
find_program(PYSOCKC_PYTHON python3 HINTS /usr/bin)
if(NOT DOXYGEN_FOUND OR NOT PYSOCKC_PYTHON)
  message(STATUS "There is no target docs, which needs Doxygen and python3")
  return()
endif()
enable_testing()

set(main_page ${PROJECT_SOURCE_DIR}/docs/mainpage.md)
set(output ${PROJECT_BINARY_DIR}/docs)
file(MAKE_DIRECTORY ${output}/theme)

# The theme is a package of its own (Debian: doxygen-awesome-css); without it the
# pages look as Doxygen makes them.
find_path(DOXYGEN_AWESOME_DIR doxygen-awesome.css
  PATH_SUFFIXES share/doxygen-awesome-css)
mark_as_advanced(DOXYGEN_AWESOME_DIR)
set(include_theme)
if(DOXYGEN_AWESOME_DIR)
  # Its scripts go into the head of each page, which is Doxygen's own: each
  # version has another.
  execute_process(COMMAND ${DOXYGEN_EXECUTABLE} -w html head.html foot.html page.css
    WORKING_DIRECTORY ${output}/theme OUTPUT_QUIET)
  file(READ ${output}/theme/head.html head)
  file(READ ${PROJECT_SOURCE_DIR}/docs/theme/head.html scripts)
  string(REPLACE "</head>" "${scripts}</head>" head "${head}")
  file(WRITE ${output}/theme/head.html "${head}")
  # It has dark colours of its own, and so has Doxygen since 1.9.5.
  set(colours)
  if(NOT DOXYGEN_VERSION VERSION_LESS 1.9.5)
    set(colours "HTML_COLORSTYLE = LIGHT")
  endif()
  configure_file(docs/theme/Doxyfile.in ${output}/theme/Doxyfile @ONLY)
  set(include_theme "@INCLUDE = \"${output}/theme/Doxyfile\"")
endif()
# What is a topic since 1.9.8 was a module before.
set(groups topics)
if(DOXYGEN_VERSION VERSION_LESS 1.9.8)
  set(groups modules)
endif()
configure_file(docs/layout.xml.in ${output}/layout.xml @ONLY)
configure_file(docs/Doxyfile.in ${output}/Doxyfile @ONLY)

set(tools ${PROJECT_SOURCE_DIR}/docs/tools)
add_custom_target(docs
  COMMAND ${CMAKE_COMMAND} -E remove_directory ${output}/html
  COMMAND ${PYSOCKC_PYTHON} -B ${tools}/a_z.py ${output}/a-z.md
  COMMAND Doxygen::doxygen ${output}/Doxyfile
  COMMAND ${PYSOCKC_PYTHON} -B ${tools}/search.py ${output}/html ${output}/tags.xml
  COMMENT "Reference: ${output}/html/index.html"
  VERBATIM)
add_test(NAME reference COMMAND ${CMAKE_COMMAND}
  --build ${PROJECT_BINARY_DIR} --target docs)
set_tests_properties(reference PROPERTIES TIMEOUT 300 FIXTURES_SETUP reference)
