"""Writes OUT/baselines.json: what statsmodels' ETSModel and ThetaModel and scikit-learn's LinearRegression forecast for small series.
usage: baselines.py OUT SEED"""
import itertools, json, sys, warnings
import numpy as np, sklearn, statsmodels
from sklearn.linear_model import LinearRegression
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel

warnings.simplefilter("ignore")
out, rng = sys.argv[1], np.random.default_rng(int(sys.argv[2]))
HORIZON = 10


def wave(n, m, size):
    one = rng.normal(0, 1, m)
    return size * np.resize(one - one.mean(), n)


t = np.arange(100)
series = {
    "walk": 50 + np.cumsum(rng.normal(0, 1, 80)),
    "level": 20 + rng.normal(0, 2, 60),
    "trend": 10 + 0.6 * t[:70] + np.cumsum(rng.normal(0, 0.3, 70)) + rng.normal(0, 1.5, 70),
    "bend": 40 - 30 * 0.93 ** t[:64] + rng.normal(0, 0.8, 64),
    "weeks": 30 + wave(75, 7, 3) + np.cumsum(rng.normal(0, 0.4, 75)) + rng.normal(0, 1, 75),
    "quarters": 100 + 1.2 * t[:49] + wave(49, 4, 6) + rng.normal(0, 2, 49),
    "months": (20 + 0.3 * t[:98]) * (1 + wave(98, 12, 0.15)) * np.exp(rng.normal(0, 0.03, 98)),
    "signed": wave(61, 5, 4) + np.cumsum(rng.normal(0, 0.5, 61)),
}
series = {name: np.round(values, 3) for name, values in series.items()}


def ets(name, trend, m):
    """The best of several starts: one alone may end in a local minimum."""
    y, best = series[name], None
    model = ETSModel(y, error="add", trend=None if trend == "none" else "add", damped_trend=trend == "damped",
                     seasonal="add" if m > 1 else None, seasonal_periods=m if m > 1 else None, initialization_method="estimated")
    names = [p for p in model.param_names if p.startswith(("smoothing", "damping"))]
    default = dict(zip(model.param_names, model.start_params))
    starts = {"smoothing_level": (.1, .5, .95), "smoothing_trend": (.01, .09), "smoothing_seasonal": (.01, .04), "damping_trend": (.85, .97)}
    for values in itertools.product(*(starts[p] for p in names)):
        start = default | dict(zip(names, values))
        fit = model.fit(start_params=np.array([start[p] for p in model.param_names]), disp=False, maxiter=20000, factr=10, pgtol=1e-9)
        if best is None or fit.sse < best.sse:
            best = fit
    params = dict(zip(model.param_names, map(float, best.params)))
    seasons = [params[f"initial_seasonal.{i}"] for i in reversed(range(m))] if m > 1 else []   # the oldest first
    return dict(series=name, trend=trend, season=m, level=params["smoothing_level"], slope=params.get("smoothing_trend", 0.0),
                seasonal=params.get("smoothing_seasonal", 0.0), damping=params.get("damping_trend", 1.0),
                initial=dict(level=params["initial_level"], slope=params.get("initial_trend", 0.0), seasonal=seasons),
                sse=float(best.sse), forecast=best.forecast(HORIZON).tolist())


def theta(name, m):
    model = ThetaModel(series[name], period=m, deseasonalize=m > 1, method="auto")
    fit = model.fit()
    return dict(series=name, season=m, level=float(fit.params["alpha"]), slope=float(fit.params["b0"]),
                is_seasonal=bool(model._has_seasonality), forecast=np.asarray(fit.forecast(HORIZON)).tolist())


def regression(name, lookback, horizon, tested):
    """Trained on all windows that end before the last `tested` ones begin to forecast."""
    y = series[name]
    starts = range(len(y) - lookback - horizon + 1)
    x = np.array([y[s:s + lookback] for s in starts]); z = np.array([y[s + lookback:s + lookback + horizon] for s in starts])
    known = len(starts) - tested - horizon + 1
    fit = LinearRegression().fit(x[:known], z[:known])
    return dict(series=name, lookback=lookback, horizon=horizon, tested=tested, forecast=fit.predict(x[-tested:]).tolist())


cases = [("walk", "none", 1), ("level", "none", 1), ("trend", "additive", 1), ("bend", "damped", 1), ("walk", "damped", 1),
         ("weeks", "none", 7), ("quarters", "additive", 4), ("months", "damped", 12), ("signed", "none", 5)]
result = dict(
    series={name: values.tolist() for name, values in series.items()},
    ets=[ets(*case) for case in cases],
    theta=[theta(*case) for case in [("walk", 1), ("trend", 1), ("bend", 1), ("weeks", 7), ("quarters", 4), ("months", 12), ("signed", 5), ("level", 6)]],
    linear_regression=[regression(*case) for case in [("walk", 5, 1, 12), ("weeks", 14, 3, 9), ("months", 24, 6, 5)]],
    versions=dict(statsmodels=statsmodels.__version__, scikit_learn=sklearn.__version__, numpy=np.__version__),
)
with open(f"{out}/baselines.json", "w") as file:
    json.dump(result, file, indent=None, separators=(",", ":"))
    file.write("\n")
