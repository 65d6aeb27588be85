#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Everything that must pass before a commit: installs what is missing, builds the release tree, and
# runs the tests without a broker, the tests on one real broker, and one binary with sanitizers.
# Within an hour on a bare machine with two cores. The first failing part ends the run.
#
#   scripts/test.sh [PART]...    parts: build unit simulation broker sanitizer; default: all, in this order
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly tree=build/release
readonly broker_dir=$PWD/$tree/test-broker # its log stays there after a failure
readonly registry_dir=$PWD/$tree/test-registry
readonly storage_dir=$PWD/$tree/test-object-storage
summary=()
empty=()

# Ends all servers also when a test failed or the run was interrupted.
stop_broker() {
  if [[ -d $broker_dir ]]; then
    scripts/broker.sh stop "$broker_dir"
  fi
  if [[ -d $registry_dir ]]; then
    scripts/registry.sh stop "$registry_dir"
  fi
  if [[ -d $storage_dir ]]; then
    scripts/object_storage.sh stop "$storage_dir"
  fi
}
trap stop_broker EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# $1 label, then further options of ctest. A label that no test carries does not stop the other
# parts, but the run ends as failed: a part that lost its tests must not look green.
run_label() {
  local label=$1
  shift
  if ctest --test-dir "$tree" --label-regex "^$label\$" --show-only | grep -q '^Total Tests: 0$'; then
    printf 'no test carries the label %s\n' "$label"
    empty+=("$label")
    return
  fi
  ctest --test-dir "$tree" --label-regex "^$label\$" --output-on-failure --no-tests=error "$@"
}

part_build() {
  scripts/setup.sh --with-broker --with-cel
  scripts/build.sh all
}

part_unit() {
  run_label unit --parallel "$(nproc)"
}

part_simulation() {
  run_label simulation --parallel "$(nproc)"
}

# One node and one registry for all; a test uses topics, groups and subjects of its own name.
part_broker() {
  stop_broker
  rm -rf "$broker_dir" "$registry_dir" "$storage_dir"
  SIDESTREAM_TEST_REGISTRY=$(scripts/registry.sh start "$registry_dir")
  SIDESTREAM_TEST_NODE_MODULES=$(scripts/registry.sh serializers)
  export SIDESTREAM_TEST_REGISTRY SIDESTREAM_TEST_NODE_MODULES
  SIDESTREAM_TEST_OBJECT_STORAGE=$(scripts/object_storage.sh start "$storage_dir")
  export SIDESTREAM_TEST_OBJECT_STORAGE
  SIDESTREAM_TEST_BOOTSTRAP=$(scripts/broker.sh start "$broker_dir")
  export SIDESTREAM_TEST_BOOTSTRAP
  run_label broker
  stop_broker
}

part_sanitizer() {
  scripts/sanitize.sh --short
}

run_part() {
  local part=$1 begin=$SECONDS
  printf '\n==== %s\n' "$part"
  "part_$part"
  summary+=("$(printf '%-12s %d s' "$part" $((SECONDS - begin)))")
}

main() {
  local part
  if [[ $# -eq 0 ]]; then
    set -- build unit simulation broker sanitizer
  fi
  for part in "$@"; do
    declare -F "part_$part" >/dev/null || { printf 'unknown part %s\n' "$part" >&2; exit 2; }
  done
  for part in "$@"; do
    run_part "$part"
  done
  printf '\n==== duration of the parts\n'
  printf '%s\n' "${summary[@]}"
  if [[ ${#empty[@]} -gt 0 ]]; then
    printf 'FAILED: no test carries the label %s\n' "${empty[*]}" >&2
    exit 1
  fi
  printf 'all passed\n'
}

main "$@"
