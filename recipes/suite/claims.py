"""What the suite is to show, checked against its results."""

import math
import statistics

import stages
from methods import METHODS, TASKS


def named(name, items):
    return next(item for item in items if item.name == name)


def ratios(runner, task, method, found, adam, threads):
    """Of seconds with so many threads to the target, or of epochs (0), seed by seed."""
    other = named("adam", METHODS)
    pairs = [(found[seed], adam[seed]) for seed in found if seed in adam]
    if threads == 0:
        return [a.epochs() / b.epochs() for a, b in pairs]
    return [stages.seconds_to_target(runner, task, method, a, threads) /
            stages.seconds_to_target(runner, task, other, b, threads) for a, b in pairs]


def mean_final(runner, task, method, key):
    """Over seeds; infinite where one diverged, None where none has been run."""
    if not method.serves(task) or not runner.store.known(method):
        return None
    runs = stages.finals(runner, task, method)
    if not runs:
        return None
    if any(run["diverged"] for run in runs):
        return math.inf
    return statistics.mean(run[key] for run in runs)


def row(words, limit, value, holds, form="%.3g"):
    if value is None:
        return [words, limit, "-", "not run"]
    return [words, limit, form % value, "yes" if holds else "**no**"]


def default_against_tuned(runner):
    default, tuned = named("rngd", METHODS), named("rngd-tuned", METHODS)
    for task in TASKS:
        key = "train_error" if task.measure == "train_error" else "train_loss"
        a, b = mean_final(runner, task, default, key), mean_final(runner, task, tuned, key)
        value = a / b if a is not None and b is not None else None
        yield row("task %s: final training loss, default / tuned RNGD" % task.name, "1.3", value,
                  value is not None and value <= 1.3)


def accuracy(runner):
    for task in TASKS:
        if not task.accuracy:
            continue
        a, b = (mean_final(runner, task, named(name, METHODS), "valid_accuracy")
                for name in ("rngd", "adam"))
        value = 100 * (b - a) if a is not None and b is not None else None
        yield row("task %s: validation accuracy, tuned Adam - default RNGD, points" % task.name,
                  "0.2", value, value is not None and value <= 0.2, "%.2f")


def to_target(runner):
    limits = {"2": (0.55, 0.7), "4": (0.6, None), "5": (0.17, 0.27)}
    method, adam = named("rngd", METHODS), named("adam", METHODS)
    for name, pair in limits.items():
        task = named(name, TASKS)
        found = stages.crossings(runner, task, method)[0]
        others = stages.crossings(runner, task, adam)[0]
        clocked = [1] + [2] * all(stages.clocked(runner, task, one, 2) for one in (method, adam))
        for limit, threads in [(pair[0], 0)] + [(pair[1], threads) for threads in clocked]:
            if limit is None:
                continue
            values = ratios(runner, task, method, found, others, threads)
            value = statistics.mean(values) if values else None
            words = "task %s: %s to the target, default RNGD / tuned Adam (%d seeds)" % (
                name, ("epochs", "seconds", "seconds with two threads")[threads], len(values))
            yield row(words, "%g" % limit, value, value is not None and value <= limit)


def raw_columns(runner):
    def error(task, method):
        return mean_final(runner, named(task, TASKS), named(method, METHODS), "train_error")

    def ratio(a, b):
        return a / b if a is not None and b is not None and math.isfinite(b) else None

    worse = ratio(error("7", "adam"), error("7", "rngd"))
    yield row("task 7: final error, Adam raw / RNGD raw", "at least 10", worse,
              worse is not None and worse >= 10)
    same = ratio(error("7", "rngd"), error("7s", "rngd"))
    yield row("task 7: final error, RNGD raw / RNGD standardised", "1.3", same,
              same is not None and same <= 1.3)
    below = ratio(error("7", "rngd"), error("7s", "adam"))
    yield row("task 7: final error, RNGD raw / Adam standardised", "below 1", below,
              below is not None and below < 1)


def kfac(runner):
    value = mean_final(runner, named("5", TASKS), named("kfac", METHODS), "train_error")
    yield row("task 5: final error of tuned K-FAC", "5", value, value is not None and value <= 5)


def rows(runner):
    for part in (default_against_tuned, accuracy, to_target, raw_columns, kfac):
        yield from part(runner)
