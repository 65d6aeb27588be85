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
    """Of two trials of one fault: the greatest of what has a fraction, and the sums of counts."""
    both = dict(figures)
    for name, value in more.items():
        before = both.get(name, 0)
        both[name] = max(before, value) if isinstance(value, float) else before + value
    return both


def state_of(fault):
    """What can be said of a fault that has not run."""
    return f"not applicable: {fault.absent}" if fault.absent else "not run yet"


def listing(faults):
    rows = []
    for fault in faults:
        state = "runs" if fault.run else state_of(fault)
        rows.append(f"{fault.number:>2}  {fault.title}: {state}")
    return "\n".join(rows)


def numbers_of(text):
    return {int(number) for number in (text or "").split(", ") if number}


def words_of(numbers):
    return ", ".join(map(str, sorted(numbers)))


def with_client(said, result, client, today):
    """Of the fault that is a client's version: which faults passed with it and which did not."""
    found = re.match(r"(?:EOS|ALO): (.*) to [-\d]+: passed ([\d, ]*)"
                     r"(?:; \*\*failed\*\* ([\d, ]+))?$", said)
    passed, failed = set(), set()
    if found and found.group(1) == client:
        passed, failed = numbers_of(found.group(2)), numbers_of(found.group(3))
    for group in (passed, failed):
        group.discard(result.fault.number)
    (passed if result.passed else failed).add(result.fault.number)
    text = f"{SHORT[result.guarantee]}: {client} to {today}: passed {words_of(passed)}"
    return text + (f"; **failed** {words_of(failed)}" if failed else "")


def record(page, faults, result, versions, client=None):
    """Replaces what the page's table says of one fault under one guarantee. With a `client` of its own
    the result stands in the row of the fault that is about clients."""
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
    last = re.search(r"Last run with .*", old)
    heading = last.group() if client and last else f"Last run with {versions}, Kafka 4.1.0."
    rows = []
    for fault in faults:
        kept = cells.get(fault.number, ["", ""])[1]
        parts = [p for p in kept.split("<br>") if re.match(r"(EOS|ALO): ", p)]
        own = [p for p in parts if p.startswith(SHORT[result.guarantee])]
        if fault.elsewhere and client:
            own = [with_client(own[0] if own else "", result, client, today)]
        elif fault.number == result.fault.number and not client:
            own = [said]
        parts = sorted([p for p in parts if not p.startswith(SHORT[result.guarantee])] + own,
                       reverse=True)
        if not parts:
            parts = [state_of(fault)]
        rows.append(f"| {fault.number} | {fault.title} | {'<br>'.join(parts)} |")
    table = "\n".join(["", heading, "",
                       "| | fault | result |", "|---|---|---|", *rows, ""])
    page.write_text(head + BEGIN + table + END + tail)
