"""Fisher information matrices of small networks by PyTorch's automatic differentiation, against
those that subject.c wrote.

    fim.py FOLDER

It shares nothing with the library: it reads the model file by itself, builds the network with
torch's own functions, and enumerates the outcomes y (squared loss: J^T J at sigma = 1)."""

import glob
import itertools
import json
import os
import struct
import sys

import torch

TOLERANCE = 1e-10  # relative, Frobenius
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def read_model(path):
    """The network's text and its arrays."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    text = header.pop("__metadata__")["network"]
    arrays = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        numbers = struct.unpack("<%dd" % ((end - begin) // 8), data[8 + length + begin : 8 + length + end])
        arrays[name] = torch.tensor(numbers).reshape(entry["shape"])
    return text, arrays


def read_numbers(path):
    with open(path) as file:
        return torch.tensor([[float(word) for word in line.split()] for line in file])


def activate(name, settings, t):
    if name == "relu":
        return torch.nn.functional.leaky_relu(t, settings.get("iota", 0.0))
    if name == "elu":
        return torch.nn.functional.elu(t, settings.get("alpha", 1.0))
    if name == "softplus":
        return torch.nn.functional.softplus(t, beta=1 / settings.get("omega", 1.0), threshold=1e9)
    simple = {
        "tanh": torch.tanh,
        "sigm": torch.sigmoid,
        "gelu": torch.nn.functional.gelu,
        "silu": torch.nn.functional.silu,
        "sin": torch.sin,
    }
    return simple[name](t)


class Network:
    """The modules of a text over one flat vector of parameters."""

    def __init__(self, text, arrays):
        self.modules = []
        self.theta = torch.empty(0)
        layers = 0
        for piece in text.split(";"):
            words = piece.split()
            settings = {key: float(value) for key, value in (w.split("=") for w in words if "=" in w)}
            words = [word for word in words if "=" not in word]
            if words[0] == "linear":
                layers += 1
                weight = arrays["layer%d.weight" % layers]
                bias = arrays["layer%d.bias" % layers]
                # neuron after neuron: its weights, its bias
                own = torch.cat([weight, bias[:, None]], 1)
                self.add("linear", own, words[2] if len(words) > 2 else None, settings)
            elif words[0] == "batchnorm":
                name = "norm%d." % layers
                own = torch.stack([arrays[name + "gamma"], arrays[name + "beta"]], 1)
                state = (arrays[name + "moving_mean"], arrays[name + "moving_variance"])
                self.add("batchnorm", own, None, settings, state)
            elif words[0] == "activation":
                self.add("activation", torch.empty(0, 0), words[1], settings)
            elif words[0] == "loss":
                self.loss = words[1]

    def add(self, kind, own, activation, settings, state=None):
        self.modules.append((kind, own.shape, activation, settings, state))
        self.theta = torch.cat([self.theta, own.reshape(-1)])

    def respond(self, theta, x):
        """What the loss takes, of one sample."""
        first = 0
        for kind, shape, activation, settings, state in self.modules:
            own = theta[first : first + shape.numel()].reshape(shape)
            first += shape.numel()
            if kind == "linear":
                x = own[:, :-1] @ x + own[:, -1]
            elif kind == "batchnorm":
                mean, variance = state
                x = own[:, 0] * (x - mean) / torch.sqrt(variance + settings.get("eps", 1e-3)) + own[:, 1]
            if activation:
                x = activate(activation, settings, x)
        return x

    def log_p(self, theta, x, y):
        u = self.respond(theta, x)
        if self.loss == "softmax":
            return torch.log_softmax(u, 0)[int(y[0])]
        if self.loss == "sigmoid":
            return (y * torch.nn.functional.logsigmoid(u) + (1 - y) * torch.nn.functional.logsigmoid(-u)).sum()
        return -0.5 * ((y - u) ** 2).sum()

    def outcomes(self, x):
        m = self.respond(self.theta, x).numel()
        if self.loss == "softmax":
            return [torch.tensor([float(c)]) for c in range(m)]
        return [torch.tensor(bits) for bits in itertools.product([0.0, 1.0], repeat=m)]


def gradient(function, theta):
    theta = theta.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(function(theta), theta)
    return g


def fims(network, inputs, targets):
    """Means over the samples of: E[dl dl^T], -E[d2 l], and both at the observed y."""
    order = network.theta.numel()
    scores, hessian = torch.zeros(order, order), torch.zeros(order, order)
    observed, empirical = torch.zeros(order, order), torch.zeros(order, order)
    for x, target in zip(inputs, targets):
        def at(y):
            return lambda theta: network.log_p(theta, x, y)

        if network.loss == "squared":
            jacobian = torch.autograd.functional.jacobian(lambda theta: network.respond(theta, x), network.theta)
            scores += jacobian.T @ jacobian
            # the expected score of u is 0: the Hessian at y = u has no other term
            mean = network.respond(network.theta, x).detach()
            hessian -= torch.autograd.functional.hessian(at(mean), network.theta)
        else:
            for y in network.outcomes(x):
                p = torch.exp(network.log_p(network.theta, x, y))
                g = gradient(at(y), network.theta)
                scores += p * torch.outer(g, g)
                hessian -= p * torch.autograd.functional.hessian(at(y), network.theta)
        g = gradient(at(target), network.theta)
        empirical += torch.outer(g, g)
        observed -= torch.autograd.functional.hessian(at(target), network.theta)
    n = len(inputs)
    return {
        "metric": scores / n,
        "scores": scores / n,
        "roots": scores / n,
        "hessian": hessian / n,
        "observed": observed / n,
        "empirical": empirical / n,
    }


def main(folder):
    failed = 0
    cases = sorted(glob.glob(os.path.join(folder, "*.model.safetensors")))
    for path in cases:
        stem = path[: -len("model.safetensors")]
        text, arrays = read_model(path)
        network = Network(text, arrays)
        expected = fims(network, read_numbers(stem + "inputs"), read_numbers(stem + "targets"))
        for name, matrix in expected.items():
            found = read_numbers(stem + name)
            error = float(torch.norm(found - matrix) / torch.norm(matrix))
            good = error <= TOLERANCE
            failed += not good
            print("%-9s %.1e %s  %s" % (name, error, "ok" if good else "FAILED", text))
    print("%d networks, %d comparisons failed (tolerance %g)" % (len(cases), failed, TOLERANCE))
    return 1 if failed or not cases else 0


sys.exit(main(sys.argv[1]))
