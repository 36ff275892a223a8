#!/usr/bin/env python3
"""Thirty networks that nobody has chosen: is the default finite on all of them, and below Adam's
loss on how many?

  recipes/suite/random_nets.py [--rfim build/rfim] [--jobs 2] [--results FOLDER]

Each network of random_nets.txt trains on the built-in digits for 5 epochs, seed 1, by the default
RNGD and by Adam with its authors' constants, both with the linear schedule. Runs that are there are
not repeated. The list was drawn once by `--draw`; it is fixed, and no number is tuned on it."""

import argparse
import concurrent.futures
import pathlib
import random
import statistics
import sys
import tempfile

sys.dont_write_bytecode = True

from runs import HERE, Failed, Runner, Store, digest, figure  # noqa: E402

LIST = HERE / "random_nets.txt"
ACTIVATIONS = "linear relu elu tanh sigm gelu silu softplus sin".split()
METHODS = {"rngd": "rngd", "adam": "adam"}  # name -> preset
COMMON = {"schedule": "linear"}
EPOCHS, SEED, DRAWN_FROM = 5, 1, 2017


def draw():
    """Depth even from 1 to 16 hidden layers, width and batch even in their logarithms, activations
    in turn, batch normalisation by the toss of a coin."""
    numbers = random.Random(DRAWN_FROM)
    for i in range(30):
        depth = 1 + int(16 * numbers.random())
        width = round(8 * 64 ** numbers.random())
        batch = round(10 * 100 ** numbers.random())
        norm = " bna" if numbers.random() < 0.5 else ""
        activation = ACTIVATIONS[i % len(ACTIVATIONS)]
        yield "%d 784-%dx%d-10 %s%s" % (batch, width, depth, activation, norm)


def nets():
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            batch, network = line.split(" ", 1)
            yield int(batch), network


def one(runner, batch, network, method):
    store, preset = runner.store, METHODS[method]
    key = digest(network, batch, {**store.presets[preset], **COMMON}, EPOCHS, SEED)
    if key in store.records:
        return store.records[key]
    folder = runner.scratch / key
    command = [runner.rfim, "train", "--data", "digits", "--network", network, "--preset", preset]
    for option, value in COMMON.items():
        command += ["--" + option, value]
    command += ["--batch", str(batch), "--epochs", str(EPOCHS), "--seed", str(SEED)]
    command += ["--threads", "1", "--quiet", "--overwrite", "--out", str(folder)]
    lines, diverged = runner.train("%s, %s" % (network, method), command, folder)
    last = lines[-1] if lines else {}
    record = {"digest": key, "network": network, "batch": batch, "method": method,
              "diverged": diverged, "value": None if diverged else figure(last["train_loss"]),
              "valid_accuracy": None if diverged else figure(last["valid_accuracy"]),
              "seconds": figure(last.get("seconds"))}
    store.add("random_nets", record)
    runner.say("%s, batch %d, %s: %s" % (network, batch, method, record["value"]))
    return record


def words(record):
    return "diverged" if record["value"] is None else "%.4g" % record["value"]


def report(rows):
    finite = sum(a["value"] is not None for a, _ in rows)
    below = [a["value"] is not None and (b["value"] is None or a["value"] < b["value"])
             for a, b in rows]
    print("| network | batch | RNGD, default | Adam, its constants | below |\n" + 5 * "|---" + "|")
    for (a, b), is_below in zip(rows, below):
        print("| %s | %d | %s | %s | %s |" % (
            a["network"], a["batch"], words(a), words(b), "yes" if is_below else "no"))
    ratios = [a["value"] / b["value"] for a, b in rows if a["value"] and b["value"]]
    print("\nFinite on %d of %d, below Adam on %d; median ratio of losses %.3g. One seed each." % (
        finite, len(rows), sum(below), statistics.median(ratios)))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rfim", default=str(HERE.parents[1] / "build" / "rfim"))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--results", default=str(HERE / "results"))
    parser.add_argument("--methods", default="rngd,adam", help="run these; both: and report")
    parser.add_argument("--draw", action="store_true", help="print the list, and end")
    options = parser.parse_args()
    if options.draw:
        print("# batch and network; from `random_nets.py --draw`, fixed\n" + "\n".join(draw()))
        return
    store = Store(options.results)
    store.learn_presets(options.rfim, [METHODS[name] for name in options.methods.split(",")])
    with tempfile.TemporaryDirectory(prefix="rfim-nets-") as folder:
        runner = Runner(store, options.rfim, None, pathlib.Path(folder),
                        lambda line: print(line, file=sys.stderr, flush=True))
        jobs = [(*net, method) for net in nets() for method in options.methods.split(",")]
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            try:
                records = list(pool.map(lambda job: one(runner, *job), jobs))
            except (Failed, FileNotFoundError) as error:
                sys.exit("random_nets: %s" % error)
    if options.methods == "rngd,adam":
        report(list(zip(records[0::2], records[1::2])))


if __name__ == "__main__":
    main()
