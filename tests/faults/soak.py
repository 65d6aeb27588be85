# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""The soak of scripts/soak.sh: hundreds of kills under load, pauses with savepoints between them, and
nothing lost."""

import argparse
import random
import shutil
import sys
import time

import report
from bench import Bench
from trial import Trial

KILL_SECONDS = 5
# So long in each period nobody is killed.
PERIOD_SECONDS, PAUSE_SECONDS = 180, 30
REST_SECONDS = 30
MEASURED_SECONDS = 30
# In each pause at most. One that is not complete when the kills go on may come to nothing, but one in
# each pause must be, on the whole. The newest are restored and compared.
SAVEPOINTS, RESTORED = 2, 3
SAVEPOINT_SECONDS = 15


def parse(arguments):
    parser = argparse.ArgumentParser(prog="soak.sh")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=int, default=0)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--tree")
    parser.add_argument("--work")
    return parser.parse_args(arguments)


def measured_rate(bench, seed):
    """What three instances take in a second without faults while as much is fed as goes in."""
    bench.rate = 0
    trial = Trial(bench, "steady", seed, MEASURED_SECONDS, "exactly_once")
    try:
        trial.begin(records=100_000_000)
        trial.sleep(5)
        before, begin = trial.consumed(), time.monotonic()
        trial.sleep(MEASURED_SECONDS)
        rate = int((trial.consumed() - before) / (time.monotonic() - begin))
        if trial.findings or rate < 2:
            raise RuntimeError(f"no rate can be measured: {rate} a second, {trial.findings}")
        return rate
    finally:
        trial.close()


def soak(trial):
    trial.use_location("savepoints.yaml")
    trial.begin()
    begin = time.monotonic()
    taken = []
    while trial.feeding():
        phase = (time.monotonic() - begin) % PERIOD_SECONDS
        if phase > PERIOD_SECONDS - PAUSE_SECONDS:
            taken += pause(trial, PERIOD_SECONDS - phase)
            continue
        instance = trial.any_instance()
        instance.kill()
        trial.count("kills")
        if trial.random.random() < 0.2:
            instance.wipe()
        instance.start()
        trial.sleep(KILL_SECONDS)
    trial.settle(limit=REST_SECONDS)
    trial.flat()
    pauses = trial.figures.get("pauses", 0)
    trial.check(len(taken) >= pauses, f"O9: {len(taken)} savepoints in {pauses} pauses")
    for name in taken[-RESTORED:]:
        trial.compare_restored(name)


def pause(trial, seconds):
    """Nobody is killed; what was left behind is made up for although the load goes on, and savepoints
    are taken. Returns their names."""
    begin = time.monotonic()
    trial.await_true(lambda: trial.metric("sidestream_records_lag") < trial.rate, seconds,
                     "the lag does not fall below a second's records in a pause")
    trial.count("pauses")
    trial.figures["s to catch up at most"] = round(max(
        trial.figures.get("s to catch up at most", 0), time.monotonic() - begin), 1)
    taken = []
    while len(taken) < SAVEPOINTS and time.monotonic() < begin + seconds - SAVEPOINT_SECONDS / 2:
        name = f"soak-{trial.figures.get('savepoints', 0) + trial.figures.get('late savepoints', 0)}"
        failure = trial.try_savepoint(name, SAVEPOINT_SECONDS)
        if failure:
            trial.note(failure)
            trial.count("late savepoints")
            break
        taken.append(name)
    trial.sleep(max(0.0, begin + seconds - time.monotonic()))
    return taken


def main(arguments):
    options = parse(arguments)
    bench = Bench(options.tree, options.work, options.rate)
    print(f"[soak] seed {options.seed}, logs in {bench.directory}", flush=True)
    try:
        bench.use_cluster(1, ())
        if options.rate == 0:
            steady = measured_rate(bench, options.seed)
            bench.rate = steady // 2
            print(f"[soak] {steady} records per second without faults; fed with half of it",
                  flush=True)
        trial = Trial(bench, "soak", options.seed, int(options.minutes * 60), "exactly_once")
        try:
            soak(trial)
        finally:
            trial.close()
    finally:
        bench.close_cluster()
    words = "FAILED" if trial.findings else "passed"
    print("\n".join([f"[soak] {words}: {report.text_of(trial.figures)}",
                     *(f"    {finding}" for finding in trial.findings)]))
    if not trial.findings and not options.work:
        shutil.rmtree(bench.directory)
    return 1 if trial.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
