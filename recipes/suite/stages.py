"""The stages, as questions that are answered from the results or by running. A report asks the same
questions with a runner that cannot run."""

import itertools
import math
import statistics

from methods import LONGEST, METHODS, REPORTED_SEEDS, TASKS, TUNING_SEED
from runs import plain, recipe, recipe_value


def budget(task):
    return int(recipe_value(recipe(task), "epochs"))


def steps(task):
    """Steps of an epoch: the last batch may be smaller."""
    return math.ceil(task.samples / int(recipe_value(recipe(task), "batch")))


def settings(method):
    """Every point of a method's grid; the empty setting where it has none."""
    values = itertools.product(*method.grid.values())
    return [dict(zip(method.grid, point)) for point in values]


def worth(task, record):
    """Smaller is better; a run that diverged is worst."""
    if record["value"] is None:
        return math.inf
    return -record["value"] if task.target is None else record["value"]


def tuned(runner, task, method):
    """[(setting, record)] of the grid, or None while one is missing."""
    runs = [(s, runner.get("tune", task, method, s, TUNING_SEED)) for s in settings(method)]
    return None if any(record is None for _, record in runs) else runs


def winner(runner, task, method):
    """The best setting of the grid, the first of equals; None while it is not known."""
    if not method.grid:
        return {}
    runs = tuned(runner, task, method)
    return min(runs, key=lambda run: worth(task, run[1]))[0] if runs else None


def at_edge(method, setting):
    """The options whose best value is the first or last of the grid's."""
    return [key for key, values in method.grid.items()
            if plain(setting[key]) in (plain(values[0]), plain(values[-1]))]


def finals(runner, task, method, seeds=REPORTED_SEEDS):
    """The runs over the task's budget that are there."""
    setting = winner(runner, task, method)
    if setting is None:
        return []
    runs = [runner.get("final", task, method, setting, seed, curve=True) for seed in seeds]
    return [run for run in runs if run]


def grid_of_budgets(task):
    """Whole epochs in a ratio of sqrt 2: 1, 2, 3, 4, 6, 8, 11, 16 ..."""
    most = LONGEST * budget(task)
    return sorted({round(2 ** (k / 2)) for k in range(60) if round(2 ** (k / 2)) <= most})


class Crossing:
    """The shortest budget that reaches the target: between two budgets of the grid, by
    interpolation of the logarithm of the loss against that of the epochs."""

    def __init__(self, task, below, above):
        self.task, self.below, self.above = task, below, above

    def share(self):
        """How far from the budget below (0) to the one above (1), in logarithms."""
        if self.below["value"] is None:
            return 1.0
        low, high = math.log(self.below["value"]), math.log(self.above["value"])
        return (low - math.log(self.task.target)) / (low - high)

    def between(self, below, above):
        return below * (above / below) ** self.share()

    def epochs(self):
        if not self.below:
            return float(self.above["epochs"])
        return self.between(self.below["epochs"], self.above["epochs"])

    def seconds(self):
        """By the clocks of the two runs themselves."""
        if not self.below:
            return self.above["seconds"]
        return self.between(self.below["seconds"] or self.above["seconds"], self.above["seconds"])


def search(runner, task, method, setting, seed, start):
    """Walks the grid from `start` to the target. None: a run is missing, or no budget reaches it
    (then `missed` says so)."""
    grid = grid_of_budgets(task)
    k = next((k for k, epochs in enumerate(grid) if epochs >= start), len(grid) - 1)
    reached, failed = None, None
    while 0 <= k < len(grid):
        run = runner.get("budgets", task, method, setting, seed, grid[k])
        if run is None:
            return None, False
        if run["value"] is not None and run["value"] <= task.target:
            reached = run
            if failed:
                break
            k -= 1
        else:
            failed = run
            if reached:
                break
            k += 1
    return (Crossing(task, failed, reached), False) if reached else (None, True)


def crossings(runner, task, method, seeds=REPORTED_SEEDS):
    """(crossings by seed, number of seeds that never reach the target). The first seed's search
    begins at the task's budget, the others' where the first ended."""
    setting = winner(runner, task, method)
    if task.target is None or setting is None:
        return {}, 0
    found, missed, start = {}, 0, budget(task)
    for seed in seeds:
        crossing, out_of_reach = search(runner, task, method, setting, seed, start)
        missed += out_of_reach
        if crossing:
            found[seed] = crossing
        if seed == seeds[0]:
            start = crossing.above["epochs"] if crossing else LONGEST * budget(task)
    return found, missed


def session_digest(runner, task, method, setting):
    return runner.store.digest(task, method, setting)


def clocked(runner, task, method, threads=1):
    """(set-up seconds, microseconds a step), medians of the last session that timed this setting;
    None where none did."""
    setting = winner(runner, task, method)
    if setting is None or not runner.store.known(method):
        return None
    key = session_digest(runner, task, method, setting)
    lines = [line for line in runner.store.clock
             if line["digest"] == key and line.get("threads", 1) == threads]
    if not lines:
        return None
    lines = [line for line in lines if line["session"] == lines[-1]["session"]]
    return (statistics.median(line["setup"] for line in lines),
            statistics.median(line["step_us"] for line in lines))


def seconds_to_target(runner, task, method, crossing, threads=1):
    """Set-up included: by the clock stage where it timed this method, else by the runs' own, which
    have one thread."""
    clock = clocked(runner, task, method, threads)
    if not clock:
        return crossing.seconds()
    return clock[0] + 1e-6 * clock[1] * crossing.epochs() * steps(task)


def methods_of(task, chosen):
    return [method for method in METHODS if method.name in chosen and method.serves(task)]


def tasks_of(chosen):
    return [task for task in TASKS if task.name in chosen]
