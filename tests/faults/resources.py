# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""O7: what the instances of a trial used over time, and whether it stays the same."""

import contextlib
import statistics
import threading
import time

from instance import Resources

# A life is looked at once it has warmed up.
WARM_SECONDS = 10
SAMPLES_MIN = 12


class Sampler:
    def __init__(self, instances):
        self._instances = instances
        self._samples = []  # (Resources, bytes of state directory)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        self._stopped.set()
        self._thread.join(10)

    def figures(self):
        if not self._samples:
            return {}
        return {"MiB memory at most": max(s.memory for s, _ in self._samples) >> 20,
                "descriptors at most": max(s.descriptors for s, _ in self._samples),
                "threads at most": max(s.threads for s, _ in self._samples),
                "MiB of state at most": max(disk for _, disk in self._samples) >> 20}

    def findings(self):
        """Compares the first third of the samples with the last."""
        if len(self._samples) < SAMPLES_MIN:
            return ["O7: too few samples to compare"]
        third = len(self._samples) // 3
        findings = []
        for name, value, slack in [
                ("memory", lambda s: s[0].memory, 32 << 20),
                ("descriptors", lambda s: s[0].descriptors, 16),
                ("threads", lambda s: s[0].threads, 4),
                ("disk", lambda s: s[1], 32 << 20)]:
            first = statistics.median(value(s) for s in self._samples[:third])
            last = statistics.median(value(s) for s in self._samples[-third:])
            if last > 1.25 * first + slack:
                findings.append(f"O7: {name} went from {first:.0f} to {last:.0f}")
        return findings

    def _run(self):
        started = {}
        while not self._stopped.wait(1.0):
            for instance in self._instances:
                process = instance.process  # Another thread ends and starts them.
                if process is None:
                    continue
                begin = started.setdefault(process.pid, time.monotonic())
                if time.monotonic() - begin < WARM_SECONDS:
                    continue
                try:
                    self._samples.append((Resources(process.pid), size_of(instance.state)))
                except OSError:
                    continue  # It is dead now.


def size_of(directory):
    size = 0
    for file in directory.rglob("*"):
        # Stores delete files at any time.
        with contextlib.suppress(FileNotFoundError):
            size += file.stat().st_size if file.is_file() else 0
    return size
