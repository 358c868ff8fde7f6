"""Writes OUT/walk.json: what numpy makes of a series step by step as a test goes on, with nothing of what comes later.
usage: walk.py OUT   (reads the series of OUT/baselines.json)"""
import json, sys
import numpy as np

out = sys.argv[1]
series = json.load(open(f"{out}/baselines.json"))["series"]


def walk(name, lookback, horizon, origins, stride, refit_every, train_rows, validation):
    y = np.array(series[name])
    # The last origin forecasts the last rows; a row is known where its number is below `known`.
    known_at = [len(y) - horizon - (origins - 1 - k) * stride for k in range(origins)]
    refits, forecasts, means = [], [], []
    for first in range(0, origins, refit_every):
        known = known_at[first]
        begin = 0 if train_rows is None else known - train_rows
        rows = y[begin:known]
        starts = range(len(rows) - lookback - horizon + 1)
        held = max(1, int(np.floor(validation * len(starts) + 0.5))) if validation else 0
        trained = len(starts) - held - (horizon if held else 0)
        seen = rows[:trained - 1 + lookback + horizon]
        refits.append(dict(rows=len(rows), train=trained, validation=held, lowest=seen.min(), range=seen.max() - seen.min()))
        x = np.array([rows[s:s + lookback] for s in starts])
        z = np.array([rows[s + lookback:s + lookback + horizon] for s in starts])
        weights = np.linalg.lstsq(np.hstack([x, np.ones((len(x), 1))]), z, rcond=None)[0]
        for known in known_at[first:first + refit_every]:
            forecasts.append((np.append(y[known - lookback:known], 1) @ weights).tolist())
            means.append(rows.mean())
    return dict(series=name, window=dict(lookback=lookback, horizon=horizon),
                split=dict(origins=origins, stride=stride, refit_every=refit_every, validation=validation)
                | ({} if train_rows is None else dict(train_rows=train_rows)),
                refits=refits, linear_regression=forecasts, training_mean=means)


cases = [walk("walk", 5, 1, 12, 1, 4, None, 0.0), walk("months", 8, 3, 11, 2, 3, None, 0.2), walk("weeks", 7, 2, 10, 1, 1, 40, 0.1)]
with open(f"{out}/walk.json", "w") as file:
    json.dump(dict(cases=cases, versions=dict(numpy=np.__version__)), file, indent=1)
    file.write("\n")
