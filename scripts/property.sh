#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# The property test of windows at length: random topologies against the oracle, in parallel. CI runs a few
# hundred cases of it; the first failure prints its seed.
#
#   scripts/property.sh [--cases 10000] [--seed N] [--tree build/release]     default seed: the clock
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cases=10000
seed=$(date +%s)
tree=build/release
while [[ $# -gt 0 ]]; do
  case "$1" in
    --cases) cases=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --tree) tree=$2; shift 2 ;;
    *) printf 'unknown argument %s\n' "$1" >&2; exit 2 ;;
  esac
done

if [[ ! -x $tree/test-bin/windows_property_test ]]; then
  scripts/build.sh windows_property_test
fi
workers=$(nproc)
share=$(((cases + workers - 1) / workers))
printf '%d cases from seed %d on\n' "$((share * workers))" "$seed"
pids=()
for ((i = 0; i < workers; ++i)); do
  SIDESTREAM_PROPERTY_CASES=$share SIDESTREAM_PROPERTY_SEED=$((seed + i * share)) \
    "$tree/test-bin/windows_property_test" &
  pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do
  wait "$pid" || failed=1
done
exit "$failed"
