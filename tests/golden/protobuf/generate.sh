#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Makes vectors.ndjson anew with Google's Protobuf for Python (upb, which shares no code with libprotobuf).
# Needs protoc and a Python with venv. The same version writes the same file.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet protobuf==5.29.5
for file in order legacy; do
  protoc --proto_path="$here" --include_imports --descriptor_set_out="$work/$file.pb" "$here/$file.proto"
done
"$work/venv/bin/python" "$here/generate_vectors.py" "$work" >"$work/vectors.ndjson"
mv "$work/vectors.ndjson" "$here/vectors.ndjson"
