# shellcheck shell=bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# What broker.sh, registry.sh and object_storage.sh share: a JVM of its own folder on loopback ports.
# Sourced, not run. The command line of each names its folder: -Dsidestream.dir=DIR.

# shellcheck disable=SC2034  # used by who sources this
readonly java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
readonly stop_seconds=20

is_listening() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Prints $1 different ports on which nothing listens, below the range of outgoing connections, with a
# space between them.
free_ports() {
  local wanted=$1 found=() port tries
  for ((tries = 0; tries < 500 && ${#found[@]} < wanted; tries++)); do
    port=$((12000 + (RANDOM * 32768 + RANDOM) % 20000))
    [[ " ${found[*]} " == *" $port "* ]] && continue
    is_listening "$port" || found+=("$port")
  done
  [[ ${#found[@]} -eq $wanted ]] || die "found no free ports"
  printf '%s' "${found[*]}"
}

# The process id of the server of folder $1 if it runs: a pid file may be older than a reuse of its
# number.
running_pid() {
  local dir=$1 pid
  [[ -f $dir/pid ]] || return 1
  pid=$(<"$dir/pid")
  [[ -n $pid && -r /proc/$pid/cmdline ]] || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "-Dsidestream.dir=$dir " || return 1
  printf '%s' "$pid"
}

# Whether what was launched a moment ago is alive; it may still have the command line of the shell.
is_alive() {
  kill -0 "$(<"$1/pid")" 2>/dev/null
}

# Ends the server of folder $1 by signal $2 (TERM), and by KILL when that takes too long.
stop_server() {
  local dir=$1 signal=${2:-TERM} pid deadline=$((SECONDS + stop_seconds))
  if pid=$(running_pid "$dir"); then
    kill -s "$signal" "$pid" 2>/dev/null || true
    while running_pid "$dir" >/dev/null && ((SECONDS < deadline)); do
      sleep 0.1
    done
    if running_pid "$dir" >/dev/null; then
      kill -s KILL "$pid" 2>/dev/null || true
    fi
  fi
  rm -f "$dir/pid"
}
