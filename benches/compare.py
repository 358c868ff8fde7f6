#!/usr/bin/env python3
"""Runs `runner` and other libraries on the same work, in turns on this machine, and prints ratios as a Markdown table.

  cargo build --release --bin runner --bench work
  benches/compare.py --torch VENV --jax VENV --keras VENV [--rounds 3] [--only forecast,resnet50,conv_lstm,sweep,study,program,clips]

VENV is a Python environment: torch, torchvision, onnxruntime, onnx and onnxscript in one, jax and optax in another, tensorflow-cpu in
a third (PyTorch and TensorFlow cannot share a process). What has no environment is left out. One-thread work is pinned to one core.
`study` needs the prices (--data DIR), `clips` the data and a cache with weights: --data DIR --cache DIR.
"""
import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FIGURE = re.compile(r"([0-9.]+) (s/epoch|frames/s|samples/s|us/day|GFLOP/s)")


def program(name):
    found = [p for p in (ROOT / "target/release/deps").glob(f"{name}-*") if p.suffix == "" and os.access(p, os.X_OK)]
    if not found:
        sys.exit(f"there is no {name} below target/release: cargo build --release --bin runner --bench work")
    return str(max(found, key=lambda path: path.stat().st_mtime))


def figure(command, threads, folder=None):
    """The figure that a command prints last, and the words before it."""
    pin = ["taskset", "-c", "0"] if threads == 1 else []
    environment = {**os.environ, "RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(pin + command, capture_output=True, text=True, env=environment, cwd=folder)
    match = FIGURE.search(done.stdout.strip().splitlines()[-1]) if done.returncode == 0 and done.stdout.strip() else None
    if not match:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return float(match[1]), match[2], done.stdout.strip().splitlines()[-1]


def in_turns(title, threads, ours, theirs, rounds):
    """Rows of the table: ours against each of theirs, medians of `rounds` turns. Ratios are of turns beside each other, so that a
    machine that slows down in between changes one of them, not their median."""
    values = {name: [] for name in ["runner", *theirs]}
    for _ in range(rounds):
        for name, command in [("runner", ours), *theirs.items()]:
            value, unit, line = figure(command, threads, HERE / "peers")
            values[name].append(value)
            print(line, file=sys.stderr)
    middle = {name: statistics.median(list_) for name, list_ in values.items()}
    for name in theirs:
        seconds = unit == "s/epoch"
        pairs = zip(values["runner"], values[name])
        ratio = statistics.median(other / own if seconds else own / other for own, other in pairs)
        print(f"| {title} | {threads} | {middle['runner']:.4g} {unit} | {name} {middle[name]:.4g} | **{ratio:.2f}** |", flush=True)


def seconds_of(command, folder, rounds, before=lambda: None, environment=None):
    seconds = []
    for _ in range(rounds):
        before()
        start = time.perf_counter()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **(environment or {})})
        seconds.append(time.perf_counter() - start)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return statistics.median(seconds)


CELLS = """
[dataset.simulated]
kind = "simulated_prices"
days = {days}
[window]
lookback = 30
horizon = 1
[split]
kind = "backtest"
origins = 1
[model.lstm]
kind = "lstm"
hidden = [30]
dense = [30]
[train]
epochs = {epochs}
batch_size = 32
loss = "mse"
optimizer = "adam"
learning_rate = 0.001
[grid]
seed = {seeds}
"""


def experiment(folder, name, days, epochs, seeds):
    folder.mkdir(parents=True, exist_ok=True)
    text = f'title = "{name}"\n' + CELLS.format(days=days, epochs=epochs, seeds=list(range(seeds)))
    (folder / f"{name}.toml").write_text(text)


