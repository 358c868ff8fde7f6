"""The price study's networks in PyTorch: seconds of a training epoch. usage: forecast_torch.py lstm|hybrid HORIZON EPOCHS BATCH"""
import sys
import time

import numpy as np
import torch
from torch import nn

from shared import median, walk, windows

name, horizon, epochs, batch = sys.argv[1], *map(int, sys.argv[2:5])
torch.set_num_threads(1)
torch.manual_seed(0)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(1, 30, batch_first=True)
        self.head = nn.Sequential(nn.Linear(30, 30), nn.Linear(30, horizon))

    def forward(self, x):
        return self.head(self.recurrent(x)[0][:, -1])


class Hybrid(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.LSTM(1, 30, batch_first=True)
        self.second = nn.LSTM(30, 50, batch_first=True)
        self.gru = nn.GRU(1, 30, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.after_lstm, self.after_gru = nn.Linear(50, 30), nn.Linear(30, 30)
        self.head = nn.Linear(60, horizon)

    def forward(self, x):
        lstm = self.second(self.drop(self.first(x)[0]))[0][:, -1]
        gru = self.drop(self.gru(x)[0])[:, -1]
        return self.head(torch.cat([self.after_lstm(lstm), self.after_gru(gru)], 1))


inputs, targets = (torch.tensor(part) for part in windows(walk(1851 + horizon), horizon))
network = {"lstm": Lstm, "hybrid": Hybrid}[name]()
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
