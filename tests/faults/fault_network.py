# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Faults of the network, made by the proxy: late requests, cuts, slow links and resets."""

import time

import proxy
from trial import SESSION_SECONDS

# Socket time-out of our producers: a request that is answered later is sent again.
SOCKET_SECONDS = 5


def late_requests(trial):
    """7: a request of a transaction arrives after the client has given up on it and gone on."""
    trial.begin()
    apis = {"commits": proxy.END_TXN, "offsets": proxy.TXN_OFFSET_COMMIT,
            "partitions": proxy.ADD_PARTITIONS}
    while trial.feeding():
        kind = trial.random.choice(sorted(apis))
        instance = trial.any_instance()
        hold = trial.random.uniform(SOCKET_SECONDS + 0.5, SOCKET_SECONDS + 3)
        held = []

        def hold_one(request, api=apis[kind], held=held, hold=hold):
            if request.api != api or held:
                return proxy.PASS
            held.append(request)
            return hold

        links = trial.cluster.proxy.between(slot=instance.slot)
        for link in links:
            link.on_request = hold_one
        trial.sleep(hold + 4)
        for link in links:
            link.on_request = None
        if held:
            trial.count(f"late {kind}")
    trial.check(any(name.startswith("late ") for name in trial.figures), "no request was late")
    trial.check(trial.metric("sidestream_producer_rebuilds_total") > 0, "no producer was rebuilt")
    trial.settle()


def cut_from_coordinator(trial):
    """9: one instance does not reach the coordinator of the group, but everything else."""
    _cut_one_node(trial, lambda: trial.cluster.coordinator_of(trial.application))


def cut_from_data_node(trial):
    """10: one instance does not reach the leader of one partition of its topics."""
    topics = [f"{trial.application}-{name}"
              for name in ("ids", "passed", "totals-repartition", "totals-changelog")]
    _cut_one_node(trial, lambda: trial.cluster.leader_of(
        trial.random.choice(topics), trial.random.randrange(4)))


def _cut_one_node(trial, find_node):
    trial.begin()
    while trial.feeding():
        instance = trial.any_instance()
        links = trial.cluster.proxy.between(slot=instance.slot, node=find_node())
        for link in links:
            link.cut = True
        trial.count("cuts")
        trial.sleep(2, SESSION_SECONDS + 6)
        for link in links:
            link.cut = False
        # A cut that ends with a reset and one whose packets arrive late are two things.
        if trial.random.random() < 0.5:
            trial.cluster.proxy.reset(links, trial.random.random())
        trial.sleep(2, 5)
    trial.settle()


def slow_links(trial):
    """11: every link is slow, some are narrow, and connections are reset all the time."""
    trial.begin()
    links = trial.cluster.proxy.between()
    for link in links:
        link.delay = 0.15
    for link in trial.cluster.proxy.between(slot=0):
        link.bytes_per_second = 200_000
    begin = time.monotonic()
    while trial.feeding():
        trial.sleep(1, 4)
        trial.cluster.proxy.reset(links, trial.random.random(), share=0.05)
        trial.count("resets")
    trial.figures["s slow"] = round(time.monotonic() - begin)
    for link in links:
        link.delay, link.bytes_per_second = 0.0, 0
    trial.settle()
