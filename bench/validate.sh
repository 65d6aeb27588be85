#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Measures `validate` of a topology of 500 lines: wall time of the whole process, start included.
#
#   bench/validate.sh [--build DIR] [--runs 21] [--lines 500]
#
# --build is a release build tree (default build/release). Prints the median and the worst run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/release
runs=21
lines=500
while [[ $# -gt 0 ]]; do
  case "$1" in
    --build) build=$2; shift 2 ;;
    --runs) runs=$2; shift 2 ;;
    --lines) lines=$2; shift 2 ;;
    *) printf 'unknown option: %s\n' "$1" >&2; exit 2 ;;
  esac
done

program=$build/sidestream
[[ -x $program ]] || { printf 'no program at %s\n' "$program" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
file=$work/topology.yaml

# Ten lines for each pipeline: a filter, fields, and an aggregate with a hop and a store.
{
  printf 'version: 1\napplication: { id: bench }\nstreams:\n'
  printf '  orders: { topic: orders, key: string, value: { format: json, fields: { amount: double } } }\n'
  printf '  sums: { topic: sums, key: string, value: json }\npipelines:\n'
  for ((i = 0; i * 10 + 16 <= lines; ++i)); do
    cat <<YAML
  sums_$i:
    from: orders
    steps:
      - filter: value.country == "DE" && value.amount > $i.0 && !(value.status in ["open", "lost"])
      - set: { gross: value.amount * 1.19, city: 'value.address.?city.orValue("")' }
      - name: per_user_$i
        aggregate:
          group_by: value.user
          fields: { n: count(), total: sum(value.gross).where(value.amount > 0.0), most: max(value.gross) }
    to: sums
YAML
  done
} > "$file"

for ((i = 0; i < runs; ++i)); do
  before=$(date +%s%N)
  "$program" validate -f "$file" > "$work/out" 2> "$work/err" || { cat "$work/err" >&2; exit 1; }
  after=$(date +%s%N)
  printf '%s\n' $(((after - before) / 1000))
done | sort -n > "$work/times"
median=$(sed -n "$((runs / 2 + 1))p" "$work/times")
worst=$(tail -n 1 "$work/times")
printf '%s lines: median %s ms, worst %s ms (%s runs)\n' "$(wc -l < "$file")" \
  "$(awk "BEGIN { printf \"%.1f\", $median / 1000 }")" "$(awk "BEGIN { printf \"%.1f\", $worst / 1000 }")" "$runs"
