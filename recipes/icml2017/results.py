#!/usr/bin/env python3
"""What reproduce.sh has run, in one small file, and the tables of docs/reproduction.md made of it.

  recipes/icml2017/results.py collect FOLDER    writes results.jsonl beside this file
  recipes/icml2017/results.py steps RFIM FOLDER measures what a step costs, before collect
  recipes/icml2017/results.py tables            prints the tables, in Markdown

results.jsonl has a line for each net, width, method and rate: the seeds that were run; for each
seed the best validation accuracy, the test accuracy of that epoch, and the training loss at the end;
and for each epoch the means over the seeds of training cost and validation accuracy, with half of
the range over the seeds (in 0.0001) where there are several. A run counts when it has all of its
epochs or diverged.

Seconds are the processor's: on a machine that others use, the clock times their work too. `steps`
trains each net by each method at its recipe's rate for four epochs and for one, all taking turns,
and divides what the one thread spent on three epochs by their steps; the medians over rounds go to
FOLDER/steps.json. Without that file, it is the clock's median over the epochs of the runs.
"""
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

RESULTS = pathlib.Path(__file__).resolve().parent / "results.jsonl"
METHODS = {"sgd": "SGD", "adam": "Adam", "rngd": "RNGD"}
NETS = {"plain": "PLAIN", "bna": "BNA"}
CURVES = {"cost": "train_cost", "accuracy": "valid_accuracy"}


def order(line):
    """Sorts by net, width, method, and from the highest rate down."""
    return (list(NETS).index(line["net"]), line["width"], list(METHODS).index(line["method"]),
            -float(line["rate"]))


def half(values):
    return (max(values) - min(values)) / 2


def runs(folder, epochs):
    """{(net, width, method, rate): {seed: list of epochs, or None if it diverged}}"""
    found = {}
    for record in sorted(folder.glob("*/rate-*/seed-*/metrics.jsonl")):
        setting, rate, seed = record.relative_to(folder).parts[:3]
        net, method, width = setting.split("-")
        rows = [json.loads(line) for line in record.read_text().splitlines() if line.endswith("}")]
        diverged = (record.parent / "diverged").exists()
        if len(rows) >= epochs or diverged:
            key = (net, int(width), method, rate.removeprefix("rate-"))
            found.setdefault(key, {})[int(seed.removeprefix("seed-"))] = None if diverged else rows
    return found


