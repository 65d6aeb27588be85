# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Faults of checkpoints and savepoints; what is restored from them is compared (O9)."""

import re
import threading

import proxy

# Checkpoints come every second, so whoever is to die at a step of one gets there soon.
STEP_SECONDS = 20
# By the end of the record's key; a tombstone of it has the length -1 (0x01) behind the key.
STEPS = {"begin": rb"begin", "cut": rb"cut/[ -~]*/[0-9a-f]{16}", "done": rb"done",
         "stored": rb"stored/[ -~]*/[0-9a-f]{16}", "complete": rb"complete"}


def die_at_each_step(trial):
    """29: leader and workers die as they write each record of a checkpoint, before it and behind it."""
    trial.use_location("checkpoints.yaml")
    trial.begin(seconds_min=160)
    points = [(step, moment) for step in STEPS for moment in ("before", "behind")]
    missed = set(points)
    while trial.feeding():
        # Those that came to nothing in the last round are first.
        order = sorted(trial.random.sample(points, len(points)), key=lambda point: point not in missed)
        for point in order:
            if trial.feeding() and _die_at(trial, *point):
                trial.count("kills")
                trial.note(f"{point[1]} {point[0].upper()}")
                missed.discard(point)
    trial.check(not missed, f"never reached: {sorted(missed)}")
    trial.await_fed()
    trial.take_savepoint("last")
    trial.settle()
    trial.compare_restored("last")


def control_topic_refuses(trial):
    """29: nothing can be written to the control topic, again and again, at any step of a checkpoint."""
    trial.use_location("checkpoints.yaml")
    trial.begin(seconds_min=60)
    topic = f"{trial.application}-control"
    while trial.feeding():
        trial.sleep(2, 5)
        # More replicas in sync than there are: NOT_ENOUGH_REPLICAS.
        trial.cluster.alter_topic(topic, "min.insync.replicas=2")
        trial.count("times refused")
        trial.sleep(1, 12)
        trial.cluster.alter_topic(topic, "min.insync.replicas=1")
        consumed, complete = trial.consumed(), _newest_complete(trial)
        trial.await_true(lambda: trial.consumed() != consumed or not trial.feeding(), 30,
                         "nothing is consumed after the control topic takes records again")
        trial.await_true(lambda: _newest_complete(trial) > complete, 60,
                         "no checkpoint completes after the control topic takes records again")
    trial.take_savepoint("last")
    trial.settle()
    trial.compare_restored("last")


def _newest_complete(trial):
    return max(i.metric("sidestream_checkpoint_number") for i in trial.instances)


def _die_at(trial, step, moment):
    """Kills the instance that writes the next such record; says whether one was written."""
    pattern = re.compile(rb"checkpoint/\d+/" + STEPS[step] + rb"[^\x01]")
    reached = threading.Event()
    victims = []

    def meet(link):
        def look(request):
            if request.api != proxy.PRODUCE or reached.is_set():
                return proxy.PASS
            if not pattern.search(request.frame):
                return proxy.PASS
            victims.append(trial.instances[link.slot])
            victims[0].process.kill()
            reached.set()
            return proxy.LOSE if moment == "before" else proxy.PASS
        return look

    links = [link for instance in trial.instances
             for link in trial.cluster.proxy.between(slot=instance.slot)]
    for link in links:
        if moment == "before":
            link.on_request = meet(link)
        else:
            link.on_answer = meet(link)
    reached.wait(STEP_SECONDS)
    for link in links:
        link.on_request = link.on_answer = None
    if not victims:
        return False
    victims[0].kill()
    victims[0].start()
    trial.sleep(0.5, 2)
    return True


def restored_under_load(trial):
    """30: savepoints while records flow and instances die; restored as they are, and rescaled."""
    trial.use_location("savepoints.yaml")
    trial.begin(seconds_min=40)
    while trial.feeding():
        trial.sleep(1, 4)
        trial.take_savepoint(f"point-{trial.figures.get('savepoints', 0)}")
        instance = trial.any_instance()
        instance.kill()
        trial.count("kills")
        instance.start()
    trial.settle()
    taken = trial.figures.get("savepoints", 0)
    if trial.check(taken >= 2, f"{taken} savepoints were taken"):
        trial.compare_restored("point-0")
        trial.compare_restored(f"point-{taken - 1}", "rescaled.yaml")
