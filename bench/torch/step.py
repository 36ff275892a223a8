"""PyTorch's side of the comparison: the same network, batch and data as rfim_turns, eager mode.

A step is what ours is: the next batch of a shuffled epoch is indexed, forward, loss, backward,
update. Plain SGD without momentum, and Adam; each with every implementation that this PyTorch has
for the CPU (default, foreach, fused). The caller takes the fastest."""

import math
import os
import time

import torch

torch.set_flush_denormal(True)  # as rfim does: else Adam's means of small squares may slow it down
RATES = {"sgd": 5e-4, "adam": 1e-5}  # a hundredth of what one would train with: weights hardly move
IMPLEMENTATIONS = {"default": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}


def make_network(text):
    """The modules of a long network text, "input 784; linear 80 relu; ...; loss softmax"."""
    activations = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigm": torch.nn.Sigmoid}
    modules, inputs, loss = [], None, "softmax"
    for part in (piece.split() for piece in text.split(";")):
        if part[0] == "input":
            inputs = int(part[1])
        elif part[0] == "loss":
            loss = part[1]
        elif part[0] == "linear":
            modules.append(torch.nn.Linear(inputs, int(part[1])))
            inputs = int(part[1])
            if len(part) > 2 and part[2] != "linear":
                modules.append(activations[part[2]]())
        else:
            raise ValueError("no counterpart of the module `%s`" % " ".join(part))
    return torch.nn.Sequential(*modules), loss


class Program:
    """One optimiser in one implementation. Raises where PyTorch does not have it."""

    def __init__(self, text, batch, inputs, labels, method, implementation):
        torch.manual_seed(1)
        self.network, loss = make_network(text)
        self.name = "%s %s" % (method, implementation)
        self.inputs, self.batch = inputs, batch
        self.targets = inputs if loss == "sigmoid" else labels
        if loss == "sigmoid":  # summed over outputs, mean over samples
            sums = torch.nn.BCEWithLogitsLoss(reduction="sum")
            self.loss = lambda outputs, targets: sums(outputs, targets) / len(outputs)
        else:
            self.loss = torch.nn.CrossEntropyLoss()
        make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[method]
        self.optimizer = make(
            self.network.parameters(), lr=RATES[method], **IMPLEMENTATIONS[implementation]
        )
        self.position = len(inputs)

    def step(self):
        if self.position + self.batch > len(self.inputs):
            self.order = torch.randperm(len(self.inputs))
            self.position = 0
        rows = self.order[self.position : self.position + self.batch]
        self.position += self.batch
        loss = self.loss(self.network(self.inputs[rows]), self.targets[rows])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss

    def run(self, steps):
        """Seconds for so many steps."""
        start = time.perf_counter()
        for _ in range(steps):
            self.step()
        return time.perf_counter() - start

    def warm_up(self, block_seconds):
        """As many steps as take a block's time."""
        steps, seconds = 1, self.run(1)
        while seconds < block_seconds:
            more = max(1, min(steps, math.ceil(steps * block_seconds / seconds)))
            seconds += self.run(more)
            steps += more
        self.steps = max(1, math.ceil(steps * block_seconds / seconds))

    def block(self):
        """Microseconds a step."""
        return 1e6 * self.run(self.steps) / self.steps


def programs(text, batch, inputs, labels):
    """Those that this PyTorch has, and the names of those that it has not."""
    found, missing = [], []
    for method in RATES:
        for implementation in IMPLEMENTATIONS:
            try:
                program = Program(text, batch, inputs, labels, method, implementation)
                program.run(2)
                found.append(program)
            except (TypeError, RuntimeError, ValueError):
                missing.append("%s %s" % (method, implementation))
    return found, missing


def loaded_blas():
    """The matrix libraries in this process: which BLAS it is, is settled when it starts."""
    try:
        with open("/proc/self/maps") as file:
            paths = {line.split()[-1] for line in file if "blas" in line or "mkl" in line}
    except OSError:
        return "not known"
    return ", ".join(sorted({os.path.basename(path) for path in paths}))


def description():
    """One line on PyTorch and the libraries under it."""
    words = [line.strip(" -") for line in torch.__config__.show().splitlines()]
    keep = [word for word in words if "MKL" in word or "CPU capability" in word]
    keep = [word for word in keep if not word.startswith("Build settings")]
    return "PyTorch %s; BLAS loaded: %s; %s" % (torch.__version__, loaded_blas(), "; ".join(keep))
