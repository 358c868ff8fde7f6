//! Several experiments in one file: a first page, and a page of each that the address chooses; nothing long before it is unfolded.

use browser::{Browser, Report, the_500, the_500_settings, the_quickstart, the_studies};
use serde_json::json;

/// What is seen of the first page and of the pages of experiments: their ids.
const SEEN: &str =
    "[...document.querySelectorAll('#overview, .experiment')].filter(one => one.checkVisibility()).map(one => one.id)";

fn both_kinds() -> [Browser; 2] {
    [Browser::new(), Browser::without_javascript()]
}

/// Follows a link as a reader does.
fn follow(browser: &Browser, selector: &str) {
    browser.click(selector);
}

#[test]
fn the_address_chooses_the_page_also_without_javascript() {
    for browser in both_kinds() {
        browser.open(&the_studies().page(), "");
        assert_eq!(browser.ask(SEEN), json!(["overview"]));
        let cards = browser.ask("document.querySelectorAll('#overview .card').length");
        assert_eq!(cards, browser.ask("document.querySelectorAll('.experiment').length"));
        follow(&browser, "#overview a[href='#e3']");
        assert_eq!(browser.ask(SEEN), json!(["e3"]));
        // Its own parts stand in the list of contents, and a link to one of them stays on its page.
        let parts =
            "[...document.querySelectorAll('.contents ol ol a')].filter(one => one.checkVisibility()).map(one => one.hash)";
        let parts: Vec<String> = serde_json::from_value(browser.ask(parts)).expect("addresses");
        assert!(
            parts.len() > 3 && parts.iter().all(|part| part.starts_with("#e3-")),
            "{parts:?}"
        );
        follow(&browser, ".contents a[href='#e3-cells']");
        assert_eq!(browser.ask(SEEN), json!(["e3"]));
        follow(&browser, ".contents a[href='#e1']");
        assert_eq!(browser.ask(SEEN), json!(["e1"]));
        browser.run("history.back();");
        browser.wait("the page before", "location.hash === '#e3-cells'");
        assert_eq!(browser.ask(SEEN), json!(["e3"]));
        follow(&browser, ".contents a[href='#overview']");
        assert_eq!(browser.ask(SEEN), json!(["overview"]));
        assert_eq!(browser.complaints(), [""; 0]);
    }
}

#[test]
fn the_way_past_the_contents_stays_on_the_page() {
    for browser in both_kinds() {
        browser.open(&the_studies().page(), "#e2");
        browser.wait("the link", "document.querySelector('.skip.of-e2').checkVisibility()");
        browser.run("document.querySelector('.skip.of-e2').click();");
        assert_eq!(browser.ask(SEEN), json!(["e2"]));
    }
}

#[test]
fn one_experiment_needs_no_first_page() {
    let browser = Browser::opened(the_quickstart());
    assert_eq!(browser.ask(SEEN), json!(["e1"]));
}

#[test]
fn a_link_into_what_is_folded_unfolds_it_on_its_page() {
    // The rule of a warning.
    for browser in both_kinds() {
        browser.open(&the_studies().page(), "#e1");
        let rule = browser.ask("document.querySelector('#e1 .warnings a').hash");
        let rule = rule.as_str().expect("an address").to_owned();
        follow(&browser, "#e1 .warnings a");
        browser.wait(
            "it is seen",
            &format!("document.querySelector('{rule}').checkVisibility({{ contentVisibilityAuto: true }})"),
        );
        assert_eq!(browser.ask(SEEN), json!(["e1"]));
    }
    // A cell among several seeds, which no element stands for yet when the page is opened.
    let browser = Browser::new();
    browser.open(&the_studies().page(), "#e2-cell-40");
    browser.wait("it is there and open", "document.getElementById('e2-cell-40')?.open === true");
    browser.wait("it is seen", "document.getElementById('e2-cell-40').checkVisibility()");
    assert_eq!(browser.ask(SEEN), json!(["e2"]));
    assert_eq!(browser.ask("location.hash"), "#e2-cell-40");
}

/// How high each page is when nothing is unfolded by hand, with all of it laid out.
fn heights(browser: &Browser, report: &Report, width: u32) -> Vec<(String, u64)> {
    browser.resize(width, 900, width < 500);
    browser.open(&report.page(), "");
    let pages = browser.ask("[...document.querySelectorAll('#overview, .experiment')].map(one => one.id)");
    let pages: Vec<String> = serde_json::from_value(pages).expect("ids");
    let height = |id: &String| {
        browser.open(&report.page(), &format!("#{id}"));
        browser.run(
            "const style = document.createElement('style'); document.head.append(style);\
             style.textContent = 'figure, .cell { content-visibility: visible !important; }';",
        );
        let height = browser.ask("document.documentElement.scrollHeight");
        (id.clone(), height.as_u64().expect("a height"))
    };
    pages.iter().map(height).collect()
}

#[test]
fn no_page_is_long_before_something_is_unfolded() {
    for browser in both_kinds() {
        for report in [the_studies(), the_quickstart(), the_500(), the_500_settings()] {
            for (width, most) in [(1280, 6_000), (390, 12_000)] {
                for (page, height) in heights(&browser, report, width) {
                    assert!(
                        height <= most,
                        "{}, {page} at {width}: {height} high",
                        report.page().display()
                    );
                    assert!(height > 500, "{page} at {width}: {height} high");
                }
            }
        }
    }
}

#[test]
fn all_texts_and_tables_of_all_pages_are_on_paper() {
    let browser = Browser::opened(the_studies());
    browser.prefer("print", "light");
    for part in [
        "#overview",
        ".experiment",
        ".experiment h2",
        "table.metrics",
        ".rule .subjects li",
    ] {
        let seen = browser.ask(&format!(
            "[...document.querySelectorAll('{part}')].every(one => one.checkVisibility({{ contentVisibilityAuto: true }}))"
        ));
        assert_eq!(seen, true, "{part}");
    }
}
