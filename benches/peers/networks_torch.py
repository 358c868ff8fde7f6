"""The price study's networks in PyTorch."""
import torch
from torch import nn


class Lstm(nn.Module):
    def __init__(self, horizon):
        super().__init__()
        self.recurrent = nn.LSTM(1, 30, batch_first=True)
        self.head = nn.Sequential(nn.Linear(30, 30), nn.Linear(30, horizon))

    def forward(self, x):
        return self.head(self.recurrent(x)[0][:, -1])


class Hybrid(nn.Module):
    def __init__(self, horizon):
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


NETWORKS = {"lstm": Lstm, "hybrid": Hybrid}
