"""What the suite runs: its tasks and its methods, one table each. Change them here."""

import dataclasses

REPORTED_SEEDS = (1, 2, 3, 4, 5)
TUNING_SEED = 100  # not among those reported
LONGEST = 8  # budgets go up to so many times the task's own


@dataclasses.dataclass(frozen=True)
class Task:
    name: str  # of its recipe: task<name>.ini
    title: str
    samples: int  # of the training split, for steps an epoch
    measure: str  # the key of metrics.jsonl that counts: for tuning, targets and curves
    target: float = None  # None: only the end of the budget counts
    accuracy: bool = True  # whether it has a validation accuracy
    costly: bool = False  # evaluated at the end only, where no curve is asked for


TASKS = [
    Task("1", "784-80-80-80-10 relu", 50000, "train_loss", 0.01),
    Task("2", "784-80x8-10 relu", 50000, "train_loss", 0.02),
    Task("3", "784-80x6-10 tanh", 50000, "train_loss", 0.03),
    Task("4", "784-80x6-10 sigm", 50000, "train_loss", 0.05),
    Task("5", "auto-encoder 784-1000-500-250-30-...-784 tanh", 20000, "train_error", 8.0,
         accuracy=False, costly=True),
    Task("6", "784-1024x4-10 relu", 50000, "train_loss", 0.02, costly=True),
    Task("7", "raw columns, 20-64-64-64-1 tanh", 20000, "train_error", 0.02, False),
    Task("7s", "standardised columns, 20-64-64-64-1 tanh", 20000, "train_error", 0.02, False),
    Task("8", "as 1, first 2 000 images", 2000, "valid_accuracy"),
]


@dataclasses.dataclass(frozen=True)
class Method:
    name: str
    title: str
    preset: str
    options: dict = dataclasses.field(default_factory=dict)  # beside the preset, in every run
    grid: dict = dataclasses.field(default_factory=dict)  # option -> values: tuned, their product
    tasks: str = None  # names of tasks, by blanks; None: all

    def serves(self, task):
        return self.tasks is None or task.name in self.tasks.split()


def likewise(middle):
    """Seven values around `middle`, spread as Adam's rates are around 2e-3."""
    return [float("%.3g" % (middle * share)) for share in (0.15, 0.5, 1, 1.5, 2.5, 4, 7.5)]


DAMPINGS = [1e-4, 1e-3, 1e-2]

METHODS = [
    Method("sgd", "SGD, momentum 0.9", "sgd", {"momentum": 0.9},
           {"learning-rate": likewise(0.02)}, "1 2 3 4 8"),
    Method("adam", "Adam", "adam", {}, {"learning-rate": likewise(2e-3)}),
    Method("rngd", "RNGD, default", "rngd"),
    Method("rngd-tuned", "RNGD, tuned", "rngd", {},
           {"rho-output": likewise(0.75), "damping": DAMPINGS}),
    Method("foof", "FOOF", "foof", {}, {"learning-rate": likewise(0.3), "damping": DAMPINGS}),
    Method("kfac", "K-FAC", "kfac", {}, {"rho": likewise(0.01), "damping": DAMPINGS}),
]
