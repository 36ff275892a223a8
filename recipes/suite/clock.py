"""What set-up and steps cost. All methods of a task take turns in short runs, round by round, so
that whatever else the machine does meets all of them; the report takes medians over the rounds."""

import math
import statistics
import time

import stages

# Of a timed run: the first ones, which refresh more often, count as on the way to the target.
FEWEST_STEPS, MOST_STEPS, MOST_COSTLY = 200, 3000, 300


def epochs_of(runner, task, method):
    """As many as the method takes to the target, if that is known, within the limits."""
    found = stages.crossings(runner, task, method)[0] if task.target else {}
    wanted = [crossing.epochs() * stages.steps(task) for crossing in found.values()]
    steps = min(statistics.median(wanted or [0]), MOST_COSTLY if task.costly else MOST_STEPS)
    return math.ceil(max(steps, FEWEST_STEPS) / stages.steps(task))


def one(runner, task, method, setting, round_, session, threads):
    epochs = epochs_of(runner, task, method)
    folder = runner.scratch / "clock"
    command = runner.command(task, method, setting, epochs, round_ + 1, folder, threads)
    name = "clock: task %s, %s" % (task.name, method.name)
    lines, _ = runner.train(name, command + ["--eval-samples", "1"], folder)
    last = lines[-1]
    step_us = 1e6 * (last["seconds"] - last["setup_seconds"]) / last["step"]
    runner.store.add("clock", {
        "digest": stages.session_digest(runner, task, method, setting), "session": session,
        "task": task.name, "method": method.name, "round": round_, "threads": threads,
        "setup": float("%.6g" % last["setup_seconds"]), "step_us": float("%.6g" % step_us)})


def measure(runner, pairs, rounds, threads):
    session = time.strftime("%Y-%m-%d %H:%M:%S")
    for task in dict.fromkeys(task for task, _ in pairs):
        chosen = [(method, stages.winner(runner, task, method)) for t, method in pairs if t == task]
        for round_ in range(rounds):
            for method, setting in chosen:
                if setting is not None:
                    one(runner, task, method, setting, round_, session, threads)
        for method, _ in chosen:
            clock = stages.clocked(runner, task, method, threads)
            if clock:
                runner.say("task %s, %s, threads %d: set-up %.3f s, %.1f us a step" %
                           (task.name, method.name, threads, *clock))
