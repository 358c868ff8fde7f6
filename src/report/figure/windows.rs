//! `windows`: a sketch of how a series is split and cut into windows, with days and shapes.

mod walk; // trainings as the test goes on

use serde_json::Value;

use super::scene::Scene;
use super::{Figure, Kind};
use crate::console::counted;
use crate::report::DataTable;
use crate::report::draw::palette::Style;
use crate::report::draw::sheet;
use crate::report::draw::svg::{self, AXIS, Anchor, Drawing, SMALL, WIDTH, text_width};
use crate::report::round;
use crate::report::select::told_apart;
use crate::store::card::{CALIBRATION, CutCard, TEST, TRAINING, VALIDATION};

pub(super) const KIND: Kind = Kind {
    title: "Windows",
    of_one_dataset: true,
    draw,
};

/// One view for each way of cutting the series.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let cuts = scene.cuts();
    if cuts.is_empty() {
        return Err("The dataset has not been cut into windows yet.".to_owned());
    }
    let settings: Vec<Vec<&Value>> = cuts.iter().map(|(_, settings)| vec![settings]).collect();
    let told = cuts.iter().zip(told_apart(&settings));
    Ok(told.map(|((cut, _), told)| figure(scene, cut, &told)).collect())
}

fn figure(scene: &Scene, cut: &CutCard, told: &str) -> Figure {
    let (lookback, horizon) = sizes(cut);
    let (mut body, mut y) = split(cut, scene.contents().map(|contents| contents.items));
    if let Some(walk) = &cut.walk {
        let (trainings, end) = walk::draw(walk, y + 14.0);
        body.push_str(&trainings);
        y = end;
    }
    let count = items(cut, TRAINING);
    let (sliding, end) = windows(count, lookback, horizon, y + 14.0);
    body.push_str(&sliding);
    y = end + 16.0;
    let table = shapes(cut);
    let (sheet, height) = sheet::draw(&table, y, &[1]);
    body.push_str(&sheet);
    Figure {
        title: scene.title_told(told),
        text: describe(cut),
        drawing: Some((body, y + height)),
        table,
    }
}

/// Days that a window shows and days that it asks for.
fn sizes(cut: &CutCard) -> (usize, usize) {
    let first = |shape: &[usize]| shape.first().copied().unwrap_or(0);
    (first(&cut.shape), first(&cut.targets))
}

/// Windows of a part; 0 where there is none.
fn items(cut: &CutCard, part: &str) -> usize {
    cut.part(part).map_or(0, |part| part.items)
}

fn describe(cut: &CutCard) -> String {
    let (lookback, horizon) = sizes(cut);
    let validation = cut.part(VALIDATION).map_or_else(String::new, |part| {
        format!(
            ", the last {} of the training time to validation after a gap of {}",
            round::count(part.items),
            counted(horizon, "window")
        )
    });
    let calibration = cut.part(CALIBRATION).map_or_else(String::new, |part| {
        format!(
            "; {} after them that forecast none of the same values calibrate the intervals",
            counted(part.items, "window")
        )
    });
    let gap = match horizon {
        0 | 1 => String::new(),
        2 => ": the window before it, which reaches into them, is left out".to_owned(),
        _ => format!(": the {} windows before it, which reach into them, are left out", horizon - 1),
    };
    let walk = cut.walk.as_ref().map_or_else(|| " Not to scale.".to_owned(), walk::describe);
    format!(
        "A window shows a network {} and asks for the next {}; the next window begins a step later. {} go to \
         training{validation}{calibration}, {} to the test, whose forecast values no training window has seen{gap}.{walk}",
        counted(lookback, "step"),
        if horizon == 1 { "one".to_owned() } else { horizon.to_string() },
        counted(items(cut, TRAINING), "window"),
        round::count(items(cut, TEST)),
    )
}

/// The series as a bar of stretches with their days; where it ends.
fn split(cut: &CutCard, rows: Option<usize>) -> Drawing {
    let days = |part| cut.part(part).and_then(|part| part.span.as_ref());
    let trained = days(TRAINING).map(|[first, last]| format!("{first} to {last}"));
    let mut stretches = vec![(3.2, "training", trained.unwrap_or_default(), 0.28)];
    if cut.part(VALIDATION).is_some() {
        stretches.push((0.5, "gap", String::new(), 0.0));
        stretches.push((1.2, "validation", String::new(), 0.14));
    }
    if cut.part(CALIBRATION).is_some() {
        stretches.push((1.2, "calibration", String::new(), 0.07));
    }
    let tested = days(TEST).map(|[first, last]| match first == last {
        true => first.clone(),
        false => format!("{first} to {last}"),
    });
    stretches.push((1.9, "test", tested.unwrap_or_default(), 0.0));

    let rows = rows.map_or_else(
        || "The series".to_owned(),
        |rows| format!("The series: {}", counted(rows, "step")),
    );
    let mut body = svg::bold(2.0, 14.0, Anchor::Start, &rows);
    let (top, height) = (22.0, 26.0);
    let all: f64 = stretches.iter().map(|stretch| stretch.0).sum();
    let mut x = 1.0;
    for (share, name, days, opacity) in stretches {
        let width = share / all * (WIDTH - 2.0);
        let (color, opacity) = match name {
            "test" => (Style::Series(1).color(), 0.35),
            _ => (Style::Series(0).color(), opacity),
        };
        let paint = format!("fill=\"{color}\" fill-opacity=\"{opacity}\" stroke=\"{AXIS}\" stroke-width=\"0.8\"");
        body.push_str(&svg::rectangle((x, top), width, height, &paint, ""));
        let middle = x + width / 2.0;
        let y = top + height / 2.0 + SMALL * 0.35;
        body.push_str(&svg::small(middle, y, Anchor::Middle, name));
        // Never beyond the edges: days of a narrow stretch are wider than it.
        let half = text_width(&days, SMALL) / 2.0;
        let place = middle.min(WIDTH - 2.0 - half).max(half + 2.0);
        let y = top + height + SMALL + 4.0;
        body.push_str(&svg::small(place, y, Anchor::Middle, &days));
        x += width;
    }
    (body, top + height + SMALL + 12.0)
}

