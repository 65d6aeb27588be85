# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""The command line of scripts/faults.sh: runs faults one after the other and reports."""

import argparse
import random
import shutil
import sys
import time
import traceback

import report
from bench import ROOT, Bench
from catalogue import FAULTS, fault_of
from trial import Trial

PAGE = ROOT / "docs" / "operations" / "faults.md"


def run_fault(bench, fault, options):
    """A trial for each of its functions; a result for the report."""
    begin = time.monotonic()
    figures, findings = {}, []
    for index, function in enumerate(fault.functions(options.guarantee)):
        bench.use_cluster(options.brokers or fault.nodes, fault.settings)
        name = f"{fault.number}{'abcdef'[index - 1] if index else ''}"
        trial = Trial(bench, name, options.seed, options.duration, options.guarantee)
        try:
            function(trial)
        except Exception:  # A broken trial must not end the others.
            trial.findings.append(traceback.format_exc())
            bench.close_cluster()
        finally:
            trial.close()
        figures = report.merged(figures, trial.figures)
        findings += trial.findings
    return report.Result(
        fault=fault, passed=not findings, seed=options.seed, guarantee=options.guarantee,
        nodes=options.brokers or fault.nodes, seconds=round(time.monotonic() - begin),
        figures=figures, findings=findings)


def chosen(options):
    if options.fault == "all":
        return [f for f in FAULTS
                if f.functions(options.guarantee) and options.guarantee in f.guarantees]
    return options.faults


def named(parser, words, guarantee):
    """The faults of a list of numbers, all of which can run."""
    faults = [fault_of(int(word)) if word.isdecimal() else None for word in words.split(",")]
    if None in faults:
        parser.error(f"--fault {words}: there is none of such a number")
    for fault in faults:
        if not fault.functions(guarantee):
            parser.error(f"{fault.number} {fault.title}: {report.state_of(fault)}")
    return faults


def parse(arguments):
    parser = argparse.ArgumentParser(prog="faults.sh")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--fault", default="")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--duration", type=int, default=30)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--brokers", type=int, choices=[1, 3])
    parser.add_argument("--guarantee", default="exactly_once",
                        choices=["exactly_once", "at_least_once"])
    parser.add_argument("--tree")
    parser.add_argument("--other-program")
    parser.add_argument("--work")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args(arguments)
    if not options.list and not options.fault:
        parser.error("--fault N[,N...], --fault all, or --list")
    if options.fault not in ("", "all"):
        options.faults = named(parser, options.fault, options.guarantee)
    return options


def main(arguments):
    options = parse(arguments)
    if options.list:
        print(report.listing(FAULTS))
        return 0
    bench = Bench(options.tree, options.work, options.rate, options.other_program)
    print(f"[faults] seed {options.seed}, logs in {bench.directory}", flush=True)
    results = []
    try:
        for fault in chosen(options):
            print(f"[faults] {fault.number} {fault.title}", flush=True)
            results.append(run_fault(bench, fault, options))
            print(report.line(results[-1]), flush=True)
            if options.record:
                report.record(PAGE, FAULTS, results[-1], bench.versions(), bench.client())
    finally:
        bench.close_cluster()
    failed = [r for r in results if not r.passed]
    if not failed and not options.work:
        shutil.rmtree(bench.directory)
    print(f"[faults] {len(results) - len(failed)} of {len(results)} passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
