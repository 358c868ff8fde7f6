"""The price study's networks in PyTorch: seconds of a training epoch. usage: forecast_torch.py lstm|hybrid HORIZON EPOCHS BATCH"""
import sys
import time

import numpy as np
import torch
from torch import nn

from networks_torch import NETWORKS
from shared import median, walk, windows

name, horizon, epochs, batch = sys.argv[1], *map(int, sys.argv[2:5])
torch.set_num_threads(1)
torch.manual_seed(0)


inputs, targets = (torch.tensor(part) for part in windows(walk(1851 + horizon), horizon))
network = NETWORKS[name](horizon)
optimizer = torch.optim.Adam(network.parameters(), 1e-3)
seconds = []
for _ in range(epochs):
    start = time.perf_counter()
    for indices in torch.randperm(len(inputs)).split(batch):
        loss = nn.functional.mse_loss(network(inputs[indices]), targets[indices])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
    seconds.append(time.perf_counter() - start)
print(f"torch {torch.__version__} {name} horizon {horizon}, {len(inputs)} windows, batch {batch}: {median(seconds):.4f} s/epoch")
