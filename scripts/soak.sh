#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# The soak: three instances of the ledger on real Kafka at half of the rate that they keep up with; every
# five seconds one of them is killed, save 30 s of every three minutes, in which savepoints are taken. At
# the end the ledger is audited, memory, descriptors, threads and disk must be flat, and three savepoints
# are restored and compared (docs/operations/faults.md).
#
#   scripts/soak.sh [--minutes M] [--rate N] [--seed N] [--tree DIR] [--work DIR]
#
# Default: 30 minutes, at a rate that is measured first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

exec python3 -B tests/faults/soak.py "$@"
