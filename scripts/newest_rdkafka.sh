#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Builds what the fault catalogue runs against the newest librdkafka that is published in any form:
# the one inside of the Python client, with the headers of the one that setup.sh built, whose
# interface it keeps. For fault 35: scripts/faults.sh --fault all --tree build/newest-rdkafka
#
#   scripts/newest_rdkafka.sh [NINJA-OPTION]...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly cache="${SIDESTREAM_CACHE:-$HOME/.cache/sidestream}"
readonly prefix="$cache/librdkafka-newest"
readonly tree=build/newest-rdkafka

# The library, its headers, and what tells CMake of them.
fetch() {
  local work library version
  work=$(mktemp -d "${TMPDIR:-/tmp}/sidestream-rdkafka.XXXXXX")
  # shellcheck disable=SC2064  # the folder of now is meant
  trap "rm -rf '$work'" EXIT
  python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$work" confluent-kafka
  python3 -m zipfile -e "$work"/confluent_kafka-*.whl "$work/wheel"
  library=$(find "$work/wheel" -name 'librdkafka*.so*' -print -quit)
  version=$(basename "$work"/confluent_kafka-*.whl | cut -d- -f2)
  rm -rf "$prefix"
  mkdir -p "$prefix/lib/pkgconfig"
  cp "$library" "$prefix/lib/"
  ln -s "$(basename "$library")" "$prefix/lib/librdkafka.so"
  cp -r "$cache/librdkafka/include" "$prefix/include"
  cat >"$prefix/lib/pkgconfig/rdkafka.pc" <<PC
Name: rdkafka
Description: librdkafka of the Python client
Version: $version
Cflags: -I$prefix/include
Libs: -L$prefix/lib -Wl,-rpath,$prefix/lib -lrdkafka
PC
}

fetch
PKG_CONFIG_PATH="$prefix/lib/pkgconfig" cmake --preset release -B "$tree" \
  -DSIDESTREAM_RDKAFKA_PREFIX="$prefix"
ninja -C "$tree" "$@" sidestream ledger_tool bad_input_cases clock_shim disk_shim
"$tree/sidestream" version
