#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Bad input, as an operator meets it: the program runs on a real cluster, something is wrong, and it
# must end (or go on) as docs/operations says: the exit code, the words of the message, and no record
# lost or doubled. Tools of Kafka itself do the damage.
#
#   bad_input_test.sh PROGRAM [CASE]...     wants SIDESTREAM_TEST_BOOTSTRAP; no CASE means all
#
# Cases do not depend on each other. Applications and topics carry the name of the run, so that
# runs on one broker do not meet. The outage and the credentials have a broker of their own.
set -euo pipefail

[[ $# -ge 1 ]] || { printf 'usage: bad_input_test.sh PROGRAM [CASE]...\n' >&2; exit 2; }
program=$(realpath "$1")
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${SIDESTREAM_TEST_BOOTSTRAP:?is not set: scripts/test.sh broker}"
readonly program run=bad-$$-$RANDOM
readonly run_seconds=60 wait_seconds=60

work=$(mktemp -d "${TMPDIR:-/tmp}/sidestream-bad-input.XXXXXX")
bootstrap=$SIDESTREAM_TEST_BOOTSTRAP
client_config=$work/client.properties
: >"$client_config"
own_broker=
case_name=none
declare -a children=()
status=0
log=

fail() {
  printf '[bad input] FAILED: %s: %s\n' "$case_name" "$*" >&2
  [[ -f $log ]] && { printf -- '---- %s\n' "$log"; tail -n 25 "$log"; } >&2
  exit 1
}

finish() {
  local code=$? child
  for child in "${children[@]}"; do kill -KILL "$child" 2>/dev/null || true; done
  [[ -n $own_broker ]] && scripts/broker.sh stop "$own_broker" --kill
  if [[ $code -eq 0 ]]; then rm -rf "$work"; else printf '[bad input] files: %s\n' "$work" >&2; fi
  exit "$code"
}
trap finish EXIT
trap 'exit 143' TERM INT

# ---- the cluster, by Kafka's own tools

topics_tool() {
  scripts/broker.sh tool org.apache.kafka.tools.TopicCommand --bootstrap-server "$bootstrap" \
    --command-config "$client_config" "$@" >>"$work/tools.log" 2>&1 || fail "kafka-topics $*"
}

# Lines `key|value` of standard input to topic $1; NULL stands for null.
feed() {
  scripts/broker.sh tool org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$bootstrap" \
    --producer.config "$client_config" --topic "$1" --message-send-max-retries 1000000 \
    --property parse.key=true --property 'key.separator=|' --property null.marker=NULL \
    >>"$work/tools.log" 2>&1 || fail "cannot feed $1"
}

# Committed lines `key|value` of topic $1, until nothing came for $2 ms (1500); further options follow.
read_topic() {
  local topic=$1 silence=${2:-1500}
  shift; [[ $# -gt 0 ]] && shift
  scripts/broker.sh tool org.apache.kafka.tools.consumer.ConsoleConsumer \
    --bootstrap-server "$bootstrap" --consumer.config "$client_config" --topic "$topic" \
    --from-beginning --isolation-level read_committed --timeout-ms "$silence" "$@" \
    --property print.key=true --property 'key.separator=|' \
    --property null.literal=NULL 2>>"$work/tools.log" || true
}

# An OffsetCommit request by hand, since no tool of Kafka sets the metadata: of group $1, partition 0
# of topic $2, to offset 0 with metadata $3. One node is the coordinator of every group.
commit_metadata() {
  local group=$1 topic=$2 metadata=$3 request='' answer=none
  number() { printf "%0$(($1 * 2))x" "$2"; }
  text() { number 2 "${#1}"; printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'; }
  request+=$(number 2 8; number 2 2; number 4 7; text test)
  request+=$(text "$group")ffffffff$(text '')ffffffffffffffff
  request+=$(number 4 1; text "$topic"; number 4 1; number 4 0; number 8 0; text "$metadata")
  request=$(number 4 $((${#request} / 2)))$request
  local deadline=$((SECONDS + wait_seconds))
  # Refused while the group still counts a member that has just ended.
  until [[ ${answer: -4} == 0000 ]]; do
    ((SECONDS < deadline)) || fail "the broker refused the commit: $answer"
    exec 3<>"/dev/tcp/${bootstrap%:*}/${bootstrap##*:}"
    # shellcheck disable=SC2059  # the bytes are the format
    printf "$(sed 's/../\\x&/g' <<<"$request")" >&3
    # The error code is the end of the answer: 4 + 4 + 4 + 2 + name + 4 + 4 + 2 bytes.
    answer=$(timeout 5 head -c $((24 + ${#topic})) <&3 | od -An -v -tx1 | tr -d ' \n') || true
    exec 3>&-
  done
}

# ---- the program

# Writes the files of application $1 from standard input, with @ for the run's name.
topology() {
  app=$1
  {
    printf 'version: 1\nhttp: { address: 127.0.0.1, port: 0 }\n'
    printf 'application: { id: @-%s, workers: 1, state: { dir: "%s" } }\n' "$app" "$work/state"
    cat
  } | sed "s/@/$run/g" >"$work/$app.yaml"
  [[ -f $work/cluster.yaml ]] || cluster_is
}

cluster_is() {
  { printf 'kafka:\n  bootstrap.servers: "%s"\n' "$bootstrap"; cat; } \
    >"$work/cluster.yaml" <<<"${1:-}"
}

# Runs the program with verb $1 on application $app until it ends; further options follow.
sidestream() {
  local verb=$1
  shift
  log=$work/$app-$verb-$((++runs)).log
  status=0
  [[ $verb == run ]] && set -- --stop-timeout 2s "$@"
  timeout -k 5 "$run_seconds" "$program" "$verb" -f "$work/cluster.yaml" -f "$work/$app.yaml" \
    --log-format text "$@" >"$log" 2>&1 </dev/null || status=$?
}
runs=0

start_run() {
  log=$work/$app-run-$((++runs)).log
  "$program" run -f "$work/cluster.yaml" -f "$work/$app.yaml" --log-format text "$@" \
    >"$log" 2>&1 </dev/null &
  running=$!
  children+=("$running")
}

# Waits until the log of the running program holds $1.
await_words() {
  local deadline=$((SECONDS + wait_seconds))
  until grep -qF -- "$1" "$log"; do
    kill -0 "$running" 2>/dev/null || fail "the program ended before it said: $1"
    ((SECONDS < deadline)) || fail "the program never said: $1"
    sleep 0.1
  done
}

await_end() {
  status=0
  wait "$running" || status=$?
}

# ends CODE WORDS...: the last run ended so, and its log holds every one of the words.
ends() {
  local code=$1 words
  shift
  [[ $status -eq $code ]] || fail "exit code $status, expected $code"
  for words in "$@"; do
    grep -qF -- "$words" "$log" || fail "the log does not say: $words"
  done
}

never_says() {
  ! grep -qF -- "$1" "$log" || fail "the log says: $1"
}

# holds TOPIC LINE...: exactly these lines, in any order.
holds() {
  local topic=$1 have want
  shift
  have=$(read_topic "$topic" | sort)
  want=$(printf '%s\n' "$@" | sort)
  if [[ $have != "$want" ]]; then
    diff <(printf '%s\n' "$want") <(printf '%s\n' "$have") >&2 || true
    fail "topic $topic holds other records ( < expected, > there)"
  fi
}

# ---- cases

case_missing_topic() {
  topology missing <<'YAML'
streams:
  nowhere: { topic: @-nowhere, value: json }
  declared: { topic: @-declared, value: json, partitions: 2 }
pipelines: { copy: { from: nowhere, to: declared } }
YAML
  sidestream run
  ends 78 "a topic does not exist: topic=$run-nowhere stream=nowhere" \
    "kafka-topics.sh --bootstrap-server $bootstrap --create --topic $run-nowhere --partitions N" \
    "a topic does not exist: topic=$run-declared stream=declared" "topics -f" "--apply"
}

readonly counting='
streams:
  words: { topic: @-TOPIC, key: string, value: string, partitions: 1, end_at: latest }
  out: { topic: @-TOPIC-out, key: string, value: json, partitions: 1 }
pipelines:
  count:
    from: words
    steps: [{ name: counts, aggregate: { group_by: key, value: count() } }]
    to: out
'

case_internal_partitions() {
  topology partitions <<<"${counting//TOPIC/partitions}"
  sidestream topics --apply
  topics_tool --alter --topic "$run-partitions-counts-changelog" --partitions 2
  sidestream run
  ends 78 "an internal topic has another number of partitions than its input asks for" \
    "topic=$run-partitions-counts-changelog have=2 want=1" "sidestream reset -f" "--apply"
}

# Copies topic $1-in, or what $2 says, to $1-out.
copying() {
  topology "$1" <<YAML
streams:
  first: { topic: @-$1-a, key: string, value: string, partitions: 1 }
  in: { topic: @-$1-in, key: string, value: string, partitions: 1 }
  out: { topic: @-$1-out, key: string, value: string, partitions: 1 }
pipelines: { copy: { from: ${2:-in}, to: out } }
YAML
}

# Runs the program until its output topic $1 holds $2 committed records, then ends it in order.
run_until() {
  local lines
  start_run
  lines=$(read_topic "$1" 20000 --max-messages "$2" | wc -l)
  kill -TERM "$running"
  await_end
  [[ $lines -eq $2 ]] || fail "$1 holds $lines records, expected $2"
  ends 0
}

case_offsets_moved() {
  topology moved <<<"${counting//TOPIC/moved}"
  sed -i 's/, end_at: latest//' "$work/moved.yaml"
  sidestream topics --apply
  printf '%s\n' 'one|1' 'two|1' 'one|1' | feed "$run-moved"
  run_until "$run-moved-out" 2
  scripts/broker.sh tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand \
    --bootstrap-server "$bootstrap" --group "$run-moved" --all-topics --reset-offsets \
    --to-earliest --execute >>"$work/tools.log" 2>&1 || fail "kafka-consumer-groups"
  local again
  for again in 1 2; do
    sidestream run
    ends 1 "the group's offsets were changed outside of Sidestream" "state sequence=" \
      "\`sidestream reset\`"
  done
  holds "$run-moved-out" 'one|2' 'two|1'
  sidestream reset
  ends 0 "would delete group $run-moved" "nothing was changed; add --apply to do it"
  sidestream reset --apply
  ends 0 "deleted group $run-moved" "deleted topic $run-moved-counts-changelog" "deleted directory"
  run_until "$run-moved-out" 4
  holds "$run-moved-out" 'one|2' 'two|1' 'one|2' 'two|1'
}

case_foreign_metadata() {
  topology foreign <<'YAML'
streams:
  words: { topic: @-foreign, key: string, value: string, partitions: 1, end_at: latest }
  out: { topic: @-foreign-out, key: string, value: string, partitions: 1 }
pipelines: { copy: { from: words, to: out } }
YAML
  sidestream topics --apply
  commit_metadata "$run-foreign" "$run-foreign" 'committed by somebody else'
  sidestream run
  ends 78 "another application uses this group id: metadata=committed by somebody else" \
    "$run-foreign"
  commit_metadata "$run-foreign" "$run-foreign" 'Ag=='
  sidestream run
  ends 78 "committed by a newer release of Sidestream" "stamp version=2 known=1"
}

case_two_versions() {
  copying versions '[in, first]'
  sidestream topics --apply
  copying versions
  printf 'k|one\n' | feed "$run-versions-in"
  run_until "$run-versions-out" 1
  copying versions '[in, first]'
  sidestream run
  ends 78 "another version of this topology owned the task with another anchor topic" \
    "partition=$run-versions-in"
}

case_failing_records() {
  topology mixed <<'YAML'
streams:
  mixed: { topic: @-mixed, key: string, value: json, partitions: 1 }
  out: { topic: @-mixed-out, key: string, value: json, partitions: 1 }
pipelines: { copy: { from: mixed, to: out } }
YAML
  sidestream topics --apply
  printf '%s\n' 'a|{"n":1,"m":1}' 'b|{"n":0,"m":1}' 'c|{"n":2}' 'd|not json' 'e|{"n":5,"m":2}' \
    | feed "$run-mixed"

  failing_record unreadable fail 'key != null' 'value.n' 3 'mixed: cannot read a record'
  failing_record lacking skip 'key != "b"' 'value.m + 1' 2 'copy.calculate'
  failing_record dividing skip 'key != "c"' '10 / value.n' 1 'copy.calculate'
  holds "$run-mixed-out" 'unreadable-a|1' 'unreadable-b|0' 'unreadable-c|2' 'unreadable-e|5' \
    'lacking-a|2' 'lacking-e|3' 'dividing-a|10' 'dividing-e|2'
}

# $1 application, $2 its policy for what cannot be read, $3 filter, $4 result, $5 offset and $6 step of
# the record that fails. First all else is `fail`, then `skip`.
failing_record() {
  topology "$1" <<YAML
errors: { deserialization: $2, processing: fail }
streams:
  mixed: { topic: @-mixed, key: string, value: json, end_at: latest }
  out: { topic: @-mixed-out, key: string, value: json }
pipelines:
  copy:
    from: mixed
    steps:
      - filter: '$3'
      - { name: calculate, map: '$4' }
      - rekey: '"$1-" + key'
    to: out
YAML
  sidestream run
  ends 1 "$6" "topic=$run-mixed partition=0 offset=$5"
  sed -i "s/^errors:.*/errors: { deserialization: skip, processing: skip }/" "$work/$1.yaml"
  sidestream run
  ends 0
}

case_output_limits() {
  topology limits <<'YAML'
streams:
  sized: { topic: @-limits, key: string, value: json, partitions: 1 }
pipelines: { copy: { from: sized, steps: [{ peek: { log: key } }] } }
YAML
  sidestream topics --apply
  topics_tool --create --topic "$run-limits-out" --partitions 1 --config max.message.bytes=2000
  local now i expected=()
  now=$(date +%s)000
  {
    printf 'a|{"at":%s}\n' "$now"
    printf 'b|{"at":%s,"text":"%s"}\n' "$now" "$(printf '%03000d' 0)"
    printf 'c|{"at":%s}\n' "$((now + 7 * 24 * 3600 * 1000))"
    printf 'd|{"at":%s}\n' "$now"
  } | feed "$run-limits"
  refused_record large 'key != "c"' 1 'max.message.bytes=2000'
  refused_record late 'key != "b"' 2 'dated outside of what the output topic allows'
  for i in large late; do
    expected+=("$i-a|{\"at\":$now}" "$i-d|{\"at\":$now}")
  done
  holds "$run-limits-out" "${expected[@]}"
}

# $1 application, $2 filter, $3 offset of the record that the output topic would refuse, $4 why.
refused_record() {
  topology "$1" <<YAML
errors: { production: fail }
streams:
  sized: { topic: @-limits, key: string, value: json, timestamp: value.at, end_at: latest }
  out: { topic: @-limits-out, key: string, value: json }
pipelines:
  copy: { from: sized, steps: [{ filter: '$2' }, { rekey: '"$1-" + key' }], to: out }
YAML
  sidestream run
  ends 1 "topic=$run-limits-out" "$run-limits" "offset=$3" "$4"
  sed -i "s/production: fail/production: skip/" "$work/$1.yaml"
  sidestream run
  ends 0
}

case_nulls() {
  topology nulls <<'YAML'
streams:
  nulls: { topic: @-nulls, key: string, value: json, partitions: 1, end_at: latest }
  out: { topic: @-nulls-out, key: string, value: json, partitions: 1 }
  counts: { topic: @-nulls-counts, key: string, value: json, partitions: 1 }
pipelines:
  copy: { from: nulls, to: out }
  count:
    from: nulls
    steps: [{ name: counts, aggregate: { group_by: key, value: count() } }]
    to: counts
YAML
  sidestream topics --apply
  printf '%s\n' 'k|1' 'NULL|2' 'k|NULL' 'NULL|NULL' | feed "$run-nulls"
  sidestream run
  ends 0
  holds "$run-nulls-out" 'k|1' 'NULL|2' 'k|NULL' 'NULL|NULL'
  holds "$run-nulls-counts" 'k|1'
}

case_state_directory() {
  topology state <<<"${counting//TOPIC/state}"
  sed -i 's/, end_at: latest//' "$work/state.yaml"
  sidestream topics --apply
  printf 'one|1\n' | feed "$run-state"
  run_until "$run-state-out" 1
  local task=$work/state/$run-state/${run}-state_0
  [[ -d $task ]] || fail "no state in $task"

  # Held by another process: the task waits until the lock is free.
  printf 'one|1\n' | feed "$run-state"
  exec 4>>"$task.lock"
  flock -n 4 || fail "the lock of a program that has ended is held"
  start_run
  await_words "the state directory of the task is in use"
  flock -u 4
  exec 4>&-
  [[ $(read_topic "$run-state-out" 20000 --max-messages 2 | wc -l) -eq 2 ]] || fail "no 2nd count"
  kill -TERM "$running"
  await_end
  ends 0

  # Cut short: kept aside, and restored from the changelog.
  printf 'cut' >"$task/CURRENT"
  printf 'one|1\n' | feed "$run-state"
  run_until "$run-state-out" 3
  ends 0 "state directory moved aside"
  holds "$run-state-out" 'one|1' 'one|2' 'one|3'
}

start_own_broker() {
  [[ -z $own_broker ]] || return 0
  own_broker=$work/broker
  local jaas='org.apache.kafka.common.security.plain.PlainLoginModule required'
  jaas+=' username="admin" password="right" user_admin="right";'
  # The listener keeps its name, and the port that broker.sh chooses.
  bootstrap=$(scripts/broker.sh start "$own_broker" \
    --set listener.security.protocol.map=PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT \
    --set sasl.enabled.mechanisms=PLAIN --set sasl.mechanism.inter.broker.protocol=PLAIN \
    --set "listener.name.plaintext.plain.sasl.jaas.config=$jaas")
  printf '%s\n' security.protocol=SASL_PLAINTEXT sasl.mechanism=PLAIN \
    "sasl.jaas.config=${jaas/ user_admin=\"right\"/}" >"$client_config"
  log_in_with right
}

log_in_with() {
  cluster_is "  security.protocol: SASL_PLAINTEXT
  sasl.mechanism: PLAIN
  sasl.username: admin
  sasl.password: $1"
}

# A broker of its own: wrong credentials, nobody there at the start, and one that goes away and comes
# back while records flow.
case_own_broker() {
  start_own_broker
  copying own '[in, first]'
  log_in_with wrong
  sidestream run --connect-timeout 10s
  ends 78 "uthentication"

  log_in_with right
  sidestream topics --apply
  ends 0
  copying own
  start_run
  await_words "assigned 1 tasks"
  local i count=300
  for ((i = 0; i < count; i++)); do printf 'k|%s\n' "$i"; sleep 0.02; done | feed "$run-own-in" &
  local feeder=$!
  children+=("$feeder")
  [[ $(read_topic "$run-own-out" 20000 --max-messages 20 | wc -l) -eq 20 ]] || fail "no records"
  scripts/broker.sh stop "$own_broker" --kill
  sleep 3
  scripts/broker.sh start "$own_broker" >/dev/null
  wait "$feeder" || fail "cannot feed"
  read_topic "$run-own-out" 30000 --max-messages "$count" >/dev/null
  kill -TERM "$running"
  await_end
  ends 0
  mapfile -t expected < <(for ((i = 0; i < count; i++)); do printf 'k|%s\n' "$i"; done)
  holds "$run-own-out" "${expected[@]}"

  scripts/broker.sh stop "$own_broker" --kill
  sidestream run --connect-timeout 2s
  ends 1 "the cluster does not answer"
}

all_cases=(missing_topic internal_partitions offsets_moved foreign_metadata
  two_versions failing_records output_limits nulls state_directory own_broker)
[[ $# -gt 0 ]] || set -- "${all_cases[@]}"
for case_name in "$@"; do
  began=$SECONDS
  "case_$case_name"
  printf '[bad input] ok: %s (%s s)\n' "$case_name" $((SECONDS - began))
done
