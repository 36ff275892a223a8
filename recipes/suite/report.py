"""Tables in Markdown and curves in SVG, from the results alone."""

import os
import statistics

import claims
import stages
import svg
from methods import LONGEST, METHODS, TASKS
from runs import shown

COLOURS = {"sgd": "#888888", "adam": "#d55e00", "rngd": "#0072b2", "rngd-tuned": "#0072b2",
           "foof": "#009e73", "kfac": "#cc79a7"}
DASHES = {"rngd-tuned": "5 3"}


def spread(values, form="%.4g"):
    """Mean ± standard deviation over seeds."""
    values = list(values)
    if not values:
        return "-"
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return (form + " ± %.1g") % (statistics.mean(values), deviation)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def each(runner):
    for task in TASKS:
        for method in METHODS:
            if method.serves(task) and runner.store.known(method):
                yield task, method


def final_rows(runner):
    for task, method in each(runner):
        runs = stages.finals(runner, task, method)
        if not runs:
            continue
        setting = stages.winner(runner, task, method)
        good = [run for run in runs if not run["diverged"]]
        words = shown(setting)
        edges = stages.at_edge(method, setting)
        if edges:
            words += " (edge of the grid: %s)" % ", ".join(edges)
        count = "%d" % len(runs)
        if len(good) < len(runs):
            count += ", %d diverged" % (len(runs) - len(good))
        key = "train_error" if task.measure == "train_error" else "train_loss"
        valid = "valid_accuracy" if task.accuracy else "valid_error"
        values = [run[valid] * (100 if task.accuracy else 1) for run in good]
        yield [task.name, method.title, words, count, spread(run[key] for run in good),
               spread(values, "%.2f" if task.accuracy else "%.4g")]


def target_rows(runner):
    for task in TASKS:
        adam = None
        for method in METHODS:
            if not (method.serves(task) and runner.store.known(method)):
                continue
            found, missed = stages.crossings(runner, task, method)
            if method.name == "adam":
                adam = found
            if not found and not missed:
                continue
            clock = stages.clocked(runner, task, method)
            epochs = spread((c.epochs() for c in found.values()), "%.3g")
            seconds = spread((stages.seconds_to_target(runner, task, method, c)
                              for c in found.values()), "%.3g")
            count = str(len(found))
            if missed:
                count += ", %d not in %d epochs" % (missed, stages.grid_of_budgets(task)[-1])
            yield [task.name, method.title, "%g" % task.target, count, epochs,
                   "%.0f" % clock[1] if clock else "-", seconds,
                   ratios(runner, task, method, found, adam, 0),
                   ratios(runner, task, method, found, adam, 1)]


def ratios(runner, task, method, found, adam, threads):
    """Against Adam, paired by seed."""
    if method.name == "adam" or not adam:
        return "-"
    return spread(claims.ratios(runner, task, method, found, adam, threads), "%.2f")


def tune_rows(runner):
    for task, method in each(runner):
        runs = stages.tuned(runner, task, method) if method.grid else None
        if not runs:
            continue
        best = min(stages.worth(task, record) for _, record in runs)
        words = []
        for setting, record in runs:
            value = "diverged" if record["value"] is None else "%.4g" % record["value"]
            mark = "**" if stages.worth(task, record) == best else ""
            at = ", ".join("%g" % v for v in setting.values())
            words.append("%s: %s%s%s" % (at, mark, value, mark))
        yield [task.name, method.title, ", ".join(method.grid), "; ".join(words)]


def times(runner, task, method, runs):
    """Seconds at the end of each epoch: by the clock stage, else the runs' means."""
    clock = stages.clocked(runner, task, method)
    count = len(runs[0]["curve"]["seconds"])
    if clock:
        return [clock[0] + 1e-6 * clock[1] * stages.steps(task) * (k + 1) for k in range(count)]
    return [statistics.mean(run["curve"]["seconds"][k] for run in runs) for k in range(count)]


def curves(runner, task, seconds):
    for method in METHODS:
        if not (method.serves(task) and runner.store.known(method)):
            continue
        runs = [run for run in stages.finals(runner, task, method) if not run["diverged"]]
        runs = [run for run in runs if run.get("curve")]
        if not runs:
            continue
        columns = list(zip(*(run["curve"][task.measure] for run in runs)))
        xs = times(runner, task, method, runs) if seconds else list(range(1, len(columns) + 1))
        mean = statistics.geometric_mean if task.target is not None else statistics.mean
        yield svg.Curve(method.title, COLOURS.get(method.name, "#000000"), xs,
                        [mean(c) for c in columns], [min(c) for c in columns],
                        [max(c) for c in columns], DASHES.get(method.name, ""))


def draw(runner, images):
    """One picture a task; returns their names."""
    names = []
    for task in TASKS:
        by_epochs = list(curves(runner, task, False))
        if not by_epochs:
            continue
        label = task.measure.replace("_", " ").replace("train", "training")
        label = label.replace("valid ", "validation ")
        log = task.target is not None
        panels = [svg.Panel("epochs", label, by_epochs, log),
                  svg.Panel("seconds, one thread", label, list(curves(runner, task, True)), log)]
        names.append("suite-task%s.svg" % task.name)
        title = "Task %s: %s" % (task.name, task.title)
        (images / names[-1]).write_text(svg.draw(title, panels))
    return names


def versions(runner):
    presets = ["%s: %s" % (name, " ".join("%s=%s" % pair for pair in sorted(values.items())))
               for name, values in sorted(runner.store.presets.items())
               if name in {method.preset for method in METHODS}]
    return "```\n" + "\n".join(presets) + "\n```\n"


def write(runner, folder, images):
    """REPORT.md into folder, the curves into images."""
    folder.mkdir(parents=True, exist_ok=True)
    images.mkdir(parents=True, exist_ok=True)
    names = draw(runner, images)
    parts = [
        "# Results of the suite\n\nWritten by `recipes/suite/suite.py report`; docs/suite.md says "
        "how to read it. Figures are means ± standard deviations over seeds.\n",
        "## At the end of the budget\n", table(
            ["task", "method", "setting", "seeds", "training loss (5, 7: error)",
             "validation accuracy, % (5, 7: error)"], final_rows(runner)),
        "## To the target\n\nBudgets up to %d times the task's. Ratios are against tuned Adam, "
        "paired by seed.\n" % LONGEST, table(
            ["task", "method", "target", "seeds", "epochs", "us a step", "seconds",
             "epochs / Adam", "seconds / Adam"], target_rows(runner)),
        "## What has to hold\n", table(["", "limit", "measured", "holds"], claims.rows(runner)),
        "## Tuning, on a seed that is not reported\n", table(
            ["task", "method", "options", "results at each point of the grid"], tune_rows(runner)),
        "## Presets of these runs\n", versions(runner)]
    if names:
        parts.insert(1, "".join("![](%s)\n" % relative(images / name, folder) for name in names))
    (folder / "REPORT.md").write_text("\n".join(parts))


def relative(path, folder):
    return os.path.relpath(path, folder)
