//! Holds the order of the modules in `src/lib.rs`: a module uses only those above it; and what a module must not know.

use std::fs;
use std::path::Path;

use runner::metric::METRICS;

#[test]
fn a_module_uses_only_those_above_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(source.join("lib.rs")).expect("src/lib.rs is there");
    let order: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "))
        .filter_map(|line| line.split(';').next())
        .collect();
    assert!(
        order.len() > 10,
        "src/lib.rs no longer lists the modules as `pub mod NAME;`"
    );
    let mut seen = 0;
    let mut wrong = Vec::new();
    for entry in walkdir::WalkDir::new(&source).sort_by_file_name() {
        let entry = entry.expect("src is readable");
        if entry
            .path()
            .extension()
            .is_none_or(|extension| extension != "rs")
        {
            continue;
        }
        let relative = entry.path().strip_prefix(&source).expect("below src");
        let first = relative
            .components()
            .next()
            .expect("a path has a first part");
        let module = Path::new(first.as_os_str()).with_extension("");
        let Some(place) = order.iter().position(|name| Path::new(name) == module) else {
            continue;
        };
        let text = fs::read_to_string(entry.path()).expect("source is readable");
        for used in text.split("crate::").skip(1).flat_map(first_names) {
            let used_place = order.iter().position(|name| *name == used);
            seen += 1;
            if used_place.is_some_and(|used_place| used_place > place) {
                wrong.push(format!(
                    "{}: {} uses {used}",
                    relative.display(),
                    module.display()
                ));
            }
        }
    }
    assert!(
        seen > 20,
        "no `crate::` path was found: this test looks at nothing"
    );
    assert!(
        wrong.is_empty(),
        "modules used against the order of src/lib.rs:\n{}",
        wrong.join("\n")
    );
}

/// What judges and shows results asks a metric's entry what it is: a metric that is added needs no edit there. A rule about a
/// certain metric names it by a constant of `metric::name`.
#[test]
fn no_metric_is_written_as_a_string_where_results_are_judged_and_shown() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let named = |text: &str| -> Vec<&str> {
        let names = METRICS.iter().map(|metric| metric.name);
        names
            .filter(|name| text.contains(&format!("\"{name}\"")))
            .collect()
    };
    let words = fs::read_to_string(source.join("metric/name.rs")).expect("source is readable");
    assert!(
        named(&words).len() > 10,
        "no constant is found: this test looks at nothing"
    );
    let mut wrong = Vec::new();
    for folder in ["judge", "report", "diff"] {
        for file in walkdir::WalkDir::new(source.join(folder)) {
            let file = file.expect("src is readable");
            let shown = file.path().to_string_lossy().into_owned();
            if !shown.ends_with(".rs") || shown.contains("tests") || shown.contains("sample") {
                continue;
            }
            let text = fs::read_to_string(file.path()).expect("source is readable");
            let (code, _tests) = text.split_once("\nmod tests {").unwrap_or((&text, ""));
            wrong.extend(named(code).iter().map(|name| format!("{shown}: {name}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The modules named right after `crate::`: one, or those of a group in braces.
fn first_names(rest: &str) -> Vec<&str> {
    let word = |text: &str| {
        text.find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(text.len())
    };
    let Some(group) = rest.strip_prefix('{') else {
        return vec![&rest[..word(rest)]];
    };
    let (mut depth, mut start, mut names) = (0, 0, Vec::new());
    for (place, character) in group.char_indices() {
        if matches!(character, ',' | '}') && depth == 0 {
            let part = group[start..place].trim();
            names.push(&part[..word(part)]);
            start = place + 1;
        }
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ => {}
        }
    }
    names
}

#[test]
fn names_are_found_in_groups_too() {
    assert_eq!(first_names("nn::lstm::Lstm;"), ["nn"]);
    assert_eq!(
        first_names("{nn, rng::{self, stream}, train};"),
        ["nn", "rng", "train"]
    );
}
