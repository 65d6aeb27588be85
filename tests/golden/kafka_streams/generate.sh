#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Makes vectors.ndjson anew: random records, and what the windows of Apache Kafka Streams (pom.xml pins the
# version) make of them, by its TopologyTestDriver. Needs a JDK of version 17 or newer and Maven. The same
# seed writes the same file.
#
#   generate.sh [--seed 1] [--cases 120] [--output FILE]     default output: vectors.ndjson beside this script
#   SIDESTREAM_CACHE   where the jars are kept (default: ~/.cache/sidestream)
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
seed=1
cases=120
output="$here/vectors.ndjson"
while [[ $# -gt 0 ]]; do
  case "$1" in
    --seed) seed=$2; shift 2 ;;
    --cases) cases=$2; shift 2 ;;
    --output) output=$2; shift 2 ;;
    *) printf 'unknown argument %s\n' "$1" >&2; exit 2 ;;
  esac
done

jars="${SIDESTREAM_CACHE:-$HOME/.cache/sidestream}/kafka-streams"
if [[ ! -f $jars/complete ]]; then
  rm -rf "$jars"
  mkdir -p "$jars"
  cp "$here/pom.xml" "$jars/pom.xml"
  mvn -q -B -f "$jars/pom.xml" dependency:copy-dependencies -DoutputDirectory="$jars/lib" \
    -DincludeScope=runtime
  touch "$jars/complete"
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
java -cp "$jars/lib/*" "$here/GenerateVectors.java" "$seed" "$cases" "$work" >"$work/vectors.ndjson"
mv "$work/vectors.ndjson" "$output"
