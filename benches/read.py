#!/usr/bin/env python3
"""A CSV file of a million rows of ten columns, read into a checked series and by pandas, in turns: seconds and peak memory.
usage: read.py WORK PYTHON [ROWS]
WORK is what `cargo build --release --bench work` makes, PYTHON one that has pandas."""
import os
import random
import statistics
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta

PANDAS = """
import sys, time, pandas
start = time.perf_counter()
table = pandas.read_csv(sys.argv[1], parse_dates=["date"], index_col="date")
assert table.shape[1] == 10 and table.index.is_monotonic_increasing and not table.isna().any().any()
print(f"{time.perf_counter() - start:.3f} s")
"""


def write(path, rows):
    chance = random.Random(0)
    start = datetime(2016, 7, 1)
    with open(path, "w") as file:
        print("date", *(f"c{column}" for column in range(10)), sep=",", file=file)
        for row in range(rows):
            values = (repr(chance.gauss(0, 100)) if column < 5 else f"{chance.gauss(0, 100):.3f}" for column in range(10))
            print(start + timedelta(minutes=row), *values, sep=",", file=file)


def run(*command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, command
    return float(said.split()[-2]), used.ru_maxrss / 1024


work, python = sys.argv[1:3]
rows = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "rows.csv")
    write(path, rows)
    print(f"{rows} rows, {os.path.getsize(path) / 2**20:.0f} MiB")
    figures = {"runner": [], "pandas": []}
    for _ in range(5):
        figures["runner"].append(run(work, "read", path))
        figures["pandas"].append(run(python, "-c", PANDAS, path))
    for name, found in figures.items():
        seconds, peaks = zip(*found)
        print(f"{name}: {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f}), peak {max(peaks):.0f} MiB")
