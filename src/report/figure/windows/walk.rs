//! The trainings of a walk below one another, each with what it knows and what it forecasts, on one scale of rows.

use crate::console::counted;
use crate::report::draw::palette::Style;
use crate::report::draw::svg::{self, AXIS, Anchor, Drawing, SMALL, WIDTH, text_width};
use crate::report::round;
use crate::store::card::{Training, Walk};

/// So many times what is tested are shown of what came before it: the beginning of a long series would leave the test no width.
const BEFORE: usize = 2;

const HEIGHT: f64 = 14.0;
const STEP: f64 = 19.0;

/// ` As the test goes on the model is trained 12 times, …`, to stand behind another sentence.
pub(super) fn describe(walk: &Walk) -> String {
    let knows = match walk.train_rows {
        None => "all that is known by then".to_owned(),
        Some(rows) => format!("the last {} that are known by then", counted(rows, "step")),
    };
    format!(
        " As the test goes on the model is trained {} times, each time from its first weights on {knows}, with a scaling and a \
         validation set of its own; it then forecasts from the next {}. The counts are those of the first training. The \
         trainings alone are drawn to scale.",
        round::count(walk.trainings),
        counted(walk.every, "origin"),
    )
}

/// A row for each training that is shown; where they end.
pub(super) fn draw(walk: &Walk, top: f64) -> Drawing {
    let (Some(first), Some(last)) = (walk.shown.first(), walk.shown.last()) else {
        return (String::new(), top);
    };
    let [begin, end] = [first.test[0], last.test[1]];
    let known = walk.shown.iter().map(|training| training.train[0]).min().unwrap_or(0);
    let from = begin.saturating_sub(BEFORE * (end - begin)).max(known);
    let name = |training: &Training| format!("refit {}", training.place + 1);
    let left = text_width(&name(last), SMALL) + 10.0;
    let right = text_width(&last.known_until, SMALL) + 12.0;
    let place = |row: usize| {
        let share = row.saturating_sub(from) as f64 / (end - from).max(1) as f64;
        left + share * (WIDTH - 2.0 - left - right)
    };
    let heading = match from {
        0 => "Trainings as the test goes on, to scale".to_owned(),
        from => format!("Trainings as the test goes on, to scale from step {} on", round::count(from)),
    };
    let mut body = svg::bold(2.0, top, Anchor::Start, &heading);
    body.push_str(&svg::small(WIDTH - 2.0, top, Anchor::End, "known until"));
    let mut y = top + 9.0;
    let mut before = None;
    for training in &walk.shown {
        if before.is_some_and(|before| before + 1 < training.place) {
            body.push_str(&svg::normal(14.0, y + 9.0, Anchor::Start, "⋮"));
            y += STEP;
        }
        before = Some(training.place);
        let baseline = y + HEIGHT / 2.0 + SMALL * 0.35;
        body.push_str(&svg::small(2.0, baseline, Anchor::Start, &name(training)));
        let stretches = [
            (Some(training.train), Style::Series(0), 0.28),
            (training.validation, Style::Series(0), 0.14),
            (Some(training.test), Style::Series(1), 0.35),
        ];
        for (rows, style, opacity) in stretches {
            let Some([first, last]) = rows.filter(|rows| rows[1] > from) else {
                continue;
            };
            let color = style.color();
            let paint = format!("fill=\"{color}\" fill-opacity=\"{opacity}\" stroke=\"{AXIS}\" stroke-width=\"0.6\"");
            let (x, end) = (place(first), place(last));
            body.push_str(&svg::rectangle((x, y), end - x, HEIGHT, &paint, ""));
        }
        body.push_str(&svg::small(WIDTH - 2.0, baseline, Anchor::End, &training.known_until));
        y += STEP;
    }
    (body, y + 6.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(trainings: usize, places: &[usize], train_rows: Option<usize>) -> Walk {
        let training = |place: &usize| Training {
            known_until: format!("2020-01-{:02}", place + 1),
            place: *place,
            test: [1000 + 10 * place, 1010 + 10 * place],
            train: [train_rows.map_or(0, |rows| 1000 + 10 * place - rows), 975 + 10 * place],
            validation: Some([980 + 10 * place, 1000 + 10 * place]),
        };
        Walk {
            every: 10,
            shown: places.iter().map(training).collect(),
            train_rows,
            trainings,
        }
    }

    #[test]
    fn each_training_has_its_row_and_a_long_walk_its_dots() {
        let (body, end) = draw(&walk(3, &[0, 1, 2], None), 100.0);
        assert_eq!(body.matches("<rect").count(), 9);
        assert!(body.contains("refit 3") && body.contains("2020-01-03") && !body.contains('⋮'));
        // Twice the thirty tested steps of what came before.
        assert!(body.contains("to scale from step 940 on"), "{body}");
        let (long, further) = draw(&walk(20, &[0, 1, 18, 19], None), 100.0);
        assert!(long.contains('⋮') && long.contains("refit 20") && further > end);
        assert!(draw(&walk(3, &[0, 1, 2], Some(30)), 0.0).0.contains("from step 970 on"));
    }

    #[test]
    fn what_is_known_is_said() {
        assert!(
            describe(&walk(12, &[0], None))
                .contains("12 times, each time from its first weights on all that is known by then")
        );
        assert!(describe(&walk(12, &[0], Some(30))).contains("on the last 30 steps that are known by then"));
    }
}
