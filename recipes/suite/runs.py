"""Runs of rfim, kept as JSON lines, and never repeated.

A run is known by a digest of all that decides its result: the task's recipe, the options that its
preset stands for (as `rfim help presets` prints them; what a preset does not mention is off), those
beside it, epochs and seed. So a preset that changes under the same name is run again."""

import hashlib
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import threading

HERE = pathlib.Path(__file__).resolve().parent


def plain(value):
    """0.1, "0.1" and "1e-1" are one value."""
    try:
        return "%.9g" % float(value)
    except ValueError:
        return str(value)


def digest(*parts):
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def recipe_lines(path):
    """What a recipe says, without comments; not epochs, and not where the data lie."""
    lines = [line.strip() for line in path.read_text().splitlines()]
    lines = [line for line in lines if line and line[0] not in "#;"]
    return [line for line in lines if not re.match(r"(epochs|data)\s*=", line)]


def recipe_value(path, key):
    return re.search(r"^%s\s*=\s*(.*)$" % key, path.read_text(), re.MULTILINE).group(1).strip()


def recipe(task):
    return HERE / ("task%s.ini" % task.name)


class Failed(Exception):
    """rfim ended with a status that is no result."""


class Store:
    """The results: a JSON lines file for each stage in one folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.lock = threading.Lock()
        self.records, self.clock = {}, []
        for path in sorted(self.folder.glob("*.jsonl")):
            for line in path.read_text().splitlines():
                record = json.loads(line)
                if path.stem == "clock":
                    self.clock.append(record)
                elif "curve" in record or record["digest"] not in self.records:
                    self.records[record["digest"]] = record
        presets = self.folder / "presets.json"
        self.presets = json.loads(presets.read_text()) if presets.exists() else {}

    def learn_presets(self, rfim, names):
        """What these presets stand for now; kept beside the runs, for reports without rfim."""
        text = subprocess.run([rfim, "help", "presets"], capture_output=True, text=True, check=True)
        for block in re.split(r"^--preset ", text.stdout, flags=re.MULTILINE)[1:]:
            pairs = [word.split("=", 1) for word in block.split() if "=" in word]
            if block.split()[0] in names:
                self.presets[block.split()[0]] = {key: plain(value) for key, value in pairs}
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.presets, indent=1, sort_keys=True) + "\n"
        (self.folder / "presets.json").write_text(text)

    def known(self, method):
        return method.preset in self.presets

    def digest(self, task, method, setting, epochs=None, seed=None):
        options = dict(self.presets[method.preset])
        beside = {**method.options, **setting}
        options.update({key: plain(value) for key, value in beside.items()})
        return digest(recipe_lines(recipe(task)), options, epochs, seed)

    def add(self, stage, record):
        with self.lock:
            if stage == "clock":
                self.clock.append(record)
            else:
                self.records[record["digest"]] = record
            self.folder.mkdir(parents=True, exist_ok=True)
            with open(self.folder / (stage + ".jsonl"), "a") as file:
                file.write(json.dumps(record, separators=(",", ":")) + "\n")

    def prune(self, wanted):
        """Drops runs that nobody asks for any more; returns how many."""
        dropped = 0
        for path in sorted(self.folder.glob("*.jsonl")):
            if path.stem == "random_nets":
                continue
            lines = path.read_text().splitlines(keepends=True)
            kept = [line for line in lines if json.loads(line)["digest"] in wanted]
            dropped += len(lines) - len(kept)
            path.write_text("".join(kept))
        return dropped


def figure(value):
    """Compact; JSON has no infinity, null stands for it."""
    if value is None or not math.isfinite(value):
        return None
    return float("%.6g" % value)


def shown(setting):
    return " ".join("%s %s" % (key, plain(value)) for key, value in setting.items()) or "-"


class Runner:
    """Makes the runs that a store lacks. With rfim None it makes none."""

    def __init__(self, store, rfim=None, mnist=None, scratch=None, say=print):
        self.store, self.rfim, self.mnist, self.say = store, rfim, mnist, say
        self.scratch = pathlib.Path(scratch) if scratch else None
        self.lock, self.busy = threading.Lock(), {}

    def command(self, task, method, setting, epochs, seed, folder, threads=1):
        words = [self.rfim, "train", str(recipe(task)), "--preset", method.preset]
        for key, value in {**method.options, **setting}.items():
            words += ["--" + key, plain(value)]
        if self.mnist and recipe_value(recipe(task), "data") == "mnist":
            words += ["--data", self.mnist]
        words += ["--epochs", str(epochs), "--seed", str(seed), "--threads", str(threads)]
        return words + ["--quiet", "--overwrite", "--out", str(folder)]

    def train(self, name, command, folder, evaluate=False):
        """The lines of metrics.jsonl, and whether it diverged. evaluate: the last line's
        figures are not of the whole splits, and are to be replaced."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        environment = dict(os.environ, OMP_WAIT_POLICY="passive")
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode not in (0, 3):
            raise Failed("%s: status %d: %s" % (name, done.returncode, done.stderr.strip()))
        path = folder / "metrics.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        lines = [json.loads(line) for line in lines]
        if evaluate and lines and done.returncode == 0:
            lines[-1].update(self.evaluate(name, folder))
        shutil.rmtree(folder, ignore_errors=True)
        return lines, done.returncode == 3

    def evaluate(self, name, folder):
        """What the last weights make of whole splits, under the names of metrics.jsonl."""
        done = subprocess.run([self.rfim, "eval", str(folder), "--threads", "1"],
                              capture_output=True, text=True, check=False)
        values = {}
        for split, word in (("training", "train"), ("validation", "valid")):
            found = re.search(r"^%s +\d+ +loss +(\S+) +(accuracy|error) +(\S+)( %%)?$" % split,
                              done.stdout, re.MULTILINE)
            if done.returncode != 0 or not found:
                raise Failed("%s: rfim eval: %s%s" % (name, done.stdout, done.stderr))
            values[word + "_loss"] = float(found.group(1))
            share = 0.01 if found.group(4) else 1.0
            values["%s_%s" % (word, found.group(2))] = share * float(found.group(3))
        return values

    def get(self, stage, task, method, setting, seed, epochs=None, curve=False):
        """The record of a run, made where it is not there; None where it cannot be made."""
        epochs = epochs or int(recipe_value(recipe(task), "epochs"))
        if not self.store.known(method):
            return None
        key = self.store.digest(task, method, setting, epochs, seed)
        record = self.store.records.get(key)
        if record and (record.get("curve") or not curve or not self.rfim):
            return record
        if not self.rfim:
            return None
        with self.lock:
            alone = self.busy.setdefault(key, threading.Lock())
        with alone:  # two may ask for the same run
            record = self.store.records.get(key)
            if record and (record.get("curve") or not curve):
                return record
            return self.make(stage, key, task, method, setting, seed, epochs, curve)

    def make(self, stage, key, task, method, setting, seed, epochs, curve):
        folder = self.scratch / key
        name = "task %s, %s, %s, %d epochs, seed %d" % (
            task.name, method.name, shown(setting), epochs, seed)
        command = self.command(task, method, setting, epochs, seed, folder)
        at_the_end = task.costly and not curve
        if at_the_end:
            command += ["--eval-samples", "1"]
        lines, diverged = self.train(name, command, folder, at_the_end)
        record = self.record(task, lines, diverged, curve)
        record = {"digest": key, "task": task.name, "method": method.name,
                  "options": {k: plain(v) for k, v in setting.items()}, "epochs": epochs,
                  "seed": seed, **record}
        self.store.add(stage, record)
        self.say("%s: %s" % (name, "diverged" if diverged else record["value"]))
        return record

    def record(self, task, lines, diverged, curve):
        last = lines[-1] if lines else {}
        result = {"diverged": diverged, "value": None if diverged else figure(last[task.measure]),
                  "train_loss": None if diverged else figure(last["train_loss"]),
                  "seconds": figure(last.get("seconds")),
                  "setup": figure(last.get("setup_seconds"))}
        for key in ("train_error", "valid_loss", "valid_accuracy", "valid_error"):
            if key in last and not diverged:
                result[key] = figure(last[key])
        if curve:
            result["curve"] = {key: [figure(line.get(key)) for line in lines]
                               for key in ("seconds", "train_loss", task.measure)}
        return result
