# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""What the trials of one run have in common: programs, folder, and the cluster of the moment."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]


class Bench:
    def __init__(self, tree, work, rate, other_program=None):
        tree = Path(tree or ROOT / "build" / "release").resolve()
        # As scripts/newest_rdkafka.sh makes it.
        self.newest_client = tree.name == "newest-rdkafka"
        self.program = tree / "sidestream"
        # Another build, which takes turns with it in a rolling update.
        self.other_program = Path(other_program or self.program).resolve()
        self.ledger_tool = tree / "test-bin" / "ledger_tool"
        self.cases = tree / "test-bin" / "bad_input_cases"
        self.disk_shim = tree / "test-bin" / "disk_shim.so"
        self.clock_shim = tree / "test-bin" / "clock_shim.so"
        self.ledger = ROOT / "tests" / "integration" / "ledger.yaml"
        self.topologies = ROOT / "tests" / "faults"
        self.rate = rate
        self.directory = Path(work or tempfile.mkdtemp(prefix="sidestream-faults."))
        self.directory.mkdir(parents=True, exist_ok=True)
        if any(self.directory.iterdir()):
            sys.exit(f"--work {work}: not empty; what an earlier run left would be in the way")
        self.cluster = None
        self._shape = None
        self._clusters = 0

    def use_cluster(self, nodes, settings):
        """The cluster of the last trial, unless the next one needs another."""
        if self._shape == (nodes, settings):
            return
        self.close_cluster()
        self._clusters += 1
        self.cluster = Cluster(ROOT, self.directory / f"cluster-{self._clusters}", nodes, settings)
        self._shape = (nodes, settings)
        self.cluster.start()

    def close_cluster(self):
        if self.cluster is not None:
            self.cluster.close()
        self.cluster = self._shape = None

    def client(self):
        """The client library, when it is another one than the engine's own; else None."""
        found = re.search(r"librdkafka [\d.]+", self.versions())
        return found.group() if self.newest_client and found else None

    def versions(self):
        said = subprocess.run([self.program, "version"], capture_output=True, text=True, check=True)
        return " ".join(said.stdout.split())
