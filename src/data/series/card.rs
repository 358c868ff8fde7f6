//! What a reader sees of a series: its rows, the target over time, its windows and their scaling.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::SeriesData;
use super::checked::{self, Column, Named, Series};
use super::time::{Frequency, Moment};
use super::window::{self, FitScaleOn, Scale, WindowSpec};
use crate::data::card::{
    CALIBRATION, Contents, CutCard, Leak, LeakKind, MOST_TARGETS, Part, Scaling, TEST, TRAINING, TargetCard, TargetCurve,
    VALIDATION,
};
use crate::data::{Data, Described, Outputs, Raw, raw_as};

/// Points that a series is thinned to.
const CURVE_POINTS: usize = 400;

/// Rows at the end of a series that are kept as they are.
const RECENT_ROWS: usize = 60;

/// Gaps that are told by their place, at most.
const MOST_GAPS: usize = 50;

impl Described for SeriesData {
    fn contents(&self, raw: &dyn Raw) -> anyhow::Result<Contents> {
        let series = raw_as::<Series>(raw)?;
        fn shown_of<T>(series: &Series, values: Vec<T>) -> Vec<T> {
            if series.publish { values } else { Vec::new() }
        }
        // Of many series each has its own, and what is drawn of them shares an axis.
        let gaps = match series.many[..] {
            [] => self.gaps(series),
            _ => Vec::new(),
        };
        let others: Vec<TargetCurve> = match series.many[..] {
            [] => {
                let others = series.targets.iter().skip(1).take(MOST_TARGETS - 1);
                let curve = |&column: &usize| TargetCurve {
                    curve: thinned(series, &series.columns[column], 0..series.rows(), &gaps),
                    name: series.columns[column].name.clone(),
                };
                others.map(curve).collect()
            }
            [_, ref others @ ..] => {
                let curve = |one: &Named| TargetCurve {
                    curve: thinned(series, series.target(), one.rows.clone(), &gaps),
                    name: one.name.clone(),
                };
                others.iter().take(MOST_TARGETS - 1).map(curve).collect()
            }
        };
        let told = |row: usize| series.times.get(row).to_string();
        Ok(Contents {
            columns: series.preview.header.clone(),
            curve: shown_of(series, thinned(series, series.target(), series.shown(), &gaps)),
            digest: raw.digests().data,
            first: shown_of(series, series.preview.first.clone()),
            gaps: gaps.iter().map(|&row| [told(row), told(row + 1)]).collect(),
            hole: series.hole(),
            items: series.rows(),
            last: shown_of(series, series.preview.last.clone()),
            notes: series.notes.clone(),
            noun: "rows".to_owned(),
            others: shown_of(series, others),
            series: series.many.iter().take(MOST_TARGETS).map(|one| one.name.clone()).collect(),
            source: series.source.clone(),
            target: Some(TargetCard {
                name: series.target().name.clone(),
                unit: series.unit.clone(),
            }),
            zone: series.times.clock().zone_name(),
            ..Contents::default()
        })
    }

    fn cut_card(&self, raw: Option<&dyn Raw>) -> anyhow::Result<CutCard> {
        let window = &self.window;
        let raw_series = raw.map(raw_as::<Series>).transpose()?;
        let features = match raw_series {
            Some(series) => series.features,
            None => self.source.feature_count().unwrap_or(1),
        };
        let outputs = self.outputs(raw);
        let several = (outputs.targets.len() > 1).then_some(outputs.targets.len());
        let told = CutCard {
            leaks: leaks(window),
            shape: vec![window.lookback, features],
            targets: [window.horizon].into_iter().chain(several).collect(),
            ..CutCard::default()
        };
        let Some(series) = raw_series else { return Ok(told) };
        let cut = self.cut(series)?;
        let part = |name: &str, items: usize, days: Option<[Moment; 2]>| Part {
            by_class: Vec::new(),
            items,
            name: name.to_owned(),
            span: days.map(|days| days.map(|day| day.to_string())),
        };
        let mut parts = vec![part(TRAINING, cut.train[0], Some(cut.train_days))];
        match &self.intervals {
            Some(_) => {
                let (_, [watched, calibrating]) = window::validation_halves(series, window, &self.split)?;
                parts.push(part(VALIDATION, watched.len(), None));
                parts.push(part(CALIBRATION, calibrating.len(), None));
            }
            None => parts.extend(cut.validation.map(|shape| part(VALIDATION, shape[0], None))),
        }
        parts.push(part(TEST, cut.test[0], Some(cut.test_days)));
        Ok(CutCard {
            all: cut.all[0],
            parts,
            scaling: Some(Scaling {
                factor: cut.target.factor,
                fit_scale_on: word(&window.fit_scale_on),
                offset: cut.target.offset,
                scale: word(&window.scale),
                transform: window.transform,
            }),
            walk: cut.walk,
            ..told
        })
    }

    fn listed_by(&self, _: &str, input: &[usize], Outputs { steps, targets }: &Outputs, settings: &Value) -> Value {
        match targets[..] {
            [_] => json!([input, { "regression": { "horizon": steps } }, settings]),
            _ => json!([input, { "regression": { "horizon": steps, "targets": targets } }, settings]),
        }
    }

    /// The data are as they were seen; what they are called is as the file says now.
    fn rename(&self, contents: &mut Contents) {
        let unit = json!(self.source)["unit"].as_str().map(str::to_owned);
        if let (Some(target), Some(unit)) = (&mut contents.target, unit) {
            target.unit = unit;
        }
    }
}

impl SeriesData {
    /// The rows after which some are missing; of many the longest gaps, in the order of time.
    fn gaps(&self, series: &Series) -> Vec<usize> {
        let frequency = Frequency::deserialize(&json!(self.source)["frequency"]);
        let mut gaps = series.times.gaps(frequency.unwrap_or(Frequency::Any));
        if gaps.len() > MOST_GAPS {
            let at = series.times.counts();
            gaps.sort_by_key(|&row| (at[row] - at[row + 1], row));
            gaps.truncate(MOST_GAPS);
            gaps.sort_unstable();
        }
        gaps
    }
}

fn leaks(window: &WindowSpec) -> Vec<Leak> {
    let saw = window.fit_scale_on == FitScaleOn::All && window.scale != Scale::None;
    let leak = saw.then(|| Leak {
        kind: LeakKind::Scaling,
        sentence: "fit_scale_on = \"all\": the scaling was computed from all rows, those of the test included.".to_owned(),
    });
    leak.into_iter().collect()
}

/// A setting as a file writes it.
fn word(setting: &impl Serialize) -> String {
    json!(setting).as_str().unwrap_or_default().to_owned()
}

/// A target over some rows: thinned, but for the rows at either side of a gap and for the last rows, which stand before the forecasts in a
/// figure.
fn thinned(series: &Series, target: &Column, all: Range<usize>, gaps: &[usize]) -> Vec<(String, f64)> {
    let recent = all.end.saturating_sub(RECENT_ROWS).max(all.start);
    let kept = checked::thinned(&target.values[all.clone()], CURVE_POINTS - RECENT_ROWS);
    let mut rows: Vec<usize> = kept.into_iter().map(|row| all.start + row).collect();
    rows.extend(gaps.iter().flat_map(|row| [*row, row + 1]));
    rows.extend(recent..all.end);
    rows.sort_unstable();
    rows.dedup();
    rows.into_iter()
        .map(|row| (series.times.get(row).to_string(), target.values[row]))
        .collect()
}
