# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Faults under at-least-once behind a window (windows.yaml): an id that is sent again after time has
passed its window would be dropped as late, and lost."""

from fault_instances import SESSION_SECONDS

# So much fits into the topic before the hop while it is narrow: no batch of records, but a mark.
NARROW_BYTES = 100


def zombies_behind_a_window(trial):
    """3: SIGSTOP beyond the session; a zombie that wakes up must not move the time of others."""
    trial.files = [trial.topology("windows.yaml")]
    trial.begin()
    while trial.feeding():
        trial.sleep(0.5, 3)
        instance = trial.any_instance()
        instance.pause()
        trial.count("stops")
        trial.sleep(SESSION_SECONDS + 1, SESSION_SECONDS + 6)
        instance.resume()
    trial.settle_windows()


def refused_before_a_window(trial):
    """17: the topic before the hop refuses records for a while; time must not pass without them."""
    trial.files = [trial.topology("windows.yaml")]
    trial.begin()
    for instance in trial.instances:
        trial.excuse(instance, "max.message.bytes=")
    topic = f"{trial.application}-totals-repartition"
    while trial.feeding():
        trial.sleep(2, 4)
        trial.cluster.alter_topic(topic, f"max.message.bytes={NARROW_BYTES}")
        trial.count("times refused")
        trial.sleep(1, 3)
        trial.cluster.alter_topic(topic, "max.message.bytes=1048588")
        before = trial.committed()
        trial.await_true(lambda: trial.committed() > before or not trial.feeding(), 30,
                         "no commit after the topic takes records again")
    trial.settle_windows()
