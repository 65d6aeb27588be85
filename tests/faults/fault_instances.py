# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Faults of instances: they die, stand still, hang, come and go."""

import re
import threading
import time

import proxy
from frozen import frozen_threads
from trial import SESSION_SECONDS

# The broker looks for timed-out transactions this often in the tests (broker.sh).
CLEANUP_SECONDS = 1
TRANSACTION_SECONDS = 10
# An instance that works gets to each point within so long.
POINT_SECONDS = 20


def kill_at_random(trial):
    """1: kill -9; the instance comes back on its state, without it, or after its session is over."""
    trial.begin()
    while trial.feeding():
        trial.sleep(0.5, 4)
        instance = trial.any_instance()
        instance.kill()
        trial.count("kills")
        fate = trial.random.randrange(4)
        if fate == 0:
            instance.wipe()
        elif fate == 1:
            trial.sleep(SESSION_SECONDS + 1)
        instance.start()
    trial.settle()


def kill_on_the_wire(trial):
    """2: kill -9 at named points of commit, join and restore, seen by the proxy."""
    trial.begin(seconds_min=100)
    points = [
        ("records sent", proxy.PRODUCE, "request", proxy.PASS),
        ("records lost", proxy.PRODUCE, "request", proxy.LOSE),
        ("partitions added", proxy.ADD_PARTITIONS, "answer", proxy.PASS),
        ("offsets sent", proxy.TXN_OFFSET_COMMIT, "request", proxy.PASS),
        ("offsets taken", proxy.TXN_OFFSET_COMMIT, "answer", proxy.PASS),
        ("commit lost", proxy.END_TXN, "request", proxy.LOSE),
        ("commit sent", proxy.END_TXN, "request", proxy.PASS),
        ("committed, not applied", proxy.END_TXN, "answer", proxy.PASS),
        ("producer starts", proxy.INIT_PRODUCER_ID, "start", proxy.PASS),
        ("group is joined", proxy.JOIN_GROUP, "start", proxy.PASS),
        ("tasks are assigned", proxy.SYNC_GROUP, "start", proxy.PASS),
        ("state is restored", proxy.FETCH, "restore", proxy.PASS),
    ]
    missed = {name for name, *_ in points}
    while trial.feeding():
        for name, api, moment, decision in trial.random.sample(points, len(points)):
            if trial.feeding() and _kill_at(trial, api, moment, decision):
                trial.count("kills")
                trial.note(name)
                missed.discard(name)
    trial.check(not missed, f"never reached: {sorted(missed)}")
    trial.settle()


def _kill_at(trial, api, moment, decision):
    """Kills one instance when it gets to a point; says whether it did."""
    instance = trial.any_instance()
    links = trial.cluster.proxy.between(slot=instance.slot)
    at_start = moment in ("start", "restore")
    if at_start:
        instance.kill()
    if moment == "restore":
        instance.wipe()
    reached = threading.Event()
    left = 1 if at_start else trial.random.randrange(1, 8)

    def meet(request):
        nonlocal left
        if request.api != api or reached.is_set():
            return proxy.PASS
        if moment == "restore" and "-restore-" not in request.client:
            return proxy.PASS
        left -= 1
        if left > 0:
            return proxy.PASS
        instance.process.kill()
        reached.set()
        return decision

    for link in links:
        if moment == "answer":
            link.on_answer = meet
        else:
            link.on_request = meet
    if at_start:
        instance.start()
    reached.wait(POINT_SECONDS)
    for link in links:
        link.on_request = link.on_answer = None
    if not reached.is_set():
        return False
    instance.kill()
    if trial.random.random() < 0.3:
        instance.wipe()
    instance.start()
    trial.sleep(0.5, 3)
    return True


def stop_longer_than_session(trial):
    """3: SIGSTOP beyond the session time-out, then SIGCONT: a zombie wakes up.

    Its place in a repartition topic may have been purged by the next owner: it ends with the
    reason, for the next start to judge.
    """
    trial.begin()
    for instance in trial.instances:
        trial.excuse(instance, "is no longer in the log")
    while trial.feeding():
        trial.sleep(0.5, 3)
        instance = trial.any_instance()
        instance.pause()
        trial.count("stops")
        trial.sleep(SESSION_SECONDS + 1, SESSION_SECONDS + 6)
        instance.resume()
    trial.settle()


def stop_longer_than_transaction(trial):
    """4: SIGSTOP beyond the transaction time-out, within the session's.

    Now and then an instance stands still between two transactions, and nothing times out.
    """
    trial.environment["LEDGER_SESSION_MS"] = "30000"
    trial.begin(seconds_min=60)
    while trial.feeding():
        trial.sleep(1, 3)
        instance = trial.any_instance()
        before = instance.metric("sidestream_producer_rebuilds_total")
        instance.pause()
        trial.count("stops")
        trial.sleep(TRANSACTION_SECONDS + 2 * CLEANUP_SECONDS + 1)
        instance.resume()
        trial.sleep(3)
        if instance.metric("sidestream_producer_rebuilds_total") > before:
            trial.count("transactions timed out")
        trial.check(instance.metric("sidestream_tasks_lost_total") == 0,
                    "the instance lost tasks within its session")
    trial.check(trial.figures.get("transactions timed out", 0) > 0,
                "no producer was rebuilt after its transaction had timed out")
    trial.settle()


