//! `runner prune`: what nothing needs any more, listed; with `--yes`, removed.

use anyhow::Result;
use indicatif::BinaryBytes;
use serde_json::{Map, Value, json};

use super::Exit;
use super::turn::Turn;
use crate::cli::PruneArguments;
use crate::console;
use crate::files;
use crate::language;
use crate::prune::{self, Findings, Item, Kind};
use crate::store::paths::{Cache, Results};
use crate::sweep::data::DataBook;

/// So many files of a kind are named.
const MOST_NAMED: usize = 20;

pub(super) fn execute(arguments: &PruneArguments) -> Result<Exit> {
    let experiments = language::load_all_with(&arguments.paths, &[])?;
    let results = Results(arguments.results.clone());
    let cache = Cache(arguments.cache.clone());
    let book = DataBook::read(&experiments, &[], &cache.folders(&arguments.data));
    // Not while another runner looks at what is there and moves it.
    let _turn = match arguments.yes && files::is_folder(&results.0)? {
        true => Some(Turn::of(&results)?),
        false => None,
    };
    let limit = arguments.cache_limit;
    let findings = prune::find(&experiments, &book, &results, &cache, &arguments.data, limit)?;
    let failed = if arguments.yes { findings.remove() } else { Vec::new() };
    if arguments.json {
        console::print_json(&as_json(&findings, &failed, arguments))?;
    } else if !arguments.quiet {
        console::print(&in_words(&findings, &failed, arguments))?;
    }
    for reason in &failed {
        console::say(&format!("error: {reason}"));
    }
    let is_above = arguments.yes && findings.above_limit.is_some();
    Ok(if failed.is_empty() && !is_above {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn in_words(findings: &Findings, failed: &[String], arguments: &PruneArguments) -> String {
    let mut lines: Vec<String> = Vec::new();
    if !findings.gone.is_empty() {
        lines.push(format!(
            "taken for gone, as {} has no file of that name: {}\n  help: if they are elsewhere, name their paths too",
            paths(arguments),
            findings.gone.join(", ")
        ));
    }
    for (kind, items) in &findings.removable {
        let (count, size) = (items.len(), size(items));
        lines.push(format!("{}: {count}, {size}", kind.in_words()));
        let named = items.iter().take(MOST_NAMED);
        lines.extend(named.map(|item| format!("  {}  {}", item.place, BinaryBytes(item.bytes))));
        if count > MOST_NAMED {
            lines.push(format!("  and {} more", count - MOST_NAMED));
        }
    }
    let of_cache = |kind: &Kind| matches!(kind, Kind::Weights | Kind::Checkpoint | Kind::End | Kind::FeatureMap);
    if !arguments.yes && findings.removable.keys().any(of_cache) {
        lines.push(format!(
            "weights, checkpoints and feature maps in {} may be those of experiments that are not named here\n  help: name the paths of all \
             that use this cache",
            arguments.cache.display()
        ));
    }
    let told = [("stays", &findings.kept), ("stays, not runner's", &findings.foreign)];
    for (what, reasons) in told {
        let named = reasons.iter().take(MOST_NAMED);
        lines.extend(named.map(|reason| format!("{what}: {}", reason.replace('\n', "\n  "))));
        if reasons.len() > MOST_NAMED {
            lines.push(format!("{what}: {} more", reasons.len() - MOST_NAMED));
        }
    }
    lines.push(held_in_words(findings, arguments));
    let (count, bytes) = findings.total();
    let files = console::counted(count, "file");
    let size = BinaryBytes(bytes);
    lines.push(match (count, arguments.yes) {
        (0, _) => "nothing to remove".to_owned(),
        (_, false) => format!("{files}, {size}, can go; nothing was removed: `--yes` removes them"),
        (_, true) if failed.is_empty() => format!("removed {files}, {size}"),
        (_, true) => format!("not all of {files} could be removed"),
    });
    lines.join("\n")
}

/// `.cache holds 12 MiB: features 9 MiB, weights 3 MiB`
fn held_in_words(findings: &Findings, arguments: &PruneArguments) -> String {
    let bytes = findings.held.iter().map(|(_, bytes)| bytes).sum();
    let before = if arguments.yes { "held" } else { "holds" };
    let whole = format!("{} {before} {}", arguments.cache.display(), BinaryBytes(bytes));
    let named = findings.held.iter().map(|(folder, bytes)| {
        let folder = if folder.is_empty() { "other files" } else { folder };
        format!("{folder} {}", BinaryBytes(*bytes))
    });
    match findings.held.len() {
        0 => whole,
        _ => format!("{whole}: {}", named.collect::<Vec<_>>().join(", ")),
    }
}

fn size(items: &[Item]) -> BinaryBytes {
    BinaryBytes(items.iter().map(|item| item.bytes).sum())
}

/// The paths as they were given.
fn paths(arguments: &PruneArguments) -> String {
    let paths = arguments.paths.iter().map(|path| path.display().to_string());
    paths.collect::<Vec<_>>().join(", ")
}

fn as_json(findings: &Findings, failed: &[String], arguments: &PruneArguments) -> Value {
    let groups = findings.removable.iter().map(|(kind, items)| {
        let files = items
            .iter()
            .map(|item| json!({ "bytes": item.bytes, "path": item.place.path() }));
        json!({
            "kind": kind,
            "bytes": items.iter().map(|item| item.bytes).sum::<u64>(),
            "files": files.collect::<Vec<_>>(),
        })
    });
    json!({
        "removed": arguments.yes,
        "bytes": findings.total().1,
        "groups": groups.collect::<Vec<_>>(),
        "above_limit": findings.above_limit,
        "cache": findings.held.iter().map(|(folder, bytes)| (folder.clone(), json!(bytes))).collect::<Map<_, _>>(),
        "gone": findings.gone,
        "kept": findings.kept,
        "foreign": findings.foreign,
        "failed": failed,
    })
}
