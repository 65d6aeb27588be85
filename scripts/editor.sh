#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Runs yaml-language-server, which stands behind most editors, with the schema of this build over the example
# topologies, which must be clean, and over broken ones, whose findings and completions must be as they say.
# Needs node and npm; without them it says so and ends with 77.
#
#   scripts/editor.sh [PROGRAM]      default: build/release/sidestream
#   SIDESTREAM_CACHE                 where the server is kept (default: ~/.cache/sidestream)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly program="${1:-build/release/sidestream}"
readonly modules="${SIDESTREAM_CACHE:-$HOME/.cache/sidestream}/npm"
readonly server="$modules/node_modules/yaml-language-server/bin/yaml-language-server"
readonly version=1.25.0

for tool in node npm; do
  if ! command -v "$tool" >/dev/null; then
    echo "SKIPPED: $tool is missing, nobody looked at the schema as an editor does" >&2
    exit 77
  fi
done
if [[ ! -f $server ]]; then
  mkdir -p "$modules"
  npm install --silent --no-audit --no-fund --prefix "$modules" "yaml-language-server@$version"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$program" schema >"$work/topology.schema.json"
node tests/integration/editor/check.mjs "$server" "$work/topology.schema.json" \
  config/topologies/*.yaml tests/integration/editor/broken/*.yaml
