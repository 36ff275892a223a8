#!/usr/bin/env python3
"""Is progress bought with staleness, and what does each memory of a metric make of five epochs?

  bench/progress/progress.py RFIM DATA FOLDER [--seeds 12] [--jobs 1]

RFIM: the command; DATA: what `rfim train --data` takes (MNIST's folder); FOLDER: where the runs are
kept. Runs that are there already are not repeated, so it can be stopped and started again. Prints
two tables in Markdown:

1. The presets shared-fast and neuron-fast against the same metric memory collected and refreshed at
   every step (with the decay of a step, so that memory lasts as long):
   ratios of final training losses, paired by seed, their mean and its upper 95 % bound (Student's t,
   one-sided on the mean of the ratios).
2. Final training loss and validation accuracy for every --metric-memory.
"""
import argparse
import concurrent.futures
import json
import math
import pathlib
import statistics
import subprocess

NETS = {"784-80-80-80-10": "784-80-80-80-10 relu",
        "784-80x8-10": "784-80-80-80-80-80-80-80-80-10 relu"}
# One-sided 95 % quantiles of Student's t, by degrees of freedom.
T95 = {4: 2.132, 5: 2.015, 6: 1.943, 7: 1.895, 8: 1.860, 9: 1.833, 10: 1.812, 11: 1.796,
       12: 1.782, 13: 1.771, 14: 1.761, 15: 1.753, 19: 1.729, 23: 1.714, 29: 1.699, 39: 1.685}
# .95 in twenty steps, as the presets have it.
EVERY_STEP = ["--metric-every", "1", "--refresh-every", "1", "--metric-decay", str(0.95 ** (1 / 20))]
MEMORIES = [("layer1=dataset,ema", []), ("ema", []), ("layer1=dataset,batch", ["--damping", "0.05"]),
            ("batch", ["--damping", "0.05"]), ("layer1=dataset,prior+batch", []),
            ("prior+batch", [])]


def jobs(seeds):
    """(key, options): every run, keyed by what it is."""
    for net in NETS:
        for preset in ("shared-fast", "neuron-fast"):
            for seed in range(1, seeds + 1):
                yield (net, preset, "preset", seed), ["--preset", preset]
                yield (net, preset, "every step", seed), ["--preset", preset] + EVERY_STEP
            for memory, more in MEMORIES:
                for seed in range(1, min(seeds, 3) + 1):
                    yield ((net, preset, memory, seed),
                           ["--preset", preset, "--metric-memory", memory] + more)


def run(arguments, key, options):
    """Trains unless it has been done; returns the last line of the run's metrics, or None."""
    name = "-".join(str(part) for part in key)
    folder = pathlib.Path(arguments.folder) / "".join(c if c.isalnum() else "_" for c in name)
    record = folder / "metrics.jsonl"
    if not record.exists() or len(record.read_text().splitlines()) < 5:
        command = [arguments.rfim, "train", "--data", arguments.data, "--network", NETS[key[0]],
                   "--epochs", "5", "--seed", str(key[3]), "--threads", "1", "--quiet",
                   "--overwrite", "--out", str(folder)] + options
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return None
    return json.loads(record.read_text().splitlines()[-1])


def staleness(results, seeds):
    print("| network | preset | final loss | every step | mean ratio | upper 95 % bound | seeds |")
    print("|---|---|---|---|---|---|---|")
    for net in NETS:
        for preset in ("shared-fast", "neuron-fast"):
            pairs = [(results[net, preset, "preset", s], results[net, preset, "every step", s])
                     for s in range(1, seeds + 1)]
            failed = sum(1 for fast, slow in pairs if fast is None or slow is None)
            pairs = [(f["train_loss"], s["train_loss"]) for f, s in pairs if f and s]
            ratios = [fast / slow for fast, slow in pairs]
            bound = statistics.mean(ratios) + T95[len(ratios) - 1] * statistics.stdev(ratios) / \
                math.sqrt(len(ratios))
            print(f"| {net} | {preset} | {statistics.mean(f for f, _ in pairs):.4f} | "
                  f"{statistics.mean(s for _, s in pairs):.4f} | {statistics.mean(ratios):.3f} | "
                  f"{bound:.3f} | {len(ratios)}{f', {failed} diverged' if failed else ''} |")


def memories(results, seeds):
    count = min(seeds, 3)
    print("\n| network | metric of the hidden layers | memory | final training loss | "
          "validation accuracy |")
    print("|---|---|---|---|---|")
    for net in NETS:
        for preset in ("shared-fast", "neuron-fast"):
            for memory, more in MEMORIES:
                last = [results[net, preset, memory, s] for s in range(1, count + 1)]
                there = [r for r in last if r]
                loss = ", ".join(f"{r['train_loss']:.4f}" if r else "diverged" for r in last)
                accuracy = f"{statistics.mean(r['valid_accuracy'] for r in there):.4f}" \
                    if there else "-"
                print(f"| {net} | {preset.split('-')[0]} | {memory}{' ' if more else ''}"
                      f"{' '.join(more)} | {loss} | {accuracy} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rfim")
    parser.add_argument("data")
    parser.add_argument("folder")
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    todo = list(jobs(arguments.seeds))
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        results = dict(zip((key for key, _ in todo),
                           pool.map(lambda job: run(arguments, *job), todo)))
    staleness(results, arguments.seeds)
    memories(results, arguments.seeds)


if __name__ == "__main__":
    main()
