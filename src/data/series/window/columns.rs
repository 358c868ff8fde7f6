//! The columns of a series, or of many: how each is transformed and scaled.

use std::ops::Range;

use anyhow::bail;

use super::scale::ColumnScale;
use super::{FitScaleOn, Scale, ScaleSeries, Transform, WindowSpec, Windows};
use crate::data::TargetScale;
use crate::data::series::checked::Series;

/// The rows that those windows see or forecast.
pub(super) fn rows_of(windows: &Range<usize>, window: &WindowSpec) -> Range<usize> {
    windows.start..windows.end - 1 + window.lookback + window.horizon
}

/// The scaling of each column of each series.
pub(super) fn scales(series: &Series, window: &WindowSpec, windows: &[Windows]) -> Vec<Vec<ColumnScale>> {
    let before = usize::from(window.transform.is_change());
    let fitted: Vec<Range<usize>> = windows
        .iter()
        .zip(series.each())
        .map(|(own, (_, all))| match window.fit_scale_on {
            FitScaleOn::Train => rows_of(&own.train, window),
            FitScaleOn::All => all.start + before..all.end,
        })
        .collect();
    let fit = |column: usize, rows: &[Range<usize>]| {
        if series.is_calendar(column) {
            return ColumnScale::fit(Scale::None, &[]);
        }
        let values = &series.columns[column].values;
        // A change is that from the row before.
        let transformed = |rows: &Range<usize>| {
            window
                .transform
                .of_column(&values[rows.start - before..rows.end])
                .split_off(before)
        };
        ColumnScale::fit(window.scale, &rows.iter().flat_map(transformed).collect::<Vec<f64>>())
    };
    let of_columns = |rows: &[Range<usize>]| (0..series.columns.len()).map(|column| fit(column, rows)).collect::<Vec<_>>();
    match window.scale_series {
        ScaleSeries::Each => fitted.iter().map(|rows| of_columns(std::slice::from_ref(rows))).collect(),
        ScaleSeries::Together => vec![of_columns(&fitted); fitted.len()],
    }
}

pub(super) fn target_scale(window: &WindowSpec, ColumnScale { offset, factor }: ColumnScale) -> TargetScale {
    TargetScale {
        offset,
        factor,
        transform: window.transform,
    }
}

/// Every column transformed and scaled, computed in f64 and rounded once.
pub(super) fn scaled(series: &Series, window: &WindowSpec, scales: &[Vec<ColumnScale>]) -> anyhow::Result<Vec<Vec<f32>>> {
    let mut columns = Vec::with_capacity(series.columns.len());
    for (place, column) in series.columns.iter().enumerate() {
        let transform = match series.is_calendar(place) {
            true => Transform::None,
            false => window.transform,
        };
        let mut scaled = Vec::with_capacity(series.rows());
        for ((_, rows), scales) in series.each().into_iter().zip(scales) {
            let transformed = transform.of_column(&column.values[rows.clone()]);
            for (row, value) in rows.zip(transformed) {
                let number = scales[place].apply(value) as f32;
                if !number.is_finite() {
                    bail!(
                        "column `{}`: {} of {} cannot be scaled to a number that a network can take\n  \
                         help: look at `window.scale` and `window.transform`, or leave the column out",
                        column.name,
                        column.values[row],
                        series.times.get(row)
                    );
                }
                scaled.push(number);
            }
        }
        columns.push(scaled);
    }
    Ok(columns)
}
