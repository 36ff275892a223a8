"""Our steps beside PyTorch's: blocks take turns, ours in a child process that waits meanwhile.

    compare.py TURNS [--net paper] [--threads 1] [--blocks 15] [--block-seconds 0.25]
               [--data digits] [--json FILE.json]

TURNS is the program rfim_turns; compare.sh builds it and finds a Python that has PyTorch."""

import argparse
import json
import os
import statistics
import subprocess
import tempfile

import numpy
import torch

import step

METHODS = ("sgd", "adam")


class Ours:
    """The child that runs our blocks."""

    def __init__(self, options):
        environment = dict(os.environ)
        environment.setdefault("OMP_WAIT_POLICY", "passive")  # it is to sleep while PyTorch works
        self.child = subprocess.Popen(
            [options.turns, options.net, str(options.threads), options.data]
            + [str(options.block_seconds), *METHODS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        words = self.answer().split(maxsplit=5)
        self.batch, self.samples, self.inputs = (int(word) for word in words[1:4])
        self.text = words[5]

    def answer(self):
        line = self.child.stdout.readline()
        if not line:
            raise SystemExit("compare: rfim_turns has ended")
        return line.strip()

    def ask(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        return self.answer()

    def data(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "samples")
            self.ask("export " + path)
            count = self.samples * self.inputs
            inputs = numpy.fromfile(path, dtype=numpy.float32, count=count)
            labels = numpy.fromfile(path, dtype=numpy.int32, offset=4 * count)
        inputs = torch.from_numpy(inputs.reshape(self.samples, self.inputs))
        return inputs, torch.from_numpy(labels.astype(numpy.int64))

    def block(self, program):
        return float(self.ask("block " + program).split()[0])


def quartiles(values):
    if len(values) == 1:
        return (values[0],) * 3
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return lower, median, upper


def take_turns(ours, theirs, blocks):
    times = {name: [] for name in METHODS}
    times.update({program.name: [] for program in theirs})
    for _ in range(blocks):
        for name in METHODS:
            times[name].append(ours.block(name))
        for program in theirs:
            times[program.name].append(program.block())
    return times


def fastest(method, times):
    names = [name for name in times if name.startswith(method + " ")]
    return min(names, key=lambda name: statistics.median(times[name]))


def report(times):
    """Prints the table; returns it for JSON."""
    rows = []
    head = ("", "ours, us", "PyTorch", "us", "ratio", "quartiles")
    print("%-12s %9s   %-14s %9s   %6s  %s" % head)
    for method in METHODS:
        for name in sorted(name for name in times if name.startswith(method + " ")):
            ratios = quartiles([a / b for a, b in zip(times[method], times[name])])
            is_fastest = name == fastest(method, times)
            row = {"method": method, "torch": name, "fastest": is_fastest}
            row["ours_microseconds"] = quartiles(times[method])
            row["torch_microseconds"] = quartiles(times[name])
            row["ratio"] = ratios
            rows.append(row)
            words = (method, row["ours_microseconds"][1], name, row["torch_microseconds"][1])
            words += (ratios[1], ratios[0], ratios[2], "  its fastest" if is_fastest else "")
            print("%-12s %9.1f   %-14s %9.1f   %6.3f  %.3f-%.3f%s" % words)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("turns")
    parser.add_argument("--net", default="paper")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--blocks", type=int, default=15)
    parser.add_argument("--block-seconds", type=float, default=0.25)
    parser.add_argument("--data", default="digits")
    parser.add_argument("--json")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_num_interop_threads(1)
    ours = Ours(options)
    theirs, missing = step.programs(ours.text, ours.batch, *ours.data())
    for program in theirs:
        program.warm_up(options.block_seconds)
    about = [ours.ask("describe"), step.description()]
    load = os.getloadavg()[0]
    print("\n".join(about))
    if missing:
        print("not in this PyTorch for the CPU: " + ", ".join(missing))
    print(
        "\n%s, batch %d, %d threads, float32, %d blocks; load before %.2f\n"
        % (ours.text, ours.batch, options.threads, options.blocks, load)
    )
    times = take_turns(ours, theirs, options.blocks)
    rows = report(times)
    if options.json:
        result = {"ours": about[0], "torch": about[1], "missing": missing, "net": options.net}
        result.update(network=ours.text, batch=ours.batch, threads=options.threads)
        result.update(blocks=options.blocks, load_before=load, rows=rows)
        with open(options.json, "w") as file:
            json.dump(result, file, indent=1)


main()
