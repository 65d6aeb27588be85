# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Faults under at-least-once behind a window (windows.yaml): an id that is sent again after time has
passed its window would be dropped as late, and lost."""

# So much fits into the topic before the hop while it is narrow: no batch of records, but a mark.
NARROW_BYTES = 100
# What a topic takes by default.
WIDE_BYTES = 1_048_588


def behind_a_window(fault):
    """The fault once more, with windows in place of the ledger's counts."""
    def run(trial):
        trial.use_windows()
        fault(trial)
    return run


def refused_before_a_window(trial):
    """17: the topic before the hop refuses records for a while; time must not pass without them."""
    trial.use_windows()
    trial.begin()
    for instance in trial.instances:
        # The limit as it was at a start, or the broker.
        trial.excuse(instance, "max.message.bytes=", "MSG_SIZE_TOO_LARGE")
    topic = f"{trial.application}-totals-repartition"
    while trial.feeding():
        trial.sleep(2, 4)
        trial.cluster.alter_topic(topic, f"max.message.bytes={NARROW_BYTES}")
        trial.count("times refused")
        trial.sleep(1, 3)
        trial.cluster.alter_topic(topic, f"max.message.bytes={WIDE_BYTES}")
        before = trial.committed()
        trial.await_true(lambda: trial.committed() > before or not trial.feeding(), 30,
                         "no commit after the topic takes records again")
    trial.settle()
