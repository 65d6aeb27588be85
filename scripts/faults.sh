#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# The fault catalogue on real Kafka, with the program as it ships: each fault by its number, judged by
# oracles. docs/operations/faults.md says what they are and how the last runs ended.
#
#   scripts/faults.sh --list                      what there is
#   scripts/faults.sh --fault 1,3,7               these; "all": all that run under the guarantee
#
#   --seed N          what happens when; default: random, printed
#   --duration S      seconds of load for each fault; default 30
#   --rate N          records per second; default 2000
#   --brokers 1|3     nodes of the cluster; default: as the fault needs
#   --guarantee exactly_once|at_least_once
#   --tree DIR        the build tree; default build/release
#   --other-program P what takes turns with its program in fault 28; default: the same
#   --work DIR        where logs and state lie; default: a new folder, removed after a success
#   --record          writes the results into docs/operations/faults.md; those of a tree that
#                     newest_rdkafka.sh made go into the row of fault 35
#
# Exit code 0: everything that ran has passed; 1: something has not; 2: the command line is wrong.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

exec python3 -B tests/faults/main.py "$@"
