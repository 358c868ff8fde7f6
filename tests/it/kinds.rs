//! Holds the name of a kind to its own file and its line in the list: what else names it has to be edited for the next kind.

use std::fs;
use std::path::Path;

use runner::data::clips::features::backbone::BackboneSpec;
use runner::data::{Source, Split};
use runner::kind::Kinds;
use runner::language::figure::FigureKind;
use runner::metric::METRICS;
use runner::model::ModelSpec;
use runner::nn::loss::Loss;
use runner::nn::optimizer::OptimizerSpec;
use runner::train::Schedule;

/// A list of kinds.
struct List {
    words: Vec<&'static str>,
    /// The files that hold its lines.
    lines: &'static [&'static str],
    /// The folders in which a file or folder of a kind's name is its own, and one that defines its settings.
    own: &'static [&'static str],
}

fn lists() -> [List; 9] {
    [
        List {
            words: ModelSpec::kinds(),
            lines: &["model/mod.rs"],
            own: &["model", "nn"],
        },
        List {
            words: Source::kinds(),
            lines: &["data/series/mod.rs", "data/clips/mod.rs"],
            own: &["data"],
        },
        List {
            words: Split::kinds(),
            lines: &["data/series/mod.rs", "data/clips/mod.rs"],
            own: &["data"],
        },
        List {
            words: BackboneSpec::kinds(),
            lines: &["data/clips/features/backbone.rs"],
            own: &["data", "nn"],
        },
        List {
            words: OptimizerSpec::kinds(),
            lines: &["nn/optimizer.rs"],
            own: &["nn"],
        },
        List {
            words: Loss::kinds(),
            lines: &["nn/loss/mod.rs"],
            own: &["nn"],
        },
        List {
            words: Schedule::kinds(),
            lines: &["train/schedule/mod.rs"],
            own: &["train"],
        },
        List {
            words: METRICS.iter().map(|metric| metric.name).collect(),
            lines: &["metric/list.rs", "metric/name.rs"],
            own: &[],
        },
        List {
            words: FigureKind::ALL.iter().map(|kind| kind.word()).collect(),
            lines: &["language/figure.rs"],
            own: &["report/figure"],
        },
    ]
}

/// Where a word stands that is no kind there: a file, or what the paths of several begin with.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("model/lstm_gru.rs", "lstm", "the path of its weights"),
    ("model/lstm_gru.rs", "gru", "the path of its weights"),
    ("nn/", "bias", "a weight of a layer"),
    ("fetch/manifest.rs", "resnet50", "said in a file of which every byte is fixed"),
    ("store/card/version_1.rs", "clips", "what a card calls its items"),
    ("language/declared.rs", "windows", "a key of a table of the report"),
    ("report/view/predictions.rs", "forecast", "the heading of a column"),
    ("report/view/by_series.rs", "series", "the heading of a column"),
    ("report/view/by_series.rs", "windows", "the heading of a column"),
    ("data/series/stamped/told.rs", "cosine", "the name of a column"),
];

impl List {
    /// Whether a file may name a kind: `shown` is its path below `src`.
    fn allows(&self, word: &str, shown: &str, text: &str) -> bool {
        let parts = || shown.trim_end_matches(".rs").split('/');
        let is_own = || {
            let settings = format!("struct {}Spec", camel(word));
            parts().any(|part| part == word) || text.contains(&settings)
        };
        let is_below = |folder: &&str| shown.starts_with(&format!("{folder}/"));
        self.lines.contains(&shown) || (self.own.iter().any(is_below) && is_own())
    }
}

/// `LastValue` of `last_value`.
fn camel(word: &str) -> String {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    word.split('_').map(capital).collect()
}

/// Whether a text says a word as a whole string, or as a kind in a sentence.
fn says(code: &str, word: &str) -> bool {
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .any(|line| line.contains(&format!("\"{word}\"")) || line.contains(&format!("kind = \\\"{word}\\\"")))
}

/// Every file of `src` that is no test's: its path, and its text without the tests at its end.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = walkdir::WalkDir::new(&root).sort_by_file_name();
    let files = files.into_iter().map(|file| file.expect("src is readable"));
    let files = files.filter(|file| file.path().extension().is_some_and(|end| end == "rs"));
    let shown = files.map(|file| {
        let below = file.path().strip_prefix(&root).expect("below src");
        below.to_string_lossy().into_owned()
    });
    shown
        .filter(|shown| !shown.contains("tests") && !shown.contains("sample"))
        .map(|shown| {
            let text = fs::read_to_string(root.join(&shown)).expect("source is readable");
            let code = text.split("\nmod tests {").next().unwrap_or_default();
            (shown, code.to_owned())
        })
        .collect()
}

#[test]
fn the_name_of_a_kind_stands_in_its_own_file_and_its_line_of_the_list() {
    let (lists, sources) = (lists(), sources());
    let named = |list: &List, word: &str| {
        let lines = |shown: &str| list.lines.contains(&shown);
        sources.iter().any(|(shown, code)| lines(shown) && says(code, word))
    };
    for list in &lists {
        let missing: Vec<_> = list.words.iter().filter(|word| !named(list, word)).collect();
        assert!(missing.is_empty(), "{missing:?} stand in no line");
    }
    let mut words: Vec<&str> = lists.iter().flat_map(|list| list.words.clone()).collect();
    words.sort_unstable();
    words.dedup();
    let mut wrong = Vec::new();
    let mut otherwise = Vec::new();
    for (shown, code) in &sources {
        for word in words.iter().filter(|word| says(code, word)) {
            // A loss and a metric may share a word.
            let mut of = lists.iter().filter(|list| list.words.contains(word));
            if of.any(|list| list.allows(word, shown, code)) {
                continue;
            }
            match OTHERWISE.iter().find(|one| shown.starts_with(one.0) && one.1 == *word) {
                Some(known) => otherwise.push(known),
                None => wrong.push(format!("{shown}: {word}")),
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let gone = OTHERWISE.iter().filter(|known| !otherwise.contains(known));
    assert_eq!(gone.count(), 0, "an exception that is none any more");
}

#[test]
fn a_word_is_found_as_a_string_and_as_a_kind_in_a_sentence() {
    assert!(says("let x = \"group\";", "group"));
    assert!(says(r#"let x = "kind = \"group\" keeps them";"#, "group"));
    assert!(!says("let group = \"groups\"; // of \"groups\"", "group"));
    assert!(!says("  /// `\"group\"`", "group"));
}
