# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Faults whose whole course is a case of tests/integration: records, topics, groups, directories."""

import os
import subprocess


def case(pattern):
    """A fault that bad_input_cases plays, with the checks that stand there."""
    def run(trial):
        environment = {**os.environ, "SIDESTREAM_TEST_BOOTSTRAP": trial.cluster.bootstrap,
                       "SIDESTREAM_PROGRAM": str(trial.program),
                       "SIDESTREAM_CLOCK_SHIM": str(trial.clock_shim)}
        done = subprocess.run([trial.cases, f"--gtest_filter={pattern}"], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900,
                              check=False)
        (trial.directory / "cases.log").write_text(done.stdout)
        ended = done.stdout.count("[       OK ]")
        trial.figures["cases"] = ended
        trial.check(done.returncode == 0 and ended > 0,
                    f"a case failed: {[l for l in done.stdout.splitlines() if 'FAILED' in l][:5]}")
    run.__doc__ = f"Cases of tests/integration: {pattern}"
    return run
