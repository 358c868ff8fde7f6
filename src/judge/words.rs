//! Verdicts, what they rest on and what limits them, in words.

use super::{Change, Contrast, Judged, Method, Reach, Verdict, round};
use crate::console::{counted, joined};
use crate::data::Noun;
use crate::metric::{self, METRICS, Paired};
use crate::task::Task;

/// What is said where the means are the same but for rounding, see [`numerically_equal`](crate::statistics::numerically_equal).
pub(crate) const EQUAL: &str = "equal to within 0.01 %";

/// What is said where nothing varies.
pub(crate) const UNVARYING: &str = "differences that do not vary: chance cannot be told";

/// What two models come to: `lstm is better, beyond chance`.
pub(crate) fn verdict(found: Option<&Judged>, models: &[String; 2]) -> String {
    let Some(found) = found else {
        return "a model has no record".to_owned();
    };
    let contrast = &found.contrast;
    match found.verdict {
        Verdict::Better(place) => {
            let model = &models[place];
            let of = match contrast.method {
                Method::Seeds => " the chance of seeds",
                Method::Origins(_) | Method::Items(_) => " chance",
            };
            match contrast.reach() {
                Reach::Items => format!("{model} is better, beyond chance"),
                Reach::Seeds => format!("{model} is better beyond{of}"),
                Reach::FewItems => {
                    format!("{model} is better beyond{of}, on too few {}s", contrast.noun.one)
                }
            }
        }
        Verdict::NoDifference => "no difference beyond chance".to_owned(),
        Verdict::Equal => EQUAL.to_owned(),
        Verdict::Untested => "one value each: chance cannot be estimated".to_owned(),
        Verdict::Unvarying => UNVARYING.to_owned(),
    }
}

/// The verdict in one word, for its looks: `better`, `limited` (better, but not beyond the chance of other test items), `equal`,
/// `open` or `missing`.
pub(crate) fn outcome(found: Option<&Judged>) -> &'static str {
    let Some(found) = found else {
        return "missing";
    };
    match found.verdict {
        Verdict::Better(_) if found.contrast.reach() < Reach::Items => "limited",
        Verdict::Better(_) => "better",
        Verdict::Equal => "equal",
        Verdict::NoDifference | Verdict::Untested | Verdict::Unvarying => "open",
    }
}

/// What a change comes to: `worse, beyond chance (p 0.012, 40 origins)`.
pub(crate) fn change(change: Change, found: &Judged) -> String {
    let p = found.p.map(|p| format!("p {}", round::p_value(p)));
    let pairs = Some(pairs_of_change(&found.contrast)).filter(|pairs| !pairs.is_empty());
    let about: Vec<String> = p.into_iter().chain(pairs).collect();
    let about = match about.is_empty() {
        true => String::new(),
        false => format!(" ({})", about.join(", ")),
    };
    let [after, before] = found.contrast.means;
    let text = match change {
        Change::Equal => return EQUAL.to_owned(),
        Change::Better => "better, beyond chance",
        Change::Worse => "worse, beyond chance",
        Change::NoDifference => "no difference beyond chance",
        Change::BetterUntested => "better, chance cannot be told",
        Change::WorseUntested => "worse, chance cannot be told",
        Change::WithinTolerance => "within 1 %, chance cannot be told",
        Change::Unclear if !(after - before).is_finite() => {
            return "unclear, too large for a number".to_owned();
        }
        Change::Unclear if metric::find(&found.contrast.metric).is_none() => {
            return "unclear, not a metric of this version".to_owned();
        }
        Change::Unclear => "unclear, the test and the means point in opposite directions",
    };
    format!("{text}{about}")
}

/// What is paired: `5 seeds`, `60 origins`, `4,500 means over 2 origins`.
pub(crate) fn pairs(contrast: &Contrast) -> String {
    if contrast.together > 1 {
        let means = counted(contrast.pairs, "mean");
        return format!("{means} over {}", counted(contrast.together, contrast.noun.one));
    }
    let word = match contrast.method {
        Method::Seeds => "seed",
        Method::Origins(_) | Method::Items(_) => contrast.noun.one,
    };
    counted(contrast.pairs, word)
}

/// What a change is told from, or why it is not; empty where nothing can be paired.
pub(crate) fn pairs_of_change(contrast: &Contrast) -> String {
    match contrast.pairs {
        _ if contrast.reach() == Reach::FewItems => "the test set is too small".to_owned(),
        0 => String::new(),
        _ if contrast.varies => pairs(contrast),
        _ => format!("{} whose differences do not vary", pairs(contrast)),
    }
}

/// The difference with its interval and its unit, which is the loss's where losses are paired.
pub(crate) fn difference(contrast: &Contrast, unit: &str) -> String {
    let text = match contrast.interval {
        Some(interval) => round::difference(contrast.difference, interval),
        None => round::number(contrast.difference),
    };
    let square = match contrast.has_own_unit() || unit.is_empty() {
        true => "",
        false => "²",
    };
    format!("{text} {unit}{square}").trim_end().to_owned()
}

