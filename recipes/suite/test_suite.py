#!/usr/bin/env python3
"""The suite's own arithmetic and book-keeping, with a rfim that only pretends to train.

  recipes/suite/test_suite.py"""

import pathlib
import stat
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

import runs  # noqa: E402
import stages  # noqa: E402
import suite  # noqa: E402
from claims import named  # noqa: E402
from methods import METHODS, TASKS  # noqa: E402

# Loss 1 / epochs^2 / rate; counts its runs; a rate above 0.01 diverges.
PRETENDER = """#!/usr/bin/env python3
import json, pathlib, sys
here = pathlib.Path(__file__).parent
if sys.argv[1] == "help":
    print((here / "presets").read_text())
    sys.exit()
options = dict(zip(sys.argv[3::2], sys.argv[4::2]))
with open(here / "count", "a") as file:
    file.write("x")
if float(options["--learning-rate"]) > 0.01:
    sys.exit(3)
epochs = int(options["--epochs"])
loss = 1e-3 / epochs**2 / float(options["--learning-rate"])
folder = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
folder.mkdir(parents=True)
(folder / "metrics.jsonl").write_text(json.dumps({"train_loss": loss, "valid_loss": 1,
    "valid_accuracy": 0.9, "seconds": 2.0 * epochs, "setup_seconds": 0.5, "step": 10}))
"""
PRESETS = "--preset adam\n  Some words.\n      optimizer=adam learning-rate=%s\n"


class WithPretender(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.here = pathlib.Path(self.folder.name)
        (self.here / "rfim").write_text(PRETENDER)
        (self.here / "rfim").chmod(stat.S_IRWXU)
        self.task, self.adam = named("2", TASKS), named("adam", METHODS)

    def runner(self, rate="1e-3", rfim=True):
        (self.here / "presets").write_text(PRESETS % rate)
        store = runs.Store(self.here / "results")
        store.learn_presets(str(self.here / "rfim"), ["adam"])
        return runs.Runner(store, str(self.here / "rfim") if rfim else None,
                           scratch=self.here / "scratch", say=lambda _: None)

    def count(self):
        path = self.here / "count"
        return len(path.read_text()) if path.exists() else 0

    def test_winner_is_the_lowest_loss_and_divergence_the_worst(self):
        runner = self.runner()
        self.assertEqual(stages.winner(runner, self.task, self.adam), {"learning-rate": 0.008})
        self.assertEqual(self.count(), 7)
        values = [record["value"] for _, record in stages.tuned(runner, self.task, self.adam)]
        self.assertIsNone(values[-1])

    def test_runs_that_are_there_are_not_repeated(self):
        stages.winner(self.runner(), self.task, self.adam)
        stages.winner(self.runner(), self.task, self.adam)
        self.assertEqual(self.count(), 7)

    def test_a_preset_that_changes_is_run_again(self):
        for rate in ("1e-3", "2e-3", "0.002"):  # the last two are one value
            self.runner(rate).get("tune", self.task, self.adam, {"learning-rate": 1e-3}, 1)
        self.assertEqual(self.count(), 1)  # the setting covers the change
        keys = [self.runner(rate).store.digest(self.task, self.adam, {})
                for rate in ("1e-3", "2e-3", "0.002")]
        self.assertNotEqual(keys[0], keys[1])
        self.assertEqual(keys[1], keys[2])

    def test_a_report_runs_nothing(self):
        self.assertIsNone(stages.winner(self.runner(rfim=False), self.task, self.adam))
        self.assertEqual(self.count(), 0)

    def test_target_lies_where_the_power_law_says(self):
        """loss = 0.125 / epochs^2 = 0.02 at 2.5 epochs; straight lines in logarithms are exact."""
        found, missed = stages.crossings(self.runner(), self.task, self.adam)
        self.assertEqual((sorted(found), missed), ([1, 2, 3, 4, 5], 0))
        self.assertAlmostEqual(found[1].epochs(), 2.5, places=4)  # figures are kept in 6 digits
        self.assertAlmostEqual(found[1].seconds(), 5.0, places=4)
        self.assertEqual((found[1].below["epochs"], found[1].above["epochs"]), (2, 3))

    def test_prune_keeps_what_is_asked_for(self):
        runner = self.runner()
        stages.crossings(runner, self.task, self.adam)
        runner.get("tune", self.task, self.adam, {"learning-rate": 0.0077}, 1)
        suite.say = lambda _: None
        lines = sum(len(p.read_text().splitlines()) for p in runner.store.folder.glob("*.jsonl"))
        stages.finals(runner, self.task, self.adam)
        lines += 5
        suite.prune(runner.store)
        left = sum(len(p.read_text().splitlines()) for p in runner.store.folder.glob("*.jsonl"))
        self.assertEqual(left, lines - 1)


class Grid(unittest.TestCase):
    def test_budgets_are_whole_and_in_a_ratio_of_about_sqrt_2(self):
        grid = stages.grid_of_budgets(named("2", TASKS))
        self.assertEqual(grid, [1, 2, 3, 4, 6, 8, 11, 16, 23, 32])

    def test_one_epoch_that_reaches_the_target_is_told_as_one(self):
        crossing = stages.Crossing(named("2", TASKS), None, {"epochs": 1, "seconds": 3.0})
        self.assertEqual((crossing.epochs(), crossing.seconds()), (1.0, 3.0))

    def test_divergence_below_the_target_gives_the_budget_above(self):
        above = {"epochs": 8, "value": 0.01, "seconds": 4.0}
        crossing = stages.Crossing(named("2", TASKS), {"epochs": 6, "value": None, "seconds": 3.0},
                                   above)
        self.assertAlmostEqual(crossing.epochs(), 8.0)


if __name__ == "__main__":
    unittest.main()
