#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# One real S3 server (s3proxy over a folder) on a free loopback port, for tests. It checks signatures.
# scripts/setup.sh --with-broker fetches it.
#
#   object_storage.sh start DIR    prints its URL; buckets are folders of DIR/data, one is made: "snapshots"
#   object_storage.sh stop DIR     ends it
#   object_storage.sh fetch        brings it into the cache
#
# Access key "sidestream", secret key "sidestream-secret".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/java_server.sh
source scripts/java_server.sh

readonly version=4.1.0
readonly cache="${SIDESTREAM_CACHE:-$HOME/.cache/sidestream}"
readonly home="$cache/s3proxy-$version"
readonly start_seconds=60

die() { printf '[object storage] error: %s\n' "$*" >&2; exit 1; }

# The marker says that the folder is whole.
fetch() {
  [[ -f $home/complete ]] && return
  printf '[object storage] fetching s3proxy %s\n' "$version" >&2
  rm -rf "$home"
  mkdir -p "$home"
  mvn -q -B dependency:copy "-Dartifact=org.gaul:s3proxy:$version:jar:jar-with-dependencies" \
    "-DoutputDirectory=$home" >"$home/maven.log" 2>&1 || { cat "$home/maven.log" >&2; die "the download failed"; }
  touch "$home/complete"
}

# With a virtual host the server takes buckets in the path and in the host name, as the big ones do; any
# other host would be a bucket to it.
write_properties() {
  local dir=$1 port=$2
  cat >"$dir/s3proxy.properties" <<PROPERTIES
s3proxy.endpoint=http://127.0.0.1:$port
s3proxy.virtual-host=localhost
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity=sidestream
s3proxy.credential=sidestream-secret
jclouds.provider=filesystem-nio2
jclouds.filesystem.basedir=$dir/data
PROPERTIES
}

wait_until_ready() {
  local dir=$1 port=$2 deadline=$((SECONDS + start_seconds))
  while ((SECONDS < deadline)); do
    is_listening "$port" && return
    is_alive "$dir" || return 1
    sleep 0.1
  done
  return 1
}

start() {
  local dir=$1 port
  [[ -f $home/complete ]] || die "no s3proxy in $home: run scripts/setup.sh --with-broker"
  mkdir -p "$dir/data/snapshots"
  dir=$(cd "$dir" && pwd)
  if ! running_pid "$dir" >/dev/null; then
    port=$(free_ports 1)
    write_properties "$dir" "$port"
    setsid "$java" -Xmx256m -XX:TieredStopAtLevel=1 "-Dsidestream.dir=$dir" \
      -jar "$home/s3proxy-$version-jar-with-dependencies.jar" \
      --properties "$dir/s3proxy.properties" </dev/null >"$dir/server.log" 2>&1 &
    printf '%s' "$!" >"$dir/pid"
    wait_until_ready "$dir" "$port" || { tail -40 "$dir/server.log" >&2; stop_server "$dir"; die "the server did not start"; }
    printf 'http://localhost:%s' "$port" >"$dir/url"
  fi
  printf '%s\n' "$(<"$dir/url")"
}

main() {
  case "${1:-}" in
    start) [[ $# -eq 2 ]] || die "start wants a folder"; start "$2" ;;
    stop) [[ -d "${2:-}" ]] || die "stop wants the folder of a server"; stop_server "$(cd "$2" && pwd)" ;;
    fetch) fetch ;;
    *) die "usage: scripts/object_storage.sh start|stop DIR, fetch" ;;
  esac
}

main "$@"
