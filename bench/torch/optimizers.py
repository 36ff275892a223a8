"""The optimisers that peers.py trains with: one table, and how each makes a step.

Grids are spread as the suite's are: seven rates around the customary one, and three dampings where
there is one. Weight decay is 0 for all of them. Where an optimiser comes in several
implementations, the fastest is taken."""

import dataclasses
import importlib.metadata
import time
import warnings

import torch

from methods import DAMPINGS, likewise

NAMES = ("adam", "soap", "muon", "kfac")
KFAC_DECAY = 0.1  # the share that new curvature gets


class Plain:
    """forward, loss, backward, step."""

    def __init__(self, network, optimizer):
        self.network, self.optimizer = network, optimizer

    def groups(self):
        return self.optimizer.param_groups

    def step(self, loss_of, inputs, targets):
        loss = loss_of(self.network(inputs), targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss


class Preconditioned:
    """The same with the gradient that a maker of asdfghjkl gives."""

    def __init__(self, network, optimizer, maker):
        self.network, self.optimizer, self.maker = network, optimizer, maker

    def groups(self):
        return self.optimizer.param_groups

    def step(self, loss_of, inputs, targets):
        self.optimizer.zero_grad(set_to_none=True)
        outputs = self.maker.setup_model_call(self.network, inputs)
        self.maker.setup_loss_call(loss_of, outputs, targets)
        _, loss = self.maker.forward_and_backward()
        self.maker.config.ema_decay = KFAC_DECAY  # 1 at first: the mean begins as the first batch
        self.optimizer.step()
        return loss.detach()


@dataclasses.dataclass
class Peer:
    name: str
    title: str
    grid: dict
    says: str  # what else decides its runs
    build: object
    package: str = "torch"
    version: str = ""

    def make(self, network, kind, batch, setting):
        return self.build(network, kind, batch, setting)


def fastest_adam():
    """foreach or a loop over tensors: timed on tensors of an ordinary size."""
    seconds = {}
    for foreach in (False, True):
        tensors = [torch.nn.Parameter(torch.randn(81, 80)) for _ in range(9)]
        optimizer = torch.optim.Adam(tensors, lr=1e-5, foreach=foreach)
        for tensor in tensors:
            tensor.grad = torch.randn_like(tensor)
        start = None
        for count in range(220):
            if count == 20:
                start = time.perf_counter()
            optimizer.step()
        seconds[foreach] = time.perf_counter() - start
    return min(seconds, key=seconds.get)


def build_adam():
    foreach = fastest_adam()

    def build(network, kind, batch, setting):
        return Plain(network, torch.optim.Adam(
            network.parameters(), lr=setting["learning-rate"], foreach=foreach))
    return build


def package():
    """pytorch_optimizer, which looks for a name that PyTorch 1.13 has under another."""
    schedulers = torch.optim.lr_scheduler
    if not hasattr(schedulers, "LRScheduler"):
        schedulers.LRScheduler = schedulers._LRScheduler
    import pytorch_optimizer

    return pytorch_optimizer


def build_soap():
    soap = package().SOAP

    def build(network, kind, batch, setting):
        return Plain(network, soap(
            network.parameters(), lr=setting["learning-rate"], weight_decay=0.0))
    return build


def build_muon():
    """Muon for the hidden weight matrices, AdamW at a tenth of the rate for biases and for the
    first and last layer, as its authors ask for."""
    muon = package().Muon

    def build(network, kind, batch, setting):
        rate = setting["learning-rate"]
        layers = [module for module in network if isinstance(module, torch.nn.Linear)]
        hidden = [layer.weight for layer in layers[1:-1]]
        others = [p for p in network.parameters() if all(p is not weight for weight in hidden)]
        return Plain(network, muon([
            {"params": hidden, "lr": rate, "weight_decay": 0.0, "use_muon": True},
            {"params": others, "lr": rate / 10, "weight_decay": 0.0, "use_muon": False}]))
    return build


def build_kfac():
    """Curvature at every tenth step, of sampled labels for soft-max; the package samples none for
    sigmoid outputs, so that the auto-encoder has the empirical Fisher."""
    import asdl

    torch.cuda.nvtx.range_push = lambda *_: 0  # marks for a profiler that a CPU build lacks
    torch.cuda.nvtx.range_pop = lambda *_: 0

    def build(network, kind, batch, setting):
        config = asdl.PreconditioningConfig(
            data_size=batch, damping=setting["damping"], ema_decay=1.0,
            preconditioner_upd_interval=10, curvature_upd_interval=10)
        fisher = asdl.FISHER_MC if kind == "softmax" else asdl.FISHER_EMP
        maker = asdl.KfacGradientMaker(network, config, fisher_type=fisher)
        optimizer = torch.optim.SGD(
            network.parameters(), lr=setting["learning-rate"], momentum=0.9, foreach=True)
        return Preconditioned(network, optimizer, maker)
    return build


PEERS = {
    "adam": (Peer, "PyTorch Adam", {"learning-rate": likewise(2e-3)}, "", build_adam, "torch"),
    "soap": (Peer, "SOAP", {"learning-rate": likewise(3e-3)},
             "betas .95 .95, preconditioner every 10", build_soap, "pytorch-optimizer"),
    "muon": (Peer, "Muon", {"learning-rate": likewise(0.02)},
             "AdamW at a tenth of the rate", build_muon, "pytorch-optimizer"),
    "kfac": (Peer, "K-FAC (asdfghjkl)",
             {"learning-rate": likewise(2e-3), "damping": DAMPINGS},
             "momentum .9, curvature every 10, decay .1", build_kfac, "asdfghjkl"),
}


def version(name):
    return torch.__version__ if name == "torch" else importlib.metadata.version(name)


def there(names):
    """The peers that can be built here, and (name, why) of the others."""
    warnings.filterwarnings("ignore")
    found, missing = [], []
    for name in names:
        make, title, grid, says, builder, needs = PEERS[name]
        try:
            found.append(make(name, title, grid, says, builder(), needs, version(needs)))
        except (ImportError, AttributeError) as error:
            missing.append((name, str(error)))
    return found, missing
