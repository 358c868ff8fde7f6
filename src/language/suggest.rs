//! "Did you mean …?"
//!
//! A guess is a misspelling, or what goes by another name here; the name of another thing of the field is no misspelling.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::words::{ABSENT, synonyms};

/// The longest list of names that a message holds.
const MOST_LISTED: usize = 30;

/// What goes by another name here → ours, in the order of the lists.
static OURS: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let mut ours: HashMap<String, Vec<String>> = HashMap::new();
    for (meant, words) in synonyms() {
        for word in words.split_whitespace() {
            let meant = meant.split_whitespace().map(str::to_owned);
            ours.entry(word.to_owned()).or_default().extend(meant);
        }
    }
    ours
});

/// Every word that means something of its own in the field.
static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let words = synonyms()
        .into_iter()
        .flat_map(|(meant, words)| [meant, words])
        .chain(ABSENT.iter().map(|words| (*words).to_owned()));
    let apart = |words: String| -> Vec<String> {
        let words = words.split_whitespace();
        words.map(str::to_owned).collect()
    };
    words.flat_map(apart).collect()
});

/// The one of the words of the language that `wrong` was probably meant to be.
pub(crate) fn closest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    let word = plain(wrong);
    if let Some(ours) = synonym(&word, &known) {
        return Some(ours);
    }
    if KNOWN.contains(&word) {
        return None;
    }
    closest_name(wrong, known)
}

/// The one of the names that a person gave which `wrong` was probably meant to be.
pub(crate) fn closest_name<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A text that long is no slip of a name, and comparing takes its length squared.
    if wrong.len() > 100 {
        return None;
    }
    let wrong = wrong.to_lowercase();
    let length = wrong.chars().count();
    known
        .into_iter()
        .filter_map(|name| {
            let longer = length.max(name.chars().count());
            let shorter = length.min(name.chars().count());
            let allowed = (longer / 3).max(1);
            if longer - shorter > allowed {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&wrong, &name.to_lowercase());
            (distance <= allowed).then_some((distance, name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// What goes by another name here, among the `known` names.
pub(crate) fn synonym<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = plain(wrong);
    // `Learning-Rate` is ours, written otherwise.
    let itself = known.iter().copied().find(|name| plain(name) == word);
    itself.or_else(|| {
        let mut meant = OURS.get(&word).into_iter().flatten();
        meant.find_map(|ours| known.iter().copied().find(|name| name == ours))
    })
}

/// `Learning-Rate` and `learning rate` are `learning_rate`.
fn plain(word: &str) -> String {
    word.trim().to_lowercase().replace(['-', ' '], "_")
}

/// "did you mean `hidden`? " where a word of the language is near, else nothing; to stand before what is allowed.
pub(crate) fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    in_words(closest(wrong, known))
}

/// The same where a person gave the names.
pub(crate) fn did_you_mean_name<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    in_words(closest_name(wrong, known))
}

/// The same where the names are dotted paths: the end of one leads to it, under whatever name.
pub(crate) fn did_you_mean_path<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    in_words(meant_path(wrong, known))
}

/// The dotted path that was probably meant.
pub(crate) fn meant_path<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    let end = |path: &'a str| path.rsplit('.').next().unwrap_or(path);
    let ends: Vec<&str> = known.iter().map(|path| end(path)).collect();
    let wrong_end = wrong.rsplit('.').next().unwrap_or(wrong);
    let by_end = synonym(wrong_end, &ends).and_then(|ours| known.iter().copied().find(|path| end(path) == ours));
    by_end.or_else(|| closest(wrong, known))
}

fn in_words(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("did you mean `{name}`? "))
}

/// Names as a sentence holds them: "dense, dropout, hidden"; of very many the first.
pub(crate) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let mut names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.sort_unstable();
    names.dedup();
    let more = names.len().saturating_sub(MOST_LISTED);
    names.truncate(MOST_LISTED);
    let mut text = names.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["hidden", "dropout", "dense"];
        assert_eq!(closest("hiden", known), Some("hidden"));
        assert_eq!(closest("Hidden", known), Some("hidden"));
        assert_eq!(closest("trian", ["train", "grid"]), Some("train"));
        assert_eq!(closest("epochs", known), None);
    }

    #[test]
    fn another_thing_of_the_field_is_no_misspelling() {
        let optimizers = ["adam", "rmsprop", "sgd"];
        let metrics = ["mse", "rmse", "mae", "mape", "r2", "relative_mae"];
        for (wrong, known) in [
            ("adamw", &optimizers[..]),
            ("nadam", &optimizers),
            ("wape", &metrics),
            ("smape", &metrics),
            ("msle", &metrics),
            // Ours, but of another list.
            ("mape", &["mse", "mae"]),
            ("lr", &["lstm", "gru"]),
        ] {
            assert_eq!(closest(wrong, known.iter().copied()), None, "{wrong}");
        }
        assert_eq!(closest("mea", metrics), Some("mae"));
        assert_eq!(closest("adm", optimizers), Some("adam"));
    }

    #[test]
    fn what_goes_by_another_name_leads_to_ours() {
        let train = ["epochs", "batch_size", "learning_rate", "optimizer"];
        for (wrong, ours) in [
            ("lr", "learning_rate"),
            ("Learning-Rate", "learning_rate"),
            ("n_epochs", "epochs"),
            ("batch", "batch_size"),
            ("optim", "optimizer"),
        ] {
            assert_eq!(closest(wrong, train), Some(ours));
        }
        let paths = ["window.lookback", "train.learning_rate", "model"];
        assert_eq!(did_you_mean_path("lr", paths), "did you mean `train.learning_rate`? ");
        assert_eq!(did_you_mean_path("lookback", paths), "did you mean `window.lookback`? ");
        assert_eq!(did_you_mean_path("window.lokback", paths), "did you mean `window.lookback`? ");
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (100..200).map(|number| number.to_string()).collect();
        assert!(listed(&names).ends_with("129 and 70 more"));
    }
}
