#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# What a reader of the output sees of restarts and failures: three instances of a step with state work
# under load while each in turn is stopped in order (SIGTERM) and started again, or one is killed and
# does not come back. One line for each case (docs/operations/availability.md has the profiles): how long
# records were on their way, and for how long nothing came out.
#
#   rolling.sh [--tree BUILD] [--work DIR] [--fill IDS] [--kills N]
#
# Uses the broker that SIDESTREAM_TEST_BOOTSTRAP names, else starts one. IDS is the size of the state.
# N: only the kills, each so many times. They differ: what a kill leaves open, readers wait for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tree=build/release
work=
fill=1000000
kills=0
own_broker=
profile=
lives=0
cases=0
meter=
pids=()
logs=()

die() { printf '[rolling] error: %s\n' "$*" >&2; exit 1; }
say() { printf '[rolling] %s\n' "$*" >&2; }

cleanup() {
  local pid
  for pid in "${pids[@]}" $meter; do kill -KILL "$pid" 2>/dev/null || true; done
  [[ -n $own_broker ]] && scripts/broker.sh stop "$own_broker" || true
}
trap cleanup EXIT

# Starts instance $1 of the profile; its process id goes to pids[$1], its log to logs[$1].
start_instance() {
  local number=$1 name=()
  lives=$((lives + 1))
  logs[number]=$work/$ROLLING_APPLICATION-$number-$lives.log
  [[ $profile == dynamic ]] || name=(--instance "rolling-$number")
  ROLLING_STATE=$work/$ROLLING_APPLICATION-$number "$tree/sidestream" run --log-format text \
    -f bench/topologies/rolling.yaml "${name[@]}" >"${logs[number]}" 2>&1 &
  pids[number]=$!
}

# Waits until file $1 has a line with $2.
wait_for() {
  local deadline=$((SECONDS + 300))
  until grep -qs -- "$2" "$1"; do
    ((SECONDS < deadline)) || { tail -20 "$1" >&2; die "$1 did not say '$2'"; }
    sleep 0.1
  done
}

restart_all() {
  local number
  for number in 1 2 3; do
    kill -TERM "${pids[number]}"
    wait "${pids[number]}" || say "instance $number ended with $?"
    start_instance "$number"
    wait_for "${logs[number]}" 'assigned [0-9]* tasks'
    sleep 8
  done
}

kill_and_start_again() {
  kill -KILL "${pids[1]}"
  wait "${pids[1]}" 2>/dev/null || true
  start_instance 1
  sleep 30
}

kill_one() {
  kill -KILL "${pids[1]}"
  wait "${pids[1]}" 2>/dev/null || true
  unset 'pids[1]'
  sleep 30
}

# A case: what happens ($1, a function, or nothing), the profile, its session, its standbys.
measure() {
  local what=$1 number
  profile=$2
  export ROLLING_SESSION=$3 ROLLING_STANDBYS=$4
  cases=$((cases + 1))
  export ROLLING_APPLICATION=rolling-${what//_/-}-$profile-$ROLLING_STANDBYS-$$-$cases
  ROLLING_STATE=$work "$tree/sidestream" topics --apply -f bench/topologies/rolling.yaml \
    >"$work/topics.log" 2>&1 || { cat "$work/topics.log" >&2; die 'topics --apply failed'; }
  for number in 1 2 3; do start_instance "$number"; done
  for number in 1 2 3; do wait_for "${logs[number]}" 'assigned [1-9]* tasks'; done
  "$tree/bench-bin/pause_bench" "$ROLLING_BOOTSTRAP" "$ROLLING_APPLICATION-in" \
    "$ROLLING_APPLICATION-out" 65 "$fill" >"$work/result" &
  meter=$!
  wait_for "$work/result" measuring
  # Standbys catch up meanwhile.
  sleep 20
  [[ $what == nothing ]] || "$what"
  wait "$meter" || say "not every record came out"
  meter=
  printf 'what=%s profile=%s session_ms=%s standby_replicas=%s ids=%s %s\n' "$what" "$profile" \
    "$ROLLING_SESSION" "$ROLLING_STANDBYS" "$fill" "$(tail -1 "$work/result")"
  for number in "${!pids[@]}"; do
    kill -TERM "${pids[number]}"
    wait "${pids[number]}" || true
  done
  pids=()
}

main() {
  while [[ $# -gt 0 ]]; do
    case "$1" in
      --tree) tree=$2; shift 2 ;;
      --work) work=$2; shift 2 ;;
      --fill) fill=$2; shift 2 ;;
      --kills) kills=$2; shift 2 ;;
      *) die "unknown argument $1" ;;
    esac
  done
  [[ -x $tree/sidestream && -x $tree/bench-bin/pause_bench ]] \
    || die "build first: scripts/build.sh sidestream pause_bench"
  [[ -n $work ]] || work=$(mktemp -d "${TMPDIR:-/tmp}/rolling.XXXXXX")
  mkdir -p "$work"
  if [[ -n ${SIDESTREAM_TEST_BOOTSTRAP:-} ]]; then
    export ROLLING_BOOTSTRAP=$SIDESTREAM_TEST_BOOTSTRAP
  else
    own_broker=$work/broker
    ROLLING_BOOTSTRAP=$(scripts/broker.sh start "$own_broker")
    export ROLLING_BOOTSTRAP
  fi
  local kill
  for ((kill = 0; kill < kills; kill++)); do
    measure kill_one dynamic 10000 0
    measure kill_one dynamic 10000 2
    measure kill_and_start_again static 45000 0
  done
  [[ $kills -eq 0 ]] || return 0
  measure restart_all dynamic 10000 0
  measure restart_all dynamic 10000 2
  measure kill_one dynamic 10000 0
  measure kill_one dynamic 10000 2
  measure restart_all static 45000 0
  measure nothing static 45000 0
}

main "$@"
