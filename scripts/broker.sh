#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Real Apache Kafka nodes (KRaft, broker and controller in one) on loopback ports: one on free ports,
# or several on given ones.
# scripts/setup.sh --with-broker installs what it needs.
#
#   broker.sh start DIR [--defaults] [--set key=value]... [--listener NAME=PORT=ADVERTISED]...
#     [--member N --ports CLIENT:CONTROLLER,...]            prints the bootstrap address
#   broker.sh stop DIR [--kill]       ends it; --kill ends it without a goodbye
#   broker.sh env DIR                 prints export SIDESTREAM_TEST_BOOTSTRAP=...
#   broker.sh tool CLASS [ARG]...     runs a class of Kafka's tools, e.g. kafka.admin.ConfigCommand
#   broker.sh prepare                 makes the class archive that halves the start
#
# DIR keeps the data, so a start after a stop is the same cluster at the same address. Settings are
# those of the first start: for tests short time-outs, few partitions, and records of any time (old
# segments are looked for twice a second, and go only where a topic says so), or with --defaults the
# broker's own, except what a single node cannot do.
#
# --listener: one more way in, at PORT, whose clients are sent to ADVERTISED: the port of a proxy.
# --member: the N-th of as many nodes as --ports has pairs. Nodes of equal --ports are one cluster,
# which is up when more than half of them are, so start them side by side.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/java_server.sh
source scripts/java_server.sh

readonly cache="${SIDESTREAM_CACHE:-$HOME/.cache/sidestream}"
readonly kafka="$cache/kafka-4.1.0"
readonly start_seconds=60

# Of the node that is started: its number, and the ports of all members.
member=1
ports=
listeners=()

die() { printf '[broker] error: %s\n' "$*" >&2; exit 1; }

