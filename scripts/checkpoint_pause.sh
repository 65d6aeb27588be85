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
#   --rate N           records per second; default 2000
#   --p99 MS           fails above this; default 500
#   --tree DIR         the build tree; default build/release
#
# The pause of a checkpoint is the longest of any of its tasks, from the BEGIN that it read to the
# decision that it read. Commit interval 100 ms, exactly once. Uses the broker that
# SIDESTREAM_TEST_BOOTSTRAP names, else starts one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

instances=4
checkpoints=120
rate=2000
p99=500
tree=build/release
while [[ $# -gt 0 ]]; do
  case "$1" in
    --instances) instances=$2; shift 2 ;;
    --checkpoints) checkpoints=$2; shift 2 ;;
    --rate) rate=$2; shift 2 ;;
    --p99) p99=$2; shift 2 ;;
    --tree) tree=$2; shift 2 ;;
    *) printf 'checkpoint_pause.sh: unknown argument %s\n' "$1" >&2; exit 2 ;;
  esac
done
readonly instances checkpoints rate p99 tree
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
  [[ -n $own_broker ]] && scripts/broker.sh stop "$own_broker"
  [[ $status -eq 0 ]] && rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

complete() { cat "$work"/instance-*.log | grep -c 'checkpoint: checkpoint [0-9]* is complete' || true; }

# Of each checkpoint: its number and its longest pause.
pauses() {
  cat "$work"/instance-*.log |
    sed -nE 's/.* checkpoint ([0-9]+) held [0-9]+ tasks, the longest for ([0-9]+) ms: cut$/\1 \2/p' |
    awk '{ if (!($1 in longest) || $2 > longest[$1]) longest[$1] = $2 }
         END { for (n in longest) print n, longest[n] }' | sort -k2n
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
printf 'checkpoint: { location: %s, interval: 1s }\n' "$work/place" >"$work/checkpoint.yaml"
"$sidestream" topics -f "$topology" -f "$work/checkpoint.yaml" --apply >"$work/topics.log" 2>&1 ||
  fail "topics --apply"
"$tool" feed "$LEDGER_BOOTSTRAP" "$LEDGER_APPLICATION" 100000000 "$rate" >"$work/feed.log" 2>&1 &
pids+=($!)
for ((i = 0; i < instances; i++)); do
  LEDGER_STATE=$work/state-$i "$sidestream" run -f "$topology" -f "$work/checkpoint.yaml" \
    --log-format text >"$work/instance-$i.log" 2>&1 </dev/null &
  pids+=($!)
done
deadline=$((SECONDS + 60 + checkpoints * 5))
while (($(complete) < checkpoints)); do
  ((SECONDS < deadline)) || fail "only $(complete) of $checkpoints checkpoints are complete"
  for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || fail "a process ended by itself"; done
  sleep 1
done
pauses >"$work/pauses"
failed=$(cat "$work"/instance-*.log | grep -c 'checkpoint: checkpoint [0-9]* came to nothing' || true)
read -r count p50 got max < <(awk '
  { pause[NR] = $2 }
  # The smallest that so many of a hundred do not exceed.
  function at(percent, i) { i = int((NR * percent + 99) / 100); return pause[i < 1 ? 1 : i] }
  END { print NR, at(50), at(99), pause[NR] }' "$work/pauses")
printf '[pause] %d instances, %d checkpoints decided, %d came to nothing, load %s: pause p50 %d ms, p99 %d ms, longest %d ms\n' \
  "$instances" "$count" "$failed" "$(cut -d' ' -f1 /proc/loadavg)" "$p50" "$got" "$max"
((got <= p99)) || fail "p99 is above $p99 ms"
