# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Third-party libraries under one spelling: PRIVATE_LIBS rocksdb links the target vendor::rocksdb.
# scripts/setup.sh installs all of them. Which folder may include whose headers: the table of
# src/README.md, checked by tests/unit/house.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# Declares vendor::<name> as the given link items, system headers included.
function(sidestream_vendor name)
  add_library(vendor_${name} INTERFACE)
  target_link_libraries(vendor_${name} INTERFACE ${ARGN})
  add_library(vendor::${name} ALIAS vendor_${name})
endfunction()

# Declares vendor::<name> so that only a target that uses it fails, and says what to do.
function(sidestream_vendor_missing name)
  add_library(vendor_${name} INTERFACE)
  add_library(vendor::${name} ALIAS vendor_${name})
  add_custom_target(missing_${name}
    COMMAND ${CMAKE_COMMAND} -E echo "${ARGN}"
    COMMAND ${CMAKE_COMMAND} -E false
    VERBATIM)
  add_dependencies(vendor_${name} missing_${name})
endfunction()

# A package of the distribution with a CMake description.
macro(sidestream_vendor_package name package)
  find_package(${package} QUIET)
  if(${package}_FOUND)
    sidestream_vendor(${name} ${ARGN})
  else()
    sidestream_vendor_missing(${name} "${name} was not found: run scripts/setup.sh, then configure again")
  endif()
endmacro()

sidestream_vendor_package(rocksdb RocksDB RocksDB::rocksdb-shared)
sidestream_vendor_package(yaml-cpp yaml-cpp yaml-cpp)
sidestream_vendor_package(prometheus-cpp prometheus-cpp prometheus-cpp::core)
sidestream_vendor_package(simdjson simdjson simdjson::simdjson)
sidestream_vendor_package(nlohmann_json nlohmann_json nlohmann_json::nlohmann_json)
sidestream_vendor_package(fmt fmt fmt::fmt)
sidestream_vendor_package(spdlog spdlog spdlog::spdlog)
sidestream_vendor_package(CLI11 CLI11 CLI11::CLI11)
sidestream_vendor_package(boost Boost Boost::headers)
sidestream_vendor_package(robin_map tsl-robin-map tsl::robin_map)
sidestream_vendor_package(gtest GTest GTest::gtest)
sidestream_vendor_package(gtest_main GTest GTest::gtest_main)
sidestream_vendor_package(rapidcheck rapidcheck rapidcheck)
sidestream_vendor_package(benchmark benchmark benchmark::benchmark)
sidestream_vendor_package(benchmark_main benchmark benchmark::benchmark_main)
if(SIDESTREAM_SANITIZE)
  # A sanitizer brings its own allocator.
  sidestream_vendor(mimalloc)
else()
  sidestream_vendor_package(mimalloc mimalloc mimalloc)
endif()

# Packages that only pkg-config knows.
# Of Lua the build as C++: its errors are exceptions, which run destructors on their way.
# libcurl sets itself up at its first use, by any of our threads, since 7.84.
foreach(pair re2:re2 xxhash:libxxhash httplib:cpp-httplib protobuf:protobuf "curl:libcurl>=7.84" crypto:libcrypto sqlite3:sqlite3
             lua:lua5.4-c++)
  string(REPLACE ":" ";" pair "${pair}")
  list(GET pair 0 name)
  list(GET pair 1 module)
  pkg_check_modules(PC_${name} QUIET IMPORTED_TARGET ${module})
  if(PC_${name}_FOUND)
    sidestream_vendor(${name} PkgConfig::PC_${name} Threads::Threads)
  else()
    sidestream_vendor_missing(${name} "${name} was not found: run scripts/setup.sh, then configure again")
  endif()
endforeach()

# Headers only, without a description for either.
find_path(VALIJSON_INCLUDE valijson/validator.hpp)
if(VALIJSON_INCLUDE)
  sidestream_vendor(valijson)
  target_include_directories(vendor_valijson SYSTEM INTERFACE "${VALIJSON_INCLUDE}")
  # Without it a schema that it does not like ends the process.
  target_compile_definitions(vendor_valijson INTERFACE VALIJSON_USE_EXCEPTIONS=1)
else()
  sidestream_vendor_missing(valijson "valijson was not found: run scripts/setup.sh, then configure again")
endif()

include(Rdkafka)
