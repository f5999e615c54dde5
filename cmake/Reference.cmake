# SPDX-License-Identifier: MIT
# The reference: the target docs, and a test that it has no warnings.

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
configure_file(docs/Doxyfile.in ${output}/Doxyfile @ONLY)

add_custom_target(docs
  COMMAND ${CMAKE_COMMAND} -E remove_directory ${output}/html
  COMMAND Doxygen::doxygen ${output}/Doxyfile
  COMMENT "Reference: ${output}/html/index.html"
  VERBATIM)
add_test(NAME reference COMMAND ${CMAKE_COMMAND}
  --build ${PROJECT_BINARY_DIR} --target docs)
set_tests_properties(reference PROPERTIES TIMEOUT 120 FIXTURES_SETUP reference)
