"""What the programs of this folder share."""
import time

import numpy as np


def walk(days):
    """A random walk of prices, scaled to 0..1."""
    steps = np.random.default_rng(0).normal(0, 0.05, days)
    prices = np.exp(np.cumsum(steps))
    return ((prices - prices.min()) / (prices.max() - prices.min())).astype("float32")


def windows(series, horizon, lookback=30):
    """All windows but the last: inputs [window, time, 1] and targets [window, horizon]."""
    count = len(series) - lookback - horizon
    inputs = np.stack([series[i : i + lookback] for i in range(count)])
    targets = np.stack([series[i + lookback : i + lookback + horizon] for i in range(count)])
    return inputs[..., None], targets


def median(values):
    return float(np.median(values))


def timed(work, count):
    """Median seconds of `count` calls, after one that warms up."""
    work()
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return median(seconds)
