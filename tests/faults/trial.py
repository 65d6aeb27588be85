# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""One run of the ledger under one fault, and the oracles that it is judged by.

begin() starts instances and feeder; a fault disturbs them while feeding(); settle() waits until all is
at rest and audits. Oracles, with their names in the design:
  O1 each id once, in order (at-least-once: at least once)   O2 results equal a recount
  O3 stores equal their changelogs                            O4 no open transaction
  O5 at rest in time after the last fault                     O6 no partition had two owners
  O7 memory, descriptors and threads of long runs are flat    O8 nobody ends unasked, or without reason
  O9 what starts from a savepoint ends where the run itself did
What does not hold becomes a finding; a trial without findings has passed.
"""

import datetime
import os
import random
import subprocess
import time

from instance import Instance
from resources import Sampler

# Partitions of the input and of the repartition topic: a task for each.
TASKS = 8
SESSION_SECONDS = 6
REST_SECONDS = 120
SAVEPOINT_SECONDS = 60
# What a restored application has to make up for may be long.
RESTORED_SECONDS = 400


class Trial:
    def __init__(self, bench, name, seed, duration, guarantee):
        self.cluster, self.duration, self.guarantee = bench.cluster, duration, guarantee
        self.random = random.Random(f"{seed}-{name}")
        self.application = f"fault-{name}-{seed}-{os.getpid()}"
        self.directory = bench.directory / self.application
        self.directory.mkdir(parents=True)
        self.findings = []
        self.figures = {}
        self.instances = []
        self.rate = bench.rate
        self.program, self.other_program = bench.program, bench.other_program
        self.cases = bench.cases
        self.disk_shim, self.clock_shim = bench.disk_shim, bench.clock_shim
        self.environment = {
            **os.environ, "LEDGER_APPLICATION": self.application,
            "LEDGER_SOURCE": self.application, "LEDGER_GUARANTEE": guarantee,
            "LEDGER_SESSION_MS": str(SESSION_SECONDS * 1000), "LEDGER_HEARTBEAT_MS": "500"}
        self.files = [bench.ledger]
        self._bench = bench
        self._feeder = None
        self._sampler = None
        self._excused = {}
        self._records = 0
        self._windows = False

    # What a fault calls.

    def begin(self, instances=3, names=False, prepare=None, seconds_min=0, records=None):
        """Topics, instances and feeder. `prepare`: is given each instance before its first start."""
        self.duration = max(self.duration, seconds_min)
        self.run_program("topics", "--apply")
        for slot in range(instances):
            self.add_instance(f"slot-{slot}" if names else None)
            if prepare is not None:
                prepare(self.instances[slot])
            self.instances[slot].start()
        self._sampler = Sampler(self.instances)
        self._sampler.start()
        self._records = records or self.rate * self.duration
        self.figures["ids"] = self._records
        with open(self.directory / "feed.log", "wb") as log:
            self._feeder = subprocess.Popen(
                [self._bench.ledger_tool, "feed", self.cluster.bootstrap, self.application,
                 str(self._records), str(self.rate)],
                stdout=log, stderr=subprocess.STDOUT)
        self.await_true(lambda: self.committed() > 0, 60, "nothing was committed at the start")

    def topology(self, name):
        """A file of tests/faults."""
        return self._bench.topologies / name

    def use_topology(self, name):
        """In place of the ledger; its topics are created."""
        self.files = [self.topology(name)]
        self.run_program("topics", "--apply")

    def use_windows(self):
        """In place of the ledger: a window behind the hop, which drops what is sent again too late."""
        self.files = [self.topology("windows.yaml")]
        self._windows = True

    def use_location(self, overlay):
        """Merges a file of tests/faults that names a place for snapshots."""
        self.environment["LEDGER_LOCATION"] = str(self.directory / "location")
        self.files = [*self.files, self.topology(overlay)]

    def take_savepoint(self, name, seconds=SAVEPOINT_SECONDS):
        """Whether it is complete in time; a cut that an instance's end spoils is tried again."""
        failure = self.try_savepoint(name, seconds)
        return self.check(not failure, f"O9: savepoint {name}: {failure}")

    def try_savepoint(self, name, seconds):
        """Why it is not complete in time; None: it is."""
        try:
            self.run_program("savepoint", "create", name, "--timeout", f"{seconds}s")
        except RuntimeError as failure:
            return str(failure)
        self.count("savepoints")
        return None

    def compare_restored(self, name, *overlays):
        """O9: an application that starts from the savepoint ends where this one did. At rest."""
        other = f"{self.application}-from-{name}"
        environment = {**self.environment, "LEDGER_APPLICATION": other,
                       "LEDGER_BOOTSTRAP": self.cluster.bootstrap}
        files = [*self.files, *(self.topology(overlay) for overlay in overlays)]
        self.run_program("topics", "--apply", application=other, files=files)
        instance = Instance(self.program, files, environment, self.directory, f"from-{name}")
        instance.options = ["--from-savepoint", f"{self.application}/{name}"]
        instance.start()
        names = f"{other}:{self.application}"
        try:
            self.await_true(
                lambda: not instance.running()
                or instance.metric("sidestream_commit_duration_seconds_count") > 0,
                REST_SECONDS, f"O9: nothing comes of savepoint {name}")
            if not instance.running():
                self.check(False, f"O9: savepoint {name} does not start an application: "
                                  f"{instance.log().strip().splitlines()[-1:]}")
                return
            self._oracle("O9", "rest", str(self._records), str(RESTORED_SECONDS),
                         application=names)
            self.stop(instance)
        finally:
            if instance.process is not None:
                instance.kill()
        self._oracle("O9", "restored", str(self._records), str(instance.state), application=names)
        self.count("restored and compared")

    def add_instance(self, name=None):
        slot = len(self.instances)
        environment = {**self.environment, "LEDGER_BOOTSTRAP": self.cluster.bootstrap_of(slot)}
        instance = Instance(self.program, self.files, environment, self.directory, slot)
        instance.name = name
        self.instances.append(instance)
        return instance

    def feeding(self):
        self.watch()
        return self._feeder.poll() is None

    def await_fed(self):
        self.await_true(lambda: self._feeder.poll() is not None, self.duration + 600,
                        "the feeder does not end")
        self.check(self._feeder.poll() == 0, f"the feeder ended with {self._feeder.poll()}")

    def sleep(self, low, high=None):
        """Some seconds, during which nobody may end unasked; shorter when the feeding is over."""
        end = time.monotonic() + (low if high is None else self.random.uniform(low, high))
        while time.monotonic() < end:
            self.watch()
            time.sleep(min(0.2, max(0.0, end - time.monotonic())))

    def any_instance(self):
        return self.random.choice([i for i in self.instances if i.running()])

    def count(self, what, by=1):
        """A figure of the report; also a line of the trial's own log, to be compared with others'."""
        self.figures[what] = self.figures.get(what, 0) + by
        self.note(f"{what}: {self.figures[what]}")

    def note(self, text):
        with open(self.directory / "trial.log", "a", encoding="utf-8") as log:
            log.write(f"{datetime.datetime.now():%H:%M:%S.%f} {text}\n")

    def check(self, holds, finding):
        if not holds:
            self.note(finding)
            self.findings.append(finding)
        return holds

    def await_true(self, condition, seconds, finding):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return self.check(False, f"{finding} ({seconds} s)")
            self.watch()
            time.sleep(0.2)
        return True

    def metric(self, name, labels=""):
        return sum(i.metric(name, labels) for i in self.instances if i.running())

    def committed(self):
        """Rises while there is progress and nobody ends: a life counts from 0. Commits without a
        transaction have no metric."""
        if self.guarantee != "exactly_once":
            return self.consumed()
        return self.metric("sidestream_commit_duration_seconds_count")

    def consumed(self):
        """Ids that the instances have taken from the input."""
        return self.metric("sidestream_records_consumed_total", f'{self.application}-ids"')

    def stop(self, instance):
        """O8: an orderly stop ends with 0."""
        code = instance.stop()
        return self.check(code == 0, f"O8: instance {instance.slot} ended with {code} on SIGTERM")

    def excuse(self, instance, *reasons):
        """The instance may end by itself if it then gives one of them; it is started again."""
        self._excused[instance.slot] = reasons

    def watch(self):
        """O8: whoever ended unasked, and without an excuse, is a finding; it is started again."""
        for instance in self.instances:
            if instance.process is None or instance.running():
                continue
            code = instance.process.returncode
            reasons = self._excused.get(instance.slot, ())
            if not any(reason in instance.log() for reason in reasons):
                last = instance.log().strip().splitlines()[-1:]
                self.check(False, f"O8: instance {instance.slot} ended with {code}: {last}")
            else:
                self.count("ended with the reason")
            instance.start()

    # The end.

    def settle(self, limit=REST_SECONDS):
        """Waits for the end of the feeding and for rest, then audits."""
        state = self._rest(limit)
        exactly = self.guarantee == "exactly_once"
        if self._windows:
            self._oracle("O1-O2", "windows" if exactly else "window-repeats")
        else:
            self._oracle("O1-O4", "audit" if exactly else "repeats", str(self._records), str(state))
        if exactly:
            self._oracle("O6", "commits")

    def _rest(self, limit):
        self.await_fed()
        begin = time.monotonic()
        self._oracle("O5", "rest", str(self._records), str(limit))
        self.figures["s to rest"] = round(time.monotonic() - begin, 1)
        self.watch()
        self._sampler.stop()
        self.count("lives", sum(i.lives for i in self.instances))
        moved = self._moved_aside()
        self.check(not moved, f"healthy state directories were moved aside: {moved[:3]}")
        return self._gather_tasks()

    def flat(self):
        """O7, for trials that last."""
        self.findings += self._sampler.findings()
        self.figures.update(self._sampler.figures())

    def close(self):
        for instance in self.instances:
            if instance.process is not None:
                instance.resume()
                instance.kill()
        if self._feeder is not None and self._feeder.poll() is None:
            self._feeder.kill()
            self._feeder.wait()
        if self._sampler is not None:
            self._sampler.stop()

    def _moved_aside(self):
        """By any life, of which a metric knows one only. A store whose making was cut short has no
        CURRENT and holds nothing."""
        return [line for instance in self.instances for line in instance.all_logs().splitlines()
                if "state directory moved aside" in line and "no file CURRENT" not in line]

    def _gather_tasks(self):
        """The last one standing takes all tasks over, so that its stores can be read."""
        last = next(i for i in self.instances if i.running())
        for instance in self.instances:
            if instance is not last and instance.process is not None:
                self.stop(instance)
        self.await_true(lambda: last.metric("sidestream_assigned_tasks", '"active"') == TASKS, 60,
                        "the last instance does not take all tasks over")
        self.stop(last)
        return last.state

    def _oracle(self, name, verb, *arguments, application=None):
        done = subprocess.run(
            [self._bench.ledger_tool, verb, self.cluster.bootstrap,
             application or self.application, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900, check=False)
        with open(self.directory / f"{verb}.log", "a", encoding="utf-8") as log:
            log.write(done.stdout)
        if done.returncode != 0:
            # One that was killed says nothing.
            said = done.stdout.splitlines()[:10] or [f"{verb} ended with {done.returncode}"]
            for line in said:
                self.check(False, f"{name}: {line}")

    def run_program(self, *arguments, application=None, files=None):
        """A command of the program, which must succeed; what it prints."""
        environment = {**self.environment, "LEDGER_BOOTSTRAP": self.cluster.bootstrap,
                       "LEDGER_APPLICATION": application or self.application,
                       "LEDGER_STATE": str(self.directory / "none")}
        command = [self.program, *arguments]
        for file in files or self.files:
            command += ["-f", file]
        done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=120,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{arguments} ended with {done.returncode}: {done.stderr}")
        return done.stdout