def processor_seconds(rfim, recipe, epochs):
    """(What one thread spends on a run that hardly evaluates, its steps.)"""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([rfim, "train", str(recipe), "--epochs", str(epochs), "--eval-samples",
                        "100", "--threads", "1", "--quiet", "--overwrite", "--out", folder],
                       check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        record = (pathlib.Path(folder) / "metrics.jsonl").read_text().splitlines()
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, json.loads(record[-1])["step"]


def measure_steps(rfim, folder, rounds=5):
    """Writes {"plain-sgd-80": microseconds a step, ...}, medians over the rounds."""
    recipes = sorted(RESULTS.parent.glob("*.ini"))
    taken = {recipe.stem: [] for recipe in recipes}
    for _ in range(rounds):
        for recipe in recipes:
            short, few = processor_seconds(rfim, recipe, 1)
            long, many = processor_seconds(rfim, recipe, 4)
            taken[recipe.stem].append(1e6 * (long - short) / (many - few))
    medians = {name: round(statistics.median(values), 1) for name, values in taken.items()}
    (folder / "steps.json").write_text(json.dumps(medians, indent=1) + "\n")


def step_costs(folder):
    """{"plain-sgd-80": microseconds a step}, as far as measured."""
    file = folder / "steps.json"
    return json.loads(file.read_text()) if file.exists() else {}


def summary(key, by_seed, epochs, costs):
    """One line of results.jsonl."""
    line = dict(zip(("net", "width", "method", "rate"), key), seeds=sorted(by_seed))
    lost = [seed for seed in by_seed if by_seed[seed] is None]
    if lost:
        return dict(line, diverged=sorted(lost))
    every = [by_seed[seed][:epochs] for seed in line["seeds"]]
    best = [max(rows, key=lambda row: row["valid_accuracy"]) for rows in every]
    line["best_accuracy"] = [row["valid_accuracy"] for row in best]
    line["test_accuracy"] = [row["test_accuracy"] for row in best]
    line["loss"] = [round(rows[-1]["train_loss"], 5) for rows in every]
    steps = [row["step_microseconds"] for rows in every for row in rows]
    name = f"{key[0]}-{key[2]}-{key[1]}"
    line["step_microseconds"] = costs.get(name, round(statistics.median(steps), 1))
    line["clock"] = "processor" if name in costs else "wall"
    line["steps"] = every[0][0]["step"]
    for name, field in CURVES.items():
        columns = [[rows[k][field] for rows in every] for k in range(epochs)]
        line[name] = [round(statistics.mean(column), 4) for column in columns]
        if len(every) > 1:
            line[name + "_half"] = [round(1e4 * half(column)) for column in columns]
    return line


def collect(folder, epochs):
    costs = step_costs(folder)
    lines = [summary(key, by_seed, epochs, costs) for key, by_seed in runs(folder, epochs).items()]
    lines.sort(key=order)
    RESULTS.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    print(f"{sum(len(line['seeds']) for line in lines)} runs of {len(lines)} settings -> {RESULTS}")


def load():
    return [json.loads(line) for line in RESULTS.read_text().splitlines()]


def best_rates(lines):
    """{(net, width, method): the line whose mean best validation accuracy is the highest}"""
    best = {}
    for line in lines:
        key = (line["net"], line["width"], line["method"])
        if "diverged" in line:
            continue
        if key not in best or (statistics.mean(line["best_accuracy"]) >
                               statistics.mean(best[key]["best_accuracy"])):
            best[key] = line
    return best


def seconds(line, epoch):
    """Of training alone, up to the end of the epoch."""
    return 1e-6 * line["step_microseconds"] * line["steps"] * epoch


def spread(values, digits, factor=1.0):
    text = f"{factor * statistics.mean(values):.{digits}f}"
    return text + (f" ± {factor * half(values):.{digits}f}" if len(values) > 1 else "")


def final_cost(line):
    text = f"{line['cost'][-1]:.4f}"
    return text + (f" ± {1e-4 * line['cost_half'][-1]:.4f}" if "cost_half" in line else "")


def first_epoch(values, target, above):
    """The first epoch whose value is at or past the target, or None."""
    for k, value in enumerate(values):
        if (value >= target) if above else (value <= target):
            return k + 1
    return None


def print_best(lines):
    print("| net | method, rate | seeds | best validation accuracy, % | test accuracy there, % |"
          " training cost at the end | training loss at the end | µs a step |")
    print("|---|---|---|---|---|---|---|---|")
    for (net, width, method), line in best_rates(lines).items():
        print(f"| {NETS[net]} {width} | {METHODS[method]} {line['rate']} | {len(line['seeds'])} "
              f"| {spread(line['best_accuracy'], 2, 100)} "
              f"| {spread(line['test_accuracy'], 2, 100)} | {final_cost(line)} "
              f"| {spread(line['loss'], 4)} | {line['step_microseconds']:.0f} |")


def print_targets(lines):
    """How soon each method is where SGD, at its best rate, arrives in all epochs."""
    best = best_rates(lines)
    print("| net | method, rate | epochs | seconds | epochs | seconds |")
    print("|---|---|---|---|---|---|")
    for (net, width, method), line in best.items():
        goal = best.get((net, width, "sgd"))
        if goal is None:
            continue
        cells = []
        for name, above in (("cost", False), ("accuracy", True)):
            target = (max if above else min)(goal[name])
            epoch = first_epoch(line[name], target, above)
            cells += [str(epoch), f"{seconds(line, epoch):.0f}"] if epoch else ["not reached", ""]
        print(f"| {NETS[net]} {width} | {METHODS[method]} {line['rate']} | {' | '.join(cells)} |")


def print_all(lines):
    chosen = [id(line) for line in best_rates(lines).values()]
    print("| net | method | rate | seeds | best validation accuracy, % | test accuracy there, % |"
          " training cost at the end |")
    print("|---|---|---|---|---|---|---|")
    for line in lines:
        start = (f"| {NETS[line['net']]} {line['width']} | {METHODS[line['method']]} "
                 f"| {line['rate']}{' *' if id(line) in chosen else ''} | {len(line['seeds'])} ")
        if "diverged" in line:
            print(start + f"| {len(line['diverged'])} diverged | | |")
        else:
            print(start + f"| {spread(line['best_accuracy'], 2, 100)} "
                  f"| {spread(line['test_accuracy'], 2, 100)} | {final_cost(line)} |")


def print_missing(lines):
    """What reproduce.sh --list has that no line has, a setting a row."""
    done = {(line["net"], line["method"], str(line["width"]), line["rate"], str(seed))
            for line in lines for seed in line["seeds"]}
    listed = subprocess.run([RESULTS.parent / "reproduce.sh", "--list"], check=True, text=True,
                            capture_output=True).stdout
    missing = [run.split() for run in listed.splitlines() if tuple(run.split()) not in done]
    print(f"{len(done)} runs are there, {len(missing)} are not:\n")
    settings = {}
    for net, method, width, rate, seed in missing:
        settings.setdefault((net, int(width), method, seed), []).append(rate)
    for (net, width, method, seed), rates in sorted(settings.items()):
        print(f"* {NETS[net]} {width} {METHODS[method]}, seed {seed}: rates {', '.join(rates)}")


def main(words):
    if len(words) in (2, 3) and words[0] == "collect":
        collect(pathlib.Path(words[1]), int(words[2]) if len(words) == 3 else 100)
    elif len(words) == 3 and words[0] == "steps":
        measure_steps(words[1], pathlib.Path(words[2]))
    elif words == ["tables"]:
        lines = load()
        print_best(lines)
        print()
        print_targets(lines)
        print()
        print_all(lines)
        print()
        print_missing(lines)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
