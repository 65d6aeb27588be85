# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Faults of memory: a control group that allows little more than the buffers may hold."""

import json
import os
import subprocess
from pathlib import Path

CONTROL_GROUPS = Path("/sys/fs/cgroup")
# Below the least that the program itself needs.
TOO_LITTLE_BYTES = 40 << 20
CONFIG_CODE = 78
# Small ids, fed as fast as the broker takes them: the client keeps the more for each byte of an answer
# the smaller the records are, and most while it catches up.
BACKLOG = 6_000_000
AWAY_SECONDS = 10
ALONE_SECONDS = 15
# Little more than the least that it accepts.
TIGHT_BYTES = 176 << 20


class ControlGroup:
    """A group with a limit, of version 1 or 2; None as `path`: this machine allows none."""

    def __init__(self, name, limit):
        self._v1 = (CONTROL_GROUPS / "memory").is_dir()
        self.path = (CONTROL_GROUPS / "memory" if self._v1 else CONTROL_GROUPS) / name
        try:
            self.path.mkdir()
            file = "memory.limit_in_bytes" if self._v1 else "memory.max"
            (self.path / file).write_text(str(limit))
        except OSError:
            self.remove()
            self.path = None

    def prefix(self):
        """Words before a command that put it into the group."""
        return ["sh", "-c", f'echo $$ >"{self.path}/cgroup.procs" && exec "$@"', "sh"]

    def killed(self):
        """How many processes of the group the kernel has killed for want of memory."""
        file = "memory.oom_control" if self._v1 else "memory.events"
        counts = dict(line.split() for line in (self.path / file).read_text().splitlines())
        return int(counts.get("oom_kill", 0))

    def most(self):
        """The most that the group held, pages of files among it."""
        file = self.path / ("memory.max_usage_in_bytes" if self._v1 else "memory.peak")
        return int(file.read_text()) if file.exists() else 0

    def remove(self):
        try:
            self.path.rmdir()
        except OSError:
            pass


def limited_memory(trial):
    """32: an instance may use 1.1 times what `explain` lists, the others so little that their buffers have
    to shrink; they die together, restore, and catch up with small records within it.

    One that may use less than the program alone needs refuses to start, with every part.
    """
    limits = [int(1.1 * _budget(trial)), TIGHT_BYTES, TIGHT_BYTES]
    groups = []

    def prepare(instance):
        group = ControlGroup(f"{trial.application}-{instance.slot}", limits[instance.slot])
        groups.append(group)
        if group.path is not None:
            instance.prefix = group.prefix()

    try:
        trial.rate = 0
        trial.begin(prepare=prepare, records=BACKLOG)
        if any(group.path is None for group in groups):
            trial.findings.append("not run: this machine allows no control group of memory")
            return
        while trial.feeding():
            _die_together(trial)
            trial.sleep(5, 10)
        _die_together(trial)
        trial.settle()
        for group in groups:
            trial.check(group.killed() == 0, f"O8: {group.killed()} were killed for want of memory")
        for group, limit in zip(groups, limits):
            name = f"MiB of {limit >> 20} used at most, files among them"
            trial.figures[name] = max(trial.figures.get(name, 0.0), float(group.most() >> 20))
        _check_refusal(trial)
    finally:
        trial.close()
        for group in groups:
            if group.path is not None:
                group.remove()


def _die_together(trial):
    """What is fed meanwhile is what they catch up with, one of them alone at first."""
    for instance in trial.instances:
        if instance.running():
            instance.kill()
        instance.wipe()
    trial.count("deaths")
    trial.sleep(AWAY_SECONDS)
    *others, alone = trial.instances
    alone.start()
    trial.sleep(ALONE_SECONDS)
    for instance in others:
        instance.start()


def _budget(trial):
    """What all buffers may hold, without those of scripts."""
    done = subprocess.run(
        [trial.program, "explain", "--format", "json",
         *(word for file in trial.files for word in ("-f", file))], check=True,
        env={**trial.environment, "LEDGER_BOOTSTRAP": "none:1", "LEDGER_STATE": os.devnull},
        stdout=subprocess.PIPE, text=True, timeout=60)
    parts = json.loads(done.stdout)["memory"]
    return sum(part["bytes"] for part in parts if part["what"] != "scripts")


def _check_refusal(trial):
    group = ControlGroup(f"{trial.application}-refused", TOO_LITTLE_BYTES)
    instance = trial.add_instance()
    instance.prefix = group.prefix()
    instance.start()
    code = instance.await_end(60)
    trial.check(code == CONFIG_CODE and "do not fit into its memory" in instance.log(),
                f"with {TOO_LITTLE_BYTES >> 20} MiB it ended with {code}, not with the reason")
    instance.kill()
    group.remove()