/// What limits what these contrasts by one metric say; empty where nothing does.
pub(crate) fn caveat<'a>(contrasts: impl Iterator<Item = &'a Contrast>) -> String {
    let tested = contrasts.filter(|contrast| contrast.method != Method::Seeds || contrast.pairs > 0);
    let Some(worst) = tested.min_by_key(|contrast| contrast.reach()) else {
        return String::new();
    };
    let Noun { one: item, tested } = worst.noun;
    match worst.reach() {
        Reach::Items => String::new(),
        Reach::Seeds => format!("Paired by seed, so the chance of other {item}s is not in it."),
        Reach::FewItems => format!("Too few {tested} to rank models."),
    }
}

/// Which metrics of a task are compared item by item, and what follows for the others, in a sentence; none where no metric is.
pub(crate) fn paired_by_items(task: &Task, noun: Noun) -> Option<String> {
    let own = METRICS.iter().filter(|metric| metric.task == task);
    let own = own.filter(|metric| matches!(metric.paired, Paired::Items(_)));
    let words: Vec<String> = own
        .enumerate()
        .map(|(place, metric)| match place {
            0 => metric.label.to_owned(), // it begins the sentence
            _ => metric.label_inside(),
        })
        .collect();
    let item = noun.one;
    (!words.is_empty()).then(|| format!(
        "{} are compared {item} by {item}; other metrics of {item}s could only be paired by seed, so none of their values is \
         marked as the best.",
        joined(&words, "and")
    ))
}

/// What the columns of a comparison mean, in sentences.
pub(crate) fn notes(found: &[&Judged]) -> Vec<String> {
    let any = |test: fn(&Contrast) -> bool| found.iter().any(|one| test(&one.contrast));
    let mut notes = vec!["The difference is the first model minus the second, with its 95 % interval.".to_owned()];
    for pairing in found.iter().map(|one| pairing(&one.contrast)) {
        if !notes.contains(&pairing) {
            notes.push(pairing);
        }
    }
    let others = [
        (
            any(|contrast| contrast.p.is_some()),
            "p values carry Holm's correction over all comparisons by this metric.",
        ),
        (
            any(|contrast| contrast.wilcoxon.is_some()),
            "Wilcoxon's signed-rank test is shown and never decides.",
        ),
        (
            any(|contrast| contrast.few && contrast.method == Method::Seeds),
            "The test set is too small to rank models: the interval covers the chance of seeds alone.",
        ),
    ];
    let said = others.into_iter().filter(|(applies, _)| *applies);
    notes.extend(said.map(|(_, note)| note.to_owned()));
    notes
}

/// How two models are paired, in sentences.
fn pairing(contrast: &Contrast) -> String {
    let item = contrast.noun.one;
    match contrast.method {
        Method::Seeds => format!(
            "The two models are paired by seed (paired t test), so chance is that of seeds, not that of other {item}s; a model \
             without seeds counts as constant over the seeds of the other."
        ),
        Method::Origins(_) => format!(
            "Losses are averaged over seeds and paired by {item} (Diebold and Mariano's test, variance by Newey and West with lag \
             horizon − 1), so the difference is one of losses: squared errors for MSE and RMSE."
        ),
        Method::Items(test) => (test.pairing)(item),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::metric::name;
    use crate::sample::clips::{self, ClipSample};
    use crate::store::record::Stored;

    fn group(model: &str) -> Vec<Stored> {
        let samples = clips::study().into_iter();
        let own = samples.filter(|sample| sample.model == model);
        own.map(|sample: ClipSample| sample.record()).collect()
    }

    #[test]
    fn a_verdict_says_what_limits_it() {
        let (network, probe) = (group("conv_lstm"), group("linear_probe"));
        let (network, probe): (Vec<&Stored>, Vec<&Stored>) = (network.iter().collect(), probe.iter().collect());
        let models = ["conv_lstm", "linear_probe"].map(str::to_owned);
        let said = |metric: &str, few: bool| {
            let mut found = Judged::alone(&network, &probe, metric).unwrap();
            found.contrast.few = few;
            let caveat = caveat([&found.contrast].into_iter());
            let verdict = verdict(Some(&found), &models);
            format!("{}: {verdict}. {caveat}", outcome(Some(&found)))
        };
        assert_eq!(
            [
                said(name::ACCURACY, false),
                said(name::ACCURACY, true),
                said(name::F1, false),
                said(name::F1, true)
            ],
            [
                "better: conv_lstm is better, beyond chance. ",
                "limited: conv_lstm is better beyond chance, on too few clips. Too few test clips to rank models.",
                "limited: conv_lstm is better beyond the chance of seeds. Paired by seed, so the chance of other clips is \
                 not in it.",
                "limited: conv_lstm is better beyond the chance of seeds, on too few clips. Too few test clips to rank \
                 models."
            ]
        );
    }
}
