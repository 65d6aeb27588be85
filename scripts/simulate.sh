#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# The long run of the simulation: whole clusters in virtual time, each schedule of faults drawn from its
# number (tests/simulation/schedule.h).
#
#   scripts/simulate.sh --schedules N [--seed S] [--jobs J] [--tree DIR]
#
# Runs the schedules S to S + N - 1 (default S: 1) in J processes (default: as many as processors).
# A schedule that fails is printed; scripts/simulate.sh --schedules 1 --seed ITS_NUMBER replays it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

schedules=100000
seed=1
jobs=$(nproc)
tree=build/release
while [[ $# -gt 0 ]]; do
  case "$1" in
    --schedules) schedules=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --jobs) jobs=$2; shift 2 ;;
    --tree) tree=$2; shift 2 ;;
    *) printf 'simulate.sh: unknown argument %s\n' "$1" >&2; exit 2 ;;
  esac
done
readonly simulate=$tree/test-bin/simulate
[[ -x $simulate ]] || { printf 'build first: cmake --build --preset release --target simulate\n' >&2; exit 2; }

pids=()
logs=$(mktemp -d "${TMPDIR:-/tmp}/sidestream-simulate.XXXXXX")
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$logs"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
for ((job = 0; job < jobs; job++)); do
  count=$(((schedules - job + jobs - 1) / jobs))
  ((count > 0)) || continue
  "$simulate" "$((seed + job))" "$count" "$jobs" 2>"$logs/$job" &
  pids+=($!)
done
failed=0
for ((job = 0; job < ${#pids[@]}; job++)); do
  status=0
  wait "${pids[job]}" || status=$?
  ((status == 0)) || failed=1
  # A failing check ends the process; one schedule alone is run to be looked at.
  if ((status > 1 || schedules == 1)); then
    tail -n 200 "$logs/$job"
  fi
done
exit "$failed"
