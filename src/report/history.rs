//! The small curve of one cell: its loss over the epochs, and in words where it began and ended.

use super::draw::scale::Scale;
use super::draw::svg;
use super::draw::thin;
use super::round;
use crate::console::counted;
use crate::store::record::{Record, Trained};

/// So many points are seen in a drawing of this size.
const LIMIT: usize = 32;

const WIDTH: f64 = 220.0;
const HEIGHT: f64 = 46.0;

/// A drawing and a sentence that says the same.
pub(crate) struct History {
    /// An SVG element without a title, as the sentence stands beside it; the page's style gives its lines their looks.
    pub svg: String,
    /// `loss 0.31 → 0.0042, validation loss 0.33 → 0.0051; 60 epochs`.
    pub text: String,
}

/// The history of a cell that trained; none of one that did not.
pub(crate) fn draw(record: &Record) -> Option<History> {
    let curves: Vec<(&str, &Vec<f64>)> = ["loss", "validation_loss"]
        .into_iter()
        .filter_map(|name| Some((name, record.history.get(name)?)))
        .filter(|(_, curve)| !curve.is_empty())
        .collect();
    let epochs = curves.iter().map(|(_, curve)| curve.len()).max()?;
    let values: Vec<&[f64]> = curves.iter().map(|(_, curve)| curve.as_slice()).collect();
    let shown = thin::kept(&values, LIMIT);
    let all = curves.iter().flat_map(|(_, curve)| curve.iter().copied());
    let scale = Scale::log(all.clone()).unwrap_or_else(|| Scale::linear(all));
    let mut body = String::new();
    for (_, curve) in &curves {
        let points: Vec<Option<(f64, f64)>> = shown
            .iter()
            .filter_map(|&epoch| Some((epoch, *curve.get(epoch)?)))
            .map(|(epoch, value)| {
                let x = epoch as f64 / epochs.saturating_sub(1).max(1) as f64;
                let y = scale.place(value)?;
                Some(((1.0 + x * (WIDTH - 2.0)).round(), 2.0 + (1.0 - y) * (HEIGHT - 5.0)))
            })
            .collect();
        let dot = if points.len() == 1 { "h0" } else { "" };
        if points.iter().any(Option::is_some) {
            body.push_str(&format!("<path d=\"{}{dot}\"/>", svg::path(&points)));
        }
    }
    let said: Vec<String> = curves
        .iter()
        .map(|(name, curve)| {
            let ends = [curve.first(), curve.last()];
            let [first, last] = ends.map(|value| value.map_or_else(String::new, |&value| round::number(value)));
            format!("{} {first} → {last}", name.replace('_', " "))
        })
        .collect();
    Some(History {
        svg: format!(
            "<svg class=\"curve\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" aria-hidden=\"true\">{body}</svg>"
        ),
        text: format!("{}; {}{}", said.join(", "), counted(epochs, "epoch"), refits(record)),
    })
}

/// `; the first of 12 refits of 40 to 60 epochs, which end with a loss of 0.0031 to 0.005`; nothing of a model that is trained once.
fn refits(record: &Record) -> String {
    let trained = || record.refits.iter().filter_map(|refit| refit.trained.as_ref());
    let ends = |value: fn(&Trained) -> f64| {
        let values = || trained().map(value);
        let [lowest, highest] = [
            values().fold(f64::INFINITY, f64::min),
            values().fold(f64::NEG_INFINITY, f64::max),
        ];
        let [from, to] = [lowest, highest].map(round::number);
        if from == to { from } else { format!("{from} to {to}") }
    };
    match trained().count() {
        0 => String::new(),
        count => format!(
            "; the first of {count} refits of {} epochs, which end with a loss of {}",
            ends(|one| one.epochs as f64),
            ends(|one| one.loss)
        ),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::sample;
    use crate::store::record::Refit;

    fn untrained() -> Record {
        let mut experiment = sample::experiment(&sample::study(&[1], 1), ReportSpec::default());
        let mut record = experiment.records.remove(0).record;
        record.history.clear();
        record
    }

    #[test]
    fn a_long_history_is_thinned_and_keeps_its_peak() {
        let mut record = untrained();
        let loss = (0..5000).map(|epoch| if epoch == 3210 { 8.0 } else { 1.0 / (1.0 + f64::from(epoch)) });
        record.history.insert("loss".to_owned(), loss.collect());
        let drawn = draw(&record).unwrap();
        assert!(drawn.svg.matches('L').count() < LIMIT, "{}", drawn.svg);
        assert!(drawn.svg.contains(" 2L"), "the peak touches the top: {}", drawn.svg);
        assert_eq!(drawn.text, "loss 1 → 0.0002; 5,000 epochs");
    }

    #[test]
    fn of_several_trainings_the_first_is_drawn_and_all_are_told() {
        let mut record = untrained();
        record.history.insert("loss".to_owned(), vec![1.0, 0.5]);
        let refit = |epochs: usize, loss: f64| Refit {
            origin: String::new(),
            windows: 1,
            rows: 10,
            trained: Some(Trained {
                epochs,
                loss,
                validation_loss: None,
                scales: Vec::new(),
                weights: String::new(),
            }),
        };
        record.refits = vec![refit(2, 0.5), refit(7, 0.25), refit(3, 0.75)];
        let told = "loss 1 → 0.5; 2 epochs; the first of 3 refits of 2 to 7 epochs, which end with a loss of 0.25 to 0.75";
        assert_eq!(draw(&record).unwrap().text, told);
    }

    #[test]
    fn what_cannot_be_drawn_breaks_the_curve_and_a_baseline_has_none() {
        let mut record = untrained();
        assert!(draw(&record).is_none());
        record.history.insert("loss".to_owned(), vec![1.0, f64::NAN, 0.5]);
        let drawn = draw(&record).unwrap();
        assert!(!drawn.svg.contains("NaN"), "{}", drawn.svg);
    }
}
