"""PyTorch's optimisers on tasks of the suite, by the suite's own procedure: the same networks,
data, batches, initial weights' distribution, linear schedule, grids, seeds and budgets.

  /usr/bin/python3 bench/torch/peers.py STAGE... [--mnist FOLDER] [--tasks 2,5] [--peers adam,soap]

Stages: tune, final, budgets, clock, report (see recipes/suite/suite.py); clock needs --rfim, and
reads ours from --suite. Results are JSON lines in --results; what is in there is not repeated.
Peers whose package is missing are left out. `pip install --no-deps --target DIR pytorch-optimizer`
brings SOAP and Muon (3.10.1 still runs with PyTorch 1.13), `asdfghjkl` K-FAC; DIR goes on
PYTHONPATH.
"""

import argparse
import gzip
import math
import os
import pathlib
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "recipes" / "suite"))

import numpy  # noqa: E402
import torch  # noqa: E402

import optimizers  # noqa: E402
import runs  # noqa: E402
import stages  # noqa: E402
import step  # noqa: E402
from claims import named  # noqa: E402
from methods import METHODS, REPORTED_SEEDS, TASKS  # noqa: E402
from report import spread, table  # noqa: E402

FIRST = "rfim: RNGD, default"  # the row that others are divided by
NETS = {
    "2": "input 784; " + "linear 80 relu; " * 8 + "linear 10; loss softmax",
    "5": "input 784; linear 1000 tanh; linear 500 tanh; linear 250 tanh; linear 30; "
         "linear 250 tanh; linear 500 tanh; linear 1000 tanh; linear 784; loss sigmoid",
}


def read_idx(path):
    with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
        data = file.read()
    dimensions = numpy.frombuffer(data, ">i4", data[3], 4)
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * data[3]).reshape(dimensions)


def read_mnist(folder, samples):
    """The first training images, as rfim sees them, and their labels."""
    def path(name):
        plain = pathlib.Path(folder) / name
        return plain if plain.exists() else plain.with_name(name + ".gz")

    images = read_idx(path("train-images-idx3-ubyte"))[:samples].reshape(samples, -1)
    labels = read_idx(path("train-labels-idx1-ubyte"))[:samples]
    return (torch.from_numpy(images.astype(numpy.float32) / 255),
            torch.from_numpy(labels.astype(numpy.int64)))


def draw_weights(network):
    """Glorot's uniform weights on the whole D x M matrix, the bias row included, as ours are."""
    for module in network:
        if isinstance(module, torch.nn.Linear):
            bound = math.sqrt(6 / (module.in_features + 1 + module.out_features))
            torch.nn.init.uniform_(module.weight, -bound, bound)
            torch.nn.init.uniform_(module.bias, -bound, bound)


class Loss(torch.nn.Module):
    """Summed over outputs; mean or sum over samples."""

    def __init__(self, kind, reduction="mean"):
        super().__init__()
        self.kind, self.reduction = kind, reduction

    def forward(self, outputs, targets):
        if self.kind == "softmax":
            return torch.nn.functional.cross_entropy(outputs, targets, reduction=self.reduction)
        bce = torch.nn.functional.binary_cross_entropy_with_logits
        sums = bce(outputs, targets, reduction="sum")
        return sums / len(outputs) if self.reduction == "mean" else sums


class Training:
    """A network, its optimiser, and the steps of a run with linear decay."""

    def __init__(self, task, peer, setting, seed, total, data):
        torch.manual_seed(seed)
        self.inputs, labels = data
        self.network, self.kind = step.make_network(NETS[task.name])
        draw_weights(self.network)
        self.targets = self.inputs if self.kind == "sigmoid" else labels
        self.batch = int(runs.recipe_value(runs.recipe(task), "batch"))
        self.optimizer = peer.make(self.network, self.kind, self.batch, setting)
        self.rates = [group["lr"] for group in self.optimizer.groups()]
        self.loss, self.sum = Loss(self.kind), Loss(self.kind, "sum")
        self.total, self.done = total, 0

    def steps(self, count):
        """Seconds for so many steps; the loss of the last batch."""
        start = time.perf_counter()
        for _ in range(count):
            at = self.done % math.ceil(len(self.inputs) / self.batch) * self.batch
            if at == 0:
                self.order = torch.randperm(len(self.inputs))
            rows = self.order[at : at + self.batch]
            for group, rate in zip(self.optimizer.groups(), self.rates):
                group["lr"] = rate * (1 - self.done / self.total)
            loss = self.optimizer.step(self.loss, self.inputs[rows], self.targets[rows])
            self.done += 1
        return time.perf_counter() - start, float(loss)

    def value(self):
        """What counts, over the whole training set: mean loss, or squared error of a sample."""
        total = 0.0
        with torch.no_grad():
            for at in range(0, len(self.inputs), 1000):
                outputs = self.network(self.inputs[at : at + 1000])
                targets = self.targets[at : at + 1000]
                if self.kind == "sigmoid":
                    total += float(((torch.sigmoid(outputs) - targets) ** 2).sum())
                else:
                    total += float(self.sum(outputs, targets))
        return total / len(self.inputs)


