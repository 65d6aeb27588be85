#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# The tests under the sanitizers, each in a build tree of its own.
#
#   scripts/sanitize.sh [asan-ubsan | tsan]    unit and simulation tests; default: both
#   scripts/sanitize.sh --short                what scripts/test.sh runs: the binary labelled
#                                              sanitizer-short, with asan-ubsan
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
export TSAN_OPTIONS="${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/scripts/tsan.supp}"

# GCC 12's thread sanitizer does not start where the kernel spreads addresses widely.
fixed_addresses() {
  if setarch "$(uname -m)" -R true 2>/dev/null; then
    setarch "$(uname -m)" -R "$@"
  else
    "$@"
  fi
}

# $1 preset, $2 regular expression of labels, then the targets.
run_preset() {
  local preset=$1 labels=$2
  shift 2
  printf '\n== %s\n' "$preset"
  cmake --preset "$preset"
  cmake --build --preset "$preset" --parallel "$(nproc)" --target "$@"
  fixed_addresses ctest --test-dir "build/$preset" --label-regex "$labels" \
    --output-on-failure --no-tests=error --parallel "$(nproc)"
}

main() {
  scripts/setup.sh
  case "${1:-both}" in
    --short)
      run_preset asan-ubsan '^sanitizer-short$' tests-sanitizer-short ;;
    asan-ubsan | tsan) run_preset "$1" '^(unit|simulation)$' tests-unit tests-simulation ;;
    both)
      run_preset asan-ubsan '^(unit|simulation)$' tests-unit tests-simulation
      run_preset tsan '^(unit|simulation)$' tests-unit tests-simulation ;;
    *)
      printf 'usage: scripts/sanitize.sh [--short | asan-ubsan | tsan]\n' >&2
      exit 2 ;;
  esac
}

main "$@"
