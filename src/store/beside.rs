//! The pages beside the report, each of an experiment that has no room in it: `results/report/EXPERIMENT.html`.
//!
//! An experiment may be called `report` too: its folder then holds pages besides, which are told by their last line.

use std::collections::BTreeSet;

use anyhow::Result;

use super::paths::Results;
use crate::files::{MOST_SAVED, Place, check_name};

/// The folder of the pages in a folder of results.
pub(crate) const FOLDER: &str = "report";

/// Where the report is, seen from a page beside it.
pub(crate) const HOME: &str = "../report.html";

/// What the name of a page ends with.
const ENDING: &str = ".html";

/// The last line of a page: what has none was written by somebody else, and stays.
const MARK: &str = "\n<!-- runner: a page beside report.html -->\n";

/// Whether an experiment can have a page of its own: names of files end somewhere.
pub(crate) fn is_possible(experiment: &str) -> bool {
    check_name(&format!("{experiment}{ENDING}")).is_ok()
}

/// Where the page of an experiment is, seen from the report; as an address, in which some characters have a meaning of their own.
pub(crate) fn address(experiment: &str) -> String {
    let mut address = format!("{FOLDER}/");
    for byte in experiment.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => address.push(char::from(byte)),
            _ => address += &format!("%{byte:02X}"),
        }
    }
    address + ENDING
}

/// Writes the report with the pages beside it, given by the names of their experiments; pages of earlier reports go. Right before
/// each file `may` is asked whether it is still this process's to write.
///
/// # Errors
/// When `may` fails, the file system refuses, or something would be written or removed through a link.
pub(crate) fn write(
    results: &Results,
    report: &str,
    pages: &[(String, String)],
    may: &dyn Fn() -> Result<()>,
) -> Result<Place> {
    let folder = results.root().join(FOLDER)?;
    let mut own = BTreeSet::new();
    for (experiment, html) in pages {
        let place = folder.join(&format!("{experiment}{ENDING}"))?;
        place.write_when(format!("{}{MARK}", html.trim_end()).as_bytes(), may)?;
        own.insert(place);
    }
    // After the pages that it leads to, and before those go that an earlier one led to.
    let place = results.report()?;
    place.write_when(report.as_bytes(), may)?;
    let old = pages_in(&folder)?;
    let old: Vec<&Place> = old.iter().filter(|page| !own.contains(page)).collect();
    for page in &old {
        page.remove()?;
    }
    if !old.is_empty() {
        folder.remove_if_empty()?;
    }
    Ok(place)
}

/// The pages in that folder.
fn pages_in(folder: &Place) -> Result<Vec<Place>> {
    let mut pages = folder.listed()?;
    pages.retain(is_page);
    Ok(pages)
}

/// Whether this program wrote what lies there, as a page beside the report; a link is none.
pub(crate) fn is_page(place: &Place) -> bool {
    let is_named_so = place.folder().name() == FOLDER && place.name().ends_with(ENDING);
    let read = || place.read(MOST_SAVED).ok().flatten();
    is_named_so && read().is_some_and(|bytes| bytes.ends_with(MARK.as_bytes()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::fs;

    use super::*;

    fn listed(folder: &std::path::Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn pages_of_earlier_reports_go_and_what_is_another_s_stays() {
        let root = tempfile::tempdir().unwrap();
        let results = Results(root.path().to_owned());
        let page = |name: &str| (name.to_owned(), "<p>a page".to_owned());
        write(&results, "first", &[page("a"), page("b")], &|| Ok(())).unwrap();
        let folder = root.path().join("report");
        assert_eq!(listed(&folder), ["a.html", "b.html"]);
        // A file of somebody's own, one that looks like a page, and the records of an experiment of the same name.
        fs::write(folder.join("notes.txt"), "mine").unwrap();
        fs::write(folder.join("mine.html"), "<p>mine").unwrap();
        fs::create_dir(folder.join("cells")).unwrap();
        write(&results, "second", &[page("b")], &|| Ok(())).unwrap();
        assert_eq!(listed(&folder), ["b.html", "cells", "mine.html", "notes.txt"]);
        write(&results, "third", &[], &|| Ok(())).unwrap();
        assert_eq!(listed(&folder), ["cells", "mine.html", "notes.txt"]);
        assert_eq!(fs::read_to_string(root.path().join("report.html")).unwrap(), "third");
    }

    #[test]
    fn the_folder_goes_with_its_last_page() {
        let root = tempfile::tempdir().unwrap();
        let results = Results(root.path().to_owned());
        write(&results, "first", &[("a".to_owned(), String::new())], &|| Ok(())).unwrap();
        write(&results, "second", &[], &|| Ok(())).unwrap();
        assert_eq!(listed(root.path()), ["report.html"]);
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed() {
        let root = tempfile::tempdir().unwrap();
        let results = Results(root.path().join("results"));
        let elsewhere = root.path().join("elsewhere");
        fs::create_dir_all(&elsewhere).unwrap();
        fs::create_dir_all(&results.0).unwrap();
        fs::write(elsewhere.join("old.html"), MARK).unwrap();
        std::os::unix::fs::symlink(&elsewhere, results.0.join("report")).unwrap();
        assert!(write(&results, "report", &[("a".to_owned(), String::new())], &|| Ok(())).is_err());
        assert_eq!(listed(&elsewhere), ["old.html"]);
        // A link beside pages is somebody's own.
        fs::remove_file(results.0.join("report")).unwrap();
        fs::create_dir(results.0.join("report")).unwrap();
        std::os::unix::fs::symlink(elsewhere.join("old.html"), results.0.join("report/old.html")).unwrap();
        write(&results, "report", &[], &|| Ok(())).unwrap();
        assert_eq!(listed(&results.0.join("report")), ["old.html"]);
    }

    #[test]
    fn names_become_addresses_of_files() {
        assert_eq!(address("price_backtest"), "report/price_backtest.html");
        assert_eq!(address("a b?#%ä"), "report/a%20b%3F%23%25%C3%A4.html");
        assert!(is_possible("a") && !is_possible(&"a".repeat(252)));
    }
}
