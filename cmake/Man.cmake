# SPDX-License-Identifier: MIT
# The man pages: the target docs makes them behind the pages for a browser.

if(NOT TARGET docs)
  return()
endif()
set(man ${output}/man)
configure_file(docs/man/Doxyfile.in ${man}/Doxyfile @ONLY)
add_custom_command(TARGET docs POST_BUILD
  COMMAND ${CMAKE_COMMAND} -E remove_directory ${man}/pages
  COMMAND Doxygen::doxygen ${man}/Doxyfile
  COMMAND ${PYSOCKC_PYTHON} -B ${PROJECT_SOURCE_DIR}/docs/man/man.py ${man}/xml ${man}/pages
  COMMENT "Reference: ${output}/html/index.html, ${man}/pages"
  VERBATIM)

# Installed if they have been made, so that it goes without Doxygen.
if(PYSOCKC_INSTALL)
  install(DIRECTORY ${man}/pages/
    DESTINATION ${CMAKE_INSTALL_MANDIR}
    COMPONENT Documentation
    OPTIONAL)
endif()
