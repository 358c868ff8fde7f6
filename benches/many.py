#!/usr/bin/env python3
"""What a cell costs beside training, in an experiment of so many trivial ones.
usage: many.py RUNNER [CELLS …]    (100, 1000 and 10000)"""
import os
import resource
import subprocess
import sys
import tempfile

EXPERIMENT = """title = "Many"
[dataset.simulated]
kind = "simulated_prices"
days = 200
[window]
lookback = 8
[split]
kind = "backtest"
validation = 0.2
[model.naive]
kind = "last_value"
[grid]
window.horizon = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
"""


def seconds(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


runner = os.path.abspath(sys.argv[1])
for count in map(int, sys.argv[2:] or ["100", "1000", "10000"]):
    origins = 10 if count > 100 else 1
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("many.toml", "w") as file:
            print(EXPERIMENT, file=file)
            print("split.origins =", list(range(5, 5 + origins)), file=file)
            print("dataset.simulated.volatility =", [0.01 + place / 10000 for place in range(count // origins // 10)], file=file)
        sweep = seconds(runner, "sweep", "many.toml", "--jobs", "2", "--quiet")
        report = seconds(runner, "report", "--quiet")
        os.chdir("/")
    print(
        f"{count} cells: {1000 * sweep / count:.2f} ms of CPU a cell with the report,"
        f" {1000 * (sweep - report) / count:.2f} without (the report {report:.2f} s)"
    )
