# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Results for people: lines on the terminal, and the table of docs/operations/faults.md."""

import dataclasses
import datetime
import re

BEGIN, END = "<!-- table: written by scripts/faults.sh --record -->", "<!-- end of the table -->"
SHORT = {"exactly_once": "EOS", "at_least_once": "ALO"}


@dataclasses.dataclass(frozen=True)
class Result:
    fault: object
    passed: bool
    seed: int
    guarantee: str
    nodes: int
    seconds: int
    figures: dict
    findings: list


def text_of(figures):
    return ", ".join(f"{name}: {value}" for name, value in figures.items())


def line(result):
    words = "passed" if result.passed else "FAILED"
    text = f"[faults] {result.fault.number} {words} after {result.seconds} s; {text_of(result.figures)}"
    return "\n".join([text, *(f"    {finding}" for finding in result.findings)])


def merged(figures, more):
    """Of two trials of one fault: the longest times, and the sums of everything else."""
    both = dict(figures)
    for name, value in more.items():
        before = both.get(name, 0)
        both[name] = max(before, value) if isinstance(value, float) else before + value
    return both


def state_of(fault):
    """What can be said of a fault that has not run."""
    if fault.absent:
        return f"not applicable: {fault.absent}"
    return "not run yet" if fault.run else "not built yet"


def listing(faults):
    rows = []
    for fault in faults:
        state = "runs" if fault.run else state_of(fault)
        if fault.run and fault.part:
            state += f"; not built yet: {fault.part}"
        rows.append(f"{fault.number:>2}  {fault.title}: {state}")
    return "\n".join(rows)


def record(page, faults, result, versions):
    """Replaces what the page's table says of one fault under one guarantee."""
    text = page.read_text()
    head, rest = text.split(BEGIN)
    old, tail = rest.split(END)
    cells = {}
    for row in old.splitlines():
        found = re.match(r"\| (\d+) \|(.*)\|$", row)
        if found:
            cells[int(found.group(1))] = [c.strip() for c in found.group(2).split("|")]
    today = datetime.date.today().isoformat()
    said = (f"{SHORT[result.guarantee]}: {'passed' if result.passed else '**failed**'} {today}, "
            f"{result.nodes} node{'s' if result.nodes > 1 else ''}, {result.seconds} s, "
            f"seed {result.seed}; {text_of(result.figures)}")
    rows = []
    for fault in faults:
        kept = cells.get(fault.number, ["", ""])[1]
        parts = [p for p in kept.split("<br>") if re.match(r"(EOS|ALO): ", p)]
        if fault.number == result.fault.number:
            parts = [p for p in parts if not p.startswith(SHORT[result.guarantee])] + [said]
        if not parts:
            parts = [state_of(fault)]
        if fault.run and fault.part:
            parts.append(f"not built yet: {fault.part}")
        rows.append(f"| {fault.number} | {fault.title} | {'<br>'.join(parts)} |")
    table = "\n".join(["", f"Last run with {versions}, Kafka 4.1.0.", "",
                       "| | fault | result |", "|---|---|---|", *rows, ""])
    page.write_text(head + BEGIN + table + END + tail)