def sweep(runner, rounds, torch):
    """Two jobs of one thread each against one."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        experiment(folder / "experiments", "jobs", 1881, 60, 8)

        def fresh():
            for name in ("results", "cache"):
                shutil.rmtree(folder / name, ignore_errors=True)

        def command(jobs):
            return [runner, "sweep", "experiments", "--jobs", str(jobs), "--cache", "cache", "--quiet"]

        one = seconds_of(["taskset", "-c", "0", *command(1)], folder, rounds, fresh)
        two = seconds_of(command(2), folder, rounds, fresh)
        print(f"| 8 cells, two jobs against one | 1 each | {two:.2f} s | one job {one:.2f} s | **{one / two:.2f}** |", flush=True)
    if torch:
        work = [torch, "forecast_torch.py", "lstm", "1", "12", "32"]
        alone = figure(work, 1, HERE / "peers")[0]
        pair = [
            subprocess.Popen(
                ["taskset", "-c", core, *work],
                cwd=HERE / "peers",
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            )
            for core in "01"
        ]
        together = [float(FIGURE.search(process.communicate()[0])[1]) for process in pair]
        gain = sum(alone / seconds for seconds in together)
        print(f"| two PyTorch processes against one | 1 each | | {alone:.4f} s/epoch alone | **{gain:.2f}** |", flush=True)


def study(runner, data, torch, epochs):
    """The price study from nothing to the report, and where its time goes; PyTorch from nothing to a table of scores."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name in ("price_forecast.toml", "price_reference.csv"):
            shutil.copy(ROOT / "experiments" / name, folder)
        text = (folder / "price_forecast.toml").read_text()

        def sweep(epochs, name):
            (folder / "price_forecast.toml").write_text(text.replace("epochs = 100 ", f"epochs = {epochs} ").replace("epochs = 100\n", f"epochs = {epochs}\n"))
            places = ["--results", f"results-{name}", "--cache", f"cache-{name}", "--data", Path(data).resolve()]
            whole = seconds_of([runner, "sweep", "price_forecast.toml", "--jobs", "2", "--quiet", *places], folder, 1)
            records = [json.loads(path.read_text()) for path in (folder / f"results-{name}/price_forecast/cells").glob("*.json")]
            return whole, sum(record["provenance"]["seconds"] for record in records) / 2

        whole, training = sweep(epochs, "whole")
        report = seconds_of([runner, "report", "--results", "results-whole", "--quiet"], folder, 3)
        one, one_training = sweep(1, "one")
        start = seconds_of([runner, "--version"], folder, 9)
        around = one - one_training - report
        print(f"| the price study, 72 cells, {epochs} epochs, two jobs | 1 each | {whole:.2f} s | | |")
        print(f"| of it in the cells' own work | | {training:.2f} s | {training / whole:.1%} | |")
        print(f"| starting 72 processes, reading, writing (one epoch) | | {around:.2f} s | {around / whole:.1%} | |")
        print(f"| of these the start of the program alone, 72 times, two at once | | {start * 36:.2f} s | {start * 36 / whole:.1%} | |")
        print(f"| the report | | {report:.2f} s | {report / whole:.1%} | |", flush=True)
        if torch:
            command = [torch, HERE / "peers/study_torch.py", Path(data).resolve() / "crypto", str(epochs), "2"]
            theirs = seconds_of(command, folder, 1, environment={"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"})
            print(f"| its 60 networks, PyTorch, two processes | 1 each | {whole:.2f} s | torch {theirs:.2f} s | **{theirs / whole:.2f}** |", flush=True)


def whole_commands(runner, rounds):
    """What a person waits for."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        experiment(folder / "sixty", "sixty", 200, 1, 60)
        experiment(folder / "many", "many", 200, 1, 10_000)
        experiment(folder / "records", "records", 200, 2, 500)
        cache = ["--cache", "cache"]
        for name in ("sixty", "records"):
            seconds_of([runner, "sweep", name, *cache, "--results", f"results/{name}", "--quiet"], folder, 1)
        cached = [runner, "sweep", "sixty", *cache, "--results", "results/sixty"]
        rows = [
            ("`sweep` of 60 cells, all cached, with its report", cached, 0.3),
            ("`list` of 10,000 cells", [runner, "list", "many", *cache], 1.0),
            ("`sweep --dry-run` of 10,000 cells", [runner, "sweep", "many", *cache, "--dry-run"], 1.0),
            ("`report` of 500 records", [runner, "report", "--results", "results/records"], 2.0),
            ("`--version`", [runner, "--version"], 0.02),
        ]
        for title, command, limit in rows:
            seconds = seconds_of(command, folder, max(rounds, 5))
            print(f"| {title} | | {seconds:.3f} s | at most {limit} s | |", flush=True)


def clips(runner, data, cache):
    """The feature pass from the videos on against the network alone, on as many clips."""
    network_command = [program("work"), "resnet50", "keras", "2"]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        videos = sorted((Path(data) / "hockey_fights").glob("*.avi"))
        (folder / "data/clips").mkdir(parents=True)
        for video in videos:
            shutil.copy(video, folder / "data/clips")
        text = """
