//! Hundreds of records: small enough to be sent, and there at once.

use std::fs;

use browser::{Browser, Report, the_500, the_500_settings, the_studies};

use crate::opened;

/// The page's size without its pictures.
fn size(report: &Report) -> usize {
    let html = fs::read_to_string(report.page()).expect("there is a page");
    let mut pictures = html.split("data:image/").skip(1);
    let pictures: usize = pictures
        .by_ref()
        .map(|rest| rest.find('"').unwrap_or_default())
        .sum();
    html.len() - pictures
}

#[test]
fn five_hundred_records_fit_a_page_that_can_be_sent() {
    for (report, is_whole) in [(the_500(), true), (the_500_settings(), false)] {
        let size = size(report);
        assert!(size < 3_000_000, "{size} bytes");
        let browser = opened(report);
        let cells = browser.ask("document.querySelectorAll('.cell[id]').length");
        assert_eq!(cells, 510);
        let left_out = browser.texts(".left-out");
        assert_eq!(
            left_out.is_empty(),
            is_whole,
            "what is left out is said: {left_out:?}"
        );
        assert_eq!(browser.complaints(), [""; 0]);
    }
}

/// Prints what a reader waits for: `cargo test --release --package browser -- --ignored --nocapture how_long`.
#[test]
#[ignore = "a measurement, not a test"]
fn how_long_the_page_takes() {
    for (name, report) in [
        ("500 records", the_500()),
        ("500 settings", the_500_settings()),
        ("the studies", the_studies()),
    ] {
        for _ in 0..3 {
            let browser = Browser::new();
            browser.open(&report.page(), "");
            browser.wait_until_equipped();
            let measured = browser.run_later(
                "new PerformanceObserver(list => done({ long: list.getEntries().map(one => Math.round(one.duration)), ...times() })).observe({ type: 'longtask', buffered: true });\
                 const times = () => { const one = performance.getEntriesByType('navigation')[0];\
                 const paint = performance.getEntriesByName('first-contentful-paint')[0];\
                 return { interactive: Math.round(one.domInteractive), loaded: Math.round(one.loadEventEnd), painted: Math.round(paint?.startTime ?? -1) }; };\
                 setTimeout(() => done({ long: [], ...times() }), 1500);",
            );
            println!(
                "{name}, {} bytes without pictures, milliseconds: {measured}",
                size(report)
            );
        }
    }
}
