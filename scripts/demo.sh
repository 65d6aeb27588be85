#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Word count in one process and without a broker: installs what is missing, builds, reads a few
# lines of text and prints the count of every word. Arguments replace the text that is counted.
#
#   scripts/demo.sh ["some words to count"]...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly topology=config/topologies/word-count.yaml
readonly sample=config/topologies/data/word-count.ndjson

# One input record for each argument, as run --input reads them.
write_input() {
  local line
  for line in "$@"; do
    line=${line//\\/\\\\}
    line=${line//\"/\\\"}
    printf '{"value": "%s"}\n' "${line//[[:cntrl:]]/ }"
  done
}

main() {
  scripts/build.sh
  local scratch input=$sample
  scratch=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder of now is meant
  trap "rm -rf '$scratch'" EXIT
  if [[ $# -gt 0 ]]; then
    input=$scratch/input.ndjson
    write_input "$@" >"$input"
  fi
  printf '\n== topology: %s\n\n' "$topology"
  cat "$topology"
  printf '\n== input: %s\n\n' "$input"
  cat "$input"
  printf '\n== output\n\n'
  build/release/sidestream run --embedded -f "$topology" --input "lines=$input"
}

main "$@"
