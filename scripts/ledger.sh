#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# The ledger on real Kafka: unique ids pass through and are re-keyed and counted, while instances are
# killed, stopped and started at random moments; then every id must be there exactly once.
#
#   scripts/ledger.sh            1,000,000 ids and 30 kills
#   scripts/ledger.sh --short    100,000 ids and 3 kills
#
#   --records N --kills N        other sizes, for each run
#   --rate N                     ids per second; default 3500, with --short 5000
#   --members static|dynamic     one run only; default: both, one after the other
#   --seed N                     what happens when; printed at each start
#   --defaults                   a broker with Kafka's own time-outs (not with SIDESTREAM_TEST_BOOTSTRAP)
#   --tree DIR                   the build tree; default build/release
#   --keep                       leave logs and state also after a success
#
# Three instances with two workers each, a state directory each. After a kill (SIGKILL) or a stop
# (SIGTERM) an instance comes back in place, with an empty state directory, or under another name.
# Uses the broker that SIDESTREAM_TEST_BOOTSTRAP names, else starts one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

records=1000000
kills=30
rate=3500
members=(static dynamic)
seed=$RANDOM$RANDOM
tree=build/release
defaults=false
keep=false
while [[ $# -gt 0 ]]; do
  case "$1" in
    --short) records=100000; kills=3; rate=5000; shift ;;
    --records) records=$2; shift 2 ;;
    --kills) kills=$2; shift 2 ;;
    --rate) rate=$2; shift 2 ;;
    --members) members=("$2"); shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --tree) tree=$2; shift 2 ;;
    --defaults) defaults=true; shift ;;
    --keep) keep=true; shift ;;
    *) printf 'ledger.sh: unknown argument %s\n' "$1" >&2; exit 2 ;;
  esac
done
readonly records kills rate members seed tree defaults keep
readonly sidestream=$tree/sidestream tool=$tree/test-bin/ledger_tool
readonly topology=tests/integration/ledger.yaml
readonly rest_seconds=120 stop_seconds=60
readonly instances=3
# Partitions of the input and, derived from them, of the repartition topic.
readonly task_count=8
# One stream of random numbers from one seed: which instance, which fate, and when.
RANDOM=$((seed % 32768))

work=$(mktemp -d "${TMPDIR:-/tmp}/sidestream-ledger.XXXXXX")
own_broker=
feeder=
asker=
# log_lines: how long the log was when the instance was started last.
declare -a pids=() names=() states=() log_lines=()
fresh=0
run_dir=$work

say() { printf '[ledger] %s\n' "$*"; }