class Peers:
    """What stages.py asks: a run, from the results or made now."""

    def __init__(self, store, mnist=None):
        self.store, self.mnist, self.data = store, mnist, {}

    def samples(self, task):
        if task.name not in self.data:
            self.data[task.name] = read_mnist(self.mnist, task.samples)
        return self.data[task.name]

    def key(self, task, peer, setting, epochs=None, seed=None):
        lines = runs.recipe_lines(runs.recipe(task))
        options = {key: runs.plain(value) for key, value in setting.items()}
        return runs.digest(lines, peer.name, peer.version, peer.says, options, epochs, seed)

    def get(self, stage, task, peer, setting, seed, epochs=None, curve=False):
        epochs = epochs or stages.budget(task)
        key = self.key(task, peer, setting, epochs, seed)
        if key in self.store.records or self.mnist is None:
            return self.store.records.get(key)
        total = epochs * stages.steps(task)
        training = Training(task, peer, setting, seed, total, self.samples(task))
        seconds, value = 0.0, 0.0
        for _ in range(epochs):
            try:
                used, loss = training.steps(total // epochs)
            except (RuntimeError, ValueError) as error:  # a factorisation that fails, say
                print(error, file=sys.stderr)
                used, loss = 0.0, math.nan
            seconds += used
            if not math.isfinite(loss):
                value = math.nan
                break
        value = training.value() if math.isfinite(value) else value
        record = {"digest": key, "task": task.name, "method": peer.name,
                  "options": {k: runs.plain(v) for k, v in setting.items()}, "epochs": epochs,
                  "seed": seed, "diverged": not math.isfinite(value), "value": runs.figure(value),
                  "seconds": runs.figure(seconds), "setup": 0.0, "torch": torch.__version__,
                  "package": peer.version}
        self.store.add(stage, record)
        print("%s task %s, %s, %s, %d epochs, seed %d: %s" % (
            time.strftime("%H:%M:%S"), task.name, peer.name, runs.shown(setting), epochs, seed,
            record["value"]), file=sys.stderr, flush=True)
        return record


def our_block(runner, task, method, setting, threads):
    """Microseconds a step of a short run of ours, and its set-up in seconds."""
    folder = runner.scratch / "clock"
    command = runner.command(task, method, setting, 1, 1, folder)
    command[command.index("--threads") + 1] = str(threads)
    last = runner.train(method.name, command + ["--eval-samples", "1"], folder)[0][-1]
    return (1e6 * (last["seconds"] - last["setup_seconds"]) / last["step"], last["setup_seconds"])


def clock(peers, runner, task, chosen, rounds, blocks):
    """Ours and theirs take turns, round by round, on one and on two threads."""
    session = time.strftime("%Y-%m-%d %H:%M:%S")
    ours = [(m, stages.winner(runner, task, m)) for m in METHODS if m.name in ("adam", "rngd")]
    ours = [(m, setting) for m, setting in ours if setting is not None]
    theirs = [(p, stages.winner(peers, task, p)) for p in chosen]
    for threads in (1, 2):
        torch.set_num_threads(threads)
        trainings = [(p, s, Training(task, p, s, 1, 10**6, peers.samples(task))) for p, s in theirs]
        for _, _, training in trainings:
            training.steps(2)
        for round_ in range(rounds):
            for method, setting in ours:
                us, setup = our_block(runner, task, method, setting, threads)
                key = runner.store.digest(task, method, setting)
                add(peers, key, session, task, "rfim " + method.name, threads, round_, us, setup)
            for peer, setting, training in trainings:
                us = 1e6 * training.steps(blocks)[0] / blocks
                key = peers.key(task, peer, setting)
                add(peers, key, session, task, peer.name, threads, round_, us, 0.0)
    torch.set_num_threads(1)


def add(peers, key, session, task, name, threads, round_, us, setup):
    peers.store.add("clock", {
        "digest": key, "session": session, "task": task.name, "method": name, "threads": threads,
        "round": round_, "step_us": runs.figure(us), "setup": runs.figure(setup)})


def timed(store, key, threads):
    """(median microseconds a step, median set-up) of the last session with this setting."""
    lines = [r for r in store.clock if r["digest"] == key and r["threads"] == threads]
    lines = [r for r in lines if r["session"] == lines[-1]["session"]]
    if not lines:
        return None
    return (statistics.median(r["step_us"] for r in lines),
            statistics.median(r["setup"] for r in lines))


def row(peers, task, title, setting, key, found, missed, final, base):
    """One line of the table: epochs, steps and seconds to the target on one and two threads."""
    epochs = [crossing.epochs() for crossing in found.values()]
    cells = [task.name, title, runs.shown(setting), spread(final, "%.4g"),
             "%d%s" % (len(found), ", %d never" % missed if missed else ""), spread(epochs, "%.3g")]
    for threads in (1, 2):
        clock_ = timed(peers.store, key, threads)
        if not clock_ or not epochs:
            cells += ["-", "-", "-"]
            continue
        steps = stages.steps(task)
        seconds = clock_[1] + 1e-6 * clock_[0] * steps * statistics.mean(epochs)
        if title == FIRST:
            base[threads] = seconds
        ratio = "%.2f" % (seconds / base[threads]) if threads in base else "-"
        cells += ["%.0f" % clock_[0], "%.3g" % seconds, ratio]
    return cells


def report(peers, runner, tasks, chosen, seeds):
    rows = []
    for task in tasks:
        base = {}  # of our default, which comes first
        for method in (named("rngd", METHODS), named("adam", METHODS)):
            setting = stages.winner(runner, task, method)
            if setting is None or not runner.store.known(method):
                continue
            found, missed = stages.crossings(runner, task, method)
            final = [r["value"] for r in stages.finals(runner, task, method) if not r["diverged"]]
            key = runner.store.digest(task, method, setting)
            rows.append(row(peers, task, "rfim: " + method.title, setting, key, found, missed,
                            final, base))
        for peer in chosen:
            setting = stages.winner(peers, task, peer)
            if setting is None:
                continue
            found, missed = stages.crossings(peers, task, peer, seeds)
            final = [r["value"] for r in stages.finals(peers, task, peer, seeds)]
            final = [value for value in final if value is not None]
            rows.append(row(peers, task, peer.title, setting, peers.key(task, peer, setting), found,
                            missed, final, base))
    head = ["task", "optimiser", "setting", "end of the budget", "seeds to the target", "epochs"]
    for words in ("1 thread", "2 threads"):
        head += ["us a step, " + words, "seconds", "/ default RNGD"]
    print(step.description() + "\n\n" + table(head, rows))


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="+", metavar="STAGE",
                        choices=["tune", "final", "budgets", "clock", "report"])
    parser.add_argument("--mnist", default="data/mnist")
    parser.add_argument("--tasks", default="2,5")
    parser.add_argument("--peers", default=",".join(optimizers.NAMES))
    parser.add_argument("--seeds", type=int, default=len(REPORTED_SEEDS))
    parser.add_argument("--results", default=str(HERE / "results"))
    parser.add_argument("--suite", default=str(HERE.parents[1] / "recipes" / "suite" / "results"))
    parser.add_argument("--rfim", default=str(HERE.parents[1] / "build" / "rfim"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--block", type=int, default=80, help="steps of PyTorch's turns")
    return parser.parse_args()


def main():
    options = parse()
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    chosen, missing = optimizers.there(options.peers.split(","))
    for name, why in missing:
        print("left out: %s: %s" % (name, why), file=sys.stderr)
    tasks = [named(name, TASKS) for name in options.tasks.split(",")]
    peers = Peers(runs.Store(options.results), options.mnist)
    seeds = REPORTED_SEEDS[: options.seeds]
    pairs = [(task, peer) for task in tasks for peer in chosen]
    with tempfile.TemporaryDirectory(prefix="rfim-peers-") as folder:
        ours = runs.Runner(runs.Store(options.suite), None, os.path.abspath(options.mnist), folder)
        for stage in options.stages:
            for task, peer in pairs:
                if stage == "tune":
                    stages.tuned(peers, task, peer)
                elif stage == "final":
                    stages.finals(peers, task, peer, seeds)
                elif stage == "budgets":
                    stages.crossings(peers, task, peer, seeds)
            if stage == "clock":
                for task in tasks:
                    clock_with(options, peers, ours, task, chosen)
            if stage == "report":
                report(Peers(peers.store), ours, tasks, chosen, seeds)


def clock_with(options, peers, ours, task, chosen):
    """`ours` answers what has been run; only the timed blocks are made."""
    timing = runs.Runner(ours.store, None, ours.mnist, ours.scratch)
    command = timing.command
    timing.command = lambda *words: [options.rfim] + command(*words)[1:]
    clock(peers, timing, task, chosen, options.rounds, options.block)


if __name__ == "__main__":
    main()
