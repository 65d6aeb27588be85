#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Checks the model of the checkpoint protocol (docs/design/checkpoint.pml) with SPIN: every configuration
# must be free of errors, every mutant must be caught. Part of the long run; the big configurations need
# 4 GB of memory and some minutes each.
#
#   scripts/model.sh [--all]     without: the small configurations and all mutants, about three minutes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

all=0
[[ ${1:-} == --all ]] && all=1
command -v spin >/dev/null || { printf 'SPIN is missing: run scripts/setup.sh\n' >&2; exit 1; }
model=$PWD/docs/design/checkpoint.pml
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# check WANTED NAME [-DOPTION...]: WANTED is holds or fails
check() {
  local wanted=$1 name=$2 found states
  shift 2
  rm -rf "$folder/run" && mkdir "$folder/run" && cd "$folder/run"
  spin -a "$@" "$model" >spin.txt 2>&1 || { cat spin.txt; exit 1; }
  gcc -O2 -DSAFETY -DCOLLAPSE -DMEMLIM=4000 -DVECTORSZ=2048 -w -o pan pan.c
  ./pan -m2000000 >out.txt 2>&1 || true
  states=$(grep -oE '[0-9.e+]+ states, stored' out.txt | head -1)
  found=broken
  grep -q 'errors: 0' out.txt && found=holds
  grep -qE 'errors: [1-9]' out.txt && found=fails
  grep -qE 'max search depth too small|out of memory|Search not completed' out.txt && [[ $found == holds ]] && found='not finished'
  printf '%-45s %-13s %s\n' "$name" "$found" "$states"
  [[ $found == "$wanted" ]] || { printf '  wanted: %s\n' "$wanted"; tail -5 out.txt; failed=1; }
  cd - >/dev/null
}

check fails 'a decided cut is reached' -DREACH
check holds 'no fault' -DTMO=0
check holds 'a timer during the pause' -DTIMER=1 -DTMO=0
check holds 'purge' -DPURGE=1 -DTMO=0
check holds 'drain' -DDRAIN=1 -DTMO=0
check fails 'a decided, drained cut is reached' -DDRAIN=1 -DTMO=0 -DREACH
check fails 'mutant: goes on without REVOKE' -DMUT_NOREVOKE
check fails 'mutant: REVOKE behind the first output' -DMUT_REVOKE_LATE
check fails 'mutant: ends are last stable offsets' -DMUT_LSO_E -DTMO=0
check fails 'mutant: control log read to its last stable offset' -DMUT_NOHW -DCRASH=1 -DTMO=0
check fails 'mutant: a timer fires during the pause' -DTIMER=1 -DMUT_TIMER -DTMO=0
check fails 'mutant: purge knows of no checkpoint' -DPURGE=1 -DMUT_PURGE -DTMO=0
check fails 'mutant: purge looks at the control log first' -DPURGE=1 -DMUT_PURGE_STALE -DTMO=0
check fails 'mutant: ends of a level are last stable offsets' -DDRAIN=1 -DMUT_LSO_LEVEL -DTMO=0
check fails 'mutant: ends of a level before all are cut' -DDRAIN=1 -DMUT_LEVEL_EARLY -DTMO=0
if ((all)); then
  check holds 'two records per source' -DNSRC=2 -DTMO=0
  check holds 'one leader crash' -DLCRASH=1 -DTMO=0
  check holds 'one worker crash' -DCRASH=1 -DTMO=0
  check holds 'timer and one pause timeout' -DTIMER=1 -DTMO=1
  check holds 'drain, one pause timeout' -DDRAIN=1 -DTMO=1
  check holds 'drain, one leader crash' -DDRAIN=1 -DLCRASH=1 -DTMO=0
  check holds 'drain, one worker crash' -DDRAIN=1 -DCRASH=1 -DTMO=0
fi
exit "$failed"
