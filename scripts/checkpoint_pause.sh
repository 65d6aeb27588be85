#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# How long a checkpoint, or a savepoint, holds an application up: several instances on real Kafka take a
# checkpoint each second while records flow, and their logs say for how long tasks took none.
#
#   scripts/checkpoint_pause.sh
#
#   --instances N      default 4, each with two workers
#   --checkpoints N    how many are wanted; default 120
#   --drain            savepoints instead, by turns as usual and drained, so many of each
#   --rate N           records per second; default 2000
#   --p99 MS           fails above this; default 500
#   --tree DIR         the build tree; default build/release
#
# The pause of a checkpoint is the longest of any of its tasks, from the BEGIN that it read (of one that
# drains: from where it was drained) to the decision that it read. Commit interval 100 ms, exactly once.
# The p99 that fails is that of the undrained. Uses the broker that SIDESTREAM_TEST_BOOTSTRAP names, else
# starts one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

instances=4
checkpoints=120
rate=2000
p99=500
drain=0
tree=build/release
while [[ $# -gt 0 ]]; do
  case "$1" in
    --instances) instances=$2; shift 2 ;;
    --checkpoints) checkpoints=$2; shift 2 ;;
    --rate) rate=$2; shift 2 ;;
    --p99) p99=$2; shift 2 ;;
    --drain) drain=1; shift ;;
    --tree) tree=$2; shift 2 ;;
    *) printf 'checkpoint_pause.sh: unknown argument %s\n' "$1" >&2; exit 2 ;;
  esac
done
readonly instances checkpoints rate p99 drain tree
readonly sidestream=$tree/sidestream tool=$tree/test-bin/ledger_tool
readonly topology=tests/integration/ledger.yaml

work=$(mktemp -d "${TMPDIR:-/tmp}/sidestream-pause.XXXXXX")
own_broker=
pids=()

fail() {
  printf '[pause] FAILED: %s\n' "$*" >&2
  tail -n 5 "$work"/*.log >&2 || true
  exit 1
}

finish() {
  local status=$? pid
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  # Without a word of the shell about each.
  wait "${pids[@]}" 2>/dev/null || true
  [[ -n $own_broker ]] && scripts/broker.sh stop "$own_broker"
  [[ $status -eq 0 ]] && rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

program() {
  local verb=$1
  shift
  # Word splitting is wanted: a verb may be two words.
  # shellcheck disable=SC2086
  "$sidestream" $verb -f "$topology" -f "$work/checkpoint.yaml" "$@"
}

complete() { cat "$work"/instance-*.log | grep -c 'checkpoint: checkpoint [0-9]* is complete' || true; }

# Of each checkpoint: its number and its longest pause.
pauses() {
  cat "$work"/instance-*.log |
    sed -nE 's/.* checkpoint ([0-9]+) held [0-9]+ tasks, the longest for ([0-9]+) ms: cut$/\1 \2/p' |
    awk '{ if (!($1 in longest) || $2 > longest[$1]) longest[$1] = $2 }
         END { for (n in longest) print n, longest[n] }' | sort -k2n
}

# Those of the numbers that $1, a condition of awk over drained[n], says.
report() {
  awk -v pauses="$work/pauses" -v from="$warm" '
    { drained[$1] = 1 }
    END { while ((getline line <pauses) > 0) { split(line, at); n = at[1]; if (n > from && '"$1"') print line } }
  ' "$work/drained" >"$work/chosen"
  read -r count p50 got max < <(awk '
    { pause[NR] = $2 }
    # The smallest that so many of a hundred do not exceed.
    function at(percent, i) { i = int((NR * percent + 99) / 100); return pause[i < 1 ? 1 : i] }
    END { print NR, at(50), at(99), pause[NR] }' "$work/chosen")
  ((count > 0)) || fail "no checkpoint was decided: $2"
  printf '[pause] %s: %d instances, %d decided, load %s: pause p50 %d ms, p99 %d ms, longest %d ms\n' \
    "$2" "$instances" "$count" "$load" "$p50" "$got" "$max"
}

check_processes() {
  local pid
  for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || fail "a process ended by itself"; done
}

take_checkpoints() {
  local deadline=$((SECONDS + 60 + checkpoints * 5))
  while (($(complete) < checkpoints)); do
    ((SECONDS < deadline)) || fail "only $(complete) of $checkpoints checkpoints are complete"
    check_processes
    sleep 1
  done
}

# By turns, so that both have the machine alike. The first one that comes about says that all are up.
take_savepoints() {
  local i
  for ((i = 0; ; i++)); do
    program 'savepoint create' "first-$i" --timeout 60s >>"$work/take.log" 2>&1 && break
    ((i < 20)) || fail "no savepoint comes about"
    sleep 1
  done
  warm=$(pauses | sort -n | tail -1 | cut -d' ' -f1)
  for ((i = 0; i < checkpoints; i++)); do
    program 'savepoint create' "usual-$i" >>"$work/take.log" 2>&1 || fail "savepoint usual-$i"
    program 'savepoint create' "drained-$i" --drain >>"$work/take.log" 2>&1 || fail "drained-$i"
    check_processes
  done
}

[[ -x $sidestream && -x $tool ]] || fail "build first: scripts/build.sh sidestream ledger_tool"
if [[ -n ${SIDESTREAM_TEST_BOOTSTRAP:-} ]]; then
  LEDGER_BOOTSTRAP=$SIDESTREAM_TEST_BOOTSTRAP
else
  own_broker=$work/broker
  LEDGER_BOOTSTRAP=$(scripts/broker.sh start "$own_broker")
fi
export LEDGER_BOOTSTRAP LEDGER_APPLICATION="pause-$$-$RANDOM" LEDGER_STATE=$work/none
export LEDGER_SOURCE=$LEDGER_APPLICATION
warm=0
interval=', interval: 1s'
((drain)) && interval=
printf 'checkpoint: { location: %s%s }\n' "$work/place" "$interval" >"$work/checkpoint.yaml"
program topics --apply >"$work/topics.log" 2>&1 || fail "topics --apply"
"$tool" feed "$LEDGER_BOOTSTRAP" "$LEDGER_APPLICATION" 100000000 "$rate" >"$work/feed.log" 2>&1 &
pids+=($!)
for ((i = 0; i < instances; i++)); do
  LEDGER_STATE=$work/state-$i "$sidestream" run -f "$topology" -f "$work/checkpoint.yaml" \
    --log-format text >"$work/instance-$i.log" 2>&1 </dev/null &
  pids+=($!)
done
if ((drain)); then take_savepoints; else take_checkpoints; fi
pauses >"$work/pauses"
load=$(cut -d' ' -f1 /proc/loadavg)
cat "$work"/instance-*.log | sed -nE 's|.* leader writes checkpoint/([0-9]+)/level/0$|\1|p' >"$work/drained"
failed=$(cat "$work"/instance-*.log | grep -c 'checkpoint: checkpoint [0-9]* came to nothing' || true)
printf '[pause] %d checkpoints came to nothing\n' "$failed"
((drain)) && report 'n in drained' drained
report '!(n in drained)' undrained
((got <= p99)) || fail "p99 is above $p99 ms"
