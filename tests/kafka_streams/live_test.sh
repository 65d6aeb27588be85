#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Lets Kafka Streams' test driver count windows over new random records and compares. Skipped (exit code 77)
# on a machine without JDK or Maven; scripts/setup.sh --with-broker installs both.
#
#   live_test.sh TEST_PROGRAM
#   SIDESTREAM_STREAMS_SEED    of the records; default: the same in each run. "random": from the clock
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
if ! command -v javac >/dev/null || ! command -v mvn >/dev/null; then
  echo "WARNING: no JDK or no Maven: windows are NOT compared with Kafka Streams itself, only with its recorded results" >&2
  exit 77
fi
seed=${SIDESTREAM_STREAMS_SEED:-2}
[[ $seed != random ]] || seed=$(date +%s)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "SIDESTREAM_STREAMS_SEED=$seed"
"$here/../golden/kafka_streams/generate.sh" --seed "$seed" --cases 400 --output "$work/vectors.ndjson"
SIDESTREAM_STREAMS_VECTORS=$work/vectors.ndjson "$1"