title = "clips"
seed = 0
[dataset.clips]
kind = "clips"
folder = "clips"
classes = { fi = "fight", no = "no fight" }
steps = [{ frames = 20 }, { resize = 256 }, "pair_difference", { normalise = "imagenet" }]
[backbone]
kind = "resnet50"
variant = "keras"
weights = "resnet50-keras"
[split]
kind = "stratified"
test = 0.2
[model.probe]
kind = "linear_probe"
"""
        (folder / "clips.toml").write_text(text)
        (folder / "cache").mkdir()
        shutil.copytree(Path(cache) / "fetched", folder / "cache/fetched")

        def fresh():
            for name in ("results", "cache/features"):
                shutil.rmtree(folder / name, ignore_errors=True)

        command = [runner, "sweep", "clips.toml", "--data", "data", "--cache", "cache", "--quiet"]
        # The network alone before and after: the machine may change its pace in between.
        frames = [figure(network_command, 2)[0]]
        whole = seconds_of(command, folder, 1, fresh)
        frames.append(figure(network_command, 2)[0])
        network = len(videos) * 10 / statistics.mean(frames)
        print(
            f"| {len(videos)} clips from the videos on | 2 | {whole:.1f} s | the network alone {network:.1f} s | **{network / whole:.2f}** |",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("torch", "jax", "keras", "data", "cache"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=100, help="of the study")
    parser.add_argument("--only", default="forecast,resnet50,conv_lstm,sweep,study,program,clips")
    options = parser.parse_args()
    only = options.only.split(",")
    python = {name: f"{path}/bin/python" for name in ("torch", "jax", "keras") if (path := getattr(options, name))}
    work, runner, rounds = program("work"), str(ROOT / "target/release/runner"), options.rounds

    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    rate, _, _ = figure([work, "product"], 1)
    print(f"{time.strftime('%Y-%m-%d')}, {model[1] if model else platform.machine()}, {os.cpu_count()} cores;", end=" ")
    print(f"a product of 1024x1024 on one core: {rate:.0f} GFLOP/s\n")
    print("| work | threads | runner | beside it | ratio |\n|---|---|---|---|---|", flush=True)
    if "forecast" in only:
        for name in ("lstm", "hybrid"):
            peers = {
                library: [python[library], f"forecast_{library}.py", name, "1", "12" if library == "jax" else "6", "32"]
                for library in ("torch", "jax")
                if library in python
            }
            in_turns(f"training epoch, {name}, 1821 windows of 30, batch 32", 1, [work, "forecast", name, "1", "20", "32"], peers, rounds)
    if "resnet50" in only:
        if "torch" in python:
            peers = {library: [python["torch"], "resnet50.py", library, "2"] for library in ("onnxruntime", "torch")}
            in_turns("ResNet50 (torchvision's), 256x256, batches of 10", 2, [work, "resnet50", "torchvision", "2"], peers, rounds)
        if "keras" in python:
            peers = {"keras": [python["keras"], "resnet50.py", "keras", "2"]}
            in_turns("ResNet50 (Keras's), 256x256, batches of 10", 2, [work, "resnet50", "keras", "2"], peers, rounds)
    if "conv_lstm" in only and "keras" in python:
        for filters in ("64", "256"):
            peers = {"keras": [python["keras"], "conv_lstm_keras.py", filters, "4", "2"]}
            in_turns(f"training step, ConvLSTM2D({filters}) and head, 10x8x8x2048, batch 4", 2, [work, "conv_lstm", filters, "4"], peers, rounds)
    if "sweep" in only:
        sweep(runner, rounds, python.get("torch"))
    if "study" in only and options.data:
        study(runner, options.data, python.get("torch"), options.epochs)
    if "program" in only:
        whole_commands(runner, rounds)
    if "clips" in only and options.data and options.cache:
        clips(runner, options.data, options.cache)


if __name__ == "__main__":
    main()
