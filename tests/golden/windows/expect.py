#!/usr/bin/env python3
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Computes what every case of cases.json must give, from the text of the language alone.

A naive batch computation that shares nothing with the engine: every window is the list of the records in it, and
every list is looked through from the start. Writes <case>/expected.<stream>.ndjson; with --check it only compares.

  strict, lenient            results without and with `allowed_lateness`: every window that ever had a result, with
                             its last one, dated as at the window's end
  strict_late, lenient_late  what no window took
"""

import bisect
import json
import pathlib
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

HERE = pathlib.Path(__file__).parent
# `watermark: { lateness }` and `allowed_lateness` of the lenient steps, by input.
LATENESS = {"clicks": (5_000, 20_000), "orders": (3_600_000, 21_600_000)}
UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
NEVER = float("-inf")


def millis(text):
    number = text.rstrip("smhdo")
    return int(number) * UNITS[text[len(number):]]


class Record:
    def __init__(self, line):
        self.line = line
        self.key = line["key"]
        self.at = line["timestamp"]
        self.number = line["value"]["n"]
        self.partition = line["partition"]


def read(name):
    records = [Record(json.loads(line)) for line in (HERE / f"{name}.ndjson").read_text().splitlines()]
    times = [(record.key, record.at) for record in records]
    assert len(times) == len(set(times)), "ties would make the order of arrival matter"
    return records


def calendar(window):
    """Starts of the windows around the input, as local wall-clock times."""
    zone = ZoneInfo(window["zone"])
    offset = timedelta(milliseconds=millis(window.get("offset", "0s")))
    day = datetime(2025, 12, 1)
    starts = []
    while day.year < 2027:
        if window["tumbling"] == "1d" or day.day == 1:
            starts.append(int((day + offset).replace(tzinfo=zone).timestamp() * 1000))
        day += timedelta(days=1)
    return starts


class Aligned:
    """Windows whose bounds do not depend on the records."""

    def __init__(self, window):
        self.starts = calendar(window) if "zone" in window else None
        self.offset = millis(window.get("offset", "0s"))
        if not self.starts:
            self.size = millis(window.get("tumbling") or window["hopping"])
            self.every = millis(window.get("every") or window["tumbling"])

    def windows(self, at):
        if self.starts:
            i = bisect.bisect_right(self.starts, at)
            return [(self.starts[i - 1], self.starts[i])]
        first = (at - self.offset) // self.every * self.every + self.offset
        starts = range(first, at - self.size, -self.every)
        return [(start, start + self.size) for start in starts]

    def run(self, records, watermarks, allowed):
        content, late = {}, []
        for record, watermark in zip(records, watermarks):
            takers = [w for w in self.windows(record.at) if watermark < w[1] - 1 + allowed]
            for window in takers:
                content.setdefault((record.key, *window), []).append(record)
            if not takers:
                late.append(record)
        return {window: (window[2] - 1, inside) for window, inside in content.items()}, late


class Sliding:
    """One window ends with each record, one begins behind each record that another one follows."""

    def __init__(self, window):
        self.size = millis(window["sliding"])

    def run(self, records, watermarks, allowed):
        inside, late = {}, []
        for record, watermark in zip(records, watermarks):
            def open_at(start, watermark=watermark):
                return watermark < start + self.size + allowed
            # The last window that can hold it begins with it.
            if not open_at(record.at):
                late.append(record)
                continue
            same = inside.setdefault(record.key, [])
            same.append((record, open_at))
        results = {}
        for key, same in inside.items():
            ending = {r.at - self.size for r, open_at in same if open_at(r.at - self.size)}
            starts = ending | {r.at + 1 for r, _ in same}
            for start in starts:
                there = [r for r, open_at in same if start <= r.at <= start + self.size and open_at(start)]
                if there:
                    results[(key, start, start + self.size + 1)] = (start + self.size, there)
        return results, late


class Sessions:
    def __init__(self, window):
        self.gap = millis(window["session"])
        self.longest = millis(window["max_length"]) if "max_length" in window else None

    def end(self, records):
        end = records[-1].at + self.gap
        return min(end, records[0].at + self.longest) if self.longest else end

    def cut(self, records):
        """Sessions of a key's records, in the order of their times."""
        sessions = []
        for record in sorted(records, key=lambda r: r.at):
            last = sessions[-1] if sessions else None
            if last and record.at <= last[-1].at + self.gap and (
                    not self.longest or record.at < last[0].at + self.longest):
                last.append(record)
            else:
                sessions.append([record])
        return sessions

    def run(self, records, watermarks, allowed):
        taken, late, results = {}, [], {}

        def fire(watermark):
            for key, same in taken.items():
                taken[key] = []
                for session in self.cut(same):
                    end = self.end(session)
                    if watermark >= end:
                        results[(key, session[0].at, end)] = (end, session)
                    # Another record may still join it.
                    if watermark < end + allowed:
                        taken[key] += session

        for record, watermark in zip(records, watermarks):
            fire(watermark)
            same = taken.setdefault(record.key, [])
            joined = next(s for s in self.cut(same + [record]) if record in s)
            if watermark < self.end(joined) + allowed:
                same.append(record)
            else:
                late.append(record)
        fire(float("inf"))
        return results, late