exec {errors}>&2
fail() {
  {
    printf '[ledger] FAILED (seed %s): %s\n' "$seed" "$*"
    printf '[ledger] logs and state: %s\n' "$run_dir"
    local log
    for log in "$run_dir"/*.log; do
      [[ -f $log ]] || continue
      printf -- '---- %s\n' "$log"
      tail -n 12 "$log"
    done
  } >&"$errors"
  exit 1
}

finish() {
  local status=$? pid
  for pid in "${pids[@]}" $feeder $asker; do
    [[ -n $pid ]] && kill -KILL "$pid" 2>/dev/null || true
  done
  [[ -n $own_broker ]] && scripts/broker.sh stop "$own_broker" || true
  if [[ $status -eq 0 ]] && ! $keep; then
    rm -rf "$work"
  fi
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A random number below $1, in `dice`: a subshell would draw the same one for ever.
roll() { dice=$(((RANDOM * 32768 + RANDOM) % $1)); }

random_sleep() {
  roll "$1"
  sleep "$((dice / 1000)).$(printf '%03d' $((dice % 1000)))"
}

# Starts the instance of slot $1 under its name and with its state directory.
start_instance() {
  local slot=$1 options=()
  [[ $mode == static ]] && options=(--instance "${names[slot]}")
  touch "$run_dir/${names[slot]}.log"
  log_lines[slot]=$(wc -l <"$run_dir/${names[slot]}.log")
  LEDGER_STATE=${states[slot]} "$sidestream" run -f "$topology" --log-format text "${options[@]}" \
    >>"$run_dir/${names[slot]}.log" 2>&1 </dev/null &
  pids[slot]=$!
}

# Whether the instance of slot $1 has come so far that it listens to signals.
has_begun() {
  tail -n "+$((log_lines[$1] + 1))" "$run_dir/${names[$1]}.log" | grep -q 'app: starting: '
}

# A name and a state directory that nobody had before.
rename_slot() {
  local slot=$1
  fresh=$((fresh + 1))
  names[slot]=instance-$fresh
  states[slot]=$run_dir/state-$fresh
}

# Nobody may end unasked, with one exception: a static member that heard nothing from the broker for
# a session time-out joins again, and a broker that was only slow may fence it by its own late
# requests. It ends with 1, the platform would restart it, and so does this script, and says so.
# 78 is never right here: no two processes of a run share a name.
check_alive() {
  local slot status
  for ((slot = 0; slot < instances; slot++)); do
    [[ -n ${pids[slot]:-} ]] || continue
    kill -0 "${pids[slot]}" 2>/dev/null && continue
    status=0
    wait "${pids[slot]}" || status=$?
    pids[slot]=
    if [[ $mode == static && $status -eq 1 ]] && fenced_itself "$run_dir/${names[slot]}.log"; then
      say "${names[slot]} was fenced by its own requests after the broker stalled; started again"
      start_instance "$slot"
      continue
    fi
    fail "${names[slot]} ended by itself with $status"
  done
}

# Whether the last process that wrote log $1 lost its session and was then fenced.
fenced_itself() {
  tac "$1" | sed '/ app: starting:/q' >"$run_dir/last-process"
  grep -q 'FENCED_INSTANCE_ID' "$run_dir/last-process" && grep -q 'SESSTMOUT' "$run_dir/last-process"
}

# Waits until all work is done.
await_rest() {
  local status=0
  "$tool" rest "$LEDGER_BOOTSTRAP" "$LEDGER_APPLICATION" "$records" "$rest_seconds" \
    >"$run_dir/rest.log" 2>&1 &
  asker=$!
  while kill -0 "$asker" 2>/dev/null; do
    check_alive
    sleep 0.5
  done
  wait "$asker" || status=$?
  asker=
  [[ $status -eq 0 ]] || fail "no rest: $(cat "$run_dir/rest.log")"
}

stop_instance() {
  local slot=$1 signal=$2 status=0 deadline=$((SECONDS + stop_seconds))
  # The shell would report each killed child on its standard error.
  {
    kill -s "$signal" "${pids[slot]}" || true
    while kill -0 "${pids[slot]}"; do
      ((SECONDS < deadline)) || fail "${names[slot]} does not end $stop_seconds s after SIG$signal"
      sleep 0.05
    done
    wait "${pids[slot]}" || status=$?
  } 2>/dev/null
  pids[slot]=
  # 143: the signal came before the program could listen to it, and nothing had begun.
  if [[ $signal == TERM && $status -ne 0 ]] && { [[ $status -ne 143 ]] || has_begun "$slot"; }; then
    fail "${names[slot]} ended with $status after SIGTERM"
  fi
}

# $1 signal. One instance goes, and comes back after a while in one of three ways.
strike() {
  local signal=$1 slot fate
  check_alive
  roll "$instances"; slot=$dice
  roll 4; fate=$dice
  local was=${names[slot]}
  stop_instance "$slot" "$signal"
  case $fate in
    0 | 1) fate="in place" ;;
    2) rm -rf "${states[slot]}"; fate="without its state" ;;
    3) rename_slot "$slot"; fate="as ${names[slot]}" ;;
  esac
  say "SIG$signal to $was, back $fate"
  random_sleep 2500
  start_instance "$slot"
}

lag_zero() {
  local output topic
  output=$(scripts/broker.sh tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand \
    --bootstrap-server "$LEDGER_BOOTSTRAP" --describe --group "$LEDGER_APPLICATION" 2>"$run_dir/groups.err") \
    || fail "kafka-consumer-groups: $(cat "$run_dir/groups.err")"
  for topic in ids totals-repartition control; do
    # Columns: GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG ...
    awk -v topic="$LEDGER_APPLICATION-$topic" '
      $2 == topic { rows++; if ($6 != 0) { print "lag " $6 " on " $2 "-" $3; bad = 1 } }
      END { if (rows == 0) { print "no row for " topic; bad = 1 }; exit bad }' <<<"$output" \
      || fail "kafka-consumer-groups does not show lag 0: $output"
  done
}

# $1 static or dynamic.
run_ledger() {
  mode=$1
  run_dir=$work/$mode
  mkdir -p "$run_dir"
  export LEDGER_APPLICATION="ledger-$mode-$seed-$$"
  export LEDGER_SOURCE=$LEDGER_APPLICATION
  export LEDGER_STATE="$run_dir/none"
  say "$mode members: $records ids, $kills kills, seed $seed, logs in $run_dir"
  "$sidestream" topics -f "$topology" --apply >"$run_dir/topics.log" 2>&1 || fail "topics --apply"

  local slot begin=$SECONDS killed=0
  for ((slot = 0; slot < instances; slot++)); do
    rename_slot "$slot"
    start_instance "$slot"
  done
  "$tool" feed "$LEDGER_BOOTSTRAP" "$LEDGER_APPLICATION" "$records" "$rate" \
    >"$run_dir/feed.log" 2>&1 &
  feeder=$!
  # The kills are spread over the time in which there is work.
  local pause=$((1000 * records / rate / (kills + 1)))
  while ((killed < kills)); do
    random_sleep "$((pause + 1))"
    strike KILL
    killed=$((killed + 1))
    roll 3
    if ((dice == 0)); then
      random_sleep "$((pause / 4 + 1))"
      strike TERM
    fi
  done
  wait "$feeder" || fail "the feeder ended with $?"
  feeder=
  say "fed and killed after $((SECONDS - begin)) s"
  await_rest
  lag_zero
  check_alive

  # The last one standing takes all tasks over, so that its stores can be read when it has stopped.
  stop_instance 1 TERM
  stop_instance 2 TERM
  await_all_tasks 0
  stop_instance 0 TERM
  "$tool" audit "$LEDGER_BOOTSTRAP" "$LEDGER_APPLICATION" "$records" "${states[0]}" \
    >"$run_dir/audit.log" 2>&1 || fail "the audit: $(cat "$run_dir/audit.log")"
  say "$(cat "$run_dir/audit.log")"
  say "$mode members: passed after $((SECONDS - begin)) s"
}

# Waits until the instance of slot $1 runs every task, as its metrics say.
await_all_tasks() {
  local slot=$1 port running deadline=$((SECONDS + rest_seconds))
  # Its name may have been that of earlier processes, so the last port counts.
  port=$(grep -o 'http_port=[0-9]*' "$run_dir/${names[slot]}.log" | tail -n 1 | cut -d= -f2)
  while ((SECONDS < deadline)); do
    check_alive
    running=$(http_get "$port" /metrics | tr -d '\r' \
      | awk '/^sidestream_assigned_tasks.*"active"/ { n += $NF } END { print n + 0 }')
    ((running == task_count)) && return
    sleep 0.5
  done
  fail "${names[slot]} runs $running of $task_count tasks"
}

# A fresh machine may have no curl.
http_get() {
  exec 3<>"/dev/tcp/127.0.0.1/$1" || return 0
  printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&3
  cat <&3
  exec 3>&-
}

main() {
  [[ -x $sidestream && -x $tool ]] || fail "build first: scripts/build.sh all (tree $tree)"
  if [[ -n ${SIDESTREAM_TEST_BOOTSTRAP:-} ]]; then
    export LEDGER_BOOTSTRAP=$SIDESTREAM_TEST_BOOTSTRAP
  else
    local options=()
    $defaults && options=(--defaults)
    own_broker=$work/broker
    LEDGER_BOOTSTRAP=$(scripts/broker.sh start "$own_broker" "${options[@]}")
    export LEDGER_BOOTSTRAP
  fi
  if $defaults; then
    # The lowest that Kafka takes by default.
    export LEDGER_SESSION_MS=6000 LEDGER_HEARTBEAT_MS=1500
  fi
  local mode
  for mode in "${members[@]}"; do
    run_ledger "$mode"
  done
  say "all passed"
}

main "$@"