/// The cells of one window, as offsets from its first day; `None` stands for days left out.
fn cells(lookback: usize, horizon: usize) -> Vec<Option<usize>> {
    let shortened = |from: usize, count: usize, most: usize, head: usize| -> Vec<Option<usize>> {
        if count <= most {
            return (from..from + count).map(Some).collect();
        }
        let tail = most - head - 1;
        (from..from + head)
            .map(Some)
            .chain([None])
            .chain((from + count - tail..from + count).map(Some))
            .collect()
    };
    let mut cells = shortened(0, lookback, 7, 4);
    cells.extend(shortened(lookback, horizon, 7, 4));
    cells
}

/// The first windows and the last one, each a day later than the one before; where they end.
fn windows(count: usize, lookback: usize, horizon: usize, top: f64) -> Drawing {
    let cells = cells(lookback, horizon);
    let shown: Vec<usize> = (0..count.min(3)).collect();
    let last = (count > 4).then(|| count - 1);
    let name_width = text_width(&format!("sample {}", count.saturating_sub(1)), SMALL) + 8.0;
    let slots = cells.len() + shown.len() + 1;
    let side = ((WIDTH - name_width - 4.0) / slots as f64).min(30.0);
    let height = 20.0;

    let mut y = top;
    let mut body = svg::bold(2.0, y, Anchor::Start, "Training windows, with the steps counted from 0");
    y += 10.0;
    let tile = |corner: (f64, f64), width: f64, height: f64, is_asked: bool| {
        let (series, opacity) = if is_asked { (1, 0.45) } else { (0, 0.28) };
        let color = Style::Series(series).color();
        let paint = format!("fill=\"{color}\" fill-opacity=\"{opacity}\" stroke=\"{AXIS}\" stroke-width=\"0.6\"");
        svg::rectangle(corner, width, height, &paint, "")
    };
    let mut x = 2.0;
    for (is_asked, name) in [(false, "the network sees"), (true, "it is asked for")] {
        body.push_str(&tile((x, y), 22.0, 12.0, is_asked));
        body.push_str(&svg::small(x + 28.0, y + 10.0, Anchor::Start, name));
        x += 44.0 + text_width(name, SMALL);
    }
    y += 22.0;
    let row = |sample: usize, shift: usize, y: f64| {
        let name = format!("sample {sample}");
        let baseline = y + height / 2.0 + SMALL * 0.35;
        let mut row = svg::small(2.0, baseline, Anchor::Start, &name);
        for (index, cell) in cells.iter().enumerate() {
            let x = name_width + (index + shift) as f64 * side;
            let middle = x + side / 2.0;
            let Some(offset) = cell else {
                row.push_str(&svg::small(middle, baseline, Anchor::Middle, "…"));
                continue;
            };
            row.push_str(&tile((x, y), side, height, *offset >= lookback));
            let day = (sample + offset).to_string();
            let size = (side * 0.85 / text_width(&day, 1.0)).min(10.0);
            let size = (size * 10.0).floor() / 10.0;
            let baseline = y + height / 2.0 + size * 0.35;
            row.push_str(&svg::text(middle, baseline, Anchor::Middle, size, "", &day));
        }
        row
    };
    for &sample in &shown {
        body.push_str(&row(sample, sample, y));
        y += height + 5.0;
    }
    if let Some(last) = last {
        body.push_str(&svg::normal(14.0, y + 8.0, Anchor::Start, "⋮"));
        let middle = name_width + (shown.len() as f64 + cells.len() as f64 / 2.0) * side;
        body.push_str(&svg::normal(middle, y + 8.0, Anchor::Middle, "⋱"));
        y += 16.0;
        body.push_str(&row(last, shown.len() + 1, y));
        y += height + 5.0;
    }
    (body, y)
}

/// The shapes of inputs and targets.
fn shapes(cut: &CutCard) -> DataTable {
    let of = |count: usize, sizes: &[usize]| shape(&[&[count], sizes].concat());
    let row = |(name, count): (&str, usize)| [name.to_owned(), of(count, &cut.shape), of(count, &cut.targets)];
    let parts = cut.parts.iter().map(|part| (&*part.name, part.items));
    let rows = [("all windows", cut.all)].into_iter().chain(parts).map(row);
    let columns = ["windows", "inputs: sample, step, column", "targets: sample, step ahead"];
    DataTable::new(columns, rows)
}

/// A shape as Python writes it: `(1820, 30, 1)`.
fn shape(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    format!("({})", sizes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_windows_are_shortened_and_short_ones_are_whole() {
        let long = cells(30, 1);
        let expected = [Some(0), Some(1), Some(2), Some(3), None, Some(28), Some(29), Some(30)];
        assert_eq!(long, expected);
        assert_eq!(cells(3, 2), (0..5).map(Some).collect::<Vec<_>>());
        assert_eq!(cells(30, 60).len(), 14);
    }

    #[test]
    fn shapes_read_as_in_python() {
        assert_eq!(shape(&[1820, 30, 1]), "(1820, 30, 1)");
    }
}
