#!/usr/bin/env python3
"""What pandas reads from small files, with its times, numbers and filled values.
usage: series.py OUT    (writes OUT/pandas_series.json)"""
import io
import json
import random
import sys

import pandas as pd

chance = random.Random(7)
cases = []


def add(name, text, settings, table):
    """`table` has an index of times and the columns of the file; what it tells is in UTC, or without a zone."""
    index = table.index.tz_convert("UTC").tz_localize(None) if table.index.tz is not None else table.index
    cases.append({
        "name": name,
        "file": text,
        "settings": settings,
        "microseconds": [int(time) for time in index.as_unit("us").asi8],
        "columns": {column: [float(value) for value in table[column]] for column in table},
    })


def rows(times, *columns, mark=",", header="date,a,b"):
    lines = [header.replace(",", mark)]
    lines += [mark.join([str(time), *map(str, values)]) for time, *values in zip(times, *columns)]
    return "\n".join(lines) + "\n"


def numbers(count, holes=()):
    return ["" if place in holes else f"{chance.gauss(0, 50):.4f}" for place in range(count)]


def read(text, **settings):
    return pd.read_csv(io.StringIO(text), **settings)


# The clock on the wall in Berlin over both changes of a year.
for name, first, last in [("autumn", "2016-10-29 22:00", "2016-10-30 04:00"), ("spring", "2016-03-26 23:00", "2016-03-27 05:00")]:
    instants = pd.date_range(first, last, freq="30min", tz="UTC").tz_convert("Europe/Berlin")
    text = rows(instants.tz_localize(None), numbers(len(instants)), numbers(len(instants)))
    table = read(text, parse_dates=["date"], index_col="date").tz_localize("Europe/Berlin", ambiguous="infer")
    add(name, text, {"frequency": "30min", "time_zone": "Europe/Berlin"}, table)

# Marks of another country. Without a type, pandas takes the points out of dates, too.
days = [f"{day:02}.02.2020" for day in range(8, 20)]
marked = [f"{chance.gauss(0, 5000):,.3f}".translate(str.maketrans(",.", ".,")) for _ in days]
text = rows(days, marked, marked[::-1], mark=";")
table = read(text, sep=";", decimal=",", thousands=".", dtype={"date": str})
table.index = pd.to_datetime(table.pop("date"), dayfirst=True)
add("marks", text, {"frequency": "1d", "separator": ";", "decimal": ",", "thousands": "."}, table)

# The time since 1970.
for unit, word, length in [("s", "unix", 1), ("ms", "unix_ms", 1000), ("us", "unix_us", 1_000_000)]:
    counts = [(1_467_331_200 + 3600 * hour) * length for hour in range(5)]
    text = rows(counts, numbers(5), numbers(5))
    table = read(text)
    table.index = pd.to_datetime(table.pop("date"), unit=unit, utc=True)
    add(word, text, {"frequency": "1h", "time_format": word}, table)

# What is missing.
hours = pd.date_range("2021-05-01", periods=30, freq="h")
kept = [hour for place, hour in enumerate(hours) if place not in (4, 5, 6, 17)]
text = rows(kept, numbers(len(kept), (3, 9, 10)), numbers(len(kept), (4, 20)))
table = read(text, parse_dates=["date"], index_col="date").asfreq("h")
add("interpolate", text, {"frequency": "1h", "missing": "interpolate"}, table.interpolate("time"))
add("previous", text, {"frequency": "1h", "missing": "previous"}, table.ffill())
bare = read(text, parse_dates=["date"], index_col="date")
add("drop", text, {"frequency": "1h", "missing": "drop"}, bare.dropna())
add("any", text, {"frequency": "any", "missing": "interpolate"}, bare.interpolate("time"))
for name, frequency, alias in [("months", "1mo", "ME"), ("business_days", "business_day", "B"), ("weeks", "1w", "W-SUN")]:
    calendar = pd.date_range("2020-01-01", periods=14, freq=alias)
    kept = [day.date() for place, day in enumerate(calendar) if place not in (2, 8, 9)]
    text = rows(kept, numbers(len(kept)), numbers(len(kept), (5,)))
    table = read(text, parse_dates=["date"], index_col="date").asfreq(alias).interpolate("time")
    add(name, text, {"frequency": frequency, "missing": "interpolate"}, table)

with open(f"{sys.argv[1]}/pandas_series.json", "w") as file:
    json.dump({"pandas": pd.__version__, "cases": cases}, file, indent=1)
    print(file=file)
