#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# One real schema registry (Apicurio, everything in memory) on a free loopback port, for tests.
# scripts/setup.sh --with-broker fetches it.
#
#   registry.sh start DIR    prints the URL of its Confluent API
#   registry.sh stop DIR     ends it
#   registry.sh fetch        brings it into the cache, and the official serializers of another language
#   registry.sh serializers  prints where these are (a node_modules folder); nothing without npm
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/java_server.sh
source scripts/java_server.sh

readonly version=2.6.13.Final
readonly cache="${SIDESTREAM_CACHE:-$HOME/.cache/sidestream}"
readonly home="$cache/apicurio-registry-$version"
readonly serializers="$cache/schemaregistry-1.10.1"
readonly start_seconds=180

die() { printf '[registry] error: %s\n' "$*" >&2; exit 1; }

# The markers say that a folder is whole.
fetch() {
  [[ -f $home/complete ]] || fetch_registry
  [[ -f $serializers/complete ]] || fetch_serializers
}

fetch_serializers() {
  if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    printf '[registry] WARNING: no npm: nothing is tested against the official serializers\n' >&2
    return
  fi
  printf '[registry] fetching the official serializers\n' >&2
  rm -rf "$serializers"
  mkdir -p "$serializers"
  cp tests/integration/registry/package.json "$serializers/package.json"
  if ! npm --prefix "$serializers" install --no-audit --no-fund --ignore-scripts >"$serializers/npm.log" 2>&1; then
    cat "$serializers/npm.log" >&2
    printf '[registry] WARNING: npm failed: nothing is tested against the official serializers\n' >&2
    return
  fi
  touch "$serializers/complete"
}

fetch_registry() {
  printf '[registry] fetching Apicurio Registry %s\n' "$version" >&2
  rm -rf "$home"
  mkdir -p "$home"
  mvn -q -B dependency:copy "-Dartifact=io.apicurio:apicurio-registry-app:$version:tar.gz:all" \
    "-DoutputDirectory=$home/download" >"$home/maven.log" 2>&1 || { cat "$home/maven.log" >&2; die "the download failed"; }
  tar -xzf "$home"/download/*.tar.gz -C "$home"
  rm -rf "$home/download"
  touch "$home/complete"
}

# Ready when it answers: it listens before it can.
wait_until_ready() {
  local dir=$1 port=$2 deadline=$((SECONDS + start_seconds)) answer
  while ((SECONDS < deadline)); do
    if is_listening "$port"; then
      exec 3<>"/dev/tcp/127.0.0.1/$port"
      printf 'GET /apis/ccompat/v7/subjects HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
      read -r -t 10 answer <&3 || answer=
      exec 3>&-
      [[ $answer == *' 200 '* ]] && return
    fi
    is_alive "$dir" || return 1
    sleep 0.2
  done
  return 1
}

start() {
  local dir=$1 port
  [[ -f $home/complete ]] || die "no registry in $home: run scripts/setup.sh --with-broker"
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  if ! running_pid "$dir" >/dev/null; then
    port=$(free_ports 1)
    setsid "$java" -Xmx512m -XX:TieredStopAtLevel=1 "-Dsidestream.dir=$dir" \
      -Dquarkus.http.host=127.0.0.1 "-Dquarkus.http.port=$port" \
      -jar "$home/apicurio-registry-app-$version-runner.jar" </dev/null >"$dir/registry.log" 2>&1 &
    printf '%s' "$!" >"$dir/pid"
    wait_until_ready "$dir" "$port" || { tail -40 "$dir/registry.log" >&2; stop_server "$dir"; die "the registry did not start"; }
    printf 'http://127.0.0.1:%s/apis/ccompat/v7' "$port" >"$dir/url"
  fi
  printf '%s\n' "$(<"$dir/url")"
}

main() {
  case "${1:-}" in
    start) [[ $# -eq 2 ]] || die "start wants a folder"; start "$2" ;;
    stop) [[ -d "${2:-}" ]] || die "stop wants the folder of a registry"; stop_server "$(cd "$2" && pwd)" ;;
    fetch) fetch ;;
    serializers)
      if [[ -f $serializers/complete ]]; then
        printf '%s/node_modules\n' "$serializers"
      fi ;;
    *) die "usage: scripts/registry.sh start|stop DIR, fetch, serializers" ;;
  esac
}

main "$@"
