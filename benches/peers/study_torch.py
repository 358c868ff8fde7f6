"""The price study in PyTorch: its 60 networks, two processes of one thread, from the CSV files to the scores.

usage: study_torch.py FOLDER EPOCHS PROCESSES

FOLDER holds litecoin.csv and monero.csv. Each network is trained as experiments/price_forecast.toml says, tested on the last days, and
leaves its history and forecasts as JSON in a temporary folder; a table of the errors is written at the end. There are no figures, no
intervals and no tests, which `runner` makes besides.
"""
import csv
import json
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

LOOKBACK = 30


def train(task):
    import numpy as np
    import torch
    from torch import nn

    from networks_torch import NETWORKS

    folder, out, dataset, name, horizon, seed, epochs = task
    torch.set_num_threads(1)
    torch.manual_seed(seed)

    with open(Path(folder) / f"{dataset}.csv", newline="") as file:
        prices = np.array([float(row["Price"].replace(",", "")) for row in csv.DictReader(file)])
    low, high = prices.min(), prices.max()
    scaled = ((prices - low) / (high - low)).astype("float32")
    count = len(scaled) - LOOKBACK - horizon + 1
    inputs = torch.tensor(np.stack([scaled[i : i + LOOKBACK] for i in range(count)])[..., None])
    targets = torch.tensor(np.stack([scaled[i + LOOKBACK : i + LOOKBACK + horizon] for i in range(count)]))
    # The test is the last window; none that holds one of its days is trained on.
    train_inputs, train_targets = inputs[:-horizon], targets[:-horizon]

    network = NETWORKS[name](horizon)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    history = []
    for _ in range(epochs):
        total = 0.0
        network.train()
        for indices in torch.randperm(len(train_inputs)).split(32):
            loss = nn.functional.mse_loss(network(train_inputs[indices]), train_targets[indices])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(indices)
        history.append(total / len(train_inputs))
    network.eval()
    with torch.no_grad():
        forecast = network(inputs[-1:])[0].numpy() * (high - low) + low
    truth = prices[-horizon:]
    error = forecast - truth
    scores = {"mse": float((error**2).mean()), "mae": float(abs(error).mean()), "mape": float(abs(error / truth).mean() * 100)}
    record = {"task": task[2:], "history": history, "forecast": forecast.tolist(), "truth": truth.tolist(), "scores": scores}
    (Path(out) / f"{dataset}-{name}-{horizon}-{seed}.json").write_text(json.dumps(record, indent=1))
    return (dataset, name, horizon, seed), scores


def main():
    folder, epochs, processes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as out:
        tasks = [
            (folder, out, dataset, name, horizon, seed, epochs)
            for dataset in ("litecoin", "monero")
            for name in ("lstm", "hybrid")
            for horizon in (1, 3, 7)
            for seed in range(5)
        ]
        # Each process imports PyTorch once and takes one network after the other.
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            scores = pool.map(train, tasks, chunksize=1)
        rows = ["| dataset | network | horizon | seed | MSE | MAE | MAPE |"]
        rows += [f"| {' | '.join(map(str, name))} | {s['mse']:.4g} | {s['mae']:.4g} | {s['mape']:.4g} |" for name, s in scores]
        (Path(out) / "table.md").write_text("\n".join(rows))
    print(f"60 networks, {epochs} epochs, {processes} processes: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