def hanging_thread(trial):
    """5: all threads but the first hang; the others get the tasks, the instance says so and ends."""
    trial.environment["LEDGER_MAX_POLL_MS"] = "8000"
    trial.begin()
    while trial.feeding():
        trial.sleep(1, 3)
        instance = trial.any_instance()
        with frozen_threads(instance.pid) as frozen:
            trial.count("hangs")
            deadline = time.monotonic() + 30
            while instance.running() and time.monotonic() < deadline:
                frozen.reap()
                time.sleep(0.2)
        if not trial.check(not instance.running(), "the instance goes on while its threads hang"):
            instance.kill()
        trial.check("has not finished a step for" in instance.log(), "O8: it gave no reason")
        instance.start()
    trial.settle()


def storm(trial):
    """26: somebody joins or leaves every two seconds, up to six at a time."""
    trial.begin(instances=2)
    while trial.feeding():
        trial.sleep(1.5, 2.5)
        running = [i for i in trial.instances if i.running()]
        if len(running) > 1 and (len(running) >= 6 or trial.random.random() < 0.5):
            trial.stop(trial.random.choice(running))
        else:
            gone = [i for i in trial.instances if i.process is None]
            (trial.random.choice(gone) if gone else trial.add_instance()).start()
        trial.count("joins and leaves")
    trial.settle()
    _check_restored_once(trial)


def one_to_ten(trial):
    """26: one instance becomes ten, of which each in turn is restarted, and one again; static members."""
    trial.begin(instances=1, names=True, seconds_min=90)

    def go_on(what):
        before = trial.consumed()
        trial.await_true(lambda: trial.consumed() != before or not trial.feeding(), 30,
                         f"nothing is consumed after {what}")
        trial.sleep(0.5, 1.5)

    for number in range(1, 10):
        trial.add_instance(f"slot-{number}").start()
        go_on("a join")
    trial.count("instances at most", len(trial.instances))
    for instance in trial.instances:
        trial.stop(instance)
        instance.start()
        go_on("a restart")
    for instance in trial.instances[1:]:
        trial.stop(instance)
        go_on("a leave")
    trial.settle()
    _check_restored_once(trial)


def _check_restored_once(trial):
    """Who gets a task back finds its state: an instance restores each store from its start once at most."""
    for instance in trial.instances:
        full = re.findall(r"task (\S+): restored \d+ records, [1-9]\d* stores from the start",
                          instance.all_logs())
        again = {task for task in full if full.count(task) > 1}
        trial.check(not again, f"instance {instance.slot} restored {again} from the start again")
        trial.count("full restores", len(full))


def rolling_update(trial):
    """28: the instances are updated one by one, to another program and topology, and back again."""
    trial.begin(names=True, seconds_min=40)
    old = (trial.program, trial.files)
    new = (trial.other_program, [*trial.files, trial.topology("more.yaml")])
    while trial.feeding():
        for program, files in (new, old):
            for instance in trial.instances:
                trial.stop(instance)
                instance.program, instance.files = program, files
                instance.start()
                trial.count("updates")
                before = trial.committed()
                trial.await_true(lambda: trial.committed() > before or not trial.feeding(), 30,
                                 "no commit after an update")
                trial.sleep(0.5, 2)
    trial.settle()


def same_name(trial):
    """27: a second process of the same name; one of the two is fenced and says so."""
    trial.begin(names=True)
    while trial.feeding():
        trial.sleep(2, 4)
        first = trial.random.choice(trial.instances[:3])
        twin = trial.add_instance(first.name)
        reason = "another process uses the same instance name"
        trial.excuse(first, reason)
        trial.excuse(twin, reason)
        twin.start()
        trial.count("twins")
        deadline = time.monotonic() + 20
        while first.running() and twin.running() and time.monotonic() < deadline:
            time.sleep(0.2)
        trial.check(not (first.running() and twin.running()), "both of one name go on")
        trial.check(first.running() or twin.running(), "both of one name have ended")
        for instance in (first, twin):
            if not instance.running():
                code = instance.process.returncode
                # The group fences a stalled process in the same way (1); producers that are fenced
                # again and again are not stalled (78).
                trial.check(code in (1, 78) and reason in instance.log(),
                            f"O8: the fenced one ended with {code}")
                instance.process = None
        if twin.running():
            trial.stop(twin)
        if not first.running():
            first.start()
        trial.sleep(3)
    trial.settle()
