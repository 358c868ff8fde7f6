//! What a reader sees of a series: its rows, the target over time, its windows and their scaling.

use serde::Serialize;
use serde_json::{Value, json};

use super::SeriesData;
use super::checked::Series;
use super::time::Moment;
use super::window::{self, FitScaleOn, Scale, WindowSpec};
use crate::data::card::{
    CALIBRATION, Contents, CutCard, Leak, LeakKind, Part, Scaling, TEST, TRAINING, TargetCard, VALIDATION,
};
use crate::data::{Data, Described, Outputs, Raw, raw_as};

/// Points that a series is thinned to.
const CURVE_POINTS: usize = 400;

/// Rows at the end of a series that are kept as they are.
const RECENT_ROWS: usize = 60;

impl Described for SeriesData {
    fn contents(&self, raw: &dyn Raw) -> anyhow::Result<Contents> {
        let series = raw_as::<Series>(raw)?;
        fn shown_of<T>(series: &Series, values: Vec<T>) -> Vec<T> {
            if series.publish { values } else { Vec::new() }
        }
        Ok(Contents {
            columns: series.preview.header.clone(),
            curve: shown_of(series, thinned(series)),
            digest: raw.digests().data,
            first: shown_of(series, series.preview.first.clone()),
            hole: series.hole(),
            items: series.rows(),
            last: shown_of(series, series.preview.last.clone()),
            notes: series.notes.clone(),
            noun: "rows".to_owned(),
            source: series.source.clone(),
            target: Some(TargetCard {
                name: series.target().name.clone(),
                unit: series.unit.clone(),
            }),
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

/// The target over time: thinned, but for the last rows, which stand before the forecasts in a figure.
fn thinned(series: &Series) -> Vec<(String, f64)> {
    let recent = series.rows().saturating_sub(RECENT_ROWS);
    let early = series.thinned(CURVE_POINTS - RECENT_ROWS).into_iter();
    let rows = early.take_while(|row| *row < recent).chain(recent..series.rows());
    rows.map(|row| (series.times.get(row).to_string(), series.target().values[row]))
        .collect()
}
