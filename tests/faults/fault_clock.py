# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Faults of the clock: the time of day of an instance jumps."""

HOUR = 3600


def clock_jumps(trial):
    """25: the wall clock of an instance is up to an hour ahead or behind, and jumps.

    One that is set back ends the instance with the reason: the client library would stand still.
    """
    def clock_of(instance):
        return trial.directory / f"clock-{instance.slot}"

    def prepare(instance):
        clock_of(instance).write_text("0")
        instance.extra = {"LD_PRELOAD": str(trial.clock_shim),
                          "CLOCK_SHIM_OFFSET": str(clock_of(instance))}

    trial.begin(prepare=prepare)
    for instance in trial.instances:
        trial.excuse(instance, "the time of day was set back")
    while trial.feeding():
        jump = trial.random.randrange(-HOUR, HOUR)
        clock_of(trial.any_instance()).write_text(str(jump))
        trial.count("jumps")
        trial.sleep(1, 4)
    trial.settle()
