#!/usr/bin/env python3
"""What each form of a metric takes: planned flops and bytes, and measured time.

  bench/forms/forms.py RFIM DATA FOLDER [--rounds 9]

Trains 784-80x8-10 for 400 steps of 50 samples, with one form in all seven hidden layers, in turns
with gradient descent; the first layer is whitened and the last one `shared`, `ema`. A row tells the
flops and bytes of one hidden layer's metric as `rfim plan` has them, and the time that the form adds
to a step, a seventh of the difference to gradient descent (medians over the rounds; negative parts
that all rows share, such as the inputs that whitening drops, are in it).
"""
import argparse
import json
import pathlib
import statistics
import subprocess

NET = "784-80-80-80-80-80-80-80-80-10"
HIDDEN = 7
ROWS = [
    ("shared", "ema", "gradient", "relu"), ("shared", "ema", "inputs", "relu"),
    ("shared", "batch", "gradient", "relu"), ("shared", "batch", "inputs", "relu"),
    ("shared", "batch", "dual", "relu"), ("shared", "prior+batch", "dual", "relu"),
    ("neuron", "ema", "gradient", "relu"), ("neuron", "batch", "dual", "relu"),
    ("neuron", "batch", "active", "relu omega=0"), ("neuron", "prior+batch", "dual", "relu"),
]


def network(activation):
    return "; ".join(["input 784"] + [f"linear 80 {activation}"] * 8 + ["linear 10",
                                                                        "loss softmax"])


def options(row):
    representation, memory, form, activation = row
    hidden = [f"layer{k}" for k in range(2, 2 + HIDDEN)]
    memories = ["layer1=dataset"] + [f"{name}={memory}" for name in hidden] + ["ema"]
    forms = [f"{name}={form}" for name in hidden] + ["automatic"]
    return ["--network", network(activation), "--preset", "shared-fast", "--representation",
            representation, "--metric-memory", ",".join(memories), "--form", ",".join(forms),
            "--damping", "0.01", "--learning-rate", "0.001"]


def step_time(arguments, more):
    folder = pathlib.Path(arguments.folder) / "run"
    command = [arguments.rfim, "train", "--data", arguments.data, "--train-samples", "20000",
               "--epochs", "1", "--eval-samples", "10", "--threads", "1", "--quiet", "--overwrite",
               "--out", str(folder)] + more
    subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads((folder / "metrics.jsonl").read_text().splitlines()[0])["step_microseconds"]


def planned(arguments, row):
    command = [arguments.rfim, "plan", "--data", arguments.data, "--json"] + options(row)
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return next(p for p in json.loads(text)["parts"] if p["name"] == "layer3")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rfim")
    parser.add_argument("data")
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    pathlib.Path(arguments.folder).mkdir(parents=True, exist_ok=True)
    plain = ["--network", NET + " relu", "--optimizer", "sgd", "--momentum", "0",
             "--learning-rate", "0.001"]
    added = {row: [] for row in ROWS}
    base = []
    for _ in range(arguments.rounds):
        base.append(step_time(arguments, plain))
        for row in ROWS:
            added[row].append(step_time(arguments, options(row)) - base[-1])
    print(f"gradient descent: {statistics.median(base):.0f} us a step\n")
    print("| metric | memory | form | planned Mflop a layer and step | planned bytes a layer | "
          "measured us a layer and step |")
    print("|---|---|---|---|---|---|")
    for row in ROWS:
        part = planned(arguments, row)
        print(f"| {row[0]} | {row[1]} | {row[2]} | {part['metric_flops'] / 1e6:.2f} | "
              f"{part['bytes'] / 1e3:.0f} kB | {statistics.median(added[row]) / HIDDEN:.1f} |")


if __name__ == "__main__":
    main()
