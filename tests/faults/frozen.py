# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Threads of a process that stand still while its first one goes on: a hang, made by ptrace."""

import contextlib
import ctypes
import os
from pathlib import Path

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


class Frozen:
    def __init__(self):
        self._threads = []

    def seize(self, thread):
        for request in (PTRACE_SEIZE, PTRACE_INTERRUPT):
            if libc.ptrace(request, thread, None, None) != 0:
                raise OSError(ctypes.get_errno(), "ptrace")
            if request == PTRACE_SEIZE:
                self._threads.append(thread)

    def reap(self):
        """A process ends only when whoever traces its threads has taken note."""
        for thread in self._threads:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(thread, os.WNOHANG | WALL)

    def release(self):
        """One that has ended meanwhile cannot be detached, and need not be."""
        self.reap()
        for thread in self._threads:
            libc.ptrace(PTRACE_DETACH, thread, None, None)


@contextlib.contextmanager
def frozen_threads(pid):
    """All threads of ours in the process but the first: those of the client library have names."""
    program = Path(f"/proc/{pid}/comm").read_text()
    threads = [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()
               if int(task.name) != pid and (task / "comm").read_text() == program]
    frozen = Frozen()
    try:
        for thread in threads:
            frozen.seize(thread)
        yield frozen
    finally:
        frozen.release()
