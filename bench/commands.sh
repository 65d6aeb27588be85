#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# How long `validate` and `test` take on a topology of 500 lines (long_topology.sh): wall clock and CPU
# of the whole process, from exec to exit, min / median / max in milliseconds.
#
#   bench/commands.sh [--program FILE] [--rounds N]    default: build/release/sidestream, 21 rounds
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=build/release/sidestream
rounds=21

while [[ $# -gt 0 ]]; do
  case "$1" in
    --program) program=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    *) printf '[commands] error: unknown argument %s\n' "$1" >&2; exit 2 ;;
  esac
done

work=$(mktemp -d)
# shellcheck disable=SC2064  # the folder of now is meant
trap "rm -rf '$work'" EXIT
bench/long_topology.sh >"$work/long.yaml"

# Prints "wall cpu" of one run, in milliseconds.
measure() {
  local TIMEFORMAT='%R %U %S'
  # The run's own output goes to a file; what remains on standard error is the time.
  { time "$program" "$@" >"$work/out" 2>"$work/err"; } 2>&1 \
    | awk '{ printf "%.0f %.0f\n", $1 * 1000, ($2 + $3) * 1000 }'
}

# Prints min / median / max of column $2 of the file $1.
spread() {
  sort -n -k"$2,$2" "$1" | awk -v c="$2" '{ v[NR] = $c } END { printf "%d / %d / %d", v[1], v[int((NR + 1) / 2)], v[NR] }'
}

printf '%s lines, load average %s\n' "$(wc -l <"$work/long.yaml")" "$(cut -d' ' -f1 /proc/loadavg)"
printf '%-28s %-22s %s\n' 'command' 'wall ms' 'CPU ms'
for command in validate test 'test --instances 2' 'test --crash-at-every-commit'; do
  : >"$work/times"
  for ((round = 0; round < rounds; ++round)); do
    # shellcheck disable=SC2086  # its words are wanted
    measure $command -f "$work/long.yaml" >>"$work/times"
  done
  printf '%-28s %-22s %s\n' "$command" "$(spread "$work/times" 1)" "$(spread "$work/times" 2)"
done
