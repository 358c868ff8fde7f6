//! Several targets → a panel each, above one another on one axis of time; of many the first ones, and a sentence that says so.

use super::names;
use super::scene::Scene;
use crate::console;
use crate::metric::Forecasts;
use crate::report::draw::date::day;
use crate::report::metrics;
use crate::store::card::{Contents, MOST_TARGETS};

/// The targets that a figure shows.
#[derive(Default)]
pub(super) struct Targets {
    /// Their names, in the order in which each step has its values.
    names: Vec<String>,
    unit: String,
    /// How many there are, shown or not.
    all: usize,
    /// Whether they are many series rather than targets of one.
    are_series: bool,
}

impl Targets {
    /// Those of a dataset as it was read, of so many in all.
    pub(super) fn of_contents(contents: &Contents, all: usize) -> Self {
        let first = contents.target.iter();
        let unit = first.clone().next().map_or("", |target| &target.unit);
        let names = first.map(|target| &target.name);
        let names = names.chain(contents.others.iter().map(|other| &other.name));
        let are_series = !contents.series.is_empty();
        let names: Vec<String> = match are_series {
            true => contents.series.clone(),
            false => names.cloned().collect(),
        };
        Self {
            all: all.max(names.len()),
            names,
            unit: unit.to_owned(),
            are_series,
        }
    }

    /// Those of forecasts, which are alike for all records of a scene.
    pub(super) fn of_forecasts(scene: &Scene, forecasts: &Forecasts) -> Self {
        let unit = metrics::shared_unit(scene.records.iter().map(|stored| &stored.record)).to_owned();
        let all = forecasts.target_count();
        let read = scene.contents().and_then(|contents| contents.target.as_ref());
        let name = |place: usize| match forecasts.targets().get(place) {
            Some(told) => told.name.clone(),
            None if all > 1 => format!("target {}", place + 1),
            None => read.map_or("target", |target| &target.name).to_owned(),
        };
        Self {
            names: (0..all.min(MOST_TARGETS)).map(name).collect(),
            unit,
            all,
            are_series: false,
        }
    }

    /// Many series of forecasts, each with its first target; the targets of one.
    pub(super) fn or_series(scene: &Scene, forecasts: &Forecasts) -> Self {
        let of_targets = Self::of_forecasts(scene, forecasts);
        match forecasts.series() {
            [] => of_targets,
            series => Self {
                names: series.iter().take(MOST_TARGETS).map(|one| one.name.clone()).collect(),
                all: series.len(),
                are_series: true,
                ..of_targets
            },
        }
    }

    /// That series alone.
    pub(super) fn only(self, series: &str) -> Self {
        Self {
            names: vec![series.to_owned()],
            all: 1,
            are_series: true,
            ..self
        }
    }

    /// The values of a panel over time, as a card has them; empty of one that it has not.
    pub(super) fn curve<'a>(&self, contents: &'a Contents, place: usize) -> &'a [(String, f64)] {
        match self.series(place) {
            None => curve(contents, place),
            Some(series) => {
                let place = contents.series.iter().position(|name| name == series);
                place.map_or(&[], |place| curve(contents, place))
            }
        }
    }

    /// How many are shown.
    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    /// Whether there are others beside the first.
    pub(super) fn are_several(&self) -> bool {
        self.names.len() > 1
    }

    /// The series of a panel; none where panels are of targets.
    pub(super) fn series(&self, place: usize) -> Option<&str> {
        self.are_series.then(|| &*self.names[place])
    }

    /// The target of a panel, among those that are forecast: of many series the first.
    pub(super) fn target(&self, place: usize) -> usize {
        if self.are_series { 0 } else { place }
    }

    /// What tells one of several from the others; empty where there is one alone.
    pub(super) fn told(&self, place: usize) -> String {
        match self.are_several() {
            true => self.names[place].clone(),
            false => String::new(),
        }
    }

    /// Its name.
    pub(super) fn name(&self, place: usize) -> &str {
        &self.names[place]
    }

    /// The label of its axis.
    pub(super) fn label(&self, place: usize) -> String {
        names::with_unit(&self.names[place], &self.unit)
    }

    /// The label of an axis of something else about it, in its unit.
    pub(super) fn label_of(&self, what: &str, place: usize) -> String {
        match self.are_several() {
            true => names::with_unit(&format!("{what}: {}", self.names[place]), &self.unit),
            false => names::with_unit(what, &self.unit),
        }
    }

    /// The height of a panel that has this one where there is one target alone.
    pub(super) fn height(&self, alone: f64) -> f64 {
        match self.count() {
            0 | 1 => alone,
            2 | 3 => 0.65 * alone,
            _ => 0.45 * alone,
        }
    }

    /// How many are shown, in words: `3 targets`.
    pub(super) fn counted(&self) -> String {
        match self.are_series {
            true => format!("{} series", self.count()),
            false => console::counted(self.count(), "target"),
        }
    }

    /// That not all are shown, as a sentence; empty where all are.
    pub(super) fn left_out(&self) -> String {
        match self.count() < self.all {
            true => {
                let of = if self.are_series {
                    format!("{} series", self.all)
                } else {
                    console::counted(self.all, "target")
                };
                format!(" Of {of} the first {} are drawn.", self.count())
            }
            false => String::new(),
        }
    }
}

/// The values of a target over time, as a card has them; empty of one that it has not.
pub(super) fn curve(contents: &Contents, place: usize) -> &[(String, f64)] {
    match place.checked_sub(1) {
        None => &contents.curve,
        Some(other) => contents.others.get(other).map_or(&[], |other| &other.curve),
    }
}

/// The stretches of time in which rows are missing.
pub(super) fn gaps(contents: &Contents) -> Vec<(f64, f64)> {
    let ends = |[before, after]: &[String; 2]| day(before).zip(day(after));
    contents.gaps.iter().filter_map(ends).collect()
}

/// Where lines are broken between two times because rows are missing, as a sentence; empty where they are not.
pub(super) fn about_gaps(contents: &Contents, from: f64, to: f64) -> String {
    let ends = |pair: &[String; 2]| day(&pair[0]).zip(day(&pair[1]));
    let is_shown = |(before, after): (f64, f64)| before >= from && after <= to;
    let shown = contents.gaps.iter().filter(|pair| ends(pair).is_some_and(is_shown));
    let length = |pair: &[String; 2]| ends(pair).map_or(0.0, |(before, after)| after - before);
    let longest = shown.clone().max_by(|one, other| length(one).total_cmp(&length(other)));
    let Some([before, after]) = longest else {
        return String::new();
    };
    match shown.count() {
        1 => format!(" Between {before} and {after} rows are missing: no line is drawn there."),
        count => {
            format!(" In {count} places rows are missing, for longest between {before} and {after}: no line is drawn there.")
        }
    }
}
