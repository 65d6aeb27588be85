#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Measures the program against loops written by hand, interleaved on one real broker; see README.md.
#
#   bench/run.sh [--build DIR] [--work DIR] [--kinds "pass count ..."] [--rounds 5] [--records 2000000]
#                [--starts 3] [--keep]
#
# Kinds beside those of the default: tumbling hopping sessions uniform dedup. The last two are meant for
# many records: 10 million.
#
# --build is a release build tree (default build/release; built when it lacks the programs), --work
# a folder for the broker, state and logs. Writes WORK/runs.tsv, one line for each run, and prints the
# medians and ratios of it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/release
work=
rounds=5
records=2000000
kinds='pass count filter project avro_filter avro_project'
starts=3
keep=false
readonly start_records=1000
readonly stateful_kinds='count uniform tumbling hopping sessions dedup'
readonly partitions=2

say() { printf '[bench] %s\n' "$*" >&2; }
die() { printf '[bench] error: %s\n' "$*" >&2; exit 1; }

while [[ $# -gt 0 ]]; do
  case "$1" in
    --build) build=$2; shift 2 ;;
    --work) work=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    --records) records=$2; shift 2 ;;
    --kinds) kinds=$2; shift 2 ;;
    --starts) starts=$2; shift 2 ;;
    --keep) keep=true; shift ;;
    *) die "unknown argument $1" ;;
  esac
done

[[ -n $work ]] || work=$(mktemp -d)
mkdir -p "$work"
work=$(cd "$work" && pwd)
readonly work build runs=$work/runs.tsv
readonly programs=(sidestream bench-bin/feed_bench bench-bin/loop_bench bench-bin/measure_bench)
for program in "${programs[@]}"; do
  if [[ ! -x $build/$program ]]; then
    [[ $build == build/release ]] || die "no $program in $build"
    scripts/build.sh sidestream feed_bench loop_bench measure_bench
    break
  fi
done

bootstrap=$(scripts/broker.sh start "$work/broker")
readonly bootstrap
broker_pid=$(<"$work/broker/pid")
readonly broker_pid
finish() {
  scripts/broker.sh stop "$work/broker" --kill
  $keep || rm -rf "$work/broker" "$work/state"
}
trap finish EXIT

# feed TOPIC RECORDS FROM [POLICY [FORMAT]]; without records it only creates the topic
feed() {
  "$build/bench-bin/feed_bench" --bootstrap "$bootstrap" --topic "$1" --partitions "$partitions" \
    --records "$2" --from "$3" --policy "${4:-delete}" --format "${5:-json}"
}

# Makes the topics of a run and sets the variables of bench/topologies.
# prepare ENGINE KIND GUARANTEE INPUT NAME
prepare() {
  local engine=$1 kind=$2
  export BENCH_APPLICATION=$5 BENCH_GUARANTEE=$3 BENCH_INPUT=$4 BENCH_OUTPUT=$5-out
  export BENCH_BOOTSTRAP=$bootstrap BENCH_STATE=$work/state
  feed "$BENCH_OUTPUT" 0 0
  if [[ $engine == sidestream ]]; then
    "$build/sidestream" topics --apply -f "bench/topologies/$kind.yaml" >>"$work/$5.log" 2>&1
  elif [[ " $stateful_kinds " == *" $kind "* ]]; then
    feed "$5-changelog" 0 0 compact
    if [[ $kind == count ]]; then feed "$5-repartition" 0 0; fi
  fi
}

# measure LABEL ENGINE KIND RECORDS FROM, of what was prepared
measure() {
  local label=$1 engine=$2 kind=$3 command
  if [[ $engine == sidestream ]]; then
    command=("$build/sidestream" run -f "bench/topologies/$kind.yaml")
  else
    local work_of=$kind
    [[ $engine == checking ]] && work_of=${kind}_checked
    command=("$build/bench-bin/loop_bench" --kind "$work_of" --bootstrap "$bootstrap"
      --group "$BENCH_APPLICATION" --guarantee "$BENCH_GUARANTEE" --commit-ms 100
      --input "$BENCH_INPUT" --output "$BENCH_OUTPUT"
      --repartition "$BENCH_APPLICATION-repartition" --changelog "$BENCH_APPLICATION-changelog")
  fi
  "$build/bench-bin/measure_bench" --label "$label" --kind "$kind" --bootstrap "$bootstrap" \
    --topic "$BENCH_OUTPUT" --records "$4" --from "$5" --partitions "$partitions" \
    --broker-pid "$broker_pid" \
    --log "$work/$BENCH_APPLICATION.log" -- "${command[@]}" >>"$runs" \
    || say "$label failed: $work/$BENCH_APPLICATION.log"
  tail -1 "$runs" >&2
}

# The format of a kind's input, after which its topic is named. format_of KIND
format_of() {
  case "$1" in
    avro_*) echo avro ;;
    tumbling|hopping|sessions) echo by_bidder ;;
    uniform) echo uniform ;;
    dedup) echo ids ;;
    *) echo json ;;
  esac
}