# The jars one by one: a class archive belongs to one exact class path.
class_path() {
  printf '%s:' "$kafka"/lib/*.jar
}

# Before the first use of class_path(), whose end in a command substitution would not be this script's.
need_kafka() {
  [[ -f $kafka/complete ]] || die "no Kafka in $kafka: run scripts/setup.sh --with-broker"
}

# One archive for each Java version.
class_archive() {
  printf '%s/classes-%s.jsa' "$kafka" "$("$java" -version 2>&1 | sha256sum | cut -c1-12)"
}

# Prints the listeners of the options as they stand in a list of settings: $1 is the list.
extra_listeners() {
  local listener name port advertised
  for listener in "${listeners[@]}"; do
    IFS='=' read -r name port advertised <<<"$listener"
    case "$1" in
      bound) printf ',%s://127.0.0.1:%s' "$name" "$port" ;;
      advertised) printf ',%s://127.0.0.1:%s' "$name" "$advertised" ;;
      protocol) printf ',%s:PLAINTEXT' "$name" ;;
    esac
  done
}

write_properties() {
  local dir=$1 defaults=$2 client controller setting pair pairs=() voters=() copies in_sync
  shift 2
  IFS=',' read -ra pairs <<<"${ports:-$(free_ports 2 | tr ' ' ':')}"
  IFS=':' read -r client controller <<<"${pairs[member - 1]}"
  for pair in "${pairs[@]}"; do
    voters+=("$((${#voters[@]} + 1))@127.0.0.1:${pair#*:}")
  done
  copies=$((${#pairs[@]} < 3 ? ${#pairs[@]} : 3))
  in_sync=$((copies < 2 ? copies : copies - 1))
  {
    cat <<PROPERTIES
process.roles=broker,controller
node.id=$member
controller.quorum.voters=$(IFS=','; printf '%s' "${voters[*]}")
listeners=PLAINTEXT://127.0.0.1:$client,CONTROLLER://127.0.0.1:$controller$(extra_listeners bound)
advertised.listeners=PLAINTEXT://127.0.0.1:$client$(extra_listeners advertised)
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT$(extra_listeners protocol)
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$dir/data
default.replication.factor=$copies
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$copies
transaction.state.log.replication.factor=$copies
transaction.state.log.min.isr=$in_sync
share.coordinator.state.topic.replication.factor=$copies
share.coordinator.state.topic.min.isr=$in_sync
PROPERTIES
    if ! $defaults; then
      cat <<PROPERTIES
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
auto.create.topics.enable=false
group.min.session.timeout.ms=1000
group.initial.rebalance.delay.ms=0
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
log.cleaner.backoff.ms=500
log.retention.ms=-1
log.retention.check.interval.ms=500
log.initial.task.delay.ms=100
PROPERTIES
    fi
    # The last value of a key counts.
    for setting in "$@"; do
      printf '%s\n' "$setting"
    done
  } >"$dir/server.properties"
  printf '127.0.0.1:%s' "$client" >"$dir/bootstrap"
}

format_data() {
  local dir=$1 cluster_id
  if [[ -n $ports ]]; then
    # The members of a cluster have nothing else in common.
    cluster_id=$(printf '%s' "$ports" | sha256sum | cut -c1-22)
  else
    cluster_id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c1-22)
  fi
  # A leading dash would be read as an option.
  "$java" -Xmx256m -XX:TieredStopAtLevel=1 -Xshare:auto -XX:SharedArchiveFile="$(class_archive)" \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$(class_path)" kafka.tools.StorageTool \
    format --cluster-id="A${cluster_id:1}" -c "$dir/server.properties" >"$dir/format.log" 2>&1 \
    || { cat "$dir/format.log" >&2; die "formatting $dir failed"; }
}

# Starts the JVM apart from this shell; extra JVM options follow the folder.
launch() {
  local dir=$1
  shift
  # The log of now tells whether this start went well; what the lives before it said stays readable.
  [[ ! -f $dir/server.log ]] || cat "$dir/server.log" >>"$dir/server.before.log"
  # Word splitting of the variable is wanted: it holds several options.
  # shellcheck disable=SC2086
  setsid "$java" -Xmx512m "-Dsidestream.dir=$dir" "$@" ${SIDESTREAM_BROKER_JAVA_OPTS:-} \
    -Dorg.slf4j.simpleLogger.showDateTime=true \
    -Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS \
    -Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=warn \
    -cp "$(class_path)" kafka.Kafka "$dir/server.properties" \
    </dev/null >"$dir/server.log" 2>&1 &
  printf '%s' "$!" >"$dir/pid"
}

# Waits for the log line of a complete start; fails at once when the JVM is gone.
wait_until_ready() {
  local dir=$1 deadline=$((SECONDS + start_seconds)) port
  port=$(sed 's/.*://' "$dir/bootstrap")
  while ((SECONDS < deadline)); do
    if grep -qs 'Kafka Server started' "$dir/server.log" && is_listening "$port"; then
      return 0
    fi
    is_alive "$dir" || return 1
    sleep 0.1
  done
  return 1
}

start_node() {
  local dir=$1 defaults=$2 attempt
  shift 2
  local jvm_options=(-XX:TieredStopAtLevel=1 -Xshare:auto -XX:SharedArchiveFile="$(class_archive)")
  for attempt in 1 2 3; do
    if [[ ! -f $dir/server.properties ]]; then
      write_properties "$dir" "$defaults" "$@"
      rm -rf "$dir/data"
      format_data "$dir"
    fi
    launch "$dir" "${jvm_options[@]}"
    wait_until_ready "$dir" && return
    stop_server "$dir" KILL
    # Only a new node may take other ports: clients know the address of an old one.
    if [[ -f $dir/started ]] || ! grep -q 'Address already in use' "$dir/server.log"; then
      break
    fi
    rm -f "$dir/server.properties"
  done
  tail -40 "$dir/server.log" >&2
  die "the node in $dir did not start (attempt $attempt)"
}

start() {
  local dir=$1 defaults=false settings=()
  shift
  while [[ $# -gt 0 ]]; do
    case "$1" in
      --defaults) defaults=true; shift ;;
      --set)
        [[ "${2:-}" == *=* ]] || die "--set wants key=value"
        settings+=("$2"); shift 2 ;;
      --listener)
        [[ "${2:-}" == *=*=* ]] || die "--listener wants NAME=PORT=ADVERTISED"
        listeners+=("$2"); shift 2 ;;
      --member) member=${2:?}; shift 2 ;;
      --ports) ports=${2:?}; shift 2 ;;
      *) die "unknown argument $1" ;;
    esac
  done
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  if ! running_pid "$dir" >/dev/null; then
    start_node "$dir" "$defaults" "${settings[@]}"
    touch "$dir/started"
  fi
  printf '%s\n' "$(<"$dir/bootstrap")"
}

# A training run writes the archive as it ends; later starts map it instead of reading 90 jars.
prepare() {
  local archive dir
  archive=$(class_archive)
  [[ -f $archive ]] && return
  dir=$(mktemp -d "$cache/broker-training.XXXXXX")
  # shellcheck disable=SC2064  # the folder of now is meant
  trap "stop_server '$dir' KILL; rm -rf '$dir'" EXIT
  write_properties "$dir" false
  format_data "$dir"
  launch "$dir" -XX:TieredStopAtLevel=1 -XX:ArchiveClassesAtExit="$archive.new"
  wait_until_ready "$dir" || { tail -40 "$dir/server.log" >&2; die "the training run failed"; }
  stop_server "$dir" TERM
  if [[ -f $archive.new ]]; then
    mv "$archive.new" "$archive"
  else
    printf '[broker] this Java writes no class archive; nodes start in 8 s instead of 4 s\n' >&2
  fi
}

main() {
  local verb="${1:-}"
  [[ $# -gt 0 ]] && shift
  case "$verb" in
    start) [[ $# -ge 1 ]] || die "start wants a folder"; need_kafka; start "$@" ;;
    stop)
      [[ -d "${1:-}" ]] || die "stop wants the folder of a node"
      local signal=TERM
      [[ "${2:-}" == --kill ]] && signal=KILL
      stop_server "$(cd "$1" && pwd)" "$signal" ;;
    env)
      [[ -f "${1:-}/bootstrap" ]] || die "env wants the folder of a node"
      printf 'export SIDESTREAM_TEST_BOOTSTRAP=%s\n' "$(<"$1/bootstrap")" ;;
    tool)
      [[ $# -ge 1 ]] || die "tool wants a class name"
      need_kafka
      exec "$java" -Xmx256m -XX:TieredStopAtLevel=1 -Xshare:auto \
        -XX:SharedArchiveFile="$(class_archive)" \
        -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$(class_path)" "$@" ;;
    prepare) need_kafka; prepare ;;
    *) die "usage: scripts/broker.sh start|stop|env DIR, tool CLASS, prepare" ;;
  esac
}

main "$@"