class Count:
    def __init__(self, window):
        self.count = window["count"]
        self.every = window.get("every", self.count)

    def run(self, records, _watermarks, _allowed):
        seen, results = {}, {}
        for record in records:
            same = seen.setdefault(record.key, [])
            same.append(record)
            if len(same) >= self.count and (len(same) - self.count) % self.every == 0:
                there = same[-self.count:]
                results[(record.key, len(same), None)] = (max(r.at for r in there), there)
        return results, []


class Global:
    def __init__(self, _window):
        pass

    def run(self, records, _watermarks, _allowed):
        results = {}
        for key in {record.key for record in records}:
            same = [record for record in records if record.key == key]
            results[(key, 0, None)] = (max(r.at for r in same), same)
        return results, []


def windows_of(case):
    window = case.get("window")
    if window is None:
        return Global(window)
    for kind, runner in (("session", Sessions), ("sliding", Sliding), ("count", Count)):
        if kind in window:
            return runner(window)
    return Aligned(window)


def watermarks_of(records, lateness):
    """The watermark that each record meets. Where it is late, all partitions stand at the same time, so it is the
    same with one task and behind a repartition topic."""
    highest, watermarks = {}, []
    for record in records:
        top = max(highest.values(), default=NEVER)
        if record.at < top - lateness:
            assert len(highest) == 3 and len(set(highest.values())) == 1, f"late before all came to {top}"
        watermarks.append(min(highest.values()) - lateness - 1 if len(highest) == 3 else NEVER)
        highest[record.partition] = max(highest.get(record.partition, NEVER), record.at)
    return watermarks


def line_of(window, result):
    key, start, end = window
    at, records = result
    records = sorted(records, key=lambda record: record.at)
    value = {"n": len(records), "sum": sum(r.number for r in records), "newest": records[-1].at,
             "numbers": [r.number for r in records]}
    if end is not None:
        value |= {"window_start": start, "window_end": end}
    return {"key": key, "timestamp": at, "value": value}


def outputs(case):
    records = read(case["input"])
    lateness, lenient = LATENESS[case["input"]]
    watermarks = watermarks_of(records, lateness)
    bounded = case.get("window") is not None and "count" not in case["window"]
    for name, allowed in (("strict", 0), ("lenient", lenient)):
        if name == "lenient" and not bounded:
            continue
        results, late = windows_of(case).run(records, watermarks, allowed)
        order = sorted(results, key=lambda w: (w[0], w[2] or w[1], w[1]))
        yield name, [line_of(window, results[window]) for window in order]
        if bounded:
            yield f"{name}_late", [record.line for record in late]


def main():
    same = True
    for case in json.loads((HERE / "cases.json").read_text()):
        folder = HERE / case["name"]
        folder.mkdir(exist_ok=True)
        for name, lines in outputs(case):
            text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
            path = folder / f"expected.{name}.ndjson"
            if "--check" not in sys.argv:
                path.write_text(text)
            elif path.read_text() != text:
                print(f"{path} differs")
                same = False
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
