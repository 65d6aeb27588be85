#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Runs the suites of bad_input_test side by side: their cases wait more than they work, and share
# nothing but the broker. One line for each case; all that a suite said when one of it failed. However
# this ends, the brokers of single suites end with it.
#
#   bad_input_test.sh BINARY     wants SIDESTREAM_TEST_BOOTSTRAP and SIDESTREAM_PROGRAM
set -euo pipefail

[[ $# -eq 1 ]] || { printf 'usage: bad_input_test.sh BINARY\n' >&2; exit 2; }
binary=$(realpath "$1")
broker=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../scripts/broker.sh")
logs=$(mktemp -d "${TMPDIR:-/tmp}/sidestream-bad-input.XXXXXX")
declare -A running=()

finish() {
  local pid file
  trap '' TERM INT  # One that comes twice must not end this.
  for pid in "${running[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  # A suite that was killed leaves its own broker in its temporary directory.
  for file in "$logs"/*/pid; do
    if [[ -f $file ]]; then "$broker" stop "${file%/pid}" --kill; fi
  done
  rm -rf "$logs"
}
trap finish EXIT
trap 'exit 143' TERM INT

for suite in $("$binary" --gtest_list_tests | sed -n 's/^\([A-Za-z]*\)\.$/\1/p'); do
  TMPDIR=$logs "$binary" --gtest_filter="$suite.*" >"$logs/$suite" 2>&1 &
  running[$suite]=$!
done
[[ ${#running[@]} -gt 0 ]] || { printf 'no suites in %s\n' "$binary" >&2; exit 1; }

failed=0
for suite in "${!running[@]}"; do
  code=0
  wait "${running[$suite]}" || code=$?
  unset "running[$suite]"
  if [[ $code -eq 0 ]]; then
    grep -E '^\[ +(OK|SKIPPED) +\] |NOT TESTED' "$logs/$suite"
  else
    cat "$logs/$suite"
    printf '%s FAILED (exit code %s)\n' "$suite" "$code"
    failed=1
  fi
done
exit "$failed"
