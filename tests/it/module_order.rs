//! Holds the order of the modules in `src/lib.rs`: a module uses only those above it.

use std::fs;
use std::path::Path;

#[test]
fn a_module_uses_only_those_above_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(source.join("lib.rs")).expect("src/lib.rs is there");
    let order: Vec<&str> = lib
        .lines()
        .filter_map(|line| {
            let public = line.strip_prefix("pub mod ");
            public.or_else(|| line.strip_prefix("pub(crate) mod "))
        })
        .filter_map(|line| line.split(';').next())
        .collect();
    assert!(order.len() > 10, "src/lib.rs no longer lists the modules as `pub mod NAME;`");
    let mut seen = 0;
    let mut wrong = Vec::new();
    for entry in walkdir::WalkDir::new(&source).sort_by_file_name() {
        let entry = entry.expect("src is readable");
        if entry.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let relative = entry.path().strip_prefix(&source).expect("below src");
        let first = relative.components().next().expect("a path has a first part");
        let module = Path::new(first.as_os_str()).with_extension("");
        let Some(place) = order.iter().position(|name| Path::new(name) == module) else {
            continue;
        };
        let text = fs::read_to_string(entry.path()).expect("source is readable");
        for used in text.split("crate::").skip(1).flat_map(first_names) {
            let used_place = order.iter().position(|name| *name == used);
            seen += 1;
            if used_place.is_some_and(|used_place| used_place > place) {
                wrong.push(format!("{}: {} uses {used}", relative.display(), module.display()));
            }
        }
    }
    assert!(seen > 20, "no `crate::` path was found: this test looks at nothing");
    assert!(
        wrong.is_empty(),
        "modules used against the order of src/lib.rs:\n{}",
        wrong.join("\n")
    );
}

/// The modules named right after `crate::`: one, or those of a group in braces.
fn first_names(rest: &str) -> Vec<&str> {
    let word = |text: &str| text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
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
    assert_eq!(first_names("{nn, rng::{self, stream}, train};"), ["nn", "rng", "train"]);
}
