#!/usr/bin/env python3
"""Memory and time of a long series and of wide forecasts, on made-up prices.

    cargo build --release --bin runner
    benches/long.py [RUNNER]

Prints for each command its time, the CPU time and the most memory of any process of it, and the size of the largest record.
"""

import datetime
import math
import pathlib
import random
import subprocess
import sys
import tempfile

LONG = """
title = "A long series"
[dataset.long]
kind = "prices"
file = "long.csv"
features = [FEATURES]
target = "c0"
[window]
lookback = 200
horizon = 1
[split]
kind = "backtest"
origins = 100
validation = 0.9
[model.lstm]
kind = "lstm"
hidden = [1]
[train]
epochs = 1
batch_size = 32
loss = "mse"
optimizer = "adam"
learning_rate = 0.01
""".replace("FEATURES", ", ".join(f'"c{column}"' for column in range(10)))

WIDE = """
title = "Wide forecasts"
[dataset.wide]
kind = "prices"
file = "wide.csv"
features = ["c0"]
target = "c0"
[window]
lookback = 336
horizon = 96
[split]
kind = "backtest"
origins = 2785
[model.naive]
kind = "last_value"
[model.drift]
kind = "drift"
[model.mean]
kind = "lookback_mean"
[model.seasonal]
kind = "seasonal_naive"
season = 7
[grid]
model = ["naive", "drift", "mean", "seasonal"]
"""


def prices(path, days, columns):
    """A random walk with a week in it, one for each column."""
    chance = random.Random(1)
    values = [100.0] * columns
    first = datetime.date(1750, 1, 1)
    with path.open("w") as file:
        print("Date", *(f"c{column}" for column in range(columns)), sep=",", file=file)
        for day in range(days):
            values = [max(5.0, value + chance.gauss(0.0, 0.5)) for value in values]
            shown = (f"{value + 5 * math.sin(day / 7):.4f}" for value in values)
            print(first + datetime.timedelta(days=day), *shown, sep=",", file=file)


def measured(runner, folder, *arguments):
    """Runs a command alone, so that the most memory of all children is that of its processes."""
    child = """
import resource, subprocess, sys, time
began = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{time.monotonic() - began:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of CPU, {used.ru_maxrss / 1024:.0f} MB")
"""
    command = [sys.executable, "-c", child, runner, *arguments]
    told = subprocess.run(command, check=True, cwd=folder, stdout=subprocess.PIPE, text=True)
    print(f"{' '.join(arguments)}: {told.stdout.strip()}", flush=True)


def main():
    runner = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "target/release/runner").resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "data").mkdir()
        prices(folder / "data" / "long.csv", 100_000, 10)
        prices(folder / "data" / "wide.csv", 14_400, 1)
        (folder / "long.toml").write_text(LONG)
        (folder / "wide.toml").write_text(WIDE)
        measured(runner, folder, "sweep", "long.toml", "--results", "long", "--jobs", "1")
        measured(runner, folder, "sweep", "wide.toml", "--results", "wide", "--jobs", "1")
        measured(runner, folder, "report", "--results", "wide")
        sizes = [path.stat().st_size for path in (folder / "wide").glob("*/cells/*.json")]
        print(f"the largest record: {max(sizes) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
