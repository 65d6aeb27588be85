# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Compiler flags. Warnings are strict and fatal, and reach only targets that Targets.cmake declares.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# The program lies at the root of the build tree: build/release/sidestream.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Debug CACHE STRING "Debug, Release or Sanitize" FORCE)
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g")
# CHECK of base/check.h does not depend on NDEBUG: it stays on in the release build.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -g1")
# A sixth less time to compile them; what is tested keeps its -O2.
set(SIDESTREAM_TEST_FLAGS $<$<CONFIG:Release>:-O1>)

find_program(SIDESTREAM_CCACHE ccache)
if(SIDESTREAM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SIDESTREAM_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${SIDESTREAM_CCACHE}")
endif()

set(SIDESTREAM_WARNINGS
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    -Wimplicit-fallthrough -Werror
    # A designated initializer that names only what differs is house style.
    -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside the inlined standard library where nothing is wrong.
  list(APPEND SIDESTREAM_WARNINGS -Wno-restrict -Wno-error=maybe-uninitialized
       -Wno-error=array-bounds -Wno-error=stringop-overflow -Wno-error=stringop-overread)
endif()

if(SIDESTREAM_SANITIZE)
  set(sanitize_flags -fsanitize=${SIDESTREAM_SANITIZE} -fno-omit-frame-pointer)
  if(SIDESTREAM_SANITIZE MATCHES "undefined")
    list(APPEND sanitize_flags -fno-sanitize-recover=all)
  endif()
  add_compile_options(${sanitize_flags})
  add_link_options(${sanitize_flags})
  add_compile_definitions(SIDESTREAM_SANITIZED=1)
endif()

if(SIDESTREAM_FUZZ)
  # Coverage for libFuzzer, without its main.
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
