#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_cmake.py: what builds the library is known to CMake 3.16.

Lists what its files use and 3.16 is known to have. Who adds to the lists has
looked up that it was there: "New in version" in CMake's reference.
"""

import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
FILES = [TOP / "CMakeLists.txt", *sorted(TOP.glob("cmake/*.cmake")),
         *(TOP / name / "CMakeLists.txt" for name in ("lib", "lib/net", "lib/ssl", "pkgconfig", "examples")),
         TOP / "pkgconfig/pysockcConfig.cmake.in"]

COMMANDS = set("""
    add_compile_options add_custom_command add_custom_target add_executable add_library
    add_link_options add_subdirectory add_test check_c_compiler_flag
    check_c_source_compiles check_include_file check_required_components
    cmake_minimum_required configure_file configure_package_config_file else
    elseif enable_testing endforeach endfunction endif execute_process file
    find_dependency find_package find_path find_program foreach function if include install list
    mark_as_advanced message option project return separate_arguments set
    set_property set_target_properties set_tests_properties string
    target_compile_definitions target_compile_options target_include_directories target_link_libraries
    target_link_options target_sources unset write_basic_package_version_file
    """.split())
SUBCOMMANDS = {
    "file": set("GENERATE GLOB MAKE_DIRECTORY READ RELATIVE_PATH STRINGS WRITE".split()),
    "list": set("APPEND POP_FRONT REMOVE_ITEM SORT TRANSFORM".split()),
    "string": set("APPEND MAKE_C_IDENTIFIER REGEX REPLACE".split()),
}
MODULES = set("""
    CheckCCompilerFlag CheckCSourceCompiles CheckIncludeFile
    CMakeFindDependencyMacro CMakePackageConfigHelpers CPack GNUInstallDirs
    """.split())
VARIABLES = set("""
    CMAKE_BUILD_TYPE CMAKE_COMMAND CMAKE_CONFIGURATION_TYPES
    CMAKE_CONFIGURE_DEPENDS CMAKE_CROSSCOMPILING CMAKE_CROSSCOMPILING_EMULATOR
    CMAKE_CURRENT_BINARY_DIR CMAKE_CURRENT_LIST_DIR CMAKE_CURRENT_SOURCE_DIR
    CMAKE_C_COMPILER CMAKE_C_COMPILER_ID CMAKE_C_EXTENSIONS CMAKE_C_STANDARD
    CMAKE_C_STANDARD_REQUIRED CMAKE_EXPORT_COMPILE_COMMANDS
    CMAKE_HOST_SYSTEM_PROCESSOR CMAKE_INSTALL_DOCDIR CMAKE_INSTALL_INCLUDEDIR
    CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_MANDIR CMAKE_INSTALL_PREFIX CMAKE_POSITION_INDEPENDENT_CODE
    CMAKE_REQUIRED_FLAGS CMAKE_REQUIRED_LINK_OPTIONS CMAKE_SOURCE_DIR CMAKE_STRIP
    CMAKE_SYSTEM_NAME CMAKE_SYSTEM_PROCESSOR CMAKE_THREAD_LIBS_INIT CMAKE_VERSION
    PROJECT_BINARY_DIR PROJECT_DESCRIPTION PROJECT_SOURCE_DIR PROJECT_VERSION
    PROJECT_VERSION_MAJOR PROJECT_VERSION_MINOR
    """.split())
EXPRESSIONS = set("""
    BUILD_INTERFACE CONFIG INSTALL_INTERFACE OR TARGET_OBJECTS
    """.split())


def code(path):
    """Without comments."""
    return re.sub(r"#[^\n]*", "", path.read_text())


def own():
    """The functions of all files, which each may call."""
    return {name for path in FILES
            for name in re.findall(r"^function\((\w+)", code(path), flags=re.M)}


def used(text, functions):
    """(kind, what) of each thing that has a version."""
    for command, first in re.findall(r"^\s*(\w+)\s*\(\s*([^\s)]*)", text, flags=re.M):
        if command not in functions:
            yield "command", command, COMMANDS
        if command in SUBCOMMANDS:
            yield "command", first, SUBCOMMANDS[command]
        if command == "include" and re.fullmatch(r"\w+", first):
            yield "module", first, MODULES
    for variable in re.findall(r"\b((?:CMAKE|PROJECT)_[A-Z_]+)\b", text):
        yield "variable", variable, VARIABLES
    for name, rest in re.findall(r"\$<([A-Z_]+)(:[^<>]*)?", text):
        # CONFIG took one name only.
        several = name == "CONFIG" and "," in rest
        yield "expression", name + several * " of several", EXPRESSIONS


def main():
    functions = own()
    findings = {f"{path.relative_to(TOP)}: {kind} {what}"
                for path in FILES for kind, what, known in used(code(path), functions)
                if what not in known}
    for finding in sorted(findings):
        print(finding)
    return 1 if findings else 0


sys.exit(main())
