# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Faults of the disk under a state directory: full, slow, failing."""

import subprocess

VOLUME_BYTES = 48 << 20
# What every reason begins with that a disk gives.
REASON = "the state directory"


def full_disk(trial):
    """12: the volume of one instance fills up; it says so, the others go on; with space it resumes."""
    directory = trial.directory / "state-0"
    directory.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={VOLUME_BYTES}", "tmpfs", directory],
                      check=False, capture_output=True).returncode != 0:
        trial.findings.append("not run: this machine allows no tmpfs (mount)")
        return
    try:
        trial.begin()
        instance = trial.instances[0]
        trial.excuse(instance, REASON)
        while trial.feeding():
            trial.sleep(2, 5)
            _fill(directory / "ballast")
            trial.count("times full")
            code = instance.stop()
            trial.check(code in (0, 1), f"O8: ended with {code} on a full disk")
            trial.check(code == 0 or REASON in instance.log(), "O8: it gave no reason")
            before = trial.committed()
            trial.await_true(lambda: trial.committed() > before or not trial.feeding(), 30,
                             "the others do not go on")
            (directory / "ballast").unlink()
            instance.start()
            trial.sleep(2, 4)
        trial.settle()
    finally:
        trial.close()
        subprocess.run(["umount", "-l", directory], check=False)


def _fill(path):
    block = b"x" * (64 << 10)
    with open(path, "wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(block)
        except OSError:
            return


def slow_disk(trial):
    """14: each write of one instance's state takes long; commits go on and no session is lost."""
    _with_shim(trial, "slow", "writes slow")


def failing_disk(trial):
    """15: writes and syncs of one instance's state fail for a while; it ends with the reason."""
    _with_shim(trial, "fail", "writes failing")


def failing_reads(trial):
    """15: the same with reads: what cannot be read is not what is damaged."""
    _with_shim(trial, "read", "reads failing")


def _with_shim(trial, mode, figure):
    control = trial.directory / "disk-control"
    control.write_text("")

    def prepare(instance):
        if instance.slot == 0:
            instance.extra = {"LD_PRELOAD": str(trial.disk_shim),
                              "DISK_SHIM_DIRECTORY": str(instance.state),
                              "DISK_SHIM_CONTROL": str(control)}

    trial.begin(prepare=prepare)
    instance = trial.instances[0]
    failing = mode != "slow"
    if failing:
        trial.excuse(instance, REASON)
    while trial.feeding():
        trial.sleep(1, 3)
        control.write_text(mode)
        trial.count(figure)
        # Stores are written when they are closed and opened: let tasks come and go.
        other = trial.random.choice(trial.instances[1:])
        other.kill()
        trial.sleep(3, 8)
        other.start()
        if failing:
            code = instance.stop()
            trial.check(code in (0, 1), f"O8: ended with {code} on a failing disk")
            trial.check(code == 0 or REASON in instance.log(), "O8: it gave no reason")
        control.write_text("")
        if not instance.running():
            instance.start()
        trial.sleep(2, 4)
    trial.check(failing or instance.metric("sidestream_tasks_lost_total") == 0,
                "the slow instance lost its session")
    trial.settle()
