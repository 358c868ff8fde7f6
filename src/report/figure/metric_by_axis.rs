//! `metric_by_axis`: metrics against the values of an axis; a faint dot for each seed, a marker for their mean, a bar for
//! its 95 % interval.

use serde_json::Value;

use super::lines::{self, Line};
use super::names;
use super::scene::Scene;
use super::{Figure, Kind};
use crate::report::DataTable;
use crate::report::draw::chart::{Axis, Chart, Panel, Reading};
use crate::report::draw::legend::{Entry, Sample};
use crate::report::draw::marks::Mark;
use crate::report::draw::palette::Fill;
use crate::report::draw::scale::{Scale, Tick};
use crate::report::select::{compare, show};
use crate::report::{metrics, round};
use crate::statistics::Summary;

pub(super) const KIND: Kind = Kind {
    title: "Metrics",
    of_one_dataset: false,
    draw,
};

/// More values than these stand where their size puts them; fewer are names, equally far apart.
const MOST_NAMES: usize = 12;

/// The seeds of one line at one value of the axis.
struct Group {
    /// The value's place in order; `None` for a line that does not read the axis: it is the same for all values.
    place: Option<usize>,
    /// One for each seed.
    values: Vec<f64>,
    summary: Summary,
    /// The mean and its interval.
    text: String,
}

/// One view.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let metrics = &scene.spec.metrics;
    let path = scene.spec.x.as_str();
    let lines = lines::lines(scene, Some(path), |record| {
        metrics.iter().any(|m| record.metrics.contains_key(m))
    });
    let mut values: Vec<Value> = Vec::new();
    for record in lines.iter().flat_map(|line| &line.records) {
        if let Some(value) = record.at(path)
            && let Err(place) = values.binary_search_by(|known| compare(known, value))
        {
            values.insert(place, value.clone());
        }
    }
    if values.is_empty() {
        return Err(format!(
            "No record with these metrics has a value at `{path}`."
        ));
    }
    let unit = metrics::shared_unit(lines.iter().flat_map(|line| line.records.iter().copied()));
    let panels: Vec<(&String, Vec<Vec<Group>>)> = metrics
        .iter()
        .map(|metric| {
            let groups = lines.iter().map(|line| groups(line, metric, path, &values));
            (metric, groups.collect())
        })
        .collect();

    let places = Places::of(&values, path);
    let is_spread = scene.spec.lines != path;
    let chart = Chart {
        panels: panels
            .iter()
            .map(|(metric, groups)| {
                let label = names::axis(metric, unit, scene.task);
                panel(label, &lines, groups, &places, is_spread, scene.spec.log)
            })
            .collect(),
        legend: lines
            .iter()
            .map(|line| Entry {
                sample: if line.records.iter().any(|record| record.at(path).is_some()) {
                    Sample::Marker(line.style)
                } else {
                    Sample::Line(line.style)
                },
                name: line.name.clone(),
            })
            .collect(),
        x: places.axis,
    };
    Ok(vec![Figure {
        title: scene.title(),
        text: describe(&panels, path),
        drawing: Some(chart.draw(0.0)),
        table: table(&lines, &panels, path, &values),
    }])
}

/// Where the values of the axis stand.
struct Places {
    axis: Axis,
    at: Vec<f64>,
    /// Room that the lines share around a value.
    room: f64,
}

impl Places {
    fn of(values: &[Value], path: &str) -> Self {
        let numbers: Option<Vec<f64>> = values.iter().map(Value::as_f64).collect();
        match numbers {
            Some(at) if at.len() > MOST_NAMES => {
                let (first, last) = (at[0], at[at.len() - 1]);
                // Values over several powers of ten are an axis of ratios.
                let log = (first > 0.0 && last / first > 100.0).then(|| Scale::log(at.clone()));
                let scale = log.flatten().unwrap_or_else(|| Scale::linear(at.clone()));
                let scale = scale.padded(0.03);
                Self {
                    axis: Axis {
                        label: path.to_owned(),
                        ticks: scale.ticks(),
                        scale,
                        reading: Reading::Number,
                    },
                    at,
                    room: 0.0,
                }
            }
            _ => {
                let at: Vec<f64> = (0..values.len()).map(|i| i as f64).collect();
                let ticks = at.iter().zip(values).map(|(&at, value)| Tick {
                    at,
                    label: show(value),
                });
                Self {
                    axis: Axis {
                        label: path.to_owned(),
                        scale: Scale::Linear {
                            from: -0.5,
                            to: values.len() as f64 - 0.5,
                        },
                        ticks: ticks.collect(),
                        reading: Reading::Name,
                    },
                    at,
                    room: 0.7,
                }
            }
        }
    }
}

