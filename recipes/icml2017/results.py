#!/usr/bin/env python3
"""What reproduce.sh has run, in one small file, and the tables of docs/reproduction.md made of it.

  recipes/icml2017/results.py collect FOLDER    writes results.jsonl beside this file
  recipes/icml2017/results.py tables            prints the tables, in Markdown

results.jsonl has a line for each net, width, method and rate: the seeds that were run, for each seed
the best validation accuracy and the test accuracy of that epoch, and for each epoch the means over
the seeds of training cost, training loss and validation accuracy, with half of the range over the
seeds (in 0.0001) where there are several. A run counts when it has all of its epochs, or diverged.

The cost of a step is the one that `rfim bench` measured with the methods taking turns (reproduce.sh
--steps), where FOLDER/steps.json has it: runs that share a machine with others are timed unfairly.
Otherwise it is the median over the epochs of the runs.
"""
import json
import pathlib
import statistics
import sys

RESULTS = pathlib.Path(__file__).resolve().parent / "results.jsonl"
METHODS = {"sgd": "SGD", "adam": "Adam", "rngd": "RNGD"}
PROGRAMS = {"sgd": "sgd", "adam": "adam", "rngd": "icml2017"}  # as `rfim bench` names them
NETS = {"plain": "PLAIN", "bna": "BNA"}
CURVES = {"cost": "train_cost", "loss": "train_loss", "accuracy": "valid_accuracy"}


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


def step_costs(folder):
    """{(net, width, method): microseconds a step} of `rfim bench`: SGD's median, times the median
    of the ratio of the methods' times within a block."""
    file, costs = folder / "steps.json", {}
    for net in json.loads(file.read_text())["nets"] if file.exists() else []:
        key = ("bna" if net["network"].endswith("bna") else "plain",
               int(net["network"].split("-")[1]))
        programs = {program["name"]: program for program in net["programs"]}
        unit = programs["sgd"]["microseconds"]["median"]
        for method, name in PROGRAMS.items():
            costs[key + (method,)] = unit * programs[name]["to_sgd"]["median"]
    return costs


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
    steps = [row["step_microseconds"] for rows in every for row in rows]
    line["step_microseconds"] = round(costs.get(key[:3], statistics.median(steps)), 1)
    line["timed"] = "bench" if key[:3] in costs else "run"
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
              f"| {spread(line['best_accuracy'], 2, 100)} | {spread(line['test_accuracy'], 2, 100)} "
              f"| {final_cost(line)} | {line['loss'][-1]:.4f} | {line['step_microseconds']:.0f} |")


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


def main(words):
    if len(words) in (2, 3) and words[0] == "collect":
        collect(pathlib.Path(words[1]), int(words[2]) if len(words) == 3 else 100)
    elif words == ["tables"]:
        lines = load()
        print_best(lines)
        print()
        print_targets(lines)
        print()
        print_all(lines)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
