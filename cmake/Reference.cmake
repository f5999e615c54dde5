# SPDX-License-Identifier: MIT
# The reference: the target docs, and a test that it has no warnings.

find_package(Doxygen REQUIRED COMPONENTS doxygen)
set(main_page ${PROJECT_SOURCE_DIR}/docs/mainpage.md)
set(output ${PROJECT_BINARY_DIR}/docs)
file(MAKE_DIRECTORY ${output})
configure_file(docs/Doxyfile.in ${output}/Doxyfile @ONLY)

add_custom_target(docs
  COMMAND Doxygen::doxygen ${output}/Doxyfile
  COMMENT "Reference: ${output}/html/index.html"
  VERBATIM)
add_test(NAME reference COMMAND Doxygen::doxygen ${output}/Doxyfile)
set_tests_properties(reference PROPERTIES TIMEOUT 120)