fn groups(line: &Line, metric: &str, path: &str, values: &[Value]) -> Vec<Group> {
    let places = (0..values.len()).map(Some).chain([None]);
    places
        .filter_map(|place| {
            let belongs = |value: Option<&Value>| match (place, value) {
                (Some(place), Some(value)) => compare(&values[place], value).is_eq(),
                (None, None) => true,
                _ => false,
            };
            let values: Vec<f64> = line
                .records
                .iter()
                .filter(|record| belongs(record.at(path)))
                .filter_map(|record| record.metrics.get(metric).copied())
                .collect();
            let summary = Summary::of(&values)?;
            Some(Group {
                place,
                text: round::mean(metric, &summary),
                summary,
                values,
            })
        })
        .collect()
}

fn panel(
    label: String,
    lines: &[Line],
    groups: &[Vec<Group>],
    places: &Places,
    is_spread: bool,
    log: bool,
) -> Panel {
    let seeds = || {
        groups
            .iter()
            .flatten()
            .flat_map(|g| g.values.iter().copied())
    };
    let (low, high) = seeds().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    // Of a few seeds the interval can be many times as wide as their spread; it must not flatten the drawing.
    let margin = (high - low) * 0.5;
    let bounds = groups.iter().flatten().flat_map(|group| {
        let mean = group.summary.mean;
        let (from, to) = group.summary.interval.unwrap_or((mean, mean));
        // Below 0 lies nothing for a metric that is never negative.
        let floor = if low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
        [from.max(low - margin).max(floor), to.min(high + margin)]
    });
    let values: Vec<f64> = seeds().chain(bounds).collect();
    let mut panel = Panel::new(Axis::of_values(label, values.into_iter(), log));
    let step = (places.room / lines.len() as f64).min(0.16);
    for (index, (line, groups)) in lines.iter().zip(groups).enumerate() {
        let shift = if is_spread {
            (index as f64 - (lines.len() - 1) as f64 / 2.0) * step
        } else {
            0.0
        };
        for group in groups {
            panel.marks.extend(marks(line, group, places, shift));
        }
    }
    panel
}

fn marks(line: &Line, group: &Group, places: &Places, shift: f64) -> Vec<Mark> {
    let style = line.style;
    let mean = group.summary.mean;
    let count = group.values.len();
    let mut title = format!("{}: {}", line.name, group.text);
    if group.summary.interval.is_some() {
        title += &format!(", 95 % interval, {count} seeds");
    }
    let Some(place) = group.place else {
        let (from, to) = match places.axis.scale {
            Scale::Linear { from, to } | Scale::Log { from, to } => (from, to),
        };
        return vec![Mark::Line {
            points: vec![(from, mean), (to, mean)],
            style,
            title,
        }];
    };
    let x = places.at[place] + shift;
    let mut marks = Vec::new();
    if count > 1 {
        marks.push(Mark::Points {
            points: group
                .values
                .iter()
                .map(|&value| (x, value, format!("{}: {}", line.name, round::number(value))))
                .collect(),
            style,
            fill: Fill::Faint,
            size: 2.2,
        });
    }
    if let Some((low, high)) = group.summary.interval {
        marks.push(Mark::Interval {
            x,
            low,
            high,
            style,
            title: title.clone(),
        });
    }
    marks.push(Mark::Points {
        points: vec![(x, mean, title)],
        style,
        fill: Fill::Solid,
        size: 4.0,
    });
    marks
}

fn describe(panels: &[(&String, Vec<Vec<Group>>)], path: &str) -> String {
    let metrics: Vec<String> = panels
        .iter()
        .map(|(metric, _)| names::long(metric))
        .collect();
    let groups = || {
        panels
            .iter()
            .flat_map(|(_, groups)| groups.iter().flatten())
    };
    let mut text = format!(
        "{} on the test set by {path}.",
        names::sentence_list(&metrics)
    );
    if groups().any(|group| group.values.len() > 1) {
        text.push_str(&format!(
            " Small dots are single runs ({}), large ones their mean, bars its 95 % interval by Student's t; a bar \
             without an end goes on beyond the frame.",
            lines::some_seeds(groups().map(|group| group.values.len()).filter(|&n| n > 1))
        ));
    } else {
        text.push_str(" One run each.");
    }
    if groups().any(|group| group.place.is_none()) {
        text.push_str(&format!(
            " A model that does not read {path} is a line across."
        ));
    }
    text
}

fn table(
    lines: &[Line],
    panels: &[(&String, Vec<Vec<Group>>)],
    path: &str,
    values: &[Value],
) -> DataTable {
    let mut rows = Vec::new();
    for (metric, all) in panels {
        for (line, groups) in lines.iter().zip(all) {
            for group in groups {
                let value = group
                    .place
                    .map_or_else(|| "any".to_owned(), |i| show(&values[i]));
                let seeds: Vec<String> = group.values.iter().map(|&v| round::number(v)).collect();
                rows.push(vec![
                    (*metric).clone(),
                    line.name.clone(),
                    value,
                    group.text.clone(),
                    seeds.join(", "),
                ]);
            }
        }
    }
    DataTable {
        columns: vec![
            "metric".to_owned(),
            "line".to_owned(),
            path.to_owned(),
            "mean ± 95 % interval".to_owned(),
            "seeds".to_owned(),
        ],
        rows,
    }
}
