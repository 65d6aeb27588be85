# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""The faults by number: what happens, on how many nodes, and the functions that make it happen.

Each function has a trial of its own. A fault without one has nothing to happen to (`absent`), or runs
of the others say how it went (`elsewhere`).
"""

import dataclasses
from typing import Callable, Optional

import fault_brokers
import fault_checkpoints
import fault_clock
import fault_disk
import fault_instances
import fault_memory
import fault_network
import fault_topics
import fault_windows
from fault_cases import case


@dataclasses.dataclass(frozen=True)
class Fault:
    number: int
    title: str
    run: Optional[Callable] = None
    more: tuple = ()  # further functions
    repeats: tuple = ()  # further functions under at-least-once
    nodes: int = 1
    settings: tuple = ()  # of the nodes; a fault with settings gets a cluster of its own
    elsewhere: bool = False
    absent: str = ""
    guarantees: tuple = ("exactly_once", "at_least_once")

    def functions(self, guarantee):
        own = () if self.run is None else (self.run,)
        return (*own, *self.more, *(self.repeats if guarantee == "at_least_once" else ()))


EXACTLY = ("exactly_once",)

FAULTS = [
    Fault(1, "kill -9 of instances at random moments", fault_instances.kill_at_random),
    Fault(2, "kill -9 at named points of commit, join and restore",
          fault_instances.kill_on_the_wire, guarantees=EXACTLY),
    Fault(3, "SIGSTOP beyond the session time-out, then SIGCONT",
          fault_instances.stop_longer_than_session,
          repeats=(fault_windows.behind_a_window(fault_instances.stop_longer_than_session),)),
    Fault(4, "SIGSTOP beyond the transaction time-out, within the session",
          fault_instances.stop_longer_than_transaction, guarantees=EXACTLY),
    Fault(5, "threads of an instance hang", fault_instances.hanging_thread),
    Fault(6, "a node restarts, dies, stands still: leader, coordinators of group and transactions",
          fault_brokers.node_goes, nodes=3),
    Fault(7, "requests of a transaction arrive late", fault_network.late_requests,
          guarantees=EXACTLY),
    Fault(8, "all nodes are down", fault_brokers.all_nodes_down),
    Fault(9, "an instance is cut from the group coordinator", fault_network.cut_from_coordinator,
          nodes=3),
    Fault(10, "an instance is cut from one leader", fault_network.cut_from_data_node, nodes=3),
    Fault(11, "slow and narrow links, resets", fault_network.slow_links),
    Fault(12, "the disk under the state is full", fault_disk.full_disk),
    Fault(13, "damaged, foreign and missing state", case("BadStateTest.*-BadStateTest.Full"),
          guarantees=EXACTLY),
    Fault(14, "the disk under the state is slow", fault_disk.slow_disk),
    Fault(15, "writes, syncs and reads of the state fail", fault_disk.failing_disk,
          more=(fault_disk.failing_reads,)),
    Fault(16, "poison records", case("BadRecordsTest.UnreadableLackingDividing"),
          guarantees=EXACTLY),
    Fault(17, "records that the output does not take",
          case("BadRecordsTest.LargerOrDatedOtherwiseThanTheOutputAllows:"
               "BadRecordsTest.ManyRecordsAroundTheLimitOfTheOutput"),
          repeats=(fault_windows.refused_before_a_window,)),
    Fault(18, "null keys, null values, odd dates, huge headers",
          case("BadRecordsTest.NullKeysAndNullValues:BadRecordsTest.HugeHeaders:"
               "BadRecordsTest.LargerOrDatedOtherwiseThanTheOutputAllows"), guarantees=EXACTLY),
    Fault(19, "topics are deleted and created again: inputs, outputs, our own",
          case("BadTopicsTest.*Recreated*:BadTopicsTest.*Deleted*"), guarantees=EXACTLY),
    Fault(20, "topics are missing or not as they must be",
          case("BadTopicsTest.Missing*:BadTopicsTest.InputsOf*:BadTopicsTest.InternalTopicsMade*"),
          guarantees=EXACTLY),
    Fault(21, "partition counts grow", case("BadTopicsTest.*Grew"), guarantees=EXACTLY),
    Fault(22, "records of inputs and changelogs are deleted unread",
          fault_topics.input_deleted_unread, more=(fault_topics.changelog_cut,)),
    Fault(23, "rights are missing or taken away", case("BadRightsTest.*"), guarantees=EXACTLY),
    Fault(24, "credentials are wrong or expire, certificates rotate",
          case("BadClusterTest.WrongPassword:BadCertificatesTest.*"), guarantees=EXACTLY),
    Fault(25, "the clock of an instance jumps by up to an hour", fault_clock.clock_jumps),
    Fault(26, "instances join and leave every two seconds; one becomes ten and one again",
          fault_instances.storm, more=(fault_instances.one_to_ten,)),
    Fault(27, "two processes of one name", fault_instances.same_name),
    Fault(28, "two versions in one group: topologies, programs",
          case("BadGroupTest.TwoVersions*"), more=(fault_instances.rolling_update,),
          guarantees=EXACTLY),
    Fault(29, "leader and workers die at each step of a checkpoint; the control topic refuses records",
          fault_checkpoints.die_at_each_step, more=(fault_checkpoints.control_topic_refuses,),
          guarantees=EXACTLY),
    Fault(30, "savepoints under load, restored also with another partition count",
          fault_checkpoints.restored_under_load, guarantees=EXACTLY),
    Fault(31, "external sinks", absent="it writes to Kafka only, whose transactions are one"),
    Fault(32, "a memory limit of 1.1 times the budget", fault_memory.limited_memory),
    Fault(33, "the broker forgets offsets after a minute", fault_topics.offsets_expire,
          settings=("offsets.retention.minutes=1", "offsets.retention.check.interval.ms=5000")),
    Fault(34, "a node loses acknowledged records", fault_topics.log_truncated),
    Fault(35, "the newest librdkafka: all of the above with --tree build/newest-rdkafka",
          elsewhere=True),
    Fault(36, "the cluster names no node for a moment, again and again",
          fault_brokers.node_is_fenced,
          settings=("broker.heartbeat.interval.ms=25000", "broker.session.timeout.ms=23000")),
]


def fault_of(number):
    """None: there is no such fault."""
    return next((fault for fault in FAULTS if fault.number == number), None)
