# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# The functions that declare targets. Names in DEPENDS are folders of src/ ("kafka/memory"); names in PRIVATE_LIBS
# and PUBLIC_LIBS are vendors of Vendors.cmake ("rocksdb"). Target names are resolved when the build
# tree is generated, so the order in which folders are read does not matter.
#
# Includes are rooted at src/ ("base/status.h"); targets below tests/ and bench/ may also include
# from the root of the checkout ("tests/support/temp_dir.h").

# Adds every direct subdirectory that has a CMakeLists.txt; a new folder is found by itself.
function(sidestream_add_subdirectories)
  file(GLOB lists CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt")
  foreach(list IN LISTS lists)
    cmake_path(GET list PARENT_PATH folder)
    add_subdirectory("${folder}")
  endforeach()
endfunction()

# Sets `out` to whether a listed source does not exist (yet). Then `target` becomes one that fails with
# the file's name, in place of a configuration that fails for everybody; the tree is configured again
# when a source appears.
function(sidestream_lacks_sources out target)
  set(${out} FALSE PARENT_SCOPE)
  foreach(source IN LISTS ARGN)
    if(NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${source}")
      file(GLOB present CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
      message(WARNING "${target}: ${source} does not exist")
      add_custom_target(${target}_is_incomplete ALL
        COMMAND ${CMAKE_COMMAND} -E echo "${target}: ${CMAKE_CURRENT_SOURCE_DIR}/${source} does not exist"
        COMMAND ${CMAKE_COMMAND} -E false
        VERBATIM)
      add_library(${target} INTERFACE)
      add_dependencies(${target} ${target}_is_incomplete)
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

function(sidestream_target_name out name)
  string(REPLACE "/" "_" flat "${name}")
  set(${out} "sidestream_${flat}" PARENT_SCOPE)
endfunction()

function(sidestream_link target visibility)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "DEPENDS;LIBS")
  foreach(name IN LISTS arg_DEPENDS)
    sidestream_target_name(module "${name}")
    target_link_libraries(${target} ${visibility} ${module})
  endforeach()
  foreach(name IN LISTS arg_LIBS)
    target_link_libraries(${target} ${visibility} vendor::${name})
  endforeach()
endfunction()

function(sidestream_include_roots target visibility)
  target_include_directories(${target} ${visibility} "${PROJECT_SOURCE_DIR}/src")
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${PROJECT_SOURCE_DIR}"
             OUTPUT_VARIABLE folder)
  if(folder MATCHES "^(tests|bench)(/|$)")
    target_include_directories(${target} ${visibility} "${PROJECT_SOURCE_DIR}")
  endif()
endfunction()

# sidestream_module(kafka/memory SOURCES a.cc b.cc DEPENDS base kafka PRIVATE_LIBS fmt PUBLIC_LIBS ...)
# -> static library sidestream_kafka_memory; without SOURCES a header-only module.
function(sidestream_module NAME)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;PRIVATE_LIBS;PUBLIC_LIBS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sidestream_module(${NAME}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  sidestream_target_name(target "${NAME}")
  sidestream_lacks_sources(lacks ${target} ${arg_SOURCES})
  if(lacks)
    return()
  endif()
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    target_compile_options(${target} PRIVATE ${SIDESTREAM_WARNINGS})
    sidestream_include_roots(${target} PUBLIC)
    sidestream_link(${target} PUBLIC DEPENDS ${arg_DEPENDS} LIBS ${arg_PUBLIC_LIBS})
    sidestream_link(${target} PRIVATE LIBS ${arg_PRIVATE_LIBS})
  else()
    add_library(${target} INTERFACE)
    sidestream_include_roots(${target} INTERFACE)
    sidestream_link(${target} INTERFACE DEPENDS ${arg_DEPENDS}
                    LIBS ${arg_PUBLIC_LIBS} ${arg_PRIVATE_LIBS})
  endif()
endfunction()

# sidestream_program(sidestream SOURCES main.cc DEPENDS app PRIVATE_LIBS mimalloc)
# -> executable at the root of the build tree.
function(sidestream_program NAME)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;PRIVATE_LIBS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sidestream_program(${NAME}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  sidestream_lacks_sources(lacks ${NAME} ${arg_SOURCES})
  if(lacks)
    return()
  endif()
  add_executable(${NAME} ${arg_SOURCES})
  target_compile_options(${NAME} PRIVATE ${SIDESTREAM_WARNINGS})
  sidestream_include_roots(${NAME} PRIVATE)
  sidestream_link(${NAME} PRIVATE DEPENDS ${arg_DEPENDS} LIBS ${arg_PRIVATE_LIBS})
endfunction()

# sidestream_test(serde SOURCES json_test.cc DEPENDS serde [LABELS unit] [PRIVATE_LIBS rapidcheck]
#                 [TIMEOUT 120] [SHARDS 2] [ARGS ...] [ENVIRONMENT A=b ...])
# -> GoogleTest binary test-bin/serde_test and a ctest entry of that name, run from the checkout; of a
# long one several entries, serde_test_1 and so on, that share its tests and run side by side.
# Labels: unit, simulation, broker (wants SIDESTREAM_TEST_BOOTSTRAP), and in addition
# sanitizer-short for what scripts/test.sh also builds with the sanitizers. Building the target
# tests-<label> builds all tests of a label. SIDESTREAM_SOURCE_DIR is defined as the checkout's path.
function(sidestream_test NAME)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT;SHARDS"
                        "SOURCES;DEPENDS;LABELS;PRIVATE_LIBS;ARGS;ENVIRONMENT")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sidestream_test(${NAME}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
    if(SIDESTREAM_SANITIZE)
      set(arg_TIMEOUT 600)
    endif()
  endif()
  string(REPLACE "/" "_" target "${NAME}")
  if(NOT target MATCHES "_test$")
    string(APPEND target "_test")
  endif()
  sidestream_lacks_sources(lacks ${target} ${arg_SOURCES})
  if(lacks)
    return()
  endif()
  add_executable(${target} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES
                        RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/test-bin")
  target_compile_options(${target} PRIVATE ${SIDESTREAM_WARNINGS} ${SIDESTREAM_TEST_FLAGS})
  sidestream_define_source_dir(${arg_SOURCES})
  sidestream_include_roots(${target} PRIVATE)
  sidestream_link(${target} PRIVATE DEPENDS ${arg_DEPENDS}
                  LIBS ${arg_PRIVATE_LIBS} gtest gtest_main)
  if(NOT arg_SHARDS)
    set(arg_SHARDS 1)
  endif()
  foreach(shard RANGE 1 ${arg_SHARDS})
    set(entry ${target})
    set(share)
    if(arg_SHARDS GREATER 1)
      set(entry ${target}_${shard})
      math(EXPR index "${shard} - 1")
      set(share GTEST_TOTAL_SHARDS=${arg_SHARDS} GTEST_SHARD_INDEX=${index})
    endif()
    add_test(NAME ${entry} COMMAND ${target} ${arg_ARGS} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    sidestream_describe_test(${entry} LABELS ${arg_LABELS} TIMEOUT ${arg_TIMEOUT}
                             ENVIRONMENT ${arg_ENVIRONMENT} ${share})
  endforeach()
  foreach(label IN LISTS arg_LABELS)
    if(NOT TARGET tests-${label})
      add_custom_target(tests-${label})
    endif()
    add_dependencies(tests-${label} ${target})
  endforeach()
endfunction()

# SIDESTREAM_SOURCE_DIR, the checkout's path, for those of the sources that name it: a definition for
# all of them would keep checkouts from sharing what ccache holds. Looked at when cmake runs.
function(sidestream_define_source_dir)
  foreach(source IN LISTS ARGN)
    file(STRINGS ${source} uses REGEX SIDESTREAM_SOURCE_DIR)
    if(uses)
      set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS
                                  SIDESTREAM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    endif()
  endforeach()
endfunction()

# Labels, time limit and environment of a ctest entry, also one added by hand (a script).
function(sidestream_describe_test NAME)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "LABELS;ENVIRONMENT")
  set_tests_properties(${NAME} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
                       ENVIRONMENT "${arg_ENVIRONMENT}")
endfunction()

# sidestream_bench(serde SOURCES json_bench.cc DEPENDS serde [PRIVATE_LIBS ...] [NO_FRAMEWORK])
# -> bench-bin/serde_bench, with Google Benchmark's main unless NO_FRAMEWORK.
function(sidestream_bench NAME)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_FRAMEWORK" "" "SOURCES;DEPENDS;PRIVATE_LIBS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sidestream_bench(${NAME}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  string(REPLACE "/" "_" target "${NAME}")
  if(NOT target MATCHES "_bench$")
    string(APPEND target "_bench")
  endif()
  sidestream_lacks_sources(lacks ${target} ${arg_SOURCES})
  if(lacks)
    return()
  endif()
  add_executable(${target} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES
                        RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench-bin")
  target_compile_options(${target} PRIVATE ${SIDESTREAM_WARNINGS})
  sidestream_include_roots(${target} PRIVATE)
  sidestream_link(${target} PRIVATE DEPENDS ${arg_DEPENDS} LIBS ${arg_PRIVATE_LIBS})
  if(NOT arg_NO_FRAMEWORK)
    sidestream_link(${target} PRIVATE LIBS benchmark benchmark_main)
  endif()
endfunction()
