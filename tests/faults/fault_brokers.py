# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Faults of nodes: they restart, die, stand still, one or all."""

import itertools
import time

# What a start of a node takes at most on a busy machine.
START_SECONDS = 90
IDLE_CPU_SHARE = 0.05


def node_goes(trial):
    """6: leaders and coordinators of the group and of transactions restart, die, and stand still, for
    a moment or until they have lost their roles. Ten minutes are enough for all of it."""
    cluster = trial.cluster
    trial.begin(seconds_min=60)
    fates = ["stop", "kill", "pause 5", "pause 30", "pause 90"]
    roles = {
        "leader": lambda: cluster.leader_of(f"{trial.application}-totals-changelog",
                                            trial.random.randrange(4)),
        "group coordinator": lambda: cluster.coordinator_of(trial.application)}
    if trial.guarantee == "exactly_once":
        roles["transaction coordinator"] = lambda: trial.random.choice(
            cluster.transaction_coordinators_of(trial.application))
    rounds = list(itertools.product(fates, roles))
    trial.random.shuffle(rounds)
    for fate, role in itertools.cycle(rounds):
        if not trial.feeding():
            break
        node = roles[role]()
        trial.count(f"{role} {fate}")
        if fate.startswith("pause"):
            cluster.pause(node)
            trial.sleep(int(fate.split()[1]))
            cluster.resume(node)
        else:
            take = cluster.stop if fate == "stop" else cluster.kill
            take(node)
            trial.sleep(1, 4)
            cluster.start_nodes([node])
        before = trial.committed()
        trial.await_true(lambda: trial.committed() > before or not trial.feeding(), 60,
                         f"no commit after {fate} of the {role}")
        trial.sleep(1, 3)
    trial.figures["producers rebuilt"] = int(trial.metric("sidestream_producer_rebuilds_total"))
    trial.settle()


def node_is_fenced(trial):
    """36: the only node is registered for 23 of 25 seconds: for the rest it names no node."""
    trial.begin(seconds_min=90)
    while trial.feeding():
        before = trial.committed()
        trial.await_true(lambda: trial.committed() > before or not trial.feeding(), 60,
                         "no commit since the node was fenced")
        trial.sleep(1, 3)
    trial.settle()


def all_nodes_down(trial):
    """8: no node for a while; nobody ends, spins or grows."""
    cluster = trial.cluster
    trial.begin()
    down_seconds = max(20, trial.duration // 2)
    trial.sleep(5)
    for node in cluster.nodes:
        cluster.kill(node)
    trial.sleep(5)
    before = [instance.resources() for instance in trial.instances]
    begin = time.monotonic()
    trial.sleep(down_seconds)
    passed = time.monotonic() - begin
    for instance, was in zip(trial.instances, before):
        now = instance.resources()
        share = (now.cpu_seconds - was.cpu_seconds) / passed
        trial.check(share < IDLE_CPU_SHARE, f"O7: {share:.0%} of a processor while nothing is there")
        trial.check(now.memory < was.memory + (64 << 20), "O7: memory grows while nothing is there")
        trial.figures["% processor while down"] = max(
            trial.figures.get("% processor while down", 0), round(100 * share, 1))
    trial.figures["s down"] = down_seconds
    cluster.start_nodes(cluster.nodes)
    trial.settle()
