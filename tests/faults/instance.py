# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""One slot of the application: a process of the program as it ships, one life after the other."""

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

# An instance that is told to stop is given so long.
STOP_SECONDS = 60


class Resources:
    """What the kernel says of a process at one moment."""

    def __init__(self, pid):
        status = Path(f"/proc/{pid}/status").read_text()
        memory = re.search(r"VmRSS:\s+(\d+)", status)
        if memory is None:
            raise ProcessLookupError(f"{pid} has ended")
        self.memory = int(memory.group(1)) << 10
        self.threads = int(re.search(r"Threads:\s+(\d+)", status).group(1))
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        stat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        self.cpu_seconds = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


class Instance:
    def __init__(self, program, files, environment, directory, slot):
        # Of the next life.
        self.program, self.files, self.options = program, list(files), []
        self._environment = environment
        self.slot = slot
        self.state = directory / f"state-{slot}"
        self.log_path = directory / f"instance-{slot}.log"
        self.name = None  # of a static member; None: dynamic
        self.extra = {}  # variables of its environment, of every life
        self.prefix = []  # words before the command, of every life
        self.process = None
        self.lives = 0
        self._log_start = 0

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process is not None and self.process.poll() is None

    def start(self):
        """A new life."""
        command = [*self.prefix, self.program, "run", "--log-format", "text", *self.options]
        for file in self.files:
            command += ["-f", file]
        if self.name:
            command += ["--instance", self.name]
        environment = {**self._environment, "LEDGER_STATE": str(self.state), **self.extra}
        self._log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        self.lives += 1

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self):
        """An orderly stop; returns the exit code, and None when it had to be killed."""
        self.process.send_signal(signal.SIGTERM)
        code = self.await_end(STOP_SECONDS)
        if code is None:
            self.process.kill()
            self.process.wait()
        self.process = None
        # The signal came before the program could listen to it.
        return 0 if code == -signal.SIGTERM and "app: starting: " not in self.log() else code

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def wipe(self):
        shutil.rmtree(self.state, ignore_errors=True)

    def log(self):
        """What the newest life has said."""
        with open(self.log_path, "rb") as log:
            log.seek(self._log_start)
            return log.read().decode("utf-8", "replace")

    def all_logs(self):
        """What all lives have said."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def await_end(self, seconds):
        """The exit code of an end by itself; None: it goes on."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def resources(self):
        return Resources(self.pid)

    def get(self, path):
        """Status and body of an answer of the HTTP listener; None while there is none."""
        ports = re.findall(r"http_port=(\d+)", self.log())
        if not ports:
            return None
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{ports[-1]}{path}", timeout=3) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return None

    def metric(self, name, labels=""):
        """The sum of a metric over its series whose labels contain `labels`; 0 without an answer."""
        answer = self.get("/metrics")
        if answer is None:
            return 0.0
        lines = re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", answer[1], re.M)
        return sum(float(value) for found, value in lines if labels in found)