# A whole topic from its beginning. drain ROUND KIND
drain() {
  local round=$1 kind=$2 engine guarantee
  local engines=(loop sidestream)
  ((round % 2 == 0)) && engines=(sidestream loop)
  # Of JSON there is a loop, too, that checks the whole document.
  [[ $kind == filter || $kind == project ]] && engines+=(checking)
  for guarantee in exactly_once at_least_once; do
    for engine in "${engines[@]}"; do
      prepare "$engine" "$kind" "$guarantee" "bids-$(format_of "$kind")" "$engine-$kind-$guarantee-$round"
      measure "$kind $guarantee $engine" "$engine" "$kind" "$records" 0
    done
  done
}

# Second starts of groups that exist. restart KIND
restart() {
  local kind=$1 engine start from=$start_records
  feed "bids-start-$kind" "$start_records" 0
  for engine in loop sidestream; do
    prepare "$engine" "$kind" exactly_once "bids-start-$kind" "$engine-start-$kind"
    measure "first-start $kind $engine" "$engine" "$kind" "$start_records" 0
  done
  for ((start = 1; start <= starts; ++start)); do
    feed "bids-start-$kind" "$start_records" "$from"
    for engine in loop sidestream; do
      prepare "$engine" "$kind" exactly_once "bids-start-$kind" "$engine-start-$kind"
      measure "second-start $kind $engine" "$engine" "$kind" "$start_records" "$from"
    done
    from=$((from + start_records))
  done
}

# Medians of the runs whose answer was right, then ratios of medians.
report() {
  sort -t $'\t' -k1,1 "$runs" | awk -F '\t' '
    function median(label, column,   values, count, i, j, swap) {
      count = 0
      for (i = 1; i <= runs[label]; ++i) values[++count] = cell[label, i, column] + 0
      for (i = 1; i < count; ++i)
        for (j = i + 1; j <= count; ++j)
          if (values[j] < values[i]) { swap = values[i]; values[i] = values[j]; values[j] = swap }
      low = values[1]; high = values[count]
      return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
    }
    function ratio(name, a, b, column) {
      if (runs[a] && runs[b]) printf "%-44s %.2f\n", name, median(a, column) / median(b, column)
    }
    $2 != "ok" { print "no figure: " $0; next }
    { if (!runs[$1]++) labels[++known] = $1
      for (i = 3; i <= NF; ++i) cell[$1, runs[$1], i] = $i }
    END {
      printf "%-34s %4s %6s %23s %23s %7s %6s %6s %6s\n", "run", "n", "first", "cold us/rec min/med/max",
             "warm us/rec min/med/max", "broker", "peak", "rss", "load"
      for (k = 1; k <= known; ++k) {
        l = labels[k]
        first = median(l, 3); cold = median(l, 4); cold_low = low; cold_high = high
        warm = median(l, 5)
        printf "%-34s %4d %6d %7.3f %7.3f %7.3f %7.3f %7.3f %7.3f %7.3f %6.1f %6.1f %6.1f\n", l, runs[l],
               first, cold_low, cold, cold_high, low, warm, high, median(l, 6), median(l, 7),
               median(l, 8), median(l, 10)
      }
      print "\nratios of medians (CPU cold):"
      count = split("pass filter project avro_filter avro_project count uniform tumbling hopping sessions dedup", kinds, " ")
      for (k = 1; k <= count; ++k) {
        kind = kinds[k]
        ratio(kind " exactly_once: sidestream / loop", kind " exactly_once sidestream", kind " exactly_once loop", 4)
        ratio(kind " at_least_once: sidestream / loop", kind " at_least_once sidestream", kind " at_least_once loop", 4)
        ratio(kind " exactly_once: sidestream / checking loop", kind " exactly_once sidestream", kind " exactly_once checking", 4)
        ratio(kind " at_least_once: sidestream / checking loop", kind " at_least_once sidestream", kind " at_least_once checking", 4)
        ratio("sidestream " kind ": exactly_once / at_least_once", kind " exactly_once sidestream", kind " at_least_once sidestream", 4)
      }
      ratio("sidestream exactly_once: hopping / tumbling", "hopping exactly_once sidestream", "tumbling exactly_once sidestream", 4)
      ratio("sidestream at_least_once: hopping / tumbling", "hopping at_least_once sidestream", "tumbling at_least_once sidestream", 4)
    }'
}

: >"$runs"
say "broker $bootstrap, load $(cut -d' ' -f1-3 /proc/loadavg), filling the inputs"
for format in $(for kind in $kinds; do format_of "$kind"; done | sort -u); do
  feed "bids-$format" "$records" 0 delete "$format"
done
for ((round = 1; round <= rounds; ++round)); do
  for kind in $kinds; do drain "$round" "$kind"; done
done
for kind in pass count; do
  if ((starts > 0)) && [[ " $kinds " == *" $kind "* ]]; then restart "$kind"; fi
done
report
