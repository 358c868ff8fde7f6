//! Verdicts, what they rest on and what limits them, in words.

use super::{Change, Contrast, Judged, Method, Reach, Verdict, round};
use crate::console::counted;
use crate::metric::{self, ItemTest, METRICS, Paired, Scale};
use crate::task::{BINARY, Task};

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
                    format!("{model} is better beyond{of}, on too few {}s", contrast.task.item)
                }
            }
        }
        Verdict::NoDifference => "no difference beyond chance".to_owned(),
        Verdict::Equal => "numerically equal".to_owned(),
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
        Change::Equal => return "numerically equal".to_owned(),
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

/// What is paired: `5 seeds`, `60 origins`.
pub(crate) fn pairs(contrast: &Contrast) -> String {
    let word = match contrast.method {
        Method::Seeds => "seed",
        Method::Origins(_) | Method::Items(_) => contrast.task.item,
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
        // That of a share is not even around it.
        Some(interval) if contrast.method == Method::Items(ItemTest::Answers) => {
            round::with_bounds(contrast.difference, interval)
        }
        Some(interval) => round::with_interval(contrast.difference, interval),
        None => round::number(contrast.difference),
    };
    let square = match contrast.has_own_unit() || unit.is_empty() {
        true => "",
        false => "²",
    };
    format!("{text} {unit}{square}").trim_end().to_owned()
}

/// What limits the answer that these contrasts by one metric give; empty where nothing does.
pub(crate) fn caveat<'a>(contrasts: impl Iterator<Item = &'a Contrast>) -> String {
    let tested = contrasts.filter(|contrast| contrast.method != Method::Seeds || contrast.pairs > 0);
    let Some(worst) = tested.min_by_key(|contrast| contrast.reach()) else {
        return String::new();
    };
    let Task { item, tested, .. } = worst.task;
    match worst.reach() {
        Reach::Items => String::new(),
        Reach::Seeds => format!("Paired by seed, so the chance of other {item}s is not in it."),
        Reach::FewItems => format!("Too few {tested} to rank models."),
    }
}

/// Which metrics of clips are compared clip by clip, and what follows for the others, in a sentence.
pub(crate) fn paired_by_items() -> String {
    let own = METRICS.iter().filter(|metric| matches!(metric.paired, Paired::Items(_)));
    let words = own.enumerate().map(|(place, metric)| {
        let is_word = |letters: &str| letters.chars().nth(1).is_some_and(char::is_lowercase);
        match metric.label {
            label if place > 0 && is_word(label) => label.to_lowercase(),
            label => label.to_owned(), // an acronym, or what begins the sentence
        }
    });
    let words: Vec<String> = words.collect();
    let (last, others) = words.split_last().expect("some metrics are of items");
    format!(
        "{} and {last} are compared clip by clip; other metrics of clips could only be paired by seed, so none of their values \
         is marked as the best.",
        others.join(", ")
    )
}

/// What the columns of a comparison mean, in sentences.
pub(crate) fn notes(found: &[&Judged]) -> Vec<String> {
    let any = |test: &dyn Fn(&Contrast) -> bool| found.iter().any(|one| test(&one.contrast));
    let by = |method: Method| any(&|contrast| contrast.method == method);
    let of_clips = any(&|contrast| contrast.task == &BINARY);
    let notes = [
        (
            true,
            "The difference is the first model minus the second, with its 95 % interval.",
        ),
        (
            of_clips && by(Method::Seeds),
            "The two models are paired by seed (paired t test), so chance is that of seeds, not that of the clips; a model \
             without seeds counts as constant over the seeds of the other.",
        ),
        (
            by(Method::Items(ItemTest::Answers)),
            "Both models answer each test clip once, several seeds by their mean score, and are paired by clip: McNemar's \
             exact test on the clips that one of them alone classifies rightly; interval by Bonett and Price. So the \
             difference is that of the answers by mean score; the two values before it are means over seeds.",
        ),
        (
            by(Method::Items(ItemTest::Ranking)),
            "Both models are paired by test clip, several seeds by their mean score: the test of DeLong, DeLong and \
             Clarke-Pearson. So the difference is that of the mean scores; the two values before it are means over seeds.",
        ),
        (
            by(Method::Items(ItemTest::Loss)),
            "Both models are paired by test clip: the paired t test on the loss of each clip, averaged over seeds.",
        ),
        (
            !of_clips && by(Method::Seeds),
            "Holdout: the two models are paired by seed (paired t test); a model without seeds counts as constant over the \
             seeds of the other.",
        ),
        (
            [Scale::Same, Scale::Root, Scale::OverNaive]
                .into_iter()
                .any(|scale| by(Method::Origins(scale))),
            "Backtest: losses are averaged over seeds and paired by forecast origin (Diebold and Mariano's test, variance by \
             Newey and West with lag horizon − 1), so the difference is one of losses: squared errors for MSE and RMSE.",
        ),
        (
            any(&|contrast| contrast.p.is_some()),
            "p values carry Holm's correction over all comparisons by this metric.",
        ),
        (
            any(&|contrast| contrast.wilcoxon.is_some()),
            "Wilcoxon's signed-rank test is shown and never decides.",
        ),
        (
            !of_clips && any(&|contrast| contrast.few && contrast.method == Method::Seeds),
            "The test set is too small to rank models: the interval covers the chance of seeds alone, not that of the \
             origins.",
        ),
    ];
    let said = notes.into_iter().filter(|(applies, _)| *applies);
    said.map(|(_, note)| note.to_owned()).collect()
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
