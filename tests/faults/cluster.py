# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""A cluster of real Kafka nodes, and the proxy through which the instances reach it.

Each node has one listener for each instance, whose clients are sent through a Link of the proxy, and
one for tools, feeder and audit, which no fault of the network touches. Nodes are run by broker.sh.
"""

import os
import re
import signal
import socket
import subprocess

from proxy import Proxy

# So many instances of a trial have ways of their own; more of them share the last one.
SLOTS = 4


def free_ports(count):
    """Ports below the range of outgoing connections, on which nothing listens."""
    found = []
    start = 12000 + os.getpid() * 37 % 16000
    for port in range(start, start + 4000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError("found no free ports")


class Cluster:
    def __init__(self, root, directory, nodes, settings=()):
        self._script = str(root / "scripts" / "broker.sh")
        self._dirs = [directory / f"node-{number + 1}" for number in range(nodes)]
        self._settings = list(settings)
        ports = iter(free_ports(nodes * (2 + 2 * SLOTS)))
        self._ports = [(next(ports), next(ports)) for _ in range(nodes)]
        self.proxy = Proxy()
        for node in range(nodes):
            for slot in range(SLOTS):
                self.proxy.add(slot, node, next(ports), next(ports))

    @property
    def nodes(self):
        return range(len(self._dirs))

    @property
    def bootstrap(self):
        return ",".join(f"127.0.0.1:{client}" for client, _ in self._ports)

    def bootstrap_of(self, slot):
        links = self.proxy.between(slot=min(slot, SLOTS - 1))
        return ",".join(f"127.0.0.1:{link.port}" for link in links)

    def start(self):
        self.proxy.start()
        self.start_nodes(self.nodes)

    def close(self):
        for node in self.nodes:
            self.kill(node)
        self.proxy.close()

    def start_nodes(self, nodes):
        """Starts them side by side: a majority has to be there before one is ready."""
        running = [subprocess.Popen(self._start_command(node), stdout=subprocess.DEVNULL)
                   for node in nodes]
        # All of them: one that is still starting when the others are killed would stay.
        if any([process.wait() != 0 for process in running]):
            raise RuntimeError("a node did not start")

    def stop(self, node):
        subprocess.run([self._script, "stop", self._dirs[node]], check=True)

    def kill(self, node):
        if self._dirs[node].exists():
            subprocess.run([self._script, "stop", self._dirs[node], "--kill"], check=True)

    def pause(self, node):
        os.kill(self._pid(node), signal.SIGSTOP)

    def resume(self, node):
        os.kill(self._pid(node), signal.SIGCONT)

    def data(self, node):
        return self._dirs[node] / "data"

    def tool(self, name, *arguments):
        """What a class of Kafka's own tools prints."""
        command = [self._script, "tool", name, "--bootstrap-server", self.bootstrap, *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=120, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{name} {arguments}: {done.stdout}")
        return done.stdout

    def write(self, topic, line):
        """Puts one record on a topic."""
        command = [self._script, "tool", "org.apache.kafka.tools.ConsoleProducer",
                   "--bootstrap-server", self.bootstrap, "--topic", topic]
        subprocess.run(command, input=line + "\n", text=True, check=True, capture_output=True,
                       timeout=60)

    def alter_topic(self, topic, setting):
        self.tool("kafka.admin.ConfigCommand", "--alter", "--entity-type", "topics",
                  "--entity-name", topic, "--add-config", setting)

    def coordinator_of(self, group):
        shown = self.tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
                          "--describe", "--state", "--group", group)
        return int(re.search(r":\d+\s+\((\d+)\)", shown).group(1)) - 1

    def transaction_coordinators_of(self, prefix):
        """Of the transactional ids that begin so."""
        shown = self.tool("org.apache.kafka.tools.TransactionsCommand", "list")
        found = re.findall(rf"^{re.escape(prefix)}\S*\s+(\d+)", shown, re.M)
        return [int(node) - 1 for node in found]

    def leader_of(self, topic, partition):
        shown = self.tool("org.apache.kafka.tools.TopicCommand", "--describe", "--topic", topic)
        return int(re.search(rf"Partition: {partition}\s+Leader: (\d+)", shown).group(1)) - 1

    def _start_command(self, node):
        command = [self._script, "start", self._dirs[node], "--member", str(node + 1), "--ports",
                   ",".join(f"{client}:{controller}" for client, controller in self._ports)]
        for link in self.proxy.between(node=node):
            command += ["--listener", f"INSTANCE{link.slot}={link.target}={link.port}"]
        for setting in self._settings:
            command += ["--set", setting]
        return command

    def _pid(self, node):
        return int((self._dirs[node] / "pid").read_text())
