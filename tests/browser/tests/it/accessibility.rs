//! axe-core finds nothing: in light and dark, on a desk and on a phone, folded and unfolded, in the report and in a diff.

use std::fs;
use std::path::{Path, PathBuf};

use browser::{Browser, root, the_diff, the_quickstart, the_studies};

/// axe-core's one file: the one that `AXE` names, else where the line below puts it.
fn axe() -> String {
    let file =
        std::env::var_os("AXE").map_or_else(|| root().join("target/axe/node_modules/axe-core/axe.min.js"), PathBuf::from);
    fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!(
            "{}: {error}\n  help: npm install --prefix target/axe axe-core@4.14.1",
            file.display()
        )
    })
}

/// The rules that the page breaks, each with the first elements that do.
fn violations(browser: &Browser) -> Vec<String> {
    let found = browser.run_later(
        "axe.run(document, { resultTypes: ['violations'] }).then(\
           found => done(found.violations.map(one => `${one.id}: ${one.help} ` +\
             one.nodes.slice(0, 3).map(node => node.html.slice(0, 160) + ' ' + (node.failureSummary ?? '')).join(' | '))),\
           error => done([String(error)]));",
    );
    serde_json::from_value(found).expect("texts")
}

/// All that can be unfolded, but for cells beyond the first of each list: they are alike, and hundreds take minutes.
const UNFOLD: &str = "for (const one of document.querySelectorAll('details')) \
    if (!one.matches('.cell + .cell')) one.open = true;";

/// Opens the page on these screens at an anchor, looks, unfolds and looks again.
#[track_caller]
fn holds(page: &Path, anchor: &str, has_script: bool, screens: &[(&str, u32)]) {
    let browser = Browser::new();
    let axe = axe();
    for &(colours, width) in screens {
        browser.resize(width, 900, width < 500);
        browser.prefer("screen", colours);
        browser.open(page, anchor);
        if has_script {
            browser.wait_until_equipped();
        }
        browser.run(&axe);
        assert_eq!(violations(&browser), [""; 0], "{anchor}, {colours}, {width} wide");
        browser.run(UNFOLD);
        assert_eq!(violations(&browser), [""; 0], "{anchor}, {colours}, {width} wide, unfolded");
    }
}

const SCREENS: [(&str, u32); 3] = [("light", 1280), ("dark", 1280), ("light", 375)];

#[test]
fn of_the_quickstart() {
    holds(&the_quickstart().page(), "", true, &SCREENS);
}

#[test]
fn of_the_studies() {
    // The first page, one of series and one of clips: each page is large.
    for (place, anchor) in ["", "#e2", "#e6"].into_iter().enumerate() {
        holds(&the_studies().page(), anchor, true, &SCREENS[place..=place]);
    }
}

#[test]
fn of_a_diff() {
    holds(the_diff(), "", false, &SCREENS);
}

#[test]
fn axe_sees_what_is_wrong() {
    let browser = Browser::new();
    browser.open(&the_quickstart().page(), "");
    browser.wait_until_equipped();
    browser.run(&axe());
    browser.run(
        "document.querySelector('.top').append(document.createElement('button'));\
         const pale = Object.assign(document.createElement('p'), { textContent: 'pale', style: 'color: #ccc' });\
         document.querySelector('main').prepend(pale);",
    );
    let found = violations(&browser);
    let rules: Vec<&str> = found.iter().filter_map(|one| one.split(':').next()).collect();
    assert_eq!(rules, ["button-name", "color-contrast"], "{found:?}");
}
