//! The whole page: colours, a phone, paper, no script, no network, links, keyboard.

use browser::{Browser, the_quickstart, the_studies};
use serde_json::{Value, json};

const PAPER: &str = "getComputedStyle(document.body).backgroundColor";

#[test]
fn colours_follow_the_system_and_then_the_button() {
    let browser = Browser::new();
    browser.prefer("screen", "light");
    browser.open(&the_quickstart().page(), "");
    let light = browser.ask(PAPER);
    browser.prefer("screen", "dark");
    let dark = browser.ask(PAPER);
    assert_ne!(light, dark);
    browser.click("#theme");
    assert_eq!(browser.ask(PAPER), light, "light where the system is dark");
    browser.click("#theme");
    browser.prefer("screen", "light");
    assert_eq!(browser.ask(PAPER), dark, "dark where the system is light");
    browser.open(&the_quickstart().page(), "");
    assert_eq!(browser.ask(PAPER), dark, "the choice is remembered");
}

#[test]
fn nothing_is_wider_than_a_phone() {
    let browser = Browser::new();
    for (report, anchor) in [(the_quickstart(), ""), (the_studies(), "#e2"), (the_studies(), "#e5")] {
        browser.resize(375, 812, true);
        browser.open(&report.page(), anchor);
        browser.wait_until_equipped();
        browser.run("for (const one of document.querySelectorAll('details')) one.open = true;");
        // Names can be long.
        browser.run(
            "for (const part of ['.facts dd', '.scroll tbody th', '.tools .series', '.cell summary code'])\
               (document.querySelector(`.experiment:target ${part}`) ?? document.querySelector(part)).textContent = 'a_model_with_a_very_long_name_'.repeat(5);",
        );
        let wide = browser.ask(
            "[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > 376\
              && !one.closest('.scroll, pre, svg, .hidden, .skip')).map(one => one.outerHTML.slice(0, 120)).slice(0, 5)",
        );
        assert_eq!(wide, json!([]));
        let page = if anchor.is_empty() { "main" } else { anchor };
        let head = browser.ask(&format!(
            "document.querySelector('{page} .scroll tbody th').getBoundingClientRect().width"
        ));
        assert!(head.as_f64() < Some(200.0), "a long name leaves room for numbers: {head}");
        assert_eq!(browser.ask("document.documentElement.scrollWidth"), 375);
    }
}

#[test]
fn paper_has_the_content_and_none_of_the_tools() {
    let browser = Browser::opened(the_quickstart());
    browser.prefer("print", "dark");
    for tool in [".contents", "#theme", ".tools", ".skip"] {
        let display = browser.ask(&format!("getComputedStyle(document.querySelector('{tool}')).display"));
        assert_eq!(display, "none", "{tool}");
    }
    assert_eq!(
        browser.ask(PAPER),
        "rgb(255, 255, 255)",
        "white, also where the screen is dark"
    );
    browser.prefer("", "light");
    let pdf = browser.print();
    assert!(pdf.starts_with(b"%PDF"));
    let pages = pdf
        .windows(12)
        .filter(|bytes| bytes.starts_with(b"/Type /Page") && bytes[11] != b's');
    let pages = pages.count();
    assert!((3..60).contains(&pages), "{pages} pages");
}

#[test]
fn without_javascript_everything_can_be_read() {
    let browser = Browser::without_javascript();
    browser.open(&the_quickstart().page(), "");
    assert_eq!(
        browser.ask("document.documentElement.dataset.ready ?? null"),
        Value::Null,
        "no script ran"
    );
    let seen = |selector: &str| -> Vec<bool> {
        let found = browser.ask(&format!(
            "[...document.querySelectorAll({})].map(one => one.checkVisibility())",
            json!(selector)
        ));
        serde_json::from_value(found).expect("truths")
    };
    browser.run("for (const one of document.querySelectorAll('.fold')) one.open = true;");
    for part in [
        "h1",
        "table.metrics",
        "figure .drawing svg",
        ".verdict",
        ".warnings li",
        ".contents a",
    ] {
        let seen = seen(part);
        assert!(!seen.is_empty() && seen.iter().all(|seen| *seen), "{part}: {seen:?}");
    }
    for tool in ["#theme", ".tools"] {
        assert!(seen(tool).iter().all(|seen| !seen), "{tool} would do nothing");
    }
    // What is folded unfolds by itself, and is there.
    browser.run("for (const one of document.querySelectorAll('.cell')) one.open = true;");
    for part in [".cell-body .record", ".cell-body pre", ".cell-body .curve"] {
        let seen = seen(part);
        assert!(!seen.is_empty() && seen.iter().all(|seen| *seen), "{part}: {seen:?}");
    }
    browser.click("figure details.numbers > summary");
    let numbers = browser.texts("figure details[open] td");
    assert!(numbers.len() > 5 && !numbers[1].is_empty(), "{numbers:?}");
}

#[test]
fn nothing_fails_and_nothing_leaves_the_page() {
    let browser = Browser::new();
    for (report, page) in [(the_quickstart(), "#e1"), (the_studies(), "#e1"), (the_studies(), "#e7")] {
        browser.open(&report.page(), page);
        browser.wait_until_equipped();
        browser.run("for (const one of document.querySelectorAll('details')) one.open = true;");
        browser.wait(
            "all is equipped",
            &format!("[...document.querySelectorAll('{page} .tools')].every(one => one.firstChild)"),
        );
        browser.click(&format!("{page} figure .tools button"));
        browser.point_at(&format!("{page} figure svg"), 0.5, 0.5);
    }
    assert_eq!(browser.complaints(), [""; 0]);
    assert_eq!(browser.requests(), [""; 0]);
    // Both would be seen.
    browser.run_later("fetch('http://127.0.0.1:9/gone').then(done, done);");
    assert_eq!(browser.requests(), ["http://127.0.0.1:9/gone"]);
    assert!(!browser.complaints().is_empty());
}

#[test]
fn a_link_to_a_cell_unfolds_it_and_the_first_stop_of_the_keyboard_skips_to_the_results() {
    let browser = Browser::new();
    browser.open(&the_quickstart().page(), "#e1-cell-1");
    browser.wait_until_equipped();
    let cell = "document.getElementById('e1-cell-1')";
    assert_eq!(browser.ask(&format!("{cell}.open && {cell}.checkVisibility()")), true);
    assert_eq!(
        browser.ask(&format!("{cell}.getBoundingClientRect().top < innerHeight")),
        true
    );
    browser.open(&the_quickstart().page(), "");
    browser.wait_until_equipped();
    browser.type_into("body", "\u{e004}");
    assert_eq!(browser.ask("document.activeElement.classList.contains('skip')"), true);
}
