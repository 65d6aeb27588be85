#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Makes vectors.ndjson anew with Apache Avro for Java (pom.xml pins the version). Needs a JDK of
# version 17 or newer and Maven. The same version writes the same file.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

cp "$here/pom.xml" "$work/pom.xml"
mvn -q -B -f "$work/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/lib" \
  -DincludeScope=runtime
java -cp "$work/lib/*" "$here/GenerateVectors.java" >"$work/vectors.ndjson"
mv "$work/vectors.ndjson" "$here/vectors.ndjson"
