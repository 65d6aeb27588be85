#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# The release build; the program is build/release/sidestream.
#
#   scripts/build.sh [TARGET]...      default: sidestream; "all" adds tests and benchmarks
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh
cmake --preset release
if [[ $# -eq 0 ]]; then
  set -- sidestream
fi
cmake --build --preset release --parallel "$(nproc)" --target "$@"
