//! The report as its readers use it, in Chromium.

mod accessibility;
mod figures;
mod many;
mod page;
mod pictures;
mod tables;

use browser::{Browser, Report};

/// The page of a report in a new browser, ready to be used.
fn opened(report: &Report) -> Browser {
    let browser = Browser::new();
    browser.open(&report.page(), "");
    browser.wait_until_equipped();
    browser
}
