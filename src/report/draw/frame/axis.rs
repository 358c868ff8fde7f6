//! What stands along the horizontal axis of a frame → the axis, and how far series stand apart at one place of it.

use super::{Along, Frame, Look, Places, Series, places};
use crate::report::draw::chart::Axis;
use crate::report::draw::date::{date_of, date_ticks};
use crate::report::draw::scale::{Scale, Tick};
use crate::report::round;

impl Along {
    /// An axis of days.
    pub(crate) fn days(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            heading: "date".to_owned(),
            places: Places::Days,
        }
    }

    /// Whether a line has values between its points.
    pub(super) fn is_straight(&self) -> bool {
        matches!(self.places, Places::Numbers(_))
    }

    /// A place in words.
    pub(super) fn written(&self, x: f64) -> String {
        match &self.places {
            Places::Counts => x.to_string(),
            Places::Numbers(write) => write(x),
            Places::Days => date_of(x),
            Places::Names(names) => names.get(x as usize).cloned().unwrap_or_default(),
        }
    }
}

impl Frame {
    pub(super) fn axis(&self) -> Axis {
        let (from, to) = self.ends();
        let has_markers = self.series().any(Series::stands_beside);
        let (scale, ticks, reading) = match &self.x.places {
            Places::Counts => {
                let scale = Scale::linear([1.0, to.max(2.0)]);
                let inner = scale.ticks().into_iter().map(|tick| tick.at);
                let inner = inner.filter(|at| *at > 1.0 && *at <= to && at.fract() == 0.0);
                let ticks = std::iter::once(1.0).chain(inner).map(|at| Tick {
                    at,
                    label: round::count(at as usize),
                });
                (scale, ticks.collect(), "whole")
            }
            Places::Numbers(_) => {
                // Values over several powers of ten are an axis of ratios.
                let log = (from > 0.0 && to / from > 100.0).then(|| Scale::log([from, to]));
                let scale = log.flatten().unwrap_or_else(|| Scale::linear([from, to]));
                let scale = match has_markers {
                    true => scale.padded(0.03),
                    false => scale.rounded(),
                };
                (scale, scale.ticks(), "number")
            }
            Places::Days => {
                // Room for what stands beside the last day.
                let apart = self.apart();
                let to = match has_markers {
                    true => to.max(from + apart) + 0.6 * apart,
                    false => to,
                };
                let scale = Scale::linear([from, to]).padded(0.01);
                (scale, date_ticks(from, to, apart), if apart < 1.0 { "time" } else { "day" })
            }
            Places::Names(names) => {
                let tick = |(index, name): (usize, &String)| Tick {
                    at: index as f64,
                    label: name.clone(),
                };
                let scale = Scale::Linear {
                    from: -0.5,
                    to: names.len() as f64 - 0.5,
                };
                let ticks = names.iter().enumerate().map(tick);
                (scale, ticks.collect(), "name")
            }
        };
        Axis {
            label: self.x.label.clone(),
            scale,
            ticks,
            reading,
        }
    }

    /// How far apart markers of several series stand at one place; 0 where no two have a place in common.
    pub(super) fn step(&self) -> f64 {
        let side_by_side = |graph: &super::Graph| {
            let beside = || graph.series.iter().filter(|one| one.stands_beside());
            let markers = beside().filter(|one| one.look != Look::Across);
            let points: usize = markers.clone().map(|one| one.points.len()).sum();
            (beside().count(), points > places(markers).len())
        };
        let (from, to) = self.ends();
        let (room, least, most) = match self.x.places {
            Places::Names(_) => (0.7, 0.0, 0.16),
            Places::Days => (0.5 * self.apart(), (to - from) * 0.004, 0.16 * self.apart()),
            Places::Counts | Places::Numbers(_) => return 0.0,
        };
        let mut graphs = self.graphs.iter().map(side_by_side);
        match graphs.find(|(_, is_crowded)| *is_crowded) {
            Some((count, _)) => (room / count as f64).min(most).max(least),
            None => 0.0,
        }
    }

    /// How far apart neighbouring places of an axis of days are, at most a day.
    pub(super) fn apart(&self) -> f64 {
        let xs = places(self.series());
        xs.windows(2).map(|pair| pair[1] - pair[0]).fold(1.0, f64::min)
    }

    /// The first and the last place of a point.
    fn ends(&self) -> (f64, f64) {
        self.first_and_last().unwrap_or((0.0, 1.0))
    }
}
