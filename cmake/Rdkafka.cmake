# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# vendor::rdkafka: librdkafka's C library, 2.14.2 or newer (docs/design/README.md says why). First the static
# build of scripts/setup.sh, then a system library that is new enough.

set(minimum_rdkafka 2.14.2)
set(prefix "${SIDESTREAM_RDKAFKA_PREFIX}")
if(NOT prefix AND DEFINED ENV{SIDESTREAM_CACHE})
  set(prefix "$ENV{SIDESTREAM_CACHE}/librdkafka")
elseif(NOT prefix)
  set(prefix "$ENV{HOME}/.cache/sidestream/librdkafka")
endif()

if(EXISTS "${prefix}/lib/librdkafka.a")
  # Its pkg-config file does not name what the static library itself needs.
  set(saved_path "$ENV{PKG_CONFIG_PATH}")
  set(ENV{PKG_CONFIG_PATH} "${prefix}/lib/pkgconfig:${saved_path}")
  pkg_check_modules(RDKAFKA_STATIC QUIET rdkafka-static>=${minimum_rdkafka})
  set(ENV{PKG_CONFIG_PATH} "${saved_path}")
  pkg_check_modules(RDKAFKA_NEEDS QUIET IMPORTED_TARGET
                    libcurl libsasl2 libssl libcrypto libzstd liblz4 zlib)
endif()

if(RDKAFKA_STATIC_FOUND AND RDKAFKA_NEEDS_FOUND)
  sidestream_vendor(rdkafka "${prefix}/lib/librdkafka.a" PkgConfig::RDKAFKA_NEEDS Threads::Threads
                    ${CMAKE_DL_LIBS} rt m)
  target_include_directories(vendor_rdkafka SYSTEM INTERFACE "${prefix}/include")
  target_compile_definitions(vendor_rdkafka INTERFACE LIBRDKAFKA_STATICLIB)
else()
  pkg_check_modules(RDKAFKA_SYSTEM QUIET IMPORTED_TARGET rdkafka>=${minimum_rdkafka})
  if(RDKAFKA_SYSTEM_FOUND)
    sidestream_vendor(rdkafka PkgConfig::RDKAFKA_SYSTEM)
  else()
    sidestream_vendor_missing(rdkafka
      "librdkafka ${minimum_rdkafka} or newer was not found: run scripts/setup.sh, then configure again")
  endif()
endif()
unset(prefix)
