#!/usr/bin/env python3
"""The suite: every task by every method, tuned alike, over several seeds (docs/suite.md).

  recipes/suite/suite.py STAGE... [--rfim build/rfim] [--mnist FOLDER] [--tasks 1,2] [--jobs 2]

Stages, in their order; `all` is the first four:
  tune      every point of a method's grid, on one seed that is not reported
  final     the winners, and what has no grid, on five seeds over the task's budget
  budgets   the shortest budget that reaches the target, on the same seeds
  report    tables (REPORT.md) and curves (SVG), from the results alone
  clock     what set-up and steps cost: methods take turns; for an idle machine
  list      what has been run
  prune     drops the results of settings that are no longer in the tables

Tasks, methods and grids are tables in methods.py. Results are JSON lines, one file a stage, in
--results; a run that is in there is not repeated."""

import argparse
import concurrent.futures
import pathlib
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import clock  # noqa: E402
import report  # noqa: E402
import stages  # noqa: E402
from methods import METHODS, REPORTED_SEEDS, TASKS  # noqa: E402
from runs import HERE, Failed, Runner, Store  # noqa: E402


def say(line):
    print(time.strftime("%H:%M:%S ") + line, file=sys.stderr, flush=True)


def tune(runner, pool, pairs):
    ask = lambda job: runner.get("tune", *job)  # noqa: E731
    jobs = [(task, method, setting, stages.TUNING_SEED) for task, method in pairs if method.grid
            for setting in stages.settings(method)]
    list(pool.map(ask, jobs))


def final(runner, pool, pairs):
    jobs = [(task, method, (seed,)) for task, method in pairs for seed in REPORTED_SEEDS]
    list(pool.map(lambda job: stages.finals(runner, *job), jobs))


def budgets(runner, pool, pairs):
    """First seeds first: they tell the others where to begin."""
    jobs = [(task, method) for task, method in pairs if task.target is not None]
    list(pool.map(lambda job: stages.crossings(runner, *job, REPORTED_SEEDS[:1]), jobs))
    more = [(*job, (REPORTED_SEEDS[0], seed)) for job in jobs for seed in REPORTED_SEEDS[1:]]
    list(pool.map(lambda job: stages.crossings(runner, *job), more))


STAGES = {"tune": tune, "final": final, "budgets": budgets}


def prune(store):
    """Asks every question, and drops what has not been an answer."""
    asked = Asked(store)
    for task in TASKS:
        for method in stages.methods_of(task, [method.name for method in METHODS]):
            stages.finals(asked, task, method)
            stages.crossings(asked, task, method)
            setting = stages.winner(asked, task, method)
            if setting is not None and store.known(method):
                asked.digests.add(store.digest(task, method, setting))
    say("%d lines dropped" % store.prune(asked.digests))


class Asked(Runner):
    """Runs nothing, and keeps what it was asked for."""

    def __init__(self, store):
        super().__init__(store)
        self.digests = set()

    def get(self, *arguments, **more):
        record = super().get(*arguments, **more)
        if record:
            self.digests.add(record["digest"])
        return record


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    every = ["tune", "final", "budgets", "report"]
    parser.add_argument("stages", nargs="+", metavar="STAGE",
                        choices=every + ["clock", "list", "prune", "all"])
    parser.add_argument("--rfim", default=str(HERE.parents[1] / "build" / "rfim"))
    parser.add_argument("--mnist", help="MNIST's folder (default: where `--data mnist` looks)")
    parser.add_argument("--tasks", default=",".join(task.name for task in TASKS))
    parser.add_argument("--methods", default=",".join(method.name for method in METHODS))
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time, one thread each")
    parser.add_argument("--rounds", type=int, default=7, help="of the clock")
    parser.add_argument("--threads", type=int, default=1, help="of the clock's runs")
    parser.add_argument("--results", default=str(HERE / "results"))
    parser.add_argument("--images", help="folder for the report's curves (default: --results)")
    parser.add_argument("--scratch", help="folder for runs in progress (default: a temporary one)")
    options = parser.parse_args()
    options.stages = [s for stage in options.stages for s in (every if stage == "all" else [stage])]
    options.tasks, options.methods = options.tasks.split(","), options.methods.split(",")
    for word in set(options.tasks) - {task.name for task in TASKS}:
        parser.error("no task `%s`; there are %s" % (word, ", ".join(t.name for t in TASKS)))
    for word in set(options.methods) - {method.name for method in METHODS}:
        parser.error("no method `%s`; there are %s" % (word, ", ".join(m.name for m in METHODS)))
    return options


def work(options, store, runner):
    pairs = [(task, method) for task in stages.tasks_of(options.tasks)
             for method in stages.methods_of(task, options.methods)]
    if runner.rfim:
        store.learn_presets(runner.rfim, {method.preset for _, method in pairs})
        for name in sorted({m.name for _, m in pairs if not store.known(m)}):
            say("no preset for %s in this rfim: left out" % name)
        pairs = [(task, method) for task, method in pairs if store.known(method)]
    for stage in options.stages:
        if stage == "list":
            for record in store.records.values():
                if "task" in record:
                    print(record["task"], record["method"], record["options"], record["epochs"],
                          record["seed"], record["value"])
        elif stage == "prune":
            prune(store)
        elif stage == "clock":
            clock.measure(runner, pairs, options.rounds, options.threads)
        elif stage == "report":
            folder = pathlib.Path(options.results)
            report.write(Runner(store), folder, pathlib.Path(options.images or folder))
            say("report: %s" % (folder / "REPORT.md"))
        else:
            with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
                STAGES[stage](runner, pool, pairs)


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    store = Store(options.results)
    needs = set(options.stages) - {"report", "list", "prune"}
    with tempfile.TemporaryDirectory(prefix="rfim-suite-") as folder:
        runner = Runner(store, options.rfim if needs else None, options.mnist,
                        options.scratch or folder, say)
        try:
            work(options, store, runner)
        except (Failed, FileNotFoundError) as error:
            sys.exit("suite: %s" % error)


if __name__ == "__main__":
    main()
